"""Leaves of a query over a snapshot: where each is found, and how it scores a passage.

In: a leaf. Out: for each part of the snapshot the passages that hold it in text, headings above
or title, how often, and the score of each.

Lexical score (BM25F: Robertson, Zaragoza & Taylor 2004; idf as in Lucene, never negative):

    tf~   = sum over fields of  w_f * tf_f / (1 - b_f + b_f * words_f / average words_f)
    score = ln(1 + (N - df + 0.5) / (df + 0.5)) * tf~ * (k1 + 1) / (tf~ + k1)

A leaf that stands for many forms (stem, prefix …) scores as one term: its frequencies are summed
and its document frequency is that of the union. N, df and the averages are of live content.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from whoosh import query as wq

from indexer.arrays import Array, Part, Segment
from indexer.matching.elements import Element
from indexer.matching.patterns import Lexicon
from indexer.matching.sets import EMPTY, counted, spread, summed, union
from indexer.querying import Near


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the score: saturation k1, and weight and length normalisation by field."""

    k1: float = 1.2
    text_weight: float = 1.0
    text_b: float = 0.6
    section_weight: float = 0.5
    section_b: float = 0.3
    title_weight: float = 0.5
    title_b: float = 0.3


DEFAULTS = Parameters()


@dataclass(frozen=True)
class LeafHits:
    """One leaf in one part."""

    ids: Array  # passages, int64, ascending
    text: Array  # occurrences in the text of each (float64)
    section: Array  # in the headings above
    title: Array  # in the title


class Leaves:
    """The leaves of one query over one snapshot; each is looked up once."""

    def __init__(
        self, lexicon: Lexicon, parameters: Parameters, *, text_only: bool, boilerplate: bool
    ) -> None:
        self.lexicon, self.parameters = lexicon, parameters
        self.text_only = text_only  # counts and concordance: headings and titles are not searched
        self.boilerplate = boilerplate
        self._hits: dict[int, list[LeafHits]] = {}
        self._idf: dict[int, float] = {}

    def fields(self, leaf: wq.Query) -> set[str]:
        """The fields that a leaf tests."""
        if isinstance(leaf, Near):
            return {"text"}
        name = leaf.fieldname
        if name == "any":
            return {"text"} if self.text_only else {"text", "section", "title"}
        return {name} if name in ("text", "section", "title") else set()

    def scores(self, leaf: wq.Query, part: int, boost: float) -> tuple[LeafHits, Array]:
        """Where a leaf is found in one part, and the score of each passage (float64)."""
        hits = self._of(leaf)[part]
        p = self.parameters
        norms = self.lexicon.speller.snapshot.norms(part, (p.text_b, p.section_b, p.title_b))
        weights = (p.text_weight, p.section_weight, p.title_weight)
        total = np.zeros(hits.ids.size)
        for tf, norm, weight in zip((hits.text, hits.section, hits.title), norms, weights):
            if tf.size:
                total += weight * tf / norm[hits.ids]
        scores = (boost * self._idf[id(leaf)] * (p.k1 + 1.0)) * total / (total + p.k1)
        return hits, scores

    def _of(self, leaf: wq.Query) -> list[LeafHits]:
        """The leaf in every part; its document frequency is known from then on."""
        known = self._hits.get(id(leaf))
        if known is not None:
            return known
        parts = self.lexicon.speller.snapshot.parts
        hits = [self._in_part(leaf, part) for part in parts]
        total = sum(part.sums[0] for part in parts)
        df = sum(int(np.searchsorted(h.ids, part.segment.contents)) for h, part in zip(hits, parts))
        self._idf[id(leaf)] = math.log(1.0 + (total - df + 0.5) / (df + 0.5))
        self._hits[id(leaf)] = hits
        return hits

    def _in_part(self, leaf: wq.Query, part: Part) -> LeafHits:
        segment = part.segment
        fields = self.fields(leaf)
        none = np.zeros(0)
        text_ids, text = EMPTY, none
        if "text" in fields:
            end = segment.heads_start if self.boilerplate else segment.content_end
            starts = self._starts(leaf, segment, 0, end)
            text_ids, text = counted(segment.passage_of(starts), segment.passages)
            if part.live is not None:
                keep = part.live[text_ids]
                text_ids, text = text_ids[keep], text[keep]
        if fields == {"text"}:
            return LeafHits(text_ids, text, none, none)
        sides = self._above(leaf, part, fields)
        if not any(ids.size for ids, _ in sides):
            return LeafHits(text_ids, text, none, none)
        ids = union([text_ids, *(i for i, _ in sides)], segment.passages)
        found = [spread(ids, i, tf) for i, tf in ((text_ids, text), *sides)]
        return LeafHits(ids, *found)

    def _above(self, leaf: wq.Query, part: Part, fields: set[str]) -> list[tuple[Array, Array]]:
        """Passages below headings, and below titles, that hold the leaf, with its frequency."""
        segment = part.segment
        tokens = self._starts(leaf, segment, segment.heads_start, segment.tokens)
        heads, counts = counted(segment.head_of(tokens), segment.heads)
        if part.live_heads is not None:
            keep = part.live_heads[heads]
            heads, counts = heads[keep], counts[keep]
        is_title = segment.column("head.title")[heads] > 0
        sides = []
        for name, chosen in (("section", ~is_title), ("title", is_title)):
            if name not in fields or not heads.size:
                sides.append((EMPTY, np.zeros(0)))
                continue
            ranges = _below(
                segment, heads[chosen], boilerplate=self.boilerplate and name == "title"
            )
            sides.append(_under_heads(ranges, counts[chosen], segment.passages))
        return sides

    def _starts(self, leaf: wq.Query, segment: Segment, start: int, end: int) -> Array:
        def tokens(e: Element) -> Array:
            return e.tokens(segment, start, end)

        return self.lexicon.find(leaf, segment, tokens).starts


def _below(segment: Segment, heads: Array, *, boilerplate: bool) -> list[tuple[Array, Array]]:
    """First passage below each head and one past the last: of the content, of boilerplate too."""
    column = segment.column
    ranges = [(column("head.first")[heads], column("head.last")[heads])]
    if boilerplate:
        articles = column("head.article")[heads]
        names = ("article.boilerplate_first", "article.boilerplate_last")
        first, last = (segment.contents + column(name)[articles] for name in names)
        ranges.append((first, last))
    return ranges


def _under_heads(
    ranges: list[tuple[Array, Array]], counts: Array, passages: int
) -> tuple[Array, Array]:
    """The passages in these ranges, one a head in each, ascending, and their summed counts."""
    firsts = np.concatenate([first for first, _ in ranges]).astype(np.int64)
    sizes = np.concatenate([last for _, last in ranges]).astype(np.int64) - firsts
    total = int(sizes.sum())
    if not total:
        return EMPTY, np.zeros(0)
    ends = np.cumsum(sizes)
    numbers = np.repeat(firsts - (ends - sizes), sizes) + np.arange(total)
    return summed(numbers, np.repeat(np.tile(counts, len(ranges)), sizes), passages)
