"""An audit as a workbook: summary, matrix, forms, concordance lines and method, a sheet each; and
any table as one of a single sheet.

In: an `Evidence`, or rows. Out: the bytes of an .xlsx file, in which numbers are numbers and texts
are never formulas or links, heads stay in sight and can be filtered. Refuses a matrix of more terms
than a sheet has columns (`UsageError`); rows that a sheet has no room for are counted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from indexer.audits.counts import Audit, Count
from indexer.errors import UsageError
from indexer.links.permalinks import permalink
from indexer.reporting.audit import unique_of
from indexer.reporting.evidence import Evidence
from indexer.reporting.wording import METHOD, breadcrumb, name_of, scope_in_words, visible

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet
_LONGEST = 32_767  # characters of a cell
MOST_LINKS = 65_530  # that a sheet can follow
_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}/p/[0-9a-f]{13,64}")  # a permalink
_UNFIT = re.compile("[\ufffe\uffff]")  # what XML can't hold and `visible` leaves
Value = str | int | float | None


class Sheet:
    """One sheet that grows by rows under a head."""

    def __init__(
        self, book: Workbook, name: str, heads: Sequence[str], widths: Sequence[int]
    ) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        self._head: Format = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        )
        self._wrap: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self._top: Format = book.add_format({"valign": "top"})
        self._rate: Format = book.add_format({"num_format": "0.00", "valign": "top"})
        self.rows = 1
        self.left_out = 0
        self.links = 0
        self._columns = len(heads)
        for column, head in enumerate(heads):
            self.sheet.write_string(0, column, _text(head), self._head)
            self.sheet.set_column(column, column, widths[min(column, len(widths) - 1)])

    def add(self, values: Iterable[Value]) -> None:
        """One more row; what there is not is left empty."""
        if self.rows >= MOST_ROWS:
            self.left_out += 1
            return
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str) and _ADDRESS.fullmatch(value) and self.links < MOST_LINKS:
                self.links += 1
                self.sheet.write_url(self.rows, column, value, self._top, value)
            elif isinstance(value, str):
                self.sheet.write_string(self.rows, column, _text(value), self._wrap)
            elif isinstance(value, float):
                self.sheet.write_number(self.rows, column, value, self._rate)
            else:
                self.sheet.write_number(self.rows, column, value, self._top)
        self.rows += 1

    def close(self, frozen: int = 1) -> None:
        """Keeps the head and the first columns in sight, and lets the rows be filtered."""
        self.sheet.freeze_panes(1, frozen)
        if self.rows > 1:
            self.sheet.autofilter(0, 0, self.rows - 1, self._columns - 1)


_OPTIONS: dict[str, Any] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def table_xlsx(
    heads: Sequence[str], rows: Iterable[Sequence[Value]], notes: Iterable[str] = ()
) -> bytes:
    """A sheet with these columns and, if there is something to note, one with the notes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = Sheet(book, "Rows", heads, (24,))
        for row in rows:
            sheet.add(row)
        sheet.close()
        said = [*notes]
        if sheet.left_out:
            said.append(f"{sheet.left_out:,} rows left out for want of room")
        if said:
            more = Sheet(book, "Notes", ("Note",), (100,))
            for note in said:
                more.add((note,))
            more.close()
    return out.getvalue()


def audit_xlsx(found: Evidence, site: str = "") -> bytes:
    """The workbook. `site`: what goes before links."""
    audit = found.audit
    counts = audit.counts
    if 2 * len(counts) + _PLACE_COLUMNS + 2 > MOST_COLUMNS:
        raise UsageError(
            f"{len(counts):,} terms and groups, two columns each: a sheet has {MOST_COLUMNS:,}; "
            "audit fewer terms at once, or use --format csv"
        )
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        made = found.provenance.made.replace(tzinfo=None)
        book.set_properties({"title": "Audit by Pilcrow", "created": made})
        _summary(book, counts, audit)
        sheets = (
            _matrix(book, counts, audit, site),
            _lacking(book, counts, site),
            _forms(book, audit),
            _lines(book, found, site),
        )
        _method(book, found, sum(sheet.left_out for sheet in sheets))
    return out.getvalue()


def _summary(book: Workbook, counts: Sequence[Count], audit: Audit) -> None:
    heads = (
        *("Term", "Group", "Role", "Occurrences", "Words", "Per 1,000 words"),
        *("Interval from", "Interval to", "Passages", "of passages", "Sections", "of sections"),
        *("Articles", "of articles", "In headings and titles", f"{audit.by.title()}s without it"),
        "of these, only in headings",
        *("Range (parts with it)", "of parts", "Juilland's D (1: even)", "DP (0: even)"),
        *("DPnorm (0: even)", "Passages found only by this term"),
    )
    sheet = Sheet(book, "Summary", heads, (36, 16, 14, 12))
    for count in counts:
        spread = count.dispersion
        sheet.add(
            (
                *(count.identity if count.identity[0] else (name_of(count), "", "")),
                *(count.total, count.words, count.per_1000, count.rate.low, count.rate.high),
                *(count.passages, audit.passages, count.sections, audit.sections),
                *(count.articles, audit.articles, count.headings, len(count.lacking)),
                len(count.only_in_headings),
                *(spread.range, spread.parts, spread.juilland_d, spread.dp, spread.dp_norm),
                unique_of(count),
            )
        )
    sheet.close()


