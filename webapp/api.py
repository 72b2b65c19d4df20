"""The API, `/api/v1`: every operation declared once, with its parameters and answer.

In: the query string. Out: JSON, of the shapes in the library's schema. Refuses bad parameters
(400) and ids that are not in the index (404) or no more (410), as problem documents. `openapi`
describes what is declared here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from indexer import Index, Passage, Resolution, audit_schema, questions, schema
from webapp import answers, params, urls
from webapp.headers import changes_with_index, json_response
from webapp.library import current_index, read_article
from webapp.link_target import gone, resolve
from webapp.quotes import quote

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_CELLS = 200_000  # terms by places in one answer


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    name: str
    path: str  # below the blueprint's, as OpenAPI writes it
    summary: str
    form: type[questions.Question]
    shape: type[schema.Shape]
    answer: Callable[
        ..., schema.Shape | dict[str, Any]
    ]  # of an index, a form, addresses and the `{id}`
    id_about: str = ""  # what `{id}` in the path is
    may_be_gone: bool = False  # whether an id can be of what is no more

    def reply(
        self, index: Index, query: params.Query, **path: str
    ) -> schema.Shape | dict[str, Any]:
        """The answer to a query string."""
        addresses = urls.SiteAddresses("", f"api.{self.name}", query, path)
        return self.answer(index, params.read(self.form, query), addresses, **path)


Addresses = schema.Addresses
Answer = Callable[..., schema.Shape | dict[str, Any]]
OPERATIONS: list[Operation] = []
_ID = "The article's id; slashes in it stand as they are."
_CITED = "The id of the passage, or of the one that the words begin in."


def operation(
    path: str,
    form: type[questions.Question],
    shape: type[schema.Shape],
    id_about: str = "",
    *,
    may_be_gone: bool = False,
) -> Callable[[Answer], Answer]:
    """Makes a function an operation, with its name and what its docstring says."""

    def add(answer: Answer) -> Answer:
        summary = (answer.__doc__ or "").rstrip(".")
        operation = Operation(
            answer.__name__, path, summary, form, shape, answer, id_about, may_be_gone
        )
        OPERATIONS.append(operation)
        return answer

    return add


@operation("/search", questions.SearchQuestion, schema.SearchShape)
def search(index: Index, asked: questions.SearchQuestion, addresses: Addresses) -> schema.Shape:
    """Find passages."""
    return schema.SearchShape.from_result(answers.searched(index, asked), addresses)


@operation("/related", questions.RelatedQuestion, schema.RelatedShape)
def related(index: Index, asked: questions.RelatedQuestion, addresses: Addresses) -> schema.Shape:
    """List passages of like meaning, where vectors were made."""
    hits = index.related(asked.q, asked.limit) if asked.q and index.has_vectors else ()
    notes = () if index.has_vectors else ("this index has no embedding vectors",)
    found = {"query": asked.q, "related": hits, "notes": notes}
    return schema.RelatedShape.from_result(found, addresses)


@operation("/suggest", questions.SuggestQuestion, schema.SuggestShape)
def suggest(index: Index, asked: questions.SuggestQuestion, addresses: Addresses) -> schema.Shape:
    """Complete a word or heading."""
    suggestions = [
        {"text": one.text, "kind": one.kind, "count": one.count}
        | {"link": urls.suggestion(one.text, one.kind, one.passage)}
        for one in (index.suggest(asked.q, limit=asked.limit) if asked.q else ())
    ]
    return schema.SuggestShape.from_result({"query": asked.q, "suggestions": suggestions})


@operation("/concordance", questions.ConcordanceQuestion, audit_schema.ConcordanceShape)
def concordance(
    index: Index, asked: questions.ConcordanceQuestion, addresses: Addresses
) -> schema.Shape:
    """Show every occurrence in context."""
    return audit_schema.ConcordanceShape.from_result(answers.concordance(index, asked), addresses)


@operation("/audit", questions.AuditQuestion, audit_schema.AuditShape)
def audit(index: Index, asked: questions.AuditQuestion, addresses: Addresses) -> dict[str, Any]:
    """Count terms."""
    answers.check_size(index, asked, MOST_CELLS)
    return audit_schema.AuditShape.of(answers.audited(index, asked))


@operation("/collocates", questions.CollocatesQuestion, audit_schema.CollocatesShape)
def collocates(
    index: Index, asked: questions.CollocatesQuestion, addresses: Addresses
) -> schema.Shape:
    """List words that occur with a query."""
    return audit_schema.CollocatesShape.from_result(answers.collocates(index, asked), addresses)


@operation("/clusters", questions.ClustersQuestion, audit_schema.ClustersShape)
def clusters(index: Index, asked: questions.ClustersQuestion, addresses: Addresses) -> schema.Shape:
    """List recurring word sequences around a query."""
    part = asked.values("q", "match", "at")
    if asked.q:
        found = index.clusters(asked.q, match=asked.match, node=asked.at, **part)
    else:
        found = index.ngrams(**part)
    return audit_schema.ClustersShape.from_result(found, addresses)


@operation("/keywords", questions.KeywordsQuestion, audit_schema.KeywordsShape)
def keywords(index: Index, asked: questions.KeywordsQuestion, addresses: Addresses) -> schema.Shape:
    """List words that an article has more often than others."""
    return audit_schema.KeywordsShape.from_result(answers.keywords(index, asked), addresses)


@operation("/words", questions.WordsQuestion, audit_schema.WordsShape)
def words(index: Index, asked: questions.WordsQuestion, addresses: Addresses) -> schema.Shape:
    """List how often each word occurs."""
    found = index.word_list(articles=answers.only(asked.article), **asked.values("article"))
    return audit_schema.WordsShape.from_result(found, addresses)


@operation("/duplicates", questions.DuplicatesQuestion, audit_schema.DuplicatesShape)
def duplicates(
    index: Index, asked: questions.DuplicatesQuestion, addresses: Addresses
) -> schema.Shape:
    """Find duplicate and near-duplicate passages and sentences."""
    return audit_schema.DuplicatesShape.from_result(answers.duplicates(index, asked), addresses)


@operation("/readability", questions.ReadabilityQuestion, audit_schema.ReadabilityShape)
def readability(
    index: Index, asked: questions.ReadabilityQuestion, addresses: Addresses
) -> schema.Shape:
    """Tell the length and readability of articles and their sections."""
    found = answers.readability(index, asked.article)
    listed = found.articles if asked.by == "article" else found.sections
    part = (asked.offset, asked.limit)
    return audit_schema.ReadabilityShape.of(found, listed, *part, addresses)


@operation("/articles", questions.ArticlesQuestion, schema.ArticlesShape)
def articles(index: Index, asked: questions.ArticlesQuestion, addresses: Addresses) -> schema.Shape:
    """List articles."""
    listed: list[object]
    if asked.id:
        listed, total, skipped = [article(index, asked, addresses, asked.id)], 1, 0
    else:
        every, skipped = index.articles(), asked.offset
        part = every[skipped : skipped + asked.limit]
        listed, total = [_listed(ref) for ref in part], len(every)
    more = skipped + asked.limit < total
    page = {"offset": skipped, "limit": asked.limit, "more": more}
    found = {"total": total, "articles": listed, "page": page}
    return schema.ArticlesShape.from_result(found, addresses)


def _listed(ref: Any) -> schema.Shape:
    known = {name: getattr(ref, name) for name in ("id", "title", "url", "language")}
    return schema.ListedArticleShape(**known, link=urls.article(ref.id))


@operation("/articles/{id}", questions.Question, schema.WholeArticleShape, id_about=_ID)
def article(
    index: Index, asked: questions.Question, addresses: Addresses, id: str
) -> schema.WholeArticleShape:
    """Read an article."""
    link = urls.article(id)
    return schema.WholeArticleShape.of(index.article(id), index.passages(id), link, addresses)


@operation(
    "/passages/{id}",
    questions.Question,
    schema.PlacedPassageShape,
    id_about="The passage's id.",
    may_be_gone=True,
)
def passage(index: Index, asked: questions.Question, addresses: Addresses, id: str) -> schema.Shape:
    """Read a passage."""
    found, place = living(index, id)
    home = index.article(place.article_id)
    return schema.PlacedPassageShape.of(found, place, home, addresses)


@operation(
    "/passages/{id}/cite",
    params.SelectionForm,
    schema.QuoteShape,
    id_about=_CITED,
    may_be_gone=True,
)
def cite(index: Index, asked: params.SelectionForm, addresses: Addresses, id: str) -> schema.Shape:
    """Quote a passage or words in it."""
    _, place = living(index, id)
    made = quote(index, read_article(index, place.article_id), place, asked.selection)
    names = ("passage_id", "source", "link", "text", "markdown", "html")
    return schema.QuoteShape.from_result(
        {name: getattr(made, name) for name in names} | dict(made.references)
    )


def living(index: Index, id: str) -> tuple[Resolution, Passage]:
    """What became of an id, and the passage that it leads to. `NotFound`, `Gone`."""
    found = resolve(index, id)
    if found.passage is None:
        raise gone(index, found)
    return found, found.passage


@operation(
    "/passages/{id}/similar",
    questions.SimilarQuestion,
    schema.SimilarsShape,
    id_about="The passage's id.",
    may_be_gone=True,
)
def similar(
    index: Index, asked: questions.SimilarQuestion, addresses: Addresses, id: str
) -> schema.Shape:
    """List passages that are like a passage."""
    _, place = living(index, id)
    found = {"id": place.id, "similar": index.similar(place.id, asked.limit)}
    return schema.SimilarsShape.from_result(found, addresses)


@operation("/links", questions.LinksQuestion, schema.LinksShape)
def links(index: Index, asked: questions.LinksQuestion, addresses: Addresses) -> schema.Shape:
    """Tell what became of links."""
    counts = answers.issued_links(index).counts()
    every = sum(counts.values())
    total = counts[asked.status] if asked.status else every
    more = asked.offset + asked.limit < total
    found = {
        "links": answers.links_listed(index, asked.status, asked.offset, asked.limit),
        "total": total,
        "all": every,
        "counts": counts,
        "page": {"offset": asked.offset, "limit": asked.limit, "more": more},
    }
    return schema.LinksShape.from_result(found, addresses)


def view_of(operation: Operation) -> Callable[..., ResponseReturnValue]:
    """The Flask view that runs an operation."""

    def view(**path: str) -> Response:
        return json_response(operation.reply(current_index(), request.args, **path))

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
