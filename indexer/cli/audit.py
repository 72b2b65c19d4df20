"""`pilcrow audit`, `duplicates` and `readability`: measures of terms, of copies, of how texts read.

Counts of terms, reports of them, and what changed since an audit that was saved; passages and
sentences that stand more than once; length and readability of articles and sections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import click

from indexer import Index, UsageError, load_settings, open_index
from indexer.audits.duplicates import UNITS, Likeness
from indexer.audits.saved import SavedAudit, read_saved, saved_shape
from indexer.audits.scope import By, Unit
from indexer.audits.statistics import CUTOFF
from indexer.audits.terms import Term, TermList, given_terms, read_terms
from indexer.cli import options
from indexer.cli.output import note, width, write, write_lines
from indexer.model import Match
from indexer.reporting.evidence import Evidence, EvidenceRequest, compared, evidence, saved
from indexer.reporting.files import COMPANY, LINES
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
    help="List of terms: text (one query per line), CSV (term, group, role) or YAML families.",
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
    help="Count in each article or in each section.  [default: article]",
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
    help=f"Concordance lines per term in a report.  [default: html {LINES}, xlsx all]",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Save this audit to FILE, to compare a later one with it.",
)
@click.option(
    "--compare",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Show what changed since the audit in FILE; without TERMs, those of FILE are counted.",
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
    """Count each TERM: how often, in which forms, where, and where it is missing.

    A TERM is a query, written as for `search`; a phrase needs quotes of its own. Rates are per
    1,000 words of text; headings and titles are counted separately. html is a report on a single
    page, xlsx a workbook.

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
        from indexer.reporting.audit_schema import AuditShape

        write(to_json(AuditShape.of(found.audit, found.provenance)) + "\n", target.output)
        return
    if target.form == "text":
        from indexer.reporting.audit import audit_lines
        from indexer.reporting.wording import hint_of

        write_lines(audit_lines(found, None if target.output else width()), target.output)
        for term in found.audit.terms:
            if hint := hint_of(term.term):
                note(hint)
        return
    _note(note for term in found.audit.terms for note in term.notes)
    if target.form == "csv":
        from indexer.reporting.audit import audit_csv

        write(audit_csv(found.audit), target.output)
    elif target.form == "xlsx":
        from indexer.reporting.xlsx import audit_xlsx

        assert target.output is not None
        target.output.write_bytes(audit_xlsx(found))
    else:
        from indexer.reporting.html import audit_page

        write(audit_page(found, most), target.output)


def _show_comparison(index: Index, before: SavedAudit, now: SavedAudit, target: Target) -> None:
    from indexer.reporting.comparison import comparison_lines

    found = compared(index, before, now)
    if target.form == "json":
        from indexer.reporting.audit_schema import ComparisonShape

        write(to_json(ComparisonShape.from_result(found)) + "\n", target.output)
        return
    if target.form == "html":
        from indexer.reporting.html import comparison_page

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


Listing = Literal["text", "json", "csv"]
_USUAL = Likeness()


def articles_option(command: options.Command) -> options.Command:
    """--article."""
    return click.option(
        "--article",
        "articles",
        multiple=True,
        metavar="ID",
        help="Only this article; may be repeated.",
    )(command)


def likeness_options(command: options.Command) -> options.Command:
    """--threshold, --size and --least: what counts as near."""
    found: tuple[Callable[[options.Command], options.Command], ...] = (
        click.option(
            "--least",
            type=click.IntRange(min=1),
            default=_USUAL.least,
            show_default=True,
            metavar="N",
            help="Compare only what has N words or more.",
        ),
        click.option(
            "--width",
            "shingle",
            type=click.IntRange(min=1),
            default=_USUAL.width,
            show_default=True,
            metavar="N",
            help="Words per shingle (the word sequences that are compared).",
        ),
        click.option(
            "--threshold",
            type=click.FloatRange(0.0, 1.0, min_open=True),
            default=_USUAL.threshold,
            show_default=f"{_USUAL.threshold:.2f}",
            metavar="SHARE",
            help="Least share of shingles that copies have in common (Jaccard).",
        ),
    )
    for option in found:
        command = option(command)
    return command


@click.command()
@click.option(
    "--unit", type=click.Choice(get_args(Unit)), help="Compare only passages, or only sentences."
)
@likeness_options
@articles_option
@options.page_options(None)
@options.format_option(*get_args(Listing))
@options.output_option
@options.index_option
def duplicates(
    unit: Unit | None,
    threshold: float,
    shingle: int,
    least: int,
    articles: tuple[str, ...],
    limit: int | None,
    offset: int,
    form: Listing,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show duplicate and near-duplicate passages and sentences.

    Groups whose copies differ in a negation, a number, a unit or a qualifier come first.

    \b
    Examples:
      pilcrow duplicates
      pilcrow duplicates --unit sentence --threshold 0.8
    """
    from indexer.reporting.duplicates import duplicates_csv, duplicates_lines

    settings = load_settings(index=index_dir)
    with open_index(settings.index, settings=settings) as index:
        found = index.duplicates(
            likeness=Likeness(threshold=threshold, width=shingle, least=least),
            units=(unit,) if unit else UNITS,
            articles=articles or None,
            limit=limit,
            offset=offset,
        )
    if form == "json":
        from indexer.reporting.audit_schema import DuplicatesShape

        write(to_json(DuplicatesShape.from_result(found)) + "\n", output)
    elif form == "csv":
        write(duplicates_csv(found), output)
    else:
        write_lines(duplicates_lines(found, None if output else width()), output)


@click.command()
@click.option(
    "--cutoff",
    type=click.FloatRange(0.0, min_open=True),
    default=CUTOFF,
    show_default=True,
    metavar="Z",
    help="Modified z-score from which a length is an outlier.",
)
@articles_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Show at most N sentences and N passages of unusual length.",
)
@options.format_option(*get_args(Listing))
@options.output_option
@options.index_option
def readability(
    cutoff: float,
    articles: tuple[str, ...],
    limit: int,
    form: Listing,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show the length and readability of articles and their sections.

    Readability formulas count letters, syllables and sentences; they don't know what is said.

    \b
    Examples:
      pilcrow readability
      pilcrow readability --format csv --output readability.csv
    """
    from indexer.reporting.readability import ordered, readability_csv, readability_lines

    settings = load_settings(index=index_dir)
    with open_index(settings.index, settings=settings) as index:
        found = index.readability(articles=articles or None, cutoff=cutoff, most=limit)
    if form == "json":
        from indexer.reporting.audit_schema import ReadabilityShape

        readings = list(ordered(found))
        write(to_json(ReadabilityShape.of(found, readings, 0, len(readings))) + "\n", output)
    elif form == "csv":
        write(readability_csv(found), output)
    else:
        write_lines(readability_lines(found, None if output else width()), output)
