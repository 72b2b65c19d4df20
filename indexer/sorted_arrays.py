"""Operations on ascending arrays of passage numbers (int64).

In: arrays that ascend, unless it is said otherwise. Out: arrays that ascend; or a number or truth
value for each given number. Refuses nothing.

If the numbers are a large share of all, a bitmap or table is faster than searching; otherwise they
are searched or sorted. (NumPy's `unique` hashes integers, which is slower than either, and its
`flatnonzero` is eight times as fast on booleans as on integers.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
EMPTY = np.zeros(0, np.int64)
MERGED = 8  # below one in this many of all numbers, ascending lists are merged
DENSE = 16  # above one in this many, a bitmap is used
SPARSE = 256  # below one in this many of all possible numbers, no bitmap (table: byte) is used
STRETCH = 128  # values per stretch, of which only the maximum is compared
# Searching 120,000 tokens among 220,000 passages takes 2.6 ms, with a table 0.4: most of a count.
_SEARCHED = 64  # for fewer numbers, searching is faster than making a table


def keep_freed_memory() -> None:
    """Makes the process keep memory that arrays free, for the next ones.

    The allocator of glibc maps and unmaps large blocks each time, until a block as large has been
    freed. Without this call, a third of an OR of common words goes to page faults.
    """
    np.empty((32 << 20) - 4096, np.uint8)  # freed at once; never touched, so no memory is used


def least_of_best(values: Array, rank: int) -> Any:
    """A lower bound of the value with this rank (1: the largest); 0 if there are fewer values.

    That many stretches have a maximum at least as high. (Looking only at these takes a sixth of the
    time of a partition: a quarter of the whole, for the top ten of a common word.)
    """
    if values.size < rank:
        return 0
    if values.size > STRETCH * rank:
        values = np.maximum.reduceat(values, np.arange(0, values.size, STRETCH))
    return np.partition(values, values.size - rank)[values.size - rank]


def counted(ordered: Array) -> tuple[Array, Array]:
    """Distinct numbers of an ascending array, and the count of each (both int64)."""
    firsts = changes(ordered).nonzero()[0]
    counts = np.empty(firsts.size, np.int64)
    if firsts.size:
        np.subtract(firsts[1:], firsts[:-1], out=counts[:-1])
        counts[-1] = ordered.size - firsts[-1]
    return ordered[firsts].astype(np.int64, copy=False), counts


def changes(*columns: Array) -> Array:
    """Which rows of sorted columns differ from the row before (bool)."""
    new = np.ones(columns[0].size, bool)
    np.not_equal(columns[0][1:], columns[0][:-1], out=new[1:])
    for column in columns[1:]:
        new[1:] |= column[1:] != column[:-1]
    return new


def distinct(numbers: Array) -> Array:
    """Distinct numbers, ascending. Like `np.unique`, which first imports all of `numpy.ma`."""
    ordered = np.sort(numbers)
    return ordered[changes(ordered)]


def tallied(numbers: Array) -> tuple[Array, Array]:
    """Distinct numbers (small, in any order), ascending, and the count of each."""
    counts = np.bincount(numbers)
    present = (counts > 0).nonzero()[0]
    return present, counts[present]


def compacted(numbers: Array, size: int) -> tuple[Array, Array]:
    """Distinct numbers below `size`, ascending; for each given number its index there (uint32).

    The numbers may be in any order.
    """
    there = np.bincount(numbers, minlength=size) > 0
    places = np.cumsum(there, dtype=np.uint32) - np.uint32(1)
    return there.nonzero()[0], places.take(numbers)


def summed(numbers: Array, weights: Array, size: int) -> tuple[Array, Array]:
    """Distinct numbers below `size`, ascending, and for each the sum of its weights."""
    if (numbers[1:] > numbers[:-1]).all():  # titles: no passage has two
        return numbers, weights
    if numbers.size * DENSE > size:
        totals = np.bincount(numbers, weights)
        ids = (totals > 0).nonzero()[0]
        return ids, totals[ids]
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    firsts = changes(ordered).nonzero()[0]
    if not firsts.size:
        return EMPTY, np.zeros(0)
    return ordered[firsts], np.add.reduceat(weights[order], firsts)


def merged(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    """Union of two ascending lists of distinct numbers, each with counts, which are summed. Time:
    copying the longer list, and searching it for each number of the shorter."""
    (ids, counts), (few, often) = sorted((one, other), key=lambda each: -each[0].size)
    at = ids.searchsorted(few)
    both = ids.take(at, mode="clip") == few
    counts = counts.astype(np.uint32)
    counts[at[both]] += often[both].astype(np.uint32)
    new = ~both
    return np.insert(ids, at[new], few[new]), np.insert(counts, at[new], often[new])


def ascending(numbers: Array, size: int) -> Array:
    """Numbers below `size`, ascending; duplicates are dropped only if a bitmap is used."""
    if numbers.size * MERGED < size:
        return np.sort(numbers, kind="stable")  # merges the ascending runs they come in
    there = np.zeros(size, bool)
    there[numbers] = True
    return there.nonzero()[0]


def interleaved(runs: Sequence[Array], size: int) -> Array:
    """All numbers (below `size`) of several ascending runs without numbers in common, ascending."""
    some = [run for run in runs if run.size]
    if len(some) < 2:
        return some[0] if some else EMPTY
    return ascending(np.concatenate(some), size)


def union(parts: Sequence[Array], size: int) -> Array:
    """Numbers below `size` that are in any of the parts, ascending."""
    some = list({id(p): p for p in parts if p.size}.values())
    if len(some) < 2:
        return some[0] if some else EMPTY
    ordered = ascending(np.concatenate(some), size)
    return ordered if ordered.size * MERGED > size else ordered[changes(ordered)]


def member(ids: Array, among: Array) -> Array:
    """Which of `ids` are in `among` (bool)."""
    if ids is among:
        return np.ones(ids.size, bool)
    if not among.size or not ids.size:
        return np.zeros(ids.size, bool)
    top = int(max(ids[-1], among[-1]))
    if ids.size * DENSE > among.size and (ids.size + among.size) * SPARSE > top:
        there = np.zeros(top + 1, bool)
        there[among] = True
        dense: Array = there[ids]
        return dense
    found: Array = among.take(among.searchsorted(ids), mode="clip") == ids
    return found


def isin(numbers: Array, ids: Array) -> Array:
    """Which numbers, in any order, are among `ids` (ascending); bool. Like `np.isin`."""
    if not ids.size:
        return np.zeros(numbers.size, bool)
    found: Array = ids.take(ids.searchsorted(numbers), mode="clip") == numbers
    return found


def difference(every: Array, ids: Array) -> Array:
    """The numbers of `every` that are not in `ids`."""
    kept: Array = every[~member(every, ids)]
    return kept


def values_at(wanted: Array, ids: Array, values: Array) -> Array:
    """The `values`, one per number of `ids`, of the `wanted` numbers; 0 (False) if not in `ids`."""
    if wanted is ids:
        return values
    if not ids.size or not wanted.size:
        return np.zeros(wanted.size, values.dtype)
    top = int(max(ids[-1], wanted[-1]))
    few, many = sorted((ids.size, wanted.size))
    if few * DENSE > many and (few + many) * SPARSE > top * values.itemsize:
        table = np.zeros(top + 1, values.dtype)
        table[ids] = values
        dense: Array = table[wanted]
        return dense
    out = np.zeros(wanted.size, values.dtype)
    if ids.size < wanted.size:
        at, there = intersect(ids, wanted)
        out[at] = values[there]
    else:
        at, there = intersect(wanted, ids)
        out[there] = values[at]
    return out


def intersect(ids: Array, among: Array) -> tuple[Array, Array]:
    """Indices in `among`, and in `ids`, of the numbers that are in both."""
    at = among.searchsorted(ids)
    there = (among.take(at, mode="clip") == ids).nonzero()[0]
    return at[there], there


def expanded(firsts: Array, sizes: Array) -> Array:
    """All numbers of the ranges [firsts[i], firsts[i] + sizes[i]), one range after the other (all
    int64; there may be no ranges)."""
    ends = sizes.cumsum()
    found: Array = np.repeat(firsts - (ends - sizes), sizes)
    found += np.arange(found.size)
    return found


class Intervals:
    """Intervals [edges[i], edges[i + 1]) of whole numbers, some perhaps empty. Finds the interval
    that holds a number: by a table with every 2^n-th number, then mostly a step or two further."""

    def __init__(self, edges: Array) -> None:
        """`edges` (uint32): start of each interval, ascending from 0; last the end of the last."""
        self.edges = edges
        average = int(edges[-1]) // max(edges.size - 1, 1)
        self._bits = (average // 4 or 1).bit_length() - 1
        self._table: Array | None = None

    def table(self) -> Array:
        """The interval of every 2^n-th number (int32), computed once."""
        if self._table is None:
            firsts = -(-self.edges.astype(np.int64) >> self._bits)
            self._table = np.repeat(np.arange(self.edges.size - 1, dtype=np.int32), np.diff(firsts))
        return self._table

    def of(self, numbers: Array) -> Array:
        """The interval of each number, all of which are below the last edge (int64)."""
        edges = self.edges
        numbers = numbers.astype(np.uint32, copy=False)
        if numbers.size < _SEARCHED:
            return edges.searchsorted(numbers, "right") - 1
        found = self.table().take(numbers >> np.uint32(self._bits)).astype(np.int64)
        ends = edges[1:]
        later = (ends.take(found) <= numbers).nonzero()[0]
        found[later] += 1
        later = later.compress(ends.take(found[later]) <= numbers[later])
        if later.size:
            found[later] = edges.searchsorted(numbers[later], "right") - 1
        return found
