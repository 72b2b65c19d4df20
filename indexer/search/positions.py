"""Positions: tokens that follow each other, or stand near each other, within a scope.

In: elements and a scope. Out: where phrases begin; occurrences of phrases with gaps, and of pairs.
All arrays are int64 token indices of one segment, ascending. No occurrence crosses the end of a
block. A scope holds whole units (passages, headings, titles), so it contains the same occurrences
as a search through all tokens would find there. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.lazy import kept_property
from indexer.search.located import (
    REASON_CODES,
    Element,
    Located,
    LocatedEither,
    LocatedWords,
    Variant,
)
from indexer.search.spans import (
    NO_SPANS,
    PROXIMITY,
    Marks,
    TokenSpans,
    distinct_spans,
    spans_of_size,
    united,
)
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, expanded


class Scope:
    """Where to search: disjoint, ascending token ranges [firsts[i], ends[i])."""

    def __init__(self, segment: Segment, firsts: Array, ends: Array) -> None:
        """Both int64."""
        self._segment, self._firsts, self._ends = segment, firsts, ends
        self._whole = int((ends - firsts).sum())  # tokens

    def tokens(self, element: Element, *, whole_stems: bool = False) -> Array:
        """Token indices of an element in this scope, ascending (int64); `whole_stems` may add other
        forms of its stems. Scans the tokens of the scope or those of the element, whichever are
        fewer."""
        if not self._whole:
            return EMPTY
        if self._whole < element.frequency(self._segment):
            indices, forms = self._every
            found: Array = indices.compress(element.contains(forms))
            return found
        ends = int(self._firsts[0]), int(self._ends[-1])
        tokens = element.tokens(self._segment, *ends, whole_stems=whole_stems)
        return tokens if self._firsts.size == 1 else inside(tokens, self._firsts, self._ends)

    @kept_property
    def _every(self) -> tuple[Array, Array]:
        """All tokens of the scope, and the form id of each."""
        if self._firsts.size == 1:
            first, end = int(self._firsts[0]), int(self._ends[0])
            return np.arange(first, end), self._segment.forms_between(first, end)
        indices = expanded(self._firsts, self._ends - self._firsts)
        return indices, self._segment.forms_at(indices)


def token_scope(segment: Segment, start: int, end: int) -> Scope:
    """All tokens of [start, end)."""
    return Scope(segment, np.array([start]), np.array([end]))


def unit_scope(segment: Segment, units: Array) -> Scope:
    """The units with these numbers (ascending, each once)."""
    edges = segment.unit_tokens
    if units.size and units[-1] - units[0] == units.size - 1:
        return token_scope(segment, int(edges[units[0]]), int(edges[units[-1] + 1]))
    return Scope(segment, edges[units].astype(np.int64), edges[units + 1].astype(np.int64))


def inside(tokens: Array, firsts: Array, ends: Array) -> Array:
    """The tokens (ascending) within the ranges, which must be disjoint and ascending."""
    low, high = tokens.searchsorted(firsts), tokens.searchsorted(ends)
    return tokens[expanded(low, high - low)]


# --- sequences ----------------------------------------------------------------------------------


def contiguous(segment: Segment, elements: Sequence[Element], scope: Scope) -> Array:
    """First token of each place where the elements follow each other without a gap.

    Starts from the tokens of the rarest element and compares the forms next to them with the
    other elements; then their own forms, since the tokens of a whole stem come as one list.
    """
    if len(elements) == 1:
        return scope.tokens(elements[0])
    frequencies = [e.frequency(segment) for e in elements]
    if not min(frequencies):
        return EMPTY
    order = sorted(range(len(elements)), key=frequencies.__getitem__)
    found = scope.tokens(elements[order[0]], whole_stems=True) - order[0]
    last = segment.tokens - len(elements)
    found = found[found.searchsorted(0) : found.searchsorted(last, "right")]
    for place in (*order[1:], order[0]):
        if not found.size:
            return found
        found = found.compress(elements[place].matches(segment, found + place))
    return found.compress(segment.in_one_block(found, len(elements)))


def ordered(
    segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope
) -> TokenSpans:
    """Occurrences in which each word follows the one before by at most `slop` positions.

    A word is one element, or several without a gap (25mg). Every word that is part of some such
    chain is marked. An occurrence is the chain of one of these words with its nearest partners;
    equal chains are merged.
    """
    chains, rest = _chained(segment, words, slop, scope)
    if not chains.size:
        return NO_SPANS

    def rows() -> tuple[Array, Marks]:
        owners = np.repeat(np.arange(len(chains)), len(rest))
        ends = (chains + (np.array(rest) + 1)).ravel()
        codes = np.full(chains.size, PROXIMITY, np.uint8)
        return owners, Marks(chains.ravel(), ends, codes, owners)

    return distinct_spans(chains[:, 0], chains[:, -1] + rest[-1] + 1, rows)


def _chained(
    segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope
) -> tuple[Array, list[int]]:
    """The chains of `ordered`, one per row, and for each word its tokens after the first."""
    rest = [len(word) - 1 for word in words]
    none = np.zeros((0, len(words)), np.int64)
    if not all(e.frequency(segment) for word in words for e in word):
        return none, rest
    reach = [contiguous(segment, words[0], scope)]
    for i, word in enumerate(words[1:]):
        here = contiguous(segment, word, scope)
        before, gap = _nearest_before(segment, here, reach[-1], rest[i])
        reach.append(here.compress((before >= 0) & (gap <= slop)))
        if not reach[-1].size:
            return none, rest
    for i in range(len(words) - 2, -1, -1):
        after, gap = _nearest_after(segment, reach[i] + rest[i], reach[i + 1])
        reach[i] = reach[i].compress((after >= 0) & (gap <= slop))
    return np.concatenate([_chains(segment, reach, rest, i) for i in range(len(reach))]), rest


def _chains(segment: Segment, reach: list[Array], rest: list[int], place: int) -> Array:
    """The chain of each word of `reach[place]`: one row, with the first token of each word."""
    columns = {place: reach[place]}
    for i in range(place + 1, len(reach)):
        at, _ = _nearest_after(segment, columns[i - 1] + rest[i - 1], reach[i])
        columns[i] = reach[i][at]
    for i in range(place - 1, -1, -1):
        at, _ = _nearest_before(segment, columns[i + 1], reach[i], rest[i])
        columns[i] = reach[i][at]
    return np.stack([columns[i] for i in range(len(reach))], axis=1)


def _nearest_before(segment: Segment, here: Array, others: Array, rest: int) -> tuple[Array, Array]:
    """For each token the index in `others` of the last word before it in its block (-1: none), and
    the distance from that word's end; a word has `rest` tokens after its first."""
    if not others.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = others.searchsorted(here - rest) - 1
    near = others[np.maximum(at, 0)] + rest
    at = np.where((at >= 0) & (segment.block_of(near) == segment.block_of(here)), at, -1)
    return at, here - near


