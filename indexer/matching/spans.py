"""Arithmetic on token indices: contiguous sequences, ordered words with gaps, pairs that are near.

All arrays are int64 token indices of one segment, ascending. Nothing crosses a block's end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.arrays import Array, Segment
from indexer.matching.elements import CODE, Element
from indexer.matching.scopes import Scope, between, expanded
from indexer.matching.sets import EMPTY, changes

PROXIMITY = CODE["proximity"]
FEWER = 4  # so many times as many spans are looked through for those that may have a partner
_SPAN_BITS = 31  # of an int64, for the length of a span; its start has the others
_LENGTH = (1 << _SPAN_BITS) - 1


@dataclass(frozen=True)
class Marks:
    """What shows occurrences. A span is [start, end) in token indices."""

    starts: Array
    ends: Array
    codes: Array  # uint8, index into REASONS
    owners: Array  # the occurrence that each mark shows, ascending; one token may show several

    def of(self, chosen: Array) -> tuple[Array, Array]:
        """Numbers of the marks of the chosen occurrences, and the place of each in `chosen`."""
        firsts = np.searchsorted(self.owners, chosen, "left")
        sizes = np.searchsorted(self.owners, chosen, "right") - firsts
        return expanded(firsts, sizes), np.repeat(np.arange(chosen.size), sizes)


@dataclass(frozen=True)
class Found:
    """Occurrences, and the marks that show each. A span is [start, end) in token indices.

    Ends and marks are made when they are first asked for: all that match are counted, few are
    shown.
    """

    starts: Array  # of each occurrence; sorted, with `ends`
    reach: Callable[[], Array]  # makes `ends`
    make: Callable[[], Marks]  # makes `marks`

    @cached_property
    def ends(self) -> Array:
        """The end of each occurrence."""
        return self.reach()

    @cached_property
    def marks(self) -> Marks:
        """The marks of all occurrences."""
        return self.make()

    @staticmethod
    def plain(starts: Array, size: int, codes: Callable[[], Array]) -> Found:
        """Occurrences of `size` tokens each, marked as they stand."""

        def reach() -> Array:
            return starts + size

        return Found(starts, reach, lambda: Marks(starts, reach(), codes(), np.arange(starts.size)))

    @staticmethod
    def of(starts: Array, ends: Array, rows: Callable[[], tuple[Array, Marks]]) -> Found:
        """Occurrences that may repeat, and what makes their marks with the row of each.

        Equal spans become one; of equal marks of one occurrence the most exact is kept.
        """
        # Start and length in one number: a single key is sorted several times as fast as two.
        keys = (starts << _SPAN_BITS) | (ends - starts)
        distinct = np.sort(keys)
        distinct = distinct[changes(distinct)]

        def make() -> Marks:
            of_marks, marks = rows()
            owners = distinct.searchsorted(keys)[of_marks]
            by = np.lexsort((marks.codes, marks.ends, marks.starts, owners))
            owners, first, last = owners[by], marks.starts[by], marks.ends[by]
            kept = changes(owners, first, last)
            return Marks(first[kept], last[kept], marks.codes[by][kept], owners[kept])

        starts = distinct >> _SPAN_BITS
        return Found(starts, lambda: starts + (distinct & _LENGTH), make)

    def take(self, chosen: Array) -> Found:
        """The chosen occurrences (their numbers, ascending) with their marks."""

        def make() -> Marks:
            marks = self.marks
            numbers, owners = marks.of(chosen)
            return Marks(marks.starts[numbers], marks.ends[numbers], marks.codes[numbers], owners)

        return Found(self.starts[chosen], lambda: self.ends[chosen], make)


def nothing() -> Found:
    """No occurrence."""
    return Found.plain(EMPTY, 1, lambda: np.zeros(0, np.uint8))


def united(found: Sequence[Found]) -> Found:
    """All occurrences of several, in order, each span once."""
    some = [f for f in found if f.starts.size]
    if not some:
        return nothing()
    if len(some) == 1:
        return some[0]

    def rows() -> tuple[Array, Marks]:
        bases = np.cumsum([0, *(f.starts.size for f in some[:-1])]).tolist()
        owners = np.concatenate([f.marks.owners + base for f, base in zip(some, bases)])
        return owners, _joined([f.marks for f in some])

    starts = np.concatenate([f.starts for f in some])
    return Found.of(starts, np.concatenate([f.ends for f in some]), rows)


def _joined(marks: Sequence[Marks]) -> Marks:
    columns = zip(*((m.starts, m.ends, m.codes, m.owners) for m in marks))
    return Marks(*map(np.concatenate, columns))


def one_block(segment: Segment, first: Array, last: Array) -> Array:
    """Whether two tokens stand in one block (bool)."""
    same: Array = segment.block_of(first) == segment.block_of(last)
    return same


def contiguous(segment: Segment, elements: Sequence[Element], scope: Scope) -> Array:
    """First tokens of the places where the elements follow each other without a gap.

    The indices of the rarest element are taken and `forms` at their neighbours compared with the
    other elements; no lists are merged.
    """
    if len(elements) == 1:
        return scope.tokens(elements[0])
    frequencies = [e.frequency(segment) for e in elements]
    if not min(frequencies):
        return np.zeros(0, np.int64)
    order = sorted(range(len(elements)), key=frequencies.__getitem__)
    found = scope.tokens(elements[order[0]])
    if order[0]:
        found = found - order[0]
    last = segment.tokens - len(elements)
    found = found[found.searchsorted(0) : found.searchsorted(last, "right")]
    for place in order[1:]:
        if not found.size:
            return found
        found = found.compress(elements[place].matches(segment, found + place))
    for place in range(1, len(elements)):
        found = found.compress(~segment.begins_block(found + place))
    return found


def ordered(segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope) -> Found:
    """Places where each word follows the one before by at most `slop` positions.

    A word is one element, or several that follow each other without a gap (25mg). Every word that
    takes part in some such chain is marked. An occurrence is the chain of a word that takes part
    with its nearest partners; equal chains are one.
    """
    chains, rest = _chained(segment, words, slop, scope)
    if not chains.size:
        return nothing()

    def rows() -> tuple[Array, Marks]:
        owners = np.repeat(np.arange(len(chains)), len(rest))
        ends = (chains + (np.array(rest) + 1)).ravel()
        codes = np.full(chains.size, PROXIMITY, np.uint8)
        return owners, Marks(chains.ravel(), ends, codes, owners)

    return Found.of(chains[:, 0], chains[:, -1] + rest[-1] + 1, rows)


def _chained(
    segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope
) -> tuple[Array, list[int]]:
    """The chains of `ordered`, a row each, and the tokens of each word after its first."""
    rest = [len(word) - 1 for word in words]
    none = np.zeros((0, len(words)), np.int64)
    if not all(min(e.frequency(segment) for e in word) for word in words):
        return none, rest
    reach = [contiguous(segment, words[0], scope)]
    for i, word in enumerate(words[1:]):
        here = contiguous(segment, word, scope)
        before, gap = _nearest_before(segment, here, reach[-1] + rest[i])
        reach.append(here[(before >= 0) & (gap <= slop)])
        if not reach[-1].size:
            return none, rest
    for i in range(len(words) - 2, -1, -1):
        after, gap = _nearest_after(segment, reach[i] + rest[i], reach[i + 1])
        reach[i] = reach[i][(after >= 0) & (gap <= slop)]
    chains = np.concatenate([_chains(segment, reach, rest, i) for i in range(len(reach))])
    return chains, rest


def _chains(segment: Segment, reach: list[Array], rest: list[int], place: int) -> Array:
    """For each word of `reach[place]` its chain: one row, the first token of each word."""
    columns = {place: reach[place]}
    for i in range(place + 1, len(reach)):
        at, _ = _nearest_after(segment, columns[i - 1] + rest[i - 1], reach[i])
        columns[i] = reach[i][at]
    for i in range(place - 1, -1, -1):
        at, _ = _nearest_before(segment, columns[i + 1], reach[i] + rest[i])
        columns[i] = reach[i][at]
    return np.stack([columns[i] for i in range(len(reach))], axis=1)


def _nearest_before(segment: Segment, here: Array, others: Array) -> tuple[Array, Array]:
    """For each token the index in `others` of the last one before it in its block (else -1)."""
    if not others.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = np.searchsorted(others, here, "left") - 1
    near = others[np.maximum(at, 0)]
    at = np.where((at >= 0) & one_block(segment, near, here), at, -1)
    return at, here - near


def _nearest_after(segment: Segment, here: Array, others: Array) -> tuple[Array, Array]:
    """For each token the index in `others` of the first one after it in its block (else -1)."""
    if not others.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = np.searchsorted(others, here, "right")
    near = others[np.minimum(at, others.size - 1)]
    at = np.where((at < others.size) & one_block(segment, here, near), at, -1)
    return at, near - here


def near(segment: Segment, left: Found, right: Found, distance: int | None) -> Found:
    """Pairs of spans that do not overlap, at most `distance` positions apart, in either order.

    The distance is counted from the last token of the earlier span to the first of the later
    one; None asks for one sentence instead. Each span that has a partner is paired with its
    nearest (of two as near, the one that follows); equal pairs are one occurrence.
    """
    if distance is None:
        left, right = _in_one_sentence(segment, left), _in_one_sentence(segment, right)
    if not left.starts.size or not right.starts.size:
        return nothing()
    if distance is not None:
        left, right = _near_any(left, right, distance), _near_any(right, left, distance)
        if not left.starts.size or not right.starts.size:
            return nothing()
    a = _partners(segment, left, right, distance)
    b = _partners(segment, right, left, distance)
    with_a, with_b = (a >= 0).nonzero()[0], (b >= 0).nonzero()[0]
    i = np.concatenate((with_a, b[with_b]))
    j = np.concatenate((a[with_a], with_b))

    def rows() -> tuple[Array, Marks]:
        (of_left, rows_left), (of_right, rows_right) = left.marks.of(i), right.marks.of(j)
        owners = np.concatenate((rows_left, rows_right))
        starts = np.concatenate((left.marks.starts[of_left], right.marks.starts[of_right]))
        ends = np.concatenate((left.marks.ends[of_left], right.marks.ends[of_right]))
        return owners, Marks(starts, ends, np.full(owners.size, PROXIMITY, np.uint8), owners)

    starts = np.minimum(left.starts[i], right.starts[j])
    return Found.of(starts, np.maximum(left.ends[i], right.ends[j]), rows)


def _near_any(found: Found, others: Found, distance: int) -> Found:
    """If these are many, those alone that stand near some of the others; perhaps a few more."""
    if others.starts.size * FEWER > found.starts.size:
        return found
    longest = int((found.ends - found.starts).max())
    firsts, ends = others.starts - (distance + longest), others.ends + distance
    firsts[1:] = np.maximum(firsts[1:], np.maximum.accumulate(ends[:-1]))
    return found.take(between(found.starts, firsts, np.maximum(ends, firsts)))


def _partners(segment: Segment, here: Found, there: Found, distance: int | None) -> Array:
    """For each span of `here` the index of its nearest partner in `there`, or -1."""
    last = here.ends - 1
    after = there.starts.searchsorted(here.ends, "left")
    follows = np.minimum(after, there.starts.size - 1)
    gap_after = there.starts[follows] - last
    fine_after = _together(
        segment, after < there.starts.size, (last, there.starts[follows]), gap_after, distance
    )
    by_end = _by_end(there)
    ends = there.ends[by_end]
    before = ends.searchsorted(here.starts, "right") - 1
    nearest = np.maximum(before, 0)
    precedes, last = by_end[nearest], ends[nearest] - 1
    gap_before = here.starts - last
    fine_before = _together(segment, before >= 0, (last, here.starts), gap_before, distance)
    chosen = np.where(fine_after & (~fine_before | (gap_after <= gap_before)), follows, -1)
    return np.where((chosen < 0) & fine_before, precedes, chosen)


def _by_end(found: Found) -> Array:
    """The spans in the order of their ends (of equals, of their starts)."""
    if (found.ends[1:] >= found.ends[:-1]).all():
        return np.arange(found.ends.size)
    return np.lexsort((found.starts, found.ends))


def _together(
    segment: Segment,
    there: Array,
    pair: tuple[Array, Array],
    gap: Array,
    distance: int | None,
) -> Array:
    """Where there are two tokens: whether near enough and in one block (or in one sentence)."""
    fine = there if distance is None else there & (gap <= distance)
    at = fine.nonzero()[0]
    first, second = (tokens[at] for tokens in pair)
    if distance is None:
        fine[at] = segment.sentence_of(first) == segment.sentence_of(second)
    else:
        fine[at] = one_block(segment, first, second)
    return fine


def _in_one_sentence(segment: Segment, found: Found) -> Found:
    """Those that do not cross a sentence's end."""
    ends = segment.sentence_of(found.ends - 1)
    return found.take(np.flatnonzero(segment.sentence_of(found.starts) == ends))
