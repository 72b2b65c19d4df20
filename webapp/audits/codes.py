"""Barcodes: where in articles or sections a term stands, as drawings whose ticks are links.

In: an index, terms, places. Out: frozen codes for the template to show, drawn as in reports.
Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from indexer import Index, barcode_svg
from webapp import links
from webapp.answers import only
from webapp.audits.matrix import Key, key_of, named
from webapp.params import AuditForm, ReadingForm

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
        return links.permalink(stroke.passage, reading)

    drawn = []
    for place in commonest(count, most):
        code = found[query, key_of(place)]
        drawn.append(Code(place, len(code.strokes), barcode_svg(code, query, lead)))
    return Codes(query, tuple(drawn), sum(1 for hits in count.by.counts if hits))


def first_links(form: AuditForm, found: Found) -> Mapping[tuple[str, Key], str]:
    """Addresses of the first occurrence, by term and place."""
    return {
        (query, key): links.permalink(
            code.strokes[0].passage, ReadingForm(q=query, match=form.match)
        )
        for (query, key), code in found.items()
        if code.strokes
    }
