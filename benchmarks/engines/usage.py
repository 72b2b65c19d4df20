"""Times, sizes and memory of this process. Standard library only."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Now = Callable[[], float]  # seconds since some moment


def processor_seconds() -> float:
    """Of all threads of this process and of its finished children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


# Processor time says more than wall time on a shared machine
CLOCKS: dict[str, Now] = {"wall": time.perf_counter, "cpu": processor_seconds}


class Clock:
    """Seconds since its creation, without the time its sources took to produce items."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._began = now()
        self._waited = 0.0

    def without(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yields the items; the time to produce them does not count."""
        asked = self._now()
        for item in items:
            self._waited += self._now() - asked
            yield item
            asked = self._now()
        self._waited += self._now() - asked

    def seconds(self) -> float:
        """Elapsed seconds."""
        return self._now() - self._began - self._waited


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that is at least as large as `share` of the values."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * round(share * 1000) // 1000) - 1, 0)]


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def peak_memory() -> int:
    """Peak memory of this process in bytes; 0 if the system does not report it."""
    return _field("/proc/self/status", "VmHWM:")


def own_memory() -> int:
    """Bytes of memory that only this process has and no file backs (without mapped pages)."""
    return _field("/proc/self/smaps_rollup", "Anonymous:")


def _field(path: str, name: str) -> int:
    """A field of a file with sizes in kB; 0 without it."""
    try:
        with open(path, encoding="ascii") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
    except (OSError, StopIteration):
        return 0
