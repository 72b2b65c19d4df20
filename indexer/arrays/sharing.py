"""Articles of a store in, runs out: made here, or by several processes if there is much to do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import accumulate, pairwise
from typing import Protocol

from indexer.arrays.inverting import Inverter, Run
from indexer.model import Article, Passage
from indexer.processes import Process, ProcessLost, count_workers

ALONE = 20_000  # passages: fewer are done sooner than processes have started


class StoredArticle(Protocol):
    """An article with its passages, as the store gives it."""

    @property
    def article(self) -> Article:
        """The article."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Its passages, in text order."""


class ArticleStore(Protocol):
    """What is needed of the store."""

    @property
    def generation(self) -> int:
        """Number of the commit that it shows."""

    def versions(self) -> dict[str, str]:
        """Article id → a text that changes with its content."""

    def load(self, article_id: str) -> StoredArticle:
        """One article with its passages."""

    def weights(self) -> Mapping[str, int]:
        """Article id → how many passages it has, if another process can open this store too: then
        it is picklable. Else nothing."""


def invert(
    store: ArticleStore,
    ids: Sequence[str],
    versions: Mapping[str, str],
) -> Run:
    """The run of these articles, whose ids ascend."""
    inverter = Inverter()
    for article_id in ids:
        stored = store.load(article_id)
        inverter.add(stored.article, stored.passages, versions[article_id])
    return inverter.run()


def invert_shared(
    store: ArticleStore, ids: Sequence[str], versions: Mapping[str, str], workers: int | None = None
) -> list[Run] | None:
    """The runs of these articles in order, one from each process; None if there is too little to
    do, or no process to be had."""
    count = count_workers() if workers is None else workers
    weights = store.weights()
    if count < 2 or sum(weights.get(i, 0) for i in ids) < ALONE:
        return None
    with ExitStack() as stack:
        try:
            processes = [stack.enter_context(Process()) for _ in range(count)]
            threads = stack.enter_context(ThreadPoolExecutor(count))
            shares = _shares(ids, weights, count)
            asked = [
                threads.submit(
                    process.call, _invert_there, store, share, {i: versions[i] for i in share}
                )
                for process, share in zip(processes, shares)
            ]
            runs = [future.result() for future in asked]
        except (OSError, ProcessLost):
            return None
    return None if None in runs else [run for run in runs if run is not None]


def _invert_there(
    store: ArticleStore, ids: Sequence[str], versions: Mapping[str, str]
) -> Run | None:
    """`invert` in another process; None if the store has moved on since it was asked."""
    now = store.versions()
    if any(now.get(article_id) != version for article_id, version in versions.items()):
        return None
    return invert(store, ids, versions)


def _shares(ids: Sequence[str], weights: Mapping[str, int], count: int) -> list[Sequence[str]]:
    """`ids` cut into `count` pieces of about the same weight."""
    sums = list(accumulate(weights.get(article_id, 0) for article_id in ids))
    bounds = [bisect_left(sums, sums[-1] * n / count) for n in range(1, count)]
    return [ids[a:b] for a, b in pairwise([0, *bounds, len(ids)])]
