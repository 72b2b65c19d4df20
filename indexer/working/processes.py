"""Worker processes and the pipes to them.

In: work, as files with their bytes. Out: what `preparing.prepare` gives for each. A worker that
ends before it has answered costs only the file that it was at, which becomes a problem.
"""

from __future__ import annotations

import copyreg
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import cast

from indexer.errors import SourceError
from indexer.preparing import Prepared, prepare
from indexer.reading import File
from indexer.settings import Settings

Work = list[tuple[File, bytes]]

_SCRIPT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from indexer.working.processes import work; work()"
)
_READY = "pilcrow worker"  # a worker's first answer
# An exception is pickled by its message, which is not what this one is made from.
copyreg.pickle(SourceError, lambda e: (SourceError, (e.path, e.reason, e.remedy, e.line)))


def prepare_here(work: Work, settings: Settings) -> list[Prepared]:
    """The results of `work`, in this process."""
    return [prepare(file, data, settings) for file, data in work]


class Team:
    """Worker processes, each with a thread that talks to it."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(count, "pilcrow-worker")
        self._own = threading.local()  # .worker: that of this thread
        self._workers: list[Worker] = []
        self._is_closing = False

    def ask(self, work: Work) -> Future[list[Prepared]]:
        """The results of `work`, in time."""
        return self._threads.submit(self._do, work)

    def _do(self, work: Work) -> list[Prepared]:
        with suppress(WorkerLost):
            return self._ask(work)
        return [self._do_alone(file, data) for file, data in work]

    def _do_alone(self, file: File, data: bytes) -> Prepared:
        """One file of a batch that was lost: it may be the one to blame."""
        try:
            return self._ask([(file, data)])[0]
        except WorkerLost:
            reason = "too much for the parser, which was stopped"
            return Prepared((), (SourceError(file.path, reason, "split it or leave it out"),))

    def _ask(self, work: Work) -> list[Prepared]:
        if not work:
            return []
        if self._is_closing:
            raise WorkerLost
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            try:
                worker = self._own.worker = Worker(self._settings)
            except (OSError, WorkerLost):  # there is none to be had here
                return prepare_here(work, self._settings)
            self._workers.append(worker)
        try:
            return worker.ask(work)
        except WorkerLost:
            self._own.worker = None
            raise

    def __enter__(self) -> Team:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_closing = True
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:  # those that were begun in the meantime
            worker.stop()


class WorkerLost(Exception):
    """A worker ended before it answered."""


class Worker:
    """One process that prepares what it is asked to.

    `OSError` if there is no process to be had, `WorkerLost` if it is not one of ours: an
    interpreter that is part of another program does not do what Python would.
    """

    def __init__(self, settings: Settings) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._exchange(settings) != _READY:
            self.stop()
            raise WorkerLost

    def ask(self, work: Work) -> list[Prepared]:
        """The results of `work`. `WorkerLost` if the process ends before it has them all."""
        return cast("list[Prepared]", self._exchange(work))

    def _exchange(self, message: object) -> object:
        """The answer to a message."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(message, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            return cast("object", pickle.load(self._process.stdout))
        except Exception as error:  # whatever half an answer looks like
            self.stop()
            raise WorkerLost from error

    def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def work() -> None:
    """What a worker does: answers until its standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our caller decides what Ctrl-C means
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not get among the answers
        questions = sys.stdin.buffer
        settings: Settings = pickle.load(questions)
        answer: object = _READY
        with suppress(EOFError):
            while True:
                pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
                answer = prepare_here(pickle.load(questions), settings)
