"""Lasting links to passages, and passages ready to be quoted.

In: a passage's id, perhaps words in it, and the query whose matches are marked. Out: the redirect
of a permalink, or the page that quotes. An id whose passage is gone is answered with status 410
and what it said last; one that was never issued is refused (404).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer import Article, Index, NotFound, Passage, Resolution, schema
from webapp import links
from webapp.arriving import resolved
from webapp.headers import changes_with_index
from webapp.library import current_index, read_article
from webapp.nearest import nearest
from webapp.params import SELECTED, ReadingForm, SelectionForm, read
from webapp.problems import Gone
from webapp.quotes import quote

blueprint = Blueprint("passages", __name__)


@blueprint.get("/p/<passage_id>")
def permalink(passage_id: str) -> ResponseReturnValue:
    """Leads to a passage in its article, keeping the query; to JSON whoever asks for that."""
    form, index = replace(read(ReadingForm, request.args), passage=passage_id), current_index()
    found = resolve(index, passage_id)
    target = place_of(index, found, form)
    if wants_json():
        if target is None or found.passage is None:
            raise gone(index, found)
        target = url_for("api.passage", id=passage_id)
    response = redirect(target) if target else lost_page(index, found, form)
    response.headers["Cache-Control"] = "no-cache"  # it may lead elsewhere tomorrow
    response.vary.add("Accept")
    return response


def resolve(index: Index, passage_id: str) -> Resolution:
    """What became of an id. `NotFound` for one that was never issued."""
    if found := resolved(index, passage_id):
        return found
    raise NotFound(f"no passage has, or ever had, the id {passage_id[:40]!r}")


def place_of(index: Index, found: Resolution, form: ReadingForm) -> str | None:
    """The address of what a link leads to; None when it is gone."""
    article = home_of(index, found.article_id) if form.selection else None
    if article and form.selection and index.find_selection(article, form.selection, found.passage):
        return links.article(article.id, form, SELECTED)
    return links.article(found.article_id, form, found.passage.anchor) if found.passage else None


def lost_page(index: Index, found: Resolution, form: ReadingForm) -> Response:
    """What a lost passage said last, and the passages that are nearest to that."""
    page = render_template(
        "lost.html",
        found=found,
        form=form,
        home=home_of(index, found.was.article_id),
        near=nearest(index, found.was.text),
    )
    response = make_response(page, 410)
    response.headers["Cache-Control"] = "no-cache"  # what is gone may come back
    return response


def home_of(index: Index, article_id: str) -> Article | None:
    """An article, if that is still there."""
    try:
        return read_article(index)(article_id)
    except NotFound:
        return None


@blueprint.get("/p/<passage_id>/cite")
@changes_with_index
def cite(passage_id: str) -> ResponseReturnValue:
    """Shows a passage, or words in it, ready to be quoted."""
    wanted, index = read(SelectionForm, request.args).selection, current_index()
    found = resolve(index, passage_id)
    if found.passage is None:
        return lost_page(index, found, ReadingForm())
    article = read_article(index)(found.article_id)
    made = quote(index, article, found.passage, wanted)
    return render_template(
        "cite.html",
        quote=made,
        article=article,
        passage=found.passage,
        original=original_of(article, found.passage, index),
        api=links.api_cite(passage_id, wanted),
    )


def original_of(article: Article, passage: Passage, index: Index) -> str:
    """Where a passage stands in the original page."""
    return links.original(article.url, index.fragment(article, passage.span))


def wants_json() -> bool:
    """Whether the client asks for JSON rather than for a page."""
    kinds = ("text/html", "application/json", "application/problem+json")
    return (request.accept_mimetypes.best_match(kinds) or "").endswith("json")


def gone(index: Index, found: Resolution) -> Gone:
    """The problem that a lost passage is to a program."""
    return Gone(
        "the passage is gone",
        schema.gone_members(found, nearest(index, found.was.text), links.SiteAddresses()),
    )
