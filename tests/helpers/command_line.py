"""The command line, run by tests in this process or in one of its own.

In: arguments. Out: the command's output and exit code. Raises `AssertionError` for a traceback
and for any exit code but the expected one.
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
    """Exit code and output of a command."""

    returncode: int
    stdout: bytes
    stderr: bytes


def pilcrow(*arguments: str | Path, code: int = 0) -> Done:
    """Run the command in this process; it must exit with `code` and without a traceback."""
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
    """Run the command in a process of its own."""
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
    """The only line of a command's standard error, with exit code 2 and no output."""
    done = pilcrow(*arguments, code=2)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("pilcrow: ")
    assert not done.stdout
    return line
