"""Articles, entries and ledger records as bytes, and back.

In: an `Article` with its `Passage`s, or the `Record`s of an article's ids. Out: an entry, which
says what there is without reading it, and a payload that holds it, deflated: of an article a line
of JSON and then the text, of records JSON alone. An entry has a checksum; its version is a digest
of what the payload holds, so that equal content has equal versions wherever it was made. What is
not what was packed is refused with `DamageError`.

`decode` is the one decoder of articles. It gives columns of plain values, which the segments are
made from; `unpack` makes dataclasses of them. A passage's text is not stored: its span says it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, get_args

from indexer.model import Article, Block, Event, Kind, Passage, Record, Selectors, Span

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_FORMAT = 1  # of an article; rises when the layout of its payload changes
_LEDGER_FORMAT = 1
_TOLD = ("id", "title", "url", "language", "metadata")  # fields of an article and of `Rows`
_ID = 16  # hex digits of a passage's id
_SHORT = 7  # fields that every row of a passage has; the others only if one is not empty
_KINDS: tuple[Kind, ...] = get_args(Kind)  # a kind is stored as its place here
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_HEADING = _NUMBERS["heading"]

_Sections = dict[tuple[str, ...], int]


class DamageError(Exception):
    """A payload, entry or file whose checksum does not fit, or of another version."""


class NewerError(DamageError):
    """What a newer version of the program wrote, in a format that this one can't know."""

    def __str__(self) -> str:
        found, known = self.args
        return f"it is of format {found}, and this version reads formats up to {known}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the store knows of an article without reading it."""

    article_id: str
    version: str  # digest of the stored content: changes whenever that does
    digest: str  # of the source that it was made from, as its parser said
    source: str  # absolute path of the file that it came from
    root: str  # absolute path of the corpus that the file belongs to
    passages: int = 0  # how many


@dataclass(frozen=True, slots=True)
class Packed:
    """An article ready to be stored."""

    entry: Entry
    payload: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """An article and its passages, in order."""

    article: Article
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the store knows of the records of an article's ids without reading them."""

    article_id: str
    version: str  # digest of the records
    ids: tuple[str, ...]  # that have a record
    lost: int  # how many of them lead nowhere


@dataclass(frozen=True, slots=True)
class PackedLedger:
    """The records of an article's ids ready to be stored."""

    entry: LedgerEntry
    payload: bytes


@dataclass(frozen=True, slots=True)
class More:
    """What few passages have."""

    context: tuple[int, int] | None  # of a list's lead-in or a table's head row
    element: str  # id of the nearest element of the original page
    breaks: tuple[int, ...]  # offsets in the passage's text
    language: str = ""  # where it is another than the article's


@dataclass(frozen=True, slots=True)
class Rows:
    """An article as it is stored; a column has an item a passage, in order of the text."""

    version: str
    id: str
    title: str
    url: str
    language: str
    metadata: Mapping[str, str]
    text: str
    paths: list[tuple[str, ...]]  # of sections; these are numbered by their place here
    blocks: list[list[Any]]  # as `_block_row` makes them
    ids: tuple[str, ...]
    anchors: tuple[str, ...]
    sections: tuple[int, ...]
    kinds: list[Kind]
    ordinals: tuple[int, ...]
    starts: tuple[int, ...]  # in the text
    ends: tuple[int, ...]
    more: dict[int, More]  # by number of the passage, for those that have any of it

    @property
    def headings(self) -> list[tuple[int, int, int]]:
        """Start and end of each heading in the text, and how many stand above it."""
        paths = self.paths
        return [(row[2], row[3], len(paths[row[4]])) for row in self.blocks if row[0] == _HEADING]

    @property
    def languages(self) -> list[str]:
        """The language of each passage."""
        more = (self.more.get(n, _NO_MORE).language for n in range(len(self.ids)))
        return [language or self.language for language in more]

    @property
    def depths(self) -> list[int]:
        """How many headings stand above each passage."""
        return [len(self.paths[section]) for section in self.sections]


# --- articles ----------------------------------------------------------------------------------


