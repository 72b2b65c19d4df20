"""The ledger of ids outlives damage to the store: its second copy, and that of the TOC."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

import pytest

from indexer import build_index, open_index
from tests.helpers.command_line import failure, pilcrow

PARAGRAPH = "Paragraph {} of number {} says {} and stays long enough to be followed.\n\n"


def write(corpus: Path, word: str) -> None:
    corpus.mkdir(exist_ok=True)
    for number in range(4):
        told = (PARAGRAPH.format(n, number, word if n == 1 else "the same") for n in range(4))
        (corpus / f"a{number}.txt").write_text(f"Title {number}\n\n{''.join(told)}")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of which one id of each article leads to an edited passage."""
    for word in ("one thing", "another matter altogether"):
        write(tmp_path / "corpus", word)
        build_index([tmp_path / "corpus"], tmp_path / "index")
    return tmp_path / "index"


def links(index: Path) -> dict[str, str]:
    with open_index(index) as opened:
        return {link.id: link.status for link in opened.links()}


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def rebuilt(index: Path, code: int = 0) -> str:
    corpus = index.parent / "corpus"
    return pilcrow("index", corpus, "--index", index, "--rebuild", code=code).stderr.decode()


@pytest.mark.parametrize("name", ["*.toc", "*.entry.col", "*.payload.col", "*.trm", "*.pst"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.slow
def test_a_bit_anywhere_in_the_store_loses_no_id(index: Path, name: str, seed: int) -> None:
    before = links(index)
    assert "edited" in before.values()
    random = Random(seed)
    for path in sorted((index / "store").glob(name)):
        if path.stat().st_size:
            flip(path, random.randrange(path.stat().st_size), random.randrange(8))
    report = build_index([index.parent / "corpus"], index, rebuild=True)
    assert links(index) == before
    assert all("is damaged" in loss or "is kept in" in loss for loss in report.losses)
    pilcrow("verify", "--index", index)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(index: Path) -> None:
    before = links(index)
    for path in sorted(p for p in index.rglob("*") if p.is_file()):
        aside = path.rename(index.parent / "aside")
        os.mkfifo(path)
        told = f"({path.name} is neither a file nor a folder)"
        assert told in failure("search", "paragraph", "--index", index)
        path.unlink()
        aside.rename(path)
    for path in [*index.glob("arrays/snapshot-*"), *index.glob("store/*.toc")]:
        path.unlink()
        os.mkfifo(path)
    assert "neither a file" in failure("index", index.parent / "corpus", "--index", index)
    rebuilt(index)
    assert links(index) == before


def test_a_link_to_itself_in_the_place_of_a_file_is_told_and_taken_away(index: Path) -> None:
    before = links(index)
    for path in [*index.glob("store/*.payload.col"), index / "ledger.copy.previous"]:
        path.unlink()
        path.symlink_to(path.name)
    assert "neither a file nor a folder)" in failure("search", "paragraph", "--index", index)
    assert "neither a file" in failure("index", index.parent / "corpus", "--index", index)
    rebuilt(index)
    assert links(index) == before


@pytest.mark.parametrize("name", ["store", "copies"])
def test_a_file_in_the_place_of_a_folder_is_told_and_kept(index: Path, name: str) -> None:
    before = links(index)
    shutil.rmtree(index / name)
    (index / name).write_text("something else")
    for command in (["search", "paragraph"], ["index", index.parent / "corpus"]):
        assert f"({name} is a file and no folder)" in failure(*command, "--index", index)
    rebuilt(index)
    assert links(index) == before
    assert (index / f"misplaced.{name}-1").read_text() == "something else"


@pytest.mark.parametrize("place", ["ledger.copy", "ledger.copy.previous", "store/*.toc",
                                   "store/*.payload.col", "copies/*.toc"])  # fmt: skip
def test_a_folder_in_the_place_of_a_file_is_told_and_kept(index: Path, place: str) -> None:
    before = links(index)
    for path in list(index.glob(place)):
        path.unlink()
        (path / "x").mkdir(parents=True)
    for command in (["search", "paragraph"], ["index", index.parent / "corpus"]):
        assert "is a folder and no file)" in failure(*command, "--index", index)
    rebuilt(index)
    assert links(index) == before


def test_a_damaged_table_of_contents_is_read_from_its_copy(index: Path) -> None:
    (toc,) = (index / "store").glob("*.toc")
    flip(toc, 100)
    with open_index(index) as opened:
        assert opened.search("paragraph").total == 16


def test_a_store_without_its_files_gets_its_ledger_back(index: Path) -> None:
    before = links(index)
    for path in (index / "store").glob("*.col"):
        path.write_bytes(b"")
    rebuilt(index)
    assert links(index) == before


def test_where_both_copies_are_damaged_the_loss_is_told_and_the_store_kept(index: Path) -> None:
    for path in index.glob("ledger.copy*"):
        path.write_bytes(path.read_bytes()[:50])
    for path in (index / "store").glob("*.entry.col"):
        for at in range(0, path.stat().st_size, 7):
            flip(path, at)
    assert "a part of the ledger of ids may be lost" in rebuilt(index, code=1)
    assert list(index.glob("store.damaged-*"))
    assert rebuilt(index) == ""


def test_a_copy_that_is_ahead_of_the_store_does_not_count(index: Path) -> None:
    """As after a crash between the copy and the commit: the copy before it counts."""
    before = links(index)
    shutil.copytree(index / "store", index.parent / "store")
    write(index.parent / "corpus", "a third thing")
    build_index([index.parent / "corpus"], index)
    assert links(index) != before
    shutil.rmtree(index / "store")
    shutil.copytree(index.parent / "store", index / "store")
    write(index.parent / "corpus", "another matter altogether")
    for path in (index / "store").glob("*.col"):
        path.write_bytes(b"")
    assert "changed since may be lost" in rebuilt(index, code=1)  # the arrays are newer
    assert links(index) == before
