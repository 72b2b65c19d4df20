"""Indexing and outlining on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import ROOT
from tests.helpers import terminal
from tests.helpers.command_line import ARTICLE, failure, pilcrow


def test_index_reports_what_it_did(tmp_path: Path) -> None:
    first = json.loads(pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--json").stdout)
    assert (first["added"], first["unchanged"], first["articles"]) == (1, 0, 1)
    again = json.loads(pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 1)
    text = pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--rebuild").stdout.decode()
    assert f"{tmp_path} holds 1 article, {first['passages']} passages" in text


def test_index_shows_its_progress_on_a_terminal_only(tmp_path: Path) -> None:
    arguments = ("index", ROOT / "corpus", "--rebuild", "--index", tmp_path)
    assert "1/1" in terminal.plain(terminal.show(*arguments, columns=80, stream="stderr"))
    assert not pilcrow(*arguments).stderr


def test_index_skips_what_it_can_not_read(tmp_path: Path) -> None:
    corpus = tmp_path / "articles"
    corpus.mkdir()
    (corpus / "good.txt").write_text("A Title\n\nSome words on tapering.\n", encoding="utf-8")
    (corpus / "bad.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    done = pilcrow("index", corpus, "--index", tmp_path / "index")
    (line,) = done.stderr.decode().splitlines()
    assert "bad.txt" in line
    assert b"1 added, 1 skipped" in done.stdout


def test_index_and_corpus_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILCROW_CORPUS", str(ROOT / "corpus"))
    monkeypatch.setenv("PILCROW_INDEX", str(tmp_path / "there"))
    pilcrow("index")
    assert pilcrow("search", "tapering").stdout.endswith(b"1 passage\n")


def test_outline_shows_headings_and_blocks() -> None:
    text = pilcrow("outline", ARTICLE).stdout.decode()
    assert text.startswith("Elavil for Chronic Pain: an Off-label Use\n")
    assert re.search(r"^[0-9a-f]{16}      list item: Treating depression$", text, re.MULTILINE)
    assert len(re.findall(r"^ {18}(  )?heading \d: ", text, re.MULTILINE)) == 7
    assert max(map(len, text.splitlines())) < 110


def test_outline_as_json_keeps_its_promises() -> None:
    found = json.loads(pilcrow("outline", ARTICLE, "--format", "json").stdout)
    assert set(found) == {"path", "article", "text", "blocks", "passages"}
    assert found["path"] == str(ARTICLE)
    assert set(found["article"]) == {"id", "title", "url", "language", "encoding"}
    for block in found["blocks"]:
        assert found["text"][block["start"] : block["end"]] == block["text"]
    for passage in found["passages"]:
        assert found["text"][passage["start"] : passage["end"]] == passage["text"]


def test_outline_as_lines_holds_one_object_an_article(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    records.write_text(
        '{"id": "a", "title": "A", "text": "Some words.\\u2028More."}\n'
        '{"id": "b", "title": "B", "text": "Other words."}\n',
        encoding="utf-8",
    )
    lines = pilcrow("outline", ARTICLE, records, "--format", "jsonl").stdout.decode().splitlines()
    found = [json.loads(line) for line in lines]
    assert [item["path"] for item in found] == [str(ARTICLE), str(records), str(records)]
    assert [item["article"]["id"] for item in found[1:]] == ["a", "b"]


def test_outline_as_json_takes_one_article(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("A Title\n\nSome words.\n", encoding="utf-8")
    line = failure("outline", ARTICLE, other, "--format", "json")
    assert str(other) in line
    assert "jsonl" in line


def test_outline_reports_files_one_by_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02\x03" * 100)
    assert str(bad) in failure("outline", bad)
    done = pilcrow("outline", bad, ARTICLE, "--format", "jsonl")
    assert len(done.stdout.splitlines()) == 1
    assert str(bad) in done.stderr.decode()
