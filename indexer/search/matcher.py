"""Matching a plan over a snapshot: passages with scores, and what matched in them.

In: a plan, and where words are looked up. Out: for each part of the snapshot the passages that
match (ascending), their scores, and on demand the occurrences of the leaves that made them match.
Works on whole arrays; nothing is capped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from indexer.model import KINDS
from indexer.search import bm25f
from indexer.search.bm25f import Parameters
from indexer.search.boolean import NOWHERE, Held, Scored, all_of, any_of, everywhere, in_any
from indexer.search.expansion import Expansion
from indexer.search.occurrences import find, find_any
from indexer.search.plan import (
    TEXT,
    And,
    Boosted,
    Constant,
    Everything,
    Filter,
    Leaf,
    Node,
    Not,
    Or,
    Term,
    asks_for_boilerplate,
    leaves,
)
from indexer.search.positions import Scope, Units, Zone
from indexer.search.spans import Found
from indexer.search.term import Words
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import (
    EMPTY,
    Array,
    counted,
    difference,
    expanded,
    held,
    member,
    summed,
    union,
)

MANY = 8  # parts of an And above which no more are looked up once nothing is left

Active = Sequence[tuple[Leaf, Array]]  # leaves, and in which of some passages each counts (bool)


@dataclass(frozen=True)
class LeafHits:
    """One leaf in one part, by field."""

    text: Held
    section: Held
    title: Held
    sides: Array  # passages that hold it in the section path or title alone, ascending


class Collection:
    """A snapshot, and what scores need to know of it as a whole; safe to share."""

    def __init__(self, snapshot: Snapshot, parameters: Parameters) -> None:
        self.snapshot, self.parameters = snapshot, parameters
        sums = np.sum([part.sums for part in snapshot.parts], axis=0).tolist()
        self.sums = bm25f.Sums(sums[0], (sums[1], sums[2], sums[3]))
        self._norms: dict[int, tuple[Array, ...]] = {}

    def norms(self, part: int) -> tuple[Array, ...]:
        """See `bm25f.norms`, of the passages of a part."""
        found = self._norms.get(part)
        if found is None:
            segment = self.snapshot.parts[part].segment
            lengths = (segment.words, segment.section_words, segment.title_words)
            found = self._norms[part] = bm25f.norms(self.parameters, self.sums, lengths)
        return found


class Evaluation:
    """One plan over one snapshot."""

    def __init__(
        self, collection: Collection, expansion: Expansion, plan: Node, notes: Sequence[str] = ()
    ) -> None:
        """`notes`: what was left out of the plan."""
        self.snapshot, self.plan = collection.snapshot, plan
        self.boilerplate = asks_for_boilerplate(plan)
        self._collection, self._expansion, self._notes = collection, expansion, notes
        self._results: dict[int, Scored] = {}  # by part
        self._hits: dict[tuple[int, int], LeafHits] = {}  # by number of the leaf, and part
        self._idf: dict[int, float] = {}  # by number of the leaf

    def notes(self) -> list[str]:
        """What was left out of the query, and of the spellings of its words."""
        return [*self._notes, *self._expansion.notes(self.plan)]

    # --- passages -------------------------------------------------------------------------------

    def run(self) -> list[Scored]:
        """The passages of each part that satisfy the query, in the order of the parts."""
        return [self._result(i) for i in range(len(self.snapshot.parts))]

    def _result(self, part: int) -> Scored:
        found = self._results.get(part)
        if found is None:
            found = self._match(self.plan, part, 1.0)
            pieces = (found.text,) if found.alone is found.text else (found.text, found.alone)
            found = self._results[part] = replace(found, pieces=pieces)
        return found

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
                found = [self._match(child, part, boost) for child in children]
                return any_of(found, self._size(part), least, tiebreak)
            case Not(child):
                inside = self._match(child, part, boost)
                return everywhere(difference(self._every(part), inside.ids))
            case Constant(child, score):
                constant = boost * score
                return replace(
                    self._match(child, part, boost), score=lambda ids: np.full(ids.size, constant)
                )
            case Filter():
                return everywhere(self._filtered(node, part))
            case Everything():
                return everywhere(self._every(part), boost)

    def _and(self, node: And, part: int, boost: float) -> Scored:
        """All of the children; of many no more than leave something."""
        negated = [child.child for child in node.children if isinstance(child, Not)]
        found: list[Scored] = []
        ids: Array | None = None
        for child in node.children:
            if isinstance(child, Not):
                continue
            found.append(one := self._match(child, part, boost))
            if len(node.children) > MANY:
                ids = one.ids if ids is None else ids.compress(one.has(ids))
                if not ids.size:
                    return everywhere(EMPTY)
        if not found:
            found = [everywhere(self._every(part) if negated else EMPTY)]
        without = [self._match(child, part, boost) for child in negated]
        optional = [self._match(child, part, boost) for child in node.optional]
        if len(found) == 1 and not (without or optional):
            return found[0]
        return all_of(found, optional, without, ids)

    def _size(self, part: int) -> int:
        segment = self.snapshot.parts[part].segment
        return int(segment.passages if self.boilerplate else segment.contents)

    def _every(self, part: int) -> Array:
        live = self.snapshot.parts[part].live
        size = self._size(part)
        return np.arange(size) if live is None else live[:size].nonzero()[0]

    def _filtered(self, node: Filter, part: int) -> Array:
        """Passages of one article, kind or section path."""
        segment = self.snapshot.parts[part].segment
        every = self._every(part)
        if node.column == "article":
            number, column = segment.article_ids.find(node.value), segment.article_numbers
        elif node.column == "kind":
            number = KINDS.index(node.value) if node.value in KINDS else -1
            column = segment.column("passage.kind")
        else:
            paths = enumerate(segment.paths)
            number = next((i for i, path in paths if path == node.value), -1)
            column = segment.path_numbers
        return every[column[every] == number] if number >= 0 else EMPTY

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, part: int, boost: float) -> Scored:
        hits = self._hits_of(leaf, part)
        text, sides = hits.text.ids, hits.sides
        pieces = (text, sides) if sides.size else (text,)
        alone = text if "text" in leaf.fields else sides
        return Scored(pieces, text, alone, partial(self._scores, leaf, part, boost), leaf)

    def _scores(self, leaf: Leaf, part: int, boost: float, ids: Array) -> Array:
        """The score of each of these passages (ascending), which hold the leaf (float64)."""
        collection = self._collection
        rarity = self._idf.get(leaf.number)
        if rarity is None:
            df = 0
            for number, one in enumerate(self.snapshot.parts):
                hits = self._hits_of(leaf, number)
                for ids_of in (hits.text.ids, hits.sides):
                    df += int(ids_of.searchsorted(one.segment.contents))
            rarity = self._idf[leaf.number] = bm25f.idf(collection.sums.passages, df)
        hits = self._hits[leaf.number, part]
        fields = (hits.text, hits.section, hits.title)
        norms = collection.norms(part)
        return bm25f.scores(collection.parameters, fields, norms, boost * rarity, ids)

    def _hits_of(self, leaf: Leaf, part: int) -> LeafHits:
        """Where a leaf is found in one part (kept)."""
        found = self._hits.get((leaf.number, part))
        if found is None:
            found = self._hits[leaf.number, part] = self._look_up(leaf, part)
        return found

    def _look_up(self, leaf: Leaf, number: int) -> LeafHits:
        part = self.snapshot.parts[number]
        segment = part.segment
        located = self._expansion.located(leaf.sought, number)
        word = located.word if isinstance(located, Words) else None
        end = self._size(number)
        single = isinstance(leaf.sought, Term) and leaf.sought.how == "word"
        if single and word and word.range:
            text = NOWHERE
            if "text" in leaf.fields:
                ids, counts = segment.passage_frequencies(*word.range)
                size = ids.size if self.boilerplate else int(ids.searchsorted(end))
                text = Held(ids[:size], counts[:size])
            tokens = EMPTY if leaf.fields == TEXT else segment.head_positions(*word.range)
        else:
            last = segment.heads_start if self.boilerplate else segment.content_end
            # One look at all zones, then cut: the list ascends, and the heads are its end.
            zone = Zone(segment, 0, last if leaf.fields == TEXT else segment.tokens)
            starts = zone.tokens(word) if word else find(located, segment, zone).starts
            size, heads = starts.searchsorted((last, segment.heads_start)).tolist()
            text = NOWHERE
            if "text" in leaf.fields:
                text = Held(*counted(segment.passage_of(starts[:size])))
            tokens = starts[heads:]
        if part.live is not None:
            keep = part.live[text.ids].nonzero()[0]
            text = Held(text.ids[keep], text.counts[keep])
        if not tokens.size:
            return LeafHits(text, NOWHERE, NOWHERE, EMPTY)
        section, title = self._above(part, tokens, leaf.fields)
        sides = union((section.ids, title.ids), segment.passages)
        return LeafHits(text, section, title, sides[~member(sides, text.ids)])

    def _above(self, part: Part, tokens: Array, fields: frozenset[str]) -> tuple[Held, Held]:
        """Passages below headings, and below titles, in which these tokens stand."""
        segment = part.segment
        heads, counts = counted(segment.head_of(tokens))
        if part.live_heads is not None:
            keep = part.live_heads[heads]
            heads, counts = heads[keep], counts[keep]
        is_title = segment.column("head.title")[heads] > 0
        section = title = NOWHERE
        if "section" in fields:
            section = self._below(segment, heads[~is_title], counts[~is_title])
        if "title" in fields:
            title = self._below(segment, heads[is_title], counts[is_title], titles=True)
        return section, title

    def _below(
        self, segment: Segment, heads: Array, counts: Array, *, titles: bool = False
    ) -> Held:
        """The passages below these heads, and how many tokens stand above each."""
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
            return NOWHERE
        return Held(*summed(numbers, np.repeat(counts, sizes), segment.passages))

    # --- occurrences ----------------------------------------------------------------------------

    def active_leaves(self, part: int, passages: Array) -> Active:
        """Positive leaves, and in which of these passages, which were found, they count (bool):
        those that are part of why a passage was found; nothing under a NOT, nothing of a branch
        that fails.

        A leaf may be said to count in passages that do not hold it: there it has no occurrence.
        """
        found: list[tuple[Leaf, Array]] = []
        _gather(self._result(part), passages, np.ones(passages.size, bool), found)
        return found

    def occurrences(
        self, part: int, passages: Array, active: Active | None = None
    ) -> list[tuple[Leaf, Found]]:
        """Occurrences in the text of these passages (ascending), by leaf.

        `active`: the active leaves, if they are known.
        """
        segment = self.snapshot.parts[part].segment
        located = self._expansion.located
        scopes = self._scopes(part, passages, active)
        return [(leaf, find(located(leaf.sought, part), segment, s)) for leaf, s in scopes]

    def united(self, part: int, passages: Array) -> Found:
        """The same of all leaves together, in order, each span once."""
        located = self._expansion.located
        sought = [(located(q.sought, part), s) for q, s in self._scopes(part, passages)]
        return find_any(sought, self.snapshot.parts[part].segment)

    def numbers(self, part: int, passages: Array) -> Array:
        """How many occurrences `united` has in each of these passages (int64)."""
        active = [pair for pair in self.active_leaves(part, passages) if "text" in pair[0].fields]
        if len(active) == 1 or self._are_apart([leaf for leaf, _ in active], part):
            total = np.zeros(passages.size, np.int64)
            for leaf, here in active:
                text = self._hits_of(leaf, part).text
                total += held(passages, text.ids, text.counts) * here
            return total
        of = self.snapshot.parts[part].segment.passage_of(self.united(part, passages).starts)
        found: Array = of.searchsorted(passages, "right") - of.searchsorted(passages)
        return found

    def _are_apart(self, some: Sequence[Leaf], part: int) -> bool:
        """Whether these leaves are words of which no two have a form in common."""
        located = [self._expansion.located(leaf.sought, part) for leaf in some]
        words = [one.word for one in located if isinstance(one, Words)]
        ranges = sorted(word.range for word in words if word and word.range)
        apart = all(first[1] <= second[0] for first, second in pairwise(ranges))
        return apart and len(ranges) == len(some)

    def _scopes(
        self, part: int, passages: Array, active: Active | None = None
    ) -> list[tuple[Leaf, Scope]]:
        """The active leaves that are sought in the text, each with where it counts."""
        segment = self.snapshot.parts[part].segment
        every = Units(segment, passages)
        found: list[tuple[Leaf, Scope]] = []
        for leaf, here in self.active_leaves(part, passages) if active is None else active:
            if "text" in leaf.fields:
                found.append((leaf, every if here.all() else Units(segment, passages[here])))
        return found

    def occurring(self, leaf: Leaf, part: int) -> int:
        """How often a leaf stands in the text of live passages."""
        return int(self._hits_of(leaf, part).text.counts.sum(dtype=np.int64))

    def text_leaves(self) -> list[Leaf]:
        """Positive leaves that are sought in the text."""
        return [leaf for leaf in leaves(self.plan) if "text" in leaf.fields]

    # --- headings and titles --------------------------------------------------------------------

    def leaves_in_heads(
        self, part: int, passages: Array, active: Active
    ) -> list[tuple[Leaf, Array]]:
        """Of the active leaves those that stand above some of these passages, with which (bool)."""
        found: list[tuple[Leaf, Array]] = []
        for leaf, here in active:
            hits = self._hits_of(leaf, part)
            if hits.section.ids.size or hits.title.ids.size:
                here = here & in_any(passages, (hits.section.ids, hits.title.ids))
                if here.any():
                    found.append((leaf, here))
        return found

    def in_heads(self, leaf: Leaf, part: int, heads: Array) -> Found:
        """Occurrences of a leaf in these headings and titles (ascending)."""
        segment = self.snapshot.parts[part].segment
        scope = Units(segment, heads + segment.passages)
        return find(self._expansion.located(leaf.sought, part), segment, scope)

    def united_in_heads(self, part: int, heads: Array) -> Found:
        """Occurrences of all positive leaves there, in order, each span once."""
        return self._in_heads(part, self.text_leaves(), heads)

    def satisfying_heads(self, part: int) -> Array:
        """Live headings and titles that satisfy the query by their own words (ascending).

        They are no passages and in no total; whoever counts occurrences tells of them apart.
        """
        holder = self.snapshot.parts[part]
        live = holder.live_heads
        every = np.arange(holder.segment.heads) if live is None else live.nonzero()[0]
        return self._heads(self.plan, part, every)

    def _heads(self, node: Node, part: int, every: Array) -> Array:
        """Those of the heads that satisfy a node by their own words."""
        segment = self.snapshot.parts[part].segment
        match node:
            case Leaf():
                return counted(segment.head_of(self._in_heads(part, [node], every).starts))[0]
            case Boosted(child) | Constant(child):
                return self._heads(child, part, every)
            case Not(child):
                return difference(every, self._heads(child, part, every))
            case And(children):
                for child in children:
                    every = every[member(every, self._heads(child, part, every))]
                return every
            case Or(children):
                some = [child for child in children if isinstance(child, Leaf)]
                found = counted(segment.head_of(self._in_heads(part, some, every).starts))[0]
                others = [self._heads(n, part, every) for n in children if not isinstance(n, Leaf)]
                return union([found, *others], segment.heads)
            case _:
                return every

    def _in_heads(self, part: int, sought: Sequence[Leaf], heads: Array) -> Found:
        segment = self.snapshot.parts[part].segment
        scope = Units(segment, heads + segment.passages)
        located = self._expansion.located
        return find_any([(located(leaf.sought, part), scope) for leaf in sought], segment)


def _gather(
    found: Scored, passages: Array, active: Array, leaves: list[tuple[Leaf, Array]]
) -> None:
    """Add the leaves below a node that the active ones (bool) of these passages satisfy."""
    if found.leaf:
        leaves.append((found.leaf, active))
    for number, child in enumerate(found.children):
        sure = number < found.sure or child.leaf
        here = active if sure else active & child.has(passages)
        if here.any():
            _gather(child, passages, here, leaves)
