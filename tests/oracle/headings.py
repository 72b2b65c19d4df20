"""The headings of an article: each its own object, with its path and the passages below it.

In: an article with its passages, and which of them are looked at (boilerplate is passed over unless
a query names that kind). Out: an `Outline`, which gives for each of them the headings of its path,
the headings that it is the first passage below, and the empty headings that it stands for. Headings
with the same words stay distinct. Raises `ValueError` for a passage whose section is not the path
of the headings above it; boilerplate, which has no section, stands below none.

A heading is empty if no passage looked at stands below it. The next passage of the article stands
for it or, where none follows, the last. A heading that is itself the article's only passage (for
want of other text) is read as that passage, no longer as a heading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.model import Article, Passage, Span
from tests.oracle.texts import Unit, read_unit


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """One heading at its place in an article."""

    number: int  # in order of the article's text
    level: int  # 1 is the top
    span: Span  # in the article's text
    unit: Unit  # its tokens
    above: tuple[Heading, ...]  # the headings that it stands below, from the top down

    @property
    def path(self) -> tuple[str, ...]:
        """The texts of the headings above it and its own."""
        return tuple(one.unit.text for one in (*self.above, self))


@dataclass(frozen=True, slots=True)
class Standing:
    """The headings that one passage stands below, and those that it stands for."""

    path: tuple[Heading, ...]  # its own headings, from the top down
    first_below: frozenset[int]  # numbers of the headings, empty ones too, that it is first below
    empty: tuple[Heading, ...]  # headings without a passage that it stands for, in order
    first: bool  # whether it is the first passage of the article


def headings_of(article: Article, passages: Sequence[Passage]) -> list[Heading]:
    """The headings of an article in order of its text."""
    taken = {(one.span.start, one.span.end) for one in passages}
    found: list[Heading] = []
    path: list[Heading] = []
    for block in article.blocks:
        if block.kind != "heading" or (block.span.start, block.span.end) in taken:
            continue
        while path and path[-1].level >= block.level:
            path.pop()
        unit = read_unit(block.span.of(article.text), article.language)
        found.append(Heading(len(found), block.level, block.span, unit, tuple(path)))
        path.append(found[-1])
    return found


def path_of(passage: Passage, headings: Sequence[Heading]) -> tuple[Heading, ...]:
    """The headings that a passage stands below, from the top down."""
    if not passage.section:
        return ()
    before = [one for one in headings if one.span.end <= passage.span.start]
    path = (*before[-1].above, before[-1])[: len(passage.section)] if before else ()
    if tuple(one.unit.text for one in path) != passage.section:
        raise ValueError(f"{passage.id}: {passage.section} is not the path of the headings above")
    return path


class Outline:
    """The headings of one article and the passages below them."""

    def __init__(
        self, article: Article, passages: Sequence[Passage], looked_at: Callable[[Passage], bool]
    ) -> None:
        self.headings = headings_of(article, passages)
        self.passages = [one for one in passages if looked_at(one)]
        self._paths = {one.id: path_of(one, self.headings) for one in self.passages}

    def below(self, heading: Heading) -> list[Passage]:
        """The passages below a heading, those of its subsections too."""
        return [one for one in self.passages if heading in self._paths[one.id]]

    def stands_for(self, heading: Heading) -> Passage | None:
        """The passage that stands for an empty heading; None if the article has no passages."""
        following = [one for one in self.passages if one.span.start >= heading.span.end]
        return next(iter((*following, *self.passages[-1:])), None)

    def standing(self, passage: Passage) -> Standing:
        """The headings that one of the passages looked at stands below and for."""
        empty = [one for one in self.headings if not self.below(one)]
        mine = tuple(one for one in empty if self.stands_for(one) is passage)
        path = self._paths[passage.id]
        first = [one for one in path if self.below(one)[0] is passage]
        return Standing(
            path,
            frozenset(one.number for one in (*first, *mine)),
            mine,
            self.passages[0] is passage,
        )
