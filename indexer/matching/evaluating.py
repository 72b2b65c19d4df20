"""Evaluation of a query tree over a snapshot: passages with scores, and what matched in them.

In: a Whoosh query tree. Out: for each part of the snapshot the passages that match (ascending),
their scores, and on demand the occurrences and marks of the leaves that made them match. Works on
whole arrays; nothing is capped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from whoosh import query as wq

from indexer.arrays import Array
from indexer.matching.leaves import DEFAULTS, TEXT, Leaves, Parameters
from indexer.matching.patterns import Lexicon
from indexer.matching.scopes import Units
from indexer.matching.sets import EMPTY, counted, difference, member, union
from indexer.matching.spans import Found
from indexer.matching.trees import (
    asks_for_boilerplate,
    children,
    is_filter,
    is_positional,
    text_leaves,
)
from indexer.model import KINDS

Score = Callable[[Array], Array]  # of some passages of a node (ascending), the scores (float64)


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
    is_leaf: bool = False

    @cached_property
    def ids(self) -> Array:
        """The passages."""
        size = max((int(piece[-1]) + 1 for piece in self.pieces if piece.size), default=0)
        return union(self.pieces, size)

    @cached_property
    def scores(self) -> Array:
        """Score of each passage (float64)."""
        return self.score(self.ids) if self.ids.size else np.zeros(0)

    @property
    def in_text(self) -> Array:
        """For each passage whether a positive leaf matched in its text (bool)."""
        return member(self.ids, self.text)

    @property
    def most(self) -> int:
        """No fewer than there are passages."""
        return sum(piece.size for piece in self.pieces)

    @property
    def is_plain(self) -> bool:
        """Whether all passages hold by their text, and alone."""
        return self.text is self.alone and len(self.pieces) == 1 and self.pieces[0] is self.text

    def has(self, ids: Array) -> Array:
        """Which of `ids` are among the passages (bool)."""
        return _in_any(ids, self.pieces)

    def kept(self, keep: Array) -> Scored:
        """The passages that `keep` (bool, for each of `ids`) chooses."""
        if keep.all():
            return self
        ids = self.ids.compress(keep)
        text, alone = (x.compress(member(x, ids)) for x in (self.text, self.alone))
        return Scored((ids,), text, alone, self.score)


class Evaluation:
    """One query over one snapshot."""

    def __init__(
        self,
        lexicon: Lexicon,
        tree: wq.Query,
        *,
        text_only: bool = False,
        parameters: Parameters = DEFAULTS,
    ) -> None:
        self.lexicon, self.snapshot = lexicon, lexicon.speller.snapshot
        self.tree = tree
        self.boilerplate = asks_for_boilerplate(tree)
        self.leaves = Leaves(lexicon, parameters, text_only=text_only, boilerplate=self.boilerplate)
        self._found: dict[tuple[int, int], Scored] = {}  # (node, part) → its passages

    # --- passages -------------------------------------------------------------------------------

    def run(self) -> list[Scored]:
        """The passages of each part that satisfy the query, in the order of the parts."""
        return [self._satisfying(i) for i in range(len(self.snapshot.parts))]

    def _satisfying(self, part: int) -> Scored:
        found = self._node(self.tree, part, 1.0)
        if found.alone is found.text:
            return replace(found, pieces=(found.text,))
        return replace(found, pieces=(found.text, found.alone))

    def _node(self, node: wq.Query, part: int, boost: float) -> Scored:
        found = self._evaluate(node, part, boost * getattr(node, "boost", 1.0))
        self._found[id(node), part] = found
        return found

    def _satisfy(self, node: wq.Query, part: int, passages: Array) -> Array:
        """Which of these passages satisfy a node (bool)."""
        # kept from its evaluation; the tree keeps nodes alive
        return (self._found.get((id(node), part)) or self._node(node, part, 1.0)).has(passages)

    def _evaluate(self, node: wq.Query, part: int, boost: float) -> Scored:
        if is_filter(node):
            return _everywhere(self._filter(node, part))
        if is_positional(node):
            return self._leaf(node, part, boost)
        if isinstance(node, wq.And):
            return _and([self._node(q, part, boost) for q in node.subqueries])
        if isinstance(node, (wq.Or, wq.DisjunctionMax)):
            children = [self._node(q, part, boost) for q in node.subqueries]
            return _or(children, self._size(part), node)
        if isinstance(node, wq.Not):
            inside = self._node(node.query, part, boost)
            return _everywhere(difference(self._every(part), inside.ids))
        if isinstance(node, wq.AndNot):
            found = self._node(node.a, part, boost)
            return found.kept(~self._node(node.b, part, boost).has(found.ids))
        if isinstance(node, wq.AndMaybe):
            required, optional = (self._node(q, part, boost) for q in (node.a, node.b))
            ids = required.ids
            text = ids.compress(_in_any(ids, (required.text, optional.text)))

            def both(ids: Array) -> Array:
                return required.score(ids) + _where_held(optional, ids)

            return Scored((ids,), text, required.alone, both)
        if isinstance(node, wq.Require):
            found, needed = (self._node(q, part, boost) for q in (node.a, node.b))
            return replace(_and([found, needed]), score=found.score)
        if isinstance(node, wq.ConstantScoreQuery):
            constant = boost * float(node.score)
            found = self._node(node.child, part, boost)
            return replace(found, score=lambda ids: np.full(ids.size, constant))
        if isinstance(node, wq.Every):
            return _everywhere(self._every(part), boost)
        return _everywhere(EMPTY)

    def _size(self, part: int) -> int:
        segment = self.snapshot.parts[part].segment
        return int(segment.passages if self.boilerplate else segment.contents)

    def _every(self, part: int) -> Array:
        live = self.snapshot.parts[part].live
        size = self._size(part)
        return np.arange(size) if live is None else np.flatnonzero(live[:size])

    def _filter(self, node: wq.Term, part: int) -> Array:
        """Passages of one article or kind."""
        segment = self.snapshot.parts[part].segment
        every = self._every(part)
        if node.fieldname == "article":
            number = segment.article_ids.find(str(node.text))
            column = segment.column("passage.article")
        else:
            number = KINDS.index(node.text) if node.text in KINDS else -1
            column = segment.column("passage.kind")
        return every[column[every] == number] if number >= 0 else EMPTY

    def _leaf(self, leaf: wq.Query, part: int, boost: float) -> Scored:
        hits = self.leaves.hits(leaf, part)
        text, sides = hits.text.ids, hits.sides
        pieces = (text, sides) if sides.size else (text,)
        alone = text if "text" in self.fields(leaf) else sides
        score = partial(self.leaves.scores, leaf, part, boost)
        return Scored(pieces, text, alone, score, is_leaf=True)

    def fields(self, leaf: wq.Query) -> frozenset[str]:
        """The fields that a leaf tests."""
        return self.leaves.fields(leaf)

    # --- occurrences ----------------------------------------------------------------------------

    def occurrences(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Found]]:
        """Occurrences in the text of these passages (ascending), by leaf: those that are part
        of why the passage was found; nothing under a NOT, nothing of a branch that fails."""
        segment = self.snapshot.parts[part].segment
        every = Units(segment, passages)
        for leaf, active in self.active_leaves(part, passages):
            if "text" in self.fields(leaf):
                scope = every if active.all() else Units(segment, passages[active])
                yield leaf, self.lexicon.find(leaf, segment, scope)

    def leaves_in_heads(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Array]]:
        """Of the active leaves those that stand above some of these passages, with which (bool)."""
        for leaf, active in self.active_leaves(part, passages):
            if self.fields(leaf) == TEXT:
                continue
            hits = self.leaves.hits(leaf, part)
            if hits.section.ids.size or hits.title.ids.size:
                above = member(passages, hits.section.ids) | member(passages, hits.title.ids)
                active = active & above
                if active.any():
                    yield leaf, active

    def in_heads(self, leaf: wq.Query, part: int, heads: Array) -> Found:
        """Occurrences of a leaf in these headings and titles (ascending)."""
        segment = self.snapshot.parts[part].segment
        return self.lexicon.find(leaf, segment, Units(segment, heads + segment.passages))

    def occurring(self, leaf: wq.Query, part: int) -> int:
        """How often a leaf stands in the text of live passages."""
        return int(self.leaves.hits(leaf, part).text.counts.sum())

    def text_leaves(self) -> list[wq.Query]:
        """Positive leaves that test the text."""
        return list(text_leaves(self.tree))

    def satisfying_heads(self, part: int) -> Array:
        """Live headings and titles that satisfy the query by their own words (ascending)."""
        holder = self.snapshot.parts[part]
        every = np.arange(holder.segment.heads)
        if holder.live_heads is not None:
            every = every[holder.live_heads]
        return self._heads(self.tree, part, every)

    def _heads(self, node: wq.Query, part: int, every: Array) -> Array:
        if is_filter(node) or isinstance(node, wq.Every):
            return every
        if is_positional(node):
            segment = self.snapshot.parts[part].segment
            return counted(segment.head_of(self.in_heads(node, part, every).starts))[0]
        if isinstance(node, wq.Not):
            return difference(every, self._heads(node.query, part, every))
        if isinstance(node, (wq.And, wq.Require)):
            heads = every
            for child in children(node):
                heads = heads[member(heads, self._heads(child, part, every))]
            return heads
        if isinstance(node, wq.AndNot):
            return difference(self._heads(node.a, part, every), self._heads(node.b, part, every))
        if isinstance(node, wq.AndMaybe):
            return self._heads(node.a, part, every)
        below = [self._heads(child, part, every) for child in children(node)]
        return union(below, self.snapshot.parts[part].segment.heads)

    def notes(self) -> list[str]:
        """What was bounded while words were looked up."""
        return self.lexicon.notes()

    def active_leaves(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Array]]:
        """Positive leaves, and in which of these passages they count (bool)."""
        every = self._satisfy(self.tree, part, passages)
        yield from self._active(self.tree, part, passages, every)

    def _active(
        self, node: wq.Query, part: int, passages: Array, active: Array
    ) -> Iterator[tuple[wq.Query, Array]]:
        """`active_leaves` below a node that the active passages satisfy."""
        if isinstance(node, wq.Not) or is_filter(node) or isinstance(node, wq.Every):
            return
        if is_positional(node):
            if active.any():
                yield node, active
            return
        below = (node.a,) if isinstance(node, wq.AndNot) else children(node)
        for child in below:
            sure = isinstance(node, _ALL) or (isinstance(node, wq.AndMaybe) and child is node.a)
            here = active if sure else active & self._satisfy(child, part, passages)
            yield from self._active(child, part, passages, here)


# What satisfies such a node satisfies all of its parts, but for what an AndNot forbids.
_ALL = (wq.And, wq.Require, wq.AndNot, wq.ConstantScoreQuery)


def _everywhere(ids: Array, score: float = 0.0) -> Scored:
    """Passages that hold whatever their text says, all with one score."""
    return Scored((ids,), EMPTY, ids, lambda wanted: np.full(wanted.size, score))


def _and(children: list[Scored]) -> Scored:
    """Passages that satisfy all children; scores add up."""
    if not children:
        return _everywhere(EMPTY)
    rarest, *others = sorted(children, key=lambda child: child.most)
    ids = rarest.ids
    for child in others:
        ids = ids.compress(child.has(ids))
    text = alone = ids
    if not all(child.is_plain for child in children):
        text = ids.compress(_in_any(ids, [child.text for child in children]))
        for child in children:
            alone = alone.compress(member(alone, child.alone))

    def score(wanted: Array) -> Array:
        total = np.zeros(wanted.size)
        for child in children:
            total += child.score(wanted)
        return total

    return Scored((ids,), text, alone, score)


def _or(children: list[Scored], size: int, node: wq.Query) -> Scored:
    """Passages that satisfy one of the children, or as many as an Or's `minmatch` asks for.

    Scores add up, but for a DisjunctionMax, where the best one counts.
    """
    least = max(getattr(node, "minmatch", 0), 1)
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
    tiebreak = getattr(node, "tiebreak", None)
    if tiebreak is None:
        return Scored(pieces, text, alone, partial(_sum, children, size))
    return Scored(pieces, text, alone, partial(_best, children, tiebreak))


def _several(found: list[Array], size: int, least: int) -> Array:
    """Passages that are in at least so many of these."""
    there = np.zeros(size, np.uint16)
    for ids in found:
        there[ids] += np.uint16(1)
    return (there >= least).nonzero()[0]


def _in_any(ids: Array, among: Sequence[Array]) -> Array:
    """Which of `ids` are in any of the others (bool)."""
    found = member(ids, among[0])
    for others in among[1:]:
        if others.size:
            found |= member(ids, others)
    return found


def _sum(children: list[Scored], size: int, ids: Array) -> Array:
    """For each of these passages (ascending) the scores of all children that it satisfies."""
    if sum(child.most for child in children) > 4 * ids.size:
        return sum((_where_held(child, ids) for child in children), np.zeros(ids.size))
    table = np.zeros(size)
    for child in children:
        for piece in child.pieces if child.is_leaf else (child.ids,):
            table[piece] += child.score(piece)
    total: Array = table[ids]
    return total


def _best(children: list[Scored], tiebreak: float, ids: Array) -> Array:
    """For each of these passages the best score of a child, and a share of the others'."""
    scores = [_where_held(child, ids) for child in children]
    highest = np.max(scores, axis=0, initial=0.0)
    total: Array = highest + tiebreak * (np.sum(scores, axis=0) - highest)
    return total


def _where_held(child: Scored, ids: Array) -> Array:
    """For each of these passages (ascending) the child's score, 0 where it is not satisfied."""
    out = np.zeros(ids.size)
    at = child.has(ids).nonzero()[0]
    out[at] = child.score(ids[at])
    return out
