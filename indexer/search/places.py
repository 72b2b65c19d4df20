"""Places: how many of some tokens stand before others, for as many others as you like.

In: ascending token indices. Out: counts. To look up a few they are searched; for many, ranks are
made, which take five times less for each.
"""

from __future__ import annotations

import numpy as np

from indexer.segments.ranks import Ranks
from indexer.sorted_arrays import Array, changes

RANKED = 4  # times as many look-ups as there are places make ranks worth while
SPREAD = 64  # and as one in so many tokens of the segment


class Places:
    """Token indices below `size`, ascending (int64); one may be there several times."""

    def __init__(self, tokens: Array, size: int) -> None:
        self.tokens = tokens
        self._size = size
        self._ranks: Ranks | None = None
        self._edges: Array | None = None  # where each distinct token begins; None: all are distinct

    def below(self, others: Array) -> Array:
        """How many stand before each of these tokens (0 to `size`; int64)."""
        ranks = self._ranked(others.size)
        if ranks is None:
            return self.tokens.searchsorted(others)
        return self._counted(ranks.upto(others))

    def upto(self, others: Array) -> Array:
        """How many stand at or before each of these tokens (-1 to `size`; int64)."""
        ranks = self._ranked(others.size)
        if ranks is None:
            return self.tokens.searchsorted(others, "right")
        return self._counted(ranks.upto(others + 1))

    def _ranked(self, others: int) -> Ranks | None:
        """Ranks of the places moved by one, that none be sought before the first."""
        if self._ranks is None and others * RANKED > self.tokens.size + self._size // SPREAD:
            distinct, new = self.tokens, changes(self.tokens)
            if not new.all():
                firsts = new.nonzero()[0]
                distinct = distinct[firsts]
                self._edges = np.append(firsts, self.tokens.size)
            self._ranks = Ranks(distinct + 1, self._size + 2)
        return self._ranks

    def _counted(self, ranks: Array) -> Array:
        return ranks if self._edges is None else self._edges[ranks]
