"""`pilcrow audit`, `duplicates` and `readability`.

Counts of terms, reports on them, and what changed since a saved audit; duplicate passages and
sentences; length and readability of articles and sections.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from indexer import Index, UsageError
from indexer.audits.duplicates import UNITS
from indexer.audits.near_duplicates import Likeness
from indexer.audits.saved import SavedAudit, read_saved
from indexer.audits.scope import By, UnitKind
from indexer.audits.terms import AuditTerm, TermList, given_terms, read_terms
from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.model import Match
from indexer.reporting import questions
from indexer.reporting.duplicates import duplicates_lines, duplicates_size, duplicates_table
from indexer.reporting.evidence import Evidence, EvidenceRequest, compared, evidence, saved
from indexer.reporting.export import REPORT_COLLOCATES, REPORT_LINES, evidence_file
from indexer.reporting.readability import ordered, readability_lines, readability_table
from indexer.settings import read_whole


@options.command(options.QueryCommand)
@click.argument("terms", nargs=-1, metavar="[TERM...]")
@options.file(
    "--terms",
    "terms_file",
    help="List of terms: text (one query per line), CSV (term, group, role) or YAML (families).",
)
@click.option(
    "--group",
    "--family",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Only this group or family of the list; may be repeated.",
)
@options.parameters(questions.AuditQuestion, "by", "match", "article", by=None, match=None)
@click.option(
    "--lines",
    type=click.IntRange(0),
    metavar="N",
    help=f"Concordance lines per term in a report.  [default: html {REPORT_LINES}, xlsx all]",
)
@options.file(
    "--save", writable=True, help="Save this audit to FILE, to compare a later one with it."
)
@options.file(
    "--compare",
    help="Show what changed since the audit in FILE; its terms, --by, --match and --article are "
    "the defaults.",
)
@options.answer(*options.TABLE, "html", synonyms=True)
def audit(
    index: Index,
    terms: tuple[str, ...],
    terms_file: Path | None,
    groups: tuple[str, ...],
    by: By | None,
    match: Match | None,
    articles: tuple[str, ...] | None,
    lines: int | None,
    save: Path | None,
    compare: Path | None,
    target: Target,
) -> None:
    """Count each TERM: how often, in which forms, where, and where it is missing.

    A TERM is a query, written as for `search`; a phrase needs quotes of its own. Rates are per
    1,000 words of text; headings and titles are counted separately. html is a report on one page,
    xlsx a workbook.

    \b
    Examples:
      pilcrow audit elavil amitriptyline
      pilcrow audit '"side effects"' --by section
      pilcrow audit --terms claims.csv --output claims.html
      pilcrow audit not may warning --save audit.json
      pilcrow audit --compare audit.json
    """
    form = target.format
    if compare is not None and form in ("csv", "xlsx"):
        raise UsageError(f"--compare can't be written as {form}; use --format text, json or html")
    before = read_saved(read_whole(compare), str(compare)) if compare else None
    shown = lines if lines is not None else REPORT_LINES if form == "html" else None
    request = EvidenceRequest(
        by=by or (before.by if before else "article"),
        match=match or (before.match if before else "stem"),
        articles=articles or (before.only if before else None),
        lines=None if save or before else shown if form in ("html", "xlsx") else 0,
        collocates=REPORT_COLLOCATES if form == "html" else 0,
    )
    found = evidence(index, _terms(terms, terms_file, groups, before), request)
    if before:
        _show_comparison(index, before, saved(found), target)
    elif form == "text":
        _show_text(found, target)
    else:
        if form != "json":
            for message in (message for term in found.audit.terms for message in term.notes):
                note(message)
        target.write_file(evidence_file(found, form, target.site))
    if save:
        replace(target, output=save).write_json(asdict(saved(found)))


def _show_text(found: Evidence, target: Target) -> None:
    from indexer.reporting.audit import audit_lines
    from indexer.reporting.wording import hint_of

    target.write_lines(audit_lines(found, target.width))
    for term in found.audit.terms:
        if hint := hint_of(term.term):
            note(hint)


def _show_comparison(index: Index, before: SavedAudit, now: SavedAudit, target: Target) -> None:
    found = compared(index, before, now)
    if target.format == "json":
        from indexer.reporting.audit_schema import ComparisonShape

        target.write_json(ComparisonShape.from_result(found))
    elif target.format == "html":
        from indexer.reporting.html import comparison_page

        target.write(comparison_page(found))
    else:
        from indexer.reporting.comparison import comparison_lines

        target.write_lines(comparison_lines(found, target.width))


def _terms(
    given: tuple[str, ...], path: Path | None, groups: tuple[str, ...], before: SavedAudit | None
) -> TermList:
    """The terms of the command line and the list or, without any, of the saved audit."""
    if before is not None and not given and path is None:
        found = given_terms([AuditTerm(t.term, t.group, t.role) for t in before.terms])
    elif path is None:
        found = given_terms(given)
    else:
        found = read_terms(read_whole(path), str(path))
        if given:
            more = given_terms(given)
            found = TermList((*found.terms, *more.terms), (*found.notes, *more.notes))
    return found.of(groups) if groups else found


@options.command()
@options.parameters(
    questions.DuplicatesQuestion,
    *("unit", "threshold", "width", "least", "article", "limit", "offset"),
    limit=None,
)
@options.answer()
def duplicates(
    index: Index,
    unit: UnitKind | None,
    threshold: float,
    width: int,
    least: int,
    target: Target,
    **parameters: Any,
) -> None:
    """Show duplicate and near-duplicate passages and sentences.

    Groups whose copies differ in a number, a unit, a sign, a negation, a frequency
    or a qualifier come first.

    \b
    Examples:
      pilcrow duplicates
      pilcrow duplicates --unit sentence --threshold 0.8
    """
    found = index.duplicates(
        likeness=Likeness(threshold=threshold, width=width, least=least),
        units=(unit,) if unit else UNITS,
        **parameters,
    )
    lines = partial(duplicates_lines, site=target.site)
    target.write_answer(found, "DuplicatesShape", lines, duplicates_table, duplicates_size)


@options.command()
@options.parameters(questions.ReadabilityQuestion, "cutoff", "article", "outliers")
@options.answer()
def readability(index: Index, outliers: int, target: Target, **parameters: Any) -> None:
    """Show the length and readability of articles and their sections.

    Readability formulas count letters, syllables and sentences; they can't judge what is said.

    \b
    Examples:
      pilcrow readability
      pilcrow readability --format csv --output readability.csv
    """
    found = index.readability(most=outliers, **parameters)
    if target.format == "json":
        from indexer.reporting.audit_schema import ReadabilityShape
        from indexer.reporting.schema import Addresses

        every = list(ordered(found))
        shape = ReadabilityShape.of(found, every, 0, len(every), Addresses(target.site))
        target.write_json(shape)
    else:
        lines = partial(readability_lines, site=target.site)
        target.write_answer(found, "", lines, readability_table)
