"""The site as several processes over one index.

In: a listening socket and what `create_app` is configured with. Out: nothing, until it is told to
stop. Granian brings the processes: it waits for slow clients, closes connections that send no
request in time, replaces a worker that dies, and on SIGTERM or Ctrl-C lets requests in flight be
answered. Where there is no Granian to be had, as on Windows, one process with threads serves.
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

MOST_WORKERS = 4  # unless more are asked for
CONNECTIONS = 1_000  # of one worker
BACKLOG = 1_024  # connections that wait to be taken
REQUEST_IN = 10.0  # seconds in which a request's head must arrive
UNREAD = 30  # seconds after which a client that takes nothing of its answer is cut off
STOP_IN = 60  # seconds in which requests in flight must end
LONGEST_HEAD = 64 << 10  # bytes
REPLACE_AFTER = 1.0  # seconds between two replacements of one worker
Config = Mapping[str, Any]


def count_workers() -> int:
    """As many as there are cores, up to a few."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def serve(
    config: Config, listener: socket.socket, workers: int, ready: Callable[[], object]
) -> None:
    """Serves until it is told to stop; calls `ready` once, when all workers answer."""
    if sys.platform == "win32":
        serve_in_threads(config, listener, ready)
        return
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    # Each thread that allocates may get an arena of glibc's of its own, which keeps what it frees.
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
    told = False

    def one_more(running: int) -> None:
        nonlocal told
        if running >= workers and not told:
            told = True
            ready()

    jobs.on_ready = one_more
    try:
        server.serve(target_loader=partial(load, dict(config), jobs.address), wrap_loader=False)
    finally:
        jobs.close()


def load(config: Config, jobs: str) -> Any:
    """The application of one worker."""
    atexit.register(os._exit, 0)  # no thread of the server's must outlive the interpreter
    return Site(config, jobs)


def _server_class() -> Any:
    from granian._granian import SocketHolder
    from granian.server.mp import MPServer

    class Server(MPServer):
        """Granian on a socket that is there already; it never gives its workers up."""

        def __init__(self, listener: socket.socket, **options: Any) -> None:
            super().__init__(**options)
            self._listener = listener

        def _init_shared_socket(self) -> None:
            self._listener.set_inheritable(True)
            self._sso, self._ssp = self._listener, None
            holder: Any = SocketHolder  # whose stub is behind it
            self._shd = holder(self._listener.fileno(), False, BACKLOG)

        def _respawn_workers(self, workers: Any, *args: Any, **options: Any) -> None:
            time.sleep(REPLACE_AFTER * any(idx in self.respawned_wrks for idx in workers))
            for idx in workers:
                forget_process(self.wrks[idx]._id())
            super()._respawn_workers(workers, *args, **options)
            # It would end the site where a worker dies twice in a few seconds.
            self.respawned_wrks = dict.fromkeys(self.respawned_wrks, float("-inf"))

    return Server


def serve_in_threads(config: Config, listener: socket.socket, ready: Callable[[], object]) -> None:
    """The same in one process, where expensive requests stand in the way of others."""
    from waitress import create_server

    # How long its queue is, and who went away, is no concern of who serves.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    app = create_app(config)
    server = create_server(
        app,
        sockets=[listener],
        threads=8,
        ident="pilcrow",
        clear_untrusted_proxy_headers=not app.config["PROXY_FIX"],  # the site knows whom to trust
    )
    ready()
    server.run()
