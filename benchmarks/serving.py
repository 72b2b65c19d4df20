"""How long `make serve` takes from nothing: a copy of this repository, no environment, no index.

In: nothing. Out: seconds until a search page with a marked word comes back, from nothing and again
with what the first time left behind. Needs make, git and whatever pip installs from.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from benchmarks.running import ROOT

WORD = "tapering"
PATIENCE = 900  # seconds


def seconds_to_first_answer() -> tuple[float, float]:
    """From nothing, and from the second start on."""
    with TemporaryDirectory(prefix="pilcrow-serve-") as made:
        clone(Path(made))
        first, second = _start(Path(made)), _start(Path(made))
    return first, second


def clone(folder: Path) -> None:
    """Copies what a clone of this repository would hold, changes not yet committed included."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copyfile(ROOT / name, folder / name)


def _start(folder: Path) -> float:
    """Seconds until the served site answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    with _serving(folder, port) as process:
        while time.perf_counter() - began < PATIENCE:
            if process.poll() is not None:
                raise RuntimeError(f"make serve ended with {process.returncode}")
            if _answers(f"http://127.0.0.1:{port}/?q={WORD}"):
                return time.perf_counter() - began
            time.sleep(0.02)
    raise TimeoutError(f"make serve did not answer in {PATIENCE} s")


@contextmanager
def _serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`make serve` with all its children, ended together."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("PILCROW_", "MAKE"))}
    process = subprocess.Popen(
        ["make", "serve", f"PORT={port}"],
        cwd=folder,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return "<mark" in answer.read().decode("utf-8")
    except (urllib.error.URLError, OSError):
        return False
