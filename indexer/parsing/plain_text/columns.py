"""Puts columns that are side by side on a page of text one below the other.

In: decoded text, its pages separated by form feeds, as `pdftotext -layout` writes it. Out: the text
with the left column of a page above the right one, where columns are certain; the rest unchanged.
Refuses nothing; `are_mixed` reports columns that seem mixed in a long text without form feeds.

Columns are certain if a gutter divides most lines at one position and both sides of it are prose:
lines are full and sentences run on, unlike those in the cells of a table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_FEWEST = 8  # lines with text on both sides
_FEW = 4  # such lines where another page has columns
_DEEPEST = 3  # levels of columns inside columns
_MOST_TRIED = 3  # positions tried for a gutter
_TALLEST_CELL = 5  # lines of a run
_NARROWEST = 20  # code points of a full line
_STOPS = ".!?:;"
_LONGEST_PAGE = 300  # lines
_LINES_OF_PAGE = 100  # most lines of a text without form feeds to be taken for one page
_PIECE = 60  # lines of a longer text that are checked together


def unmix_columns(text: str) -> str:
    """The text with columns one below the other."""
    if text.count("   ") < _FEWEST or ("\f" not in text and text.count("\n") > _LINES_OF_PAGE):
        return text
    pages = [page.split("\n") for page in text.split("\f")]
    made = [_unmix(page, _FEWEST) for page in pages]
    if made != pages:  # where one page has columns, others may have short ones
        made = [_unmix(page, _FEW) if page is done else done for page, done in zip(pages, made)]
    return "\f".join(map("\n".join, made))


def are_mixed(text: str) -> bool:
    """Whether a long text without form feeds seems to begin with columns side by side."""
    if "\f" in text or text.count("   ") < _FEWEST:
        return False
    lines = text.split("\n", 10 * _PIECE)[: 10 * _PIECE]
    if len(lines) <= _LINES_OF_PAGE:
        return False
    pieces = [lines[at : at + _PIECE] for at in range(0, len(lines), _PIECE)]
    mixed = sum(_unmix(piece, _FEWEST) is not piece for piece in pieces)
    return 2 * mixed >= len(pieces)


def _unmix(lines: list[str], fewest: int, depth: int = 0) -> list[str]:
    """Lines of a page or column, with columns in it one below the other; `lines` itself if none."""
    spaced = (line for line in lines if "  " in line)
    gaps = [found.end() for line in spaced for found in _GAP.finditer(line)]
    if len(gaps) < fewest or depth == _DEEPEST or len(lines) > _LONGEST_PAGE:
        return lines
    tried = [gutter for gutter, n in Counter(gaps).most_common(_MOST_TRIED) if 2 * n >= fewest]
    for gutter in sorted(tried, key=lambda one: _sides(lines, one).count("whole")):
        if made := _part(lines, gutter, fewest, depth):
            return made
    return lines


def _part(lines: list[str], gutter: int, fewest: int, depth: int) -> list[str] | None:
    """Lines with the text left of the gutter above the text right of it, between lines that cross
    it; None if the gutter is not certain."""
    sides = _sides(lines, gutter)
    done: list[str] = []
    is_sure = False
    begin = 0
    for end in range(len(lines) + 1):
        if end < len(lines) and sides[end] != "whole":
            continue
        run, count = lines[begin:end], Counter(sides[begin:end])
        if count["both"] > 1:
            left = _column(run, sides[begin:end], "right", slice(gutter))
            right = _column(run, sides[begin:end], "left", slice(gutter, None))
            left, right = _unmix(left, fewest, depth + 1), _unmix(right, fewest, depth + 1)
            if _is_prose(left) and _is_prose(right):
                is_sure = is_sure or count["both"] >= fewest
                gap = [""] if left[-1].rstrip("\"'”’»)")[-1:] in _STOPS else []
                run = [*[""] * (begin > 0), *left, *gap, *right, ""]
        done += [*run, *lines[end : end + 1]]
        begin = end + 1
    return done if is_sure else None


def _sides(lines: Sequence[str], gutter: int) -> list[str]:
    """Side of the gutter on which each line has text: "left", "right", "both"; "" if it is blank;
    "whole" if it crosses the gutter, or is the head or foot of a page."""
    sides: list[str] = []
    for line in lines:
        if not line.strip():
            sides.append("")
        elif len(line.rstrip()) < gutter:
            sides.append("left")
        elif not line[:gutter].strip():
            sides.append("right")
        else:
            blanks = line[gutter - 2 : gutter]
            sides.append("both" if blanks == "  " else "near" if blanks[1:] == " " else "whole")
    for place, side in enumerate(sides):
        beside = sides[max(place - 1, 0) : place + 2]
        if side == "near":  # a single space: the gutter, or a space in a whole line
            sides[place] = "both" if "both" in beside and "whole" not in beside else "whole"
    filled = [place for place, side in enumerate(sides) if side]
    for edge, inner in ((0, 1), (-1, -2)):
        if len(filled) > 2 and abs(filled[edge] - filled[inner]) > 1:
            sides[filled[edge]] = "whole"
    return sides


def _column(lines: Sequence[str], sides: Sequence[str], other: str, side: slice) -> list[str]:
    """Lines of one side, without blank ones at the beginning and end, or between two lines if only
    the other side, whose lines are at other heights, has text there."""
    column: list[str] = []
    for place, line in enumerate(lines):
        beside = sides[max(place - 1, 0) : place + 2 : 2]
        if sides[place] != other or other in beside or "both" in beside or "" in beside:
            column.append(line[side].rstrip() if sides[place] != other else "")
    filled = [place for place, line in enumerate(column) if line]
    return column[filled[0] : filled[-1] + 1] if filled else []


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether many lines are full and sentences run on, for more lines than in cells of tables."""
    lengths = sorted(len(line.strip()) for line in lines if line.strip())
    width = lengths[9 * len(lengths) // 10] if lengths else 0
    runs = [run.split("\n") for run in re.split("\n\n+", "\n".join(map(str.strip, lines)).strip())]
    pairs = [pair for run in runs for pair in pairwise(run)]
    running = sum(a[-1] not in _STOPS and (b[0].islower() or a[-1] in "-‐\xad") for a, b in pairs)
    full = sum(n >= 0.75 * width for n in lengths) if width >= _NARROWEST else -1
    is_tall = max(map(len, runs)) >= _TALLEST_CELL
    return full >= 0.45 * len(lengths) and is_tall and running >= 0.3 * len(pairs)
