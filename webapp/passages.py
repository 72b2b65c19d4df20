"""Permalinks of passages, the list of links, citations, and similar passages.

In: a passage's id, perhaps words in it, and the query whose matches are marked; for `/links`, a
status and the number of the page. Out: the redirect of a permalink, or a page. A lost passage is
answered with its last text and status 410. Refuses ids that were never issued (404).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer import Index, Resolution
from webapp import api, urls
from webapp.headers import changes_with_index
from webapp.library import current_index, read_article
from webapp.link_target import gone, home_of, nearest, place_of, resolve, wants_json
from webapp.params import LinksForm, ReadingForm, SelectionForm, existing_part, read, selecting
from webapp.quotations import quote

blueprint = Blueprint("passages", __name__)

LISTED = 50  # links on a page


@blueprint.get("/p/<passage_id>")
def permalink(passage_id: str) -> ResponseReturnValue:
    """Redirects to a passage in its article, with the query, or to its JSON if that is accepted."""
    form, index = replace(read(ReadingForm, request.args), passage=passage_id), current_index()
    found = resolve(index, passage_id)
    target = place_of(index, found, form)
    if wants_json():
        if target is None or found.passage is None:
            raise gone(index, found)
        target = url_for("api.passage", id=passage_id)
    response = redirect(target) if target else lost_page(index, found, form)
    response.headers["Cache-Control"] = "no-cache"  # the target may change
    response.vary.add("Accept")
    return response


def lost_page(index: Index, found: Resolution, form: ReadingForm) -> Response:
    """The page of a lost passage, with its last text and the most similar passages."""
    page = render_template(
        "lost.html",
        found=found,
        form=form,
        home=home_of(index, found.was.article_id),
        near=nearest(index, found.was.text),
    )
    return Response(page, 410, {"Cache-Control": "no-cache"})  # a lost passage may come back


@blueprint.get("/p/<passage_id>/cite")
@changes_with_index
def cite(passage_id: str) -> ResponseReturnValue:
    """Shows a passage, or words in it, as quotations and references."""
    wanted, index = read(SelectionForm, request.args).selection, current_index()
    found = resolve(index, passage_id)
    if found.passage is None:
        return lost_page(index, found, ReadingForm())
    article = read_article(index, found.article_id)
    made = quote(index, article, found.passage, wanted)
    return render_template(
        "cite.html",
        quote=made,
        article=article,
        passage=found.passage,
        original=urls.original(article.url, index.fragment(article, found.passage.span)),
        api=url_for("api.cite", id=passage_id, **selecting(wanted)),
    )


@blueprint.get("/p/<passage_id>/similar")
@changes_with_index
def similar(passage_id: str) -> ResponseReturnValue:
    """Shows passages that are similar to a passage, and the words that they share."""
    index = current_index()
    found = resolve(index, passage_id)
    if found.passage is None:
        return lost_page(index, found, ReadingForm())
    return render_template(
        "similar.html",
        passage=found.passage,
        article=read_article(index, found.article_id),
        similar=index.similar(found.passage.id),
    )


@blueprint.get("/links")
@changes_with_index
def links() -> ResponseReturnValue:
    """Lists all ids ever issued and what became of them, the most broken first."""
    form, index = read(LinksForm, request.args), current_index()
    found = api.links(index, form.sized(LISTED))
    part = existing_part(found["total"], LISTED, form.page)
    return render_template("links.html", form=form, found=found, part=part)
