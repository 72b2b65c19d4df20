"""Counts of terms, as an audit answers: how often, in what forms, where, and where not.

Types alone, frozen; `counting` makes them. Every number stands beside what it is a number of: words
are those in the text of passages, without headings and titles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import overload

from indexer.audits.dispersion import Dispersion
from indexer.audits.grounds import By, Place
from indexer.audits.keyness import FEW, Rate
from indexer.audits.terms import Term
from indexer.model import ArticleRef, Match


@dataclass(frozen=True, slots=True)
class Cell:
    """One term in one article or section."""

    article: ArticleRef
    section: tuple[str, ...]  # () for an article, or for text above its first heading
    count: int  # occurrences
    words: int  # in the text of the place: what `count` is a number of
    passages: int  # that satisfy the query
    headings: int  # occurrences in headings and titles: see `Cells`

    @property
    def per_1000(self) -> float | None:
        """Occurrences per 1,000 words; None where there are no words."""
        return self.count / self.words * 1000.0 if self.words else None

    @property
    def few(self) -> bool:
        """Whether there are too few occurrences to compare this place with others."""
        return self.count < FEW


@dataclass(frozen=True, slots=True)
class Cells(Sequence[Cell]):
    """A row of the matrix: a cell for each place, in corpus order, made when it is asked for.

    Where sections are the places, a heading counts in that of the first passage below it, or of
    the one that stands for it where there is none below; a title in that of its article's first.
    """

    places: tuple[Place, ...] = field(repr=False)
    counts: tuple[int, ...]  # occurrences in each place, zeros kept
    passages: tuple[int, ...]  # in each place that satisfy the query
    headings: tuple[int, ...]  # occurrences in the headings and titles of each place

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, at: int | slice) -> Cell | tuple[Cell, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self))))
        place = self.places[at]
        return Cell(
            place.article,
            place.section,
            self.counts[at],
            place.words,
            self.passages[at],
            self.headings[at],
        )

    def on(
        self, places: Sequence[Place], start: int = 0, end: int | None = None
    ) -> Sequence[Cell | None]:
        """The cells in places[start:end]; None in one that is not counted over here."""
        if places is self.places:
            return self[start:end] if start or end is not None else self
        own = {(place.article.id, place.section): at for at, place in enumerate(self.places)}
        found = (own.get((place.article.id, place.section)) for place in places[start:end])
        return tuple(None if at is None else self[at] for at in found)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something is said, over all places."""

    total: int  # occurrences in the text of passages: the lines of its concordance
    words: int  # in the same text
    rate: Rate  # per 1,000 of these words
    passages: int  # that satisfy the query, as `count` has it
    articles: int  # with such a passage
    sections: int  # with such a passage right below their heading
    by: Cells
    headings: int  # occurrences in headings and titles, which are in no other number but `by`'s
    dispersion: Dispersion  # over the places

    @property
    def per_1000(self) -> float | None:
        """Occurrences per 1,000 words; None where there are no words."""
        return self.rate.per_1000

    @property
    def lacking(self) -> tuple[Cell, ...]:
        """The places where no passage satisfies the query: `headings` tells in which of them a
        heading or title does."""
        return tuple(self.by[at] for at, passages in enumerate(self.by.passages) if not passages)

    @property
    def only_in_headings(self) -> tuple[Cell, ...]:
        """Those of the places lacking it of which a heading or title satisfies the query."""
        return tuple(cell for cell in self.lacking if cell.headings)


@dataclass(frozen=True, slots=True)
class TermCount(Count):
    """One term."""

    term: Term
    forms: Mapping[str, int]  # as written, the commonest first; they add up to `total`
    notes: tuple[str, ...]  # what was left out of the query


@dataclass(frozen=True, slots=True)
class GroupCount(Count):
    """All terms of one group or family; what two of them find at one place counts once, but for
    `headings`, which are added up over the terms."""

    name: str
    roles: Mapping[str, int]  # occurrences by role, within each of which the same holds


@dataclass(frozen=True, slots=True)
class Audit:
    """The answer of an audit."""

    terms: tuple[TermCount, ...]  # in the order of the list
    groups: tuple[GroupCount, ...]
    by: By
    match: Match
    places: tuple[Place, ...]  # rows of the matrix; those with boilerplate have their own
    words: int  # in the text of all passages: headings, titles and boilerplate apart
    passages: int
    articles: int
    sections: int  # headings with a passage right below them
    notes: tuple[str, ...]

    def places_of(self, counts: Sequence[Count]) -> tuple[Place, ...]:
        """The places of all these terms and groups: those with boilerplate have more."""
        if all(count.by.places is self.places for count in counts):
            return self.places
        every = chain(self.places, *(count.by.places for count in counts))
        return tuple({(place.article.id, place.section): place for place in every}.values())
