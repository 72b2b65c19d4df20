"""Passages, marks and links as W3C Web Annotations (https://www.w3.org/TR/annotation-model/).

In: passages, search results, concordances or resolved links. Out: JSON-LD as dictionaries of plain
values: one `AnnotationCollection` whose only page is embedded. Refuses nothing.

Each target has a `TextQuoteSelector`, with enough context to be unique in the article, and a
`TextPositionSelector`. As the model requires, positions count Unicode code points, not the UTF-16
units of JavaScript. They are positions in the article's text as Pilcrow stores it; where the
original page holds more text, the quote decides. `source` is the original page, or
`urn:x-pilcrow:article:…` for an article without one. An annotation's id is made from its content,
so that importing it twice adds only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from indexer.links.permalinks import Resolution, permalink
from indexer.links.quotes import shortest_context
from indexer.model import Article, Concordance, Hit, Passage, Results, Selectors, Span
from indexer.reporting.wording import breadcrumb

CONTEXT_URL = "http://www.w3.org/ns/anno.jsonld"

Annotation = dict[str, Any]
FindArticle = Callable[[str], Article]

_NAMESPACE = UUID("5c1b8ee2-6d0f-5f0b-9a53-0d1a7c3f2b64")  # of annotation ids; never changes
_CONTEXT = 32  # code points of context, unless the quote needs more to be unique
_MOST_CONTEXT = 512


# --- annotations of answers --------------------------------------------------------------------


def results_annotations(results: Results, article: FindArticle, site: str = "") -> Annotation:
    """A highlighting annotation for each mark of the hits; for a hit without marks, one for the
    whole passage, described by the heading or title that matched."""
    items = []
    for hit in results.hits:
        for span in _marked(hit):
            place = place_in(article(hit.article.id), span, hit.passage.id)
            found = (hit.article.url, site, _found_by(hit), results.query)
            items.append(_annotation("highlighting", place, *found))
    return collection(f"Search: {results.query}", items)


def concordance_annotations(
    concordance: Concordance,
    passage: Callable[[str], Passage],
    article: FindArticle,
    site: str = "",
) -> Annotation:
    """A highlighting annotation for each line of the concordance."""
    items = []
    for line in concordance.lines:
        begin = passage(line.passage).span.start
        span = Span(begin + line.start, begin + line.end)
        place = place_in(article(line.article.id), span, line.passage)
        found = (line.article.url, site, "", concordance.query)
        items.append(_annotation("highlighting", place, *found))
    return collection(f"Concordance: {concordance.query}", items)


def passage_annotations(passages: Iterable[tuple[Article, Passage]], site: str = "") -> Annotation:
    """A bookmarking annotation for each passage, described by its section path."""
    items = []
    for article, passage in passages:
        place = place_in(article, passage.span, passage.id)
        found = (article.url, site, breadcrumb(passage.section))
        items.append(_annotation("bookmarking", place, *found))
    return collection("Passages", items)


def link_annotations(
    links: Iterable[Resolution], urls: Mapping[str, str], site: str = ""
) -> Annotation:
    """A bookmarking annotation for each id, where it leads now or, if it is lost, last led.

    `urls` maps article ids to the addresses of original pages. Each is tagged with its status.
    """
    items = []
    for link in links:
        at = link.now or link.was  # as the ledger records it; the article itself may be gone
        found = (urls.get(at.article_id, ""), site, breadcrumb(link.section), link.status)
        items.append(_annotation("bookmarking", replace(at, id=link.id), *found))
    return collection("Links", items)


def _marked(hit: Hit) -> Sequence[Span]:
    """Spans of a hit's marks in its article's text; without marks, that of the passage."""
    whole = hit.passage.span
    marks = [Span(whole.start + mark.start, whole.start + mark.end) for mark in hit.marks]
    return marks or [whole]


def _found_by(hit: Hit) -> str:
    """Path of the heading, or the title, that matched; "" if the passage's text did."""
    if hit.found_in == "title":
        return hit.article.title
    section = hit.heading.section if hit.heading else hit.passage.section
    return breadcrumb(section) if hit.found_in == "heading" else ""


# --- annotations -------------------------------------------------------------------------------


def collection(label: str, items: Sequence[Annotation]) -> Annotation:
    """An `AnnotationCollection` of all `items`."""
    ids = "\n".join(item["id"] for item in items)
    name = _urn("collection", label, ids)
    page = {
        "id": _urn("page", label, ids),
        "type": "AnnotationPage",
        "partOf": name,
        "startIndex": 0,
        "items": items,
    }
    head = {"@context": CONTEXT_URL, "id": name, "type": "AnnotationCollection", "label": label}
    return {**head, "total": len(items), **({"first": page} if items else {})}


def _annotation(
    motivation: str, place: Selectors, url: str, site: str, described: str, tag: str = ""
) -> Annotation:
    """An annotation of a quote; `described` explains why or where, if the quote doesn't."""
    said = {"describing": described, "tagging": tag}
    bodies = [
        {"type": "TextualBody", "purpose": purpose, "format": "text/plain", "value": value}
        for purpose, value in said.items()
        if value
    ]
    source = source_of(place.article_id, url)
    words = [body["value"] for body in bodies]
    name = _urn(motivation, source, place.id, f"{place.start}-{place.end}", place.text, *words)
    if site:  # a permalink leads to the passage even when its words have changed
        address = site + permalink(place.id)
        bodies.append({"type": "SpecificResource", "purpose": "linking", "source": address})
    return {
        "id": name,
        "type": "Annotation",
        "motivation": motivation,
        **({"body": bodies} if bodies else {}),
        "target": [{"source": source, "selector": selectors(place)}],
    }


def selectors(place: Selectors) -> list[Annotation]:
    """Selectors of a quote, the most robust first."""
    around = {"prefix": place.prefix, "suffix": place.suffix}
    known = {name: text for name, text in around.items() if text}
    return [
        {"type": "TextQuoteSelector", "exact": place.text, **known},
        {"type": "TextPositionSelector", "start": place.start, "end": place.end},
    ]


def source_of(article_id: str, url: str = "") -> str:
    """The `source` of annotations of an article: its address, or a URN if it has none."""
    web = url.startswith(("http://", "https://"))
    named = quote(article_id.encode("utf-8", "replace"), safe="/:@!$'()*+,;=-._~")
    return url if web else f"urn:x-pilcrow:article:{named}"


def _urn(*parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "replace").decode()
    return uuid5(_NAMESPACE, joined).urn


# --- quotes ------------------------------------------------------------------------------------


def place_in(article: Article, span: Span, passage: str = "") -> Selectors:
    """Quote of a span of an article's text, with context that makes it unique there."""
    text = article.text
    prefix = text[max(0, span.start - _CONTEXT) : span.start]
    suffix = text[span.end : span.end + _CONTEXT]
    quoted = prefix + span.of(text) + suffix
    if quoted and text.find(quoted) != text.rfind(quoted):
        before, after = shortest_context(text, span)
        prefix = max(prefix, before[-_MOST_CONTEXT:], key=len)
        suffix = max(suffix, after[:_MOST_CONTEXT], key=len)
    words = (span.of(text), prefix, suffix, span.start, span.end)
    return Selectors(passage, article.id, article.title, *words, section=())
