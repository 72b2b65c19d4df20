"""An index that others use too: one that is being made, is written to, or may only be read."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer import UsageError, build_index, open_index
from indexer.segments import refresh
from indexer.store import codec, storage
from indexer.store.lock import WriteLock
from indexer.store.writer import writing
from tests import ROOT
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow
from tests.helpers.sites import serving

READING = [
    ("search", "pain"),
    ("concordance", "pain"),
    ("audit", "pain"),
    ("collocates", "pain"),
    ("clusters",),
    ("keywords",),
    ("words",),
    ("duplicates",),
    ("readability",),
    ("links",),
    ("cite", "0123456789abcdef"),
    ("verify",),
    ("remove", "a"),
]
PATHS = ("/", "/?q=pain", "/articles", "/audit", "/links", "/api/v1/search?q=pain", "/api/v1/words")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three articles."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(3):
        text = f"# Title {number}\n\nPain and rest, number {number}.\n\nAnd sleep.\n"
        (folder / f"a{number}.md").write_text(text)
    return folder


@contextmanager
def being_made(index: Path) -> Iterator[None]:
    """While a process makes its first commit."""
    with writing(index) as writer:
        (index / "store" / "MAIN_0123.trm").write_bytes(b"begun")
        yield
        assert not writer.entries


# --- a first index -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", READING)
def test_an_index_that_is_being_made_is_told_as_one(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    index = tmp_path / "index"
    with being_made(index):
        said = failure(*command, "--index", index)
    assert f"no index yet, it is being made (pid {os.getpid()}, since 20" in said


@pytest.mark.parametrize("command", READING)
def test_a_first_index_that_was_interrupted_is_no_index_yet(
    tmp_path: Path, corpus: Path, command: tuple[str, ...]
) -> None:
    index = tmp_path / "index"
    (index / "store").mkdir(parents=True)
    # version 0.1 began with an empty table of contents
    for name in ("MAIN_0123.trm", "MAIN_WRITELOCK", "_MAIN_1.toc.1700000000.5", "_MAIN_0.toc"):
        (index / "store" / name).write_bytes(b"begun")
    said = failure(*command, "--index", index)
    assert "no index yet, making it was interrupted; run it again: pilcrow index" in said
    pilcrow("index", corpus, "--index", index)
    assert not (index / "store" / "MAIN_0123.trm").exists()
    pilcrow("verify", "--index", index)


@pytest.mark.parametrize("path", PATHS)
def test_a_site_answers_503_until_there_is_an_index(
    tmp_path: Path, corpus: Path, path: str
) -> None:
    index = tmp_path / "index"
    with serving(index) as client:
        with being_made(index):
            answer = client.get(path)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "being made" in answer.text
        build_index([corpus], index)
        assert client.get(path).status_code == 200


# --- one that writes -----------------------------------------------------------------------------


def test_who_writes_is_named(tmp_path: Path, corpus: Path) -> None:
    index = tmp_path / "index"
    build_index([corpus], index)
    with writing(index):
        assert pilcrow("search", "pain", "--index", index).stdout
        for command in (("index", str(corpus)), ("remove", "a0"), ("index", "--rebuild")):
            said = failure(*command, "--index", index)
            assert f"another process is writing to it (pid {os.getpid()}, since 20" in said
    pilcrow("index", corpus, "--index", index)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "says"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended")],
)
def test_a_signal_ends_a_run_in_one_line(
    tmp_path: Path, corpus: Path, number: signal.Signals, code: int, says: str
) -> None:
    index = tmp_path / "index"
    build_index([corpus], index)
    script = (
        "import indexer.ingest.sync as sync, sys, time; from indexer.cli import main\n"
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # if ignored
        "def waits(*_): print('waits', flush=True); time.sleep(60)\n"
        "sync.Update.run = waits; main()"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", script, "index", str(corpus), "--index", str(index)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"waits\n"
    started.send_signal(number)
    _, said = started.communicate(timeout=30)
    assert started.returncode == code
    (line,) = said.decode().splitlines()
    assert line.startswith(f"pilcrow: {says}")
    pilcrow("verify", "--index", index)
    pilcrow("index", corpus, "--index", index)


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path, corpus: Path) -> None:
    index = tmp_path / "index"
    build_index([corpus], index)
    before = sorted(path.relative_to(index) for path in index.rglob("*"))
    strays = (
        "ledger.copy.part",
        "digests.json.77.part",
        "roots.json.77",
        "store/MAIN_0123.trm",
        "store/_MAIN_9.toc.1700000000.5",
        "arrays/0123.seg",
        "arrays/0123.seg.part",
    )
    for name in strays:
        (index / name).write_bytes(b"begun")
    (index / "store" / "MAIN.tmp").mkdir()
    build_index([corpus], index)
    assert sorted(path.relative_to(index) for path in index.rglob("*")) == before


# --- one that may only read ----------------------------------------------------------------------


class Refused(WriteLock):
    """A lock that can't be had in a folder."""

    folder = Path()

    def acquire(self, *, wait: bool = False) -> bool:
        if self._path.is_relative_to(self.folder):
            raise PermissionError(13, "Permission denied", str(self._path))
        return super().acquire(wait=wait)


