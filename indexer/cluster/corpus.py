"""Reading one commit of an index in a cluster: its words, the number of passages that a query
finds, and those passages or their articles.

In: queries of the engine. Out: numbers, excerpts, sketches and snapshots of whole articles, all
limited to what the commit shows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from indexer.cluster.article_columns import DistinctForms, run_of, snapshot_of_articles
from indexer.cluster.compiler import (
    MATCH_ALL,
    MATCH_NONE,
    MOST_CLAUSES,
    Dsl,
    all_of,
    any_of,
    clauses,
    word,
)
from indexer.cluster.documents import SCORED
from indexer.cluster.engine import Engine, Json, column_of, columns
from indexer.cluster.store import State
from indexer.cluster.tokens import keyword
from indexer.cluster.words import SUMS, CorpusPart
from indexer.errors import IndexUnavailable
from indexer.search import bm25f
from indexer.segments.runs import Run
from indexer.segments.snapshot import MOST_COUNTED, Snapshot

LONG_PAGE = 100  # articles whose words are read per request
GROUPS = 10_000  # articles that the engine names per answer
LONG_QUERY = 1_000  # characters of a query whose count is not cached


# what to return of each passage
ROW_ONLY: Json = {"_source": ["data"]}
SKETCH_ONLY = columns("sketch")


@dataclass(frozen=True)
class Corpus:
    """One commit of an index in a cluster, and its words."""

    engine: Engine
    state: State
    part: CorpusPart  # the words
    sums: Mapping[str, int]  # `words.SUMS`

    @cached_property
    def words(self) -> Snapshot:
        """The words as a snapshot without passages."""
        return Snapshot(self.state.commit, [self.part])

    @property
    def scored(self) -> bm25f.Sums:
        """The sums that scoring needs."""
        passages, words, section, title, _ = (self.sums[name] for name in SUMS)
        return bm25f.Sums(passages, (words, section, title), self.state.articles)

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Field → passages that have it, for each field by which the engine ranks."""
        return dict(zip(SCORED, self.count_each([{"exists": {"field": name}} for name in SCORED])))

    @property
    def index(self) -> str:
        """The name of the index of passages."""
        return self.engine.index("passages", self.state.generation)

    @property
    def articles(self) -> str:
        """The name of the index of articles."""
        return self.engine.index("articles", self.state.generation)

    def shown(self, query: Dsl) -> Dsl:
        """A query for the content passages of a query that this commit shows."""
        return self.state.shown(query, hidden=[{"term": {"content": False}}])

    def count_each(self, queries: Sequence[Dsl]) -> list[int]:
        """How many passages each query finds (cached: common words come again)."""
        self.engine.watch()
        names = [json.dumps(query) for query in queries]
        found = {name: self._counts.get(name, -1) for name in names}
        found[json.dumps(MATCH_NONE)] = 0
        new = {name: query for name, query in zip(names, queries) if found[name] < 0}
        counts = self.engine.count_each(self.index, [self.shown(query) for query in new.values()])
        found |= zip(new, counts)
        if len(self._counts) < MOST_COUNTED:
            self._counts.update((name, found[name]) for name in new if len(name) < LONG_QUERY)
        return [found[name] for name in names]

    @cached_property
    def _counts(self) -> dict[str, int]:
        return {}

    @cached_property
    def refs(self) -> dict[str, tuple[str, str]]:
        """Key → id and title, of articles requested so far (cached: titles are in long documents,
        and large articles come again)."""
        return {}

    def walk(self, query: Dsl, wanted: Json, *, few: bool = False) -> Iterator[Json]:
        """All passages of a query, with `ROW_ONLY` or `SKETCH_ONLY`; `few`: as in `Engine.walk`."""
        if query is not MATCH_NONE:
            yield from self.engine.walk(self.index, self.shown(query), wanted, few=few)

    def articles_with(self, queries: Iterable[Dsl]) -> set[str]:
        """Keys of the articles that have a passage of at least one of some queries."""
        some: list[Dsl] = []
        found: set[str] = set()
        for query in queries:
            if some and clauses([*some, query]) >= MOST_CLAUSES:
                found |= self._articles_with(any_of(some))
                some = []
            some.append(query)
        return found | self._articles_with(any_of(some))

    def _articles_with(self, query: Dsl) -> set[str]:
        if query is MATCH_NONE:
            return set()
        grouped: Json = {"size": GROUPS, "sources": [{"key": {"terms": {"field": "article"}}}]}
        body = {"query": self.shown(query), "size": 0, "aggs": {"articles": {"composite": grouped}}}
        found: set[str] = set()
        while True:
            groups = self.engine.search(self.index, body)["aggregations"]["articles"]
            found |= {one["key"]["key"] for one in groups["buckets"]}
            if "after_key" not in groups:
                return found
            grouped["after"] = groups["after_key"]

    def articles_of(
        self,
        names: Iterable[str] | None,
        holding: set[str] | None = None,
        *,
        others: bool = True,
        forms: DistinctForms | None = None,
    ) -> Snapshot:
        """A snapshot of the articles with the keys `names` (None: all). Words come with the keys in
        `holding` (None: all) and with articles without content, which no passage query finds;
        `others` False leaves out the rest. `forms`: see `article_columns.run_of`."""
        shown = MATCH_ALL if names is None else word(sorted(names), "article")
        if not others and holding is not None and len(holding) < GROUPS:
            bare = {"term": {"contents": 0}}
            shown = all_of((shown, any_of((word(sorted(holding), "article"), bare))))
        return snapshot_of_articles(self._runs(shown, holding, others, forms))

    def few_articles(self, ids: Collection[str], *wanted: str) -> list[Json]:
        """Columns of a few articles, in one request."""
        query = self.state.shown(word([*map(keyword, ids)], "article"))
        body = {"query": query, "size": len(ids), "track_total_hits": False, **columns(*wanted)}
        hits: list[Json] = self.engine.search(self.articles, body)["hits"]["hits"]
        if self.engine.unanswered is None and len(hits) < len(ids):
            raise IndexUnavailable(f"{self.engine.address}: articles are gone; try again")
        return hits

    def _runs(
        self, shown: Dsl, holding: set[str] | None, others: bool, forms: DistinctForms | None
    ) -> Iterator[Run]:
        wanted = columns("key", "article", "contents", "outline")
        query = self.state.shown(shown)
        hits = (
            self.engine.walk(self.articles, query, wanted) if shown is not MATCH_NONE else iter(())
        )
        with ThreadPoolExecutor(1) as pool:
            coming: list[tuple[list[Json], Future[dict[str, bytes]]]] = []
            while some := list(islice(hits, LONG_PAGE)):
                fields = [hit["fields"] for hit in some]
                held = [
                    one["key"][0]
                    for one in fields
                    if holding is None or one["article"][0] in holding or not one["contents"][0]
                ]
                coming.append((some, pool.submit(self._words, held)))
                if len(coming) > 1:  # fetch the words of these while the caller processes others
                    yield from _made(*coming.pop(0), others, forms)
            for one in coming:
                yield from _made(*one, others, forms)

    def _words(self, keys: list[str]) -> dict[str, bytes]:
        """Document key → token columns, packed, of the articles with these document keys."""
        body = {"query": word(keys, "key"), "size": len(keys), **columns("key", "words")}
        hits = self.engine.search(self.articles, body)["hits"]["hits"] if keys else []
        if len(hits) < len(keys):
            raise IndexUnavailable(f"{self.engine.address}: articles are gone; open the index anew")
        return {hit["fields"]["key"][0]: column_of(hit, "words") for hit in hits}


def _made(
    hits: Iterable[Json], words: Future[dict[str, bytes]], others: bool, forms: DistinctForms | None
) -> Iterator[Run]:
    """The runs of the articles in `hits`, with the words that were fetched; without those that
    have none, unless `others` is set."""
    words_of = words.result()
    for hit in hits:
        held = words_of.get(hit["fields"]["key"][0])
        if held is not None or others:
            yield run_of(column_of(hit, "outline"), held, forms)
