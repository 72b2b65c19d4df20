"""The form of each token, two bytes a token: form ids in, packed arrays out.

The 65,535 commonest forms have a code each, in the order of their ids; all other tokens have the
last code and stand in a list. Those are few: what comes after so many forms is rare.

    forms[T] uint16           code of the form of token i
    forms.coded uint32        form id of each code, ascending
    forms.far_tokens uint32   the tokens that have the last code, ascending
    forms.far uint32          the form id of each of them
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from indexer.segments.container import Container
from indexer.segments.sparse import Sparse, pack_sparse
from indexer.sorted_arrays import Array

_FAR = (1 << 16) - 1  # the last code
_CHUNK = 1 << 17  # tokens at a time: what the caches of a processor hold


def pack_forms(forms: Array, counts: Array) -> dict[str, Array]:
    """The arrays above, of the form id of each token and the tokens of each form."""
    coded = np.arange(counts.size)
    if counts.size > _FAR:
        coded = np.sort(np.argsort(-counts, kind="stable")[:_FAR])
    codes = np.full(counts.size, _FAR, np.uint16)
    codes[coded] = np.arange(coded.size)
    packed = taken(codes, forms)
    far = np.flatnonzero(packed == _FAR)
    arrays = {"forms": packed, "forms.coded": coded.astype(np.uint32)}
    return arrays | pack_sparse("forms", far, forms[far].astype(np.uint32))


def taken(table: Array, numbers: Array) -> Array:
    """`table[numbers]`, in pieces that stay in the caches of a processor."""
    found = np.empty(numbers.size, table.dtype)
    for at in range(0, numbers.size, _CHUNK):
        piece = numbers[at : at + _CHUNK]
        table.take(piece, mode="clip", out=found[at : at + _CHUNK])
    return found


class Forms:
    """Reads what `pack_forms` made; blocks are checked when they are first touched."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._codes = container.unchecked("forms")
        self._coded = container["forms.coded"]
        # The last code has a form here too, until those of the list are put in its place.
        self._table = np.append(self._coded, self._coded[:1])
        self._far = Sparse(container, "forms")

    def at(self, tokens: Array) -> Array:
        """Form ids of the tokens at these indices (uint32)."""
        codes = self._codes_at(tokens)
        found = self._table.take(codes, mode="clip")
        if not self._far.empty:
            far = (codes == _FAR).nonzero()[0]
            if far.size:
                found[far] = self._far.of(tokens[far])
        return found

    def within(self, tokens: Array, low: int, high: int) -> Array:
        """Which of the tokens at these indices have a form of [low, high) (bool)."""
        codes = self._codes_at(tokens)
        first, last = self._coded.searchsorted(np.array((low, high), np.uint32)).tolist()
        found: Array = codes - np.uint16(first) < np.uint16(last - first)  # those below wrap
        if not self._far.empty:
            far = (codes == _FAR).nonzero()[0]
            if far.size:
                forms = self._far.of(tokens[far])
                found[far] = (forms >= low) & (forms < high)
        return found

    def between(self, start: int, end: int) -> Array:
        """Form ids of the tokens [start, end) (uint32)."""
        return self.looked_up(start, end, lambda forms: forms)

    def looked_up(self, start: int, end: int, values: Callable[[Array], Array]) -> Array:
        """What `values` gives for the form ids of the tokens [start, end).

        It is asked for each form once, or nearly: for whole texts that is less than for each token.
        """
        self._container.check("forms", start, end)
        found = taken(values(self._table), self._codes[start:end])
        if not self._far.empty:
            tokens, forms = self._far.between(start, end)
            found[tokens - start] = values(forms)
        return found

    def _codes_at(self, tokens: Array) -> Array:
        self._container.check_at("forms", tokens)
        return self._codes.take(tokens)
