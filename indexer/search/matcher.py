"""Matching a plan over a snapshot: passages with scores, and their occurrences.

In: a plan, and an expansion that looks words up. Out: for each part of the snapshot the matching
passages (ascending), their scores, and on demand the occurrences of the leaves that made them
match. Works on whole arrays; no result is cut off. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial, reduce
from itertools import compress, pairwise
from operator import attrgetter
from typing import Any

import numpy as np

from indexer.model import KINDS, FoundIn, Why
from indexer.search import bm25f
from indexer.search.bm25f import Parameters
from indexer.search.boolean import (
    NOWHERE,
    FieldHits,
    LeafHits,
    PartMatches,
    Scored,
    all_of,
    any_of,
    everywhere,
    in_any,
    scores_at,
)
from indexer.search.expansion import Expansion
from indexer.search.heading_matches import (
    NONE_BY_HEADINGS,
    FoundByHeadings,
    Lookup,
    active_passages,
    empty_ones,
    found_by_headings,
    has_partial_negations,
)
from indexer.search.located import MOST_SLICES, Element, LocatedWords
from indexer.search.plan import (
    ALL_FIELDS,
    TEXT_ONLY,
    And,
    Boosted,
    Constant,
    EveryPassage,
    Filter,
    Leaf,
    Node,
    Not,
    Or,
    asks_for_boilerplate,
    leaves,
    only_article,
    query_text,
    scoring,
)
from indexer.search.positions import find, token_scope, unit_scope
from indexer.search.spans import TokenSpans, united
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import (
    EMPTY,
    Array,
    counted,
    difference,
    expanded,
    interleaved,
    intersect,
    isin,
    member,
    merged,
    summed,
    union,
    values_at,
)

ScoreShare = tuple[Any, str, Any, Array]  # field, word and signal as in `Why`; values by passage
_FIELDS = ("text", "section", "title", "heading")
Active = Sequence[tuple[Leaf, Array]]  # leaves; for each in which of the passages it counts (bool)


class Collection:
    """A snapshot with the statistics of the whole that scores need; safe to share."""

    def __init__(self, snapshot: Snapshot, parameters: Parameters) -> None:
        self.snapshot, self.parameters = snapshot, parameters
        sums = np.sum([part.sums for part in snapshot.parts], axis=0).tolist()
        articles = sum(len(part.live_articles) for part in snapshot.parts)
        self.sums = bm25f.Sums(sums[0], (sums[1], sums[2], sums[3]), articles)
        self._norms: dict[int, tuple[Array, ...]] = {}
        self._articles: dict[int, tuple[Array, Array, Array]] = {}

    def norms(self, part: int) -> tuple[Array, ...]:
        """`bm25f.norms` of the passages of a part (cached)."""
        found = self._norms.get(part)
        if found is None:
            segment = self.snapshot.parts[part].segment
            lengths = (segment.words, segment.section_words, segment.title_words)
            found = self._norms[part] = bm25f.norms(self.parameters, self.sums, lengths)
        return found

    def in_articles(
        self, leaf: Leaf, text: FieldHits, part: int, numbers: Array
    ) -> tuple[Array, Array]:
        """Occurrences of a leaf in each of these articles' texts, without boilerplate, and their
        `bm25f.article_norms`. `text`: the passages of the part that hold the leaf."""
        known = self._articles.get(part)
        if known is None:
            segment = self.snapshot.parts[part].segment
            first, last = segment.column("article.first"), segment.column("article.last")
            words = np.concatenate(([0], segment.words)).cumsum()
            norms = bm25f.article_norms(self.parameters, self.sums, words[last] - words[first])
            known = self._articles[part] = first, last, norms
        first, last, norms = known
        low, high = text.ids.searchsorted((first[numbers], last[numbers]))
        counts = text.counts[expanded(low, high - low)]
        of = np.repeat(np.arange(numbers.size), high - low)
        return np.bincount(of, counts, minlength=numbers.size), norms[numbers]

    def document_frequency(self, leaf: Leaf, hits_of: Callable[[Leaf, int], LeafHits]) -> int:
        """Number of content passages that hold a leaf in their text or above it. `hits_of` looks a
        leaf up in a part."""
        total = 0
        for number, part in enumerate(self.snapshot.parts):
            hits = hits_of(leaf, number)
            for ids in (hits.text.ids, hits.above_only):
                total += int(ids.searchsorted(part.segment.contents))
        return total

    def occurrences(
        self, leaf: Leaf, expansion: Expansion, hits_of: Callable[[Leaf, int], LeafHits]
    ) -> int:
        """Occurrences of a leaf as a single token in the text of content passages."""
        if not expansion.is_one_token(leaf):
            return expansion.occurrences(leaf)
        total = 0
        for number, part in enumerate(self.snapshot.parts):
            text = hits_of(leaf, number).text
            total += int(text.counts[: text.ids.searchsorted(part.segment.contents)].sum())
        return total

    def own_frequency(
        self, leaf: Leaf, articles: Sequence[str], hits_of: Callable[[Leaf, int], LeafHits]
    ) -> int:
        """Number of content passages of these articles (ids) that hold a leaf in their text or
        above it."""
        total = 0
        for part, first, last in self._own(articles):
            hits = hits_of(leaf, part)
            for ids in (hits.text.ids, hits.above_only):
                total += int(ids.searchsorted(last) - ids.searchsorted(first))
        return total

    def own_size(self, articles: Sequence[str]) -> int:
        """Number of content passages of these articles (ids)."""
        return sum(last - first for _, first, last in self._own(articles))

    def _own(self, articles: Sequence[str]) -> list[tuple[int, int, int]]:
        """Content passages of these articles: part, first passage, one past the last."""
        found = []
        for number, part in enumerate(self.snapshot.parts):
            segment = part.segment
            for at in map(segment.article_ids.find, articles):
                if at >= 0 and at not in part.dead:
                    first, last = segment.column("article.first"), segment.column("article.last")
                    found.append((number, int(first[at]), int(last[at])))
        return found


class LeafMatcher:
    """The leaves of one plan over one snapshot: their hits and scores.

    Matches refer to this object, and it never to them: without a cycle, the arrays of matches
    are freed at once. (With a cycle, allocating memory took half of an OR of common words.)
    """

    def __init__(self, collection: Collection, expansion: Expansion, plan: Node) -> None:
        self.snapshot, self.boilerplate = collection.snapshot, asks_for_boilerplate(plan)
        self.by_headings: dict[int, FoundByHeadings] = {}  # by part, filled by `Matcher`
        self._collection, self._expansion = collection, expansion
        self._scoring, self._articles = scoring(plan), only_article(plan)
        self._hits: dict[tuple[int, int], LeafHits] = {}  # by number of the leaf, and part
        self._weights: dict[int, float] = {}  # by number of the leaf, once computed

    def size(self, part: int) -> int:
        """Number of passages searched: content, and boilerplate if the plan asks for it."""
        segment = self.snapshot.parts[part].segment
        return int(segment.passages if self.boilerplate else segment.contents)

    def scores(self, leaf: Leaf, part: int, boost: float, ids: Array) -> Array:
        """Scores of these passages (ascending), which must hold the leaf (float64)."""
        p, weight = self._collection.parameters, boost * self.weights[leaf.number]
        if not weight or not ids.size:
            return np.zeros(ids.size)
        hits, norm = self.hits_of(leaf, part), self._collection.norms(part)[0]
        if ids is hits.text.ids:
            total = bm25f.frequency(p.text_weight, hits.text, norm)
            at, there = hits.both
            total[at] += hits.above.counts[there]
            return bm25f.saturated(p, total, weight)
        total = values_at(ids, hits.above.ids, hits.above.counts)
        if ids is not hits.above_only:
            here = FieldHits(ids, values_at(ids, hits.text.ids, hits.text.counts))
            total = total + bm25f.frequency(p.text_weight, here, norm)
        if self.by_headings.get(part, NONE_BY_HEADINGS).ids.size:
            total = total + self._heading_frequency(hits, part, ids)
        return bm25f.saturated(p, total, weight)

    def shares(self, leaf: Leaf, part: int, boost: float, ids: Array) -> Iterator[ScoreShare]:
        """The contribution of each field to `scores`."""
        p, weight = self._collection.parameters, boost * self.weights[leaf.number]
        hits = self.hits_of(leaf, part)
        fields = zip((hits.text, hits.section, hits.title), self._collection.norms(part), p.weights)
        found = [share * values_at(ids, f.ids, f.counts) / norm[ids] for f, norm, share in fields]
        found.append(self._heading_frequency(hits, part, ids))
        total: Array = np.sum(found, axis=0)
        each = bm25f.saturated(p, total, weight) / np.where(total > 0, total, 1.0)
        word = query_text(leaf.sought)
        for field, values in zip(_FIELDS, found):
            yield field, word, "heading" if field == "heading" else "frequency", values * each

    def article_scores(self, part: int, ids: Array) -> list[tuple[Leaf, Array]]:
        """What each leaf adds to the scores of passages by their articles; nothing within one."""
        p, found = self._collection.parameters, list[tuple[Leaf, Array]]()
        if self._articles or not p.article_weight:
            return found
        numbers = self.snapshot.parts[part].segment.article_numbers[ids]
        for leaf, boost in self._scoring:
            hits, weight = self.hits_of(leaf, part), boost * self.weights[leaf.number]
            count, norm = self._collection.in_articles(leaf, hits.text, part, numbers)
            total = p.text_weight * count / norm
            if hits.above.ids.size:
                total += values_at(ids, hits.above.ids, hits.above.counts)
            found.append((leaf, bm25f.saturated(p, total, weight * p.article_weight)))
        return found

    def _heading_frequency(self, hits: LeafHits, part: int, ids: Array) -> Array:
        """Extra frequency of a leaf's headings in passages found by a heading alone, which count
        as if the text said so (float64)."""
        found, by = np.zeros(ids.size), self.by_headings.get(part, NONE_BY_HEADINGS).ids
        if by.size and ids.size:
            at, there = intersect(by, ids)
            for field in (hits.section, hits.title, hits.stand_ins):
                found[at] += values_at(by[there], field.ids, field.counts)
        return found * self._collection.parameters.heading_weight

    @property
    def weights(self) -> dict[int, float]:
        """Weight of each leaf that adds to scores, by its number: idf times burstiness.

        Function words weigh less beside other words. Within one article the weight is the idf
        alone, and a word that every passage of it holds, or stands below, weighs nothing.
        """
        if not self._weights:
            self._weights = self._weigh()
        return self._weights

    def _weigh(self) -> dict[int, float]:
        collection, p = self._collection, self._collection.parameters
        scoring, df, size = dict(self._scoring), {}, -1
        for leaf in scoring:
            df[leaf.number] = collection.document_frequency(leaf, self.hits_of)
        light: set[int] = set()
        if len(df) > 1:  # a function word alone weighs as much as any word
            light = {leaf.number for leaf in scoring if self._expansion.is_function_word(leaf)}
            light = light if any(df[number] for number in df.keys() - light) else set()
        if p.own_rarity and self._articles:
            own = (self._articles, self.hits_of)
            df = {leaf.number: collection.own_frequency(leaf, *own) for leaf in scoring}
            size = collection.own_size(self._articles)
        passages, weights = collection.sums.passages, {}
        for leaf in scoring:
            count, share = df[leaf.number], p.function_words if leaf.number in light else 1.0
            if share and size < 0 and p.burstiness:
                often = collection.occurrences(leaf, self._expansion, self.hits_of)
                share *= bm25f.burstiness(p, often, count)
            weights[leaf.number] = bm25f.idf(passages, count) * share if count != size else 0.0
        return weights

    def hits_of(self, leaf: Leaf, part: int) -> LeafHits:
        """The hits of a leaf in one part (cached)."""
        found = self._hits.get((leaf.number, part))
        if found is None:
            found = self._hits[leaf.number, part] = self._look_up(leaf, part)
        return found

    def _look_up(self, leaf: Leaf, number: int) -> LeafHits:
        part = self.snapshot.parts[number]
        segment = part.segment
        located = self._expansion.located(leaf.sought, number)
        last = segment.heads_start if self.boilerplate else segment.content_end
        # All zones are searched at once, then cut: the list ascends, with the heads at its end.
        word, others = located.parted if isinstance(located, LocatedWords) else (None, located)
        lists, tokens = _word_postings(segment, word) if word else ([], EMPTY)
        if others:
            start = 0 if "text" in leaf.fields else segment.heads_start
            end = last if leaf.fields == TEXT_ONLY else segment.tokens
            found = find(others, segment, token_scope(segment, start, end)).starts
            tokens = np.sort(np.concatenate((tokens, found))) if tokens.size else found
        edges = np.array((last, segment.heads_start), tokens.dtype)
        size, heads = tokens.searchsorted(edges).tolist()
        text = NOWHERE
        if "text" in leaf.fields:
            if size or not lists:
                ids, counts = counted(segment.unit_of(tokens[:size]))
                lists.append((ids, counts.astype(np.uint32)))  # half the width, for tables
            text = self._in_text(number, lists)
        tokens = EMPTY if leaf.fields == TEXT_ONLY else tokens[heads:]
        if not tokens.size:
            return LeafHits(text, EMPTY, EMPTY)
        heads, counts = counted(segment.head_of(tokens))
        if part.live_heads is not None:
            keep = part.live_heads[heads]
            heads, counts = heads[keep], counts[keep]
        section, title = self._above(segment, heads, counts, leaf.fields)
        above = self._added(number, section, title)
        at, there = intersect(above.ids, text.ids) if text.ids.size else (EMPTY, EMPTY)
        alone = np.ones(above.ids.size, bool)
        alone[there] = False
        stood, empty = NOWHERE, (EMPTY, EMPTY)
        if leaf.fields == ALL_FIELDS:
            empty = empty_ones(segment, heads, boilerplate=self.boilerplate)
            frequencies = counts[heads.searchsorted(empty[0])]
            stood = _in_ranges(segment, empty[1], np.ones_like(empty[1]), frequencies)
        sides, both = above.ids[alone], (at, there)
        return LeafHits(text, sides, heads, section, title, above, both, stood, empty)

    def _added(self, part: int, section: FieldHits, title: FieldHits) -> FieldHits:
        """What headings and titles add to tf~ of the passages below them."""
        p, (_, *norms) = self._collection.parameters, self._collection.norms(part)
        every = union((section.ids, title.ids), self.snapshot.parts[part].segment.passages)
        added = np.zeros(every.size)
        for share, field, norm in zip(p.weights[1:], (section, title), norms):
            if field.ids.size:
                added += values_at(every, field.ids, bm25f.frequency(share, field, norm))
        return FieldHits(every, added)

    def _in_text(self, number: int, lists: Sequence[tuple[Array, Array]]) -> FieldHits:
        """The searched passages in these lists of (ids, frequencies), with frequencies summed."""
        part, size = self.snapshot.parts[number], self.size(number)
        ids, counts = reduce(merged, sorted(lists, key=lambda one: -one[0].size))
        if ids.size and ids[-1] >= size:
            ids, counts = ids[: ids.searchsorted(size)], counts[: ids.searchsorted(size)]
        if part.live is not None:
            keep = part.live[ids].nonzero()[0]
            ids, counts = ids[keep], counts[keep]
        return FieldHits(ids, counts)

    def _above(
        self, segment: Segment, heads: Array, counts: Array, fields: frozenset[str]
    ) -> tuple[FieldHits, FieldHits]:
        """Passages below headings, and below titles, with the counts of the leaf in these."""
        is_title = segment.column("head.level")[heads] == 0
        firsts = segment.column("head.first")[heads].astype(np.int64)
        sizes = segment.column("head.last")[heads] - firsts
        section = title = NOWHERE
        if "section" in fields:
            at = ~is_title
            section = _in_ranges(segment, firsts[at], sizes[at], counts[at])
        if "title" in fields:
            firsts, sizes, counts = firsts[is_title], sizes[is_title], counts[is_title]
            if self.boilerplate:
                articles = segment.column("head.article")[heads[is_title]]
                names = ("article.boilerplate_first", "article.boilerplate_last")
                first, last = (segment.column(n)[articles].astype(np.int64) for n in names)
                firsts = np.concatenate((firsts, segment.contents + first))
                sizes = np.concatenate((sizes, last - first))
                counts = np.concatenate((counts, counts))
            title = _in_ranges(segment, firsts, sizes, counts)
        return section, title


def _word_postings(segment: Segment, word: Element) -> tuple[list[tuple[Array, Array]], Array]:
    """Frequencies by passage for those stems of a word that have them stored (in a corpus of
    several languages a word has a stem in each); and the tokens of its other stems, plus all tokens
    in headings and titles."""
    lows, highs = word.joined
    if lows.size > MOST_SLICES:
        return [], word.tokens(segment, 0, segment.tokens)
    lists, runs = [], []
    for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
        run, stored = segment.positions(low, high), segment.stored_frequencies(low, high)
        if stored:
            lists.append(stored)
            run = run[run.searchsorted(np.uint32(segment.heads_start)) :]
        runs.append(run)
    return lists, interleaved(runs, segment.tokens)


class Matcher:
    """Matches one plan over one snapshot: which passages, with which scores, and where in them."""

    def __init__(
        self,
        collection: Collection,
        expansion: Expansion,
        plan: Node,
        notes: Sequence[str] = (),
    ) -> None:
        """`notes`: on what was left out of the plan."""
        self.snapshot, self.plan = collection.snapshot, plan
        self._expansion, self._notes = expansion, notes
        self._leaves = LeafMatcher(collection, expansion, plan)
        self.boilerplate = self._leaves.boilerplate
        self._by_part: dict[int, PartMatches] = {}
        self.with_articles: dict[int, Array] = {}  # by part: passages whose articles are scored

    def notes(self) -> list[str]:
        """Notes on what was left out of the query, and on the spellings of its words."""
        return [*self._notes, *self._expansion.notes(self.plan)]

    # --- passages -------------------------------------------------------------------------------

    def matches(self) -> list[PartMatches]:
        """The matches in each part, in the order of the parts (cached)."""
        return list(map(self._matches_of, range(len(self.snapshot.parts))))

    @property
    def total(self) -> int:
        """Number of passages that satisfy the query."""
        known = self._by_part.values()
        is_known = len(known) == len(self.snapshot.parts)
        return sum(map(attrgetter("size"), known if is_known else self.matches()))

    def _matches_of(self, part: int) -> PartMatches:
        matches = self._by_part.get(part)
        if matches is None:
            whole, hits_of = self._match(self.plan, part, 1.0), self._leaves.hits_of
            found, beside = whole.text, EMPTY
            if whole.alone is not found:
                found = union((found, whole.alone), self._leaves.size(part))
            hits = [hits_of(leaf, part) for leaf in leaves(self.plan) if leaf.fields == ALL_FIELDS]
            if above := [one for one in hits if one.heads.size]:
                by = found_by_headings(self.plan, self._lookup(part), above, found, whole)
                self._leaves.by_headings[part] = by
                beside = union((by.also, by.ids), self._leaves.size(part))
            matches = self._by_part[part] = PartMatches(whole, found, beside)
        return matches

    def _lookup(self, part: int) -> Lookup:
        return Lookup(
            self.snapshot.parts[part].segment,
            self.boilerplate,
            hits=lambda leaf: self._leaves.hits_of(leaf, part),
            standing=lambda leaf, heads: self._heads(leaf, part, heads),
            passages=lambda node: self._match(node, part, 1.0).ids,
        )

    def by_headings(self, part: int) -> FoundByHeadings:
        """The passages of a part that match by headings and titles alone."""
        return self._leaves.by_headings.get(part, NONE_BY_HEADINGS)

    def _match(self, node: Node, part: int, boost: float) -> Scored:
        """The passages that satisfy a node."""
        match node:
            case Leaf():
                return self._leaf(node, part, boost)
            case Boosted(child, factor):
                return self._match(child, part, boost * factor)
            case And():
                return self._and(node, part, boost)
            case Or(children, least, tiebreak):
                matched = [self._match(child, part, boost) for child in children]
                return any_of(matched, self._leaves.size(part), least, tiebreak)
            case Not(child):
                inside = self._match(child, part, boost)
                return everywhere(difference(self._every(part), inside.ids))
            case Constant(child, score):
                found, constant = self._match(child, part, boost), boost * score
                return replace(found, score=lambda ids: np.full(ids.size, constant))
            case Filter():
                return everywhere(self._filtered(node, part))
            case EveryPassage():
                return everywhere(self._every(part), boost)

    def _and(self, node: And, part: int, boost: float) -> Scored:
        """The passages that satisfy all children."""
        negated = [child.child for child in node.children if isinstance(child, Not)]
        others = [child for child in node.children if not isinstance(child, Not)]
        found = [self._match(child, part, boost) for child in others]
        found = found or [everywhere(self._every(part) if negated else EMPTY)]
        without = [self._match(child, part, boost) for child in negated]
        optional = [self._match(child, part, boost) for child in node.optional]
        if len(found) == 1 and not (without or optional):
            return found[0]
        return all_of(found, optional, without)

    def _every(self, part: int) -> Array:
        live = self.snapshot.parts[part].live
        size = self._leaves.size(part)
        return np.arange(size) if live is None else live[:size].nonzero()[0]

    def _filtered(self, node: Filter, part: int) -> Array:
        """Passages of these articles, kinds or section paths."""
        segment = self.snapshot.parts[part].segment
        every = self._every(part)
        if node.column == "article":
            numbers = [segment.article_ids.find(name) for name in node.values]
            column = segment.article_numbers
        elif node.column == "kind":
            numbers = [KINDS.index(kind) for kind in node.values if kind in KINDS]
            column = segment.column("passage.kind")
        else:
            numbers = [i for i, path in enumerate(segment.paths) if path in node.values]
            column = segment.path_numbers
        numbers = [number for number in numbers if number >= 0]
        if len(numbers) > 1:
            return every[isin(column[every], np.sort(numbers))]
        return every[column[every] == numbers[0]] if numbers else EMPTY

    def add_article_scores(self, part: int, ids: Array) -> Array:
        """Adds their articles' scores to these matches (ascending) from now on; returns them."""
        self.with_articles[part] = ids
        total = np.zeros(ids.size)
        for _, values in self._leaves.article_scores(part, ids):
            total += values
        return total

    def why(self, part: int, ids: Array) -> list[tuple[Why, ...]]:
        """The parts of the score of each of these matches (ascending); they sum to it."""
        shares = list(self._shares(self.plan, part, 1.0, ids))
        counting = member(ids, self.with_articles.get(part, EMPTY))
        for leaf, values in self._leaves.article_scores(part, ids):
            shares.append(("article", query_text(leaf.sought), "frequency", values * counting))
        return [
            tuple([Why(f, word, s, float(v[n])) for f, word, s, v in shares if v[n]])
            for n in range(ids.size)
        ]

    def _shares(self, node: Node, part: int, boost: float, ids: Array) -> Iterator[ScoreShare]:
        """What the leaves and constants of a node add to the scores of these passages."""
        match node:
            case Leaf():
                yield from self._leaves.shares(node, part, boost, ids)
            case Boosted(child, factor):
                yield from self._shares(child, part, boost * factor, ids)
            case And(children, optional):
                for child in children:
                    yield from self._shares(child, part, boost, ids)
                for child in optional:
                    yield from self._shares_at(child, part, boost, ids, 1.0)
            case Or(children, _, tiebreak):
                scores = np.zeros((0, ids.size))
                if tiebreak is not None:
                    matched = [self._match(child, part, boost) for child in children]
                    scores = np.array([scores_at(child, ids) for child in matched])
                best = scores.argmax(0) if scores.size else 0
                for number, child in enumerate(children):
                    share = 1.0 if tiebreak is None else np.where(best == number, 1.0, tiebreak)
                    yield from self._shares_at(child, part, boost, ids, share)
            case Constant(_, score):
                yield "", "", "constant", np.full(ids.size, boost * score)
            case EveryPassage():
                yield "", "", "constant", np.full(ids.size, boost)

    def _shares_at(
        self, node: Node, part: int, boost: float, ids: Array, share: float | Array
    ) -> Iterator[ScoreShare]:
        here = self._match(node, part, boost).has(ids) * share
        for field, word, signal, values in self._shares(node, part, boost, ids):
            yield field, word, signal, values * here

    def found_in(self, part: int, passage: int) -> FoundIn:
        """Where the words stand by which a passage matches: in its text, or else in a heading or
        the title above it."""
        by = self.by_headings(part)
        at = int(by.ids.searchsorted(passage))
        if at == by.ids.size or by.ids[at] != passage:
            return "text"
        levels = self.snapshot.parts[part].segment.column("head.level")
        return "heading" if levels[by.heads[at]] else "title"

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, part: int, boost: float) -> Scored:
        hits = self._leaves.hits_of(leaf, part)
        text, sides = hits.text.ids, hits.above_only
        pieces = (text, sides) if sides.size else (text,)
        if hits.stand_ins.ids.size:
            pieces = (*pieces, hits.elsewhere)
        alone = text if "text" in leaf.fields else sides
        return Scored(pieces, text, alone, partial(self._leaves.scores, leaf, part, boost), leaf)

    # --- occurrences ----------------------------------------------------------------------------

    def active_leaves(self, part: int, passages: Array) -> Active:
        """Positive leaves, each with those of these matches in which it counts (bool): where it is
        part of why the passage matches, so nothing under a NOT and nothing in a branch that fails.

        A leaf may count in a passage that does not hold it: there it has no occurrence.
        """
        matches = self._matches_of(part)
        if part in self._leaves.by_headings and (
            has_partial_negations(self.plan) or self._stand_in_for_headings(part, passages)
        ):
            return self._active_by_headings(part, passages)
        found: list[tuple[Leaf, Array]] = []
        _gather_leaves(matches.found, passages, np.ones(passages.size, bool), found)
        return found

    def _stand_in_for_headings(self, part: int, passages: Array) -> bool:
        """Whether any of these passages stands in for an empty heading that holds a leaf."""
        hits = [self._leaves.hits_of(leaf, part) for leaf in leaves(self.plan)]
        return bool(in_any(passages, [one.stand_ins.ids for one in hits]).any())

    def _active_by_headings(self, part: int, passages: Array) -> Active:
        """`active_leaves` where headings, or empty ones, make a branch true or deny it."""
        pairs = {
            (number, head)
            for leaf in leaves(self.plan)
            for head, under in self.heads_above(leaf, part, passages).items()
            for number in under
        }
        numbers, heads = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
        return active_passages(self.plan, self._lookup(part), passages, (numbers, heads))

    def occurrences(self, part: int, passages: Array) -> list[tuple[Leaf, TokenSpans]]:
        """Occurrences of each leaf in the text of these passages (ascending)."""
        return [
            (leaf, self.in_units(leaf, part, passages[here]))
            for leaf, here in self.active_leaves(part, passages)
            if "text" in leaf.fields
        ]

    def united(self, part: int, passages: Array) -> TokenSpans:
        """Occurrences of all leaves in the text of these passages, in order, each span once."""
        return united([found for _, found in self.occurrences(part, passages)])

    def occurrence_counts(self, part: int, passages: Array) -> Array:
        """Number of `united` occurrences in each of these passages (int64)."""
        active = [pair for pair in self.active_leaves(part, passages) if "text" in pair[0].fields]
        if len(active) == 1 or self._are_apart([leaf for leaf, _ in active], part):
            total = np.zeros(passages.size, np.int64)
            for leaf, here in active:
                text = self._leaves.hits_of(leaf, part).text
                total += values_at(passages, text.ids, text.counts) * here
            return total
        of = self.snapshot.parts[part].segment.unit_of(self.united(part, passages).starts)
        found: Array = of.searchsorted(passages, "right") - of.searchsorted(passages)
        return found

    def _are_apart(self, leaves: Sequence[Leaf], part: int) -> bool:
        """Whether these leaves are single words without a form in common."""
        located = [self._expansion.located(leaf.sought, part) for leaf in leaves]
        words = [one.word for one in located if isinstance(one, LocatedWords)]
        ranges = sorted(word.range for word in words if word and word.range)
        apart = all(first[1] <= second[0] for first, second in pairwise(ranges))
        return apart and len(ranges) == len(leaves)

    def holds(self, leaf: Leaf, part: int) -> bool:
        """Whether any live passage holds a leaf, in its text or above it."""
        hits = self._leaves.hits_of(leaf, part)
        return bool(hits.text.ids.size or hits.above_only.size or hits.stand_ins.ids.size)

    def leaf_frequency(self, leaf: Leaf, part: int) -> int:
        """Number of occurrences of a leaf in the text of live passages."""
        return int(self._leaves.hits_of(leaf, part).text.counts.sum(dtype=np.int64))

    def text_leaves(self) -> list[Leaf]:
        """Positive leaves that are sought in the text."""
        return [leaf for leaf in leaves(self.plan) if "text" in leaf.fields]

    # --- headings and titles --------------------------------------------------------------------

    def heads_above(self, leaf: Leaf, part: int, passages: Array) -> dict[int, list[int]]:
        """Headings and titles that hold a leaf; for each the passages (of those given) that it
        stands above, or that stand in for it."""
        segment = self.snapshot.parts[part].segment
        hits = self._leaves.hits_of(leaf, part)
        above: dict[int, list[int]] = {}
        if not hits.heads.size:
            return above
        pairs = []
        for number in passages[member(passages, hits.above.ids)].tolist():
            if "title" in leaf.fields:
                pairs.append((segment.title_of(number), number))
            if "section" in leaf.fields:
                pairs += [(head, number) for head in segment.heads_above(number)]
        there = isin(np.array([head for head, _ in pairs], np.int64), hits.heads)
        for head, number in compress(pairs, there):
            above.setdefault(head, []).append(number)
        empty, stood = hits.empty
        for at in isin(stood, passages).nonzero()[0].tolist() if empty.size else ():
            above.setdefault(int(empty[at]), []).append(int(stood[at]))
        return above

    def in_units(self, leaf: Leaf, part: int, units: Array) -> TokenSpans:
        """Occurrences of a leaf in these units (ascending)."""
        segment = self.snapshot.parts[part].segment
        return find(self._expansion.located(leaf.sought, part), segment, unit_scope(segment, units))

    def marks(self, leaf: Leaf, part: int, units: Array) -> tuple[Array, Array, Array]:
        """First token, last token and reason code of a leaf's marks in these units (ascending)."""
        located = self._expansion.located(leaf.sought, part)
        word = located.word if isinstance(located, LocatedWords) else None
        if not word:
            marks = self.in_units(leaf, part, units).marks
            return marks.starts, marks.ends - 1, marks.codes
        segment = self.snapshot.parts[part].segment
        firsts = segment.unit_tokens[units].astype(np.int64)
        tokens = expanded(firsts, segment.unit_tokens[units + 1] - firsts)
        forms = segment.forms_at(tokens)
        at = word.contains(forms).nonzero()[0]
        return tokens[at], tokens[at], word.reasons(forms[at])

    def united_in_heads(self, part: int, heads: Array) -> TokenSpans:
        """Occurrences of all positive leaves in these heads, in order, each span once."""
        units = heads + self.snapshot.parts[part].segment.passages
        return united([self.in_units(leaf, part, units) for leaf in self.text_leaves()])

    def satisfying_heads(self, part: int) -> Array:
        """Live headings and titles that satisfy the query by their own words (ascending).

        These are no passages and count in no total; callers report them separately.
        """
        holder = self.snapshot.parts[part]
        live = holder.live_heads
        found = self._heads(self.plan, part, np.arange(holder.segment.heads))
        return found if live is None else found[live[found]]

    def _heads(self, node: Node, part: int, every: Array) -> Array:
        """The heads (of those given) that satisfy a node by their own words."""
        segment = self.snapshot.parts[part].segment
        match node:
            case Leaf():
                found = self.in_units(node, part, every + segment.passages)
                return counted(segment.head_of(found.starts))[0]
            case Boosted(child) | Constant(child):
                return self._heads(child, part, every)
            case Not(child):
                return difference(every, self._heads(child, part, every))
            case And(children):
                for child in children:
                    every = every[member(every, self._heads(child, part, every))]
                return every
            case Or(children):
                return union([self._heads(n, part, every) for n in children], segment.heads)
            case _:
                return every


def _in_ranges(segment: Segment, firsts: Array, sizes: Array, counts: Array) -> FieldHits:
    """The passages of these ranges, each with the sum of the counts of its ranges."""
    if not firsts.size:
        return NOWHERE
    numbers = expanded(firsts, sizes)
    if not numbers.size:
        return NOWHERE
    return FieldHits(*summed(numbers, np.repeat(counts, sizes), segment.passages))


def _gather_leaves(
    found: Scored, passages: Array, active: Array, leaves: list[tuple[Leaf, Array]]
) -> None:
    """Adds to `leaves` those below a node, each with the `active` passages in which it counts."""
    if found.leaf:
        leaves.append((found.leaf, active))
    for number, child in enumerate(found.children):
        sure = number < found.sure or child.leaf
        here = active if sure else active & child.has(passages)
        if here.any():
            _gather_leaves(child, passages, here, leaves)
