"""Charts of audits: barcodes and heat maps.

A barcode shows the positions of a term's occurrences in an article or section. In: a `Barcode`.
Out: an SVG element with a text alternative, or a line of block characters for a terminal. A
drawing has no colour of its own: style sheets colour the classes `barcode`, `ground` and `tick`.

A heat map shows the matrix of an audit. In: an `Audit`. Out: a `HeatMap` of numbers, names and
shades, which stand for the same rates in every report. A matrix with more cells than fit on a page
keeps the places with the most occurrences, and gives the number of all. Refuses nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from indexer.audits.counts import Audit, Cell, Count
from indexer.audits.dispersion import Barcode, Stroke
from indexer.audits.scope import Place
from indexer.reporting import wording
from indexer.reporting.wording import breadcrumb, count_of, one_line

SCALE = 1000  # width of a drawing, in its own units
_THICK = 4  # width of a tick
_HEIGHT = 24
_MOST_TICKS = 200  # occurrences in the same 200th of a place share one tick
_BLOCKS = "▁▂▃▄▅▆▇█"
_NONE = "·"

Link = Callable[[Stroke], str]  # where a tick leads; "": nowhere
CellLink = Callable[[Count, Place], str]  # where a cell leads


@dataclass(frozen=True, slots=True)
class BarcodeView:
    """One term in one place, as a barcode."""

    place: Place
    count: int  # occurrences
    drawing: Markup


def bar_of(barcode: Barcode, term: str, link: Link | None = None) -> BarcodeView:
    """Drawing of a barcode, with its place and count; `link` as for `barcode_svg`."""
    return BarcodeView(barcode.place, len(barcode.strokes), barcode_svg(barcode, term, link))


@dataclass(frozen=True, slots=True)
class BarcodeTick:
    """Occurrences so close together that they are drawn as one."""

    at: int  # its left edge, of `SCALE`
    percent: int  # position of its first occurrence in the place
    strokes: tuple[Stroke, ...]

    @property
    def label(self) -> str:
        """`3 occurrences at 12%`."""
        return f"{count_of(len(self.strokes), 'occurrence')} at {self.percent}%"


def ticks(barcode: Barcode) -> Iterator[BarcodeTick]:
    """Ticks of a barcode, from left to right."""
    words = max(barcode.place.words, 1)
    for _, same in groupby(barcode.strokes, lambda stroke: stroke.word * _MOST_TICKS // words):
        strokes = tuple(same)
        share = strokes[0].word / words
        yield BarcodeTick(int(share * (SCALE - _THICK)), int(share * 100), strokes)


def densest(barcodes: Sequence[Barcode], most: int) -> tuple[list[Barcode], int]:
    """The `most` barcodes with most strokes, in text order, and how many more have any."""
    having = [barcode for barcode in barcodes if barcode.strokes]
    order = sorted(range(len(having)), key=lambda at: -len(having[at].strokes))[:most]
    return [having[at] for at in sorted(order)], len(having) - len(order)


def place_name(place: Place) -> str:
    """The section path of a place, or the title if it is a whole article."""
    return breadcrumb(place.section) or one_line(place.article.title)


def barcode_svg(barcode: Barcode, term: str, link: Link | None = None) -> Markup:
    """SVG of a barcode; with `link`, each tick leads to its first occurrence.

    With links its role is `group`, whose links screen readers read out; without them it is `img`.
    """
    label = (
        f"{one_line(term)} in {place_name(barcode.place)}: "
        f"{count_of(len(barcode.strokes), 'occurrence')} in {barcode.place.words:,} words"
    )
    drawn = list(ticks(barcode))
    if not link and drawn:
        label += ", at " + ", ".join(f"{tick.percent}%" for tick in drawn[:20])
        label += f" and {len(drawn) - 20} more places" if len(drawn) > 20 else ""
    parts = [
        f'<svg class="barcode" role="{"group" if link else "img"}" aria-label="{escape(label)}"'
        f' viewBox="0 0 {SCALE} {_HEIGHT}" preserveAspectRatio="none">',
        f'<rect class="ground" width="{SCALE}" height="{_HEIGHT}"/>',
        *(_tick(tick, link(tick.strokes[0]) if link else "") for tick in drawn),
        "</svg>",
    ]
    return Markup("".join(parts))  # nosec B704 # numbers, and words that are escaped above


def _tick(tick: BarcodeTick, address: str) -> str:
    line = (
        f'<rect class="tick" x="{tick.at}" width="{_THICK}" height="{_HEIGHT}">'
        f"<title>{escape(tick.label)}</title></rect>"
    )
    if not address:
        return line
    return f'<a href="{escape(address)}" aria-label="{escape(tick.label)}">{line}</a>'


def barcode_text(barcode: Barcode, cells: int) -> str:
    """A barcode in `cells` cells of a terminal: the higher a block, the more occurrences."""
    counts = [0] * cells
    words = max(barcode.place.words, 1)
    for stroke in barcode.strokes:
        counts[min(stroke.word * cells // words, cells - 1)] += 1
    most = max([*counts, 1])
    top = len(_BLOCKS) - 1
    return "".join(
        _BLOCKS[round((count - 1) / (most - 1) * top) if most > 1 else top // 2] if count else _NONE
        for count in counts
    )


STEPS = (1.0, 3.0, 10.0, 30.0)  # occurrences per 1,000 words from which the next shade begins
SHADES = ("none", "under 1", "1 to 3", "3 to 10", "10 to 30", "30 and more")
_FEW_COLUMNS = 12  # columns that fit side by side
_MOST_CELLS = 20_000  # on a page
_MOST_PLACES = 100  # on a page: more belong in a spreadsheet


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One term in one place."""

    count: int
    headings: int  # further occurrences, in headings and titles
    rate: str  # per 1,000 words; "" where there is none
    shade: int  # 0: none, to 5: see `SHADES`
    said: str  # the same in a sentence, for the cell's `title`
    link: str  # to the first occurrence; "": nowhere


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row: a place with a cell for each term, or a term with a cell for each place."""

    name: str
    place: Place | None  # None: the row is a term
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The matrix, or the part of it that fits on a page."""

    corner: str  # head of the column of row names
    heads: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    places: int  # shown
    of: int  # places in all
    headings: bool  # whether any cell has occurrences in headings


