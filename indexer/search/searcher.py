"""Search: a query in; ranked passages with marks, facets, notes and honest totals out.

Works on one snapshot. The evaluation decides what matches; this module ranks, pages, marks the
hits that are shown, counts facets over all of them, and says what was relaxed or ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Literal, get_args

import numpy as np
from whoosh import query as wq

from indexer.errors import UsageError
from indexer.model import KINDS, Hit, Match, OtherNames, Page, Results
from indexer.query.nodes import Quote, Word
from indexer.query.parser import Parsed, parse
from indexer.search import highlight, limits
from indexer.search.bm25f import DEFAULTS, RERANKED, Parameters
from indexer.search.boolean import Answer
from indexer.search.expansion import Expansion
from indexer.search.facets import Facets, facets, path_of
from indexer.search.highlight import Shown
from indexer.search.matcher import Collection, Evaluation
from indexer.search.plan import (
    And,
    Constant,
    Filter,
    Leaf,
    Leaves,
    Node,
    Phrase,
    Term,
    simplified,
    terms,
)
from indexer.search.spelling import corrections, occurs, written
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import EMPTY, Array, least_of_best
from indexer.text.folding import fold
from indexer.text.synonyms import Synonyms, bare_name, drug_names, words_of_drug_names
from indexer.text.tokenizer import tokenize

Sort = Literal["relevance", "position", "semantic"]
MOST_CORRECTED = 4  # words that find nothing for which other spellings are looked for
TRIED = 3  # spellings of a word
MUCH_MORE = 10  # times as many passages make a less likely spelling the one that is offered


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, beside the query."""

    match: Match = "stem"
    any: bool = False
    limit: int = 10
    offset: int = 0
    articles: tuple[str, ...] | None = None  # ids; None: all
    section: str | None = None
    section_path: str | None = None
    kind: str | None = None
    sort: Sort = "relevance"
    other_names: bool = False  # whether passages with other names of a drug follow
    together: bool = False  # whether the articles count as one, in which words have a rarity
    why: bool = False  # whether hits tell what makes their scores
    partial: bool = False  # whether, of a cluster that has lost shards, the others are enough
    rank: Callable[[int, Array], Array] | None = None  # for `semantic`: scores of a part's passages


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a query finds beyond its own words by other names of its drugs."""

    evaluation: Evaluation
    found: list[Answer]
    total: int
    names: tuple[OtherNames, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a query finds in each part, and what is said of it."""

    evaluation: Evaluation
    found: Sequence[Answer]
    total: int
    notes: tuple[str, ...]
    relaxed: bool
    missing: tuple[str, ...]  # words that find nothing
    suggestion: str  # the query with their nearest spellings
    renamed: Renamed | None


