"""Positions made: form ids of all tokens in, the token indices of each word out, packed.

A form of a rare stem has a list of its own: its token indices, ascending. The forms of a common
stem share one list, for whoever searches for a word wants them all; the upper half of its indices
is told by how many there are in each 65,536 tokens. Which of them are of one form is told for all
forms but the commonest, by their places in the list.

    positions[R] uint32             token indices of the forms of rare stems, form by form
    positions.edges[2 * C] uint32   first form of each common stem, and one past its last
    positions.low[K] uint16         lower halves of their token indices, stem by stem
    positions.frames uint16/32      C rows: how many each 65,536 tokens have
    positions.main[C] uint32        the commonest form of each
    positions.ranks uint16          places of the other forms of stems below 65,536 tokens
    positions.wide_ranks uint32     places of the other forms of all other common stems
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.segments.codes import taken
from indexer.segments.container import DamagedError
from indexer.sorted_arrays import Array, expanded

BITS = 16
FRAME = 1 << BITS  # tokens that share the upper half of their indices
COMMON = 512  # tokens up to which a stem is rare
WIDE = 1 << 16  # tokens of a stem from which on a place among them needs more than 16 bits
_THREADS = 2  # NumPy lets go of the interpreter while it sorts


def pack_positions(forms: Array, form_first: Array, stem_forms: Array) -> dict[str, Array]:
    """The arrays above.

    `forms`: form id of each token. `form_first[f]`: tokens of the forms before f. `stem_forms[s]`:
    first form of stem s. Both of these have one item more at their ends.
    """
    sizes = np.diff(form_first[stem_forms])
    # A stem with fewer tokens than there are frames would take more room so. Of those with more
    # there are fewer than 65,536, so that a code for each and one for the rest have 16 bits.
    common = np.flatnonzero(sizes > max(COMMON, -(-forms.size // FRAME)))
    sizes = sizes[common]
    edges = np.stack((stem_forms[common], stem_forms[common + 1]), axis=1).astype(np.int64)
    main = _commonest(edges, np.diff(form_first))
    listed = _Sorter(forms, edges, sizes, main).run()
    of_wide = np.zeros(form_first.size, bool)  # for each form
    of_wide[_all_of(edges[sizes >= WIDE])] = True
    is_wide = of_wide[listed.ranks >> np.uint64(32)]
    ranks = listed.ranks.astype(np.uint32)
    full = listed.counts.size and int(listed.counts.max()) == FRAME
    return {
        "positions": _grouped(forms[listed.rare], listed.rare),
        "positions.edges": edges.ravel().astype(np.uint32),
        "positions.low": listed.low,
        "positions.frames": listed.counts.ravel().astype(np.uint32 if full else np.uint16),
        "positions.main": main.astype(np.uint32),
        "positions.ranks": ranks[~is_wide].astype(np.uint16),
        "positions.wide_ranks": ranks[is_wide],
    }


def _all_of(edges: Array) -> Array:
    """The numbers of ranges, a row each: the first, and one past the last."""
    return expanded(edges[:, 0], edges[:, 1] - edges[:, 0])


def _commonest(edges: Array, counts: Array) -> Array:
    """The commonest form of each range of forms; of equals, the first."""
    forms = _all_of(edges)
    sizes = edges[:, 1] - edges[:, 0]
    order = np.lexsort((forms, -counts[forms], np.repeat(np.arange(len(edges)), sizes)))
    main: Array = forms[order][np.cumsum(sizes) - sizes]
    return main


def _grouped(forms: Array, values: Array) -> Array:
    """Values (uint32) that ascend within each form, grouped by form, given the form of each.

    Sorting (form, value) as one 64-bit key is faster than an argsort: it needs no second array,
    and NumPy sorts plain integers with vector instructions.
    """
    return _sorted_keys(forms, values).astype(np.uint32)


def _sorted_keys(forms: Array, values: Array) -> Array:
    keys = forms.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= values
    keys.sort()
    return keys


def indices(low: Array, counts: Array) -> Array:
    """Numbers of lists, of their lower halves and a row of counts each (uint32).

    Raises `DamagedError` if there are not as many as the counts say.
    """
    lists, frames = counts.shape
    upper = np.arange(frames, dtype=np.uint32) << np.uint32(BITS)
    found = np.repeat(upper if lists == 1 else np.tile(upper, lists), counts.ravel())
    if found.size != low.size:
        raise DamagedError(f"{low.size} numbers in lists of {found.size}")
    found |= low
    return found


@dataclass(frozen=True)
class _Listed:
    """What `_Sorter` makes."""

    low: Array  # lower halves of the tokens of common stems, stem by stem
    counts: Array  # a row a stem: how many of them each frame has
    rare: Array  # tokens of all other stems, ascending (uint32)
    ranks: Array  # form << 32 | place in its stem's list, of what is not of a main form, ascending


class _Sorter:
    """A counting sort, frame by frame: what is sorted stays in the caches of a processor."""

    def __init__(self, forms: Array, edges: Array, sizes: Array, main: Array) -> None:
        self._forms, self._rest = forms, len(edges)
        count = max(int(forms.max(initial=0)) + 1, int(edges.max(initial=0)))
        codes = np.full(count, self._rest, np.uint16)
        codes[_all_of(edges)] = np.repeat(np.arange(self._rest), edges[:, 1] - edges[:, 0])
        self._codes = taken(codes, forms)
        self._is_main = np.zeros(count, bool)
        self._is_main[main] = True
        frames = (self._codes[at : at + FRAME] for at in range(0, forms.size, FRAME))
        rows = [np.bincount(frame, minlength=self._rest + 1) for frame in frames]
        self._counts = np.array(rows, np.int64).reshape(-1, self._rest + 1)[:, :-1]
        self._firsts = np.cumsum(sizes) - sizes  # where the list of each stem begins
        self._low = np.empty(int(sizes.sum()), np.uint16)

    def run(self) -> _Listed:
        """Sorts all frames."""
        # Where the tokens of each stem begin that each frame has, in the list of the stem.
        before = np.cumsum(self._counts, axis=0) - self._counts
        bounds = np.linspace(0, len(before), _THREADS + 1).astype(int).tolist()
        with ThreadPoolExecutor(_THREADS) as threads:
            shares = [range(a, b) for a, b in pairwise(bounds)]
            parts = list(threads.map(lambda share: self._place(share, before), shares))
        rare, forms, ranks = (
            np.concatenate([piece for part in parts for piece in part[n]] or [self._codes[:0]])
            for n in range(3)
        )
        counts = np.ascontiguousarray(self._counts.T)
        return _Listed(self._low, counts, rare.astype(np.uint32), _sorted_keys(forms, ranks))

    def _place(self, frames: Sequence[int], before: Array) -> tuple[list[Array], ...]:
        """Puts the tokens of these frames where they belong; the rare ones, and forms and ranks
        of those that are not of main forms."""
        rare, forms, ranks = [], [], []
        for frame in frames:
            base = frame << BITS
            keys = self._codes[base : base + FRAME].astype(np.uint32) << np.uint32(BITS)
            keys |= np.arange(keys.size, dtype=np.uint32)
            keys.sort()
            low = keys.astype(np.uint16)
            counts = self._counts[frame]
            total = int(counts.sum())
            rare.append(low[total:] + np.uint32(base))
            low = low[:total]
            shifts = before[frame] - (np.cumsum(counts) - counts)
            places = np.arange(total) + np.repeat(shifts, counts)
            self._low[places + np.repeat(self._firsts, counts)] = low
            of_each = self._forms[base : base + FRAME][low]
            other = np.flatnonzero(~self._is_main[of_each])
            forms.append(of_each[other])
            ranks.append(places[other].astype(np.uint32))
        return rare, forms, ranks
