"""An index in a cluster, without one: what it asks a model of the engine, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from indexer import UsageError, build_index, open_index
from indexer.cluster import article_columns, searcher
from indexer.cluster import corpus as corpus_module
from indexer.cluster import index as cluster_index
from indexer.cluster.documents import Document as Made
from indexer.cluster.documents import Stamp, articles_of
from indexer.cluster.engine import Engine
from indexer.cluster.index import ClusterIndex
from indexer.cluster.store import State
from indexer.cluster.words import WordCounts
from indexer.errors import IndexUnavailable, NotFound
from indexer.model import LostShards
from indexer.reporting.wording import found_of
from indexer.segments.inverter import Inverter
from indexer.settings import Settings
from indexer.store.codec import decode
from indexer.store.reader import Store
from tests.cluster.corpora import write
from tests.cluster.engine_model import Document, finds
from tests.helpers.command_line import ARTICLE

Json = dict[str, Any]
SHARDS = 6


class ModelEngine(Engine):
    """Answers queries from documents in memory, in the order of their keys."""

    def __init__(self, made: Sequence[Made]) -> None:
        self.address, self.name = "opensearch://model/x", "x"  # type: ignore[assignment]
        self.made = sorted(made, key=lambda one: one.body["key"])
        self.analysed = [Document(one.body) for one in self.made]
        self.asked: list[Json] = []
        self.__dict__["legacy"] = False  # it is not asked of which version it is
        self.lost: Callable[[str], int] = lambda kind: 0  # of SHARDS how many do not answer

    def _found(self, index: str, query: Json) -> list[Json]:
        kind = index.split("-")[1]
        lost = self.lost(kind)
        if self.unanswered is not None:
            self.unanswered[index].add((lost, SHARDS))
        elif lost:
            raise IndexUnavailable("some shards did not answer")
        plain = without_commits(query)
        return [
            document.body
            for one, document in zip(self.made, self.analysed)
            if one.kind == kind and shard_of(one) >= lost and finds(plain, document)
        ]

    def close(self) -> None:
        """Nothing is open."""

    def index(self, kind: str, generation: int) -> str:
        return f"x-{kind}"

    def count_each(self, index: str, queries: Sequence[Json]) -> list[int]:
        self.asked += queries
        return [len(self._found(index, query)) for query in queries]

    def search(self, index: str, body: Json, **options: Any) -> Json:
        self.asked.append(body["query"])
        found = self._found(index, body["query"])
        answer: Json = {"aggregations": {}}
        for name, one in body.get("aggs", {}).items():
            if "composite" in one:
                told = one["composite"]
                last = told.get("after", {"key": ""})["key"]
                keys = sorted({each["article"] for each in found if each["article"] > last})
                some = [{"key": {"key": key}} for key in keys[: told["size"]]]
                after = {"after_key": some[-1]["key"]} if some else {}
                answer["aggregations"][name] = {"buckets": some, **after}
                continue
            if "terms" not in one:
                answer["aggregations"][name] = {"value": 0}
                continue
            counts: dict[str, int] = {}
            for each in found:
                if one["terms"]["field"] in each:
                    key = each[one["terms"]["field"]]
                    counts[key] = counts.get(key, 0) + 1
            buckets = [{"key": key, "doc_count": n} for key, n in counts.items()]
            known = {"sum_other_doc_count": 0, "doc_count_error_upper_bound": 0}
            answer["aggregations"][name] = {"buckets": buckets, **known}
        some = found[: body.get("size", 10)]
        hits = [*map(hit_of, some)]
        return answer | {"hits": {"hits": hits, "total": {"value": len(found)}}}

    def search_all(self, asked: Sequence[tuple[str, Json, Json]]) -> list[Json]:
        """Several searches: index, body and options of each."""
        return [self.search(index, body, **options) for index, body, options in asked]

    def walk(self, index: str, query: Json, *_: Any, **__: Any) -> Iterator[Json]:
        self.asked.append(query)
        yield from map(hit_of, self._found(index, query))


def hit_of(body: Json) -> Json:
    """A document as a hit, with its source and its columns."""
    return {"_source": body, "fields": {name: [value] for name, value in body.items()}}


def shard_of(document: Made) -> int:
    """The shard that a document is on."""
    return int(document.id.partition(".")[0], 16) % SHARDS


def without_commits(query: Any) -> Any:
    """A query without the ranges of commits, and what ranks."""
    if isinstance(query, list):
        return [without_commits(one) for one in query if "range" not in one]
    if not isinstance(query, dict):
        return query
    ranks = "should" in query and "minimum_should_match" not in query
    return {
        name: without_commits(one) if name in ("bool", "filter", "should", "must_not") else one
        for name, one in query.items()
        if not (ranks and name == "should") and name != "must"
    }


@dataclass(frozen=True)
class Corpus:
    """A corpus as an index on disk and as what a cluster holds of it."""

    index: Path
    counts: WordCounts
    documents: list[Made]
    articles: int


def made(folder: Path, **articles: str) -> Corpus:
    """The corpus of these tests, and files by name."""
    write(folder / "corpus")
    for name, text in articles.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    with Store.open(folder / "index") as store:
        packed = {p.entry.article_id: p for p in store.packed(sorted(store.versions()))}
    run = Inverter().invert(decode(p.entry, p.payload) for p in packed.values())
    counts = WordCounts()
    counts.add(run)
    return Corpus(folder / "index", counts, [*articles_of(run, packed, Stamp(1))], len(packed))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The corpus of these tests; they only read it."""
    return made(tmp_path_factory.mktemp("corpus"))


