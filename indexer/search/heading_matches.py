"""Passages that match by the headings above them, and not by their text.

In: a plan, and the hits of its leaves in one part of a snapshot. Out: the first passage below each
heading (or title) that holds the words, with that heading; and for each leaf the passages that it
helped to match. Refuses nothing.

A leaf may match in the text of a passage, in a heading of its section path, in the title of its
article, or in an empty heading (one without passages) that the passage stands in for; and also in
the headings above that empty one, if another leaf of the branch matches in the empty one itself.
A plan is evaluated over *rows*. A row is a passage with one place that must hold a leaf: its text,
or a heading or title that it is the first passage below. A row may also name an empty heading that
must hold a leaf too; only in such a row do the headings above the empty one count.

A branch of a plan is one choice of a child at every Or. What matters is in which of these places a
branch has leaves. So a node has eight bits per row: bit k is set if some true branch has the sum k
of 1 for a leaf in the row's place, 2 for a leaf in its empty heading, 4 for the leaf that is asked
about. The bits of an And are looked up in a table by those of its children.

A leaf that matches in the text, or in a deeper heading than the row's place, is false in this row:
the innermost place of a branch counts. The deepest are the headings of the passage's own path and
those that it stands in for, in the order of the text; then comes the title.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np

from indexer.search.boolean import LeafHits, Scored
from indexer.search.plan import (
    ALL_FIELDS,
    TEXT_ONLY,
    And,
    Boosted,
    Constant,
    Leaf,
    Node,
    Not,
    Or,
    below,
    leaves,
)
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, difference, distinct, expanded, isin, member, union

PLACE, BENEATH, ASKED = 1, 2, 4  # a leaf in the row's place, in its empty heading; the leaf asked
IN_TEXT = -1  # in place of a heading


@dataclass(frozen=True)
class FoundByHeadings:
    """Passages of one part that match by headings. All arrays are int64."""

    also: Array  # match by text too, with headings that count only beside an empty one; ascending
    ids: Array  # match by headings or titles alone; ascending
    heads: Array  # for each of `ids` the heading or title that it is the first passage below


NONE_BY_HEADINGS = FoundByHeadings(EMPTY, EMPTY, EMPTY)


@dataclass(frozen=True)
class Lookup:
    """What `found_by_headings` reads of one part."""

    segment: Segment
    boilerplate: bool  # whether the plan asks for boilerplate
    hits: Callable[[Leaf], LeafHits]
    standing: Callable[[Leaf, Array], Array]  # subset of heads (ascending) that hold a leaf
    passages: Callable[[Node], Array]  # passages of a filter, or all passages


def found_by_headings(
    plan: Node, look: Lookup, hits: Sequence[LeafHits], found: Array, whole: Scored
) -> FoundByHeadings:
    """Matches by headings beside the passages `found` by their text. `hits`: of the leaves that
    are sought in all fields and match in heads; `whole`: the passages that hold, in their text or
    above it, everything the plan asks for."""
    alone = _is_of_single_leaves(plan)  # then each of these heads makes a branch true by itself
    left: Array | None = None
    if not alone and _is_of_plain_negations(plan):
        # Headings above an empty one count only for the passage that stands in for that one.
        size = look.segment.passages
        left = difference(union([whole.ids, *(one.stand_ins.ids for one in hits)], size), found)
        if not left.size:
            return NONE_BY_HEADINGS
    heads = union([one.heads for one in hits], look.segment.heads)
    passages, fine = first_below(look.segment, heads, boilerplate=look.boilerplate)
    fine &= ~isin(passages, found) if left is None else isin(passages, left)
    passages, heads, also = passages[fine], heads[fine], EMPTY
    if not alone and passages.size:
        rows = _HeadingRows(look, passages, heads)
        true = rows.true(plan)
        also = distinct(rows.passages[true & (rows.heads == IN_TEXT)])
        true &= ~isin(rows.passages, also)
        passages, heads = rows.passages[true], rows.heads[true]
    order = np.lexsort((heads, passages))
    passages, heads = passages[order], heads[order]
    last = np.append(passages[1:] != passages[:-1], True)[: passages.size]
    return FoundByHeadings(also, passages[last], heads[last])


def _is_of_single_leaves(node: Node) -> bool:
    """Whether each branch of a plan is a single leaf that is sought in all fields."""
    if isinstance(node, Or):
        return node.least == 1 and all(map(_is_of_single_leaves, node.children))
    if isinstance(node, (Boosted, Constant)):
        return _is_of_single_leaves(node.child)
    return isinstance(node, Leaf) and node.fields == ALL_FIELDS


def _is_of_plain_negations(node: Node, inside: bool = False) -> bool:
    """Whether no negation of a plan is nested in another."""
    if isinstance(node, Not) and inside:
        return False
    inside = inside or isinstance(node, Not)
    return all(_is_of_plain_negations(child, inside) for child in below(node))


def active_passages(
    plan: Node, look: Lookup, passages: Array, above: tuple[Array, Array]
) -> list[tuple[Leaf, Array]]:
    """For each leaf of a plan, in order and with repeats: in which of the passages it is part of a
    true branch (bool). `above`: passages, and heads above them that hold a leaf.

    Negations test the text; in branches without a leaf there, the innermost heading that holds one.
    A condition on a heading or title counts even where only such a heading denies its branch.
    """
    sought = leaves(plan)  # a leaf in two branches may count in the second alone
    rows = _HeadingRows(look, *above, texts=passages, asked=len(sought))
    found: list[tuple[Leaf, Array]] = []
    true, near = rows.true(plan), rows.true(plan, PLACE) & (rows.heads == IN_TEXT)
    for number, leaf in enumerate(sought):
        counts = true[number] if leaf.fields in (ALL_FIELDS, TEXT_ONLY) else (true | near)[number]
        found.append((leaf, isin(passages, np.sort(rows.passages[counts]))))
    return found


def first_below(
    segment: Segment, heads: Array, *, boilerplate: bool = False
) -> tuple[Array, Array]:
    """The first passage below each of these heads or, if it has none, the one that stands in for
    it: the next of the article, else the last (int64); and whether there is one (bool).

    Boilerplate, which has no headings, is skipped unless it is asked for.
    """
    column = segment.column
    first, last = (column(f"head.{n}")[heads].astype(np.int64) for n in ("first", "last"))
    stood = column("head.stand_in")[heads].astype(np.int64)
    passages, fine = np.where(stood < 0, first, stood), (first < last) | (stood >= 0)
    if not boilerplate:
        return passages, fine
    articles = column("head.article")[heads]
    beyond = segment.contents + column("article.boilerplate_last")[articles].astype(np.int64)
    following = segment.contents + column("head.boilerplate_first")[heads].astype(np.int64)
    begin = segment.contents + column("article.boilerplate_first")[articles].astype(np.int64)
    after = first < column("article.last")[articles]  # whether content follows the head
    starts = column("passage.start")
    for at in ((beyond > begin) & ((first == last) | _is_title(segment, heads))).nonzero()[0]:
        candidates = [int(first[at])] * bool(after[at])
        candidates += [int(following[at])] * bool(following[at] < beyond[at])
        if candidates:
            passages[at] = min(candidates, key=starts.__getitem__)
        else:
            others = [int(passages[at])] * bool(fine[at])
            passages[at] = max([*others, int(beyond[at]) - 1], key=starts.__getitem__)
        fine[at] = True
    return passages, fine


def empty_ones(segment: Segment, heads: Array, *, boilerplate: bool = False) -> tuple[Array, Array]:
    """The empty headings among the heads (ascending), and each one's stand-in passage (int64)."""
    if not boilerplate:
        heads = heads[segment.column("head.stand_in")[heads] >= 0]
    if not heads.size:
        return EMPTY, EMPTY
    heads = heads[_is_empty(segment, heads)]
    passages, fine = first_below(segment, heads, boilerplate=boilerplate)
    return heads[fine], passages[fine]


