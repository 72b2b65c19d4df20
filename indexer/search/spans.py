"""Occurrences as spans of tokens, the marks that show them, and how those of several are united.

In: where something begins and ends. Out: `Found`. All arrays are int64 token indices of one
segment, ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from indexer.lazy import kept_property
from indexer.search.term import CODE
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
    show: Callable[[Array], Marks]  # the marks of some occurrences (their numbers, ascending)
    size: int = 0  # tokens of each; 0: they differ

    @kept_property
    def ends(self) -> Array:
        """The end of each occurrence."""
        return self.reach()

    @kept_property
    def marks(self) -> Marks:
        """The marks of all occurrences."""
        return self.show(np.arange(self.starts.size))

    @property
    def longest(self) -> int:
        """Tokens of the longest occurrence; 0 if there is none."""
        return self.size or int((self.ends - self.starts).max(initial=0))

    def take(self, chosen: Array) -> Found:
        """The chosen occurrences (their numbers, ascending) with their marks."""

        def show(some: Array) -> Marks:
            return self.show(chosen[some])

        return Found(self.starts[chosen], lambda: self.ends[chosen], show, self.size)


def runs(starts: Array, size: int, codes: Callable[[Array], Array]) -> Found:
    """Occurrences of one size, marked as they stand; `codes` gives the reason codes of some of them
    (uint8), by their starts."""

    def show(chosen: Array) -> Marks:
        some = starts[chosen]
        return Marks(some, some + size, codes(some), np.arange(some.size))

    return Found(starts, lambda: starts + size, show, size)


NOTHING = runs(EMPTY, 1, lambda starts: np.zeros(0, np.uint8))


def distinct(starts: Array, ends: Array, rows: Callable[[], tuple[Array, Marks]]) -> Found:
    """Occurrences that may repeat, and what makes their marks with the row of each.

    Equal spans become one; of equal marks of one occurrence the most exact is kept.
    """
    # Start and length in one number: a single key is sorted several times as fast as two, and
    # stably, for what is given is a few ascending lists, one behind the other.
    keys = _keys(starts, ends)
    keys.sort(kind="stable")
    new = changes(keys)
    if not new.all():
        keys = keys.compress(new)

    @cache
    def every() -> Marks:
        of_marks, marks = rows()
        owners = keys.searchsorted(_keys(starts, ends))[of_marks]
        by = np.lexsort((marks.codes, marks.ends, marks.starts, owners))
        owners, first, last = owners[by], marks.starts[by], marks.ends[by]
        kept = changes(owners, first, last)
        return Marks(first[kept], last[kept], marks.codes[by][kept], owners[kept])

    def show(chosen: Array) -> Marks:
        marks = every()
        numbers, owners = marks.of(chosen)
        return Marks(marks.starts[numbers], marks.ends[numbers], marks.codes[numbers], owners)

    firsts = keys >> _SPAN_BITS
    return Found(firsts, lambda: firsts + (keys & _LENGTH), show)


def _keys(starts: Array, ends: Array) -> Array:
    """Numbers of spans that sort as their starts do, then as their ends."""
    keys: Array = starts << _SPAN_BITS
    keys |= ends - starts
    return keys


def united(found: Sequence[Found]) -> Found:
    """All occurrences of several, in order, each span once."""
    some = [f for f in found if f.starts.size]
    if not some:
        return NOTHING
    if len(some) == 1:
        return some[0]

    def rows() -> tuple[Array, Marks]:
        bases = np.cumsum([0, *(f.starts.size for f in some[:-1])]).tolist()
        owners = np.concatenate([f.marks.owners + base for f, base in zip(some, bases)])
        columns = ([f.marks.starts, f.marks.ends, f.marks.codes] for f in some)
        starts, ends, codes = map(np.concatenate, zip(*columns))
        return owners, Marks(starts, ends, codes, owners)

    starts = np.concatenate([f.starts for f in some])
    return distinct(starts, np.concatenate([f.ends for f in some]), rows)
