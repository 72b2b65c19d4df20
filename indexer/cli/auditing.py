"""`pilcrow audit`: counts of terms, reports of them, and what changed since one that was saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import click

from indexer import Index, UsageError, load_settings, open_index
from indexer.audits.saved import SavedAudit, read_saved, saved_shape
from indexer.audits.scope import By
from indexer.audits.terms import Term, TermList, given_terms, read_terms
from indexer.cli import options
from indexer.cli.printing import note, width, write, write_lines
from indexer.model import Match
from indexer.reporting.audit_files import COMPANY, LINES
from indexer.reporting.evidence import Evidence, EvidenceRequest, compared, evidence, saved
from indexer.reporting.json import to_json

Form = Literal["text", "json", "csv", "xlsx", "html"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the answer goes."""

    form: Form
    output: Path | None
    save: Path | None
    compare: Path | None
    lines: int | None


@click.command(cls=options.QueryCommand, context_settings=options.NO_SHORT_HELP)
@click.argument("terms", nargs=-1, metavar="[TERM...]")
@click.option(
    "--terms",
    "terms_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A list of terms: text (a query a line), CSV (term, group, role) or YAML families.",
)
@click.option(
    "--group",
    "--family",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Only this group or family of the list; may be repeated.",
)
@click.option(
    "--by",
    type=click.Choice(get_args(By)),
    help="What to count in, each by itself.  [default: article]",
)
@click.option(
    "--match",
    type=click.Choice(get_args(Match)),
    help="All forms of a word, the word as written, or its case too.  [default: stem]",
)
@click.option(
    "--article",
    "articles",
    multiple=True,
    metavar="ID",
    help="Only this article; may be repeated.",
)
@click.option(
    "--lines",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Concordance lines of each term in a report.  [default: html {LINES}, xlsx all]",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Keep this audit in FILE, to be compared with a later one.",
)
@click.option(
    "--compare",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Show what changed since the audit in FILE; without terms, count its terms again.",
)
@options.format_option(*get_args(Form))
@options.output_option
@options.synonym_options
@options.index_option
def audit(
    terms: tuple[str, ...],
    terms_file: Path | None,
    groups: tuple[str, ...],
    by: By | None,
    match: Match | None,
    articles: tuple[str, ...],
    lines: int | None,
    save: Path | None,
    compare: Path | None,
    form: Form,
    output: Path | None,
    synonyms: Path | None,
    synonyms_in_phrases: bool | None,
    index_dir: Path | None,
) -> None:
    """Count each TERM: how often, in what forms, where, and where not.

    A TERM is a query, written as for `search`, and a phrase needs quotes of its own. Rates are per
    1,000 words of text; headings and titles are counted apart. As html it is one page to hand on,
    as xlsx a workbook.

    \b
    Examples:
      pilcrow audit elavil amitriptyline
      pilcrow audit '"side effects"' --by section
      pilcrow audit --terms claims.csv --format html --output claims.html
      pilcrow audit not may warning --save audit.json
      pilcrow audit --compare audit.json
    """
    target = Target(form, output, save, compare, lines)
    _check(target)
    before = read_saved(_read(compare), str(compare)) if compare else None
    listed = _terms(terms, terms_file, groups, before)
    request = EvidenceRequest(
        by=by or (before.by if before else "article"),
        match=match or (before.match if before else "stem"),
        articles=articles or (before.only if before else None),
    )
    settings = load_settings(
        index=index_dir, synonyms=synonyms, synonyms_in_phrases=synonyms_in_phrases
    )
    with open_index(settings.index, settings=settings) as index:
        _answer(index, listed, request, target, before)


def _answer(
    index: Index,
    listed: TermList,
    request: EvidenceRequest,
    target: Target,
    before: SavedAudit | None,
) -> None:
    """Counts, keeps and shows."""
    keeps = target.save is not None or before is not None
    full = target.form in ("html", "xlsx") and before is None
    most = target.lines if target.lines is not None else LINES if target.form == "html" else None
    wanted = most if full else 0
    gathered = replace(
        request, lines=None if keeps else wanted, company=COMPANY if target.form == "html" else 0
    )
    found = evidence(index, listed, gathered)
    kept = saved(found) if keeps else None
    if before is not None and kept is not None:
        _show_comparison(index, before, kept, target)
    else:
        _show(found, target, wanted)
    if target.save is not None and kept is not None:
        write(to_json(saved_shape(kept)) + "\n", target.save)


def _show(found: Evidence, target: Target, most: int | None) -> None:
    if target.form == "json":
        from indexer.reporting.audit_shapes import audit_shape

        write(to_json(audit_shape(found.audit, found.provenance)) + "\n", target.output)
        return
    if target.form == "text":
        from indexer.reporting.audit_lines import audit_lines
        from indexer.reporting.audit_wording import hint_of

        write_lines(audit_lines(found, None if target.output else width()), target.output)
        for term in found.audit.terms:
            if hint := hint_of(term.term):
                note(hint)
        return
    _note(note for term in found.audit.terms for note in term.notes)
    if target.form == "csv":
        from indexer.reporting.audit_csv import audit_csv

        write(audit_csv(found.audit), target.output)
    elif target.form == "xlsx":
        from indexer.reporting.audit_xlsx import audit_xlsx

        assert target.output is not None
        target.output.write_bytes(audit_xlsx(found))
    else:
        from indexer.reporting.audit_pages import audit_page

        write(audit_page(found, most), target.output)


def _show_comparison(index: Index, before: SavedAudit, now: SavedAudit, target: Target) -> None:
    from indexer.reporting.comparisons import comparison_lines, comparison_shape

    found = compared(index, before, now)
    if target.form == "json":
        write(to_json(comparison_shape(found)) + "\n", target.output)
        return
    if target.form == "html":
        from indexer.reporting.audit_pages import comparison_page

        write(comparison_page(found), target.output)
        return
    write_lines(comparison_lines(found, None if target.output else width()), target.output)


def _note(messages: Iterable[str]) -> None:
    for message in messages:
        note(message)


def _check(target: Target) -> None:
    if target.form == "xlsx" and target.output is None:
        raise UsageError("xlsx is not for a terminal; say where to: --output FILE.xlsx")
    if target.compare is not None and target.form in ("csv", "xlsx"):
        raise UsageError("--compare is shown as text, json or html; choose one with --format")


def _terms(
    given: tuple[str, ...], path: Path | None, groups: tuple[str, ...], before: SavedAudit | None
) -> TermList:
    """The terms of the command line, of the list, or else of the audit that was saved."""
    if before is not None and not given and path is None:
        found = given_terms([Term(t.term, t.group, t.role) for t in before.terms])
    elif path is None:
        found = given_terms(given)
    else:
        found = read_terms(_read(path), str(path))
        if given:
            more = given_terms(given)
            found = TermList((*found.terms, *more.terms), (*found.notes, *more.notes))
    return found.of(groups) if groups else found


def _read(path: Path) -> bytes:
    return path.read_bytes()
