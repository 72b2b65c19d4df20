"""Logs each request, gives it an id and counts it in the metrics.

In: requests and their responses. Out: `X-Request-ID` on every response, a record for the logger
`webapp.requests`, counts in `webapp.metrics`. Refuses nothing. Unless `LOG_QUERIES` is set, nothing
that a reader asked for is logged: no query string, no address, no text of an exception.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import uuid
from datetime import datetime, timezone
from time import perf_counter
from typing import Any, TextIO

from flask import Flask, Response, before_render_template, g, has_request_context, request

from webapp.deferral import ARRIVED, is_deferred
from webapp.metrics import meters

GIVEN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)  # allowed ids of a reverse proxy
log = logging.getLogger("webapp.requests")


class JsonLines(logging.Formatter):
    """Formats each record as one line of JSON."""

    def __init__(self, queries: bool) -> None:
        self.queries = queries
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, with class and trace of an exception; its text if `queries`."""
        moment = datetime.fromtimestamp(record.created, tz=timezone.utc)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if has_request_context():
            line["request_id"] = g.get("request_id", "")
        line |= getattr(record, "members", {})
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            frames = traceback.extract_tb(trace)
            line["exception"] = str(error) if self.queries else kind.__qualname__
            line["trace"] = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=True, default=str)


def write_json_lines(queries: bool, stream: TextIO | None = None) -> None:
    """Writes all logs of this process, including requests, to `stream` (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(queries))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    log.setLevel(logging.INFO)


def request_id(given: str) -> str:
    """The id of a request: the given one if that is allowed, or a new one."""
    return given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def log_requests(app: Flask) -> None:
    """Logs each request of `app`. Call it before other functions that register for responses."""
    queries = bool(app.config["LOG_QUERIES"])
    if app.config["LOG"] == "json":
        write_json_lines(queries)

    @app.before_request
    def begin() -> None:
        g.request_id = request_id(request.headers.get("X-Request-ID", ""))
        g.arrived = request.environ.get(ARRIVED) or perf_counter()
        meters().in_progress.inc()

    @before_render_template.connect_via(app)
    def answer_is_known(*_: object, **__: object) -> None:
        g.setdefault("known", perf_counter())

    @app.after_request
    def end(response: Response) -> Response:
        now = perf_counter()
        response.headers["X-Request-ID"] = g.request_id
        if not is_deferred(response):
            record(response, now - g.arrived, g.get("known", now) - g.arrived, queries)
        return response

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        if g.pop("arrived", None):
            meters().in_progress.dec()


def record(response: Response, seconds: float, query_seconds: float, queries: bool) -> None:
    """Counts a request and logs it."""
    status, route = response.status_code, str(request.url_rule or "")
    made, copy = meters(), g.get("copy")
    if copy and "measured" not in copy.kept:
        copy.kept["measured"] = True
        made.generation.set(copy.index.generation)
        made.articles.set(copy.index.totals.articles)
        made.passages.set(copy.index.totals.passages)
    made.requests.labels(route, status).inc()
    made.seconds.labels(route).observe(seconds)
    made.query_seconds.labels(route).observe(query_seconds)
    if not log.isEnabledFor(logging.INFO):
        return
    members: dict[str, Any] = {
        "request_id": g.request_id,
        "method": request.method,
        "route": route,  # a path without a route may contain anything
        "path": request.path if route else "",
        "status": status,
        "bytes": response.calculate_content_length(),
        "seconds": round(seconds, 6),
        "query_seconds": round(query_seconds, 6),
        "generation": copy.index.generation if copy else None,
    }
    if queries:
        members["query"] = request.query_string.decode("utf-8", "replace")
    log.info("request", extra={"members": members})
