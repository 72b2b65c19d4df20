"""Arithmetic on token indices: contiguous sequences, ordered words with gaps, pairs that are near.

All arrays are int64 token indices of one segment, ascending. Nothing crosses a block's end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Array, Segment
from indexer.matching.elements import CODE, Element

PROXIMITY = CODE["proximity"]
Tokens = Callable[[Element], Array]  # the token indices of an element within what is searched


@dataclass(frozen=True)
class Found:
    """Occurrences and the marks that show them. A span is [start, end) in token indices."""

    starts: Array  # of each occurrence
    ends: Array
    mark_starts: Array
    mark_ends: Array
    mark_codes: Array  # uint8, index into REASONS

    @staticmethod
    def plain(starts: Array, ends: Array, codes: Array) -> Found:
        """Occurrences that are marked as they stand."""
        return Found(starts, ends, starts, ends, codes)


def nothing() -> Found:
    """No occurrence."""
    none = np.zeros(0, np.int64)
    return Found.plain(none, none, np.zeros(0, np.uint8))


def united(found: Sequence[Found]) -> Found:
    """All occurrences of several, in order, each span once."""
    if len(found) == 1:
        return found[0]
    if not found:
        return nothing()
    starts, ends, _ = _distinct(
        np.concatenate([f.starts for f in found]), np.concatenate([f.ends for f in found])
    )
    mark_starts, mark_ends, kept = _distinct(
        np.concatenate([f.mark_starts for f in found]), np.concatenate([f.mark_ends for f in found])
    )
    codes = np.concatenate([f.mark_codes for f in found])[kept]
    return Found(starts, ends, mark_starts, mark_ends, codes)


def _distinct(starts: Array, ends: Array) -> tuple[Array, Array, Array]:
    """Spans in order without repeats, and which were kept (the first of equals)."""
    order = np.lexsort((ends, starts))
    s, e = starts[order], ends[order]
    new = np.ones(s.size, bool)
    new[1:] = (s[1:] != s[:-1]) | (e[1:] != e[:-1])
    return s[new], e[new], order[new]


def one_block(segment: Segment, first: Array, last: Array) -> Array:
    """Whether two tokens stand in one block (bool)."""
    same: Array = segment.block_of(first) == segment.block_of(last)
    return same


def contiguous(segment: Segment, elements: Sequence[Element], tokens: Tokens) -> Array:
    """First tokens of the places where the elements follow each other without a gap.

    The indices of the rarest element are taken and `forms` at their neighbours compared with the
    other elements; no lists are merged.
    """
    if len(elements) == 1:
        return tokens(elements[0])
    frequencies = [e.frequency(segment) for e in elements]
    if not min(frequencies):
        return np.zeros(0, np.int64)
    order = sorted(range(len(elements)), key=frequencies.__getitem__)
    found = tokens(elements[order[0]]) - order[0]
    found = found[(found >= 0) & (found + len(elements) <= segment.tokens)]
    for place in order[1:]:
        found = found[elements[place].contains(segment.forms_at(found + place))]
    whole: Array = found[one_block(segment, found, found + (len(elements) - 1))]
    return whole


def ordered(segment: Segment, elements: Sequence[Element], slop: int, tokens: Tokens) -> Found:
    """Places where each element follows the one before by at most `slop` positions.

    Every token that takes part in some such chain is marked. An occurrence is the chain of a
    token that takes part with its nearest partners; equal chains are one.
    """
    reach = [tokens(elements[0])]
    for e in elements[1:]:
        here = tokens(e)
        before, gap = _nearest_before(segment, here, reach[-1])
        reach.append(here[(before >= 0) & (gap <= slop)])
    for i in range(len(elements) - 2, -1, -1):
        after, gap = _nearest_after(segment, reach[i], reach[i + 1])
        reach[i] = reach[i][(after >= 0) & (gap <= slop)]
    if not reach[0].size:
        return nothing()
    chains = np.concatenate([_chains(segment, reach, i) for i in range(len(reach))])
    chains = np.unique(chains, axis=0)
    marks = np.unique(np.concatenate(reach))
    starts, ends, _ = _distinct(chains[:, 0], chains[:, -1] + 1)
    return Found(starts, ends, marks, marks + 1, np.full(marks.size, PROXIMITY, np.uint8))


def _chains(segment: Segment, reach: list[Array], place: int) -> Array:
    """For each token of `reach[place]` its chain: one row, a token an element."""
    columns = {place: reach[place]}
    for i in range(place + 1, len(reach)):
        at, _ = _nearest_after(segment, columns[i - 1], reach[i])
        columns[i] = reach[i][at]
    for i in range(place - 1, -1, -1):
        at, _ = _nearest_before(segment, columns[i + 1], reach[i])
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
    if not left.starts.size or not right.starts.size:
        return nothing()
    a = _partners(segment, left, right, distance)
    b = _partners(segment, right, left, distance)
    pairs = np.concatenate(
        (
            np.stack((np.flatnonzero(a >= 0), a[a >= 0]), axis=1),
            np.stack((b[b >= 0], np.flatnonzero(b >= 0)), axis=1),
        )
    )
    pairs = np.unique(pairs, axis=0)
    i, j = pairs[:, 0], pairs[:, 1]
    starts, ends, _ = _distinct(
        np.minimum(left.starts[i], right.starts[j]), np.maximum(left.ends[i], right.ends[j])
    )
    sides = [_marks_within(left, np.unique(i)), _marks_within(right, np.unique(j))]
    mark_starts, mark_ends, _ = _distinct(
        np.concatenate([s for s, _ in sides]), np.concatenate([e for _, e in sides])
    )
    codes = np.full(mark_starts.size, PROXIMITY, np.uint8)
    return Found(starts, ends, mark_starts, mark_ends, codes)


def _partners(segment: Segment, here: Found, there: Found, distance: int | None) -> Array:
    """For each span of `here` the index of its nearest partner in `there`, or -1."""
    last = here.ends - 1
    after = np.searchsorted(there.starts, here.ends, "left")
    follows = np.minimum(after, there.starts.size - 1)
    gap_after = there.starts[follows] - last
    fine_after = (after < there.starts.size) & _together(
        segment, last, there.starts[follows], gap_after, distance
    )
    by_end = np.lexsort((there.starts, there.ends))
    before = np.searchsorted(there.ends[by_end], here.starts, "right") - 1
    precedes = by_end[np.maximum(before, 0)]
    gap_before = here.starts - (there.ends[precedes] - 1)
    fine_before = (before >= 0) & _together(
        segment, there.ends[precedes] - 1, here.starts, gap_before, distance
    )
    chosen = np.where(fine_after & (~fine_before | (gap_after <= gap_before)), follows, -1)
    return np.where((chosen < 0) & fine_before, precedes, chosen)


def _together(
    segment: Segment, first: Array, second: Array, gap: Array, distance: int | None
) -> Array:
    """Whether two tokens are near enough and in one block (or in one sentence)."""
    if distance is None:
        same: Array = segment.sentence_of(first) == segment.sentence_of(second)
        return same
    close: Array = (gap <= distance) & one_block(segment, first, second)
    return close


def _marks_within(found: Found, chosen: Array) -> tuple[Array, Array]:
    """The marks of the chosen occurrences: those that lie inside their spans."""
    if found.mark_starts is found.starts:
        return found.starts[chosen], found.ends[chosen]
    starts, ends = found.starts[chosen], found.ends[chosen]
    reach = np.maximum.accumulate(ends)
    at = np.searchsorted(starts, found.mark_starts, "right") - 1
    inside = (at >= 0) & (found.mark_ends <= reach[np.maximum(at, 0)])
    return found.mark_starts[inside], found.mark_ends[inside]
