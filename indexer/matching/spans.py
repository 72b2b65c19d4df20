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
    """Occurrences and the marks that show each. A span is [start, end) in token indices."""

    starts: Array  # of each occurrence; sorted, with `ends`
    ends: Array
    mark_starts: Array
    mark_ends: Array
    mark_codes: Array  # uint8, index into REASONS
    owners: Array  # the occurrence that each mark shows, ascending; one token may show several

    @staticmethod
    def plain(starts: Array, ends: Array, codes: Array) -> Found:
        """Occurrences that are marked as they stand."""
        return Found(starts, ends, starts, ends, codes, np.arange(starts.size))

    @staticmethod
    def of(starts: Array, ends: Array, rows: Array, marks: tuple[Array, Array, Array]) -> Found:
        """Occurrences that may repeat, and marks (starts, ends, codes), each of the row given.

        Equal spans become one; of equal marks of one occurrence the most exact is kept.
        """
        order = np.lexsort((ends, starts))
        starts, ends = starts[order], ends[order]
        new = _changes(starts, ends)
        number = np.empty(order.size, np.int64)
        number[order] = np.cumsum(new) - 1
        owners = number[rows]
        order = np.lexsort((marks[2], marks[1], marks[0], owners))
        owners, (first, last, codes) = owners[order], (column[order] for column in marks)
        kept = _changes(owners, first, last)
        return Found(starts[new], ends[new], first[kept], last[kept], codes[kept], owners[kept])

    def marks_of(self, chosen: Array) -> tuple[Array, Array]:
        """Numbers of the marks of the chosen occurrences, and the place of each in `chosen`."""
        firsts = np.searchsorted(self.owners, chosen, "left")
        sizes = np.searchsorted(self.owners, chosen, "right") - firsts
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if ends.size else 0
        numbers = np.repeat(firsts - (ends - sizes), sizes) + np.arange(total)
        return numbers, np.repeat(np.arange(chosen.size), sizes)

    def take(self, chosen: Array) -> Found:
        """The chosen occurrences (their numbers, ascending) with their marks."""
        marks, owners = self.marks_of(chosen)
        return Found(
            self.starts[chosen],
            self.ends[chosen],
            self.mark_starts[marks],
            self.mark_ends[marks],
            self.mark_codes[marks],
            owners,
        )


def _changes(*columns: Array) -> Array:
    """Which rows of sorted columns differ from the row before (bool)."""
    new = np.ones(columns[0].size, bool)
    if new.size:
        new[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    return new


def nothing() -> Found:
    """No occurrence."""
    none = np.zeros(0, np.int64)
    return Found.plain(none, none, np.zeros(0, np.uint8))


def united(found: Sequence[Found]) -> Found:
    """All occurrences of several, in order, each span once."""
    some = [f for f in found if f.starts.size]
    if not some:
        return nothing()
    if len(some) == 1:
        return some[0]
    bases = np.cumsum([0, *(f.starts.size for f in some[:-1])])
    return Found.of(
        np.concatenate([f.starts for f in some]),
        np.concatenate([f.ends for f in some]),
        np.concatenate([f.owners + base for f, base in zip(some, bases, strict=True)]),
        (
            np.concatenate([f.mark_starts for f in some]),
            np.concatenate([f.mark_ends for f in some]),
            np.concatenate([f.mark_codes for f in some]),
        ),
    )


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


def ordered(
    segment: Segment, words: Sequence[Sequence[Element]], slop: int, tokens: Tokens
) -> Found:
    """Places where each word follows the one before by at most `slop` positions.

    A word is one element, or several that follow each other without a gap (25mg). Every word that
    takes part in some such chain is marked. An occurrence is the chain of a word that takes part
    with its nearest partners; equal chains are one.
    """
    reach = [contiguous(segment, words[0], tokens)]
    rest = [len(word) - 1 for word in words]  # tokens of each word after its first
    for i, word in enumerate(words[1:]):
        here = contiguous(segment, word, tokens)
        before, gap = _nearest_before(segment, here, reach[-1] + rest[i])
        reach.append(here[(before >= 0) & (gap <= slop)])
    for i in range(len(words) - 2, -1, -1):
        after, gap = _nearest_after(segment, reach[i] + rest[i], reach[i + 1])
        reach[i] = reach[i][(after >= 0) & (gap <= slop)]
    if not reach[0].size:
        return nothing()
    chains = np.concatenate([_chains(segment, reach, rest, i) for i in range(len(reach))])
    ends = (chains + (np.array(rest) + 1)).ravel()
    codes = np.full(chains.size, PROXIMITY, np.uint8)
    return Found.of(
        chains[:, 0],
        chains[:, -1] + rest[-1] + 1,
        np.repeat(np.arange(len(chains)), len(rest)),
        (chains.ravel(), ends, codes),
    )


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
    a, rows_a = left.marks_of(i)
    b, rows_b = right.marks_of(j)
    return Found.of(
        np.minimum(left.starts[i], right.starts[j]),
        np.maximum(left.ends[i], right.ends[j]),
        np.concatenate((rows_a, rows_b)),
        (
            np.concatenate((left.mark_starts[a], right.mark_starts[b])),
            np.concatenate((left.mark_ends[a], right.mark_ends[b])),
            np.full(a.size + b.size, PROXIMITY, np.uint8),
        ),
    )


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


def _in_one_sentence(segment: Segment, found: Found) -> Found:
    """Those that do not cross a sentence's end."""
    ends = segment.sentence_of(found.ends - 1)
    return found.take(np.flatnonzero(segment.sentence_of(found.starts) == ends))
