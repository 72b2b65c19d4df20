"""The search page `/` (whole, or only its results), OpenSearch for browsers, and `/queries`.

In: the query string. Out: a page. Refuses bad parameters (400), but no query. If there is a query
log, queries without results are recorded in it, and `/queries` lists them (404 without a log); on a
site without a token, it leaves out queries of fewer than three readers.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from indexer import Index, QueryLog, Results, UsageError
from webapp import api, params, urls
from webapp.headers import changes_with_index, json_response
from webapp.hints import examples, growing, help_for, spelling_for
from webapp.library import by_title, current_index
from webapp.params import PAGE_SIZE, SearchForm, existing_part, part_of, read
from webapp.result_view import ResultView

blueprint = Blueprint("search", __name__)

MOST_ARTICLES = 12  # on the page without a query
SUGGESTIONS = 8
LISTED = 50  # queries on a page
SEVERAL = 3  # readers; a query of fewer may reveal a person
log = logging.getLogger(__name__)


@blueprint.get("/")
@changes_with_index
def results() -> ResponseReturnValue:
    """Shows the results of a query; without one, examples and articles."""
    form, live = read(SearchForm, request.args), read(params.LiveForm, request.args)
    shown: dict[str, Any] = {
        "form": form,
        "layout": "fragment.html" if live.fragment else "page.html",
    }
    index = current_index()
    if not form.q:
        articles = by_title(index)
        shown |= {"examples": examples(index), "articles": articles[:MOST_ARTICLES]}
        shown |= {"article_count": len(articles), "totals": index.totals}
        return render_template("welcome.html", **shown)
    typed = form.q
    form, found = ask(index, form, live=live.live)
    if form.q != typed:
        shown["grown"] = typed
    if not live.live and form.page == 1 and not form.filtered:
        write_down(typed, found)
    every = found.total + found.total_synonyms
    part = part_of(every, PAGE_SIZE, form.page)
    shown |= {"form": form, "results": found, "part": part}
    shown["view"] = ResultView(index, form, found)
    shown["narrowing"] = form.filtered or any(len(facet) > 1 for facet in found.facets.values())
    if index.has_vectors and form.page == 1 and not live.live and not form.filtered:
        shown["related"] = index.related(typed, but=[hit.passage.id for hit in found.hits])
    shown["spelling"] = spelling_for(index, form, found)
    if not every:
        shown["help"] = help_for(index, form, found)
    return render_template("results.html", **shown), 404 if every and not found.hits else 200


def ask(index: Index, form: SearchForm, *, live: bool) -> tuple[SearchForm, Results]:
    """The results, and the form that they answer.

    While the reader types (`live`), a last word that finds nothing is searched for as a prefix.
    """
    found = api.search(index, form.sized(PAGE_SIZE))
    nothing = not found.total + found.total_synonyms
    if live and (found.relaxed or nothing) and (grown := growing(form.q)):
        longer = replace(form, q=grown)
        better = api.search(index, longer.sized(PAGE_SIZE))
        if better.total and not better.relaxed:
            return longer, better
    return form, found


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Describes how a browser can search the site from its address bar."""
    kind = "application/opensearchdescription+xml"
    return Response(render_template("opensearch.xml"), mimetype=kind)


@blueprint.get("/opensearch/suggest")
@changes_with_index
def completions() -> ResponseReturnValue:
    """Completes a word, in the format for browsers."""
    q = read(SearchForm, request.args).q
    found = current_index().suggest(q, limit=SUGGESTIONS) if q else ()
    texts = [suggestion.text for suggestion in found]
    counts = [f"{suggestion.count:,}" for suggestion in found]
    addresses = [urls.search(SearchForm(q=text), external=True) for text in texts]
    return json_response([q, texts, counts, addresses], "application/x-suggestions+json")


def query_log() -> QueryLog | None:
    """The query log; None if there is none."""
    path = current_app.config["QUERY_LOG"]
    return QueryLog(path, current_app.config["QUERY_LOG_KEY"]) if path else None


def write_down(query: str, found: Results) -> None:
    """Records a query that found nothing, or only passages with some of its words."""
    kept, every = query_log(), found.total + found.total_synonyms
    if kept is None or (every and not found.relaxed) or request.method != "GET":
        return
    g.not_cached = True  # so that the next equal query is recorded, too
    reader = f"{request.remote_addr} {request.user_agent.string}"
    try:
        kept.record(query, "relaxed" if found.relaxed else "nothing", reader)
    except UsageError as error:  # the reader gets the answer all the same
        log.warning("%s", error)


@blueprint.get("/queries")
def queries() -> ResponseReturnValue:
    """Lists queries that found nothing, or only passages with some of their words."""
    kept = query_log()
    if kept is None:
        abort(404, "there is no query log; pilcrow serve --query-log starts one")
    form = read(params.QueriesForm, request.args)
    least = form.readers if current_app.config["TOKEN"] else max(form.readers, SEVERAL)
    sized = form.sized(LISTED)
    found = kept.report(least, sized.limit, sized.offset)
    part = existing_part(found.total, LISTED, form.page)
    page = render_template("queries.html", form=form, found=found, part=part)
    return page, {"Cache-Control": "no-store"}
