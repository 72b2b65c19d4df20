"""Passages that are found by the headings above them, and not by their text.

In: a plan, and where its leaves stand in one part of a snapshot. Out: the passages that are first
below a heading (or a title) that holds the words, and the heading of each.

A leaf may stand in the text of a passage, in a heading of its section path, in the title of its
article, or in a heading without passages that the passage stands for. Each heading in which a leaf
stands makes a *row* with the passage first below it, or the one that stands for it. A plan is
evaluated over all rows at once: of each branch (one choice of a child at every Or) it matters
whether a leaf of it stands in the heading of the row, and perhaps whether one stands somewhere
else. So a node has four bits for each row: bit k is set if a branch of that sort is true, k being 1
for a leaf in the first place, 2 for one in the second and 3 for both; `JOIN` has the bits of two
nodes joined by And.

A leaf that stands in a deeper heading as well is false in the row of the outer one: what counts is
the innermost heading of the branch. Deepest are the headings of the passage's own path, then those
that it stands for, in the order of the text; then the title.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indexer.search.boolean import LeafHits
from indexer.search.plan import (
    FIELDS,
    TEXT,
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
from indexer.sorted_arrays import EMPTY, Array, expanded, member, union

FIRST, BOTH = 0b1010, 0b1000  # branches with a leaf in the first place; in both


def _join(a: int, b: int) -> int:
    """The bits of an And of two nodes: of each two branches, what either has."""
    pairs = [(i, j) for i in range(4) for j in range(4) if a >> i & 1 and b >> j & 1]
    return sum({1 << (i | j) for i, j in pairs})


JOIN = np.array([[_join(a, b) for b in range(16)] for a in range(16)], np.uint8)


@dataclass(frozen=True)
class FoundByHeadings:
    """Passages of one part that a plan finds by headings. All arrays are int64."""

    also: Array  # by their text too, with headings that count only beside an empty one; ascending
    ids: Array  # by headings or titles alone, ascending
    heads: Array  # of each of `ids` the heading, or title, that it is first below


NONE = FoundByHeadings(EMPTY, EMPTY, EMPTY)


@dataclass(frozen=True)
class Lookup:
    """What is known of one part."""

    segment: Segment
    boilerplate: bool  # whether it is asked for
    hits: Callable[[Leaf], LeafHits]
    standing: Callable[[Leaf, Array], Array]  # in which of some heads (ascending) a leaf stands
    passages: Callable[[Node], Array]  # the passages of a filter, or all of them


def found_by_headings(plan: Node, look: Lookup, found: Array) -> FoundByHeadings:
    """What a plan finds beside the passages that it has `found` by their text."""
    some = [look.hits(leaf).heads for leaf in leaves(plan) if leaf.fields == FIELDS]
    some = [heads for heads in some if heads.size]
    if not some:
        return NONE
    heads = union(some, look.segment.heads)
    passages, fine = first_below(look.segment, heads, boilerplate=look.boilerplate)
    fine &= ~_among(passages, found)
    rows = _Rows(look, passages[fine], heads[fine])
    if not rows.passages.size:
        return NONE
    alone = isinstance(plan, Leaf)  # then it stands in each of these heads
    hit = np.ones(rows.heads.size, bool) if alone else (rows.bits(plan) & FIRST) > 0
    also = EMPTY
    outer = None if alone else rows.outer_headings()
    if outer is not None:
        beside = _BesideText(rows, outer)
        also = np.unique(beside.passages[(beside.bits(plan, in_text=True) & BOTH) > 0])
        beneath = _BeneathOuter(rows, outer)
        hit[beneath.numbers[(beneath.bits(plan) & BOTH) > 0]] = True
    hit &= ~_among(rows.passages, also)
    passages, heads = rows.passages[hit], rows.heads[hit]
    order = np.lexsort((rows.heads[hit], passages))
    passages, heads = passages[order], heads[order]
    last = np.append(passages[1:] != passages[:-1], True)[: passages.size]
    return FoundByHeadings(also, passages[last], heads[last])


def first_below(
    segment: Segment, heads: Array, *, boilerplate: bool = False
) -> tuple[Array, Array]:
    """The passage first below each of these heads, or that stands for it: the next of the article,
    else the last (int64); and whether there is one (bool).

    Boilerplate, which has no headings, is passed over unless it is asked for.
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
    after = first < column("article.last")[articles]  # whether content follows
    starts = column("passage.start")
    for at in ((beyond > begin) & ((first == last) | _is_title(segment, heads))).nonzero()[0]:
        some = [int(first[at])] * bool(after[at])
        some += [int(following[at])] * bool(following[at] < beyond[at])
        if some:
            passages[at] = min(some, key=starts.__getitem__)
        else:
            others = [int(passages[at])] * bool(fine[at])
            passages[at] = max([*others, int(beyond[at]) - 1], key=starts.__getitem__)
        fine[at] = True
    return passages, fine


