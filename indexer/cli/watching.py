"""Watching a corpus: whenever a file in it is saved, what it was given to do is done again.

In: a path and an action. The path is looked at every half second; a change is acted upon once it
has rested for one look, so that a file is not read while it is written. A failure is reported,
once while it stays the same, and the watching goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from indexer.errors import PilcrowError

EVERY = 0.5  # seconds between looks
Sight = frozenset[tuple[str, int, int]]


class Watch:
    """One watched path."""

    def __init__(self, path: Path, act: Callable[[], object]) -> None:
        self._path, self._act = path, act
        self._done = self._seen = sight(path)
        self._said = ""

    def look(self, report: Callable[[str], None]) -> bool:
        """Look once; act on a change that has rested since the last look. Whether it acted."""
        before, self._seen = self._seen, sight(self._path)
        if self._seen == self._done or self._seen != before:
            return False
        self._done = self._seen
        try:
            self._act()
            self._said = ""
        except PilcrowError as error:
            if str(error) != self._said:
                report(str(error))
            self._said = str(error)
        return True

    def run(self, report: Callable[[str], None]) -> None:
        """Look again and again, for as long as the process lives."""
        while True:
            time.sleep(EVERY)
            self.look(report)


def sight(path: Path) -> Sight:
    """Names, sizes and times of the files at or below a path; hidden ones left out."""
    found: set[tuple[str, int, int]] = set()
    files = [str(path)] if path.is_file() else []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    for name in files:
        with suppress(OSError):  # gone since it was listed
            stat = os.stat(name)
            found.add((name, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)
