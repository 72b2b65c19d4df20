"""From labelled units to the blocks of an article: title, levels, sections, groups, boilerplate.

In: the text, its units and a label for each. Out: the title and `Block`s in order. Refuses
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.model import Block, Kind, Span
from indexer.parsing.labelling import Label
from indexer.parsing.lines import Unit
from indexer.parsing.noticing import is_notice

_WORD = re.compile(r"[^\W_]{4,}")
_LEAD = 6  # lines at the start among which the title is sought
_LONGEST_TITLE = 250
_NUMBERING = re.compile(r"(\d+(?:\.\d+)*)\.?\s+\S")


def outline(text: str, units: Sequence[Unit], labels: Sequence[Label]) -> tuple[str, list[Block]]:
    """Title ("" when none stands in the text) and blocks of a text."""
    kinds: list[Kind] = list(labels)
    count = len(units)
    for place, unit in enumerate(units):
        line = text[unit.start : min(unit.end, unit.start + 400)]
        if is_notice(line, place, count - 1 - place):
            kinds[place] = "boilerplate"
    if all(kind == "boilerplate" for kind in kinds):
        kinds = list(labels)
    found = _find_title(text, units, kinds)
    if found is not None:
        for place in range(found):
            if not _recurs(text, units, place):
                kinds[place] = "boilerplate"
        kinds[found] = "title"
    levels = _levels(text, units, kinds)
    title = "" if found is None else text[units[found].start : units[found].end]
    return " ".join(title.split()), _build(text, units, kinds, levels)


def _words(line: str) -> set[str]:
    return {word.casefold()[:7] for word in _WORD.findall(line)}


def _recurrence(text: str, units: Sequence[Unit], place: int) -> float:
    """Share of a line's words that come again in the text after it."""
    words = _words(text[units[place].start : units[place].end])
    if not words:
        return 0.0
    rest = _words(text[units[place].end : units[place].end + 20_000])
    return len(words & rest) / len(words)


def _recurs(text: str, units: Sequence[Unit], place: int) -> bool:
    return _recurrence(text, units, place) > 0


def _find_title(text: str, units: Sequence[Unit], kinds: Sequence[Kind]) -> int | None:
    """The first heading, unless a later one before the first prose recurs much more."""
    best, best_score = None, 0.0
    for place in range(min(len(units), _LEAD)):
        if kinds[place] == "boilerplate":
            continue
        if kinds[place] != "heading" or units[place].end - units[place].start > _LONGEST_TITLE:
            break
        score = _recurrence(text, units, place)
        if best is None or (best_score < 0.34 and score >= best_score + 0.34):
            best, best_score = place, score
    if best is not None and not any(kind not in ("heading", "boilerplate") for kind in kinds):
        return best if len(units) == 1 or kinds.count("heading") > 1 else None
    return best


def _levels(text: str, units: Sequence[Unit], kinds: Sequence[Kind]) -> list[int]:
    """Level of each heading (0 for other units)."""
    levels = [0] * len(units)
    heads = [place for place, kind in enumerate(kinds) if kind == "heading"]
    apart = sum(1 for place in heads if _blanks_after(units, place))
    for place in heads:
        numbering = _NUMBERING.match(text[units[place].start : units[place].start + 40])
        if numbering:
            levels[place] = numbering.group(1).count(".") + 1
        elif (
            apart
            and not _blanks_after(units, place)
            and place + 1 < len(units)
            and kinds[place + 1] == "list_item"
        ):
            levels[place] = 2
        else:
            levels[place] = 1
    return levels


def _blanks_after(units: Sequence[Unit], place: int) -> int:
    return units[place + 1].blanks if place + 1 < len(units) else 0


def _build(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], levels: Sequence[int]
) -> list[Block]:
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    group = 0
    for place, (unit, kind) in enumerate(zip(units, kinds, strict=True)):
        if kind == "heading":
            while path and path[-1][0] >= levels[place]:
                path.pop()
        section = () if kind in ("title", "boilerplate") else tuple(name for _, name in path)
        member = kind in ("list_item", "table_row")
        starts = member and (place == 0 or kinds[place - 1] != kind)
        group += starts
        blocks.append(
            Block(
                kind=kind,
                level=levels[place] if kind == "heading" else int(kind == "list_item"),
                span=Span(unit.start, unit.end),
                section=section,
                group=group if member else 0,
                header=kind == "table_row" and starts,
            )
        )
        if kind == "heading":
            name = " ".join(text[unit.start : unit.end].split())
            path.append((levels[place], name))
    return blocks