def _is_title(segment: Segment, heads: Array) -> Array:
    titles: Array = segment.column("head.level")[heads] == 0
    return titles


def _is_empty(segment: Segment, heads: Array) -> Array:
    """Which of these heads are headings without a passage of content below (bool)."""
    first, last = segment.column("head.first")[heads], segment.column("head.last")[heads]
    empty: Array = (first == last) & ~_is_title(segment, heads)
    return empty


def has_partial_negations(plan: Node) -> bool:
    """Whether a plan has alternative branches, and negations that may deny just some of them."""
    nodes, kinds = [plan], set()
    for node in nodes:
        kinds.add(type(node))
        if isinstance(node, And) and node.optional:
            kinds.add(Or)
        nodes += () if isinstance(node, Not) else below(node)
    return {Or, Not} <= kinds


# --- rows ---------------------------------------------------------------------------------------


@cache
def _joined(sorts: int) -> Array:
    """Table of the bits of an And by the bits of its two nodes, for `sorts` sorts of branches: a
    branch of the And has what either of its two branches has (uint8)."""
    bits = np.arange(1 << sorts)
    table = np.zeros((bits.size, bits.size), np.int64)
    for i in range(sorts):
        for j in range(sorts):
            table |= np.outer(bits >> i & 1, bits >> j & 1) << (i | j)
    return table.astype(np.uint8)


