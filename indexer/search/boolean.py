"""Passages that satisfy a node of a plan, combined from those of its children.

In: the passages of the children. Out: those of an And, an Or and the like, united and scored only
on demand. Arrays are of passage numbers (int64, ascending) of one part of a snapshot. Refuses
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from indexer.lazy import kept_property
from indexer.search.plan import Leaf
from indexer.sorted_arrays import EMPTY, Array, difference, member, union

Score = Callable[[Array], Array]  # passages of a node (ascending) → their scores (float64)


@dataclass(frozen=True)
class FieldHits:
    """Passages that hold a leaf in one field, ascending, and how often each does."""

    ids: Array  # int64
    counts: Array  # any integer dtype


NOWHERE = FieldHits(EMPTY, EMPTY)


@dataclass(frozen=True)
class LeafHits:
    """Passages and headings that hold one leaf in one part, by field."""

    text: FieldHits
    above_only: Array  # passages that hold it in their section path or title alone, ascending
    heads: Array  # headings and titles that hold it
    section: FieldHits = NOWHERE
    title: FieldHits = NOWHERE
    above: FieldHits = NOWHERE  # passages with it in section path or title; counts: what tf~ gains
    both: tuple[Array, Array] = (EMPTY, EMPTY)  # for passages in both: indices in `text`, `above`
    # Only for a leaf that is sought in all fields:
    stand_ins: FieldHits = NOWHERE  # passages that stand in for an empty heading with it
    empty: tuple[Array, Array] = (EMPTY, EMPTY)  # these headings, ascending; the passage of each

    @property
    def elsewhere(self) -> Array:
        """The passages of `stand_ins` that hold the leaf nowhere else."""
        ids = self.stand_ins.ids
        return ids[~(member(ids, self.text.ids) | member(ids, self.above.ids))]


@dataclass(frozen=True)
class Scored:
    """Passages of one part that satisfy a node (int64, ascending).

    They are united and scored on demand: many passages satisfy a part of the query, fewer all of
    it, and to count them none needs a score.
    """

    pieces: tuple[Array, ...]  # the passages; pieces may overlap, except those of a leaf
    text: Array  # subset: passages in whose text a positive leaf below matches
    alone: Array  # subset: passages that match without any heading or title hit of a bare word
    score: Score
    leaf: Leaf | None = None
    children: tuple[Scored, ...] = ()  # those below, except negations
    sure: int = 0  # how many of them, from the first on, are satisfied by all the passages

    @kept_property
    def ids(self) -> Array:
        """The passages."""
        if len(self.pieces) == 1:
            return self.pieces[0]
        size = max((int(piece[-1]) + 1 for piece in self.pieces if piece.size), default=0)
        return union(self.pieces, size)

    @property
    def apart(self) -> tuple[Array, ...]:
        """The passages, in pieces that do not overlap."""
        return self.pieces if self.leaf else (self.ids,)

    @property
    def is_plain(self) -> bool:
        """Whether all passages match by their text, without headings or titles."""
        return self.text is self.alone and len(self.pieces) == 1 and self.pieces[0] is self.text

    def has(self, ids: Array) -> Array:
        """Which of `ids` are among the passages (bool)."""
        return in_any(ids, self.pieces)


class PartMatches:
    """Passages of one part that satisfy a plan (int64, ascending), scored on demand."""

    def __init__(self, found: Scored, text: Array, beside: Array) -> None:
        """`text`: passages that match by their text, or whatever it says; `beside`: those that
        match by headings. The two do not overlap."""
        self.found, self.text, self.beside = found, text, beside
        self.size = text.size + beside.size

    @kept_property
    def ids(self) -> Array:
        """All passages, ascending."""
        if not self.beside.size:
            return self.text
        # A stable sort merges the two ascending runs; `np.insert` takes six times as long.
        return np.sort(np.concatenate((self.text, self.beside)), kind="stable")

    @property
    def scored(self) -> list[tuple[Array, Array]]:
        """Non-empty lists of passages, each with their scores (float64).

        For a leaf `text` and `beside` come separately, since their counts are at hand.
        """
        lists = (self.text, self.beside) if self.found.leaf else (self.ids,)
        return [(ids, self.found.score(ids)) for ids in lists if ids.size]

    def without(self, ids: Array) -> PartMatches:
        """The matches without these passages (ascending)."""
        return PartMatches(self.found, difference(self.text, ids), difference(self.beside, ids))


def everywhere(ids: Array, score: float = 0.0) -> Scored:
    """Passages that match whatever their text says, all with the same score."""
    return Scored((ids,), EMPTY, ids, lambda wanted: np.full(wanted.size, score))


def all_of(
    children: Sequence[Scored], optional: Sequence[Scored], without: Sequence[Scored]
) -> Scored:
    """Passages that satisfy all children and none of `without`. Scores are summed; `optional`
    adds its scores where it is satisfied."""
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
            total += scores_at(child, wanted)
        return total

    return Scored((ids,), text, alone, score, children=both, sure=len(children))


def any_of(
    children: Sequence[Scored], size: int, least: int = 1, tiebreak: float | None = None
) -> Scored:
    """Passages (below `size`) that satisfy at least `least` of the children.

    Scores are summed; with a tiebreak: the best score, plus that share of the others.
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
    """Passages that are in at least `least` of the arrays."""
    there = np.zeros(size, np.uint16)
    for ids in found:
        there[ids] += np.uint16(1)
    return (there >= least).nonzero()[0]


def in_any(ids: Array, among: Sequence[Array]) -> Array:
    """Which of `ids` are in any of the arrays (bool)."""
    found = np.zeros(ids.size, bool)
    for others in among:
        if others.size:
            found |= member(ids, others)
    return found


def _sum(children: Sequence[Scored], size: int, ids: Array) -> Array:
    """For each passage (ascending) the sum of the scores of the children it satisfies."""
    if ids.size * len(children) <= sum(len(piece) for child in children for piece in child.pieces):
        few: Array = sum((scores_at(child, ids) for child in children), np.zeros(ids.size))
        return few
    pieces = [(piece, child.score(piece)) for child in children for piece in child.apart]
    numbers, scores = map(np.concatenate, zip(*pieces))
    found: Array = np.bincount(numbers, scores, size).take(ids)
    return found


def _best(children: Sequence[Scored], tiebreak: float, ids: Array) -> Array:
    """For each passage the best score of a child, plus `tiebreak` times the others."""
    scores = [scores_at(child, ids) for child in children]
    highest = np.max(scores, axis=0, initial=0.0)
    total: Array = highest + tiebreak * (np.sum(scores, axis=0) - highest)
    return total


def scores_at(child: Scored, ids: Array) -> Array:
    """For each of these passages (ascending) the child's score, 0 where it is not satisfied."""
    out = np.zeros(ids.size)
    for piece in child.apart:
        if piece.size:
            at = member(ids, piece).nonzero()[0]
            # For all of its own passages a child has the counts at hand.
            out[at] = child.score(piece if at.size == piece.size else ids[at])
    return out
