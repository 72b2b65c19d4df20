"""Occurrences as spans of tokens, the marks that show them, and unions of occurrences.

In: starts and ends of spans. Out: `TokenSpans`. Refuses nothing. All arrays are int64 token indices
of one segment, ascending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from indexer.lazy import kept_property
from indexer.search.located import REASON_CODES
from indexer.sorted_arrays import EMPTY, Array, changes, expanded

PROXIMITY = REASON_CODES["proximity"]
_SPAN_BITS = 31  # low bits of an int64 key, for a span's length; the others hold its start
_LENGTH = (1 << _SPAN_BITS) - 1


@dataclass(frozen=True)
class Marks:
    """Marked spans of occurrences. A span is [start, end) in token indices."""

    starts: Array
    ends: Array
    codes: Array  # uint8, index into REASONS
    owners: Array  # number of the occurrence of each mark, ascending; a token may be in several

    def of(self, chosen: Array) -> tuple[Array, Array]:
        """Indices of the marks of the chosen occurrences, and for each its index in `chosen`."""
        firsts = np.searchsorted(self.owners, chosen, "left")
        sizes = np.searchsorted(self.owners, chosen, "right") - firsts
        return expanded(firsts, sizes), np.repeat(np.arange(chosen.size), sizes)


@dataclass(frozen=True)
class TokenSpans:
    """Occurrences with their marks. A span is [start, end) in token indices.

    Ends and marks are computed on first use: all matches are counted, but few are shown.
    """

    starts: Array  # of each occurrence; sorted by start, then end
    reach: Callable[[], Array]  # computes `ends`
    show: Callable[[Array], Marks]  # marks of the occurrences with these numbers (ascending)
    size: int = 0  # tokens per occurrence; 0: they differ

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

    def take(self, chosen: Array) -> TokenSpans:
        """The occurrences with these numbers (ascending) and their marks."""

        def show(numbers: Array) -> Marks:
            return self.show(chosen[numbers])

        return TokenSpans(self.starts[chosen], lambda: self.ends[chosen], show, self.size)


def spans_of_size(starts: Array, size: int, codes: Callable[[Array], Array]) -> TokenSpans:
    """Occurrences of one size, each with one mark; `codes` returns the reason codes (uint8) of
    those with the given starts."""

    def show(chosen: Array) -> Marks:
        firsts = starts[chosen]
        return Marks(firsts, firsts + size, codes(firsts), np.arange(firsts.size))

    return TokenSpans(starts, lambda: starts + size, show, size)


NO_SPANS = spans_of_size(EMPTY, 1, lambda starts: np.zeros(0, np.uint8))


def distinct_spans(
    starts: Array, ends: Array, rows: Callable[[], tuple[Array, Marks]]
) -> TokenSpans:
    """Occurrences without duplicates. `rows` makes the marks, with the row of each.

    Of equal marks of one occurrence the most exact is kept.
    """
    # Start and length in one number: one key sorts several times as fast as two; stably, since the
    # keys are a few ascending runs.
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
    return TokenSpans(firsts, lambda: firsts + (keys & _LENGTH), show)


def _keys(starts: Array, ends: Array) -> Array:
    """Keys of spans that sort by start, then by end."""
    keys: Array = starts << _SPAN_BITS
    keys |= ends - starts
    return keys


def united(found: Sequence[TokenSpans]) -> TokenSpans:
    """Union of several sets of occurrences, in order, each span once."""
    filled = [f for f in found if f.starts.size]
    if not filled:
        return NO_SPANS
    if len(filled) == 1:
        return filled[0]

    def rows() -> tuple[Array, Marks]:
        bases = np.cumsum([0, *(f.starts.size for f in filled[:-1])]).tolist()
        owners = np.concatenate([f.marks.owners + base for f, base in zip(filled, bases)])
        columns = ([f.marks.starts, f.marks.ends, f.marks.codes] for f in filled)
        starts, ends, codes = map(np.concatenate, zip(*columns))
        return owners, Marks(starts, ends, codes, owners)

    starts = np.concatenate([f.starts for f in filled])
    return distinct_spans(starts, np.concatenate([f.ends for f in filled]), rows)
