"""How a passage is described so that it can be found again: several selectors, each redundant.

In: an article and its passages. Out: `Selectors`, one for each: the exact words, what stands
before and after, the offset, the section, the element of the original page. Pure, and refuses
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.model import Article, Passage, Selectors
from indexer.passages import normal_words

CONTEXT = 32  # code points kept before and after

# Marks without which the same words and numbers say something else; an id does not see them.
_WEIGHTY = re.compile(r"[<>≤≥≮≯=≠≈~%‰°±+×÷−]|(?<![\w.])[-–](?=\d)|(?<=\d)[.,·/:](?=\d)")


def select(article: Article, passages: Iterable[Passage]) -> tuple[Selectors, ...]:
    """Selectors of passages of `article`."""
    text = article.text
    return tuple(
        Selectors(
            p.id,
            article.id,
            article.title,
            p.text,
            text[max(0, p.span.start - CONTEXT) : p.span.start],
            text[p.span.end : p.span.end + CONTEXT],
            p.span.start,
            p.span.end,
            p.section,
            p.element,
        )
        for p in passages
    )


def select_from(title: str, passages: Sequence[Passage]) -> list[Selectors]:
    """Selectors of passages of an article whose text is known from them alone, in order."""
    texts = ["", *(passage.text for passage in passages), ""]
    return [
        Selectors(
            *(p.id, p.article_id, title, p.text, texts[n][-CONTEXT:], texts[n + 2][:CONTEXT]),
            *(p.span.start, p.span.end, p.section, p.element),
        )
        for n, p in enumerate(passages)
    ]


def key_of(text: str) -> bytes:
    """What passages of the same words have in common: the words that an id is made from."""
    return normal_words(text) or text.encode("utf-8", "surrogatepass")


def says_the_same(one: str, other: str) -> bool:
    """Whether texts of equal words also agree in the marks that change a meaning (≤, %, -5)."""
    return one == other or _WEIGHTY.findall(one) == _WEIGHTY.findall(other)
