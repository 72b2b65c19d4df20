"""Evaluation of a query tree over a snapshot: passages with scores, and what matched in them.

In: a Whoosh query tree. Out: for each part of the snapshot the passages that match (ascending),
their scores, and on demand the occurrences and marks of the leaves that made them match. Works on
whole arrays; nothing is capped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from whoosh import query as wq

from indexer.arrays import Array, Segment
from indexer.matching.elements import Element
from indexer.matching.leaves import DEFAULTS, Leaves, Parameters
from indexer.matching.patterns import Lexicon
from indexer.matching.sets import EMPTY, counted, difference, member, places, union
from indexer.matching.spans import Found, Tokens
from indexer.matching.trees import (
    asks_for_boilerplate,
    children,
    is_filter,
    is_positional,
    text_leaves,
)
from indexer.model import KINDS


@dataclass(frozen=True)
class Scored:
    """Passages of one part that satisfy a node."""

    ids: Array  # int64, ascending
    scores: Array  # float64
    in_text: Array  # bool: whether a positive leaf below matched in the passage's text
    alone: Array  # bool: whether it holds without a bare word's match in a heading or title

    def kept(self, keep: Array) -> Scored:
        """The passages that `keep` chooses."""
        return Scored(self.ids[keep], self.scores[keep], self.in_text[keep], self.alone[keep])


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
        self._found: dict[tuple[int, int], Array] = {}  # (node, part) → its passages

    # --- passages -------------------------------------------------------------------------------

    def run(self) -> list[Scored]:
        """The passages of each part that satisfy the query, in the order of the parts."""
        return [self._satisfying(i) for i in range(len(self.snapshot.parts))]

    def _satisfying(self, part: int) -> Scored:
        found = self._node(self.tree, part, 1.0)
        keep = found.in_text | found.alone
        return found if keep.all() else found.kept(keep)

    def _node(self, node: wq.Query, part: int, boost: float) -> Scored:
        found = self._evaluate(node, part, boost * getattr(node, "boost", 1.0))
        self._found[id(node), part] = found.ids
        return found

    def _ids(self, node: wq.Query, part: int) -> Array:
        """Passages that satisfy a node (kept from its evaluation; the tree keeps nodes alive)."""
        known = self._found.get((id(node), part))
        return self._node(node, part, 1.0).ids if known is None else known

    def _evaluate(self, node: wq.Query, part: int, boost: float) -> Scored:
        if is_filter(node):
            return self._unscored(self._filter(node, part))
        if is_positional(node):
            return self._leaf(node, part, boost)
        if isinstance(node, wq.And):
            return self._and([self._node(q, part, boost) for q in node.subqueries])
        if isinstance(node, (wq.Or, wq.DisjunctionMax)):
            children = [self._node(q, part, boost) for q in node.subqueries]
            return self._or(children, part, node)
        if isinstance(node, wq.Not):
            inside = self._node(node.query, part, boost)
            return self._unscored(difference(self._every(part), inside.ids))
        if isinstance(node, wq.AndNot):
            found = self._node(node.a, part, boost)
            keep = ~member(found.ids, self._node(node.b, part, boost).ids)
            return found.kept(keep)
        if isinstance(node, wq.AndMaybe):
            required, optional = (self._node(q, part, boost) for q in (node.a, node.b))
            return self._onto(required, [optional])
        if isinstance(node, wq.Require):
            found, needed = (self._node(q, part, boost) for q in (node.a, node.b))
            both = self._and([found, needed])
            scores = found.scores[places(found.ids, both.ids)]
            return Scored(both.ids, scores, both.in_text, both.alone)
        if isinstance(node, wq.ConstantScoreQuery):
            found = self._node(node.child, part, boost)
            scores = np.full(found.ids.size, boost * float(node.score))
            return Scored(found.ids, scores, found.in_text, found.alone)
        if isinstance(node, wq.Every):
            ids = self._every(part)
            everywhere = np.ones(ids.size, bool)
            return Scored(ids, np.full(ids.size, boost), ~everywhere, everywhere)
        return self._unscored(EMPTY)

    def _unscored(self, ids: Array) -> Scored:
        everywhere = np.ones(ids.size, bool)
        return Scored(ids, np.zeros(ids.size), ~everywhere, everywhere)

    def _and(self, children: list[Scored]) -> Scored:
        if not children:
            return self._unscored(EMPTY)
        rarest = min(children, key=lambda c: c.ids.size)
        ids = rarest.ids
        for child in children:
            if child is not rarest:
                ids = ids[member(ids, child.ids)]
        scores = np.zeros(ids.size)
        in_text, alone = np.zeros(ids.size, bool), np.ones(ids.size, bool)
        for child in children:
            at = places(child.ids, ids) if ids.size else EMPTY
            scores += child.scores[at]
            in_text |= child.in_text[at]
            alone &= child.alone[at]
        return Scored(ids, scores, in_text, alone)

    def _or(self, children: list[Scored], part: int, node: wq.Query) -> Scored:
        """Passages that satisfy one of the children, or as many as an Or's `minmatch` asks for.

        Scores add up, but for a DisjunctionMax, where the best one counts.
        """
        least = getattr(node, "minmatch", 0)
        if len(children) == 1 and least < 2:
            return children[0]
        tiebreak = getattr(node, "tiebreak", None)
        size = self._size(part)
        # Only where `minmatch` is asked for need the children be counted.
        also = np.add if least > 1 else np.logical_or
        held = np.zeros(size, np.uint16 if least > 1 else bool)
        alone = held.copy()
        total, best = np.zeros(size), np.zeros(size)
        in_text = np.zeros(size, bool)
        for child in children:
            held[child.ids] = also(held[child.ids], 1)
            alone[child.ids] = also(alone[child.ids], child.alone)
            total[child.ids] += child.scores
            in_text[child.ids] |= child.in_text
            if tiebreak is not None:
                best[child.ids] = np.maximum(best[child.ids], child.scores)
        ids = np.flatnonzero(held >= max(least, 1))
        scores = total[ids]
        if tiebreak is not None:
            scores = best[ids] + tiebreak * (scores - best[ids])
        return Scored(ids, scores, in_text[ids], alone[ids] >= max(least, 1))

    def _onto(self, required: Scored, optional: list[Scored]) -> Scored:
        """The required passages with the scores of the optional ones added."""
        scores, in_text = required.scores.copy(), required.in_text.copy()
        for child in optional:
            shared = member(required.ids, child.ids)
            at = places(child.ids, required.ids[shared]) if shared.any() else EMPTY
            scores[shared] += child.scores[at]
            in_text[shared] |= child.in_text[at]
        return Scored(required.ids, scores, in_text, required.alone)

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
        hits, scores = self.leaves.scores(leaf, part, boost)
        in_text = hits.text > 0 if hits.text.size else np.zeros(hits.ids.size, bool)
        alone = in_text if "text" in self.fields(leaf) else ~in_text
        return Scored(hits.ids, scores, in_text, alone)

    def fields(self, leaf: wq.Query) -> set[str]:
        """The fields that a leaf tests."""
        return self.leaves.fields(leaf)

    # --- occurrences ----------------------------------------------------------------------------

    def occurrences(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Found]]:
        """Occurrences in the text of these passages (ascending), by leaf: those that are part
        of why the passage was found; nothing under a NOT, nothing of a branch that fails."""
        segment = self.snapshot.parts[part].segment
        for leaf, active in self.active_leaves(part, passages):
            if "text" not in self.fields(leaf):
                continue
            chosen = passages[active]
            yield leaf, self.lexicon.find(leaf, segment, _tokens_in(segment, chosen))

    def in_heads(self, leaf: wq.Query, part: int, heads: Array) -> Found:
        """Occurrences of a leaf in these headings and titles (ascending)."""
        segment = self.snapshot.parts[part].segment
        return self.lexicon.find(leaf, segment, _tokens_in(segment, heads + segment.passages))

    def occurring(self, leaf: wq.Query, part: int) -> int:
        """How often a leaf stands in the text of live passages."""
        hits, _ = self.leaves.scores(leaf, part, 1.0)
        return int(hits.text.sum())

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
            return counted(segment.head_of(self.in_heads(node, part, every).starts), segment.heads)[
                0
            ]
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
        yield from self._active(self.tree, part, passages, np.ones(passages.size, bool))

    def _active(
        self, node: wq.Query, part: int, passages: Array, active: Array
    ) -> Iterator[tuple[wq.Query, Array]]:
        if isinstance(node, wq.Not) or is_filter(node) or isinstance(node, wq.Every):
            return
        active = active & member(passages, self._ids(node, part))
        if not active.any():
            return
        if is_positional(node):
            yield node, active
        elif isinstance(node, wq.AndNot):
            yield from self._active(node.a, part, passages, active)
        else:
            for child in children(node):
                yield from self._active(child, part, passages, active)


def _tokens_in(segment: Segment, passages: Array) -> Tokens:
    """Token indices of an element within the given passages (ascending)."""
    firsts = segment.unit_tokens[passages].astype(np.int64)
    lasts = segment.unit_tokens[passages + 1].astype(np.int64)
    whole = int((lasts - firsts).sum())

    def scan(e: Element) -> Array:
        sizes = lasts - firsts
        ends = np.cumsum(sizes)
        indices = np.repeat(firsts - (ends - sizes), sizes) + np.arange(whole)
        found: Array = indices[e.contains(segment.forms_at(indices))]
        return found

    def filtered(e: Element) -> Array:
        found = e.tokens(segment, int(firsts[0]), int(lasts[-1]))
        at = np.searchsorted(firsts, found, "right") - 1
        inside = (at >= 0) & (found < lasts[np.maximum(at, 0)])
        kept: Array = found[inside]
        return kept

    def tokens(e: Element) -> Array:
        if not whole:
            return EMPTY
        return scan(e) if whole < e.frequency(segment) else filtered(e)

    return tokens
