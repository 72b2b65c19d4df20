"""Dispersion: how evenly the occurrences of a term are spread over the parts of a corpus.

In: occurrences of the term in each part (int, n parts), words of each part (int, n), and the
positions of the occurrences among all words. Out: numbers. Measures of a term that does not occur
are undefined, and so are those that compare parts if there is only one: they are None, never 0.
Refuses nothing. The more even the spread, the higher is Juilland's D, and the lower are DP and
DPnorm: see `DIRECTIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.audits.scope import AuditScope, Matches, Place, matches_in_scope
from indexer.search.matcher import Matcher
from indexer.sorted_arrays import Array

SEGMENTS = 8  # equal parts into which a single text is cut
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
    """The dispersion of one term; `DIRECTIONS` explains high and low values."""

    parts: int  # number of parts compared: those that have words
    of: Parts  # kind of the parts; "segments": equal pieces of a single text
    range: int  # parts in which the term occurs
    juilland_d: float | None  # None: the term does not occur, or there is only one part
    dp: float | None  # None: as above
    dp_norm: float | None  # None: as above
    arf: float | None  # average reduced frequency, in occurrences


def dispersion(counts: Array, sizes: Array, positions: Array, words: int, of: Parts) -> Dispersion:
    """All measures of a term.

    `counts` and `sizes` are occurrences and words by part; `positions` has the number of words
    before each occurrence, of `words` in all. A single part is first cut into `SEGMENTS` equal
    ones, as WordSmith does with a single text.
    """
    filled = sizes > 0
    counts, sizes = counts[filled], sizes[filled]
    if sizes.size == 1 and words >= SEGMENTS:
        counts, sizes = segments(positions, words)
        of = "segments"
    occurs = bool(counts.sum())
    compared = occurs and sizes.size > 1
    return Dispersion(
        parts=int(sizes.size),
        of=of,
        range=int(np.count_nonzero(counts)),
        juilland_d=juilland_d(counts, sizes) if compared else None,
        dp=gries_dp(counts, sizes) if compared else None,
        dp_norm=dp_norm(counts, sizes) if compared else None,
        arf=average_reduced_frequency(positions, words) if occurs and positions.size else None,
    )


def juilland_d(counts: Array, sizes: Array) -> float:
    """Juilland's D: 1 - V / sqrt(n - 1), where V is standard deviation / mean.

    Juilland, Brodin & Davidovitch (1970), with the population's standard deviation. Relative
    frequencies are used instead of counts, as in Gries (2008).
    """
    rates = counts / sizes
    return max(float(1.0 - rates.std() / rates.mean() / math.sqrt(rates.size - 1)), 0.0)


def gries_dp(counts: Array, sizes: Array) -> float:
    """Deviation of proportions: half the sum of |v - s| over the parts.

    v is a part's share of the occurrences, s its share of the words (Gries 2008). The maximum is
    1 - the smallest share s.
    """
    return float(np.abs(counts / counts.sum() - sizes / sizes.sum()).sum() / 2.0)


def dp_norm(counts: Array, sizes: Array) -> float:
    """DP divided by its maximum (Lijffijt & Gries 2012)."""
    return float(gries_dp(counts, sizes) / (1.0 - sizes.min() / sizes.sum()))


def distances(positions: Array, words: int) -> Array:
    """Distance of each occurrence from the one before it, in words (int64, one per occurrence).

    The corpus is treated as a ring: the distance of the first occurrence runs across the end to the
    last one, so that all distances add up to `words`.
    """
    places = np.sort(positions, kind="stable")  # fast: mostly sorted already
    return np.diff(places, prepend=places[-1:] - words)


def average_reduced_frequency(positions: Array, words: int) -> float:
    """ARF: the sum of min(d, v) / v over the distances d, where v = words / occurrences.

    Savický & Hlaváčová (2002). An occurrence shortly after another one counts little; if all are
    evenly spaced, each counts 1.
    """
    average = words / positions.size
    return float(np.minimum(distances(positions, words), average).sum() / average)


def segments(positions: Array, words: int, number: int = SEGMENTS) -> tuple[Array, Array]:
    """Occurrences and words in `number` pieces of a text, equal to within one word (int64)."""
    edges = np.arange(number + 1) * words // number
    counts, _ = np.histogram(positions, edges - 0.5)
    return counts.astype(np.int64), np.diff(edges)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One occurrence."""

    word: int  # words before it in its place; divided by the place's words: where to draw it
    passage: str  # passage id
    start: int  # offset in the passage's text


@dataclass(frozen=True, slots=True)
class Barcode:
    """All occurrences in one place."""

    place: Place
    strokes: tuple[Stroke, ...]  # in order of the text


def barcodes(matcher: Matcher, on: AuditScope) -> tuple[Barcode, ...]:
    """The barcode of each place of the scope, even if it has no stroke."""
    parts = [_columns(matcher, on, matches) for matches in matches_in_scope(matcher, on)]
    owners, words, ids, starts = (np.concatenate(column) for column in zip(*parts))
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
    matcher: Matcher, on: AuditScope, matches: Matches
) -> tuple[Array, Array, Array, Array]:
    """For each occurrence in a part: its place, words before it there, passage id, start."""
    segment = matcher.snapshot.parts[matches.part].segment
    tokens = matches.found.starts
    passages = segment.unit_of(tokens)
    words = on.inner[matches.part][passages] + (tokens - segment.unit_tokens[passages])
    ids = segment.column("passage.id")[passages]
    return on.owners[matches.part][passages], words, ids, segment.starts_at(tokens)
