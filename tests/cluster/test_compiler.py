"""The compiler, without a server: what its queries find in a model of the engine is what the index
on disk finds, and how they look where the engine is particular."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexer import Index, build_index, open_index
from indexer.cluster.compiler import MOST_CLAUSES, Bounds, Compiler, clauses
from indexer.cluster.documents import Stamp, articles_of
from indexer.cluster.words import corpus_part
from indexer.model import Match
from indexer.query.parser import parse
from indexer.search.expansion import Expansion
from indexer.search.plan import Leaf, PlanCompiler, asks_for_boilerplate, simplified
from indexer.segments.inverter import Inverter
from indexer.segments.snapshot import Snapshot
from indexer.store.codec import decode
from indexer.store.reader import Store
from indexer.text.synonyms import Synonyms
from tests.cluster.corpora import QUERIES, passage_documents
from tests.cluster.engine_model import Document, finds
from tests.helpers import digests
from tests.helpers.effort import tries


@dataclass(frozen=True)
class Corpus:
    """A corpus as an index on disk, as documents and as words."""

    index: Index
    documents: list[Document]
    words: Snapshot

    def bounds(self, query: str, match: Match = "stem", **options: Any) -> Bounds:
        """A query, compiled."""
        expansion = Expansion(self.words, match, Synonyms())
        known = PlanCompiler()
        plan = known.compile(parse(query, capitals=True).tree)
        expansion.learn(known)
        plan = simplified(expansion.expand(plan, known))
        found = Compiler(expansion, **options).compile(plan)
        if not isinstance(plan, Leaf):
            wider = Compiler(expansion, outer=True, **options).compile(plan).high
            outer = {"bool": {"filter": [wider, {"exists": {"field": "outer"}}]}}
            found = Bounds(found.low, {"bool": {"should": [found.high, outer]}})
        return found

    def found(self, query: dict[str, Any]) -> set[str]:
        """Ids of the passages of content that a query of the engine finds."""
        some = [document for document in self.documents if document.body["content"]]
        return {document.body["id"] for document in some if finds(query, document)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("compiler")
    counts, documents = passage_documents(folder)
    with open_index(folder / "index") as index:
        yield Corpus(
            index,
            [Document(document.body) for document in documents],
            Snapshot(1, [corpus_part(counts)]),
        )


def check(corpus: Corpus, query: str, match: Match = "stem") -> bool:
    """Checks the bounds of a query; whether they are one."""
    found = corpus.index.search(query, match=match, limit=10_000)
    wanted = set() if found.relaxed else {hit.passage.id for hit in found.hits}
    bounds = corpus.bounds(query, match)
    low, high = corpus.found(bounds.low), corpus.found(bounds.high)
    assert low <= wanted <= high, (query, match, wanted - high, low - wanted)
    return low == high


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.slow
def test_queries_that_try_headings(corpus: Corpus, query: str) -> None:
    if not asks_for_boilerplate(PlanCompiler().compile(parse(query).tree)):
        check(corpus, query)


@pytest.mark.slow
def test_generated_queries_find_what_the_index_on_disk_finds(corpus: Corpus) -> None:
    words = digests.Words.of(corpus.index)
    exact = number = 0
    for asked in digests.Generator(words, seed=20).queries(tries(40, 2_000)):
        tree = parse(asked.text, capitals=True).tree
        if not asks_for_boilerplate(PlanCompiler().compile(tree)):
            exact += check(corpus, asked.text, asked.match)
            number += 1
    assert exact >= 0.95 * number  # few need to be judged passage by passage


def test_of_each_language_only_the_stems_that_it_has_are_asked_for(corpus: Corpus) -> None:
    known = {
        term for one in corpus.documents for name in ("text", "above") for term in one.terms(name)
    }
    queries = ("tapering NEAR/3 dose", '"chronic pain"', "schmerz", "dolor")
    compiled = json.dumps([corpus.bounds(query).high for query in queries])
    asked = {*map(json.loads, re.findall(r'"s\w*\\t[^"]*"', compiled))}
    assert {"sen\ttaper"} <= asked <= known


def test_a_word_whose_stem_has_no_other_forms_is_asked_for_by_itself(corpus: Corpus) -> None:
    assert json.dumps(corpus.bounds("pain").high).count("pain") == 2  # in the text; first below


def test_a_near_within_a_near_is_a_superset(corpus: Corpus) -> None:
    assert not check(corpus, "(chronic NEAR/2 pain) NEAR/3 lasts")


def test_without_spans_phrases_are_supersets(corpus: Corpus) -> None:
    exact, coarse = corpus.bounds('"chronic pain"'), corpus.bounds('"chronic pain"', spans=False)
    assert corpus.found(coarse.low) == set() < corpus.found(exact.low)
    assert corpus.found(exact.high) < corpus.found(coarse.high)


def test_the_clauses_of_a_few_words_are_few(corpus: Corpus) -> None:
    bounds = corpus.bounds("chronic pain relief dose")
    assert clauses(bounds.low) < 60 < MOST_CLAUSES


def test_a_coarse_query_finds_no_fewer(corpus: Corpus) -> None:
    expansion = Expansion(corpus.words, "stem", Synonyms())
    for query in ('"chronic pain" relief', "dose OR withdrawal", "pain -relief", "(a NEAR/2 b) c"):
        known = PlanCompiler()
        plan = known.compile(parse(query).tree)
        coarse = corpus.found(Compiler(expansion).coarse(plan))
        assert coarse >= {hit.passage.id for hit in corpus.index.search(query, limit=999).hits}


def test_text_that_holds_our_separators_is_found(tmp_path: Path) -> None:
    text = "One\x1ftwo\x1ethree\x1dfour and\x1f\x1efive."
    record = {"id": "signs", "title": "Signs", "text": text}
    (tmp_path / "a.jsonl").write_text(json.dumps(record), encoding="utf-8")
    build_index([tmp_path / "a.jsonl"], tmp_path / "index")
    with Store.open(tmp_path / "index") as store:
        packed = {p.entry.article_id: p for p in store.packed(store.versions())}
    run = Inverter().invert(decode(one.entry, one.payload) for one in packed.values())
    body = next(d.body for d in articles_of(run, packed, Stamp(1)) if d.kind == "passages")
    words = [slot.split("\x1e")[1] for slot in body["text"].split("\x1f")[::2]]
    assert words == ["fone", "ftwo", "fthree", "ffour", "fand", "ffive"]
    assert json.loads(body["data"]["row"])["passages"][0][-1] == text
