"""Dispersion: how evenly the occurrences of a term are spread over the parts of a corpus.

In: how often the term occurs in each part (int, n parts), how many words each part has (int, n),
and where it occurs among all words. Out: numbers. No measure is defined for a term that does not
occur, and none that compares parts for a single part: those are None, never 0. Refuses lists of
different lengths and parts without words (`ValueError`).

    range        parts with the term, of so many
    Juilland's D 1 - V / sqrt(n - 1), V the coefficient of variation of the relative frequencies
    DP           half the sum of |share of the occurrences - share of the words|
    DPnorm       DP / (1 - smallest share of the words)
    ARF          occurrences, each weighted by its distance from the one before

D rises as the spread becomes more even, DP and DPnorm fall: `DIRECTIONS` says so in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.audits.scope import AuditScope, Matches, Place, matches_in_scope
from indexer.search.matcher import Evaluation
from indexer.sorted_arrays import Array

SEGMENTS = 8  # equal parts into which a single text is cut
Numbers = Sequence[float] | Array
Parts = Literal["articles", "sections", "segments"]

DIRECTIONS: Mapping[str, str] = {
    "range": "from 0 (in no part) to the number of parts (in every part)",
    "juilland_d": "from 0 (all in one part) to 1 (perfectly even)",
    "dp": "from 0 (perfectly even) towards 1 (all in one small part)",
    "dp_norm": "from 0 (perfectly even) to 1 (all in the smallest part)",
    "arf": "from about 1 (all in one clump) to the number of occurrences (perfectly even)",
}


@dataclass(frozen=True, slots=True)
class Dispersion:
    """The spread of one term; see `DIRECTIONS` for what is high and what is low."""

    parts: int  # how many were compared: those that have words
    of: Parts  # what the parts are; "segments": equal pieces of a single text
    range: int  # parts in which the term occurs
    juilland_d: float | None  # None: the term does not occur, or there is one part
    dp: float | None
    dp_norm: float | None
    arf: float | None  # average reduced frequency, in occurrences


def dispersion(counts: Array, sizes: Array, positions: Array, words: int, of: Parts) -> Dispersion:
    """All measures of a term.

    `counts` and `sizes` are occurrences and words by part; `positions` the place of each
    occurrence among all `words`. A single part is cut into `SEGMENTS` equal ones first, as
    WordSmith does with a single text.
    """
    filled = sizes > 0
    counts, sizes = counts[filled], sizes[filled]
    if sizes.size == 1 and words >= SEGMENTS:
        counts, sizes = segments(positions, words)
        of = "segments"
    found = bool(counts.sum())
    compared = found and sizes.size > 1
    return Dispersion(
        parts=int(sizes.size),
        of=of,
        range=int(np.count_nonzero(counts)),
        juilland_d=juilland_d(counts, sizes) if compared else None,
        dp=gries_dp(counts, sizes) if compared else None,
        dp_norm=dp_norm(counts, sizes) if compared else None,
        arf=average_reduced_frequency(positions, words) if found and positions.size else None,
    )


def juilland_d(counts: Numbers, sizes: Numbers) -> float:
    """Juilland's D: 1 - V / sqrt(n - 1), where V is standard deviation / mean.

    Juilland, Brodin & Davidovitch (1970), with the population's standard deviation. The relative
    frequencies take the place of the counts, as in Gries (2008). 1: perfectly even; 0: all in one
    part.
    """
    rates, _, _ = _shares(counts, sizes)
    n = rates.size
    return max(float(1.0 - rates.std() / rates.mean() / math.sqrt(n - 1)), 0.0)


def gries_dp(counts: Numbers, sizes: Numbers) -> float:
    """Deviation of proportions: half the sum of |v - s| over the parts.

    v is a part's share of the occurrences, s its share of the words (Gries 2008). 0: perfectly
    even; it can't reach 1, but 1 - the smallest share.
    """
    _, found, expected = _shares(counts, sizes)
    return float(np.abs(found - expected).sum() / 2.0)


def dp_norm(counts: Numbers, sizes: Numbers) -> float:
    """DP divided by the most that it can be, 1 - smallest share (Lijffijt & Gries 2012)."""
    _, _, expected = _shares(counts, sizes)
    return float(gries_dp(counts, sizes) / (1.0 - expected.min()))


def _shares(counts: Numbers, sizes: Numbers) -> tuple[Array, Array, Array]:
    """Relative frequency of each part; its share of the occurrences and of the words."""
    found, large = np.asarray(counts, np.float64), np.asarray(sizes, np.float64)
    if found.size != large.size or found.size < 2:
        raise ValueError("needs counts and sizes of the same two or more parts")
    if (large <= 0).any() or found.sum() <= 0:
        raise ValueError("needs parts that have words and a term that occurs")
    return found / large, found / found.sum(), large / large.sum()


def distances(positions: Numbers, words: int) -> Array:
    """From each occurrence back to the one before it, in words (int64, as many).

    The corpus is a ring: the first is as far from the last as the two ends are together, so that
    the distances add up to `words`.
    """
    places = np.sort(np.asarray(positions, np.int64), kind="stable")  # they are mostly in order
    gaps = np.diff(places, prepend=places[-1:] - words)
    return np.asarray(gaps, np.int64)


def average_reduced_frequency(positions: Numbers, words: int) -> float:
    """ARF: the sum of min(d, v) / v over the distances d, where v = words / occurrences.

    Savický & Hlaváčová (2002). An occurrence right behind another one hardly counts; perfectly
    even ones count 1 each.
    """
    gaps = distances(positions, words)
    average = words / gaps.size
    return float(np.minimum(gaps, average).sum() / average)


def segments(positions: Numbers, words: int, number: int = SEGMENTS) -> tuple[Array, Array]:
    """Occurrences and words of `number` pieces, equal but for one word, of a single text."""
    edges = np.arange(number + 1) * words // number
    counts, _ = np.histogram(np.asarray(positions, np.int64), edges - 0.5)
    return counts.astype(np.int64), np.diff(edges)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One occurrence."""

    word: int  # words of the place before it: divided by the place's words, where to draw it
    passage: str  # passage id
    start: int  # in the passage's text


