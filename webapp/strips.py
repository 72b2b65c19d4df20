"""The barcode: where in an article the matches stand.

In: the passages of an article and the marks in them. Out: ticks in thousandths of the article,
for templates to draw. Refuses nothing; ticks that could not be told apart become one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer import Mark, Passage

SCALE = 1000  # length of a strip, in its own units
THICK = 8  # of a tick, in the same units
APART = 12  # from the start of one tick to the next, at least


@dataclass(frozen=True, slots=True)
class Tick:
    """One line on the strip."""

    at: int  # where it begins, in thousandths
    passage: Passage  # in which its first match stands
    count: int  # matches that it stands for

    @property
    def label(self) -> str:
        """What it says to those who can't see it."""
        place = self.passage.section[-1] if self.passage.section else "the beginning"
        matches = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"Match in passage {self.passage.ordinal}{matches}, in {place}"


@dataclass(frozen=True, slots=True)
class Strip:
    """All ticks of one article."""

    ticks: tuple[Tick, ...]
    matches: int
    passages: int  # that hold a match
    of: int  # passages in the article


def strip_of(passages: Sequence[Passage], marks: Mapping[str, Sequence[Mark]]) -> Strip:
    """The strip of an article with these passages; `marks` by passage id."""
    length = max((passage.span.end for passage in passages), default=0) or 1
    ticks: list[Tick] = []
    matches = 0
    for passage in sorted(passages, key=lambda passage: passage.span.start):
        for mark in marks.get(passage.id, ()):
            matches += 1
            at = min((passage.span.start + mark.start) * SCALE // length, SCALE - THICK)
            if ticks and at < ticks[-1].at + APART:
                ticks[-1] = replace(ticks[-1], count=ticks[-1].count + 1)
            else:
                ticks.append(Tick(at, passage, 1))
    return Strip(tuple(ticks), matches, len(marks), len(passages))
