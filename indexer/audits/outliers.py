"""Lengths in, those out that stand apart from the rest, by a rule that the outliers can't bend.

A length is an outlier when its modified z-score, 0.6745 (x - median) / MAD, is above 3.5 or below
-3.5; MAD is the median distance from the median (Iglewicz and Hoaglin 1993, How to detect and
handle outliers). Where more than half of all lengths are equal, so that the MAD is 0, the mean
distance takes its place: (x - median) / (1.253314 mean distance), as the same authors say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.sorted_arrays import Array

CUTOFF = 3.5
FEWEST = 10  # lengths; of fewer nobody can tell which one is odd


@dataclass(frozen=True, slots=True)
class Bounds:
    """What lengths of a collection are usual."""

    count: int  # lengths that there are
    median: float  # words
    spread: float  # words: MAD, or mean distance from the median where that is 0
    cutoff: float  # modified z-score from which a length is an outlier
    low: float  # words; what is shorter is an outlier (0: nothing is)
    high: float  # words; what is longer is an outlier


def bounds(lengths: Array, cutoff: float = CUTOFF) -> Bounds | None:
    """The usual lengths; None for too few to tell."""
    if lengths.size < FEWEST:
        return None
    median = float(np.median(lengths))
    distances = np.abs(lengths - median)
    spread = float(np.median(distances))
    unit = spread / 0.6745
    if spread == 0:
        spread = float(distances.mean())
        unit = 1.253314 * spread
    low, high = max(median - cutoff * unit, 0.0), median + cutoff * unit
    return Bounds(int(lengths.size), median, spread, cutoff, low, high)


def outside(lengths: Array, usual: Bounds) -> Array:
    """Rows of the outliers, the furthest from the median first, then in order (int64)."""
    rows = np.flatnonzero((lengths < usual.low) | (lengths > usual.high))
    far = np.abs(lengths[rows] - usual.median)
    found: Array = rows[np.argsort(-far, kind="stable")]
    return found
