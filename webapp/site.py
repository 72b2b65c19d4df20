"""What is about the site itself: help, the API's guide and description, health, icons, robots.

In: nothing but the index at hand. Out: pages and JSON. Refuses nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from indexer import Index, PilcrowError, UsageError, palette, to_json
from webapp import api
from webapp.headers import changes_with_index, json_response
from webapp.hints import examples
from webapp.library import current_index
from webapp.metrics import CONTENT_TYPE, exposition
from webapp.openapi import SECURITY, description
from webapp.params import Parameter, Query, parameters_of

blueprint = Blueprint("site", __name__)

SAMPLE = 1_800  # characters of an answer that are shown as a sample


@dataclass(frozen=True, slots=True)
class Guide:
    """One operation with an example that works on the index at hand."""

    operation: api.Operation
    parameters: list[Parameter]
    address: str
    answer: str  # its beginning


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """Tells a monitor that this process lives."""
    return told_now(json_response({"status": "ok"}))


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Tells a monitor whether questions can be answered."""
    try:
        current_index()
    except PilcrowError:
        response = json_response({"status": "no index can be opened"})
        response.status_code = 503
        response.headers["Retry-After"] = "5"
        return told_now(response)
    return told_now(json_response({"status": "ok"}))


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Tells Prometheus how much is asked and how fast it is answered."""
    return told_now(Response(exposition(), content_type=CONTENT_TYPE))


def told_now(response: Response) -> Response:
    """The response, never to be kept."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/help")
@changes_with_index
def help_page() -> ResponseReturnValue:
    """Explains what can be typed and pressed."""
    found = examples(current_index())
    return render_template("help.html", language=query_language(), examples=found)


def query_language() -> Markup:
    """The page on the query language as HTML; the examples in its table lead to what they find."""
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
    return Markup(html)  # nosec B704 # made of a page that comes with the program


@blueprint.get("/api")
@blueprint.get("/api/")
@changes_with_index
def api_guide() -> ResponseReturnValue:
    """Documents the API with examples that are live."""
    index = current_index()
    guides = [guide(index, operation) for operation in api.OPERATIONS]
    return render_template("api.html", guides=guides)


def guide(index: Index, operation: api.Operation) -> Guide:
    """An operation tried on the first article."""
    parameters = parameters_of(operation.form)
    first = next(iter(index.articles()), None)
    passages = index.passages(first.id) if first else ()
    q = next((example.q for example in examples(index)), "word")
    asked: dict[str, str] = {}
    path: dict[str, Any] = {}
    if operation.id_about:
        found = first.id if first and operation.name == "article" else ""
        path["id"] = found or (passages[0].id if passages else "none")
    elif operation.name == "suggest":
        asked["q"] = q[:3]
    elif operation.name == "keywords":
        asked["article"] = first.id if first else ""
    elif "q" in {one.name for one in parameters}:
        asked["q"] = q
    address = url_for(f"api.{operation.name}", **path)
    address += f"?{urlencode(asked)}" if asked else ""
    text = ""
    if first or not (operation.id_about or operation.name == "keywords"):
        with suppress(UsageError):  # one article alone has no keywords
            text = to_json(operation.reply(index, Query(asked), **path))
    sample = text[:SAMPLE] + ("\n…" if len(text) > SAMPLE else "")
    return Guide(operation, parameters, address, sample)


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Describes the API to programs."""
    # Under a proxy's prefix the API moves with the site.
    servers = [{"url": f"{request.script_root}{api.blueprint.url_prefix}"}]
    needed = {"security": SECURITY} if current_app.config["TOKEN"] else {}
    return json_response({**description(), "servers": servers, **needed})


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Lets robots read articles but not walk through results."""
    lines = ("User-agent: *", "Disallow: /api/", "Disallow: /*?q=", "Disallow: /*&q=", "")
    return Response("\n".join(lines), mimetype="text/plain")


@blueprint.get("/palette.css")
def colours() -> Response:
    """The colours, which reports have too."""
    return Response(palette(), mimetype="text/css")


@blueprint.get("/favicon.ico")
def icon() -> Response:
    """The icon where browsers look for it by themselves."""
    response = make_response(current_app.send_static_file("favicon.ico"))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