def shade(count: int, per_1000: float | None) -> int:
    """Shade of a cell, 0 to 5."""
    return 1 + bisect_right(STEPS, per_1000 or 0.0) if count else 0


def heat_map(
    audit: Audit,
    names: Sequence[str],
    counts: Sequence[Count],
    link: CellLink | None = None,
    rows: Sequence[int] | None = None,
) -> HeatMap:
    """The matrix of `counts` of terms or groups, with their `names` for display.

    Places are the rows, unless there are few places and many terms. `rows` are indices of the
    places to show, in this order; None: chosen here.
    """
    every = audit.places_of(counts)
    chosen = _chosen(every, counts) if rows is None else rows
    alone = audit.by == "section" and wording.are_of_one_article(every)
    shared = wording.shared_titles(every)
    places = [wording.place_of(every[at], alone, shared) for at in chosen]
    shown = [every[at] for at in chosen]
    whole = [count.by.on(every) for count in counts]
    found = [[cells[at] for at in chosen] for cells in whole]
    columns = [
        [
            _cell(cell, name, said, link(count, place) if link else "")
            for cell, said, place in zip(cells, places, shown)
        ]
        for count, name, cells in zip(counts, names, found)
    ]
    turned = rows is None and len(counts) > _FEW_COLUMNS >= len(chosen)
    if turned:
        made = tuple(HeatRow(name, None, tuple(c)) for name, c in zip(names, columns))
    else:
        made = tuple(HeatRow(*row) for row in zip(places, shown, zip(*columns)))
    return HeatMap(
        corner="Term" if turned else audit.by.title(),
        heads=tuple(places if turned else names),
        rows=made,
        places=len(chosen),
        of=len(every),
        headings=any(cell.headings for row in made for cell in row.cells),
    )


def _chosen(places: Sequence[Place], counts: Sequence[Count]) -> list[int]:
    """Indices of the places to show, ascending: those with the most occurrences."""
    room = max(min(_MOST_CELLS // max(len(counts), 1), _MOST_PLACES), 1)
    if len(places) <= room:
        return list(range(len(places)))
    totals: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for count in counts:
        for place, number in zip(count.by.places, count.by.counts):
            if number:
                totals[place.article.id, place.section] += number
    sums = [totals[place.article.id, place.section] for place in places]
    return sorted(sorted(range(len(places)), key=lambda at: -sums[at])[:room])


def _cell(cell: Cell | None, term: str, place: str, link: str) -> HeatCell:
    if cell is None:
        return HeatCell(0, 0, "", 0, f"{term} in {place}: not counted", "")
    rate = cell.per_1000
    shown = wording.short_rate(rate) if rate is not None and cell.count else ""
    many = count_of(cell.count, "occurrence")
    said = f"{term} in {place}: {many} in {count_of(cell.words, 'word')}"
    if cell.headings:
        said += f", plus {cell.headings:,} in headings and titles"
    return HeatCell(cell.count, cell.headings, shown, shade(cell.count, rate), said, link)
