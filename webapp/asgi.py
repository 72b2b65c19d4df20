"""One worker of the site: an ASGI application around the WSGI application.

In: requests of an ASGI server, which waits for slow clients. Out: responses. A few threads answer;
a request that would take too long is answered by a separate process (`jobs`) and blocks no thread
meanwhile. Refuses, with 503 and `Retry-After`, a request that would wait behind too many others.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Response

from indexer import PilcrowError
from webapp.application import create_app
from webapp.deferral import ARRIVED, DEFERRAL, Deferral
from webapp.headers import SAFE
from webapp.jobs import NICENESS, Environ, Refused, Reply, ask, packed
from webapp.library import Library
from webapp.metrics import meters
from webapp.problems import API_PREFIX, PROBLEM_TYPE, document
from webapp.request_log import request_id

THREADS = 3  # light requests that a process answers at once; of heavy ones it answers one
MOST_WAITING = 64  # requests in one process, including those being answered
MOST_HEAVY = 16  # of these, heavy requests
LOOK_EVERY = 0.25  # seconds between checks for a newer index
ALWAYS = ("/healthz", "/readyz")  # monitors are never refused
BUSY = "Too many requests are waiting; ask again in a moment."
RETRY_AFTER = 2  # seconds

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class SiteWorker:
    """The WSGI application and the index that it reads."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        meters()  # early, while there is disk space for their files
        self._app = create_app(config)
        self._library: Library = self._app.extensions["library"]
        # Objects made so far are kept for good. Without this, each garbage collection stops all
        # threads for some 60 ms, a tenth of the time; objects of an index are freed with it.
        gc.freeze()
        self.keep_up("")

    def answer(self, environ: Mapping[str, Any]) -> tuple[Response, str]:
        """The complete response, and the tag of the newest copy of the index."""
        given = {
            "SCRIPT_NAME": "",
            "wsgi.input": io.BytesIO(),  # no view reads a request's body
            "wsgi.errors": sys.stderr,
        }
        response = Response.from_app(self._app, given | dict(environ), buffered=True)
        return response, self._library.tag

    def keep_up(self, tag: str) -> None:
        """Opens the index on disk if the open copy has another tag; does nothing without one."""
        if self._library.tag != tag:
            with suppress(PilcrowError):
                self._library.look()

    def watch(self) -> None:
        """Prepares index and templates, then opens each newer index soon after its commit, so that
        no request waits for that."""
        with suppress(Exception):  # the next request reports it
            self._library.newest().index.prepare()
            for name in self._app.jinja_env.list_templates():
                self._app.jinja_env.get_template(name)
        while True:
            time.sleep(LOOK_EVERY)
            with suppress(Exception):  # the next request reports it
                self._library.look()


class Site:
    """The ASGI application of one worker; `jobs` is the address of the `JobServer`."""

    def __init__(self, config: Mapping[str, Any], jobs: str) -> None:
        self._worker, self._jobs = SiteWorker(config), jobs
        self._threads = ThreadPoolExecutor(THREADS, "pilcrow-light")
        self._one = ThreadPoolExecutor(1, "pilcrow-heavy")
        self._inside = self._heavy = 0
        threading.Thread(target=self._worker.watch, daemon=True).start()
        threading.Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        """Reports that this worker is ready; ends it when the site's main process has ended."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(self._jobs)
            line.sendall(packed("ready"))
            line.recv(1)
        os._exit(1)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        environ = environ_of(scope)
        path = environ["PATH_INFO"]
        if self._inside >= MOST_WAITING and path not in ALWAYS:
            response: Response | None = unavailable(environ)
        else:
            self._inside += 1
            try:
                response = await self._answer(environ, receive)
            finally:
                self._inside -= 1
        if response is not None:
            await respond(response, send)

    async def _answer(self, environ: Environ, receive: Receive) -> Response | None:
        """The response, from this process or a separate one; None if the client has gone."""
        deferral, request = Deferral(), {**environ, ARRIVED: time.perf_counter()}
        response, tag = await self._run(self._threads, {**request, DEFERRAL: deferral})
        if deferral.is_heavy:
            if self._heavy >= MOST_HEAVY:
                return unavailable(environ)
            self._heavy += 1
            try:
                deferral = Deferral(may_be_heavy=False)
                response, tag = await self._run(self._one, {**request, DEFERRAL: deferral})
            finally:
                self._heavy -= 1
        if deferral.job is None:
            return response
        self._inside -= 1  # it waits in the job server
        gone = asyncio.ensure_future(disconnected(receive))
        try:
            deferral.outcome = reply = await ask(self._jobs, deferral.job, gone)
            if reply is None:
                return None
            if reply.tag != tag:  # later answers on this connection must not be older
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._threads, self._worker.keep_up, reply.tag)
        except Refused as error:
            deferral.outcome = error
        finally:
            gone.cancel()
            self._inside += 1
        return (await self._run(self._threads, {**request, DEFERRAL: deferral}))[0]

    async def _run(
        self, threads: ThreadPoolExecutor, environ: Mapping[str, Any]
    ) -> tuple[Response, str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, self._worker.answer, environ)


def execute(config: Mapping[str, Any], jobs: Connection) -> None:
    """Main function of an executor: answers jobs until the pipe is closed, then exits at once."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # the site's main process decides
    with suppress(OSError):
        os.nice(NICENESS)
    waiting: queue.SimpleQueue[tuple[Environ, str]] = queue.SimpleQueue()

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                waiting.put(jobs.recv())
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    worker = SiteWorker(config)
    while True:
        environ, tag = waiting.get()
        worker.keep_up(tag)
        response, tag = worker.answer(environ)
        jobs.send(Reply(response.status_code, tuple(response.headers), response.data, tag))


async def respond(response: Response, send: Send) -> None:
    """Sends a response."""
    response.headers.setdefault("Server", "pilcrow")
    headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in response.headers]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.data})


async def disconnected(receive: Receive) -> None:
    """Waits until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


def unavailable(environ: Environ) -> Response:
    """A cheap response for a refused request, which is counted."""
    meters().refused.labels("busy").inc()
    text, kind = f"{BUSY}\n", "text/plain"
    if environ["PATH_INFO"].startswith(API_PREFIX):
        text, kind = document(503, BUSY, "/api/#problem-busy", {}), PROBLEM_TYPE
    headers = {**SAFE, "Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    headers["X-Request-ID"] = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
    return Response(text, 503, headers, mimetype=kind)


def environ_of(scope: Message) -> Environ:
    """The strings of a WSGI environment.

    A header with "_" in its name is left out: in WSGI it can't be distinguished from one with "-",
    which a proxy may have checked.
    """
    (host, port), client = scope["server"] or ("localhost", 80), scope["client"] or ("", 0)
    raw = scope.get("raw_path") or scope["path"].encode()
    environ = {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "wsgi.url_scheme": scope["scheme"],
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        if "_" in key or key.lower() in ("content-length", "transfer-encoding"):
            continue
        key = "HTTP_" + key.upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
