"""What is indexed again, what is kept and what goes: paths, roots, links, `pilcrow remove`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from indexer import UsageError, build_index, open_index
from indexer.errors import IndexMissing
from indexer.ingest.build import remove
from tests.helpers.command_line import failure, pilcrow


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\nPain of {name}.\n")
    return folder


def names(index: Path) -> list[str]:
    with open_index(index) as opened:
        return [ref.id for ref in opened.articles()]


def reported(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(pilcrow(*arguments, code=code).stdout)
    return answer


def test_without_a_path_what_was_indexed_is_brought_up_to_date(
    tmp_path: Path, corpus: Path
) -> None:
    index, other = tmp_path / "index", tmp_path / "other.md"
    other.write_text("# Other\n\nPain elsewhere.\n")
    build_index([corpus], index)
    build_index([other], index)
    (corpus / "three.md").write_text("# Three\n\nPain of three.\n")
    (tmp_path / "beside.md").write_text("# Beside\n\nNever named.\n")
    report = reported("index", "--index", index, "--format", "json")
    assert (report["added"], report["unchanged"]) == (1, 3)
    assert names(index) == ["one", "other", "three", "two"]


@pytest.mark.parametrize("emptied", [False, True])
def test_a_path_that_is_gone_is_emptied_when_it_is_named(
    tmp_path: Path, corpus: Path, emptied: bool
) -> None:
    index, other = tmp_path / "index", tmp_path / "other.md"
    other.write_text("# Other\n\nPain elsewhere.\n")
    build_index([corpus, other], index)
    shutil.rmtree(corpus)
    if emptied:
        corpus.mkdir()
    done = pilcrow("index", "--index", index, code=1)
    assert f"{corpus} is gone or empty; 2 articles kept" in done.stderr.decode()
    assert names(index) == ["one", "other", "two"]
    report = reported("index", "--index", index, "--json", code=1)
    assert report["kept"] == {str(corpus): 2}
    said = pilcrow("index", corpus, "--index", index).stdout.decode()
    assert f"{corpus} is gone or empty: 2 articles removed" in said
    assert names(index) == ["other"]
    assert reported("index", "--index", index, "--json")["kept"] == {}  # it is forgotten


def test_all_that_an_index_holds_may_go(tmp_path: Path, corpus: Path) -> None:
    index = tmp_path / "index"
    build_index([corpus], index)
    shutil.rmtree(corpus)
    assert build_index([corpus], index).emptied == {str(corpus): 2}
    assert names(index) == []
    assert (
        json.loads(pilcrow("search", "pain", "--index", index, "--format", "json").stdout)["total"]
        == 0
    )
    pilcrow("verify", "--index", index)


def test_a_path_that_never_was_is_an_error(tmp_path: Path, corpus: Path) -> None:
    build_index([corpus], tmp_path / "index")
    with pytest.raises(UsageError, match="no such file or folder"):
        build_index([tmp_path / "nowhere"], tmp_path / "index")


def test_files_of_other_kinds_are_counted(tmp_path: Path, corpus: Path) -> None:
    for name in ("a.pdf", "b.PDF", "c.eml", "README", "f.png", "g.css", "h.json", ".hidden"):
        (corpus / name).write_bytes(b"x")
    with ZipFile(corpus / "more.zip", "w") as archive:
        archive.writestr("inside.md", "# Inside\n\nPain inside.\n")
        archive.writestr("d.pdf", b"x")
        archive.writestr("__MACOSX/e.pdf", b"x")
    index = tmp_path / "index"
    said = pilcrow("index", corpus, "--index", index).stdout.decode()
    assert "ignored 5 files of other formats (3 .pdf, 1 without suffix, 1 .eml): save as" in said
    assert "ignored 3 files of data, code or media (1 .css, 1 .json, 1 .png)" in said
    again = reported("index", corpus, "--index", index, "--json")
    assert again["passed_over"] == {
        "": 1, ".css": 1, ".eml": 1, ".json": 1, ".pdf": 3, ".png": 1,
    }  # fmt: skip
    assert again["skipped"] == []


def test_problems_of_many_files_are_one_line(tmp_path: Path, corpus: Path) -> None:
    for number in range(5):
        (corpus / f"stub{number}.md").write_bytes(b"")
    done = pilcrow("index", corpus, "--index", tmp_path / "index")
    warnings = done.stderr.decode().splitlines()
    assert len(warnings) == 1
    assert "and 4 more: empty" in warnings[0]


def test_links_that_lead_out_are_followed_only_if_asked_for(tmp_path: Path, corpus: Path) -> None:
    outside, index = tmp_path / "outside", tmp_path / "index"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n\nPain outside.\n")
    (corpus / "folder").symlink_to(outside)
    (corpus / "file.md").symlink_to(outside / "secret.md")
    (corpus / "within.md").symlink_to(corpus / "one.md")
    said = pilcrow("index", corpus, "--index", index).stdout.decode()
    assert "ignored 2 links that lead out of the folder" in said
    assert names(index) == ["one", "two", "within"]
    pilcrow("index", corpus, "--index", index, "--follow-links")
    assert names(index) == ["file", "folder/secret", "one", "two", "within"]


def test_articles_are_removed_by_id_or_path_and_their_links_are_lost(
    tmp_path: Path, corpus: Path
) -> None:
    index = tmp_path / "index"
    build_index([corpus], index)
    with open_index(index) as opened:
        (passage,) = opened.passages("one")
    said = pilcrow("remove", "one", "--index", index).stdout.decode()
    assert "removed 1 article" in said
    assert f"{corpus / 'one.md'} is still there" in said
    assert names(index) == ["two"]
    with open_index(index) as opened:
        assert opened.resolve(passage.id).status == "lost"
    done = reported("remove", corpus, "--index", index, "--format", "json")
    assert (done["removed"], done["articles"], done["present"]) == (["two"], 0, [])
    pilcrow("verify", "--index", index)


def test_what_can_not_be_removed_is_an_error_and_nothing_is_done(
    tmp_path: Path, corpus: Path
) -> None:
    index = tmp_path / "index"
    with pytest.raises(IndexMissing):
        remove(["one"], index)
    build_index([corpus], index)
    assert "no article of the index has this id" in failure("remove", "one", "x", "--index", index)
    assert names(index) == ["one", "two"]


def test_equal_ids_of_two_roots_are_told_apart(tmp_path: Path) -> None:
    index = tmp_path / "index"
    for root in ("r1", "r2", "r3"):
        (tmp_path / root).mkdir()
        (tmp_path / root / "index.html").write_text(f"<h1>{root}</h1><p>Pain of {root}.</p>")
    build_index([tmp_path / "r1"], index)
    report = build_index([tmp_path / "r1", tmp_path / "r2"], index)
    assert (report.skipped, names(index)) == ((), ["index", "r2/index"])
    build_index([tmp_path / "r3"], index)
    assert names(index) == ["index", "r2/index", "r3/index"]
    (tmp_path / "r2" / "index.html").write_text("<h1>Two</h1><p>Pain, told anew.</p>")
    report = build_index(None, index)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 2)
    build_index(None, index, rebuild=True)
    assert names(index) == ["index", "r2/index", "r3/index"]
