"""CSV as RFC 4180 has it, safe to open in a spreadsheet.

In: rows of strings and numbers, and the answers of searches. Out: text with a head
row and lines that end in CR LF. Refuses nothing; a string that a spreadsheet would run as a
formula gets an apostrophe before it, by which spreadsheets mean "this is text".
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence

from indexer.links.permalinks import permalink
from indexer.model import Results
from indexer.reporting.wording import breadcrumb

Field = str | int | float
Table = tuple[Sequence[str], Iterable[Sequence[Field]]]  # the names of the columns, and rows

# Full-width signs start a formula in spreadsheets set to East Asian languages.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
ID_COLUMNS = ("id", "passage", "moved_to")  # that hold ids of passages
_LIKE_NUMBER = re.compile(r"\d+(e\d+)?")  # 8303822549776e23
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # what CSV readers or UTF-8 can't hold
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


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


def _id(cell: Field) -> Field:
    """An id of a passage, as its permalink where a spreadsheet would take it for a number."""
    return permalink(cell) if isinstance(cell, str) and _LIKE_NUMBER.fullmatch(cell) else cell


def results_table(results: Results, site: str = "") -> Table:
    """One row a hit; `matches` holds the words that were marked, `found_in` says whether those are
    in its text or, where none are, in a heading or the title above; `synonym`: it has other names
    only. `site` goes before links."""
    head = (
        *("id", "article", "title", "url", "section", "kind", "ordinal", "score", "text"),
        *("matches", "link", "found_in"),
    )
    rows: list[Sequence[Field]] = [
        (
            hit.passage.id,
            hit.article.id,
            hit.article.title,
            hit.article.url,
            breadcrumb(hit.passage.section),
            hit.passage.kind,
            hit.passage.ordinal,
            round(hit.score, 6),
            hit.passage.text,
            "; ".join(hit.passage.text[mark.start : mark.end] for mark in hit.marks),
            site + permalink(hit.passage.id),
            hit.found_in if number < results.with_words else "synonym",
        )
        for number, hit in enumerate(results.hits)
    ]
    return head, rows


def _cell(cell: Field) -> Field:
    """The cell without what would make a spreadsheet compute it."""
    if not isinstance(cell, str):
        return cell
    text = _UNFIT.sub("\ufffd", cell)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