def _nearest_after(segment: Segment, here: Array, others: Array) -> tuple[Array, Array]:
    """For each token the index in `others` of the first one after it in its block (-1: none), and
    the distance to it."""
    if not others.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = others.searchsorted(here, "right")
    near = others[np.minimum(at, others.size - 1)]
    fine = (at < others.size) & (segment.block_of(near) == segment.block_of(here))
    return np.where(fine, at, -1), near - here


# --- pairs --------------------------------------------------------------------------------------


def near(segment: Segment, left: TokenSpans, right: TokenSpans, distance: int | None) -> TokenSpans:
    """Pairs of spans that do not overlap, at most `distance` positions apart, in either order.

    The distance is counted from the last token of the earlier span to the first of the later one;
    None asks for the same sentence instead. Each span that has a partner is paired with the nearest
    (in a tie, the one that follows); equal pairs are one occurrence.
    """
    if distance is None:
        left, right = _in_one_sentence(segment, left), _in_one_sentence(segment, right)
    if not left.starts.size or not right.starts.size:
        return NO_SPANS
    if distance is not None:
        reach = distance + max(left.longest, right.longest)
        few, many = within_reach(left.starts, right.starts, reach)
        left, right = left.take(few), right.take(many)
        if not few.size:
            return NO_SPANS
    homes = segment.sentence_of if distance is None else segment.block_of
    here, there = (_Side(found, homes(found.starts)) for found in (left, right))
    a, b = here.partners(there, distance), there.partners(here, distance)
    with_a, with_b = (a >= 0).nonzero()[0], (b >= 0).nonzero()[0]
    with_b = with_b[a[b[with_b]] != with_b]  # mutual pairs are in `with_a` already
    i = np.concatenate((with_a, b[with_b]))
    j = np.concatenate((a[with_a], with_b))

    def rows() -> tuple[Array, Marks]:
        (of_left, rows_left), (of_right, rows_right) = left.marks.of(i), right.marks.of(j)
        owners = np.concatenate((rows_left, rows_right))
        starts = np.concatenate((left.marks.starts[of_left], right.marks.starts[of_right]))
        ends = np.concatenate((left.marks.ends[of_left], right.marks.ends[of_right]))
        return owners, Marks(starts, ends, np.full(owners.size, PROXIMITY, np.uint8), owners)

    starts = np.minimum(left.starts[i], right.starts[j])
    return distinct_spans(starts, np.maximum(left.ends[i], right.ends[j]), rows)


