"""`pilcrow search`: passages that match a query.

Whoosh is imported without what it imports for nothing: `whoosh.compat` imports `urllib.request` for
a name that nothing uses, and `whoosh.reading` a package for one decorator, which imports asyncio:
together a tenth of the time of a first search.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import click

from indexer.cli import options
from indexer.cli.output import note, width, write, write_lines
from indexer.model import Match
from indexer.reporting.json import to_json
from indexer.reporting.wording import page_of

if TYPE_CHECKING:
    from indexer import Index, Results


_NAMES: dict[str, dict[str, object]] = {
    "urllib.request": {"urlretrieve": None},
    "cached_property": {"cached_property": cached_property},
}


@contextmanager
def light_imports() -> Iterator[None]:
    """Stand-ins for the length of a block that imports what imports Whoosh."""
    names = [] if "whoosh" in sys.modules else [name for name in _NAMES if name not in sys.modules]
    for name in names:
        module = ModuleType(name)
        vars(module).update(_NAMES[name])
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


@click.command(cls=options.QueryCommand, context_settings=options.NO_SHORT_HELP)
@options.query_argument
@options.match_option
@click.option("--any", "any_word", is_flag=True, help="Match any of the words.")
@click.option("--article", metavar="ID", help="Only in the article with this id.")
@click.option("--section", metavar="TEXT", help="Only below a heading with the phrase TEXT.")
@click.option(
    "--section-path",
    metavar="PATH",
    help="Only right below this heading: PATH as facets in JSON give it.",
)
@click.option("--kind", type=click.Choice(options.KINDS), help="Only passages of this kind.")
@click.option(
    "--sort",
    type=click.Choice(("relevance", "position")),
    default="relevance",
    show_default=True,
    help="Best match first, or in text order.",
)
@options.page_options(10)
@options.format_option("text", "json", "csv", "jsonld")
@options.site_option
@options.synonym_options
@options.index_option
def search(
    query: str,
    match: Match,
    any_word: bool,
    article: str | None,
    section: str | None,
    section_path: str | None,
    kind: str | None,
    sort: Literal["relevance", "position"],
    limit: int,
    offset: int,
    form: str,
    site: str,
    synonyms: Path | None,
    synonyms_in_phrases: bool | None,
    index_dir: Path | None,
) -> None:
    """Find the passages that match QUERY and mark what matched.

    \b
    EXAMPLES OF QUERIES

    In jsonld, each mark is a W3C Web Annotation.

    Put quotes around a QUERY that holds quotes, brackets or stars, so that your shell leaves them
    alone. A QUERY may begin with a dash.

    \b
    Examples:
      pilcrow search '"pain relief"' --section 'side effects'
      pilcrow search 'pain -chronic' --limit 3
      pilcrow search 'taper*' --format json
    """
    with light_imports():  # here, for help needs none of the library
        from indexer import load_settings, open_index

    settings = load_settings(
        index=index_dir, synonyms=synonyms, synonyms_in_phrases=synonyms_in_phrases
    )
    with open_index(settings.index, settings=settings) as index:
        results = index.search(
            query,
            match=match,
            any=any_word,
            article=article,
            section=section,
            section_path=section_path,
            kind=kind,
            sort=sort,
            limit=limit,
            offset=offset,
        )
        contexts = _contexts(index, results) if form == "text" else {}
        if form == "jsonld":
            from indexer.reporting.annotations import results_annotations

            find = lru_cache(maxsize=16)(index.article)
            write(to_json(results_annotations(results, find, site)) + "\n")
        if article and not results.total and not _has(index, article):
            note(f"no article has the id {article}")
    if form == "json":
        from indexer.reporting.schema import Addresses, SearchShape

        write(to_json(SearchShape.from_result(results, Addresses(site))) + "\n")
        return
    for message in results.notes:
        note(message)
    if form == "jsonld":
        page = results.page
        note(page_of(len(results.hits), page.offset, results.total, "passage"))
    elif form == "csv":
        from indexer.reporting.csv import results_csv

        write(results_csv(results))
    else:
        from indexer.reporting.results import results_lines

        write_lines(results_lines(results, contexts, width(), settings.snippet_chars))


def query_examples() -> str:
    """A query of each kind and what it finds, a line each, from the page on the query language."""
    page = Path(__file__).parent.parent / "query" / "language.md"
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    longest = max(len(query) for query, _ in rows)
    return "\n".join(f"{query:{longest}}  {finds}" for query, finds in rows)


search.help = cleandoc(str(search.help)).replace("EXAMPLES OF QUERIES", query_examples())


def _has(index: Index, article: str) -> bool:
    """Whether the index has that article."""
    from indexer import NotFound

    try:
        index.article(article)
    except NotFound:
        return False
    return True


def _contexts(index: Index, results: Results) -> dict[str, str]:
    """The lead-in or head row of each passage that has one, by passage id."""
    return {
        hit.passage.id: hit.passage.context.of(index.article(hit.article.id).text)
        for hit in results.hits
        if hit.passage.context
    }
