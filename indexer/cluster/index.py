"""An index in a cluster: the methods of `Index`, for articles on many machines.

    with open_index("opensearch://localhost:9200/pilcrow") as index:
        print(index.search("tapering").total)

It shows one commit: the one that was published when it was opened. Counting, marking, concordances
and audits use the code of `Index` itself, over a snapshot in memory of the engine's hits or of the
articles that are counted over. Methods that read the whole text of the corpus (collocates,
keywords, duplicates, readability, `verify`) need a local replica, whose folder is a setting;
without it they refuse (`UsageError`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

from indexer.cluster.article_columns import DistinctForms
from indexer.cluster.compiler import MATCH_ALL, MOST_CLAUSES, Compiler, Dsl, any_of, clauses
from indexer.cluster.corpus import Corpus
from indexer.cluster.engine import Engine
from indexer.cluster.hits import ViewSearcher
from indexer.cluster.searcher import ClusterSearcher
from indexer.cluster.sketch import sought_forms
from indexer.cluster.store import ClusterStore, CommitWatch, read_state, word_counts_of
from indexer.cluster.tokens import keyword
from indexer.cluster.words import corpus_part
from indexer.errors import NotFound, UsageError
from indexer.index import Index, Query
from indexer.index import open_index as open_local
from indexer.model import ArticleRef, Mark, Match, Passage, Spread, Suggestion, Totals
from indexer.search.expansion import Expansion
from indexer.search.plan import Node, PlanCompiler, asks_for_boilerplate, leaves, simplified
from indexer.segments.refresh import refresh
from indexer.segments.snapshot import Snapshot
from indexer.settings import Settings, read_file
from indexer.store.codec import unpack_records
from indexer.store.reader import Store
from indexer.store.writer import writing
from indexer.text.synonyms import read_synonyms

ORIGIN = "replica-of"  # a file in the folder of a replica that names the cluster's index


class _View(Index):
    """The methods of `Index` over a snapshot in memory."""

    def __init__(self, searcher: ViewSearcher, settings: Settings) -> None:
        self.settings = settings
        self._snapshot, self._searcher = searcher.snapshot, searcher
        self._asked = 2  # do not check arrays ahead
        self._described = {}
        self._kept, self._finding = defaultdict(list), defaultdict(threading.Lock)


def _of_replica(name: str, command: str = "") -> Callable[..., Any]:
    """A method of `Index` that the replica answers; errors name `command` (default `name`)."""

    @wraps(getattr(Index, name))
    def asked(self: ClusterIndex, *args: Any, **options: Any) -> Any:
        return getattr(self._replica(command or name), name)(*args, **options)

    return asked


class ClusterIndex(_View):
    """One commit of an index in a cluster, for reading; safe to share between threads."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        data = read_file(settings.synonyms, "a file of synonyms")
        self._synonyms = read_synonyms(data, str(settings.synonyms))
        try:
            self._state = read_state(engine)
            counts = word_counts_of(engine, self._state)
            corpus = self._corpus = Corpus(engine, self._state, corpus_part(counts), counts.sums)
        except BaseException:
            engine.close()
            raise
        engine.watch = CommitWatch(engine, self._state)
        self._store: Any = ClusterStore(engine, self._state)  # reads as a store on disk does
        self._searcher: ClusterSearcher
        searcher = ClusterSearcher(
            corpus.words,
            self._synonyms,
            settings.synonyms_in_phrases,
            words=corpus.words,
            sums=corpus.scored,
            corpus=corpus,
        )
        super().__init__(searcher, settings)
        self._snapshot = Snapshot(self._state.commit, ())  # no arrays: everything is fetched
        self._copying = threading.Lock()
        self._viewed: tuple[object, _View] | None = None  # arguments of the last view

    has_vectors = False

    @property
    def _vectors_folder(self) -> Path:
        raise UsageError("an index in a cluster has no embedding vectors; use one in a folder")

    def close(self) -> None:
        """Closes the connections and the replica."""
        self._is_closed = True
        self._engine.close()
        if (copied := self.__dict__.pop("_copied", None)) is not None:
            copied.close()

    @property
    def totals(self) -> Totals:
        """Articles, content passages and their words."""
        sums = self._corpus.sums
        return Totals(self._state.articles, sums["passages"], sums["words"])

    # --- searching ------------------------------------------------------------------------------

    def count(self, query: Query, *, match: Match = "stem") -> int:
        """How many passages have the query in their text: see `Index.count`."""
        counting = replace(self._searcher, counting=True)
        parsed = counting.parse(query)
        return counting.matcher(parsed.tree, match, text_only=True, bounded=False).total

    def best_articles(self, query: Query, **options: Any) -> Any:
        """Refused: see `Index.best_articles`."""
        raise UsageError(
            "articles are ranked in an index in a folder, not in a cluster; "
            "set PILCROW_REPLICA and name that folder"
        )

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Words and headings that complete a typed prefix, the commonest first."""
        from indexer.search.autocomplete import suggest

        return suggest(replace(self._searcher, headings=True), prefix, limit)

    def similar(self, id: str, limit: int = 10) -> Any:
        """Passages that share characteristic words with this one: see `Index.similar`."""
        from indexer.search.similar import similar

        passage = self.passage(id)
        language = self._refs[passage.article_id][0].language
        return similar(self._searcher, passage.text, language, limit, but=id)

    # --- articles and passages ------------------------------------------------------------------

    @cached_property
    def _refs(self) -> dict[str, tuple[ArticleRef, int]]:
        """Article id → its reference as results show it, and its number of passages."""
        found = {}
        for data in self._store.every("ref", "passages"):
            name, _, url, language, title = data["ref"]
            ref = ArticleRef(name, title, url, language.split(" ")[0])
            found[name] = ref, int(data["passages"])
        return dict(sorted(found.items()))

    def articles(self) -> tuple[ArticleRef, ...]:
        """All articles, in order of their ids."""
        return tuple(ref for ref, _ in self._refs.values())

    def passage_counts(self) -> Mapping[str, int]:
        """How many passages each article has, boilerplate included."""
        return {name: number for name, (_, number) in self._refs.items()}

    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """The article's passages in text order, boilerplate included. Raises `NotFound`."""
        return self._whole([article_id]).passages(article_id)

    def passage(self, id: str) -> Passage:
        """The passage with this id. Raises `NotFound`."""
        body = {"query": self._state.shown(id=id), "_source": ["name"]}
        hits = self._engine.search(self._corpus.index, body)["hits"]["hits"]
        if not hits:
            raise NotFound(f"no passage has the id {id!r}")
        return self._whole([hits[0]["_source"]["name"]]).passage(id)

    def marks_by_article(
        self, article_ids: Sequence[str], query: Query, *, match: Match = "stem", any: bool = False
    ) -> Mapping[str, Mapping[str, tuple[Mark, ...]]]:
        """`article_marks` for several articles."""
        view = self._whole(article_ids)
        return view.marks_by_article(article_ids, query, match=match, any=any)

    def spread(
        self, article_ids: Sequence[str], query: Query, **options: Any
    ) -> Mapping[str, Spread]:
        """Where a query's matches are in these articles: see `Index.spread`."""
        return self._whole(article_ids).spread(article_ids, query, **options)

    # --- audits ---------------------------------------------------------------------------------

    def concordance(self, query: Query, **options: Any) -> Any:
        """Every occurrence in the text of passages, with its context: see `Index.concordance`."""
        view = self._view([query], options.get("match", "stem"), options.get("articles"), all=False)
        return view.concordance(query, **options)

    def audit(self, terms: Any, **options: Any) -> Any:
        """How often each term occurs, in which forms, where: see `Index.audit`."""
        from indexer.audits.terms import AuditTerm, TermList, given_terms

        if not isinstance(terms, TermList):
            terms = (terms,) if isinstance(terms, (str, AuditTerm)) else tuple(terms)
        queries = [term.query for term in given_terms(terms).terms]
        view = self._view(queries, options.get("match", "stem"), options.get("articles"))
        return view.audit(terms, **options)

    def barcodes(self, query: Query, **options: Any) -> Any:
        """Where the query's matches are in each article or section: see `Index.barcodes`."""
        view = self._view([query], options.get("match", "stem"), options.get("articles"))
        return view.barcodes(query, **options)

    # --- methods that read the whole text -------------------------------------------------------

    collocates = _of_replica("collocates")
    clusters = _of_replica("clusters")
    ngrams = _of_replica("ngrams", "clusters")
    frequencies = _of_replica("frequencies", "keywords")
    word_list = _of_replica("word_list", "words")
    keywords = _of_replica("keywords")
    duplicates = _of_replica("duplicates")
    readability = _of_replica("readability")
    verify = _of_replica("verify")

    @property
    def _whole_text(self) -> Snapshot:
        return self._replica("keywords")._snapshot

    def _replica(self, what: str) -> Index:
        """The replica, brought up to this commit and open. `UsageError` if none is set."""
        folder = self.settings.replica
        if folder is None:
            raise UsageError(
                f"{self._engine.address}: {what} reads the whole text: set PILCROW_REPLICA to a "
                "folder for a local copy of the index"
            )
        with self._copying:
            if "_copied" not in self.__dict__:
                refreshed_replica(self._store, folder)
                settings = replace(self.settings, index=folder)
                self.__dict__["_copied"] = open_local(folder, settings=settings)
        copied: Index = self.__dict__["_copied"]
        return copied

    # --- views ----------------------------------------------------------------------------------

    def _whole(self, article_ids: Iterable[str]) -> _View:
        """A view of whole articles. Callers raise `NotFound` for missing ones."""
        return self._over(self._corpus.articles_of(map(keyword, article_ids)))

    def _over(self, snapshot: Snapshot) -> _View:
        searcher = ViewSearcher(
            snapshot,
            self._synonyms,
            self.settings.synonyms_in_phrases,
            words=self._corpus.words,
            sums=self._corpus.scored,
        )
        return _View(searcher, self.settings)

    def _view(
        self,
        queries: Sequence[Query],
        match: Match,
        articles: Sequence[str] | None,
        *,
        all: bool = True,
    ) -> _View:
        """A view of all articles, or of those named, with the words of the articles that may hold
        a match of the queries (the last view is kept, for further pages). `all` False: if none are
        named, a view of the articles with words alone."""
        asked = (list(queries), match, articles and list(articles), all)
        viewed = self._viewed
        if viewed and viewed[0] == asked:
            return viewed[1]
        planned = [self._planned(query, match) for query in queries]
        holding = self._holding(planned)
        names = None if articles is None else {*map(keyword, articles)}
        others = all or names is not None
        forms = self._plan_forms(planned) if all else None  # lines show, and sort by, other words
        view = self._over(self._corpus.articles_of(names, holding, others=others, forms=forms))
        self._viewed = asked, view
        return view

    def _planned(self, query: Query, match: Match) -> tuple[Node, Expansion]:
        """The plan of a query of the text, and the expansion that looks up its words."""
        expansion = self._searcher.expansion(match)
        known = PlanCompiler(text_only=True)
        plan = known.compile(self._searcher.parse(query).tree)
        expansion.learn(known)
        return simplified(expansion.expand(plan, known)), expansion

    def _holding(self, planned: Iterable[tuple[Node, Expansion]]) -> set[str] | None:
        """Keys of the articles that may hold a leaf of the plans; None: any article may."""
        needed: list[Dsl] = []
        for plan, expansion in planned:
            if asks_for_boilerplate(plan):
                return None
            compiler = Compiler(expansion)
            for leaf in leaves(plan, negated=True):
                # each heading is first above a passage, or a passage stands in for it
                held = any_of(compiler.leaf(leaf, name).high for name in ("text", "first"))
                needed.append(held if clauses(held) < MOST_CLAUSES else compiler.coarse(leaf))
        return None if MATCH_ALL in needed else self._corpus.articles_with(needed)

    def _plan_forms(self, planned: Iterable[tuple[Node, Expansion]]) -> DistinctForms | None:
        """The forms that plans may match; None if they may match any, or too many."""
        found: set[int] = set()
        for plan, expansion in planned:
            forms = sought_forms(plan, expansion)
            if forms is None:
                return None
            found.update(forms.tolist())
        return DistinctForms(self._corpus.part.corpus.entries[form] for form in sorted(found))


