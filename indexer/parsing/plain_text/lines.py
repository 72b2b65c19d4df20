"""Plain text cut into units: the single lines, or runs of wrapped lines, that may be blocks.

In: decoded text with newlines as `\\n`. Out: `TextUnit`s in order; every character that is no white
space lies in exactly one of them. Refuses nothing: any string can be cut.

Text that was wrapped at a column (mails, RFCs, e-texts) is recognised by its own habit: lines
end where the next word would not have fitted. There, and only there, lines are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

MARKER = re.compile(
    r"(?P<bullet>[•●▪‣◦○■□➢➤❖✓✔·*+-]|[–—](?=\s))\s+(?=\S)"
    r"|(?P<number>\(?\d{1,3}[.)]|\(\d{1,3}\))\s+(?=\S)"
    r"|(?P<quote>>(?!>>?\s|>$))\s*(?=\S)"
    r"|(?P<letter>\(?[A-Za-z]\)|[a-z]\.|\(?[ivx]{1,5}\))\s+(?=\S)"
)
WIDEST_WRAP = 110  # columns; what is longer was not wrapped by hand or by a mail program
NARROWEST_WRAP = 40
TAB = 8  # columns
_CODE_STARTS = "$#{}<|/\\│"
_FEWEST_BARE = 3  # lines without a margin that may be a wrapped paragraph
_NARROWEST_BARE = 55  # columns of such lines
_LONGEST_PASSAGE = 80  # lines that are looked at together where the text is not wrapped


class TextUnit(NamedTuple):
    """One line, or lines joined because they were wrapped: what may become a block."""

    start: int  # first character that is no white space
    end: int  # one past the last
    blanks: int  # blank lines before it
    indent: int  # columns before its first character
    marker: str  # "bullet", "number", "letter" when it begins as items do, "quote", else ""


def cut_units(text: str) -> list[TextUnit]:
    """Cut `text` into units, joining lines only where it was wrapped at a column."""
    lines = _read_lines(text)
    width = wrap_width(text, lines)
    direct = sum(1 for line in lines[1:] if not line.blanks)  # lines right under another
    if not width and direct <= 0.03 * len(lines):
        closer = [line._replace(blanks=max(line.blanks - 1, 0)) for line in lines]
        if width := wrap_width(text, closer):
            lines = closer
    return _join_lines(text, lines, width) if width else _join_passages(text, lines)


def _read_lines(text: str) -> list[TextUnit]:
    lines: list[TextUnit] = []
    position = blanks = 0
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            lead = len(raw) - len(raw.lstrip())
            start = position + lead
            found = MARKER.match(line)
            marker = found.lastgroup or "" if found else ""
            indent = len(raw[:lead].expandtabs(TAB)) if lead else 0
            lines.append(TextUnit(start, start + len(line), blanks, indent, marker))
            blanks = 0
        else:
            blanks += 1
        position += len(raw) + 1
    return lines


def runs_of(units: Sequence[TextUnit]) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of units that no blank line parts."""
    begin = 0
    for place in range(1, len(units) + 1):
        if place == len(units) or units[place].blanks:
            yield begin, place
            begin = place


def wrap_width(text: str, lines: Sequence[TextUnit]) -> int:
    """Column at which `text` was wrapped, or 0 if it was not.

    Wrapped text has hardly a line beyond the column, and sentences that run on into the next
    line do so because the next word would not have fitted.
    """
    widths = sorted(line.end - line.start + line.indent for line in lines)
    fitting = [width for width in widths if width <= WIDEST_WRAP]
    if len(fitting) < 0.9 * len(widths) or not fitting:
        return 0
    width = fitting[int(0.98 * (len(fitting) - 1))]
    if width < NARROWEST_WRAP:
        return 0
    pairs = [pair for pair in pairwise(lines) if not (pair[1].blanks or pair[1].marker)]
    flowing, full = _flow(text, pairs, width)
    filled = full >= 0.6 * flowing and flowing >= 0.2 * len(pairs)
    return width if flowing and (filled or flowing >= 0.7 * len(pairs)) else 0


def _flow(text: str, pairs: Sequence[tuple[TextUnit, TextUnit]], width: int) -> tuple[int, int]:
    """In how many pairs of lines a sentence runs on, and in how many of those from a full line."""
    flowing = [pair for pair in pairs if _runs_on(text, *pair)]
    return len(flowing), sum(_is_full(text, *pair, width) for pair in flowing)


def _runs_on(text: str, line: TextUnit, following: TextUnit) -> bool:
    """Whether a sentence seems to go on from one line into the next."""
    return text[line.end - 1] not in ".!?:;" and text[following.start].islower()


def _is_full(text: str, line: TextUnit, following: TextUnit, width: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one."""
    word = text[following.start : following.start + width].split(maxsplit=1)[0]
    return line.indent + line.end - line.start + 1 + len(word) > width - 4


def _join_lines(text: str, lines: Sequence[TextUnit], width: int) -> list[TextUnit]:
    units: list[TextUnit] = []
    last: TextUnit | None = None  # the last line of the unit that is being built
    for line in lines:
        if last is not None and _continues(text, units[-1], last, line, width):
            units[-1] = units[-1]._replace(end=line.end)
        else:
            units.append(line)
        last = line
    return units


def _join_passages(text: str, lines: list[TextUnit]) -> list[TextUnit]:
    """Join lines in those passages alone that were wrapped, in a text that as a whole was not."""
    units: list[TextUnit] = []
    for begin, end in runs_of(lines):
        passage = lines[begin:end]
        led = begin > 0 and text[lines[begin - 1].end - 1] == ":"
        width = _passage_width(text, passage, led)
        units += _join_lines(text, passage, width) if width else passage
    return units


def _passage_width(text: str, passage: Sequence[TextUnit], led: bool) -> int:
    """Column at which lines that no blank line parts were wrapped, or 0.

    Bare items of a list may look like it by chance, above all if they are `led` in by a colon.
    So each line but the last of its paragraph must be full, and there must be a margin or
    several long lines.
    """
    if not 1 < len(passage) <= _LONGEST_PASSAGE or text[passage[0].start] in _CODE_STARTS:
        return 0
    width = max(line.indent + line.end - line.start for line in passage)
    bare = not passage[1].indent
    if bare and (led or len(passage) < _FEWEST_BARE or width < _NARROWEST_BARE):
        return 0
    if not NARROWEST_WRAP <= width <= WIDEST_WRAP:
        return 0
    pairs = [
        (line, following)
        for line, following in pairwise(passage)
        if not (following.marker or following.indent < line.indent)
    ]
    flowing, full = _flow(text, pairs, width)
    return width if pairs and full == flowing >= 0.5 * len(pairs) else 0


def _continues(text: str, unit: TextUnit, last: TextUnit, line: TextUnit, width: int) -> bool:
    """Whether `line` belongs to the unit whose last line is `last`."""
    if line.blanks or line.marker or "\t" in text[line.start : line.end]:
        return False
    deeper = line.indent > last.indent + (0 if last.start == unit.start else 1)
    if deeper and not (unit.marker and last.start == unit.start) and not _runs_on(text, last, line):
        return False  # a paragraph's first line is set in
    if _is_full(text, last, line, width):
        return True
    length = last.indent + last.end - last.start
    return length >= 0.4 * width and _runs_on(text, last, line)
