"""From units and their kinds to the blocks of an article: title, sections, lists, tables.

In: the text, its units, a kind for each, and what underlines them. Out: the title and `Block`s
in order. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from indexer.model import Block, Kind, Span
from indexer.parsing.article import Outline, squeeze
from indexer.parsing.plain_text.headings import Heading, level_headings
from indexer.parsing.plain_text.lines import Unit
from indexer.parsing.plain_text.tabulating import Row, tabulate
from indexer.parsing.plain_text.title import Entitler

_PROSE = ("paragraph", "quote", "boilerplate")
_GROUPED = ("list_item", "table_row")
_NO_ROW = Row(False, (), ())


def outline(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> tuple[str, list[Block]]:
    """Title ("" when none stands in the text) and blocks of a text."""
    entitler = Entitler(text, units, kinds)
    place = entitler.find_title()
    told = entitler.set_furniture(place)
    title = ""
    if place is not None:
        told[place] = "title"
        title = squeeze(text[units[place].start : units[place].end])
    return title, _build(text, units, told, underlines)


def _build(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> list[Block]:
    levels = _levels(text, units, kinds, underlines)
    groups, rows = _groups(text, units, kinds, levels)
    blocks: list[Block] = []
    path: Outline = []
    for place, (unit, kind) in enumerate(zip(units, kinds)):
        level = levels.get(place, 0)
        if kind == "heading":
            while path and path[-1][0] >= level:
                path.pop()
        row = rows.get(place, _NO_ROW)
        blocks.append(
            Block(
                kind=kind,
                level=level,
                span=Span(unit.start, unit.end),
                section=() if kind in ("title", "boilerplate") else tuple(n for _, n in path),
                group=groups.get(place, 0),
                header=row.header,
                cells=row.cells,
                heads=row.heads,
            )
        )
        if kind == "heading":
            path.append((level, squeeze(text[unit.start : unit.end])))
    return blocks


def _levels(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> dict[int, int]:
    """Level of each heading, by its place."""
    last = len(units) - 1
    headings = {
        place: Heading(
            text=squeeze(text[unit.start : unit.end]),
            stacked=place > 0 and kinds[place - 1] == "heading",
            apart=place < last and units[place + 1].blanks > 0,
            over_list=place < last and kinds[place + 1] == "list_item",
            underline=underlines.get(place, ""),
        )
        for place, unit in enumerate(units)
        if kinds[place] == "heading"
    }
    spaced = any(
        kinds[place] in ("title", "heading")
        and kinds[place + 1] not in _PROSE
        and units[place + 1].blanks
        for place in range(last)
    )
    return dict(zip(headings, level_headings(list(headings.values()), spaced)))


def _groups(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], levels: dict[int, int]
) -> tuple[dict[int, int], dict[int, Row]]:
    """Number of each list's and table's members, and rows of tables, by place.

    The depth of list items is added to `levels`.
    """
    groups: dict[int, int] = {}
    rows: dict[int, Row] = {}
    begin = count = 0
    while begin < len(units):
        end = begin + 1
        if kinds[begin] in _GROUPED:
            while end < len(units) and kinds[end] == kinds[begin]:
                end += 1
            count += 1
            places = range(begin, end)
            groups.update(dict.fromkeys(places, count))
            if kinds[begin] == "table_row":
                spans = [Span(unit.start, unit.end) for unit in units[begin:end]]
                rows.update(zip(places, tabulate(text, spans)))
            else:
                levels.update(zip(places, _depths(units[begin:end])))
        begin = end
    return groups, rows


def _depths(items: Sequence[Unit]) -> Iterator[int]:
    """Nesting of each item, by how far it is set in."""
    open_indents: list[int] = []
    for item in items:
        while open_indents and open_indents[-1] >= item.indent:
            open_indents.pop()
        open_indents.append(item.indent)
        yield len(open_indents)
