"""Terms by places, a page of them, as a heat map with its numbers; barcodes whose ticks are links.

In: an index, an audit and which part of it is wanted. Out: frozen rows and barcodes for the
template: each cell with its count, its rate and a shade, drawn as in reports. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indexer import BarcodeView, Index, bar_of, heat_map
from webapp import urls
from webapp.api import only
from webapp.params import AuditForm, ReadingForm

Key = tuple[str, tuple[str, ...]]  # article id and section of a place

ROWS = 50  # places on a page
COLUMNS = 12  # terms on a page


def key_of(place: Any) -> Key:
    """What tells one place from another."""
    return place.article.id, place.section


CODES = 24  # on a page
FEWEST = 2  # of each term


Found = Mapping[tuple[str, Key], Any]  # barcodes by term and place


def barcodes(index: Index, form: AuditForm, counts: Sequence[Any], shown: Sequence[Any]) -> Found:
    """Barcodes of these terms in the places shown, and in those where they stand most often."""
    found: dict[tuple[str, Key], Any] = {}
    for count in counts:
        wanted = [*shown, *commonest(count, per_term(len(counts)))]
        articles = only(form.article) or tuple({place.article.id: None for place in wanted})
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


def bars_of(form: AuditForm, count: Any, found: Found, most: int) -> list[BarcodeView]:
    """The barcodes of a term in the places where it stands most often, in corpus order."""
    query = count.term.query
    reading = ReadingForm(q=query, match=form.match, exact_names=True)

    def lead(stroke: Any) -> str:
        return urls.permalink(stroke.passage, reading)

    return [bar_of(found[query, key_of(place)], query, lead) for place in commonest(count, most)]


def ordered(form: AuditForm, audit: Any, places: Sequence[Any]) -> Sequence[int]:
    """Numbers of the places in the order that a form asks for; equal ones as they are."""
    term = abs(form.sort) - 2
    if not form.sort or term >= len(audit.terms):
        return range(len(places))
    if term < 0:
        sizes = [place.words for place in places]
    else:
        sizes = [cell.count if cell else 0 for cell in audit.terms[term].by.on(places)]
    return sorted(range(len(places)), key=lambda at: -sizes[at] if form.sort > 0 else sizes[at])


def heat_of(
    form: AuditForm, audit: Any, counts: Sequence[Any], shown: Sequence[int], found: Found
) -> Any:
    """The heat map of these places, each cell with a link to its first occurrence."""

    def lead(count: Any, place: Any) -> str:
        code = found.get((count.term.query, key_of(place)))
        if not code or not code.strokes:
            return ""
        reading = ReadingForm(q=count.term.query, match=form.match, exact_names=True)
        return urls.permalink(code.strokes[0].passage, reading)

    names = [count.term.query for count in counts]
    return heat_map(audit, names, counts, link=lead, rows=shown)
