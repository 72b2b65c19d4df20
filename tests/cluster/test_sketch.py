"""Sketches, without a server: over them the matcher and the scorer say what they say over the
passages themselves."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pytest

from indexer import open_index
from indexer.cluster.documents import excerpt_of
from indexer.cluster.hits import HitsMatcher, ViewSearcher
from indexer.cluster.layout import snapshot_of
from indexer.cluster.sketch import ArticleTally, codes
from indexer.cluster.words import CorpusSegment, WordCounts, corpus_part
from indexer.model import Match
from indexer.query.parser import parse
from indexer.search.bm25f import Sums
from indexer.search.expansion import Expansion
from indexer.search.plan import (
    ALL_FIELDS,
    Leaf,
    Node,
    PlanCompiler,
    Term,
    asks_for_boilerplate,
    scoring,
    simplified,
)
from indexer.segments.snapshot import Snapshot
from indexer.text.synonyms import Synonyms
from tests.cluster.corpora import QUERIES, documents
from tests.helpers import digests
from tests.helpers.effort import tries

Scored = tuple[str, float, str]  # id, score, title of the article


@dataclass(frozen=True)
class Sketched:
    """Passages of content as excerpts and as sketches, and the words of them."""

    excerpts: Snapshot
    sketches: list[dict[str, Any]]  # hits
    articles: list[dict[str, Any]]  # the same of whole articles
    corpus: CorpusSegment
    searcher: ViewSearcher
    words: digests.Words

    def planned(self, query: str, match: Match) -> tuple[Node, Expansion]:
        """The plan of a query, and what looks up its words."""
        expansion = self.searcher.expansion(match)
        known = PlanCompiler()
        plan = known.compile(parse(query, capitals=True).tree)
        expansion.learn(known)
        return simplified(expansion.expand(plan, known)), expansion

    def found(self, query: str, match: Match) -> tuple[list[Scored], list[Scored] | None]:
        """Ids and scores of what a query finds among excerpts and among sketches; None for these
        where they do not serve."""
        plan, expansion = self.planned(query, match)
        sought = self.corpus.codes.sought(plan, expansion)
        there = None
        if sought:
            snapshot = sought.snapshot(self.sketches)
            there = scored(self.searcher.over(snapshot, expansion, plan))
        return scored(self.searcher.over(self.excerpts, expansion, plan)), there


def scored(matcher: HitsMatcher) -> list[Scored]:
    """What was found, with scores."""
    (answer,), (part,) = matcher.matches(), matcher.snapshot.parts
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
    counts, made = documents(folder)
    articles = [one.body for one in made if one.kind == "articles"]
    some = [one.body for one in made if one.kind == "passages" and one.body["content"]]
    part = corpus_part(counts)
    excerpts = snapshot_of([excerpt_of({"_source": body}) for body in some])
    sums = Sums(len(some), (40 * len(some), 4 * len(some), 2 * len(some)), len(some))
    searcher = ViewSearcher(excerpts, words=Snapshot(1, [part]), sums=sums)
    hits, whole = map(columns_of, (some, articles))
    with open_index(folder / "index") as index:
        return Sketched(excerpts, hits, whole, part.corpus, searcher, digests.Words.of(index))


def columns_of(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Documents as hits with columns."""
    return [{"fields": {name: [value] for name, value in body.items()}} for body in bodies]


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


SAID = ("pai*", "d?se", '"pain relief"', '"stop ask"~4', "relief NEAR/5 pain", "dose NEAR/s night")


@pytest.mark.parametrize("match", get_args(Match))
def test_articles_count_as_their_passages_do(sketched: Sketched, match: Match) -> None:
    tallies = {one["fields"]["article"][0]: ArticleTally.of(one) for one in sketched.articles}
    names = [*sketched.excerpts.articles_by_id]
    words = {word for query in QUERIES for word in re.findall(r"\b[a-z]+\b", query)}
    by_tally = 0
    for query in (*sorted(words - {"kind", "title", "section"}), *SAID):
        plan, expansion = sketched.planned(query, match)
        ((leaf, _),) = scoring(plan)
        forms = sketched.corpus.codes.sought(plan, expansion)
        assert forms
        there = forms.articles(sketched.articles)
        expected, told = (
            [
                one.tolist()
                for one in sketched.searcher.over(s, expansion, plan).in_articles(leaf, names)
            ]
            for s in (sketched.excerpts, there)
        )
        assert told == expected
        if expansion.is_one_token(leaf):
            assert [tallies[name].count(forms) for name in names] == expected[0]
            by_tally += sum(expected[0])
    assert by_tally > 100
    lengths = sketched.excerpts.parts[0].segment
    numbers = lengths.article_numbers
    assert [tallies[name].words for name in names] == np.bincount(numbers, lengths.words).tolist()


def test_a_pattern_that_any_word_may_match_is_asked_of_passages(sketched: Sketched) -> None:
    def serves(pattern: str) -> bool:
        leaf = Leaf(0, Term("wildcard", pattern), ALL_FIELDS)
        return sketched.corpus.codes.sought(leaf, sketched.searcher.expansion("stem")) is not None

    assert [serves(pattern) for pattern in ("p???", "????", "?*?")] == [True, False, False]


def test_forms_that_share_a_code_are_asked_of_passages() -> None:
    words = ("ntauva", "vqcyst", "pain")  # the first two have one code
    entries = [f"en\0{word}\0{word}\0{word}" for word in words]
    assert np.unique(codes(entries)).size == 2
    counts = WordCounts(content=Counter(entries), every=Counter(entries), languages=Counter(en=1))
    part = corpus_part(counts)
    expansion = Expansion(Snapshot(1, [part]), "word", Synonyms())
    plans = [Leaf(0, Term("word", word), ALL_FIELDS) for word in words]
    found = [part.corpus.codes.sought(plan, expansion) for plan in plans]
    assert [one is None for one in found] == [True, True, False]
