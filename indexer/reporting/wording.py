"""Numbers and places in words, alike in every form of report.

In: counts, offsets, section paths. Out: short English phrases. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from indexer.reporting.plain import one_line

# Which way each score of readability runs.
SCALES = {
    "flesch": "Flesch reading ease: 60 to 70 is plain English, below 30 very difficult",
    "grade": "grade: Flesch-Kincaid, years of schooling",
    "smog": "SMOG: years of schooling, from 30 sentences on",
    "lix": "LIX: below 30 very easy, above 60 very difficult",
}


def breadcrumb(headings: Iterable[str]) -> str:
    """Headings from the top down, on one line: `Elavil › Side Effects`."""
    return " › ".join(one_line(heading).strip() for heading in headings)


def count_of(number: int, noun: str, plural: str = "") -> str:
    """`1 passage`, `1,204 passages`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def page_of(shown: int, offset: int, total: int, noun: str) -> str:
    """What part of all results is shown, and how to see more: `10 of 311 passages; …`."""
    whole = count_of(total, noun)
    if shown == total:
        return whole
    if not shown:
        return f"none of {whole} shown"
    part = f"{offset + 1:,} to {offset + shown:,}" if offset else f"{shown:,}"
    reached = offset + shown
    more = f"; --offset {reached} shows more" if reached < total else ""
    return f"{part} of {whole}{more}"
