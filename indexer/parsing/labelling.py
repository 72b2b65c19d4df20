"""What each unit of a plain text is: heading, paragraph, list item or table row.

In: the text and its units. Out: one `Label` a unit. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from indexer.parsing.lines import Unit

Label = Literal["heading", "paragraph", "list_item", "table_row"]

_MOST_HEADING_WORDS = 16
_MOST_ITEM_CHARS = 220
_WORD = re.compile(r"\w+")


def label_units(text: str, units: Sequence[Unit]) -> list[Label]:
    """Label units by rules: markers, tabs, shape, blank lines, lead-ins."""
    labels: list[Label] = []
    begin = 0
    while begin < len(units):
        end = begin + 1
        while end < len(units) and not units[end].blanks:
            end += 1
        labels += _label_run(text, units, begin, end, labels)
        begin = end
    return labels


def _label_run(
    text: str, units: Sequence[Unit], begin: int, end: int, before: Sequence[Label]
) -> list[Label]:
    """Label units[begin:end], which no blank line parts."""
    lines = [text[unit.start : unit.end] for unit in units[begin:end]]
    labels: list[Label] = []
    led = begin > 0 and text[units[begin - 1].end - 1] == ":"
    rows = is_head_row(lines[0]) and len(lines) > 2 and all(_is_short(line) for line in lines)
    for place, line in enumerate(lines):
        unit = units[begin + place]
        if unit.marker:
            labels.append("list_item")
        elif "\t" in line:
            labels.append("table_row")
        elif rows:
            labels.append("table_row")
        elif len(lines) == 1:
            labels.append("heading" if _looks_like_heading(line) else "paragraph")
        elif place == 0 and not led:
            labels.append("heading" if _looks_like_heading(line) else "paragraph")
        elif len(line) <= _MOST_ITEM_CHARS and (led or len(lines) > 2):
            labels.append("list_item")
        else:
            labels.append("paragraph")
    return labels


def is_head_row(line: str) -> bool:
    """Whether `line` reads like a flattened head row: a phrase of two words comes twice."""
    words = [word.casefold() for word in _WORD.findall(line[:200])]
    if not 4 <= len(words) <= 12 or line[-1] in ".!?;:":
        return False
    pairs = list(zip(words, words[1:], strict=False))
    return any(pair in pairs[place + 2 :] for place, pair in enumerate(pairs))


def _is_short(line: str) -> bool:
    return len(line) <= 120 and line[-1] not in ".!?:;"


def _looks_like_heading(line: str) -> bool:
    first = next((char for char in line if char.isalnum()), "a")
    return (
        len(line) <= 120
        and len(line.split()) <= _MOST_HEADING_WORDS
        and line[-1] not in ".;:,"
        and not first.islower()
    )
