"""A crowd of clients, slow ones and greedy ones: others are answered meanwhile."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer import build_index
from tests.helpers.effort import tries
from tests.helpers.processes import Served, is_running, kill, served_by_processes
from tests.helpers.sites import make_index
from webapp import asgi, deferral
from webapp.deferral import COSTS, DEFERRAL, Deferral
from webapp.jobs import NICENESS, Refused
from webapp.metrics import meters

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small site, in two workers."""
    index = make_index(tmp_path_factory.mktemp("site"))
    with served_by_processes(index, "--workers", "2") as made:
        yield made


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def slowest(site: Served, times: int) -> float:
    """The longest of some searches, in seconds, one each tenth of a second."""
    longest = 0.0
    for _ in range(times):
        began = time.monotonic()
        assert site.get("/api/v1/search?q=dose")[0] == 200
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.1)
    return longest


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", b"GET /?q=dose HTTP/1.1\r\nHost: x\r\nX-Pad: " + b"a" * 999])
def test_slow_clients_keep_nobody_out(site: Served, said: bytes) -> None:
    seconds = tries(2, 20)
    clients = [socket.create_connection(("127.0.0.1", site.port), 10) for _ in range(200)]
    try:
        for second in range(seconds):
            for client in clients:
                try:
                    client.send(said[second : second + 1])
                except OSError:
                    assert second > 5  # cut off
            assert slowest(site, 8) < 3  # of a machine under load
        if seconds > asgi_timeout() + 2:
            for client in clients:  # all were cut off in the meantime
                client.settimeout(1)
                while client.recv(1 << 16):
                    pass
    finally:
        for client in clients:
            client.close()


def asgi_timeout() -> float:
    from webapp.server import REQUEST_IN

    return REQUEST_IN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (
            b"POST /?q=dose HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\nabc",
            b"405",
        ),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 500_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 5_000, b"431"),
        (b"\x00\xff\r\n\r\n", b"400"),
        (b"GET /?q=%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * (66 << 10)), b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (b"X-A: a\r\n" * 100), b"431"),
    ],
)
def test_what_is_no_request_is_cut_off_at_once(site: Served, said: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port), 10) as client:
        try:
            client.sendall(said)
            answer = client.recv(1 << 16)
        except ConnectionResetError:  # it was cut off while it was still talking
            return
        assert answer.split()[1] == status
        while client.recv(1 << 16):
            pass


