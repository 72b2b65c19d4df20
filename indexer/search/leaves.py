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

from indexer.query.nodes import Near
from indexer.search.patterns import Lexicon
from indexer.search.positions import Zone
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part
from indexer.sorted_arrays import (
    EMPTY,
    Array,
    counted,
    expanded,
    held,
    member,
    places,
    summed,
    union,
)


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
FEWER = 4  # so many times fewer than are scored are reckoned alone
TEXT = frozenset({"text"})
FIELDS = frozenset({"text", "section", "title"})


@dataclass(frozen=True)
class Held:
    """Passages that hold a leaf in one field, ascending, and how often each does."""

    ids: Array  # int64
    counts: Array  # of whichever integers


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
        self._of_pattern: dict[tuple[int, frozenset[str], int], LeafHits] = {}
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
            known = self._hits[key] = self._of_equal(leaf, part)
        return known

    def _of_equal(self, leaf: wq.Query, part: int) -> LeafHits:
        """The hits of a leaf; equal leaves share theirs."""
        if isinstance(leaf, Near):
            return self._in_part(leaf, self.snapshot.parts[part])
        key = (id(self.lexicon.pattern(leaf)), self.fields(leaf), part)
        known = self._of_pattern.get(key)
        if known is None:
            known = self._of_pattern[key] = self._in_part(leaf, self.snapshot.parts[part])
        return known

    def scores(self, leaf: wq.Query, part: int, boost: float, ids: Array) -> Array:
        """The score of each of these passages (ascending), which hold the leaf (float64)."""
        hits = self.hits(leaf, part)
        p = self.parameters
        norms = self.snapshot.norms(part, (p.text_b, p.section_b, p.title_b))
        weights = (p.text_weight, p.section_weight, p.title_weight)
        total: Array | None = None
        for field, norm, weight in zip((hits.text, hits.section, hits.title), norms, weights):
            if not field.ids.size:
                continue
            if field.ids.size * FEWER < ids.size:  # no more than these are reckoned
                at, there = places(field.ids, ids)
                total = np.zeros(ids.size) if total is None else total
                total[at] += weight * (field.counts[there] / norm[field.ids[there]])
                continue
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
        fields = self.fields(leaf)
        text, above = self._found(leaf, part, fields)
        if fields == TEXT:
            return LeafHits(text, NOTHING, NOTHING, EMPTY)
        section, title = self._above(part, above, fields)
        sides = union((section.ids, title.ids), part.segment.passages)
        return LeafHits(text, section, title, sides[~member(sides, text.ids)])

    def _found(self, leaf: wq.Query, part: Part, fields: Collection[str]) -> tuple[Held, Array]:
        """The passages that hold a leaf and its tokens in the heads, as far as its fields ask."""
        segment = part.segment
        if forms := self.lexicon.one_range(leaf, segment):
            text = NOTHING
            if "text" in fields:
                ids, counts = segment.passage_frequencies(*forms)
                end = ids.size if self.boilerplate else int(ids.searchsorted(segment.contents))
                text = _alive(part, Held(ids[:end], counts[:end]))
            return text, EMPTY if fields == TEXT else segment.head_positions(*forms)
        last = segment.heads_start if self.boilerplate else segment.content_end
        # One look at all zones, then cut: the list is ascending, and the heads are its end.
        zone = Zone(segment, 0, last if fields == TEXT else segment.tokens)
        starts = self.lexicon.starts(leaf, segment, zone)
        edges = np.array((last, segment.heads_start), starts.dtype)
        end, heads = starts.searchsorted(edges).tolist()
        text = _in_text(part, starts[:end]) if "text" in fields else NOTHING
        return text, starts[heads:]

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
        if "title" not in fields:
            return self._below(segment, heads, counts, ~is_title), NOTHING
        title = self._below(segment, heads, counts, is_title, titles=True)
        if "section" not in fields:
            return NOTHING, title
        return self._below(segment, heads, counts, ~is_title), title

    def _below(
        self, segment: Segment, heads: Array, counts: Array, chosen: Array, titles: bool = False
    ) -> Held:
        """The passages below the chosen heads, and how many tokens stand above each."""
        at = chosen.nonzero()[0]
        if not at.size:
            return NOTHING
        heads, counts = heads[at], counts[at]
        firsts = segment.column("head.first")[heads].astype(np.int64)
        sizes = segment.column("head.last")[heads] - firsts
        if titles and self.boilerplate:
            articles = segment.column("head.article")[heads]
            names = ("article.boilerplate_first", "article.boilerplate_last")
            first, last = (segment.contents + segment.column(n)[articles] for n in names)
            firsts = np.concatenate((firsts, first.astype(np.int64)))
            sizes = np.concatenate((sizes, (last - first).astype(np.int64)))
            counts = np.concatenate((counts, counts))
        numbers = expanded(firsts, sizes)
        if not numbers.size:
            return NOTHING
        return Held(*summed(numbers, np.repeat(counts, sizes), segment.passages))


def _in_text(part: Part, starts: Array) -> Held:
    """The live passages in which these tokens stand."""
    segment = part.segment
    if starts.size > MANY * segment.passages:
        # A wildcard that every passage holds: the passages' edges are fewer than the tokens.
        tokens = np.diff(starts.searchsorted(segment.unit_tokens[: segment.passages + 1]))
        ids = (tokens > 0).nonzero()[0]
        counts = tokens[ids]
    else:
        ids, counts = counted(segment.narrow_passage_of(starts))
    return _alive(part, Held(ids, counts))


def _alive(part: Part, held: Held) -> Held:
    """Those of these passages that are live."""
    if part.live is None:
        return held
    keep = part.live[held.ids].nonzero()[0]
    return Held(held.ids[keep], held.counts[keep])
