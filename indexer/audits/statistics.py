"""Statistics of words: rates, keyness, association, and lengths that stand apart.

In: counts. Out: one number a measure. Refuses a target or reference without words, and tables
that can't be (`ValueError`).

Keyness: is a word commoner here than there, by how much, and is that more than chance. A
difference is significant when its G² says so, and matters when its effect size (log ratio, %DIFF,
odds ratio, simple maths) does: neither stands for the other. Throughout: `a` occurrences in `c`
words of the target, `b` in `d` of the reference.

Association: do a word and its collocate meet more often than chance would have it, from a table of
two by two of surface co-occurrence (Evert 2008): the corpus is cut into the words near a node and
all others, the nodes themselves apart. NLTK's measures are used where it has them
(`nltk.metrics.association.BigramAssocMeasures`).

Outliers: a length is an outlier when its modified z-score, 0.6745 (x - median) / MAD, is above 3.5
or below -3.5; MAD is the median distance from the median (Iglewicz and Hoaglin 1993, How to detect
and handle outliers). Where more than half of all lengths are equal, so that the MAD is 0, the mean
distance takes its place: (x - median) / (1.253314 mean distance), as the same authors say.
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

FEW = 5  # occurrences below which no statement is made without a warning
MILLION = 1_000_000
HALF = 0.5  # takes the place of a count of 0 where a ratio is formed
CRITICAL = ((0.0001, 15.14), (0.001, 10.83), (0.01, 6.63), (0.05, 3.84))  # of G², 1 degree


@dataclass(frozen=True, slots=True)
class Rate:
    """Occurrences per 1,000 words, and between what limits the rate lies.

    The interval is Wilson's score interval (1927) for a share of words; it takes occurrences to be
    independent, which words of a text are not quite, and so is rather too narrow than too wide.
    """

    per_1000: float | None  # None: there are no words
    low: float | None
    high: float | None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Keyness:
    """One word in a target and in a reference."""

    count: int  # a, in the target
    words: int  # c, of the target
    reference_count: int  # b
    reference_words: int  # d
    g2: float  # two-cell log-likelihood, negative where the word is rarer in the target
    g2_four: float  # four-cell, with the same sign
    p: float  # chance of a two-cell G² at least as large, if there were no difference
    log_ratio: float  # binary logarithm of the ratio of the rates: 1 is twice as common
    simple_maths: float  # ratio of the rates per million, 1 added to each
    percent_diff: float  # by how many per cent the rate is above the reference's (inf: not there)
    odds_ratio: float
    few: bool  # fewer than `FEW` in the target, there and expected: not to be relied upon


def keyness(a: int, b: int, c: int, d: int) -> Keyness:
    """All measures of one word."""
    both = two_cell_g2(a, b, c, d)
    return Keyness(
        count=a,
        words=c,
        reference_count=b,
        reference_words=d,
        g2=both,
        g2_four=g2_four(ContingencyTable(a, c, a + b, c + d)),
        p=probability(both),
        log_ratio=log_ratio(a, b, c, d),
        simple_maths=simple_maths(a, b, c, d),
        percent_diff=percent_diff(a, b, c, d),
        odds_ratio=odds_ratio(a, b, c, d),
        few=max(a, c * (a + b) / (c + d)) < FEW,
    )


def two_cell_g2(a: int, b: int, c: int, d: int) -> float:
    """Signed log-likelihood 2 (a ln(a / E1) + b ln(b / E2)) of Rayson & Garside (2000).

    E1 = c (a + b) / (c + d), E2 = d (a + b) / (c + d); a count of 0 adds nothing. Negative where
    the word is rarer in the target than in the reference.
    """
    if c <= 0 or d <= 0:
        raise ValueError("needs a target and a reference that have words")
    mean = (a + b) / (c + d)
    parts = (n * math.log(n / expected) for n, expected in ((a, c * mean), (b, d * mean)) if n)
    size = max(2.0 * sum(parts), 0.0)
    return -size if a * d < b * c else size


def probability(g2: float) -> float:
    """Chance of so large a G² without a difference: chi squared with 1 degree (Wilks 1938)."""
    return math.erfc(math.sqrt(abs(g2) / 2.0))


def log_ratio(a: int, b: int, c: int, d: int) -> float:
    """Binary logarithm of the ratio of the two rates (Hardie 2014); a count of 0 becomes 0.5."""
    if not a and not b:
        return 0.0
    return math.log2(((a or HALF) / c) / ((b or HALF) / d))


def simple_maths(a: int, b: int, c: int, d: int) -> float:
    """(rate + 1) / (reference rate + 1), rates per million words (Kilgarriff 2009)."""
    return (a / c * MILLION + 1.0) / (b / d * MILLION + 1.0)


def percent_diff(a: int, b: int, c: int, d: int) -> float:
    """%DIFF: by how many per cent the rate is above that of the reference (Gabrielatos & Marchi
    2012); infinite for a word that the reference does not have."""
    if not b:
        return math.inf if a else 0.0
    return (a / c - b / d) / (b / d) * 100.0


def odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """(a / (c - a)) / (b / (d - b)), as Pojanapunya & Todd (2018) have it; infinite or 0 where a
    count is 0."""
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
    """Wilson's score interval (1927) for a share: within 0 to 1, and of use for a count of 0."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share, square = count / of, z * z / of
    middle = (share + square / 2.0) / (1.0 + square)
    half = z / (1.0 + square) * math.sqrt(share * (1.0 - share) / of + square / (4.0 * of))
    return (
        0.0 if count == 0 else max(middle - half, 0.0),
        1.0 if count == of else min(middle + half, 1.0),
    )