# --- the replica ----------------------------------------------------------------------------------


def refreshed_replica(store: ClusterStore, folder: Path) -> None:
    """Brings the replica in a folder, an ordinary index, up to the commit of a store; unchanged
    articles are kept. `UsageError` for a folder that holds anything but a replica of this index."""
    origin = folder / ORIGIN
    address = str(store.engine.address)
    is_ours = origin.exists() and origin.read_text(encoding="utf-8") == address
    if folder.exists() and any(folder.iterdir()) and not is_ours:
        raise UsageError(
            f"{folder}: holds something else than a replica of {address}; "
            "name another folder with PILCROW_REPLICA"
        )
    folder.mkdir(parents=True, exist_ok=True)
    origin.write_text(address, encoding="utf-8")
    wanted = store.versions()
    with writing(folder) as writer:
        there = {name: entry.version for name, entry in writer.entries.items()}
        for name in sorted(there.keys() - wanted.keys()):
            writer.delete(name)
        new = sorted(name for name, version in wanted.items() if there.get(name) != version)
        for packed in store.packed(new):
            writer.add(packed)
        for ledger in store.packed_ledgers():
            records = unpack_records(ledger.entry, ledger.payload)
            writer.keep_records(ledger.entry.article_id, records.values())
    with Store.open(folder) as made:
        refresh(made, folder).close()
