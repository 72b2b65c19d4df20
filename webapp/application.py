"""The WSGI application.

In: a mapping of settings, listed at `create_app`. Out: a Flask application that only reads: no
request writes anything except to the query log, if there is one. Refuses nothing when it is
created: without an index, its pages explain, with status 503, how to make one.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer import PilcrowError, Settings, build_index, load_settings
from webapp import api, articles, audit_pages, passages, search, site
from webapp.guard import stand_guard
from webapp.headers import add_headers
from webapp.library import Library
from webapp.problems import handle_problems
from webapp.rendering import add_filters
from webapp.request_log import log_requests

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024  # bytes; nothing here reads a request's body


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Makes the application.

    Keys of `config`, beside Flask's own:
    `SETTINGS` (a `Settings`; default: from the environment),
    `CORPUS` (files to index before the first answer; default: none),
    `CHECK_EVERY` (seconds between checks for a newer index on disk),
    `ANY_ADDRESS` (whether requests to any IP address are answered; default: no),
    `QUERY_LOG` (file in which queries without results are recorded; default: none),
    `QUERY_LOG_KEY` (key of its pseudonyms, the same in all processes; default: random); and with
    defaults from the settings:
    `INDEX` (folder of the index),
    `PROXY_FIX` (number of reverse proxies whose headers on client and host are trusted),
    `TRUSTED_HOSTS` (host names that are answered, beside loopback; `*`: any),
    `TOKEN` (that requests must send),
    `ALLOWED_ORIGINS` (of other sites whose pages may read the API),
    `LOG` ("json": logs of this process, including requests, are JSON lines on standard error),
    `LOG_QUERIES` (whether that log includes query strings).
    Without any `config`, the corpus is that of the environment.
    """
    app = Flask(__name__)
    settings = (config or {}).get("SETTINGS") or load_settings()
    if config is None:
        config = {"CORPUS": settings.corpus}
    app.config.from_mapping(
        INDEX=settings.index,
        CORPUS=None,
        SETTINGS=settings,
        CHECK_EVERY=1.0,
        PROXY_FIX=settings.proxies,
        TRUSTED_HOSTS=settings.trusted_hosts,
        ANY_ADDRESS=False,
        TOKEN=settings.token,
        ALLOWED_ORIGINS=settings.allowed_origins,
        LOG=settings.log,
        LOG_QUERIES=settings.log_queries,
        QUERY_LOG=None,
        QUERY_LOG_KEY=secrets.token_bytes(16),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
    )
    app.config.from_mapping(config)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # an article's id may hold two in a row
    if app.config["CORPUS"] is not None:
        bring_up_to_date(Path(app.config["CORPUS"]), Path(app.config["INDEX"]), settings)
    library = Library(Path(app.config["INDEX"]), settings, app.config["CHECK_EVERY"])
    app.extensions["library"] = library
    handle_problems(app)
    log_requests(app)
    add_headers(app)
    stand_guard(app)
    add_filters(app)
    for part in (search, articles, passages, audit_pages, api, site):
        app.register_blueprint(part.blueprint)
    if proxies := int(app.config["PROXY_FIX"]):
        fixed = ProxyFix(app.wsgi_app, proxies, proxies, proxies, 0, proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app


def bring_up_to_date(corpus: Path, index: Path, settings: Settings) -> None:
    """Updates the index; if that fails, it is served as it is."""
    try:
        report = build_index([corpus], index, may_empty=False, settings=settings)
    except PilcrowError as error:
        log.warning("the index is left as it is: %s", error)
        return
    for problem in report.skipped:
        log.warning("skipped %s", problem)
    for warning in report.warnings:
        log.warning("%s", warning)
