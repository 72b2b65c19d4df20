"""Barcodes drawn: where in an article or section the occurrences of a term stand.

In: a `Barcode`. Out: an SVG element that is understood without being seen, or a line of blocks for
a terminal. A drawing has no colour of its own: style sheets colour the classes `barcode`, `ground`
and `tick`. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from indexer.audits.dispersion import Barcode, Stroke
from indexer.reporting.plain import one_line
from indexer.reporting.wording import breadcrumb, count_of

SCALE = 1000  # length of a drawing, in its own units
_THICK = 4  # of a tick
_HEIGHT = 24
_MOST = 200  # ticks: closer ones can't be told apart, so they are one
_BLOCKS = "▁▂▃▄▅▆▇█"
_NONE = "·"

Link = Callable[[Stroke], str]  # where a tick leads; "": nowhere


@dataclass(frozen=True, slots=True)
class Tick:
    """Occurrences that stand so close together that they are drawn as one."""

    at: int  # where it begins, of `SCALE`
    percent: int  # how far into the place its first occurrence stands
    strokes: tuple[Stroke, ...]

    @property
    def label(self) -> str:
        """In words."""
        return f"{count_of(len(self.strokes), 'occurrence')} at {self.percent}%"


def ticks(barcode: Barcode) -> Iterator[Tick]:
    """What is drawn, from left to right."""
    words = max(barcode.place.words, 1)
    for _, same in groupby(barcode.strokes, lambda stroke: stroke.word * _MOST // words):
        strokes = tuple(same)
        share = strokes[0].word / words
        yield Tick(int(share * (SCALE - _THICK)), int(share * 100), strokes)


def place_name(barcode: Barcode) -> str:
    """The section, or else the title, that a barcode is of."""
    return breadcrumb(barcode.place.section) or one_line(barcode.place.article.title)


def barcode_svg(barcode: Barcode, term: str, link: Link | None = None) -> Markup:
    """The drawing; with `link` each tick leads to its first occurrence.

    A drawing with links is a group, whose links are read out; one without is an image with a name.
    """
    said = (
        f"{one_line(term)} in {place_name(barcode)}: "
        f"{count_of(len(barcode.strokes), 'occurrence')} in {barcode.place.words:,} words"
    )
    drawn = list(ticks(barcode))
    if not link and drawn:
        said += ", at " + ", ".join(f"{tick.percent}%" for tick in drawn[:20])
        said += f" and {len(drawn) - 20} more places" if len(drawn) > 20 else ""
    parts = [
        f'<svg class="barcode" role="{"group" if link else "img"}" aria-label="{escape(said)}"'
        f' viewBox="0 0 {SCALE} {_HEIGHT}" preserveAspectRatio="none">',
        f'<rect class="ground" width="{SCALE}" height="{_HEIGHT}"/>',
        *(_tick(tick, link(tick.strokes[0]) if link else "") for tick in drawn),
        "</svg>",
    ]
    return Markup("".join(parts))


def _tick(tick: Tick, address: str) -> str:
    line = (
        f'<rect class="tick" x="{tick.at}" width="{_THICK}" height="{_HEIGHT}">'
        f"<title>{escape(tick.label)}</title></rect>"
    )
    if not address:
        return line
    return f'<a href="{escape(address)}" aria-label="{escape(tick.label)}">{line}</a>'


def barcode_text(barcode: Barcode, cells: int) -> str:
    """The same in so many cells of a terminal: the higher a block, the more stand there."""
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
