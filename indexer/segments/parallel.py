"""Inverts stored articles into runs: in this process, or in a pool of workers if there are many.

Workers are given articles as they are stored, in bunches; only a few bunches wait at a time, so
memory does not grow with the corpus. The segment is the same whatever the number of workers and
the order of the articles. If a worker is lost, its articles are inverted in this process. Raises
`StoreDamaged` for an article that differs from what was packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from typing import Protocol

from indexer.segments.inverter import Inverter
from indexer.segments.merge import versions_of
from indexer.segments.tables import Run
from indexer.store.codec import Packed, decode
from indexer.worker_pool import WorkerLost, WorkerPool

BUNCH = 330_000  # packed bytes (about 1 MB of text) after which a bunch is handed to a worker
ALONE = 10  # bunches; fewer than that are done before workers would have started


class ArticleSource(Protocol):
    """The part of a store that inverting needs."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""


def invert(source: ArticleSource, ids: Sequence[str], pool: WorkerPool | None = None) -> list[Run]:
    """Runs of these articles, made by `pool` (None: by a pool of their own). `StoreDamaged`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(source, ids, pool)
    bunches = _bunches(source.packed(ids))
    first = list(islice(bunches, ALONE))
    if len(first) < ALONE or not pool.workers:
        inverter = Inverter()
        return [_invert(inverter, bunch) for bunch in chain(first, bunches)]
    runs = []
    for task in [pool.submit(_invert_there, bunch) for bunch in chain(first, bunches)]:
        with suppress(WorkerLost):
            runs.append(task.result())
    lost = sorted(set(ids) - versions_of(runs).keys())
    return runs + (invert(source, lost, WorkerPool(0)) if lost else [])


def _bunches(articles: Iterable[Packed]) -> Iterator[list[Packed]]:
    """The articles in bunches of about `BUNCH` bytes; the last bunch may be empty."""
    bunch: list[Packed] = []
    size = 0
    for packed in articles:
        bunch.append(packed)
        size += len(packed.payload)
        if size >= BUNCH:
            yield bunch
            bunch, size = [], 0
    yield bunch


def _invert(inverter: Inverter, bunch: Sequence[Packed]) -> Run:
    return inverter.invert(decode(packed.entry, packed.payload) for packed in bunch)


def _invert_there(bunch: Sequence[Packed]) -> Run:
    """Invert a bunch in a worker process."""
    return _invert(_inverter(), bunch)


@cache
def _inverter() -> Inverter:
    """The worker's one inverter, which remembers the words of earlier bunches."""
    return Inverter()
