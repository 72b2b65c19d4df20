"""The store: what was put comes back, in transactions that survive whatever stops them."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
import whoosh.index
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import IndexBusy, IndexDamaged, IndexMissing, NotFound, PilcrowError
from indexer.model import Article, Block, Kind, Span
from indexer.passages import split
from indexer.store.codec import Stored, pack, unpack
from indexer.store.reader import Store
from indexer.store.storage import DurableStorage
from indexer.store.writer import Writer, writing
from tests import ROOT
from tests.helpers.effort import tries


def article(name: str, text: str = "Some words.") -> Article:
    """An article of one paragraph."""
    return Article(
        name, name.title(), "", "en", text, (Block("paragraph", 0, Span(0, len(text)), ()),)
    )


def put(writer: Writer, one: Article) -> None:
    writer.add(pack(one, split(one), source=f"/corpus/{one.id}.txt", root="/corpus"))


def fill(folder: Path, *articles: Article) -> None:
    """One commit of `articles`."""
    with writing(folder) as writer:
        for one in articles:
            put(writer, one)


def stored_in(store: Store) -> list[Stored]:
    """All articles in order of their ids."""
    return [store.load(entry.article_id) for entry in store.entries()]


def contents(folder: Path) -> dict[str, str]:
    """Text by article id, of the newest generation, read in full."""
    with Store.open(folder) as store:
        return {stored.article.id: stored.article.text for stored in stored_in(store)}


# --- what comes back ---------------------------------------------------------------------------

RICH = Article(
    "guides/élavil\ud800",
    "A “title”",
    "https://example.org/?a=1&b=2",
    "en",
    "Head\tDose\nmg\t25\nLead-in:\none\ntwo\nDrug\u2028 \ud800 \0 𝛼",
    (
        Block("table_row", 0, Span(0, 9), ("A", "B"), "t", 1, True, (Span(0, 4), Span(5, 9))),
        Block("table_row", 0, Span(10, 15), ("A", "B"), "t", 1, False, (Span(10, 12),), ("Head",)),
        Block("paragraph", 0, Span(16, 24), ("A",)),
        Block("list_item", 2, Span(25, 28), ("A",), "", 2),
        Block("list_item", 2, Span(29, 32), ("A",), "", 2, number=0),
        Block("boilerplate", 0, Span(33, 43), ()),
    ),
    {"date": "2024-01-01", "author": "Ü"},
    "digest",
)


def test_an_article_comes_back_as_it_was(tmp_path: Path) -> None:
    passages = split(RICH)
    assert any(p.context for p in passages)
    assert any(p.breaks for p in passages)
    with writing(tmp_path) as writer:
        writer.add(pack(RICH, passages, source="/c/\udcff.md", root="/c"))
    with Store.open(tmp_path) as store:
        assert store.load(RICH.id) == Stored(RICH, passages)
        assert list(stored_in(store)) == [Stored(RICH, passages)]
        (entry,) = store.entries()
    assert (entry.article_id, entry.source, entry.root) == (RICH.id, "/c/\udcff.md", "/c")
    assert (entry.digest, entry.passages) == ("digest", len(passages))


def test_an_article_stored_before_lists_had_numbers_comes_back() -> None:
    packed = pack(RICH, (), source="", root="")
    line, _, text = zlib.decompress(packed.payload).partition(b"\n")
    head = json.loads(line)
    (numbered,) = (row for row in head["blocks"] if len(row) > 10)
    numbered.pop()
    raw = json.dumps(head).encode("utf-8", "surrogatepass") + b"\n" + text
    entry = replace(packed.entry, version=blake2b(raw, digest_size=8).hexdigest())
    blocks = unpack(entry, zlib.compress(raw)).article.blocks
    assert blocks == tuple(replace(block, number=None) for block in RICH.blocks)


KINDS: list[Kind] = ["paragraph", "heading", "quote", "code"]


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """An article of any characters at all, in blocks that tile its text."""
    texts = draw(st.lists(st.text(min_size=1), min_size=1, max_size=4))
    blocks, at = [], 0
    for text in texts:
        kind = draw(st.sampled_from(KINDS))
        section = tuple(draw(st.lists(st.text(), max_size=2)))
        blocks.append(Block(kind, draw(st.integers(0, 6)), Span(at, at + len(text)), section))
        at += len(text)
    name, title = draw(st.text(min_size=1)), draw(st.text())
    return Article(name, title, draw(st.text()), "en", "".join(texts), tuple(blocks))


@given(articles())
@settings(max_examples=tries(15, 200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_article_comes_back(tmp_path: Path, one: Article) -> None:
    with writing(tmp_path) as writer:
        if one.id in writer.entries:
            writer.delete(one.id)
    fill(tmp_path, one)
    with Store.open(tmp_path) as store:
        assert store.load(one.id) == Stored(one, split(one))


def test_a_passage_that_is_no_slice_of_its_article_is_refused() -> None:
    one = article("a")
    (passage,) = split(one)
    with pytest.raises(ValueError, match="no slice"):
        pack(one, [replace(passage, text="Other words.")], source="", root="")


def test_entries_and_versions_are_sorted_by_id(tmp_path: Path) -> None:
    fill(tmp_path, article("b"), article("c"), article("a"))
    with Store.open(tmp_path) as store:
        assert [entry.article_id for entry in store.entries()] == ["a", "b", "c"]
        assert list(store.versions()) == ["a", "b", "c"]


def test_a_version_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    one, changed = article("a"), replace(article("a"), title="Other")
    first = pack(one, split(one), source="/x", root="/").entry.version
    assert pack(replace(one, digest="z"), split(one), source="/y", root="/").entry.version == first
    assert pack(changed, split(changed), source="/x", root="/").entry.version != first
    cut_otherwise = [replace(p, anchor="other") for p in split(one)]
    assert pack(one, cut_otherwise, source="/x", root="/").entry.version != first


# --- transactions ------------------------------------------------------------------------------


def test_put_replaces_and_delete_removes_in_one_generation(tmp_path: Path) -> None:
    fill(tmp_path, article("a"), article("b"), article("c"))
    with Store.open(tmp_path) as store:
        generation = store.generation
    with writing(tmp_path) as writer:
        put(writer, article("a", "New words."))
        writer.delete("b")
    assert contents(tmp_path) == {"a": "New words.", "c": "Some words."}
    with Store.open(tmp_path) as store:
        assert store.generation == generation + 1
        with pytest.raises(NotFound):
            store.load("b")


def test_a_transaction_without_changes_makes_no_generation(tmp_path: Path) -> None:
    fill(tmp_path, article("a"))
    before = sorted(os.listdir(tmp_path / "store"))
    with writing(tmp_path):
        pass
    assert sorted(os.listdir(tmp_path / "store")) == before


def test_an_error_inside_undoes_everything_and_frees_the_lock(tmp_path: Path) -> None:
    fill(tmp_path, article("a"))
    before = sorted(os.listdir(tmp_path / "store"))
    with pytest.raises(RuntimeError), writing(tmp_path) as writer:
        put(writer, article("a", "New words."))
        raise RuntimeError
    assert contents(tmp_path) == {"a": "Some words."}
    assert sorted(os.listdir(tmp_path / "store")) == before
    fill(tmp_path, article("b"))
    assert set(contents(tmp_path)) == {"a", "b"}


def test_an_index_that_was_begun_in_vain_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path / "index"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(IndexBusy), writing(tmp_path):
        pass


def test_writing_twice_to_one_article_is_a_mistake(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        put(writer, article("a"))
        with pytest.raises(ValueError, match="twice"):
            put(writer, article("a"))
        with pytest.raises(NotFound):
            writer.delete("b")


def test_create_false_makes_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing), writing(tmp_path / "x", create=False):
        pass
    assert not (tmp_path / "x").exists()


def test_an_open_store_keeps_its_generation(tmp_path: Path) -> None:
    fill(tmp_path, *(article(f"a{n}", f"First {n}.") for n in range(30)))
    with Store.open(tmp_path) as store:
        for number in range(30):  # enough to merge and remove the files that are being read
            fill(tmp_path, article(f"a{number}", "Second."))
        assert {s.article.text for s in stored_in(store)} == {f"First {n}." for n in range(30)}
        assert store.load("a7").article.text == "First 7."
    assert set(contents(tmp_path).values()) == {"Second."}


def test_replacing_one_article_again_and_again_keeps_the_files_few(tmp_path: Path) -> None:
    fill(tmp_path, *(article(f"a{n}") for n in range(100)))
    for number in range(30):
        fill(tmp_path, article(f"a{number}", f"Edit {number}."))
    assert len(os.listdir(tmp_path / "store")) < 30
    assert len(contents(tmp_path)) == 100


def test_a_seeded_generator_of_random_numbers_does_no_harm(tmp_path: Path) -> None:
    """Whoosh names segments by `random`, so that a second commit would overwrite the first."""
    state = random.getstate()
    for name in "abc":
        random.seed(0)
        fill(tmp_path, article(name))
    random.setstate(state)
    assert set(contents(tmp_path)) == {"a", "b", "c"}


def test_anew_keeps_only_what_is_put_again(tmp_path: Path) -> None:
    fill(tmp_path, article("a"), article("b"), article("c"))
    with writing(tmp_path, anew=True) as writer:
        put(writer, article("a"))
        writer.add(writer.packed("b"))
    assert contents(tmp_path) == {"a": "Some words.", "b": "Some words."}


def test_plain_whoosh_can_read_the_index(tmp_path: Path) -> None:
    fill(tmp_path, article("a"), article("b"))
    index = whoosh.index.open_dir(str(tmp_path / "store"))
    assert index.doc_count() == 2


@pytest.mark.parametrize("made", [False, True])
def test_no_index_is_an_error_that_says_how_to_make_one(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "index"
    if made:
        folder.mkdir()
    with pytest.raises(IndexMissing, match="pilcrow index"):
        Store.open(folder)


# --- what may stop a commit --------------------------------------------------------------------


class FullDisk:
    """Lets `os.fsync` and the making of files succeed so many times, and then no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
        self.left = steps
        for owner, name in ((os, "fsync"), (DurableStorage, "create_file"), (os, "replace")):
            monkeypatch.setattr(owner, name, self.guard(getattr(owner, name)))

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return function(*arguments, **options)

        return guarded


