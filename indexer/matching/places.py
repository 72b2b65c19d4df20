"""Places: how many of some tokens stand before others, for as many others as you like.

In: ascending token indices. Out: counts. To look up a few they are searched; for many, ranks are
made, which take five times less for each.
"""

from __future__ import annotations

from indexer.arrays import Array
from indexer.arrays.ranks import Ranks

RANKED = 4  # times as many look-ups as there are places make ranks worth while
SPREAD = 64  # and as one in so many tokens of the segment


class Places:
    """Token indices below `size`, ascending (int64)."""

    def __init__(self, tokens: Array, size: int) -> None:
        self.tokens = tokens
        self._size = size
        self._ranks: Ranks | None = None
        self._is_rankable = bool((tokens[1:] > tokens[:-1]).all())  # a rank counts each once

    def below(self, others: Array) -> Array:
        """How many stand before each of these tokens (0 to `size`)."""
        ranks = self._ranked(others.size)
        return self.tokens.searchsorted(others) if ranks is None else ranks.upto(others)

    def upto(self, others: Array) -> Array:
        """How many stand at or before each of these tokens (-1 to `size`)."""
        ranks = self._ranked(others.size)
        if ranks is None:
            return self.tokens.searchsorted(others, "right")
        return ranks.upto(others + 1)

    def _ranked(self, others: int) -> Ranks | None:
        """Ranks of the places moved by one, that none be sought before the first."""
        enough = others * RANKED > self.tokens.size + self._size // SPREAD
        if self._ranks is None and self._is_rankable and enough:
            self._ranks = Ranks(self.tokens + 1, self._size + 2)
        return self._ranks