@dataclass(frozen=True)
class Searcher:
    """Searches one snapshot; safe to share between threads."""

    snapshot: Snapshot
    synonyms: Synonyms = field(default_factory=Synonyms)
    synonyms_in_phrases: bool = False
    parameters: Parameters = DEFAULTS

    @cached_property
    def collection(self) -> Collection:
        """What scores need to know of the snapshot."""
        return Collection(self.snapshot, self.parameters)

    def understand(
        self, query: str | wq.Query, any: bool = False, *, capitals: bool = False
    ) -> Parsed:
        """The tree of a query as typed (see `parse`), or of one that is a tree already."""
        if isinstance(query, wq.Query):
            return Parsed(query, (), False)
        return parse(query, any=any, capitals=capitals)

    def evaluate(
        self,
        tree: wq.Query,
        match: Match,
        *,
        text_only: bool = False,
        bounded: bool = True,
        filters: Sequence[Filter | Phrase] = (),
        expansion: Expansion | None = None,
        but: Evaluation | None = None,
    ) -> Evaluation:
        """The evaluation of a tree, with compounds and synonyms allowed for.

        `bounded`: what would take too long is left out, and a note says so; else a tree that
        would take far too long is refused (`UsageError`). `filters` (a phrase: of a heading)
        restrict the answer and score nothing. `expansion`: one that knows the words already.
        `but`: what is found by it is not wanted, and need not be looked up.
        """
        expansion = expansion or self.expansion(match)
        known = Leaves(text_only=text_only)
        plan = known.compile(tree)
        restricting = [
            Constant(known.leaf(one, _SECTION) if isinstance(one, Phrase) else one)
            for one in filters
        ]
        expansion.learn(known)
        plan = simplified(expansion.expand(plan, known), self.parameters.repeats)
        notes: list[str] = []
        is_word = isinstance(plan, Leaf) and isinstance(plan.sought, Term)
        if not bounded:
            limits.check(plan, known, expansion)
        elif not is_word:  # however common it is, the first word is never too dear
            plan, notes = limits.bound(plan, known, expansion)
        if filters:
            plan = And((plan, *restricting))
        return self._evaluation(expansion, plan, notes, but)

    def _evaluation(
        self, expansion: Expansion, plan: Node, notes: list[str], but: Evaluation | None
    ) -> Evaluation:
        """The evaluation of a plan. (An index in a cluster first fetches what it is about.)"""
        return Evaluation(self.collection, expansion, plan, notes)

    def cost(self, tree: wq.Query, match: Match, most: float, *, located: bool = False) -> float:
        """Tokens that have to be read to evaluate a tree; infinite if more than `most`."""
        expansion, known = self.expansion(match), Leaves(text_only=True)
        plan = known.compile(tree)
        expansion.learn(known)
        return limits.cost(
            simplified(expansion.expand(plan, known)), known, expansion, most, located=located
        )

    def check_together(self, queries: Sequence[str], match: Match) -> None:
        """Raises `UsageError` for queries whose occurrences would take far too long to find."""

        def cost(query: str, most: float) -> float:
            return self.cost(self.understand(query).tree, match, most, located=True)

        limits.check_together(queries, cost, self.expansion(match))

    def expansion(self, match: Match, *, other_names: bool = False) -> Expansion:
        """What looks up the words of one query, and `other_names` of drugs among them."""
        if match not in ("stem", "word", "case"):
            raise UsageError(f"match {match!r}: use stem, word or case")
        known = self.synonyms.with_names(drug_names()) if other_names else self.synonyms
        return Expansion(self.snapshot, match, known, self.synonyms_in_phrases)

    def search(self, query: str | wq.Query, request: Request) -> Results:
        """One page of the passages that match."""
        got = self._find(query, request)
        total, renamed = got.total, got.renamed
        shown = self._page(got.evaluation, got.found, request)
        why = request.why and not request.rank
        hits = tuple(self.hits(got.evaluation, shown, why=why))
        if renamed:
            rest = replace(
                request,
                offset=max(request.offset - total, 0),
                limit=request.limit - len(shown),
            )
            more = self._page(renamed.evaluation, renamed.found, rest)
            hits += tuple(self.hits(renamed.evaluation, more, why=why))
        every = total + (renamed.total if renamed else 0)
        named, distinct = self._facets(got.evaluation, got.found)
        return Results(
            query=query if isinstance(query, str) else repr(query),
            hits=hits,
            total=total,
            relaxed=got.relaxed,
            notes=got.notes,
            facets=named,
            distinct=distinct,
            page=Page(request.offset, request.limit, request.offset + len(hits) < every),
            missing=got.missing,
            suggestion=got.suggestion,
            total_synonyms=every - total,
            synonyms=renamed.names if renamed else (),
        )

    def best_articles(
        self, query: str | wq.Query, request: Request, most: int
    ) -> list[tuple[str, float]]:
        """Ids of the articles of what `search` finds, by their best passage, with its score; of
        equals by id. No more than `most`."""
        got = self._find(query, request)
        if not got.total:
            return []
        parts, ids, scores = self._ordered(got.evaluation, got.found, request, got.total)
        segments = [part.segment for part in self.snapshot.parts]
        numbers = np.empty_like(ids)
        for part, segment in enumerate(segments):
            at = parts == part
            numbers[at] = segment.article_numbers[ids[at]]
        pairs = np.stack((parts, numbers))
        chosen = np.sort(np.unique(pairs, axis=1, return_index=True)[1])[:most]
        rows = zip(*pairs[:, chosen].tolist(), scores[chosen].tolist())
        return [(segments[part].article_ids[number], score) for part, number, score in rows]

    def _find(self, query: str | wq.Query, request: Request) -> _Outcome:
        """What a query finds, or any of its words where no passage has all."""
        if request.limit < 0 or request.offset < 0:
            raise UsageError("limit and offset must not be negative")
        if request.sort not in get_args(Sort):
            raise UsageError(f"sort {request.sort!r}: use {', '.join(get_args(Sort))}")
        parsed = self.understand(query, request.any, capitals=True)
        notes = list(parsed.notes)
        filters = tuple(_filters(request))
        if request.section_path is not None and not self.has_section(request.section_path):
            notes.append(f"no section has the path {request.section_path}")
        named = request.articles or "article" in str(query).lower()
        if named and not request.partial:  # else a shard that is lost may have the article
            missed = self._unknown_articles(parsed.tree, request)
            notes += [f"no article has the id {name}" for name in missed]
        expansion = self.expansion(request.match)
        evaluation = self.evaluate(parsed.tree, request.match, filters=filters, expansion=expansion)
        found, total, relaxed = evaluation.run(), evaluation.total, False
        missing: tuple[str, ...] = ()
        suggestion = ""
        renamed = self.renamed(query, parsed.tree, evaluation, request, filters)
        if not total:
            relaxing = parsed.bare and not request.any and not renamed
            missing, suggestion = self._explain(query, evaluation, request, filters, relaxing)
            if relaxing:
                tree = parse(str(query), any=True, capitals=True).tree
                evaluation = self.evaluate(
                    tree, request.match, filters=filters, expansion=expansion
                )
                found, total = evaluation.run(), evaluation.total
                renamed = self.renamed(query, tree, evaluation, request, filters)
                relaxed = total > 0 or renamed is not None
                if relaxed:
                    asked = str(query) if len(str(query)) <= 200 else f"{str(query)[:199]}…"
                    notes.append(f"no passage has all of {asked}; showing passages with any")
        told = tuple(dict.fromkeys([*notes, *evaluation.notes()]))
        return _Outcome(evaluation, found, total, told, relaxed, missing, suggestion, renamed)

    def renamed(
        self,
        query: str | wq.Query,
        tree: wq.Query,
        exact: Evaluation,
        request: Request,
        filters: tuple[Filter | Phrase, ...] = (),
    ) -> Renamed | None:
        """What `tree` finds with other names of its drugs, and `exact` does not; None for
        nothing."""
        if not request.other_names or not _may_name_drugs(str(query)):
            return None
        expansion = self.expansion(request.match, other_names=True)
        evaluation = self.evaluate(
            tree, request.match, filters=filters, expansion=expansion, but=exact
        )
        answers, total = self._beyond(evaluation, exact)
        if not (expansion.named and total):
            return None
        names = drug_names()
        told = tuple(
            OtherNames(" ".join(words), tuple(occurring), names.labels.get(words, ""))
            for words, others in expansion.named.items()
            if (occurring := [" ".join(one) for one in others if occurs(self.snapshot, one)])
        )
        return Renamed(evaluation, answers, total, told)

    def _beyond(self, evaluation: Evaluation, exact: Evaluation) -> tuple[list[Answer], int]:
        """What an evaluation finds and `exact` does not, and how many passages that are."""
        pairs = zip(evaluation.run(), exact.run(), strict=True)
        answers = [one.without(before.ids) for one, before in pairs]
        return answers, sum(one.size for one in answers)

    def _unknown_articles(self, tree: wq.Query, request: Request) -> list[str]:
        """The ids that a query or its filters name and no article has."""
        typed = [leaf.text for leaf in tree.leaves() if leaf.field() == "article"]
        named = dict.fromkeys([*(request.articles or ()), *typed])
        return [name for name in named if not self.has_article(name)]

    def has_article(self, id: str) -> bool:
        """Whether there is an article with this id."""
        found = [(part, part.segment.article_ids.find(id)) for part in self.snapshot.parts]
        return any(number >= 0 and number not in part.dead for part, number in found)

    def has_section(self, path: str) -> bool:
        """Whether there is a section of exactly this path, as facets give it."""
        wanted = _path(path)
        return any(wanted in part.segment.paths[:] for part in self.snapshot.parts)

    def hits(
        self, evaluation: Evaluation, shown: Iterable[Shown], *, why: bool = False
    ) -> list[Hit]:
        """Hits with marks for (part, passage, score), in that order."""
        return highlight.hits(evaluation, shown, why=why)

    # --- ranking --------------------------------------------------------------------------------

    def _facets(self, evaluation: Evaluation, found: Sequence[Answer]) -> Facets:
        """How many of the passages found stand in each article, section and kind."""
        return facets(evaluation.snapshot, found)

    def _page(
        self, evaluation: Evaluation, found: Sequence[Answer], request: Request
    ) -> list[Shown]:
        """(part, passage, score) of the hits on the page asked for, in their order."""
        if not request.limit:  # only counts are wanted
            return []
        end = request.offset + request.limit
        parts, ids, scores = self._ordered(evaluation, found, request, end)
        rows = zip(parts.tolist(), ids.tolist(), scores.tolist())
        return [*rows][request.offset :]

    def _ordered(
        self, evaluation: Evaluation, found: Sequence[Answer], request: Request, end: int
    ) -> tuple[Array, Array, Array]:
        """Part, passage and score of the first hits up to the one before `end`, in their order. By
        relevance, what their articles say counts for the best."""
        snapshot, best = evaluation.snapshot, request.sort != "position"
        first = max(end, RERANKED)
        rows = []
        for part, one in enumerate(found):
            for ids, scores in one.scored:
                scores = request.rank(part, ids) if request.rank else scores
                if best and first < ids.size:
                    kept = (scores >= least_of_best(scores, first)).nonzero()[0]
                    ids, scores = ids[kept], scores[kept]
                places = snapshot.parts[part].segment.places(ids, snapshot.article_ranks[part])
                rows.append((np.full(ids.size, part), ids, scores, places))
        if not rows:
            return EMPTY, EMPTY, EMPTY
        parts, ids, scores, places = map(np.concatenate, zip(*rows))
        order = np.lexsort((places, -scores) if best else (places,))
        if request.sort == "relevance":
            top = np.sort(order[:RERANKED])
            for part in set(parts[top].tolist()):
                at = top[parts[top] == part]
                at = at[np.argsort(ids[at])]
                scores[at] += evaluation.count_articles(part, ids[at])
            order[:RERANKED] = top[np.lexsort((places[top], -scores[top]))]
        order = order[:end]
        return parts[order], ids[order], scores[order]

    # --- nothing found --------------------------------------------------------------------------

    def _is_nowhere(self, tree: Word | Quote, match: Match = "word") -> bool:
        """Whether no passage has a word, however it is spelt."""
        typed = tree.text if isinstance(tree, Word) else tree.words[0]
        if occurs(self.snapshot, map(fold, tokenize(typed).forms)):
            return False
        return not self.evaluate(tree, match).total

    def _explain(
        self,
        query: str | wq.Query,
        evaluation: Evaluation,
        request: Request,
        filters: tuple[Filter | Phrase, ...],
        relaxing: bool,
    ) -> tuple[tuple[str, ...], str]:
        """Which single words find nothing, and the query with their likeliest spellings in their
        places, with which it finds something.

        Only the words that were looked up can be known to find nothing. When many do, there is no
        query that was meant, and none is suggested. Beside other words a less likely spelling is
        suggested that stands with these in ten times as many passages. Where no passage has all
        words however they are spelt, and any are looked for (`relaxing`), each unknown word is to
        be found.
        """
        parts = range(len(self.snapshot.parts))
        missing: dict[str, None] = {}
        for leaf in evaluation.text_leaves():
            if any(evaluation.holds(leaf, part) for part in parts):
                continue
            for term in terms(leaf.sought):
                if isinstance(term, Phrase):
                    words = [word for word in term.words if not _PATTERNS.search(word)]
                    missing |= {w: None for w in words if self._is_nowhere(Quote("text", [w]))}
                elif term.how == "word" and (
                    term is leaf.sought or self._is_nowhere(Word("text", term.text), request.match)
                ):
                    missing[term.text] = None
        if len(missing) > MOST_CORRECTED:
            return tuple(missing), ""
        beside = len(evaluation.text_leaves()) > len(missing)  # words that tell what was meant
        better: dict[str, list[str]] = {}
        for typed in missing:
            found = corrections(self.snapshot, typed, other_names=request.other_names)
            if likeliest := [written(self.snapshot, word) for word in islice(found, TRIED)]:
                better[typed] = likeliest
        if not better or not isinstance(query, str):
            return tuple(missing), ""

        def total_of(query: str) -> int:
            tree = parse(query, any=request.any, capitals=True).tree
            evaluation = self.evaluate(tree, request.match, filters=filters)
            renamed = self.renamed(query, tree, evaluation, request, filters)
            return evaluation.total + (renamed.total if renamed else 0)

        best, most = "", 0
        for rank in range(TRIED):
            chosen = {word: ranked[min(rank, len(ranked) - 1)] for word, ranked in better.items()}
            corrected = _with_spellings(query, chosen)
            total = total_of(corrected)
            if total > MUCH_MORE * most:
                best, most = corrected, total
            if most and not beside:
                break
        if relaxing and beside and not best and len(better) == len(missing):
            alone = {word: next(filter(total_of, ranked), "") for word, ranked in better.items()}
            best = _with_spellings(query, alone) if all(alone.values()) else ""
        return tuple(missing), best


