"""What an index answers to those who audit: counts of terms, their company, what a text is about.

In: terms or a query. Out: frozen findings, each number beside what it is a number of. The
arithmetic is in `audits`; here a query is understood and evaluated over the text alone. Refuses
arguments that make no sense (`UsageError`), and articles that there are not (`NotFound`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from indexer.audits.barcodes import Barcode, barcodes
from indexer.audits.clusters import RunRequest, Runs, Side, clusters, ngrams
from indexer.audits.collocates import CollocateRequest, Collocates, Measure, collocates
from indexer.audits.counting import AuditRequest, audit
from indexer.audits.counts import Audit
from indexer.audits.grounds import By, ground
from indexer.audits.keywords import Frequencies, KeywordRequest, Keywords, frequencies, keywords
from indexer.audits.terms import Term, TermList
from indexer.audits.windows import Window
from indexer.model import Match
from indexer.search.matcher import Evaluation
from indexer.search.searcher import Searcher

Query = Any  # str, or a whoosh.query.Query (Whoosh has no types)
Answer = TypeVar("Answer")


class Auditing(ABC):
    """The audits of an `Index`."""

    @abstractmethod
    def _repaired(self, ask: Callable[[Searcher], Answer]) -> Answer:
        """What `ask` answers; when it meets a damaged array, that is rebuilt first."""

    def audit(
        self,
        terms: TermList | Iterable[str | Term],
        *,
        by: By = "article",
        match: Match = "stem",
        articles: Sequence[str] | None = None,
        confidence: float = 0.95,
    ) -> Audit:
        """How often, in what forms, where and where not each term stands in the text.

        Each term is a query; its total is that of its concordance. The matrix has a cell for each
        article, or section, of all or of those `articles` (ids) that are named.
        """
        named = None if articles is None else tuple(articles)
        request = AuditRequest(by, match, named, confidence)
        if not isinstance(terms, TermList):
            terms = (terms,) if isinstance(terms, (str, Term)) else tuple(terms)
        return self._repaired(lambda searcher: audit(searcher, terms, request))

    def barcodes(
        self,
        query: Query,
        *,
        by: By = "article",
        match: Match = "stem",
        articles: Sequence[str] | None = None,
    ) -> tuple[Barcode, ...]:
        """Where in each article, or section, the query stands: the occurrences that `audit` counts.

        Of all articles, or of those named (ids).
        """

        def ask(searcher: Searcher) -> tuple[Barcode, ...]:
            evaluation, _ = _evaluated(searcher, query, match)
            named = None if articles is None else tuple(articles)
            boilerplate = evaluation.boilerplate
            return barcodes(
                evaluation, ground(searcher.snapshot, by, named, boilerplate=boilerplate)
            )

        return self._repaired(ask)

    def collocates(
        self,
        query: Query,
        *,
        match: Match = "stem",
        left: int = 5,
        right: int = 5,
        least: int = 3,
        measure: Measure = "log_dice",
        limit: int | None = None,
        offset: int = 0,
    ) -> Collocates:
        """The words that stand within `left` and `right` words of the query in its sentence.

        Those that do so `least` times, by `measure`: log_dice, g2, g2_four, mi, t or count.
        """
        request = CollocateRequest(Window(left, right), least, measure, limit, offset)

        def ask(searcher: Searcher) -> Collocates:
            evaluation, notes = _evaluated(searcher, query, match)
            return collocates(evaluation, _shown(query), request, notes)

        return self._repaired(ask)

    def clusters(
        self,
        query: Query,
        *,
        match: Match = "stem",
        size: int = 3,
        least: int = 2,
        node: Side = "any",
        limit: int | None = None,
        offset: int = 0,
    ) -> Runs:
        """Runs of `size` words that hold the query (at any place, first or last in them)."""
        request = RunRequest(size, least, node, limit, offset)

        def ask(searcher: Searcher) -> Runs:
            evaluation, notes = _evaluated(searcher, query, match)
            return clusters(evaluation, _shown(query), request, notes)

        return self._repaired(ask)

    def ngrams(
        self, *, size: int = 3, least: int = 2, limit: int | None = None, offset: int = 0
    ) -> Runs:
        """Runs of `size` words that occur `least` times, the commonest first."""
        request = RunRequest(size, least, "any", limit, offset)
        return self._repaired(lambda searcher: ngrams(searcher.snapshot, request))

    def frequencies(self, articles: Sequence[str] | None = None) -> Frequencies:
        """How often each word stands in the text of all articles, or of those named."""
        return self._repaired(lambda searcher: frequencies(searcher.snapshot, articles))

    def keywords(
        self,
        articles: Sequence[str] | None = None,
        *,
        against: Auditing | None = None,
        least: int = 3,
        positive: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Keywords:
        """Words that these articles have more often, or less, than the others do.

        Against all other articles of this index, or against all of another one; `articles` None
        (with another index): all.
        """
        target = self.frequencies(articles)
        reference = against.frequencies() if against else self.frequencies().less(target)
        return keywords(target, reference, KeywordRequest(least, positive, limit, offset))


def _evaluated(
    searcher: Searcher, query: Query, match: Match
) -> tuple[Evaluation, tuple[str, ...]]:
    """A query over the text alone, and what of it could not be used."""
    parsed = searcher.understand(query)
    return searcher.evaluate(parsed.tree, match, text_only=True), parsed.notes


def _shown(query: Query) -> str:
    return query if isinstance(query, str) else repr(query)
