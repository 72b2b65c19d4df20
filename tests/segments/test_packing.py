"""Packing: what was packed comes back as it was, or is refused."""

from __future__ import annotations

import zlib
from dataclasses import replace
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Article, Block, Kind, Span
from indexer.passages import split
from indexer.store.codec import (
    LedgerEntry,
    More,
    NewerError,
    Packed,
    Stored,
    StoreDamaged,
    decode,
    pack,
    pack_entry,
    unpack,
    unpack_entry,
)

KINDS: list[Kind] = ["title", "heading", "paragraph", "list_item", "table_row", "boilerplate"]


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """An article of any characters, with lists, tables and boilerplate, nested in any sections."""
    texts = draw(st.lists(st.text(min_size=1), min_size=1, max_size=8))
    blocks, at = [], 0
    for text in texts:
        kind = draw(st.sampled_from(KINDS))
        section = tuple(draw(st.lists(st.text(), max_size=2)))
        element = draw(st.sampled_from(["", "uses", "x\ty"]))
        group = draw(st.integers(0, 2))
        span = Span(at, at + len(text))
        blocks.append(Block(kind, draw(st.integers(0, 6)), span, section, element, group))
        at += len(text)
    name, title = draw(st.text(min_size=1)), draw(st.text())
    return Article(name, title, draw(st.text()), "en", "".join(texts), tuple(blocks))


@given(articles())
def test_an_article_comes_back_as_it_was(one: Article) -> None:
    passages = split(one)
    packed = pack(one, passages, source="", root="")
    assert unpack(packed.entry, packed.payload) == Stored(one, passages)


@given(articles())
def test_columns_say_what_the_article_says(one: Article) -> None:
    passages = split(one)
    packed = pack(one, passages, source="", root="")
    rows = decode(packed.entry, packed.payload)
    assert (rows.id, rows.title, rows.url, rows.language) == (one.id, one.title, one.url, "en")
    assert rows.text == one.text
    headings = [block for block in one.blocks if block.kind == "heading"]
    assert rows.headings == [(b.span.start, b.span.end, len(b.section)) for b in headings]
    assert rows.depths == [len(passage.section) for passage in passages]
    assert [rows.paths[section] for section in rows.sections] == [p.section for p in passages]
    columns = zip(rows.ids, rows.anchors, rows.kinds, rows.ordinals, rows.starts, rows.ends)
    assert list(columns) == [
        (p.id, p.anchor, p.kind, p.ordinal, p.span.start, p.span.end) for p in passages
    ]
    assert rows.more == {
        n: More([p.context.start, p.context.end] if p.context else None, p.element, [*p.breaks])
        for n, p in enumerate(passages)
        if p.context or p.element or p.breaks
    }


def packed_one() -> Packed:
    one = Article("a", "A", "", "en", "Words.", (Block("paragraph", 0, Span(0, 6), ()),))
    return pack(one, split(one), source="", root="")


def test_what_is_damaged_is_refused() -> None:
    packed = packed_one()
    for payload in (packed.payload[:-2], b"", b"nonsense"):
        with pytest.raises(StoreDamaged):
            decode(packed.entry, payload)
    with pytest.raises(StoreDamaged):
        decode(replace(packed.entry, version="0" * 16), packed.payload)


def test_what_is_of_another_version_is_refused() -> None:
    raw = b'{"format":99}\n'
    entry = replace(packed_one().entry, version=blake2b(raw, digest_size=8).hexdigest())
    with pytest.raises(NewerError, match="format 99"):
        decode(entry, zlib.compress(raw))


@given(st.lists(st.text("0123456789abcdef", min_size=16, max_size=16), unique=True), st.text())
def test_entries_come_back_as_they_were(ids: list[str], name: str) -> None:
    for entry in (
        replace(packed_one().entry, article_id=name),
        LedgerEntry(name, "v", tuple(ids), 1),
    ):
        data = pack_entry(entry)
        assert unpack_entry(data) == entry
        for at in (0, 4, len(data) - 1):
            changed = bytearray(data)
            changed[at] ^= 1
            with pytest.raises(StoreDamaged):
                unpack_entry(bytes(changed))
