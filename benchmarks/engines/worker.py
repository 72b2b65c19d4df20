"""One engine in its own process: a job as JSON on standard input, results as JSON out.

    build   makes an index                 → seconds, tidy_seconds, peak, version
    files   `build_index` of a file        → seconds, passages, peak (Pilcrow)
    ask     opens, warms up, runs queries  → open_ms, first_ms, first, wall, cpu, sizes, memory

`first` holds the seconds of processor time of the process until its first answer, and the moment of
that answer. `wall` and `cpu` hold milliseconds of each query, `sizes` its number of hits, passages
or occurrences. Only the standard library: interpreters that have only the engine run it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.engines import engine
from benchmarks.engines.base import Session
from benchmarks.engines.passages import read
from benchmarks.engines.queries import Query
from benchmarks.engines.usage import Clock, own_memory, peak_memory

PAUSE = 0.05  # seconds between two checks whether background threads are busy
Job = dict[str, Any]


def build(job: Job) -> Job:
    """Makes an index; the time to read the passages from their file does not count."""
    made = engine(job["engine"])
    folder = Path(job["folder"])
    made.version()  # imports the library
    clock = Clock()
    made.build(folder, clock.without(read(Path(job["passages"]))), job["mode"])
    seconds = clock.seconds()
    clock = Clock()
    tidied = made.tidy(folder)
    return {
        "seconds": seconds,
        "tidy_seconds": clock.seconds() if tidied else None,
        "peak": peak_memory(),
        "version": made.version(),
    }


def files(job: Job) -> Job:
    """Pilcrow's whole pipeline: read, parse, split, store, invert."""
    from indexer import build_index

    clock = Clock()
    report = build_index([job["articles"]], job["folder"])
    return {"seconds": clock.seconds(), "passages": report.passages, "peak": peak_memory()}


def ask(job: Job) -> Job:
    """Opens an index and runs each query once, after `warmup`."""
    made = engine(job["engine"])
    made.version()  # imports the library
    clock = Clock()
    session = made.open(Path(job["folder"]), job["mode"])
    opened = clock.seconds()
    warmup, queries = (
        [Query(kind, tuple(words)) for kind, words in job[name]] for name in ("warmup", "queries")
    )
    answers: list[tuple[float, float, int]] = []
    for query in [*warmup, *queries]:
        answers.append(_timed(session, job["task"], query))
        if len(answers) == 1:
            first = time.process_time(), time.perf_counter()
        if len(answers) == len(warmup):
            _wait_until_idle()
    wall, cpu, sizes = zip(*answers[len(warmup) :]) if queries else ((), (), ())
    return {
        "open_ms": 1000 * opened,
        "first_ms": answers[0][0],
        "first": first,
        "wall": wall,
        "cpu": cpu,
        "sizes": sizes,
        "memory": own_memory(),
    }


def _timed(session: Session, task: str, query: Query) -> tuple[float, float, int]:
    """Milliseconds of wall and processor time, and the number of hits, passages or occurrences."""
    began, busy = time.perf_counter(), time.process_time()
    if task == "top":
        size = len(session.top(query))
    elif task == "count":
        size = session.count(query)
    elif task == "audit":
        size = len(session.audit(query).places)
    else:
        size = getattr(session, task)(query)  # of Pilcrow alone
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - busy), size


def _wait_until_idle() -> None:
    """Waits for threads of this process: Pilcrow checks the files of an index after opening it."""
    before = -1.0
    while time.process_time() - before > PAUSE / 10:
        before = time.process_time()
        time.sleep(PAUSE)


def main() -> None:
    """Does the job."""
    job = json.load(sys.stdin)
    done = {"build": build, "files": files, "ask": ask}[job["do"]](job)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
