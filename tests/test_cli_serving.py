"""`pilcrow serve`, as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import terminal
from commanding import ROOT, failure, pilcrow


@contextmanager
def serving(*arguments: str | Path) -> Iterator[str]:
    """The address that `pilcrow serve` prints once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", "--port", "0", *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(line.strip() for line in process.stdout if line.startswith("http://"))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


def total(address: str, query: str) -> int:
    """How many passages the site at `address` finds."""
    with urllib.request.urlopen(f"{address}/api/v1/search?q={query}", timeout=20) as answer:
        return int(json.load(answer)["total"])


def test_serve_indexes_prints_its_address_and_answers(tmp_path: Path) -> None:
    with serving("--index", tmp_path / "index", "--corpus", ROOT / "corpus") as address:
        assert total(address, "tapering") == 1


def test_serve_brings_the_index_up_to_date(tmp_path: Path) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("One\n\nSome words on tapering.\n", encoding="utf-8")
    pilcrow("index", corpus, "--index", index)
    (corpus / "two.txt").write_text("Two\n\nMore words on tapering.\n", encoding="utf-8")
    with serving("--index", index, "--corpus", corpus) as address:
        assert total(address, "tapering") == 2


def test_serve_goes_on_with_the_index_when_the_corpus_is_gone(corpus_index: Path) -> None:
    with serving("--index", corpus_index, "--corpus", "no-such-folder") as address:
        assert total(address, "tapering") == 1


def test_serve_says_when_its_port_is_taken(corpus_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in failure("serve", "--index", corpus_index, "--port", port)
