"""`pilcrow serve`: as processes of its own, and far sooner as the site that it would serve."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from flask.testing import FlaskClient

from indexer import UsageError, load_settings
from tests import ROOT
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow
from webapp import create_app

PLAIN = ("--port", "0", "--workers", "1")


@contextmanager
def serving(
    *arguments: str | Path, said: Any = subprocess.DEVNULL, **environ: str
) -> Iterator[str]:
    """The address that `pilcrow serve` prints once it answers; `said` takes its stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", *PLAIN, *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment() | environ,
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
        # A shell's background job, as these tests may be, passes on that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    try:
        yield next(line.strip() for line in process.stdout if line.startswith("http://"))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


class Site:
    """The site that `pilcrow serve` would serve, with what it wrote; asked without a network."""

    def __init__(self, client: FlaskClient, address: str, said: str) -> None:
        self.client, self.address, self.said = client, address, said

    def ask(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.get(path, base_url=self.address, headers=named)
        return answer.status_code, answer.text

    def total(self, query: str) -> int:
        """How many passages it finds."""
        return int(json.loads(self.ask(f"/api/v1/search?q={query}")[1])["total"])


@contextmanager
def prepared(*arguments: str | Path, **environ: str) -> Iterator[Site]:
    """What the command has made ready when it comes to serve."""
    given: dict[str, Any] = {}

    def serve(config: dict[str, Any], listener: Any, workers: int, ready: Any) -> None:
        given.update(config)
        ready()

    with mock.patch("webapp.serve", serve), mock.patch.dict(os.environ, environ):
        done = pilcrow("serve", *PLAIN, *arguments)
    app = create_app(given)
    try:
        yield Site(app.test_client(), done.stdout.decode().strip(), done.stderr.decode())
    finally:
        app.extensions["library"].close()


def ask(address: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and body of an answer over the network."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address + path, headers=named), timeout=20
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def total(address: str, query: str) -> int:
    """How many passages the site at `address` finds."""
    with urllib.request.urlopen(f"{address}/api/v1/search?q={query}", timeout=20) as answer:
        return int(json.load(answer)["total"])


@pytest.mark.slow
def test_serve_indexes_prints_its_address_and_answers(tmp_path: Path) -> None:
    with serving("--index", tmp_path / "index", "--corpus", ROOT / "corpus") as address:
        assert total(address, "tapering") == 1


@pytest.mark.slow
def test_what_the_server_says_of_itself_stays_out_of_the_terminal(
    corpus_index: Path, tmp_path: Path
) -> None:
    with (tmp_path / "said").open("w+b") as said:
        with serving("--index", corpus_index, said=said) as address:
            host, port = address.removeprefix("http://").split(":")
            gone = [socket.create_connection((host, int(port)), timeout=20) for _ in range(60)]
            for one in gone:  # more than its threads can answer at a time, and nobody waits
                one.sendall(b"GET /?q=pain+OR+elavil HTTP/1.0\r\n\r\n" * 2)
                one.close()
            assert total(address, "tapering") == 1
        said.seek(0)
        assert said.read().decode().splitlines() == []


def test_serve_brings_the_index_up_to_date(tmp_path: Path) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("One\n\nSome words on tapering.\n", encoding="utf-8")
    pilcrow("index", corpus, "--index", index)
    (corpus / "two.txt").write_text("Two\n\nMore words on tapering.\n", encoding="utf-8")
    with prepared("--index", index, "--corpus", corpus) as site:
        assert site.total("tapering") == 2


def test_serve_goes_on_with_the_index_when_the_corpus_is_gone(corpus_index: Path) -> None:
    with prepared("--index", corpus_index, "--corpus", "no-such-folder") as site:
        assert site.total("tapering") == 1


def test_an_index_that_is_named_is_served_as_it_is(tmp_path: Path) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("One\n\nSome words on sprockets.\n", encoding="utf-8")
    pilcrow("index", corpus, "--index", index)
    with prepared("--index", index) as site:  # from a folder that has a corpus/
        assert site.total("sprocket") == 1
        assert site.total("tapering") == 0
    with prepared("--index", index, PILCROW_CORPUS=str(ROOT / "corpus")) as site:
        assert site.total("tapering") == 1


def test_an_index_that_is_not_there_is_made(tmp_path: Path) -> None:
    with prepared("--index", tmp_path / "index") as site:
        assert site.total("tapering") == 1


def test_an_index_that_cannot_be_used_is_not_served(tmp_path: Path) -> None:
    index = tmp_path / "index"
    pilcrow("index", ROOT / "corpus", "--index", index)
    for damaged in (index / "store").glob("*.col"):
        damaged.write_bytes(b"")
    assert "pilcrow index --rebuild" in failure("serve", "--index", index, "--port", "0")


def test_only_trusted_hosts_are_answered_and_the_printed_address(corpus_index: Path) -> None:
    hosts = ("--trusted-host", "pilcrow.example", "--trusted-host", ".wards.example")
    with prepared("--index", corpus_index, *hosts) as site:
        for host in ("pilcrow.example", "pilcrow.example:8443", "a.wards.example"):
            assert site.ask("/", Host=host)[0] == 200, host
        for host in ("evil.example", "pilcrow.example.evil.example", "192.0.2.1"):
            status, said = site.ask("/", Host=host)
            assert status == 421, host
            assert host not in said
        assert site.total("tapering") == 1
    with prepared("--index", corpus_index, PILCROW_TRUSTED_HOSTS="a.example, b.example") as site:
        assert site.ask("/help", Host="b.example")[0] == 200
        assert site.ask("/help", Host="c.example")[0] == 421


def test_as_many_proxies_are_believed_as_are_named(corpus_index: Path) -> None:
    said = {
        "X_Forwarded_Host": "forged.example, pilcrow.example",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Prefix": "/find",
    }
    with prepared("--index", corpus_index) as site:
        assert f'template="{site.address}/?q=' in site.ask("/opensearch.xml", **said)[1]
    expected = 'template="https://pilcrow.example/find/?q='
    named = ("--trusted-host", "pilcrow.example")
    with prepared("--index", corpus_index, "--proxies", "1", *named) as site:
        assert expected in site.ask("/opensearch.xml", **said)[1]
    trusted = {"PILCROW_PROXIES": "1", "PILCROW_TRUSTED_HOSTS": "pilcrow.example"}
    with prepared("--index", corpus_index, **trusted) as site:
        assert expected in site.ask("/opensearch.xml", **said)[1]
        forged = {**said, "X_Forwarded_Host": "forged.example"}
        assert site.ask("/opensearch.xml", **forged)[0] == 421


def test_served_to_others_it_answers_to_addresses_and_says_how_to_name_it(
    corpus_index: Path,
) -> None:
    with prepared("--index", corpus_index, "--host", "0.0.0.0") as site:
        for host in ("192.0.2.7:8000", "[2001:db8::1]", "localhost"):
            assert site.ask("/", Host=host)[0] == 200, host
        assert site.ask("/", Host="pilcrow.example")[0] == 421
        assert "--trusted-host NAME" in site.said
    named = ("--host", "0.0.0.0", "--trusted-host", "pilcrow.example")
    with prepared("--index", corpus_index, *named) as site:
        assert site.ask("/", Host="pilcrow.example")[0] == 200
        assert site.ask("/", Host="192.0.2.7:8000")[0] == 421


@pytest.mark.slow
def test_a_token_and_a_log_and_metrics_are_served(corpus_index: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("correct-horse\n", encoding="ascii")
    shown = {"Authorization": "Bearer correct-horse"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ("--token-file", tmp_path / "token", "--log", "json", "--metrics", port)
    with (tmp_path / "said").open("w+b") as said:
        with serving("--index", corpus_index, *options, said=said) as address:
            assert ask(address, "/?q=pain")[0] == 401
            assert ask(address, "/?q=pain", **shown)[0] == 200
            assert ask(address, "/metrics")[0] == 401
            assert "pilcrow_requests_total" in ask(address, "/metrics", **shown)[1]
            apart = ask(f"http://127.0.0.1:{port}", "/metrics")[1]
            assert 'pilcrow_refused_total{reason="token"} 2.0' in apart
        said.seek(0)
        lines = [json.loads(line) for line in said.read().decode().splitlines()]
    assert [line["status"] for line in lines] == [401, 200, 401, 200]
    assert lines[1]["generation"] == 1
    assert "pain" not in json.dumps(lines)


@pytest.mark.parametrize(
    "given",
    [("--token", ""), ("--token", "two words"), ("--token-file", "no-such-file"),
     ("--token", "a", "--token-file", "b"), ("--log", "xml"), ("--metrics", "x"),
     ("--metrics", "70000"), ("--metrics", "192.0.2.1:9"), ("--log-queries",)],
)  # fmt: skip
def test_what_guards_the_site_is_checked(given: tuple[str, ...], corpus_index: Path) -> None:
    assert given[0] in failure("serve", "--index", corpus_index, "--port", "0", *given) or (
        "name a file" in failure("serve", "--index", corpus_index, "--port", "0", *given)
    )


def test_a_file_that_can_be_no_query_log_is_told_at_once(
    corpus_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILCROW_QUERY_LOG", str(tmp_path / "no-folder" / "queries.sqlite"))
    said = failure("serve", "--index", corpus_index, "--port", "0", "--query-log")
    assert "can't be used as a query log" in said


@pytest.mark.parametrize("command", [("serve", "--port", "0", "--query-log"), ("queries",)])
def test_an_index_in_a_cluster_has_no_query_log_beside_it(command: tuple[str, ...]) -> None:
    assert "PILCROW_QUERY_LOG" in failure(*command, "--index", "opensearch://127.0.0.1:1/x")


@pytest.mark.parametrize("given", [("--corpus", "corpus"), ()])
def test_a_corpus_that_is_named_like_the_usual_one_is_indexed(
    given: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "one.txt").write_text("One\n\nSome words on sprockets.\n", encoding="utf-8")
    pilcrow("index", tmp_path / "one.txt", "--index", tmp_path / "index")
    environ = {} if given else {"PILCROW_CORPUS": "corpus"}
    with prepared("--index", tmp_path / "index", *given, **environ) as site:
        assert site.total("tapering") == 1


@pytest.mark.parametrize("given", ["many", "-1", "1.5", "100"])
def test_a_number_of_proxies_is_a_number(given: str, corpus_index: Path) -> None:
    with pytest.raises(UsageError, match="PILCROW_PROXIES"):
        load_settings({"PILCROW_PROXIES": given})
    assert "--proxies" in failure("serve", "--index", corpus_index, "--proxies", given)


def test_serve_says_when_its_port_is_taken(corpus_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in failure("serve", "--index", corpus_index, "--port", port)
