"""Contracts as they were recorded in `tests/golden`: help, answers of commands and API, headers of
every page, and the façade.

    RECORD=1 python -m pytest tests/test_contracts.py tests/test_digests.py

records them again; a difference fails with a diff. Something new (a command, a form of answers, an
operation, a route) fails until it is asked for in `contracts`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer import Settings, open_index
from tests import ROOT
from tests.helpers.contracts import (
    API,
    CLAIMS,
    COMMANDS,
    PAGES,
    PLACES,
    REQUESTS,
    SYNONYMS,
    answers,
    body_of,
    commands_of,
    edit_corpus,
    facade,
    forms_of,
    headers_of,
    known_ids,
    normal,
    pilcrow,
    shown,
    tree,
    write_corpus,
)
from tests.helpers.recording import check, check_names
from webapp import create_app

NO_HEADERS: dict[str, str] = {}
NOT_TEXT = {"html", "xlsx"}  # forms that other tests read: a page and a workbook
INDEXING = ("index-json", "index-json-again", "index-text", "index-json-nothing")


@dataclass(frozen=True)
class Site:
    """A folder with a corpus and its index, ids in it, and what indexing it wrote."""

    folder: Path
    ids: dict[str, str]
    indexed: dict[str, str]

    def filled(self, pattern: str) -> str:
        """`pattern` with ids and places in its braces."""
        for name, value in {**self.ids, **PLACES}.items():
            pattern = pattern.replace(f"{{{name}}}", value)
        return pattern


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        indexed = {}

        def index(name: str, *options: str) -> None:
            indexed[name] = shown(("index", *options), pilcrow("index", *options), {})

        write_corpus(folder / "corpus")
        index("index-json", "corpus", "--json")
        shutil.copytree(folder / ".pilcrow", folder / "before")
        pilcrow("audit", "pain", "not", "--save", "before.json")
        edit_corpus(folder / "corpus")
        index("index-json-again", "--json")
        index("index-text")
        index("index-json-nothing", "--json")
        ids = known_ids(folder / ".pilcrow")
        assert {"edited", "moved", "lost"} <= set(ids)
        links = [f"https://example.org/p/{one}" for one in (*ids.values(), "0123456789abcdef")]
        (folder / "newsletter.html").write_text(
            "".join(f'<p><a href="{link}">there</a></p>\n' for link in links), encoding="utf-8"
        )
        shutil.copytree(ROOT / "tests" / "data" / "judged", folder / "judged")
        (folder / "claims.csv").write_text(CLAIMS, encoding="utf-8")
        (folder / "synonyms.txt").write_text(SYNONYMS, encoding="utf-8")
        pilcrow("links", "--export", "ids.jsonl")
        yield Site(folder, ids, indexed)


def settle(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Goes to `folder`, in an environment that changes no answer."""
    patch.chdir(folder)
    for name in ("CORPUS", "INDEX", "SYNONYMS", "LANGUAGE", "TRUSTED_HOSTS", "PROXIES", "TOKEN"):
        patch.delenv(f"PILCROW_{name}", raising=False)
    for name in ("FORCE_COLOR", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        patch.delenv(name, raising=False)
    patch.setenv("COLUMNS", "80")
    patch.setenv("NO_COLOR", "1")
    patch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def settled(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site, in whose folder the test is."""
    settle(monkeypatch, site.folder)
    return site


@pytest.fixture(scope="module")
def web(site: Site) -> Iterator[FlaskClient]:
    an_hour_ago = time.time() - 3600  # an index of this second has no Last-Modified yet
    for file in (site.folder / ".pilcrow").rglob("*"):
        os.utime(file, (an_hour_ago, an_hour_ago))
    app = create_app({"INDEX": site.folder / ".pilcrow", "SETTINGS": Settings()})
    yield app.test_client()
    app.extensions["library"].close()


@pytest.fixture(scope="module")
def helps() -> dict[str, str]:
    """What `--help` says of `pilcrow` and of each command that it lists."""
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, Path.cwd())
        text = pilcrow("--help").out
        return {
            "pilcrow": text,
            **{name: pilcrow(name, "--help").out for name in commands_of(text)},
        }


# --- the command line ---------------------------------------------------------------------------


def test_every_help_is_the_one_recorded(helps: dict[str, str]) -> None:
    assert len(helps) > 10
    for name, text in helps.items():
        check(f"help/{name}.txt", text)
    check_names("help", {f"help/{name}.txt" for name in helps})


def test_every_form_of_every_command_is_asked_for(helps: dict[str, str]) -> None:
    for command, text in helps.items():
        asked = [arguments for arguments in COMMANDS.values() if arguments[0] == command]
        given = {after for one in asked for form, after in pairwise(one) if form == "--format"} | {
            "text"
        }
        # `queries` tells the day, the others write files: tests of their own ask for them
        if command not in ("queries", "backup", "restore"):
            assert forms_of(text) - NOT_TEXT <= given, command
            assert asked or command in ("pilcrow", "index", "serve"), command


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_answers_as_recorded(settled: Site, name: str) -> None:
    out = settled.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    arguments = COMMANDS[name]
    answer = pilcrow(*map(settled.filled, arguments))
    files = {f"out/{path.name}": path.read_bytes().decode() for path in sorted(out.iterdir())}
    check(f"cli/{name}.txt", shown(arguments, answer, files))


@pytest.mark.parametrize("name", INDEXING)
def test_indexing_reports_as_recorded(site: Site, name: str) -> None:
    check(f"cli/{name}.txt", site.indexed[name])


# --- HTTP ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", API)
def test_an_answer_is_the_one_recorded(web: FlaskClient, site: Site, name: str) -> None:
    response = web.get(site.filled(API[name]))
    head = f"GET {API[name]}\n{response.status}\n{response.content_type}\n\n"
    check(f"http/{name}.txt", head + body_of(response) + "\n")


def test_status_and_headers_are_those_recorded(web: FlaskClient, site: Site) -> None:
    plain = [("GET", address, NO_HEADERS) for address in (*PAGES, *API.values())]
    alike: dict[str, list[str]] = {}  # status and headers → the requests that they answer
    for method, address, headers in (*plain, *REQUESTS):
        response = web.open(site.filled(address), method=method, headers=headers)
        written = headers_of(response)
        response.close()
        for name, one in site.ids.items():
            written = written.replace(one, f"{{{name}}}")
        asked = " ".join(
            (method, address, *(f"{name}: {value}" for name, value in headers.items()))
        )
        alike.setdefault(written, []).append(asked)
    blocks = ["\n".join((*asked, "", written)) for written, asked in alike.items()]
    check("http/headers.txt", "\n\n\n".join(blocks) + "\n")


def test_an_answer_that_is_known_is_not_sent_again(web: FlaskClient) -> None:
    tag = web.get("/api/v1/search?q=pain").headers["ETag"]
    again = web.get("/api/v1/search?q=pain", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_every_route_and_operation_is_asked_for(web: FlaskClient, site: Site) -> None:
    routes = web.application.url_map.bind("localhost")
    asked = {
        str(routes.match(site.filled(address).partition("?")[0], return_rule=True)[0])
        for address in (*PAGES, *API.values())
        if "nowhere" not in address
    }
    assert {str(rule) for rule in web.application.url_map.iter_rules()} == asked
    described = json.loads(web.get("/openapi.json").data)["paths"]
    patterns = [re.compile(r"/api/v1" + re.sub(r"{\w+}", ".+", path)) for path in described]
    paths = [address.partition("?")[0] for address in API.values()]
    assert all(any(map(pattern.fullmatch, paths)) for pattern in patterns)


# --- the façade ---------------------------------------------------------------------------------


def test_the_facade_is_the_one_recorded() -> None:
    check("facade/names.txt", facade())


def test_answers_of_the_facade_have_the_fields_recorded(settled: Site) -> None:
    with open_index(settled.folder / ".pilcrow", settings=Settings()) as index:
        lines = [
            line
            for name, answer in answers(index, settled.ids["id"]).items()
            for line in (name, *tree(answer, 1), "")
        ]
    check("facade/answers.txt", "\n".join(lines))


def test_nothing_that_is_recorded_is_left_over() -> None:
    check_names("cli", {f"cli/{name}.txt" for name in (*COMMANDS, *INDEXING)})
    check_names("http", {"http/headers.txt", *(f"http/{name}.txt" for name in API)})
    check_names("facade", {"facade/names.txt", "facade/answers.txt"})


def test_a_difference_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.helpers.recording.GOLDEN", tmp_path)
    monkeypatch.setattr("tests.helpers.recording.RECORDING", False)
    with pytest.raises(AssertionError, match=r"nothing is recorded as tests/golden/a\.txt"):
        check("a.txt", "one\ntwo\n")
    (tmp_path / "a.txt").write_text("one\nthree\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"\n one\n-three\n\+two$"):
        check("a.txt", "one\ntwo\n")
    with pytest.raises(AssertionError, match=r"left over: \['a\.txt'\]"):
        check_names("", {"b.txt"})


@pytest.mark.parametrize(
    ("written", "without"),
    [
        ("pilcrow 0.1.0", "pilcrow <version>"),
        ('"seconds": 0.31,', '"seconds": <seconds>,'),
        ('"score": 1.23456789,', '"score": 1.23457,'),
        ('"count": 1234567', '"count": 1234567'),
        ("in /somewhere/else/.pilcrow", "in <folder>/.pilcrow"),
        ("made 2031-01-02T03:04:05Z", "made <moment>"),
        ("take 2.5 mg in 2024-03-01", "take 2.5 mg in 2024-03-01"),
    ],
)
def test_only_what_varies_is_taken_out(written: str, without: str) -> None:
    assert normal(written) == without
