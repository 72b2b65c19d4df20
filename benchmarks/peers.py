"""All engines over the same passages, in one run.

    python -m benchmarks.peers PATH … [--passages 20000] [--work DIR] [--markdown]

Indexes the passages in Pilcrow, SQLite FTS5, Xapian, tantivy, plain Whoosh and bm25s, each in its
own process. Runs the same queries in each, drawn from the passages, no string twice in one process,
so that no answer comes from a cache of results:

    top     the ten best with marks and section paths, ready to render
    count   how many passages match
    audit   every occurrence with its position, counted by article and section

in stem and in word mode, warm (after one query of each class) and cold (the first query of a new
process). Prints build time, size, memory, time to the first answer, p50 and p95 of every class, and
ratios. "Pilcrow from files" is the whole pipeline from a file of articles, with its own splitting.

Requirements of the others, in a separate environment if you like (name its interpreter with
`--python`; it needs only the engine):

    pip install tantivy bm25s PyStemmer
    apt install python3-xapian            found with /usr/bin/python3

Engines without an interpreter are left out. Indexes and `results.json` stay in `--work`; `--resume`
continues there after an interruption. `--render FILE` prints the tables of an earlier run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import passages
from benchmarks.engines import NAMES, engine
from benchmarks.engines.base import MODES, TASKS, Mode, Task
from benchmarks.measuring import CLOCKS
from benchmarks.running import (
    Bench,
    Measured,
    Queries,
    WorkerError,
    interpreters,
    measure_cold,
    measure_warm,
)
from benchmarks.sampling import KINDS, Sample
from benchmarks.tables import for_readme, markdown, plain, tables


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    engines: tuple[str, ...] = NAMES
    modes: tuple[Mode, ...] = MODES
    tasks: tuple[Task, ...] = TASKS
    kinds: tuple[str, ...] = KINDS
    passages: int = 20_000  # 0: all
    words: int = 90  # of one passage
    queries: int = 100  # of each class
    audits: int = 30  # of each class, for the slowest task
    builds: int = 1  # runs of each build
    colds: int = 3  # fresh processes for each class
    rounds: int = 2  # turns of each engine
    repeats: int = 1  # runs of each turn; the least time of each query counts
    seed: int = 1
    clock: str = "wall"
    pythons: tuple[str, ...] = ()  # further interpreters
    files: bool = True  # also measure Pilcrow from a file of articles
    resume: bool = False  # continue from the results of an earlier run in the folder


def say(text: str) -> None:
    """Prints progress to standard error."""
    print(text, file=sys.stderr, flush=True)


def gather(plan: Plan, texts: Iterator[passages.Text], work: Path) -> Measured:
    """Measures everything in the plan.

    `work` holds the indexes afterwards, and `results.json` after each step.
    """
    rows, results = work / "passages.jsonl", work / "results.json"
    pythons = interpreters(plan.engines, plan.pythons, say)
    if plan.resume and results.exists():
        measured = Measured.load(results)
    else:
        count = passages.write(rows, passages.pack(texts, plan.words), plan.passages)
        size = sum(len(row.text.encode("utf-8", "surrogatepass")) for row in passages.read(rows))
        measured = Measured(count, size, plan.clock)
    measured.engines = [name for name in plan.engines if name in pythons]
    say(f"{measured.passages:,} passages, {measured.text_bytes / 1e6:.1f} MB")
    drawn = Sample(passages.read(rows), plan.seed).draw(max(plan.queries, plan.audits) + 1)
    queries = {kind: drawn[kind] for kind in plan.kinds}
    bench = Bench(work, rows, pythons, say, measured.clock)
    for _ in _steps(bench, measured, plan, queries):
        measured.save(results)
    return measured


def _steps(bench: Bench, measured: Measured, plan: Plan, queries: Queries) -> Iterator[None]:
    """Yields after each measured part."""
    for mode in plan.modes:
        for name in tuple(measured.engines):
            _build(bench, measured, (name, mode), plan.builds)
            yield
    if plan.files and "pilcrow" in measured.engines and not measured.files:
        _from_files(bench, measured)
        yield
    for mode in plan.modes:
        for task in plan.tasks:
            say(f"asking: {mode} mode, {task}")
            most = plan.audits if task == "audit" else plan.queries
            shares = {kind: drawn[: most + 1] for kind, drawn in queries.items()}
            measure_warm(bench, measured, (mode, task), shares, (plan.rounds, plan.repeats))
            yield
        say(f"asking: {mode} mode, fresh processes")
        measure_cold(bench, measured, mode, queries, plan.colds)
        yield


def _build(bench: Bench, measured: Measured, cell: tuple[str, Mode], times: int) -> None:
    """Builds one index unless it exists; a failing engine is reported and left out."""
    name, mode = cell
    key = f"{name}/{mode}"
    if key in measured.built:
        return
    if not engine(name).index_by_mode and (done := measured.built.get(f"{name}/stem")):
        measured.built[key] = done
        return
    say(f"building {name}, {mode} mode")
    try:
        measured.built[key] = bench.build(name, mode, times)
    except WorkerError as error:
        say(f"left out: {error}")
        measured.engines.remove(name)


def _from_files(bench: Bench, measured: Measured) -> None:
    """Measures the whole pipeline from one file of articles."""
    articles, folder = bench.folder / "articles.jsonl", bench.folder / "from-files"
    passages.write_articles(articles, passages.read(bench.passages))
    shutil.rmtree(folder, ignore_errors=True)
    job = {"do": "files", "articles": str(articles), "folder": str(folder)}
    say("building pilcrow from files")
    try:
        measured.files = bench.work("pilcrow", job)
    except WorkerError as error:
        say(f"left out: {error}")


@contextmanager
def workshop(given: Path | None) -> Iterator[Path]:
    """The given folder, created; else a temporary one, deleted afterwards."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pilcrow-bench-") as made:
        yield Path(made)


