"""A pool of worker processes that call the functions they are given.

In: a function of some module, with its arguments. Out: a future of what it returns or raises in a
worker. Refuses nothing: a worker that ends before it has answered is replaced, and only the call
that it was at fails, with `WorkerLost`. Where a worker can't be started, a warning is logged and
calls without a worker fail with `NoWorkers`: the caller then does the work in its own process.

Workers are programs of their own, started with `subprocess`: a fork of a process with threads may
hang, and what `multiprocessing` spawns runs the caller's script again. A worker imports the module
of the function, not the façade. (With loky one worker that is killed fails all calls that wait, and
each imports the façade, so that its first answer comes several times later.)
"""

from __future__ import annotations

import json
import logging
import os
import pickle  # nosec B403 # of what a process and its own workers tell each other
import signal
import subprocess  # nosec B404 # starts this Python alone
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, TypeVar

Result = TypeVar("Result")

# `indexer` itself is not imported there, for it imports everything.
_SCRIPT = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # the caller hears Ctrl-C
    "import json, sys, types; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.modules['indexer'] = types.ModuleType('indexer'); "
    "sys.modules['indexer'].__path__ = [sys.argv[2]]; "
    "from indexer.worker_pool import answer; answer()"
)
# A worker keeps the memory that it has used, for its next call needs it again: to have it from the
# system each time took a quarter of the time. (GNU's C library reads these.)
_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 25), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
_READY = b"pilcrow worker\n"  # what a worker says first
_MOST = 8  # workers
_WAITING = 2  # calls that wait, for each worker

log = logging.getLogger(__name__)


class WorkerLost(Exception):
    """A worker ended before it answered."""


class NoWorkers(WorkerLost):
    """No worker could be started."""


class WorkerPool:
    """Worker processes, each with a thread that talks to it and starts it when first needed.

    `workers` is their number, by default `count_workers()`; with 0 nothing may be submitted.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = count_workers() if workers is None else workers
        self._threads = ThreadPoolExecutor(self.workers or 1, "pilcrow-worker")
        self._room = threading.Semaphore(self.workers * (1 + _WAITING))  # for calls
        self._own = threading.local()  # `worker`: that of a thread
        self._lock = threading.Lock()  # of what follows
        self._processes: list[Worker] = []  # all that were started
        self._is_refused = False  # a worker could not be started: no other is
        self._is_closed = False

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Has a worker call `function`, which must be found by its name in its module.

        Blocks while two calls a worker are waiting. Calls are begun in the order given, so of two
        that the same worker has answered the one submitted first was answered first.
        """
        if self.workers and not self._is_closed:
            self._room.acquire()
        with self._lock:
            if self._is_closed or not self.workers:
                raise ValueError("the pool is closed, or has no workers")
            future = self._threads.submit(self._answer, function, arguments)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def close(self) -> None:
        """Ends the workers, whatever they are doing; calls that are not answered are lost."""
        with self._lock:
            self._is_closed = True
            for process in self._processes:
                process.close()
        self._threads.shutdown()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _answer(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        """What a thread does with a call: it has its own worker answer."""
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = self._started()
        try:
            return worker.call(function, *arguments)
        except WorkerLost:
            self._own.worker = None
            raise

    def _started(self) -> Worker:
        """A new worker. `NoWorkers` if there is none to be had."""
        if self._is_refused or self._is_closed:
            raise NoWorkers
        try:
            worker = Worker()
        except (OSError, WorkerLost) as error:
            with self._lock:
                if not self._is_refused:
                    reason = str(error) or "it ended at once"
                    log.warning("a worker process can't be started: this takes longer (%s)", reason)
                self._is_refused = True
            raise NoWorkers from error
        with self._lock:
            self._processes.append(worker)
            if self._is_closed:
                worker.close()
        return worker


class Worker:
    """One process, which calls what it is asked to; not for two threads at once.

    `OSError` if there is no process to be had, `WorkerLost` if it is not one of ours: an
    interpreter that is part of another program does not do what Python would.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # nosec B603 # no word of it comes from outside
            [sys.executable, "-c", _SCRIPT, json.dumps(sys.path), os.path.dirname(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT | os.environ,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        if self._answers.read(len(_READY)) != _READY:
            self.close()
            raise WorkerLost("it is no Python interpreter of its own")

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What `function` returns there, or raises. `WorkerLost` if the process ends first."""
        try:
            _send((function, arguments), self._questions)
        except (OSError, ValueError) as error:  # a pipe that is broken, or closed
            self.close()
            raise WorkerLost from error
        try:
            is_fine, result = pickle.loads(_receive(self._answers))  # nosec B301 # our own pipe
        except Exception as error:  # whatever half an answer looks like
            self.close()
            raise WorkerLost from error
        if not is_fine:
            raise result
        return result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._questions, self._answers):
            with suppress(OSError):
                pipe.close()


def answer() -> None:
    """What a worker does: calls what it is asked to until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(1), "wb") as answers, suppress(BrokenPipeError):
        os.dup2(2, 1)  # what a library prints must not get among the answers
        answers.write(_READY)
        answers.flush()
        while message := _receive(sys.stdin.buffer):
            reply = _reply(message)
            try:
                _send(reply, answers)
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                _send((False, TypeError(f"can't be sent: {reply[1]!r} ({error})")), answers)


def _reply(message: bytes) -> tuple[bool, object]:
    try:
        function, arguments = pickle.loads(message)  # nosec B301 # our own pipe
        return True, function(*arguments)
    except Exception as error:  # of the function, or its module can't be imported
        return False, error


def _send(message: object, pipe: IO[bytes]) -> None:
    """Writes a message: its size in 8 bytes, then itself, pickled."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(body).to_bytes(8, "little"))
    pipe.write(body)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    """What `_send` has written; less of it if the pipe ends before."""
    return pipe.read(int.from_bytes(pipe.read(8), "little"))


def count_workers() -> int:
    """How many processes beside this one are of use: none on a single core."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
