"""Shingles: each unit's set of runs of k words, and how much two sets share.

In: words as numbers, where units begin and how long they are. Out: `Sets`, in which every set lists
its rarest shingles first, and the Jaccard overlap of any two: |A ∩ B| / |A ∪ B| (Broder 1997, On
the resemblance and containment of documents). Each shingle counts once in a set, however often it
stands there. Nothing is hashed where it decides: overlaps are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.sorted_arrays import Array, expanded

_SPARSE = 6  # bits of a sketch for each shingle of a set of mean size
_MOST_STRIPES = 32  # 64-bit words of a sketch
_CELLS = 1 << 22  # shingles looked up in one go
SLACK = 1e-9  # an overlap of 1/3 must reach a threshold of 1/3


@dataclass(frozen=True)
class Sets:
    """Sets of shingles, one after another; a shingle's number ascends with how common it is."""

    ids: Array  # int64, ascending within each set
    first: Array  # int64, where each set begins in `ids`, and where the last one ends

    @cached_property
    def sizes(self) -> Array:
        """Shingles of each set (int64)."""
        return np.diff(self.first)

    @cached_property
    def owners(self) -> Array:
        """Number of the set that each shingle of `ids` is of (int64)."""
        return np.repeat(np.arange(self.sizes.size), self.sizes)

    @cached_property
    def _keys(self) -> Array:
        return self.owners << 32 | self.ids

    @cached_property
    def _sketches(self) -> list[Array]:
        """A bitmap of each set: a bit for each shingle, at a place that its number gives."""
        wanted = self.ids.size * _SPARSE // max(self.sizes.size * 64, 1)
        count = min(max(wanted, 2), _MOST_STRIPES)
        spread = (self.ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
        bits = np.left_shift(np.uint64(1), spread & np.uint64(63))
        home = (spread >> np.uint64(6)) % np.uint64(count)
        return [
            np.bitwise_or.reduceat(np.where(home == stripe, bits, np.uint64(0)), self.first[:-1])
            for stripe in range(count)
        ]

    def shared(self, a: Array, b: Array) -> Array:
        """|A ∩ B| of each pair of sets (int64)."""
        smaller, larger = np.where(self.sizes[a] <= self.sizes[b], (a, b), (b, a))
        room = np.cumsum(self.sizes[smaller]) // _CELLS
        cuts = np.flatnonzero(np.diff(room)) + 1
        pieces = zip(np.split(smaller, cuts), np.split(larger, cuts), strict=True)
        counts: Array = np.concatenate([self._shared(*piece) for piece in pieces])
        return counts

    def _shared(self, smaller: Array, larger: Array) -> Array:
        counts = self.sizes[smaller]
        ends = np.cumsum(counts)
        rows = expanded(self.first[smaller], counts)
        wanted = np.repeat(larger, counts) << 32 | self.ids[rows]
        places = np.minimum(np.searchsorted(self._keys, wanted), self._keys.size - 1)
        found = np.concatenate(([0], np.cumsum(self._keys[places] == wanted)))
        shared: Array = found[ends] - found[ends - counts]
        return shared

    def overlap(self, a: Array, b: Array) -> Array:
        """Jaccard overlap of each pair of sets (float64)."""
        shared = self.shared(a, b)
        overlap: Array = shared / (self.sizes[a] + self.sizes[b] - shared)
        return overlap

    def may_overlap(self, a: Array, b: Array, threshold: float) -> Array:
        """Which pairs may reach the threshold, by their bitmaps alone (bool); never too few.

        Bits in which two bitmaps differ are shingles that the sets don't share, so that
        |A ∩ B| <= (|A| + |B| - differing bits) / 2.
        """
        differing = np.zeros(a.size, np.int64)
        for stripe in self._sketches:
            differing += np.bitwise_count(stripe[a] ^ stripe[b])
        both = self.sizes[a] + self.sizes[b]
        possible: Array = (both - differing) / 2 >= threshold / (1 + threshold) * both - SLACK
        return possible


def shingle_sets(words: Array, starts: Array, sizes: Array, width: int) -> Sets:
    """The set of each unit: its distinct runs of `width` words. No unit may be shorter."""
    counts = sizes - width + 1
    first = np.cumsum(counts) - counts
    owners = np.repeat(np.arange(counts.size), counts)
    places = np.repeat(starts - first, counts) + np.arange(owners.size)
    ids = words[places].astype(np.int64)
    for step in range(1, width):
        ids = _numbered(ids << 32 | words[places + step])
    ids = _by_rarity(ids)
    keys = owners << 32 | ids
    keys.sort()
    keys = keys[np.diff(keys, prepend=-1) > 0]
    edges = np.searchsorted(keys, np.arange(counts.size + 1) << 32)
    return Sets(keys & 0xFFFFFFFF, edges.astype(np.int64))


def _numbered(keys: Array) -> Array:
    """Each key as the number of its place among the distinct ones (int64)."""
    order = np.argsort(keys)
    ordered = keys[order]
    numbers = np.empty(keys.size, np.int64)
    numbers[order] = np.cumsum(np.diff(ordered, prepend=ordered[:1]) != 0)
    return numbers


def _by_rarity(numbers: Array) -> Array:
    """The numbers again, given out so that they ascend with how often each stands there."""
    counts = np.bincount(numbers)
    ranks = np.empty(counts.size, np.int64)
    ranks[np.argsort(counts, kind="stable")] = np.arange(counts.size)
    return ranks[numbers]
