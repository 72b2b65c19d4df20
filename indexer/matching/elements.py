"""Elements: one place of a pattern, as ranges of form ids, with the reason why each matches.

In: ranges from the vocabulary. Out: membership of form ids, token indices, reasons. All arrays
here are of one segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.arrays import Array, Segment
from indexer.model import Reason

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
        gaps = np.flatnonzero(self.lows[1:] > self.highs[:-1])
        return (
            self.lows[np.concatenate(([0], gaps + 1))],
            self.highs[np.concatenate((gaps, [self.lows.size - 1]))],
        )

    def contains(self, forms: Array) -> Array:
        """Which of these form ids match (bool)."""
        lows, highs = self.joined
        if lows.size == 1:
            found: Array = (forms >= lows[0]) & (forms < highs[0])
            return found
        if not lows.size:
            return np.zeros(forms.size, bool)
        at = np.searchsorted(lows, forms, "right") - 1
        inside: Array = (at >= 0) & (forms < highs[at])
        return inside

    def reasons(self, forms: Array) -> Array:
        """Reason code of each of these form ids, all of which match (uint8)."""
        found: Array = self.codes[np.searchsorted(self.lows, forms, "right") - 1]
        return found

    def frequency(self, segment: Segment) -> int:
        """How many tokens of the segment match, in all zones."""
        lows, highs = self.joined
        first = segment.form_first
        return int((first[highs].astype(np.int64) - first[lows]).sum())

    def tokens(self, segment: Segment, start: int, end: int) -> Array:
        """Token indices in [start, end) that match, ascending (int64)."""
        lows, highs = self.joined
        if not lows.size:
            return np.zeros(0, np.int64)
        if lows.size == 1:
            found = segment.positions_of(int(lows[0]), int(highs[0]))
        elif lows.size < 64:
            pairs = zip(lows.tolist(), highs.tolist(), strict=True)
            found = np.concatenate([segment.positions_of(a, b) for a, b in pairs])
        else:
            found = _gather(segment, lows, highs)
        if int((highs - lows).sum()) > 1:
            found = np.sort(found)
        if start == 0 and end >= segment.tokens:
            return found.astype(np.int64)
        first, last = np.searchsorted(found, (start, end))
        return found[first:last].astype(np.int64)


def _gather(segment: Segment, lows: Array, highs: Array) -> Array:
    """Token indices of many ranges in one gather."""
    firsts = segment.form_first[lows].astype(np.int64)
    sizes = segment.form_first[highs].astype(np.int64) - firsts
    ends = np.cumsum(sizes)
    indices = np.repeat(firsts - (ends - sizes), sizes) + np.arange(int(ends[-1]))
    segment.container.check_at("positions", indices)
    return segment.positions[indices]


def element(parts: Iterable[tuple[Sequence[tuple[int, int]], Reason]]) -> Element:
    """One element of ranges with their reasons; where ranges overlap, the earlier reason holds."""
    claimed: list[tuple[int, int, int]] = []
    for ranges, reason in parts:
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
