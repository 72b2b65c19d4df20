"""Marks of the passages shown, merged; and the windows of a long text that show the most marks.

In: passages and the matcher that matched them; or a text and marks with offsets in it. Out: hits
with their marks; non-overlapping marks; snippets. A mark never leaves its text: ranges beyond it
are clipped, empty ones dropped. All hits of a page are handled together, as far as that is array
work: ten calls for ten hits cost ten times as much as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from indexer.model import FoundHeading, Hit, Mark, Snippet
from indexer.search.located import REASONS
from indexer.sorted_arrays import EMPTY, Array, member

if TYPE_CHECKING:
    from indexer.search.matcher import Matcher

_SPACE = re.compile(r"\s")


def merge_marks(marks: Iterable[Mark], length: int) -> tuple[Mark, ...]:
    """Marks in order within a text of `length` code points.

    Overlapping marks become one, with the reason of the longest (of equals, the first). Marks
    that only touch stay apart.
    """
    given = tuple(marks)
    end = 0
    for mark in given:  # mostly they are in order and disjoint already: then returned as they are
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

    The best window has the most marks; ties go to the most marked text, then to the first. Windows
    do not overlap and come in the order of the text. Without marks the beginning is shown; a text
    no longer than `width` is shown whole.
    """
    found = merge_marks(marks, len(text))
    width = max(width, 1)
    if len(text) <= width:
        return (Snippet(0, len(text), found),)
    chosen: list[tuple[int, int]] = []
    left = list(found)
    while not chosen or (left and len(chosen) < limit):
        start, end = _densest(left, width) if left else (0, 0)
        low = max((e for _, e in chosen if e <= start), default=0)
        high = min((s for s, _ in chosen if s >= end), default=len(text))
        window = _widen(text, start, end, width, low, high)
        chosen.append(window)
        left = [m for m in left if m.end <= window[0] or m.start >= window[1]]
    return tuple(Snippet(s, e, _clipped(found, s, e)) for s, e in sorted(chosen))


def _densest(marks: Sequence[Mark], width: int) -> tuple[int, int]:
    """Span from the first to the last mark of the best window; one longer than `width` is cut."""
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
        b = next((at for at in range(b - 1, end - 1, -1) if text[at].isspace()), b)
    while a < start and text[a].isspace():
        a += 1
    while b > end and text[b - 1].isspace():
        b -= 1
    while a < start and unicodedata.combining(text[a]):
        a += 1
    while end < b < len(text) and unicodedata.combining(text[b]):
        b -= 1
    return a, b


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


# --- hits ---------------------------------------------------------------------------------------

Shown = tuple[int, int, float]  # part, passage, score


@dataclass
class PassageMarks:
    """Marks of one passage before they are merged."""

    text: list[Mark] = field(default_factory=list)
    heads: dict[int, list[Mark]] = field(default_factory=dict)


def marks_of(matcher: Matcher, part: int, passages: Array) -> dict[int, PassageMarks]:
    """Marks of these passages (ascending) in their texts, headings and titles."""
    segment = matcher.snapshot.parts[part].segment
    out = {number: PassageMarks() for number in passages.tolist()}
    above: list[dict[int, list[int]]] = []  # by leaf: heads that hold it → passages below
    found: list[tuple[Array, Array, Array]] = [(EMPTY, EMPTY, EMPTY)]
    for leaf, here in matcher.active_leaves(part, passages):
        above.append(matcher.heads_above(leaf, part, passages[here]))
        units = np.array(sorted(above[-1]), np.int64) + segment.passages
        if "text" in leaf.fields:
            units = np.concatenate((passages[here], units))
        found.append(matcher.marks(leaf, part, units))
    first, last, codes = map(np.concatenate, zip(*found))
    of_leaf = np.repeat(np.arange(-1, len(above)), [of_one[0].size for of_one in found])
    owners = segment.unit_of(first)
    starts = segment.starts_at(first, owners)
    same = np.array_equal(first, last)  # each mark is one token
    ends = (starts if same else segment.starts_at(last, owners)) + segment.lengths_at(last)
    marks = map(Mark, starts.tolist(), ends.tolist(), map(REASONS.__getitem__, codes.tolist()))
    for mark, unit, number in zip(marks, owners.tolist(), of_leaf.tolist()):
        if unit < segment.passages:
            out[unit].text.append(mark)
        else:
            for passage in above[number][unit - segment.passages]:
                out[passage].heads.setdefault(unit - segment.passages, []).append(mark)
    by_headings = matcher.by_headings(part).ids
    for number in passages[member(passages, by_headings)].tolist():
        out[number].text = []
    return out


def hits(matcher: Matcher, shown: Iterable[Shown], *, why: bool = False) -> list[Hit]:
    """Hits with their marks, in the order given; with `why`, also the parts of their scores."""
    rows = list(shown)
    made: dict[tuple[int, int], Hit] = {}
    by_part: dict[int, dict[int, float]] = {}
    for part, number, score in rows:
        by_part.setdefault(part, {})[number] = score
    for part, scores in by_part.items():
        segment = matcher.snapshot.parts[part].segment
        numbers = sorted(scores)
        passages = np.array(numbers, np.int64)
        marks = marks_of(matcher, part, passages)
        whys = dict(zip(numbers, matcher.why(part, passages))) if why else {}
        above = passages[member(passages, matcher.by_headings(part).ids)].tolist()
        for number, passage in zip(numbers, segment.passages_at(numbers), strict=True):
            heads = marks[number].heads
            article = segment.article_ref(int(segment.article_numbers[number]))
            title_marks: tuple[Mark, ...] = ()
            section_marks: tuple[tuple[Mark, ...], ...] = ((),) * len(passage.section)
            heading: FoundHeading | None = None
            if heads:
                title, chain = segment.title_of(number), segment.heads_above(number)
                title_marks = merge_marks(heads.get(title, ()), len(article.title))
                section_marks = tuple(
                    merge_marks(heads.get(head, ()), len(text))
                    for head, text in zip(chain, passage.section, strict=True)
                )
                others = heads.keys() - {title, *chain}
                if others:
                    path = segment.path(max(others))
                    found = merge_marks(heads[max(others)], len(path[-1]))
                    heading = FoundHeading(path[-1], path, found)
            text_marks = merge_marks(marks[number].text, len(passage.text))
            found_in = matcher.found_in(part, number) if number in above else "text"
            made[part, number] = Hit(
                passage,
                scores[number],
                text_marks,
                article,
                title_marks,
                section_marks,
                heading,
                found_in,
                whys.get(number, ()),
            )
    return [made[part, number] for part, number, _ in rows]