def empty_ones(segment: Segment, heads: Array, *, boilerplate: bool = False) -> tuple[Array, Array]:
    """Those of the heads (ascending) that are empty headings, and the passage that stands for each
    (int64)."""
    if not boilerplate:
        heads = heads[segment.column("head.stand_in")[heads] >= 0]
    if not heads.size:
        return EMPTY, EMPTY
    heads = heads[empty(segment, heads)]
    passages, fine = first_below(segment, heads, boilerplate=boilerplate)
    return heads[fine], passages[fine]


def _is_title(segment: Segment, heads: Array) -> Array:
    titles: Array = segment.column("head.level")[heads] == 0
    return titles


def empty(segment: Segment, heads: Array) -> Array:
    """Which of these heads are headings without a passage below them (bool).

    The heading of an article that has no other text is its passage, and no longer a heading.
    """
    column = segment.column
    nothing: Array = column("head.first")[heads] == column("head.last")[heads]
    nothing &= ~_is_title(segment, heads)
    articles = column("head.article")[heads]
    sizes = column("article.last")[articles].astype(np.int64) - column("article.first")[articles]
    for at in (nothing & (sizes == 1)).nonzero()[0].tolist():
        passage = int(column("article.first")[articles[at]])
        heading = segment.unit_text(segment.passages + int(heads[at]))
        nothing[at] = segment.unit_text(passage) != heading
    return nothing


@dataclass(frozen=True)
class _Outer:
    """Rows of empty headings, and headings above these that are not on the passage's own path."""

    rows: Array  # numbers of such rows, ascending
    of: Array  # places in `rows`, one for each heading above; in no order
    heads: Array  # that heading


