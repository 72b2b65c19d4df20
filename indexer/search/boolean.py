"""Passages that satisfy a node of a plan, and how those of its parts make them.

In: what satisfies the parts. Out: what satisfies an And, an Or and the like, united and scored only
when that is asked for. Arrays are of passage numbers (int64, ascending) of one part of a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from indexer.lazy import kept_property
from indexer.search.plan import Leaf
from indexer.sorted_arrays import EMPTY, Array, difference, member, union

Score = Callable[[Array], Array]  # of some passages of a node (ascending), the scores (float64)


@dataclass(frozen=True)
class Held:
    """Passages that hold a leaf in one field, ascending, and how often each does."""

    ids: Array  # int64
    counts: Array  # of whichever integers


NOWHERE = Held(EMPTY, EMPTY)


@dataclass(frozen=True)
class LeafHits:
    """One leaf in one part, by field."""

    text: Held
    sides: Array  # passages that hold it in the section path or title alone, ascending
    heads: Array  # headings and titles that hold it
    section: Held = NOWHERE
    title: Held = NOWHERE
    above: Held = NOWHERE  # passages that hold it in either, and what that adds to tf~
    both: tuple[Array, Array] = (EMPTY, EMPTY)  # places in `text` and `above` of those in both
    # Of a leaf that is sought everywhere:
    stood: Held = NOWHERE  # passages that stand for an empty heading with it
    empty: tuple[Array, Array] = (EMPTY, EMPTY)  # those headings, ascending; for each its passage

    @property
    def elsewhere(self) -> Array:
        """The passages of `stood` that do not hold it otherwise."""
        ids = self.stood.ids
        return ids[~(member(ids, self.text.ids) | member(ids, self.above.ids))]


@dataclass(frozen=True)
class Scored:
    """Passages of one part that satisfy a node (int64, ascending).

    They are united and scored when that is asked for: many satisfy a part of the query, fewer the
    whole, and for a count none need be scored.
    """

    pieces: tuple[Array, ...]  # the passages; one may be in several pieces, but for a leaf
    text: Array  # of them: those in whose text a positive leaf below matched
    alone: Array  # of them: those that hold without a bare word's match in a heading or title
    score: Score
    leaf: Leaf | None = None
    children: tuple[Scored, ...] = ()  # what is below, but for negations
    sure: int = 0  # how many of the children, from the first on, hold in all of the passages

    @kept_property
    def ids(self) -> Array:
        """The passages."""
        if len(self.pieces) == 1:
            return self.pieces[0]
        size = max((int(piece[-1]) + 1 for piece in self.pieces if piece.size), default=0)
        return union(self.pieces, size)

    @property
    def apart(self) -> tuple[Array, ...]:
        """The passages in pieces that have none in common."""
        return self.pieces if self.leaf else (self.ids,)

    @property
    def is_plain(self) -> bool:
        """Whether all passages hold by their text, and alone."""
        return self.text is self.alone and len(self.pieces) == 1 and self.pieces[0] is self.text

    def has(self, ids: Array) -> Array:
        """Which of `ids` are among the passages (bool)."""
        return in_any(ids, self.pieces)


class Answer:
    """Passages of one part that satisfy a plan (int64, ascending), scored on demand."""

    def __init__(self, found: Scored, text: Array, beside: Array) -> None:
        """`text`: those that are found by their text, or whatever it says; `beside`: those that
        are found by headings, none of which is among the others."""
        self.found, self.text, self.beside = found, text, beside
        self.size = text.size + beside.size

    @kept_property
    def ids(self) -> Array:
        """All of them, ascending."""
        if not self.beside.size:
            return self.text
        # It merges what ascends; `np.insert` takes six times as long.
        return np.sort(np.concatenate((self.text, self.beside)), kind="stable")

    def of(self, column: Array) -> Array:
        """What a column says of each of them, in any order."""
        some: Array = column.take(self.text)
        return np.concatenate((some, column.take(self.beside))) if self.beside.size else some

    @property
    def scored(self) -> list[tuple[Array, Array]]:
        """The passages found in either way, if there are any, with the score of each (float64).

        Of a leaf each list by itself, for it has their counts at hand.
        """
        lists = (self.text, self.beside) if self.found.leaf else (self.ids,)
        return [(ids, self.found.score(ids)) for ids in lists if ids.size]

    def without(self, ids: Array) -> Answer:
        """This but for some passages (ascending)."""
        return Answer(self.found, difference(self.text, ids), difference(self.beside, ids))


def everywhere(ids: Array, score: float = 0.0) -> Scored:
    """Passages that hold whatever their text says, all with one score."""
    return Scored((ids,), EMPTY, ids, lambda wanted: np.full(wanted.size, score))


def all_of(
    children: Sequence[Scored], optional: Sequence[Scored], without: Sequence[Scored]
) -> Scored:
    """Passages that satisfy all children and none of those `without`; scores add up, those of
    `optional` where it holds."""
    rarest, *others = sorted(children, key=lambda child: sum(map(len, child.pieces)))
    ids = rarest.ids
    for child in others:
        ids = ids.compress(child.has(ids))
    for child in without:
        ids = ids.compress(~child.has(ids))
    both, text, alone = (*children, *optional), ids, ids
    if not all(child.is_plain for child in children):
        by_text = [member(ids, child.text) for child in both]
        by_itself = [
            there if child.alone is child.text else member(ids, child.alone)
            for child, there in zip(children, by_text)
        ]
        text = ids.compress(np.logical_or.reduce(by_text))
        alone = ids.compress(np.logical_and.reduce(by_itself))

    def score(wanted: Array) -> Array:
        total = np.zeros(wanted.size)
        for child in children:
            total += child.score(wanted)
        for child in optional:
            total += where_held(child, wanted)
        return total

    return Scored((ids,), text, alone, score, children=both, sure=len(children))


def any_of(
    children: Sequence[Scored], size: int, least: int = 1, tiebreak: float | None = None
) -> Scored:
    """Passages (below `size`) that satisfy at least so many of the children.

    Scores add up; with a tiebreak the best one counts, and that share of the others.
    """
    if len(children) == 1 and least == 1:
        return children[0]
    text = union([child.text for child in children], size)
    alone = text
    if least > 1:
        ids = _several([child.ids for child in children], size, least)
        text = text.compress(member(text, ids))
        alone = _several([child.alone for child in children], size, least)
        pieces: tuple[Array, ...] = (ids,)
    else:
        pieces = tuple(piece for child in children for piece in child.pieces)
        if any(child.alone is not child.text for child in children):
            alone = union([child.alone for child in children], size)
    score = (
        partial(_sum, children, size) if tiebreak is None else partial(_best, children, tiebreak)
    )
    return Scored(pieces, text, alone, score, children=tuple(children))


def _several(found: list[Array], size: int, least: int) -> Array:
    """Passages that are in at least so many of these."""
    there = np.zeros(size, np.uint16)
    for ids in found:
        there[ids] += np.uint16(1)
    return (there >= least).nonzero()[0]


def in_any(ids: Array, among: Sequence[Array]) -> Array:
    """Which of `ids` are in any of the others (bool)."""
    found = np.zeros(ids.size, bool)
    for others in among:
        if others.size:
            found |= member(ids, others)
    return found


def _sum(children: Sequence[Scored], size: int, ids: Array) -> Array:
    """For each of these passages (ascending) the scores of all children that it satisfies."""
    if ids.size * len(children) < sum(len(piece) for child in children for piece in child.pieces):
        few: Array = sum((where_held(child, ids) for child in children), np.zeros(ids.size))
        return few
    table = np.zeros(size)  # to look up where each passage is takes a quarter more of a search
    for child in children:
        for piece in child.apart:
            table[piece] += child.score(piece)
    found: Array = table[ids]
    return found


def _best(children: Sequence[Scored], tiebreak: float, ids: Array) -> Array:
    """For each of these passages the best score of a child, and a share of the others'."""
    scores = [where_held(child, ids) for child in children]
    highest = np.max(scores, axis=0, initial=0.0)
    total: Array = highest + tiebreak * (np.sum(scores, axis=0) - highest)
    return total


def where_held(child: Scored, ids: Array) -> Array:
    """For each of these passages (ascending) the child's score, 0 where it is not satisfied."""
    out = np.zeros(ids.size)
    for piece in child.apart:
        if piece.size:
            at = member(ids, piece).nonzero()[0]
            # Of its own passages a child has the counts at hand.
            out[at] = child.score(piece if at.size == piece.size else ids[at])
    return out
