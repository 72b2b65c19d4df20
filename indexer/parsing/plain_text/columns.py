"""Columns that stand side by side on a page of text, put one below the other.

In: decoded text, its pages parted by form feeds, as `pdftotext -layout` writes it. Out: the text in
which the left column of a page stands above the right one, where that is sure; all else stays.
Refuses nothing; of a longer text without form feeds it is told whether columns seem to be mixed.

It is sure where a gutter parts most lines at one place, and what stands on both sides of it is
prose: its lines are full and its sentences run on, as those of a table's cells do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_FEWEST = 8  # lines with text on both sides
_FEW = 4  # such lines where another page has columns
_DEEPEST = 3  # times that a column may be parted in its turn
_MOST_TRIED = 3  # places where a gutter may be
_NARROWEST = 20  # code points of a full line
_STOPS = ".!?:;"
_LONGEST_PAGE = 300  # lines
_LINES_OF_PAGE = 100  # of a text without form feeds that may be one page
_PIECE = 60  # lines of such a text that are looked at together


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
    """Whether columns stand side by side in a text whose pages nothing parts, at its beginning."""
    if "\f" in text or text.count("   ") < _FEWEST:
        return False
    lines = text.split("\n", 10 * _PIECE)[: 10 * _PIECE]
    pieces = [lines[at : at + _PIECE] for at in range(0, len(lines), _PIECE)]
    mixed = sum(_unmix(piece, _FEWEST) is not piece for piece in pieces)
    return len(lines) > _LINES_OF_PAGE and 2 * mixed >= len(pieces)


def _unmix(lines: list[str], fewest: int, depth: int = 0) -> list[str]:
    """The lines of a page or a column, those of columns in it one after the other."""
    gaps = [found.end() for line in lines for found in _GAP.finditer(line)]
    if len(gaps) < fewest or depth == _DEEPEST or len(lines) > _LONGEST_PAGE:
        return lines
    for gutter, count in Counter(gaps).most_common(_MOST_TRIED):
        made = _part(lines, gutter, fewest, depth) if 2 * count >= fewest else None
        if made is not None:
            return made
    return lines


def _part(lines: list[str], gutter: int, fewest: int, depth: int) -> list[str] | None:
    """The lines with those before the gutter above those behind it, between lines that cross it;
    None where it is not sure that it is one."""
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
                apart = abs(count["left"] - count["right"])
                is_even = count["both"] + min(count["left"], count["right"]) >= apart
                is_sure = is_sure or (count["both"] >= fewest and is_even)
                gap = [""] if left[-1].rstrip("\"'”’»)")[-1:] in _STOPS else []
                run = [*[""] * (begin > 0), *left, *gap, *right, ""]
        done += [*run, *lines[end : end + 1]]
        begin = end + 1
    return done if is_sure else None


def _sides(lines: Sequence[str], gutter: int) -> list[str]:
    """Of each line the sides of the gutter on which there is text: "left", "right", "both", "" if
    it is blank; "whole" if it crosses the gutter, or is the head or foot of a page."""
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
        if side == "near":  # one blank alone: the gutter, or one between words of a whole line
            sides[place] = "both" if "both" in beside and "whole" not in beside else "whole"
    filled = [place for place, side in enumerate(sides) if side]
    for edge, inner in ((0, 1), (-1, -2)):
        if len(filled) > 2 and abs(filled[edge] - filled[inner]) > 1:
            sides[filled[edge]] = "whole"
    return sides


def _column(lines: Sequence[str], sides: Sequence[str], other: str, side: slice) -> list[str]:
    """The lines of one side, without blank ones at the beginning and end, nor those between two
    where the lines of both sides stand at other heights."""
    column: list[str] = []
    for place, line in enumerate(lines):
        beside = sides[max(place - 1, 0) : place + 2 : 2]
        if sides[place] != other or other in beside or "both" in beside or "" in beside:
            column.append(line[side].rstrip() if sides[place] != other else "")
    filled = [place for place, line in enumerate(column) if line]
    return column[filled[0] : filled[-1] + 1] if filled else []


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether most lines are full, and sentences run on from one to the next."""
    lengths = sorted(len(line.strip()) for line in lines if line.strip())
    width = lengths[9 * len(lengths) // 10] if lengths else 0
    full = sum(length >= 0.75 * width for length in lengths)
    pairs = [(a, b.lstrip()) for a, b in pairwise(lines) if a.strip() and b.strip()]
    running = sum(a[-1] not in _STOPS and (b[0].islower() or a[-1] in "-‐\xad") for a, b in pairs)
    return width >= _NARROWEST and full >= 0.55 * len(lengths) and running >= 0.3 * len(pairs) > 0
