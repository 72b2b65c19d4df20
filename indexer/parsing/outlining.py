"""From units and their kinds to the blocks of an article: title, boilerplate, sections, groups.

In: the text, its units and a kind for each. Out: the title and `Block`s in order. Refuses
nothing. The title is the line at the start whose words come again below; lines before it whose
words do not come again, and notices at either end, are boilerplate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from indexer.model import Block, Kind, Span
from indexer.parsing.composing import resection
from indexer.parsing.levelling import Heading, level_headings
from indexer.parsing.lines import Unit
from indexer.parsing.mending import stems
from indexer.parsing.noticing import LONGEST, notice_of
from indexer.parsing.tabulating import tabulate

_LEAD = 6  # units at the start among which the title is sought
_TAIL = 6  # units at the end among which notices are sought
_LONGEST_TITLE = 250  # code points
_LONGEST_STRAY = 120  # code points of a line before the title
_REST = 20_000  # code points in which a line's words are sought
_FEWEST_WORDS = 40  # of content that must be left beside boilerplate
_RECURS = 0.34  # share of a title's words that come again


def outline(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> tuple[str, list[Block]]:
    """Title ("" when none stands in the text) and blocks of a text."""
    told = list(kinds)
    place = _find_title(text, units, told)
    _set_notices(text, units, told, place)
    if place is not None:
        told[place] = "title"
    blocks = [
        Block(kind=kind, level=0, span=Span(unit.start, unit.end), section=())
        for unit, kind in zip(units, told)
    ]
    _set_levels(text, units, blocks, underlines)
    _set_groups(text, units, blocks)
    title = "" if place is None else blocks[place].span.of(text)
    return " ".join(title.split()), list(resection(text, blocks))


def _line(text: str, unit: Unit) -> str:
    return text[unit.start : min(unit.end, unit.start + LONGEST + 1)]


def _recurrence(text: str, units: Sequence[Unit], place: int, rest: set[str]) -> float:
    """Share of a line's longer words that are among those of the text below the lead."""
    words = stems(_line(text, units[place]))
    return len(words & rest) / len(words) if words else 0.0


def _words_below(text: str, units: Sequence[Unit], place: int) -> set[str]:
    begin = units[place].end
    return stems(text[begin : begin + _REST])


def _find_title(text: str, units: Sequence[Unit], kinds: Sequence[Kind]) -> int | None:
    """The first heading of the lead, unless a later one recurs much more."""
    if len(units) < 2:
        return None
    best: int | None = None
    best_score = 0.0
    for place, unit in enumerate(units[:_LEAD]):
        length = unit.end - unit.start
        notice = notice_of(_line(text, unit), place, len(units))
        if notice == "sure" or kinds[place] == "boilerplate":
            continue
        if kinds[place] != "heading":
            if length > _LONGEST_STRAY and not notice:
                break
            continue
        if length > _LONGEST_TITLE:
            break
        score = _recurrence(text, units, place, _words_below(text, units, place))
        if notice and score < 0.5:
            continue
        if best is None:
            if place and score < _RECURS and not _only_strays(kinds, place):
                break
            best, best_score = place, score
        elif not best_score and _is_telling(text, unit, score):
            return place
    return best


def _is_telling(text: str, unit: Unit, recurrence: float) -> bool:
    """Whether a line says enough, and enough that recurs, to be told from furniture above."""
    return recurrence >= 0.6 and len(stems(_line(text, unit))) >= 2


def _only_strays(kinds: Sequence[Kind], place: int) -> bool:
    return all(kind in ("boilerplate", "heading") for kind in kinds[:place])


