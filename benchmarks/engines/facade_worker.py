"""A process that uses Pilcrow only through its façade: a job as JSON in, measurements as JSON out.

    build   `build_index` of a file of articles   → passages
    ask     opens an index and runs each query once:

    tasks   top (ten hits with snippets), count, audit (by article), concordance (ten lines)
    first   seconds from the start of the process to the first answer: processor, wall
    cpu, wall   seconds of each query; sizes: passages or occurrences found; memory: own, in bytes

`beside` passes the text of this module to an interpreter that imports another checkout's `indexer`,
so this module imports only the façade and the standard library.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer import Index

Job = dict[str, Any]
WIDTH = 320  # approximate code points of a snippet
PAUSE = 0.05  # seconds between two checks whether background threads are busy


def build(job: Job) -> Job:
    """Makes an index; the caller measures the whole process."""
    from indexer import build_index

    return {"passages": build_index([job["articles"]], job["folder"]).passages}


def ask(job: Job) -> Job:
    """Warms up with `warmup` (its first query is the first answer), then runs `queries`."""
    from indexer import open_index

    with open_index(job["folder"]) as index:
        answer = _tasks(index)[job["task"]]
        first = None
        for query in job["warmup"]:
            answer(query)
            first = first or (time.process_time(), time.perf_counter() - job["began"])
        if job["queries"]:
            _settle()
        cpu, wall, sizes = [], [], []
        for query in job["queries"]:
            began, busy = time.perf_counter(), time.process_time()
            sizes.append(answer(query))
            cpu.append(time.process_time() - busy)
            wall.append(time.perf_counter() - began)
        return {"first": first, "cpu": cpu, "wall": wall, "sizes": sizes, "memory": _own_memory()}


def _tasks(index: Index) -> dict[str, Callable[[str], int]]:
    """The tasks by name; each returns the total of passages or occurrences."""
    from indexer import snippets

    def top(query: str) -> int:
        found = index.search(query, limit=10)
        for hit in found.hits:
            snippets(hit.passage.text, hit.marks, width=WIDTH)
        return found.total

    return {
        "top": top,
        "count": index.count,
        "audit": lambda query: index.audit([query]).terms[0].total,
        "concordance": lambda query: index.concordance(query, limit=10).total,
    }


def _settle() -> None:
    """Waits until no thread of this process is busy: an index checks its files after opening."""
    before = -1.0
    while time.process_time() - before > PAUSE / 10:
        before = time.process_time()
        time.sleep(PAUSE)


def _own_memory() -> int:
    """Bytes of memory not backed by a file; 0 if the system does not report them."""
    try:
        with open("/proc/self/smaps_rollup", encoding="ascii") as lines:
            return next(int(s.split()[1]) * 1024 for s in lines if s.startswith("Anonymous:"))
    except (OSError, StopIteration):
        return 0


def main() -> None:
    """Does the job."""
    job = json.load(sys.stdin)
    print(json.dumps({"build": build, "ask": ask}[job["do"]](job)))


if __name__ == "__main__":
    main()
