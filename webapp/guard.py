"""Who is answered: host names, the token, and pages of other sites that may read the API.

In: the application's configuration and each request's headers. Out: nothing for those who may
ask. Refuses a host that is neither loopback nor named (421) and, where a token is set, whoever
doesn't show it (401). `/healthz` and `/readyz` ask for neither.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Flask, Response, request
from werkzeug.exceptions import BadHost

from webapp.metrics import meters
from webapp.problems import API_PREFIX, problem

OPEN_ENDPOINTS = ("site.health", "site.ready")
MISDIRECTED = (
    "This site is not served under this host name; its owner can add it with --trusted-host."
)
REALM = 'realm="Pilcrow", charset="UTF-8"'
EXPOSED = "ETag, Last-Modified, X-Request-ID"
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*, Authorization",  # the star does not cover this one
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What is asked of a request before it is answered."""

    hosts: tuple[str, ...]  # names answered beside loopback; `.example.org` with those below, `*`
    any_address: bool  # whether every IP address is answered as well
    token: str  # "": none is asked for
    origins: tuple[str, ...]  # of pages elsewhere that may read the API; `*`: all

    def answers_to(self, host: str) -> bool:
        """Whether a Host header, port included, names this site."""
        name = bare(host)
        if name == "localhost" or name.endswith(".localhost") or "*" in self.hosts:
            return True
        with suppress(ValueError):
            if ip_address(name).is_loopback or self.any_address:
                return True
        named = map(bare, self.hosts)
        return any(name == one or (one[:1] == "." and f".{name}".endswith(one)) for one in named)

    def knows_asker(self) -> bool:
        """Whether the request shows the token: as a bearer, or as the password of any user."""
        shown = request.authorization
        given = shown and {"bearer": shown.token, "basic": shown.password}.get(shown.type)
        return hmac.compare_digest((given or "").encode(), self.token.encode())

    def allowed_origin(self) -> str:
        """What the page that asks may be told as `Access-Control-Allow-Origin`; "" for nothing."""
        if not in_api():
            return ""
        origin = request.headers.get("Origin", "")
        return "*" if "*" in self.origins else origin if origin in self.origins else ""


def bare(host: str) -> str:
    """A host in lower case, without its port, its brackets and the dot of the root, in ASCII."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    with suppress(UnicodeError):
        name = name.lower().encode("idna").decode("ascii") if not name.isascii() else name
    return name.removesuffix(".").lower()


def in_api() -> bool:
    """Whether the request is for the API or its description."""
    return request.path.startswith(API_PREFIX) or request.path == "/openapi.json"


def stand_guard(app: Flask) -> None:
    """Has `app` refuse whom its configuration does not let in."""
    config = app.config
    guard = Guard(
        tuple(config["TRUSTED_HOSTS"] or ()),
        bool(config["ANY_ADDRESS"]),
        config["TOKEN"],
        tuple(config["ALLOWED_ORIGINS"]),
    )
    config["TRUSTED_HOSTS"] = None  # else Flask refuses them too, health checks among them

    @app.before_request
    def check() -> Response | None:
        if request.endpoint in OPEN_ENDPOINTS or isinstance(request.routing_exception, BadHost):
            return None  # a host that can be none is refused as such (400)
        if not guard.answers_to(request.host):
            meters().refused.labels("host").inc()
            return refusal(421, MISDIRECTED)
        asks_leave = request.method == "OPTIONS" and guard.allowed_origin()  # without the token
        if guard.token and not asks_leave and not guard.knows_asker():
            meters().refused.labels("token").inc()
            return unknown_asker()
        return None

    @app.after_request
    def open_to_others(response: Response) -> Response:
        if guard.origins and "*" not in guard.origins and in_api():
            response.vary.add("Origin")
        if allowed := guard.allowed_origin():
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
            if request.method == "OPTIONS":
                response.headers.update(PREFLIGHT)
        return response


def unknown_asker() -> Response:
    """A response to whoever shows no token, or a wrong one."""
    response = refusal(
        401, "A token is required: as the password of any user, or as Authorization: Bearer TOKEN."
    )
    wrong = ', error="invalid_token"' if request.authorization else ""
    response.headers.add("WWW-Authenticate", f"Basic {REALM}")
    response.headers.add("WWW-Authenticate", f'Bearer realm="Pilcrow"{wrong}')
    return response


def refusal(status: int, detail: str) -> Response:
    """A response that tells nothing of the site: plain text, or a problem from the API."""
    if in_api():
        return problem(status, detail)
    response = Response(f"{detail}\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
