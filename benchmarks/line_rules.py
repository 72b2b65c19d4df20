"""A short rule set for plain text, the baseline that the line model has to beat.

In: the text and its units. Out: one label per unit. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.parsing.plain_text.line_model import Label
from indexer.parsing.plain_text.lines import TextUnit, runs_of

_MOST_HEADING_WORDS = 16
_LONGEST_HEADING = 120
_LONGEST_ITEM = 220


def label_by_rules(text: str, units: Sequence[TextUnit]) -> list[Label]:
    """Labels by markers, tabs, length, last character, blank lines and lead-ins."""
    labels: list[Label] = []
    for begin, end in runs_of(units):
        led = begin > 0 and text[units[begin - 1].end - 1] == ":"
        for place in range(begin, end):
            unit = units[place]
            line = text[unit.start : unit.end]
            if unit.marker:
                labels.append("list_item")
            elif "\t" in line:
                labels.append("table_row")
            elif end - begin == 1 or (place == begin and not led):
                labels.append("heading" if _looks_like_heading(line) else "paragraph")
            elif len(line) <= _LONGEST_ITEM and (led or end - begin > 2):
                labels.append("list_item")
            else:
                labels.append("paragraph")
    return labels


def _looks_like_heading(line: str) -> bool:
    first = next((char for char in line if char.isalnum()), "a")
    return (
        len(line) <= _LONGEST_HEADING
        and len(line.split()) <= _MOST_HEADING_WORDS
        and line[-1] not in ".;:,"
        and not first.islower()
    )
