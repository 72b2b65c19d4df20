"""All proofs, one after the other.

In: store, searcher, the answers that users get, and a plan. Out: a `Verification`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from indexer.errors import PilcrowError
from indexer.model import Article, Passage
from indexer.proving.census import Census
from indexer.search.searcher import Searcher
from indexer.segments.container import DamagedError
from indexer.sorted_arrays import Array
from indexer.store.reader import Store
from indexer.verifying.answering import Answers, Examiner, Sample
from indexer.verifying.asking import Asked, generated, logged
from indexer.verifying.ledger import Ledger, Verification
from indexer.verifying.mirroring import Mirror
from indexer.verifying.slicing import check_article
from indexer.verifying.tables import check_segment

Progress = Callable[[str, int, int], None]  # what is checked, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be proved."""

    queries: Sequence[str] | None = None  # a log of queries; None: made from the corpus
    seed: int = 0  # of made queries and of the sample
    count: int = 200  # made queries
    sample: int = 500  # passages that queries are evaluated on a second time


def verify(
    store: Store, searcher: Searcher, answers: Answers, plan: Plan, progress: Progress | None = None
) -> Verification:
    """Prove what an index promises. Raises `UsageError` for a log without queries."""
    log = None if plan.queries is None else logged(plan.queries)
    run = _Run(store, searcher, answers, plan, progress or _silent)
    began = time.perf_counter()
    run.check_texts()
    between = time.perf_counter()
    run.check_answers(log)
    return Verification(
        checked=dict(run.ledger.checked),
        sampled=run.sampled,
        notes=tuple(f"not compared: {n:,} {what}" for what, n in run.ledger.skipped.items()),
        failures=tuple(run.ledger.failures),
        failed=run.ledger.failed,
        characters=run.characters,
        seconds=between - began,
        query_seconds=time.perf_counter() - between,
    )


class _Run:
    """One run over an index."""

    def __init__(
        self, store: Store, searcher: Searcher, answers: Answers, plan: Plan, progress: Progress
    ) -> None:
        self.store, self.searcher, self.answers = store, searcher, answers
        self.plan, self.progress = plan, progress
        self.ledger = Ledger()
        self.census = Census(self._load)
        self.random = Random(plan.seed)
        self.characters = self.sampled = 0
        self._owners: dict[str, str] = {}  # passage id → article id

    def _load(self, article_id: str) -> tuple[Article, Sequence[Passage]]:
        stored = self.store.load(article_id)
        return stored.article, stored.passages

    # --- texts and arrays -----------------------------------------------------------------------

    def check_texts(self) -> None:
        """Every article of the store, and the arrays against it."""
        mirror: Mirror | None = None
        try:
            mirror = Mirror(self.searcher.snapshot, self.ledger)
            mirror.check_names(self.store.versions())
            for part in self.searcher.snapshot.parts:
                check_segment(part.segment, self.ledger)
        except DamagedError as error:
            self.ledger.fail("arrays", str(error))
        names = [entry.article_id for entry in self.store.entries()]
        for done, name in enumerate(names, 1):
            self._check_article(name, mirror)
            self.progress("articles", done, len(names))

    def _check_article(self, name: str, mirror: Mirror | None) -> None:
        try:
            article, passages = self._load(name)
            check_article(article, passages, self.ledger)
            self._check_ids(article, passages)
            if mirror is not None:
                forms = mirror.check_article(article, passages)
                self.census.add(article, passages, forms)
        except (DamagedError, PilcrowError) as error:
            self.ledger.fail(f"article {name!r}", str(error))
            return
        self.characters += len(article.text)

    def _check_ids(self, article: Article, passages: Sequence[Passage]) -> None:
        for passage in passages:
            owner = self._owners.get(passage.id)
            if owner is not None:
                place = f"article {article.id!r}, passage {passage.id}"
                self.ledger.fail(place, f"another passage, in article {owner!r}, has the same id")
            self._owners[passage.id] = article.id

    # --- queries --------------------------------------------------------------------------------

    def check_answers(self, log: list[Asked] | None) -> None:
        """Every query of the log, or made ones, against a second evaluation."""
        try:
            sample = self._sample()
        except DamagedError as error:
            self.ledger.fail("arrays", str(error))
            return
        asked = log
        if asked is None:
            passages = [one.passage for one in sample.readings]
            frequencies = self.census.frequencies()
            asked = generated(frequencies, passages, self.plan.seed, self.plan.count)
        examiner = Examiner(
            self.searcher, self.answers, self.census, sample, self.ledger, self.random
        )
        for done, query in enumerate(asked, 1):
            examiner.examine(query)
            self.progress("queries", done, len(asked))

    def _sample(self) -> Sample:
        """As many passages as the plan says, drawn by chance; all if there are no more."""
        chosen = sorted(self._owners)
        if len(chosen) > self.plan.sample:
            chosen = self.random.sample(chosen, self.plan.sample)
        self.sampled = len(chosen)
        wanted: dict[str, set[str]] = {}
        for passage in chosen:
            wanted.setdefault(self._owners[passage], set()).add(passage)
        parts = self.searcher.snapshot.parts
        numbers: list[set[int]] = [set() for _ in parts]
        for name, passages in wanted.items():
            part, _ = self.searcher.snapshot.homes.get(name, (-1, -1))
            if part >= 0:
                find = parts[part].segment.find_passage
                numbers[part] |= {find(int(passage, 16)) for passage in passages} - {-1}
        columns: list[Array] = [np.array(sorted(found), np.int64) for found in numbers]
        readings = [
            one for name in sorted(wanted) for one in self.census.readings(name, wanted[name])
        ]
        return Sample(readings, columns)


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""
