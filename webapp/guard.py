"""Access control: host names, the token, and other sites whose pages may read the API.

In: the application's configuration and each request's headers. Out: nothing for requests that are
allowed. Refuses a host name that is neither loopback nor trusted (421) and, if a token is set, a
request without it (401). `/healthz` and `/readyz` are always answered.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from ipaddress import ip_address

from flask import Flask, Response, request
from werkzeug.exceptions import BadHost

from webapp.metrics import meters
from webapp.problems import API_PREFIX, UNSTORED, problem

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


def is_address(host: str, *, any: bool) -> bool:
    """Whether a bare host is a loopback address, or with `any` any IP address."""
    try:
        return ip_address(host).is_loopback or any
    except ValueError:
        return False


def has_token(token: str) -> bool:
    """Whether the request has the token: as bearer token, or as password of any user."""
    sent = request.authorization
    given = sent and {"bearer": sent.token, "basic": sent.password}.get(sent.type)
    return hmac.compare_digest((given or "").encode(), token.encode())


def bare(host: str) -> str:
    """A host name in lower case and ASCII, without port, brackets and trailing dot."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    with suppress(UnicodeError):
        name = name.lower().encode("idna").decode("ascii") if not name.isascii() else name
    return name.removesuffix(".").lower()


def in_api() -> bool:
    """Whether the request is for the API or its description."""
    return request.path.startswith(API_PREFIX) or request.path == "/openapi.json"


def stand_guard(app: Flask) -> None:
    """Makes `app` refuse requests that its configuration does not allow."""
    config = app.config
    # Trusted names beside loopback: `example.org`, `.example.org` with its subdomains, or `*`.
    hosts = [bare(host) for host in config["TRUSTED_HOSTS"] or ()]
    config["TRUSTED_HOSTS"] = None  # or Flask would check them too, even for health checks
    token, origins = config["TOKEN"], config["ALLOWED_ORIGINS"]

    def answers_to(host: str) -> bool:
        """Whether a Host header, port included, names this site."""
        name = bare(host)
        if name == "localhost" or name.endswith(".localhost") or "*" in hosts:
            return True
        named = any(name == one or (one[:1] == "." and f".{name}".endswith(one)) for one in hosts)
        return named or is_address(name, any=config["ANY_ADDRESS"])

    def allowed_origin() -> str:
        """Value of `Access-Control-Allow-Origin` for the request; "" for none."""
        if not in_api():
            return ""
        origin = request.headers.get("Origin", "")
        return "*" if "*" in origins else origin if origin in origins else ""

    @app.before_request
    def check() -> Response | None:
        if request.endpoint in OPEN_ENDPOINTS or isinstance(request.routing_exception, BadHost):
            return None  # an invalid host name is refused elsewhere (400)
        if not answers_to(request.host):
            meters().refused.labels("host").inc()
            return refusal(421, MISDIRECTED)
        is_preflight = request.method == "OPTIONS" and allowed_origin()  # has no token
        if token and not is_preflight and not has_token(token):
            meters().refused.labels("token").inc()
            return token_required()
        return None

    @app.after_request
    def open_to_others(response: Response) -> Response:
        if origins and "*" not in origins and in_api():
            response.vary.add("Origin")
        if allowed := allowed_origin():
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
            if request.method == "OPTIONS":
                response.headers.update(PREFLIGHT)
        return response


def token_required() -> Response:
    """The response to a request without the token, or with a wrong one."""
    response = refusal(
        401, "A token is required: as the password of any user, or as Authorization: Bearer TOKEN."
    )
    wrong = ', error="invalid_token"' if request.authorization else ""
    response.headers.add("WWW-Authenticate", f"Basic {REALM}")
    response.headers.add("WWW-Authenticate", f'Bearer realm="Pilcrow"{wrong}')
    return response


def refusal(status: int, detail: str) -> Response:
    """A response that reveals nothing of the site: plain text, or a problem from the API."""
    if in_api():
        return problem(status, detail)
    return Response(f"{detail}\n", status, UNSTORED, "text/plain")
