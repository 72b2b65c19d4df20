"""Cutting work into batches, having them done, putting the results in order.

In: jobs and settings. Out: each job with its articles. A long .jsonl is cut at line ends, so that
one file can occupy several workers; small files go together, so that a pipe is not asked for each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from indexer.errors import SourceError
from indexer.ingest.prepare import Prepared, prepare
from indexer.ingest.processes import Team, Work, prepare_here
from indexer.settings import Settings
from indexer.sources.files import File
from indexer.worker_pool import count_workers

_ALONE = 1_000_000  # bytes: less work than this is done sooner than workers have started
_PIECE = 250_000  # bytes handed to a worker at a time
_FILES = 100  # files handed to a worker at a time
_LINES = frozenset({"jsonl", "ndjson"})  # formats in which each line stands for itself


@dataclass(frozen=True, slots=True)
class Job:
    """A file, and its bytes if it is to be prepared."""

    file: File
    digest: str = ""
    data: bytes | None = None
    problem: SourceError | None = None  # why there are no bytes


class _Unit(NamedTuple):
    """What is prepared at once: a file or a piece of one; or a job that has nothing to do."""

    job: Job
    piece: bytes | None
    is_last: bool = True  # of its job


_Batch = list[_Unit]


def prepare_all(
    jobs: Iterable[Job], settings: Settings, workers: int | None = None
) -> Generator[tuple[Job, Prepared], None, None]:
    """Each job with its articles, in order; none for a job without bytes.

    `workers` is the number of processes to use beside this one; by default one for each core.
    """
    held: list[Prepared] = []
    batches = _batches(unit for job in jobs for unit in _units(job))
    for batch, results in _results(
        batches, settings, count_workers() if workers is None else workers
    ):
        found = iter(results)
        for unit in batch:
            if unit.piece is not None:
                held.append(next(found))
            if unit.is_last:
                yield unit.job, _joined(unit.job, held, settings)
                held = []


def _joined(job: Job, pieces: list[Prepared], settings: Settings) -> Prepared:
    """The results of a job's pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    if job.data is not None and any(not p.line for piece in pieces for p in piece.problems):
        return prepare(job.file, job.data, settings)  # a piece may seem worse than the whole
    return Prepared(
        tuple(chain.from_iterable(piece.articles for piece in pieces)),
        tuple(chain.from_iterable(piece.problems for piece in pieces)),
    )


# --- cutting and gathering ---------------------------------------------------------------------


def _units(job: Job) -> Iterator[_Unit]:
    """A job whole, or in pieces if its lines may be read apart.

    That takes text of which each piece is in the same encoding for certain. Line numbers stay
    right because a piece begins with as many empty lines as there are before it.
    """
    data = job.data
    if data is None or job.file.format not in _LINES or len(data) <= 2 * _PIECE:
        yield _Unit(job, data)
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        yield _Unit(job, data)
        return
    start = lines = 0
    while start < len(data):
        end = data.find(b"\n", start + _PIECE) + 1 or len(data)
        yield _Unit(job, b"\n" * lines + data[start:end], end == len(data))
        lines += data.count(b"\n", start, end)
        start = end


def _batches(units: Iterable[_Unit]) -> Iterator[_Batch]:
    """Small files together, so that a pipe is not asked for each."""
    batch: _Batch = []
    size = 0
    for unit in units:
        batch.append(unit)
        size += len(unit.piece or b"")
        if size >= _PIECE or len(batch) >= _FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _work_in(batch: _Batch) -> Work:
    return [(unit.job.file, unit.piece) for unit in batch if unit.piece is not None]


def _results(
    batches: Iterator[_Batch], settings: Settings, workers: int
) -> Iterator[tuple[_Batch, list[Prepared]]]:
    """Each batch with its results, in order."""
    waiting: deque[_Batch] = deque()
    size = 0
    for batch in batches:
        if not waiting and not _work_in(batch):
            yield batch, []
            continue
        waiting.append(batch)
        size += sum(len(piece) for _, piece in _work_in(batch))
        if not workers or size > _ALONE:
            break
    if not workers or size <= _ALONE:
        for batch in chain(waiting, batches):
            yield batch, prepare_here(_work_in(batch), settings)
        return
    with Team(settings, workers) as team:
        asked: deque[tuple[_Batch, Future[list[Prepared]]]] = deque()
        for batch in chain(waiting, batches):
            asked.append((batch, team.ask(_work_in(batch))))
            if len(asked) > 2 * workers:
                first, answer = asked.popleft()
                yield first, answer.result()
        for first, answer in asked:
            yield first, answer.result()
