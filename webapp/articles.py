"""Articles: the list of them, the page of one, its outline, and lasting links to passages.

In: an article's or a passage's id, and the query whose matches are marked. Out: pages, or the
redirect of a permalink. Refuses ids that are not in the index (404).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from indexer import Article, Block, Mark, NotFound, Passage
from webapp import links
from webapp.forms import ID, PAGE, REQUIRED_ID, read_reading
from webapp.headers import changes_with_index
from webapp.library import current_index
from webapp.listing import by_title
from webapp.parameters import ParameterError
from webapp.strips import strip_of
from webapp.typesetting import Typesetter

blueprint = Blueprint("articles", __name__)

LISTED = 100  # articles on a page of the list
PREVIEW = 160  # characters of a block that its outline shows
DEEPEST = 4  # indent of the outline


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One block in the outline."""

    block: Block
    text: str  # its beginning
    passages: tuple[Passage, ...]  # that begin in it
    depth: int


@blueprint.get("/articles")
@blueprint.get("/articles/")
@changes_with_index
def listing() -> ResponseReturnValue:
    """Lists the articles by title; `id` asks for the one with that id instead."""
    if request.args.get("id"):
        return read(ID.read(request.args))
    page = PAGE.read(request.args)
    articles = by_title(current_index())
    last = max(1, ceil(len(articles) / LISTED))
    if page > last:
        raise ParameterError("page", f"{page} is beyond the last page, {last}")
    shown = articles[(page - 1) * LISTED : page * LISTED]
    return render_template(
        "articles.html", articles=shown, total=len(articles), page=page, last=last
    )


@blueprint.get("/articles/<path:id>")
@changes_with_index
def read_by_path(id: str) -> ResponseReturnValue:
    """Shows an article."""
    return read(id)


def read(id: str) -> ResponseReturnValue:
    """An article's page with matches marked."""
    form, index = read_reading(request.args), current_index()
    article, passages = index.article(id), index.passages(id)
    marks: Mapping[str, Sequence[Mark]] = {}
    if form.q:
        marks = index.article_marks(id, form.q, match=form.match, any=form.any)
    linked = next((p for p in passages if p.id == form.passage), None)
    return render_template(
        "article.html",
        article=article,
        typeset=Typesetter(article, passages, marks).typeset(),
        strip=strip_of(passages, marks) if marks else None,
        form=form,
        linked=linked,
        original=original_of(article, linked),
    )


def original_of(article: Article, linked: Passage | None) -> str:
    """Address of the original page, at the passage that was linked to."""
    if linked is None:
        return links.original(article.url)
    line = linked.text.splitlines()[0] if linked.breaks else linked.text
    return links.original(article.url, linked.element, line)


@blueprint.get("/outline/<path:id>")
@changes_with_index
def outline_by_path(id: str) -> ResponseReturnValue:
    """Shows how an article was understood."""
    return understood(id)


@blueprint.get("/outline")
@changes_with_index
def outline() -> ResponseReturnValue:
    """The same for the article that `id` asks for."""
    return understood(REQUIRED_ID.read(request.args))


def understood(id: str) -> ResponseReturnValue:
    """An article's blocks, its passages and what was set aside."""
    index = current_index()
    article, passages = index.article(id), index.passages(id)
    return render_template(
        "outline.html", article=article, passages=passages, rows=outlined(article, passages)
    )


def outlined(article: Article, passages: Sequence[Passage]) -> list[OutlineRow]:
    """The blocks of an article, each with the passages that begin in it."""
    starts = [passage.span.start for passage in passages]
    rows = []
    for block in article.blocks:
        words = " ".join(block.span.of(article.text).split())
        shown = words if len(words) <= PREVIEW else words[:PREVIEW].rsplit(" ", 1)[0] + " …"
        first, last = bisect_left(starts, block.span.start), bisect_left(starts, block.span.end)
        depth = len(block.section) + (block.level if block.kind == "list_item" else 0)
        rows.append(OutlineRow(block, shown, tuple(passages[first:last]), min(depth, DEEPEST)))
    return rows


@blueprint.get("/p/<passage_id>")
def permalink(passage_id: str) -> ResponseReturnValue:
    """Leads to a passage in its article, keeping the query."""
    form, index = read_reading(request.args), current_index()
    try:
        passage = index.passage(passage_id)
    except NotFound as error:
        raise NotFound(f"no passage has the id {passage_id!r}") from error
    return redirect(links.article(passage.article_id, form, passage))