_SECTION = frozenset({"section"})
_PATTERNS = re.compile(r"[*?]")  # in a heading no more than signs


def _with_spellings(query: str, chosen: Mapping[str, str]) -> str:
    """A query with other spellings in the places of words."""
    for word, other in chosen.items():
        place = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        query = place.sub(other, query)
    return query


def _path(value: str) -> str:
    """A section path as segments keep it."""
    return "\n".join(path_of(value))


def _filters(request: Request) -> Iterable[Filter | Phrase]:
    """What restricts the passages without scoring them."""
    if request.articles is not None:
        yield Filter("article", request.articles, request.together)
    if request.kind is not None:
        if request.kind not in KINDS:
            raise UsageError(f"kind {request.kind!r}: use one of {', '.join(KINDS)}")
        yield Filter("kind", (request.kind,))
    if request.section is not None:
        typed = _PATTERNS.sub(" ", request.section).split()
        words = tuple([w for w in typed if tokenize(w).forms])
        if not words:
            raise UsageError(f"section {request.section!r}: name a word of the heading")
        yield Phrase(words)
    if request.section_path is not None:
        yield Filter("path", (_path(request.section_path),))


def _may_name_drugs(query: str) -> bool:
    """Whether a query has a word of a name that has others, or a misspelt word."""
    words = [bare_name((fold(form),))[0] for form in tokenize(query).forms]
    return "~" in query or not words_of_drug_names().isdisjoint(words)
