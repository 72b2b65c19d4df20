"""`pilcrow serve` in processes of its own, for tests with many clients."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT
from tests.helpers import terminal


@dataclass
class Served:
    """A running site."""

    process: subprocess.Popen[str]
    port: int

    def connection(self, timeout: float = 30) -> http.client.HTTPConnection:
        """A new connection of a client."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(
        self, path: str, connection: http.client.HTTPConnection | None = None, timeout: float = 30
    ) -> tuple[int, bytes]:
        """Status and body of a page, over `connection` or a new one."""
        used = connection or self.connection(timeout)
        used.request("GET", path)
        answer = used.getresponse()
        found = answer.status, answer.read()
        if connection is None:
            used.close()
        return found

    def children(self, niceness: int) -> list[int]:
        """Ids of the processes that the site spawned with its own niceness plus `niceness`."""
        wanted = min(os.getpriority(os.PRIO_PROCESS, self.process.pid) + niceness, 19)
        found = []
        for folder in Path("/proc").iterdir():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            mine = int(fields[1]) == self.process.pid and b"spawn_main" in command
            if mine and int(fields[16]) == wanted:
                found.append(int(folder.name))
        return found


@contextmanager
def served_by_processes(index: Path, *arguments: str | Path) -> Iterator[Served]:
    """Serve the index with `pilcrow serve` to the end of the block, unless stopped before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", "--port", "0", "--index", str(index),
         *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield Served(process, int(process.stdout.readline().rpartition(":")[2]))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def kill(pid: int) -> None:
    """Ends a process that a test has started, whatever it is doing."""
    os.kill(pid, signal.SIGKILL)
