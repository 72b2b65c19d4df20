"""`pilcrow concordance`: shows the occurrences of a query in their contexts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from indexer import Concordance, Index
from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.reporting import questions
from indexer.reporting.annotations import Annotation, concordance_annotations
from indexer.reporting.concordance import concordance_lines, concordance_size, concordance_table
from indexer.reporting.export import concordance_file


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
        for message in found.notes:
            note(message)
        target.write(concordance_file(found, "html", target.site))
        return

    def annotations(found: Concordance, site: str) -> Annotation:
        article = lru_cache(maxsize=16)(index.article)
        return concordance_annotations(found, index.passage, article, site)

    table, size = concordance_table, concordance_size
    target.write_answer(found, "ConcordanceShape", concordance_lines, table, size, annotations)
