"""All links that were ever handed out: `/links`, for whoever looks after the articles.

In: which status is wanted, and which page. Out: a page; lost links first, then edited and moved
ones, then those that are simply where they were. Refuses bad parameters (400).
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.answers import issued_links, links_listed
from webapp.headers import changes_with_index
from webapp.library import current_index
from webapp.params import LinksForm, existing_part, read

blueprint = Blueprint("links", __name__)

LISTED = 50  # links on a page


@blueprint.get("/links")
@changes_with_index
def listing() -> ResponseReturnValue:
    """Lists what became of links."""
    form = read(LinksForm, request.args)
    index = current_index()
    counts = issued_links(index).counts()
    total = counts[form.status] if form.status else sum(counts.values())
    part = existing_part(total, LISTED, form.page)
    shown = links_listed(index, form.status, part.start, LISTED)
    return render_template("links.html", form=form, shown=shown, counts=counts, part=part)
