"""Similarity join: finds all pairs of sets of shingles that are near each other, exactly.

In: words as numbers, starts and sizes of the units, and a threshold of Jaccard overlap. Out:
`Sets`, which list the rarest shingles (runs of k words) of each set first; the overlap of any two,
|A ∩ B| / |A ∪ B| (Broder 1997, On the resemblance and containment of documents); candidate pairs,
in chunks, that include every pair that reaches the threshold; and the groups connected by pairs. A
shingle counts once in a set, however often it occurs there. Hashes only exclude pairs; every
overlap is computed exactly. Refuses nothing.

Two sets that overlap enough share a shingle among the rarest of each, so that only those are
looked up (prefix filter: Chaudhuri et al. 2006; Bayardo et al. 2007; the shorter prefix of the
smaller set: Xiao et al. 2008). The candidates are first checked against bitmaps; those that pass
are counted. A pair that other pairs have already connected is not compared again, and for each two
groups one pair is compared first: a thousand pages made from one template take a thousand
comparisons, not half a million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.sorted_arrays import Array, expanded

_SPARSE = 6  # bits of a sketch per shingle of a set of mean size
_MOST_STRIPES = 32  # maximum of 64-bit words of a sketch
_CELLS = 1 << 22  # shingles looked up at a time
SLACK = 1e-9  # an overlap of 1/3 must reach a threshold of 1/3


@dataclass(frozen=True)
class Sets:
    """Sets of shingles, one after another. Shingles are numbered from the rarest up."""

    ids: Array  # int64, shingle numbers, ascending within each set
    first: Array  # int64, index in `ids` of the first shingle of each set, then the size of `ids`

    @cached_property
    def sizes(self) -> Array:
        """Number of shingles of each set (int64)."""
        return np.diff(self.first)

    @cached_property
    def owners(self) -> Array:
        """Number of the set of each shingle in `ids` (int64)."""
        return np.repeat(np.arange(self.sizes.size), self.sizes)

    @cached_property
    def _keys(self) -> Array:
        return self.owners << 32 | self.ids

    @cached_property
    def _sketches(self) -> list[Array]:
        """Bitmaps of all sets, one array per 64-bit word: a bit per shingle, hashed from its id."""
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
        """Which pairs may reach the threshold, by their bitmaps (bool); no false negatives.

        Each bit in which two bitmaps differ is a shingle that the sets don't share, so that
        |A ∩ B| <= (|A| + |B| - differing bits) / 2.
        """
        differing = np.zeros(a.size, np.int64)
        for stripe in self._sketches:
            differing += np.bitwise_count(stripe[a] ^ stripe[b])
        both = self.sizes[a] + self.sizes[b]
        possible: Array = (both - differing) / 2 >= threshold / (1 + threshold) * both - SLACK
        return possible


def shingle_sets(words: Array, starts: Array, sizes: Array, width: int) -> Sets:
    """The distinct runs of `width` words of each unit. No unit may be shorter than that."""
    counts = sizes - width + 1
    owners = np.repeat(np.arange(counts.size), counts)
    places = expanded(starts, counts)
    ids = words[places].astype(np.int64)
    for step in range(1, width):
        _, ids = np.unique(ids << 32 | words[places + step], return_inverse=True)
    ids = _by_rarity(ids)
    keys = owners << 32 | ids
    keys.sort()
    keys = keys[np.diff(keys, prepend=-1) > 0]
    edges = np.searchsorted(keys, np.arange(counts.size + 1) << 32)
    return Sets(keys & 0xFFFFFFFF, edges.astype(np.int64))


def _by_rarity(numbers: Array) -> Array:
    """Renumber by frequency: the rarest number becomes 0. Ties keep their order."""
    counts = np.bincount(numbers)
    ranks = np.empty(counts.size, np.int64)
    ranks[np.argsort(counts, kind="stable")] = np.arange(counts.size)
    return ranks[numbers]


CHUNK = 1 << 21  # pairs of the largest chunk
FIRST = 1 << 14  # pairs of the first chunk; each further chunk is twice as large
CROWD = 256  # candidates of one probe above which it pays to drop those already connected
Pairs = tuple[Array, Array]


class Components:
    """Connected components; `labels` has for each node the smallest node of its component."""

    def __init__(self, size: int) -> None:
        self.labels = np.arange(size)

    def apart(self, a: Array, b: Array) -> Array:
        """Which pairs are not connected so far (bool)."""
        unconnected: Array = self.labels[a] != self.labels[b]
        return unconnected

    def join(self, a: Array, b: Array) -> None:
        """Connect each pair."""
        labels = self.labels
        while a.size:
            low = np.minimum(labels[a], labels[b])
            np.minimum.at(labels, np.maximum(labels[a], labels[b]), low)
            while True:
                above = labels[labels]
                if np.array_equal(above, labels):
                    break
                labels = above
            apart = labels[a] != labels[b]
            a, b = a[apart], b[apart]
        self.labels = labels


def connect(groups: Components, sets: Sets, threshold: float, a: Array, b: Array) -> None:
    """Join the pairs that reach the threshold, trying one pair for each two groups first."""
    apart = groups.apart(a, b) & sets.may_overlap(a, b, threshold)
    a, b = a[apart], b[apart]
    one, two = groups.labels[a], groups.labels[b]
    _, first = np.unique(np.minimum(one, two) << 32 | np.maximum(one, two), return_index=True)
    groups.join(*near(sets, threshold, a[first], b[first]))
    left = groups.apart(a, b)
    left[first] = False
    groups.join(*near(sets, threshold, a[left], b[left]))


def near(sets: Sets, threshold: float, a: Array, b: Array) -> Pairs:
    """The pairs that reach the threshold, each once, with the smaller number first."""
    possible = sets.may_overlap(a, b, threshold)
    a, b = a[possible], b[possible]
    keys = np.unique(np.minimum(a, b) << 32 | np.maximum(a, b))
    a, b = keys >> 32, keys & 0xFFFFFFFF
    enough = sets.overlap(a, b) >= threshold - SLACK
    return a[enough], b[enough]


class Prefixes:
    """The prefixes (rarest shingles) of all sets, an index that finds candidate pairs."""

    def __init__(self, sets: Sets, threshold: float) -> None:
        sizes = sets.sizes
        order = np.argsort(sizes, kind="stable")
        self._numbers = order  # rank by size → number of the set
        places = np.empty(order.size, np.int64)
        places[order] = np.arange(order.size)
        place_of = places[sets.owners]
        depth = np.arange(sets.ids.size) - np.repeat(sets.first[:-1], sizes)
        # shingles that must be shared to be near a set of any size, and near one that is no smaller
        least = np.ceil(threshold * sizes - SLACK).astype(np.int64)
        more = np.ceil(2 * threshold / (1 + threshold) * sizes - SLACK).astype(np.int64)
        probing = depth < np.repeat(sizes - np.maximum(least, 1) + 1, sizes)
        indexed = depth < np.repeat(sizes - np.maximum(more, 1) + 1, sizes)
        keys = sets.ids << 32 | place_of
        self._probes = np.sort(keys[probing])
        self._index = np.sort(keys[indexed])
        ordered = sizes[order]
        self._smallest = np.searchsorted(ordered, np.ceil(threshold * ordered - SLACK))

    def candidates(self, groups: Components | None = None) -> Iterator[Pairs]:
        """Yield chunks of pairs that share a rare shingle. Pairs already connected in `groups`,
        which may change between chunks, can be left out."""
        yield from self._pairs(self._probes, self._index, groups)

    def candidates_of(self, sample: Array) -> Iterator[Pairs]:
        """Yield chunks of the candidate pairs that contain a set of `sample`."""
        wanted = np.isin(self._numbers, sample)
        probes = self._probes[wanted[self._probes & 0xFFFFFFFF]]
        index = self._index[wanted[self._index & 0xFFFFFFFF]]
        yield from self._pairs(probes, self._index, None)
        yield from self._pairs(self._probes, index, None)

    def _pairs(self, probes: Array, index: Array, groups: Components | None) -> Iterator[Pairs]:
        """Yield pairs of sets: each probe with the index entries of the same shingle whose sets
        come before its own in order of size and are large enough to be near it."""
        shingle, place = probes & ~0xFFFFFFFF, probes & 0xFFFFFFFF
        low = np.searchsorted(index, shingle | self._smallest[place])
        high = np.searchsorted(index, probes)
        paired = np.flatnonzero(high > low)
        probes, low, high = probes[paired], low[paired], high[paired]
        size = FIRST
        while probes.size:
            ends = np.cumsum(high - low)
            taken = max(int(np.searchsorted(ends, size, "right")), 1)
            counts = (high - low)[:taken]
            entries = expanded(low[:taken], counts)
            a = np.repeat(probes[:taken] & 0xFFFFFFFF, counts)
            yield self._numbers[a], self._numbers[index[entries] & 0xFFFFFFFF]
            probes, low, high = probes[taken:], low[taken:], high[taken:]
            size = min(2 * size, CHUNK)
            if groups is not None and counts[-1] > CROWD:
                labels = groups.labels[self._numbers[index & 0xFFFFFFFF]]
                changes = np.cumsum(np.diff(labels, prepend=-1) != 0)
                own = groups.labels[self._numbers[probes & 0xFFFFFFFF]]
                left = (changes[low] != changes[high - 1]) | (labels[low] != own)
                probes, low, high = probes[left], low[left], high[left]
