"""Store, ledger, arrays and digests of files belong to one commit: parts of others are never
believed, and a ledger that does not fit is followed, not dropped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.store.reader import Store
from indexer.store.storage import FORMAT, Manifest, seal, unseal
from tests.helpers.command_line import failure, pilcrow

WORDS = ("first", "second", "third", "fourth")


def made(folder: Path, name: str, words: tuple[str, ...] = WORDS[:1], of: str = "pain") -> Path:
    """An index of one article whose second paragraph went through these states."""
    corpus, index = folder / f"{name}-corpus", folder / name
    corpus.mkdir()
    for word in words:
        told = f"The {word} doctor said that {of} goes away when one has rested for long enough."
        (corpus / "a.md").write_text(f"# Title\n\nOn {of} and {name} only.\n\n{told}\n")
        build_index([corpus], index)
        shutil.copytree(index, folder / f"{name}-{word}")
    return index


def put(source: Path, target: Path) -> None:
    """A file or folder in place of another."""
    if target.is_dir():
        shutil.rmtree(target)
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def total(index: Path, query: str) -> int:
    with open_index(index) as opened:
        return opened.search(query, match="word").total


def links(index: Path) -> dict[str, str]:
    with open_index(index) as opened:
        return {link.id: link.status for link in opened.links()}


# --- arrays --------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["arrays", "store"])
def test_arrays_of_another_store_do_not_answer_for_it(tmp_path: Path, part: str) -> None:
    one, two = made(tmp_path, "one", of="alpha"), made(tmp_path, "two", of="beta")
    put(two / part, one / part)
    if part == "store":
        put(two / "copies", one / "copies")
    mine, others = ("alpha", "beta") if part == "arrays" else ("beta", "alpha")
    assert (total(one, mine), total(one, others)) == (2, 0)
    assert total(two, "beta") == 2


def test_a_store_restored_has_arrays_of_its_own(tmp_path: Path) -> None:
    index = made(tmp_path, "one", WORDS[:2])
    for name in ("store", "copies"):
        put(tmp_path / "one-first" / name, index / name)
    assert (total(index, "first"), total(index, "second")) == (1, 0)
    assert [path.name for path in (index / "arrays").glob("snapshot-*")] == ["snapshot-1"]


@pytest.mark.parametrize("options", [(), ("--rebuild",)])
def test_a_valid_segment_in_place_of_another_is_noticed(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    index = made(tmp_path, "one", WORDS[:2])
    (older,) = (tmp_path / "one-first" / "arrays").glob("*.seg")
    (own,) = (index / "arrays").glob("*.seg")
    put(older, own)
    pilcrow("index", tmp_path / "one-corpus", "--index", index, *options)
    assert (total(index, "first"), total(index, "second")) == (0, 1)
    pilcrow("verify", "--index", index)


# --- store ---------------------------------------------------------------------------------------


def test_a_column_of_another_commit_is_refused_and_its_ids_are_kept(tmp_path: Path) -> None:
    index = made(tmp_path, "one", WORDS[:3])
    before = links(index)
    (older,) = (tmp_path / "one-second" / "store").glob("*.entry.col")
    (own,) = (index / "store").glob("*.entry.col")
    put(older, own)
    assert "damaged" in failure("links", "--index", index)
    pilcrow("index", tmp_path / "one-corpus", "--index", index, "--rebuild", code=1)
    assert links(index) == before
    pilcrow("verify", "--index", index)


@pytest.mark.parametrize("kept", ["store", "copies"])
def test_the_table_of_contents_is_there_twice(tmp_path: Path, kept: str) -> None:
    index = made(tmp_path, "one", WORDS[:2])
    for name in {"store", "copies"} - {kept}:
        for path in (index / name).glob("*.toc"):
            path.unlink()
    assert (total(index, "first"), total(index, "second")) == (0, 1)
    pilcrow("index", tmp_path / "one-corpus", "--index", index, "--rebuild")
    assert list((index / "store").glob("*.toc"))


def test_an_index_without_a_table_of_contents_is_not_called_none(tmp_path: Path) -> None:
    index = made(tmp_path, "one", WORDS)
    before = links(index)
    for path in index.glob("*/*.toc"):
        path.unlink()
    assert "its table of contents is missing" in failure("search", "x", "--index", index)
    done = pilcrow("index", tmp_path / "one-corpus", "--index", index, code=1)
    assert b"are followed" in done.stderr
    assert links(index).keys() == before.keys()
    pilcrow("verify", "--index", index)


def test_a_store_keeps_its_name_and_each_commit_has_its_own(tmp_path: Path) -> None:
    made(tmp_path, "one", WORDS[:2])
    with Store.open(tmp_path / "one-first") as first, Store.open(tmp_path / "one") as second:
        assert first.contents.manifest
        assert second.contents.manifest
        assert first.contents.manifest.store == second.contents.manifest.store
        assert first.identity != second.identity
    assert unseal(seal(b"toc", Manifest("a", "b", {"c": (1, "d")}))).toc == b"toc"


@pytest.mark.parametrize("name", ["*.trm", "*.pst", "ledger.copy"])
def test_damage_that_answers_do_not_show_is_found_by_verify(tmp_path: Path, name: str) -> None:
    index = made(tmp_path, "one", WORDS[:2])
    for path in [*(index / "store").glob(name), *index.glob(name + "*")]:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert total(index, "second") == 1
    said = pilcrow("verify", "--index", index, code=1).stdout.decode()
    assert "is not what was written" in said or "does not fit" in said
    pilcrow("index", tmp_path / "one-corpus", "--index", index, "--rebuild")
    pilcrow("verify", "--index", index)


# --- ledger --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ledger.copy", "store"])
def test_a_newer_ledger_is_followed_in_an_older_store(tmp_path: Path, name: str) -> None:
    """Of four states the store has the second; ids of the third are in the ledger alone."""
    index = made(tmp_path, "one", WORDS)
    before = links(index)
    for part in ("store", "copies"):
        put(tmp_path / "one-second" / part, index / part)
    if name == "ledger.copy":  # nor is there a copy that fits
        (index / "ledger.copy.previous").unlink()
    assert set(links(index)) < set(before)
    done = pilcrow("index", tmp_path / "one-corpus", "--index", index, code=1)
    assert b"alone knew of ids: 1; they are followed" in done.stderr
    assert links(index) == before
    assert (index / "ledger.aside-1").exists()
    pilcrow("verify", "--index", index)
    assert pilcrow("index", tmp_path / "one-corpus", "--index", index).stderr == b""


def test_a_ledger_of_another_index_is_kept_and_its_ids_are_known(tmp_path: Path) -> None:
    one = made(tmp_path, "one", WORDS[:2])
    two = made(tmp_path, "two", WORDS[:3], of="sleep")
    own, others = links(one), links(two)
    put(two / "ledger.copy", one / "ledger.copy")
    pilcrow("index", tmp_path / "one-corpus", "--index", one, code=1)
    after = links(one)
    assert own.items() <= after.items()
    edited = {name for name, status in others.items() if status == "edited"}
    assert edited
    assert edited <= after.keys()
    pilcrow("verify", "--index", one)


def test_an_older_ledger_beside_a_store_costs_nothing(tmp_path: Path) -> None:
    index = made(tmp_path, "one", WORDS)
    before = links(index)
    put(tmp_path / "one-second" / "ledger.copy", index / "ledger.copy")
    assert pilcrow("index", tmp_path / "one-corpus", "--index", index).stderr == b""
    for path in (index / "store").glob("*.col"):
        path.write_bytes(b"")
    pilcrow("index", tmp_path / "one-corpus", "--index", index, "--rebuild")
    assert links(index) == before


# --- digests and roots ---------------------------------------------------------------------------


def test_digests_of_another_commit_hide_no_change(tmp_path: Path) -> None:
    index = made(tmp_path, "one", WORDS[:2])
    for part in ("store", "copies"):
        put(tmp_path / "one-first" / part, index / part)
    told = json.loads((index / "digests.json").read_text())
    (index / "digests.json").write_text(json.dumps({**told, "generation": 1}))
    pilcrow("index", tmp_path / "one-corpus", "--index", index)
    assert (total(index, "first"), total(index, "second")) == (0, 1)


def test_roots_of_another_index_are_not_indexed(tmp_path: Path) -> None:
    one, two = made(tmp_path, "one"), made(tmp_path, "two")
    put(two / "roots.json", one / "roots.json")
    done = pilcrow("index", "--index", one, "--json")
    assert "two" not in json.loads(done.stdout).get("emptied", {})
    assert total(one, "two") == 0


# --- versions ------------------------------------------------------------------------------------


def test_the_format_is_in_each_table_of_contents(tmp_path: Path) -> None:
    index = made(tmp_path, "one")
    (toc,) = (index / "store").glob("*.toc")
    assert toc.read_bytes()[-17] == FORMAT
