"""Where tokens begin, one byte a token: places in the text of a segment in, packed arrays out.

A place counts code points from the beginning of the first unit's text; all texts follow each other
without a gap, so that places ascend from token to token. Tokens are taken sixteen at a time.

    starts[T] uint8                place of token i, less that of the first of its sixteen; or 255
    starts.base[T / 16] uint32/64  place of the first of each sixteen
    starts.far_tokens uint32       the tokens that have 255: those 255 or more behind the first
    starts.far uint32/64           the place of each of them

Places that do not ascend are not refused; they come back wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from indexer.segments.container import Container
from indexer.segments.sparse import Sparse, pack_sparse
from indexer.sorted_arrays import Array

_BITS = 4  # binary logarithm of the tokens that share a base
_FAR = 255


def pack_starts(pieces: Iterable[Array], tokens: int, end: int) -> dict[str, Array]:
    """The arrays above, of the places of `tokens` tokens, piece by piece; all come before `end`."""
    dtype = np.uint32 if end < 1 << 32 else np.uint64
    distances = np.empty(tokens, np.uint8)
    base = np.empty(-(-tokens >> _BITS), dtype)
    far, values = [np.zeros(0, np.int64)], [np.zeros(0, dtype)]
    at = 0
    for places in pieces:
        after = at + places.size
        first, next_first = -(-at >> _BITS), -(-after >> _BITS)  # of the bases in this piece
        base[first:next_first] = places[(first << _BITS) - at :: 1 << _BITS]
        own = np.repeat(base[at >> _BITS : next_first], 1 << _BITS)
        apart = places - own[at % (1 << _BITS) :][: places.size]
        much = np.flatnonzero(apart >= _FAR)
        far.append(much + at)
        values.append(places[much].astype(dtype))
        apart[much] = _FAR
        distances[at:after] = apart
        at = after
    arrays = {"starts": distances, "starts.base": base}
    return arrays | pack_sparse("starts", np.concatenate(far), np.concatenate(values))


class Offsets:
    """Reads what `pack_starts` made; blocks are checked when they are first touched."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._distances = container.unchecked("starts")
        self._base = container.unchecked("starts.base")
        self._far = Sparse(container, "starts")

    def of(self, tokens: Array) -> Array:
        """The place of each token, in code points of the segment's texts (int64)."""
        frames = tokens >> _BITS
        self._container.check_at("starts", tokens)
        self._container.check_at("starts.base", frames)
        distances = self._distances.take(tokens)
        places: Array = self._base.take(frames).astype(np.int64)
        places += distances
        far = (distances == _FAR).nonzero()[0]
        if far.size:
            places[far] = self._far.of(tokens[far])
        return places
