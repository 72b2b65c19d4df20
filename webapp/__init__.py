"""Pilcrow on the web: `create_app(config)` makes the WSGI application, `serve` serves it.

flask --app webapp run
"""

from __future__ import annotations

from webapp.application import create_app
from webapp.metrics import serve_apart as serve_metrics
from webapp.metrics import shared_by_processes
from webapp.server import count_workers, serve

__all__ = ["count_workers", "create_app", "serve", "serve_metrics", "shared_by_processes"]
