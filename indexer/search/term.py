"""Elements: one place of a pattern, as ranges of form ids, with the reason why each matches.

In: ranges from the vocabulary. Out: membership of form ids, token indices, reasons. All arrays
here are of one segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.model import Reason
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array

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
FEW = 8  # ranges that are cheaper to walk
MANY = 64  # ranges above which a table over all forms is cheaper than searching the ranges
CHUNK = 1 << 17  # form ids looked up at a time
NONE = 255  # where no reason is
CODE = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Element:
    """Disjoint, ascending ranges [lows[i], highs[i]) of form ids and a reason code for each."""

    lows: Array  # int64
    highs: Array  # int64
    codes: Array  # uint8, index into REASONS

    @cached_property
    def joined(self) -> tuple[Array, Array]:
        """The ranges with neighbours joined, whatever their reasons."""
        if self.lows.size < 2:
            return self.lows, self.highs
        if self.lows.size < FEW:  # NumPy takes five times as long for so few
            lows, highs = self.lows.tolist(), self.highs.tolist()
            for i in range(len(lows) - 1, 0, -1):
                if lows[i] <= highs[i - 1]:
                    highs[i - 1 : i + 1] = [highs[i]]
                    del lows[i]
            return np.array(lows, np.int64), np.array(highs, np.int64)
        gaps = np.flatnonzero(self.lows[1:] > self.highs[:-1])
        return (
            self.lows[np.concatenate(([0], gaps + 1))],
            self.highs[np.concatenate((gaps, [self.lows.size - 1]))],
        )

    @cached_property
    def _table(self) -> Array:
        """For each form id up to the last range its reason code + 1, else 0; the last is 0."""
        codes = np.zeros(2 * self.lows.size + 1, np.uint8)
        codes[1::2] = self.codes + 1
        edges = np.stack((self.lows, self.highs), axis=1).ravel()
        return np.repeat(codes, np.diff(edges, prepend=0, append=edges[-1] + 1))

    def _in_table(self, forms: Array) -> Array:
        """What the table says of these form ids (uint8); cheaper than searching many ranges."""
        table = self._table
        found = np.empty(forms.size, np.uint8)
        for at in range(0, forms.size, CHUNK):  # pieces that stay in the processor's cache
            table.take(forms[at : at + CHUNK], mode="clip", out=found[at : at + CHUNK])
        return found

    def _is_tabled(self, forms: int) -> bool:
        """Whether to look so many form ids up in the table."""
        return self.lows.size >= MANY and forms * 4 > int(self.highs[-1])

    def contains(self, forms: Array) -> Array:
        """Which of these form ids match (bool)."""
        lows, highs = self.joined
        if self._is_tabled(forms.size):
            matched: Array = self._in_table(forms) > 0
            return matched
        if lows.size == 1:
            found: Array = (forms >= lows[0]) & (forms < highs[0])
            return found
        if not lows.size:
            return np.zeros(forms.size, bool)
        at = np.searchsorted(lows, forms, "right") - 1
        inside: Array = (at >= 0) & (forms < highs[at])
        return inside

    def matches(self, segment: Segment, tokens: Array) -> Array:
        """Which of the tokens at these indices match (bool)."""
        lows, highs = self.joined
        if lows.size == 1:
            return segment.forms.within(tokens, int(lows[0]), int(highs[0]))
        return self.contains(segment.forms_at(tokens))

    def reasons(self, forms: Array) -> Array:
        """Reason code of each of these form ids, all of which match (uint8)."""
        if self._is_tabled(forms.size):
            return self._in_table(forms) - np.uint8(1)
        found: Array = self.codes[np.searchsorted(self.lows, forms, "right") - 1]
        return found

    def frequency(self, segment: Segment) -> int:
        """How many tokens of the segment match, in all zones."""
        found: int | None = self.__dict__.get("_frequency")
        if found is None:  # asked for again with each spelling that holds the word
            found = self.__dict__["_frequency"] = segment.frequency(*self.joined)
        return found

    def tokens(self, segment: Segment, start: int, end: int) -> Array:
        """Token indices in [start, end) that match, ascending (int64)."""
        return self.narrow_tokens(segment, start, end).astype(np.int64)

    def narrow_tokens(self, segment: Segment, start: int, end: int) -> Array:
        """`tokens` in 32 bits, for what need not reckon with them (uint32)."""
        found = segment.positions_of_ranges(*self.joined)
        if start > 0 or end < segment.tokens:
            first, last = found.searchsorted(np.array((start, end), found.dtype))
            found = found[first:last]
        return found


def element(parts: Iterable[tuple[Sequence[tuple[int, int]], Reason]]) -> Element:
    """One element of ranges with their reasons; where ranges overlap, the earlier reason holds."""
    given = [(ranges, reason) for ranges, reason in parts if ranges]
    if len(given) == 1 and len(given[0][0]) > FEW:  # a pattern may have ten thousands
        ranges, reason = given[0]
        lows, highs = np.array(sorted(ranges), np.int64).T
        return Element(lows, highs, np.full(lows.size, CODE[reason], np.uint8))
    claimed: list[tuple[int, int, int]] = []
    for ranges, reason in given:
        free = [(low, high) for low, high in ranges if low < high]
        for low, high, _ in tuple(claimed):
            free = [
                piece
                for a, b in free
                for piece in ((a, min(b, low)), (max(a, high), b))
                if piece[0] < piece[1]
            ]
        claimed.extend((low, high, CODE[reason]) for low, high in free)
    claimed.sort()
    columns = np.array(claimed, np.int64).reshape(-1, 3)
    return Element(columns[:, 0], columns[:, 1], columns[:, 2].astype(np.uint8))
