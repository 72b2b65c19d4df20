"""`serve --watch`: a saved article is searchable within seconds."""

from __future__ import annotations

from pathlib import Path

from indexer import build_index, open_index
from indexer.cli.serve import Watch
from indexer.errors import UsageError


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
