"""One engine in its own process: a job as JSON on standard input, results as JSON out.

    build   makes an index                 → seconds, tidy_seconds, peak
    files   `build_index` of a file        → seconds, passages, peak (Pilcrow)
    ask     opens, warms up, runs queries  → open_ms, first_ms, ms, sizes, memory

`ms` holds a time for each query, `sizes` its number of hits, passages or occurrences. Only the
standard library: interpreters that have only the engine run it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.engines import engine
from benchmarks.engines.base import Session, Task
from benchmarks.engines.passages import read
from benchmarks.engines.queries import Query
from benchmarks.engines.usage import CLOCKS, Clock, Now, own_memory, peak_memory

Job = dict[str, Any]


def build(job: Job) -> Job:
    """Makes an index; the time to read the passages from their file does not count."""
    made = engine(job["engine"])
    folder = Path(job["folder"])
    made.version()  # imports the library
    now = CLOCKS[job["clock"]]
    clock = Clock(now)
    made.build(folder, clock.without(read(Path(job["passages"]))), job["mode"])
    seconds = clock.seconds()
    clock = Clock(now)
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

    clock = Clock(CLOCKS[job["clock"]])
    report = build_index([job["articles"]], job["folder"])
    seconds = clock.seconds()
    return {"seconds": seconds, "passages": report.passages, "peak": peak_memory()}


def ask(job: Job) -> Job:
    """Opens an index and runs each query once; the first one is reported separately."""
    now = CLOCKS[job["clock"]]
    made = engine(job["engine"])
    made.version()  # imports the library
    began = now()
    session = made.open(Path(job["folder"]), job["mode"])
    opened = now()
    warmup, queries = (
        [Query(kind, tuple(words)) for kind, words in job[name]] for name in ("warmup", "queries")
    )
    firsts = [_timed(session, job["task"], query, now) for query in warmup]
    asked = [_timed(session, job["task"], query, now) for query in queries]
    return {
        "open_ms": 1000 * (opened - began),
        "first_ms": (firsts or asked)[0][0],
        "ms": [ms for ms, _ in asked],
        "sizes": [size for _, size in asked],
        "memory": own_memory(),
    }


def _timed(session: Session, task: Task, query: Query, now: Now) -> tuple[float, int]:
    """Milliseconds, and the number of hits, passages or occurrences."""
    began = now()
    if task == "top":
        size = len(session.top(query))
    elif task == "count":
        size = session.count(query)
    else:
        size = len(session.audit(query).places)
    return 1000 * (now() - began), size


def main() -> None:
    """Does the job."""
    job = json.load(sys.stdin)
    done = {"build": build, "files": files, "ask": ask}[job["do"]](job)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
