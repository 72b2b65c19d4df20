"""`pilcrow duplicates` and `pilcrow readability`: what stands twice, and how hard it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import click

from indexer import load_settings, open_index
from indexer.audits.duplicates import UNITS, Likeness
from indexer.audits.scope import Unit
from indexer.audits.statistics import CUTOFF
from indexer.cli import options
from indexer.cli.printing import width, write, write_lines
from indexer.reporting.json import to_json

Form = Literal["text", "json", "csv"]
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
            help="Leave out what has fewer words.",
        ),
        click.option(
            "--width",
            "shingle",
            type=click.IntRange(min=1),
            default=_USUAL.width,
            show_default=True,
            metavar="N",
            help="Words of the runs that are compared.",
        ),
        click.option(
            "--threshold",
            type=click.FloatRange(0.0, 1.0, min_open=True),
            default=_USUAL.threshold,
            show_default=f"{_USUAL.threshold:.2f}",
            metavar="SHARE",
            help="Share of these runs that copies have in common.",
        ),
    )
    for option in found:
        command = option(command)
    return command


@click.command()
@click.option("--unit", type=click.Choice(get_args(Unit)), help="Compare only these.")
@likeness_options
@articles_option
@options.page_options(None)
@options.format_option(*get_args(Form))
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
    form: Form,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show passages and sentences that stand more than once, or nearly so.

    Copies that differ in a negation, a number, a unit or a qualifier come first.

    \b
    Examples:
      pilcrow duplicates
      pilcrow duplicates --unit sentence --threshold 0.8
    """
    from indexer.reporting.copies import duplicates_csv, duplicates_lines, duplicates_shape

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
        write(to_json(duplicates_shape(found)) + "\n", output)
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
    help="Modified z-score of a length from which it is odd.",
)
@articles_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Show at most N sentences and N passages of odd length.",
)
@options.format_option(*get_args(Form))
@options.output_option
@options.index_option
def readability(
    cutoff: float,
    articles: tuple[str, ...],
    limit: int,
    form: Form,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show how long and how hard to read articles and their sections are.

    Formulas count letters, syllables and sentences; they don't understand.

    \b
    Examples:
      pilcrow readability
      pilcrow readability --format csv --output readability.csv
    """
    from indexer.reporting.legibility import (
        readability_csv,
        readability_lines,
        readability_shape,
    )

    settings = load_settings(index=index_dir)
    with open_index(settings.index, settings=settings) as index:
        found = index.readability(articles=articles or None, cutoff=cutoff, most=limit)
    if form == "json":
        write(to_json(readability_shape(found)) + "\n", output)
    elif form == "csv":
        write(readability_csv(found), output)
    else:
        write_lines(readability_lines(found, None if output else width()), output)
