"""Columns of tables, and CSV (RFC 4180) that is safe to open in a spreadsheet.

In: rows of strings and numbers, or rows with columns that compute their cells; search results.
Out: rows for CSV and workbooks; CSV text with a head row and CR LF line ends. Refuses nothing; a
string that a spreadsheet would evaluate as a formula is prefixed with an apostrophe, the sign for
plain text.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from indexer.links.permalinks import permalink
from indexer.model import Hit, Results
from indexer.reporting.wording import breadcrumb

Field = str | int | float
Row = TypeVar("Row")
Table = tuple[Sequence[str], Iterable[Sequence[Field]]]  # column names and rows

# Full-width signs start a formula in spreadsheets set to East Asian languages.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
ID_COLUMNS = ("id", "passage", "now_passage")  # columns of passage ids
_LIKE_NUMBER = re.compile(r"\d+(e\d+)?")  # 8303822549776e23
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # characters that CSV readers or UTF-8 can't hold
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its name in CSV, its head for people, and the function that gives its value."""

    name: str
    head: str
    value: Callable[[Row], Field | None]  # None: an empty cell
    digits: int = 0  # decimal places, for people
    kept: int = 4  # decimal places in CSV and workbooks
    shown: bool = True  # to people; CSV has all columns


def named(*names: str) -> list[Column[Any]]:
    """Columns of attributes, with the attribute's name and head."""
    return [Column(name, name, attrgetter(name)) for name in names]


PLACE: tuple[Column[Any], ...] = (  # of rows with an article and a section
    Column("article", "", lambda row: row.article.id, shown=False),
    Column("title", "", lambda row: row.article.title, shown=False),
    Column("section", "", lambda row: breadcrumb(row.section or ()), shown=False),
)


def link_column(site: str) -> Column[Any]:
    """The permalink of each row's passage."""
    return Column("link", "", lambda row: site + permalink(row.passage))


def to_csv(head: Sequence[str], rows: Iterable[Sequence[Field]]) -> str:
    """CSV of rows under a head row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    ids = [name in ID_COLUMNS for name in head]
    for row in rows:
        writer.writerow([_cell(cell, is_id) for cell, is_id in zip(row, ids)])
    return out.getvalue()


def table_file(table: Table, form: str, notes: Iterable[str] = ()) -> bytes:
    """Bytes of a table as csv, with the byte order mark by which spreadsheets recognise UTF-8, or
    as xlsx with the notes on a separate sheet."""
    if form == "csv":
        return BOM_UTF8 + to_csv(*table).encode("utf-8", "replace")
    from indexer.reporting.xlsx import table_xlsx

    return table_xlsx(*table, notes=notes)


def plain_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Table:
    """Names and rows of all columns; a missing value is an empty cell."""
    return (
        [column.name for column in columns],
        ([_plain(column.value(row), column.kept) for column in columns] for row in rows),
    )


def _plain(value: Field | None, digits: int) -> Field:
    if value is None:
        return ""
    return round(value, digits) if isinstance(value, float) else value


def results_table(results: Results, site: str = "") -> Table:
    """One row per hit. `matches` holds the marked words; `found_in` is `text` or, if nothing in
    the text matches, `heading` or `title`, and `synonym` for a hit with other names of the drug
    only."""
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


def _cell(cell: Field, is_id: bool) -> Field:
    """The cell, made safe: a string that looks like a formula gets an apostrophe, and an id that a
    spreadsheet would take for a number is its permalink."""
    if not isinstance(cell, str):
        return cell
    if is_id and _LIKE_NUMBER.fullmatch(cell):
        return permalink(cell)
    text = _UNFIT.sub("\ufffd", cell)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
