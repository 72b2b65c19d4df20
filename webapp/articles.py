"""Articles: the list of them, the page of one, its outline.

In: an article's id, the query whose matches are marked, and where a link led. Out: pages. Refuses
ids that are not in the index (404).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from indexer import Article, Block, Index, NotFound, Passage
from webapp import urls
from webapp.article_parts import Parts, matches_in, parts_of
from webapp.article_view import ArticleMarks, Typesetter
from webapp.headers import changes_with_index
from webapp.library import by_title, current_index
from webapp.link_target import Arrival, arrive, linked_by
from webapp.params import SELECTED, IdForm, OutlineForm, Paged, ReadingForm, existing_part, read
from webapp.rendering import strips

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
        return show(read(IdForm, request.args).id)
    form, articles = read(Paged, request.args), by_title(current_index())
    part = existing_part(len(articles), LISTED, form.page)
    shown = articles[part.start : part.end]
    return render_template("articles.html", articles=shown, form=form, part=part)


@blueprint.get("/articles/<path:id>")
@changes_with_index
def read_by_path(id: str) -> ResponseReturnValue:
    """Shows an article."""
    return show(id)


def show(id: str) -> ResponseReturnValue:
    """An article's page with matches marked; of a long article one part, or all of it if asked."""
    form, index = read(ReadingForm, request.args), current_index()
    parts = parts_of(index, id)
    article, passages = parts.article, parts.passages
    if form.at and (number := parts.with_anchor(form.at)):
        return redirect(urls.part(id, form, number, form.at))
    if words := linked_by(article, passages, form):
        return redirect(urls.article(id, words, SELECTED))
    found, others = ArticleMarks(), not form.exact_names
    if form.q:
        found = matches_in(index, id, form.q, form.match, form.any, others)
    arrival = arrive(index, article, passages, form)
    number = form.part
    if arrival and arrival.passage:
        number = parts.holding(arrival.start if arrival.end else arrival.passage.span.start)
    part, paged = parts.part(number), len(parts) > 1 and not form.whole
    note = note_on(article, form, arrival)
    setter = Typesetter(article, passages, found, arrival or Arrival(), note)
    asked = replace(form, any=form.any or found.relaxed)
    return render_template(
        "article.html",
        article=article,
        parts=parts,
        part=part if paged else None,
        address=partial(urls.part, id, form),
        setter=setter,
        typeset=setter.typeset(parts.range(number) if paged else None),
        strip=strips(index, (id,), asked, other_names=others)[id] if found.passages else None,
        steps=steps(parts, found, form, number) if paged else {},
        form=form,
        relaxed=found.relaxed,
        arrival=arrival,
        linked=arrival.passage if arrival else None,
        original=original_of(index, article, arrival),
    )


def steps(parts: Parts, found: ArticleMarks, form: ReadingForm, number: int) -> dict[str, str]:
    """Where the buttons for the previous and the next match lead at the ends of a part."""
    ways = {"previous": (-1, "match.last"), "next": (1, "match.first")}
    return {
        name: urls.part(parts.article.id, form, there, end)
        for name, (by, end) in ways.items()
        if (there := parts.matching(found, by, number))
    }


def note_on(article: Article, form: ReadingForm, arrival: Arrival | None) -> Markup:
    """What has become of the passage that a link led to, to be set below it; empty if nothing."""
    if arrival is None or arrival.passage is None or not arrival.is_noteworthy:
        return Markup()
    page = render_template("change.html", article=article, form=form, arrival=arrival)
    return Markup(page)  # nosec B704 # a template's own output, escaped there


def original_of(index: Index, article: Article, arrival: Arrival | None) -> str:
    """Address of the original page, at the words or the passage that were linked to."""
    if not article.url or arrival is None or arrival.passage is None:
        return urls.original(article.url)
    span = arrival.passage.span
    if arrival.end:
        span = replace(span, start=arrival.start, end=arrival.end)
    return urls.original(article.url, index.fragment(article, span))


@blueprint.get("/outline/<path:id>")
@changes_with_index
def outline_by_path(id: str) -> ResponseReturnValue:
    """Shows how an article was understood."""
    return understood(id)


@blueprint.get("/outline")
@changes_with_index
def outline() -> ResponseReturnValue:
    """The same for the article that `id` asks for."""
    return understood(read(IdForm, request.args).id)


def understood(id: str) -> ResponseReturnValue:
    """An article's blocks, its passages and what was set aside; of a long article in parts."""
    form, parts = read(OutlineForm, request.args), parts_of(current_index(), id)
    article, passages, number = parts.article, parts.passages, form.part
    if form.passage:
        wanted = next((p for p in passages if p.id == form.passage), None)
        if wanted is None:
            raise NotFound(f"no passage of this article has the id {form.passage[:40]!r}")
        number = parts.holding(wanted.span.start)
    part = parts.part(number)
    rows = outlined(article, passages, article.blocks[part.start : part.end])
    return render_template(
        "outline.html",
        article=article,
        passages=passages,
        rows=rows,
        part=part,
        address=partial(urls.outline, id),
    )


def outlined(
    article: Article, passages: Sequence[Passage], blocks: Sequence[Block]
) -> list[OutlineRow]:
    """Some blocks of an article, each with the passages that begin in it."""
    starts = [passage.span.start for passage in passages]
    rows = []
    for block in blocks:
        words = " ".join(block.span.of(article.text).split())
        shown = words if len(words) <= PREVIEW else words[:PREVIEW].rsplit(" ", 1)[0] + " …"
        first, last = bisect_left(starts, block.span.start), bisect_left(starts, block.span.end)
        depth = len(block.section) + (block.level if block.kind == "list_item" else 0)
        rows.append(OutlineRow(block, shown, tuple(passages[first:last]), min(depth, DEEPEST)))
    return rows
