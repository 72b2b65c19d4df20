"""Request ids, the log and the metrics."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import UsageError, load_settings
from tests.helpers import terminal
from tests.helpers.sites import serving
from webapp.request_log import JsonLines, write_json_lines

SECRET = "grommetophobia"


@pytest.fixture
def index(client: FlaskClient) -> Path:
    """The index of the small site."""
    return Path(client.application.config["INDEX"])


@pytest.fixture
def root_logger() -> Iterator[None]:
    """Puts the log back as it was."""
    root, requests = logging.getLogger(), logging.getLogger("webapp.requests")
    before = (root.handlers[:], root.level, requests.level)
    yield
    root.handlers[:], root.level = before[0], before[1]
    requests.setLevel(before[2])


def lines(index: Path, *addresses: str, queries: bool = False, **headers: str) -> list[Any]:
    """What is logged while the addresses are asked for."""
    stream = StringIO()
    with serving(index, LOG_QUERIES=queries, PROPAGATE_EXCEPTIONS=False) as client:
        write_json_lines(queries, stream)
        for address in addresses:
            client.get(address, headers=headers).close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# --- ids ----------------------------------------------------------------------------------------


def test_every_response_has_an_id_of_its_own(client: FlaskClient) -> None:
    addresses = ("/", "/?q=dose", "/nope", "/healthz", "/static/style.css", "/api/v1/search")
    ids = []
    for address in addresses:
        with client.get(address) as response:
            ids.append(response.headers["X-Request-ID"])
    assert len(set(ids)) == len(addresses)
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-1.b_2", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False),
     ("é", False), ('"}', False)],
)  # fmt: skip
def test_an_id_of_a_proxy_is_kept_where_it_is_one(
    client: FlaskClient, given: str, kept: bool
) -> None:
    found = client.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (found == given) is kept


def test_a_fault_tells_its_id_to_the_reader(
    index: Path, monkeypatch: pytest.MonkeyPatch, root_logger: None
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("webapp.api.search", broken)
    stream = StringIO()
    with serving(index, PROPAGATE_EXCEPTIONS=False) as client:
        write_json_lines(False, stream)
        response = client.get("/?q=x")
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.text
    failed, told = found
    assert failed["request_id"] == told["request_id"] == response.headers["X-Request-ID"]
    assert failed["level"] == "error"
    assert failed["exception"] == "RuntimeError"
    assert any("test_monitoring" in one for one in failed["trace"])
    assert told["status"] == 500
    assert SECRET not in stream.getvalue()


# --- log ----------------------------------------------------------------------------------------


def test_a_line_tells_times_and_generation_and_no_query(index: Path, root_logger: None) -> None:
    asked = (f"/?q={SECRET}", f"/api/v1/search?q={SECRET}", f"/{SECRET}", "/articles/glance?q=x",
             f"/audit?q={SECRET}", f"/api/v1/search?q={SECRET}&limit=x")  # fmt: skip
    found = lines(index, *asked, Referer=f"http://localhost/?q={SECRET}", User_Agent="x")
    assert len(found) == len(asked)
    assert SECRET not in json.dumps(found)
    search = found[1]
    assert search["route"] == search["path"] == "/api/v1/search"
    assert (search["method"], search["status"]) == ("GET", 200)
    assert 0 < search["query_seconds"] <= search["seconds"] < 60
    assert search["generation"] == 1
    assert search["bytes"] > 100
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", search["time"])
    assert found[2]["status"] == 404
    assert found[2]["generation"] is None
    assert found[0]["query_seconds"] < found[0]["seconds"]  # a page is written after


def test_queries_are_told_when_asked_for(index: Path, root_logger: None) -> None:
    (found,) = lines(index, f"/api/v1/search?q={SECRET}", queries=True)
    assert found["query"] == f"q={SECRET}"


def test_what_is_logged_stays_on_its_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "a\nb\u2028%s", ('"',), None)
    line = JsonLines(False).format(record)
    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line)["message"] == 'a\nb\u2028"'


def test_settings_of_the_log() -> None:
    assert load_settings({"PILCROW_LOG": "json", "PILCROW_LOG_QUERIES": "1"}).log == "json"
    assert load_settings({"PILCROW_LOG_QUERIES": "0"}).log_queries is False
    for name in ("PILCROW_LOG", "PILCROW_LOG_QUERIES"):
        with pytest.raises(UsageError, match=f"{name}: 'xml' is neither"):
            load_settings({name: "xml"})


# --- metrics ------------------------------------------------------------------------------------


def value(text: str, sample: str) -> float:
    """The number of a sample, 0 where it is not told."""
    found = re.search(rf"(?m)^{re.escape(sample)} (\S+)$", text)
    return float(found[1]) if found else 0.0


def test_metrics_count_requests_and_tell_of_the_index(client: FlaskClient) -> None:
    sample = 'pilcrow_requests_total{route="/api/v1/search",status="200"}'
    spent = 'pilcrow_request_seconds_count{route="/api/v1/search"}'
    before = client.get("/metrics").text
    for _ in range(3):
        client.get("/api/v1/search?q=dose")
    client.get("/api/v1/search?q=dose", headers={"Host": "evil.example"})
    response = client.get("/metrics")
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert value(response.text, sample) - value(before, sample) == 3
    assert value(response.text, spent) - value(before, spent) == 4
    refused = 'pilcrow_refused_total{reason="host"}'
    assert value(response.text, refused) - value(before, refused) == 1
    assert value(response.text, "pilcrow_index_articles") == 11
    assert value(response.text, "pilcrow_index_generation") == 1
    assert value(response.text, "pilcrow_requests_in_progress") == 1  # this one
    assert "dose" not in response.text


def ask(index: Path, times: int) -> None:
    """One of several processes that serve a site."""
    with serving(index) as client:
        for _ in range(times):
            client.get("/api/v1/search?q=dose")


@pytest.mark.slow
def test_several_processes_are_told_as_one(index: Path) -> None:
    script = f"""
