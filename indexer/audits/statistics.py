"""Statistics of words: rates, keyness, association, and outliers among lengths.

In: counts; a target and a reference must have words. Out: one number per measure.

Keyness: whether a word is more frequent in a target than in a reference, by how much, and whether
that is more than chance. G² shows whether a difference is significant; an effect size (log ratio,
%DIFF, odds ratio, simple maths) shows whether it is large. Neither replaces the other. Throughout:
`a` occurrences in `c` words of the target, `b` in `d` words of the reference.

Association: whether a word occurs near a node more often than expected by chance, from a 2×2 table
of surface co-occurrence (see `collocates`). NLTK's measures are used where it has them.

Outliers: a length is an outlier if its modified z-score, 0.6745 (x - median) / MAD, is above 3.5
or below -3.5; MAD is the median distance from the median (Iglewicz and Hoaglin 1993, How to detect
and handle outliers). If more than half of the lengths are equal, the MAD is 0; then the mean
distance replaces it, (x - median) / (1.253314 mean distance), as the same authors advise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np

from indexer.sorted_arrays import Array
from indexer.text.nltk_modules import nltk_module

LEAST_RELIABLE = 5  # occurrences; results from fewer carry a warning
MILLION = 1_000_000
HALF = 0.5  # replaces a count of 0 in a ratio


@dataclass(frozen=True, slots=True)
class Rate:
    """Occurrences per 1,000 words with a confidence interval.

    The interval is Wilson's score interval (1927) for a proportion. It assumes that occurrences are
    independent, which words of a text are not quite, so it tends to be too narrow.
    """

    per_1000: float | None  # None: there are no words
    low: float | None  # limits of the interval, per 1,000 words
    high: float | None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Keyness:
    """One word in a target and in a reference."""

    count: int  # a: occurrences in the target
    words: int  # c: words of the target
    reference_count: int  # b: occurrences in the reference
    reference_words: int  # d: words of the reference
    g2: float  # two-cell log-likelihood, negative if the word is rarer in the target
    g2_four: float  # four-cell log-likelihood, with the same sign
    p: float  # p-value of the two-cell G²
    log_ratio: float  # binary logarithm of the ratio of the rates: 1 is twice as frequent
    simple_maths: float  # ratio of the rates per million words, 1 added to each
    percent_diff: float  # difference of the rates in per cent of the reference's; inf: b is 0
    odds_ratio: float
    few: bool  # both observed and expected count in the target below `LEAST_RELIABLE`: not reliable


def keyness(a: int, b: int, c: int, d: int) -> Keyness:
    """All measures of one word."""
    g2 = two_cell_g2(a, b, c, d)
    return Keyness(
        count=a,
        words=c,
        reference_count=b,
        reference_words=d,
        g2=g2,
        g2_four=g2_four(ContingencyTable(a, c, a + b, c + d)),
        p=probability(g2),
        log_ratio=log_ratio(a, b, c, d),
        simple_maths=simple_maths(a, b, c, d),
        percent_diff=percent_diff(a, b, c, d),
        odds_ratio=odds_ratio(a, b, c, d),
        few=max(a, c * (a + b) / (c + d)) < LEAST_RELIABLE,
    )


def two_cell_g2(a: int, b: int, c: int, d: int) -> float:
    """Signed log-likelihood 2 (a ln(a / E1) + b ln(b / E2)) of Rayson & Garside (2000).

    E1 = c (a + b) / (c + d), E2 = d (a + b) / (c + d); a count of 0 adds nothing. Negative if the
    word is rarer in the target than in the reference.
    """
    mean = (a + b) / (c + d)
    parts = (n * math.log(n / expected) for n, expected in ((a, c * mean), (b, d * mean)) if n)
    size = max(2.0 * sum(parts), 0.0)
    return -size if a * d < b * c else size


def probability(g2: float) -> float:
    """p-value of a G²: from chi squared with 1 degree of freedom (Wilks 1938)."""
    return math.erfc(math.sqrt(abs(g2) / 2.0))


def log_ratio(a: int, b: int, c: int, d: int) -> float:
    """Binary logarithm of the ratio of the two rates (Hardie 2014); a count of 0 becomes 0.5."""
    if not a and not b:
        return 0.0
    return math.log2(((a or HALF) / c) / ((b or HALF) / d))


def simple_maths(a: int, b: int, c: int, d: int) -> float:
    """(rate + 1) / (reference rate + 1), with rates per million words (Kilgarriff 2009)."""
    return (a / c * MILLION + 1.0) / (b / d * MILLION + 1.0)


def percent_diff(a: int, b: int, c: int, d: int) -> float:
    """%DIFF: difference of the rates in per cent of the reference's rate (Gabrielatos & Marchi
    2012); infinite if the word does not occur in the reference."""
    if not b:
        return math.inf if a else 0.0
    return (a / c - b / d) / (b / d) * 100.0


def odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """(a / (c - a)) / (b / (d - b)), after Pojanapunya & Todd (2018); infinite or 0 if a count is
    0."""
    above, below = a * (d - b), b * (c - a)
    if not below:
        return math.inf if above else 1.0
    return above / below


def rate(count: int, words: int, confidence: float = 0.95) -> Rate:
    """Occurrences per 1,000 words with their confidence interval (Wilson 1927)."""
    if words <= 0:
        return Rate(None, None, None, confidence)
    low, high = wilson(min(count, words), words, confidence)
    return Rate(count / words * 1000.0, low * 1000.0, high * 1000.0, confidence)


def wilson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (1927) for a proportion: within 0 to 1, valid for a count of 0."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share, square = count / of, z * z / of
    middle = (share + square / 2.0) / (1.0 + square)
    half = z / (1.0 + square) * math.sqrt(share * (1.0 - share) / of + square / (4.0 * of))
    return (
        0.0 if count == 0 else max(middle - half, 0.0),
        1.0 if count == of else min(middle + half, 1.0),
    )


HIGHEST = 14.0  # maximum of logDice


@dataclass(frozen=True, slots=True)
class ContingencyTable:
    """2×2 table of co-occurrence: joint frequency, marginal frequencies and total."""

    both: int  # f: co-occurrences
    first: int  # f1: words near a node (or occurrences of a first word)
    second: int  # f2: occurrences of the collocate
    total: int  # N: all words

    @property
    def expected(self) -> float:
        """Co-occurrences expected by chance: f1 f2 / N."""
        return self.first * self.second / self.total

    @property
    def marginals(self) -> tuple[int, tuple[int, int], int]:
        """The arguments of NLTK's measures: f, (f1, f2), N."""
        return self.both, (self.first, self.second), self.total


