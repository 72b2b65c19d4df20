"""Units that are one block together: lines of code, of a quotation, of a verse.

In: the text, its units and their kinds. Out: fewer units, with their kinds. Refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from indexer.model import Kind
from indexer.parsing.plain_text.label_rules import runs_of
from indexer.parsing.plain_text.lines import Unit

_LONGEST_VERSE = 75  # code points of a line of verse
_FEWEST_VERSES = 4
_PAUSES = ",;—–"


def join_units(
    text: str, units: Sequence[Unit], kinds: Sequence[Kind], underlines: Mapping[int, str]
) -> tuple[list[Unit], list[Kind], dict[int, str]]:
    """Units joined where several make one block, their kinds and their underlines."""
    verses = _find_verses(text, units, kinds)
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


def _find_verses(text: str, units: Sequence[Unit], kinds: Sequence[Kind]) -> set[int]:
    """Places of lines of verse. Where there are stanzas, others are seen more easily."""
    verses: set[int] = set()
    doubtful: list[tuple[int, int]] = []
    for begin, end in runs_of(units):
        if is_stanza(text, units[begin:end]):
            if all(kind in ("paragraph", "list_item") for kind in kinds[begin:end]):
                verses.update(range(begin, end))
            elif "table_row" not in kinds[begin:end] and "code" not in kinds[begin:end]:
                doubtful.append((begin, end))
    for begin, end in doubtful if verses else ():
        verses.update(range(begin, end))
    return verses


def is_stanza(text: str, run: Sequence[Unit]) -> bool:
    """Whether lines that no blank line parts read like verse.

    Verses begin with capitals and end in all manner of ways, where items of a list end alike.
    """
    if len(run) < _FEWEST_VERSES:
        return False
    ends: Counter[str] = Counter()
    pauses = capitals = 0
    for unit in run:
        if unit.marker or unit.end - unit.start > _LONGEST_VERSE:
            return False
        last = text[unit.end - 1]
        pauses += last in _PAUSES
        ends["a" if last.isalnum() else last] += 1
        capitals += not text[unit.start].islower() and not text[unit.start].isdigit()
    others = len(run) - pauses
    mixed = others >= 2 or (others == 1 and len(ends) > 2)
    return mixed and 0.2 * len(run) <= pauses <= 0.8 * len(run) and capitals >= 0.8 * len(run)
