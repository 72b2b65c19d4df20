"""Stored articles in, runs out: inverted here, or by a pool of workers if there is much to do.

Articles may be given while the store is still being written: workers then invert them meanwhile.
They are handed on as bytes, many at a time; no more than a few bunches wait, so that whoever gives
them is held up when the workers can't keep pace. Neither the number of workers nor the order in
which articles come makes a difference to a segment. A worker that is lost costs nothing but time:
what it had is inverted here. Refuses (`DamageError`) an article that is not what was packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from typing import Protocol
from uuid import uuid4

from indexer.segments.inverter import Inverter
from indexer.segments.merge import versions_of
from indexer.segments.tables import Run
from indexer.store.codec import Packed, decode
from indexer.worker_pool import WorkerLost, WorkerPool

BUNCH = 330_000  # bytes, packed, that a worker is given at a time, or a little more: text of 1 MB
ALONE = 10  # bunches: fewer are done sooner than workers have started


class ArticleSource(Protocol):
    """What is needed of the store."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""


def invert(source: ArticleSource, ids: Sequence[str], pool: WorkerPool | None = None) -> list[Run]:
    """These articles of a source, by `pool` or by one of their own. `DamageError`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(source, ids, pool)
    inverter = ParallelInverter(pool)
    for packed in source.packed(ids):
        inverter.add(packed)
    runs = inverter.finish()
    lost = sorted(set(ids) - versions_of(runs).keys())
    return runs + (invert(source, lost, WorkerPool(0)) if lost else [])


class ParallelInverter:
    """Takes articles in whatever order they come; `finish` gives what was made of them.

    The workers are those of `pool`, which may be at other work as well.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._name = uuid4().hex
        self._held: list[list[Packed]] = [[]]  # bunches, the last of which is being filled
        self._size = 0  # of that, in bytes
        self._asked: list[Future[Run]] = []

    def add(self, packed: Packed) -> None:
        """Takes an article; waits while the workers have too much to do already."""
        self._held[-1].append(packed)
        self._size += len(packed.payload)
        if self._size >= BUNCH:
            if self._asked or len(self._held) >= ALONE:
                self._ask()
            self._held.append([])
            self._size = 0

    def finish(self) -> list[Run]:
        """What was made of the articles, but for those that were at a worker that is lost."""
        if self._asked:
            self._ask()
        runs = []
        for asked in self._asked:
            with suppress(WorkerLost):
                runs.append(asked.result())
        inverter = Inverter()
        return runs + [_invert(inverter, bunch) for bunch in self._held]

    def _ask(self) -> None:
        """Hand on the bunches to the workers, if there are any."""
        if self._pool.workers:
            for bunch in self._held:
                self._asked.append(self._pool.submit(_invert_there, self._name, bunch))
            self._held = []


def _invert(inverter: Inverter, bunch: Sequence[Packed]) -> Run:
    return inverter.invert(decode(packed.entry, packed.payload) for packed in bunch)


def _invert_there(name: str, bunch: Sequence[Packed]) -> Run:
    """What a worker does with a bunch."""
    return _invert(_inverter(name), bunch)


@lru_cache(maxsize=1)
def _inverter(name: str) -> Inverter:
    """The inverter of a worker, which knows the words of the bunches before that it was given under
    that name."""
    return Inverter()
