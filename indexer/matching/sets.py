"""Arithmetic on ascending arrays of passage numbers (int64).

Where many of all passages are meant, a bitmap over them is faster than sorting; else the numbers
are sorted. (NumPy's `unique` hashes integers, which is slower than either.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array

EMPTY = np.zeros(0, np.int64)
DENSE = 16  # above one in so many, a bitmap is used


def counted(numbers: Array, size: int) -> tuple[Array, Array]:
    """Distinct numbers below `size`, ascending, and how often each occurs (float64)."""
    if numbers.size * DENSE > size:
        counts = np.bincount(numbers)
        ids = np.flatnonzero(counts)
        return ids, counts[ids].astype(np.float64)
    ordered = np.sort(numbers)
    firsts = np.flatnonzero(_changes(ordered))
    counts = np.diff(firsts, append=ordered.size)
    return ordered[firsts], counts.astype(np.float64)


def summed(numbers: Array, weights: Array, size: int) -> tuple[Array, Array]:
    """Distinct numbers below `size`, ascending, and the sum of the weights of each (float64)."""
    if numbers.size * DENSE > size:
        totals = np.bincount(numbers, weights)
        ids = np.flatnonzero(totals)
        return ids, totals[ids]
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    firsts = np.flatnonzero(_changes(ordered))
    if not firsts.size:
        return EMPTY, np.zeros(0)
    return ordered[firsts], np.add.reduceat(weights[order], firsts)


def union(parts: Sequence[Array], size: int) -> Array:
    """Numbers below `size` that are in any of the parts."""
    some = [p for p in parts if p.size]
    if len(some) < 2:
        return some[0] if some else EMPTY
    if sum(p.size for p in some) * DENSE > size:
        there = np.zeros(size, bool)
        for part in some:
            there[part] = True
        return np.flatnonzero(there)
    ordered = np.sort(np.concatenate(some))
    distinct: Array = ordered[_changes(ordered)]
    return distinct


def _changes(ordered: Array) -> Array:
    """Which of the sorted numbers differ from the one before (bool)."""
    new = np.ones(ordered.size, bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new


def member(ids: Array, among: Array) -> Array:
    """Which of `ids` are in `among` (bool)."""
    if not among.size or not ids.size:
        return np.zeros(ids.size, bool)
    if ids.size * DENSE > among.size:
        there = np.zeros(int(max(ids[-1], among[-1])) + 1, bool)
        there[among] = True
        dense: Array = there[ids]
        return dense
    at = np.minimum(np.searchsorted(among, ids), among.size - 1)
    found: Array = among[at] == ids
    return found


def difference(every: Array, ids: Array) -> Array:
    """Those of `every` that are not in `ids`."""
    kept: Array = every[~member(every, ids)]
    return kept


def spread(onto: Array, ids: Array, values: Array) -> Array:
    """`values` of `ids` at their places in `onto`, which holds all of them; elsewhere 0."""
    if ids.size == onto.size:
        return values
    out = np.zeros(onto.size)
    if ids.size:
        out[places(onto, ids)] = values
    return out


def places(onto: Array, ids: Array) -> Array:
    """Index in `onto` of each of `ids`, all of which it holds."""
    if ids.size == onto.size:
        return np.arange(ids.size)
    if ids.size * DENSE > int(onto[-1]):
        where = np.zeros(int(onto[-1]) + 1, np.int64)
        where[onto] = np.arange(onto.size)
        dense: Array = where[ids]
        return dense
    found: Array = np.searchsorted(onto, ids)
    return found
