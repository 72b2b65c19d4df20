"""Which sets are near each other, exactly: candidates by shared rare shingles, and their groups.

In: `Sets` and a threshold of Jaccard overlap. Out: candidate pairs, in chunks, that miss no pair
that reaches the threshold; and the groups that pairs connect.

Two sets that overlap enough share a shingle among the rarest of each, so that only those are
looked up (prefix filter: Chaudhuri et al. 2006; Bayardo et al. 2007; the shorter prefix of the
smaller set: Xiao et al. 2008). What passes is checked against bitmaps, and what passes those is
counted. A pair that other pairs have already connected is not looked at again, and of the pairs of
two groups one is looked at first: a thousand pages made from one template are a thousand
comparisons, not half a million.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indexer.audits.shingles import SLACK, Sets
from indexer.sorted_arrays import Array, expanded

CHUNK = 1 << 21  # pairs looked at in one go
FIRST = 1 << 14  # pairs of the first chunk; each is twice as large as the one before
ROUNDS = 4  # in which of the pairs of two groups one is looked at, before all are
CROWD = 256  # sets that share a shingle with one, from which on it pays to see who is connected
Pairs = tuple[Array, Array]


class Components:
    """Groups of nodes that pairs connect; `labels` gives each node the smallest of its group."""

    def __init__(self, size: int) -> None:
        self.labels = np.arange(size)

    def apart(self, a: Array, b: Array) -> Array:
        """Which pairs nothing connects so far (bool)."""
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
    """Join what reaches the threshold of these pairs."""
    apart = groups.apart(a, b)
    a, b = a[apart], b[apart]
    possible = sets.may_overlap(a, b, threshold)
    a, b = a[possible], b[possible]
    for _ in range(ROUNDS):
        if not a.size:
            return
        one, two = groups.labels[a], groups.labels[b]
        _, first = np.unique(np.minimum(one, two) << 32 | np.maximum(one, two), return_index=True)
        groups.join(*near(sets, threshold, a[first], b[first]))
        left = groups.apart(a, b)
        left[first] = False
        a, b = a[left], b[left]
    groups.join(*near(sets, threshold, a, b))


def near(sets: Sets, threshold: float, a: Array, b: Array) -> Pairs:
    """Of these pairs, those that reach the threshold; each once, the smaller number first."""
    possible = sets.may_overlap(a, b, threshold)
    a, b = a[possible], b[possible]
    keys = np.unique(np.minimum(a, b) << 32 | np.maximum(a, b))
    a, b = keys >> 32, keys & 0xFFFFFFFF
    if not keys.size:
        return a, b
    enough = sets.overlap(a, b) >= threshold - SLACK
    return a[enough], b[enough]


class Prefixes:
    """The rarest shingles of all sets, from which candidates are read."""

    def __init__(self, sets: Sets, threshold: float) -> None:
        sizes = sets.sizes
        order = np.argsort(sizes, kind="stable")
        self._numbers = order  # place in order of size → number of the set
        places = np.empty(order.size, np.int64)
        places[order] = np.arange(order.size)
        place_of = places[sets.owners]
        depth = np.arange(sets.ids.size) - np.repeat(sets.first[:-1], sizes)
        # shingles that must be shared with any other set, and with one that is no smaller
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
        """Pairs that share a rare shingle, in chunks; not all of those that `groups`, which may
        change between two chunks, has connected by then."""
        yield from self._pairs(self._probes, self._index, groups)

    def candidates_of(self, sample: Array) -> Iterator[Pairs]:
        """The candidates of some of the sets, with any other one."""
        for probes, index in self._of(sample):
            yield from self._pairs(probes, index, None)

    def _of(self, sample: Array) -> tuple[Pairs, Pairs]:
        """Probes and index of a sample against all, and of all against the sample."""
        wanted = np.zeros(self._numbers.size, bool)
        wanted[sample] = True
        wanted = wanted[self._numbers]
        return (
            (self._probes[wanted[self._probes & 0xFFFFFFFF]], self._index),
            (self._probes, self._index[wanted[self._index & 0xFFFFFFFF]]),
        )

    def _ranges(self, probes: Array, index: Array) -> Pairs:
        """For each probe, the entries of the index that are of its shingle, of a set before it in
        order of size, and not too small to be near it."""
        shingle, place = probes & ~0xFFFFFFFF, probes & 0xFFFFFFFF
        low = np.searchsorted(index, shingle | self._smallest[place])
        high = np.searchsorted(index, probes)
        return low, np.maximum(low, high)

    def _pairs(self, probes: Array, index: Array, groups: Components | None) -> Iterator[Pairs]:
        low, high = self._ranges(probes, index)
        some = np.flatnonzero(high > low)
        probes, low, high = probes[some], low[some], high[some]
        size = FIRST
        while probes.size:
            ends = np.cumsum(high - low)
            to = max(int(np.searchsorted(ends, size, "right")), 1)
            counts = (high - low)[:to]
            entries = expanded(low[:to], counts)
            a = np.repeat(probes[:to] & 0xFFFFFFFF, counts)
            yield self._numbers[a], self._numbers[index[entries] & 0xFFFFFFFF]
            probes, low, high = probes[to:], low[to:], high[to:]
            size = min(2 * size, CHUNK)
            if groups is not None and counts[-1] > CROWD:
                labels = groups.labels[self._numbers[index & 0xFFFFFFFF]]
                changes = np.cumsum(np.diff(labels, prepend=-1) != 0)
                own = groups.labels[self._numbers[probes & 0xFFFFFFFF]]
                left = (changes[low] != changes[high - 1]) | (labels[low] != own)
                probes, low, high = probes[left], low[left], high[left]
