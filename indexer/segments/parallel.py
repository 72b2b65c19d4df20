"""Stored articles in, runs out: inverted here, or by a pool of workers if there is much to do.

Workers are handed the articles as they are stored, many at a time; no more than a few bunches wait,
so that memory does not grow with what there is to do. Neither the number of workers nor the order
of the articles makes a difference to a segment. A worker that is lost costs nothing but time: what
it had is inverted here. Refuses (`DamageError`) an article that is not what was packed.
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

BUNCH = 330_000  # bytes, packed, that a worker is given at a time, or a little more: text of 1 MB
ALONE = 10  # bunches: fewer are done sooner than workers have started


class ArticleSource(Protocol):
    """What is needed of the store."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""


def invert(source: ArticleSource, ids: Sequence[str], pool: WorkerPool | None = None) -> list[Run]:
    """The run, or runs, of these articles, by `pool` or by one of their own. `DamageError`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(source, ids, pool)
    bunches = _bunches(source.packed(ids))
    first = list(islice(bunches, ALONE))
    if len(first) < ALONE or not pool.workers:
        inverter = Inverter()
        return [_invert(inverter, bunch) for bunch in chain(first, bunches)]
    runs = []
    for asked in [pool.submit(_invert_there, bunch) for bunch in chain(first, bunches)]:
        with suppress(WorkerLost):
            runs.append(asked.result())
    lost = sorted(set(ids) - versions_of(runs).keys())
    return runs + (invert(source, lost, WorkerPool(0)) if lost else [])


def _bunches(articles: Iterable[Packed]) -> Iterator[list[Packed]]:
    """The articles, as many together as a worker is given at a time; the last may be none."""
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
    """What a worker does with a bunch."""
    return _invert(_inverter(), bunch)


@cache
def _inverter() -> Inverter:
    """The inverter of a worker, which knows the words of the bunches before."""
    return Inverter()
