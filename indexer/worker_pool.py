"""A pool of worker processes that call the functions they are given.

Takes a function of some module, with its arguments. Returns a future of its result or exception
from a worker. Refuses nothing: a worker that ends before it has answered is replaced, and only its
present call fails, with `WorkerLost`. If a worker can't be started, a warning is logged and calls
without a worker fail with `NoWorkers`: the caller then does the work in its own process.

Workers are forks of one process, their parent, which is started with `subprocess`: a fork of the
caller, which may have threads, could hang, and processes started by `multiprocessing` run the
caller's script again. Workers share the modules and data that the parent has loaded. It imports the
module of a function, not the façade. (With loky, one killed worker fails all waiting calls, and
each worker imports the façade, so its first answer comes several times later.)
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle  # nosec B403 # only between a process and its own workers
import signal
import socket
import subprocess  # nosec B404 # starts this Python alone
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")

# Does not import `indexer` itself, which would import everything.
_SCRIPT = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # the caller handles Ctrl-C
    "import json, sys, types; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.modules['indexer'] = types.ModuleType('indexer'); "
    "sys.modules['indexer'].__path__ = [sys.argv[2]]; "
    "from indexer.worker_pool import answer; answer()"
)
_ENVIRONMENT = {
    # A worker keeps the memory it has used, since its next call needs it again: getting it from the
    # system each time took a quarter of the time. (GNU's C library reads these.)
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "OPENBLAS_NUM_THREADS": "1",  # numpy starts no threads: a process with threads must not fork
}
_READY = b"pilcrow worker"  # first message of the workers' parent
_FULL = 1 << 19  # kB; a worker that has used more is replaced, to free its memory
_MOST = 8  # workers
_WAITING = 2  # waiting calls per worker

log = logging.getLogger(__name__)


class WorkerLost(Exception):
    """A worker ended before it answered."""


class NoWorkers(WorkerLost):
    """No worker could be started."""


class WorkerPool:
    """Worker processes, each with a thread that starts it when first needed and sends it calls.

    `workers`: their number, by default `count_workers()`; with 0 nothing may be submitted.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = count_workers() if workers is None else workers
        self._threads = ThreadPoolExecutor(self.workers or 1, "pilcrow-worker")
        self._room = threading.Semaphore(self.workers * (1 + _WAITING))  # for calls
        self._own = threading.local()  # `worker`: the thread's own
        self._lock = threading.Lock()  # guards the attributes below
        self._first: _Call | None = None
        self._parent: Parent | None = None
        self._workers: list[Worker] = []  # all workers ever started
        self._is_refused = False  # whether starting one failed: then no other is started
        self._is_closed = False

    def preload_with(self, function: Callable[..., object], *arguments: Any) -> None:
        """Calls `function` in the workers' parent when that starts, so that workers share all that
        the function imports and loads. No effect once the parent runs."""
        self._first = function, arguments

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Calls `function`, which must be importable by its name, in a worker.

        Blocks while two calls per worker are waiting. Calls start in the order they are submitted,
        so a worker answers its calls in that order.
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
        """Ends the workers, whatever they are doing; unanswered calls are lost."""
        with self._lock:
            self._is_closed = True
            if self._parent is not None:
                self._parent.close()
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _answer(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        """Runs a call in the worker of this thread, starting it if necessary."""
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = self._started()
        try:
            return worker.call(function, *arguments)
        finally:
            if worker.is_closed or worker.kilobytes > _FULL:
                worker.close()
                self._own.worker = None

    def _started(self) -> Worker:
        """Starts a worker. `NoWorkers` if that is impossible."""
        with self._lock:
            if self._is_refused or self._is_closed:
                raise NoWorkers
            try:
                if self._parent is None:
                    self._parent = Parent(self._first)
                self._workers.append(Worker(self._parent))
                return self._workers[-1]
            except (OSError, WorkerLost) as error:
                reason = str(error) or "it ended at once"
                log.warning("a worker process can't be started: this takes longer (%s)", reason)
                self._is_refused = True
                raise NoWorkers from error


class Parent:
    """The process that workers are forked from; not for two threads at once.

    `first`: the call that it makes before it forks. `OSError` if the process can't be started,
    `WorkerLost` if it is not a Python of ours: an interpreter embedded in another program does not
    behave as Python would.
    """

    def __init__(self, first: _Call | None = None) -> None:
        self._line, theirs = socket.socketpair()
        command = [sys.executable, "-c", _SCRIPT, json.dumps(sys.path), os.path.dirname(__file__)]
        try:
            with theirs:
                self.process = subprocess.Popen(  # nosec B603 # no word of it comes from outside
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_ENVIRONMENT | os.environ,
                )
        except OSError:
            self._line.close()
            raise
        try:
            with _connection(self._line.dup()) as line:
                line.send(first)
                if line.recv_bytes(len(_READY)) == _READY:
                    return
        except (OSError, EOFError):
            pass
        self.close()
        raise WorkerLost("it is no Python interpreter of its own")

    def fork(self) -> tuple[socket.socket, int]:
        """Forks a worker; returns its socket and process id. `OSError` if that is impossible."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._line, [bytes(8)], [theirs.fileno()])
        number = int.from_bytes(self._line.recv(8, socket.MSG_WAITALL), "little")
        if not number:
            ours.close()
            raise OSError("no more processes")
        return ours, number

    def kill(self, number: int) -> None:
        """Ends the worker with this process id."""
        with suppress(OSError):
            self._line.sendall(number.to_bytes(8, "little"))

    def close(self) -> None:
        """Ends the process and all workers, whatever they are doing."""
        self._line.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:  # it is some other program
            self.process.kill()
            self.process.wait()


class Worker:
    """A process that runs the calls it is sent; not for two threads at once."""

    def __init__(self, parent: Parent) -> None:
        """`OSError` if the process can't be forked."""
        self._parent = parent
        ours, self._number = parent.fork()
        self._line = _connection(ours)
        self.kilobytes = 0  # peak memory
        self.is_closed = False

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Returns or raises the outcome of `function` there. `WorkerLost` if the process ends."""
        try:
            self._line.send((function, arguments))
        except OSError as error:  # the line is broken or closed
            self.close()
            raise WorkerLost from error
        try:
            is_fine, result, self.kilobytes = self._line.recv()
        except Exception as error:  # half an answer may raise anything
            self.close()
            raise WorkerLost from error
        if not is_fine:
            raise result
        return result  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        if not self.is_closed:
            self.is_closed = True
            self._parent.kill(self._number)
            self._line.close()


# --- in the processes ---------------------------------------------------------------------------


def answer() -> None:
    """The main loop of the workers' parent: forks a worker for each socket that it is sent, and
    ends the worker whose id it is sent. When its standard input (a socket) closes, it ends all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    os.dup2(2, 1)  # output of libraries goes to standard error
    line = socket.socket(fileno=0)
    with _connection(line.dup()) as caller:
        first = caller.recv()
        if first is not None:
            first[0](*first[1])
        caller.send_bytes(_READY)
    gc.collect()
    gc.freeze()  # excludes shared objects from the workers' collections, which would copy them
    workers: set[int] = set()
    while True:
        message, sockets, _, _ = socket.recv_fds(line, 8, 1)
        number = int.from_bytes(message, "little")
        for ended in workers & ({number} if message else workers):
            os.kill(ended, signal.SIGKILL)
            os.waitpid(ended, 0)
            workers.remove(ended)
        if not message:
            return
        for descriptor in sockets:
            line.sendall(_forked(line, socket.socket(fileno=descriptor), workers))


def _forked(line: socket.socket, own: socket.socket, workers: set[int]) -> bytes:
    """Forks a worker that answers at `own`; returns its id in 8 bytes, 0 if that is impossible."""
    try:
        number = os.fork()
    except OSError:
        number = -1
    if number == 0:
        try:
            line.close()
            os.open(os.devnull, os.O_RDONLY)  # the standard input
            with _connection(own) as caller, suppress(EOFError, OSError):
                _serve(caller)
        finally:
            os._exit(0)
    own.close()
    if number > 0:
        workers.add(number)
    return max(0, number).to_bytes(8, "little")


def _serve(caller: Connection) -> None:
    """The main loop of a worker: runs the calls it is sent until the line closes (`EOFError`).
    Garbage is collected between two calls, not during them. Objects that survive (modules, caches)
    are frozen, so they are not scanned again."""
    import resource  # not available on systems without fork

    while True:
        reply = _reply(caller.recv_bytes())
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            caller.send((*reply, kilobytes))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            reason = f"can't be sent: {reply[1]!r} ({error})"
            caller.send((False, TypeError(reason), kilobytes))
        del reply
        gc.collect()
        gc.freeze()


def _reply(message: bytes) -> tuple[bool, object]:
    try:
        function, arguments = pickle.loads(message)  # nosec B301 # our own pipe
        return True, function(*arguments)
    except Exception as error:  # raised by the function, or on importing its module
        return False, error


def _connection(end: socket.socket) -> Connection:
    """A connection for messages that takes over a socket."""
    from multiprocessing.connection import Connection  # imported here: searching does not need it

    return Connection(end.detach())


_Call = tuple[Callable[..., object], tuple[Any, ...]]


def count_workers() -> int:
    """Number of useful worker processes: 0 on a single core, and on systems without fork."""
    if not hasattr(os, "fork"):
        return 0
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
