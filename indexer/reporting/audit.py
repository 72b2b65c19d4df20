"""An audit as text for people, and as CSV.

In: an `Evidence`, or an `Audit`. Out: a table of all terms, then the details of each term, as
`rich` texts, with the number of items not shown. CSV has one row with the totals of each term, then
a row for each article or section: rates are numbers, zeros are kept, and `scope` is `all`,
`article` or `section`. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from indexer.audits.counts import Audit, Cell, Cells, Count, TermCount
from indexer.audits.dispersion import Barcode
from indexer.links.permalinks import permalink
from indexer.reporting import wording
from indexer.reporting.charts import barcode_text, densest
from indexer.reporting.csv import Column, Field, Table
from indexer.reporting.evidence import Evidence, TermEvidence
from indexer.reporting.results import wrapped
from indexer.reporting.text_tables import table_lines
from indexer.reporting.wording import breadcrumb, count_of, name_of, one_line

_PLACES = 12  # places named for each term: with it, with it in headings, without it
_FORMS = 12
_BAR, _LONG_BAR = 40, 60  # most cells of a barcode: one of several, the only one
_LEAST_BAR = 16  # cells; a narrower barcode is left out
_LABEL = 9  # cells of the label before a fact
_NAME = 24  # cells kept free for a place's name beside its barcode
_WIDE = 120  # cells of a line when there is no terminal


def audit_lines(found: Evidence, width: int | None) -> Iterator[Text]:
    """The scope, a table of all terms, details of each term found, and the terms not found."""
    audit = found.audit
    yield from wrapped(Text(f"{wording.scope_in_words(audit)} ({wording.APART})", "dim"), width, 0)
    for note in audit.notes:
        yield from wrapped(Text(one_line(note)), width, 0)
    if len(audit.terms) + len(audit.groups) > 1:
        yield Text()
        yield from table_lines(_COLUMNS, audit.counts, width)
    shared = wording.shared_titles(audit.places)
    for term in found.terms:
        if _is_found(term.count):
            yield Text()
            yield from _term(term, audit, shared, width)
    missing = [name_of(count) for count in audit.terms if not _is_found(count)]
    if missing:
        yield Text()
        share = f"{len(missing):,} of {count_of(len(audit.terms), 'term')}"
        line = Text(f"not found ({share}): ", "bold")
        yield from wrapped(line.append(" · ".join(missing), "not bold"), width, 2)


def _is_found(count: Count) -> bool:
    """Whether the term occurs in a passage, a heading or a title."""
    return bool(count.total or count.passages or count.headings)


_COLUMNS: tuple[Column[Count], ...] = (
    Column("term", "term", name_of),
    Column("count", "occurrences", lambda count: count.total),
    Column("per_1000", "per 1,000 words", lambda count: count.per_1000, 2),
    Column("passages", "passages", lambda count: count.passages),
    Column("sections", "sections", lambda count: count.sections),
    Column("articles", "articles", lambda count: count.articles),
    Column("headings", "in headings", lambda count: count.headings),
)


def _term(
    term: TermEvidence, audit: Audit, shared: frozenset[str], width: int | None
) -> Iterator[Text]:
    count = term.count
    yield from wrapped(Text(name_of(count), "bold"), width, 0)
    yield from _fact("", f"{count_of(count.total, 'occurrence')}, {wording.rate_of(count)}", width)
    more = f", plus {count.headings:,} in headings and titles" if count.headings else ""
    yield from _fact("", wording.reach_of(count, audit) + more, width)
    if len(audit.terms) > 1:
        only = f"{count_of(count.unique, 'passage')} with none of the other terms"
        yield from _fact("unique", only, width)
    for note in count.notes:
        yield from _fact("note", note, width)
    yield from _fact("forms", wording.forms_of(count, _FORMS), width)
    yield from _fact("spread", wording.dispersion_of(count.dispersion), width)
    yield from _bars(term.barcodes, shared, width)
    yield from _places(count, audit, shared, width)


def _fact(label: str, text: str, width: int | None) -> Iterator[Text]:
    if text:
        for line in wrapped(Text(one_line(text)), width, _LABEL + 2, f"  {label}"):
            line.stylize("dim", 0, _LABEL + 1)
            yield line


def _bars(barcodes: Sequence[Barcode], shared: frozenset[str], width: int | None) -> Iterator[Text]:
    """Barcodes of the articles with the most occurrences."""
    shown, more = densest(barcodes, _PLACES)
    alone = len(barcodes) == 1
    digits = max((len(f"{len(one.strokes):,}") for one in shown), default=0)
    room = (width or _WIDE) - _LABEL - 2 - digits - 2
    bar = min(_LONG_BAR, room) if alone else min(_BAR, room - _NAME - 2)
    if bar < _LEAST_BAR:
        return
    for number, one in enumerate(shown):
        line = Text(f"  {'' if number else 'where':{_LABEL}}")
        line.stylize("dim")
        line.append(barcode_text(one, bar), "not dim")
        line.append(f"  {len(one.strokes):>{digits},}", "not dim")
        if not alone:
            name = Text(f"  {wording.place_of(one.place, shared=shared)}")
            if width:
                name.truncate(width - cell_len(line.plain), overflow="ellipsis")
            line.append(name.plain, "not dim")
        yield line
    yield from _rest(more, "article")


def _places(
    count: TermCount, audit: Audit, shared: frozenset[str], width: int | None
) -> Iterator[Text]:
    """When counting by section, the sections with the most occurrences; then the places with the
    term in headings, and those that lack it."""
    alone = audit.by == "section" and wording.are_of_one_article(audit.places)
    by = count.by
    if audit.by == "section":
        most, more = _most(by, by.counts)
        names = [
            f"{cell.count:,} in {count_of(cell.words, 'word')}: "
            + wording.place_of(cell, alone, shared)
            for cell in most
        ]
        yield from _listed("most", names, more, audit.by, width)
    most, more = _most(by, by.headings)
    names = [f"{cell.headings:,} in {wording.place_of(cell, alone, shared)}" for cell in most]
    yield from _listed("headings", names, more, audit.by, width)
    if lacking := len(count.lacking):
        names = [
            wording.place_of(cell, alone, shared)
            + (f" ({cell.headings:,} in headings)" if cell.headings else "")
            for cell in wording.first_lacking(count, _PLACES)
        ]
        whole = f"from {wording.lacking_of(count, audit.by)}:"
        more = lacking - len(names)
        yield from _listed("missing", [whole, *names], more, audit.by, width)


def _most(by: Cells, numbers: Sequence[int]) -> tuple[list[Cell], int]:
    """The `_PLACES` cells with the highest numbers, and how many more are not zero."""
    having = sorted(
        (at for at, number in enumerate(numbers) if number), key=lambda at: -numbers[at]
    )
    return [by[at] for at in having[:_PLACES]], len(having[_PLACES:])


def _listed(
    label: str, names: Sequence[str], more: int, noun: str, width: int | None
) -> Iterator[Text]:
    for name in names:
        yield from _fact(label, name, width)
        label = ""
    yield from _rest(more, noun)


def _rest(number: int, noun: str) -> Iterator[Text]:
    if number > 0:
        more = f"and {count_of(number, f'more {noun}')}; --format csv lists all"
        yield Text(" " * (_LABEL + 2) + more, "dim")


HEAD = (
    *("term", "group", "role", "scope", "article", "title", "section", "count", "words"),
    *("per_1000", "low", "high", "passages", "sections", "articles", "headings", "forms"),
    *("passage", "link", "unique"),
)


def audit_table(audit: Audit, site: str = "") -> Table:
    """Rows of all terms, then of all groups, whose `term` is empty. `passage` of an article or
    section is its first with the term or, without any, its first."""
    return HEAD, (row for count in audit.counts for row in _rows(count, audit, site))


def _rows(count: Count, audit: Audit, site: str) -> Iterator[tuple[Field, ...]]:
    rate = count.rate
    yield (
        *(*count.identity, "all", "", "", "", count.total, count.words),
        *map(_rounded, (count.per_1000, rate.low, rate.high)),
        *(count.passages, count.sections, count.articles, count.headings, _forms(count)),
        *("", "", count.unique if isinstance(count, TermCount) else ""),
    )
    for cell in count.by:
        yield (
            *(*count.identity, audit.by, cell.article.id, cell.article.title),
            *(breadcrumb(cell.section), cell.count, cell.words, _rounded(cell.per_1000)),
            *("", "", cell.passages, "", "", cell.headings, ""),
            *(cell.passage, site + permalink(cell.passage) if cell.passage else "", ""),
        )


def _forms(count: Count) -> str:
    forms = count.forms if isinstance(count, TermCount) else {}
    return "; ".join(f"{form}: {number}" for form, number in forms.items())


def _rounded(value: float | None) -> Field:
    return "" if value is None else round(value, 4)
