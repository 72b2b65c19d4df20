"""Keyness: is a word commoner here than there, by how much, and is that more than chance.

In: how often a word occurs in a target of so many words, and in a reference of so many. Out: one
number a measure. A difference is significant when its G² says so, and matters when its effect size
(log ratio, %DIFF, odds ratio, simple maths) does: neither stands for the other. Refuses a target or
reference without words (`ValueError`).

Throughout: `a` occurrences in `c` words of the target, `b` in `d` of the reference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

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
        g2_four=signed(four_cell_g2(a, b, c - a, d - b), a, b, c, d),
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
    _check(c, d)
    mean = (a + b) / (c + d)
    total = _part(a, c * mean) + _part(b, d * mean)
    return signed(2.0 * total, a, b, c, d)


def four_cell_g2(o11: float, o12: float, o21: float, o22: float) -> float:
    """Log-likelihood of a whole table of two by two (Dunning 1993): 2 sum of O ln(O / E).

    In words: the word here, the word there, other words here, other words there. Unsigned.
    """
    rows, columns = (o11 + o12, o21 + o22), (o11 + o21, o12 + o22)
    total = sum(rows)
    cells = (((o11, 0, 0), (o12, 0, 1)), ((o21, 1, 0), (o22, 1, 1)))
    parts = (_part(o, rows[i] * columns[j] / total) for row in cells for o, i, j in row)
    return max(2.0 * sum(parts), 0.0)


def _part(observed: float, expected: float) -> float:
    return observed * math.log(observed / expected) if observed > 0 else 0.0


def signed(g2: float, a: int, b: int, c: int, d: int) -> float:
    """`g2` with a minus where the word is rarer in the target."""
    size = max(g2, 0.0)
    return -size if a * d < b * c else size


def probability(g2: float) -> float:
    """Chance of so large a G² without a difference: chi squared with 1 degree (Wilks 1938)."""
    return math.erfc(math.sqrt(abs(g2) / 2.0))


def log_ratio(a: int, b: int, c: int, d: int) -> float:
    """Binary logarithm of the ratio of the two rates (Hardie 2014); a count of 0 becomes 0.5."""
    _check(c, d)
    if not a and not b:
        return 0.0
    return math.log2(((a or HALF) / c) / ((b or HALF) / d))


def simple_maths(a: int, b: int, c: int, d: int, n: float = 1.0) -> float:
    """(rate + N) / (reference rate + N), rates per million words (Kilgarriff 2009).

    A larger N turns from rare words to common ones.
    """
    _check(c, d)
    return (a / c * MILLION + n) / (b / d * MILLION + n)


def percent_diff(a: int, b: int, c: int, d: int) -> float:
    """%DIFF: by how many per cent the rate is above that of the reference (Gabrielatos & Marchi
    2012); infinite for a word that the reference does not have."""
    _check(c, d)
    if not b:
        return math.inf if a else 0.0
    return (a / c - b / d) / (b / d) * 100.0


def odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """(a / (c - a)) / (b / (d - b)), as Pojanapunya & Todd (2018) have it; infinite or 0 where a
    count is 0."""
    _check(c, d)
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


def _check(c: int, d: int) -> None:
    if c <= 0 or d <= 0:
        raise ValueError("needs a target and a reference that have words")
