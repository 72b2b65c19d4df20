"""Rules that hold whatever the line model says: they mend its labels.

In: the text, its units and their labels. Out: labels, changed where a rule has firm evidence.
The rules see what single features do not: a whole run of lines, a table's head row, a title's
words in the text below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.parsing.plain_text.features import VERBS, repeats_phrase
from indexer.parsing.plain_text.line_model import Label
from indexer.parsing.plain_text.lines import Unit

_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"[\"“‘'«].*[.!?,…—-][\"”’'»]$", re.DOTALL)
_LONGEST_CELLS = 120  # code points of a line that may be a flattened row
_LONGEST_VERSE = 75
_LONGEST_ROW = 2000
_FEWEST_LINES, _MOST_LINES = 3, 200  # of a run that is looked at as a list or table
_MOST_HEADING_WORDS = 6  # of a heading that the line model took for a paragraph
_LONGEST_TITLE = 250
_STEM = 7
_HEADINGS_ABOVE = 12  # units above a run among which its section's heading is sought
_FIGURE_ROW = re.compile(r"[^\W\d]\D*\s[$€£+–-]?\d[\d.,]*\s?%?(?:\s[^\W\d]{1,8})?")
_STOP = re.compile(r"[.!?]\s+[A-Z]")
_LAST_BYLINE = 4  # units at the start
_BYLINE = re.compile(r"(?:By|BY|by|Von|Par|Por)\s+[A-Z][\w.'’-]+(?:,?\s+(?:[A-Z]|and\b|&).*)?$")
_LONG_CHAIN = 3  # headings without a word of text between
_NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*")
_SENTENCE_ENDS = ".!?:;"


def mend_labels(text: str, units: Sequence[Unit], labels: Sequence[Label]) -> list[Label]:
    """Labels with the rules applied, one a unit as before."""
    if len(labels) == 1:
        return ["paragraph" if labels[0] == "heading" else labels[0]]
    mended = list(labels)
    for place, unit in enumerate(units):
        if mended[place] == "heading" and _is_sentence(text[unit.start : unit.end]):
            mended[place] = "paragraph"
        elif mended[place] == "paragraph" and _is_marked(text, units, place):
            mended[place] = "list_item"
    _mend_rows(text, units, mended)
    _mend_byline(text, units, mended)
    _mend_figures(text, units, mended)
    _mend_title(text, units, mended)
    for begin, end in runs_of(units):
        if _FEWEST_LINES <= end - begin <= _MOST_LINES:
            _mend_run(text, units, mended, begin, end)
    for place in range(1, len(units) - 1):
        if mended[place] == "paragraph" and _heads_list(text, units, mended, place):
            mended[place] = "heading"
    return mended


def _mend_run(text: str, units: Sequence[Unit], labels: list[Label], begin: int, end: int) -> None:
    """Make a table, or a list under its lead line, of lines that no blank line parts."""
    lines = [text[unit.start : unit.end] for unit in units[begin:end]]
    if _is_table(lines):
        labels[begin:end] = ["table_row"] * len(lines)
    elif len(lines) > _FEWEST_LINES and _is_table(lines[1:]):
        labels[begin + 1 : end] = ["table_row"] * (len(lines) - 1)
        if lines[0][-1].isalnum():
            labels[begin] = "heading"
    else:
        if set(labels[begin:end]) == {"list_item", "table_row"}:
            labels[begin:end] = [_common_label(lines, labels[begin:end])] * len(lines)
        if _has_lead_line(text, units, labels, begin, end):
            labels[begin] = "heading"


def runs_of(units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of units that no blank line parts."""
    begin = 0
    for place in range(1, len(units) + 1):
        if place == len(units) or units[place].blanks:
            yield begin, place
            begin = place


def _is_sentence(line: str) -> bool:
    """Whether a line is speech, breaks off, is a whole sentence with its full stop, or no words."""
    if not any(map(str.isalnum, line)):
        return True
    if _QUOTED.match(line) or line[-1] in ",;":
        return True
    if line[-1] != ".":
        return False
    words = [word.lower() for word in _WORD.findall(line)]
    return len(words) > 3 and not VERBS.isdisjoint(words)


def _is_marked(text: str, units: Sequence[Unit], place: int) -> bool:
    """Whether a unit and one beside it begin with the same bullet."""
    if units[place].marker != "bullet":
        return False
    bullet = text[units[place].start]
    beside = (*units[max(place - 1, 0) : place], *units[place + 1 : place + 2])
    return any(unit.marker == "bullet" and text[unit.start] == bullet for unit in beside)


def _mend_rows(text: str, units: Sequence[Unit], labels: list[Label]) -> None:
    """Lines one under the other that tabs part into as many cells are rows."""
    tabs = [
        text.count("\t", unit.start, unit.end) if unit.end - unit.start <= _LONGEST_ROW else 0
        for unit in units
    ]
    for place in range(1, len(units)):
        if tabs[place] and tabs[place] == tabs[place - 1] and not units[place].blanks:
            for row in (place - 1, place):
                if labels[row] != "code":
                    labels[row] = "table_row"