def _set_notices(
    text: str, units: Sequence[Unit], kinds: list[Kind], title: int | None
) -> None:
    """Make boilerplate of notices, if enough content is left beside them."""
    count = len(units)
    found = {
        place
        for place, unit in enumerate(units)
        if unit.end - unit.start <= LONGEST
        and place != title
        and notice_of(_line(text, unit), count, count) == "sure"
    }
    found.update(_notices_at_start(text, units, title))
    found.update(_notices_at_end(text, units, found))
    left = sum(
        len(_line(text, unit).split())
        for place, unit in enumerate(units)
        if place not in found and place != title and kinds[place] not in ("heading", "boilerplate")
    )
    if left >= _FEWEST_WORDS:
        for place in found:
            kinds[place] = "boilerplate"
    for place in range(title or 0):
        if kinds[place] == "heading":
            kinds[place] = "paragraph"  # nothing is under it


def _notices_at_start(text: str, units: Sequence[Unit], title: int | None) -> Iterator[int]:
    """Lines before the title that say what furniture says, or whose words never come again."""
    if title is None:
        last = min(2, len(units) - 1)
        rest = _words_below(text, units, last)
        for place in range(last):
            notice = notice_of(_line(text, units[place]), place, len(units))
            if not notice:
                return
            if notice == "sure" or _recurrence(text, units, place, rest) < 0.5:
                yield place
        return
    rest = _words_below(text, units, title)
    sure = _is_telling(text, units[title], _recurrence(text, units, title, rest))
    for place in range(title):
        line = _line(text, units[place])
        notice = notice_of(line, place, len(units))
        score = _recurrence(text, units, place, rest)
        if notice == "sure" or (notice and score < 0.75):
            yield place
        elif sure and score == 0 and len(line) <= _LONGEST_STRAY and line[-1] not in ".!":
            yield place


def _notices_at_end(text: str, units: Sequence[Unit], found: set[int]) -> Iterator[int]:
    """Notices that nothing but notices follows."""
    count = len(units)
    for place in range(count - 1, max(count - 1 - _TAIL, 0), -1):
        if place in found:
            continue
        if not notice_of(_line(text, units[place]), count, 0):
            return
        yield place


def _set_levels(
    text: str, units: Sequence[Unit], blocks: list[Block], underlines: Mapping[int, str]
) -> None:
    places = [place for place, block in enumerate(blocks) if block.kind == "heading"]
    headings = []
    for place in places:
        below = blocks[place + 1].kind if place + 1 < len(blocks) else "paragraph"
        headings.append(
            Heading(
                text=" ".join(blocks[place].span.of(text).split()),
                stacked=place > 0 and blocks[place - 1].kind == "heading",
                apart=place + 1 < len(units) and units[place + 1].blanks > 0,
                over_list=below == "list_item",
                underline=underlines.get(place, ""),
            )
        )
    for place, level in zip(places, level_headings(headings)):
        blocks[place] = replace(blocks[place], level=level)


def _set_groups(text: str, units: Sequence[Unit], blocks: list[Block]) -> None:
    """Number lists and tables; tell the depth of items, and head rows and cells."""
    group = 0
    begin = 0
    while begin < len(blocks):
        end = begin + 1
        kind = blocks[begin].kind
        if kind in ("list_item", "table_row"):
            while end < len(blocks) and blocks[end].kind == kind:
                end += 1
            group += 1
            if kind == "table_row":
                rows = tabulate(text, [block.span for block in blocks[begin:end]])
                for place, row in enumerate(rows, begin):
                    blocks[place] = replace(
                        blocks[place],
                        group=group,
                        header=row.header,
                        cells=row.cells,
                        heads=row.heads,
                    )
            else:
                for place, depth in enumerate(_depths(units[begin:end]), begin):
                    blocks[place] = replace(blocks[place], group=group, level=depth)
        begin = end


def _depths(items: Sequence[Unit]) -> Iterator[int]:
    """Nesting of each item, by how far it is set in."""
    open_indents: list[int] = []
    for item in items:
        while open_indents and open_indents[-1] >= item.indent:
            open_indents.pop()
        open_indents.append(item.indent)
        yield len(open_indents)
