"""The application itself: headers, hosts, proxies, health, and the index that is swapped."""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Response, url_for
from flask.testing import FlaskClient

from indexer import Index, PilcrowError, Results, Settings, UsageError, build_index
from indexer.segments.snapshot import Snapshot, open_snapshot
from tests.helpers.sites import Page, serving
from webapp import create_app, headers
from webapp.headers import SMALLEST, ResponseCache, digest_of_code
from webapp.library import Library
from webapp.params import ReadingForm
from webapp.urls import STATIC, permalink

PAGES = ("/", "/?q=sprocket", "/?q=qqqq", "/articles", "/articles/glance?q=dose", "/outline/glance",
         "/links", "/links?status=lost", "/help", "/api/", "/nope", "/?page=x")  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_pages_need_nothing_that_the_policy_forbids(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "data:" not in policy
    found = Page(response.text)
    for tag, attributes in found.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert tag != "script" or attributes["src"].startswith("/static/")
        assert tag not in ("style", "iframe", "object", "embed", "base")
    outside = [a for a in found.elements if a[1].get("src", "/").startswith(("http", "//"))]
    assert not outside


@pytest.mark.parametrize("address", [*PAGES, "/api/v1/search?q=x", "/static/style.css", "/healthz"])
def test_every_response_has_safe_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as response:
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


def test_pages_are_whole_documents_with_one_heading_and_unique_ids(client: FlaskClient) -> None:
    for address in PAGES:
        found = Page(client.get(address).text)
        assert len(found.all("h1")) == 1, address
        assert found.all("html", lang="en")
        assert len(found.ids()) == len(set(found.ids())), address
        labelled = {label["for"] for label in found.all("label") if "for" in label}
        assert "q" in labelled


def test_static_files_last_under_their_versions(client: FlaskClient) -> None:
    links = re.findall(r'"(/static/[^"]+\?v=\w+)"', client.get("/").text)
    assert len(links) >= 8
    for link in links:
        with client.get(link) as response:
            assert response.status_code == 200
            assert "immutable" in response.headers["Cache-Control"]


def test_scripts_and_style_stay_small() -> None:
    scripts = sum(path.stat().st_size for path in STATIC.glob("*.js"))
    assert scripts < 20_000
    assert "http" not in (STATIC / "style.css").read_text(encoding="utf-8")


def test_a_page_without_cache_weighs_little(client: FlaskClient) -> None:
    for address in PAGES:
        wanted = {"Accept-Encoding": "gzip"}
        whole = len(client.get(address, headers=wanted).data)
        found = Page(client.get(address).text)
        needed = [s["src"] for s in found.all("script")] + [
            "/static/recent.js",
            "/static/pressed.js",
        ]
        needed += [
            link["href"]
            for link in found.all("link")
            if link["rel"] in ("stylesheet", "icon", "apple-touch-icon")
        ]
        for asset in needed:
            with client.get(asset, headers=wanted) as response:
                assert response.status_code == 200, asset
                whole += len(response.data)
        assert whole < 60_000, address


def test_a_browser_can_add_the_search(client: FlaskClient) -> None:
    (link,) = Page(client.get("/").text).all("link", rel="search")
    assert link["type"] == "application/opensearchdescription+xml"
    response = client.get(link["href"])
    assert response.mimetype == link["type"]
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    root = ET.fromstring(response.text)
    name = root.findtext("o:ShortName", namespaces=space)
    assert name
    assert len(name) <= 16
    templates = {url.get("type"): url.get("template", "") for url in root.findall("o:Url", space)}
    for kind in ("text/html", "application/x-suggestions+json"):
        template = templates[kind]
        assert template.startswith("http://localhost/")
        asked = client.get(template.replace("{searchTerms}", quote("sprock*")))
        assert asked.status_code == 200
        assert asked.mimetype == kind
    completed = client.get("/opensearch/suggest?q=sproc").json
    assert completed is not None
    assert completed[0] == "sproc"
    assert completed[1] == ["sprocket"]


def test_robots_read_articles_not_results(client: FlaskClient) -> None:
    rules = client.get("/robots.txt").text
    assert "Disallow: /*?q=" in rules
    assert "Disallow: /articles" not in rules


def test_a_proxy_is_believed_only_when_told_so(client: FlaskClient) -> None:
    said = {"X-Forwarded-Host": "pilcrow.example", "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/find"}  # fmt: skip
    assert "pilcrow.example" not in client.get("/opensearch.xml", headers=said).text
    trusted = {"PROXY_FIX": 1, "TRUSTED_HOSTS": ["pilcrow.example"]}
    with serving(client.application.config["INDEX"], **trusted) as behind:
        told = behind.get("/opensearch.xml", headers=said).text
        assert 'template="https://pilcrow.example/find/?q={searchTerms}"' in told
        for path, rows in (("words", "frequencies"), ("duplicates", "groups")):
            told = behind.get(f"/api/v1/{path}", headers=said).text
            assert rows in told
            assert told.count('"link":"/') == told.count('"link":"/find/')


def test_a_fault_of_ours_tells_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("webapp.api.search", broken)
    monkeypatch.setattr("webapp.api.schema.SearchShape.from_result", broken)
    with caplog.at_level(logging.CRITICAL):
        for address, kind in (
            ("/?q=ours", "text/html"),
            ("/api/v1/search?q=ours", "application/problem+json"),
        ):
            response = client.get(address)
            assert response.status_code == 500
            assert response.mimetype == kind
            assert "secret" not in response.text
            assert "Traceback" not in response.text


def one_article(folder: Path, word: str) -> Path:
    """A corpus of one article that holds `word`."""
    folder.mkdir(exist_ok=True)
    (folder / "one.txt").write_text(f"A title\n\nThis says {word} and no more.\n", encoding="utf-8")
    return folder


def test_a_newer_index_is_served_and_the_old_one_closed(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    build_index([one_article(corpus, "sprocket")], index)
    with serving(index, CHECK_EVERY=0.0) as client:
        first = client.get("/api/v1/search?q=sprocket")
        assert first.json is not None
        assert first.json["total"] == 1
        library: Library = client.application.extensions["library"]
        old = library.newest()  # a request that is still under way
        build_index([one_article(corpus, "grommet")], index)
        seen = {"If-None-Match": first.headers["ETag"]}
        second = client.get("/api/v1/search?q=sprocket", headers=seen)
        assert second.status_code == 200
        assert second.json is not None
        assert second.json["total"] == 0
        assert old.index.search("sprocket").total == 1
        assert old.index.article("one").text.endswith("sprocket and no more.\n")
        read = old.index
        del old
        with pytest.raises(UsageError, match="closed"):
            read.search("sprocket")
        assert "grommet" in client.get("/articles/one").text


def test_an_answer_is_made_once_for_as_long_as_the_index_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    build_index([one_article(corpus, "sprocket")], index)
    searched: list[str] = []
    search = Index.search

    def counted(self: Index, query: str, **asked: Any) -> Results:
        searched.append(query)
        return search(self, query, **asked)

    with serving(index, CHECK_EVERY=0.0) as client:
        monkeypatch.setattr(Index, "search", counted)
        for address in ("/?q=sprocket", "/api/v1/search?q=sprocket", "/api/v1/search?q=nothing"):
            searched.clear()
            first = client.get(address)
            with client.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
                is_packed = len(first.data) >= SMALLEST
                assert packed.headers.get("Content-Encoding") == ("gzip" if is_packed else None)
                read = gzip.decompress(packed.data) if is_packed else packed.data
                assert read == first.data
            again = client.get(address)
            assert again.data == first.data
            assert len(searched) == 1
            different = {"Date", "X-Request-ID", "Last-Modified"}
            kept = [(n, v) for n, v in first.headers if n not in different]
            assert [(n, v) for n, v in again.headers if n not in different] == kept
            assert not client.head(address).data
            assert client.get(f"{address}&limit=1").status_code == 200
            assert len(searched) == 2
        build_index([one_article(corpus, "grommet")], index)
        assert client.get("/api/v1/search?q=sprocket").json["total"] == 0  # type: ignore[index]


def test_kept_answers_do_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "MOST_KEPT", 1_000)
    monkeypatch.setattr(headers, "LARGEST_KEPT", 500)
    answers = ResponseCache()
    for number in range(20):
        answers.put(f"tag {number}", Response(f"{number:0300}", headers={"X": str(number)}))
    answers.put("too much", Response("x" * 501))
    assert [number for number in range(20) if answers.get(f"tag {number}")] == [17, 18, 19]
    assert answers.get("too much") is None
    kept = answers.get("tag 18")
    assert kept is not None
    assert (kept.get_data(as_text=True), kept.headers["X"]) == (f"{18:0300}", "18")


@pytest.mark.parametrize("early", [False, True])
def test_what_did_not_change_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """Also by who sees a commit `early`, before its arrays are made."""
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    one_article(corpus, "sprocket")
    for number in range(30):
        text = f"A title\n\nNumber {number} of many says lever.\n"
        (corpus / f"n{number}.txt").write_text(text, encoding="utf-8")
    build_index([corpus], index)
    library = Library(index, Settings())
    before = library.newest()
    build_index([one_article(corpus, "grommet")], index)
    missing = [early]

    def opened(*asked: Any) -> Snapshot | None:
        return None if missing and missing.pop() else open_snapshot(*asked)

    monkeypatch.setattr("indexer.index.open_snapshot", opened)
    library.look()
    after = library.newest()
    parts = [copy.index._whole_text.parts for copy in (before, after)]
    assert len(parts[1]) == 2
    assert parts[1][0].segment is parts[0][0].segment
    for index_, there, gone in ((before.index, "sprocket", "grommet"),
                                (after.index, "grommet", "sprocket")):  # fmt: skip
        assert index_.count(there) == 1
        assert index_.count(gone) == 0
        assert index_.count("lever") == 30
    older = before.index
    del before  # nothing else refers to this copy
    with pytest.raises(UsageError, match="closed"):
        older.count("lever")
    assert after.index.count("lever") == 30
    library.close()


def test_addresses_of_passages_have_what_was_asked_for(client: FlaskClient) -> None:
    forms = [ReadingForm(), ReadingForm(q="x/0?y&p#z", match="word", any=True), ReadingForm(q="0")]
    for root in ("", "/below", "/p/0"):
        with client.application.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            for form in forms:
                asked: dict[str, Any] = {"passage_id": "00c0ffee00c0ffee", **form.asked()}
                made = url_for("passages.permalink", **asked)
                assert permalink("00c0ffee00c0ffee", form) == made
                assert made.startswith(root)
                assert permalink("a/b ?", form) == url_for(
                    "passages.permalink", **{**asked, "passage_id": "a/b ?"}
                )


def committed_at(index: Path, seconds: float) -> None:
    """Has the last commit look as if it was made then."""
    for path in index.rglob("*.toc"):
        if path.name == max((other.name for other in index.rglob("*.toc")), key=len):
            os.utime(path, (seconds, seconds))


@pytest.mark.parametrize(("age", "later"), [(10.0, -3600.0), (-60.0, 0.25)])
@pytest.mark.parametrize("anew", [False, True])
def test_what_was_told_before_is_not_called_unchanged(
    tmp_path: Path, age: float, later: float, anew: bool
) -> None:
    """Neither after a clock was set back nor after a further commit within a second that is not
    over (nor will be while this test runs)."""
    corpus, index, began = tmp_path / "corpus", tmp_path / "index", int(time.time()) - age
    build_index([one_article(corpus, "sprocket")], index)
    committed_at(index, began + 0.5)
    with serving(index, CHECK_EVERY=0.0) as client:
        told = client.get("/articles/one").headers
        assert ("Last-Modified" in told) == (age > 1)
        if anew:
            shutil.rmtree(index)
        build_index([one_article(corpus, "grommet")], index)
        committed_at(index, began + 0.5 + later)
        seen = {"If-None-Match": told["ETag"], "If-Modified-Since": told.get("Last-Modified", "")}
        for name, text in seen.items():
            assert "grommet" in client.get("/articles/one", headers={name: text}).text, name


def test_a_date_is_told_when_nothing_more_can_have_that_date(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build_index([one_article(tmp_path / "corpus", "sprocket")], index)
    with serving(index) as client:
        committed_at(index, time.time() + 100)
        assert "Last-Modified" not in client.get("/articles/one").headers
    with serving(index) as client:
        committed_at(index, time.time() - 100)
        assert "Last-Modified" in client.get("/articles/one").headers


def test_articles_whose_ids_look_alike_in_addresses_are_told_apart(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    ids = ("a?q=b", "a%3Fq=b", "a%253Fq=b", "é", "%C3%A9", "a b", "a+b", "a%20b")
    texts = {name: f"This is of grommet number{number}." for number, name in enumerate(ids)}
    lines = [json.dumps({"id": name, "title": "T", "text": text}) for name, text in texts.items()]
    records.write_text("\n".join(lines), encoding="utf-8")
    build_index([records], tmp_path / "index")
    with serving(tmp_path / "index") as client:
        for _ in range(2):
            for name, text in texts.items():
                for place in ("/articles/", "/api/v1/articles/"):
                    assert text in client.get(place + quote(name, safe="")).text, name


def test_an_index_that_goes_away_is_served_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    build_index([one_article(corpus, "sprocket")], index)
    with serving(index, CHECK_EVERY=0.0) as client:
        assert "sprocket" in client.get("/?q=sprocket").text
        shutil.rmtree(index)
        for _ in range(5):
            assert client.get("/?q=sprocket").status_code == 200
        assert len([one for one in caplog.messages if "still serving" in one]) == 1
        build_index([one_article(corpus, "grommet")], index)
        assert "1 passage" in client.get("/?q=grommet").text


def test_an_index_that_comes_later_is_found(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with serving(index) as client:
        assert client.get("/").status_code == 503
        build_index([one_article(tmp_path / "corpus", "sprocket")], index)
        assert client.get("/").status_code == 200


def test_the_disk_is_not_looked_at_for_every_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index([one_article(tmp_path / "corpus", "sprocket")], tmp_path / "index")
    looks: list[Path] = []
    with serving(tmp_path / "index", CHECK_EVERY=60.0) as client:
        client.get("/")
        monkeypatch.setattr("webapp.library.signature_of", looks.append)
        for _ in range(5):
            client.get("/?q=sprocket")
    assert not looks


@pytest.mark.slow
def test_threads_share_the_library_while_it_is_swapped(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    build_index([one_article(corpus, "sprocket0")], index)
    failures: list[str] = []
    done = threading.Event()
    with serving(index, CHECK_EVERY=0.0) as client:

        def ask() -> None:
            asking = client.application.test_client()
            while not done.is_set():
                response = asking.get("/articles/one?q=sprocket*")
                if response.status_code != 200 or "<mark" not in response.text:
                    failures.append(response.text)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 6):
                build_index([one_article(corpus, f"sprocket{number}")], index)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        assert not failures
        assert "sprocket5" in client.get("/articles/one").text


def test_without_an_index_the_library_says_so(tmp_path: Path) -> None:
    with pytest.raises(PilcrowError, match="pilcrow index"):
        Library(tmp_path / "none", Settings()).newest()


def test_a_corpus_is_indexed_before_the_first_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = one_article(tmp_path / "corpus", "sprocket")
    with serving(tmp_path / "index", CORPUS=corpus) as client:
        assert "1 passage" in client.get("/?q=sprocket").text
    one_article(corpus, "grommet")
    monkeypatch.setenv("PILCROW_CORPUS", str(corpus))
    monkeypatch.setenv("PILCROW_INDEX", str(tmp_path / "index"))
    app = create_app()  # as `flask --app webapp run` makes it
    assert "1 passage" in app.test_client().get("/?q=grommet").text
    app.extensions["library"].close()


def test_a_corpus_that_is_not_there_leaves_the_index_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = tmp_path / "index"
    build_index([one_article(tmp_path / "corpus", "sprocket")], index)
    with serving(index, CORPUS=tmp_path / "gone") as client:
        assert "1 passage" in client.get("/?q=sprocket").text
    assert "gone" in caplog.text


def test_what_makes_answers_is_in_the_digest_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = digest_of_code(), Path.read_bytes
    assert before == digest_of_code()
    for name in (
        "webapp/search.py",
        "reporting/schema.py",
        "reporting/templates/tables.html",
        "query/language.md",
    ):

        def changed(path: Path, name: str = name) -> bytes:
            return read(path) + (b"#" if path.as_posix().endswith(name) else b"")

        monkeypatch.setattr(Path, "read_bytes", changed)
        assert digest_of_code() != before, name