HIGHEST = 14.0  # of logDice


@dataclass(frozen=True, slots=True)
class ContingencyTable:
    """How often two things meet, how often each is there, and among how many."""

    both: int  # f: meetings
    first: int  # f1: words near a node (or occurrences of a first word)
    second: int  # f2: occurrences of the collocate
    total: int  # N: words in all

    def __post_init__(self) -> None:
        least = max(self.first + self.second - self.total, 0)
        if not least <= self.both <= min(self.first, self.second) or self.total <= 0:
            raise ValueError(f"no table has {self}")

    @property
    def expected(self) -> float:
        """Meetings by chance: f1 f2 / N."""
        return self.first * self.second / self.total

    @property
    def marginals(self) -> tuple[int, tuple[int, int], int]:
        """As NLTK takes them."""
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

    Negative where the two meet less often than by chance.
    """
    size = max(float(_measures().likelihood_ratio(*table.marginals)), 0.0)
    return -size if table.both < table.expected else size


def g2_two(table: ContingencyTable) -> float:
    """Two-cell log-likelihood (Rayson & Garside 2000): near the node against elsewhere, signed."""
    elsewhere = table.total - table.first
    if not table.first or not elsewhere:
        return 0.0
    return two_cell_g2(table.both, table.second - table.both, table.first, elsewhere)


def log_dice(both: int, first: int, second: int) -> float:
    """14 + log2(2 f / (f1 + f2)) (Rychlý 2008), the coefficient by NLTK's `dice`.

    f1 and f2 are the occurrences of node and collocate; 14 is the maximum; one more is twice as
    typical. It does not depend on the size of the corpus.
    """
    if not both:
        return -math.inf
    return HIGHEST + math.log2(_measures().dice(both, (first, second), 0))


CUTOFF = 3.5
FEWEST = 10  # lengths; of fewer nobody can tell which one is odd


@dataclass(frozen=True, slots=True)
class UsualLengths:
    """What lengths of a collection are usual."""

    count: int  # lengths that there are
    median: float  # words
    spread: float  # words: MAD, or mean distance from the median where that is 0
    cutoff: float  # modified z-score from which a length is an outlier
    low: float  # words; what is shorter is an outlier (0: nothing is)
    high: float  # words; what is longer is an outlier


def bounds(lengths: Array, cutoff: float = CUTOFF) -> UsualLengths | None:
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
    return UsualLengths(int(lengths.size), median, spread, cutoff, low, high)


def outside(lengths: Array, usual: UsualLengths) -> Array:
    """Rows of the outliers, the furthest from the median first, then in order (int64)."""
    rows = np.flatnonzero((lengths < usual.low) | (lengths > usual.high))
    far = np.abs(lengths[rows] - usual.median)
    found: Array = rows[np.argsort(-far, kind="stable")]
    return found