@pytest.mark.slow
def test_many_clients_are_answered_or_told_when_to_come_again(site: Served) -> None:
    found: Counter[int] = Counter()
    wanted, end = tries(100, 1_000), time.monotonic() + 60

    def ask() -> None:
        while found[200] < wanted and time.monotonic() < end:
            try:
                found[site.get("/?q=dose")[0]] += 1
            except OSError:
                found[0] += 1

    clients = [threading.Thread(target=ask) for _ in range(200)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert found[200] >= wanted
    assert not found.keys() - {200, 503}
    assert slowest(site, 5) < 3


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced(site: Served) -> None:
    for _ in range(3):  # soon after each other, too
        until(lambda: len(site.children(0)) == 2)
        kill(site.children(0)[0])
        until(lambda: site.get("/api/v1/search?q=dose")[0] == 200)
    until(lambda: len(site.children(0)) == 2)
    assert site.process.poll() is None


@pytest.mark.slow
def test_expensive_requests_are_answered_by_processes_of_low_priority(site: Served) -> None:
    addresses = ("/audit/duplicates", "/api/v1/readability", "/audit/keywords?article=glance",
                 "/audit/audit.xlsx?q=dose", "/api/", "/openapi.json")  # fmt: skip
    found = [site.get(address) for address in addresses]
    assert [status for status, _ in found] == [200] * len(addresses)
    assert 1 <= len(site.children(NICENESS)) <= 2
    kill(site.children(NICENESS)[0])
    until(lambda: site.get("/api/v1/duplicates?offset=3")[0] == 200)
    assert site.get("/audit/duplicates") == found[0]


@pytest.mark.slow
def test_requests_in_flight_are_finished_when_it_is_stopped(tmp_path: Path) -> None:
    with served_by_processes(make_index(tmp_path), "--workers", "2") as site:
        found: list[int] = []
        asked = [f"/audit/audit.xlsx?q=dose&q=w{n}" for n in range(4)]
        asked += [f"/?q=dose+OR+w{n}" for n in range(4)]
        clients = [threading.Thread(target=lambda a=a: found.append(site.get(a)[0])) for a in asked]
        for client in clients:
            client.start()
        time.sleep(0.3)
        site.process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join()
        assert found == [200] * 8
        assert site.process.wait(20) == 0


@pytest.mark.slow
def test_nothing_is_left_when_its_first_process_is_killed(tmp_path: Path) -> None:
    with served_by_processes(make_index(tmp_path), "--workers", "2") as site:
        site.get("/audit/duplicates")
        others = site.children(0) + site.children(NICENESS)
        assert len(others) == 3
        kill(site.process.pid)
        until(lambda: not any(map(is_running, others)))


@pytest.mark.slow
def test_workers_change_generation_together_and_no_connection_goes_back(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()

    def write(number: int) -> None:
        for name in "abc":
            text = f"Title\n\nThis is sprocket number{number} of {name}.\n"
            (corpus / f"{name}.txt").write_text(text, encoding="utf-8")
        build_index([corpus], index)

    write(0)
    seen: list[tuple[float, float, int]] = []  # asked, answered, of which generation
    newest: dict[int, int] = {}  # what each client was answered last
    wrong: list[object] = []
    stopped = threading.Event()
    with served_by_processes(index, "--workers", "2") as site:

        def read(client: int, path: str) -> None:
            connection, last = site.connection(), 0
            while not stopped.is_set():
                began = time.monotonic()
                status, body = site.get(path, connection)
                found = {int(number) for number in re.findall(rb"number(\d+) of", body)}
                if status != 200 or len(found) != 1 or min(found) < last:
                    wrong.append((path, status, found, last))
                    continue
                newest[client] = last = min(found)
                seen.append((began, time.monotonic(), last))
                time.sleep(0.02)
            connection.close()

        def arrived(number: int) -> bool:
            """Whether all clients have seen a generation, or what they must not see."""
            return bool(wrong) or list(newest.values()) == [number] * len(clients)

        search, file = "/api/v1/search?q=sprocket", "/audit/concordance.json?q=sprocket"
        paths = [search] * 6 + [file] * 2
        clients = [threading.Thread(target=read, args=each) for each in enumerate(paths)]
        for client in clients:
            client.start()
        for number in range(tries(4, 20)):
            write(number)
            until(partial(arrived, number))
        stopped.set()
        for client in clients:
            client.join()
    assert not wrong
    assert seen[-1][2] == tries(4, 20) - 1
    for number in range(1, seen[-1][2] + 1):
        first = min(answered for _, answered, one in seen if one >= number)
        last_before = max(asked for asked, _, one in seen if one < number)
        assert last_before - first < 1


# --- what is deferred ----------------------------------------------------------------------------


def deferred(client: FlaskClient, address: str, may_be_heavy: bool = True) -> Deferral:
    """How a request is to be answered."""
    found = Deferral(may_be_heavy)
    client.get(address, environ_overrides={DEFERRAL: found})
    return found


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/api/v1/duplicates?offset=20", "duplicates"),
        ("/audit/keywords?article=glance", "keywords"),
        ("/audit/audit.csv?q=dose", "file"),
        ("/api/v1/clusters", "clusters"),
        ("/api/", "guide"),
    ],
)
def test_what_reads_the_whole_corpus_is_answered_apart(
    client: FlaskClient, address: str, kind: str
) -> None:
    assert deferred(client, address) != Deferral()
    job = deferred(client, address, may_be_heavy=False).job
    assert job is not None
    assert job.kind == kind
    other = deferred(client, f"{address}{'&' if '?' in address else '?'}page=2", False).job
    assert other is not None
    assert other.key != job.key


