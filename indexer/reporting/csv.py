"""Columns of tables, and CSV as RFC 4180 has it, safe to open in a spreadsheet.

In: rows of strings and numbers, or columns that say what stands in them; the answers of searches.
Out: rows for CSV and workbooks; text with a head row and lines that end in CR LF. Refuses nothing;
a string that a spreadsheet would run as a formula gets an apostrophe before it, by which
spreadsheets mean "this is text".
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from indexer.links.permalinks import permalink
from indexer.model import Hit, Results
from indexer.reporting.wording import breadcrumb

Field = str | int | float
Row = TypeVar("Row")
Table = tuple[Sequence[str], Iterable[Sequence[Field]]]  # the names of the columns, and rows

# Full-width signs start a formula in spreadsheets set to East Asian languages.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
ID_COLUMNS = ("id", "passage", "now_passage")  # that hold ids of passages
_LIKE_NUMBER = re.compile(r"\d+(e\d+)?")  # 8303822549776e23
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # what CSV readers or UTF-8 can't hold
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its name in CSV, its head for people, and what stands in it."""

    name: str
    head: str
    value: Callable[[Row], Field | None]  # None: there is no such value
    digits: int = 0  # after the point, for people
    kept: int = 4  # the same for programs
    shown: bool = True  # to people; CSV has all columns


def to_csv(head: Sequence[str], rows: Iterable[Sequence[Field]]) -> str:
    """Rows under a head, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    ids = [column for column, name in enumerate(head) if name in ID_COLUMNS]
    for row in rows:
        cells = [_cell(cell) for cell in row]
        for column in ids:
            cells[column] = _id(cells[column])
        writer.writerow(cells)
    return out.getvalue()


def csv_bytes(text: str) -> bytes:
    """CSV as a file: with a byte order mark, by which spreadsheets know that it is UTF-8."""
    return BOM_UTF8 + text.encode("utf-8", "replace")


def table_file(table: Table, form: str, notes: Iterable[str] = ()) -> bytes:
    """Rows as a file: csv, or xlsx with the notes on a sheet of their own."""
    if form == "csv":
        return csv_bytes(to_csv(*table))
    from indexer.reporting.xlsx import table_xlsx

    return table_xlsx(*table, notes=notes)


def _id(cell: Field) -> Field:
    """An id of a passage, as its permalink where a spreadsheet would take it for a number."""
    return permalink(cell) if isinstance(cell, str) and _LIKE_NUMBER.fullmatch(cell) else cell


def plain_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Table:
    """All columns, under their names; what there is not is an empty cell."""
    return (
        [column.name for column in columns],
        ([_plain(column.value(row), column.kept) for column in columns] for row in rows),
    )


def _plain(value: Field | None, digits: int) -> Field:
    if value is None:
        return ""
    return round(value, digits) if isinstance(value, float) else value


def results_table(results: Results, site: str = "") -> Table:
    """One row a hit; `matches` holds the words that were marked, `found_in` says whether those are
    in its text or, where none are, in a heading or the title above; `synonym`: it has other names
    only. `site` goes before links."""
    with_words = {hit.passage.id for hit in results.hits[: results.with_words]}

    def found_in(hit: Hit) -> str:
        return hit.found_in if hit.passage.id in with_words else "synonym"

    def matches(hit: Hit) -> str:
        return "; ".join(hit.passage.text[mark.start : mark.end] for mark in hit.marks)

    columns: list[Column[Hit]] = [
        Column("id", "", lambda hit: hit.passage.id),
        Column("article", "", lambda hit: hit.article.id),
        Column("title", "", lambda hit: hit.article.title),
        Column("url", "", lambda hit: hit.article.url),
        Column("section", "", lambda hit: breadcrumb(hit.passage.section)),
        Column("kind", "", lambda hit: hit.passage.kind),
        Column("ordinal", "", lambda hit: hit.passage.ordinal),
        Column("score", "", lambda hit: hit.score, kept=6),
        Column("text", "", lambda hit: hit.passage.text),
        Column("matches", "", matches),
        Column("link", "", lambda hit: site + permalink(hit.passage.id)),
        Column("found_in", "", found_in),
    ]
    return plain_table(columns, results.hits)


def _cell(cell: Field) -> Field:
    """The cell without what would make a spreadsheet compute it."""
    if not isinstance(cell, str):
        return cell
    text = _UNFIT.sub("\ufffd", cell)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
