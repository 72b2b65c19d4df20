"""Evaluation of a query tree over a snapshot: passages with scores, and what matched in them.

In: a Whoosh query tree. Out: for each part of the snapshot the passages that match (ascending),
their scores, and on demand the occurrences and marks of the leaves that made them match. Works on
whole arrays; nothing is capped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from whoosh import query as wq

from indexer.model import KINDS
from indexer.search.boolean import Scored, all_of, any_of, everywhere, in_any, where_held
from indexer.search.heads import Heads
from indexer.search.leaves import DEFAULTS, TEXT, Held, Leaves, Parameters
from indexer.search.occurrences import Pool
from indexer.search.patterns import Lexicon
from indexer.search.positions import Scope, Units
from indexer.search.spans import Found
from indexer.search.trees import (
    asks_for_boilerplate,
    children,
    is_filter,
    is_positional,
    text_leaves,
)
from indexer.sorted_arrays import EMPTY, Array, difference, member

FEW = 8  # parts of an And that are not worth being put in order first

Active = Sequence[tuple[wq.Query, Array]]  # leaves, and in which of some passages each counts


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
            return everywhere(self._filter(node, part))
        if is_positional(node):
            return self._leaf(node, part, boost)
        if isinstance(node, wq.And):
            return self._and(node.subqueries, part, boost)
        if isinstance(node, (wq.Or, wq.DisjunctionMax)):
            children = [self._node(q, part, boost) for q in node.subqueries]
            return any_of(children, self._size(part), node)
        if isinstance(node, wq.Not):
            inside = self._node(node.query, part, boost)
            return everywhere(difference(self._every(part), inside.ids))
        if isinstance(node, wq.AndNot):
            found = self._node(node.a, part, boost)
            return found.kept(~self._node(node.b, part, boost).has(found.ids))
        if isinstance(node, wq.AndMaybe):
            required, optional = (self._node(q, part, boost) for q in (node.a, node.b))
            ids = required.ids
            text = ids.compress(in_any(ids, (required.text, optional.text)))

            def both(ids: Array) -> Array:
                return required.score(ids) + where_held(optional, ids)

            return Scored((ids,), text, required.alone, both)
        if isinstance(node, wq.Require):
            found, needed = (self._node(q, part, boost) for q in (node.a, node.b))
            return replace(all_of([found, needed]), score=found.score)
        if isinstance(node, wq.ConstantScoreQuery):
            constant = boost * float(node.score)
            found = self._node(node.child, part, boost)
            return replace(found, score=lambda ids: np.full(ids.size, constant))
        if isinstance(node, wq.Every):
            return everywhere(self._every(part), boost)
        return everywhere(EMPTY)

    def _and(self, nodes: Sequence[wq.Query], part: int, boost: float) -> Scored:
        """All of these nodes; of many the rarest words first, and no more once nothing is left."""
        if len(nodes) <= FEW:
            return all_of([self._node(q, part, boost) for q in nodes])
        segment = self.snapshot.parts[part].segment
        most = [self.lexicon.most(q, segment) if _is_text(q) else segment.tokens for q in nodes]
        found: dict[int, Scored] = {}
        ids: Array | None = None
        for number in sorted(range(len(nodes)), key=most.__getitem__):
            child = found[number] = self._node(nodes[number], part, boost)
            ids = child.ids if ids is None else ids.compress(child.has(ids))
            if not ids.size:
                return everywhere(EMPTY)
        return all_of([found[number] for number in range(len(nodes))], ids)

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

    def occurrences(
        self, part: int, passages: Array, leaves: Active | None = None
    ) -> Iterator[tuple[wq.Query, Found]]:
        """Occurrences in the text of these passages (ascending), by leaf: those that are part
        of why the passage was found; nothing under a NOT, nothing of a branch that fails.

        `leaves`: the active ones, if they are known.
        """
        segment = self.snapshot.parts[part].segment
        every = Units(segment, passages)
        for leaf, active in self.active_leaves(part, passages) if leaves is None else leaves:
            if "text" in self.fields(leaf):
                scope = every if active.all() else Units(segment, passages[active])
                yield leaf, self.lexicon.find(leaf, segment, scope)

    def words(self, part: int, passages: Array, leaves: Active) -> tuple[Array, Array] | None:
        """The same at once, if all the leaves are words that count in all of these passages:
        tokens, ascending, and the reason code of each. None if one is not."""
        segment = self.snapshot.parts[part].segment
        words = []
        for leaf, active in leaves:
            if "text" in self.fields(leaf):
                word = self.lexicon.one_word(leaf, segment)
                if word is None or not active.all():
                    return None
                words.append(word)
        return Units(segment, passages).reasons(words)

    def united(self, part: int, passages: Array) -> Found:
        """The same of all leaves together, in order, each span once."""
        return self._pool(part, passages).find(self._scopes(part, passages))

    def numbers(self, part: int, passages: Array) -> Array:
        """How many occurrences `united` has in each of these passages (int64)."""

        def held(leaf: wq.Query) -> Held:
            return self.leaves.hits(leaf, part).text

        pool, scopes = self._pool(part, passages), self._scopes(part, passages)
        return pool.numbers(passages, scopes, held)

    def _pool(self, part: int, passages: Array) -> Pool:
        """The leaves that count in the text of these passages."""
        pool = Pool(self.lexicon, self.snapshot.parts[part].segment)
        for leaf, here in self.active_leaves(part, passages):
            if "text" in self.fields(leaf):
                pool.add(leaf, here)
        return pool

    def _scopes(self, part: int, passages: Array) -> Callable[[Array], Scope]:
        """What makes scopes of some of these passages (bool), of all of them but once."""
        segment = self.snapshot.parts[part].segment
        every = Units(segment, passages)
        return lambda active: every if active.all() else Units(segment, passages[active])

    def leaves_in_heads(
        self, part: int, passages: Array, leaves: Active
    ) -> Iterator[tuple[wq.Query, Array]]:
        """Of the active leaves those that stand above some of these passages, with which (bool)."""
        for leaf, active in leaves:
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

    def united_in_heads(self, part: int, heads: Array) -> Found:
        """Occurrences of all positive leaves there, in order, each span once."""
        return self._heads(part).find(self.text_leaves(), heads)

    def satisfying_heads(self, part: int) -> Array:
        """Live headings and titles that satisfy the query by their own words (ascending)."""
        return self._heads(part).satisfying(self.tree)

    def _heads(self, part: int) -> Heads:
        return Heads(self.lexicon, self.snapshot.parts[part])

    def occurring(self, leaf: wq.Query, part: int) -> int:
        """How often a leaf stands in the text of live passages."""
        return int(self.leaves.hits(leaf, part).text.counts.sum())

    def occurs(self, leaf: wq.Query, part: int) -> bool:
        """Whether a leaf stands in the text of live passages."""
        holder = self.snapshot.parts[part]
        segment = holder.segment
        if not self.lexicon.most(leaf, segment):
            return False
        if not holder.dead and isinstance(leaf, wq.Term):
            # There is no room for so many outside of the texts that are searched.
            aside = segment.tokens - segment.content_end
            spellings = self.lexicon.pattern(leaf).spellings
            single = (spelling[0] for spelling in spellings if len(spelling) == 1)
            if any(self.lexicon.element(p, segment).frequency(segment) > aside for p in single):
                return True
        return bool(self.leaves.hits(leaf, part).text.ids.size)

    def text_leaves(self) -> list[wq.Query]:
        """Positive leaves that test the text."""
        return list(text_leaves(self.tree))

    def notes(self) -> list[str]:
        """What was bounded while words were looked up."""
        return self.lexicon.notes()

    def active_leaves(self, part: int, passages: Array) -> Active:
        """Positive leaves, and in which of these passages they count (bool).

        A leaf may be said to count in passages that do not hold it: there it has no occurrence.
        """
        every = self._satisfy(self.tree, part, passages)
        return list(self._active(self.tree, part, passages, every))

    def _active(
        self, node: wq.Query, part: int, passages: Array, active: Array
    ) -> Iterator[tuple[wq.Query, Array]]:
        """`active_leaves` below a node that the active passages satisfy."""
        if isinstance(node, wq.Not) or is_filter(node) or isinstance(node, wq.Every):
            return
        if not active.any():
            return
        if is_positional(node):
            yield node, active
            return
        below = (node.a,) if isinstance(node, wq.AndNot) else children(node)
        for child in below:
            sure = isinstance(node, _ALL) or (isinstance(node, wq.AndMaybe) and child is node.a)
            sure = sure or is_positional(child)
            here = active if sure else active & self._satisfy(child, part, passages)
            yield from self._active(child, part, passages, here)


# What satisfies such a node satisfies all of its parts, but for what an AndNot forbids.
_ALL = (wq.And, wq.Require, wq.AndNot, wq.ConstantScoreQuery)


def _is_text(node: wq.Query) -> bool:
    """Whether a node is a leaf that is looked for among the words."""
    return is_positional(node) and not is_filter(node)
