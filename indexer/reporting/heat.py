"""The matrix of an audit as a heat map: which rows and columns it has, and how warm each cell is.

In: an `Audit`. Out: a `HeatMap` of numbers, names and shades from 0 to 5. Shades stand for the same
rates in every report, so that two of them can be laid side by side. A matrix with more cells than a
page can hold keeps the places with most occurrences, and says how many there are. Refuses nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.audits.counts import Audit, Cell, Count
from indexer.audits.scope import Place
from indexer.reporting.audit_wording import are_of_one_article, place_of
from indexer.reporting.wording import count_of

STEPS = (1.0, 3.0, 10.0, 30.0)  # occurrences per 1,000 words from which the next shade begins
SHADES = ("none", "under 1", "1 to 3", "3 to 10", "10 to 30", "30 and more")
_FEW = 12  # columns that stand side by side with ease
_MOST = 20_000  # cells of a page
_PLACES = 100  # places of a page: more are read in a spreadsheet


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One term in one place."""

    count: int
    headings: int  # further occurrences, in headings and titles
    rate: str  # per 1,000 words; "" where there is none
    shade: int  # 0: none, to 5: see `SHADES`
    said: str  # in words


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row: a place with a cell for each term, or a term with a cell for each place."""

    name: str
    words: int | None  # of a place; None: the row is a term
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The matrix, or the part of it that a page can hold."""

    corner: str  # what the names of the rows are
    heads: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    steep: bool  # whether heads are so many that they must stand upright
    places: int  # shown
    of: int  # places there are
    headings: bool  # whether any cell has occurrences in headings


def shade(count: int, per_1000: float | None) -> int:
    """How warm a cell is."""
    return 1 + bisect_right(STEPS, per_1000 or 0.0) if count else 0


def heat_map(audit: Audit, names: Sequence[str], counts: Sequence[Count]) -> HeatMap:
    """The matrix of these terms or groups, named as people read them.

    Places are the rows, unless they are few and the terms are many.
    """
    every = audit.places_of(counts)
    found = [count.by.on(every) for count in counts]
    chosen = _chosen(every, counts)
    alone = audit.by == "section" and are_of_one_article(every)
    places = [place_of(every[at], alone) for at in chosen]
    sizes = [every[at].words for at in chosen]
    columns = [
        [_cell(cells[at], name, place) for at, place in zip(chosen, places)]
        for cells, name in zip(found, names)
    ]
    turned = len(counts) > _FEW >= len(chosen)
    if turned:
        rows = tuple(HeatRow(name, None, tuple(c)) for name, c in zip(names, columns))
        heads = tuple(places)
    else:
        rows = tuple(HeatRow(*row) for row in zip(places, sizes, zip(*columns)))
        heads = tuple(names)
    return HeatMap(
        corner="Term" if turned else audit.by.title(),
        heads=heads,
        rows=rows,
        steep=len(heads) > 6,
        places=len(chosen),
        of=len(every),
        headings=any(cell.headings for row in rows for cell in row.cells),
    )


def _chosen(places: Sequence[Place], counts: Sequence[Count]) -> list[int]:
    """Numbers of the places that are shown, in their order."""
    room = max(min(_MOST // max(len(counts), 1), _PLACES), 1)
    if len(places) <= room:
        return list(range(len(places)))
    totals: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for count in counts:
        for place, number in zip(count.by.places, count.by.counts):
            if number:
                totals[place.article.id, place.section] += number
    sums = [totals[place.article.id, place.section] for place in places]
    return sorted(sorted(range(len(places)), key=lambda at: -sums[at])[:room])


def _cell(cell: Cell | None, term: str, place: str) -> HeatCell:
    if cell is None:
        return HeatCell(0, 0, "", 0, f"{term} in {place}: not counted over")
    rate = cell.per_1000
    shown = f"{rate:,.1f}" if rate is not None and cell.count else ""
    many = count_of(cell.count, "occurrence")
    said = f"{term} in {place}: {many} in {count_of(cell.words, 'word')}"
    if cell.headings:
        said += f", and {cell.headings:,} in headings and titles"
    return HeatCell(cell.count, cell.headings, shown, shade(cell.count, rate), said)
