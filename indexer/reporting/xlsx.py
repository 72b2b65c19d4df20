"""An audit as a workbook, with a sheet each for summary, matrix, forms, concordance lines and
method; and any table as a workbook of one sheet.

In: an `Evidence`, or rows. Out: the bytes of an .xlsx file, in which numbers are numbers, text is
never a formula, and the head row is frozen and has filters. Refuses (`UsageError`) a matrix with
more terms than a sheet has columns; rows beyond the limit of a sheet are counted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from indexer.audits.counts import Audit, Count, TermCount
from indexer.errors import UsageError
from indexer.links.permalinks import permalink
from indexer.reporting.evidence import Evidence
from indexer.reporting.wording import METHOD, breadcrumb, count_of, name_of, scope_in_words, visible

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # limits of a sheet
_LONGEST = 32_767  # characters of a cell
MOST_LINKS = 65_530  # limit of a sheet
_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}/p/[0-9a-f]{13,64}")  # a permalink
_UNFIT = re.compile("[\ufffe\uffff]")  # not allowed in XML, and not replaced by `visible`
Value = str | int | float | None
Rows = Iterator[tuple[Value, ...]]


class Sheet:
    """One sheet: rows under a head row with filters, which is frozen together with the first
    columns."""

    def __init__(
        self,
        book: Workbook,
        name: str,
        heads: Sequence[str],
        widths: Sequence[int],
        rows: Iterable[Iterable[Value]],
        frozen: int = 1,
    ) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self._wrap: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self._top: Format = book.add_format({"valign": "top"})
        self._rate: Format = book.add_format({"num_format": "0.00", "valign": "top"})
        self.rows = 1
        self.left_out = 0
        self._links = 0
        for column, label in enumerate(heads):
            self.sheet.write_string(0, column, _text(label), head)
            self.sheet.set_column(column, column, widths[min(column, len(widths) - 1)])
        for row in rows:
            self._add(row)
        self.sheet.freeze_panes(1, frozen)
        if self.rows > 1:
            self.sheet.autofilter(0, 0, self.rows - 1, len(heads) - 1)

    def _add(self, values: Iterable[Value]) -> None:
        """Adds a row; None and "" are empty cells."""
        if self.rows >= MOST_ROWS:
            self.left_out += 1
            return
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str) and _ADDRESS.fullmatch(value) and self._links < MOST_LINKS:
                self._links += 1
                self.sheet.write_url(self.rows, column, value, self._top, value)
            elif isinstance(value, str):
                self.sheet.write_string(self.rows, column, _text(value), self._wrap)
            elif isinstance(value, float):
                self.sheet.write_number(self.rows, column, value, self._rate)
            else:
                self.sheet.write_number(self.rows, column, value, self._top)
        self.rows += 1


_OPTIONS: dict[str, Any] = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def table_xlsx(
    heads: Sequence[str], rows: Iterable[Sequence[Value]], notes: Iterable[str] = ()
) -> bytes:
    """A workbook of one sheet with the rows and, if there are notes, a second one for them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = Sheet(book, "Rows", heads, (24,), rows)
        texts = [*notes]
        if sheet.left_out:
            texts.append(f"{count_of(sheet.left_out, 'row')} left out: the sheet is full")
        if texts:
            Sheet(book, "Notes", ("Note",), (100,), ((note,) for note in texts))
    return out.getvalue()


def audit_xlsx(found: Evidence, site: str = "") -> bytes:
    """The workbook of an audit."""
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
        Sheet(book, "Summary", _summary_heads(audit), (36, 16, 14, 12), _summary(counts, audit))
        forms = ("Term", "Form as written", "Occurrences")
        sheets = (
            _matrix(book, counts, audit, site),
            Sheet(book, "Lacking", _LACKING, (36, 24, 36, 36, 12, 18, 24), _lacking(counts, site)),
            Sheet(book, "Forms", forms, (36, 48, 12), _forms(audit)),
            Sheet(
                book,
                "Concordance",
                _LINES,
                (24, 48, 20, 48, 24, 30, 30, 18, 8, 24),
                _lines(found, site),
            ),
        )
        rows = _method(found, sum(sheet.left_out for sheet in sheets))
        Sheet(book, "Method", ("What", "Value"), (32, 100), rows)
    return out.getvalue()


_LACKING = ("Term", "Article", "Title", "Section", "In headings", "Passage", "Link")
_LINES = (
    *("Term", "Left", "Match", "Right", "Article", "Title", "Section", "Passage", "Start"),
    "Link",
)


