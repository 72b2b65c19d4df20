"""Processes that prepare files.

In: work, as files with their bytes. Out: what `preparing.prepare` gives for each. A process that
ends before it has answered costs only the file that it was at, which becomes a problem.
"""

from __future__ import annotations

import copyreg
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from indexer.closing import Closing
from indexer.errors import SourceError
from indexer.ingest.prepare import Prepared, prepare
from indexer.settings import Settings
from indexer.sources.files import File
from indexer.worker_pool import Process, ProcessLost

Work = list[tuple[File, bytes]]

# An exception is pickled by its message, which is not what this one is made from.
copyreg.pickle(SourceError, lambda e: (SourceError, (e.path, e.reason, e.remedy, e.line)))


def prepare_here(work: Work, settings: Settings) -> list[Prepared]:
    """The results of `work`, in this process."""
    return [prepare(file, data, settings) for file, data in work]


class Team(Closing):
    """Worker processes, each with a thread that talks to it."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(count, "pilcrow-worker")
        self._own = threading.local()  # .worker: that of this thread
        self._workers: list[Process] = []
        self._is_closing = False

    def ask(self, work: Work) -> Future[list[Prepared]]:
        """The results of `work`, in time."""
        return self._threads.submit(self._do, work)

    def _do(self, work: Work) -> list[Prepared]:
        with suppress(ProcessLost):
            return self._ask(work)
        return [self._do_alone(file, data) for file, data in work]

    def _do_alone(self, file: File, data: bytes) -> Prepared:
        """One file of a batch that was lost: it may be the one to blame."""
        try:
            return self._ask([(file, data)])[0]
        except ProcessLost:
            reason = "too much for the parser, which was stopped"
            return Prepared((), (SourceError(file.path, reason, "split it or leave it out"),))

    def _ask(self, work: Work) -> list[Prepared]:
        if not work:
            return []
        if self._is_closing:
            raise ProcessLost
        worker: Process | None = getattr(self._own, "worker", None)
        if worker is None:
            try:
                worker = self._own.worker = Process()
            except (OSError, ProcessLost):  # there is none to be had here
                return prepare_here(work, self._settings)
            self._workers.append(worker)
        try:
            return worker.call(prepare_here, work, self._settings)
        except ProcessLost:
            self._own.worker = None
            raise

    def close(self) -> None:
        """Ends the processes, whatever they are doing."""
        self._is_closing = True
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:  # those that were begun in the meantime
            worker.close()
