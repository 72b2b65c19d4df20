"""Describes passages by several redundant selectors, so that they can be found again.

Takes an article and its passages. Returns `Selectors` for each: the exact text, prefix and suffix,
span, section path, and element of the original page. Pure, and refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.model import Article, Passage, Selectors
from indexer.passages import normal_words

CONTEXT_SIZE = 32  # code points of prefix and of suffix

# Signs that change the meaning of the same words and numbers; ids ignore them.
_WEIGHTY = re.compile(r"[<>≤≥≮≯=≠≈~%‰°±+×÷−]|(?<![\w.])[-–](?=\d)|(?<=\d)[.,·/:](?=\d)")


def selectors_of(article: Article, passages: Iterable[Passage]) -> tuple[Selectors, ...]:
    """Selectors of passages of `article`."""
    text = article.text
    return tuple(
        Selectors(
            p.id,
            article.id,
            article.title,
            p.text,
            text[max(0, p.span.start - CONTEXT_SIZE) : p.span.start],
            text[p.span.end : p.span.end + CONTEXT_SIZE],
            p.span.start,
            p.span.end,
            p.section,
            p.element,
        )
        for p in passages
    )


def select_from(title: str, passages: Sequence[Passage]) -> list[Selectors]:
    """Selectors of all passages of an article, in order, when only their texts are known."""
    texts = ["", *(passage.text for passage in passages), ""]
    return [
        Selectors(
            p.id,
            p.article_id,
            title,
            p.text,
            before[-CONTEXT_SIZE:],
            after[:CONTEXT_SIZE],
            p.span.start,
            p.span.end,
            p.section,
            p.element,
        )
        for p, before, after in zip(passages, texts, texts[2:])
    ]


def key_of(text: str) -> bytes:
    """The normalised words that an id is made from: equal for passages with the same words."""
    return normal_words(text) or text.encode("utf-8", "surrogatepass")


def have_same_signs(one: str, other: str) -> bool:
    """Whether texts with equal words also agree in signs that change the meaning (≤, %, -5)."""
    return one == other or _WEIGHTY.findall(one) == _WEIGHTY.findall(other)
