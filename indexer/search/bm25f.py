"""BM25F: scores passages for a leaf from frequencies, field lengths and statistics of the corpus.

In: how often each passage holds a leaf in each field, the lengths of the fields, the document
frequency; weights, some of which may be switched off. Out: scores. Pure arithmetic on its inputs,
so a passage can be scored apart from its index. Formula (Robertson, Zaragoza & Taylor
2004; idf as in Lucene, never negative):

    tf~   = sum over fields of  w_f * tf_f / (1 - b_f + b_f * words_f / average words_f)
    score = idf * (1 + ln(cf / df)) * tf~ * (k1 + 1) / (tf~ + k1)
    idf   = ln(1 + (N - df + 0.5) / (df + 0.5))

The best passages (`RERANKED`) also get the scores of their articles, computed in the same way from
the articles' texts and titles, with idf and cf / df of passages: of two passages that use a word
alike, the one whose article is about it ranks higher. (With one passage per article this does not
change the order.)

cf / df (at least 1): how often the passages that hold a word use it, on average. A text repeats
what it is about, but not what it mentions in passing (Kwok 1996: average term frequency). A leaf
that stands for many forms (stem, prefix …) scores as one term: its frequencies are summed and its
document frequency is that of the union. N, df and the averages are of live content.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from indexer.search.boolean import FieldHits
from indexer.sorted_arrays import Array


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the score, the same for all texts: chosen for the best mean over judged sets
    (docs/evaluation.md)."""

    k1: float = 1.2  # saturation: how soon further occurrences stop counting
    # For each field the weight of an occurrence, and how much its length counts (b, 0 to 1).
    text_weight: float = 1.0
    text_b: float = 0.75
    section_weight: float = 3.0
    section_b: float = 0.75
    title_weight: float = 5.0
    title_b: float = 0.75
    heading_weight: float = 2.0  # extra weight of headings for passages found by a heading alone
    article_weight: float = 1.0  # weight of the article's score beside its passage's
    repeats: float = 0.7  # a word that a query repeats n times weighs n to this power
    function_words: float = 0.0  # weight of function words beside other words
    burstiness: float = 1.0  # how much cf / df counts
    own_rarity: bool = True  # within one article, df is counted in that article alone

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of text, headings and title."""
        return self.text_weight, self.section_weight, self.title_weight

    def without(self, signal: str) -> Parameters:
        """The same parameters with one of `SIGNALS` switched off."""
        return replace(self, **SIGNALS[signal])


DEFAULTS = Parameters()
RERANKED = 20  # best passages that get the scores of their articles
SIGNALS: dict[str, dict[str, Any]] = {  # signal → the parameters that switch it off
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
    words: tuple[int, int, int]  # in texts, in the section paths and in the titles of passages
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
    """Inverse document frequency of a leaf that `df` of `passages` passages hold."""
    return math.log(1.0 + (passages - df + 0.5) / (df + 0.5))


def burstiness(p: Parameters, cf: int, df: int) -> float:
    """Factor beside idf for a word with `cf` occurrences in texts of passages, `df` of which hold
    it in their text or above: at least 1."""
    return 1.0 + p.burstiness * math.log(max(cf, df, 1) / max(df, 1))


def frequency(share: float, field: FieldHits, norm: Array) -> Array:
    """Contribution of a field to tf~ of the passages that hold a leaf in it (float64).

    `share`: the weight of the field; `norm`: norms of all passages of the part in that field.
    """
    found: Array = field.counts / norm.take(field.ids)
    if share != 1.0:
        found *= share
    return found


def saturated(p: Parameters, frequencies: Array, weight: float) -> Array:
    """Scores of passages with these tf~ (float64). `weight`: idf times boost."""
    scored: Array = frequencies * (weight * (p.k1 + 1.0))
    scored /= frequencies + p.k1
    return scored
