"""BM25F: how well a passage matches a leaf, from frequencies, lengths and the corpus's sums.

In: how often each passage holds a leaf in each field, how long the fields are, how many passages
hold it; weights, from which a signal may be left out. Out: scores. Plain arithmetic on what is
given, so that a passage can be scored apart from its index. Formula (Robertson, Zaragoza & Taylor
2004; idf as in Lucene, never negative):

    tf~   = sum over fields of  w_f * tf_f / (1 - b_f + b_f * words_f / average words_f)
    score = idf * (1 + ln(cf / df)) * tf~ * (k1 + 1) / (tf~ + k1)
    idf   = ln(1 + (N - df + 0.5) / (df + 0.5))

The articles of the best passages (`RERANKED`) are scored by their texts and titles in the same way,
with idf and cf / df of passages, and that is added to the scores of these passages: of two that say
a word alike, the one whose article is about it is better. (In an article of one passage that
changes no order.)

cf / df (1 at least): how often the passages that hold a word say it, on average. What a text is
about is said again, what it mentions by the way is not (Kwok 1996: average term frequency).
A leaf that stands for many forms (stem, prefix …) scores as one term: its frequencies are summed
and its document frequency is that of the union. N, df and the averages are of live content.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from indexer.search.boolean import Held
from indexer.sorted_arrays import Array


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the score, one set for all texts: chosen by the mean over judged sets
    (docs/evaluation.md)."""

    k1: float = 1.2  # saturation: how soon further occurrences stop to count
    # Weight of an occurrence, and how far the length of the field counts (0 to 1), by field.
    text_weight: float = 1.0
    text_b: float = 0.75
    section_weight: float = 3.0
    section_b: float = 0.75
    title_weight: float = 5.0
    title_b: float = 0.75
    heading_weight: float = 2.0  # of words by whose heading alone a passage is found, beside that
    article_weight: float = 1.0  # of what the article of a passage says, beside that
    repeats: float = 0.7  # a word that a query says n times weighs n to this power
    function_words: float = 0.0  # what they weigh beside other words
    burstiness: float = 1.0  # how far it counts that a word comes again where it comes
    own_rarity: bool = True  # within one article, words are as rare as they are there

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of text, headings and title."""
        return self.text_weight, self.section_weight, self.title_weight

    def without(self, signal: str) -> Parameters:
        """The same score without one of `SIGNALS`."""
        return replace(self, **SIGNALS[signal])


DEFAULTS = Parameters()
RERANKED = 20  # the passages, best by themselves, whose articles count
SIGNALS: dict[str, dict[str, Any]] = {  # what a score is made of → the parameters that drop it
    "titles": {"title_weight": 0.0},
    "headings": {"section_weight": 0.0},
    "articles": {"article_weight": 0.0},
    "lengths": {"text_b": 0.0, "section_b": 0.0, "title_b": 0.0},
    "function-words": {"function_words": 1.0},
    "repeats": {"repeats": 1.0},
    "burstiness": {"burstiness": 0.0},
    "own-rarity": {"own_rarity": False},
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the live content of a corpus."""

    passages: int  # N
    words: tuple[int, int, int]  # of texts, of the headings above passages, of titles above them
    articles: int


def norms(p: Parameters, sums: Sums, lengths: Sequence[Array]) -> tuple[Array, ...]:
    """1 - b + b * words / average words of each passage (float64), in text, headings and title.

    `lengths`: words of each passage in these fields (int64).
    """
    return tuple(
        1.0 - b + b * (words * (max(sums.passages, 1) / max(total, 1)))
        for b, words, total in zip((p.text_b, p.section_b, p.title_b), lengths, sums.words)
    )


def article_norms(p: Parameters, sums: Sums, words: Array) -> Array:
    """1 - b + b * words / average words of each article (float64). `words`: of their texts."""
    found: Array = 1.0 - p.text_b + p.text_b * (words * (sums.articles / max(sums.words[0], 1)))
    return found


def idf(passages: int, df: int) -> float:
    """Inverse document frequency of what `df` of so many passages hold."""
    return math.log(1.0 + (passages - df + 0.5) / (df + 0.5))


def burstiness(p: Parameters, cf: int, df: int) -> float:
    """What a word weighs beside its idf that stands `cf` times in the texts of passages, `df` of
    which hold it, there or above: 1 at least."""
    return 1.0 + p.burstiness * math.log(max(cf, df, 1) / max(df, 1))


def frequency(share: float, field: Held, norm: Array) -> Array:
    """What a field adds to tf~ of the passages that hold a leaf in it (float64).

    `share`: the weight of the field; `norm`: of every passage of the part, in that field.
    """
    found: Array = field.counts / norm.take(field.ids)
    if share != 1.0:
        found *= share
    return found


def saturated(p: Parameters, frequencies: Array, weight: float) -> Array:
    """Score of passages with such a tf~; `weight`: idf times boost (float64)."""
    scored: Array = frequencies * (weight * (p.k1 + 1.0))
    scored /= frequencies + p.k1
    return scored
