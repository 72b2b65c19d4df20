"""An index in a cluster and the same one on disk: searches, audits and writing.

    python -m benchmarks.cluster INDEX ADDRESS [--queries N] [--above]
    python -m benchmarks.cluster INDEX ADDRESS --audits TERM …
    python -m benchmarks.cluster INDEX ADDRESS --writers PATH …

In: a folder and an address with the same articles; with `--writers PATH` the address is filled by
1, 2 and 4 processes. Out, as Markdown: times of searches (p50 and p95) for words, phrases and NEAR
in both, whether totals are equal, and the share of the ten best on disk that are among the rescored
passages (`--above`: only queries with more hits than are rescored). Each query is searched for once
after others, with the caches of the engine emptied. With `--audits TERM …`: seconds
of an audit and of a concordance page for each term, and the peak memory so far. With `--writers`:
rates of writing, and sizes.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from benchmarks.engines.tables import row
from indexer import Index, build_index, open_index
from indexer.cluster.address import parse_address
from indexer.cluster.engine import Engine
from indexer.cluster.searcher import MOST_RANKED
from indexer.settings import Settings

WRITERS = (1, 2, 4)
KINDS = ("one word", "two words", "phrase", "NEAR")
SEED = 20
WARMING = 25  # queries of each kind that are not measured; `SEED` + 1 makes them


def queries(index: Index, number: int, kind: str, least: int, seed: int = SEED) -> list[str]:
    """`number` queries of a kind that find `least` passages or more; fewer if there are no more."""
    found: dict[str, None] = {}
    for query in islice(_neighbours(index, kind, seed), 100 * number):
        if query not in found and index.search(query, limit=1).total >= least:
            found[query] = None
        if len(found) == number:
            break
    return list(found)


def _neighbours(index: Index, kind: str, seed: int) -> Iterator[str]:
    """An endless sequence of queries of a kind."""
    chosen = random.Random(seed)
    articles = index.articles()
    while True:
        words: list[str] = []
        while len(words) < 6:
            passages = index.passages(chosen.choice(articles).id)
            words = [w for w in chosen.choice(passages).text.split() if w.isalpha()]
        start = chosen.randrange(len(words) - 5)
        a, b = words[start].lower(), words[start + 1].lower()
        yield {
            "one word": a,
            "two words": f"{a} {words[start + 4].lower()}",
            "phrase": f'"{a} {b}"',
            "NEAR": f"{a} NEAR/5 {words[start + 3].lower()}",
        }[kind]


def timed(index: Index, query: str) -> tuple[float, list[str], int]:
    """Milliseconds of a search, ids of the ten best hits, and the total."""
    began = time.perf_counter()
    found = index.search(query)
    took = 1000 * (time.perf_counter() - began)
    return took, [hit.passage.id for hit in found.hits], found.total


def empty_caches(engine: Engine) -> None:
    """Makes the engine forget the results of earlier requests."""
    params = {"request": "true", "query": "true"}
    engine.ask("POST", f"/{engine.name}-*/_cache/clear", params=params)


def spread(times: Sequence[float]) -> str:
    """p50 / p95 of times in milliseconds."""
    return f"{statistics.median(times):.0f} / {statistics.quantiles(times, n=20)[-1]:.0f}"


def compare(folder: Path, address: str, number: int, least: int) -> None:
    """Prints the table of searches, for queries that find `least` passages or more."""
    engine = Engine(parse_address(address), Settings())
    with closing(engine), open_index(folder) as local, open_index(address) as cluster:
        for kind in KINDS:
            for query in queries(local, WARMING, kind, least, SEED + 1):
                timed(local, query)
                timed(cluster, query)
        print(f"{local.totals.passages} passages\n")
        head = ("queries", "on disk, ms", "in the cluster, ms", "above the bound, ms")
        print(row((*head, "totals equal", "of the ten best, above the bound")))
        print(row(["---"] * 6))
        for kind in KINDS:
            here, there, above, equal, lost, sought = [], [], [], 0, 0, 0
            for query in queries(local, number, kind, least):
                took, best, total = timed(local, query)
                empty_caches(engine)
                other, found, count = timed(cluster, query)
                here.append(took)
                there.append(other)
                equal += total == count
                if count > MOST_RANKED:
                    above.append(other)
                    sought += len(best)
                    lost += len(set(best) - set(found))
            share = f"{100 * (1 - lost / sought):.1f} % of {sought}" if sought else "–"
            beyond = spread(above) if len(above) > 1 else "–"
            print(
                row((kind, spread(here), spread(there), beyond, f"{equal} of {len(there)}", share))
            )


def audit(folder: Path, address: str, terms: Sequence[str]) -> None:
    """Prints the table of audits."""
    print(row(("term", "passages", "occurrences", "equal", "audit", "lines", "MB")))
    print(row(["---"] * 7))
    with open_index(folder) as local, open_index(address) as cluster:
        for term in terms:
            began = time.perf_counter()
            found = cluster.audit([term])
            audited = time.perf_counter() - began
            lines = cluster.concordance(term, sort=("left1", "node"), limit=50)
            took = time.perf_counter() - began - audited
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            equal = found == local.audit([term])
            equal = equal and lines == local.concordance(term, sort=("left1", "node"), limit=50)
            count = found.terms[0]
            times = f"{audited:.1f}", f"{took:.1f}"
            print(row((term, count.passages, count.total, equal, *times, most)))


def write(address: str, paths: Sequence[str]) -> None:
    """Prints the table of rates, and the size of the written index."""
    print(row(("writers", "seconds", "passages a second", "finish, seconds")))
    print(row(["---"] * 4))
    for writers in WRITERS:
        began = time.perf_counter()
        command = [sys.executable, "-m", "indexer", "index", *paths, "--index", address]
        running = [
            subprocess.Popen([*command, "--shard", f"{n}/{writers}"], stdout=subprocess.DEVNULL)
            for n in range(1, writers + 1)
        ]
        if any(process.wait() for process in running):
            raise SystemExit("a writer has failed")
        took = time.perf_counter() - began
        report = build_index(None, address, finish=True)
        rate = round(report.passages / took)
        print(row((writers, f"{took:.1f}", rate, f"{report.seconds:.1f}")))
    with closing(Engine(parse_address(address), Settings())) as engine:
        told = engine.ask("GET", f"/{engine.name}-*/_stats/store")
    size = json.dumps({n: one["primaries"] for n, one in told["indices"].items()}, sort_keys=True)
    print(f"\n{size}")


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("address")
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--above", action="store_true", help="more hits than are all scored again")
    parser.add_argument("--writers", nargs="*", default=())
    parser.add_argument("--audits", nargs="*", default=())
    given = parser.parse_args()
    if given.writers:
        write(given.address, given.writers)
    elif given.audits:
        audit(given.index, given.address, given.audits)
    else:
        least = MOST_RANKED + 1 if given.above else 0
        compare(given.index, given.address, given.queries, least)


if __name__ == "__main__":
    main()