def pack(article: Article, passages: Sequence[Passage], *, source: str, root: str) -> Packed:
    """`article` as bytes. `ValueError` if a passage's text is not what its span says."""
    sections: _Sections = {}
    head = {
        "format": _FORMAT,
        **{name: getattr(article, name) for name in _TOLD},
        "metadata": dict(article.metadata),
        "blocks": [_block_row(block, sections) for block in article.blocks],
        "passages": [_passage_row(passage, article, sections) for passage in passages],
        "sections": list(sections),
    }
    raw = f"{_ENCODER.encode(head)}\n{article.text}".encode("utf-8", "surrogatepass")
    entry = Entry(article.id, _version(raw), article.digest, source, root, len(passages))
    return Packed(entry, zlib.compress(raw, 1))


def decode(entry: Entry, payload: bytes) -> Rows:
    """The article of `entry` as columns. `DamageError` if `payload` is not what was packed."""
    name = f"the stored article {entry.article_id}"
    line, _, text = _inflate(payload, entry.version, name).partition("\n")
    head = json.loads(line)
    if head["format"] != _FORMAT:
        raise NewerError(head["format"], _FORMAT)  # there was none before
    passages = head["passages"]
    # `zip` stops at the shortest row: these are the columns that all of them have
    columns = list(zip(*passages)) if passages else [()] * _SHORT
    ids, anchors, sections, kinds, *places = columns[:_SHORT]
    told = [head[name] for name in _TOLD]
    paths = [tuple(path) for path in head["sections"]]
    named = [ids, anchors, sections, [_KINDS[kind] for kind in kinds]]
    more = {n: _more(*row[_SHORT:]) for n, row in enumerate(passages) if len(row) > _SHORT}
    fields = [entry.version, *told, text, paths, head["blocks"], *named, *places, more]
    return Rows(*fields)


def unpack(entry: Entry, payload: bytes) -> Stored:
    """The article of `entry`. `DamageError` if `payload` is not what was packed."""
    rows = decode(entry, payload)
    text, paths = rows.text, rows.paths
    blocks = tuple(_block(row, paths) for row in rows.blocks)
    article = Article(
        rows.id, rows.title, rows.url, rows.language, text, blocks, rows.metadata, entry.digest
    )
    passages = []
    for n, (start, end) in enumerate(zip(rows.starts, rows.ends)):
        more = rows.more.get(n, _NO_MORE)
        told = (rows.ids[n], rows.anchors[n], rows.id, paths[rows.sections[n]], rows.kinds[n])
        place = (rows.ordinals[n], Span(start, end), text[start:end])
        context = Span(*more.context) if more.context else None
        passages.append(Passage(*told, *place, context, more.element, more.breaks, more.language))
    return Stored(article, tuple(passages))


def _block_row(block: Block, sections: _Sections) -> list[Any]:
    span = block.span
    section = sections.setdefault(block.section, len(sections))
    row: list[Any] = [_NUMBERS[block.kind], block.level, span.start, span.end, section]
    told = block.element or block.group or block.header or block.cells or block.heads
    if told or block.number is not None:
        cells = [(cell.start, cell.end) for cell in block.cells]
        row += [block.element, block.group, block.header, cells, block.heads]
        if block.number is not None:
            row.append(block.number)
    return row


def _block(row: list[Any], paths: Sequence[tuple[str, ...]]) -> Block:
    kind, level, start, end, section, *rest = row
    place = (_KINDS[kind], level, Span(start, end), paths[section])
    if not rest:
        return Block(*place)
    element, group, header, pairs, heads, *number = rest  # older indexes know no numbers
    cells = tuple(Span(a, b) for a, b in pairs)
    return Block(*place, element, group, header, cells, tuple(heads), *number)


def _passage_row(passage: Passage, article: Article, sections: _Sections) -> list[Any]:
    span, context = passage.span, passage.context
    if passage.article_id != article.id or passage.text != span.of(article.text):
        raise ValueError(f"passage {passage.id} is no slice of article {article.id}")
    section = sections.setdefault(passage.section, len(sections))
    kind = _NUMBERS[passage.kind]
    row = [passage.id, passage.anchor, section, kind, passage.ordinal, span.start, span.end]
    if context or passage.element or passage.breaks or passage.language:
        place = (context.start, context.end) if context else None
        row += [place, passage.element, passage.breaks]
        if passage.language:
            row.append(passage.language)
    return row


