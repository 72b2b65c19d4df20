"""Sites served for measurements: from a fresh clone, and one that watches a folder.

Fresh clone: a copy of this repository without environment and index; seconds until `make serve`
gives a search page with a marked word, and again with the environment and index of the first time.
Needs make, git and pip's package index.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from benchmarks.running import ROOT

WORD = "tapering"
PATIENCE = 900  # seconds


def seconds_to_first_answer() -> tuple[float, float]:
    """Seconds from a fresh clone, and from a second start."""
    with TemporaryDirectory(prefix="pilcrow-serve-") as made:
        clone(Path(made))
        first, second = _start(Path(made)), _start(Path(made))
    return first, second


def clone(folder: Path) -> None:
    """Copies the files of a clone of this repository, with uncommitted changes."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copyfile(ROOT / name, folder / name)


def _start(folder: Path) -> float:
    """Seconds until the site answers."""
    port = _free_port()
    began = time.perf_counter()
    with _running(["make", "serve", f"PORT={port}"], folder) as process:
        _wait(process, f"http://127.0.0.1:{port}/?q={WORD}")
        return time.perf_counter() - began


@contextmanager
def watching(corpus: Path, index: Path, word: str) -> Iterator[Callable[[str], bool]]:
    """A site that watches a folder, once it shows a word; yields a check for another word."""
    url = f"http://127.0.0.1:{(port := _free_port())}/?q="
    command = [sys.executable, "-m", "indexer", "serve", "--watch", "--port", str(port)]
    with _running([*command, "--corpus", str(corpus), "--index", str(index)], ROOT) as process:
        _wait(process, url + word)
        yield lambda other: _answers(url + other)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Waits for a page with a mark. Raises `RuntimeError` if the server ends, or `TimeoutError`."""
    began = time.perf_counter()
    while not _answers(url):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError(f"no answer in {PATIENCE} s")
        time.sleep(0.02)


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a server and ends it with all its children."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("PILCROW_", "MAKE"))}
    process = subprocess.Popen(
        command,
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
