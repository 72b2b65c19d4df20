"""Occurrences as spans of tokens, the marks that show them, and how those of several are united.

In: where something begins and ends. Out: `Found`. All arrays are int64 token indices of one
segment, ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.search.term import CODE, Element
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, changes, expanded

PROXIMITY = CODE["proximity"]
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

    @property
    def longest(self) -> int:
        """Tokens of the longest occurrence; 0 if there is none."""
        return int((self.ends - self.starts).max(initial=0))

    @staticmethod
    def plain(starts: Array, size: int, codes: Callable[[], Array]) -> Found:
        """Occurrences of `size` tokens each, marked as they stand."""

        def reach() -> Array:
            return starts + size

        return Found(starts, reach, lambda: Marks(starts, reach(), codes(), np.arange(starts.size)))

    @staticmethod
    def tokens(segment: Segment, element: Element, starts: Array) -> Found:
        """Occurrences of one token each, all of them of this element."""
        return Found.plain(starts, 1, lambda: element.reasons(segment.forms_at(starts)))

    @staticmethod
    def of(starts: Array, ends: Array, rows: Callable[[], tuple[Array, Marks]]) -> Found:
        """Occurrences that may repeat, and what makes their marks with the row of each.

        Equal spans become one; of equal marks of one occurrence the most exact is kept.
        """
        # Start and length in one number: a single key is sorted several times as fast as two, and
        # stably, for what is given is a few ascending lists, one behind the other.
        distinct = _keys(starts, ends)
        distinct.sort(kind="stable")
        new = changes(distinct)
        if not new.all():
            distinct = distinct.compress(new)

        def make() -> Marks:
            of_marks, marks = rows()
            owners = distinct.searchsorted(_keys(starts, ends))[of_marks]
            by = np.lexsort((marks.codes, marks.ends, marks.starts, owners))
            owners, first, last = owners[by], marks.starts[by], marks.ends[by]
            kept = changes(owners, first, last)
            return Marks(first[kept], last[kept], marks.codes[by][kept], owners[kept])

        firsts = distinct >> _SPAN_BITS
        return Found(firsts, lambda: firsts + (distinct & _LENGTH), make)

    def take(self, chosen: Array) -> Found:
        """The chosen occurrences (their numbers, ascending) with their marks."""

        def make() -> Marks:
            marks = self.marks
            numbers, owners = marks.of(chosen)
            return Marks(marks.starts[numbers], marks.ends[numbers], marks.codes[numbers], owners)

        return Found(self.starts[chosen], lambda: self.ends[chosen], make)


def _keys(starts: Array, ends: Array) -> Array:
    """Numbers of spans that sort as their starts do, then as their ends."""
    keys: Array = starts << _SPAN_BITS
    keys |= ends - starts
    return keys


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
