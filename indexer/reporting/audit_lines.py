"""An audit as text for people: a table of all terms, then each term by itself.

In: an `Evidence` and the width of the terminal in cells (None: not a terminal; lines are not
wrapped). Out: lines as `rich` texts. Refuses nothing; what is not shown is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from indexer.audits.counts import Audit, Cell, Cells, Count, GroupCount, TermCount
from indexer.audits.dispersion import Barcode
from indexer.reporting.audit_wording import (
    APART,
    are_of_one_article,
    forms_of,
    ground_of,
    lacking_names,
    lacking_of,
    place_of,
    rate_of,
    reach_of,
    spread_of,
)
from indexer.reporting.barcodes import barcode_text, place_name
from indexer.reporting.evidence import Evidence, TermEvidence
from indexer.reporting.plain import one_line
from indexer.reporting.tables import Column, table_lines
from indexer.reporting.text import wrapped
from indexer.reporting.wording import count_of

_PLACES = 12  # with the term, or without it, that are named for each term
_FORMS = 12
_BAR, _LONG_BAR = 40, 60  # cells of a barcode, at most: one of many, the only one
_LEAST_BAR = 16  # cells below which there is no room for one
_LABEL = 9  # cells of the words before a fact
_NAME = 24  # cells of a place's name that a barcode leaves room for
_ROOMY = 100  # cells that the table of all terms fills with its last column
_WIDE = 120  # cells, where there is no terminal to fit


def audit_lines(found: Evidence, width: int | None) -> Iterator[Text]:
    """The ground, the terms side by side, each term found, and the terms that are nowhere."""
    audit = found.audit
    yield from wrapped(Text(f"{ground_of(audit)} ({APART})", "dim"), width, 0)
    for note in audit.notes:
        yield from wrapped(Text(one_line(note)), width, 0)
    if len(audit.terms) + len(audit.groups) > 1:
        yield Text()
        room = width is None or width >= _ROOMY
        columns = (*_COLUMNS, _HEADINGS) if room else _COLUMNS
        yield from table_lines(columns, (*audit.terms, *audit.groups), width)
    for term in found.terms:
        if _is_found(term.count):
            yield Text()
            yield from _term(term, audit, width)
    missing = [name_of(count) for count in audit.terms if not _is_found(count)]
    if missing:
        yield Text()
        line = Text(f"nowhere ({len(missing):,} of {count_of(len(audit.terms), 'term')}): ", "bold")
        yield from wrapped(line.append(" · ".join(missing), "not bold"), width, 2)


def _is_found(count: Count) -> bool:
    """Whether a passage, a heading or a title has it."""
    return bool(count.total or count.passages or count.headings)


def name_of(count: Count) -> str:
    """A term, with the group that it belongs to, or a group."""
    if isinstance(count, GroupCount):
        return f"all of {one_line(count.name)}"
    assert isinstance(count, TermCount)
    group = " ".join(part for part in (count.term.group, count.term.role) if part)
    return one_line(count.term.query) + (f" ({one_line(group)})" if group else "")


_COLUMNS: tuple[Column[Count], ...] = (
    Column("term", "term", name_of),
    Column("count", "occurrences", lambda count: count.total),
    Column("per_1000", "per 1,000 words", lambda count: count.per_1000, 2),
    Column("passages", "passages", lambda count: count.passages),
    Column("sections", "sections", lambda count: count.sections),
    Column("articles", "articles", lambda count: count.articles),
)
_HEADINGS: Column[Count] = Column("headings", "in headings", lambda count: count.headings)


def _term(term: TermEvidence, audit: Audit, width: int | None) -> Iterator[Text]:
    count = term.count
    yield from wrapped(Text(name_of(count), "bold"), width, 0)
    yield from _fact("", f"{count_of(count.total, 'occurrence')}, {rate_of(count)}", width)
    more = f", and {count.headings:,} in headings and titles" if count.headings else ""
    yield from _fact("", reach_of(count, audit) + more, width)
    for note in count.notes:
        yield from _fact("note", note, width)
    yield from _fact("forms", forms_of(count, _FORMS), width)
    yield from _fact("spread", spread_of(count.dispersion), width)
    yield from _bars(term.barcodes, width)
    yield from _places(count, audit, width)


def _fact(label: str, said: str, width: int | None) -> Iterator[Text]:
    if said:
        for line in wrapped(Text(one_line(said)), width, _LABEL + 2, f"  {label}"):
            line.stylize("dim", 0, _LABEL + 1)
            yield line


def _bars(barcodes: Sequence[Barcode], width: int | None) -> Iterator[Text]:
    """Where the term stands in the articles that have most of it."""
    having = [barcode for barcode in barcodes if barcode.strokes]
    order = sorted(range(len(having)), key=lambda at: -len(having[at].strokes))
    shown = [having[at] for at in sorted(order[:_PLACES])]
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
            name = Text(f"  {place_name(one)}")
            if width:
                name.truncate(width - cell_len(line.plain), overflow="ellipsis")
            line.append(name.plain, "not dim")
        yield line
    yield from _rest(len(having) - len(shown), "article")


def _places(count: TermCount, audit: Audit, width: int | None) -> Iterator[Text]:
    """The sections that have most of it, where it is asked for sections; the places with it in
    headings; the places without."""
    alone = audit.by == "section" and are_of_one_article(audit.places)
    by = count.by
    if audit.by == "section":
        most, more = _most(by, by.counts)
        names = [
            f"{cell.count:,} in {count_of(cell.words, 'word')}: {place_of(cell, alone)}"
            for cell in most
        ]
        yield from _listed("most", names, width)
        yield from _rest(more, audit.by)
    most, more = _most(by, by.headings)
    names = [f"{cell.headings:,} in {place_of(cell, alone)}" for cell in most]
    yield from _listed("headings", names, width)
    yield from _rest(more, audit.by)
    if lacking := len(count.lacking):
        names = lacking_names(count, _PLACES, alone)
        yield from _listed("lacking", [f"{lacking_of(count, audit.by)}:", *names], width)
        yield from _rest(lacking - len(names), audit.by)


def _most(by: Cells, numbers: Sequence[int]) -> tuple[list[Cell], int]:
    """The places of the highest of these numbers, and how many more are not nought."""
    having = sorted(
        (at for at, number in enumerate(numbers) if number), key=lambda at: -numbers[at]
    )
    return [by[at] for at in having[:_PLACES]], len(having[_PLACES:])


def _listed(label: str, names: Sequence[str], width: int | None) -> Iterator[Text]:
    for name in names:
        yield from _fact(label, name, width)
        label = ""


def _rest(number: int, noun: str) -> Iterator[Text]:
    if number > 0:
        more = f"and {count_of(number, f'more {noun}')}; --format csv lists all"
        yield Text(" " * (_LABEL + 2) + more, "dim")
