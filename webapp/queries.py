"""What readers look for and do not find: the query log, written where one is set, and `/queries`.

In: each search and its answer; which readers, and which page, are asked for. Out: a page. On a
site that asks for no token queries of fewer than three readers are left out. Refuses bad
parameters (400), and all where no log is kept (404).
"""

from __future__ import annotations

import logging

from flask import Blueprint, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from indexer import QueryLog, Results, UsageError
from webapp.params import QueriesForm, existing_part, read

blueprint = Blueprint("queries", __name__)
log = logging.getLogger(__name__)

LISTED = 50  # queries on a page
SEVERAL = 3  # readers, below which a query may tell of one person


def query_log() -> QueryLog | None:
    """The log, if one is kept."""
    path = current_app.config["QUERY_LOG"]
    return QueryLog(path, current_app.config["QUERY_LOG_KEY"]) if path else None


def write_down(query: str, found: Results) -> None:
    """Writes a query down that found nothing, or only passages with some of its words."""
    kept, every = query_log(), found.total + found.total_synonyms
    if kept is None or (every and not found.relaxed) or request.method != "GET":
        return
    g.written_down = True  # so will the next who asks the same be: the answer is not kept
    reader = f"{request.remote_addr} {request.user_agent.string}"
    try:
        kept.record(query, "relaxed" if found.relaxed else "nothing", reader)
    except UsageError as error:  # the answer is worth more
        log.warning("%s", error)


@blueprint.get("/queries")
def listing() -> ResponseReturnValue:
    """Lists what readers did not find."""
    kept = query_log()
    if kept is None:
        abort(404, "no query log is kept; serve --query-log starts one")
    form = read(QueriesForm, request.args)
    least = form.readers if current_app.config["TOKEN"] else max(form.readers, SEVERAL)
    found = kept.report(least, LISTED, (form.page - 1) * LISTED)
    part = existing_part(found.total, LISTED, form.page)
    page = render_template("queries.html", form=form, found=found, part=part)
    return page, {"Cache-Control": "no-store"}
