"""README tells the truth: its session, its examples and its commands are run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click import Context

import terminal
from indexer.cli import pilcrow
from indexer.parsing.formats.dispatch import FORMATS
from sites import serving

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The contents of README's code blocks in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone, with articles and no index."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def timeless(text: str) -> str:
    """`text` without what differs from one run to the next."""
    return re.sub(r"in \d+\.\d s", "in … s", text)


def test_first_screen_is_what_a_terminal_shows(home: Path) -> None:
    (session,) = blocks("console")
    commands = re.findall(r"^\$ pilcrow (.*)$", session, re.MULTILINE)
    assert len(commands) >= 3
    shown = ""
    for command in commands:
        answer = terminal.show(*shlex.split(command), columns=80, folder=home)
        shown += f"$ pilcrow {command}\n{terminal.plain(answer)}"
    assert timeless(shown) == timeless(session)


def test_python_example_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "Possible Side Effects" in printed
    assert "['tapering']" in printed


CURL = re.findall(r"^curl '([^']+)'$", README, re.MULTILINE)


@pytest.mark.parametrize("address", CURL)
def test_curl_examples_are_answered(corpus_index: Path, address: str) -> None:
    parts = urlsplit(address)
    with serving(corpus_index) as client:
        answer = client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200
    found = answer.get_json()
    held = next(
        (found[k] for k in ("hits", "lines", "suggestions", "text", "terms") if k in found), None
    )
    assert held


def test_each_address_of_the_api_has_an_example() -> None:
    named = {urlsplit(address).path.split("/")[3] for address in CURL}
    assert named == {"search", "concordance", "suggest", "audit", "articles", "passages"}


def test_make_commands_are_there() -> None:
    targets = re.findall(r"^make (\w+)", "".join(blocks("sh")), re.MULTILINE)
    assert targets == ["serve", "test"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_each_command_is_named() -> None:
    for name in pilcrow.list_commands(Context(pilcrow)):
        assert f"pilcrow {name}" in README


def test_formats_named_are_read() -> None:
    named = set(re.findall(r"`\.(\w+)`", README))
    assert len(named) >= 3
    assert named <= FORMATS
