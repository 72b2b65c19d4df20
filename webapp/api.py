"""What an index answers: every operation of the API, `/api/v1`, declared once; pages ask the same.

In: an open index and a question, over HTTP from the query string. Out: the library's answers, of
which an `Index` keeps the last few for who leafs through them; as JSON in the shapes of its schema.
Refuses bad parameters (400), an audit with more cells than can be answered (400), and ids that are
not in the index (404) or no more (410), over HTTP as problem documents. `openapi` describes what is
declared here.
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
from webapp.quotes import quote

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_CELLS = 200_000  # terms by places in one answer or file
MOST_COUNTED = 5_000_000  # the same of what a page shows parts of
UNITS: tuple[Literal["passage", "sentence"], ...] = ("passage", "sentence")
ODD = 20  # sentences, and passages, of unusual length that are listed


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    name: str
    path: str  # below the blueprint's, as OpenAPI writes it
    summary: str
    form: type[questions.Question]
    shape: Any  # of the answer: a `schema.Shape`
    answer: Callable[..., Any]  # of an index, a form and the `{id}`: what the shape is made from; a
    # tuple are the arguments of its `of`
    id_about: str = ""  # what `{id}` in the path is
    may_be_gone: bool = False  # whether an id can be of what is no more

    def reply(self, index: Index, query: params.Query, **path: str) -> Any:
        """The answer to a query string: its `shape`, or the plain values of that."""
        addresses = urls.SiteAddresses(endpoint=f"api.{self.name}", asked=query, path=path)
        found = self.answer(index, params.read(self.form, query), **path)
        if isinstance(found, tuple):
            return self.shape.of(*found, addresses)
        return self.shape.from_result(found, addresses)


Answer = Callable[..., Any]
OPERATIONS: list[Operation] = []
_ARTICLE = "The article's id; slashes in it stand as they are."
_PASSAGE = "The passage's id."
_CITED = "The id of the passage, or of the one that the words begin in."


def operation(
    path: str, form: type[questions.Question], shape: type[schema.Shape], id_about: str = ""
) -> Callable[[Answer], Answer]:
    """Makes a function an operation, with its name and what its docstring says."""

    def add(answer: Answer) -> Answer:
        name, summary = answer.__name__, (answer.__doc__ or "").partition(".")[0]
        gone = path.startswith("/passages/")
        OPERATIONS.append(Operation(name, path, summary, form, shape, answer, id_about, gone))
        return answer

    return add


# --- passages ----------------------------------------------------------------------------------


@operation("/search", questions.SearchQuestion, schema.SearchShape)
def search(index: Index, asked: questions.SearchQuestion) -> Results:
    """Find passages. A section that is no path of the index is read as
    a phrase of a heading, as it was in old links, and a note says so."""
    path, heading = asked.section or None, asked.heading or None
    notes: tuple[str, ...] = ()
    if path and not heading and not index.has_section(path) and any(map(str.isalnum, path)):
        path, heading = None, path
        notes = (
            f"no section has the path {heading}; showing sections whose headings have these words",
        )
    sort = asked.sort
    if sort == "semantic" and not index.has_vectors:
        sort = "relevance"
        notes = (*notes, "this index has no embedding vectors; sorted by best match")
    found = index.search(
        asked.q,
        article=asked.article or None,
        section=heading,
        section_path=path,
        kind=asked.kind or None,
        sort=sort,
        other_names=not asked.exact_names,
        why=True,
        **asked.values("q", "article", "section", "heading", "kind", "sort", "exact_names"),
    )
    return replace(found, notes=(*notes, *found.notes)) if notes else found


@operation("/related", questions.RelatedQuestion, schema.RelatedShape)
def related(index: Index, asked: questions.RelatedQuestion) -> Any:
    """List passages of similar meaning, where embedding vectors were made."""
    hits = index.related(asked.q, asked.limit) if asked.q and index.has_vectors else ()
    notes = () if index.has_vectors else ("this index has no embedding vectors",)
    return {"query": asked.q, "related": hits, "notes": notes}


@operation("/suggest", questions.SuggestQuestion, schema.SuggestShape)
def suggest(index: Index, asked: questions.SuggestQuestion) -> Any:
    """Complete a word or heading."""
    suggestions = [
        {"text": one.text, "kind": one.kind, "count": one.count}
        | {"link": urls.suggestion(one.text, one.kind, one.passage)}
        for one in (index.suggest(asked.q, limit=asked.limit) if asked.q else ())
    ]
    return {"query": asked.q, "suggestions": suggestions}


# --- audits ------------------------------------------------------------------------------------


@operation("/concordance", questions.ConcordanceQuestion, audit_schema.ConcordanceShape)
def concordance(index: Index, asked: questions.ConcordanceQuestion) -> Any:
    """Show every occurrence in context."""
    return index.concordance(asked.q, articles=only(asked.article), **asked.values("q", "article"))


@operation("/audit", questions.AuditQuestion, audit_schema.AuditShape)
def audit(index: Index, asked: questions.AuditQuestion) -> Any:
    """Count terms."""
    return (audited(index, asked, MOST_CELLS),)


def audited(index: Index, form: questions.AuditQuestion, most: int = MOST_COUNTED) -> Any:
    """The audit of a form. `ParameterError`, `UsageError`, `NotFound`."""
    check_size(index, form, most)
    return index.audit(form.q, by=form.by, match=form.match, articles=only(form.article))


def check_size(index: Index, form: questions.AuditQuestion, most: int) -> None:
    """Refuses more cells than can be counted at once."""
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
    """How many places there are when sections are counted."""
    return len(index.audit(["a"], by="section").places)


@operation("/collocates", questions.CollocatesQuestion, audit_schema.CollocatesShape)
def collocates(index: Index, asked: questions.CollocatesQuestion) -> Any:
    """List words that occur with a query."""
    return index.collocates(asked.q, **asked.values("q"))


@operation("/clusters", questions.ClustersQuestion, audit_schema.ClustersShape)
def clusters(index: Index, asked: questions.ClustersQuestion) -> Any:
    """List recurring word sequences around a query."""
    part = asked.values("q", "match", "at")
    if asked.q:
        return index.clusters(asked.q, match=asked.match, node=asked.at, **part)
    return index.ngrams(**part)


@operation("/keywords", questions.KeywordsQuestion, audit_schema.KeywordsShape)
def keywords(index: Index, asked: questions.KeywordsQuestion) -> Any:
    """List words that an article has more often than others."""
    return index.keywords([asked.article], **asked.values("article"))


@operation("/words", questions.WordsQuestion, audit_schema.WordsShape)
def words(index: Index, asked: questions.WordsQuestion) -> Any:
    """List how often each word occurs."""
    return index.word_list(articles=only(asked.article), **asked.values("article"))


@operation("/duplicates", questions.DuplicatesQuestion, audit_schema.DuplicatesShape)
def duplicates(index: Index, asked: questions.DuplicatesQuestion) -> Any:
    """Find duplicate and near-duplicate passages and sentences."""
    units = (asked.unit,) if asked.unit else UNITS
    given = asked.values("unit", "article")
    return index.duplicates(units=units, articles=only(asked.article), **given)


@operation("/readability", questions.ReadabilityQuestion, audit_schema.ReadabilityShape)
def readability(index: Index, asked: questions.ReadabilityQuestion) -> Any:
    """Tell the length and readability of articles and their sections."""
    found = index.readability(articles=only(asked.article), most=ODD)
    listed = found.articles if asked.by == "article" else found.sections
    return found, listed, asked.offset, asked.limit


def only(article: str) -> tuple[str, ...] | None:
    """The articles that an audit is about; None for all."""
    return (article,) if article else None


# --- articles and passages ---------------------------------------------------------------------


@operation("/articles", questions.ArticlesQuestion, schema.ArticlesShape)
def articles(index: Index, asked: questions.ArticlesQuestion) -> Any:
    """List articles."""
    every, skipped = index.articles(), asked.offset
    listed: list[schema.Shape] = [
        schema.ListedArticleShape(**asdict(ref), link=urls.article(ref.id))
        for ref in every[skipped : skipped + asked.limit]
    ]
    total = len(every)
    if asked.id:
        text, passages, link = article(index, asked, asked.id)
        made = schema.WholeArticleShape.of(text, passages, link, urls.SiteAddresses())
        listed, total, skipped = [made], 1, 0
    return {"total": total, "articles": listed, "page": _page(skipped, asked.limit, total)}


def _page(offset: int, limit: int, total: int) -> dict[str, Any]:
    """Which part of a list this is."""
    return {"offset": offset, "limit": limit, "more": offset + limit < total}


@operation("/articles/{id}", questions.Question, schema.WholeArticleShape, _ARTICLE)
def article(index: Index, asked: questions.Question, id: str) -> Any:
    """Read an article."""
    return index.article(id), index.passages(id), urls.article(id)


@operation("/passages/{id}", questions.Question, schema.PlacedPassageShape, _PASSAGE)
def passage(index: Index, asked: questions.Question, id: str) -> Any:
    """Read a passage."""
    found, place = living(index, id)
    return found, place, index.article(place.article_id)


@operation("/passages/{id}/cite", params.SelectionForm, schema.QuoteShape, _CITED)
def cite(index: Index, asked: params.SelectionForm, id: str) -> Any:
    """Quote a passage or words in it."""
    _, place = living(index, id)
    made = quote(index, read_article(index, place.article_id), place, asked.selection)
    names = ("passage_id", "source", "link", "text", "markdown", "html")
    return {name: getattr(made, name) for name in names} | dict(made.references)


@operation("/passages/{id}/similar", questions.SimilarQuestion, schema.SimilarsShape, _PASSAGE)
def similar(index: Index, asked: questions.SimilarQuestion, id: str) -> Any:
    """List passages that are similar to a passage."""
    _, place = living(index, id)
    return {"id": place.id, "similar": index.similar(place.id, asked.limit)}


def living(index: Index, id: str) -> tuple[Resolution, Passage]:
    """What became of an id, and the passage that it leads to. `NotFound`, `Gone`."""
    found = resolve(index, id)
    if found.passage is None:
        raise gone(index, found)
    return found, found.passage


# --- links -------------------------------------------------------------------------------------


@operation("/links", questions.LinksQuestion, schema.LinksShape)
def links(index: Index, asked: questions.LinksQuestion) -> Any:
    """Tell what became of links."""
    known = issued_links(index)
    counts = known.counts()
    every = sum(counts.values())
    total = counts[asked.status] if asked.status else every
    return {
        "links": known.listed(index, asked.status, asked.offset, asked.limit),
        "total": total,
        "all": every,
        "counts": counts,
        "page": _page(asked.offset, asked.limit, total),
    }


@dataclass(frozen=True, slots=True)
class IssuedLinks:
    """Every id ever issued, those that changed apart from those that did not."""

    changed: Mapping[str, tuple[Resolution, ...]]  # by status
    recorded: frozenset[str]  # ids of passages that are there and that `changed` tells of
    plain: Mapping[str, int]  # article id → ids in it that are where they always were

    def counts(self) -> dict[str, int]:
        """How many ids there are of each status."""
        found = {status: len(self.changed.get(status, ())) for status in params.STATUSES}
        found["intact"] += sum(self.plain.values())
        return found

    def listed(self, index: Index, status: str, offset: int, limit: int) -> list[Resolution]:
        """Some of the ids of a status ("" for all), the most broken first."""
        wanted = (status,) if status else params.STATUSES
        changed = [link for name in wanted for link in self.changed.get(name, ())]
        shown = changed[offset : offset + limit]
        if "intact" in wanted and len(shown) < limit:
            ids = self._plain_ids(index, max(0, offset - len(changed)))
            shown += map(index.resolve, islice(ids, limit - len(shown)))
        return shown

    def _plain_ids(self, index: Index, skipped: int) -> Iterator[str]:
        """Ids that are where they always were, by article, but for the first ones."""
        for article_id, count in self.plain.items():
            if count <= skipped:
                skipped -= count
                continue
            ids = [p.id for p in index.passages(article_id) if p.id not in self.recorded]
            yield from ids[skipped:]
            skipped = 0


@once_per_index
def issued_links(index: Index) -> IssuedLinks:
    """What became of all ids."""
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
        {status: tuple(some) for status, some in changed.items()}, frozenset(recorded), plain
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
