"""Runs commands in a terminal, so that tests see what a person sees.

In: arguments of `pilcrow`, the terminal's width and, optionally, a working folder. Out: the text
shown, by a process of its own in a pseudo-terminal (`show`) or, far faster, by this process, with
its output taken for a terminal (`shown_here`).
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
    """Environment for a command: ours, without variables that would change its output."""
    unwanted = ("PILCROW", "COLUMNS", "LC_", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "", **changes}


def show(
    *arguments: str | Path,
    columns: int,
    folder: Path = ROOT,
    stream: Literal["stdout", "stderr"] = "stdout",
) -> str:
    """Output of a command to `stream`, its only terminal, which is `columns` cells wide."""
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
    with suppress(OSError):  # which Linux raises once the other side is closed
        while part := os.read(ours, 65536):
            read += part
    os.close(ours)
    assert process.wait() == 0, read
    return read.decode().replace("\r\n", "\n")


def plain(shown: str) -> str:
    """`shown` without colours."""
    return _ORDERS.sub("", shown)


class _Terminal(io.TextIOWrapper):
    """A stream that a command takes for a terminal."""

    def isatty(self) -> bool:
        return True


def shown_here(*arguments: str | Path, columns: int, errors: bool = False) -> tuple[int, str]:
    """Exit code and output of a command, without colours; with `errors`, standard error too."""
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
