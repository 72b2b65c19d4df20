"""Articles with their passages as bytes, and back.

In: an `Article` and its `Passage`s. Out: `Packed`, an entry that says what it is and a payload
that holds it (a line of JSON, then the text, both deflated). The entry's version is a digest of
what the payload holds, so that equal content has equal versions wherever it was made, and a
payload that is not what its entry says is refused with `DamageError`. A passage's text is not
stored twice: its span says it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, get_args

from indexer.model import Article, Block, Kind, Passage, Span

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
FORMAT = 1  # rises when the layout below changes
KINDS: tuple[Kind, ...] = get_args(Kind)  # a kind is stored as its place here
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_Sections = dict[tuple[str, ...], int]
Bytes = bytes | bytearray | memoryview


class DamageError(Exception):
    """A payload or entry whose checksum does not fit."""


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
    content: bytes = field(default=b"", compare=False, repr=False)  # of the payload, if at hand


@dataclass(frozen=True, slots=True)
class Stored:
    """An article and its passages, in order."""

    article: Article
    passages: tuple[Passage, ...]


def pack(
    article: Article, passages: Sequence[Passage], *, source: str, root: str, keep: bool = False
) -> Packed:
    """`article` as bytes; with `keep` their content stays at hand.

    `ValueError` if a passage's text is not what its span says.
    """
    sections: _Sections = {}
    head = {
        "format": FORMAT,
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "metadata": dict(article.metadata),
        "blocks": [_block_row(block, sections) for block in article.blocks],
        "passages": [_passage_row(passage, article, sections) for passage in passages],
        "sections": list(sections),
    }
    raw = f"{_ENCODER.encode(head)}\n{article.text}".encode("utf-8", "surrogatepass")
    entry = Entry(article.id, _version(raw), article.digest, source, root, len(passages))
    return Packed(entry, zlib.compress(raw, 1), raw if keep else b"")


def unpack(entry: Entry, payload: bytes) -> Stored:
    """The article of `entry`. `DamageError` if `payload` is not what was packed."""
    line, _, text = checked(entry, payload).decode("utf-8", "surrogatepass").partition("\n")
    head = json.loads(line)
    if head["format"] != FORMAT:
        raise DamageError(f"the stored article {entry.article_id} is of another version")
    sections = [tuple(path) for path in head["sections"]]
    blocks = tuple(_block(row, sections) for row in head["blocks"])
    article = Article(
        head["id"],
        head["title"],
        head["url"],
        head["language"],
        text,
        blocks,
        head["metadata"],
        entry.digest,
    )
    rows = head["passages"]
    return Stored(article, tuple(_passage(row, article, sections) for row in rows))


def checked(entry: Entry, payload: Bytes) -> bytes:
    """The content of `payload`, inflated. `DamageError` if it is not what was packed."""
    try:
        raw = zlib.decompress(payload)
    except zlib.error:
        raw = b""
    if _version(raw) != entry.version:
        raise DamageError(f"the stored article {entry.article_id} is damaged")
    return raw


def pack_entry(entry: Entry) -> bytes:
    """`entry` as bytes with a checksum."""
    fields = [getattr(entry, name) for name in Entry.__slots__]
    data = _ENCODER.encode(fields).encode("utf-8", "surrogatepass")
    return zlib.crc32(data).to_bytes(4, "big") + data


def unpack_entry(data: bytes) -> Entry:
    """The entry. `DamageError` if the bytes are not what was packed."""
    if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
        raise DamageError("an entry of the store is damaged")
    return Entry(*json.loads(data[4:].decode("utf-8", "surrogatepass")))


def _version(raw: bytes) -> str:
    return blake2b(raw, digest_size=8).hexdigest()


# --- rows: the first fields are always there, the rest only if one of them is not empty ---------


def _block_row(block: Block, sections: _Sections) -> list[Any]:
    span = block.span
    section = sections.setdefault(block.section, len(sections))
    row: list[Any] = [_NUMBER[block.kind], block.level, span.start, span.end, section]
    told = block.element or block.group or block.header or block.cells or block.heads
    if told or block.number is not None:
        cells = [(cell.start, cell.end) for cell in block.cells]
        row += [block.element, block.group, block.header, cells, block.heads]
        if block.number is not None:
            row.append(block.number)
    return row


def _block(row: list[Any], sections: list[tuple[str, ...]]) -> Block:
    kind, level, start, end, section, *rest = row
    span = Span(start, end)
    if not rest:
        return Block(KINDS[kind], level, span, sections[section])
    element, group, header, pairs, heads, *number = rest  # older indexes know no numbers
    cells = tuple(Span(a, b) for a, b in pairs)
    path = sections[section]
    table = (header, cells, tuple(heads))
    return Block(KINDS[kind], level, span, path, element, group, *table, *number)


def _passage_row(passage: Passage, article: Article, sections: _Sections) -> list[Any]:
    span, context = passage.span, passage.context
    if passage.article_id != article.id or passage.text != span.of(article.text):
        raise ValueError(f"passage {passage.id} is no slice of article {article.id}")
    section = sections.setdefault(passage.section, len(sections))
    kind = _NUMBER[passage.kind]
    row = [passage.id, passage.anchor, section, kind, passage.ordinal, span.start, span.end]
    if context or passage.element or passage.breaks:
        place = (context.start, context.end) if context else None
        row += [place, passage.element, passage.breaks]
    return row


def _passage(row: list[Any], article: Article, sections: list[tuple[str, ...]]) -> Passage:
    name, anchor, section, kind, ordinal, start, end, *rest = row
    span, text, path = Span(start, end), article.text[start:end], sections[section]
    if not rest:
        return Passage(name, anchor, article.id, path, KINDS[kind], ordinal, span, text)
    place, element, breaks = rest
    context = Span(*place) if place else None
    extras = (context, element, tuple(breaks))
    return Passage(name, anchor, article.id, path, KINDS[kind], ordinal, span, text, *extras)
