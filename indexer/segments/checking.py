"""Checking ahead: the arrays of a snapshot in; their blocks checked, in a thread of its own.

A block is checked when it is first touched, so that to open an index costs nothing; but then the
queries pay, each for the blocks that it is the first to need. Whoever asks a second time will ask
more: from then on a thread checks what nobody has touched yet. It reads each block once, mostly
without Python's lock, and keeps nothing. Where it meets damage it stops: whoever reads that block
finds it and has the arrays rebuilt.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from indexer.segments.container import DamagedError
from indexer.segments.snapshot import Snapshot


class Checker:
    """Checks one snapshot from the second call of `asked` on; safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._containers = [part.segment.container for part in snapshot.parts]
        self._calls = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def asked(self) -> None:
        """Says that something was asked of the snapshot."""
        if self._calls < 2:  # two threads may both miss one: then it begins a call later
            self._calls += 1
            if self._calls == 2:
                thread = threading.Thread(target=self._check, name="pilcrow-checker", daemon=True)
                self._thread = thread
                thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Until all is checked that ever will be."""
        if self._thread is not None:
            self._thread.join(seconds)

    def stop(self) -> None:
        """Stops soon, whatever is left."""
        self._stopped.set()

    def _check(self) -> None:
        with suppress(DamagedError):
            for container in self._containers:
                for name in container.names:
                    for number in range(container.stripes(name)):
                        if self._stopped.is_set():
                            return
                        container.check_stripe(name, number)
