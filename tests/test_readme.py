"""README's first screen is what a terminal shows, and its test command is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from tests import ROOT
from tests.helpers import terminal
from tests.helpers.documents import alike, blocks


def test_first_screen_is_what_a_terminal_shows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    (session,) = (b.text for b in blocks(ROOT / "README.md") if b.language == "console")
    commands = re.findall(r"^\$ pilcrow (.*)$", session, re.MULTILINE)
    assert len(commands) >= 3
    shown = ""
    for command in commands:
        answer = terminal.show(*shlex.split(command), columns=80, folder=tmp_path)
        shown += f"$ pilcrow {command}\n{terminal.plain(answer)}"
    assert alike(shown, session)


def test_make_commands_are_there() -> None:
    sh = "".join(b.text for b in blocks(ROOT / "README.md") if b.language == "sh")
    targets = re.findall(r"^make (\w+)", sh, re.MULTILINE)
    assert targets == ["serve", "test"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)
