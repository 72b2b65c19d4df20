"""The operations of the API, `/api/v1`, each declared once; pages use the same functions.

In: an open index and a question; over HTTP, the query string. Out: the library's answers (an
`Index` caches the last few for readers who page through them), over HTTP as JSON of their schema.
Refuses bad parameters (400), an audit with too many cells (400), and ids that are not in the index
(404) or lost (410), over HTTP with problem documents. `openapi` describes these operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, Literal

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from indexer import Index, NotFound, Passage, Resolution, Results, audit_schema, questions, schema
from webapp import params, urls
from webapp.headers import changes_with_index, json_response
from webapp.library import current_index, once_per_index, read_article
from webapp.link_target import gone, resolve
from webapp.quotations import quote

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_CELLS = 200_000  # terms by places in one answer or file
MOST_COUNTED = 5_000_000  # terms by places in an audit that is shown page by page
UNITS: tuple[Literal["passage", "sentence"], ...] = ("passage", "sentence")
ODD = 20  # sentences of unusual length that are listed, and passages


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    path: str  # below the blueprint's, in the syntax of OpenAPI
    summary: str
    form: type[questions.Question]
    shape: Any  # the `schema.Shape` of the answer
    answer: Callable[..., Any]  # takes an index, a form and the `{id}`; returns what the shape is
    # made from, or a tuple of arguments for its `of`
    id_about: str = ""  # description of `{id}` in the path

    def reply(self, index: Index, query: params.QueryString, **path: str) -> Any:
        """The answer to a query string, as a `shape` or its plain values."""
        addresses = urls.SiteAddresses(endpoint=f"api.{self.name}", query=query, path=path)
        found = self.answer(index, params.read(self.form, query), **path)
        if isinstance(found, tuple):
            return self.shape.of(*found, addresses)
        return self.shape.from_result(found, addresses)


Answer = Callable[..., Any]
OPERATIONS: list[Operation] = []
_ARTICLE = "The article's id; slashes in it are not escaped."
_PASSAGE = "The passage's id."
_CITED = "The id of the passage, or of the one in which the words begin."


def operation(
    path: str, form: type[questions.Question], shape: type[schema.Shape], id_about: str = ""
) -> Callable[[Answer], Answer]:
    """Makes a function an operation; its summary is the first sentence of the docstring."""

    def add(answer: Answer) -> Answer:
        name, summary = answer.__name__, (answer.__doc__ or "").partition(".")[0]
        OPERATIONS.append(Operation(name, path, summary, form, shape, answer, id_about))
        return answer

    return add


# --- passages ----------------------------------------------------------------------------------


@operation("/search", questions.SearchQuestion, schema.SearchShape)
def search(index: Index, question: questions.SearchQuestion) -> Results:
    """Find passages. A `section` that is no section path of the index is read as a phrase in a
    heading, as in old links, with a note."""
    path, heading = question.section or None, question.heading or None
    notes: tuple[str, ...] = ()
    if path and not heading and not index.has_section(path) and any(map(str.isalnum, path)):
        path, heading = None, path
        notes = (
            f"no section has the path {heading}; showing sections whose headings have these words",
        )
    sort = question.sort
    if sort == "semantic" and not index.has_vectors:
        sort = "relevance"
        notes = (*notes, "this index has no embedding vectors; sorted by best match")
    found = index.search(
        question.q,
        article=question.article or None,
        section=heading,
        section_path=path,
        kind=question.kind or None,
        sort=sort,
        other_names=not question.exact_names,
        why=True,
        **question.values("q", "article", "section", "heading", "kind", "sort", "exact_names"),
    )
    return replace(found, notes=(*notes, *found.notes)) if notes else found


@operation("/related", questions.RelatedQuestion, schema.RelatedShape)
def related(index: Index, question: questions.RelatedQuestion) -> Any:
    """List passages of similar meaning, where embedding vectors were made."""
    hits = index.related(question.q, question.limit) if question.q and index.has_vectors else ()
    notes = () if index.has_vectors else ("this index has no embedding vectors",)
    return {"query": question.q, "related": hits, "notes": notes}


@operation("/suggest", questions.SuggestQuestion, schema.SuggestShape)
def suggest(index: Index, question: questions.SuggestQuestion) -> Any:
    """Complete a word or heading."""
    suggestions = [
        {"text": one.text, "kind": one.kind, "count": one.count}
        | {"link": urls.suggestion(one.text, one.kind, one.passage)}
        for one in (index.suggest(question.q, limit=question.limit) if question.q else ())
    ]
    return {"query": question.q, "suggestions": suggestions}


# --- audits ------------------------------------------------------------------------------------


@operation("/concordance", questions.ConcordanceQuestion, audit_schema.ConcordanceShape)
def concordance(index: Index, question: questions.ConcordanceQuestion) -> Any:
    """Show every occurrence in context."""
    given = question.values("q", "article")
    return index.concordance(question.q, articles=only(question.article), **given)


@operation("/audit", questions.AuditQuestion, audit_schema.AuditShape)
def audit(index: Index, question: questions.AuditQuestion) -> Any:
    """Count terms."""
    return (audited(index, question, MOST_CELLS),)


def audited(index: Index, form: questions.AuditQuestion, most: int = MOST_COUNTED) -> Any:
    """The audit of a form. Raises `ParameterError`, `UsageError` or `NotFound`."""
    check_size(index, form, most)
    return index.audit(form.q, by=form.by, match=form.match, articles=only(form.article))


def check_size(index: Index, form: questions.AuditQuestion, most: int) -> None:
    """Raises `ParameterError` if an audit would have more than `most` cells."""
    places, terms = 1, len(form.q)
    if not form.article:
        places = index.totals.articles if form.by == "article" else sections(index)
    if terms * places > most:
        raise params.ParameterError(
            "q",
            f"{terms:,} terms in {places:,} {form.by}s are {terms * places:,} numbers; "
            f"{most:,} are allowed at once, so give fewer terms or choose an article",
        )


@once_per_index
def sections(index: Index) -> int:
    """Number of places when counting by section."""
    return len(index.audit(["a"], by="section").places)


@operation("/collocates", questions.CollocatesQuestion, audit_schema.CollocatesShape)
def collocates(index: Index, question: questions.CollocatesQuestion) -> Any:
    """List words that occur with a query."""
    return index.collocates(question.q, **question.values("q"))


@operation("/clusters", questions.ClustersQuestion, audit_schema.ClustersShape)
def clusters(index: Index, question: questions.ClustersQuestion) -> Any:
    """List recurring word sequences around a query."""
    part = question.values("q", "match", "at")
    if question.q:
        return index.clusters(question.q, match=question.match, node=question.at, **part)
    return index.ngrams(**part)


@operation("/keywords", questions.KeywordsQuestion, audit_schema.KeywordsShape)
def keywords(index: Index, question: questions.KeywordsQuestion) -> Any:
    """List the keywords of an article, compared with all others."""
    return index.keywords([question.article], **question.values("article"))


@operation("/words", questions.WordsQuestion, audit_schema.WordsShape)
def words(index: Index, question: questions.WordsQuestion) -> Any:
    """List the frequencies of words."""
    return index.word_list(articles=only(question.article), **question.values("article"))


@operation("/duplicates", questions.DuplicatesQuestion, audit_schema.DuplicatesShape)
def duplicates(index: Index, question: questions.DuplicatesQuestion) -> Any:
    """Find duplicate and near-duplicate passages and sentences."""
    units = (question.unit,) if question.unit else UNITS
    given = question.values("unit", "article")
    return index.duplicates(units=units, articles=only(question.article), **given)


@operation("/readability", questions.ReadabilityQuestion, audit_schema.ReadabilityShape)
def readability(index: Index, question: questions.ReadabilityQuestion) -> Any:
    """Measure the length and readability of articles or sections."""
    found = index.readability(articles=only(question.article), most=ODD)
    listed = found.articles if question.by == "article" else found.sections
    return found, listed, question.offset, question.limit


def only(article: str) -> tuple[str, ...] | None:
    """Ids of the articles to audit; None for all."""
    return (article,) if article else None


# --- articles and passages ---------------------------------------------------------------------


@operation("/articles", questions.ArticlesQuestion, schema.ArticlesShape)
def articles(index: Index, question: questions.ArticlesQuestion) -> Any:
    """List articles."""
    every, skipped = index.articles(), question.offset
    listed: list[schema.Shape] = [
        schema.ListedArticleShape(**asdict(ref), link=urls.article(ref.id))
        for ref in every[skipped : skipped + question.limit]
    ]
    total = len(every)
    if question.id:
        text, passages, link = article(index, question, question.id)
        made = schema.WholeArticleShape.of(text, passages, link, urls.SiteAddresses())
        listed, total, skipped = [made], 1, 0
    return {"total": total, "articles": listed, "page": _page(skipped, question.limit, total)}


def _page(offset: int, limit: int, total: int) -> dict[str, Any]:
    """The values of a `Page` of a list."""
    return {"offset": offset, "limit": limit, "more": offset + limit < total}


@operation("/articles/{id}", questions.Question, schema.WholeArticleShape, _ARTICLE)
def article(index: Index, question: questions.Question, id: str) -> Any:
    """Read an article."""
    return index.article(id), index.passages(id), urls.article(id)


@operation("/passages/{id}", questions.Question, schema.PlacedPassageShape, _PASSAGE)
def passage(index: Index, question: questions.Question, id: str) -> Any:
    """Read a passage."""
    found, place = living(index, id)
    return found, place, index.article(place.article_id)


@operation("/passages/{id}/cite", params.SelectionForm, schema.QuoteShape, _CITED)
def cite(index: Index, question: params.SelectionForm, id: str) -> Any:
    """Quote a passage or words in it."""
    _, place = living(index, id)
    made = quote(index, read_article(index, place.article_id), place, question.selection)
    names = ("passage_id", "source", "link", "text", "markdown", "html")
    return {name: getattr(made, name) for name in names} | dict(made.references)


@operation("/passages/{id}/similar", questions.SimilarQuestion, schema.SimilarsShape, _PASSAGE)
def similar(index: Index, question: questions.SimilarQuestion, id: str) -> Any:
    """List passages that are similar to a passage."""
    _, place = living(index, id)
    return {"id": place.id, "similar": index.similar(place.id, question.limit)}


def living(index: Index, id: str) -> tuple[Resolution, Passage]:
    """Resolution of an id, and the passage that it leads to. Raises `NotFound` or `Gone`."""
    found = resolve(index, id)
    if found.passage is None:
        raise gone(index, found)
    return found, found.passage


# --- links -------------------------------------------------------------------------------------


@operation("/links", questions.LinksQuestion, schema.LinksShape)
def links(index: Index, question: questions.LinksQuestion) -> Any:
    """List links and what became of them."""
    known = issued_links(index)
    counts = known.counts()
    every = sum(counts.values())
    total = counts[question.status] if question.status else every
    return {
        "links": known.listed(index, question.status, question.offset, question.limit),
        "total": total,
        "all": every,
        "counts": counts,
        "page": _page(question.offset, question.limit, total),
    }


@dataclass(frozen=True, slots=True)
class IssuedLinks:
    """Every id ever issued: those with a recorded change, and numbers of the others."""

    changed: Mapping[str, tuple[Resolution, ...]]  # by status
    recorded: frozenset[str]  # ids in `changed` that a passage has now
    plain: Mapping[str, int]  # article id → number of its ids without any change

    def counts(self) -> dict[str, int]:
        """Number of ids by status."""
        found = {status: len(self.changed.get(status, ())) for status in params.STATUSES}
        found["intact"] += sum(self.plain.values())
        return found

    def listed(self, index: Index, status: str, offset: int, limit: int) -> list[Resolution]:
        """A part of the ids of a status ("" for all), the most broken first."""
        wanted = (status,) if status else params.STATUSES
        changed = [link for name in wanted for link in self.changed.get(name, ())]
        shown = changed[offset : offset + limit]
        if "intact" in wanted and len(shown) < limit:
            ids = self._plain_ids(index, max(0, offset - len(changed)))
            shown += map(index.resolve, islice(ids, limit - len(shown)))
        return shown

    def _plain_ids(self, index: Index, skipped: int) -> Iterator[str]:
        """Ids without any change, by article, without the first `skipped`."""
        for article_id, count in self.plain.items():
            if count <= skipped:
                skipped -= count
                continue
            ids = [p.id for p in index.passages(article_id) if p.id not in self.recorded]
            yield from ids[skipped:]
            skipped = 0


@once_per_index
def issued_links(index: Index) -> IssuedLinks:
    """Collects what became of every id."""
    changed: dict[str, list[Resolution]] = {}
    homes: Counter[str] = Counter()
    recorded = set()
    for link in index.changed_links():
        changed.setdefault(link.status, []).append(link)
        with suppress(NotFound):  # no passage has this id now
            homes[index.passage(link.id).article_id] += 1
            recorded.add(link.id)
    plain = {name: count - homes[name] for name, count in index.passage_counts().items()}
    return IssuedLinks(
        {status: tuple(found) for status, found in changed.items()}, frozenset(recorded), plain
    )


# --- over HTTP ---------------------------------------------------------------------------------


def view_of(operation: Operation) -> Callable[..., ResponseReturnValue]:
    """The Flask view that runs an operation."""

    def view(**path: str) -> Response:
        return json_response(operation.reply(current_index(), request.args, **path))

    view.__doc__ = operation.summary
    return changes_with_index(view)


for _one in OPERATIONS:
    _id = "path:id" if _one.name == "article" else "id"  # an article's id may hold slashes
    blueprint.add_url_rule(_one.path.replace("{id}", f"<{_id}>"), _one.name, view_of(_one))
