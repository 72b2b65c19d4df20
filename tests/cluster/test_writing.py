"""Filling an index in a cluster: many writers, updates that are seen whole or not at all, writers
that die, and answers that are whole or refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from indexer import Index, UsageError, build_index, open_index
from indexer.cluster.address import parse_address
from indexer.cluster.build import Filler, WriterShard
from indexer.cluster.engine import Engine
from indexer.cluster.store import ClusterCommit, published
from indexer.errors import IndexBusy, IndexUnavailable
from indexer.parsing.plain_text.outline import parse_text
from indexer.settings import Settings
from tests.cluster.corpora import write
from tests.cluster.nodes import Cluster
from tests.helpers.command_line import pilcrow, started
from tests.helpers.sites import serving

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write(folder)
    return folder


def answers(index: Index) -> list[Any]:
    """What tells one index from another."""
    found = [index.search(query, limit=50) for query in ("pain", "dose -pain", '"chronic pain"')]
    return [[(h.passage, round(h.score, 9), h.marks) for h in one.hits] for one in found]


@pytest.fixture
def wanted(corpus: Path, tmp_path: Path) -> list[Any]:
    build_index([corpus], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        return answers(index)


def test_four_writers_side_by_side(cluster: Cluster, corpus: Path, wanted: list[Any]) -> None:
    address = cluster.address()
    shards = [f"{number}/4" for number in range(1, 5)]

    def run(shard: str) -> int:
        return started("index", corpus, "--index", address, "--shard", shard).returncode

    assert run(shards[0]) == 0
    with pytest.raises(UsageError, match=r"shard 2, 3, 4 of 4 is missing"):
        build_index(None, address, finish=True)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(run, shards)) == {0}  # the first one once more: with the same result
    done = pilcrow("index", "--index", address, "--finish")
    assert b"48 added" in done.stdout
    with open_index(address) as index:
        assert answers(index) == wanted


def test_a_run_again_writes_what_is_there_now(
    cluster: Cluster, corpus: Path, wanted: list[Any]
) -> None:
    address = cluster.address()
    (corpus / "gone.txt").write_text("Pain that is gone\n\nPain, and pain again.\n")
    build_index([corpus], address, shard="1/1")
    (corpus / "gone.txt").unlink()
    build_index([corpus], address, shard="1/1")
    build_index(None, address, finish=True)
    with open_index(address) as index:
        assert answers(index) == wanted


def test_texts_of_one_title_in_two_shares(cluster: Cluster, tmp_path: Path) -> None:
    corpus, address = tmp_path / "corpus", cluster.address()
    corpus.mkdir()
    for number in range(6):  # on disk each gets its file's name
        text = f"How to take tablets\n\nOne tablet a day, for {number} days, with water.\n"
        (corpus / f"leaflet-{number}.txt").write_text(text)
    for shard in ("1/2", "2/2"):
        build_index([corpus], address, shard=shard)
    build_index(None, address, finish=True)
    build_index([corpus], tmp_path / "index")
    with open_index(address) as index, open_index(tmp_path / "index") as local:
        assert index.articles() == local.articles()
        assert answers(index) == answers(local)
        assert index.search("leaflet").hits == local.search("leaflet").hits
    report = build_index([corpus], address)
    assert (report.unchanged, report.changed) == (6, 0)


def test_a_share_that_was_begun_again_is_missing_until_it_ends(
    cluster: Cluster, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = cluster.address()
    build_index([corpus], address, shard="1/1")
    (corpus / "nested.md").write_text("# Another\n\nWords that nobody counted.\n")
    with monkeypatch.context() as patched:
        patched.setattr(Filler, "_clear", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_index([corpus], address, shard="1/1")
    with pytest.raises(UsageError, match="shard 1 of 1 is missing"):
        build_index(None, address, finish=True)


def test_a_finish_that_was_cut_off_counts_all_words(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, address = tmp_path / "corpus", cluster.address()
    corpus.mkdir()
    shards = ("1/2", "2/2")
    for shard in shards:  # of two writers neither knows that there is another of this title
        names = (f"leaflet-{number}" for number in range(99))
        name = next(name for name in names if WriterShard.parse(shard).has(name))
        (corpus / f"{name}.txt").write_text("How to take tablets\n\nOne a day, with water.\n")
    for shard in shards:
        build_index([corpus], address, shard=shard)
    with monkeypatch.context() as patched:
        patched.setattr("indexer.cluster.build.write_state", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_index(None, address, finish=True)
    with pytest.raises(UsageError, match="run the shards again"):
        build_index(None, address, finish=True)
    for shard in shards:
        build_index([corpus], address, shard=shard)
    build_index(None, address, finish=True)
    with open_index(address) as index:
        assert index.search("leaflet").total == 2


def interrupted(*_: Any) -> None:
    """A writer that is killed here."""
    raise KeyboardInterrupt


def records(path: Path) -> None:
    """Records with ids and without, one id twice, a line that is none, and empty ones."""
    lines = [json.dumps({"id": f"r{n}", "text": f"Pain, dose {n} mg of it."}) for n in range(40)]
    lines[5:5] = ["", '{"text": "Pain without a name."}', "{no record"]
    lines.append('{"id": "r7", "text": "Chronic pain."}')
    path.write_text("\n".join(lines), encoding="utf-8")


def test_records_of_one_file_in_shares(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, address = tmp_path / "records.jsonl", cluster.address()
    records(path)
    on_disk = build_index([path], tmp_path / "index")
    monkeypatch.setattr("indexer.cluster.build.PIECE", 300)  # several pieces
    read: list[str] = []

    def noted(text: str) -> Any:
        read.append(text)
        return parse_text(text)

    monkeypatch.setattr("indexer.parsing.formats.jsonl.parse_text", noted)
    told = [build_index([path], address, shard=f"{n}/4") for n in range(1, 5)]
    nameless, twice = 1, 1
    assert len(read) == 41 + 3 * nameless + twice  # by the writer whose record it is
    build_index(None, address, finish=True)
    problems = [str(problem) for one in told for problem in one.skipped]
    assert sum(":8: not JSON" in problem for problem in problems) == 4
    assert sum("'r7'" in problem for problem in problems) == 1
    with open_index(address) as index, open_index(tmp_path / "index") as local:
        assert index.articles() == local.articles()
        assert answers(index) == answers(local)
    again = build_index([path], address)  # what was wrong is said again
    assert len(again.skipped) == len(on_disk.skipped) == 2
    assert again.unchanged == 41


def test_an_update_is_seen_whole_or_not_at_all(cluster: Cluster, tmp_path: Path) -> None:
    corpus, address = tmp_path / "corpus", cluster.address()
    corpus.mkdir()

    def put(word: str) -> None:
        for number in range(20):
            text = f"# Article {number}\n\nThis one is of the {word} state.\n"
            (corpus / f"a{number}.md").write_text(text)

    put("first")
    build_index([corpus], address)
    seen: list[set[str]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with open_index(address) as index:
                hits = index.search("first OR second OR third", limit=50).hits
                assert len(hits) == 20
                seen.append({hit.passage.text for hit in hits})

    reader = threading.Thread(target=read)
    reader.start()
    before = open_index(address)
    for word in ("second", "third"):
        put(word)
        build_index([corpus], address)
    stop.set()
    reader.join()
    assert all(len(texts) == 1 for texts in seen)
    assert before.count("first") == 20  # whoever opened it then still sees that commit
    before.close()
    with open_index(address) as index:
        assert (index.count("third"), index.count("first OR second")) == (20, 0)
        assert {link.status for link in index.links()} == {"edited", "intact"}


@pytest.fixture
def engine(cluster: Cluster, corpus: Path) -> Iterator[Engine]:
    address = cluster.address()
    build_index([corpus], address)
    made = Engine(parse_address(address), Settings())
    yield made
    made.close()


def test_what_a_writer_that_died_wrote_is_passed_over(
    engine: Engine, corpus: Path, monkeypatch: pytest.MonkeyPatch, wanted: list[Any]
) -> None:
    address = str(engine.address)
    kept = corpus / "nested.md"
    text = kept.read_text()
    (corpus / "new.md").write_text("# New\n\nPain and chronic pain, a dose.\n")
    kept.write_text(text.replace("Chronic", "Zymurgic"))
    monkeypatch.setattr(
        ClusterCommit, "publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        build_index([corpus], address)
    monkeypatch.undo()
    with open_index(address) as index:
        assert answers(index) == wanted
    (corpus / "new.md").unlink()
    kept.write_text(text)
    (corpus / "other.md").write_text("# Other\n\nNothing of it.\n")
    build_index([corpus], address)  # a commit with a higher number than the one that never came
    with open_index(address) as index:
        assert [[hit[0].id for hit in one] for one in answers(index)] == [
            [hit[0].id for hit in one] for one in wanted
        ]
        assert index.count("Zymurgic") == 0


def test_one_writer_at_a_time(engine: Engine, corpus: Path) -> None:
    state = published(engine)
    assert state is not None
    with ClusterCommit(engine, state), pytest.raises(IndexBusy, match="another process"):
        build_index([corpus], str(engine.address))
    build_index([corpus], str(engine.address))


def test_a_reader_whose_commit_is_no_longer_kept_is_told(
    engine: Engine, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(engine.address)
    with open_index(address) as index:
        before = index.count("chronic")
        monkeypatch.setattr("indexer.cluster.build.KEPT_SECONDS", -1.0)
        for number in range(4):  # the third one takes out what the first has ended
            (corpus / "nested.md").write_text(f"# Another\n\nOther words, {number}.\n")
            build_index([corpus], address)
        engine.refresh(engine.index("passages", 1))
        assert index.count("chronic OR chronically") < before  # it has not looked yet
        monkeypatch.setattr("indexer.cluster.store.KEPT_SECONDS", 0.0)
        monkeypatch.setattr("indexer.cluster.store.CHECKED", 0.0)
        for ask in (index.count, index.search, index.concordance, index.audit):
            with pytest.raises(IndexUnavailable, match="open it anew"):
                ask("chronic")
    with open_index(address) as index:
        assert index.count("chronic") < before


def test_a_generation_is_replaced_and_keeps_its_ids(
    engine: Engine, corpus: Path, wanted: list[Any]
) -> None:
    address = str(engine.address)
    with open_index(address) as before:
        ids = {link.id for link in before.links()}
        (corpus / "nested.md").rename(corpus / "renamed.md")
        build_index([corpus], address, rebuild=True)
        assert answers(before) == wanted  # of the generation that it was opened with
    with open_index(address) as index:
        links = list(index.links())
        assert ids <= {link.id for link in links}
        assert {link.status for link in links if link.id in ids} == {"intact", "moved"}


def test_half_an_answer_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = {"total": 6, "successful": 4, "failed": 2}
    answer = {"_shards": shards, "hits": {"total": {"value": 1}, "hits": []}}
    with open_index(str(engine.address)) as index:
        monkeypatch.setattr(Engine, "ask", lambda *_, **__: {"responses": [answer], **answer})
        with pytest.raises(IndexUnavailable, match="2 of 6 shards did not answer"):
            index.count("pain")


def test_every_search_asks_for_whole_answers(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Engine.ask

    def noted(self: Engine, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        if path.endswith(("_search", "_msearch")):
            asked.append(f"{body} {params}".lower().replace("'", '"'))
        return ask(self, method, path, body, params)

    monkeypatch.setattr(Engine, "ask", noted)
    with open_index(str(engine.address)) as index:
        answers(index)
        index.concordance("pain")
        index.audit(["pain"])
        index.passages(index.articles()[0].id)
        list(index.links())
    assert len(asked) > 8
    assert all('"allow_partial_search_results": ' in one for one in asked)
    assert not any("true" in one.split("allow_partial_search_results")[1][:8] for one in asked)


def test_the_site_says_503_where_the_cluster_is_gone(cluster: Cluster) -> None:
    gone = Path(f"opensearch://127.0.0.1:1/{'x' * 8}")
    with serving(gone) as client:
        for page in ("/?q=pain", "/api/v1/search?q=pain"):
            answer = client.get(page)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0


def test_the_site_serves_it_and_follows_its_commits(engine: Engine, corpus: Path) -> None:
    address = Path(str(engine.address))
    with serving(address) as client:
        assert client.get("/api/v1/search?q=brandnew").get_json()["total"] == 0
        (corpus / "new.md").write_text("# New\n\nA brandnew word.\n")
        build_index([corpus], str(engine.address))
        client.application.extensions["library"].every = 0
        found = client.get("/api/v1/search?q=brandnew").get_json()
        assert found["total"] == 1
        assert client.get(found["hits"][0]["link"], follow_redirects=True).status_code == 200
        assert b"brandnew" in client.get("/?q=brandnew").data
