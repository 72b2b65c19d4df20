"""Serves the site in several processes over one index.

In: a listening socket and the configuration of `create_app`. Out: nothing; it returns when stopped.
Granian runs the processes: it waits for slow clients, closes connections that send no request in
time, replaces a worker that dies, and on SIGTERM or Ctrl-C completes requests in flight. On
Windows, where Granian is not available, one process with threads serves.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from webapp.application import create_app
from webapp.asgi import Site, execute
from webapp.jobs import Executor, JobServer, count_executors
from webapp.metrics import forget_process

MOST_WORKERS = 4  # by default
CONNECTIONS = 1_000  # of one worker
BACKLOG = 1_024  # connections waiting to be accepted
REQUEST_IN = 10.0  # seconds in which a request's head must arrive
UNREAD = 30  # seconds after which a client that reads nothing of its answer is disconnected
STOP_IN = 60  # seconds in which requests in flight must end
LONGEST_HEAD = 64 << 10  # bytes of a request's head
REPLACE_AFTER = 1.0  # seconds between two replacements of one worker
Config = Mapping[str, Any]


def count_workers() -> int:
    """Default number of workers: one per core, at most `MOST_WORKERS`."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def serve(
    config: Config, listener: socket.socket, workers: int, ready: Callable[[], object]
) -> None:
    """Serves until stopped; calls `ready` once, when all workers answer."""
    if sys.platform == "win32":
        serve_in_threads(config, listener, ready)
        return
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    # glibc may give each thread its own arena, which keeps the memory that is freed.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # A fork of a process with threads may hang.
    multiprocessing.set_start_method("spawn", force=True)
    with suppress(AttributeError, OSError):  # Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD * 1000)
    target = partial(execute, dict(config))
    jobs = JobServer([Executor(target) for _ in range(count_executors())])
    server = _server_class()(
        listener,
        target="webapp",
        interface=Interfaces.ASGINL,
        workers=workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=int(REQUEST_IN * 1000), max_buffer_size=LONGEST_HEAD
        ),
        websockets=False,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_IN,
        log_enabled=False,
    )
    is_ready = False

    def one_more(running: int) -> None:
        nonlocal is_ready
        if running >= workers and not is_ready:
            is_ready = True
            ready()

    jobs.on_ready = one_more
    try:
        server.serve(target_loader=partial(load, dict(config), jobs.address), wrap_loader=False)
    finally:
        jobs.close()


def load(config: Config, jobs: str) -> Any:
    """Makes the application of one worker."""
    atexit.register(os._exit, 0)  # no server thread must outlive the interpreter
    return Site(config, jobs)


def _server_class() -> Any:
    from granian._granian import SocketHolder
    from granian.server.mp import MPServer

    class Server(MPServer):
        """Granian on an existing socket; it always replaces workers that die."""

        def __init__(self, listener: socket.socket, **options: Any) -> None:
            super().__init__(**options)
            self._listener = listener

        def _init_shared_socket(self) -> None:
            self._listener.set_inheritable(True)
            self._sso, self._ssp = self._listener, None
            holder: Any = SocketHolder  # its type stub is outdated
            self._shd = holder(self._listener.fileno(), False, BACKLOG)

        def _respawn_workers(self, workers: Any, *args: Any, **options: Any) -> None:
            time.sleep(REPLACE_AFTER * any(idx in self.respawned_wrks for idx in workers))
            for idx in workers:
                forget_process(self.wrks[idx]._id())
            super()._respawn_workers(workers, *args, **options)
            # Otherwise, Granian stops the site when a worker dies twice within a few seconds.
            self.respawned_wrks = dict.fromkeys(self.respawned_wrks, float("-inf"))

    return Server


def serve_in_threads(config: Config, listener: socket.socket, ready: Callable[[], object]) -> None:
    """Serves in one process with threads, where expensive requests delay others."""
    from waitress import create_server

    # Its warnings on queue length and closed connections don't concern operators.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    app = create_app(config)
    server = create_server(
        app,
        sockets=[listener],
        threads=8,
        ident="pilcrow",
        clear_untrusted_proxy_headers=not app.config["PROXY_FIX"],  # else the app checks them
    )
    ready()
    server.run()
