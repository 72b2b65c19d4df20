"""Packs articles and ledger records as bytes, and unpacks them.

Takes an `Article` with its `Passage`s, or the `Record`s of an article's ids. Returns an entry, a
short description, and a deflated payload: a line of JSON and then the text for an article, JSON
for records. An entry has a checksum; its version is a digest of the payload's content, so equal
content has equal versions wherever it was made. Anything that differs from what was packed is
refused with `StoreDamaged`.

`decode` is the only decoder of articles. It returns columns of plain values, from which segments
are made; `unpack` makes dataclasses of them. A passage's text is not stored: its span implies it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple, get_args

from indexer.model import Article, Block, Event, Kind, Passage, Record, Selectors, Span

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_FORMAT = 1  # of an article; raised when the layout of its payload changes
_LEDGER_FORMAT = 1
_FIELDS = ("id", "title", "url", "language", "metadata")  # fields of an article and of `Rows`
_ID = 16  # hex digits of a passage's id
_SHORT = 7  # fields in every passage row; the others follow only if one of them is not empty
_KINDS: tuple[Kind, ...] = get_args(Kind)  # a kind is stored as its index here
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_HEADING = _NUMBERS["heading"]

_Sections = dict[tuple[str, ...], int]


class StoreDamaged(Exception):
    """A payload, entry or file has a wrong checksum or is of another version."""


class NewerError(StoreDamaged):
    """A newer version of the program wrote it, in a format that this version can't read."""

    def __str__(self) -> str:
        found, known = self.args
        return f"it is of format {found}, and this version reads formats up to {known}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Describes a stored article without its content."""

    article_id: str
    version: str  # digest of the stored content, so it changes whenever that does
    digest: str  # of the article's source, from its parser
    source: str  # absolute path of the file that the article came from
    root: str  # absolute path of the corpus that the file belongs to
    passages: int = 0  # number of passages


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
    """Describes the stored records of an article's ids without their content."""

    article_id: str
    version: str  # digest of the records
    ids: tuple[str, ...]  # ids that have a record
    lost: int  # number of ids that lead nowhere


@dataclass(frozen=True, slots=True)
class PackedLedger:
    """The records of an article's ids ready to be stored."""

    entry: LedgerEntry
    payload: bytes


class More(NamedTuple):
    """Fields that only few passages have."""

    context: Sequence[int] | None = None  # span of a list's lead-in or a table's head row
    element: str = ""  # id of the nearest element of the original page
    breaks: Sequence[int] = ()  # offsets in the passage's text at which further blocks begin
    language: str = ""  # empty if it is the article's


_NO_MORE = More()


@dataclass(frozen=True, slots=True)
class Rows:
    """An article as it is stored; columns have one item per passage, in text order."""

    version: str
    id: str
    title: str
    url: str
    language: str
    metadata: Mapping[str, str]
    text: str
    paths: list[tuple[str, ...]]  # section paths; a section's number is its index here
    blocks: list[list[Any]]  # rows as made by `_block_row`
    ids: tuple[str, ...]
    anchors: tuple[str, ...]
    sections: tuple[int, ...]
    kinds: list[Kind]
    ordinals: tuple[int, ...]
    starts: tuple[int, ...]  # spans in the text
    ends: tuple[int, ...]
    more: dict[int, More]  # passage number → further fields, if it has any

    @property
    def headings(self) -> list[tuple[int, int, int]]:
        """(start, end, depth) of each heading: its span in the text, and the headings above it."""
        paths = self.paths
        return [(row[2], row[3], len(paths[row[4]])) for row in self.blocks if row[0] == _HEADING]

    @property
    def languages(self) -> list[str]:
        """The language of each passage."""
        more = (self.more.get(n, _NO_MORE).language for n in range(len(self.ids)))
        return [language or self.language for language in more]

    @property
    def depths(self) -> list[int]:
        """Number of headings above each passage."""
        return [len(self.paths[section]) for section in self.sections]


# --- articles ----------------------------------------------------------------------------------


def pack(article: Article, passages: Sequence[Passage], *, source: str, root: str) -> Packed:
    """Pack an article. `ValueError` if a passage's text differs from its span of the article."""
    sections: _Sections = {}
    head = {
        "format": _FORMAT,
        **{name: getattr(article, name) for name in _FIELDS},
        "metadata": dict(article.metadata),
        "blocks": [_block_row(block, sections) for block in article.blocks],
        "passages": [_passage_row(passage, article, sections) for passage in passages],
        "sections": list(sections),
    }
    raw = f"{_ENCODER.encode(head)}\n{article.text}".encode("utf-8", "surrogatepass")
    entry = Entry(article.id, _version(raw), article.digest, source, root, len(passages))
    return Packed(entry, zlib.compress(raw, 1))