@cache
def _measures() -> Any:
    return nltk_module("nltk.metrics.association").BigramAssocMeasures


def mutual_information(table: ContingencyTable) -> float:
    """MI: binary logarithm of f / E (Church & Hanks 1990); NLTK's `pmi`. Favours rare words."""
    return float(_measures().pmi(*table.marginals)) if table.both else -math.inf


def t_score(table: ContingencyTable) -> float:
    """t: (f - E) / sqrt(f) (Church et al. 1991); NLTK's `student_t`. Favours common words."""
    return float(_measures().student_t(*table.marginals)) if table.both else -math.inf


def g2_four(table: ContingencyTable) -> float:
    """Four-cell log-likelihood (Dunning 1993); NLTK's `likelihood_ratio`.

    Negative if the two co-occur less often than expected by chance.
    """
    size = max(float(_measures().likelihood_ratio(*table.marginals)), 0.0)
    return -size if table.both < table.expected else size


def g2_two(table: ContingencyTable) -> float:
    """Signed two-cell log-likelihood (Rayson & Garside 2000): near the node against elsewhere."""
    elsewhere = table.total - table.first
    if not table.first or not elsewhere:
        return 0.0
    return two_cell_g2(table.both, table.second - table.both, table.first, elsewhere)


def log_dice(both: int, first: int, second: int) -> float:
    """14 + log2(2 f / (f1 + f2)) (Rychlý 2008), with the Dice coefficient of NLTK's `dice`.

    f1 and f2 are the occurrences of node and collocate. The maximum is 14; a difference of 1 means
    twice the association. Independent of the size of the corpus.
    """
    if not both:
        return -math.inf
    return HIGHEST + math.log2(_measures().dice(both, (first, second), 0))


CUTOFF = 3.5
FEWEST = 10  # lengths; too few to find outliers below that


@dataclass(frozen=True, slots=True)
class UsualLengths:
    """The usual range of a set of lengths."""

    count: int  # number of lengths
    median: float  # words
    spread: float  # words: MAD, or the mean distance from the median if the MAD is 0
    cutoff: float  # modified z-score above which a length is an outlier
    low: float  # words; shorter lengths are outliers (0: there are none)
    high: float  # words; longer lengths are outliers


def bounds(lengths: Array, cutoff: float = CUTOFF) -> UsualLengths | None:
    """The usual range of these lengths (words); None for fewer than `FEWEST`."""
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
    return UsualLengths(int(lengths.size), median, spread, cutoff, low, high)


def outside(lengths: Array, usual: UsualLengths) -> Array:
    """Rows of the outliers, furthest from the median first, ties in order of rows (int64)."""
    rows = np.flatnonzero((lengths < usual.low) | (lengths > usual.high))
    distances = np.abs(lengths[rows] - usual.median)
    ordered: Array = rows[np.argsort(-distances, kind="stable")]
    return ordered
