"""Runs engines, each in its own process, and collects the measurements.

In: passages and queries. Out: `Measured`. An engine whose library is not installed is left out,
with a message. Engines take turns, a few queries each time, so that a machine that slows down slows
all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.engines import engine
from benchmarks.engines.base import Mode, Task
from benchmarks.engines.queries import Query
from benchmarks.engines.usage import size_of

ROOT = Path(__file__).resolve().parents[2]
Queries = dict[str, list[Query]]


class WorkerError(Exception):
    """An engine failed; the message is its last line of output."""


@dataclass
class Built:
    """Measurements of a build."""

    seconds: list[float]  # one per run
    tidy_seconds: float | None  # of optimising the index; None: no such step
    bytes: int  # on disk
    peak: int  # bytes of memory
    version: str


@dataclass
class Asked:
    """Measurements of the queries of one class."""

    ms: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # hits, passages or occurrences of each query


@dataclass
class Cold:
    """Measurements of a new process, one per run."""

    open_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)  # the first answer, after opening


@dataclass
class Measured:
    """All measurements of one run. Keys of dicts that have several parts join them by "/"."""

    passages: int
    text_bytes: int
    engines: list[str]
    built: dict[str, Built] = field(default_factory=dict)  # engine/mode
    files: dict[str, float] = field(default_factory=dict)  # whole pipeline: seconds, passages …
    warm: dict[str, Asked] = field(default_factory=dict)  # engine/mode/task/class
    cold: dict[str, Cold] = field(default_factory=dict)  # engine/mode/class, task top
    memory: dict[str, int] = field(default_factory=dict)  # engine/mode: bytes, after all queries


@dataclass
class Bench:
    """Runs workers; each engine has its interpreter, and its indexes are below `folder`."""

    folder: Path
    passages: Path
    pythons: dict[str, str]  # engine → interpreter
    clock: str = "wall"  # or cpu

    def index(self, name: str, mode: Mode) -> Path:
        """Folder of an engine's index; the same for both modes if one index serves both."""
        return self.folder / name / (mode if engine(name).index_by_mode else "both")

    def build(self, name: str, mode: Mode, times: int = 1) -> Built:
        """Builds the index of one engine the given number of times."""
        folder = self.index(name, mode)
        runs = []
        for _ in range(times):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            job = {"do": "build", "folder": str(folder), "passages": str(self.passages)}
            runs.append(self.work(name, {**job, "mode": mode}))
        seconds = [run.pop("seconds") for run in runs]
        return Built(seconds, bytes=size_of(folder), **runs[-1])

    def ask(
        self,
        name: str,
        mode: Mode,
        task: Task,
        queries: Sequence[Query],
        warmup: Sequence[Query] = (),
    ) -> dict[str, Any] | None:
        """Runs queries in one engine in a new process; None, with a message, if it fails."""
        folder = str(self.index(name, mode))
        job = {"do": "ask", "folder": folder, "mode": mode, "task": task}
        try:
            return self.work(name, {**job, "queries": queries, "warmup": warmup})
        except WorkerError as error:  # keep an hour of other engines' answers
            say(f"no answer, {mode} mode, {task}: {error}")
            return None

    def work(self, name: str, job: dict[str, Any]) -> dict[str, Any]:
        """Runs one job in one process. Raises `WorkerError` if it fails."""
        done = subprocess.run(
            [self.pythons[name], "-W", "ignore", "-m", "benchmarks.engines.worker"],
            input=json.dumps({"engine": name, "clock": self.clock, **job}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            raise WorkerError(f"{name}: {said[-1]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def say(text: str) -> None:
    """Prints progress to standard error."""
    print(text, file=sys.stderr, flush=True)


def interpreters(names: Iterable[str], more: Sequence[str] = ()) -> dict[str, str]:
    """The first interpreter with an engine's library: this one, the given ones, the system's."""
    found: dict[str, str] = {}
    for name in names:
        made = engine(name)
        for python in (sys.executable, *more, "/usr/bin/python3"):
            if _has(python, made.needs):
                found[name] = python
                break
        else:
            say(f"{made.label} is left out ({made.install})")
    return found


def _has(python: str, needs: str) -> bool:
    if not Path(python).exists():
        return False
    command = [python, "-W", "ignore", "-c", f"import {needs}"]
    return not subprocess.run(command, capture_output=True, cwd=ROOT, check=False).returncode


def measure_warm(
    bench: Bench,
    measured: Measured,
    cell: tuple[Mode, Task],
    queries: Queries,
    turns: tuple[int, int],
) -> None:
    """Runs all queries in every engine.

    `turns`: the number of rounds (each runs a part of the queries, engine after engine), and how
    often each round is repeated, in new processes; the least time of a query counts.
    """
    mode, task = cell
    rounds, repeats = turns
    for number in range(rounds):
        runs: dict[str, list[dict[str, Any]]] = {}
        parts: dict[str, list[Query]] = {}
        for name in measured.engines * repeats:
            kinds = [kind for kind in engine(name).kinds(task, mode) if kind in queries]
            parts[name] = [q for kind in kinds for q in queries[kind][1 + number :: rounds]]
            warmup = [q for kind in kinds for q in queries[kind][:1]]
            if kinds and (done := bench.ask(name, mode, task, parts[name], warmup)):
                runs.setdefault(name, []).append(done)
        for name, dones in runs.items():
            place = f"{name}/{mode}"
            for n, query in enumerate(parts[name]):
                asked = measured.warm.setdefault(f"{place}/{task}/{query.kind}", Asked())
                asked.ms.append(min(done["ms"][n] for done in dones))
                asked.sizes.append(dones[0]["sizes"][n])
            used = max(done["memory"] for done in dones)
            measured.memory[place] = max(measured.memory.get(place, 0), used)


def measure_cold(
    bench: Bench, measured: Measured, mode: Mode, queries: Queries, times: int
) -> None:
    """Measures the first answer of a new process, `times` times in all for each class."""
    for number in range(times):
        for kind, drawn in queries.items():
            for name in measured.engines:
                if kind not in engine(name).kinds("top", mode) or number >= len(drawn):
                    continue
                if done := bench.ask(name, mode, "top", [drawn[number]]):
                    cold = measured.cold.setdefault(f"{name}/{mode}/{kind}", Cold())
                    cold.open_ms.append(done["open_ms"])
                    cold.first_ms.append(done["first_ms"])