def _more(place: list[int] | None, element: str, breaks: list[int], language: str = "") -> More:
    return More((place[0], place[1]) if place else None, element, tuple(breaks), language)


_NO_MORE = More(None, "", ())


# --- records of ids: an id that is simply where it always was has none, its passage says all ------


def pack_records(article_id: str, records: Iterable[Record]) -> PackedLedger:
    """The records as bytes, in order of their ids: equal records give equal bytes."""
    ordered = sorted(records, key=lambda record: record.id)
    raw = _encode([_LEDGER_FORMAT, [_record_row(record) for record in ordered]])
    ids = tuple(record.id for record in ordered)
    lost = sum(not record.target for record in ordered)
    return PackedLedger(LedgerEntry(article_id, _version(raw), ids, lost), zlib.compress(raw, 6))


def unpack_records(entry: LedgerEntry, payload: bytes) -> dict[str, Record]:
    """The records by id. `DamageError` if `payload` is not what was packed."""
    name = f"the ledger of article {entry.article_id}"
    form, rows = json.loads(_inflate(payload, entry.version, name))
    if form != _LEDGER_FORMAT:
        raise NewerError(form, _LEDGER_FORMAT)
    records = {row[0]: _record(row, entry.article_id) for row in rows}
    if tuple(records) != entry.ids:
        raise DamageError(f"{name} lacks records that it lists")
    return records


def digest_of(ledger: Iterable[LedgerEntry]) -> str:
    """Digest of what a ledger holds: equal records have equal digests, however they are stored."""
    lines = sorted(f"{entry.version} {entry.article_id}\n" for entry in ledger if entry.ids)
    return _version("".join(lines).encode("utf-8", "surrogatepass"))


def _record_row(record: Record) -> list[Any]:
    place = [getattr(record.was, name) for name in Selectors.__slots__ if name != "article_id"]
    history = [[getattr(event, name) for name in Event.__slots__] for event in record.history]
    return [*place, record.status, record.target, record.confidence, history]


def _record(row: list[Any], article_id: str) -> Record:
    name, *place, section, element, status, target, confidence, history = row
    fields = [name, article_id, *place, tuple(section), element]
    return Record(
        Selectors(*fields), status, target, confidence, tuple(Event(*event) for event in history)
    )


# --- entries -----------------------------------------------------------------------------------


def pack_entry(entry: Entry | LedgerEntry) -> bytes:
    """`entry` as bytes with a checksum: of an article a list, of its ledger an object."""
    if isinstance(entry, Entry):
        data = _encode([getattr(entry, name) for name in Entry.__slots__])
    else:
        ids = "".join(entry.ids)
        names = {"ledger": entry.article_id, "version": entry.version}
        data = _encode({**names, "lost": entry.lost, "ids": ids})
    return _checksum(data) + data


def unpack_entry(data: bytes) -> Entry | LedgerEntry:
    """The entry of an article, or of its ledger. `DamageError` if it is not what was packed."""
    if _checksum(data[4:]) != data[:4]:
        raise DamageError("an entry of the store is damaged")
    found = json.loads(data[4:].decode("utf-8", "surrogatepass"))
    if isinstance(found, list):
        return Entry(*found)
    joined = found["ids"]
    ids = tuple(joined[n : n + _ID] for n in range(0, len(joined), _ID))
    return LedgerEntry(found["ledger"], found["version"], ids, found["lost"])


# --- bytes -------------------------------------------------------------------------------------


def _encode(value: object) -> bytes:
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


def _version(raw: bytes) -> str:
    return blake2b(raw, digest_size=8).hexdigest()


def _inflate(payload: bytes, version: str, name: str) -> str:
    """What a payload holds. `DamageError` if it is not of this version."""
    try:
        raw = zlib.decompress(payload)
    except zlib.error:
        raw = b""
    if _version(raw) != version:
        raise DamageError(f"{name} is damaged")
    return raw.decode("utf-8", "surrogatepass")
