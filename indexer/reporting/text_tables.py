"""Tables for a terminal.

In: columns and rows. Out: lines as `rich` texts. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.reporting.csv import Column, Field, Row
from indexer.reporting.wording import number, one_line

_UNBOUND = 100_000  # cells: wider than any line
GAP = 2  # cells between columns


def table_lines(
    columns: Sequence[Column[Row]], rows: Iterable[Row], width: int | None
) -> Iterator[Text]:
    """A table of the shown columns; words are aligned left, numbers right."""
    shown = [column for column in columns if column.shown]
    values = [[column.value(row) for column in shown] for row in rows]
    if not values:
        return
    heads = [column.head for column in shown]
    cells = [[_cell(value, column) for value, column in zip(row, shown)] for row in values]
    longest = [max(cell.cell_len for cell in column) for column in zip(*cells)]
    numbers = [not any(isinstance(value, str) for value in column) for column in zip(*values)]
    widths = _widths(heads, longest, numbers, width or _UNBOUND)
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    for head, cells_wide, is_number in zip(heads, widths, numbers):
        table.add_column(
            head,
            justify="right" if is_number else "left",
            vertical="bottom" if is_number else "top",
            width=cells_wide,
            overflow="fold",
        )
    for row in cells:
        table.add_row(*row)
    # Numbers are never cut: a table that doesn't fit the terminal is wider.
    room = max(width or _UNBOUND, sum(widths) + GAP * len(widths))
    console = Console(width=room, color_system=None, legacy_windows=False)
    for segments in console.render_lines(table, pad=False):
        line = Text()
        for segment in segments:
            line.append(segment.text, segment.style)
        line.rstrip()
        yield line


def _widths(
    heads: Sequence[str], longest: Sequence[int], numbers: Sequence[bool], width: int
) -> list[int]:
    """Width of each column in cells, so that the table fits into `width` if possible.

    A table that is too wide is narrowed in this order: heads wrap between words; names in the first
    column wrap, down to a quarter of `width`; words of heads are folded; then all text.
    `longest` is the longest value of each column in cells; columns of numbers are never narrowed.
    """
    words = [max(map(cell_len, head.split()), default=0) for head in heads]
    widths = [max(cell_len(head), cells) for head, cells in zip(heads, longest)]
    wrapped = [max(word, cells) for word, cells in zip(words, longest)]
    name = min(wrapped[0], max(width // 4, 1))
    floors = (
        [widths[0], *wrapped[1:]],
        [name, *wrapped[1:]],
        [name, *longest[1:]],
        [cells if is_number else 1 for cells, is_number in zip(longest, numbers)],
    )
    for floor in floors:
        while sum(widths) + GAP * (len(widths) - 1) > width:
            slack = [cells - least for cells, least in zip(widths, floor)]
            if max(slack) <= 0:
                break
            widths[slack.index(max(slack))] -= 1
    return widths


def _cell(value: Field | None, column: Column[Row]) -> Text:
    if value is None:
        return Text("–", "dim")
    if isinstance(value, str):
        return Text(one_line(value))
    return Text(number(value, column.digits if isinstance(value, float) else 0))
