"""Sketches, without a server: over them the matcher and the scorer say what they say over the
passages themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from indexer import open_index
from indexer.cluster.documents import excerpt_of
from indexer.cluster.hits import HitsEvaluation, ViewSearcher
from indexer.cluster.layout import snapshot_of
from indexer.cluster.sketch import codes
from indexer.cluster.words import CorpusSegment, WordCounts, corpus_part
from indexer.model import Match
from indexer.query.parser import parse
from indexer.search.bm25f import Sums
from indexer.search.expansion import Expansion
from indexer.search.plan import FIELDS, Leaf, PlanCompiler, Term, asks_for_boilerplate, simplified
from indexer.segments.snapshot import Snapshot
from indexer.text.synonyms import Synonyms
from tests.cluster.corpora import QUERIES, passage_documents
from tests.helpers import digests
from tests.helpers.effort import tries

Scored = tuple[str, float, str]  # id, score, title of the article


@dataclass(frozen=True)
class Sketched:
    """Passages of content as excerpts and as sketches, and the words of them."""

    excerpts: Snapshot
    sketches: list[dict[str, Any]]  # hits
    corpus: CorpusSegment
    searcher: ViewSearcher
    words: digests.Words

    def found(self, query: str, match: Match) -> tuple[list[Scored], list[Scored] | None]:
        """Ids and scores of what a query finds among excerpts and among sketches; None for these
        where they do not serve."""
        expansion = self.searcher.expansion(match)
        known = PlanCompiler()
        plan = known.compile(parse(query, capitals=True).tree)
        expansion.learn(known)
        plan = simplified(expansion.expand(plan, known))
        sought = self.corpus.codes.sought(plan, expansion)
        there = None
        if sought:
            snapshot = sought.snapshot(self.sketches)
            there = scored(self.searcher.over(snapshot, expansion, plan))
        return scored(self.searcher.over(self.excerpts, expansion, plan)), there


def scored(evaluation: HitsEvaluation) -> list[Scored]:
    """What was found, with scores."""
    (answer,), (part,) = evaluation.run(), evaluation.snapshot.parts
    names = part.segment.column("passage.id")
    titles = [part.segment.article_ref(n).title for n in range(part.segment.articles)]
    rows = [
        (
            f"{names[number]:016x}",
            score,
            titles[part.segment.article_numbers[number]],
        )
        for ids, scores in answer.scored
        for number, score in zip(ids.tolist(), scores.tolist())
    ]
    return sorted(rows)


@pytest.fixture(scope="module")
def sketched(tmp_path_factory: pytest.TempPathFactory) -> Sketched:
    folder = tmp_path_factory.mktemp("sketches")
    counts, documents = passage_documents(folder)
    every = [document.body for document in documents]
    some = [body for body in every if body["content"]]
    part = corpus_part(counts)
    excerpts = snapshot_of([excerpt_of({"_source": body}) for body in some])
    sums = Sums(len(some), (40 * len(some), 4 * len(some), 2 * len(some)), len(some))
    searcher = ViewSearcher(excerpts, words=Snapshot(1, [part]), sums=sums)
    hits = [{"fields": {"sketch": [body["sketch"]]}} for body in some]
    with open_index(folder / "index") as index:
        return Sketched(excerpts, hits, part.corpus, searcher, digests.Words.of(index))


def check(sketched: Sketched, query: str, match: Match = "stem") -> bool:
    """Checks a query; whether it can be asked of sketches."""
    over, there = sketched.found(query, match)
    assert there is None or there == over, (query, match)
    return there is not None


@pytest.mark.parametrize("query", [*QUERIES, "d?se", "*ain relief", "pai* acut*", '"pain ???"'])
def test_queries_that_try_headings(sketched: Sketched, query: str) -> None:
    if not asks_for_boilerplate(PlanCompiler().compile(parse(query).tree)):
        assert check(sketched, query)


@pytest.mark.slow
def test_generated_queries_score_as_over_the_passages(sketched: Sketched) -> None:
    for asked in digests.Generator(sketched.words, seed=21).queries(tries(80, 2_000)):
        if not asks_for_boilerplate(PlanCompiler().compile(parse(asked.text, capitals=True).tree)):
            check(sketched, asked.text, asked.match)


def test_a_pattern_that_any_word_may_match_is_asked_of_passages(sketched: Sketched) -> None:
    def serves(pattern: str) -> bool:
        leaf = Leaf(0, Term("wildcard", pattern), FIELDS)
        return sketched.corpus.codes.sought(leaf, sketched.searcher.expansion("stem")) is not None

    assert [serves(pattern) for pattern in ("p???", "????", "?*?")] == [True, False, False]


def test_forms_that_share_a_code_are_asked_of_passages() -> None:
    words = ("ntauva", "vqcyst", "pain")  # the first two have one code
    entries = [f"en\0{word}\0{word}\0{word}" for word in words]
    assert np.unique(codes(entries)).size == 2
    counts = WordCounts(content=Counter(entries), every=Counter(entries), languages=Counter(en=1))
    part = corpus_part(counts)
    expansion = Expansion(Snapshot(1, [part]), "word", Synonyms())
    plans = [Leaf(0, Term("word", word), FIELDS) for word in words]
    found = [part.corpus.codes.sought(plan, expansion) for plan in plans]
    assert [one is None for one in found] == [True, True, False]