WITH = np.array([sum(1 << sort for sort in range(8) if sort & need == need) for need in range(8)])


class _HeadingRows:
    """Passages, each with a place that must hold a leaf. For every empty heading among these places
    that has outer headings, the rows of its passage that are no less deep are repeated."""

    def __init__(
        self,
        look: Lookup,
        passages: Array,
        heads: Array,
        texts: Array = EMPTY,
        asked: int = 0,
    ) -> None:
        """`heads`: for each of the passages one that holds a leaf; `texts`: passages whose text
        may hold one; `asked`: for how many leaves, from the first, to find where they count."""
        self._look, self._asked = look, asked
        self._outer, self._places = EMPTY, EMPTY  # outer headings; for each its index in `empty`
        empty, owners = self._with_outer(passages, heads)
        order = np.argsort(passages, kind="stable")
        ordered = passages[order]
        low, high = ordered.searchsorted(owners), ordered.searchsorted(owners, "right")
        again, of = order[expanded(low, high - low)], np.repeat(np.arange(empty.size), high - low)
        deep = heads[again] >= empty[of]
        again, of = again[deep], of[deep]
        alone, text = np.full(passages.size + texts.size, -1), np.full(owners.size, IN_TEXT)
        self.passages = np.concatenate((passages, texts, passages[again], owners))
        self.heads = np.concatenate((heads, np.full(texts.size, IN_TEXT), heads[again], text))
        self._of = np.concatenate((alone, of, np.arange(empty.size)))  # index in `empty`; -1: none
        self._empty = np.append(empty, -1)[self._of]

    def _with_outer(self, passages: Array, heads: Array) -> tuple[Array, Array]:
        """The empty headings among the heads that have outer ones (not on the passage's own path,
        nor empty themselves); and the passage of each."""
        segment, column = self._look.segment, self._look.segment.column
        numbers = _is_empty(segment, heads).nonzero()[0]
        found: list[tuple[Array, Array]] = [(EMPTY, EMPTY)]  # (row, heading above it)
        outer = heads[numbers]
        while numbers.size:
            parents = column("head.parent")[outer].astype(np.int64)
            numbers, outer = numbers[parents >= 0], parents[parents >= 0]
            first, last = column("head.first")[outer], column("head.last")[outer]
            apart = (last > first) & ~((passages[numbers] >= first) & (passages[numbers] < last))
            found.append((numbers[apart], outer[apart]))
        of, self._outer = map(np.concatenate, zip(*found))
        nested = distinct(of)
        self._places = nested.searchsorted(of)
        return heads[nested], passages[nested]

    def true(self, plan: Node, without: int = 0) -> Array:
        """In which rows a plan is true (bool) by a branch with leaves in all places that must hold
        one, except `without`; with leaves asked about, one such array per leaf."""
        need = PLACE + BENEATH * (self._of >= 0) + ASKED * (self._asked > 0) - without
        self._coming = count()
        found: Array = (self._bits(plan) & WITH[need]) > 0
        return found

    def _bits(self, node: Node) -> Array:
        """The eight bits of a node in each row (uint8)."""
        join = _joined(8 if self._asked else 4)
        if isinstance(node, Leaf):
            return self._leaf(node)
        if isinstance(node, (Boosted, Constant)):
            return self._bits(node.child)
        if isinstance(node, Not):
            return (~self._holds(node.child)).astype(np.uint8)
        if isinstance(node, And) and node.children:
            joined = np.ones(self.passages.size, np.uint8)
            for child in node.children:
                joined = join[joined, self._bits(child)]
            for child in node.optional:
                joined = joined | join[joined, self._bits(child)]
            return joined
        if isinstance(node, Or):
            # Indexed by how many of the children seen so far are chosen.
            chosen = [np.ones(self.passages.size, np.uint8)]
            chosen += [np.zeros(self.passages.size, np.uint8) for _ in range(node.least)]
            for child in node.children:
                bits = self._bits(child)
                for i in range(node.least - 1, -1, -1):
                    chosen[i + 1] = chosen[i + 1] | join[chosen[i], bits]
            return chosen[-1]
        return isin(self.passages, self._look.passages(node)).astype(np.uint8)

    def _leaf(self, leaf: Leaf) -> Array:
        hits = self._look.hits(leaf)
        place = beneath = np.zeros(self.passages.size, bool)
        if leaf.fields in (ALL_FIELDS, TEXT_ONLY):
            in_text, by_text = isin(self.passages, hits.text.ids), self.heads == IN_TEXT
            deepest = _deepest(self._look.segment, hits, self.passages)
            outer = np.zeros(self._empty.size + 1, bool)
            outer[self._places[isin(self._outer, hits.heads)]] = True
            above = (deepest >= 0) | outer[self._of]
            there = np.where(by_text, in_text | above, above & ~in_text & (deepest <= self.heads))
            place = np.where(by_text, in_text, deepest == self.heads)
            beneath = isin(self._empty, hits.heads)
        else:  # a condition
            there = isin(self.passages, hits.above_only)
        sort = PLACE * place + BENEATH * beneath
        if self._asked:
            sort = sort + ASKED * (np.arange(self._asked) == next(self._coming))[:, np.newaxis]
        bits: Array = there.astype(np.uint8) << sort.astype(np.uint8)
        return bits

    def _holds(self, node: Node) -> Array:
        """Whether a node beneath a negation is true of the text, or of the row's heading."""
        if isinstance(node, Leaf):
            hits = self._look.hits(node)
            found = isin(self.passages, hits.text.ids) | isin(self.passages, hits.above_only)
            if node.fields == TEXT_ONLY:
                heads = distinct(self.heads[self.heads != IN_TEXT])
                found |= isin(self.heads, heads[member(heads, self._look.standing(node, heads))])
            return found
        if isinstance(node, Not):
            return ~self._holds(node.child)
        if isinstance(node, Or):
            counts = np.zeros(self.passages.size, np.int64)
            for child in node.children:
                counts += self._holds(child)
            enough: Array = counts >= node.least
            return enough
        children = node.children if isinstance(node, And) else below(node)
        if not children:
            return isin(self.passages, self._look.passages(node))
        found = np.ones(self.passages.size, bool)
        for child in children:
            found &= self._holds(child)
        return found


def _deepest(segment: Segment, hits: LeafHits, passages: Array) -> Array:
    """For each passage the innermost head that counts and holds a leaf; -1: none (int64).

    Heads are numbered in the order of the text, so the innermost has the highest number.
    """
    column = segment.column
    holds = np.zeros(segment.heads, bool)
    holds[hits.heads] = True
    titles = column("article.head")[segment.article_numbers[passages]].astype(np.int64)
    found = np.where(holds[titles], titles, -1)
    empties, stood = hits.empty
    if empties.size:
        order = np.lexsort((empties, stood))
        stood, empties = stood[order], empties[order]
        at = stood.searchsorted(passages, "right") - 1
        here = (at >= 0) & (stood[at] == passages)
        found[here] = empties[at[here]]
    own = column("passage.heading")[passages].astype(np.int64)
    at = (own >= 0).nonzero()[0]
    own = own[at]
    while at.size:  # from the innermost heading up, until one holds
        here = holds[own]
        found[at[here]] = np.maximum(found[at[here]], own[here])
        parents = column("head.parent")[own].astype(np.int64)
        on = ~here & (parents >= 0)
        at, own = at[on], parents[on]
    return found
