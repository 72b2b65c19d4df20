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
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from whoosh import query as wq

from indexer.arrays import Array, Part, Segment
from indexer.matching.patterns import Lexicon
from indexer.matching.scopes import Zone, expanded
from indexer.matching.sets import EMPTY, counted, held, member, summed, union
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
MANY = 8  # tokens a passage, on average
TEXT = frozenset({"text"})
FIELDS = frozenset({"text", "section", "title"})


@dataclass(frozen=True)
class Held:
    """Passages that hold a leaf in one field, ascending, and how often each does."""

    ids: Array  # int64
    counts: Array


NOTHING = Held(EMPTY, EMPTY)


@dataclass(frozen=True)
class LeafHits:
    """One leaf in one part, by field."""

    text: Held
    section: Held
    title: Held
    sides: Array  # passages that hold it in the section path or title alone, ascending


class Leaves:
    """The leaves of one query over one snapshot; each is looked up once."""

    def __init__(
        self, lexicon: Lexicon, parameters: Parameters, *, text_only: bool, boilerplate: bool
    ) -> None:
        self.lexicon, self.parameters = lexicon, parameters
        self.snapshot = lexicon.speller.snapshot
        self.text_only = text_only  # counts and concordance: headings and titles are not searched
        self.boilerplate = boilerplate
        self._hits: dict[tuple[int, int], LeafHits] = {}  # (leaf, part)
        self._idf: dict[int, float] = {}

    def fields(self, leaf: wq.Query) -> frozenset[str]:
        """The fields that a leaf tests."""
        if isinstance(leaf, Near):
            return TEXT
        if leaf.fieldname == "any":
            return TEXT if self.text_only else FIELDS
        return FIELDS & {leaf.fieldname}

    def hits(self, leaf: wq.Query, part: int) -> LeafHits:
        """Where a leaf is found in one part."""
        key = (id(leaf), part)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = self._in_part(leaf, self.snapshot.parts[part])
        return known

    def scores(self, leaf: wq.Query, part: int, boost: float, ids: Array) -> Array:
        """The score of each of these passages (ascending), which hold the leaf (float64)."""
        hits = self.hits(leaf, part)
        p = self.parameters
        norms = self.snapshot.norms(part, (p.text_b, p.section_b, p.title_b))
        weights = (p.text_weight, p.section_weight, p.title_weight)
        total: Array | None = None
        for field, norm, weight in zip((hits.text, hits.section, hits.title), norms, weights):
            if field.ids.size:
                share = held(ids, field.ids, field.counts) / norm.take(ids)
                share *= weight
                total = share if total is None else total + share
        if total is None:
            return np.zeros(ids.size)
        scores = total * (boost * self._rarity(leaf) * (p.k1 + 1.0))
        total += p.k1
        scores /= total
        return scores

    def _rarity(self, leaf: wq.Query) -> float:
        """Inverse document frequency of a leaf, over all parts."""
        known = self._idf.get(id(leaf))
        if known is None:
            df = total = 0
            for number, part in enumerate(self.snapshot.parts):
                hits = self.hits(leaf, number)
                for ids in (hits.text.ids, hits.sides):
                    df += int(ids.searchsorted(part.segment.contents))
                total += part.sums[0]
            known = self._idf[id(leaf)] = math.log(1.0 + (total - df + 0.5) / (df + 0.5))
        return known

    def _in_part(self, leaf: wq.Query, part: Part) -> LeafHits:
        segment = part.segment
        fields = self.fields(leaf)
        if fields == TEXT:
            end = segment.heads_start if self.boilerplate else segment.content_end
            starts = self.lexicon.find(leaf, segment, Zone(segment, 0, end)).starts
            return LeafHits(_in_text(part, starts), NOTHING, NOTHING, EMPTY)
        # One look at all zones, then cut: the list is ascending, and the heads are its end.
        starts = self.lexicon.find(leaf, segment, Zone(segment, 0, segment.tokens)).starts
        end, heads = starts.searchsorted((segment.content_end, segment.heads_start)).tolist()
        text = NOTHING
        if "text" in fields:
            text = _in_text(part, starts[: heads if self.boilerplate else end])
        section, title = self._above(part, starts[heads:], fields)
        sides = union((section.ids, title.ids), segment.passages)
        return LeafHits(text, section, title, sides[~member(sides, text.ids)])

    def _above(self, part: Part, tokens: Array, fields: Collection[str]) -> tuple[Held, Held]:
        """Passages below headings, and below titles, in which these tokens stand."""
        if not tokens.size:
            return NOTHING, NOTHING
        segment = part.segment
        heads, counts = counted(segment.head_of(tokens))
        if part.live_heads is not None:
            keep = part.live_heads[heads]
            heads, counts = heads[keep], counts[keep]
        is_title = segment.column("head.title")[heads] > 0
        sides = []
        for name, chosen in (("section", ~is_title), ("title", is_title)):
            if name not in fields or not chosen.any():
                sides.append(NOTHING)
                continue
            ranges = _below(
                segment, heads[chosen], boilerplate=self.boilerplate and name == "title"
            )
            sides.append(_under_heads(ranges, counts[chosen], segment.passages))
        return sides[0], sides[1]


def _in_text(part: Part, starts: Array) -> Held:
    """The live passages in which these tokens stand."""
    segment = part.segment
    if starts.size > MANY * segment.passages:
        # A wildcard that every passage holds: the passages' edges are fewer than the tokens.
        tokens = np.diff(starts.searchsorted(segment.unit_tokens[: segment.passages + 1]))
        ids = (tokens > 0).nonzero()[0]
        counts = tokens[ids]
    else:
        ids, counts = counted(segment.passage_of(starts))
    if part.live is not None:
        keep = part.live[ids].nonzero()[0]
        ids, counts = ids[keep], counts[keep]
    return Held(ids, counts)


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


def _under_heads(ranges: list[tuple[Array, Array]], counts: Array, passages: int) -> Held:
    """The passages in these ranges, one a head in each, and their summed counts."""
    firsts = np.concatenate([first for first, _ in ranges]).astype(np.int64)
    sizes = np.concatenate([last for _, last in ranges]).astype(np.int64) - firsts
    if not sizes.any():
        return NOTHING
    repeated = np.repeat(np.tile(counts, len(ranges)), sizes)
    return Held(*summed(expanded(firsts, sizes), repeated, passages))
