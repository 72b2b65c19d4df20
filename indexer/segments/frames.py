"""Frames: which unit a token stands in, for as many tokens as you like, without searching.

In: the first token of each unit. Out: for any tokens the number of their unit. Eight tokens share
a word: the number of the unit in which the first of them stands, times eight, plus eight less the
place at which the next unit begins among them, if one does. To add a token's own place then
carries into the number just when it stands behind that beginning. Frames in which more than one
unit begins are few; their tokens are searched for.
"""

from __future__ import annotations

import numpy as np

from indexer.sorted_arrays import Array

CHUNK = 1 << 15  # tokens at a time: what a processor keeps at hand
_WIDTH = 8  # tokens of a frame
_BITS = np.uint32(3)
_REST = np.uint32(_WIDTH - 1)
_CROWDED = np.uint32((1 << 29) - 1)  # stands for a unit that has to be searched for


class Frames:
    """Units of the tokens below `size`; there may be no more than 2**29 - 1 of either."""

    def __init__(self, starts: Array, size: int) -> None:
        """`starts`: first token of each unit, ascending from 0, no two alike."""
        self._starts = starts.astype(np.uint32)
        frames = size // _WIDTH + 1
        firsts = np.append(-(-starts // _WIDTH), frames)  # first whole frame of each unit
        words = np.repeat(np.arange(starts.size, dtype=np.uint32) << _BITS, np.diff(firsts))
        inner = np.flatnonzero(starts % _WIDTH)  # units that begin within a frame
        homes = starts[inner] // _WIDTH
        words[homes] += (_WIDTH - starts[inner] % _WIDTH).astype(np.uint32)
        crowded = homes[1:][homes[1:] == homes[:-1]]
        words[crowded] = _CROWDED << _BITS
        self._words = words
        self._is_crowded = bool(crowded.size)

    def of(self, tokens: Array) -> Array:
        """The unit of each token (uint32)."""
        if tokens.size <= CHUNK:
            return self._of(tokens)
        found = np.empty(tokens.size, np.uint32)
        for at in range(0, tokens.size, CHUNK):
            found[at : at + CHUNK] = self._of(tokens[at : at + CHUNK])
        return found

    def _of(self, tokens: Array) -> Array:
        tokens = tokens.astype(np.uint32, copy=False)
        units = self._words.take(tokens >> _BITS)
        units += tokens & _REST
        units >>= _BITS
        if self._is_crowded:
            odd = (units == _CROWDED).nonzero()[0]
            if odd.size:
                units[odd] = self._starts.searchsorted(tokens[odd], "right") - 1
        return units
