"""The API, `/api/v1`: every operation declared once, with its parameters and answer.

In: the query string. Out: JSON, of the shapes in `shapes`. Refuses bad parameters (400) and ids
that are not in the index (404), as problem documents. `openapi` describes what is declared here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from indexer import Index
from webapp import shapes, shaping
from webapp.encoding import json_response
from webapp.forms import ANY, ARTICLE, KIND, MATCH, SECTION, SORT, Match, Sort
from webapp.headers import changes_with_index
from webapp.library import current_index
from webapp.parameters import Choice, Number, Parameter, Query, Several, Text

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

Unit = Literal["words", "sentence", "passage"]
SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")

Q = Text("q", "What to look for, in the query language.", required=True)
PREFIX = Text("q", "The beginning of a word or heading.", required=True, longest=200)
LIMIT = Number("limit", "How many passages to show.", 10, 1, 100)
OFFSET = Number("offset", "How many passages to skip.", 0, 0, 1_000_000)
SUGGESTED = Number("limit", "How many suggestions to show.", 8, 1, 50)
LISTED = Number("limit", "How many articles to show.", 100, 1, 1_000)
SKIPPED = Number("offset", "How many articles to skip.", 0, 0, 10_000_000)
LINES = Number("limit", "How many lines to show.", 50, 1, 1_000)
LINES_SKIPPED = Number("offset", "How many lines to skip.", 0, 0, 10_000_000)
WINDOW = Number("window", "Words of context on each side, when the unit is words.", 8, 1, 100)
UNIT = Choice("unit", "What bounds the context.", ("words", "sentence", "passage"))
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
    return shaping.suggest_shape(PREFIX.read(query), index, SUGGESTED.read(query))


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
    found = index.passage(id)
    return shaping.placed_shape(found, index.article(found.article_id))


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
        (PREFIX, SUGGESTED),
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
