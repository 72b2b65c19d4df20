"""Stored articles in, runs out: inverted here, or by a pool of workers if there is much to do.

Articles may be given while the store is still being written: workers then invert them meanwhile.
They are handed on as bytes, many at a time; no more than a few bunches wait, so that whoever gives
them is held up when the workers can't keep pace. Neither the number of workers nor the order in
which articles come makes a difference to a segment. A worker that is lost costs nothing but time:
what it had is inverted here. Refuses (`DamageError`) an article that is not what was packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple, Protocol
from uuid import uuid4

from indexer.segments.inverter import Inverter
from indexer.segments.merge import versions_of
from indexer.segments.tables import Run
from indexer.store.codec import Entry, Packed, decode
from indexer.worker_pool import WorkerLost, WorkerPool

ALONE = 20_000  # passages: fewer are done sooner than workers have started
BUNCH = 1_000_000  # bytes of text that a worker is given at a time, or a little more
_PACKED = 3  # about so many times is text longer than it is when packed
_HELD = 16  # bunches of few passages: these are much to do as well


class ArticleSource(Protocol):
    """What is needed of the store."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""


class _Given(NamedTuple):
    """An article that is to be inverted."""

    entry: Entry
    version: str
    payload: bytes


_Bunch = list[_Given]


def invert(
    source: ArticleSource,
    ids: Sequence[str],
    versions: Mapping[str, str],
    pool: WorkerPool | None = None,
) -> list[Run]:
    """These articles of a source, by `pool` or by one of their own. `DamageError`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(source, ids, versions, pool)
    inverter = ParallelInverter(pool)
    for article_id, packed in zip(ids, source.packed(ids)):
        inverter.add(packed, versions[article_id])
    runs = inverter.finish()
    got = versions_of(runs)
    lost = [article_id for article_id in ids if article_id not in got]
    if lost:
        runs += invert(source, lost, versions, WorkerPool(0))
    return runs or [Inverter().take()]


class ParallelInverter:
    """Takes articles in whatever order they come; `finish` gives what was made of them.

    The workers are those of `pool`, which may be at other work as well.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._name = uuid4().hex
        self._bunch: _Bunch = []  # that is being filled
        self._size = 0  # of it, in bytes of text
        self._held: list[_Bunch] = []  # as long as there are few
        self._passages = 0
        self._asked: list[Future[Run] | Run] = []
        self._inverter = Inverter()  # of this process

    def add(self, packed: Packed, version: str) -> None:
        """Takes an article; waits while the workers have too much to do already."""
        self._bunch.append(_Given(packed.entry, version, packed.payload))
        self._size += len(packed.payload) * _PACKED
        self._passages += packed.entry.passages
        if self._size >= BUNCH:
            self._held.append(self._bunch)
            self._bunch, self._size = [], 0
            if self._asked or self._passages >= ALONE or len(self._held) >= _HELD:
                self._ask(self._pool.workers > 0)

    def finish(self) -> list[Run]:
        """What was made of the articles, but for those that were at a worker that is lost."""
        if self._bunch:
            self._held.append(self._bunch)
            self._bunch = []
        self._ask(bool(self._asked) and self._pool.workers > 0)
        runs = []
        for asked in self._asked:
            with suppress(WorkerLost):
                runs.append(asked.result() if isinstance(asked, Future) else asked)
        return runs

    def _ask(self, is_shared: bool) -> None:
        for bunch in self._held:
            if is_shared:
                self._asked.append(self._pool.submit(_invert_there, self._name, bunch))
            else:
                self._asked.append(_invert(self._inverter, bunch))
        self._held = []


def _invert(inverter: Inverter, bunch: _Bunch) -> Run:
    for entry, version, payload in bunch:
        inverter.add(decode(entry, payload), version)
    return inverter.take()


def _invert_there(name: str, bunch: _Bunch) -> Run:
    """What a worker does with a bunch."""
    return _invert(_inverter(name), bunch)


@lru_cache(maxsize=1)
def _inverter(name: str) -> Inverter:
    """The inverter of a worker, which knows the words of the bunches before that it was given under
    that name."""
    return Inverter()
