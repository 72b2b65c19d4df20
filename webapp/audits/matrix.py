"""Terms by places, a page of them, as a heat map with its numbers.

In: an audit and which part of it is wanted. Out: frozen rows for the template, each cell with its
count, its rate and a shade, the same that a report has for that rate. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from indexer import SHADES, shade

Key = tuple[str, tuple[str, ...]]  # article id and section of a place

ROWS = 50  # places on a page
COLUMNS = 12  # terms on a page


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One term in one place."""

    count: int
    headings: int  # further occurrences, in headings and titles
    per_1000: float | None  # None: the place has no words
    shade: int  # number in `SHADES`
    link: str  # to the first occurrence; "" without one


@dataclass(frozen=True, slots=True)
class Row:
    """One place."""

    place: Any
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A page of the matrix."""

    rows: tuple[Row, ...]
    shades: tuple[str, ...]  # what each stands for; empty when nothing was found
    first: int  # of the places, from 1
    total: int  # places
    last_page: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sequence that a page shows."""

    number: int
    last: int  # page
    start: int  # before the first item shown
    end: int
    total: int


def part_of(total: int, size: int, number: int) -> Part:
    """The page of this number; one beyond the last is empty."""
    start = min((number - 1) * size, total)
    return Part(number, max(1, ceil(total / size)), start, min(start + size, total), total)


def key_of(place: Any) -> Key:
    """What tells one place from another."""
    return place.article.id, place.section


def matrix(
    audit: Any, counts: Sequence[Any], part: Part, links: Mapping[tuple[str, Key], str]
) -> Matrix:
    """The rows of a part of the places, with a cell for each of these terms.

    `links` holds addresses by term and place.
    """
    places = audit.places_of(counts)
    columns = [count.by.on(places, part.start, part.end) for count in counts]
    rows = []
    for at, place in enumerate(places[part.start : part.end]):
        cells = []
        for count, column in zip(counts, columns, strict=True):
            found = column[at]
            rate = found.per_1000 if found else None
            link = links.get((count.term.query, key_of(place)), "")
            number, headings = (found.count, found.headings) if found else (0, 0)
            cells.append(HeatCell(number, headings, rate, shade(number, rate), link))
        rows.append(Row(place, tuple(cells)))
    shades = SHADES if any(count.total for count in counts) else ()
    return Matrix(tuple(rows), shades, part.start + 1, part.total, part.last)


def named(places: Iterable[Any]) -> tuple[str, ...]:
    """Ids of the articles that places are in, each once."""
    return tuple(dict.fromkeys(place.article.id for place in places))
