"""Tables for a terminal, and one description of a table for text and CSV.

In: columns and rows, and the width of the terminal in cells (None: not a terminal; nothing is cut).
Out: lines as `rich` texts, or CSV. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.reporting.csv import Field, to_csv
from indexer.reporting.wording import one_line

Row = TypeVar("Row")
_UNBOUND = 100_000  # cells: wider than any line


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its name in CSV, its head for people, and what stands in it."""

    name: str
    head: str
    value: Callable[[Row], Field | None]  # None: there is no such value
    digits: int = 0  # after the point, for people; programs get four
    shown: bool = True  # to people; CSV has all columns


def number(value: float, digits: int = 0) -> str:
    """A number as people read it: `1,204`, `3.21`, and never `-0.0`."""
    return f"{round(value, digits) + 0:,.{digits}f}"


def table_lines(
    columns: Sequence[Column[Row]], rows: Iterable[Row], width: int | None
) -> Iterator[Text]:
    """The columns that people see, words on the left and numbers on the right."""
    seen = [column for column in columns if column.shown]
    values = [[column.value(row) for column in seen] for row in rows]
    if not values:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for at, column in enumerate(seen):
        numbers = all(not isinstance(row[at], str) for row in values)
        longest = max(cell_len(str(row[at])) for row in values)
        table.add_column(
            column.head,
            justify="right" if numbers else "left",
            vertical="bottom" if numbers else "top",
            # The names in front keep a third of the width: heads of numbers wrap before they do.
            min_width=min(longest, width // 3) if width and not at else None,
            overflow="fold",
        )
    for row in values:
        table.add_row(*(_cell(value, column) for value, column in zip(row, seen)))
    yield from rendered(table, width)


def rendered(table: Table, width: int | None) -> Iterator[Text]:
    """A table of `rich` as lines, without spaces at their ends."""
    console = Console(width=width or _UNBOUND, color_system=None, legacy_windows=False)
    for segments in console.render_lines(table, pad=False):
        line = Text()
        for segment in segments:
            line.append(segment.text, segment.style)
        line.rstrip()
        yield line


def table_csv(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> str:
    """All columns, under their names; what there is not is an empty cell."""
    return to_csv(
        [column.name for column in columns],
        ([_plain(column.value(row)) for column in columns] for row in rows),
    )


def _cell(value: Field | None, column: Column[Row]) -> Text:
    if value is None:
        return Text("–", "dim")
    if isinstance(value, str):
        return Text(one_line(value))
    return Text(number(value, column.digits if isinstance(value, float) else 0))


def _plain(value: Field | None) -> Field:
    if value is None:
        return ""
    return round(value, 4) if isinstance(value, float) else value
