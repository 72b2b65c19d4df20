"""Many passages, written by four processes: what is found is known from how the texts were made."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer import build_index, open_index
from tests import ROOT
from tests.cluster.nodes import Cluster
from tests.helpers import terminal
from tests.helpers.effort import tries

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

NUMBER = tries(3_000, 1_000_000)  # passages
OF_ONE = 100  # passages of an article
ALONE = {"PILCROW_OPENSEARCH_SHARDS": "3", "PILCROW_OPENSEARCH_REPLICAS": "0"}


def write(path: Path) -> None:
    """One article a line."""
    with path.open("w", encoding="utf-8") as lines:
        for article in range(NUMBER // OF_ONE):
            numbers = range(article * OF_ONE, (article + 1) * OF_ONE)
            texts = [f"Patient p{i} took m{i % 1000} and felt r{i % 7} then." for i in numbers]
            one = {"id": f"a{article}", "title": f"Record {article}", "text": "\n\n".join(texts)}
            lines.write(f"{json.dumps(one)}\n")


def test_every_passage_is_found_once(cluster: Cluster, tmp_path: Path) -> None:
    path, address = tmp_path / "records.jsonl", cluster.address()
    write(path)
    began = time.monotonic()
    command = [sys.executable, "-m", "indexer", "index", str(path), "--index", address]
    writers = [
        subprocess.Popen(
            [*command, "--shard", f"{number}/4"],
            cwd=ROOT,
            env=terminal.environment(**ALONE),
            stdout=subprocess.DEVNULL,
        )
        for number in range(1, 5)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    wrote = time.monotonic()
    build_index(None, address, finish=True)
    finished = time.monotonic()
    stored = cluster.get(f"{address.rpartition('/')[2]}-*/_stats/store")["_all"]["primaries"]
    told = (
        f"{NUMBER} passages: {NUMBER / (wrote - began):.0f} a second, finished in "
        f"{finished - wrote:.1f} s, {stored['store']['size_in_bytes'] / 1e6:.0f} MB"
    )
    wanted = {
        "m5": lambda i: i % 1000 == 5,
        "r3 -m5": lambda i: i % 7 == 3 and i % 1000 != 5,
        '"took m5 and felt r3"': lambda i: i % 1000 == 5 and i % 7 == 3,
        "m5 NEAR/3 r3": lambda i: i % 1000 == 5 and i % 7 == 3,
        "(m5 OR m6) r3": lambda i: i % 1000 in (5, 6) and i % 7 == 3,
        f"p{NUMBER - 1}": lambda i: i == NUMBER - 1,
        "felt": lambda _: True,
    }
    with open_index(address) as index:
        assert index.totals.passages == NUMBER
        for query, holds in wanted.items():
            number = sum(map(holds, range(NUMBER)))
            assert index.count(query) == index.search(query).total == number
        counted = {count.term.query: count for count in index.audit(["felt", "m5"]).terms}
        assert counted["felt"].total == NUMBER
        assert set(counted["felt"].by.counts) == {OF_ONE}
        assert counted["m5"].total == sum(map(wanted["m5"], range(NUMBER)))
        lines = index.concordance("r3", limit=3, sort=("left3",))
        assert lines.total == sum(i % 7 == 3 for i in range(NUMBER))
    sys.stderr.write(f"{told}; asked in {time.monotonic() - finished:.1f} s\n")  # shown with -s
