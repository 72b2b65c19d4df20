"""`serve --watch`: a saved article is searchable within seconds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from indexer import build_index, open_index
from indexer.cli.index import NICENESS
from indexer.cli.serve import Watch
from indexer.errors import UsageError
from indexer.ingest.build import IndexReport
from tests.helpers.command_line import pilcrow


def test_a_change_is_acted_upon_once_it_has_rested(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Old words stand here.\n", encoding="utf-8")
    build_index([corpus], index)
    watch = Watch([corpus], lambda: build_index([corpus], index))
    said: list[str] = []
    assert not watch.look(said.append)
    (corpus / "a.txt").write_text("Tapering stands here now.\n", encoding="utf-8")
    assert not watch.look(said.append)  # it may still be written to
    assert watch.look(said.append)
    assert not watch.look(said.append)
    assert not said
    with open_index(index) as opened:
        assert opened.count("tapering") == 1


def test_a_failure_is_said_once_and_the_watching_goes_on(tmp_path: Path) -> None:
    said: list[str] = []

    def fail() -> None:
        raise UsageError("nothing usable")

    watch = Watch([tmp_path], fail)
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text("x", encoding="utf-8")
        watch.look(said.append)
        assert watch.look(said.append)
    assert said == ["nothing usable"]


def test_files_that_are_hidden_are_not_watched(tmp_path: Path) -> None:
    watch = Watch([tmp_path], lambda: None)
    (tmp_path / ".pilcrow").mkdir()
    (tmp_path / ".pilcrow" / "x.txt").write_text("x", encoding="utf-8")
    watch.look(print)
    assert not watch.look(print)


@pytest.mark.skipif(sys.platform != "linux", reason="one thread alone gives way there")
def test_who_brings_an_index_up_to_date_gives_way_to_its_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Some words.\n", encoding="utf-8")
    found: list[int] = []

    def build(*paths: Any, **options: Any) -> IndexReport:
        found.append(os.getpriority(os.PRIO_PROCESS, 0))
        return build_index(*paths, **options)

    def index() -> None:
        usual.append(os.getpriority(os.PRIO_PROCESS, 0))
        for _ in range(2):
            pilcrow("index", tmp_path / "a.txt", "--index", tmp_path / "index")

    usual: list[int] = []
    monkeypatch.setattr(sys.modules["indexer.cli.index"], "build_index", build)
    thread = Thread(target=index)  # since what was given up may not be had again
    thread.start()
    thread.join()
    assert found == [usual[0], max(usual[0], NICENESS)]  # nobody reads what is not there yet
