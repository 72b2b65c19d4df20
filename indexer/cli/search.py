"""`pilcrow search`: finds the passages that match a query."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.errors import IndexUnavailable
from indexer.reporting import questions

if TYPE_CHECKING:
    from indexer import Index, Results


@options.command(options.QueryCommand)
@options.query
@options.parameters(
    questions.SearchQuestion,
    *("match", "any", "article", "heading", "section", "kind", "sort", "exact_names", "partial"),
    *("limit", "offset"),
)
@options.answer(*options.TABLE, "jsonld", synonyms=True)
def search(
    index: Index,
    query: str,
    articles: tuple[str, ...] | None,
    exact_names: bool,
    target: Target,
    **parameters: Any,
) -> None:
    """Find the passages that match QUERY and mark what matched.

    \b
    EXAMPLES OF QUERIES

    In jsonld, each mark is a W3C Web Annotation.

    Put a QUERY with quotes, brackets or stars in single quotes, so that the shell leaves them
    alone. A QUERY may begin with a dash.

    \b
    Examples:
      pilcrow search '"pain relief"' --section 'side effects'
      pilcrow search 'pain -chronic' --limit 3
      pilcrow search 'taper*' --format json
    """
    results = index.search(
        query,
        article=articles,
        other_names=not exact_names,
        why=target.format == "json",
        **parameters,
    )
    if target.format == "json":
        from indexer.reporting.schema import Addresses, SearchShape

        target.write_json(SearchShape.plain(results, addresses=Addresses(target.site)))
        return
    for message in results.notes:
        note(message)
    if target.format == "jsonld":
        from indexer.reporting.annotations import results_annotations
        from indexer.reporting.results import found_of

        find = lru_cache(maxsize=16)(index.article)
        target.write_json(results_annotations(results, find, target.site))
        note(found_of(results))
    elif target.format in ("csv", "xlsx"):
        from indexer.reporting.csv import results_table
        from indexer.reporting.results import found_of

        part = found_of(results) if results.page.offset or results.page.more else ""
        target.write_table(results_table(results, target.site), results.notes, part)
    else:
        from indexer.reporting.results import results_lines

        contexts = _contexts(index, results, partial=parameters["partial"])
        most = index.settings.snippet_chars
        target.write_lines(results_lines(results, contexts, target.width, most, target.site))


def query_examples() -> str:
    """One line per kind of query and what it finds, from the page on the query language."""
    page = Path(__file__).parent.parent / "query" / "language.md"
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    longest = max(len(query) for query, _ in rows)
    return "\n".join(f"{query:{longest}}  {finds}" for query, finds in rows)


search.help = cleandoc(str(search.help)).replace("EXAMPLES OF QUERIES", query_examples())


def _contexts(index: Index, results: Results, *, partial: bool) -> dict[str, str]:
    """The lead-in or head row of each passage that has one, by passage id."""
    found = {}
    lost = (IndexUnavailable,) if partial else ()  # articles with hits may be unavailable
    for hit in results.hits:
        if hit.passage.context:
            with suppress(*lost):
                text = index.article(hit.article.id).text
                found[hit.passage.id] = hit.passage.context.of(text)
    return found
