"""What is asked of a cluster, without one: addresses, shares, credentials, requests tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy.exceptions import TransportError

from indexer import PilcrowError, UsageError, build_index, load_settings, open_index
from indexer.cluster.address import parse_address
from indexer.cluster.build import WriterShard
from indexer.cluster.engine import Engine
from indexer.errors import IndexUnavailable
from indexer.settings import Settings
from tests.helpers.command_line import failure


def test_addresses() -> None:
    found = parse_address(Path("opensearch://a.example:9201,b.example/Name".lower()))
    assert found.hosts == (("a.example", 9201), ("b.example", 9200))
    assert parse_address("opensearch+https://[::1]:9200/x").tls
    for wrong in ("opensearch://h", "opensearch:///x", "opensearch+ftp://h/x", "opensearch://h/X"):
        with pytest.raises(UsageError, match="no address such as"):
            parse_address(wrong)
    with pytest.raises(UsageError) as told:
        open_index("opensearch://me:secret@h/x")
    assert "secret" not in str(told.value)
    with pytest.raises(PilcrowError):
        open_index("opensearch://127.0.0.1:1/x")


def test_every_article_is_in_one_share() -> None:
    names = [f"article-{number}" for number in range(1_000)]
    shares = [WriterShard(number, 7) for number in range(1, 8)]
    assert all(sum(share.has(name) for share in shares) == 1 for name in names)
    assert min(sum(map(share.has, names)) for share in shares) > 100
    for wrong in ("0/4", "5/4", "x", "1", "1/x", "-1/4"):
        with pytest.raises(UsageError, match="shard"):
            WriterShard.parse(wrong)


def test_shares_are_for_a_cluster(tmp_path: Path) -> None:
    for options in ({"shard": "1/2"}, {"finish": True}):
        with pytest.raises(UsageError, match="for an index in a cluster"):
            build_index([tmp_path], tmp_path / "index", **options)


@pytest.mark.parametrize(
    "given",
    ["--finish --rebuild", "--shard 1/2 --rebuild", "texts --finish", "--semantic"],
)
def test_options_that_would_do_nothing_are_refused(given: str) -> None:
    said = failure("index", *given.split(), "--index", "opensearch://127.0.0.1:1/x")
    assert said.startswith(f"pilcrow: {given.split()[-1]}")


def test_credentials(tmp_path: Path) -> None:
    path = tmp_path / "access"
    path.write_text("# ours\nuser = me\npassword=secret=1\n")
    environ = {"PILCROW_OPENSEARCH_FILE": str(path), "PILCROW_OPENSEARCH_USER": "you"}
    access = load_settings(environ).opensearch
    assert (access.user, access.password) == ("you", "secret=1")
    assert "secret" not in repr(access)
    path.write_text("secret\n")
    with pytest.raises(UsageError, match="write lines NAME=VALUE") as told:
        load_settings(environ)
    assert "secret" not in str(told.value)
    with pytest.raises(UsageError, match="SHARDS"):
        load_settings({"PILCROW_OPENSEARCH_SHARDS": "0"})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr("time.sleep", lambda _: None)
    made = Engine(parse_address("opensearch://127.0.0.1:1/x"), Settings())
    yield made
    made.close()


def test_where_there_is_no_room_it_is_tried_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def ask(self: Engine, method: str, path: str, body: Any, params: Any) -> Any:
        tried.append(path)
        if len(tried) < 3:
            raise TransportError(429, "circuit_breaking_exception", {})
        return {"fine": True}

    monkeypatch.setattr(Engine, "_ask", ask)
    assert engine.ask("PUT", "/x/_doc/1", {}) == {"fine": True}
    monkeypatch.setattr(
        Engine, "_ask", lambda *_: (_ for _ in ()).throw(TransportError(429, "full", {}))
    )
    with pytest.raises(IndexUnavailable, match="try again"):
        engine.ask("POST", "/x/_search", {})


def test_what_some_shards_did_not_answer_is_no_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(self: Engine, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        asked.append(f"{body}{params}")
        shards = {"total": 6, "successful": 4, "failed": 0}
        answer = {"_shards": shards, "hits": {"hits": []}, "pit_id": "p"}
        return {**answer, "responses": [answer]}

    monkeypatch.setattr(Engine, "ask", ask)
    ways: list[Callable[[Engine], Any]] = [
        lambda engine: engine.search("x-passages", {}),
        lambda engine: engine.search_all([("x-passages", {}, {})]),
        lambda engine: next(engine.walk("x-passages", {}, {}), None),
        lambda engine: next(engine.walk("x-passages", {}, {}, few=True), None),
    ]
    for way in ways:
        with pytest.raises(IndexUnavailable, match="2 of 6 shards did not answer"):
            way(engine)
    assert not any("true" in one for one in asked)  # all are told to allow no part
    some = engine.asked_for_some()
    for way in ways[:2]:
        way(some)
    assert some.unanswered == {"x-passages": {(2, 6)}}
    with pytest.raises(IndexUnavailable, match="did not answer"):
        some.search("", {})  # a point in time has lost shards since it was made
    assert engine.unanswered is None


def test_actions_that_found_no_room_are_sent_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def ask(self: Engine, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        ids = [line[-4] for line in body.splitlines() if '"_id"' in line]
        sent.append("".join(ids))
        full = {"status": 429, "error": {"reason": "full"}}
        items = [{"index": full if len(sent) == 1 and one != "a" else {}} for one in ids]
        return {"errors": any(item["index"] for item in items), "items": items}

    monkeypatch.setattr(Engine, "ask", ask)
    engine.bulk([line for one in "abc" for line in (f'{{"index":{{"_id":"{one}"}}}}', "{}")])
    assert sent == ["abc", "bc"]
