"""What happens to answers and writers when nodes die: nothing is lost, and no short answer is taken
for a whole one. Only in `make nightly`: nodes that were killed take their time to come back."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from indexer import Index, Results, build_index, load_settings, open_index
from indexer.errors import IndexUnavailable
from tests.cluster.corpora import write
from tests.cluster.nodes import PORT, Cluster
from tests.helpers.command_line import started
from webapp import create_app

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.skipif("NIGHTLY" not in os.environ, reason="only in make nightly"),
]

QUERIES = ("pain", "dose -pain", '"chronic pain"', "withdrawal OR relief", "pain NEAR/5 dose")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Nodes of this module's own, which are killed."""
    cluster = Cluster(tmp_path_factory.mktemp("mortal"), PORT + 100)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@dataclass
class Readers:
    """Threads that count the same again and again."""

    index: Index
    wanted: dict[str, int]
    whole: int = 0
    refused: int = 0
    wrong: list[tuple[str, int]] = field(default_factory=list)
    slowest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Counts until it is stopped."""
        while not self._stop.is_set():
            for query, number in self.wanted.items():
                began = time.monotonic()
                try:
                    found = self.index.count(query)
                except IndexUnavailable:
                    self.refused += 1
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.whole += 1
                if found != number:
                    self.wrong.append((query, found))

    def __enter__(self) -> Readers:
        self._threads = [threading.Thread(target=self.run) for _ in range(4)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def every_host(cluster: Cluster, address: str) -> str:
    """The address by all three nodes."""
    hosts = ",".join(f"127.0.0.1:{cluster.port + number}" for number in range(3))
    return f"opensearch://{hosts}/{address.rpartition('/')[2]}"


@pytest.fixture(scope="module")
def filled(
    nodes: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Index, dict[str, int]]]:
    folder = tmp_path_factory.mktemp("filled")
    write(folder / "corpus")
    address = every_host(nodes, nodes.address())
    build_index([folder / "corpus"], address)
    with open_index(address) as index:
        yield index, {query: index.count(query) for query in QUERIES}


def test_a_node_is_killed_while_it_is_asked(
    nodes: Cluster, filled: tuple[Index, dict[str, int]]
) -> None:
    with Readers(*filled) as readers:
        time.sleep(3)
        nodes.kill(2)
        time.sleep(10)
    assert readers.whole > 50
    assert readers.wrong == []
    nodes.start([2])


def test_two_of_three_nodes_are_killed(
    nodes: Cluster, filled: tuple[Index, dict[str, int]]
) -> None:
    with Readers(*filled) as readers:
        time.sleep(1)
        nodes.kill(1)
        nodes.kill(2)
        time.sleep(10)
    assert readers.wrong == []  # refused, or answered before
    nodes.start([1, 2])
    index, wanted = filled
    assert {query: index.count(query) for query in QUERIES} == wanted


def only_with_passages(cluster: Cluster, address: str) -> int:
    """The number of a node that holds some passages of an index, and nothing else that is asked."""
    name = address.rpartition("/")[2]
    held: dict[str, set[str]] = {}
    for shard in cluster.get(f"_cat/shards/{name}-*?format=json"):
        held.setdefault(shard["node"], set()).add(shard["index"].split("-")[1])
    return max(int(node[4:]) for node, kinds in held.items() if "meta" not in kinds)


def test_of_a_cluster_that_has_lost_shards_a_search_shows_what_there_is(
    nodes: Cluster, tmp_path: Path
) -> None:
    write(tmp_path / "corpus")
    address = every_host(nodes, nodes.address())
    alone = load_settings({"PILCROW_OPENSEARCH_REPLICAS": "0"})
    build_index([tmp_path / "corpus"], address, settings=alone)
    asked: dict[str, Any] = {"limit": 1_000, "other_names": True}
    with open_index(address) as index:
        whole = {query: index.search(query, **asked) for query in QUERIES}
        assert index.search("pain", **asked, partial=True) == whole["pain"]
        killed = only_with_passages(nodes, address)
        nodes.kill(killed)
        try:
            check_what_is_left(index, address, whole)
        finally:
            nodes.start([killed])
        assert {query: index.search(query, **asked) for query in QUERIES} == whole


def check_what_is_left(index: Index, address: str, whole: dict[str, Results]) -> None:
    """Asks a cluster that has lost some shards for good."""
    lost = 0
    for query, before in whole.items():
        for ask in (index.search, index.count, index.concordance, index.audit, index.barcodes):
            with pytest.raises(IndexUnavailable):
                ask(query)
        some = index.search(query, limit=1_000, other_names=True, partial=True)
        assert some.lost_shards is not None
        lost = some.lost_shards.shards
        assert 0 < lost < some.lost_shards.of == 6
        assert 0 < some.total <= before.total
        marks = {hit.passage.id: hit.marks for hit in before.hits}
        assert all(marks[hit.passage.id] == hit.marks for hit in some.hits)
    done = started("search", "pain", "--partial", "--index", address)
    assert done.returncode == 0
    assert f"{lost} of 6 shards did not answer".encode() in done.stderr
    assert b"of at least " in done.stdout
    for command in ("search", "concordance", "audit"):
        done = started(command, "pain", "--index", address)
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1
    client = create_app({"INDEX": address}).test_client()
    answer = client.get("/api/v1/search?q=pain&partial=true")
    assert answer.get_json()["lost_shards"] == {"shards": lost, "of": 6}
    answer = client.get("/api/v1/search?q=pain")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_node_is_killed_while_four_writers_send(nodes: Cluster, tmp_path: Path) -> None:
    write(tmp_path / "corpus")
    build_index([tmp_path / "corpus"], tmp_path / "index")
    address = every_host(nodes, nodes.address())

    def run(number: int) -> int:
        given = ("--index", address, "--shard", f"{number}/4")
        return started("index", tmp_path / "corpus", *given).returncode

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(run, number) for number in range(1, 5)]
        time.sleep(4)
        nodes.kill(2)
        codes = [writer.result() for writer in writers]
    nodes.start([2])
    for number, code in enumerate(codes, 1):
        if code:  # it said what was not acknowledged: the same command again
            assert run(number) == 0
    build_index(None, address, finish=True)
    with open_index(address) as index, open_index(tmp_path / "index") as local:
        assert index.totals == local.totals
        assert all(index.count(query) == local.count(query) for query in QUERIES)


def test_generations_are_swapped_under_readers(nodes: Cluster, tmp_path: Path) -> None:
    write(tmp_path / "corpus")
    address = every_host(nodes, nodes.address())
    build_index([tmp_path / "corpus"], address)
    with open_index(address) as index:
        wanted = {query: index.count(query) for query in QUERIES}
    stop, wrong, answered = threading.Event(), list[str](), list[int]()

    def read() -> None:
        while not stop.is_set():
            with open_index(address) as index:
                for query, number in wanted.items():
                    if index.count(query) != number:
                        wrong.append(query)
                    answered.append(1)

    readers = [threading.Thread(target=read) for _ in range(50)]
    for reader in readers:
        reader.start()
    done = [
        started("index", tmp_path / "corpus", "--index", address, "--rebuild") for _ in range(5)
    ]
    stop.set()
    for reader in readers:
        reader.join()
    assert [one.returncode for one in done] == [0] * 5
    assert wrong == []
    assert len(answered) > 100
