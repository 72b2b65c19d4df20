"""Headers of every response: what a browser may do with it, how long it lasts, compression.

In: responses of the views. Out: the same with headers, compressed where the client takes that.
What is asked often is made once: the last answers are kept for as long as the index is served.
Refuses nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, g, make_response, request
from flask.typing import ResponseReturnValue

from indexer import Index, schema, to_json_line
from webapp.budget import REFUSED, REPLY, put_off
from webapp.library import current_copy, once_per_index

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # queries on health stay here
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Answers made of the program alone; all others are of the articles, and for their reader alone.
PROGRAM = ("static", "site.colours", "site.icon", "site.robots")
SMALLEST = 860  # bytes; below, compression saves no packet
COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/opensearchdescription+xml",
    "application/x-suggestions+json",
    "image/svg+xml",
)
A_YEAR = 31_536_000  # seconds
KINDS = (".py", ".html", ".css", ".md")  # of files that answers are made from
MOST_KEPT = 16 << 20  # bytes of answers
LARGEST_KEPT = 256 << 10  # of one of them


def digest_of_code() -> str:
    """Changes with what makes answers, so that none of an older version counts as fresh."""
    library = Path(schema.__file__).parent.parent
    rooms = (Path(__file__).parent, library / "reporting", library / "query")
    every = (path for room in rooms for path in sorted(room.rglob("*")))
    files = [path for path in every if path.suffix in KINDS and path.is_file()]
    return hashlib.blake2b(b"".join(p.read_bytes() for p in files), digest_size=8).hexdigest()


CODE = digest_of_code()


def json_response(value: Any, mimetype: str = "application/json") -> Response:
    """Plain values, or a shape, as a response."""
    return Response(to_json_line(value), mimetype=mimetype)


def add_headers(app: Flask) -> None:
    """Has every response of `app` carry them."""

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        versioned = request.endpoint in ("static", "site.colours") and "v" in request.args
        if versioned and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        elif request.endpoint not in PROGRAM and not response.cache_control.no_store:
            response.cache_control.private = True
        return compressed(response)


def compressed(response: Response) -> Response:
    """The response with a gzipped body where that is wanted and worth it."""
    if not (response.mimetype or "").startswith(COMPRESSIBLE):
        return response
    response.vary.add("Accept-Encoding")
    if (
        response.status_code == 206  # a range of bytes is counted uncompressed
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
    ):
        return response
    response.direct_passthrough = False  # static files are small; they are read whole
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the bytes differ, what they say does not
    return response


class Answers:
    """The answers asked for last, by their tags, as far as they fit; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[bytes, list[tuple[str, str]]]] = OrderedDict()
        self._size = 0

    def get(self, tag: str) -> Response | None:
        """A response of its own for whoever asks."""
        with self._lock:
            if tag not in self._kept:
                return None
            self._kept.move_to_end(tag)
            body, headers = self._kept[tag]
        return Response(body, headers=headers)

    def keep(self, tag: str, response: Response) -> None:
        """Keeps an answer that will be the same for the next who asks."""
        body = response.get_data()
        if len(body) > LARGEST_KEPT:
            return
        with self._lock:
            if tag not in self._kept:
                self._kept[tag] = body, list(response.headers)
                self._size += len(body)
            while self._size > MOST_KEPT:
                _, (gone, _) = self._kept.popitem(last=False)
                self._size -= len(gone)


def is_the_same_for_all(response: Response) -> bool:
    """Whether who asks the same is to be told just this; what was answered apart is kept there."""
    if response.status_code != 200 or not response.is_sequence or REPLY in request.environ:
        return False
    return request.method == "GET" and "written_down" not in g


@once_per_index
def kept_answers(_: Index) -> Answers:
    """Those made from the index at hand."""
    return Answers()


def changes_with_index(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Gives a view's responses validators, and answers 304 without running it again.

    Such a view's answer depends on the index and on the address alone.
    """

    @wraps(view)
    def conditional(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        copy = current_copy()
        # As they were sent: "?" in a path and in front of a query would be the same in a URL.
        where = (request.root_url, request.environ["PATH_INFO"], request.query_string)
        etag = hashlib.blake2b(f"{where} {CODE} {copy.tag}".encode(), digest_size=12).hexdigest()
        # Within the second of a commit another may follow, and a clock may be set back.
        told = copy.modified if time.time() >= copy.modified.timestamp() + 1 else None
        since = request.if_modified_since if "If-None-Match" not in request.headers else None
        if request.if_none_match.contains_weak(etag) or (since and since == told):
            response = Response(status=304)
        else:
            kept = kept_answers(copy.index)
            known = kept.get(etag) if request.environ.keys().isdisjoint((REFUSED, REPLY)) else None
            response = known or put_off(copy) or make_response(view(*args, **kwargs))
            if is_the_same_for_all(response):
                kept.keep(etag, response)
        if response.status_code in (200, 304) and "ETag" not in response.headers:
            response.set_etag(etag, weak=True)
            if "If-None-Match" not in request.headers:
                response.date = datetime.now(timezone.utc)
            if told:
                response.last_modified = told
            response.headers["Cache-Control"] = "no-cache"  # keep, but ask each time
        return response

    return conditional
