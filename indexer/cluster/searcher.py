"""Searching a cluster: the engine finds and counts, the unchanged matcher judges its hits.

In: a query. Out: its matcher over a snapshot in memory that holds the hits, or the best of them.
The words of the query are looked up in the vocabulary of the whole corpus, the plan is compiled
(`compiler`), and the engine counts the passages that satisfy it. If the plan has no exact form, the
passages between its bounds are judged here, one by one. `search.bm25f` computes the scores from the
sums of the corpus and from document frequencies that the engine counts.

Up to `MOST_RANKED` hits are all fetched, with the same results as from an index on disk. If there
are more, only those that the engine ranks best, by an approximation of our score, are fetched and
scored again; the total stays exact. Refuses (`UsageError`) queries with too many passages to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from math import inf
from typing import Any

import numpy as np

from indexer.cluster.article_columns import run_of, snapshot_of_articles
from indexer.cluster.compiler import (
    MATCH_NONE,
    MOST_CLAUSES,
    Bounds,
    Compiler,
    Dsl,
    all_of,
    any_of,
    both,
    clauses,
    none_of,
    word,
)
from indexer.cluster.corpus import ROW_ONLY, SKETCH_ONLY, Corpus
from indexer.cluster.documents import excerpt_of
from indexer.cluster.engine import PAGE_SIZE, Json, column_of
from indexer.cluster.facet_counts import FACETS, facet_counts, facets_of
from indexer.cluster.hits import HitFrequencies, HitsMatcher, ViewSearcher
from indexer.cluster.layout import snapshot_of
from indexer.cluster.ranking import Ranking, by_words
from indexer.cluster.sketch import NO_TALLY, ArticleTally, SoughtForms
from indexer.cluster.tokens import keyword
from indexer.cluster.words import CorpusPart, CorpusSegment
from indexer.errors import IndexDamaged, IndexUnavailable, UsageError
from indexer.model import Hit, LostShards, Results
from indexer.search import bm25f
from indexer.search.boolean import PartMatches
from indexer.search.expansion import Expansion
from indexer.search.facets import Facets, facets, path_of
from indexer.search.highlight import Shown
from indexer.search.located import upper_bound
from indexer.search.matcher import Matcher
from indexer.search.plan import (
    And,
    Boosted,
    Constant,
    Leaf,
    Node,
    Or,
    asks_for_boilerplate,
    leaves,
    only_article,
    scoring,
)
from indexer.search.searcher import Request, Searcher
from indexer.segments.inverter import Inverter
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import EMPTY, Array

MOST_RANKED = 1_000  # hits; up to this many, all are fetched and scored here
RESCORED = 2_000  # hits of each shard, best by their words, that the engine ranks by spans
TOGETHER = 30  # a word is some times as common as a phrase or NEAR with it
MOST_PAGED = 20_000  # hits; up to this many, pages beyond `MOST_RANKED` can be looked up
MOST_JUDGED = 200_000  # passages that are judged one by one
MOST_ARTICLES = 5_000  # articles that are fetched whole for a query that asks for boilerplate
TRIED = 3  # attempts at a partial search while shards come and go


class ShardsChanged(Exception):
    """Shards that answered the start of a search did not answer a later request of it."""


@dataclass(frozen=True)
class Fetched:
    """Hits of a query as the engine gave them, all or some."""

    hits: Sequence[Json]
    total: int  # of the query
    forms: SoughtForms | None = None  # the hits are sketches by these; None: they have their words
    offset: int = 0  # hits before the first, in the requested order
    facets: Future[Json] | None = None  # counts of all hits, if these are not all here

    @property
    def is_partial(self) -> bool:
        """Whether these are only some of the hits."""
        return len(self.hits) < self.total

    def snapshot(self, others: Iterable[Json]) -> Snapshot:
        """The hits and others as a snapshot."""
        hits = [*self.hits, *others]
        return self.forms.snapshot(hits) if self.forms else snapshot_of(map(excerpt_of, hits))


class WholeArticles:
    """Counts the occurrences of a plan's leaves in the articles of the best hits. Each article is
    fetched once: as a tally of its forms or, where tallies don't suffice, with its words."""

    def __init__(self, searcher: ClusterSearcher, expansion: Expansion, plan: Node) -> None:
        self._searcher, self._expansion, self._plan = searcher, expansion, plan
        self._tallies: dict[str, ArticleTally] = {}  # by keys of articles
        self._names: set[str] = set()
        self._made: HitsMatcher | None = None

    def in_articles(self, leaf: Leaf, names: Sequence[str]) -> tuple[Array, Array]:
        """Occurrences of a leaf in the texts of the articles with these ids, and the articles'
        norms; 0 occurrences in an article that no shard returned."""
        if self._forms is None:
            return self._over(names).in_articles(leaf, names)
        if new := [name for name in names if keyword(name) not in self._tallies]:
            hits = self._searcher.corpus.few_articles({*new}, "article", "tally")
            self._tallies |= dict.fromkeys(map(keyword, new), NO_TALLY)
            self._tallies |= {h["fields"]["article"][0]: ArticleTally.of(h) for h in hits}
        tallies = [self._tallies[keyword(name)] for name in names]
        counts = [
            one.count(self._forms[leaf.number]) if "text" in leaf.fields else 0 for one in tallies
        ]
        words = np.array([one.words for one in tallies])
        norms = bm25f.article_norms(self._searcher.parameters, self._searcher.corpus.scored, words)
        return np.array(counts), norms

    @cached_property
    def _forms(self) -> dict[int, SoughtForms] | None:
        """Leaf number → forms, for each leaf that scores; None if some leaf is not one token or
        codes can't identify its forms."""
        found: dict[int, SoughtForms] = {}
        for leaf, _ in scoring(self._plan):
            if not self._expansion.is_one_token(leaf):
                return None
            forms = self._searcher._words.codes.sought(leaf, self._expansion)
            if forms is None:
                return None
            found[leaf.number] = forms
        return found

    def _over(self, names: Sequence[str]) -> HitsMatcher:
        """The matcher over at least the articles with these ids."""
        if self._made is None or not self._names.issuperset(names):
            corpus, self._names = self._searcher.corpus, {*names}
            sought = self._searcher._words.codes.sought(self._plan, self._expansion)
            if sought:
                snapshot = sought.articles(corpus.few_articles(self._names, "sketch"))
            else:
                hits = corpus.few_articles(self._names, "outline", "words")
                columns_of = [(column_of(hit, "outline"), column_of(hit, "words")) for hit in hits]
                snapshot = snapshot_of_articles(run_of(*both) for both in columns_of)
            self._made = self._searcher.over(snapshot, self._expansion, self._plan)
        return self._made