import multiprocessing, sys
from pathlib import Path
from tests.webapp.test_monitoring import ask
from prometheus_client import generate_latest
from webapp import metrics

def main():
    with metrics.shared_by_processes():
        spawn = multiprocessing.get_context("spawn")
        every = [spawn.Process(target=ask, args=(Path({str(index)!r}), n)) for n in (2, 3)]
        for one in every: one.start()
        for one in every: one.join(); metrics.forget_process(one.pid)
        print(generate_latest(metrics.registry()).decode())

if __name__ == "__main__":
    main()
"""
    path = index.parent / "several.py"
    path.write_text(script, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=True,
        env=terminal.environment() | {"PYTHONPATH": ":".join(sys.path)},
    ).stdout  # fmt: skip
    assert value(told, 'pilcrow_requests_total{route="/api/v1/search",status="200"}') == 5
    assert value(told, 'pilcrow_request_seconds_count{route="/api/v1/search"}') == 5


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="one process serves")
@pytest.mark.parametrize("room", [1 << 30, 5_000])  # bytes of a file, as on a full disk
def test_a_full_disk_ends_no_process_that_counts(tmp_path: Path, index: Path, room: int) -> None:
    """A page of a mapped file for which the disk has no room ends whoever writes to it."""
    script = f"""
import resource, os
from pathlib import Path
from tests.webapp.test_monitoring import ask
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
ask(Path({str(index)!r}), 3)
for path in Path({str(tmp_path)!r}).iterdir():
    print(path.name, path.stat().st_blocks * 512 >= path.stat().st_size, path.stat().st_size)
"""
    environment = terminal.environment() | {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env=environment | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
    )  # fmt: skip
    files = [line.split() for line in done.stdout.splitlines()]
    assert bool(files) == (room > 5_000)
    assert all(is_whole == "True" for _, is_whole, _ in files)
    assert ("are not counted" in done.stderr) == (room == 5_000)