def _summary_heads(audit: Audit) -> tuple[str, ...]:
    return (
        *("Term", "Group", "Role", "Occurrences", "Words", "Per 1,000 words"),
        *("Interval from", "Interval to", "Passages", "of passages", "Sections", "of sections"),
        *("Articles", "of articles", "In headings and titles", f"{audit.by.title()}s without it"),
        "of these, only in headings",
        *("Range (parts with it)", "of parts", "Juilland's D (1: even)", "DP (0: even)"),
        *("DPnorm (0: even)", "Passages found only by this term"),
    )


def _summary(counts: Sequence[Count], audit: Audit) -> Rows:
    for count in counts:
        spread = count.dispersion
        yield (
            *(count.identity if count.identity[0] else (name_of(count), "", "")),
            *(count.total, count.words, count.per_1000, count.rate.low, count.rate.high),
            *(count.passages, audit.passages, count.sections, audit.sections),
            *(count.articles, audit.articles, count.headings, len(count.lacking)),
            len(count.only_in_headings),
            *(spread.range, spread.parts, spread.juilland_d, spread.dp, spread.dp_norm),
            count.unique if isinstance(count, TermCount) else "",  # not counted for a group
        )


_PLACE_COLUMNS = 4


def _matrix(book: Workbook, counts: Sequence[Count], audit: Audit, site: str) -> Sheet:
    """One row per place, one column per term: occurrences, zeros kept, shaded by size; then one
    column per term with those in headings and titles, and the first passage of the place."""
    names = [name_of(count) for count in counts]
    heads = ("Article", "Title", "Section", "Words", *names, *(f"{n}, in headings" for n in names))
    places = audit.places_of(counts)
    columns = [count.by.on(places) for count in counts]
    rows: Rows = (
        (
            *(place.article.id, place.article.title, breadcrumb(place.section), place.words),
            *(cell.count if cell else 0 for cell in cells),
            *(cell.headings if cell else 0 for cell in cells),
            *(place.passage, _link(place.passage, site)),
        )
        for place, *cells in zip(places, *columns)
    )
    heads = (*heads, "Passage", "Link")
    sheet = Sheet(book, "Matrix", heads, (24, 36, 36, 9, 12), rows, _PLACE_COLUMNS)
    if counts and sheet.rows > 1:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#E0826A"}
        last = _PLACE_COLUMNS + len(counts) - 1
        sheet.sheet.conditional_format(1, _PLACE_COLUMNS, sheet.rows - 1, last, scale)
    return sheet


def _lacking(counts: Sequence[Count], site: str) -> Rows:
    """A row for each place that lacks a term in its text."""
    for count in counts:
        for cell in count.lacking:
            where = (cell.article.id, cell.article.title, breadcrumb(cell.section), cell.headings)
            yield name_of(count), *where, cell.passage, _link(cell.passage, site)


def _link(passage: str, site: str) -> str:
    return site + permalink(passage) if passage else ""


def _forms(audit: Audit) -> Rows:
    for count in audit.terms:
        for form, number in count.forms.items():
            yield count.term.query, form, number


def _lines(found: Evidence, site: str) -> Rows:
    for term in found.terms:
        for line in term.lines:
            where = (line.article.id, line.article.title, breadcrumb(line.section), line.passage)
            words = (line.left.strip(), line.match, line.right.strip())
            yield term.count.term.query, *words, *where, line.start, _link(line.passage, site)


def _method(found: Evidence, left_out: int) -> Rows:
    audit, origin = found.audit, found.provenance
    yield "Counted in", scope_in_words(audit)
    yield "Only these articles", ", ".join(found.articles) if found.articles else "all"
    yield "Matching", audit.match
    yield "Concordance lines here", sum(len(term.lines) for term in found.terms)
    yield "of occurrences", sum(term.count.total for term in found.terms)
    yield "Made", origin.made.isoformat()
    yield "SHA-256 of the texts", origin.corpus
    yield "SHA-256 of the term list", origin.terms
    yield "Pilcrow", origin.pilcrow
    yield "Version of its tokeniser", origin.analysis
    if left_out:
        yield "Rows left out: a sheet is full", left_out
    for note in (*audit.notes, *(note for term in audit.terms for note in term.notes)):
        yield "Note", note
    for paragraph in METHOD:
        yield "Method", paragraph


def _text(text: str) -> str:
    """The text of a cell: made safe, and cut to the limit of a cell."""
    shown = _UNFIT.sub("\ufffd", visible(text))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
