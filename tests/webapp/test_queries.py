"""The query log: what readers looked for in vain is written down, and who they are is not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import QueryLog, UsageError, build_index
from indexer.query_log import default_path
from tests.helpers.command_line import pilcrow
from tests.helpers.sites import serving

CLOSING = ExitStack()  # of the sites of one test
TEXT = "# Elavil\n\n## Dose\n\nTake one tablet a day.\n\n## Storage\n\nKeep it dry.\n"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    build_index([tmp_path / "a.md"], tmp_path / "index")
    yield tmp_path / "index"
    CLOSING.close()


def site(index: Path, **config: Any) -> FlaskClient:
    return CLOSING.enter_context(serving(index, **{"QUERY_LOG": default_path(index), **config}))


def ask(client: FlaskClient, query: str, reader: str = "192.0.2.1", **more: object) -> None:
    asked = {"q": query, **more}
    environ = {"REMOTE_ADDR": reader}
    assert client.get("/", query_string=asked, environ_overrides=environ).status_code == 200


def told(index: Path, *more: str) -> list[dict[str, object]]:
    out = pilcrow("queries", "--index", index, "--format", "json", *more).stdout
    queries: list[dict[str, object]] = json.loads(out)["queries"]
    return [{k: row[k] for k in ("query", "outcome", "readers", "times")} for row in queries]


def test_what_finds_nothing_or_only_some_words_is_written_down(index: Path) -> None:
    client = site(index)
    ask(client, "tablet")
    ask(client, "warfarin")
    ask(client, "warfarin ")
    ask(client, "warfarin", reader="192.0.2.2")
    ask(client, "tablet warfarin")
    assert told(index) == [
        {"query": "warfarin", "outcome": "nothing", "readers": 2, "times": 3},
        {"query": "tablet warfarin", "outcome": "relaxed", "readers": 1, "times": 1},
    ]


def test_what_is_still_typed_and_what_is_filtered_or_paged_is_not(index: Path) -> None:
    client = site(index)
    ask(client, "warf", live="1")
    ask(client, "warfarin", kind="quote")
    client.get("/?q=warfarin&page=2")
    client.head("/?q=warfarin")
    client.get("/api/v1/search?q=warfarin")
    assert not default_path(index).exists()


def test_no_address_is_written_and_a_restart_does_not_tell_readers_apart(index: Path) -> None:
    for _ in range(2):  # two runs of the server, each with a key of its own
        client = site(index)
        for reader in ("192.0.2.1", "192.0.2.2", "192.0.2.2"):
            ask(client, "warfarin", reader)
    assert told(index) == [{"query": "warfarin", "outcome": "nothing", "readers": 2, "times": 6}]
    assert b"192.0.2" not in default_path(index).read_bytes()


def test_a_site_without_a_token_shows_what_several_readers_asked(index: Path) -> None:
    client = site(index)
    for reader in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        ask(client, "warfarin", reader)
    ask(client, "my own name", "192.0.2.1")
    page = client.get("/queries")
    assert page.headers["Cache-Control"] == "no-store"
    assert "warfarin" in page.text
    assert "my own name" not in page.text
    assert "my own name" not in client.get("/queries?readers=1").text
    private = site(index, TOKEN="secret")
    assert private.get("/queries").status_code == 401
    assert "my own name" in private.get("/queries", auth=("", "secret")).text
    assert "my own name" not in private.get("/queries?readers=2", auth=("", "secret")).text


def test_without_a_log_there_is_no_page_and_nothing_is_written(index: Path) -> None:
    client = site(index, QUERY_LOG=None)
    ask(client, "warfarin")
    assert client.get("/queries").status_code == 404
    assert not default_path(index).exists()
    assert "serve --query-log" in pilcrow("queries", "--index", index, code=2).stderr.decode()


def test_an_empty_log_says_so(index: Path) -> None:
    QueryLog(default_path(index)).report()
    assert "There are none so far." in site(index).get("/queries").text
    assert "0 queries" in pilcrow("queries", "--index", index).stdout.decode()


def test_what_is_older_than_90_days_goes(tmp_path: Path) -> None:
    log = QueryLog(tmp_path / "log")
    today = datetime.now(timezone.utc).date()
    for days in (0, 89, 90, 200):
        log.record(f"{days} days ago", "nothing", "me", (today - timedelta(days)).isoformat())
    log.record("another", "nothing", "me")  # nobody has to look for what is old to go
    assert b"200 days ago" not in (tmp_path / "log").read_bytes()
    assert {row.query for row in log.report().rows} == {"another", "0 days ago", "89 days ago"}


def test_processes_write_side_by_side(tmp_path: Path) -> None:
    def write(number: int) -> None:
        QueryLog(tmp_path / "log", b"key").record("warfarin", "nothing", str(number % 4))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    (row,) = QueryLog(tmp_path / "log").report().rows
    assert (row.readers, row.times) == (4, 80)


def test_a_full_log_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = QueryLog(tmp_path / "log")
    monkeypatch.setattr("indexer.query_log.LARGEST", 30_000)
    soon_old = (datetime.now(timezone.utc).date() - timedelta(89)).isoformat()
    for number in range(400):
        log.record(f"{number} " + "long " * 30, "nothing", "me", soon_old)
    full = log.report()
    assert full.total < 400
    assert "full" in full.notes[0]
    monkeypatch.setattr("indexer.query_log.KEPT_DAYS", 80)  # ten days later
    log.record("first of a new time", "nothing", "me")
    found = log.report()
    assert ([row.query for row in found.rows], found.notes) == (["first of a new time"], ())


def test_a_file_that_is_no_log_is_refused_and_the_site_answers_all_the_same(index: Path) -> None:
    default_path(index).write_text("not a log, but a long text that somebody else needs " * 99)
    with pytest.raises(UsageError, match="query log"):
        QueryLog(default_path(index)).report()
    ask(site(index), "warfarin")
    assert "can't be used" in pilcrow("queries", "--index", index, code=2).stderr.decode()


def test_the_log_is_exported_with_links(index: Path) -> None:
    ask(site(index), "=cmd warfarin")
    given = ("queries", "--index", index, "--site", "https://example.org", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(pilcrow(*given).stdout.decode()))
    assert row["link"] == "https://example.org/?q=%3Dcmd+warfarin"
    assert row["query"].endswith("=cmd warfarin")
    (row,) = json.loads(pilcrow(*given[:-1], "json").stdout)["queries"]
    assert row["link"] == "https://example.org/?q=%3Dcmd+warfarin"
