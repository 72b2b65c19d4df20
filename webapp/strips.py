"""The barcode: where in an article the matches stand.

In: the spread of a query over an article. Out: ticks in thousandths of the article, for templates
to draw. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer import Index
from webapp.params import ReadingForm

SCALE = 1000  # length of a strip, in its own units
THICK = 8  # of a tick, in the same units
MOST = 64  # ticks on a strip: closer ones could neither be told apart nor hit


@dataclass(frozen=True, slots=True)
class Bar:
    """One line on the strip."""

    at: int  # where it begins, in thousandths
    passage: str  # id of the passage in which its first match stands
    anchor: str  # of that passage
    label: str  # what it says to those who can't see it


@dataclass(frozen=True, slots=True)
class Strip:
    """All lines of one article."""

    bars: tuple[Bar, ...]
    passages: int  # that hold a match
    of: int  # passages in the article


def strips(index: Index, article_ids: Sequence[str], form: ReadingForm) -> Mapping[str, Strip]:
    """The strips of these articles for what is asked of them."""
    found = index.spread(article_ids, form.q, match=form.match, any=form.any, most=MOST)
    return {
        name: Strip(
            bars=tuple(
                Bar(
                    at=place(tick.start, spread.length),
                    passage=tick.passage,
                    anchor=tick.anchor,
                    label=label(tick.ordinal, tick.count, tick.heading),
                )
                for tick in spread.ticks
            ),
            passages=spread.matching,
            of=spread.passages,
        )
        for name, spread in found.items()
    }


def place(start: int, length: int) -> int:
    """Where a line begins on the strip, so that all of it is there."""
    return min(start * SCALE // max(length, 1), SCALE - THICK)


def label(ordinal: int, count: int, heading: str) -> str:
    """Where a line leads, in words."""
    more = f" and {count - 1:,} more" if count > 1 else ""
    return f"Match in passage {ordinal:,}{more}, in {heading or 'the beginning'}"
