"""The figures of interest to someone who has just cloned the repository.

    python -m benchmarks.quick [PATH …] [--serve] [--passages 20000]

One article: the time of `pilcrow index corpus`, and of a search with marks in it. Then, in one run,
the passages of PATH (default: the Python language reference in pydoc) in Pilcrow and in SQLite
FTS5: build, and p50 and p95 of a term, AND, OR of three words, a phrase and a prefix. `--serve`
measures `make serve` from a fresh clone to its first answer; it installs packages.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import passages, peers
from benchmarks.measuring import CLOCKS, quantile
from benchmarks.peers import Plan
from benchmarks.running import ROOT
from benchmarks.serving import seconds_to_first_answer
from benchmarks.tables import plain, tables
from indexer import build_index, open_index

CORPUS = ROOT / "corpus"
KINDS = ("rare", "middle", "common", "and", "or", "phrase", "prefix")


def one_article() -> None:
    """Measures indexing and searching the corpus of this repository."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "index"
        began = time.perf_counter()
        command = [sys.executable, "-m", "indexer", "index", str(CORPUS), "--index", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        whole = time.perf_counter() - began
        report = build_index(CORPUS, Path(made) / "again")
        print(f"corpus/: {report.articles} article(s), {report.passages} passages")
        print(f"  pilcrow index            {whole:.2f} s (of that indexing {report.seconds:.2f} s)")
        times = sorted(_searches(folder))
        p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
        print(f"  search with marks        p50 {p50:.2f}, p95 {p95:.2f} ms, {len(times)} queries")


def _searches(folder: Path) -> list[float]:
    """Milliseconds of searches for each word of the corpus and each adjacent pair as a phrase."""
    with open_index(folder) as index:
        texts = [p.text for ref in index.articles() for p in index.passages(ref.id)]
        words = [word for text in texts for word in text.split()]
        pairs = [f'"{a} {b}"' for a, b in pairwise(words)]
        index.search("warm")
        times = []
        for query in dict.fromkeys([*words, *pairs]):
            began = time.perf_counter()
            index.search(query)
            times.append(1000 * (time.perf_counter() - began))
    return times


def beside_fts5(paths: tuple[Path, ...], most: int, queries: int, clock: str) -> None:
    """Measures Pilcrow and SQLite FTS5 over the same passages."""
    plan = Plan(
        engines=("pilcrow", "fts5"),
        modes=("stem",),
        tasks=("top",),
        kinds=KINDS,
        passages=most,
        queries=queries,
        clock=clock,
    )
    texts = passages.texts(passages.files_in(paths)) if paths else passages.of_this_python()
    with peers.workshop(None) as folder:
        for table in tables(peers.gather(plan, texts, folder)):
            print(plain(table))


@click.command(help="One article, the site from nothing, and SQLite FTS5 beside Pilcrow.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--serve", is_flag=True, help="Times make serve from nothing; installs packages.")
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--queries", default=100, show_default=True, help="Of each class.")
@click.option("--clock", default="wall", type=click.Choice(sorted(CLOCKS)), show_default=True)
def main(paths: tuple[Path, ...], serve: bool, most: int, queries: int, clock: str) -> None:
    """Measures and prints."""
    one_article()
    if serve:
        first, second = seconds_to_first_answer()
        print(f"make serve to first answer: {first:.1f} s from nothing, {second:.1f} s again")
    print()
    beside_fts5(paths, most, queries, clock)


if __name__ == "__main__":
    main()
