"""`pilcrow search`: finds the passages that match a query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cli import options
from indexer.cli.output import Target
from indexer.errors import IndexUnavailable
from indexer.reporting import questions
from indexer.reporting.wording import found_of

if TYPE_CHECKING:
    from rich.text import Text

    from indexer import Index, Results
    from indexer.reporting.annotations import Annotation


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
    from indexer.reporting.csv import results_table  # here, because help needs none of it

    def lines(results: Results, width: int | None) -> Iterable[Text]:
        from indexer.reporting.results import results_lines  # here: text needs most

        contexts = _contexts(index, results, partial=parameters["partial"])
        return results_lines(results, contexts, width, index.settings.snippet_chars, target.site)

    def annotations(results: Results, site: str) -> Annotation:
        from indexer.reporting.annotations import results_annotations

        return results_annotations(results, lru_cache(maxsize=16)(index.article), site)

    target.write_answer(results, "SearchShape", lines, results_table, found_of, annotations)


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
