"""Workers: how many of them prepare the files makes no difference to what comes out."""

from __future__ import annotations

import itertools
import json
import operator
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from indexer import worker_pool
from indexer.errors import SourceError
from indexer.ingest import prepare as preparing
from indexer.ingest.prepare import FileJob, Prepared, prepare, prepare_all
from indexer.settings import Settings
from indexer.sources.files import File
from indexer.worker_pool import NoWorkers, Parent, Worker, WorkerLost, WorkerPool

SETTINGS = Settings()


def job(name: str, text: str) -> FileJob:
    path = f"/corpus/{name}"
    file = File(path, path, "/corpus", name.split(".")[0], name.split(".")[-1])
    return FileJob(file, "", text.encode())


def idle(name: str) -> FileJob:
    """A file that is as it was."""
    return FileJob(job(name, "").file)


def record(number: int) -> str:
    return json.dumps({"id": f"r{number}", "text": f"Record {number} café.\n\nIt has words."})


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little text is enough to keep several workers busy."""
    monkeypatch.setattr(preparing, "_ALONE", 2_000)
    monkeypatch.setattr(preparing, "_PIECE", 1_000)


def mixed() -> Iterator[FileJob]:
    """Files to prepare, files that are as they were, broken ones, a long one of many lines."""
    yield idle("first.txt")
    for number in range(40):
        yield job(f"a{number}.txt", f"Article {number}\n\nSome words of article {number}.\n")
        yield idle(f"b{number}.txt")
    yield job("broken.html", "")
    lines = [record(n) if n % 20 else '{"id": ' for n in range(1, 100)]
    yield job("records.jsonl", "\n".join(lines))
    yield job("last.md", "# Last\n\nSome words.\n")


def prepared(jobs: Iterable[FileJob], workers: int) -> Iterator[tuple[FileJob, Prepared]]:
    with WorkerPool(workers) as pool:
        yield from prepare_all(jobs, SETTINGS, pool)


def told(results: list[tuple[FileJob, Prepared]]) -> list[tuple[str, object, list[str]]]:
    return [(j.file.id, p.articles, [str(e) for e in p.problems]) for j, p in results]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_give_what_one_process_gives(workers: int) -> None:
    alone = told(list(prepared(mixed(), 0)))
    assert told(list(prepared(mixed(), workers))) == alone
    assert [name for name, _, _ in alone] == [j.file.id for j in mixed()]


def test_a_file_in_pieces_gives_what_it_gives_whole() -> None:
    whole = job("records.jsonl", "\n".join(record(n) if n % 9 else "oops" for n in range(1, 90)))
    assert len(list(preparing._units(whole))) > 3
    ((_, found),) = prepared([whole], 0)
    assert whole.data is not None
    expected = prepare(whole.file, whole.data, SETTINGS)
    assert found.articles == expected.articles
    assert list(map(str, found.problems)) == list(map(str, expected.problems))
    assert found.problems[-1].line == 81


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_text_that_is_not_utf_8_stays_in_one_piece(encoding: str) -> None:
    text = "\n".join(json.dumps({"text": f"Café {n}."}, ensure_ascii=False) for n in range(200))
    whole = FileJob(job("records.jsonl", "").file, "", text.encode(encoding))
    assert [unit.piece for unit in preparing._units(whole)] == [whole.data]


@pytest.mark.slow
def test_a_large_file_is_prepared_while_no_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "_LARGE", 8_000)
    jobs = list(mixed())
    for place in (50, 20):
        jobs.insert(place, job(f"large{place}.txt", "A large one.\n\n" + "Some words.\n\n" * 900))
    alone = told(list(prepared(jobs, 0)))
    asked: list[tuple[bool, Future[list[Prepared]]]] = []
    submit = WorkerPool.submit

    def note(self: WorkerPool, *call: Any) -> Future[list[Prepared]]:
        is_large = any(len(data or b"") > 8_000 for _, data in call[1])
        if is_large or (asked and asked[-1][0]):
            assert all(answer.done() for _, answer in asked)
        asked.append((is_large, submit(self, *call)))
        return asked[-1][1]

    monkeypatch.setattr(WorkerPool, "submit", note)
    assert told(list(prepared(jobs, 2))) == alone
    assert sum(is_large for is_large, _ in asked) == 2


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "Worker", None)
    ((_, found),) = prepared([job("a.txt", "Title\n\nSome words.\n")], 2)
    assert len(found.articles) == 1


@pytest.mark.slow
def test_a_file_that_kills_its_worker_is_a_problem_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deadly = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from indexer.worker_pool import answer\n"
        "from indexer.ingest import prepare as module\n"
        "prepare = module.prepare\n"
        "module.prepare = lambda f, *a: os._exit(9) if f.id == 'a7' else prepare(f, *a)\n"
        "answer()\n"
    )
    monkeypatch.setattr(worker_pool, "_SCRIPT", deadly)
    found = {
        j.file.id: p
        for j, p in prepared(mixed(), 2)
        if j.data is not None and j.file.id.startswith("a")
    }
    assert [name for name, one in found.items() if one.problems] == ["a7"]
    assert isinstance(found["a7"].problems[0], SourceError)
    assert sum(len(one.articles) for one in found.values()) == 39


def test_a_system_without_processes_to_give_is_told_and_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = told(list(prepared(mixed(), 0)))

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert told(list(prepared(mixed(), 2))) == alone
    (message,) = caplog.messages  # once, not for each worker
    assert "a worker process can't be started" in message
    assert "no more processes" in message


@pytest.mark.parametrize("script", ["", "import sys; sys.exit(3)", "print('Welcome!')"])
def test_an_interpreter_that_is_no_worker_is_told_and_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    alone = told(list(prepared(mixed(), 0)))
    monkeypatch.setattr(worker_pool, "_SCRIPT", script)
    assert told(list(prepared(mixed(), 2))) == alone
    assert len(caplog.messages) == 1


@pytest.mark.slow
def test_one_worker_of_two_is_enough(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = told(list(prepared(mixed(), 0)))
    begin, begun = Worker.__init__, itertools.count()

    def refuse(self: Worker, parent: Parent) -> None:
        if not next(begun):
            raise OSError("no more processes")
        begin(self, parent)

    monkeypatch.setattr(Worker, "__init__", refuse)
    assert told(list(prepared(mixed(), 2))) == alone
    assert len(caplog.messages) == 1


def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """The workers that will be started."""
    found: list[Worker] = []
    begin = Worker.__init__

    def note(self: Worker, parent: Parent) -> None:
        begin(self, parent)
        found.append(self)

    monkeypatch.setattr(Worker, "__init__", note)
    return found


def is_running(worker: Worker) -> bool:
    """Whether there is a process of its number, or of its parent's."""
    there = worker._parent.process.returncode is None
    with suppress(ProcessLookupError):
        os.kill(worker._number, 0)
        there = True
    return there


