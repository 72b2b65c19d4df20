"""A pool of worker processes that call the functions they are given.

In: a function of some module, with its arguments. Out: a future of what it returns or raises in a
worker. Refuses nothing: a worker that ends before it has answered is replaced, and only the call
that it was at fails, with `WorkerLost`. Where no worker can be started, a warning is logged and
every call fails with `NoWorkers`: the caller then does the work in its own process.

Workers are programs of their own, started with `subprocess`: a fork of a process with threads may
hang, and what `multiprocessing` spawns runs the caller's script again. A worker imports the module
of the function, not the façade. (With loky one worker that is killed fails all calls that wait, and
each imports the façade, so that its first answer comes several times later.)
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Queue
from typing import IO, Any, NamedTuple, TypeVar

Result = TypeVar("Result")
_Message = tuple[bytearray, list[bytearray]]  # pickled, and its buffers

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
_READY = "pilcrow worker"  # a worker's first answer
_MOST = 8  # workers
_WAITING = 2  # calls that wait, for each worker
_MARK = b"pilcrow\0"  # before each message
_PROTOCOL = 5  # of pickle: the first that leaves buffers apart

log = logging.getLogger(__name__)


class WorkerLost(Exception):
    """A worker ended before it answered."""


class NoWorkers(WorkerLost):
    """No worker could be started."""


class _Task(NamedTuple):
    """A call that waits for a worker."""

    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class WorkerPool:
    """Worker processes, each with a thread that talks to it; started by the first `submit`.

    `workers` is their number, by default `count_workers()`; with 0 nothing may be submitted.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = count_workers() if workers is None else workers
        self._tasks: Queue[_Task | None] = Queue(self.workers * _WAITING)
        self._lock = threading.Lock()  # of what follows
        self._threads: list[threading.Thread] = []
        self._processes: list[Worker] = []  # all that were started
        self._serving = 0  # threads that have not failed to start a worker
        self._is_closed = False

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Has a worker call `function`, which must be found by its name in its module.

        Blocks while two calls a worker are waiting. Calls are begun in the order given, so of two
        that the same worker has answered the one submitted first was answered first.
        """
        with self._lock:
            if self._is_closed or not self.workers:
                raise ValueError("the pool is closed, or has no workers")
            if not self._threads:
                self._start()
        future: Future[Result] = Future()
        self._tasks.put(_Task(future, function, arguments))
        return future

    def close(self) -> None:
        """Ends the workers, whatever they are doing; calls that are not answered are lost."""
        with self._lock:
            self._is_closed = True
            for process in self._processes:
                process.close()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _start(self) -> None:
        self._serving = self.workers
        names = [f"pilcrow-worker-{number}" for number in range(self.workers)]
        self._threads = [threading.Thread(None, self._serve, name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        """What a thread does: has calls answered until there is none, or no worker to be had."""
        while True:
            try:
                worker = Worker()
            except (OSError, WorkerLost) as error:
                self._leave(str(error) or "it ended at once")
                return
            with self._lock:
                self._processes.append(worker)
                if self._is_closed:
                    worker.close()
            if self._answer(worker):
                return

    def _answer(self, worker: Worker) -> bool:
        """Has a worker answer calls; whether all are answered, else the worker is lost."""
        while (task := self._tasks.get()) is not None:
            try:
                task.future.set_result(worker.call(task.function, *task.arguments))
            except WorkerLost as error:
                task.future.set_exception(error)
                return self._is_closed and self._drain()
            except Exception as error:
                task.future.set_exception(error)
        worker.close()
        return True

    def _leave(self, reason: str) -> None:
        """Leaves the calls to other threads; the last one lets them all fail."""
        with self._lock:
            self._serving -= 1
            is_first, is_last = self._serving == self.workers - 1, not self._serving
        if is_first:
            log.warning("a worker process can't be started, so this takes longer (%s)", reason)
        if is_last or self._is_closed:
            self._drain()

    def _drain(self) -> bool:
        while (task := self._tasks.get()) is not None:
            task.future.set_exception(NoWorkers())
        return True


class Worker:
    """One process, which calls what it is asked to; not for two threads at once.

    `OSError` if there is no process to be had, `WorkerLost` if it is not one of ours: an
    interpreter that is part of another program does not do what Python would.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, json.dumps(sys.path), os.path.dirname(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT | os.environ,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        if self._read() != (True, _READY):
            self.close()
            raise WorkerLost("it is no Python interpreter of its own")

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What `function` returns there, or raises. `WorkerLost` if the process ends first."""
        try:
            _send((function, arguments), self._questions)
        except (OSError, ValueError) as error:  # a pipe that is broken, or closed
            self.close()
            raise WorkerLost from error
        is_fine, result = self._read()
        if not is_fine:
            raise result
        return result  # type: ignore[no-any-return]

    def _read(self) -> tuple[bool, Any]:
        try:
            is_fine, result = _load(_receive(self._answers))
            return is_fine, result
        except Exception as error:  # whatever half an answer looks like
            self.close()
            raise WorkerLost from error

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
    with os.fdopen(os.dup(1), "wb") as answers, suppress(EOFError, BrokenPipeError):
        os.dup2(2, 1)  # what a library prints must not get among the answers
        _send((True, _READY), answers)
        while True:
            reply = _reply(_receive(sys.stdin.buffer))
            try:
                _send(reply, answers)
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                _send((False, TypeError(f"can't be sent: {reply[1]!r} ({error})")), answers)


def _reply(message: _Message) -> tuple[bool, object]:
    try:
        function, arguments = _load(message)
        return True, function(*arguments)
    except Exception as error:  # of the function, or its module can't be imported
        return False, error


def _send(message: object, pipe: IO[bytes]) -> None:
    """Writes a message: how many buffers it has and the size of each, then itself, then these.

    Arrays are buffers of their own, which are written from where they are.
    """
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, _PROTOCOL, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    sizes = [len(raw), len(body), *(piece.nbytes for piece in raw)]
    pipe.write(_MARK + struct.pack(f"<{len(sizes)}Q", *sizes))
    pipe.write(body)
    for piece in raw:
        pipe.write(piece)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> _Message:
    """What `_send` has written. `EOFError` if it ends before, `ValueError` if it is not that."""
    if _exactly(pipe, len(_MARK)) != _MARK:
        raise ValueError("not a message")
    count, size = struct.unpack("<2Q", _exactly(pipe, 16))
    sizes = struct.unpack(f"<{count}Q", _exactly(pipe, 8 * count))
    return _exactly(pipe, size), [_exactly(pipe, each) for each in sizes]


def _load(message: _Message) -> Any:
    body, buffers = message
    return pickle.loads(body, buffers=buffers)


def _exactly(pipe: IO[bytes], size: int) -> bytearray:
    """The next `size` bytes."""
    data = bytearray(size)
    if pipe.readinto(data) < size:  # type: ignore[attr-defined]  # buffered readers have it
        raise EOFError
    return data


def count_workers() -> int:
    """How many processes beside this one are of use: none on a single core."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
