"""Packing: rows say what the article says whose bytes they were read from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Article, Block, Kind, Span
from indexer.passages import split
from indexer.store.codec import DamageError, Packed, Stored, pack, unpack
from indexer.store.rows import More, Rows, rows_in, rows_of

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


def rows_from(stored: Stored) -> Rows:
    """What rows are to say."""
    article, passages = stored.article, stored.passages
    more = {
        n: More((p.context.start, p.context.end) if p.context else None, p.element, p.breaks)
        for n, p in enumerate(passages)
        if p.context or p.element or p.breaks
    }
    return Rows(
        article.id,
        article.title,
        article.url,
        article.language,
        article.text,
        [(b.span.start, b.span.end, len(b.section)) for b in article.blocks if b.kind == "heading"],
        tuple(p.id for p in passages),
        tuple(p.anchor for p in passages),
        [len(p.section) for p in passages],
        [p.kind for p in passages],
        tuple(p.ordinal for p in passages),
        tuple(p.span.start for p in passages),
        tuple(p.span.end for p in passages),
        more,
    )


@given(articles())
def test_rows_say_what_the_article_says(one: Article) -> None:
    packed = pack(one, split(one), source="", root="", keep=True)
    expected = rows_from(unpack(packed.entry, packed.payload))
    assert rows_of(packed.entry, packed.payload) == expected
    assert rows_in(one.id, memoryview(packed.content)) == expected


def packed_one() -> Packed:
    one = Article("a", "A", "", "en", "Words.", (Block("paragraph", 0, Span(0, 6), ()),))
    return pack(one, split(one), source="", root="")


def test_content_is_kept_only_if_it_is_wanted() -> None:
    assert packed_one().content == b""


def test_rows_of_what_is_damaged_are_refused() -> None:
    packed = packed_one()
    for payload in (packed.payload[:-2], b"", b"nonsense"):
        with pytest.raises(DamageError):
            rows_of(packed.entry, payload)
    with pytest.raises(DamageError):
        rows_of(replace(packed.entry, version="0" * 16), packed.payload)


def test_rows_of_another_version_are_refused() -> None:
    with pytest.raises(DamageError, match="another version"):
        rows_in("a", b'{"format":99}\n')