def no_thread_is_left() -> bool:
    return not any(thread.name.startswith("pilcrow") for thread in threading.enumerate())


@pytest.mark.slow
def test_stopping_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = started(monkeypatch)
    stream = prepared(mixed(), 2)
    while not workers:
        next(stream)
    cast("Generator[object]", stream).close()
    assert not any(is_running(worker) for worker in workers)
    assert no_thread_is_left()


@pytest.mark.slow
def test_what_a_library_prints_does_not_get_among_the_answers(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chatty = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from indexer.worker_pool import answer\n"
        "from indexer.ingest import prepare as module\n"
        "prepare = module.prepare\n"
        "module.prepare = lambda *a: (os.write(1, b'chat'), prepare(*a))[1]\n"
        "answer()\n"
    )
    alone = told(list(prepared(mixed(), 0)))
    monkeypatch.setattr(worker_pool, "_SCRIPT", chatty)
    assert told(list(prepared(mixed(), 1))) == alone
    assert "chat" in capfd.readouterr().err


def test_the_number_of_workers_fits_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 0), (2, 2), (64, 8)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: range(n), raising=False)
        assert worker_pool.count_workers() == workers


# --- the pool itself ---------------------------------------------------------------------------


def test_a_call_gives_what_the_function_returns_or_raises() -> None:
    with WorkerPool(2) as pool:
        answers = [pool.submit(operator.mul, number, 2) for number in range(20)]
        assert [answer.result() for answer in answers] == list(range(0, 40, 2))
        with pytest.raises(ZeroDivisionError):
            pool.submit(operator.truediv, 1, 0).result()
        error = pool.submit(SourceError, "a.txt", "is odd", "mend it", 3).result()
        assert str(error) == "a.txt:3: is odd; mend it"


