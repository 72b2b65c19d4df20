"""Headers of all responses (security, caching, compression), and a cache of recent responses.

In: responses of the views. Out: the responses with headers, compressed if the client accepts that.
Recent responses are cached as long as the same index is served. Refuses nothing.
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
from webapp.deferral import defer
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
    "Referrer-Policy": "same-origin",  # keeps queries on health from other sites
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Endpoints that serve only files of the program; all others are private to the reader.
PROGRAM = ("static", "site.colours", "site.icon", "site.robots")
SMALLEST = 860  # bytes; compressing less saves no packet
COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/opensearchdescription+xml",
    "application/x-suggestions+json",
    "image/svg+xml",
)
A_YEAR = 31_536_000  # seconds
KINDS = (".py", ".html", ".css", ".md")  # suffixes of files that answers are made from
MOST_KEPT = 16 << 20  # bytes of all cached answers
LARGEST_KEPT = 256 << 10  # bytes of one cached answer


def digest_of_code() -> str:
    """Digest of the code that makes answers, so that clients don't reuse those of old versions."""
    library = Path(schema.__file__).parent.parent
    rooms = (Path(__file__).parent, library / "reporting", library / "query")
    every = (path for room in rooms for path in sorted(room.rglob("*")))
    files = [path for path in every if path.suffix in KINDS and path.is_file()]
    return hashlib.blake2b(b"".join(p.read_bytes() for p in files), digest_size=8).hexdigest()


CODE = digest_of_code()


def json_response(value: Any, mimetype: str = "application/json") -> Response:
    """A JSON response with plain values or a shape."""
    return Response(to_json_line(value), mimetype=mimetype)


def add_headers(app: Flask) -> None:
    """Adds the headers to all responses of `app`."""

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        versioned = request.endpoint in ("static", "site.colours") and "v" in request.args
        if versioned and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        elif request.endpoint not in PROGRAM and not response.cache_control.no_store:
            response.cache_control.private = True
        if response.mimetype == "text/html" and "Content-Encoding" not in response.headers:
            page = response.get_data()
            if b"\0" in page:  # which HTML can't hold
                response.set_data(page.replace(b"\0", "\N{REPLACEMENT CHARACTER}".encode()))
        return compressed(response)


def compressed(response: Response) -> Response:
    """The response, compressed with gzip if the client accepts it and the body is long enough."""
    if not (response.mimetype or "").startswith(COMPRESSIBLE):
        return response
    response.vary.add("Accept-Encoding")
    if (
        response.status_code == 206  # ranges refer to uncompressed bytes
        or "Content-Encoding" in response.headers
        or not request.accept_encodings["gzip"]
    ):
        return response
    response.direct_passthrough = False  # static files are small enough to be read at once
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # other bytes, same content
    return response


class ResponseCache:
    """A thread-safe LRU cache of responses by their tags, bounded in bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[bytes, list[tuple[str, str]]]] = OrderedDict()
        self._size = 0

    def get(self, tag: str) -> Response | None:
        """A new response object with the cached answer; None if there is none."""
        with self._lock:
            if tag not in self._kept:
                return None
            self._kept.move_to_end(tag)
            body, headers = self._kept[tag]
        return Response(body, headers=headers)

    def put(self, tag: str, response: Response) -> None:
        """Caches an answer, unless it is too large."""
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


def is_cacheable(response: Response) -> bool:
    """Whether equal requests get the same response; `g.not_cached` forbids that."""
    is_whole = response.status_code == 200 and response.is_sequence
    return is_whole and request.method == "GET" and "not_cached" not in g


@once_per_index
def response_cache(_: Index) -> ResponseCache:
    """The cached answers of the current index."""
    return ResponseCache()


def changes_with_index(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Adds validators to a view's responses, and answers 304 without calling the view.

    The view's answer must depend on nothing but the index and the address.
    """

    @wraps(view)
    def conditional(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        copy = current_copy()
        # Kept apart: in a URL, "?" in the path would look like "?" before the query.
        where = (request.root_url, request.environ["PATH_INFO"], request.query_string)
        etag = hashlib.blake2b(f"{where} {CODE} {copy.tag}".encode(), digest_size=12).hexdigest()
        # Another commit may follow within the same second, and a clock may be set back.
        stable = copy.modified if time.time() >= copy.modified.timestamp() + 1 else None
        since = request.if_modified_since if "If-None-Match" not in request.headers else None
        if request.if_none_match.contains_weak(etag) or (since and since == stable):
            response = Response(status=304)
        else:
            cached = response_cache(copy.index)
            response = cached.get(etag) or defer(copy) or make_response(view(*args, **kwargs))
            if is_cacheable(response):
                cached.put(etag, response)
        if response.status_code in (200, 304) and "ETag" not in response.headers:
            response.set_etag(etag, weak=True)
            if "If-None-Match" not in request.headers:
                response.date = datetime.now(timezone.utc)
            if stable:
                response.last_modified = stable
            response.headers["Cache-Control"] = "no-cache"  # may be stored, but must be validated
        return response

    return conditional
