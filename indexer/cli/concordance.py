"""`pilcrow concordance`: shows the occurrences of a query in their contexts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from indexer import Index
from indexer.cli import options
from indexer.cli.output import Target, note
from indexer.reporting import questions
from indexer.reporting.annotations import concordance_annotations
from indexer.reporting.concordance import concordance_lines, concordance_part
from indexer.reporting.export import concordance_file
from indexer.reporting.wording import page_of


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
    if target.format != "json":
        for message in found.notes:
            note(message)
    if target.format == "jsonld":
        article = lru_cache(maxsize=16)(index.article)
        target.write_json(concordance_annotations(found, index.passage, article, target.site))
        note(page_of(len(found.lines), found.page.offset, found.total, "occurrence"))
    elif target.format == "text":
        target.write_lines(concordance_lines(found, target.width))
    else:
        if target.format in ("csv", "xlsx") and (part := concordance_part(found)):
            note(part)
        target.write_file(concordance_file(found, target.format, target.site))
