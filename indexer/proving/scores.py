"""BM25F, by hand.

In: how often a leaf matches in each field of each passage, and how long the fields are. Out: the
leaf's score. Robertson, Zaragoza & Taylor, "Simple BM25 extension to multiple weighted fields"
(CIKM 2004); the idf is Lucene's, which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Field = Literal["text", "section", "title"]
FIELDS: tuple[Field, ...] = ("text", "section", "title")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What BM25F can be tuned by."""

    k1: float  # how soon further occurrences stop to count
    weights: Mapping[Field, float]  # of an occurrence in each field
    b: Mapping[Field, float]  # how far a field's length counts, 0 to 1


@dataclass(frozen=True, slots=True)
class Lengths:
    """The passages that scores compare with."""

    passages: int
    means: Mapping[Field, float]  # tokens a passage


def idf(passages: int, holding: float) -> float:
    """Weight of a leaf that matches in `holding` of `passages`."""
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))


def frequency(
    counts: Mapping[Field, int], lengths: Mapping[Field, int], means: Lengths, by: Parameters
) -> float:
    """Occurrences in all fields as one weighted, length-normalised frequency."""
    total = 0.0
    for name, count in counts.items():
        relative = lengths[name] / means.means[name]
        total += by.weights[name] * count / (1 - by.b[name] + by.b[name] * relative)
    return total


def saturated(weighted: float, by: Parameters) -> float:
    """What a frequency is worth: each further occurrence less than the one before."""
    return weighted * (by.k1 + 1) / (weighted + by.k1)
