"""`pilcrow concordance`: every occurrence of a query in its context."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import click

from indexer import load_settings, open_index
from indexer.cli import options
from indexer.cli.output import note, width, write, write_lines
from indexer.model import Match
from indexer.reporting.annotations import concordance_annotations
from indexer.reporting.concordance import concordance_lines
from indexer.reporting.csv import concordance_csv
from indexer.reporting.html import concordance_page
from indexer.reporting.json import to_json
from indexer.reporting.wording import page_of


@click.command(cls=options.QueryCommand, context_settings=options.NO_SHORT_HELP)
@options.query_argument
@options.match_option
@click.option(
    "--window",
    type=click.IntRange(min=0),
    default=8,
    show_default=True,
    metavar="N",
    help="Words or characters of context on each side.",
)
@click.option(
    "--unit",
    type=click.Choice(("words", "characters", "sentence", "passage")),
    default="words",
    show_default=True,
    help="Context: N words or characters, or the whole sentence or passage.",
)
@click.option(
    "--sort",
    default="",
    callback=options.sort_keys,
    metavar="KEYS",
    help=f"Sort by {', '.join(options.SORT_KEYS)}: up to three, separated by commas.",
)
@options.page_options(None)
@options.format_option("text", "json", "csv", "html", "jsonld")
@options.site_option
@options.output_option
@options.synonym_options
@options.index_option
def concordance(
    query: str,
    match: Match,
    window: int,
    unit: Literal["words", "characters", "sentence", "passage"],
    sort: tuple[str, ...],
    limit: int | None,
    offset: int,
    form: str,
    site: str,
    output: Path | None,
    synonyms: Path | None,
    synonyms_in_phrases: bool | None,
    index_dir: Path | None,
) -> None:
    """Show every occurrence of QUERY in its context.

    Matches are aligned (key word in context). Occurrences in headings and titles are counted
    separately. QUERY is written as for `search`. In jsonld, each occurrence is a W3C Web
    Annotation.

    \b
    Examples:
      pilcrow concordance pain --sort right1,right2
      pilcrow concordance '"side effects"' --unit sentence
      pilcrow concordance pain --format html --output pain.html
    """
    settings = load_settings(
        index=index_dir, synonyms=synonyms, synonyms_in_phrases=synonyms_in_phrases
    )
    with open_index(settings.index, settings=settings) as index:
        found = index.concordance(
            query, match=match, window=window, unit=unit, sort=sort, limit=limit, offset=offset
        )
        if form == "jsonld":
            article = lru_cache(maxsize=16)(index.article)
            made = concordance_annotations(found, index.passage, article, site)
            write(to_json(made) + "\n", output)
    if form == "json":
        from indexer.reporting.audit_schema import ConcordanceShape

        write(to_json(ConcordanceShape.from_result(found)) + "\n", output)
        return
    for message in found.notes:
        note(message)
    if form == "jsonld":
        note(page_of(len(found.lines), found.page.offset, found.total, "occurrence"))
    elif form == "text":
        write_lines(concordance_lines(found, None if output else width()), output)
    else:
        write(concordance_csv(found) if form == "csv" else concordance_page(found), output)
