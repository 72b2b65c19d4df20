"""Near-duplicates as text and CSV.

In: `Duplicates`. Out: lines as `rich` texts, groups with risky changes first, then how many groups
are not shown; CSV with one row per copy. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from indexer.audits.duplicates import Compared, Copy, DuplicateGroup, Duplicates
from indexer.links.permalinks import permalink
from indexer.reporting.csv import PLACE, Column, Table, link_column, named, plain_table
from indexer.reporting.differences import difference_text
from indexer.reporting.results import wrapped
from indexer.reporting.wording import breadcrumb, count_of, one_line, page_of, percent

_ALARM = "bold red"


def duplicates_lines(found: Duplicates, width: int | None, site: str = "") -> Iterator[Text]:
    """What was compared, then each group with its copies and their differences."""
    for one in found.compared:
        yield from wrapped(Text(_compared(one, found), "dim"), width, 0)
    yield Text()
    first = found.page.offset + 1
    for number, group in enumerate(found.groups, first):
        yield from _group(number, group, width, site)
        yield Text()
    yield Text(duplicates_size(found))
    if found.drifting:
        yield Text(f"{count_of(found.drifting, 'group')} with a risky difference")


def _compared(one: Compared, found: Duplicates) -> str:
    likeness = found.likeness
    short = f" ({one.short:,} have fewer than {likeness.least} words)" if one.short else ""
    return (
        f"{count_of(one.units, one.unit)}{short} compared: near-duplicates share "
        f"{percent(likeness.threshold)} or more of their sequences of {likeness.width} words, "
        "leaving out risky words"
    )


def _group(number: int, group: DuplicateGroup, width: int | None, site: str) -> Iterator[Text]:
    alike = "the same" if group.identical else "nearly the same"
    head = Text(f"{len(group.copies):,} {group.unit}s, {alike}", "bold")
    if group.risks:
        head.append(f": they differ in a {', a '.join(group.risks)}", _ALARM)
    indent = len(str(number)) + 2
    yield from wrapped(head, width, indent, f"{number}.")
    for copy in group.copies:
        place = breadcrumb((copy.article.title, *copy.section))
        link = site + permalink(copy.passage)
        yield from wrapped(Text(f"{place} · {link}", "dim"), width, indent)
        for one in copy.drift:
            words = [" ".join(side) or "–" for side in (one.removed, one.added)]
            said = f"{one.risk}: {words[0]} → {words[1]}"
            yield from wrapped(Text(one_line(said), _ALARM), width, indent)
        if copy.changes:
            yield from wrapped(difference_text(copy.changes), width, indent)
        elif copy is group.copies[0]:
            yield from wrapped(Text(one_line(copy.text)), width, indent)
        else:
            yield from wrapped(Text(f"({copy.relation})", "dim"), width, indent)


def duplicates_size(found: Duplicates) -> str:
    """`10 of 311 groups`, and how to show more."""
    return page_of(len(found.groups), found.page.offset, found.total, "group")


def duplicates_table(found: Duplicates, site: str = "") -> Table:
    """One row per copy; copies of one group have its number."""
    copies = [copy for group in found.groups for copy in group.copies]
    place = named("passage", "start", "end", "words", "text")
    columns = (*named("relation", "overlap"), Column("risks", "", _risks), *PLACE, *place)
    names, rows = plain_table((*columns, link_column(site)), copies)
    groups = enumerate(found.groups, found.page.offset + 1)
    firsts = [(number, group.unit) for number, group in groups for _ in group.copies]
    return ("group", "unit", *names), ((*first, *row) for first, row in zip(firsts, rows))


def _risks(copy: Copy) -> str:
    return "; ".join(
        f"{one.risk}: {' '.join(one.removed)} > {' '.join(one.added)}" for one in copy.drift
    )
