"""How a passage is described so that it can be found again: several selectors, each redundant.

In: an article and its passages. Out: `Selectors`, one for each: the exact words, what stands
before and after, the offset, the section, the element of the original page. Pure, and refuses
nothing. `Record` is what the ledger keeps of an id that is no longer simply where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from indexer.model import Article, Passage
from indexer.naming import normal_words

CONTEXT = 32  # code points kept before and after

Status = Literal["intact", "moved", "edited", "lost"]

# Marks without which the same words and numbers say something else; an id does not see them.
_WEIGHTY = re.compile(r"[<>≤≥≮≯=≠≈~%‰°±+×÷−]|(?<![\w.])[-–](?=\d)|(?<=\d)[.,·/:](?=\d)")


@dataclass(frozen=True, slots=True)
class Selectors:
    """Where a passage stood and what it said, as far as was last known."""

    id: str
    article_id: str
    title: str  # of the article
    text: str  # the exact words
    prefix: str  # up to `CONTEXT` code points before it, fewer at the article's start
    suffix: str  # the same after it
    start: int  # in the article's text, code points
    end: int
    section: tuple[str, ...]  # headings from the top down
    element: str = ""  # id in the original page

    @property
    def key(self) -> bytes:
        """Equal for passages of the same words, whatever their layout, case and punctuation."""
        return key_of(self.text)


@dataclass(frozen=True, slots=True)
class Event:
    """One change in what became of an id."""

    generation: int  # of the index that noticed it
    date: str  # UTC, ISO 8601 to the second
    digest: str  # of the article's source then; empty when the article was gone
    status: Status
    target: str  # id of the passage that it leads to from then on; empty when lost
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger knows of an id: what it meant last, and what became of that."""

    was: Selectors  # when a passage last had this id and nothing had happened to it
    status: Status
    target: str  # id of the passage that it leads to, perhaps itself; empty when lost
    confidence: float  # that this is the right one (lost: that it is gone)
    history: tuple[Event, ...] = ()  # oldest first

    @property
    def id(self) -> str:
        """The id that this is the record of."""
        return self.was.id


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


def key_of(text: str) -> bytes:
    """What passages of the same words have in common: the words that an id is made from."""
    return normal_words(text) or text.encode("utf-8", "surrogatepass")


def says_the_same(one: str, other: str) -> bool:
    """Whether texts of equal words also agree in the marks that change a meaning (≤, %, -5)."""
    return one == other or _WEIGHTY.findall(one) == _WEIGHTY.findall(other)
