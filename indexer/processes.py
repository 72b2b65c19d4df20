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
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_SCRIPT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from indexer.processes import answer; answer()"
)
_READY = "pilcrow worker"  # a process's first answer
_MOST = 8  # processes


class ProcessLost(Exception):
    """A process ended before it answered."""


class Process:
    """One process that calls the functions it is asked to call; not for two threads at once.

    `OSError` if there is no process to be had, `ProcessLost` if it is not one of ours: an
    interpreter that is part of another program does not do what Python would.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._read() != (True, _READY):
            self.stop()
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
            pickle.dump(
                (function, arguments, options), self._process.stdin, pickle.HIGHEST_PROTOCOL
            )
            self._process.stdin.flush()
        except OSError as error:
            self.stop()
            raise ProcessLost from error
        is_fine, result = self._read()
        if not is_fine:
            raise cast("Exception", result)
        return cast("Result", result)

    def _read(self) -> tuple[bool, object]:
        assert self._process.stdout is not None
        try:
            is_fine, result = pickle.load(self._process.stdout)
            return is_fine, result
        except Exception as error:  # whatever half an answer looks like
            self.stop()
            raise ProcessLost from error

    def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def answer() -> None:
    """What a process does: calls what it is asked to until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our caller decides what Ctrl-C means
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not get among the answers
        reply: tuple[bool, object] = (True, _READY)
        with suppress(EOFError):
            while True:
                pickle.dump(reply, answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
                function, arguments, options = pickle.load(sys.stdin.buffer)
                try:
                    reply = (True, function(*arguments, **options))
                except Exception as error:
                    reply = (False, error)


def count_workers() -> int:
    """How many processes beside this one are of use: none on a single core."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0