@pytest.mark.parametrize("steps", range(14))
def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path, steps: int) -> None:
    fill(tmp_path, article("a"), article("b"))
    before = sorted(os.listdir(tmp_path / "store"))
    with pytest.MonkeyPatch.context() as patch:
        disk = FullDisk(patch, steps)
        try:
            fill(tmp_path, article("a", "New words."))
            said = ""
        except PilcrowError as error:
            said = str(error)
    assert not said or disk.left < 0
    if said:
        assert "no space left" in said
        assert "\n" not in said
    if said and contents(tmp_path)["a"] == "Some words.":
        assert sorted(os.listdir(tmp_path / "store")) == before
    else:  # it failed after the moment of commitment, or not at all
        assert contents(tmp_path) == {"a": "New words.", "b": "Some words."}
    fill(tmp_path, article("c"))  # the lock is free
    assert set(contents(tmp_path)) == {"a", "b", "c"}


def test_everything_is_on_the_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoosh itself syncs nothing."""
    synced: list[str] = []
    fsync, rename = os.fsync, os.replace

    def note_sync(descriptor: int) -> None:
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def note_rename(old: str, new: str) -> None:
        names = os.listdir(tmp_path / "store")
        is_commit = str(new).endswith(".toc")
        needed = {n for n in names if is_commit and n.startswith("MAIN_") and "." in n}
        written = {os.path.basename(old)} - {"ledger.copy"}  # which was synced by its own commit
        assert {*needed, *written} <= set(synced)
        if is_commit:
            synced.clear()
        rename(old, new)

    if not os.path.exists("/proc/self/fd"):
        pytest.skip("needs /proc to name a descriptor")
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_rename)
    fill(tmp_path, article("a"))
    assert synced == ["store"]  # the folder, after the last renaming


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.store.test_store import article, fill
def dying(function):
    def step(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return step
os.fsync, os.replace, os.remove = dying(os.fsync), dying(os.replace), dying(os.remove)
for folder in map(Path, sys.argv[1:]):
    left = int(folder.name)
    if not os.fork():
        fill(folder, article("a", "New words."))
    assert os.WTERMSIG(os.wait()[1]) == signal.SIGKILL
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_writer_leaves_the_old_index_or_the_new(tmp_path: Path) -> None:
    """Each is killed after the number of steps that its folder is named by."""
    folders = [tmp_path / str(steps) for steps in (0, 3, 5, 6, 7, 8, 10)]
    for folder in folders:
        fill(folder, article("a"), article("b"))
    subprocess.run([sys.executable, "-c", KILLED, *folders], cwd=ROOT, check=True)
    for folder in folders:
        assert contents(folder)["a"] in ("Some words.", "New words."), folder
        fill(folder, article("c"))
        assert set(contents(folder)) == {"a", "b", "c"}, folder
        leftover = [n for n in os.listdir(folder / "store") if ".toc." in n or n.endswith(".tmp")]
        assert leftover == [], folder


# --- damage ------------------------------------------------------------------------------------


def same_or_refused(folder: Path, expected: dict[str, str]) -> bool:
    """Whether the index is refused; if not, each way of reading must give what was written."""
    said = ""
    try:
        with Store.open(folder) as store:
            assert set(store.versions()) == set(expected)
            for name, text in expected.items():
                assert store.load(name).article.text == text
            assert {s.article.id: s.article.text for s in stored_in(store)} == expected
    except IndexDamaged as error:
        said = str(error)
    assert not said or "--rebuild" in said
    assert "\n" not in said
    return bool(said)


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """An index in two segments, one of them with a deletion."""
    folder = tmp_path / "index"
    fill(folder, *(article(f"a{n}", f"Text number {n}.") for n in range(9)))
    fill(folder, article("a3", "Edited."))
    assert len(list((folder / "store").glob("*.trm"))) == 2
    return folder, contents(folder)


def test_no_flipped_byte_gives_wrong_text(small: tuple[Path, dict[str, str]]) -> None:
    """Whoosh noticed 7 of 30 damaged segments."""
    folder, expected = small
    refused = 0
    for path in sorted((folder / "store").iterdir()):
        data = path.read_bytes()
        step = max(1, len(data) // 25)
        for at in range(0, len(data), step):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
            refused += same_or_refused(folder, expected)
        path.write_bytes(data)
    assert refused > 50
    assert not same_or_refused(folder, expected)


def test_no_cut_off_or_missing_file_gives_wrong_text(small: tuple[Path, dict[str, str]]) -> None:
    folder, expected = small
    for path in sorted((folder / "store").iterdir()):
        data = path.read_bytes()
        if not data or "_stored" in path.name:
            continue
        path.write_bytes(data[: len(data) // 2])
        refused = same_or_refused(folder, expected)
        assert refused or path.suffix in (".pst", ".trm", ".toc")
        path.unlink()
        if not path.name.endswith(".toc"):
            assert same_or_refused(folder, expected)
        path.write_bytes(data)


def test_a_damaged_index_can_be_written_anew_with_what_is_left(
    small: tuple[Path, dict[str, str]],
) -> None:
    folder, _ = small
    (toc,) = (folder / "store").glob("*.toc")
    generation = int(toc.stem.split("_")[-1])
    whole = toc.read_bytes()
    for place in (toc, folder / "copies" / toc.name):
        place.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(IndexDamaged), writing(folder):
        pass
    with writing(folder, anew=True) as writer:
        assert writer.entries == {}
        put(writer, article("a", "Anew."))
    assert contents(folder) == {"a": "Anew."}
    with Store.open(folder) as store:
        assert store.generation > generation  # what was derived from the damaged one is stale


def test_writing_anew_in_vain_leaves_even_a_damaged_index(
    small: tuple[Path, dict[str, str]],
) -> None:
    folder, expected = small
    (toc,) = (folder / "store").glob("*.toc")
    whole = toc.read_bytes()
    for place in (toc, folder / "copies" / toc.name):
        place.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(RuntimeError), writing(folder, anew=True) as writer:
        put(writer, article("a", "Anew."))
        raise RuntimeError
    toc.write_bytes(whole)
    assert contents(folder) == expected


# --- threads -----------------------------------------------------------------------------------


def test_threads_share_a_store(tmp_path: Path) -> None:
    """Whoosh's readers share one place in a file; without a lock they read each other's bytes."""
    expected = {f"a{n}": f"Text number {n}. " * (n + 1) for n in range(60)}
    fill(tmp_path, *(article(name, text.strip()) for name, text in expected.items()))
    wrong: list[object] = []

    def work(store: Store) -> None:
        try:
            for name, text in expected.items():
                if store.load(name).article.text != text.strip():
                    wrong.append(name)
            if len(list(stored_in(store))) != len(expected):
                wrong.append("all")
        except Exception as error:
            wrong.append(error)

    with Store.open(tmp_path) as store:
        threads = [threading.Thread(target=work, args=(store,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.slow
def test_opening_while_another_writes_never_fails(tmp_path: Path) -> None:
    fill(tmp_path, article("a", "0"))
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                contents(tmp_path)
            except Exception as error:
                wrong.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(40):
        fill(tmp_path, article("a", f"Number {number}"))
    stop.set()
    reader.join()
    assert wrong == []


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    fill(tmp_path, article("a"))
    store = Store.open(tmp_path)
    store.close()
    store.close()
