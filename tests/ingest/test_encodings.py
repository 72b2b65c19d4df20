"""Encodings and languages that are named: on the command line, remembered, or in a list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer import open_index
from tests.helpers.command_line import pilcrow

CZECH = "Lék užívejte večer.\n\nUkončujte ho postupně, během několika týdnů.\n"
SHORT = "Užívejte ho večer.\n"  # too short to tell


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "texts"
    made.mkdir()
    (made / "a.txt").write_bytes(SHORT.encode("cp852"))
    (made / "b.txt").write_text(CZECH, "utf-8")
    return made


def texts(index: Path) -> dict[str, str]:
    with open_index(index) as opened:
        return {ref.id: opened.article(ref.id).text for ref in opened.articles()}


def test_a_doubtful_encoding_is_a_warning_that_names_file_and_remedy(folder: Path) -> None:
    index = folder.parent / "index"
    done = pilcrow("index", folder, "--index", index, "--format", "json")
    (warning,) = [line for line in done.stderr.decode().splitlines() if "encoding" in line]
    assert warning.startswith(f"pilcrow: warning: {folder / 'a.txt'}: its encoding is ")
    assert "--encoding NAME" in warning
    assert "titles.csv" in warning
    report = json.loads(done.stdout)
    assert (report["skipped"], len(report["warnings"])) == ([], 1)
    again = pilcrow("index", folder, "--index", index)
    assert "2 unchanged" in again.stdout.decode()
    outline = pilcrow("outline", folder / "a.txt")
    assert "its encoding is not certain" in outline.stderr.decode()


def test_an_encoding_is_remembered_with_its_root(folder: Path) -> None:
    index = folder.parent / "index"
    done = pilcrow("index", folder, "--index", index, "--encoding", "cp852")
    assert "encoding" not in done.stderr.decode()
    assert texts(index) == {"a": SHORT, "b": CZECH}
    (folder / "c.txt").write_bytes(SHORT.replace("večer", "ráno").encode("cp852"))
    pilcrow("index", "--index", index)
    assert texts(index)["c"] == SHORT.replace("večer", "ráno")
    pilcrow("index", folder / "a.txt", "--index", index)
    assert texts(index)["a"] == SHORT
    pilcrow("index", folder, "--index", index, "--rebuild")
    assert texts(index)["a"] == SHORT
    told = pilcrow("index", folder, "--index", index, "--encoding", "auto")
    assert "2 changed" in told.stdout.decode()
    assert texts(index)["a"] != SHORT


def test_the_nearest_path_with_an_encoding_counts(folder: Path) -> None:
    index, inner = folder.parent / "index", folder / "old"
    inner.mkdir()
    (inner / "d.txt").write_bytes(SHORT.encode("iso8859-2"))
    pilcrow("index", folder, "--index", index, "--encoding", "cp852")
    pilcrow("index", inner, "--index", index, "--encoding", "latin2")
    pilcrow("index", "--index", index, "--rebuild")
    assert texts(index) == {"a": SHORT, "b": CZECH, "old/d": SHORT}


@pytest.mark.parametrize("command", ["index", "outline"])
def test_an_unknown_encoding_is_refused(folder: Path, command: str) -> None:
    done = pilcrow(command, folder, "--encoding", "klingon", code=2)
    assert "no encoding 'klingon'; name one such as windows-1250" in done.stderr.decode()


def test_outline_takes_an_encoding(folder: Path) -> None:
    done = pilcrow("outline", folder / "a.txt", "--encoding", "cp852", "--format", "json")
    found = json.loads(done.stdout)
    assert (found["text"], found["article"]["encoding"]) == (SHORT, "cp852")


def test_a_list_names_encodings_and_languages(folder: Path) -> None:
    rows = "path,encoding,language\na.txt,cp852,cs\nb.txt,,CZ-x\nc.txt,cp852,\na.txt,klingon,\n"
    (folder / "titles.csv").write_text(rows, "utf-8")
    index = folder.parent / "index"
    done = pilcrow("index", folder, "--index", index)
    assert texts(index)["a"] == SHORT
    with open_index(index) as opened:
        assert opened.article("a").language == "cs"
        assert opened.article("b").language == "cz"
    problems = [line.partition("titles.csv")[2] for line in done.stderr.decode().splitlines()]
    assert problems == [
        ":4: no file 'c.txt'; correct the path, which is below this folder",
        ":5: no encoding 'klingon'; name one such as windows-1250",
    ]
