"""Metrics for Prometheus: requests, times and the size of the index.

In: requests as they end. Out: the text of `/metrics`. Refuses nothing.

If several processes serve one site, the environment variable `PROMETHEUS_MULTIPROC_DIR` must name
an empty folder before this module is imported (`shared_by_processes` makes one): each process
writes its numbers there, and the one that answers `/metrics` adds them up. `forget_process` must be
called when a process that has ended is replaced.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    multiprocess,
    start_http_server,
    values,
)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROOM = 1 << 20  # bytes of the file for one kind of metric; some 300 KB of it are used
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # bounds of histograms
Mode = Literal["livemostrecent", "livesum"]  # how gauges of all processes are combined

log = logging.getLogger(__name__)


class Meters:
    """The metrics of this process."""

    def __init__(self) -> None:
        allocate()
        self.registry = own = CollectorRegistry()

        def gauge(name: str, about: str, mode: Mode = "livemostrecent") -> Gauge:
            return Gauge(f"pilcrow_{name}", about, registry=own, multiprocess_mode=mode)

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"pilcrow_{name}", about, labels, registry=own)

        def histogram(name: str, about: str) -> Histogram:
            return Histogram(f"pilcrow_{name}", about, ["route"], buckets=SECONDS, registry=own)

        self.requests = counter("requests", "Requests answered.", "route", "status")
        # From arrival of the request to headers of the response.
        self.seconds = histogram("request_seconds", "Time to answer a request.")
        self.query_seconds = histogram(
            "query_seconds", "Part of that time before the page was rendered."
        )
        self.in_progress = gauge(
            "requests_in_progress", "Requests that are being answered.", "livesum"
        )
        self.refused = counter("refused", "Requests refused.", "reason")  # host, token or busy
        self.generation = gauge("index_generation", "Generation of the index that is served.")
        self.articles = gauge("index_articles", "Articles in the index.")
        self.passages = gauge("index_passages", "Passages in the index.")


@lru_cache(maxsize=1)
def meters() -> Meters:
    """The meters of this process."""
    return Meters()


def allocate() -> None:
    """Allocates the files of this process's metrics; without disk space, it keeps them in memory.

    The files are memory-mapped: the first write to a page on a full disk would kill the process.
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
    """The metrics of this process or, if processes share a folder, of all of them."""
    if FOLDER not in os.environ:
        return meters().registry
    every = CollectorRegistry()
    multiprocess.MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return every


@contextmanager
def shared_by_processes() -> Iterator[None]:
    """Within a block, processes that are started share their metrics."""
    with TemporaryDirectory(prefix="pilcrow-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def forget_process(pid: int) -> None:
    """Removes the gauges of a process that has ended; its counters stay in the sums."""
    if FOLDER in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def serve_apart(host: str, port: int) -> None:
    """Serves `/metrics` on a separate port, without access control, until the process ends.

    Raises `OSError` if the port can't be opened.
    """
    start_http_server(port, host, registry())
