"""Error responses: pages, or problem documents (RFC 9457) from the API.

In: exceptions of a request. Out: responses with the right status. An internal error reveals nothing
but the id of the request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request, url_for
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from indexer import NotFound, PilcrowError, UsageError, to_json
from webapp.jobs import Refused
from webapp.metrics import meters
from webapp.params import ParameterError

API_PREFIX = "/api/v1"
PROBLEM_TYPE = "application/problem+json"
UNSTORED = {"Cache-Control": "no-store"}
Members = Mapping[str, Any]
log = logging.getLogger(__name__)

TITLES = {
    400: "This request can’t be understood",
    404: "Not found",
    405: "This site is read-only",
    410: "This passage is gone",
    500: "Something went wrong",
    503: "There is no index to search",
}
DETAILS = {  # instead of Werkzeug's descriptions
    404: "There is no page at this address.",
    405: "This site answers GET and HEAD.",
}


class Gone(Exception):
    """A lost passage; `members` are further members of its problem document."""

    def __init__(self, reason: str, members: Members) -> None:
        self.members = members
        super().__init__(reason)


def handle_problems(app: Flask) -> None:
    """Registers handlers for all exceptions of a request."""

    @app.errorhandler(ParameterError)
    @app.errorhandler(UsageError)
    def bad_parameter(error: ParameterError | UsageError) -> Response:
        parameter = getattr(error, "parameter", "")
        return answer(400, str(error), parameter=parameter, slug="parameter")

    @app.errorhandler(BadHost)
    @app.errorhandler(SecurityError)
    def unknown_host(_: HTTPException) -> Response:
        # No address of the site can be built for an unknown host name.
        return Response("This site is not served under that name.\n", 400, mimetype="text/plain")

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> Response:
        return answer(404, str(error), slug="not-found")

    @app.errorhandler(Gone)
    def gone(error: Gone) -> Response:
        return problem(410, str(error), slug="gone", **error.members)

    @app.errorhandler(PilcrowError)
    def unavailable(error: PilcrowError) -> Response:
        log.warning("%s", error)
        # The path of the index on this machine must not be revealed.
        detail = str(error).removeprefix(f"{app.config['INDEX']}: ")
        response = answer(503, detail, slug="unavailable")
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Refused)
    def busy(error: Refused) -> Response:
        meters().refused.labels("busy").inc()
        response = answer(503, str(error), slug="busy", title="Too many requests at once")
        response.headers["Retry-After"] = "10"
        return response

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        given = error.get_response()
        status = error.code or given.status_code
        if status < 400:
            return make_response(given)
        response = answer(status, DETAILS.get(status) or error.description or "")
        for name in ("Allow", "Retry-After"):
            if name in given.headers:
                response.headers[name] = given.headers[name]
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.path, exc_info=error)
        detail = f"The error is in the log of this site, with request id {g.get('request_id')}."
        return answer(500, detail)


def answer(
    status: int, detail: str, *, parameter: str = "", slug: str = "", title: str = ""
) -> Response:
    """An error response of `status`: a problem document below the API's path, else a page."""
    if request.path.startswith(API_PREFIX):
        members = {"parameter": parameter} if parameter else {}
        return problem(status, detail, slug=slug, **members)
    title = title or TITLES.get(status, HTTPStatus(status).phrase)
    page = render_template(
        "problem.html", status=status, title=title, detail=detail, parameter=parameter, slug=slug
    )
    return Response(page, status, UNSTORED)


def document(status: int, detail: str, kind: str, members: Members) -> str:
    """JSON of a problem document; `kind` is the address of its type."""
    title = HTTPStatus(status).phrase
    body: Members = {"type": kind, "title": title, "status": status, "detail": detail}
    return to_json({**body, **members}, lines=True)


def problem(status: int, detail: str, *, slug: str = "", **members: Any) -> Response:
    """A response with a problem document, with further `members`."""
    kind = url_for("site.api_guide", _anchor=f"problem-{slug}") if slug else "about:blank"
    return Response(document(status, detail, kind, members), status, UNSTORED, PROBLEM_TYPE)
