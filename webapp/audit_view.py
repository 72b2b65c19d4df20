"""Terms by places, a page of them, as a heat map with its numbers; barcodes whose ticks are links.

In: an index, an audit and which part of it is wanted. Out: frozen rows and barcodes for the
template: each cell with its count, its rate and a shade, drawn as in reports. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from indexer import SHADES, Index, barcode_svg, shade
from webapp import urls
from webapp.answers import only
from webapp.params import AuditForm, Part, ReadingForm

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


CODES = 24  # on a page
FEWEST = 2  # of each term


@dataclass(frozen=True, slots=True)
class Code:
    """One term in one place."""

    place: Any
    count: int  # occurrences in it
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Codes:
    """One term in the places where it stands most often."""

    term: str
    codes: tuple[Code, ...]  # in corpus order
    places: int  # where it stands at all, not only those shown


Found = Mapping[tuple[str, Key], Any]  # barcodes by term and place


def barcodes(index: Index, form: AuditForm, counts: Sequence[Any], shown: Sequence[Any]) -> Found:
    """Barcodes of these terms in the places shown, and in those where they stand most often."""
    found: dict[tuple[str, Key], Any] = {}
    for count in counts:
        wanted = [*shown, *commonest(count, per_term(len(counts)))]
        articles = only(form.article) or named(wanted)
        if not count.total or not articles:
            continue
        query = count.term.query
        for code in index.barcodes(query, by=form.by, match=form.match, articles=articles):
            found[query, key_of(code.place)] = code
    return found


def per_term(terms: int) -> int:
    """How many barcodes each of so many terms has room for."""
    return max(FEWEST, CODES // max(1, terms))


def commonest(count: Any, most: int) -> list[Any]:
    """The places where a term stands most often, in corpus order."""
    numbers = [n for n, hits in enumerate(count.by.counts) if hits]
    chosen = sorted(numbers, key=lambda n: (-count.by.counts[n], n))[:most]
    return [count.by.places[n] for n in sorted(chosen)]


def codes_of(form: AuditForm, count: Any, found: Found, most: int) -> Codes:
    """The barcodes of a term."""
    query = count.term.query
    reading = ReadingForm(q=query, match=form.match)

    def lead(stroke: Any) -> str:
        return urls.permalink(stroke.passage, reading)

    drawn = []
    for place in commonest(count, most):
        code = found[query, key_of(place)]
        drawn.append(Code(place, len(code.strokes), barcode_svg(code, query, lead)))
    return Codes(query, tuple(drawn), sum(1 for hits in count.by.counts if hits))


def first_links(form: AuditForm, found: Found) -> Mapping[tuple[str, Key], str]:
    """Addresses of the first occurrence, by term and place."""
    return {
        (query, key): urls.permalink(
            code.strokes[0].passage, ReadingForm(q=query, match=form.match)
        )
        for (query, key), code in found.items()
        if code.strokes
    }
