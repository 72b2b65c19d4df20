"""Parses plain text, such as a copied page, to an article.

In: a .txt file, or decoded text with newlines as `\\n`. Out: an `Article` whose text is the decoded
file, or its `Content`: title, sections, lists and tables as blocks, whose spans cover every
character that is no white space. Raises `SourceError` for a file that is binary or empty, yields a
warning if columns are mixed; an empty text has no blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from indexer.errors import SourceWarning
from indexer.model import Article, Block, Kind, Source, Span
from indexer.parsing.article import (
    Content,
    Declared,
    OpenHeadings,
    assemble,
    readable_name,
    squeeze,
)
from indexer.parsing.boilerplate import is_warning
from indexer.parsing.plain_text.columns import are_mixed, unmix_columns
from indexer.parsing.plain_text.contents import label_contents, label_numbered
from indexer.parsing.plain_text.divided_words import join_divided_words
from indexer.parsing.plain_text.headings import Heading, division_of, heading_levels
from indexer.parsing.plain_text.line_kinds import Labeller, find_kinds, merge_lines
from indexer.parsing.plain_text.line_model import label_units
from indexer.parsing.plain_text.lines import Cut, TextUnit, cut_units
from indexer.parsing.plain_text.pages import mend_pages
from indexer.parsing.plain_text.tables import NO_ROW, TableRow, read_table
from indexer.parsing.plain_text.title import TitleFinder
from indexer.settings import Settings

_PROSE = ("paragraph", "quote", "boilerplate")
_GROUPED = ("list_item", "table_row")
_SHORTEST_PROSE = 120  # code points
_FEWEST_SPACES = 3  # in a sentence at the top or foot of pages; a name has fewer


def parse_plain(source: Source, settings: Settings) -> Iterator[Article | SourceWarning]:
    """Yield the article of a plain text file, then a warning if its columns are mixed."""
    content = parse_text(source.text)
    first = content.first("heading")
    if not content.title and (division_of(first) is not None or first[:3] in ("1", "1. ")):
        content = replace(content, declared=Declared(title=readable_name(source.path)))
    yield assemble(source, content, settings)
    if are_mixed(source.text):
        remedy = "take the text without -layout, or keep its form feeds"
        yield SourceWarning(source.path, "has columns side by side", remedy)


def parse_text(text: str, labeller: Labeller = label_units) -> Content:
    """Infer title, headings, lists, tables and boilerplate of a plain text.

    `labeller` labels single lines: the line model, or another one to compare with it.
    """
    text, page_lines = mend_pages(join_divided_words(unmix_columns(text)))
    cut = cut_units(text, page_lines)
    text = cut.text
    units, kinds, underlines = merge_lines(text, cut.units, *_find_kinds(cut, labeller))
    finder = TitleFinder(text, units, kinds)
    title = finder.find_title()
    kinds = finder.mark_boilerplate(title)
    if title is not None:
        kinds[title] = "title"
    return Content(text, _insert(text, _build(text, units, kinds, underlines), cut.apart))


def _find_kinds(cut: Cut, labeller: Labeller) -> tuple[list[Kind], dict[int, str]]:
    """Kinds and underlines of units; those in `cut.items` are list items."""
    kinds, underlines = find_kinds(cut.text, cut.units, labeller)
    label_numbered(cut.text, cut.units, kinds)
    label_contents(cut.text, cut.units, kinds)
    for place, (unit, below) in enumerate(pairwise(cut.units)):
        line = cut.text[unit.start : unit.end]
        is_listed = kinds[place] == "list_item" and not unit.marker
        is_wrapped = "\n" in line and line[0].isupper() and line[-1] in ".!?"
        leads = unit.blanks and below.marker in ("bullet", "number") and not below.blanks
        if kinds[place] == "heading" and line[0] in "•·":
            kinds[place] = "list_item"
        elif (kinds[place] == "heading" and line[-1] == ",") or (
            is_listed and is_wrapped and len(line) >= _SHORTEST_PROSE
        ):
            kinds[place] = "paragraph"
        elif leads and is_listed:  # right above a list
            is_name = line[0].isupper() and line[-1].isalnum() and line.count(" ") < _FEWEST_SPACES
            kinds[place] = "heading" if is_name else "paragraph" if line[-1] == "." else "list_item"
    if cut.items:
        known = ("list_item" if u.start in cut.items else k for u, k in zip(cut.units, kinds))
        kinds = list(known)
    return kinds, underlines


def _insert(text: str, blocks: Sequence[Block], apart: Sequence[TextUnit]) -> tuple[Block, ...]:
    """Blocks in order, including the lines set `apart` as boilerplate; but a sentence or warning
    that is repeated on all pages is content where it first occurs."""
    if not apart:
        return tuple(blocks)
    before = [Block("title", 0, Span(0, 0), ()), *blocks]
    begins = [block.span.start for block in blocks]
    others, seen = list[Block](), set[str]()
    for unit in apart:
        above, line = before[bisect_right(begins, unit.start)], text[unit.start : unit.end]
        is_sentence = line[-1] in ".!" and line.count(" ") >= _FEWEST_SPACES
        is_new = (is_sentence or is_warning(line)) and line not in seen
        seen.add(line)
        if above.span.end <= unit.start:
            kind: Kind = "paragraph" if is_new else "boilerplate"
            section = above.section if is_new else ()
            others.append(Block(kind, 0, Span(unit.start, unit.end), section))
    return tuple(sorted([*blocks, *others], key=lambda block: block.span.start))


def _build(
    text: str, units: Sequence[TextUnit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> list[Block]:
    headings = OpenHeadings()
    levels = _levels(text, units, kinds, underlines)
    groups, rows = _groups(text, units, kinds, levels)
    blocks: list[Block] = []
    for place, (unit, kind) in enumerate(zip(units, kinds)):
        row = rows.get(place, NO_ROW)
        level, group = levels.get(place, 0), groups.get(place, 0)
        span = Span(unit.start, unit.end)
        section = headings.enter(kind, level, text[unit.start : unit.end])
        blocks.append(Block(kind, level, span, section, "", group, *row))
    return blocks


def _levels(
    text: str, units: Sequence[TextUnit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> dict[int, int]:
    """Level of each heading, by the index of its unit."""
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
    others = (n for n in range(last) if units[n + 1].blanks and kinds[n + 1] not in _PROSE)
    spaced = any(kinds[place] in ("title", "heading") for place in others)
    return dict(zip(headings, heading_levels(list(headings.values()), spaced)))


def _groups(
    text: str, units: Sequence[TextUnit], kinds: Sequence[Kind], levels: dict[int, int]
) -> tuple[dict[int, int], dict[int, TableRow]]:
    """Group number of each list item and table row, and the table rows, by the index of the unit.

    Adds the depth of list items to `levels`.
    """
    groups: dict[int, int] = {}
    rows: dict[int, TableRow] = {}
    count = 0
    for kind, members in groupby(range(len(units)), key=kinds.__getitem__):
        if kind not in _GROUPED:
            continue
        places = list(members)
        count += 1
        groups.update(dict.fromkeys(places, count))
        lines = [units[place] for place in places]
        if kind == "table_row":
            rows.update(zip(places, read_table(text, lines)))
        else:
            levels.update(zip(places, _depths(lines)))
    return groups, rows


def _depths(items: Sequence[TextUnit]) -> Iterator[int]:
    """Nesting depth of each list item, by its indent."""
    open_indents: list[int] = []
    for item in items:
        while open_indents and open_indents[-1] >= item.indent:
            open_indents.pop()
        open_indents.append(item.indent)
        yield len(open_indents)
