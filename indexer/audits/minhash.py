"""Candidates for near pairs by MinHash and banding: for more sets than can be compared exactly.

In: `Sets` and a threshold. Out: candidate pairs, in chunks, that hold most pairs that reach it.
The least of a set's hashed shingles is the same for two sets with the probability of their overlap
J (Broder 1997). Bands of r such minima agree in at least one of b bands with 1 - (1 - J^r)^b
(Indyk and Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4).
r and b are chosen so that a pair at the threshold is found with `EXPECTED`. The hashes are fixed:
the same sets give the same pairs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from indexer.audits.joining import Pairs
from indexer.audits.shingles import Sets
from indexer.sorted_arrays import Array

EXPECTED = 0.99  # of the pairs just at the threshold; of those above it more
MOST_HASHES = 400
NEIGHBOURS = 8  # of a set in its bucket that it is compared with, besides the bucket's first
_SEED = 0x5EED


class Banding(NamedTuple):
    """How the hashes are cut into bands."""

    bands: int
    rows: int  # hashes of each band


def banding(threshold: float) -> Banding:
    """The narrowest buckets that `MOST_HASHES` hashes can afford at this threshold."""
    best = Banding(0, 0)
    for rows in range(1, 33):
        missed = math.log1p(-(threshold**rows)) if threshold < 1 else -math.inf
        bands = max(math.ceil(math.log(1 - EXPECTED) / missed), 1)
        if rows == 1 or bands * rows <= MOST_HASHES:
            best = Banding(bands, rows)
    return best


def banded(sets: Sets, threshold: float) -> Iterator[Pairs]:
    """Pairs that agree in a band, a chunk for each band; of a large bucket, neighbours alone."""
    bands, rows = banding(threshold)
    factors = np.random.default_rng(_SEED).integers(0, 1 << 63, (bands, rows), np.uint64)
    hashed = _mixed(sets.ids.astype(np.uint64))
    for band in range(bands):
        keys = np.zeros(sets.sizes.size, np.uint64)
        for factor in (factors[band] << np.uint64(1) | np.uint64(1)).tolist():
            minima = np.minimum.reduceat(hashed * np.uint64(factor), sets.first[:-1])
            keys = _mixed(keys ^ minima)
        yield _neighbours(keys)


def _mixed(numbers: Array) -> Array:
    """A bijection of 64-bit numbers that spreads them (Steele, Lea and Flood 2014: SplitMix64)."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _neighbours(keys: Array) -> Pairs:
    """Pairs of sets with the same key: each with the next ones and with the first of its bucket."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    heads = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(np.append(heads, keys.size))
    several = np.repeat(sizes > 1, sizes)
    order, ordered = order[several], ordered[several]
    sizes = sizes[sizes > 1]
    firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    far = np.flatnonzero(np.arange(order.size) - firsts > NEIGHBOURS)
    lefts, rights = [order[firsts[far]]], [order[far]]
    for step in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(ordered[step:] == ordered[: ordered.size - step])
        if not same.size:
            break
        lefts.append(order[same])
        rights.append(order[same + step])
    return np.concatenate(lefts), np.concatenate(rights)