@contextmanager
def opened(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterIndex]:
    """The corpus in a cluster."""
    state = State(1, 1, 1, articles=corpus.articles)
    monkeypatch.setattr(cluster_index, "read_state", lambda _: state)
    monkeypatch.setattr(cluster_index, "word_counts_of", lambda *_: corpus.counts)
    with closing(ClusterIndex(ModelEngine(corpus.documents), Settings())) as index:
        yield index


def test_nothing_is_kept_of_what_is_typed(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(corpus, monkeypatch) as index:
        assert index.suggest("pai")
        assert index._searcher.asked == []


def test_a_spelling_that_is_tried_does_not_make_an_order_approximate(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "MOST_RANKED", 1)
    with opened(corpus, monkeypatch) as index:
        found = index.search("withdrawl", limit=1)
        assert (found.total, found.suggestion, found.order) == (0, "withdrawal", None)
        assert not any("as the cluster ranks them" in note for note in found.notes)
        assert index.search("withdrawal", limit=1).order == "approximate"


def test_articles_are_not_ranked(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        opened(corpus, monkeypatch) as index,
        pytest.raises(UsageError, match="not in a cluster"),
    ):
        index.best_articles("pain")


def test_boilerplate_is_searched_in_so_many_articles(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "MOST_ARTICLES", 0)
    with opened(corpus, monkeypatch) as index, open_index(corpus.index) as local:
        with pytest.raises(UsageError, match="more than 0 articles"):
            index.search("kind:boilerplate consultation")
        asked = "kind:boilerplate consultation"
        assert index.audit(asked) == local.audit(asked)
        assert index.concordance(asked) == local.concordance(asked)


@pytest.mark.slow
@pytest.mark.parametrize("part", [2, 10_000])
def test_what_is_read_in_parts_is_as_on_disk(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr("indexer.cluster.article_columns.PART", part)
    monkeypatch.setattr("indexer.cluster.corpus.GROUPS", part)
    monkeypatch.setattr("indexer.cluster.corpus.MOST_CLAUSES", part)
    terms = ["pain", '"chronic pain"', "dose NEAR/5 pain", "-pain", "kind:list_item", "relief"]
    terms += ["section:dose", "-title:withdrawal", "section:dose mg", "NOT (pain OR dose)"]
    terms = terms[:1] if part == 2 else terms  # two articles at a time: many requests
    lines: dict[str, Any] = {"sort": ("left1", "node"), "limit": 50}
    with opened(corpus, monkeypatch) as index, open_index(corpus.index) as local:
        for by in ("article", "section"):
            assert index.audit(terms, by=by) == local.audit(terms, by=by)
            assert index.barcodes("pain", by=by) == local.barcodes("pain", by=by)
        for term in terms:
            assert index.concordance(term, **lines) == local.concordance(term, **lines)


def test_a_term_fetches_the_words_of_the_articles_that_hold_it(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole = article_columns.run_of

    def counted(outline: bytes, words: bytes | None, distinct: Any) -> Any:
        read.append(len(words or b""))
        return whole(outline, words, distinct)

    monkeypatch.setattr(corpus_module, "run_of", counted)
    with opened(corpus, monkeypatch) as index:
        found = index.audit("naproxen").terms[0]
        holding = sum(cell.count + cell.headings > 0 for cell in found.by)
        bare = sum(place.passages == 0 for place in index.audit("naproxen").places)
        assert 0 < holding + bare == sum(map(bool, read[: len(index.articles())]))
        assert holding + bare < len(index.articles())
        read.clear()
        index.concordance("naproxen")
        assert len(read) < len(index.articles())
        with pytest.raises(NotFound):
            index.audit("naproxen", articles=["no such article"])
        first = index.concordance("pain", limit=2)
        engine_of(index).asked.clear()
        assert index.concordance("pain", limit=2, offset=2).total == first.total
        assert not engine_of(index).asked  # further pages are of what was read for the first


def test_long_ids_are_asked_for_as_they_are_indexed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is given the beginning of a long id, and a digest."""
    text = ARTICLE.read_text(encoding="utf-8")
    monkeypatch.setattr("indexer.cluster.tokens._LONGEST", 70)
    with opened(made(tmp_path, **{75 * "n" + ".txt": text}), monkeypatch) as index:
        (ref,) = [one for one in index.articles() if len(one.id) > 70]
        assert index.concordance("tapering", articles=[ref.id]).total
        hits = index.search("kind:boilerplate consultation").hits
        assert ref.id in {hit.article.id for hit in hits}
        monkeypatch.setattr(searcher, "MOST_RANKED", 1)
        found = index.search("elavil OR dose", limit=1)
        assert found.order == "approximate"
        told = {facet.value: facet.label for facet in found.facets["article"]}
        assert told[ref.id] == ref.title
        assert told.keys() <= {one.id for one in index.articles()}


def test_many_articles_are_asked_for_in_several_lists(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.cluster.compiler.MOST_TERMS", 2)
    with opened(corpus, monkeypatch) as index:
        names = [one.id for one in index.articles()][:5]
        index.concordance("pain", articles=names)
        asked = repr(index._corpus.engine.asked)  # type: ignore[attr-defined]
        assert asked.count("'terms': {'article': [")
        for lists in asked.split("'terms': {'article': [")[1:]:
            assert lists.partition("]")[0].count(",") < 2


def engine_of(index: ClusterIndex) -> ModelEngine:
    """The model that an index asks."""
    engine = index._corpus.engine
    assert isinstance(engine, ModelEngine)
    return engine


@pytest.mark.slow
def test_many_words_are_asked_for_in_few_clauses(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "MOST_CLAUSES", 12)
    with opened(corpus, monkeypatch) as index, open_index(corpus.index) as local:
        texts = [one.text.split() for ref in local.articles() for one in local.passages(ref.id)]
        pairs = sorted({(a, b) for text in texts for a, b in pairwise(text) if (a + b).isalpha()})
        some = pairs[:: len(pairs) // 10]
        words, phrases = (word for word, _ in some), (f'"{a} {b}"' for a, b in some)
        nears = (f"{a} NEAR/2 {b}" for a, b in some)
        for asked in (" OR ".join(words), " OR ".join(phrases), " OR ".join(nears)):
            assert index.count(asked) == local.count(asked) > 15
            found, wanted = (one.search(asked, limit=500).hits for one in (index, local))
            assert [hit.passage.id for hit in found] == [hit.passage.id for hit in wanted]


def test_a_search_may_show_what_there_is_and_nothing_else_may(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(corpus, monkeypatch) as index:
        whole = index.search("pain", limit=500)
        assert index.search("pain", limit=500, partial=True) == whole
        engine_of(index).lost = lambda kind: 2
        some = index.search("pain", limit=500, partial=True)
        assert some.lost_shards == LostShards(2, SHARDS)
        assert "2 of 6 shards did not answer" in some.notes[0]
        assert found_of(some) == f"at least {some.total} passages"
        assert 0 < some.total == len(some.hits) < whole.total
        marks = {hit.passage.id: hit.marks for hit in whole.hits}
        assert all(marks[hit.passage.id] == hit.marks for hit in some.hits)
        assert sum(facet.count for facet in some.facets["kind"]) == some.total
        for ask in (index.search, index.count, index.concordance, index.audit, index.barcodes):
            with pytest.raises(IndexUnavailable):
                ask("pain")


def test_articles_that_are_lost_are_told_too(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(corpus, monkeypatch) as index:
        asked = "kind:boilerplate consultation"
        whole = index.search(asked, partial=True)
        assert whole.total
        assert whole.lost_shards is None
        engine_of(index).lost = lambda kind: 5 if kind == "articles" else 0
        some = index.search(asked, partial=True)  # boilerplate is judged on whole articles
        assert some.total < whole.total
        assert some.lost_shards == LostShards(5, SHARDS)


def test_of_shards_that_come_and_go_no_search_is_made(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(corpus, monkeypatch) as index:
        times = count()
        engine_of(index).lost = lambda kind: int(next(times) > 0)
        assert index.search("pain", partial=True).lost_shards == LostShards(1, SHARDS)
        engine_of(index).lost = lambda kind: next(times) % 2
        with pytest.raises(IndexUnavailable, match="come and go"):
            index.search("pain", partial=True)
