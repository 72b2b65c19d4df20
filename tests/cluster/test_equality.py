"""An index in a cluster answers as the one on disk: what is found, counted, marked, shown in
context and audited, in the same order with the same scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from indexer import Index, Results, UsageError, build_index, open_index
from indexer.cli import COMMANDS
from indexer.cluster.facet_counts import FACETS
from indexer.search.facets import MOST_FACETS
from indexer.settings import Settings
from tests.cluster.corpora import QUERIES, write
from tests.cluster.nodes import Cluster
from tests.helpers import digests
from tests.helpers.command_line import pilcrow
from tests.helpers.effort import tries
from tests.helpers.leaflets import edit

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

Asked = digests.Asked


@dataclass(frozen=True)
class Twins:
    """One corpus as an index on disk and in a cluster; of both one with synonyms."""

    local: Index
    cluster: Index
    local_synonyms: Index
    cluster_synonyms: Index
    address: str

    def of(self, asked: Asked) -> tuple[Index, Index]:
        """The two that a query is for."""
        if asked.synonyms:
            return self.local_synonyms, self.cluster_synonyms
        return self.local, self.cluster


@pytest.fixture(scope="module")
def twins(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    folder = tmp_path_factory.mktemp("twins")
    address = cluster.address()
    write(folder / "corpus")
    for index in (folder / "index", address):
        build_index([folder / "corpus"], index)
    edit(folder / "corpus")  # then the cluster has documents that have ended
    for index in (folder / "index", address):
        build_index([folder / "corpus"], index)
    synonyms = Settings(synonyms=digests.write_synonyms(folder))
    opened = [
        open_index(index, settings=settings)
        for settings in (Settings(), synonyms)
        for index in (folder / "index", address)
    ]
    a, b, c, d = opened
    yield Twins(a, b, c, d, address)
    for one in opened:
        one.close()


def rounded(results: Results) -> Results:
    """Results with scores of nine digits."""
    hits = tuple(replace(hit, score=float(f"{hit.score:.9g}")) for hit in results.hits)
    return replace(results, hits=hits)


def said(index: Index, query: str, match: Any) -> int | str:
    """How many passages have a query, or why that is not counted."""
    try:
        return index.count(query, match=match)
    except UsageError as error:
        return str(error)


def check(twins: Twins, asked: Asked) -> None:
    """Compares all that the two say of a query."""
    local, cluster = twins.of(asked)
    options: dict[str, Any] = {"match": asked.match, "limit": 400, **asked.filters}
    here, there = (rounded(index.search(asked.text, **options)) for index in (local, cluster))
    assert here == there, asked.name
    match = asked.match
    counts = [said(index, asked.text, match) for index in (local, cluster)]
    assert counts[0] == counts[1], asked.name
    if isinstance(counts[0], str):
        return
    lines: dict[str, Any] = {"match": match, "sort": ("left1", "node"), "limit": 50}
    assert local.concordance(asked.text, **lines) == cluster.concordance(asked.text, **lines)


@pytest.mark.parametrize("query", QUERIES)
def test_queries_that_try_headings(twins: Twins, query: str) -> None:
    check(twins, Asked(query))


@pytest.mark.parametrize("query", ["amitriptyline", "elavil pain", "naproxen -pain", "elavill~2"])
def test_other_names_of_drugs(twins: Twins, query: str) -> None:
    for offset in (0, 10):
        here, there = (
            rounded(index.search(query, other_names=True, limit=20, offset=offset))
            for index in (twins.local, twins.cluster)
        )
        assert here == there


def test_generated_queries(twins: Twins) -> None:
    words = digests.Words.of(twins.local)
    for asked in digests.Generator(words, seed=2026).queries(tries(300, 2_000)):
        check(twins, asked)


@pytest.mark.parametrize("by", ["article", "section"])
def test_audits(twins: Twins, by: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.cluster.article_columns.PART", 25)  # so that there are several
    terms = ["pain", '"chronic pain"', "dose NEAR/5 pain", "-pain", "amitr*", "kind:list_item"]
    terms += ["section:dose", "-title:withdrawal", "kind:boilerplate consultation"]
    named = [ref.id for ref in twins.local.articles()][3:9]
    for articles in (None, named):
        made = [
            index.audit(terms, by=by, articles=articles) for index in (twins.local, twins.cluster)
        ]
        assert made[0] == made[1]
    bars = [index.barcodes("pain", by=by) for index in (twins.local, twins.cluster)]
    assert bars[0] == bars[1]


def test_articles_passages_and_marks(twins: Twins) -> None:
    local, cluster = twins.local, twins.cluster
    assert local.articles() == cluster.articles()
    assert local.totals == cluster.totals
    assert local.passage_counts() == cluster.passage_counts()
    names = [ref.id for ref in local.articles()]
    for query in ("pain OR dose", "withdrawal -pain", '"chronic pain"'):
        assert local.marks_by_article(names, query) == cluster.marks_by_article(names, query)
        assert local.spread(names, query) == cluster.spread(names, query)
    for name in names[::5]:
        assert local.article(name) == cluster.article(name)
        assert local.passages(name) == cluster.passages(name)
        passage = local.passages(name)[-1]
        assert cluster.passage(passage.id) == passage
        assert local.similar(passage.id) == cluster.similar(passage.id)
    for typed in ("amit", "chronic p", "with", "pain rel"):
        here, there = local.suggest(typed, 40), cluster.suggest(typed, 40)
        assert [s for s in here if s.kind in ("heading", "article")] == [
            s for s in there if s.kind in ("heading", "article")
        ]
        # which words follow one is not known in a cluster: there the commonest are counted
        told = {s.text: s for s in here if s.kind == "term"}
        same = [s for s in there if s.text in told and s.kind == "term"]
        assert same
        assert same == [told[s.text] for s in same]


def test_links_after_an_edit(twins: Twins) -> None:
    def told(index: Index) -> list[Any]:
        undated = [replace(link, history=()) for link in index.links()]
        return [(link, link.difference()) for link in undated]

    assert told(twins.local) == told(twins.cluster)
    changed = [link.id for link in twins.local.changed_links()]
    assert changed == [link.id for link in twins.cluster.changed_links()]
    assert changed  # some are edited, moved or lost
    for name in changed:
        here, there = twins.local.resolve(name), twins.cluster.resolve(name)
        assert replace(here, history=()) == replace(there, history=())


def test_pages_in_the_order_of_the_corpus(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 20)
    for offset in (0, 7, 30):
        options: dict[str, Any] = {"sort": "position", "limit": 9, "offset": offset}
        here, there = (i.search("pain", **options) for i in (twins.local, twins.cluster))
        assert [h.passage for h in here.hits] == [h.passage for h in there.hits]
        assert (here.total, here.facets, here.distinct) == (
            there.total,
            there.facets,
            there.distinct,
        )


def test_the_ten_best_of_many_are_among_those_that_the_cluster_ranks_best(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = digests.Words.of(twins.local)
    common = sorted(words.common, key=twins.local.count)[-12:]
    headed = sorted(words.heads, key=twins.local.count)[-12:]
    pairs = [(a, b) for a in common for b in common if a != b]
    runs = {f'"{a} {b}"' for one in words.runs for a, b in pairwise(one)}
    phrases = sorted(sorted(runs), key=twins.local.count)[-12:]
    for kind in (
        common,
        headed,
        [f"{a} {b}" for a, b in pairs],
        [f"{a} NEAR/5 {b}" for a, b in pairs],
        phrases,
    ):
        sought = lost = 0
        for query in kind[:40]:
            here = twins.local.search(query)
            if not here.relaxed and here.total > 40:
                monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 25)
                monkeypatch.setattr("indexer.cluster.searcher.RESCORED", 10)  # of each shard
                there = twins.cluster.search(query)
                assert there.order == "approximate"
                sought += 10
                lost += len({h.passage.id for h in here.hits} - {h.passage.id for h in there.hits})
        assert sought
        assert lost <= 0.1 * sought, kind  # 20 have to be among the 25


def test_sections_are_counted_exactly_though_each_shard_names_only_its_commonest(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 40)
    for name in ("size", "shard_size"):
        monkeypatch.setitem(FACETS["path"]["terms"], name, MOST_FACETS + 1)
    words = digests.Words.of(twins.local)
    for query in sorted(words.common, key=twins.local.count)[-12:]:
        here, there = (i.search(query).facets["section"] for i in (twins.local, twins.cluster))
        assert [facet.count for facet in here] == [facet.count for facet in there]
        least = here[-1].count  # of equally common sections, either may be shown
        assert {f for f in here if f.count > least} == {f for f in there if f.count > least}


def test_all_hits_are_scored_where_ranking_takes_more_clauses_than_the_engine_allows(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 40)
    monkeypatch.setattr("indexer.cluster.searcher.MOST_CLAUSES", 8)
    here, there = twins.local.search("pain"), twins.cluster.search("pain")
    assert here.total > 40
    assert not there.order
    assert (here.hits, here.facets) == (there.hits, there.facets)


def test_of_many_hits_the_best_are_ranked_again_and_it_is_said(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 40)
    here, there = twins.local.search("pain"), twins.cluster.search("pain")
    assert there.order == "approximate"
    assert "the best 40 of" in there.notes[-1]
    assert (here.total, here.facets) == (there.total, there.facets)
    best = {hit.passage.id for hit in here.hits}
    assert len(best & {hit.passage.id for hit in there.hits}) >= 8
    later = twins.cluster.search("pain", offset=45)  # beyond them all hits are scored
    assert [h.passage for h in later.hits] == [
        h.passage for h in twins.local.search("pain", offset=45).hits
    ]


@pytest.mark.parametrize("query", ["kind:paragraph", "withdrawal OR kind:paragraph"])
def test_hits_that_score_nothing_are_ranked_too(
    twins: Twins, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.cluster.searcher.MOST_RANKED", 60)
    here, there = (index.search(query, limit=60) for index in (twins.local, twins.cluster))
    assert here.total == there.total > 60
    assert len(there.hits) == 60
    assert there.hits[0] == here.hits[0] or not here.hits[0].score


REPLICA = "PILCROW_REPLICA"
LINES = {  # command → arguments, and what the one line of error says, if it can't be served
    "index": (["corpus", "--shard", "2/1"], "shard '2/1'"),
    "search": (["pain"], ""),
    "concordance": (["pain"], ""),
    "audit": (["pain"], ""),
    "links": ([], ""),
    "cite": (["{passage}"], ""),
    "collocates": (["pain"], REPLICA),
    "clusters": (["pain"], REPLICA),
    "keywords": (["--article", "{article}"], REPLICA),
    "words": ([], REPLICA),
    "duplicates": ([], REPLICA),
    "readability": ([], REPLICA),
    "verify": ([], REPLICA),
    "remove": (["no-such-article"], "no article"),
    "queries": ([], "PILCROW_QUERY_LOG"),
    "backup": (["{folder}/file"], "backup"),
    "restore": (["{folder}/file"], "restore"),
    "serve": (["--watch"], "--watch"),
}
WITHOUT_INDEX = {"outline", "completion", "eval"}  # eval indexes what it judges


def test_every_command_is_tried_or_needs_no_index() -> None:
    assert set(COMMANDS) == LINES.keys() | WITHOUT_INDEX


FINE, FINDINGS, WRONG = 0, 1, 2


@pytest.mark.parametrize("command", LINES)
def test_commands(
    twins: Twins, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, said = LINES[command]
    named = {"folder": str(tmp_path), "article": twins.local.articles()[0].id}
    named["passage"] = twins.local.passages(named["article"])[0].id
    words = [word.format(**named) for word in given]
    fine = FINDINGS if command == "links" else FINE  # some are lost
    done = pilcrow(command, *words, "--index", twins.address, code=WRONG if said else fine)
    if said:
        assert done.stderr.count(b"\n") == 1
        assert said in done.stderr.decode()
    if said == REPLICA:
        monkeypatch.setenv(REPLICA, str(tmp_path / "replica"))
        there = pilcrow(command, *words, "--index", twins.address)
        here = pilcrow(command, *words, "--index", tmp_path / "replica")
        assert command == "verify" or there.stdout == here.stdout
