"""Terminals for tests, to see what a person sees.

In: arguments of `pilcrow`, the width of the terminal and perhaps the folder to be in. Out: what was
shown: by a process of its own in a pseudo-terminal (`show`), or far sooner by this process, which
takes its output for a terminal (`shown_here`).
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Literal
from unittest import mock

from indexer import cli
from indexer.cli.run import run
from tests import ROOT

_ORDERS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def environment(**changes: str) -> dict[str, str]:
    """The environment of a command: ours, without what would change its answers."""
    unwanted = ("PILCROW", "COLUMNS", "LC_", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "", **changes}


def show(
    *arguments: str | Path,
    columns: int,
    folder: Path = ROOT,
    stream: Literal["stdout", "stderr"] = "stdout",
) -> str:
    """What a command shows where only `stream` is a terminal, `columns` cells wide."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", *map(str, arguments)],
        cwd=folder,
        env=environment(TERM="xterm-256color", COLUMNS=str(columns)),
        stdin=subprocess.DEVNULL,
        stdout=theirs if stream == "stdout" else subprocess.DEVNULL,
        stderr=theirs if stream == "stderr" else subprocess.DEVNULL,
    )
    os.close(theirs)
    read = b""
    with suppress(OSError):  # by which Linux says that the other side is closed
        while part := os.read(ours, 65536):
            read += part
    os.close(ours)
    assert process.wait() == 0, read
    return read.decode().replace("\r\n", "\n")


def plain(shown: str) -> str:
    """`shown` without colours."""
    return _ORDERS.sub("", shown)


class _Terminal(io.TextIOWrapper):
    """What a command takes for a terminal."""

    def isatty(self) -> bool:
        return True


def shown_here(*arguments: str | Path, columns: int, errors: bool = False) -> tuple[int, str]:
    """The exit code of a command and what it shows, without colours; with `errors` those too."""
    written, aside = io.BytesIO(), io.BytesIO()
    out = _Terminal(written, encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(written if errors else aside, encoding="utf-8", write_through=True)
    changed = environment(COLUMNS=str(columns), TERM="xterm-256color")
    with (
        mock.patch.dict(os.environ, changed, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = run(cli.pilcrow, [str(argument) for argument in arguments])
    shown = plain(written.getvalue().decode())
    return code, shown
