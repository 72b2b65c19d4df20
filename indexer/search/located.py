"""What a leaf seeks, located in one segment: ranges of form ids with the reason each matches.

In: ranges from the vocabulary. Out: membership of form ids, token indices, reasons; and how the
elements of a leaf combine: in sequence, as alternatives, near each other. All arrays are of one
segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from indexer.lazy import kept_property
from indexer.model import Reason
from indexer.segments.postings import in_ranges
from indexer.segments.segment import Segment
from indexer.segments.vocabulary import Range
from indexer.sorted_arrays import Array, interleaved

# Most exact first.
REASONS: tuple[Reason, ...] = (
    "exact",
    "stem",
    "synonym",
    "prefix",
    "wildcard",
    "fuzzy",
    "phrase",
    "proximity",
)
CODE = {reason: code for code, reason in enumerate(REASONS)}
NONE = 255  # code for "no reason"
MOST_SLICES = 8  # up to so many ranges are read or compared one at a time


class Element:
    """One position of a sequence: disjoint, ascending ranges [lows[i], highs[i]) of form ids, with
    a reason code each."""

    def __init__(self, lows: Array, highs: Array, codes: Array) -> None:
        """`lows` and `highs` are int64; `codes` uint8, indices into REASONS."""
        self.lows, self.highs, self.codes = lows, highs, codes
        self.joined = lows, highs  # the ranges with neighbours joined, whatever their reasons
        if lows.size > 1:
            gaps = (lows[1:] > highs[:-1]).nonzero()[0]
            self.joined = lows[:1], highs[-1:]
            if gaps.size:
                first, last = np.append(0, gaps + 1), np.append(gaps, lows.size - 1)
                self.joined = lows[first], highs[last]
        # the form ids [low, high) that match, if they are one range
        self.range: Range | None = None
        if self.joined[0].size == 1:
            self.range = int(self.joined[0][0]), int(self.joined[1][0])

    @kept_property
    def _table(self) -> Array:
        """Reason code of each form id up to the last range, else `NONE`; the last is `NONE`."""
        codes = np.full(2 * self.lows.size + 1, NONE, np.uint8)
        codes[1::2] = self.codes
        edges = np.stack((self.lows, self.highs), axis=1).ravel()
        return np.repeat(codes, np.diff(edges, prepend=0, append=edges[-1:] + 1))

    def contains(self, forms: Array) -> Array:
        """Which of these form ids match (bool)."""
        if self.joined[0].size <= MOST_SLICES:
            return in_ranges(forms, self._ranges)
        found: Array = self._table.take(forms, mode="clip") != NONE
        return found

    def matches(self, segment: Segment, tokens: Array) -> Array:
        """Which of the tokens at these indices match (bool)."""
        if 0 < self.joined[0].size <= MOST_SLICES:
            return segment.are_of(tokens, *self._ranges)
        return self.contains(segment.forms_at(tokens))

    @property
    def _ranges(self) -> Iterator[Range]:
        lows, highs = self.joined
        return zip(lows.tolist(), highs.tolist())

    def reasons(self, forms: Array) -> Array:
        """Reason code of each of these form ids, all of which must match (uint8)."""
        found: Array = self.codes[self.lows.searchsorted(forms, "right") - 1]
        return found

    def frequency(self, segment: Segment) -> int:
        """Number of tokens of the segment that match, in all zones."""
        return segment.frequency(*self.joined)

    def tokens(self, segment: Segment, start: int, end: int, *, whole_stems: bool = False) -> Array:
        """Token indices in [start, end) that match, ascending (int64). `whole_stems` is faster, but
        may add other forms of the same stems."""
        lows, highs = self.joined
        if lows.size > MOST_SLICES:
            runs = [segment.positions_of_ranges(lows, highs)]
        else:
            ranges = list(self._ranges)
            if whole_stems:  # each stem once; the ranges themselves if some stems overlap in part
                wide = list(dict.fromkeys(segment.whole_stems(*one) for one in ranges))
                ranges = wide if all(a[1] <= b[0] for a, b in pairwise(wide)) else ranges
            runs = [segment.positions(*one) for one in ranges]
        if start > 0 or end < segment.tokens:
            edges = np.array((start, end), np.uint32)
            runs = [run[slice(*run.searchsorted(edges).tolist())] for run in runs]
        return interleaved(runs, segment.tokens).astype(np.int64)


def element(
    ranges: Sequence[Range],
    reason: Reason,
    others: Sequence[Range] = (),
    other: Reason = "stem",
) -> Element:
    """An element of disjoint ranges [low, high), all with `reason`; what is only in `others` gets
    the reason `other`."""
    if not others:
        columns = np.array(sorted(ranges), np.int64).reshape(-1, 2)
        codes = np.full(len(columns), CODE[reason], np.uint8)
        return Element(columns[:, 0], columns[:, 1], codes)
    ranges = sorted(ranges)
    rows = [(low, high, CODE[reason]) for low, high in ranges]
    for low, high in others:
        for first, end in ranges:
            if low < end and first < high:
                if low < first:
                    rows.append((low, first, CODE[other]))
                low = max(low, end)
        if low < high:
            rows.append((low, high, CODE[other]))
    rows.sort()
    columns = np.array(rows, np.int64)
    return Element(columns[:, 0], columns[:, 1], columns[:, 2].astype(np.uint8))


# --- how elements combine -----------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """One spelling of a leaf: a sequence of elements."""

    elements: tuple[Element, ...]  # at least one
    starts: tuple[int, ...]  # indices of the elements at which a typed word begins

    @property
    def words(self) -> list[tuple[Element, ...]]:
        """The elements, grouped by typed word."""
        ends = (*self.starts[1:], len(self.elements))
        return [self.elements[a:b] for a, b in zip(self.starts, ends)]

    def upper_bound(self, segment: Segment) -> int:
        """Upper bound of its occurrences: the frequency of its rarest element."""
        return min(e.frequency(segment) for e in self.elements)


@dataclass(frozen=True)
class LocatedWords:
    """A word, phrase or pattern: any of its spellings."""

    variants: tuple[Variant, ...]
    slop: int = 1  # each word stands at most so many positions after the one before
    phrase: bool = False  # a contiguous run of several words is marked as a phrase

    @property
    def word(self) -> Element | None:
        """The element, if there is a single spelling of a single token."""
        single = len(self.variants) == 1 and len(self.variants[0].elements) == 1
        return self.variants[0].elements[0] if single else None

    @property
    def parted(self) -> tuple[Element | None, LocatedWords | None]:
        """The spelling that is a single token, if there is exactly one, and all other spellings.
        No occurrence of these is an occurrence of that one."""
        single = [v.elements[0] for v in self.variants if len(v.elements) == 1]
        if len(single) != 1:
            return None, self
        others = tuple([v for v in self.variants if len(v.elements) > 1])
        return single[0], replace(self, variants=others) if others else None

    def is_loose(self, variant: Variant) -> bool:
        """Whether other words may stand between the words of a variant."""
        return self.slop > 1 and len(variant.starts) > 1


@dataclass(frozen=True)
class LocatedProximity:
    """Two sides near each other."""

    left: Located
    right: Located
    distance: int | None  # None: in one sentence


@dataclass(frozen=True)
class LocatedEither:
    """Any of several alternatives."""

    parts: tuple[Located, ...]


Located = LocatedWords | LocatedProximity | LocatedEither


def upper_bound(located: Located, segment: Segment) -> int:
    """Upper bound of the occurrences in a segment."""
    if isinstance(located, LocatedWords):
        return sum(variant.upper_bound(segment) for variant in located.variants)
    if isinstance(located, LocatedEither):
        return sum(upper_bound(part, segment) for part in located.parts)
    return min(upper_bound(located.left, segment), upper_bound(located.right, segment))
