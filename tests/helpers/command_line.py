"""The command line, run by tests in this process or in one of its own.

In: arguments. Out: what the command wrote and its exit code. Refuses (`AssertionError`) a
traceback and any exit code but the one expected.
"""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from indexer import cli
from indexer.cli.run import run
from tests import ROOT
from tests.helpers import terminal

ARTICLE = ROOT / "corpus" / "elavil-for-chronic-pain.txt"


@dataclass(frozen=True)
class Done:
    """What a command did."""

    returncode: int
    stdout: bytes
    stderr: bytes


def pilcrow(*arguments: str | Path, code: int = 0) -> Done:
    """What the command does in this process; it must leave with `code`, never with a traceback."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        returned = run(cli.pilcrow, [str(argument) for argument in arguments])
    out.flush()
    err.flush()
    done = Done(returned, out.buffer.getvalue(), err.buffer.getvalue())
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode == code, done
    return done


def started(*arguments: str | Path, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """What the command does as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "indexer", *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment(**changes),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def failure(*arguments: str | Path) -> str:
    """The one line with which a command fails."""
    done = pilcrow(*arguments, code=2)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("pilcrow: ")
    assert not done.stdout
    return line
