"""How well a place fits a quote with its context: one number from 0 to 1.

In: how alike the quote, what stands before, what stands after and the offset are, each from 0 to
1 or None for what is not known. Out: their mean by the weights 50, 20, 20 and 2, which are those
of the Hypothesis client's text anchoring; what is not known does not count. Pure.
"""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

QUOTE, PREFIX, SUFFIX, POSITION = 50, 20, 20, 2


def score(
    quote: float,
    prefix: float | None = None,
    suffix: float | None = None,
    position: float | None = None,
) -> float:
    """The weighted mean of what is known, from 0 to 1."""
    total, most = QUOTE * quote, QUOTE
    for weight, part in ((PREFIX, prefix), (SUFFIX, suffix), (POSITION, position)):
        if part is not None:
            total += weight * part
            most += weight
    return total / most


def likeness(expected: str, found: str) -> float:
    """1 less the edits (Levenshtein) that turn one into the other, as a share of `expected`."""
    if not expected:
        return 1.0
    return max(0.0, 1 - Levenshtein.distance(expected, found) / len(expected))


def context_likeness(prefix: str, text: str, start: int) -> float | None:
    """How alike what stands before `start` is to `prefix`; None for an empty one."""
    return likeness(prefix, text[max(0, start - len(prefix)) : start]) if prefix else None


def following_likeness(suffix: str, text: str, end: int) -> float | None:
    """How alike what stands after `end` is to `suffix`; None for an empty one."""
    return likeness(suffix, text[end : end + len(suffix)]) if suffix else None


def nearness(hint: int | None, start: int, length: int) -> float | None:
    """1 at the hinted offset, less the farther away, as a share of the text; None without hint."""
    if hint is None:
        return None
    return max(0.0, 1 - abs(start - hint) / max(length, 1))
