"""Headings and titles that satisfy a query by their own words, and what occurs in them.

In: a query tree. Out: numbers of heads of one part (int64, ascending), and occurrences in these.
They are no passages and in no total; whoever counts occurrences tells of them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from whoosh import query as wq

from indexer.search.occurrences import Pool
from indexer.search.patterns import Lexicon
from indexer.search.positions import Scope, Units
from indexer.search.spans import Found
from indexer.search.trees import children, is_filter, is_positional
from indexer.segments.snapshot import Part
from indexer.sorted_arrays import Array, counted, difference, member, union


class Heads:
    """The live headings and titles of one part."""

    def __init__(self, lexicon: Lexicon, part: Part) -> None:
        self._lexicon, self._segment = lexicon, part.segment
        every = np.arange(part.segment.heads)
        self._every = every if part.live_heads is None else every[part.live_heads]
        self._scope = self._units(self._every)

    def _units(self, heads: Array) -> Scope:
        return Units(self._segment, heads + self._segment.passages)

    def satisfying(self, node: wq.Query) -> Array:
        """Those that satisfy a node by their own words."""
        if is_filter(node) or isinstance(node, wq.Every):
            return self._every
        if is_positional(node):
            return self._with([node])
        if isinstance(node, wq.Not):
            return difference(self._every, self.satisfying(node.query))
        if isinstance(node, (wq.And, wq.Require)):
            heads = self._every
            for child in children(node):
                if not heads.size:
                    break
                heads = heads[member(heads, self.satisfying(child))]
            return heads
        if isinstance(node, wq.AndNot):
            return difference(self.satisfying(node.a), self.satisfying(node.b))
        if isinstance(node, wq.AndMaybe):
            return self.satisfying(node.a)
        leaves: list[wq.Query] = []
        others: list[Array] = []
        for child in children(node):
            if is_positional(child) and not is_filter(child):
                leaves.append(child)
            else:
                others.append(self.satisfying(child))
        return union([self._with(leaves), *others], self._segment.heads)

    def _with(self, leaves: Sequence[wq.Query]) -> Array:
        """Those in which one of these leaves stands."""
        return counted(self._segment.head_of(self._find(leaves, self._scope).starts))[0]

    def find(self, leaves: Sequence[wq.Query], heads: Array) -> Found:
        """Occurrences of all these leaves in these heads (ascending), each span once."""
        return self._find(leaves, self._units(heads))

    def _find(self, leaves: Sequence[wq.Query], scope: Scope) -> Found:
        pool = Pool(self._lexicon, self._segment)
        everywhere = np.ones(1, bool)
        for leaf in leaves:
            pool.add(leaf, everywhere)
        return pool.find(lambda _: scope)
