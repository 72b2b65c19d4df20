"""A lock on a file, which names the process that holds it and since when.

One process (or one `WriteLock` in it) holds the lock of a path at a time; the system frees it when
the process ends, however that happens. If another holds it, `holder_of` names the holder.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

_PATIENCE = 0.3  # seconds to retry: `holder_of` itself holds the lock for a moment
_LOCKED = 1 << 20  # the byte that is locked on Windows, where locked bytes can't be read


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock."""

    pid: int = 0  # 0: unknown
    since: str = ""  # local time, ISO 8601 to the second

    def __str__(self) -> str:
        return f" (pid {self.pid}, since {self.since})" if self.pid else ""


class WriteLock:
    """The lock on one path (see the module)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def acquire(self, *, wait: bool = False) -> bool:
        """Takes the lock; False if another holds it. With `wait`, waits until it is free."""
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o666)
        patience = time.monotonic() + _PATIENCE
        while not _try_lock(self._descriptor):
            if not wait and time.monotonic() > patience:
                os.close(self._descriptor)
                return False
            time.sleep(0.02)
        now = datetime.now(timezone.utc).astimezone().isoformat(" ", "seconds")
        with suppress(OSError):  # a full disk; then the holder is unknown
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, json.dumps({"pid": os.getpid(), "since": now}).encode())
        return True

    def release(self) -> None:
        """Releases the lock."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def holder_of(path: Path) -> Holder | None:
    """The holder of the lock on a file; None if nobody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        if _try_lock(descriptor):
            return None
        facts = json.loads(os.read(descriptor, 1 << 10) or b"{}")
        return Holder(int(facts.get("pid", 0)), str(facts.get("since", "")))
    except OSError:  # some network file systems can't tell
        return None
    except (ValueError, AttributeError, TypeError):
        return Holder()
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """Locks an open file until it is closed; False if another has locked it."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, _LOCKED, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            raise
        return False
    return True
