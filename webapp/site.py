"""Pages about the site: help, API guide, OpenAPI, health checks, metrics, icons, robots.txt.

In: nothing but the current index. Out: pages and JSON. Refuses nothing.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from prometheus_client import generate_latest

from indexer import Index, PilcrowError, UsageError, palette, to_json
from webapp import api
from webapp.deferral import COSTS
from webapp.headers import changes_with_index, json_response
from webapp.hints import examples
from webapp.library import current_index
from webapp.metrics import CONTENT_TYPE, registry
from webapp.openapi import SECURITY, description
from webapp.params import QueryString, parameters_of

blueprint = Blueprint("site", __name__)

SAMPLE = 1_800  # characters shown of a sample answer
SAMPLED = 20_000  # passages; in more, an answer that reads all of them has no sample


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """Reports that this process is alive, for monitors."""
    return uncached(json_response({"status": "ok"}))


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Reports whether an index can be opened, for monitors."""
    try:
        current_index()
    except PilcrowError:
        response = uncached(json_response({"status": "no index can be opened"}))
        return response, 503, {"Retry-After": "5"}
    return uncached(json_response({"status": "ok"}))


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Metrics for Prometheus."""
    return uncached(Response(generate_latest(registry()), content_type=CONTENT_TYPE))


def uncached(response: Response) -> Response:
    """The response with a header that forbids caching."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/help")
@changes_with_index
def help_page() -> ResponseReturnValue:
    """Explains the query language and the keys."""
    found = examples(current_index())
    return render_template("help.html", language=query_language(), examples=found)


def query_language() -> Markup:
    """The page on the query language as HTML; the examples in its table link to their results."""
    page = files("indexer.query").joinpath("language.md").read_text(encoding="utf-8")
    renderer = MarkdownIt("commonmark").enable("table")
    tokens = renderer.parse(page)
    for before, token in pairwise(tokens):
        if before.type == "th_open":
            before.attrSet("scope", "col")
        if before.type == "td_open" and token.children and token.children[0].type == "code_inline":
            link = Token("link_open", "a", 1)
            link.attrSet("href", url_for("search.results", q=token.children[0].content))
            token.children = [link, *token.children, Token("link_close", "a", -1)]
    html = renderer.renderer.render(tokens, renderer.options, {})
    scroll = '<div class="scroll" tabindex="0" role="region" aria-label="Query language">'
    html = html.replace("<table>", f'{scroll}<table class="language">')
    html = html.replace("</table>", "</table></div>")
    return Markup(html)  # nosec B704 # made from a file of the program


@blueprint.get("/api")
@blueprint.get("/api/")
@changes_with_index
def api_guide() -> ResponseReturnValue:
    """Documents the API with examples from the current index."""
    index = current_index()
    guides = [guide(index, operation) for operation in api.OPERATIONS]
    return render_template("api.html", guides=guides)


def guide(index: Index, operation: api.Operation) -> dict[str, Any]:
    """An operation with its parameters, and the address and the beginning of the answer of an
    example for the first article."""
    parameters = parameters_of(operation.form)
    first = next(iter(index.articles()), None)
    passages = index.passages(first.id) if first else ()
    q = next((example.q for example in examples(index)), "word")
    query: dict[str, str] = {}
    path: dict[str, Any] = {}
    if operation.id_about:
        found = first.id if first and operation.name == "article" else ""
        path["id"] = found or (passages[0].id if passages else "none")
    elif operation.name == "suggest":
        query["q"] = q[:3]
    elif operation.name == "keywords":
        query["article"] = first.id if first else ""
    elif "q" in {one.name for one in parameters}:
        query["q"] = q
    address = url_for(f"api.{operation.name}", **path)
    address += f"?{urlencode(query)}" if query else ""
    text = ""
    reads_all = COSTS.get(f"api.{operation.name}", ("", 0))[1] is None
    is_slow = reads_all and index.totals.passages > SAMPLED
    if not is_slow and (first or not (operation.id_about or operation.name == "keywords")):
        with suppress(UsageError):  # keywords need a second article
            text = to_json(operation.reply(index, QueryString(query), **path))
    sample = text[:SAMPLE] + ("\n…" if len(text) > SAMPLE else "")
    shown = {"operation": operation, "parameters": parameters}
    return shown | {"address": address, "answer": sample}


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of the API in OpenAPI."""
    # The site may be served below a prefix.
    servers = [{"url": f"{request.script_root}{api.blueprint.url_prefix}"}]
    needed = {"security": SECURITY} if current_app.config["TOKEN"] else {}
    return json_response({**description(), "servers": servers, **needed})


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Allows robots to read articles, but not search results."""
    lines = ("User-agent: *", "Disallow: /api/", "Disallow: /*?q=", "Disallow: /*&q=", "")
    return Response("\n".join(lines), mimetype="text/plain")


@blueprint.get("/palette.css")
def colours() -> Response:
    """The style sheet with the colours, shared with reports."""
    return Response(palette(), mimetype="text/css")


@blueprint.get("/favicon.ico")
def icon() -> Response:
    """The icon, at the address that browsers try by default."""
    response = make_response(current_app.send_static_file("favicon.ico"))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
