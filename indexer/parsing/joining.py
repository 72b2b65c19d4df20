"""Units that are one block together: lines of code, of a quotation, of a verse.

In: the text, its units and their kinds. Out: fewer units, with their kinds. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from indexer.model import Kind
from indexer.parsing.lines import Unit
from indexer.parsing.mending import runs_of

_LONGEST_VERSE = 75  # code points of a line of verse
_FEWEST_VERSES = 4


def join_units(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> tuple[list[Unit], list[Kind], dict[int, str]]:
    """Units joined where several make one block, their kinds and their underlines."""
    verses = {
        place
        for begin, end in runs_of(units)
        if is_verse(text, units[begin:end], kinds[begin:end])
        for place in range(begin, end)
    }
    joined: list[Unit] = []
    told: list[Kind] = []
    underlined: dict[int, str] = {}
    for place, (unit, kind) in enumerate(zip(units, kinds)):
        if place in verses:
            kind = "paragraph"
        if joined and (
            (kind == told[-1] == "code" and unit.blanks < 3)
            or (kind == told[-1] == "quote" and not unit.blanks)
            or (place in verses and place - 1 in verses and not unit.blanks)
        ):
            joined[-1] = joined[-1]._replace(end=unit.end)
        else:
            joined.append(unit)
            told.append(kind)
            if place in underlines:
                underlined[len(joined) - 1] = underlines[place]
    return joined, told, underlined


def is_verse(text: str, run: Sequence[Unit], kinds: Sequence[Kind]) -> bool:
    """Whether lines that no blank line parts are a stanza.

    Verses begin with capitals and end in all manner of ways, where items of a list end alike.
    """
    if len(run) < _FEWEST_VERSES or any(kind not in ("paragraph", "list_item") for kind in kinds):
        return False
    ends: Counter[str] = Counter()
    capitals = 0
    for unit in run:
        if unit.marker or unit.end - unit.start > _LONGEST_VERSE:
            return False
        last = text[unit.end - 1]
        ends["word" if last.isalnum() else "pause" if last in ",;:—–" else "stop"] += 1
        capitals += not text[unit.start].islower() and not text[unit.start].isdigit()
    mixed = ends["pause"] >= 0.2 * len(run) and ends["pause"] <= 0.8 * len(run)
    return mixed and ends["word"] + ends["stop"] >= 2 and capitals >= 0.8 * len(run)
