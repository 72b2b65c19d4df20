"""Answers are right: each query once more, by an evaluation in plain Python.

In: queries, the engine as users ask it, and a sample of passages. Out: failures in the ledger.
The second evaluation (`proving`) reads the sample and the best hits of each query; it takes what
it must know of all passages (compounds, lengths, how many hold a word) from its own count of the
corpus. In the sample the sets of passages, marks with their reasons, occurrences and scores must be
the same; totals are compared with each other over the whole index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from random import Random
from typing import Any, Protocol, get_args

import numpy as np

from indexer.audits.concordance import Unit, lines, occurrences
from indexer.audits.rows import Occurrences
from indexer.model import Concordance, Hit, Mark, Match, Results
from indexer.proving.census import Census, Inquiry
from indexer.proving.corpus import Reading
from indexer.proving.scores import Parameters
from indexer.proving.spelling import Thesaurus
from indexer.proving.verdicts import Verdict
from indexer.query.parser import Parsed, parse
from indexer.search.boolean import Scored
from indexer.search.matcher import Evaluation
from indexer.search.searcher import Searcher
from indexer.segments.container import DamagedError
from indexer.sorted_arrays import Array
from indexer.verifying.asking import Asked
from indexer.verifying.ledger import Ledger
from indexer.verifying.showing import check_hit, check_line

TOP = 10  # hits of each query that are checked wherever they stand
LINES = 20  # of each concordance
CLOSE = 1e-6  # scores that differ by no more are equal
UNITS: tuple[Unit, ...] = get_args(Unit)


class Answers(Protocol):
    """What users ask."""

    def search(self, query: Any, *, match: Match = ..., limit: int = ...) -> Results:
        """The best passages."""

    def count(self, query: Any, *, match: Match = ...) -> int:
        """How many passages have the query in their text."""

    def concordance(
        self, query: Any, *, match: Match = ..., unit: Unit = ..., limit: int | None = ...,
        offset: int = ...,
    ) -> Concordance:  # fmt: skip
        """Occurrences with their context."""

    def article_marks(
        self, article_id: str, query: Any, *, match: Match = ..., any: bool = ...
    ) -> Mapping[str, tuple[Mark, ...]]:
        """Marks in one article."""


@dataclass(frozen=True)
class Sample:
    """Passages that queries are evaluated on a second time."""

    readings: Sequence[Reading]
    numbers: Sequence[Array]  # for each part of the snapshot, their numbers in it, ascending


@dataclass(frozen=True)
class Examiner:
    """Puts queries to the engine and to the second evaluation."""

    searcher: Searcher
    answers: Answers
    census: Census
    sample: Sample
    ledger: Ledger
    random: Random

    def examine(self, asked: Asked) -> None:
        """Check all that is answered to one query."""
        self.ledger.count("queries")
        try:
            self._examine(asked, parse(asked.text))
        except DamagedError as error:
            self.ledger.fail(str(asked), f"damaged arrays: {error}")
        except Exception as error:  # whatever is raised, a user would have met it
            self.ledger.fail(str(asked), f"raised {type(error).__name__}: {error}")

    def _examine(self, asked: Asked, parsed: Parsed) -> None:
        results = self.answers.search(asked.text, match=asked.match, limit=TOP)
        tree = parse(asked.text, any=True).tree if results.relaxed else parsed.tree
        evaluation = self.searcher.evaluate(tree, asked.match)
        counting = self.searcher.evaluate(parsed.tree, asked.match, text_only=True)
        found, counted = evaluation.run(), counting.run()
        self.ledger.expect(str(asked), "total of search", _size(found), results.total)
        self._check_hits(asked, results)
        rows = self._check_counts(asked, results, counting, counted)
        if evaluation.notes() or counting.notes():
            self.ledger.skipped["queries of which a note says that they are bounded"] += 1
            return
        try:
            self._compare(asked, results, (evaluation, tree), found)
            self._compare_counts(asked, (counting, parsed.tree), counted, rows)
        except ValueError:
            self.ledger.skipped["queries with too many spellings for a second evaluation"] += 1

    # --- what is shown --------------------------------------------------------------------------

    def _check_hits(self, asked: Asked, results: Results) -> None:
        """Hits as they are shown, and the same marks on the article's page."""
        for hit in results.hits:
            check_hit(_at(asked, hit.passage.id), hit, self.ledger)
        self.ledger.count("hits", len(results.hits))
        if results.hits:
            hit = self.random.choice(results.hits)
            marks = self.answers.article_marks(
                hit.article.id, asked.text, match=asked.match, any=results.relaxed
            )
            place = _at(asked, hit.passage.id)
            self.ledger.expect(
                place, "marks on the article's page", hit.marks, marks.get(hit.passage.id)
            )

    def _check_counts(
        self, asked: Asked, results: Results, counting: Evaluation, counted: Sequence[Scored]
    ) -> Occurrences:
        """Search, count and concordance agree on their totals; all occurrences, in order."""
        place, ledger = str(asked), self.ledger
        total = _size(counted)
        ledger.expect(place, "count", total, self.answers.count(asked.text, match=asked.match))
        every = occurrences(counting, self.searcher.places)
        if not results.relaxed and _tests_text_alone(counting):
            ledger.expect(place, "total of search and count", total, results.total)
        passages = np.unique(every.parts.astype(np.int64) << 40 | every.passages)
        matched = sum(int(np.count_nonzero(scored.in_text)) for scored in counted)
        ledger.expect(place, "passages in the concordance", matched, passages.size)
        kinds = sum(facet.count for facet in results.facets.get("kind", ()))
        ledger.expect(place, "passages of all kinds", results.total, kinds)
        unit, size = self.random.choice(UNITS), int(every.starts.size)
        offset = self.random.randrange(max(size - LINES, 0) + 1)
        answer = self.answers.concordance(
            asked.text, match=asked.match, unit=unit, limit=LINES, offset=offset
        )
        ledger.expect(place, "total of the concordance", size, answer.total)
        ledger.expect(place, "lines shown", min(LINES, size - offset), len(answer.lines))
        for line, row in zip(answer.lines, range(offset, size)):
            part, number = int(every.parts[row]), int(every.passages[row])
            passage = self.searcher.snapshot.parts[part].segment.passage(number)
            ledger.expect(place, "passage of a line", passage.id, line.passage)
            check_line(place, line, passage, ledger)
        return every

    # --- the second evaluation ------------------------------------------------------------------

    def _compare(
        self,
        asked: Asked,
        results: Results,
        by: tuple[Evaluation, Any],
        found: Sequence[Scored],
    ) -> None:
        """What search finds in the sample, and its best hits, against the second evaluation."""
        evaluation, tree = by
        inquiry = self._inquiry(tree, asked.match)
        expected = inquiry.verdicts(self.sample.readings, text_alone=False)
        given = {hit.passage.id: hit for hit in self._hits(evaluation, found)}
        self._same_passages(str(asked), expected.keys(), given.keys())
        shown = {hit.passage.id: hit for hit in results.hits}
        others = [
            reading
            for hit in results.hits
            if hit.passage.id not in given
            for reading in self.census.readings(hit.article.id, (hit.passage.id,))
        ]
        verdicts = expected | inquiry.verdicts(others, text_alone=False)
        for name, hit in (given | shown).items():
            if name in verdicts:
                self._same_hit(_at(asked, name), verdicts[name], hit)
            else:
                self.ledger.fail(_at(asked, name), "is found, and should not be")
        self._check_order(asked, results, {n: v for n, v in expected.items() if n in given}, given)

    def _same_passages(self, place: str, expected: Iterable[str], found: Iterable[str]) -> None:
        lost, extra = sorted({*expected} - {*found}), sorted({*found} - {*expected})
        for names, what in ((lost, "is not found"), (extra, "is found, and should not be")):
            for name in names:
                self.ledger.fail(f"{place}, passage {name}", what)

    def _same_hit(self, place: str, verdict: Verdict, hit: Hit) -> None:
        """Marks and score of one hit."""
        ledger = self.ledger
        ledger.expect(place, "marks", verdict.marks, hit.marks)
        ledger.expect(place, "marks of headings", verdict.section_marks, hit.section_marks)
        ledger.expect(place, "marks of the title", verdict.title_marks, hit.title_marks)
        if isnan(verdict.score):
            ledger.skipped["scores, for want of how many passages hold a phrase"] += 1
        elif abs(verdict.score - hit.score) > CLOSE:
            ledger.fail(place, f"score: expected {verdict.score:.7f}, found {hit.score:.7f}")
        else:
            ledger.count("scores")
        ledger.count("verdicts")
        if not (hit.marks or hit.title_marks or any(hit.section_marks)):
            ledger.count("hits by filter or negation alone")  # their verdict has no mark either

    def _check_order(
        self,
        asked: Asked,
        results: Results,
        expected: Mapping[str, Verdict],
        given: Mapping[str, Hit],
    ) -> None:
        """The best come first: no passage of the sample is better than a hit, and left out."""
        scores = [hit.score for hit in results.hits]
        if scores != sorted(scores, reverse=True):
            self.ledger.fail(str(asked), "hits are not in order of their scores")
        if len(results.hits) < TOP:
            self.ledger.expect(str(asked), "hits", results.total, len(results.hits))
            return
        shown, last = {hit.passage.id for hit in results.hits}, results.hits[-1]
        for name, verdict in expected.items():
            better = verdict.score > last.score + CLOSE
            equal = given[name].score == last.score and _order(given[name]) < _order(last)
            if name not in shown and (better or equal):
                self.ledger.fail(_at(asked, name), "is better than hits that are shown before it")

    def _compare_counts(
        self,
        asked: Asked,
        by: tuple[Evaluation, Any],
        counted: Sequence[Scored],
        every: Occurrences,
    ) -> None:
        """Passages counted and occurrences listed in the sample, against the second evaluation."""
        evaluation, tree = by
        inquiry = self._inquiry(tree, asked.match)
        expected = inquiry.verdicts(self.sample.readings, text_alone=True)
        spans: dict[str, list[tuple[int, int]]] = {
            hit.passage.id: [] for hit in self._hits(evaluation, counted)
        }
        place = f"{asked}, in the text"
        self._same_passages(place, expected.keys(), spans.keys())
        rows = np.flatnonzero(self._in_sample(every.parts, every.passages))
        for line in lines(evaluation, every, rows, 0, "words"):
            spans.setdefault(line.passage, []).append((line.start, line.end))
        for name in expected.keys() & spans.keys():
            wanted = list(expected[name].occurrences)
            self.ledger.expect(f"{place}, passage {name}", "occurrences", wanted, spans[name])
            self.ledger.count("occurrences", len(wanted))

    def _inquiry(self, tree: Any, match: Match) -> Inquiry:
        p, searcher = self.searcher.parameters, self.searcher
        return Inquiry(
            self.census,
            tree,
            match,
            Parameters(
                p.k1,
                {"text": p.text_weight, "section": p.section_weight, "title": p.title_weight},
                {"text": p.text_b, "section": p.section_b, "title": p.title_b},
            ),
            Thesaurus(searcher.synonyms.rules, searcher.synonyms_in_phrases),
        )

    # --- the engine, in the sample --------------------------------------------------------------

    def _hits(self, evaluation: Evaluation, found: Sequence[Scored]) -> list[Hit]:
        """The passages of the sample that the engine finds."""
        shown = []
        for part, (scored, numbers) in enumerate(zip(found, self.sample.numbers)):
            inside = scored.kept(np.isin(scored.ids, numbers))
            pairs = zip(inside.ids.tolist(), inside.scores.tolist())
            shown += [(part, number, score) for number, score in pairs]
        return self.searcher.hits(evaluation, shown)

    def _in_sample(self, parts: Array, passages: Array) -> Array:
        inside = np.zeros(parts.size, bool)
        for part, numbers in enumerate(self.sample.numbers):
            inside |= (parts == part) & np.isin(passages, numbers)
        return inside


def _tests_text_alone(evaluation: Evaluation) -> bool:
    """Whether a query has no word that may match in headings or titles as well."""
    return all(getattr(leaf, "fieldname", None) != "any" for leaf in evaluation.tree.leaves())


def _size(found: Iterable[Scored]) -> int:
    return sum(scored.ids.size for scored in found)


def _order(hit: Hit) -> tuple[str, int]:
    return hit.article.id, hit.passage.span.start


def _at(asked: Asked, passage: str) -> str:
    return f"{asked}, passage {passage}"