def test_pages_of_one_result_are_one_computation(client: FlaskClient) -> None:
    jobs = [deferred(client, f"/api/v1/duplicates?limit=5&offset={n}").job for n in (0, 5)]
    assert len({job.computation for job in jobs if job}) == 1
    other = deferred(client, "/api/v1/duplicates?unit=sentence").job
    assert other is not None
    assert other.computation != jobs[0].computation  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/search?q=dose*+OR+d%3Fse~1",
        "/api/v1/concordance?q=dose",
        "/audit?q=dose",
        "/api/v1/collocates?q=dose",
        "/audit/collocates?q=dose",
        "/api/v1/clusters?q=dose",
        "/articles/glance?q=d*",
    ],
)
def test_it_is_the_cost_that_decides(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    assert deferred(client, f"{address}&n=1") == Deferral()
    monkeypatch.setattr(deferral, "LIGHT", 0.0)
    assert deferred(client, f"{address}&n=1") == Deferral()  # it is kept
    assert deferred(client, f"{address}&n=2") == Deferral(is_heavy=True)
    assert deferred(client, f"{address}&n=2", may_be_heavy=False) == Deferral(may_be_heavy=False)
    monkeypatch.setattr(deferral, "DIRECT", 1e-9)
    assert deferred(client, f"{address}&n=3", may_be_heavy=False).job is not None
    assert client.get(address).status_code == 200  # where nobody takes it, it is answered here


def test_bad_questions_are_refused_at_once(client: FlaskClient) -> None:
    for address in ("/api/v1/collocates?q=dose&left=x", "/audit?q=dose&match=x"):
        assert deferred(client, address) == Deferral()
        assert client.get(address).status_code == 400


def test_what_is_not_changed_is_not_computed_again(client: FlaskClient) -> None:
    seen = client.get("/api/v1/duplicates").headers["ETag"]
    found = Deferral()
    answer = client.get(
        "/api/v1/duplicates", headers={"If-None-Match": seen}, environ_overrides={DEFERRAL: found}
    )
    assert answer.status_code == 304
    assert found.job is None


def refused_answer(client: FlaskClient, address: str, reason: str) -> TestResponse:
    """The answer to a request that the job server refused."""
    refused = Deferral(outcome=Refused(reason))
    return client.get(address, environ_overrides={DEFERRAL: refused})


def test_a_refusal_says_when_to_ask_again(client: FlaskClient) -> None:
    for address, kind in (("/audit/duplicates?n=4", "text/html"),
                          ("/api/v1/duplicates?n=4", "application/problem+json")):  # fmt: skip
        answer = refused_answer(client, address, "too many are waiting")
        assert answer.status_code == 503
        assert answer.mimetype == kind
        assert int(answer.headers["Retry-After"])
        assert "too many are waiting" in answer.text.lower()
        assert "pilcrow index" not in answer.text


def refused() -> float:
    """How many requests were refused because too many wait."""
    return meters().refused.labels("busy")._value.get()  # type: ignore[no-any-return]


CHEAP = {"api.suggest", "api.article", "api.passage", "api.similar", "api.cite"}


def test_every_audit_and_operation_has_its_price(client: FlaskClient) -> None:
    endpoints = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    assert COSTS.keys() <= endpoints
    dear = {one for one in endpoints if one.startswith(("api.", "audits."))}
    assert dear == CHEAP | {one for one in COSTS if not one.startswith(("search", "art", "site"))}


def test_a_worker_that_is_full_refuses_all_but_monitors(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi.Site, "_live", lambda _: None)
    monkeypatch.setattr(asgi.SiteWorker, "watch", lambda _: None)
    monkeypatch.setattr(asgi, "MOST_WAITING", 0)
    full = asgi.Site({"INDEX": client.application.config["INDEX"]}, "nowhere")

    async def get(path: str) -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope: dict[str, Any] = dict.fromkeys(("server", "client"))
        scope |= {"type": "http", "method": "GET", "path": path, "query_string": b""}
        scope |= {
            "headers": [(b"x-request-id", b"of-a-proxy")],
            "http_version": "1.1",
            "scheme": "http",
        }
        await full(scope, None, send)  # type: ignore[arg-type]
        return sent

    before = refused()
    for path in ("/", "/api/v1/search"):
        start, body = asyncio.run(get(path))
        assert start["status"] == 503
        headers = dict(start["headers"])
        assert headers[b"retry-after"] == b"2"
        assert headers[b"x-request-id"] == b"of-a-proxy"
    assert refused() == before + 2
    problem = json.loads(body["body"])
    told = refused_answer(client, "/api/v1/duplicates?n=5", "later")
    assert problem == {**told.get_json(), "detail": problem["detail"]}
    assert headers[b"content-type"].decode() == told.content_type
    assert refused() == before + 3
    assert asyncio.run(get("/healthz"))[0]["status"] == 200
    full._worker._library.close()
