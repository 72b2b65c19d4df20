"""Terms in one segment: what is sought, as ranges of form ids with the reason why each matches.

In: ranges from the vocabulary. Out: membership of form ids, token indices, reasons; and how the
elements of a leaf go together: as sequences, as alternatives, near each other. All arrays are of
one segment.
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
from indexer.sorted_arrays import Array, interleaved

# The most exact first.
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
NONE = 255  # where no reason is
MOST_SLICES = 8  # ranges that are read, or compared with, one after the other

Range = tuple[int, int]


class Element:
    """One place of a sequence: disjoint, ascending ranges [lows[i], highs[i]) of form ids and a
    reason code for each."""

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
        # the form ids [low, high) of which any matches, if that is one range
        self.range: Range | None = None
        if self.joined[0].size == 1:
            self.range = int(self.joined[0][0]), int(self.joined[1][0])

    @kept_property
    def _table(self) -> Array:
        """For each form id up to the last range its reason code, else `NONE`; the last is that."""
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
        """Reason code of each of these form ids, all of which match (uint8)."""
        found: Array = self.codes[self.lows.searchsorted(forms, "right") - 1]
        return found

    def frequency(self, segment: Segment) -> int:
        """How many tokens of the segment match, in all zones."""
        return segment.frequency(*self.joined)

    def tokens(self, segment: Segment, start: int, end: int, *, whole_stems: bool = False) -> Array:
        """Token indices in [start, end) that match, ascending (int64); with `whole_stems` perhaps
        other forms of their stems too, which is faster."""
        lows, highs = self.joined
        if lows.size > MOST_SLICES:
            runs = [segment.positions_of_ranges(lows, highs)]
        else:
            ranges = list(self._ranges)
            if whole_stems:  # those of a stem once; none if some have only a part in common
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
    """One element of disjoint ranges [low, high) with their reason, and of what is in the others,
    but not in these, with its own."""
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


# --- how elements go together -------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """One spelling of a leaf: elements that follow each other."""

    elements: tuple[Element, ...]  # one at least
    starts: tuple[int, ...]  # numbers of the elements at which a word as typed begins

    @property
    def words(self) -> list[tuple[Element, ...]]:
        """The elements, those of one word as typed together."""
        ends = (*self.starts[1:], len(self.elements))
        return [self.elements[a:b] for a, b in zip(self.starts, ends)]

    def most(self, segment: Segment) -> int:
        """No fewer than its occurrences: how often its rarest element stands there."""
        return min(e.frequency(segment) for e in self.elements)


@dataclass(frozen=True)
class Words:
    """A word, phrase or pattern: whichever of its spellings."""

    variants: tuple[Variant, ...]
    slop: int = 1  # positions that each word may be after the one before
    phrase: bool = False  # a contiguous run of several words is marked as a phrase

    @property
    def word(self) -> Element | None:
        """What matches, if that has one spelling of one token."""
        one = len(self.variants) == 1 and len(self.variants[0].elements) == 1
        return self.variants[0].elements[0] if one else None

    @property
    def parted(self) -> tuple[Element | None, Words | None]:
        """The one spelling that is one token, if there is one, and all others: no occurrence of
        these is one of that."""
        single = [one.elements[0] for one in self.variants if len(one.elements) == 1]
        if len(single) != 1:
            return None, self
        others = tuple([one for one in self.variants if len(one.elements) > 1])
        return single[0], replace(self, variants=others) if others else None

    def is_loose(self, variant: Variant) -> bool:
        """Whether there may be other words between some of a variant's."""
        return self.slop > 1 and len(variant.starts) > 1


@dataclass(frozen=True)
class Pair:
    """Two sides near each other."""

    left: Located
    right: Located
    distance: int | None  # None: in one sentence


@dataclass(frozen=True)
class Any:
    """Any of some."""

    parts: tuple[Located, ...]


Located = Words | Pair | Any


def most(located: Located, segment: Segment) -> int:
    """No fewer than the occurrences of something in a segment."""
    if isinstance(located, Words):
        return sum(variant.most(segment) for variant in located.variants)
    if isinstance(located, Any):
        return sum(most(part, segment) for part in located.parts)
    return min(most(located.left, segment), most(located.right, segment))
