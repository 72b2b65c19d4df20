"""Rows of a plain text: which one is the head row, and cells where tabs show them.

In: the text and the spans of one table's rows. Out: for each row whether it is the head, its
cells and the head of each cell. Without tabs no column is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from indexer.model import Span
from indexer.parsing.plain_text.facts import repeats_phrase

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBER = re.compile(r"[-–+<>≤≥~≈]?[$€£]?\d[\d.,:%/–-]*(?:\s?\w{1,3})?")
_LONGEST_HEAD = 60  # code points of a head cell


class Row(NamedTuple):
    """What is known of one row."""

    header: bool
    cells: tuple[Span, ...]  # empty where the text shows no columns
    heads: tuple[str, ...]  # one for each cell, empty where there is no head row


def tabulate(text: str, rows: Sequence[Span]) -> list[Row]:
    """Head row and cells of one table."""
    cells = [_cells_of(text, row) for row in rows]
    if not _has_head(text, rows, cells):
        return [Row(False, row, ()) for row in cells]
    heads = tuple(" ".join(cell.of(text).split()) for cell in cells[0])
    return [Row(True, cells[0], ())] + [
        Row(False, row, heads if len(heads) == len(row) else ()) for row in cells[1:]
    ]


def _cells_of(text: str, row: Span) -> tuple[Span, ...]:
    """Spans of the cells that tabs part, without white space around them."""
    line = row.of(text)
    if "\t" not in line:
        return ()
    cells = []
    at = row.start
    for part in line.split("\t"):
        lead = len(part) - len(part.lstrip())
        body = part.strip()
        begin = at + (lead if body else 0)
        cells.append(Span(begin, begin + len(body)))
        at += len(part) + 1
    return tuple(cells)


def _has_head(text: str, rows: Sequence[Span], cells: Sequence[tuple[Span, ...]]) -> bool:
    """Whether the first row names the columns of the others."""
    if len(rows) < 2:
        return False
    first = rows[0].of(text)
    if not cells[0]:
        words = [word.lower() for word in _WORD.findall(first)]
        return repeats_phrase(words) or (
            not _has_digit(first) and all(_has_digit(row.of(text)) for row in rows[1:])
        )
    names = [cell.of(text) for cell in cells[0]]
    if any(len(name) > _LONGEST_HEAD or _NUMBER.fullmatch(name) for name in names):
        return False
    return not all(name[-1:] in ".:;" for name in names if name)


def _has_digit(line: str) -> bool:
    return any(char.isdigit() for char in line)