def test_readers_without_permission_share_one_copy(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, room = tmp_path / "index", tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    build_index([corpus], index)
    found = []
    for number in range(3):
        (corpus / "b.md").write_text(f"# B\n\nPain {number}.\n")
        with monkeypatch.context() as patch:
            build_index([corpus], index)
            shutil.rmtree(index / "arrays")
            Refused.folder = index
            patch.setattr(refresh, "WriteLock", Refused)
            for _ in range(2):
                with open_index(index) as opened:
                    assert opened.search("pain").total == 4
                    assert opened.search(str(number)).total >= 1
                found.append(sorted(p.name for p in room.rglob("*.seg")))
    (shared,) = room.iterdir()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o700
    assert found[0] == found[1]
    assert len(found[-1]) <= 2
    assert len(list(room.rglob("snapshot-*"))) == 1


def test_a_folder_that_others_may_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = refresh._temporary(tmp_path / "index")
    assert refresh._temporary(tmp_path / "index") == first
    first.chmod(0o777)
    assert refresh._temporary(tmp_path / "index") != first


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_segment_that_is_cut_off_under_a_reader_ends_nothing(
    tmp_path: Path, corpus: Path, left: int
) -> None:
    """To read what a file no longer has ends a process by SIGBUS."""
    index = tmp_path / "index"
    build_index([corpus], index)
    with open_index(index) as opened:
        assert opened.search("pain").total == 3
        (segment,) = (index / "arrays").glob("*.seg")
        os.truncate(segment, left)
        assert opened.totals.articles == 3
        assert opened.search("sleep").total == 3
        assert opened.count("pain") == 3
        (segment,) = (index / "arrays").glob("*.seg")
        assert opened.verify().is_sound
        os.truncate(segment, left)
        assert not opened.verify().is_sound
    pilcrow("verify", "--index", index)


PREPARING = """
import os, sys, threading
from indexer import open_index
from indexer import index as module
with open_index(sys.argv[1]) as opened:
    opened.search("pain")
    segments = [part.segment for part in opened._snapshot.parts]
    module.check_ahead([segments[0].container], threading.Event())
    os.truncate(segments[0].container.path, 0)
    module._prepare(segments, threading.Event())
"""


@pytest.mark.parametrize("asked", [False, True])
def test_a_closed_index_answers_nothing(tmp_path: Path, corpus: Path, asked: bool) -> None:
    """Not a count of 0, nor that it is damaged."""
    build_index([corpus], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        name = index.passages(index.articles()[0].id)[0].id
        assert not asked or index.count("number") == 3
    for ask in (
        *(lambda: index.count("number"), lambda: index.search("the"), index.articles),
        *(lambda: index.audit(["not"]), lambda: index.article("a"), lambda: index.resolve(name)),
        *(lambda: list(index.links()), index.duplicates, index.word_list, lambda: index.totals),
    ):
        with pytest.raises(UsageError, match="closed"):
            ask()


def test_a_segment_that_is_cut_off_is_not_made_ready(tmp_path: Path, corpus: Path) -> None:
    build_index([corpus], tmp_path / "index")
    command = [sys.executable, "-c", PREPARING, str(tmp_path / "index")]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == 0


def test_nothing_in_an_index_may_be_run(tmp_path: Path, corpus: Path) -> None:
    index = tmp_path / "index"
    for mask in (0o022, 0o077):
        before = os.umask(mask)
        try:
            build_index([corpus], index / oct(mask))
        finally:
            os.umask(before)
        for path in (index / oct(mask)).rglob("*"):
            wanted = (0o777 if path.is_dir() else 0o666) & ~mask
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path


# --- versions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name"), [(codec, "_FORMAT"), (codec, "_LEDGER_FORMAT"), (storage, "FORMAT")]
)
@pytest.mark.parametrize("options", [(), ("--rebuild",)])
def test_what_a_newer_version_wrote_is_told_and_left_as_it_is(
    tmp_path: Path,
    corpus: Path,
    module: object,
    name: str,
    options: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = tmp_path / "index"
    with monkeypatch.context() as patch:
        patch.setattr(module, name, getattr(module, name) + 1)
        for word in ("rest", "rest, and more of it"):
            told = f"# Title\n\nPain and sleep and {word} for those who are ill.\n"
            (corpus / "a0.md").write_text(told)
            build_index([corpus], index)
    shutil.rmtree(index / "arrays")
    before = {path: path.read_bytes() for path in index.rglob("*.*") if path.is_file()}
    (corpus / "a0.md").write_text("# Title\n\nAnother.\n")
    for command in (("links",), ("index", str(corpus), *options)):
        assert "a newer version of Pilcrow wrote this" in failure(*command, "--index", index)
    assert all(path.read_bytes() == data for path, data in before.items())


def test_locks_are_free_when_their_holder_is_gone(tmp_path: Path) -> None:
    first, second = WriteLock(tmp_path / "lock"), WriteLock(tmp_path / "lock")
    assert first.acquire()
    began = time.monotonic()
    assert not second.acquire()
    assert time.monotonic() - began < 5
    first.release()
    assert second.acquire()
    second.release()


def test_what_can_not_be_read_or_written_is_named(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("A title\n\nWords of it.\n", encoding="utf-8")
    build_index([corpus], index)
    shutil.rmtree(index / "arrays")
    (index / "arrays").write_text("")
    said = failure("index", str(corpus), "--index", str(index))
    assert str(index / "arrays") in said
    assert "make room" not in said
    (index / "arrays").unlink()
    (index / "store" / "_MAIN_99.toc").mkdir()
    assert "_MAIN_99.toc is a folder and no file" in failure(
        "search", "words", "--index", str(index)
    )


def test_a_signal_while_modules_are_read_ends_in_one_line() -> None:
    begun = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from indexer.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", begun], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "pilcrow: interrupted\n")
