"""Wrong use, faults of the system and help: exit codes, and one line for each error."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from indexer.cli.run import Terminated, run
from indexer.errors import SourceError
from tests import ROOT
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow, started


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search",), "QUERY"),
        (("search", "pain", "--limit", "some"), "--limit"),
        (("search", "pain", "--limit", "-1"), "--limit"),
        (("search", "pain", "--limits", "1"), "--limit"),
        (("search", "pain", "--kind", "heading"), "paragraph"),
        (("concordance", "pain", "--sort", "left9"), "left1"),
        (("outline",), "PATH"),
        (("outline", "no-such-file.txt"), "no-such-file.txt"),
        (("index", "no-such-folder", "--index", "nowhere"), "no-such-folder"),
        (("frobnicate",), "frobnicate"),
        (("search", "pain", "--index", "no-such-index"), "pilcrow index"),
    ],
)
def test_wrong_use_is_one_line_that_helps(arguments: tuple[str, ...], says: str) -> None:
    assert says in failure(*arguments)


def test_command_alone_explains_itself() -> None:
    assert b"Commands:" in pilcrow().stdout


@pytest.mark.parametrize(
    "command", ["", "index", "outline", "search", "concordance", "links", "cite", "serve"]
)
def test_help_is_complete_and_fits(command: str) -> None:
    text = pilcrow(*command.split(), "--help").stdout.decode()
    assert "Examples:" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_version_is_that_of_the_package() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    said = started("--version").stdout.decode()
    assert said == f"pilcrow {config['metadata']['version']}\n"


def test_full_disk_is_one_line(corpus_index: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "indexer", "search", "pain", "--index", str(corpus_index)],
            cwd=ROOT,
            env=terminal.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "no space left" in line


def test_closed_pipe_is_quiet(corpus_index: Path) -> None:
    command = [sys.executable, "-m", "indexer", "concordance", "pain OR the OR a"]
    process = subprocess.Popen(
        [*command, "--format", "json", "--index", str(corpus_index)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "pilcrow: interrupted\n"),
        (Terminated(), 143, "pilcrow: ended by SIGTERM\n"),
        (SourceError("a.txt", "broken", "mend it", 3), 2, "pilcrow: a.txt:3: broken; mend it\n"),
        (OSError(28, "No space left", "/x"), 2, "pilcrow: /x: no space left\n"),
        (ValueError("two\nlines"), 2, "pilcrow: unexpected ValueError: two lines; please report "),
    ],
)
def test_exception_becomes_a_code_and_a_line(
    raised: BaseException, code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    @click.group()
    def group() -> None:
        """One command, which fails."""

    @group.command()
    def fail() -> None:
        """Raise what the test wants."""
        raise raised

    assert run(group, ["fail"]) == code
    said = capfd.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == (1 if says else 0)
