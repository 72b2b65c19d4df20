"""Readability and length as text and CSV.

In: `Readability`. Out: lines as `rich` texts, with the direction of each scale in words; CSV with
one row per article or section. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from indexer.audits.readability import Outliers, Readability, Scores
from indexer.links.permalinks import permalink
from indexer.reporting.csv import PLACE, Column, Table, link_column, named, plain_table
from indexer.reporting.results import wrapped
from indexer.reporting.text_tables import table_lines
from indexer.reporting.wording import SCALES, count_of, one_line, shortened

_FIRST = 160  # characters shown of an outlier


def _place(row: Scores) -> str:
    """Title of an article, or last heading of a section, indented by depth."""
    if row.section is None:
        return row.article.title
    return "› " * max(len(row.section), 1) + (row.section[-1] if row.section else "(beginning)")


READINGS: tuple[Column[Scores], ...] = (
    Column("scope", "", lambda row: "article" if row.section is None else "section", shown=False),
    *PLACE,
    Column("place", "article, section", _place),
    Column("passages", "passages", lambda row: row.passages, shown=False),
    *named("sentences", "words"),
    Column("longest", "longest sentence", lambda row: row.longest),
    Column("flesch", "Flesch", lambda row: row.flesch, 1),
    Column("grade", "grade", lambda row: row.grade, 1),
    Column("smog", "SMOG", lambda row: row.smog, 1),
    Column("lix", "LIX", lambda row: row.lix, 1),
)


def ordered(found: Readability) -> Iterator[Scores]:
    """Each article, followed by its sections."""
    sections = iter(found.sections)
    row = next(sections, None)
    for article in found.articles:
        yield article
        while row is not None and row.article.id == article.article.id:
            yield row
            row = next(sections, None)


def readability_lines(found: Readability, width: int | None, site: str = "") -> Iterator[Text]:
    """All articles with their sections, then sentences and passages of unusual length."""
    scales = "scores of paragraphs and quotations; " + "; ".join(map(": ".join, SCALES.values()))
    yield from wrapped(Text(scales, "dim"), width, 0)
    yield Text()
    yield from table_lines(READINGS, list(ordered(found)), width)
    for one in found.outliers:
        yield Text()
        yield from _outliers(one, width, site)


def _outliers(found: Outliers, width: int | None, site: str) -> Iterator[Text]:
    if found.usual is None:
        yield Text(f"too few {found.unit}s to tell which are of unusual length", "dim")
        return
    usual = f"usual: {found.usual.low:,.0f} to {found.usual.high:,.0f} words"
    whole = f"{found.total:,} of {count_of(found.usual.count, found.unit)}"
    part = f", {len(found.found):,} shown" if len(found.found) < found.total else ""
    head = f"{whole} of unusual length{part} ({usual}, median {found.usual.median:g})"
    yield from wrapped(Text(head, "bold"), width, 0)
    for one in found.found:
        text = shortened(one_line(one.text), _FIRST)
        line = Text(f"{count_of(one.words, 'word')}: {text}")
        line.append(f"  {site}{permalink(one.passage)}", "dim")
        yield from wrapped(line, width, 2)


def readability_table(found: Readability, site: str = "") -> Table:
    """One row per article, followed by its sections; `passage` is the first of each."""
    columns = (column for column in READINGS if column.name != "place")
    return plain_table((*columns, *named("passage"), link_column(site)), ordered(found))
