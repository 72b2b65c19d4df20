"""Code blocks of documentation pages, and a shell to run the sessions in them.

In: a Markdown page. Out: its code blocks in order, and the output of the commands of `console`
blocks in a folder. A block after a paragraph that ends in a file's name and a colon (`terms.csv`:)
is the content of that file. A `json` block after a session is the answer to its last command,
reformatted. In expected output, `…` on a line of its own stands for any lines, and "…" in JSON for
any value, or as a key for any further keys.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import ROOT
from tests.helpers import terminal
from tests.helpers.sites import serving

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"`([\w/.-]*\.[a-z]+)`:\n\n\Z")
_TIMES = re.compile(r"in \d+\.\d s\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of a page."""

    language: str
    text: str
    line: int  # of the page, on which its text begins
    file: str  # the file whose content it is; "" for none
    adjacent: bool  # nothing but a blank line stands between it and the block before


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, in order."""
    text, found, end = page.read_text(encoding="utf-8"), [], 0
    for block in _BLOCK.finditer(text):
        named = _NAMED.search(text, 0, block.start())
        found.append(
            Block(
                block[1],
                block[2],
                text.count("\n", 0, block.start(2)) + 1,
                named[1] if named else "",
                bool(end) and not text[end : block.start()].strip(),
            )
        )
        end = block.end()
    return found


class Session:
    """A shell in a folder, for the commands that pages show."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = 0  # exit code of the last command

    def run(self, command: str) -> str:
        """Output of a command in a terminal of 80 columns."""
        words = shlex.split(command)
        if words[0] == "pilcrow":
            self.code, shown = terminal.shown_here(*words[1:], columns=80, errors=True)
            return shown
        if words[0] == "curl":
            return self._curl(words[1:])
        if command == "echo $?":
            return f"{self.code}\n"
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        self.code = done.returncode
        return done.stdout.decode()

    def _curl(self, words: list[str]) -> str:
        """Answer of a site over the folder's index; of curl's options only `-s` and `-I`."""
        parts = urlsplit(words[-1])
        assert (parts.scheme, parts.netloc) == ("http", "127.0.0.1:8000"), words
        assert set(words[:-1]) <= {"-s", "-I"}, words
        with serving(self.folder / ".pilcrow") as client:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            answer = client.open(path, method="HEAD" if "-I" in words else "GET")
        if "-I" in words:
            lines = [f"HTTP/1.1 {answer.status}", *(f"{n}: {v}" for n, v in answer.headers)]
            return "".join(line + "\n" for line in lines)
        return answer.text.removesuffix("\n") + "\n"


def commands(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a `console` block, each with its expected output."""
    assert session.startswith("$ "), session
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = command[:-1] + more.lstrip("> ")
        yield command, shown


def alike(shown: str, expected: str) -> bool:
    """Whether `shown` equals `expected`, except for times and lines that `…` leaves out."""
    parts = re.split(r"^ *…\n", _TIMES.sub("in 0.0 s", expected), flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    return bool(re.fullmatch(pattern, _TIMES.sub("in 0.0 s", shown)))


def same_json(found: Any, expected: Any) -> bool:
    """Whether `found` equals `expected`, except for values and keys that "…" leaves out."""
    if expected == "…":
        return True
    if isinstance(expected, dict) and isinstance(found, dict):
        named = expected.keys() - {"…"}
        if "…" not in expected and named != found.keys():
            return False
        return named <= found.keys() and all(same_json(found[k], expected[k]) for k in named)
    if isinstance(expected, list) and isinstance(found, list):
        if expected and expected[-1] == "…":
            expected = expected[:-1]
            found = found[: len(expected)]
        return len(found) == len(expected) and all(map(same_json, found, expected))
    return bool(found == expected)