@click.command(help=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--engines", default=",".join(NAMES), show_default=True, help="Which engines.")
@click.option("--modes", default=",".join(MODES), show_default=True, help="stem, word or both.")
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--words", default=90, show_default=True, help="Words of one passage, about.")
@click.option("--queries", default=100, show_default=True, help="Of each class.")
@click.option("--audits", default=30, show_default=True, help="Of each class, for audits.")
@click.option("--builds", default=1, show_default=True, help="Runs of each build.")
@click.option("--colds", default=3, show_default=True, help="Fresh processes for each class.")
@click.option("--rounds", default=2, show_default=True, help="Turns that the engines take.")
@click.option("--repeats", default=1, show_default=True, help="Of each turn; the least counts.")
@click.option("--seed", default=1, show_default=True, help="Of the queries.")
@click.option("--clock", default="wall", type=click.Choice(sorted(CLOCKS)), show_default=True)
@click.option("--python", "pythons", multiple=True, help="A further interpreter to look in.")
@click.option("--work", type=click.Path(path_type=Path), help="Keeps indexes and results here.")
@click.option("--files/--no-files", default=True, help="Pilcrow from a file of articles as well.")
@click.option("--resume", is_flag=True, help="Goes on with an unfinished run in --work.")
@click.option("--render", type=click.Path(exists=True, path_type=Path), help="An earlier run.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Tables for a README.")
def main(  # one parameter an option
    paths: tuple[Path, ...],
    engines: str,
    modes: str,
    most: int,
    words: int,
    queries: int,
    audits: int,
    builds: int,
    colds: int,
    rounds: int,
    repeats: int,
    seed: int,
    clock: str,
    pythons: tuple[str, ...],
    work: Path | None,
    files: bool,
    resume: bool,
    render: Path | None,
    as_markdown: bool,
) -> None:
    """Measures, saves, prints."""
    if render:
        show(Measured.load(render), as_markdown)
        return
    names = tuple(name for name in NAMES if name in engines.split(","))
    chosen = tuple(mode for mode in MODES if mode in modes.split(","))
    plan = Plan(
        engines=names,
        modes=chosen,
        passages=most,
        words=words,
        queries=queries,
        audits=audits,
        builds=builds,
        colds=colds,
        rounds=rounds,
        repeats=repeats,
        seed=seed,
        clock=clock,
        pythons=pythons,
        files=files,
        resume=resume,
    )
    source = passages.texts(passages.files_in(paths)) if paths else passages.of_this_python()
    with workshop(work) as folder:
        show(gather(plan, source, folder), as_markdown)


def show(measured: Measured, as_markdown: bool) -> None:
    """Prints all tables; for a README, the short one first."""
    if as_markdown:
        print(markdown(for_readme(measured)))
    for table in tables(measured):
        print(markdown(table) if as_markdown else plain(table))


if __name__ == "__main__":
    main()
