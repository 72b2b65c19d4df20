"""Stored articles hold what they promise: spans slice to their texts and cover the article.

In: an article with its passages. Out: failures in the ledger. Nothing but the two is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.model import Article, Block, Passage, Span
from indexer.verifying.ledger import Ledger


def check_article(article: Article, passages: Sequence[Passage], ledger: Ledger) -> None:
    """Check one article by itself."""
    place = f"article {article.id!r}"
    _check_blocks(article, place, ledger)
    _check_passages(article, passages, place, ledger)
    _check_cover(article, passages, place, ledger)
    ledger.count("articles")
    ledger.count("blocks", len(article.blocks))
    ledger.count("passages", len(passages))


def _check_blocks(article: Article, place: str, ledger: Ledger) -> None:
    """Blocks are ordered, do not overlap and lie in the text."""
    end = 0
    for number, block in enumerate(article.blocks, 1):
        if not end <= block.span.start < block.span.end <= len(article.text):
            ledger.fail(
                place, f"block {number} ({block.kind}) at {_said(block.span)} is out of order"
            )
        end = max(end, block.span.end)


def _check_passages(
    article: Article, passages: Sequence[Passage], place: str, ledger: Ledger
) -> None:
    """Passages are slices of the text, in order, with anchors of their own."""
    if not passages:
        ledger.fail(place, "has no passage")
    anchors: set[str] = set()
    end = 0
    for number, one in enumerate(passages, 1):
        here = f"{place}, passage {one.id}"
        if one.span.of(article.text) != one.text:
            ledger.fail(here, f"its text is not what stands at {_said(one.span)}")
        if not end <= one.span.start < one.span.end <= len(article.text):
            ledger.fail(here, f"{_said(one.span)} is empty, out of order or outside of the text")
        end = max(end, one.span.end)
        ledger.expect(here, "article", article.id, one.article_id)
        ledger.expect(here, "ordinal", number, one.ordinal)
        if one.anchor in anchors:
            ledger.fail(here, f"the anchor {one.anchor!r} is not the only one of its article")
        anchors.add(one.anchor)
        if list(one.breaks) != sorted({b for b in one.breaks if 0 < b < len(one.text)}):
            ledger.fail(here, f"breaks {one.breaks} are not ascending places in its text")
        context = one.context
        if context and not 0 <= context.start < context.end <= len(article.text):
            ledger.fail(here, f"its context at {_said(context)} is no part of the text")


def _check_cover(article: Article, passages: Sequence[Passage], place: str, ledger: Ledger) -> None:
    """Passages, headings and the title hold every word of the article, each once."""
    heads = [block for block in article.blocks if block.kind in ("title", "heading")]
    if len(heads) == len(article.blocks):  # an article of headings alone has one as its passage
        heads = [block for block in heads if not _is_held(block, passages)]
    pieces = [(p.span, f"passage {p.id}") for p in passages]
    pieces += [(b.span, f"{b.kind} {b.span.of(article.text)!r}") for b in heads]
    end, before = 0, "the beginning"
    for span, name in sorted(pieces, key=lambda piece: (piece[0].start, piece[0].end)):
        if span.start < end:
            ledger.fail(place, f"{name} overlaps {before}")
        elif article.text[end : span.start].strip():
            ledger.fail(place, f"text between {before} and {name} is in no passage or heading")
        end, before = max(end, span.end), name
    if article.text[end:].strip():
        ledger.fail(place, f"text after {before} is in no passage or heading")


def _is_held(block: Block, passages: Sequence[Passage]) -> bool:
    return any(p.span.start <= block.span.start < p.span.end for p in passages)


def _said(span: Span) -> str:
    return f"{span.start}–{span.end}"
