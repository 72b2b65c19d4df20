"""Concordance lines: key words in context for a terminal, and as CSV.

In: a `Concordance`. Out: lines as `rich` texts in which all matches begin in the same column (wide
characters count as two cells); or one row of CSV per line. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from indexer.model import Concordance
from indexer.reporting.csv import PLACE, Table, link_column, named, plain_table
from indexer.reporting.results import MARK_STYLE
from indexer.reporting.wording import count_of, one_line, page_of

_GAP = 2  # cells between context and source
_SOURCE = 16  # cells of a passage id
_LEAST = 24  # cells of match and context below which the source is left out


def concordance_lines(concordance: Concordance, width: int | None) -> Iterator[Text]:
    """The concordance lines, each with the id of its passage, then the total."""
    lines = [
        (one_line(one.left), one_line(one.match), one_line(one.right)) for one in concordance.lines
    ]
    with_source = not width or width - _SOURCE - _GAP >= _LEAST
    left, rest = _columns(lines, width - with_source * (_SOURCE + _GAP) if width else None)
    for (before, match, after), line in zip(lines, concordance.lines):
        shown = Text(_last_cells(before, left))
        shown.append(match, MARK_STYLE)
        shown.append(after)
        shown.truncate(left + rest, overflow="ellipsis", pad=with_source)
        if with_source:
            shown.append(" " * _GAP)
            shown.append(line.passage, "dim")
        yield shown
    if lines:
        yield Text()
    yield Text(concordance_size(concordance))
    if concordance.headings:
        more = count_of(concordance.headings, "more occurrence")
        yield Text(f"and {more} in headings and titles")


def _columns(lines: list[tuple[str, str, str]], room: int | None) -> tuple[int, int]:
    """Cells for the left context, and for match and right context together."""
    left = max((cell_len(before) for before, _, _ in lines), default=0)
    rest = max((cell_len(match + after) for _, match, after in lines), default=0)
    if room and left + rest > room:
        # Half for each, the match just left of the middle, unless one side needs less than that.
        left = min(left, max(room // 2 - 4, room - rest))
        rest = room - left
    return left, rest


def _last_cells(text: str, cells: int) -> str:
    """The end of `text` in exactly `cells` cells, padded on the left, or cut with an ellipsis."""
    free = cells - cell_len(text)
    if free < 0:
        free = cells - 1
        start = len(text)
        while start and cell_len(text[start - 1]) <= free:
            start -= 1
            free -= cell_len(text[start])
        text = "…" + text[start:]
    return " " * free + text


def concordance_size(concordance: Concordance) -> str:
    """`50 of 311 occurrences`, and how to show more."""
    shown, offset = len(concordance.lines), concordance.page.offset
    return page_of(shown, offset, concordance.total, "occurrence")


def concordance_table(concordance: Concordance, site: str = "") -> Table:
    """One row per occurrence."""
    words, place = named("left", "match", "right"), named("passage", "start", "end")
    return plain_table((*words, *PLACE, *place, link_column(site)), concordance.lines)