@dataclass(frozen=True)
class ClusterSearcher(ViewSearcher):
    """Searches a cluster."""

    corpus: Corpus = field(kw_only=True)
    request: Request | None = None  # the page that is wanted; None: all hits, unranked
    counting: bool = False  # whether only the number of passages is wanted
    headings: bool = False  # whether headings that satisfy the query by themselves are wanted

    def search(self, query: Any, request: Request) -> Results:
        """One page of the passages that match."""
        if request.partial:
            return self._search_some(query, replace(request, partial=False))
        page: list[HitsMatcher] = []
        asking = replace(self, request=request, asked=page)
        found = Searcher.search(asking, query, request)
        some = [one for one in page if one.is_partial]
        if not some or request.sort == "position":
            return found
        note = (
            f"the best {some[-1].here} of {some[-1].total} as the cluster ranks them, in our order"
        )
        return replace(found, notes=(*found.notes, note), order="approximate")

    def _search_some(self, query: Any, request: Request) -> Results:
        """Results from the shards that answer; the same number answered every request."""
        for _ in range(TRIED):
            engine = self.corpus.engine.asked_for_some()
            asking = replace(self, corpus=replace(self.corpus, engine=engine))
            try:
                found = asking.search(query, request)
            except ShardsChanged:
                continue
            unanswered = (engine.unanswered or {}).get(self.corpus.index, {(0, 0)})
            if len(unanswered) > 1:
                continue
            lost, shards = max(unanswered.union(*(engine.unanswered or {}).values()))
            if not lost:
                return found
            note = f"{lost} of {shards} shards did not answer: there may be more than is shown here"
            notes = (note, *found.notes)
            return replace(found, notes=notes, lost_shards=LostShards(lost, shards))
        raise IndexUnavailable(f"{self.corpus.engine.address}: shards come and go; try again later")

    asked: list[HitsMatcher] = field(default_factory=list, compare=False)

    def has_article(self, id: str) -> bool:
        """Whether there is an article with this id."""
        return bool(self.corpus.count_each([word([keyword(id)], "article")])[0])

    def has_section(self, path: str) -> bool:
        """Whether a section has exactly this path, written as in facets."""
        query = {"term": {"path": keyword("\n".join(path_of(path)))}}
        return bool(self.corpus.count_each([query])[0])

    # --- finding ----------------------------------------------------------------------------

    def bounds(self, plan: Node, expansion: Expansion) -> tuple[Compiler, Bounds]:
        """A plan's bounds, and the compiler that made them. (The passages to be judged need not
        include the sure ones.)"""
        for spans in (True, False):
            compiler = Compiler(expansion, spans=spans)
            found = compiler.compile(plan)
            if self.corpus.sums["outer"] and not isinstance(plan, Leaf):
                wider = Compiler(expansion, spans=spans, outer=True).compile(plan)
                if wider != found:
                    also = all_of((wider.high, {"exists": {"field": "outer"}}))
                    found = Bounds(
                        found.low, any_of((MATCH_NONE if found.exact else found.high, also))
                    )
            if clauses([found.low, found.high] if not found.exact else found.low) < MOST_CLAUSES:
                return compiler, found
        coarse = compiler.coarse(plan)
        if clauses(coarse) > MOST_CLAUSES:
            raise UsageError("the query has too many words for the cluster; ask in several queries")
        return compiler, Bounds(MATCH_NONE, coarse)

    def exact(self, plan: Node, expansion: Expansion, bounds: Bounds) -> Dsl:
        """A query that finds exactly a plan's passages; judges those between its bounds."""
        if bounds.exact:
            return bounds.low
        doubtful = self.corpus.walk(all_of((bounds.high, none_of(bounds.low))), ROW_ONLY, few=True)
        accepted: list[str] = []
        judged, inverter = 0, Inverter()
        while batch := list(islice(doubtful, 2 * PAGE_SIZE)):
            judged += len(batch)
            if judged > MOST_JUDGED:
                raise UsageError("the query would take too long; ask in several queries")
            snapshot = snapshot_of(map(excerpt_of, batch), inverter)
            accepted += _ids(self.over(snapshot, expansion, plan))
        return any_of((bounds.low, word(accepted, "id")))

    def _matcher(
        self, expansion: Expansion, plan: Node, notes: list[str], but: Matcher | None
    ) -> Matcher:
        compiler, bounds = self.bounds(plan, expansion)
        query = self.exact(plan, expansion, bounds)
        if isinstance(but, HitsMatcher):
            query = all_of((query, none_of(but.query)))
        searched: Snapshot | None = None  # articles, here
        if asks_for_boilerplate(plan):
            names = self._with_boilerplate()
            searched = self.corpus.articles_of(names)
            query = all_of((query, none_of(word(names, "article"))))
        if self.counting and not searched:
            matcher = self.over(snapshot_of(()), expansion, plan, notes)
            matcher.found = self.corpus.count_each([query])[0]
            return matcher
        ranks = self._ranks and not searched
        likely = _likely(plan, expansion) if ranks and not only_article(plan) else 0
        # If many hits are likely, they are counted while they are ranked.
        frequencies = self._frequencies(plan, compiler, query if likely <= MOST_RANKED else None)
        over = partial(
            self.over, expansion=expansion, plan=plan, notes=notes, frequencies=frequencies
        )
        forms: SoughtForms | None = None
        if self.request and not searched and not self.headings:
            forms = self._words.codes.sought(plan, expansion)
        fetched: Fetched | None = None
        total = frequencies.total
        if ranks and (total is None or total > MOST_RANKED):
            weights = over(snapshot_of(())).weights
            ranking = Ranking(self.parameters, Compiler(expansion), weights, self.corpus)
            fetched = self._best(query, plan, ranking, forms)
        elif not (searched or but):
            fetched = self._page_of(query, total or 0)
        fetched = fetched or self._all(query, total, forms)
        snapshot = fetched.snapshot(self._by_headings(plan, compiler) if self.headings else ())
        if searched:
            snapshot = Snapshot(0, [*snapshot.parts, *searched.parts])
        matcher = over(snapshot)
        matcher.query, matcher.like = query, over
        matcher.counts = lambda leaf: self._holds(leaf, compiler)
        matcher.is_sketched, matcher.facets = bool(fetched.forms), fetched.facets
        if fetched.is_partial:
            matcher.found, matcher.offset = fetched.total, fetched.offset
        here, found = matcher.matches()[0].ids.size, len(fetched.hits)
        if here != found and not self.headings:
            raise IndexDamaged(
                f"{self.corpus.engine.address}: {found} passages were found of which "
                f"{here} match; make the index anew with: pilcrow index --rebuild"
            )
        return matcher

    @property
    def _ranks(self) -> bool:
        """Whether no more than the best `MOST_RANKED` hits are wanted."""
        request = self.request
        if request is None or request.sort != "relevance":
            return False
        return request.offset + request.limit <= MOST_RANKED

    def _frequencies(self, plan: Node, compiler: Compiler, query: Dsl | None) -> HitFrequencies:
        """How many passages hold each leaf, how often the leaf occurs, and how many passages the
        query finds (None: not asked)."""
        sought = [leaf for leaf in leaves(plan) if leaf.fields]
        held: dict[int, Dsl] = {}
        for leaf in sought if self.request is not None else ():
            both_ways = both([compiler.leaf(leaf, name) for name in sorted(leaf.fields)], 1)
            held[leaf.number] = self._judged(leaf, compiler.expansion, both_ways)
        own = word([*map(keyword, only_article(plan))], "article") if held else MATCH_NONE
        within = [all_of((one, own)) for one in held.values()] if own is not MATCH_NONE else []
        asked = [query or MATCH_NONE, own, *held.values(), *within]
        total, size, *counts = self.corpus.count_each(asked)
        return HitFrequencies(
            dict(zip(held, counts)),
            dict(zip(held, counts[len(held) :])),
            size,
            total if query else None,
            {n.number: compiler.expansion.occurrences(n) for n in sought if n.number in held},
            WholeArticles(self, compiler.expansion, plan).in_articles,
        )

    def _judged(self, leaf: Leaf, expansion: Expansion, held: Bounds) -> Dsl:
        """A query for the passages that hold a leaf in their text or in the headings above it."""
        if held.exact:
            return held.low
        some = [Leaf(n, leaf.sought, frozenset({f})) for n, f in enumerate(sorted(leaf.fields))]
        return self.exact(Or(tuple(some)), expansion, held)

    def _holds(self, leaf: Leaf, compiler: Compiler) -> bool:
        return bool(self.corpus.count_each([compiler.where(leaf, "text").holds.high])[0])

    def _by_headings(self, plan: Node, compiler: Compiler) -> Iterator[Json]:
        """The first passages below the headings that hold a leaf."""
        asked = [leaf for leaf in leaves(plan) if "text" in leaf.fields]
        first = any_of(compiler.leaf(leaf, "first").high for leaf in asked)
        return self.corpus.walk(first, ROW_ONLY)

    def hits(self, matcher: Matcher, shown: Iterable[Shown], *, why: bool = False) -> list[Hit]:
        """Hits with marks for rows of (part, passage, score), in that order. Where the matcher
        has only sketches, the passages are fetched first."""
        rows = list(shown)
        if not rows or not isinstance(matcher, HitsMatcher) or not matcher.is_sketched:
            return super().hits(matcher, rows, why=why)
        assert matcher.like
        ids = matcher.snapshot.parts[0].segment.column("passage.id")
        names = [int(ids[number]) for _, number, _ in rows]
        query = self.corpus.shown(word([f"{name:016x}" for name in names], "id"))
        body = {"query": query, "size": len(names), **ROW_ONLY}
        answer = self.corpus.engine.search(self.corpus.index, body)
        excerpts = map(excerpt_of, answer["hits"]["hits"])
        here = matcher.like(snapshot_of(excerpts))
        found = here.matches()[0].ids
        at = dict(zip(here.snapshot.parts[0].segment.column("passage.id")[found].tolist(), found))
        if at.keys() != set(names) and self.corpus.engine.unanswered is not None:
            raise ShardsChanged
        if at.keys() != set(names):
            raise IndexDamaged(
                f"{self.corpus.engine.address}: passages do not match their sketches; "
                "make the index anew with: pilcrow index --rebuild"
            )
        again = [(0, int(at[name]), score) for name, (_, _, score) in zip(names, rows)]
        counting = set(matcher.with_articles.get(0, EMPTY).tolist())
        chosen = [number for (_, number, _), row in zip(again, rows) if row[1] in counting]
        here.with_articles[0] = np.array(sorted(chosen), np.int64)
        return super().hits(here, again, why=why)

    def _with_boilerplate(self) -> list[str]:
        """Keys of the articles that have boilerplate."""
        query = self.corpus.state.shown(content=False)
        terms = {"terms": {"field": "article", "size": MOST_ARTICLES + 1}}
        body = {"query": query, "size": 0, "aggs": {"articles": terms}}
        answer = self.corpus.engine.search(self.corpus.index, body)
        keys = [one["key"] for one in answer["aggregations"]["articles"]["buckets"]]
        if len(keys) > MOST_ARTICLES:
            raise UsageError(
                f"more than {MOST_ARTICLES} articles have boilerplate: search it in a local index"
            )
        return sorted(keys)

    # --- hits -------------------------------------------------------------------------------

    def _best(
        self, query: Dsl, plan: Node, ranking: Ranking, forms: SoughtForms | None
    ) -> Fetched | None:
        """The hits that the engine ranks best by approximate scores; None if scores need too many
        clauses."""
        should = ranking.clauses(plan)
        shown = self.corpus.shown(query)["bool"]
        body: Json = {"size": MOST_RANKED, "track_total_hits": True, "aggs": FACETS}
        body |= _columns(forms)
        if (words := by_words(plan)) != plan:
            if clauses(should) < MOST_CLAUSES:
                again = {"rescore_query": {"bool": {"should": should}}, "query_weight": 0.0}
                body["rescore"] = {"window_size": RESCORED, "query": again}
            should = ranking.clauses(words)
        if clauses([shown, should]) > MOST_CLAUSES:
            return None
        body["query"] = {"bool": {**shown, "should": should}}
        best = (self.corpus.index, body, {"search_type": "dfs_query_then_fetch"})
        found = self.corpus.engine.search_all([best])[0]
        hits, total = found["hits"]["hits"], found["hits"]["total"]["value"]
        if len(hits) == total:
            return Fetched(hits, total, forms)
        pool = ThreadPoolExecutor(1)  # beside the scoring here
        counts = pool.submit(facet_counts, self.corpus, query, found["aggregations"])
        pool.shutdown(wait=False)
        return Fetched(hits, total, forms, facets=counts)

    def _page_of(self, query: Dsl, total: int) -> Fetched | None:
        """The requested page of many hits, if it is asked for in the order of the corpus."""
        request = self.request
        if not request or request.sort != "position" or total <= MOST_RANKED:
            return None
        body: Json = {
            "query": self.corpus.shown(query),
            "sort": [{"article": "asc"}, {"start": "asc"}],
            "track_total_hits": False,
        }
        left = request.offset
        with self.corpus.engine.at_one_time(self.corpus.index) as pit:
            body["pit"] = pit
            while True:  # hits before the page are skipped without reading them
                body["size"] = min(left, 10_000) or request.limit
                body["_source"] = ["data"] if not left else False
                hits = self.corpus.engine.search("", body)["hits"]["hits"]
                if not left or not hits:
                    return Fetched(hits, total, offset=request.offset)
                left -= len(hits)
                body["search_after"] = hits[-1]["sort"]

    def _all(self, query: Dsl, total: int | None, forms: SoughtForms | None) -> Fetched:
        """All hits of a query, of which there are `total` (None: not counted yet)."""
        total = self.corpus.count_each([query])[0] if total is None else total
        if total > (most := MOST_PAGED if self.request else MOST_JUDGED):
            raise UsageError(
                f"{total} passages match; no more than {most} can be looked through: "
                "name an article, a section or more words"
            )
        walk = self.corpus.walk(query, _columns(forms), few=total < PAGE_SIZE) if total else ()
        hits = [*walk]
        return Fetched(hits, len(hits), forms)

    # --- pages and facets -------------------------------------------------------------------

    def _page(
        self, matcher: Matcher, found: Sequence[PartMatches], request: Request
    ) -> list[Shown]:
        assert isinstance(matcher, HitsMatcher)
        self.asked.append(matcher)  # matchers that were only tried get no note
        if not matcher.offset:
            return super()._page(matcher, found, request)
        limit = min(request.limit, matcher.total - request.offset)
        return super()._page(matcher, found, replace(request, offset=0, limit=limit))

    def _beyond(self, matcher: Matcher, exact: Matcher) -> tuple[list[PartMatches], int]:
        here, *rest = matcher.matches()  # hits in whole articles still include the exact ones
        kept = [one.without(b.ids) for one, b in zip(rest, exact.matches()[1:], strict=True)]
        lost = sum(one.ids.size for one in rest) - sum(one.ids.size for one in kept)
        return [here, *kept], matcher.total - lost

    def _facets(self, matcher: Matcher, found: Sequence[PartMatches]) -> Facets:
        assert isinstance(matcher, HitsMatcher)
        if not matcher.is_partial:
            return facets(matcher.snapshot, found)
        counts = matcher.facets.result() if matcher.facets else None
        return facets_of(self.corpus, counts or facet_counts(self.corpus, matcher.query))

    @property
    def _words(self) -> CorpusSegment:
        part = self.words.parts[0]
        assert isinstance(part, CorpusPart)
        return part.corpus


def _columns(forms: SoughtForms | None) -> Json:
    """What of each hit is fetched."""
    return SKETCH_ONLY if forms else ROW_ONLY


def _likely(node: Node, expansion: Expansion) -> float:
    """About how many passages satisfy a plan by their texts, from how common its words are."""
    match node:
        case Leaf(_, sought):
            segment = expansion.snapshot.parts[0].segment
            most = upper_bound(expansion.located(sought, 0), segment)
            return most if expansion.is_one_token(node) else most / TOGETHER
        case Boosted(child) | Constant(child):
            return _likely(child, expansion)
        case And(children):
            return min((_likely(child, expansion) for child in children), default=inf)
        case Or(children):
            return sum(_likely(child, expansion) for child in children)
    return inf


def _ids(matcher: Matcher) -> list[str]:
    """Ids of the passages that a matcher finds."""
    return [
        f"{number:016x}"
        for part, matches in zip(matcher.snapshot.parts, matcher.matches())
        for number in part.segment.column("passage.id")[matches.ids].tolist()
    ]