def _heads_list(text: str, units: Sequence[Unit], labels: Sequence[Label], place: int) -> bool:
    """Whether a line that stands alone right above a list or table is the heading over it."""
    unit, below = units[place], units[place + 1]
    if not (unit.blanks and below.blanks) or unit.marker:
        return False
    if labels[place + 1] not in ("list_item", "table_row"):
        return False
    if place + 2 < len(units) and labels[place + 2] != labels[place + 1]:
        return False
    line = text[unit.start : min(unit.end, unit.start + _LONGEST_VERSE + 1)]
    if len(line) > _LONGEST_VERSE or not line[-1].isalnum() or not line[0].isupper():
        return False
    if place < _LAST_BYLINE and _BYLINE.match(line):
        return False
    return len(line.split()) <= _MOST_HEADING_WORDS


def _mend_byline(text: str, units: Sequence[Unit], labels: list[Label]) -> None:
    """A line after the title that names the author is no heading."""
    for place in range(1, min(_LAST_BYLINE, len(units))):
        line = text[units[place].start : units[place].end]
        if labels[place] == "heading" and len(line) <= _LONGEST_VERSE and _BYLINE.match(line):
            labels[place] = "paragraph"


def _mend_figures(text: str, units: Sequence[Unit], labels: list[Label]) -> None:
    """Figures, one line after the other, are no headings."""
    for begin, end in _chains_of(labels):
        for place in range(begin, end):
            if len(_NUMBER.findall(text, units[place].start, units[place].end)) > 1:
                labels[place] = "paragraph"


def _chains_of(labels: Sequence[Label]) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of headings so long that they are hardly headings."""
    begin = 0
    for place in range(1, len(labels) + 1):
        if place == len(labels) or labels[place] != labels[begin]:
            if labels[begin] == "heading" and place - begin >= _LONG_CHAIN:
                yield begin, place
            begin = place


def _mend_title(text: str, units: Sequence[Unit], labels: list[Label]) -> None:
    """Take a first line for the title if a heading or prose follows that takes up its words."""
    if labels[0] != "paragraph" or labels[1] not in ("paragraph", "heading"):
        return
    first, second = units[0], units[1]
    line = text[first.start : min(first.end, first.start + _LONGEST_TITLE + 1)]
    if len(line) > _LONGEST_TITLE or first.marker or line[-1] in ";:,":
        return
    if line[-1] == "." and (_is_sentence(line) or _STOP.search(line)):
        return  # without a verb it may be a title, as libraries write them
    if labels[1] == "paragraph":
        prose = second.blanks and second.end - second.start >= len(line) + 100
        if not prose:
            return
    words = stems(line)
    later = stems(text[second.start : second.start + 20_000])
    if len(words) >= 2 and 2 * len(words & later) >= len(words):
        labels[0] = "heading"


def stems(line: str) -> set[str]:
    """The longer words of a line, folded and cut, so that forms of one word meet."""
    return {word.casefold()[:_STEM] for word in _WORD.findall(line) if len(word) > 3}


def _is_table(lines: Sequence[str]) -> bool:
    """Whether a run of lines is a flattened table.

    Its head row says a phrase twice, or has no figure while each further row ends with one.
    """
    if any("\t" in line or len(line) > _LONGEST_CELLS for line in lines):
        return False
    if any(line[-1] in _SENTENCE_ENDS or not line[0].isalnum() for line in lines):
        return False
    words = [word.lower() for word in _WORD.findall(lines[0])]
    if repeats_phrase(words):
        return True
    named = len(words) > 1 and not any(map(str.isdigit, lines[0]))
    return named and all(_FIGURE_ROW.fullmatch(line) for line in lines[1:])


def _common_label(lines: Sequence[str], labels: Sequence[Label]) -> Label:
    """What lines are that were taken for items and rows by turns; rows have figures or tabs."""
    plain = not any("\t" in line or any(map(str.isdigit, line)) for line in lines)
    rows = sum(1 for label in labels if label == "table_row")
    return "list_item" if plain or 2 * rows <= len(labels) else "table_row"


def _has_lead_line(
    text: str, units: Sequence[Unit], labels: Sequence[Label], begin: int, end: int
) -> bool:
    """Whether the first line of a run of bare list items is the heading over the others."""
    if any(label != "list_item" for label in labels[begin:end]):
        return False
    if any(unit.marker for unit in units[begin:end]):
        return False
    if not begin or text[units[begin - 1].end - 1] == ":":
        return False  # the items have their lead-in
    first, *others = [text[unit.start : unit.end] for unit in units[begin:end]]
    if first[-1] in ".;," or not first[0].isupper() or len(first) > _LONGEST_VERSE:
        return False
    if first[-1] in ":?" and not any(line[-1] == first[-1] for line in others):
        return True
    if _is_titled(first) and not any(_is_titled(line) for line in others):
        return True
    above: set[str] = set()
    for place in range(max(0, begin - _HEADINGS_ABOVE), begin):
        if labels[place] == "heading":
            above |= stems(text[units[place].start : units[place].end])
    names = stems(first) & above
    return bool(names) and not any(names & stems(line) for line in others)


def _is_titled(line: str) -> bool:
    """Whether the longer words of a line are capitalised."""
    longer = [word for word in _WORD.findall(line)[1:] if len(word) > 3]
    return bool(longer) and all(word[0].isupper() for word in longer)