class _Rows:
    """Passages, each with a heading (or title) in which a leaf stands."""

    def __init__(self, look: Lookup, passages: Array, heads: Array) -> None:
        self.look, self.passages, self.heads = look, passages, heads

    def outer_headings(self) -> _Outer | None:
        """Outer headings of the rows; None if there are none."""
        segment, column = self.look.segment, self.look.segment.column
        numbers = empty(segment, self.heads).nonzero()[0]
        found: list[tuple[Array, Array]] = []  # (row, heading above it)
        heads = self.heads[numbers]
        while numbers.size:
            parents = column("head.parent")[heads].astype(np.int64)
            numbers, heads = numbers[parents >= 0], parents[parents >= 0]
            first, last = column("head.first")[heads], column("head.last")[heads]
            passages = self.passages[numbers]
            apart = (last > first) & ~((passages >= first) & (passages < last))
            found.append((numbers[apart], heads[apart]))
        if not sum(some.size for some, _ in found):
            return None
        of, outer = map(np.concatenate, zip(*found))
        rows, places = np.unique(of, return_inverse=True)
        return _Outer(rows, places, outer)

    # --- bits -----------------------------------------------------------------------------------

    def bits(self, node: Node, *, in_text: bool = False) -> Array:
        """The bits of a node in each row (uint8). `in_text`: negations test the text alone."""
        if isinstance(node, Leaf):
            return self._leaf(node)
        if isinstance(node, (Boosted, Constant)):
            return self.bits(node.child, in_text=in_text)
        if isinstance(node, Not):
            return (~self._holds(node.child, in_text)).astype(np.uint8)
        if isinstance(node, And) and node.children:
            joined = np.ones(self.passages.size, np.uint8)
            for child in node.children:
                joined = JOIN[joined, self.bits(child, in_text=in_text)]
            for child in node.optional:
                joined |= JOIN[joined, self.bits(child, in_text=in_text)]
            return joined
        if isinstance(node, Or):
            # By how many of the children seen so far are chosen.
            chosen = [np.ones(self.passages.size, np.uint8)]
            chosen += [np.zeros(self.passages.size, np.uint8) for _ in range(node.least)]
            for child in node.children:
                bits = self.bits(child, in_text=in_text)
                for i in range(node.least - 1, -1, -1):
                    chosen[i + 1] |= JOIN[chosen[i], bits]
            return chosen[-1]
        return _among(self.passages, self.look.passages(node)).astype(np.uint8)

    def _leaf(self, leaf: Leaf) -> Array:
        hits = self.look.hits(leaf)
        in_text = _among(self.passages, hits.text.ids)
        if leaf.fields not in (FIELDS, TEXT):  # a condition
            return _among(self.passages, hits.sides).astype(np.uint8)
        there, first, second = self._places(hits, in_text)
        bits: Array = there.astype(np.uint8) << (first + 2 * second).astype(np.uint8)
        return bits

    def _places(self, hits: LeafHits, in_text: Array) -> tuple[Array, Array, Array]:
        """Whether a leaf counts; and whether it stands in the first place, which is the heading of
        the row, and in the second, which is the text (bool)."""
        deepest = _deepest(self.look.segment, hits, self.passages)
        above = (deepest >= 0) & (deepest <= self.heads)
        return above | in_text, deepest == self.heads, in_text

    def _holds(self, node: Node, in_text: bool) -> Array:
        """Whether a node beneath a negation is true of the text, or of the heading of the row."""
        if isinstance(node, Leaf):
            hits = self.look.hits(node)
            found = _among(self.passages, hits.text.ids) | _among(self.passages, hits.sides)
            if node.fields == TEXT and not in_text:
                heads = np.unique(self.heads)
                found |= _among(self.heads, heads[member(heads, self.look.standing(node, heads))])
            return found
        if isinstance(node, Not):
            return ~self._holds(node.child, in_text)
        if isinstance(node, Or):
            every = [self._holds(child, in_text) for child in node.children]
            counts = np.zeros(self.passages.size, np.int64)
            for one in every:
                counts += one
            enough: Array = counts >= node.least
            return enough
        children = below(node)
        if not children:
            return _among(self.passages, self.look.passages(node))
        found = np.ones(self.passages.size, bool)
        for child in node.children if isinstance(node, And) else children:
            found &= self._holds(child, in_text)
        return found


class _BesideText(_Rows):
    """Rows of empty headings with outer ones, each beside the text of the passage."""

    def __init__(self, rows: _Rows, outer: _Outer) -> None:
        super().__init__(rows.look, rows.passages[outer.rows], rows.heads[outer.rows])
        self._outer = outer

    def _places(self, hits: LeafHits, in_text: Array) -> tuple[Array, Array, Array]:
        """A leaf counts anywhere; the first place is the heading, the second the text."""
        there = in_text | (_deepest(self.look.segment, hits, self.passages) >= 0)
        there[self._outer.of[_among(self._outer.heads, hits.heads)]] = True
        return there, _among(self.heads, hits.heads), in_text


