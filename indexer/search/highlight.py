"""Marks on a text: merging them, and choosing the windows of a long passage that show them.

In: a text and marks with offsets in it. Out: marks that do not overlap; snippets. No mark ever
leaves its text: ranges beyond it are clipped, empty ones dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from indexer.model import Mark, Snippet

_SPACE = re.compile(r"\s")


def merge_marks(marks: Iterable[Mark], length: int) -> tuple[Mark, ...]:
    """Marks in order within a text of `length` code points.

    Overlapping marks become one, with the reason of the longest (of equals, the first). Marks
    that only touch stay apart.
    """
    given = tuple(marks)
    end = 0
    for mark in given:  # most come in order and apart: then they stay what they are
        if not end <= mark.start < mark.end <= length:
            break
        end = mark.end
    else:
        return given
    ordered = sorted(
        (Mark(max(m.start, 0), min(m.end, length), m.reason) for m in given),
        key=lambda m: (m.start, -m.end),
    )
    merged: list[Mark] = []
    longest = 0
    for mark in ordered:
        if mark.start >= mark.end:
            continue
        size = mark.end - mark.start
        if merged and mark.start < merged[-1].end:
            last = merged[-1]
            reason = mark.reason if size > longest else last.reason
            longest = max(longest, size)
            merged[-1] = Mark(last.start, max(last.end, mark.end), reason)
        else:
            merged.append(mark)
            longest = size
    return tuple(merged)


def snippets(
    text: str, marks: Sequence[Mark], *, width: int = 320, limit: int = 1
) -> tuple[Snippet, ...]:
    """Up to `limit` windows of at most `width` code points that show the most marks.

    The best window has the most marks; of equals, the most marked text; of equals, the first.
    Windows do not overlap and come in the order of the text. Without marks the beginning is
    shown; a text no longer than `width` is shown whole.
    """
    found = merge_marks(marks, len(text))
    width = max(width, 1)
    if len(text) <= width:
        return (Snippet(0, len(text), found),)
    if limit <= 1 or not found:
        window = _widen(text, *(_densest(found, width) if found else (0, 0)), width, 0, len(text))
        return (Snippet(*window, _clipped(found, *window)),)
    chosen: list[tuple[int, int]] = []
    left = list(found)
    while left and len(chosen) < limit:
        start, end = _densest(left, width)
        low = max((e for _, e in chosen if e <= start), default=0)
        high = min((s for s, _ in chosen if s >= end), default=len(text))
        window = _widen(text, start, end, width, low, high)
        chosen.append(window)
        left = [m for m in left if m.end <= window[0] or m.start >= window[1]]
    return tuple(Snippet(s, e, _clipped(found, s, e)) for s, e in sorted(chosen))


def _densest(marks: Sequence[Mark], width: int) -> tuple[int, int]:
    """From first to last mark of the best window (a mark longer than `width` is cut)."""
    best: tuple[int, int] | None = None
    window = (0, 0)
    last = 0
    marked = 0
    for i, first in enumerate(marks):
        last = max(last, i)
        while last < len(marks) and marks[last].end - first.start <= width:
            marked += marks[last].end - marks[last].start
            last += 1
        score = (last - i, marked)
        if best is None or score > best:
            best = score
            end = marks[last - 1].end if last > i else first.start + width
            window = (first.start, end)
        if last == len(marks):
            break  # those that follow have fewer
        if last > i:
            marked -= first.end - first.start
    return window


def _widen(text: str, start: int, end: int, width: int, low: int, high: int) -> tuple[int, int]:
    """[start, end) grown to `width` within [low, high), both edges moved to white space."""
    spare = max(width - (end - start), 0)
    before = min(spare // 2, start - low)
    after = min(spare - before, high - end)
    before = min(spare - after, start - low)
    a, b = start - before, end + after
    if a > 0 and not text[a - 1].isspace():
        space = _SPACE.search(text, a, start)
        a = space.end() if space else a
    if b < len(text) and not text[b].isspace():
        b = _last_space(text, end, b)
    while a < start and text[a].isspace():
        a += 1
    while b > end and text[b - 1].isspace():
        b -= 1
    while a < start and unicodedata.combining(text[a]):
        a += 1
    while end < b < len(text) and unicodedata.combining(text[b]):
        b -= 1
    return a, b


def _last_space(text: str, low: int, high: int) -> int:
    """Place of the last white space in [low, high); `high` if there is none."""
    piece = text[low:high]
    if piece[-1:].isspace():
        return high - 1
    words = piece.rsplit(None, 1)
    return high - len(words[-1]) - 1 if words and len(words[-1]) < len(piece) else high


def _clipped(marks: Sequence[Mark], start: int, end: int) -> tuple[Mark, ...]:
    return tuple(
        [
            m
            if start <= m.start and m.end <= end
            else Mark(max(m.start, start), min(m.end, end), m.reason)
            for m in marks
            if m.start < end and m.end > start
        ]
    )
