"""Working: how many processes prepare the files makes no difference to what comes out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import worker_pool
from indexer.errors import SourceError
from indexer.ingest import batches
from indexer.ingest import processes as working
from indexer.ingest.batches import Job, prepare_all
from indexer.ingest.prepare import Prepared, prepare
from indexer.settings import Settings
from indexer.sources.files import File

SETTINGS = Settings()


def job(name: str, text: str) -> Job:
    path = f"/corpus/{name}"
    file = File(path, path, "/corpus", name.split(".")[0], name.split(".")[-1])
    return Job(file, "", text.encode())


def idle(name: str) -> Job:
    """A file that is as it was."""
    return Job(job(name, "").file)


def record(number: int) -> str:
    return json.dumps({"id": f"r{number}", "text": f"Record {number} café.\n\nIt has words."})


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little text is enough to keep several workers busy."""
    monkeypatch.setattr(batches, "_ALONE", 2_000)
    monkeypatch.setattr(batches, "_PIECE", 1_000)


def mixed() -> Iterator[Job]:
    """Files to prepare, files that are as they were, broken ones, a long one of many lines."""
    yield idle("first.txt")
    for number in range(40):
        yield job(f"a{number}.txt", f"Article {number}\n\nSome words of article {number}.\n")
        yield idle(f"b{number}.txt")
    yield job("broken.html", "")
    lines = [record(n) if n % 20 else '{"id": ' for n in range(1, 100)]
    yield job("records.jsonl", "\n".join(lines))
    yield job("last.md", "# Last\n\nSome words.\n")


def told(results: list[tuple[Job, Prepared]]) -> list[tuple[str, object, list[str]]]:
    return [(j.file.id, p.articles, [str(e) for e in p.problems]) for j, p in results]


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_give_what_one_process_gives(workers: int) -> None:
    alone = told(list(prepare_all(mixed(), SETTINGS, workers=0)))
    assert told(list(prepare_all(mixed(), SETTINGS, workers=workers))) == alone
    assert [name for name, _, _ in alone] == [j.file.id for j in mixed()]


def test_a_file_in_pieces_gives_what_it_gives_whole() -> None:
    whole = job("records.jsonl", "\n".join(record(n) if n % 9 else "oops" for n in range(1, 90)))
    assert len(list(batches._units(whole))) > 3
    ((_, prepared),) = prepare_all([whole], SETTINGS, workers=0)
    assert whole.data is not None
    expected = prepare(whole.file, whole.data, SETTINGS)
    assert prepared.articles == expected.articles
    assert list(map(str, prepared.problems)) == list(map(str, expected.problems))
    assert prepared.problems[-1].line == 81


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_text_that_is_not_utf_8_stays_in_one_piece(encoding: str) -> None:
    text = "\n".join(json.dumps({"text": f"Café {n}."}, ensure_ascii=False) for n in range(200))
    whole = Job(job("records.jsonl", "").file, "", text.encode(encoding))
    assert [unit.piece for unit in batches._units(whole)] == [whole.data]


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "Process", None)
    ((_, prepared),) = prepare_all([job("a.txt", "Title\n\nSome words.\n")], SETTINGS, workers=2)
    assert len(prepared.articles) == 1


def test_a_file_that_kills_its_worker_is_a_problem_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deadly = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from indexer.worker_pool import answer\n"
        "from indexer.ingest import processes\n"
        "prepare = processes.prepare\n"
        "processes.prepare = lambda f, *a: os._exit(9) if f.id == 'a7' else prepare(f, *a)\n"
        "answer()\n"
    )
    monkeypatch.setattr(worker_pool, "_SCRIPT", deadly)
    results = {
        j.file.id: p
        for j, p in prepare_all(mixed(), SETTINGS, workers=2)
        if j.data is not None and j.file.id.startswith("a")
    }
    assert [name for name, prepared in results.items() if prepared.problems] == ["a7"]
    assert isinstance(results["a7"].problems[0], SourceError)
    assert sum(len(prepared.articles) for prepared in results.values()) == 39


def test_a_system_without_processes_to_give_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = told(list(prepare_all(mixed(), SETTINGS, workers=0)))

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert told(list(prepare_all(mixed(), SETTINGS, workers=2))) == alone


@pytest.mark.parametrize("script", ["", "import sys; sys.exit(3)", "print('Welcome!')"])
def test_an_interpreter_that_is_no_worker_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    alone = told(list(prepare_all(mixed(), SETTINGS, workers=0)))
    monkeypatch.setattr(worker_pool, "_SCRIPT", script)
    assert told(list(prepare_all(mixed(), SETTINGS, workers=2))) == alone


def test_stopping_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[worker_pool.Process] = []
    begin = worker_pool.Process.__init__

    def note(self: worker_pool.Process) -> None:
        begin(self)
        started.append(self)

    monkeypatch.setattr(worker_pool.Process, "__init__", note)
    stream = prepare_all(mixed(), SETTINGS, workers=2)
    while not started:
        next(stream)
    stream.close()
    assert all(worker._process.returncode is not None for worker in started)


def test_what_a_library_prints_does_not_get_among_the_answers(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chatty = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from indexer.worker_pool import answer\n"
        "from indexer.ingest import processes\n"
        "prepare = processes.prepare\n"
        "processes.prepare = lambda *a: (os.write(1, b'chat'), prepare(*a))[1]\n"
        "answer()\n"
    )
    alone = told(list(prepare_all(mixed(), SETTINGS, workers=0)))
    monkeypatch.setattr(worker_pool, "_SCRIPT", chatty)
    assert told(list(prepare_all(mixed(), SETTINGS, workers=1))) == alone
    assert "chat" in capfd.readouterr().err


def test_the_number_of_workers_fits_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 0), (2, 2), (64, 8)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: range(n), raising=False)
        assert worker_pool.count_workers() == workers