@dataclass(frozen=True, slots=True)
class Barcode:
    """All occurrences in one place."""

    place: Place
    strokes: tuple[Stroke, ...]  # in order of the text


def barcodes(evaluation: Evaluation, on: AuditScope) -> tuple[Barcode, ...]:
    """The barcode of every place, those without a stroke too."""
    found = [_columns(evaluation, on, held) for held in matches_in_scope(evaluation, on)]
    owners, words, ids, starts = (np.concatenate(column) for column in zip(*found))
    order = np.lexsort((words, owners))
    owners, words, ids, starts = owners[order], words[order], ids[order], starts[order]
    strokes = [
        Stroke(word, f"{number:016x}", start)
        for word, number, start in zip(words.tolist(), ids.tolist(), starts.tolist())
    ]
    edges = np.searchsorted(owners, np.arange(len(on.places) + 1)).tolist()
    return tuple(
        Barcode(place, tuple(strokes[first:last]))
        for place, first, last in zip(on.places, edges, edges[1:])
    )


def _columns(
    evaluation: Evaluation, on: AuditScope, held: Matches
) -> tuple[Array, Array, Array, Array]:
    """For each occurrence in a part: its place, words before it there, passage id, start."""
    segment = evaluation.snapshot.parts[held.part].segment
    tokens = held.found.starts
    passages = segment.unit_of(tokens)
    words = on.inner[held.part][passages] + (tokens - segment.unit_tokens[passages])
    ids = segment.column("passage.id")[passages]
    return on.owners[held.part][passages], words, ids, segment.starts_at(tokens)
