"""The API, `/api/v1`: every operation declared once, with its parameters and answer.

In: the query string. Out: JSON, of the shapes in `shapes`. Refuses bad parameters (400) and ids
that are not in the index (404) or no more (410), as problem documents. `openapi` describes what is
declared here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from indexer import Index, Passage, Resolution
from webapp import issued, shapes, shaping
from webapp.audits import operations
from webapp.audits.shapes import (
    AuditShape,
    CollocatesShape,
    DuplicatesShape,
    ReadabilityShape,
)
from webapp.encoding import json_response
from webapp.forms import (
    ANY,
    ARTICLE,
    END,
    KIND,
    MATCH,
    PREFIX,
    SECTION,
    SORT,
    STATUS,
    SUFFIX,
    TEXT,
    Match,
    Sort,
    read_selection,
)
from webapp.headers import changes_with_index
from webapp.library import current_index, read_article
from webapp.parameters import Choice, Number, Parameter, Query, Several, Text
from webapp.passages import gone, resolve
from webapp.quotes import quote

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

Unit = Literal["words", "characters", "sentence", "passage"]
SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")

Q = Text("q", "What to look for, in the query language.", required=True)
BEGINNING = Text("q", "The beginning of a word or heading.", required=True, longest=200)
LIMIT = Number("limit", "How many passages to show.", 10, 1, 100)
OFFSET = Number("offset", "How many passages to skip.", 0, 0, 1_000_000)
SUGGESTED = Number("limit", "How many suggestions to show.", 8, 1, 50)
LISTED = Number("limit", "How many articles to show.", 100, 1, 1_000)
SKIPPED = Number("offset", "How many articles to skip.", 0, 0, 10_000_000)
LINKS = Number("limit", "How many links to show.", 50, 1, 500)
LINKS_SKIPPED = Number("offset", "How many links to skip.", 0, 0, 100_000_000)
LINES = Number("limit", "How many lines to show.", 50, 1, 1_000)
LINES_SKIPPED = Number("offset", "How many lines to skip.", 0, 0, 10_000_000)
WINDOW = Number("window", "Words, or characters, of context on each side.", 8, 1, 100)
UNIT = Choice("unit", "What bounds the context.", ("words", "characters", "sentence", "passage"))
KEYS = Several("sort", "What to sort the lines by, first key first.", SORT_KEYS, 3)
BY_ID = Text("id", "The one article with this id, for ids that can't stand in a path.")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    name: str
    path: str  # below the blueprint's, as OpenAPI writes it
    summary: str
    parameters: tuple[Parameter, ...]
    shape: type  # TypedDict of the answer
    answer: Callable[..., Mapping[str, Any]]
    id_about: str = ""  # what `{id}` in the path is
    may_be_gone: bool = False  # whether an id can be of what is no more


def search(index: Index, query: Query) -> shapes.SearchShape:
    """Passages that match a query."""
    found = index.search(
        Q.read(query),
        match=cast(Match, MATCH.read(query)),
        any=ANY.read(query),
        limit=LIMIT.read(query),
        offset=OFFSET.read(query),
        article=ARTICLE.read(query) or None,
        section=SECTION.read(query) or None,
        kind=KIND.read(query) or None,
        sort=cast(Sort, SORT.read(query)),
    )
    return shaping.search_shape(found)


def suggest(index: Index, query: Query) -> shapes.SuggestShape:
    """Terms and headings that begin so."""
    return shaping.suggest_shape(BEGINNING.read(query), index, SUGGESTED.read(query))


def articles(index: Index, query: Query) -> Mapping[str, Any]:
    """The list of articles, or the one asked for by `id`."""
    if wanted := BY_ID.read(query):
        return article(index, query, wanted)
    return shaping.articles_shape(index, SKIPPED.read(query), LISTED.read(query))


def article(index: Index, query: Query, id: str) -> shapes.WholeArticleShape:
    """One article."""
    return shaping.article_shape(index.article(id), index.passages(id))


def passage(index: Index, query: Query, id: str) -> shapes.PlacedPassageShape:
    """One passage."""
    found, place = living(index, id)
    return shaping.placed_shape(found, place, index.article(place.article_id))


def cite(index: Index, query: Query, id: str) -> shapes.QuoteShape:
    """A passage, or words in it, ready to be quoted."""
    wanted = read_selection(query)
    _, place = living(index, id)
    article = read_article(index)(place.article_id)
    return shaping.quote_shape(quote(index, article, place, wanted))


def living(index: Index, id: str) -> tuple[Resolution, Passage]:
    """What became of an id, and the passage that it leads to. `NotFound`, `Gone`."""
    found = resolve(index, id)
    if found.passage is None:
        raise gone(index, found)
    return found, found.passage


def links(index: Index, query: Query) -> shapes.LinksShape:
    """What became of the ids that were handed out."""
    status, offset, limit = STATUS.read(query), LINKS_SKIPPED.read(query), LINKS.read(query)
    found = issued.listed(index, status, offset, limit)
    return shaping.links_shape(found, issued.issued(index).counts(), status, (offset, limit))


def concordance(index: Index, query: Query) -> shapes.ConcordanceShape:
    """Every occurrence of a query in its context."""
    found = index.concordance(
        Q.read(query),
        match=cast(Match, MATCH.read(query)),
        window=WINDOW.read(query),
        unit=cast(Unit, UNIT.read(query)),
        sort=KEYS.read(query),
        limit=LINES.read(query),
        offset=LINES_SKIPPED.read(query),
    )
    return shaping.concordance_shape(found)


OPERATIONS = (
    Operation(
        "search",
        "/search",
        "Find passages",
        (Q, MATCH, ANY, ARTICLE, SECTION, KIND, SORT, LIMIT, OFFSET),
        shapes.SearchShape,
        search,
    ),
    Operation(
        "suggest",
        "/suggest",
        "Complete a word or heading",
        (BEGINNING, SUGGESTED),
        shapes.SuggestShape,
        suggest,
    ),
    Operation(
        "concordance",
        "/concordance",
        "Show every occurrence in context",
        (Q, MATCH, WINDOW, UNIT, KEYS, LINES, LINES_SKIPPED),
        shapes.ConcordanceShape,
        concordance,
    ),
    Operation(
        "audit",
        "/audit",
        "Count terms",
        operations.AUDIT_PARAMETERS,
        AuditShape,
        operations.audit,
    ),
    Operation(
        "collocates",
        "/collocates",
        "Show words in the company of a query",
        operations.COLLOCATES_PARAMETERS,
        CollocatesShape,
        operations.collocates,
    ),
    Operation(
        "duplicates",
        "/duplicates",
        "Find what is said twice",
        operations.DUPLICATES_PARAMETERS,
        DuplicatesShape,
        operations.duplicates,
    ),
    Operation(
        "readability",
        "/readability",
        "Tell how long and how hard to read articles are",
        operations.READABILITY_PARAMETERS,
        ReadabilityShape,
        operations.readability,
    ),
    Operation(
        "articles",
        "/articles",
        "List articles",
        (LISTED, SKIPPED, BY_ID),
        shapes.ArticlesShape,
        articles,
    ),
    Operation(
        "article",
        "/articles/{id}",
        "Read an article",
        (),
        shapes.WholeArticleShape,
        article,
        "The article's id; slashes in it stand as they are.",
    ),
    Operation(
        "passage",
        "/passages/{id}",
        "Read a passage",
        (),
        shapes.PlacedPassageShape,
        passage,
        "The passage's id.",
        may_be_gone=True,
    ),
    Operation(
        "cite",
        "/passages/{id}/cite",
        "Quote a passage or words in it",
        (TEXT, END, PREFIX, SUFFIX),
        shapes.QuoteShape,
        cite,
        "The id of the passage, or of the one that the words begin in.",
        may_be_gone=True,
    ),
    Operation(
        "links",
        "/links",
        "Tell what became of links",
        (STATUS, LINKS, LINKS_SKIPPED),
        shapes.LinksShape,
        links,
    ),
)


def view_of(operation: Operation) -> Callable[..., ResponseReturnValue]:
    """The Flask view that runs an operation."""

    def view(**path: str) -> Response:
        return json_response(operation.answer(current_index(), request.args, **path))

    view.__doc__ = operation.summary
    return changes_with_index(view)


def register() -> None:
    """Gives each operation its address."""
    for operation in OPERATIONS:
        # An article's id may hold slashes.
        converter = "path:id" if operation.name == "article" else "id"
        rule = re.sub(r"\{id\}", f"<{converter}>", operation.path)
        blueprint.add_url_rule(rule, operation.name, view_of(operation))


register()
