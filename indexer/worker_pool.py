"""Python processes beside this one, and the pipes to them.

In: a function of some module with its arguments. Out: what it returned, or the exception that it
raised. They are started as programs, not forked: a fork of a process with threads may hang, and
what `multiprocessing` starts would run a caller's script again.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, ParamSpec, TypeVar, cast

from indexer.closing import Closing

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# The package itself is not imported there, for it imports everything; a process imports the
# modules that it is asked for.
_SCRIPT = (
    "import json, sys, types; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.modules['indexer'] = types.ModuleType('indexer'); "
    "sys.modules['indexer'].__path__ = [sys.argv[2]]; "
    "from indexer.worker_pool import answer; answer()"
)
# Memory that was given back stays with a process, for it is needed again with the next piece of
# work: to have it from the system anew each time took a quarter of the time. (GNU's C library
# reads these; the first is the most that it takes.)
_KEEPING = {"MALLOC_MMAP_THRESHOLD_": str(1 << 25), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
_READY = "pilcrow worker"  # a process's first answer
_MOST = 8  # processes
_MARK = b"pilcrow\0"  # before each message
_PROTOCOL = 5  # of pickle: the first that leaves buffers apart


class ProcessLost(Exception):
    """A process ended before it answered."""


class Process(Closing):
    """One process that calls the functions it is asked to call; not for two threads at once.

    `OSError` if there is no process to be had, `ProcessLost` if it is not one of ours: an
    interpreter that is part of another program does not do what Python would.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, json.dumps(sys.path), os.path.dirname(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_KEEPING | os.environ,
        )
        if self._read() != (True, _READY):
            self.close()
            raise ProcessLost

    def call(
        self,
        function: Callable[Parameters, Result],
        *arguments: Parameters.args,
        **options: Parameters.kwargs,
    ) -> Result:
        """What `function` returns there, or raises. `ProcessLost` if the process ends first."""
        assert self._process.stdin is not None
        try:
            _send((function, arguments, options), self._process.stdin)
        except OSError as error:
            self.close()
            raise ProcessLost from error
        is_fine, result = self._read()
        if not is_fine:
            raise cast("Exception", result)
        return cast("Result", result)

    def _read(self) -> tuple[bool, object]:
        assert self._process.stdout is not None
        try:
            is_fine, result = _receive(self._process.stdout)
            return is_fine, result
        except Exception as error:  # whatever half an answer looks like
            self.close()
            raise ProcessLost from error

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def answer() -> None:
    """What a process does: calls what it is asked to until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our caller decides what Ctrl-C means
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not get among the answers
        reply: tuple[bool, object] = (True, _READY)
        with suppress(EOFError):
            while True:
                _send(reply, answers)
                function, arguments, options = _receive(sys.stdin.buffer)
                try:
                    reply = (True, function(*arguments, **options))
                except Exception as error:
                    reply = (False, error)


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


def _receive(pipe: IO[bytes]) -> Any:
    """What `_send` has written. `EOFError` if it ends before, `ValueError` if it is not that."""
    if _exactly(pipe, len(_MARK)) != _MARK:
        raise ValueError("not a message")
    count, size = struct.unpack("<2Q", _exactly(pipe, 16))
    sizes = struct.unpack(f"<{count}Q", _exactly(pipe, 8 * count))
    body = _exactly(pipe, size)
    return pickle.loads(body, buffers=[_exactly(pipe, each) for each in sizes])


def _exactly(pipe: IO[bytes], size: int) -> bytearray:
    """The next `size` bytes."""
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        got = pipe.readinto(view[done:])  # type: ignore[attr-defined]  # buffered readers have it
        if not got:
            raise EOFError
        done += got
    return data


def count_workers() -> int:
    """How many processes beside this one are of use: none on a single core."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
