"""Lasting links to passages, what became of them, passages to be quoted, and those that are alike.

In: a passage's id, perhaps words in it, and the query whose matches are marked; for `/links` which
status is wanted, and which page. Out: the redirect of a permalink, or a page. An id whose passage
is gone is answered with status 410 and what it said last; one that was never issued is refused
(404).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer import Index, Resolution
from webapp import api, urls
from webapp.headers import changes_with_index
from webapp.library import current_index, read_article
from webapp.link_target import gone, home_of, nearest, place_of, resolve, wants_json
from webapp.params import LinksForm, ReadingForm, SelectionForm, existing_part, read, selecting
from webapp.quotes import quote

blueprint = Blueprint("passages", __name__)

LISTED = 50  # links on a page


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


@blueprint.get("/p/<passage_id>/cite")
@changes_with_index
def cite(passage_id: str) -> ResponseReturnValue:
    """Shows a passage, or words in it, ready to be quoted."""
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
    """Shows passages that are like a passage, and the words that make them so."""
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
    """Lists what became of all links that were ever handed out, the most broken first."""
    form, index = read(LinksForm, request.args), current_index()
    found = api.links(index, form.sized(LISTED))
    part = existing_part(found["total"], LISTED, form.page)
    return render_template("links.html", form=form, found=found, part=part)