def test_what_cant_be_called_or_sent_is_an_error_of_that_call_alone() -> None:
    with WorkerPool(1) as pool:
        with pytest.raises(Exception, match="lambda"):
            pool.submit(lambda: 1).result()
        with pytest.raises(TypeError, match="can't be sent"):
            pool.submit(threading.Lock).result()
        assert pool.submit(abs, -1).result() == 1


def test_a_module_that_a_worker_cant_import_is_an_error(tmp_path: Path) -> None:
    module = tmp_path / "only_here.py"
    module.write_text("def one() -> int:\n    return 1\n")
    sys.path.insert(0, str(tmp_path))
    try:
        from only_here import one  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(tmp_path))
    module.unlink()
    with WorkerPool(1) as pool, pytest.raises(ModuleNotFoundError):
        pool.submit(one).result()


def test_a_worker_that_ends_loses_only_the_call_that_it_was_at() -> None:
    with WorkerPool(2) as pool:
        answers: list[Future[int]] = [
            pool.submit(os._exit, 9) if number == 3 else pool.submit(abs, number)
            for number in range(12)
        ]
        for number, answer in enumerate(answers):
            if number == 3:
                with pytest.raises(WorkerLost):
                    answer.result()
            else:
                assert answer.result() == number


def grown(size: int) -> int:
    """The process id of a worker that has used so many bytes."""
    return os.getpid() if b"x" * size else 0


def test_a_worker_that_has_used_much_memory_is_replaced_and_gives_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_pool, "_FULL", 300_000)
    with WorkerPool(1) as pool:
        few = {pool.submit(os.getpid).result() for _ in range(3)}
        assert len(few) == 1
        assert pool.submit(grown, 400_000_000).result() in few
        other = pool.submit(os.getpid).result()
        assert other not in few
        with pytest.raises(ProcessLookupError):
            os.kill(few.pop(), 0)


def test_workers_share_what_was_loaded_first() -> None:
    with WorkerPool(2) as pool:
        pool.preload_with(os.umask, 0o077)
        assert pool.submit(os.umask, 0).result() == 0o077


def test_closing_ends_a_call_that_would_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    workers, began = started(monkeypatch), time.monotonic()
    with WorkerPool(2) as pool:
        answers = [pool.submit(time.sleep, 60) for _ in range(5)]
        while len(workers) < 2:
            time.sleep(0.01)
    assert all(isinstance(answer.exception(), WorkerLost) for answer in answers)
    assert time.monotonic() - began < 30
    assert not any(is_running(worker) for worker in workers)
    assert no_thread_is_left()
    with pytest.raises(ValueError, match="closed"):
        pool.submit(abs, 1)


@pytest.mark.slow
def test_who_gives_calls_waits_when_the_workers_cant_keep_pace() -> None:
    submitted: list[object] = []
    with WorkerPool(2) as pool:

        def give() -> None:
            with suppress(ValueError):  # closed in the meantime
                while True:
                    submitted.append(pool.submit(time.sleep, 60))

        thread = threading.Thread(target=give, daemon=True)
        thread.start()
        thread.join(1)
        assert thread.is_alive()
        assert len(submitted) <= 2 + 2 * 2  # one at each worker, two that wait for each


def test_without_workers_every_call_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "_SCRIPT", "")
    with WorkerPool(2) as pool:
        answers = [pool.submit(abs, 1) for _ in range(20)]
        assert all(isinstance(answer.exception(), NoWorkers) for answer in answers)


SCRIPT = """
import threading
from indexer import build_index
from indexer.ingest import prepare
print("once")
prepare._ALONE = 1_000
def build():
    print(build_index("texts", "index").articles)
thread = threading.Thread(target=build)
thread.start()
thread.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_file", [True, False])
def test_a_script_needs_no_guard(tmp_path: Path, is_file: bool) -> None:
    (tmp_path / "texts").mkdir()
    for number in range(60):
        text = f"Article {number}\n\nSome words of article {number}.\n"
        (tmp_path / "texts" / f"{number}.txt").write_text(text)
    (tmp_path / "build.py").write_text(SCRIPT)
    command = [sys.executable, *(["build.py"] if is_file else ["-c", SCRIPT])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["once", "60"]
    assert done.stderr == ""