class _BeneathOuter(_Rows):
    """All rows of passages that stand for a heading with outer ones, once for each such heading;
    none is of a heading less deep than that."""

    def __init__(self, rows: _Rows, outer: _Outer) -> None:
        order = np.argsort(rows.passages, kind="stable")
        ordered = rows.passages[order]
        wanted = rows.passages[outer.rows]
        low, high = ordered.searchsorted(wanted), ordered.searchsorted(wanted, "right")
        numbers = order[expanded(low, high - low)]
        of = np.repeat(np.arange(wanted.size), high - low)  # place in `outer.rows`
        deep = rows.heads[numbers] >= rows.heads[outer.rows[of]]
        self.numbers, self._of, self._outer = numbers[deep], of[deep], outer
        super().__init__(rows.look, rows.passages[self.numbers], rows.heads[self.numbers])
        self._empty = rows.heads[outer.rows[self._of]]

    def _places(self, hits: LeafHits, in_text: Array) -> tuple[Array, Array, Array]:
        """A leaf counts in outer headings too; the first place is the heading of the row, the
        second the empty one whose outer headings count."""
        deepest = _deepest(self.look.segment, hits, self.passages)
        outer = np.zeros(self._outer.rows.size, bool)
        outer[self._outer.of[_among(self._outer.heads, hits.heads)]] = True
        there = (deepest <= self.heads) & ((deepest >= 0) | outer[self._of])
        return there, deepest == self.heads, _among(self._empty, hits.heads)


class _WithLeaf(_Rows):
    """Rows of which the first place is wherever one leaf stands."""

    def __init__(self, look: Lookup, passages: Array, heads: Array | None, leaf: Leaf) -> None:
        """The second place is the heading of the row; without `heads` it is the text."""
        super().__init__(look, passages, np.zeros(0, np.int64) if heads is None else heads)
        self._of, self._beside_text = leaf, heads is None

    def _leaf(self, leaf: Leaf) -> Array:
        hits = self.look.hits(leaf)
        if leaf.fields not in (FIELDS, TEXT):
            return super()._leaf(leaf)
        deepest = _deepest(self.look.segment, hits, self.passages)
        if self._beside_text:
            second = _among(self.passages, hits.text.ids)
            there = second | (deepest >= 0)
        else:
            second = deepest == self.heads
            there = (deepest >= 0) & (deepest <= self.heads)
        bits: Array = there.astype(np.uint8) << ((leaf == self._of) + 2 * second).astype(np.uint8)
        return bits


def counting(
    plan: Node, look: Lookup, leaf: Leaf, passages: Array, above: tuple[Array, Array]
) -> Array:
    """In which of some passages a leaf is part of a branch that is true (bool).

    Negations test the text, and in branches without a leaf there the innermost heading that holds
    one. `above`: passages, and heads that count for them.
    """
    beside = _WithLeaf(look, passages, None, leaf)
    counts: Array = (beside.bits(plan, in_text=True) & BOTH) > 0
    beneath = _WithLeaf(look, *above, leaf)
    by_heading = beneath.passages[(beneath.bits(plan) & BOTH) > 0]
    return counts | np.isin(passages, by_heading)


def denies(plan: Node) -> bool:
    """Whether a plan has branches, and negations that may deny some of them alone."""
    nodes, some = [plan], set()
    for node in nodes:
        some.add(type(node))
        if isinstance(node, And) and node.optional:
            some.add(Or)
        nodes += () if isinstance(node, Not) else below(node)
    return {Or, Not} <= some


def _deepest(segment: Segment, hits: LeafHits, passages: Array) -> Array:
    """The innermost head with a leaf that counts for each passage; -1 for none (int64).

    Heads are numbered in the order of the text, so that the innermost has the highest number.
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


def _among(numbers: Array, ids: Array) -> Array:
    """Which of these numbers, in any order, are among `ids` (ascending; bool)."""
    if not ids.size:
        return np.zeros(numbers.size, bool)
    found: Array = ids.take(ids.searchsorted(numbers), mode="clip") == numbers
    return found
