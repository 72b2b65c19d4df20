"""A pool of worker processes that call the functions they are given.

In: a function of some module, with its arguments. Out: a future of what it returns or raises in a
worker. Refuses nothing: a worker that ends before it has answered is replaced, and only the call
that it was at fails, with `WorkerLost`. Where a worker can't be started, a warning is logged and
calls without a worker fail with `NoWorkers`: the caller then does the work in its own process.

Workers are forks of one program, their parent, which is started with `subprocess`: a fork of the
caller, which may have threads, may hang, and what `multiprocessing` starts runs the caller's script
again. What the parent has imported and loaded its workers share. It imports the module of a
function, not the façade. (With loky one worker that is killed fails all calls that wait, and each
imports the façade, so that its first answer comes several times later.)
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle  # nosec B403 # of what a process and its own workers tell each other
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

# `indexer` itself is not imported there, for it imports everything.
_SCRIPT = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # the caller hears Ctrl-C
    "import json, sys, types; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.modules['indexer'] = types.ModuleType('indexer'); "
    "sys.modules['indexer'].__path__ = [sys.argv[2]]; "
    "from indexer.worker_pool import answer; answer()"
)
_ENVIRONMENT = {
    # A worker keeps the memory that it has used, for its next call needs it again: to have it from
    # the system each time took a quarter of the time. (GNU's C library reads these.)
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "OPENBLAS_NUM_THREADS": "1",  # numpy starts none: what is forked has no other threads
}
_READY = b"pilcrow worker"  # what the parent of the workers says first
_FULL = 1 << 19  # kB: a worker that has used more is replaced, so that its memory is given back
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
        self._first: _Call | None = None
        self._parent: Parent | None = None
        self._workers: list[Worker] = []  # all that were made
        self._is_refused = False  # a worker could not be started: no other is
        self._is_closed = False

    @property
    def has_begun(self) -> bool:
        """Whether there are workers, so that they cost nothing more."""
        return self._parent is not None

    def begin_with(self, function: Callable[..., object], *arguments: Any) -> None:
        """Has `function` called before there are workers, which share what it has imported and
        loaded; without effect if there are some."""
        self._first = function, arguments

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
        """What a thread does with a call: it has its own worker answer."""
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
        """A new worker. `NoWorkers` if there is none to be had."""
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

    `first` is what it calls before that. `OSError` if there is no process to be had, `WorkerLost`
    if it is not one of ours: an interpreter that is part of another program does not do what Python
    would.
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
        """A new worker's socket and process id. `OSError` if there is none to be had."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._line, [bytes(8)], [theirs.fileno()])
        number = int.from_bytes(self._line.recv(8, socket.MSG_WAITALL), "little")
        if not number:
            ours.close()
            raise OSError("no more processes")
        return ours, number

    def kill(self, number: int) -> None:
        """Ends a worker, by its process id."""
        with suppress(OSError):
            self._line.sendall(number.to_bytes(8, "little"))

    def close(self) -> None:
        """Ends the process and all workers, whatever they are doing."""
        self._line.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:  # a program that is none of ours
            self.process.kill()
            self.process.wait()


class Worker:
    """A process that calls what it is asked to; not for two threads at once."""

    def __init__(self, parent: Parent) -> None:
        """`OSError` if there is no process to be had."""
        self._parent = parent
        ours, self._number = parent.fork()
        self._line = _connection(ours)
        self.kilobytes = 0  # of memory, the most that it has used
        self.is_closed = False

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What `function` returns there, or raises. `WorkerLost` if the process ends first."""
        try:
            self._line.send((function, arguments))
        except OSError as error:  # a line that is broken, or closed
            self.close()
            raise WorkerLost from error
        try:
            is_fine, result, self.kilobytes = self._line.recv()
        except Exception as error:  # whatever half an answer looks like
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
    """What the parent of the workers does: it forks one for each socket that it is sent, and ends
    the one whose id it is sent, until its standard input, which is a socket, ends; then all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    os.dup2(2, 1)  # what a library prints is no answer
    line = socket.socket(fileno=0)
    with _connection(line.dup()) as caller:
        first = caller.recv()
        if first is not None:
            first[0](*first[1])
        caller.send_bytes(_READY)
    gc.collect()
    gc.freeze()  # what workers share: no collection of theirs looks at it, which would copy it
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
    """The id of a new worker that answers at `own`, in 8 bytes; 0 if there is none to be had."""
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
    """What a worker does: calls what it is asked to until the line ends (`EOFError`). What refers
    to itself is freed between two calls, not during them, and what is left then is not looked at
    again: it is what was imported and learnt."""
    import resource  # there is none where nothing can be forked

    while True:
        reply = _reply(caller.recv_bytes())
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            caller.send((*reply, kilobytes))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            said = f"can't be sent: {reply[1]!r} ({error})"
            caller.send((False, TypeError(said), kilobytes))
        del reply
        gc.collect()
        gc.freeze()


def _reply(message: bytes) -> tuple[bool, object]:
    try:
        function, arguments = pickle.loads(message)  # nosec B301 # our own pipe
        return True, function(*arguments)
    except Exception as error:  # of the function, or its module can't be imported
        return False, error


def _connection(one: socket.socket) -> Connection:
    """A line of messages, which takes the place of a socket."""
    from multiprocessing.connection import Connection  # whoever only searches needs none

    return Connection(one.detach())


_Call = tuple[Callable[..., object], tuple[Any, ...]]


def count_workers() -> int:
    """How many processes beside this one are of use: none on a single core, nor where no process
    can be forked."""
    if not hasattr(os, "fork"):
        return 0
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
