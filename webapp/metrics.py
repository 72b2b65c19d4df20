"""What a monitor may know: requests, times and the index, as Prometheus reads them.

In: requests as they end. Out: the text of `/metrics`. Refuses nothing.

Where several processes serve one site, the environment variable `PROMETHEUS_MULTIPROC_DIR` must
name an empty folder of theirs before this module is imported (`shared_by_processes` makes one);
then each process writes its numbers there and whichever is asked adds all up. Whoever replaces a
process that has ended calls `forget_process`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    start_http_server,
    values,
)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROOM = 1 << 20  # bytes of the numbers of one kind; what is counted here takes some 300 KB
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # bounds of histograms
Mode = Literal["livemostrecent", "livesum"]  # what all processes together say of a gauge

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Meters:
    """All that is measured, of this process or of all that share a folder."""

    registry: CollectorRegistry
    requests: Counter  # by route and status
    seconds: Histogram  # from a request's arrival to its answer's headers, by route
    query_seconds: Histogram  # of it: until what is answered is known, by route
    in_progress: Gauge
    refused: Counter  # by reason: host, token or busy
    generation: Gauge  # of the index
    articles: Gauge
    passages: Gauge


@lru_cache(maxsize=1)
def meters() -> Meters:
    """The meters of this process."""
    allocate()
    registry = CollectorRegistry()

    def gauge(name: str, about: str, mode: Mode = "livemostrecent") -> Gauge:
        return Gauge(f"pilcrow_{name}", about, registry=registry, multiprocess_mode=mode)

    def histogram(name: str, about: str) -> Histogram:
        return Histogram(f"pilcrow_{name}", about, ["route"], buckets=SECONDS, registry=registry)

    return Meters(
        registry,
        Counter("pilcrow_requests", "Requests answered.", ["route", "status"], registry=registry),
        histogram("request_seconds", "Time to answer a request."),
        histogram("query_seconds", "Of it: time until what is answered was known."),
        gauge("requests_in_progress", "Requests that are being answered.", "livesum"),
        Counter("pilcrow_refused", "Requests not let in.", ["reason"], registry=registry),
        gauge("index_generation", "Generation of the index that is served."),
        gauge("index_articles", "Articles in it."),
        gauge("index_passages", "Passages in it."),
    )


def allocate() -> None:
    """Makes the files of this process's numbers in full; without room for them it counts alone.

    They are mapped: a page that is first written to while the disk is full would end the process.
    """
    if FOLDER not in os.environ:
        return
    kinds = ("counter", "histogram", "gauge_livesum", "gauge_livemostrecent")
    paths = [Path(os.environ[FOLDER], f"{kind}_{os.getpid()}.db") for kind in kinds]
    try:
        for path in paths:
            path.write_bytes(bytes(ROOM))
    except OSError as error:
        for path in paths:
            path.unlink(missing_ok=True)
        values.ValueClass = values.MutexValue
        log.warning("the requests of process %d are not counted: %s", os.getpid(), error)


def registry() -> CollectorRegistry:
    """What is to be told: of this process, or of all that share its folder."""
    if FOLDER not in os.environ:
        return meters().registry
    every = CollectorRegistry()
    multiprocess.MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return every


def exposition() -> bytes:
    """All numbers in Prometheus's text format."""
    return generate_latest(registry())


@contextmanager
def shared_by_processes() -> Iterator[None]:
    """Has the processes that are started meanwhile add up their numbers."""
    with TemporaryDirectory(prefix="pilcrow-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def forget_process(pid: int) -> None:
    """Leaves out the gauges of a process that has ended; what it counted stays in the sums."""
    if FOLDER in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def serve_apart(host: str, port: int) -> None:
    """Answers `/metrics` on a port of its own, to whoever reaches it, while the process lives.

    `OSError` where the port can't be had.
    """
    start_http_server(port, host, registry())
