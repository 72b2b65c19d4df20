"""`pilcrow concordance`, `collocates`, `clusters`, `keywords`, `words`, `queries`: occurrences,
lists of words and of queries."""

from __future__ import annotations

from contextlib import nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import click

from indexer import Concordance, Index, open_index
from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.cluster.opening import query_log_of
from indexer.errors import UsageError
from indexer.model import Match
from indexer.query_log import QueryLog
from indexer.reporting import questions
from indexer.reporting.concordance import concordance_lines, concordance_size, concordance_table
from indexer.reporting.listings import (
    CLUSTERS,
    COLLOCATES,
    KEYWORDS,
    QUERIES,
    WORDS,
    Listed,
    Listing,
)
from indexer.settings import load_settings


@options.command(options.QueryCommand)
@options.query
@options.parameters(questions.ConcordanceQuestion, limit=None)
@options.answer(*options.TABLE, "html", "jsonld", synonyms=True)
def concordance(index: Index, query: str, target: Target, **parameters: Any) -> None:
    """Show every occurrence of QUERY in its context.

    Matches are aligned (key word in context). Occurrences in headings and titles are counted
    separately. QUERY is written as for `search`. In jsonld, each occurrence is a W3C Web
    Annotation.

    \b
    Examples:
      pilcrow concordance pain --sort right1,right2
      pilcrow concordance '"side effects"' --unit sentence
      pilcrow concordance pain --output pain.xlsx
    """
    found = index.concordance(query, **parameters)
    if target.format == "html":
        from indexer.reporting.html import concordance_page  # here: slow to import

        for message in found.notes:
            note(message)
        target.write(concordance_page(found, target.site))
        return

    def annotations(found: Concordance, site: str) -> object:
        from indexer.reporting.annotations import concordance_annotations

        article = lru_cache(maxsize=16)(index.article)
        return concordance_annotations(found, index.passage, article, site)

    table, size = concordance_table, concordance_size
    target.write_answer(found, "ConcordanceShape", concordance_lines, table, size, annotations)


@options.command(options.QueryCommand)
@options.query
@options.parameters(questions.CollocatesQuestion)
@options.answer(synonyms=True)
def collocates(index: Index, query: str, target: Target, **parameters: Any) -> None:
    """Show the words that occur with QUERY more often than by chance.

    Words are counted within a window around QUERY that ends with the sentence.

    \b
    Examples:
      pilcrow collocates pain
      pilcrow collocates elavil --right 3 --left 0 --measure g2
    """
    _show(COLLOCATES, index.collocates(query, **parameters), target)


@options.command(options.QueryCommand)
@click.argument("query", nargs=-1)
@options.parameters(questions.ClustersQuestion)
@options.answer()
def clusters(
    index: Index,
    query: tuple[str, ...],
    match: Match,
    node: Literal["any", "first", "last"],
    target: Target,
    **parameters: Any,
) -> None:
    """Show recurring word sequences (n-grams) around QUERY, or all of them.

    \b
    Examples:
      pilcrow clusters pain
      pilcrow clusters elavil --size 4 --at first
      pilcrow clusters --size 5
    """
    found = (
        index.clusters(" ".join(query), match=match, node=node, **parameters)
        if query
        else index.ngrams(**parameters)
    )
    _show(CLUSTERS, found, target)


@options.command()
@options.parameters(questions.KeywordsQuestion)
@options.answer()
def keywords(
    index: Index,
    articles: tuple[str, ...] | None,
    against: str | None,
    target: Target,
    **parameters: Any,
) -> None:
    """Show the words that are unusually frequent, or rare, in some articles.

    \b
    Examples:
      pilcrow keywords --article elavil-for-chronic-pain
      pilcrow keywords --against last-year/.pilcrow
    """
    if not articles and not against:
        raise click.UsageError(
            "name articles with --article, or another index with --against, or both"
        )
    with open_index(against, settings=index.settings) if against else nullcontext() as other:
        found = index.keywords(articles, against=other, **parameters)
    _show(KEYWORDS, found, target)


@options.command()
@options.parameters(questions.WordsQuestion)
@options.answer()
def words(index: Index, target: Target, **parameters: Any) -> None:
    """Show how often each word occurs.

    Words are counted in the text of passages, without headings, titles and boilerplate.

    \b
    Examples:
      pilcrow words --stop
      pilcrow words --article elavil-for-chronic-pain --output words.xlsx
    """
    _show(WORDS, index.word_list(**parameters), target)


@options.command()
@options.file(
    "--log",
    "query_log",
    help="The query log.  [default: $PILCROW_QUERY_LOG or INDEX-queries.sqlite]",
)
@options.parameters(questions.QueriesQuestion)
@options.target(*options.TABLE)
@options.site
@options.index
def queries(
    query_log: Path | None, index_dir: Path | None, readers: int, target: Target, **page: Any
) -> None:
    """Show the queries that found nothing, or only part of what was asked.

    `pilcrow serve --query-log` records queries of readers that find no passage, or none with all
    of their words, and keeps them for 90 days.

    \b
    Examples:
      pilcrow queries
      pilcrow queries --readers 3 --output lacking.xlsx
    """
    settings = load_settings(index=index_dir, query_log=query_log)
    path = query_log_of(settings)
    if not path.exists():
        raise UsageError(f"{path}: no such query log; start the site with serve --query-log")
    _show(QUERIES, QueryLog(path).report(readers, **page), target)


def _show(listing: Listing[Listed], found: Listed, target: Target) -> None:
    """Writes a listing in the format of the target."""
    target.write_answer(found, listing.shape, listing.lines, listing.table, listing.size)
