"""Backup and restore: an index as one file, and back, with every id."""

from __future__ import annotations

import json
import random
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import build_index, open_index
from indexer.store import ledger_copy
from indexer.store.codec import Entry, PackedLedger, pack_entry, unpack_entry
from indexer.store.reader import Store
from indexer.store.writer import writing
from tests.helpers.command_line import failure, pilcrow
from tests.helpers.effort import tries

WORDS = ("first", "second", "third")


def write(corpus: Path, word: str) -> None:
    corpus.mkdir(exist_ok=True)
    for number in range(3):
        told = f"The {word} doctor of article {number} said that pain goes away with enough rest."
        (corpus / f"a{number}.md").write_text(f"# Title {number}\n\nOn pain.\n\n{told}\n")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of three articles after two states; each has an edited passage."""
    for word in WORDS[:2]:
        write(tmp_path / "corpus", word)
        build_index([tmp_path / "corpus"], tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def file(index: Path) -> Path:
    """A backup of that."""
    path = index.parent / "backup"
    pilcrow("backup", path, "--index", index)
    return path


def links(index: Path) -> list[object]:
    with open_index(index) as opened:
        return list(opened.links())


def found(index: Path, query: str) -> list[str]:
    with open_index(index) as opened:
        return [hit.passage.id for hit in opened.search(query, limit=100).hits]


def told(*arguments: str | Path, code: int = 0) -> dict[str, object]:
    done = pilcrow(*arguments, "--format", "json", code=code)
    content: dict[str, object] = json.loads(done.stdout)
    return content


def test_an_index_comes_back_as_it_was(index: Path, file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "index"
    pilcrow("restore", file, "--index", new)
    assert links(new) == links(index)
    for query in ("pain", "second", "first", "article"):
        assert found(new, query) == found(index, query)
    with Store.open(index) as old, Store.open(new) as restored:
        assert restored.entries() == old.entries()
        assert restored.generation == old.generation
        assert restored.identity != old.identity
    pilcrow("verify", "--index", new)
    done = pilcrow("index", "--index", new, "--json")
    assert json.loads(done.stdout)["unchanged"] == 3  # PATHs and digests came back as well
    assert [path.name for path in new.parent.iterdir()] == ["index"]


def test_what_happens_to_a_restored_index_has_a_history_without_gaps(
    index: Path, file: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    pilcrow("restore", file, "--index", new)
    write(tmp_path / "corpus", WORDS[2])
    for one in (index, new):
        build_index([tmp_path / "corpus"], one)
    with Store.open(index) as old, Store.open(new) as restored:
        for name in old.recorded_articles():
            before, after = old.records(name), restored.records(name)
            assert before.keys() == after.keys()
            for record, other in zip(before.values(), after.values()):
                assert [e.generation for e in record.history] == [
                    e.generation for e in other.history
                ]


def test_a_backup_is_of_one_commit_while_others_follow(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = links(index)
    ledgers = Store.packed_ledgers

    def slow(store: Store) -> Iterator[PackedLedger]:
        write(tmp_path / "corpus", WORDS[2])
        build_index([tmp_path / "corpus"], index)
        return ledgers(store)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "packed_ledgers", slow)
        pilcrow("backup", tmp_path / "backup", "--index", index)
    assert links(index) != before
    pilcrow("restore", tmp_path / "backup", "--index", tmp_path / "new")
    assert links(tmp_path / "new") == before


def test_an_index_that_is_there_is_set_aside_and_both_tell_their_ids(
    index: Path, file: Path, tmp_path: Path
) -> None:
    write(tmp_path / "corpus", WORDS[2])
    build_index([tmp_path / "corpus"], index)
    newer = links(index)
    assert "replace it with --replace" in failure("restore", file, "--index", index)
    assert links(index) == newer
    done = told("restore", file, "--replace", "--index", index, code=1)
    assert len(done["ids_only_there"]) == 3  # type: ignore[arg-type]
    assert done["ids_only_here"] == []
    assert links(tmp_path / "index.replaced-1") == newer
    assert links(index) != newer
    again = told("backup", tmp_path / "later", "--index", tmp_path / "index.replaced-1")
    done = told("restore", tmp_path / "later", "--replace", "--index", index)
    assert len(done["ids_only_here"]) == 3  # type: ignore[arg-type]
    assert again["ids"] == done["ids"]
    assert links(index) == newer


def test_a_backup_does_not_cost_the_ids_of_an_older_one(
    index: Path, file: Path, tmp_path: Path
) -> None:
    afresh = tmp_path / "afresh"
    write(tmp_path / "corpus", WORDS[1])
    build_index([tmp_path / "corpus"], afresh)
    done = pilcrow("backup", file, "--index", afresh, code=1).stdout.decode()
    assert "3 ids only in" in done
    assert f"the older one is kept as {file}.kept-1" in done
    pilcrow("restore", f"{file}.kept-1", "--index", tmp_path / "new")
    assert links(tmp_path / "new") == links(index)
    pilcrow("backup", file, "--index", afresh)


def test_an_index_that_is_damaged_is_set_aside_too(index: Path, file: Path) -> None:
    for path in (index / "store").glob("*.entry.col"):
        path.write_bytes(b"")
    done = pilcrow("restore", file, "--replace", "--index", index, code=1).stdout.decode()
    assert "not all of its ids can be read" in done
    pilcrow("verify", "--index", index)


@pytest.mark.parametrize("seed", range(tries(12, 200)))
def test_a_damaged_backup_is_refused(index: Path, file: Path, seed: int) -> None:
    before = links(index)
    data, chance = bytearray(file.read_bytes()), random.Random(seed)
    if seed % 3:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    else:
        del data[chance.randrange(len(data) - 1) :]
    file.write_bytes(data)
    assert str(file) in failure("restore", file, "--replace", "--index", index)
    assert links(index) == before
    assert {path.name for path in index.parent.iterdir()} == {"backup", "corpus", "index"}


@pytest.mark.parametrize(
    ("row", "changed", "said"),
    [
        (0, b"pilcrow backup 2", "a newer version"),
        (0, b"pilcrow backup x", "a newer version"),
        (1, b"[" * 100_000, "can't be used"),
        (1, b'{"generation": -3, "roots": [], "digests": {}}', "can't be used"),
        (1, b'{"generation": 3000000000, "roots": [], "digests": {}}', "can't be used"),
        (3, None, "can't be used"),  # the article before it again
        (-1, b"end 0", "can't be used"),
    ],
)
def test_a_backup_that_was_meddled_with_and_sealed_is_refused(
    index: Path, file: Path, row: int, changed: bytes | None, said: str
) -> None:
    rows = [line.split(b" ", 1)[1] for line in file.read_bytes().splitlines()]
    given = rows[row - 1] if changed is None else changed
    rows[row] = given
    file.write_bytes(b"".join(map(ledger_copy._sealed, rows)))
    told = failure("restore", file, "--replace", "--index", index)
    assert str(file) in told
    assert said in told
    assert {path.name for path in index.parent.iterdir()} == {"backup", "corpus", "index"}


def test_what_follows_the_end_of_a_backup_is_told(index: Path, file: Path) -> None:
    data = file.read_bytes()
    for more in (b"more\n", data, data[-40:]):
        file.write_bytes(data + more)
        assert str(file) in failure("restore", file, "--replace", "--index", index)


def test_an_article_under_the_name_of_another_is_refused(index: Path, file: Path) -> None:
    rows = [line.split(b" ", 1)[1] for line in file.read_bytes().splitlines()]
    entry, _, payload = rows[2].partition(b" ")
    found = unpack_entry(b64decode(entry))
    assert isinstance(found, Entry)
    renamed = pack_entry(replace(found, article_id="nobody"))
    rows[2] = b64encode(renamed) + b" " + payload
    file.write_bytes(b"".join(map(ledger_copy._sealed, rows)))
    assert "can't be used: article 'nobody'" in failure(
        "restore", file, "--replace", "--index", index
    )


def test_a_backup_for_which_there_is_no_room_is_named(index: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
    try:
        told = failure("backup", tmp_path / "new", "--index", index)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"{tmp_path / 'new'}: file too large" in told
    assert not list(tmp_path.glob("new*"))
    assert "/nowhere/new: no such file" in failure("backup", "/nowhere/new", "--index", index)


def test_what_is_no_backup_is_not_overwritten(index: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all,\n")
    assert "not a backup" in failure("backup", tmp_path / "letter.txt", "--index", index)
    assert (tmp_path / "letter.txt").read_text() == "Dear all,\n"
    (tmp_path / "empty").touch()
    for name in (tmp_path / "empty", "/dev/full"):  # the latter reads as zeros without end
        assert "not a backup" in failure("backup", name, "--index", index)
        assert "not a backup" in failure("restore", name, "--index", tmp_path / "new")
    assert "no such file" in failure("restore", tmp_path / "nowhere", "--index", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_set_aside_while_another_writes(index: Path, file: Path) -> None:
    with writing(index):
        assert "another process is writing" in failure(
            "restore", file, "--replace", "--index", index
        )
    assert {path.name for path in index.parent.iterdir()} == {"backup", "corpus", "index"}


def test_a_damaged_index_makes_no_backup(index: Path, tmp_path: Path) -> None:
    for path in (index / "store").glob("*.payload.col"):
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        path.write_bytes(data)
    assert "damaged" in failure("backup", tmp_path / "backup", "--index", index)
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "index"}


def test_a_restoration_that_was_killed_leaves_nothing_for_the_next(
    index: Path, file: Path, tmp_path: Path
) -> None:
    shutil.copytree(index, tmp_path / "index.restoring-4711")
    pilcrow("restore", file, "--replace", "--index", index)
    assert not (tmp_path / "index.restoring-4711").exists()
