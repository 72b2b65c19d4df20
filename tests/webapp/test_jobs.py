"""Jobs: one of a kind at a time, one computation for all who ask, given up when nobody waits."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from webapp import jobs
from webapp.jobs import Executor, Job, JobServer, Refused, Reply, ask


class Fake(Executor):
    """An executor without a process: it waits as long as it is told, or until it is killed."""

    def __init__(self, log: list[tuple[str, str]]) -> None:
        super().__init__(print)
        self.log, self.killed = log, threading.Event()

    def call(self, environ: jobs.Environ, tag: str) -> Reply:
        self.killed.clear()
        asked = environ["QUERY_STRING"]
        self.log.append(("begin", asked))
        killed = self.killed.wait(float(environ.get("seconds", "0")))
        self.log.append(("killed" if killed else "end", asked))
        if killed:
            raise EOFError
        return Reply(200, (("X-By", str(id(self))),), asked.encode(), tag)

    def kill(self) -> None:
        self.killed.set()


class Site:
    """A job server with two such executors, and what they were asked."""

    def __init__(self, limit: float = 20.0) -> None:
        self.log: list[tuple[str, str]] = []
        self.server = JobServer([Fake(self.log), Fake(self.log)], limit)

    async def ask(
        self, asked: str, seconds: float = 0, kind: str = "audit", patience: float = 20
    ) -> Reply | None:
        """The reply to a request, or None after `patience` seconds."""
        unlike = dict.fromkeys(
            ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"),
            str(time.time()),  # who asks makes no difference
        )
        environ = {"QUERY_STRING": asked, "seconds": str(seconds), **unlike}
        job = Job(kind, asked.partition("&")[0], "1", environ)
        return await ask(self.server.address, job, asyncio.ensure_future(asyncio.sleep(patience)))

    def begun(self) -> list[str]:
        return [asked for what, asked in self.log if what == "begin"]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.close()


def run(wanted: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(wanted, 30))


def until(holds: Callable[[], bool]) -> None:
    """Waits for something to happen in the server's thread."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_who_asks_the_same_shares_one_computation_and_its_answer_is_kept(site: Site) -> None:
    async def many() -> list[Reply | None]:
        return await asyncio.gather(*(site.ask("q=a", 0.2) for _ in range(5)))

    assert [reply.body for reply in run(many())] == [b"q=a"] * 5
    assert run(site.ask("q=a", 0.2)).body == b"q=a"
    assert site.begun() == ["q=a"]


def test_one_of_a_kind_is_done_at_a_time_beside_others(site: Site) -> None:
    async def many() -> None:
        await asyncio.gather(
            *(site.ask(f"q={n}", 0.1) for n in range(4)), site.ask("q=x", 0.3, "duplicates")
        )

    run(many())
    under_way: set[str] = set()
    together: list[set[str]] = []
    for what, asked in site.log:
        (under_way.add if what == "begin" else under_way.discard)(asked)
        together.append(set(under_way))
    assert max(map(len, together)) == 2
    assert all(len(some - {"q=x"}) <= 1 for some in together)


def test_pages_of_one_result_come_from_the_process_that_holds_it(site: Site) -> None:
    async def leaf() -> set[tuple[tuple[str, str], ...]]:
        first = await site.ask("q=a")
        other = asyncio.ensure_future(site.ask("q=b", 0.2, "duplicates"))
        await asyncio.sleep(0.05)
        pages = [await site.ask(f"q=a&page={n}") for n in range(2, 6)]
        await other
        return {reply.headers for reply in (first, *pages) if reply}

    assert len(run(leaf())) == 1


def test_what_nobody_waits_for_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LINGER", 0.1)
    assert run(site.ask("q=a", 15, patience=0.1)) is None
    until(lambda: ("killed", "q=a") in site.log)
    assert run(site.ask("q=b")).body == b"q=b"  # the next one is answered


def test_who_comes_back_soon_finds_the_work_going_on(site: Site) -> None:
    assert run(site.ask("q=a", 0.5, patience=0.1)) is None
    assert run(site.ask("q=a", 0.5)).body == b"q=a"
    assert site.begun() == ["q=a"]


def test_what_takes_too_long_is_refused() -> None:
    site = Site(limit=0.2)
    try:
        with pytest.raises(Refused, match="longer than"):
            run(site.ask("q=a", 15))
        assert ("killed", "q=a") in site.log
        assert run(site.ask("q=b")).body == b"q=b"
    finally:
        site.server.close()


def test_too_many_are_refused_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 3)

    async def many() -> list[Any]:
        asked = [site.ask(f"q={n}", 0.2) for n in range(6)]
        return await asyncio.gather(*asked, return_exceptions=True)

    found = run(many())
    assert sum(isinstance(one, Refused) for one in found) == 3
    assert sum(isinstance(one, Reply) for one in found) == 3
    assert run(site.ask("q=again")).body == b"q=again"


def test_a_process_that_dies_fails_only_its_job(site: Site) -> None:
    async def die() -> None:
        job = asyncio.ensure_future(site.ask("q=a", 15))
        while not site.begun():
            await asyncio.sleep(0.01)
        for executor in site.server._executors:
            executor.kill()
        with pytest.raises(Refused, match="has ended"):
            await job

    run(die())
    assert run(site.ask("q=b")).body == b"q=b"


@pytest.mark.slow
def test_who_asks_while_a_job_is_given_up_has_it_done_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process takes its time to die."""
    monkeypatch.setattr(jobs, "LINGER", 0.05)
    dying = threading.Event()

    def slowly(self: Fake) -> None:
        dying.set()
        threading.Timer(0.5, self.killed.set).start()

    monkeypatch.setattr(Fake, "kill", slowly)
    assert run(site.ask("q=a", 0.8, patience=0.1)) is None
    until(dying.is_set)
    reply = run(site.ask("q=a", 0.8))
    assert reply is not None
    assert reply.body == b"q=a"


def test_where_nobody_takes_a_job_it_is_refused() -> None:
    site = Site()
    site.server.close()
    with pytest.raises(Refused):
        run(site.ask("q=a"))


@pytest.mark.slow
def test_a_process_that_can_not_be_started_fails_only_its_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    executor = Executor(answer_one)

    def fail(*_: object) -> None:
        raise BlockingIOError("no further process")

    with monkeypatch.context() as patched:
        patched.setattr("multiprocessing.context.SpawnProcess.start", fail)
        with pytest.raises(OSError, match="no further"):
            executor.call({}, "1")
        executor.kill()
    assert executor.call({}, "1").body == b"here"
    executor.close()


def answer_one(pipe: Any) -> None:
    """Answers one job, as a process of its own."""
    pipe.recv()
    pipe.send(Reply(200, (), b"here", "1"))