_PLACE_COLUMNS = 4


def _matrix(book: Workbook, counts: Sequence[Count], audit: Audit, site: str) -> Sheet:
    """A row a place, a column a term: occurrences, zeros kept, shaded by size. After these, again a
    column a term: occurrences in headings and titles. The passage is the first of the place."""
    names = [name_of(count) for count in counts]
    heads = ("Article", "Title", "Section", "Words", *names, *(f"{n}, in headings" for n in names))
    sheet = Sheet(book, "Matrix", (*heads, "Passage", "Link"), (24, 36, 36, 9, 12))
    places = audit.places_of(counts)
    columns = [count.by.on(places) for count in counts]
    for at, place in enumerate(places):
        where = (place.article.id, place.article.title, breadcrumb(place.section), place.words)
        first = (place.passage, _link(place.passage, site))
        cells = [column[at] for column in columns]
        sheet.add(
            (
                *where,
                *(cell.count if cell else 0 for cell in cells),
                *(cell.headings if cell else 0 for cell in cells),
                *first,
            )
        )
    if counts and sheet.rows > 1:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#E0826A"}
        last = _PLACE_COLUMNS + len(counts) - 1
        sheet.sheet.conditional_format(1, _PLACE_COLUMNS, sheet.rows - 1, last, scale)
    sheet.close(_PLACE_COLUMNS)
    return sheet


def _lacking(book: Workbook, counts: Sequence[Count], site: str) -> Sheet:
    """A row for each place that lacks a term in its text."""
    heads = ("Term", "Article", "Title", "Section", "In headings", "Passage", "Link")
    sheet = Sheet(book, "Lacking", heads, (36, 24, 36, 36, 12, 18, 24))
    for count in counts:
        for cell in count.lacking:
            where = (cell.article.id, cell.article.title, breadcrumb(cell.section), cell.headings)
            sheet.add((name_of(count), *where, cell.passage, _link(cell.passage, site)))
    sheet.close()
    return sheet


def _link(passage: str, site: str) -> str:
    return site + permalink(passage) if passage else ""


def _forms(book: Workbook, audit: Audit) -> Sheet:
    sheet = Sheet(book, "Forms", ("Term", "Form as written", "Occurrences"), (36, 48, 12))
    for count in audit.terms:
        for form, number in count.forms.items():
            sheet.add((count.term.query, form, number))
    sheet.close()
    return sheet


def _lines(book: Workbook, found: Evidence, site: str) -> Sheet:
    heads = ("Term", "Left", "Match", "Right", "Article", "Title", "Section", "Passage", "Start")
    widths = (24, 48, 20, 48, 24, 30, 30, 18, 8, 24)
    sheet = Sheet(book, "Concordance", (*heads, "Link"), widths)
    for term in found.terms:
        for line in term.lines:
            where = (line.article.id, line.article.title, breadcrumb(line.section), line.passage)
            said = (line.left.strip(), line.match, line.right.strip())
            link = _link(line.passage, site)
            sheet.add((term.count.term.query, *said, *where, line.start, link))
    sheet.close()
    return sheet


def _method(book: Workbook, found: Evidence, left_out: int) -> None:
    audit, origin = found.audit, found.provenance
    sheet = Sheet(book, "Method", ("What", "Value"), (32, 100))
    kept = sum(len(term.lines) for term in found.terms)
    whole = sum(term.count.total for term in found.terms)
    rows: list[tuple[str, Value]] = [
        ("Counted in", scope_in_words(audit)),
        ("Only these articles", ", ".join(found.articles) if found.articles else "all"),
        ("Matching", audit.match),
        ("Concordance lines here", kept),
        ("of occurrences", whole),
        ("Made", origin.made.isoformat()),
        ("SHA-256 of the texts", origin.corpus),
        ("SHA-256 of the term list", origin.terms),
        ("Pilcrow", origin.pilcrow),
        ("Version of its tokeniser", origin.analysis),
    ]
    if left_out:
        rows.append(("Rows left out for want of room", left_out))
    for row in rows:
        sheet.add(row)
    for note in (*audit.notes, *(note for term in audit.terms for note in term.notes)):
        sheet.add(("Note", note))
    for said in METHOD:
        sheet.add(("Method", said))
    sheet.close()


def _text(text: str) -> str:
    """What a cell can hold of a text."""
    shown = _UNFIT.sub("\ufffd", visible(text))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
