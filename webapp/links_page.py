"""All links that were ever handed out: `/links`, for whoever looks after the articles.

In: which status is wanted, and which page. Out: a page; lost links first, then edited and moved
ones, then those that are simply where they were. Refuses bad parameters (400).
"""

from __future__ import annotations

from math import ceil

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.answers import issued_links, links_listed
from webapp.headers import changes_with_index
from webapp.library import current_index
from webapp.params import LinksForm, ParameterError, read

blueprint = Blueprint("links", __name__)

LISTED = 50  # links on a page


@blueprint.get("/links")
@changes_with_index
def listing() -> ResponseReturnValue:
    """Lists what became of links."""
    form = read(LinksForm, request.args)
    status, page = form.status, form.page
    index = current_index()
    counts = issued_links(index).counts()
    total = counts[status] if status else sum(counts.values())
    last, skipped = max(1, ceil(total / LISTED)), (page - 1) * LISTED
    if page > last:
        raise ParameterError("page", f"{page} is beyond the last page, {last}")
    return render_template(
        "links.html",
        shown=links_listed(index, status, skipped, LISTED),
        skipped=skipped,
        counts=counts,
        status=status,
        total=total,
        page=page,
        last=last,
    )
