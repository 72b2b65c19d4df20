"""`pilcrow serve` as its own processes, for tests of crowds."""

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
    """A site that is served."""

    process: subprocess.Popen[str]
    port: int

    def connection(self, timeout: float = 30) -> http.client.HTTPConnection:
        """A connection of a client's."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(
        self, path: str, connection: http.client.HTTPConnection | None = None, timeout: float = 30
    ) -> tuple[int, bytes]:
        """Status and body, over a connection or a new one."""
        used = connection or self.connection(timeout)
        used.request("GET", path)
        answer = used.getresponse()
        found = answer.status, answer.read()
        if connection is None:
            used.close()
        return found

    def children(self, niceness: int) -> list[int]:
        """Its processes that were spawned by it and are so much nicer than itself."""
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
    """The index served by `pilcrow serve`, until the end or until it was stopped."""
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
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def kill(pid: int) -> None:
    """Ends a process that a test has started, whatever it is doing."""
    os.kill(pid, signal.SIGKILL)
