"""An opened index: the interface for the command line, the web and scripts.

    with open_index(".pilcrow") as index:
        for hit in index.search("tapering").hits:
            print(hit.passage.section, hit.passage.text)

An `Index` is a view of one generation: its answers stay the same while others write, and threads
may share it. Refuses a path without an index (`IndexMissing`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

import numpy as np

from indexer.errors import NotFound, PilcrowError, UsageError
from indexer.links.permalinks import Resolution, Resolver
from indexer.model import (
    Article,
    ArticleRef,
    Concordance,
    Hit,
    Mark,
    Match,
    Passage,
    Results,
    Span,
    Spread,
    Suggestion,
    Totals,
)
from indexer.search.bm25f import DEFAULTS, Parameters
from indexer.search.highlight import marks_of, merge_marks
from indexer.search.matcher import Matcher
from indexer.search.searcher import Request, Searcher, Sort
from indexer.segments.container import ContainerDamaged, check_ahead
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot, open_snapshot
from indexer.settings import Settings, load_settings, read_file
from indexer.sorted_arrays import Array, keep_freed_memory
from indexer.store.reader import CLOSED, Store
from indexer.text.synonyms import drug_names, read_synonyms

# Modules that searches don't need are imported by the methods that need them.
if TYPE_CHECKING:
    from indexer.audits.collocates import Collocates, Measure
    from indexer.audits.concordance import ContextUnit, Width
    from indexer.audits.counts import Audit
    from indexer.audits.dispersion import Barcode
    from indexer.audits.duplicates import Duplicates
    from indexer.audits.frequencies import WordList
    from indexer.audits.keywords import Frequencies, Keywords
    from indexer.audits.near_duplicates import Likeness
    from indexer.audits.ngrams import Ngrams, NodePosition
    from indexer.audits.readability import Readability
    from indexer.audits.scope import By, Pages
    from indexer.audits.terms import AuditTerm, TermList
    from indexer.links.selection import Selected, Selection
    from indexer.search.similar import Similar
    from indexer.verify import Progress, Verification

KEPT = 4  # cached whole answers of each kind
Query = Any  # str, or a whoosh.query.Query (Whoosh has no types)


Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")


def _repairing(
    method: Callable[Concatenate[Index, Asked], Answer],
) -> Callable[Concatenate[Index, Asked], Answer]:
    """A method that has a damaged array rebuilt when it meets one, and then starts again."""

    @wraps(method)
    def answered(self: Index, /, *args: Asked.args, **named: Asked.kwargs) -> Answer:
        if self._asked < 2:  # prepare on the second query: more will follow
            self._asked += 1
            if self._asked == 2:
                self._preparing.start()
        if self._is_closed:
            raise UsageError(CLOSED)
        try:
            for part in self._snapshot.parts:
                part.segment.container.check_size()
            return method(self, *args, **named)
        except ContainerDamaged as error:
            self._repair(error)
        return method(self, *args, **named)

    return answered


def _prepare(segments: Sequence[Segment], stopped: threading.Event) -> None:
    """Checks files and prepares what later queries would wait for; runs in a thread of its own."""
    with suppress(ContainerDamaged):  # the reader of that block meets it too, and has it rebuilt
        check_ahead([segment.container for segment in segments], stopped)
        for segment in segments:
            if stopped.is_set():
                return
            segment.container.check_size()
            segment.prepare()
    drug_names()  # otherwise a first misspelt word would take ten times as long


class Index:
    """One generation of an index, for reading."""

    _is_closed = False

    def __init__(self, store: Store, snapshot: Snapshot, settings: Settings, path: Path) -> None:
        self.settings = settings
        self._store, self._path = store, path
        self._described: dict[str, Article] = {}  # the article of the last resolved id
        data = read_file(settings.synonyms, "a file of synonyms")
        self._synonyms = read_synonyms(data, str(settings.synonyms))
        self._repairs = threading.Lock()
        self._mended: set[str] = set()
        self._use(snapshot)

    def _use(self, snapshot: Snapshot) -> None:
        self._snapshot, self._asked = snapshot, 0
        self._kept: defaultdict[str, list[tuple[object, Any]]] = defaultdict(list)
        self._finding: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._stopped = threading.Event()
        args = ([part.segment for part in snapshot.parts], self._stopped)
        self._preparing = threading.Thread(target=_prepare, args=args, daemon=True)
        searcher = Searcher(snapshot, self._synonyms, self.settings.synonyms_in_phrases)
        self._searcher = searcher
        # A searcher per set of score parameters: it caches statistics that depend on them.
        self._ranking = lru_cache(4)(lambda of: replace(searcher, parameters=of))

    def _repair(self, error: ContainerDamaged) -> None:
        """Rebuilds the arrays from the store, once, however many threads met the damage."""
        with self._repairs:
            if str(error) not in self._mended:
                self._stopped.set()
                from indexer.segments.refresh import rebuilt

                self._use(rebuilt(self._store, self._path))
                self._mended.add(str(error))

    def close(self) -> None:
        """Closes the files; every further question is a `UsageError`."""
        self._is_closed = True
        self._stopped.set()
        self._snapshot.close()
        self._store.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @property
    def generation(self) -> int:
        """Number of the commit that this index shows."""
        return self._snapshot.generation

    @property
    @_repairing
    def totals(self) -> Totals:
        """Number of articles, of content passages, and of words in these."""
        sums = [part.sums for part in self._snapshot.parts]
        articles = len(self._snapshot.articles_by_id)
        return Totals(articles, sum(s[0] for s in sums), sum(s[1] for s in sums))

    # --- searching ------------------------------------------------------------------------------

    @_repairing
    def search(
        self,
        query: Query,
        *,
        match: Match = "stem",
        any: bool = False,
        limit: int = 10,
        offset: int = 0,
        article: str | Sequence[str] | None = None,
        section: str | None = None,
        section_path: str | None = None,
        kind: str | None = None,
        sort: Sort = "relevance",
        other_names: bool = False,
        why: bool = False,
        partial: bool = False,
    ) -> Results:
        """One page of the matching passages, best first (or in corpus order).

        `any`: one of the bare words is enough. `article` (an id, or several), `section` (a phrase
        of one heading), `section_path` (exactly this section without its subsections, written as in
        facets: headings joined by " > ", with > and \\ in a heading escaped by \\) and `kind`
        restrict the search. `other_names`: passages with another name (brand or generic) of a drug
        follow the others, and count in `total_synonyms` only.
        `why`: each hit carries the parts of its score; only the best hits (`bm25f.RERANKED`) have
        parts from their articles.
        `sort`: relevance, position, or semantic (similarity of meaning, if there are vectors).
        `partial`: if shards of a cluster do not answer, returns the results of the others, with
        `lost_shards` set; totals and facets are then lower bounds. Otherwise, and in all other
        methods, this raises `IndexUnavailable`. An index in a folder is always complete.
        Raises `UsageError` for an argument out of range, never for a query.
        """
        named = (article,) if isinstance(article, str) else article
        named = None if named is None else tuple(named)
        request = Request(
            match,
            any,
            limit,
            offset,
            named,
            section,
            section_path,
            kind,
            sort,
            other_names,
            why=why,
            partial=partial,
        )
        if sort == "semantic":
            request = replace(request, rank=self._semantic_rank(_shown(query)))
        return self._searcher.search(query, request)

    @_repairing
    def related(self, query: str, limit: int = 5, *, but: Collection[str] = ()) -> tuple[Hit, ...]:
        """Passages similar in meaning to the query, without those whose ids are in `but`.

        They have no marks; scores are cosines. Raises `UsageError` without vectors.
        """
        from indexer import semantic

        vectors = semantic.load_vectors(self._vectors_folder)
        (vector,) = semantic.encode([query])
        scores = semantic.similarities(vectors, vector)
        found: list[Hit] = []
        for row in np.argsort(-scores, kind="stable").tolist():
            if len(found) == limit:
                break
            id_ = f"{int(vectors['id'][row]):016x}"
            with suppress(NotFound):  # deleted since the vectors were made
                if id_ not in but:
                    passage = self.passage(id_)
                    part, number = self._snapshot.find_article(passage.article_id)
                    ref = self._snapshot.parts[part].segment.article_ref(number)
                    found.append(Hit(passage, float(scores[row]), (), article=ref))
        return tuple(found)

    def _semantic_rank(self, query: str) -> Callable[[int, Array], Array]:
        """A function that scores passages of a part by similarity of meaning."""
        from indexer import semantic

        vectors = semantic.load_vectors(self._vectors_folder)
        (vector,) = semantic.encode([query])

        def rank(part: int, ids: Array) -> Array:
            names = self._snapshot.parts[part].segment.column("passage.id")[ids]
            return semantic.similarities(vectors, vector, names).astype(np.float64)

        return rank

    @_repairing
    def best_articles(
        self,
        query: Query,
        *,
        any: bool = False,
        articles: Sequence[str] | None = None,
        together: bool = False,
        limit: int = 100,
        parameters: Parameters = DEFAULTS,
    ) -> tuple[tuple[str, float], ...]:
        """(id, score) of the articles with passages that `search` finds, by the score of their best
        passage, best first; ties by id.

        `articles` (ids; None: all) are searched, with `together` as if they were one article;
        `parameters` are those of the score.
        """
        named = None if articles is None else tuple(articles)
        searcher = self._ranking(parameters)
        request = Request(any=any, articles=named, together=together)
        return tuple(searcher.best_articles(query, request, limit))

    @_repairing
    def has_section(self, path: str) -> bool:
        """Whether a section has exactly this path, written as in facets."""
        return self._searcher.has_section(path)

    @_repairing
    def count(self, query: Query, *, match: Match = "stem") -> int:
        """Number of passages that match the query in their text.

        As with everything counted, the whole query is evaluated, never a part of it: a query that
        would take very long raises `UsageError`.
        """
        return self._counted(query, match)[0].total

    @_repairing
    def cost(self, query: Query, *, match: Match = "stem", any: bool = False, most: float) -> float:
        """Number of tokens that have to be read to answer a query; infinite if more than `most`.

        It is estimated from the frequencies of words, without reading the tokens.
        """
        tree = self._searcher.parse(query, any, capitals=True).tree
        return self._searcher.cost(tree, match, most)

    @_repairing
    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Words and headings that complete the typed text, most frequent first."""
        from indexer.search.autocomplete import suggest

        return suggest(self._searcher, prefix, limit)

    @_repairing
    def prepare(self) -> None:
        """Computes ahead what many answers need, so that no reader waits for it."""
        from indexer.search.autocomplete import precompute

        for ask in (self.search, self.suggest, self.resolve, self.audit):
            with suppress(PilcrowError):  # no passage has the id "a"
                ask("a")
        self.suggest("qzxqzx")  # a word that does not occur, so that its corrections are looked for
        precompute(self._searcher)

    @_repairing
    def similar(self, id: str, limit: int = 10) -> tuple[Similar, ...]:
        """Passages of any article that share characteristic words with this one, best first.

        Raises `NotFound`.
        """
        from indexer.search.similar import similar

        passage = self.passage(id)
        part, number = self._snapshot.find_article(passage.article_id)
        language = self._snapshot.parts[part].segment.article_ref(number).language
        return similar(self._searcher, passage.text, language, limit, but=id)

    @_repairing
    def similar_to(self, text: str, language: str = "", limit: int = 10) -> tuple[Similar, ...]:
        """Passages that share characteristic words with any text, best first."""
        from indexer.search.similar import similar

        return similar(self._searcher, text, language, limit, least=1)

    def update_vectors(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Computes vectors for passages without one or with changed words; returns how many.

        Raises `UsageError` without the model.
        """
        from indexer import semantic

        return semantic.update_vectors(self._snapshot, self._vectors_folder, progress)

    @property
    def _vectors_folder(self) -> Path:
        return self._path

    @property
    def has_vectors(self) -> bool:
        """Whether `related` and the sort `semantic` are available here."""
        from indexer import semantic

        return semantic.has_vectors(self._path) and semantic.is_installed()

    # --- articles and passages ------------------------------------------------------------------

    @_repairing
    def articles(self) -> tuple[ArticleRef, ...]:
        """All articles, in order of their ids."""
        return tuple(
            self._snapshot.parts[part].segment.article_ref(number)
            for part, number in self._snapshot.articles_by_id.values()
        )

    def article(self, id: str) -> Article:
        """The whole article. Raises `NotFound`."""
        return self._store.load(id).article

    @_repairing
    def passages(self, article_id: str) -> tuple[Passage, ...]:
        """The article's passages in text order, boilerplate included. Raises `NotFound`."""
        part, number = self._snapshot.find_article(article_id)
        segment = self._snapshot.parts[part].segment
        return tuple(segment.passages_at(segment.article_passages(number).tolist()))

    @_repairing
    def passage(self, id: str) -> Passage:
        """The passage with this id. Raises `NotFound`."""
        if len(id) == 16 and set(id) <= set("0123456789abcdef"):
            for part in reversed(self._snapshot.parts):
                number = part.segment.find_passage(int(id, 16))
                if number >= 0 and (part.live is None or part.live[number]):
                    return part.segment.passage(number)
        raise NotFound(f"no passage has the id {id!r}")

    @property
    def _resolver(self) -> Resolver:
        """Made anew each time: if cached, it would keep the index from being freed at once."""
        return Resolver(self._store, self.passage, self._described)

    @_repairing
    def resolve(self, id: str) -> Resolution:
        """What became of a passage id: where it leads now, if anywhere. Raises `NotFound`."""
        return self._resolver.resolve(id)

    def links(self) -> Iterator[Resolution]:
        """Every passage id ever issued and what became of it, by article."""
        return self._resolver.links()

    @_repairing
    def changed_links(self) -> tuple[Resolution, ...]:
        """The ids to whose passage anything has happened since they were issued, by article."""
        return tuple(self._resolver.changed())

    @_repairing
    def passage_counts(self) -> Mapping[str, int]:
        """Number of passages of each article, boilerplate included."""
        segments = [part.segment for part in self._snapshot.parts]
        counts = [np.bincount(s.article_numbers, minlength=s.articles).tolist() for s in segments]
        every = self._snapshot.articles_by_id.items()
        return {name: counts[part][number] for name, (part, number) in every}

    @staticmethod
    def find_selection(
        article: Article, wanted: Selection, passage: Passage | None = None, was: str = ""
    ) -> Selected | None:
        """Where words that were once selected are now.

        `passage`: what became of the passage that they began in, or that was right above; `was`:
        the text of that passage at the time, if known (`Resolution.was.text`).
        """
        from indexer.links.selection import LinkedPassage, find_selection, stretch_of

        if passage is None:
            return find_selection(article.text, wanted)
        linked = LinkedPassage(was, passage.span) if was else None
        return find_selection(article.text, wanted, stretch_of(article, passage.span), linked)

    @staticmethod
    def find_selected(article: Article, wanted: Selection, passage: Passage) -> Selected | None:
        """Where words are that a reader has just selected; their context need not be exact."""
        from indexer.links.selection import find_selected, stretch_of

        return find_selected(article.text, wanted, stretch_of(article, passage.span))

    @staticmethod
    def select(article: Article, span: Span) -> Selection:
        """The shortest description of a span that leads back to it."""
        from indexer.links.selection import select_words

        return select_words(article.text, span)

    @staticmethod
    def fragment(article: Article, span: Span) -> str:
        """A link to a span of an article in its original page: `#id:~:text=…`, or ""."""
        from indexer.links.text_fragments.generate import fragment_for

        return fragment_for(article, span).written

    @staticmethod
    def find_fragment(article: Article, written: str) -> Span | None:
        """The words of an article that a text fragment (`:~:text=…`, without the `#`) highlights.

        None if they are not there, or `written` is no text fragment.
        """
        from indexer.links.text_fragments.directive import find, read_directive
        from indexer.links.text_fragments.generate import page_text_of

        directive = read_directive(written)
        return find(directive, page_text_of(article)) if directive else None

    def article_marks(
        self, article_id: str, query: Query, *, match: Match = "stem", any: bool = False
    ) -> Mapping[str, tuple[Mark, ...]]:
        """Marks of a query in one article: passage id → marks, for the passages that match."""
        return self.marks_by_article((article_id,), query, match=match, any=any)[article_id]

    @_repairing
    def marks_by_article(
        self, article_ids: Sequence[str], query: Query, *, match: Match = "stem", any: bool = False
    ) -> Mapping[str, Mapping[str, tuple[Mark, ...]]]:
        """`article_marks` of several articles, with the query matched once."""
        homes = [self._snapshot.find_article(article_id) for article_id in article_ids]
        tree = self._searcher.parse(query, any, capitals=True).tree
        matcher = self._searcher.matcher(tree, match)
        found = matcher.matches()
        marks: dict[str, Mapping[str, tuple[Mark, ...]]] = {}
        for article_id, (part, number) in zip(article_ids, homes, strict=True):
            segment, ids = self._snapshot.parts[part].segment, found[part].ids
            ids = ids[segment.column("passage.article")[ids] == number]
            marks[article_id] = {
                f"{int(segment.column('passage.id')[n]):016x}": merge_marks(m.text, 1 << 62)
                for n, m in marks_of(matcher, part, ids).items()
            }
        return marks

    @_repairing
    def spread(
        self,
        article_ids: Sequence[str],
        query: Query,
        *,
        match: Match = "stem",
        any: bool = False,
        most: int = 80,
        other_names: bool = False,
    ) -> Mapping[str, Spread]:
        """Where a query's matches stand in these articles, in up to about `most` ticks each.

        `other_names`: also the matches in passages that have only another name of a drug.
        """
        from indexer.search.histogram import spread

        homes = [self._snapshot.find_article(article_id) for article_id in article_ids]
        tree = self._searcher.parse(query, any, capitals=True).tree
        matcher = self._searcher.matcher(tree, match)
        found = [(matcher, matcher.matches())]
        request = Request(match, other_names=other_names)
        if further := self._searcher.by_other_names(tree, matcher, request):
            found.append((further.matcher, further.found))
        made = spread(found, homes, most)
        return {name: made[home] for name, home in zip(article_ids, homes, strict=True)}

    # --- audits: counts over the text of passages ------------------------------------------------

    @_repairing
    def concordance(
        self,
        query: Query,
        *,
        match: Match = "stem",
        window: Width = 8,
        unit: ContextUnit = "words",
        sort: Sequence[str] = (),
        articles: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Concordance:
        """Every occurrence in the text of passages, with its context.

        `window` is the number of words (or characters, by `unit`) on either side, or a pair for
        left and right. `sort` takes up to three of left1 to left3, right1 to right3, node, article,
        position. `articles` (ids; None: all) restrict the search. `limit` None: all lines.
        """
        from indexer.audits.concordance import (
            Ordered,
            in_heads,
            lines,
            occurrences,
            within_articles,
        )
        from indexer.audits.scope import paged

        def find() -> tuple[Ordered, tuple[str, ...]]:
            matcher, notes = self._counted(query, match)
            found = occurrences(matcher)
            if articles is not None:
                found = within_articles(matcher, found, articles)
            ordered = Ordered(found, sort, in_heads(matcher, articles))
            return ordered, (*notes, *matcher.notes())

        named = None if articles is None else tuple(articles)
        every, notes = self._once("concordance", (query, match, tuple(sort), named), find)
        total = every.found.size
        shown, page = paged(range(total), offset, limit)
        return Concordance(
            query=_shown(query),
            lines=lines(every.found, every.rows(offset, offset + len(shown)), window, unit),
            total=total,
            headings=every.headings,
            notes=notes,
            page=page,
        )

    @_repairing
    def audit(
        self,
        terms: TermList | Iterable[str | AuditTerm],
        *,
        by: By = "article",
        match: Match = "stem",
        articles: Sequence[str] | None = None,
        confidence: float = 0.95,
    ) -> Audit:
        """How often each term occurs in the text, in which forms, where, and where it is missing.

        Each term is a query; its total is that of its concordance. The matrix has a cell for each
        article, or section, of the `articles` (ids; None: all).
        """
        from indexer.audits.counts import AuditRequest, audit
        from indexer.audits.terms import AuditTerm, TermList

        named = None if articles is None else tuple(articles)
        if not isinstance(terms, TermList):
            terms = (terms,) if isinstance(terms, (str, AuditTerm)) else tuple(terms)
        request = AuditRequest(by, match, named, confidence)
        return self._once("audit", (terms, request), partial(audit, self._searcher, terms, request))

    @_repairing
    def barcodes(
        self,
        query: Query,
        *,
        by: By = "article",
        match: Match = "stem",
        articles: Sequence[str] | None = None,
    ) -> tuple[Barcode, ...]:
        """Where the query stands in each article or section: the occurrences that `audit` counts.

        `articles`: ids; None: all.
        """
        from indexer.audits.dispersion import barcodes
        from indexer.audits.scope import scope_of

        matcher, _ = self._counted(query, match)
        named = None if articles is None else tuple(articles)
        on = scope_of(self._snapshot, by, named, boilerplate=matcher.boilerplate)
        return barcodes(matcher, on)

    @_repairing
    def collocates(
        self,
        query: Query,
        *,
        match: Match = "stem",
        left: int = 5,
        right: int = 5,
        least: int = 3,
        measure: Measure = "log_dice",
        stop: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Collocates:
        """Words within `left` and `right` words of the query in the same sentence.

        Lists those that occur there at least `least` times, by `measure`: log_dice, g2, g2_four,
        mi, t or count; `stop` leaves function words out of the list, never out of the counts.
        """
        from indexer.audits.collocates import CollocateRequest, Window, all_collocates

        request = CollocateRequest(Window(left, right), least, measure, stop)

        def find() -> Pages[Collocates]:
            matcher, notes = self._counted(query, match)
            return all_collocates(matcher, _shown(query), request, notes)

        return self._once("collocates", (query, match, request), find).page(offset, limit)

    @_repairing
    def clusters(
        self,
        query: Query,
        *,
        match: Match = "stem",
        size: int = 3,
        least: int = 2,
        node: NodePosition = "any",
        limit: int | None = None,
        offset: int = 0,
    ) -> Ngrams:
        """Runs of `size` words that contain the query (`node`: first, last or anywhere in them)."""
        from indexer.audits.ngrams import NgramRequest, all_clusters

        request = NgramRequest(size, least, node)

        def find() -> Pages[Ngrams]:
            matcher, notes = self._counted(query, match)
            return all_clusters(matcher, _shown(query), request, notes)

        return self._once("clusters", (query, match, request), find).page(offset, limit)

    @_repairing
    def ngrams(
        self, *, size: int = 3, least: int = 2, limit: int | None = None, offset: int = 0
    ) -> Ngrams:
        """Runs of `size` words that occur at least `least` times, most frequent first."""
        from indexer.audits.ngrams import NgramRequest, all_ngrams

        request = NgramRequest(size, least)
        find = partial(all_ngrams, self._snapshot, request)
        return self._once("ngrams", request, find).page(offset, limit)

    @_repairing
    def frequencies(self, articles: Sequence[str] | None = None) -> Frequencies:
        """Frequency of each word in the text of these articles (ids; None: all)."""
        from indexer.audits.keywords import frequencies

        return frequencies(self._snapshot, articles)

    @_repairing
    def word_list(
        self,
        *,
        articles: Sequence[str] | None = None,
        least: int = 1,
        stop: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> WordList:
        """Words of these articles (ids; None: all), most frequent first.

        Lists those that occur at least `least` times; `stop` leaves function words out.
        """
        from indexer.audits.frequencies import WordListRequest, all_words

        named = None if articles is None else tuple(articles)
        request = WordListRequest(named, least, stop)
        find = partial(all_words, self._snapshot, request)
        return self._once("words", request, find).page(offset, limit)

    @_repairing
    def keywords(
        self,
        articles: Sequence[str] | None = None,
        *,
        against: Index | None = None,
        least: int = 3,
        positive: bool = False,
        stop: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Keywords:
        """Words that are more, or less, frequent in these articles than in a reference.

        The reference is all other articles of this index, or all of the index `against` (then
        `articles` None: all). `stop` leaves function words out of the list.
        """
        from indexer.audits.frequencies import as_written
        from indexer.audits.keywords import keywords
        from indexer.audits.scope import paged
        from indexer.text.word_lists import function_words

        def find() -> tuple[Frequencies, Keywords]:
            target = self.frequencies(articles)
            reference = against.frequencies() if against else self.frequencies().less(target)
            parts = self._snapshot.parts + (against._whole_text.parts if against else ())
            left_out = function_words(code for part in parts for code in part.languages if stop)
            return target, keywords(
                target, reference, least=least, positive=positive, left_out=left_out
            )

        if against:  # not cached, since that would keep the other index open
            target, every = find()
        else:
            named = None if articles is None else tuple(articles)
            target, every = self._once("keywords", (named, least, positive, stop), find)
        listed, page = paged(every.rows, offset, limit)
        own = as_written(self._snapshot, (row.word for row in listed))
        here = {word for word in own if target.counts.get(word)}
        if against:  # words that only the other index has
            own |= as_written(against._whole_text, own.keys() - here)
        rows = tuple(replace(row, word=own[row.word]) for row in listed)
        return replace(every, rows=rows, page=page)

    @_repairing
    def duplicates(
        self,
        *,
        likeness: Likeness | None = None,
        units: Sequence[Literal["passage", "sentence"]] = ("passage", "sentence"),
        articles: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Duplicates:
        """Groups of passages and sentences that occur more than once, exactly or nearly.

        `articles` (ids; None: all) are compared with each other and within themselves. Groups
        whose copies differ in a number, a negation or another risky word come first; `limit`
        None: all groups. Raises `NotFound`, and `UsageError` for an argument out of range.
        """
        from indexer.audits.duplicates import duplicate_groups

        homes = None if articles is None else [self._snapshot.find_article(id_) for id_ in articles]
        request = (likeness, tuple(units), homes)
        find = partial(duplicate_groups, self._snapshot, likeness, units, homes)
        return self._once("duplicates", request, find).page(offset, limit)

    @_repairing
    def readability(
        self,
        *,
        articles: Sequence[str] | None = None,
        cutoff: float = 3.5,
        most: int | None = None,
    ) -> Readability:
        """Length and readability of articles (ids; None: all) and their sections.

        Lists up to `most` (None: all) sentences and passages each whose length has a modified
        z-score over `cutoff`. Raises `NotFound`, and `UsageError` for an argument out of range.
        """
        from indexer.audits.readability import readability

        homes = None if articles is None else [self._snapshot.find_article(id_) for id_ in articles]
        find = partial(readability, self._snapshot, homes, cutoff, most)
        return self._once("readability", (homes, cutoff, most), find)

    # --- errors ---------------------------------------------------------------------------------

    def verify(self, progress: Progress | None = None) -> Verification:
        """Checks articles, ledger and arrays for errors; reports them, but never repairs any."""
        from indexer.verify import verify  # imported here, for answers do not need it

        return verify(self._store, self._snapshot, progress)

    @property
    def _whole_text(self) -> Snapshot:
        """A snapshot with the arrays of all articles."""
        return self._snapshot

    def _once(self, kind: str, request: object, find: Callable[[], Answer]) -> Answer:
        """The whole answer to a request, computed by one thread at a time.

        The last `KEPT` answers of each kind are cached, to show further pages of them.
        """
        with self._finding[kind]:
            kept = self._kept[kind]
            found = next((pair for pair in kept if pair[0] == request), None) or (request, find())
            self._kept[kind] = [found, *(pair for pair in kept if pair is not found)][:KEPT]
        answer: Answer = found[1]
        return answer

    def _counted(self, query: Query, match: Match) -> tuple[Matcher, tuple[str, ...]]:
        """Evaluates a whole query over text only; also returns notes on what was not understood."""
        parsed = self._searcher.parse(query)
        matcher = self._searcher.matcher(parsed.tree, match, text_only=True, bounded=False)
        return matcher, parsed.notes


def _shown(query: Query) -> str:
    return query if isinstance(query, str) else repr(query)


def open_index(
    index_dir: Path | str | None = None,
    *,
    settings: Settings | None = None,
    before: Index | None = None,
) -> Index:
    """Opens the newest generation of an index.

    Missing or damaged arrays are rebuilt from the store: in place, or in a temporary folder if the
    index cannot be written to. Arrays that are unchanged since the index `before` are shared with
    it. Raises `IndexMissing` or `IndexDamaged`.
    """
    settings = settings or load_settings()
    path = Path(index_dir) if index_dir is not None else settings.index
    store = Store.open(path)
    try:
        opened = [part.segment for part in before._snapshot.parts] if before else []
        snapshot = open_snapshot(path, store.generation, store.identity, opened)
        if snapshot is None:  # rare: most openers find the arrays made
            from indexer.segments.refresh import refreshed

            snapshot = refreshed(store, path)
            if opened:  # another process may have made them meanwhile: then they too are shared
                shared = open_snapshot(path, store.generation, store.identity, opened)
                snapshot = shared or snapshot
        keep_freed_memory()
        return Index(store, snapshot, settings, path)
    except BaseException:
        store.close()
        raise
