"""Evaluation of a query tree over a snapshot: passages with scores, and what matched in them.

In: a Whoosh query tree. Out: for each part of the snapshot the passages that match (ascending),
their scores, and on demand the occurrences and marks of the leaves that made them match. Works on
whole arrays; nothing is capped.

Lexical score (BM25F: Robertson, Zaragoza & Taylor 2004; idf as in Lucene, never negative):

    tf~   = sum over fields of  w_f * tf_f / (1 - b_f + b_f * words_f / average words_f)
    score = ln(1 + (N - df + 0.5) / (df + 0.5)) * tf~ * (k1 + 1) / (tf~ + k1)

A leaf that stands for many forms (stem, prefix …) scores as one term: its frequencies are summed
and its document frequency is that of the union. N, df and the averages are of live content.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from whoosh import query as wq

from indexer.arrays import Array, Part, Segment, Snapshot
from indexer.matching.elements import Element
from indexer.matching.patterns import Lexicon, is_positional
from indexer.matching.spans import Found, Tokens
from indexer.model import KINDS
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


@dataclass(frozen=True)
class Scored:
    """Passages of one part that satisfy a node."""

    ids: Array  # int64, ascending
    scores: Array  # float64
    in_text: Array  # bool: whether a positive leaf below matched in the passage's text
    alone: Array  # bool: whether it holds without a bare word's match in a heading or title

    def kept(self, keep: Array) -> Scored:
        """The passages that `keep` chooses."""
        return Scored(self.ids[keep], self.scores[keep], self.in_text[keep], self.alone[keep])


@dataclass(frozen=True)
class LeafHits:
    """One leaf in one part."""

    ids: Array  # passages, int64, ascending
    text: Array  # occurrences in the text of each (float64)
    section: Array  # in the headings above
    title: Array  # in the title


EMPTY = np.zeros(0, np.int64)


class Evaluation:
    """One query over one snapshot."""

    def __init__(
        self,
        lexicon: Lexicon,
        tree: wq.Query,
        *,
        text_only: bool = False,
        parameters: Parameters = Parameters(),
    ) -> None:
        self.lexicon, self.snapshot = lexicon, lexicon.snapshot
        self.tree = tree
        self.text_only = text_only  # counts and concordance: headings and titles are not searched
        self.parameters = parameters
        self.boilerplate = _asks_for_boilerplate(tree)
        self._hits: dict[int, list[LeafHits]] = {}
        self._idf: dict[int, float] = {}
        self._found: dict[tuple[int, int], Array] = {}  # (node, part) → its passages

    # --- passages -------------------------------------------------------------------------------

    def run(self) -> list[Scored]:
        """The passages of each part that satisfy the query, in the order of the parts."""
        return [self._satisfying(i) for i in range(len(self.snapshot.parts))]

    def _satisfying(self, part: int) -> Scored:
        found = self._node(self.tree, part, 1.0)
        keep = found.in_text | found.alone
        return found if keep.all() else found.kept(keep)

    def _node(self, node: wq.Query, part: int, boost: float) -> Scored:
        found = self._evaluate(node, part, boost * getattr(node, "boost", 1.0))
        self._found[id(node), part] = found.ids
        return found

    def _ids(self, node: wq.Query, part: int) -> Array:
        """Passages that satisfy a node (kept from its evaluation; the tree keeps nodes alive)."""
        known = self._found.get((id(node), part))
        return self._node(node, part, 1.0).ids if known is None else known

    def _evaluate(self, node: wq.Query, part: int, boost: float) -> Scored:
        if _is_filter(node):
            return self._unscored(self._filter(node, part))
        if is_positional(node):
            return self._leaf(node, part, boost)
        if isinstance(node, wq.And):
            return self._and([self._node(q, part, boost) for q in node.subqueries])
        if isinstance(node, (wq.Or, wq.DisjunctionMax)):
            children = [self._node(q, part, boost) for q in node.subqueries]
            return self._or(children, part, node)
        if isinstance(node, wq.Not):
            inside = self._node(node.query, part, boost)
            return self._unscored(_difference(self._every(part), inside.ids))
        if isinstance(node, wq.AndNot):
            found = self._node(node.a, part, boost)
            keep = ~_member(found.ids, self._node(node.b, part, boost).ids)
            return found.kept(keep)
        if isinstance(node, wq.AndMaybe):
            required, optional = (self._node(q, part, boost) for q in (node.a, node.b))
            return self._onto(required, [optional])
        if isinstance(node, wq.Require):
            found, needed = (self._node(q, part, boost) for q in (node.a, node.b))
            both = self._and([found, needed])
            scores = _take(found.ids, found.scores, both.ids)
            return Scored(both.ids, scores, both.in_text, both.alone)
        if isinstance(node, wq.ConstantScoreQuery):
            found = self._node(node.child, part, boost)
            scores = np.full(found.ids.size, boost * float(node.score))
            return Scored(found.ids, scores, found.in_text, found.alone)
        if isinstance(node, wq.Every):
            ids = self._every(part)
            everywhere = np.ones(ids.size, bool)
            return Scored(ids, np.full(ids.size, boost), ~everywhere, everywhere)
        return self._unscored(EMPTY)

    def _unscored(self, ids: Array) -> Scored:
        everywhere = np.ones(ids.size, bool)
        return Scored(ids, np.zeros(ids.size), ~everywhere, everywhere)

    def _and(self, children: list[Scored]) -> Scored:
        if not children:
            return self._unscored(EMPTY)
        rarest = min(children, key=lambda c: c.ids.size)
        ids = rarest.ids
        for child in children:
            if child is not rarest:
                ids = ids[_member(ids, child.ids)]
        scores = np.zeros(ids.size)
        in_text, alone = np.zeros(ids.size, bool), np.ones(ids.size, bool)
        for child in children:
            at = np.searchsorted(child.ids, ids) if child.ids.size != ids.size else slice(None)
            scores += child.scores[at]
            in_text |= child.in_text[at]
            alone &= child.alone[at]
        return Scored(ids, scores, in_text, alone)

    def _or(self, children: list[Scored], part: int, node: wq.Query) -> Scored:
        """Passages that satisfy one of the children, or as many as an Or's `minmatch` asks for.

        Scores add up, but for a DisjunctionMax, where the best one counts.
        """
        least = getattr(node, "minmatch", 0)
        if len(children) == 1 and least < 2:
            return children[0]
        tiebreak = getattr(node, "tiebreak", None)
        size = self._size(part)
        # Only where `minmatch` is asked for need the children be counted.
        also = np.add if least > 1 else np.logical_or
        held = np.zeros(size, np.uint16 if least > 1 else bool)
        alone = held.copy()
        total, best = np.zeros(size), np.zeros(size)
        in_text = np.zeros(size, bool)
        for child in children:
            held[child.ids] = also(held[child.ids], 1)
            alone[child.ids] = also(alone[child.ids], child.alone)
            total[child.ids] += child.scores
            in_text[child.ids] |= child.in_text
            if tiebreak is not None:
                best[child.ids] = np.maximum(best[child.ids], child.scores)
        ids = np.flatnonzero(held >= max(least, 1))
        scores = total[ids]
        if tiebreak is not None:
            scores = best[ids] + tiebreak * (scores - best[ids])
        return Scored(ids, scores, in_text[ids], alone[ids] >= max(least, 1))

    def _onto(self, required: Scored, optional: list[Scored]) -> Scored:
        """The required passages with the scores of the optional ones added."""
        scores, in_text = required.scores.copy(), required.in_text.copy()
        for child in optional:
            shared = _member(required.ids, child.ids)
            at = np.searchsorted(child.ids, required.ids[shared])
            scores[shared] += child.scores[at]
            in_text[shared] |= child.in_text[at]
        return Scored(required.ids, scores, in_text, required.alone)

    def _size(self, part: int) -> int:
        segment = self.snapshot.parts[part].segment
        return int(segment.passages if self.boilerplate else segment.contents)

    def _every(self, part: int) -> Array:
        live = self.snapshot.parts[part].live
        size = self._size(part)
        return np.arange(size) if live is None else np.flatnonzero(live[:size])

    def _filter(self, node: wq.Term, part: int) -> Array:
        """Passages of one article or kind."""
        segment = self.snapshot.parts[part].segment
        every = self._every(part)
        if node.fieldname == "article":
            number = segment.article_ids.find(str(node.text))
            column = segment.column("passage.article")
        else:
            number = KINDS.index(node.text) if node.text in KINDS else -1
            column = segment.column("passage.kind")
        return every[column[every] == number] if number >= 0 else EMPTY

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: wq.Query, part: int, boost: float) -> Scored:
        hits = self._leaf_hits(leaf)[part]
        segment = self.snapshot.parts[part].segment
        p = self.parameters
        words = self._averages
        weight = np.zeros(hits.ids.size)
        for tf, column, average, w, b in (
            (hits.text, segment.words, words[0], p.text_weight, p.text_b),
            (hits.section, segment.section_words, words[1], p.section_weight, p.section_b),
            (hits.title, segment.title_words, words[2], p.title_weight, p.title_b),
        ):
            if tf.size:
                weight += w * tf / (1.0 - b + b * column[hits.ids] / average)
        scores = (boost * self._idf[id(leaf)] * (p.k1 + 1.0)) * weight / (weight + p.k1)
        in_text = hits.text > 0 if hits.text.size else np.zeros(hits.ids.size, bool)
        alone = in_text if "text" in self.fields(leaf) else ~in_text
        return Scored(hits.ids, scores, in_text, alone)

    @cached_property
    def _averages(self) -> tuple[float, float, float]:
        """Average words of text, headings above and title over the live content."""
        sums = np.sum([part.sums for part in self.snapshot.parts], axis=0)
        count, text, section, title = (max(int(n), 1) for n in sums)
        return text / count, section / count, title / count

    def _leaf_hits(self, leaf: wq.Query) -> list[LeafHits]:
        """The leaf in every part; its document frequency is known from then on."""
        known = self._hits.get(id(leaf))
        if known is not None:
            return known
        hits = [self._hits_in(leaf, part) for part in self.snapshot.parts]
        total = int(sum(part.sums[0] for part in self.snapshot.parts))
        df = sum(
            int(np.searchsorted(h.ids, part.segment.contents))
            for h, part in zip(hits, self.snapshot.parts, strict=True)
        )
        self._idf[id(leaf)] = math.log(1.0 + (total - df + 0.5) / (df + 0.5))
        self._hits[id(leaf)] = hits
        return hits

    def _hits_in(self, leaf: wq.Query, part: Part) -> LeafHits:
        segment = part.segment
        fields = self.fields(leaf)
        text_ids, text = EMPTY, np.zeros(0)
        if "text" in fields:
            end = segment.heads_start if self.boilerplate else segment.content_end
            text_ids, text = _per_passage(segment, self._starts(leaf, segment, 0, end))
            if part.live is not None:
                keep = part.live[text_ids]
                text_ids, text = text_ids[keep], text[keep]
        if fields == {"text"}:
            return LeafHits(text_ids, text, np.zeros(0), np.zeros(0))
        tokens = self._starts(leaf, segment, segment.heads_start, segment.tokens)
        heads, counts = np.unique(segment.head_of(tokens), return_counts=True)
        if part.live_heads is not None:
            keep = part.live_heads[heads]
            heads, counts = heads[keep], counts[keep]
        is_title = segment.column("head.title")[heads] > 0
        sides = []
        for name, chosen in (("section", ~is_title), ("title", is_title)):
            use = chosen if name in fields else np.zeros(heads.size, bool)
            below = _below(segment, heads[use], boilerplate=self.boilerplate and name == "title")
            sides.append(_under_heads(below, counts[use], segment.passages))
        if not sides[0][0].size and not sides[1][0].size:
            return LeafHits(text_ids, text, np.zeros(0), np.zeros(0))
        ids = np.unique(np.concatenate((text_ids, sides[0][0], sides[1][0])))
        aligned = [_spread(ids, i, tf) for i, tf in ((text_ids, text), *sides)]
        return LeafHits(ids, *aligned)

    def fields(self, leaf: wq.Query) -> set[str]:
        """The fields that a leaf tests."""
        if isinstance(leaf, Near):
            return {"text"}
        name = leaf.fieldname
        if name == "any":
            return {"text"} if self.text_only else {"text", "section", "title"}
        return {name} if name in ("text", "section", "title") else set()

    def _starts(self, leaf: wq.Query, segment: Segment, start: int, end: int) -> Array:
        def tokens(e: Element) -> Array:
            return e.tokens(segment, start, end)

        return self.lexicon.find(leaf, segment, tokens).starts

    # --- occurrences ----------------------------------------------------------------------------

    def occurrences(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Found]]:
        """Occurrences in the text of these passages (ascending), by leaf: those that are part
        of why the passage was found; nothing under a NOT, nothing of a branch that fails."""
        segment = self.snapshot.parts[part].segment
        for leaf, active in self.active_leaves(part, passages):
            if "text" not in self.fields(leaf):
                continue
            chosen = passages[active]
            yield leaf, self.lexicon.find(leaf, segment, _tokens_in(segment, chosen))

    def in_heads(self, leaf: wq.Query, part: int, heads: Array) -> Found:
        """Occurrences of a leaf in these headings and titles (ascending)."""
        segment = self.snapshot.parts[part].segment
        return self.lexicon.find(leaf, segment, _tokens_in(segment, heads + segment.passages))

    def text_leaves(self) -> list[wq.Query]:
        """Positive leaves that test the text."""
        return list(_text_leaves(self.tree))

    def satisfying_heads(self, part: int) -> Array:
        """Live headings and titles that satisfy the query by their own words (ascending)."""
        holder = self.snapshot.parts[part]
        every = np.arange(holder.segment.heads)
        if holder.live_heads is not None:
            every = every[holder.live_heads]
        return self._heads(self.tree, part, every)

    def _heads(self, node: wq.Query, part: int, every: Array) -> Array:
        if _is_filter(node) or isinstance(node, wq.Every):
            return every
        if is_positional(node):
            segment = self.snapshot.parts[part].segment
            return np.unique(segment.head_of(self.in_heads(node, part, every).starts))
        if isinstance(node, wq.Not):
            return _difference(every, self._heads(node.query, part, every))
        if isinstance(node, (wq.And, wq.Require)):
            heads = every
            for child in _children(node):
                heads = heads[_member(heads, self._heads(child, part, every))]
            return heads
        if isinstance(node, wq.AndNot):
            return _difference(self._heads(node.a, part, every), self._heads(node.b, part, every))
        if isinstance(node, wq.AndMaybe):
            return self._heads(node.a, part, every)
        below = [self._heads(child, part, every) for child in _children(node)]
        return np.unique(np.concatenate(below)) if below else EMPTY

    def notes(self) -> list[str]:
        """What was bounded while words were looked up."""
        return self.lexicon.notes()

    def active_leaves(self, part: int, passages: Array) -> Iterator[tuple[wq.Query, Array]]:
        """Positive leaves, and in which of these passages they count (bool)."""
        yield from self._active(self.tree, part, passages, np.ones(passages.size, bool))

    def _active(
        self, node: wq.Query, part: int, passages: Array, active: Array
    ) -> Iterator[tuple[wq.Query, Array]]:
        if isinstance(node, wq.Not) or _is_filter(node) or isinstance(node, wq.Every):
            return
        active = active & _member(passages, self._ids(node, part))
        if not active.any():
            return
        if is_positional(node):
            yield node, active
        elif isinstance(node, wq.AndNot):
            yield from self._active(node.a, part, passages, active)
        else:
            for child in _children(node):
                yield from self._active(child, part, passages, active)


def _children(node: wq.Query) -> Iterable[wq.Query]:
    if isinstance(node, (wq.AndMaybe, wq.Require)):
        return (node.a, node.b)
    if isinstance(node, wq.ConstantScoreQuery):
        return (node.child,)
    return getattr(node, "subqueries", ())


def _text_leaves(node: wq.Query) -> Iterator[wq.Query]:
    """Positive leaves that test the text (perhaps among other fields)."""
    if isinstance(node, wq.Not) or _is_filter(node):
        return
    if is_positional(node):
        if isinstance(node, Near) or node.fieldname in ("any", "text"):
            yield node
    elif isinstance(node, wq.AndNot):
        yield from _text_leaves(node.a)
    else:
        for child in _children(node):
            yield from _text_leaves(child)


def _is_filter(node: wq.Query) -> bool:
    return isinstance(node, wq.Term) and node.fieldname in ("article", "kind")


def _asks_for_boilerplate(node: wq.Query) -> bool:
    if isinstance(node, wq.Not):
        return False
    if _is_filter(node):
        return bool(node.fieldname == "kind" and node.text == "boilerplate")
    if isinstance(node, wq.AndNot):
        return _asks_for_boilerplate(node.a)
    return any(map(_asks_for_boilerplate, _children(node)))


def _per_passage(segment: Segment, tokens: Array) -> tuple[Array, Array]:
    """Passages that hold these tokens, ascending, and how many each holds (float64)."""
    numbers = segment.passage_of(tokens)
    if tokens.size * 8 > segment.passages:
        counts = np.bincount(numbers)
        ids = np.flatnonzero(counts)
        return ids, counts[ids].astype(np.float64)
    ids, counts = np.unique(numbers, return_counts=True)
    return ids, counts.astype(np.float64)


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
    counts = np.tile(counts, len(ranges))
    total = int(sizes.sum())
    if not total:
        return EMPTY, np.zeros(0)
    ends = np.cumsum(sizes)
    numbers = np.repeat(firsts - (ends - sizes), sizes) + np.arange(total)
    weights = np.repeat(counts, sizes).astype(np.float64)
    if total * 8 > passages:
        summed = np.bincount(numbers, weights)
        ids = np.flatnonzero(summed)
        return ids, summed[ids]
    ids, inverse = np.unique(numbers, return_inverse=True)
    return ids, np.bincount(inverse, weights)


def _spread(onto: Array, ids: Array, values: Array) -> Array:
    """`values` of `ids` placed at their places in `onto`, which holds all of them; else 0."""
    out = np.zeros(onto.size)
    out[np.searchsorted(onto, ids)] = values
    return out


def _take(ids: Array, values: Array, wanted: Array) -> Array:
    """Values of the wanted ids, all of which are in `ids`."""
    taken: Array = values[np.searchsorted(ids, wanted)]
    return taken


def _member(ids: Array, among: Array) -> Array:
    """Which of `ids` are in `among`; both ascending (bool)."""
    if not among.size:
        return np.zeros(ids.size, bool)
    if ids.size * 16 > among.size and among.size:
        size = int(max(ids[-1] if ids.size else 0, among[-1])) + 1
        there = np.zeros(size, bool)
        there[among] = True
        dense: Array = there[ids]
        return dense
    at = np.minimum(np.searchsorted(among, ids), among.size - 1)
    found: Array = among[at] == ids
    return found


def _difference(every: Array, ids: Array) -> Array:
    kept: Array = every[~_member(every, ids)]
    return kept


def _tokens_in(segment: Segment, passages: Array) -> Tokens:
    """Token indices of an element within the given passages (ascending)."""
    firsts = segment.unit_tokens[passages].astype(np.int64)
    lasts = segment.unit_tokens[passages + 1].astype(np.int64)
    whole = int((lasts - firsts).sum())

    def scan(e: Element) -> Array:
        sizes = lasts - firsts
        ends = np.cumsum(sizes)
        indices = np.repeat(firsts - (ends - sizes), sizes) + np.arange(whole)
        found: Array = indices[e.contains(segment.forms_at(indices))]
        return found

    def filtered(e: Element) -> Array:
        found = e.tokens(segment, int(firsts[0]), int(lasts[-1]))
        at = np.searchsorted(firsts, found, "right") - 1
        inside = (at >= 0) & (found < lasts[np.maximum(at, 0)])
        kept: Array = found[inside]
        return kept

    def tokens(e: Element) -> Array:
        if not whole:
            return EMPTY
        return scan(e) if whole < e.frequency(segment) else filtered(e)

    return tokens


__all__ = ["Evaluation", "LeafHits", "Parameters", "Scored", "Snapshot"]
