"""Pilcrow and other engines over the same passages, in one run.

    python -m benchmarks.engines [PATH …] [--passages 20000] [--engines pilcrow,fts5]

Indexes the passages of PATH (default: the Python language reference in pydoc) in Pilcrow, SQLite
FTS5, Xapian, tantivy, plain Whoosh and bm25s, each in its own process. Runs the same queries in
each, drawn from the passages, no string twice in one process, so that no answer comes from a cache
of results:

\b
    top     the ten best with marks and section paths, ready to render
    count   how many passages match
    audit   every occurrence with its position, counted by article and section

in stem and in word mode, warm (after one query of each class) and cold (the first query of a new
process). Prints, as Markdown, build time, size, memory, time to the first answer, p50 and p95 of
every class, and ratios. "Pilcrow from files" is the whole pipeline from a file of articles, with
its own splitting.

Engines that are not installed are left out (pip install tantivy bm25s PyStemmer; apt install
python3-xapian). They may be in another environment: name its interpreter with --python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks.engines import NAMES, engine, passages
from benchmarks.engines.base import MODES, TASKS, Mode
from benchmarks.engines.queries import Sample
from benchmarks.engines.runner import (
    Bench,
    Measured,
    WorkerError,
    interpreters,
    measure_cold,
    measure_warm,
    say,
)
from benchmarks.engines.tables import markdown, tables

COLD = 3  # new processes for each class of query


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    engines: tuple[str, ...]
    modes: tuple[Mode, ...]
    passages: int  # 0: all
    queries: int  # of each class
    audits: int  # of each class, for the slowest task
    builds: int  # runs of each build
    rounds: int  # turns of each engine
    repeats: int  # runs of each turn; the least time of each query counts
    pythons: tuple[str, ...]  # further interpreters
    files: bool  # also measure Pilcrow from a file of articles


def measure(plan: Plan, articles: Iterable[passages.Text], folder: Path) -> Measured:
    """Measures everything in the plan; indexes are made in `folder`."""
    rows = folder / "passages.jsonl"
    count = passages.write(rows, passages.pack(articles), plan.passages)
    size = sum(len(row.text.encode("utf-8", "surrogatepass")) for row in passages.read(rows))
    bench = Bench(folder, rows, interpreters(plan.engines, plan.pythons))
    measured = Measured(count, size, list(bench.pythons))
    say(f"{count:,} passages, {size / 1e6:.1f} MB")
    queries = Sample(passages.read(rows)).draw(max(plan.queries, plan.audits) + 1)
    for mode in plan.modes:
        for name in tuple(measured.engines):
            _build(bench, measured, (name, mode), plan.builds)
    if plan.files and "pilcrow" in measured.engines:
        say("building pilcrow from a file of articles")
        made, source = folder / "from-files", folder / "articles.jsonl"
        passages.write_articles(source, passages.read(rows))
        job = {"do": "files", "folder": str(made), "articles": str(source)}
        measured.files = bench.work("pilcrow", job)
    for mode in plan.modes:
        for task in TASKS:
            say(f"asking: {mode} mode, {task}")
            most = plan.audits if task == "audit" else plan.queries
            shares = {kind: drawn[: most + 1] for kind, drawn in queries.items()}
            measure_warm(bench, measured, (mode, task), shares, (plan.rounds, plan.repeats))
        say(f"asking: {mode} mode, new processes")
        measure_cold(bench, measured, mode, queries, COLD)
    return measured


def _build(bench: Bench, measured: Measured, cell: tuple[str, Mode], times: int) -> None:
    """Builds one index; a failing engine is reported and left out."""
    name, mode = cell
    if not engine(name).index_by_mode and (done := measured.built.get(f"{name}/stem")):
        measured.built[f"{name}/{mode}"] = done
        return
    say(f"building {name}, {mode} mode")
    try:
        measured.built[f"{name}/{mode}"] = bench.build(name, mode, times)
    except WorkerError as error:
        say(f"left out: {error}")
        measured.engines.remove(name)


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--engines", default=",".join(NAMES), show_default=True)
@click.option("--modes", default=",".join(MODES), show_default=True)
@click.option("--passages", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--queries", default=100, show_default=True, help="Of each class.")
@click.option("--audits", default=30, show_default=True, help="Of each class, for audits.")
@click.option("--builds", default=1, show_default=True, help="Runs of each build.")
@click.option("--rounds", default=2, show_default=True, help="Turns that the engines take.")
@click.option("--repeats", default=1, show_default=True, help="Of each turn; the least counts.")
@click.option("--python", "pythons", multiple=True, help="A further interpreter to look in.")
@click.option("--files/--no-files", default=True, help="Pilcrow from a file of articles as well.")
def main(paths: tuple[Path, ...], engines: str, modes: str, **plan: Any) -> None:
    """Measures and prints."""
    names = tuple(name for name in NAMES if name in engines.split(","))
    chosen = tuple(mode for mode in MODES if mode in modes.split(","))
    with TemporaryDirectory(prefix="pilcrow-bench-") as folder:
        measured = measure(Plan(names, chosen, **plan), passages.articles(paths), Path(folder))
    for table in tables(measured):
        print(markdown(table))


if __name__ == "__main__":
    main()
