"""Ranks: how many of some places stand at or before a token, without searching for it.

In: ascending token indices. Out: for any tokens, how many of these are not greater. A bit for each
token and a running count for each 32 of them (Jacobson 1989), both in one word, make that one
gather and a population count, whatever the number of places.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from indexer.sorted_arrays import Array

CHUNK = 1 << 15
_PIECE = 1 << 18  # tokens whose bits are set at a time
_WORD = np.uint32(5)  # binary logarithm of the tokens of one word
_REST = np.uint32(31)
_COUNT = np.uint64(32)  # bit of a word at which the count of what stands before it begins


class Ranks:
    """Ranks among `places` (ascending) of tokens below `size`."""

    def __init__(self, places: Array, size: int) -> None:
        bits = _bits(places, size // 32 + 1)
        self._words = bits.astype(np.uint64)
        before = np.cumsum(np.bitwise_count(bits[:-1]), dtype=np.uint64)
        self._words[1:] |= before << _COUNT

    def upto(self, tokens: Array) -> Array:
        """How many places stand at or before each token (int64)."""
        if tokens.size <= CHUNK:
            return self._upto(tokens)
        found = np.empty(tokens.size, np.int64)
        for at in range(0, tokens.size, CHUNK):  # pieces that stay in the processor's cache
            found[at : at + CHUNK] = self._upto(tokens[at : at + CHUNK])
        return found

    def _upto(self, tokens: Array) -> Array:
        tokens = tokens.astype(np.uint32, copy=False)
        rank = self._words.take(tokens >> _WORD)
        bits = rank.astype(np.uint32)
        bits <<= ~tokens & _REST  # away with what stands behind the token
        rank >>= _COUNT
        rank += np.bitwise_count(bits)
        return rank.view(np.int64)


def _bits(places: Array, words: int) -> Array:
    """32 tokens in each of so many words, the first in its lowest bit: which of them are places."""
    packed = np.empty(-(-words * 32 // _PIECE) * (_PIECE // 8), np.uint8)
    edges = places.searchsorted(np.arange(0, packed.size * 8 + 1, _PIECE))
    among = np.zeros(_PIECE, bool)
    for number, (low, high) in enumerate(pairwise(edges.tolist())):
        mine = places[low:high] - number * _PIECE
        among[mine] = True
        at = number * (_PIECE // 8)
        packed[at : at + _PIECE // 8] = np.packbits(among, bitorder="little")
        among[mine] = False
    return packed.view("<u4")[:words].astype(np.uint32, copy=False)
