"""Finds quotes in a text, exactly or nearly, and the shortest context that makes one unique.

Takes a text and a quote, with its prefix, suffix and offset as far as known. Returns the best span
with its score, or None; never raises. Any white space counts as one blank, and curly quotes as
straight ones, since what a reader copies differs from what the page holds. Offsets are code points
of the given text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from indexer.links.similarity import likeness, nearness, score
from indexer.model import Span

_MOST_EDITS = 256
_MOST_NEAR = 12  # near matches that are scored
_DOUBT = 0.9  # an exact match with a lower score is compared with near matches
TYPED_QUOTES = str.maketrans("’‘ʼ“”„«»", "'''" + '"' * 5)  # printed quotation marks → typed ones


@dataclass(frozen=True, slots=True)
class Quoted:
    """A match of a quote."""

    span: Span  # in the text
    score: float  # 0 to 1, see `similarity.score`
    exact: bool  # whether the text equals the quote, apart from white space


def match_quote(
    text: str, quote: str, prefix: str = "", suffix: str = "", hint: int | None = None
) -> Quoted | None:
    """The best match of a quote and its context in `text`; None when there is none.

    Exact matches win over near ones unless their contexts disagree; among equal matches the one
    nearest to `hint` (an offset) wins, or the first. Up to half of the quote may differ.
    """
    plain, exact = _plain(text), _plain(quote).strip()
    if not exact:
        return None
    before, after = _plain(prefix), _plain(suffix)
    # offset in `text` of each character of `plain`, and the end of the last
    starts = [0, *accumulate(map(len, re.findall(r"\s+|\S", text)))]
    about = None if hint is None else bisect_left(starts, hint)

    def scored(span: Span, edits: int) -> Quoted:
        lead = plain[max(0, span.start - len(before)) : span.start]
        rest = plain[span.end : span.end + len(after)]
        fit = score(
            max(0.0, 1 - edits / len(exact)),
            likeness(before, lead) if before else None,
            likeness(after, rest) if after else None,
            nearness(about, span.start, len(plain)),
        )
        return Quoted(Span(starts[span.start], starts[span.end]), fit, not edits)

    matches = [scored(span, 0) for span in quote_spans(plain, exact)]
    if not matches or max(match.score for match in matches) < _DOUBT:
        near = search_near(plain, exact, min(_MOST_EDITS, len(exact) // 2))
        matches += (scored(span, edits) for span, edits in near if edits)
    return max(matches, key=lambda match: (match.score, -match.span.start), default=None)


def quote_spans(text: str, quote: str) -> Iterator[Span]:
    """Spans of all exact occurrences of `quote`, overlapping ones too."""
    at = text.find(quote) if quote else -1
    while at >= 0:
        yield Span(at, at + len(quote))
        at = text.find(quote, at + 1)


def shortest_context(text: str, span: Span) -> tuple[str, str]:
    """The shortest prefix and suffix that distinguish `span` from all other equal text.

    For each other occurrence in turn, the side that needs fewer characters to rule it out is
    extended. Not bounded: text that repeats itself may need long ones.
    """
    exact = span.of(text)
    before = after = 0
    if not exact:
        return "", ""
    for rival in quote_spans(text, exact):
        if rival.start == span.start:
            continue
        if before and _common_before(text, span.start, rival.start) < before:
            continue
        if after and _common_after(text, span.end, rival.end) < after:
            continue
        left = _common_before(text, span.start, rival.start) + 1
        right = _common_after(text, span.end, rival.end) + 1
        can_left, can_right = left <= span.start, right <= len(text) - span.end
        if can_left and (left - before <= right - after or not can_right):
            before = left
        else:
            after = right
    return text[span.start - before : span.start], text[span.end : span.end + after]


def _common_before(text: str, one: int, other: int) -> int:
    """Number of equal characters right before two offsets."""
    size = 0
    while size < min(one, other) and text[one - size - 1] == text[other - size - 1]:
        size += 1
    return size


def _common_after(text: str, one: int, other: int) -> int:
    size, most = 0, len(text) - max(one, other)
    while size < most and text[one + size] == text[other + size]:
        size += 1
    return size


# --- nearly the same -----------------------------------------------------------------------------


def search_near(text: str, pattern: str, allowed: int) -> list[tuple[Span, int]]:
    """Spans of `text` nearest to `pattern`, nearest first, each with its Levenshtein edits.

    Only spans with at most `allowed` edits, and of spans that overlap by more than half of the
    pattern only the best. `pattern` must not be empty.

    Peter Sellers, "The theory and computation of evolutionary distances: pattern recognition",
    Journal of Algorithms 1 (1980), 359-373.
    """
    bests: list[tuple[int, int]] = []  # edits and end of each span
    reach = max(1, len(pattern) // 2)
    for end, edits in enumerate(_edits_by_end(text, pattern), 1):
        if edits > allowed:
            continue
        if not bests or end - bests[-1][1] >= reach:
            bests.append((edits, end))
        elif edits < bests[-1][0]:
            bests[-1] = (edits, end)
    found = []
    for edits, end in sorted(bests)[:_MOST_NEAR]:
        begin = max(0, end - len(pattern) - edits)
        back = _edits_by_end(text[begin:end][::-1], pattern[::-1], from_start=True)
        # of equally good starts, the one whose span is nearest to the pattern in length
        length = min(range(len(back)), key=lambda n: (back[n], abs(n + 1 - len(pattern)))) + 1
        found.append((Span(end - length, end), edits))
    return found


def _edits_by_end(text: str, pattern: str, *, from_start: bool = False) -> list[int]:
    """For each offset in `text`, the fewest edits between `pattern` and a span ending just after.

    `from_start`: only the span from the start of the text. Keeps one row of the table per character
    of the pattern; O(text x pattern).
    """
    characters, steps = np.array([*text]), np.arange(len(text) + 1)
    row = steps if from_start else np.zeros_like(steps)
    for number, character in enumerate(pattern, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (characters != character))
        row = np.minimum.accumulate(np.concatenate(([number], changed)) - steps) + steps
    found: list[int] = row[1:].tolist()
    return found


# --- text with one kind of blank ---------------------------------------------------------------


def squeezed(text: str) -> str:
    """`text` with each run of white space replaced by one blank."""
    return re.sub(r"\s+", " ", text)


def _plain(text: str) -> str:
    return squeezed(text).translate(TYPED_QUOTES)
