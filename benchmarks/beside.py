"""This checkout, another one and SQLite FTS5, measured in one run.

    python -m benchmarks.beside CHECKOUT PATH … [--passages 200000] [--parts queries,…]

CHECKOUT is a folder with another state of this repository (`git worktree add`). Both index the same
articles and answer the same queries, only through the façade, so their internals may differ.

\b
    queries   the nine classes of query: top, count, audit by article, concordance of ten lines
    build     `build_index` of all articles: the whole process and its children
    size      the index on disk, relative to the bytes of the text
    open      from the start of a process to its first answer
    cold      commands, relative to `python -c 'import numpy, click'`

The checkouts take turns (A B A B …); for each query the least time of all turns counts. Each turn
is its own process and runs no query twice, so no answer comes from a cache of results. Processor
time decides; wall time is shown too. No class may be slower than CHECKOUT's by more than a tenth
or 0.3 ms, whichever is more. FTS5 runs the first ten queries of each class, once.

A passage of PATH becomes one paragraph; every eighth begins a section. Pilcrow cuts longer ones,
which makes about a tenth more passages.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from benchmarks.engines import engine, passages
from benchmarks.engines.base import TASKS
from benchmarks.engines.queries import Sample
from benchmarks.engines.runner import ROOT, Bench, say
from benchmarks.engines.tables import NAMES, NONE, Table, markdown
from benchmarks.engines.usage import processor_seconds, size_of

PARTS = ("queries", "build", "size", "open", "cold")
FASTER = ("common", "or", "phrase", "prefix")  # classes whose top ten must be faster
TENTH, LEAST = 0.1, 0.3  # a class may be slower by this share, or by this many milliseconds
AUDITS, FTS5 = 10, 10  # queries of each class, for audits and concordances, and for FTS5
SIZE = 3.4  # maximum size of an index, as a multiple of the text
COMMANDS = (  # name, arguments, maximum time as a multiple of the imports alone
    ("--version", ("--version",), 1.2),
    ("--help", ("--help",), 1.2),
    ("search --help", ("search", "--help"), 1.2),
    ("search WORD", ("search", "tapering"), 2.5),
    ("search WORD that is nowhere", ("search", "taperxng"), None),
)
Item = TypeVar("Item")
Took = tuple[float, float]  # of processor time, of wall time


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    parts: tuple[str, ...] = PARTS
    queries: int = 100  # of each class
    repeats: int = 9  # turns


@dataclass(frozen=True, slots=True)
class Side:
    """One of the checkouts that take turns."""

    label: str
    root: Path  # of the checkout
    index: Path  # where its index is, once it is made

    def run(self, folder: Path, *command: str, job: object = None) -> tuple[float, float, str]:
        """Runs Python in `folder` with this checkout's packages: processor s, wall s, output.

        Processor time is that of the process and its descendants. Compiled modules go to
        `folder`, so that the checkout stays as it is.
        """
        modules = f"{folder / 'here'}{os.pathsep}{self.root}"  # `benchmarks` always of this one
        env = {"PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": ""}
        env["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        busy, began = processor_seconds(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=folder,
            env=os.environ | env,
            check=False,
        )
        cpu, wall = processor_seconds() - busy, time.perf_counter() - began
        if done.returncode:
            raise click.ClickException(f"{self.label}: {done.stderr.strip()[-2000:]}")
        return cpu, wall, done.stdout


class Comparison:
    """Both sides over the same articles; `folder` is for temporary files."""

    def __init__(self, plan: Plan, sides: Sequence[Side], rows: Path, articles: Path) -> None:
        self.plan, self.sides, self.articles, self.folder = plan, sides, articles, rows.parent
        self.text_bytes = sum(len(row.text.encode()) for row in passages.read(rows))
        self.drawn = Sample(passages.read(rows)).draw(max(plan.queries, AUDITS) + 1)
        self._fts5 = Bench(self.folder, rows, {"fts5": sys.executable})
        self._memory = [0 for _ in sides]
        (self.folder / "here").mkdir()
        (self.folder / "here" / "benchmarks").symlink_to(ROOT / "benchmarks")
        for side in sides:  # also compiles the modules that a first build would compile
            corpus, index = str(ROOT / "corpus"), str(self._small(side))
            side.run(self.folder, "-m", "indexer", "index", corpus, "--index", index)

    def tables(self) -> Iterator[Table]:
        """The tables of the chosen parts, each as soon as it is measured."""
        parts, labels = set(self.plan.parts), [side.label for side in self.sides]
        if rows := list(self._making(parts)):
            heads = ["least processor time", *labels, "÷", "÷ (wall)", "FTS5", "verdict"]
            yield f"Making and opening, {self.text_bytes / 1e6:.1f} MB of text", heads, rows
        if "queries" in parts:
            asked = [*TASKS, "concordance"]
            heads = ["mean (median) ms of processor time", *labels, "FTS5"]
            heads += ["÷", "÷ (wall)", "ms more", "as many found", "verdict"]
            rows = [row for task in asked for row in self._ask(task)]
            memory = [f"{size / 1e6:.0f}" for size in self._memory]
            yield "Queries", heads, [*rows, ["own memory, MB", *memory, *[NONE] * 6]]
        if "cold" in parts:
            heads = ["least processor time ÷ imports alone", *labels, "at most", "verdict"]
            yield "Cold commands", heads, list(self._cold())

    def _turns(self, what: str, times: int, run: Callable[[Side], Item]) -> list[list[Item]]:
        """The results of each side, turn by turn."""
        found: list[list[Item]] = [[] for _ in self.sides]
        for number in range(times):
            say(f"{what}: turn {number + 1} of {times}")
            for mine, side in zip(found, self.sides):
                mine.append(run(side))
        return found

    def _work(self, side: Side, **job: object) -> tuple[float, float, dict[str, Any]]:
        """One job of the worker: processor s, wall s, its answer."""
        job = {"engine": "pilcrow", "folder": str(side.index), "mode": "stem", **job}
        cpu, wall, said = side.run(self.folder, "-m", "benchmarks.engines.worker", job=job)
        return cpu, wall, json.loads(said.splitlines()[-1])

    def _making(self, parts: set[str]) -> Iterator[list[str]]:
        """Rows for build, size and opening; makes missing indexes."""
        size = NONE
        if parts & {"queries", "size"}:
            size = f"{self._fts5.build('fts5', 'stem').bytes / self.text_bytes:.2f}"
        if "build" in parts:
            took = self._turns("build", self.plan.repeats, self._make)
            yield _row("build, s", took, "{:.1f}", most=1.0)
        for side in self.sides:
            if parts - {"cold"} and not side.index.exists():
                self._make(side)
        if "size" in parts:
            sizes = [size_of(side.index) / self.text_bytes for side in self.sides]
            passed = "PASS" if sizes[1] <= SIZE else "FAIL"
            ratio = f"{sizes[1] / sizes[0]:.2f}"
            shown = [f"{each:.2f}" for each in sizes]
            yield ["index ÷ bytes of text", *shown, ratio, NONE, size, passed]
        if "open" in parts:
            took = self._turns("open", self.plan.repeats, self._open)
            yield _row("start to first answer, s", took, "{:.3f}", most=1 + TENTH)

    def _make(self, side: Side) -> Took:
        """Seconds of a build; the first index of a side is kept."""
        made = self.folder / "built"
        cpu, wall, done = self._work(
            side, do="files", articles=str(self.articles), folder=str(made)
        )
        say(
            f"{side.label}: {done['passages']:,} passages, processor {cpu:.1f} s, wall {wall:.1f} s"
        )
        if side.index.exists():
            shutil.rmtree(made)
        else:
            shutil.move(made, side.index)
        return cpu, wall

    def _open(self, side: Side) -> Took:
        """Seconds to the first answer of a fresh process."""
        began, query = time.perf_counter(), self.drawn["middle"][0]
        done = self._work(side, do="ask", task="top", warmup=[query], queries=[])[2]
        cpu, ended = done["first"]
        return cpu, ended - began

    def _ask(self, task: str) -> Iterator[list[str]]:
        """A row for each class of query."""
        most = self.plan.queries if task in ("top", "count") else AUDITS
        asked = [query for drawn in self.drawn.values() for query in drawn[1 : most + 1]]
        warmup = [drawn[0] for drawn in self.drawn.values() if drawn]
        way = "count_by_article" if task == "audit" else task
        job = {"do": "ask", "task": way, "warmup": warmup, "queries": asked}
        turns = self._turns(task, self.plan.repeats, lambda side: self._work(side, **job)[2])
        memory = [min(turn["memory"] for turn in side) for side in turns]
        self._memory = [*map(max, self._memory, memory)]
        fts5 = self._ask_fts5(task)
        for kind in self.drawn:
            mine = [n for n, query in enumerate(asked) if query.kind == kind]
            if not mine:
                continue
            cpu, wall = (
                [[min(turn[clock][n] for turn in side) for n in mine] for side in turns]
                for clock in ("cpu", "wall")
            )
            other, this = map(fmean, cpu)
            same = sum(turns[0][0]["sizes"][n] == turns[1][0]["sizes"][n] for n in mine)
            verdict = "PASS" if this - other <= max(TENTH * other, LEAST) else "FAIL"
            if task == "top" and kind in FASTER:
                verdict += ", faster" if this < other else ", NOT faster"
            yield [
                f"{task}: {NAMES.get(kind, kind)}",
                *(f"{fmean(times):.2f} ({median(times):.2f})" for times in cpu),
                f"{fmean(fts5[kind]):.2f}" if kind in fts5 else NONE,
                f"{this / other:.2f}",
                f"{fmean(wall[1]) / fmean(wall[0]):.2f}",
                f"{this - other:+.2f}",
                f"{same}/{len(mine)}",
                verdict,
            ]

    def _ask_fts5(self, task: str) -> dict[str, list[float]]:
        """Milliseconds by class, for the first queries of each class that FTS5 can answer."""
        if task not in TASKS:
            return {}
        kinds = engine("fts5").kinds(task, "stem")
        asked = [q for kind in kinds for q in self.drawn[kind][1 : FTS5 + 1]]
        warmup = [query for kind in kinds for query in self.drawn[kind][:1]]
        say(f"{task}: FTS5")
        done = self._fts5.ask("fts5", "stem", task, asked, warmup)
        found: dict[str, list[float]] = {}
        for query, ms in zip(asked, done["cpu"] if done else []):
            found.setdefault(query.kind, []).append(ms)
        return found

    def _cold(self) -> Iterator[list[str]]:
        """A row for each command, the imports alone first."""
        turns = self._turns("commands", self.plan.repeats + 1, self._commands)
        least = [[*map(min, zip(*side[1:]))] for side in turns]  # the first turn compiles
        imports = min(times[0] for times in least)
        yield ["imports alone, ms", *(f"{1000 * t[0]:.0f}" for t in least), NONE, NONE]
        for n, (name, _, most) in enumerate(COMMANDS, start=1):
            ratios = [times[n] / imports for times in least]
            passed = NONE if most is None else "PASS" if ratios[1] <= most else "FAIL"
            yield [name, *(f"{r:.2f}" for r in ratios), str(most or NONE), passed]

    def _commands(self, side: Side) -> list[float]:
        """Seconds of processor time of the imports alone, then of each command."""
        index = ("--index", str(self._small(side)))
        ways = [("-m", "indexer", *arguments) for _, arguments, _ in COMMANDS]
        ways = [way if way[-1].startswith("--") else (*way, *index) for way in ways]
        return [side.run(self.folder, *way)[0] for way in (("-c", "import numpy, click"), *ways)]

    def _small(self, side: Side) -> Path:
        return self.folder / f"small-{side.label}"


def _row(name: str, took: Sequence[Sequence[Took]], form: str, most: float) -> list[str]:
    """Least times of each side, ratios of the second to the first, and the verdict."""
    cpu, wall = ([min(t[clock] for t in side) for side in took] for clock in (0, 1))
    ratio = round(cpu[1] / cpu[0], 2)
    shown = [form.format(each) for each in cpu]
    passed = "PASS" if ratio <= most else "FAIL"
    return [name, *shown, f"{ratio:.2f}", f"{wall[1] / wall[0]:.2f}", NONE, passed]


def chosen(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """The parts named by an option."""
    if unknown := set(value.split(",")) - set(PARTS):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: not of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in value.split(","))


@click.command(help=__doc__)
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", "most", default=200_000, show_default=True, help="How many; 0: all.")
@click.option("--parts", default=",".join(PARTS), show_default=True, callback=chosen)
@click.option("--queries", default=100, show_default=True, help="Of each class.")
@click.option("--repeats", default=9, show_default=True, help="Turns that the checkouts take.")
def main(checkout: Path, paths: tuple[Path, ...], most: int, **plan: Any) -> None:
    """Measures and prints."""
    with TemporaryDirectory(prefix="pilcrow-bench-") as made:
        folder = Path(made)
        rows, articles = folder / "passages.jsonl", folder / "articles.jsonl"
        count = passages.write(rows, passages.pack(passages.articles(paths)), most)
        say(f"{count:,} passages")
        passages.write_articles(articles, passages.read(rows), sections=True)
        roots = (("CHECKOUT", checkout.resolve()), ("this", ROOT))
        sides = [Side(label, root, folder / f"index-{label}") for label, root in roots]
        for table in Comparison(Plan(**plan), sides, rows, articles).tables():
            print(markdown(table), flush=True)


if __name__ == "__main__":
    main()
