"""The job server: answers expensive requests in a few low-priority processes for the whole site.

In: requests that would take a worker too long, through a socket that only this user can open. Out:
their responses. One job of each kind runs at a time; equal requests wait for the same computation;
pages of one result are made by the process that holds it; answers are cached as long as the index
is the same. A job is cancelled when nobody waits for it any more, or when it exceeds the time
limit. Refuses (`Refused`) a job when too many are waiting.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import tempfile
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from webapp.metrics import forget_process

Environ = dict[str, str]  # the strings of a WSGI environment

MOST_WAITING = 16  # jobs of one kind, including the running one
TIME_LIMIT = 120.0  # seconds for one job
LINGER = 2.0  # seconds after which a job that nobody waits for is cancelled
KEPT = 64 << 20  # bytes of cached answers
HOMES = 256  # computations whose executor is remembered
NICENESS = 10  # of the processes, so that direct requests go first
# Headers that an answer may depend on; all others (client, proxies) have no effect on it.
HEADERS = frozenset(
    f"HTTP_{name}"
    for name in (
        *("HOST", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_FORWARDED_PREFIX"),
        *("X_FORWARDED_PORT", "AUTHORIZATION", "ORIGIN", "ACCEPT", "ACCEPT_ENCODING"),
        *("IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE"),
    )
)


class Refused(Exception):
    """A job without an answer: too many are waiting, it took too long, or its process ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """One request for the job server."""

    kind: str  # one job of a kind runs at a time
    computation: str  # the same for all pages of one result
    tag: str  # of the worker's copy of the index
    environ: Environ = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Key that is equal for jobs with the same answer."""
        relevant = {
            name: text
            for name, text in self.environ.items()
            if name in HEADERS or not name.startswith(("HTTP_", "REMOTE_"))
        }
        return self.tag, json.dumps(relevant, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, and the tag of the index copy it was made from."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    tag: str


# --- messages: length of the JSON text, JSON text, length of the body, body ----------------------


def packed(value: object, body: bytes = b"") -> bytes:
    """Encodes a message."""
    text = json.dumps(value).encode()
    return b"".join((len(text).to_bytes(4, "big"), text, len(body).to_bytes(4, "big"), body))


async def received(reader: asyncio.StreamReader) -> tuple[Any, bytes]:
    """Reads the next message. `IncompleteReadError` at the end."""
    text = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
    body = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
    return json.loads(text), body


async def ask(address: str, job: Job, gone: asyncio.Future[Any]) -> Reply | None:
    """Sends a job to the server and returns the reply; None if `gone` is done before.

    Raises `Refused` if the server has no answer.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(address)
    except OSError as error:  # the server is stopping, or too many clients connect at once
        raise Refused("such requests can't be answered at the moment") from error
    reply = asyncio.ensure_future(received(reader))
    try:
        writer.write(packed(asdict(job)))
        await asyncio.wait({reply, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not reply.done():
            return None
        head, body = reply.result()
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Refused("the site is shutting down") from error
    finally:
        reply.cancel()
        writer.close()  # tells the server that nobody waits any more
    if "refused" in head:
        raise Refused(head["refused"])
    headers = tuple((name, value) for name, value in head["headers"])
    return Reply(head["status"], headers, body, head["tag"])


# --- the processes -------------------------------------------------------------------------------


class Executor:
    """One process that answers jobs one by one; it is started when first needed."""

    def __init__(self, target: Callable[[Connection], object]) -> None:
        self._target = target  # main function of the process; takes its end of a pipe
        self._process: Any = None
        self._jobs: Connection | None = None
        self._is_closed = False
        self.busy = False

    def call(self, environ: Environ, tag: str) -> Reply:
        """Answers a job; blocks. Raises `EOFError` or `OSError` if the process ends before."""
        if self._is_closed:
            raise EOFError
        if self._process is None:
            spawning = multiprocessing.get_context("spawn")
            self._jobs, theirs = spawning.Pipe()
            process = spawning.Process(
                target=self._target, args=(theirs,), name="pilcrow-job", daemon=True
            )
            process.start()  # `OSError` if no further process can be started
            self._process = process
            theirs.close()
        jobs, process = self._jobs, self._process
        assert jobs is not None
        try:
            jobs.send((environ, tag))
            reply: Reply = jobs.recv()
        except (EOFError, OSError):
            process.join(1)
            if self._process is process:
                self._process = None
            forget_process(process.pid)
            raise
        return reply

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def close(self) -> None:
        """Ends the process for good."""
        self._is_closed = True
        self.kill()


# --- the queue -----------------------------------------------------------------------------------


@dataclass(slots=True)
class RunningJob:
    """A running job and the number of requests waiting for it."""

    task: asyncio.Task[Reply]
    waiting: int = 0


class JobServer:
    """Distributes the jobs of all workers, in its own thread; `address` is its socket."""

    def __init__(self, executors: Sequence[Executor], limit: float = TIME_LIMIT) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="pilcrow-")  # its mode is 0700
        self.address = str(Path(self.folder.name, "jobs"))
        self.limit = limit
        self.workers = 0  # number that are ready
        self.on_ready: Callable[[int], object] = lambda _: None
        self._executors = tuple(executors)
        self._running: dict[tuple[str, str], RunningJob] = {}
        self._queued: Counter[str] = Counter()
        self._lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._homes: OrderedDict[tuple[str, str, str], Executor] = OrderedDict()
        self._kept: OrderedDict[tuple[str, str], Reply] = OrderedDict()
        listening = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="pilcrow-jobs", daemon=True
        )
        self._thread.start()
        listening.wait()

    def close(self) -> None:
        """Ends the processes and the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(5)
        self.folder.cleanup()

    async def _serve(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._freed, self._stopping = asyncio.Condition(), asyncio.Event()
        async with await asyncio.start_unix_server(self._connected, self.address):
            listening.set()
            await self._stopping.wait()
        for executor in self._executors:
            executor.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            message, _ = await received(reader)
            if message == "ready":
                self.workers += 1
                self.on_ready(self.workers)
                await reader.read()
                self.workers -= 1
            else:
                await self._reply(Job(**message), reader, writer)

    async def _reply(
        self, job: Job, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answer = asyncio.ensure_future(self._answer(job))
        gone = asyncio.ensure_future(reader.read())
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not answer.done():
            answer.cancel()
            return
        try:
            reply = answer.result()
        except Refused as error:
            writer.write(packed({"refused": str(error)}))
        else:
            head = {"status": reply.status, "headers": reply.headers, "tag": reply.tag}
            writer.write(packed(head, reply.body))
        await writer.drain()

    async def _answer(self, job: Job) -> Reply:
        key = job.key
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        shared = self._running.get(key)
        if shared is None:
            if self._queued[job.kind] >= MOST_WAITING:
                raise Refused("too many such requests are waiting; ask again in a while")
            self._queued[job.kind] += 1
            shared = self._running[key] = RunningJob(asyncio.create_task(self._done(job)))
            shared.task.add_done_callback(lambda task: self._finish(job, task))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                self._loop.call_later(LINGER, self._give_up, key, shared)

    def _give_up(self, key: tuple[str, str], shared: RunningJob) -> None:
        """Cancels a job that nobody waits for; a later equal request starts a new one."""
        if not shared.waiting and not shared.task.done():
            del self._running[key]
            shared.task.cancel()

    def _finish(self, job: Job, task: asyncio.Task[Reply]) -> None:
        self._queued[job.kind] -= 1
        if (running := self._running.get(job.key)) and running.task is task:
            del self._running[job.key]
        if task.cancelled() or task.exception():
            return
        reply = task.result()
        if reply.status == 200:
            self._kept[reply.tag, job.key[1]] = reply
            while sum(len(one.body) for one in self._kept.values()) > KEPT:
                self._kept.popitem(last=False)

    async def _done(self, job: Job) -> Reply:
        async with self._lanes[job.kind]:
            async with self._freed:
                await self._freed.wait_for(lambda: self._free(job) is not None)
                executor = self._free(job)
                assert executor is not None
                executor.busy = True
            home = (job.tag, job.kind, job.computation)
            self._homes[home] = executor
            if len(self._homes) > HOMES:
                self._homes.popitem(last=False)
            call = asyncio.ensure_future(asyncio.to_thread(executor.call, job.environ, job.tag))
            try:
                return await asyncio.wait_for(asyncio.shield(call), self.limit)
            except (asyncio.TimeoutError, asyncio.CancelledError) as error:
                executor.kill()
                self._forget(executor)
                await asyncio.wait({call})
                call.exception()
                if isinstance(error, asyncio.CancelledError):
                    raise
                reason = f"this took longer than {self.limit:.0f} seconds; narrow it down"
                raise Refused(reason) from None
            except (EOFError, OSError):
                self._forget(executor)
                raise Refused("the process answering this has ended; ask again") from None
            finally:
                async with self._freed:
                    executor.busy = False
                    self._freed.notify_all()

    def _free(self, job: Job) -> Executor | None:
        """The executor for a job: the one that holds its result, else a free one; None: wait."""
        home = self._homes.get((job.tag, job.kind, job.computation))
        if home is not None:
            return None if home.busy else home
        return next((one for one in self._executors if not one.busy), None)

    def _forget(self, executor: Executor) -> None:
        for home in [home for home, one in self._homes.items() if one is executor]:
            del self._homes[home]


def count_executors() -> int:
    """Number of executors: one for every two cores, at least two."""
    return max(2, (os.cpu_count() or 1) // 2)