def decode(entry: Entry, payload: bytes) -> Rows:
    """The article of `entry` as columns. `StoreDamaged` if it differs from what was packed."""
    name = f"the stored article {entry.article_id}"
    line, _, text = _inflate(payload, entry.version, name).partition("\n")
    head = json.loads(line)
    if head["format"] != _FORMAT:
        raise NewerError(head["format"], _FORMAT)  # not older: this is the first format
    passages = head["passages"]
    # `zip` stops at the shortest row, so this gives the columns that all rows have
    columns = list(zip(*passages)) if passages else [()] * _SHORT
    ids, anchors, sections, kinds, *places = columns[:_SHORT]
    fields = [head[name] for name in _FIELDS]
    paths = [tuple(path) for path in head["sections"]]
    named = [ids, anchors, sections, [_KINDS[kind] for kind in kinds]]
    more = {n: More(*row[_SHORT:]) for n, row in enumerate(passages) if len(row) > _SHORT}
    values = [entry.version, *fields, text, paths, head["blocks"], *named, *places, more]
    return Rows(*values)


def unpack(entry: Entry, payload: bytes) -> Stored:
    """The article of `entry`. `StoreDamaged` if it differs from what was packed."""
    rows = decode(entry, payload)
    text, paths = rows.text, rows.paths
    blocks = tuple(_block(row, paths) for row in rows.blocks)
    article = Article(
        rows.id, rows.title, rows.url, rows.language, text, blocks, rows.metadata, entry.digest
    )
    passages = []
    for n, (start, end) in enumerate(zip(rows.starts, rows.ends)):
        more = rows.more.get(n, _NO_MORE)
        names = (rows.ids[n], rows.anchors[n], rows.id, paths[rows.sections[n]], rows.kinds[n])
        place = (rows.ordinals[n], Span(start, end), text[start:end])
        context = Span(*more.context) if more.context else None
        further = (more.element, tuple(more.breaks), more.language)
        passages.append(Passage(*names, *place, context, *further))
    return Stored(article, tuple(passages))


def _block_row(block: Block, sections: _Sections) -> list[Any]:
    span = block.span
    section = sections.setdefault(block.section, len(sections))
    row: list[Any] = [_NUMBERS[block.kind], block.level, span.start, span.end, section]
    further = block.element or block.group or block.header or block.cells or block.heads
    if further or block.number is not None:
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
    element, group, header, pairs, heads, *number = rest  # older indexes have no numbers
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


# --- records of ids: an id that never moved has none, since its passage is enough ---------------


def pack_records(article_id: str, records: Iterable[Record]) -> PackedLedger:
    """Pack records, in order of their ids: equal records give equal bytes."""
    ordered = sorted(records, key=lambda record: record.id)
    raw = _encode([_LEDGER_FORMAT, [_record_row(record) for record in ordered]])
    ids = tuple(record.id for record in ordered)
    lost = sum(not record.target for record in ordered)
    return PackedLedger(LedgerEntry(article_id, _version(raw), ids, lost), zlib.compress(raw, 6))


def unpack_records(entry: LedgerEntry, payload: bytes) -> dict[str, Record]:
    """The records by id. `StoreDamaged` if they differ from what was packed."""
    name = f"the ledger of article {entry.article_id}"
    form, rows = json.loads(_inflate(payload, entry.version, name))
    if form != _LEDGER_FORMAT:
        raise NewerError(form, _LEDGER_FORMAT)
    records = {row[0]: _record(row, entry.article_id) for row in rows}
    if tuple(records) != entry.ids:
        raise StoreDamaged(f"{name} lacks records that it lists")
    return records


def ledger_digest(ledger: Iterable[LedgerEntry]) -> str:
    """Digest of a ledger's records: equal records have equal digests, however they are stored."""
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
    """`entry` as JSON with a checksum before it: a list for an article, an object for a ledger."""
    if isinstance(entry, Entry):
        data = _encode([getattr(entry, name) for name in Entry.__slots__])
    else:
        ids = "".join(entry.ids)
        names = {"ledger": entry.article_id, "version": entry.version}
        data = _encode({**names, "lost": entry.lost, "ids": ids})
    return _checksum(data) + data


def unpack_entry(data: bytes) -> Entry | LedgerEntry:
    """The entry of an article or a ledger. `StoreDamaged` if it differs from what was packed."""
    if _checksum(data[4:]) != data[:4]:
        raise StoreDamaged("an entry of the store is damaged")
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
    """Inflate a payload. `StoreDamaged` if its content is not of this version."""
    try:
        raw = zlib.decompress(payload)
    except zlib.error:
        raw = b""
    if _version(raw) != version:
        raise StoreDamaged(f"{name} is damaged")
    return raw.decode("utf-8", "surrogatepass")
