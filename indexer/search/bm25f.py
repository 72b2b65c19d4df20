"""BM25F: how well a passage matches a leaf, from frequencies, lengths and the corpus's sums.

In: how often each passage holds a leaf in each field, how long the fields are, how many passages
hold it. Out: scores. Plain arithmetic on what is given, so that a passage can be scored apart from
its index. Formula (Robertson, Zaragoza & Taylor 2004; idf as in Lucene, never negative):

    tf~   = sum over fields of  w_f * tf_f / (1 - b_f + b_f * words_f / average words_f)
    score = ln(1 + (N - df + 0.5) / (df + 0.5)) * tf~ * (k1 + 1) / (tf~ + k1)

A leaf that stands for many forms (stem, prefix …) scores as one term: its frequencies are summed
and its document frequency is that of the union. N, df and the averages are of live content.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.search.boolean import Held
from indexer.search.parameters import Parameters
from indexer.sorted_arrays import Array, held, places


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the live content of a corpus."""

    passages: int  # N
    words: tuple[int, int, int]  # of texts, of the headings above passages, of titles above them


def norms(p: Parameters, sums: Sums, lengths: Sequence[Array]) -> tuple[Array, ...]:
    """1 - b + b * words / average words of each passage (float64), in text, headings and title.

    `lengths`: words of each passage in these fields (int64).
    """
    return tuple(
        1.0 - b + b * (words * (max(sums.passages, 1) / max(total, 1)))
        for b, words, total in zip((p.text_b, p.section_b, p.title_b), lengths, sums.words)
    )


def heading_scores(p: Parameters, sums: Sums, counts: Array, words: Array, weight: float) -> Array:
    """Score of passages that are found by a heading alone, as if that were their text: `counts` of
    the leaf in the headings and the title above each, `words` of the heading (float64)."""
    average = max(sums.words[0], 1) / max(sums.passages, 1)
    total = p.heading_weight * counts / (1.0 - p.text_b + p.text_b * (words / average))
    scored: Array = total * (weight * (p.k1 + 1.0)) / (total + p.k1)
    return scored


def idf(passages: int, df: int) -> float:
    """Inverse document frequency of what `df` of so many passages hold."""
    return math.log(1.0 + (passages - df + 0.5) / (df + 0.5))


def scores(
    p: Parameters, fields: Sequence[Held], norms: Sequence[Array], weight: float, ids: Array
) -> Array:
    """Score of each of `ids` (passages, ascending; float64).

    `fields`: frequencies in text, headings and title; `norms`: of every passage of the part, by
    field; `weight`: idf times boost.
    """
    total: Array | None = None
    weights = (p.text_weight, p.section_weight, p.title_weight)
    for field, norm, share in zip(fields, norms, weights):
        if field.ids.size * 4 < ids.size:  # few of the passages hold it there
            at, there = places(field.ids, ids)
            total = np.zeros(ids.size) if total is None else total
            total[at] += share * (field.counts[there] / norm[field.ids[there]])
        elif field.ids.size:
            found = held(ids, field.ids, field.counts) / norm.take(ids)
            found *= share
            total = found if total is None else total + found
    if total is None:
        return np.zeros(ids.size)
    scored: Array = total * (weight * (p.k1 + 1.0))
    total += p.k1
    scored /= total
    return scored