def within_reach(left: Array, right: Array, reach: int) -> tuple[Array, Array]:
    """Indices of the tokens in either list (ascending, may repeat) that have a token of the other
    list within `reach`, before or behind; in the longer list perhaps a few more. Looks the shorter
    list up in the longer one."""
    if left.size > right.size:
        others, ones = within_reach(right, left, reach)
        return ones, others
    low = right.searchsorted(left - reach)
    found = (right.take(low, mode="clip") <= left + reach) & (low < right.size)
    few = found.nonzero()[0]
    low, high = low[few], right.searchsorted(left[few] + reach, "right")
    np.maximum(low[1:], high[:-1], out=low[1:])
    return few, expanded(low, np.maximum(high - low, 0))


class _Side:
    """One side of a NEAR: spans that seek partners and may be partners."""

    def __init__(self, found: TokenSpans, homes: Array) -> None:
        """`homes`: for each span the number of its block or sentence."""
        self.starts, self.ends, self.homes = found.starts, found.ends, homes
        sizes = self.ends - self.starts
        same = (sizes == sizes[0]).all()  # then ends ascend as starts do
        self._by_end = np.arange(sizes.size) if same else np.lexsort((self.starts, self.ends))
        self._sorted_ends = self.ends[self._by_end]

    def partners(self, others: _Side, distance: int | None) -> Array:
        """For each span the index of the nearest of `others` in the same home, or -1."""
        follows = others.starts.searchsorted(self.ends)  # the first that begins after its end
        fine = follows < others.starts.size
        follows[~fine] = 0
        gap = others.starts[follows] - (self.ends - 1)
        fine &= others.homes[follows] == self.homes
        if distance is not None:
            fine &= gap <= distance
        chosen = np.where(fine, follows, -1)
        at = others._sorted_ends.searchsorted(self.starts, "right") - 1  # the last that ends before
        precedes = np.where(at < 0, -1, others._by_end[at])
        gap_before = self.starts - (others.ends[precedes] - 1)
        nearer = (precedes >= 0) & (~fine | (gap_before < gap))
        nearer &= others.homes[precedes] == self.homes
        if distance is not None:
            nearer &= gap_before <= distance
        return np.where(nearer, precedes, chosen)


def _in_one_sentence(segment: Segment, found: TokenSpans) -> TokenSpans:
    """The occurrences within a single sentence."""
    if found.longest <= 1:
        return found
    ends = segment.sentence_of(found.ends - 1)
    return found.take((segment.sentence_of(found.starts) == ends).nonzero()[0])


# --- all kinds of leaves ------------------------------------------------------------------------


def find(located: Located, segment: Segment, scope: Scope) -> TokenSpans:
    """Occurrences in the scope, in order, each span once."""
    if isinstance(located, LocatedWords):
        return united([_find_variant(located, one, segment, scope) for one in located.variants])
    if isinstance(located, LocatedEither):
        return united([find(part, segment, scope) for part in located.parts])
    found = find(located.left, segment, scope)
    if not found.starts.size:
        return found
    return near(segment, found, find(located.right, segment, scope), located.distance)


def _find_variant(
    words: LocatedWords, variant: Variant, segment: Segment, scope: Scope
) -> TokenSpans:
    if words.is_loose(variant):
        return ordered(segment, variant.words, words.slop, scope)
    size = len(variant.elements)
    starts = contiguous(segment, variant.elements, scope)

    def codes(starts: Array) -> Array:
        """Reason of the word; for several words "phrase", or the least exact of their reasons."""
        if size > 1 and words.phrase:
            return np.full(starts.size, REASON_CODES["phrase"], np.uint8)
        each = [e.reasons(segment.forms_at(starts + i)) for i, e in enumerate(variant.elements)]
        found: Array = np.max(each, axis=0)
        return found

    return spans_of_size(starts, size, codes)
