"""Tables in plain text: lines laid out as rows, the cells of rows, and the head row.

In: the text and its units. Out: runs of units that are rows by their layout, and for the rows of
one table their cells and column heads. Refuses nothing. Cells are separated by tabs, by `|` at both
ends of a row and between its cells, or by a gutter: two or more columns that are blank in all rows.
Without any of these no column is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexer.model import Span
from indexer.parsing.plain_text.line_shapes import repeats_phrase, words_of
from indexer.parsing.plain_text.lines import TextUnit

_NUMBER = re.compile(r"[-–+<>≤≥~≈]?[$€£]?\d[\d.,:%/–-]*(?:\s?\w{1,3})?")
_FIGURE = re.compile(r"[-–+<>=≤≥~≈$€£(\s]*\d")
_LONGEST_HEAD = 60  # code points of a head cell
_LONGEST_ROW = 200  # code points of a row with gutters
_MOST_GAPS = 20  # of a row
_ITEMS = ("bullet", "number", "letter")  # markers of lines that are no rows
_GAP = re.compile(r"(?<![.!?:;]) {2,}| {3,}")  # typists put two spaces after a sentence
_NO_ROW = re.compile(r"[$#%|+\\/*]|\.\.|>>>|.*(?:[{};\\=]\Z|//|/\*| # |[─-╿])")  # but code
_FEWEST_ROWS = 3  # two suffice if the gutters are four columns wide or more

Gaps = list[tuple[float, float]]  # blank columns: begin and end of each run


class TableRow(NamedTuple):
    """One row of a table: whether it is the head row, its cells and their column heads."""

    header: bool
    cells: tuple[Span, ...]  # empty where the text shows no columns
    heads: tuple[str, ...]  # one for each cell, "" where there is no head row


NO_ROW = TableRow(False, (), ())


def aligned_runs(text: str, units: Sequence[TextUnit]) -> Iterator[range]:
    """Indices of each run of lines with a common gutter, at most one blank line between them."""
    if "  " not in text:
        return
    begin, shared = 0, Gaps()
    for place in range(len(units) + 1):
        gaps = _gaps(text, units[place]) if place < len(units) else []
        goes_on = bool(shared and gaps) and units[place].blanks <= 1
        left = _common(shared, gaps) if goes_on else []
        if _finite(left):
            shared = left
            continue
        count = place - begin
        if count >= _FEWEST_ROWS or (count > 1 and sum(b - a for a, b in _finite(shared)) >= 4):
            yield range(begin, place)
        begin, shared = place, gaps


def _gaps(text: str, unit: TextUnit) -> Gaps:
    """Blank columns of a line, with those right of its end; none if it is no row: without a gap,
    with a bullet or number, too long, code, or more lines than those of its last cell."""
    start, end = unit.start, unit.end
    if text.find("  ", start, end) < 0 or end - start > _LONGEST_ROW or unit.marker in _ITEMS:
        return []
    line, *below = text[start:end].split("\n")
    found = [gap.span() for gap in _GAP.finditer(line)]
    if not 0 < len(found) <= _MOST_GAPS or "\t" in line or _NO_ROW.match(line):
        return []
    gaps: Gaps = [(a + unit.indent, b + unit.indent) for a, b in found]
    if any(len(more) - len(more.lstrip(" ")) < gaps[-1][1] for more in below):
        return []
    return [*gaps, (len(line) + unit.indent, math.inf)]


def _common(one: Gaps, other: Gaps) -> Gaps:
    """Columns that are blank in both lines, two or more side by side."""
    both = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(a, b) for a, b in both if b - a >= 2]


def _finite(gaps: Gaps) -> Gaps:
    return [gap for gap in gaps if gap[1] < math.inf]


def is_barred(line: str) -> bool:
    """Whether a line has `|` at both ends and between its cells."""
    return line[0] == line[-1] == "|" and line.count("|") > 2


# --- the rows of one table -----------------------------------------------------------------------


def read_table(text: str, rows: Sequence[TextUnit]) -> list[TableRow]:
    """Rows of one table, with their cells and column heads; drawn lines are rows without cells."""
    full = [row for row in rows if any(map(str.isalnum, text[row.start : row.end]))] or rows[:1]
    shared = _gaps(text, full[0])
    for row in full[1:]:
        shared = _common(shared, _gaps(text, row))
    cells = [_cells_of(text, row, _finite(shared)) for row in full]
    texts = [[" ".join(cell.of(text).split()) for cell in own] for own in cells]
    made = dict(zip(full, (TableRow(False, own, ("",) * len(own)) for own in cells)))
    if not texts[0]:
        is_head = _is_head_line([text[row.start : row.end] for row in full])
    else:
        is_head = _has_heads(texts) if _finite(shared) else _are_names(texts[0])
    if is_head and len(full) > 1:
        for row, own in zip(full[1:], cells[1:]):
            if len(own) == len(cells[0]):
                made[row] = TableRow(False, own, tuple(texts[0]))
        made[full[0]] = TableRow(True, cells[0], ("",) * len(cells[0]))
    return [made.get(row, NO_ROW) for row in rows]


def _cells_of(text: str, row: TextUnit, gutters: Gaps) -> tuple[Span, ...]:
    """Spans of the cells of a row, without white space around them; () if nothing separates it."""
    line = text[row.start : row.end]
    barred = is_barred(line)
    if "\t" in line or barred:
        cuts = [n for n, char in enumerate(line) if char == ("|" if barred else "\t")]
    else:
        cuts = [min(max(int(begin) - row.indent, 0), len(line)) for begin, _ in gutters]
    if not cuts:
        return ()
    cells = []
    step = int(barred or "\t" in line)  # length of what separates cells
    for begin, end in zip([0, *(cut + step for cut in cuts)], [*cuts, len(line)]):
        part = line[begin:end]
        lead = len(part) - len(part.lstrip()) if part.strip() else 0
        at = row.start + begin + lead
        cells.append(Span(at, at + len(part.strip())))
    return tuple(cells[1:-1] if barred else cells)


def _is_head_line(lines: Sequence[str]) -> bool:
    """Whether the first of these lines without cells repeats a phrase, or alone has no figure."""
    digits = [any(map(str.isdigit, line)) for line in lines]
    words = list(map(str.lower, words_of(lines[0])))
    return repeats_phrase(words) or (not digits[0] and all(digits[1:]))


def _are_names(cells: Sequence[str]) -> bool:
    """Whether these cells name columns."""
    if any(len(name) > _LONGEST_HEAD or _NUMBER.fullmatch(name) for name in cells):
        return False
    return not all(name[-1:] in ".:;" for name in cells if name)


def _has_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells of the first row name columns, of which one has figures in all other rows."""
    if not _are_names(rows[0]) or any(map(_FIGURE.match, rows[0])):
        return False
    below = [list(filter(None, column)) for column in zip(*rows[1:])]
    return any(column and all(map(_FIGURE.match, column)) for column in below)
