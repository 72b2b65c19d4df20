"""An audit as CSV: for each term a row over all, then a row for each article or section.

In: an `Audit`. Out: CSV; rates are numbers, zeros are kept, and `scope` tells what a row is about:
`all`, `article` or `section`. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexer.audits.counts import Audit, Count, GroupCount, TermCount
from indexer.reporting.csv import Cell, to_csv
from indexer.reporting.wording import breadcrumb

HEAD = (
    *("term", "group", "role", "scope", "article", "title", "section", "count", "words"),
    *("per_1000", "low", "high", "passages", "sections", "articles", "headings", "forms"),
)


def audit_csv(audit: Audit) -> str:
    """All terms, then all groups, whose `term` is empty."""
    return to_csv(
        HEAD, (row for count in (*audit.terms, *audit.groups) for row in _rows(count, audit))
    )


def _rows(count: Count, audit: Audit) -> Iterator[tuple[Cell, ...]]:
    name = _name(count)
    rate = count.rate
    yield (
        *(*name, "all", "", "", "", count.total, count.words),
        *(rounded(count.per_1000), rounded(rate.low), rounded(rate.high)),
        *(count.passages, count.sections, count.articles, count.headings, _forms(count)),
    )
    for cell in count.by:
        yield (
            *(*name, audit.by, cell.article.id, cell.article.title, breadcrumb(cell.section)),
            *(cell.count, cell.words, rounded(cell.per_1000), "", "", cell.passages),
            *("", "", cell.headings, ""),
        )


def _name(count: Count) -> tuple[str, str, str]:
    if isinstance(count, TermCount):
        return count.term.query, count.term.group, count.term.role
    assert isinstance(count, GroupCount)
    return "", count.name, ""


def _forms(count: Count) -> str:
    forms = count.forms if isinstance(count, TermCount) else {}
    return "; ".join(f"{form}: {number}" for form, number in forms.items())


def rounded(value: float | None) -> Cell:
    """A rate in a cell: four digits, and nothing where there is none."""
    return "" if value is None else round(value, 4)
