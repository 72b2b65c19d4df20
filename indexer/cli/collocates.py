"""`pilcrow collocates`, `clusters` and `keywords`: words near a query, runs of words, key words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click

from indexer import load_settings, open_index
from indexer.audits.collocates import MEASURES, Measure
from indexer.audits.ngrams import LONGEST, SHORTEST, SIDES, Side
from indexer.cli import options
from indexer.cli.output import note, width, write, write_lines
from indexer.model import Match
from indexer.reporting.collocates import Found, View, collocates_view, keywords_view, runs_view
from indexer.reporting.json import to_json


def least_option(default: int) -> Callable[[options.Command], options.Command]:
    """--least."""
    return click.option(
        "--least",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        metavar="N",
        help="Least frequency of what is listed.",
    )


def side_option(side: str) -> Callable[[options.Command], options.Command]:
    """--left or --right."""
    return click.option(
        f"--{side}",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        metavar="N",
        help=f"Width of the window on the {side} of QUERY, in words.",
    )


@click.command(cls=options.QueryCommand, context_settings=options.NO_SHORT_HELP)
@options.query_argument
@options.match_option
@side_option("left")
@side_option("right")
@least_option(3)
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    default="log_dice",
    show_default=True,
    help="Association measure to sort by.",
)
@options.page_options(50)
@options.format_option("text", "json", "csv")
@options.output_option
@options.synonym_options
@options.index_option
def collocates(
    query: str,
    match: Match,
    left: int,
    right: int,
    least: int,
    measure: Measure,
    limit: int | None,
    offset: int,
    form: str,
    output: Path | None,
    synonyms: Path | None,
    synonyms_in_phrases: bool | None,
    index_dir: Path | None,
) -> None:
    """Show the words that occur with QUERY more often than by chance.

    Words are counted within a window around QUERY that ends with the sentence.

    \b
    Examples:
      pilcrow collocates pain
      pilcrow collocates elavil --right 3 --left 0 --measure g2
    """
    settings = load_settings(
        index=index_dir, synonyms=synonyms, synonyms_in_phrases=synonyms_in_phrases
    )
    with open_index(settings.index, settings=settings) as index:
        found = index.collocates(
            query,
            match=match,
            left=left,
            right=right,
            least=least,
            measure=measure,
            limit=limit,
            offset=offset,
        )
    _show(collocates_view, found, form, output)


@click.command(cls=options.QueryCommand, context_settings=options.NO_SHORT_HELP)
@click.argument("query", nargs=-1)
@options.match_option
@click.option(
    "--size",
    type=click.IntRange(SHORTEST, LONGEST),
    default=3,
    show_default=True,
    metavar="N",
    help="Words per sequence.",
)
@click.option(
    "--at",
    "node",
    type=click.Choice(get_args(Side)),
    default=SIDES[0],
    show_default=True,
    help="Position of QUERY in the sequence.",
)
@least_option(2)
@options.page_options(50)
@options.format_option("text", "json", "csv")
@options.output_option
@options.index_option
def clusters(
    query: tuple[str, ...],
    match: Match,
    size: int,
    node: Side,
    least: int,
    limit: int | None,
    offset: int,
    form: str,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show recurring word sequences around QUERY, or anywhere (n-grams).

    \b
    Examples:
      pilcrow clusters pain
      pilcrow clusters elavil --size 4 --at first
      pilcrow clusters --size 5
    """
    settings = load_settings(index=index_dir)
    words = " ".join(query)
    with open_index(settings.index, settings=settings) as index:
        found = (
            index.clusters(
                words, match=match, size=size, least=least, node=node, limit=limit, offset=offset
            )
            if query
            else index.ngrams(size=size, least=least, limit=limit, offset=offset)
        )
    _show(runs_view, found, form, output)


@click.command()
@click.option(
    "--article",
    "articles",
    multiple=True,
    metavar="ID",
    help="Compare this article with all others; may be repeated.",
)
@click.option(
    "--against",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Compare with the index in DIR.",
)
@least_option(3)
@click.option("--positive", is_flag=True, help="Only words that are more frequent here than there.")
@options.page_options(50)
@options.format_option("text", "json", "csv")
@options.output_option
@options.index_option
def keywords(
    articles: tuple[str, ...],
    against: Path | None,
    least: int,
    positive: bool,
    limit: int | None,
    offset: int,
    form: str,
    output: Path | None,
    index_dir: Path | None,
) -> None:
    """Show the words that are unusually frequent, or rare, in some articles.

    \b
    Examples:
      pilcrow keywords --article elavil-for-chronic-pain
      pilcrow keywords --against last-year/.pilcrow
    """
    if not articles and against is None:
        raise click.UsageError("name articles with --article, or another index with --against")
    settings = load_settings(index=index_dir)
    with open_index(settings.index, settings=settings) as index:
        other = open_index(against, settings=settings) if against else None
        try:
            found = index.keywords(
                articles or None,
                against=other,
                least=least,
                positive=positive,
                limit=limit,
                offset=offset,
            )
        finally:
            if other is not None:
                other.close()
    _show(keywords_view, found, form, output)


def _show(view: View[Found], found: Found, form: str, output: Path | None) -> None:
    """Writes a listing in the format asked for; its notes go to standard error."""
    if form == "json":
        from indexer.reporting import audit_schema
        from indexer.reporting.schema import Shape

        shape: type[Shape] = getattr(audit_schema, view.shape)
        write(to_json(shape.from_result(found)) + "\n", output)
        return
    for message in getattr(found, "notes", ()):
        note(message)
    if form == "csv":
        write(view.csv(found), output)
    else:
        write_lines(view.lines(found, None if output else width()), output)
