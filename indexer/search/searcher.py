"""Search: takes a query, returns ranked passages with marks, facets, notes and exact totals.

In: a query as typed, or its tree, and a `Request`. Out: `Results`; or the `Matcher` of a tree.
Refuses (`UsageError`) options with other values than theirs, and what `limits` refuses.

Works on one snapshot. `Matcher` decides what matches; this module ranks and pages the matches,
marks the hits shown, counts facets over all matches, and notes what was relaxed or ignored.
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
from indexer.search.boolean import PartMatches
from indexer.search.expansion import Expansion
from indexer.search.facets import Facets, facets, path_of
from indexer.search.highlight import Shown
from indexer.search.matcher import Collection, Matcher
from indexer.search.plan import (
    And,
    Constant,
    Filter,
    Leaf,
    Node,
    Phrase,
    PlanCompiler,
    Term,
    simplified,
    terms,
)
from indexer.search.spelling import commonest_form, corrections, occurs
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import EMPTY, Array, least_of_best
from indexer.text.folding import fold
from indexer.text.synonyms import Synonyms, bare_name, drug_names, words_of_drug_names
from indexer.text.tokenizer import tokenize

Sort = Literal["relevance", "position", "semantic"]
MOST_CORRECTED = 4  # most unmatched words of a query that are corrected
TRIED = 3  # spellings tried for each of them
MUCH_MORE = 10  # a less likely spelling is suggested if it finds more than this many times as many


@dataclass(frozen=True, slots=True)
class Request:
    """Options of a search: everything but the query."""

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
    together: bool = False  # whether `articles` count as one article, which has its own df
    why: bool = False  # whether hits carry the parts of their scores
    partial: bool = False  # in a cluster: whether to answer from the shards left if some are lost
    rank: Callable[[int, Array], Array] | None = None  # (part, passages) → scores, for `semantic`


@dataclass(frozen=True, slots=True)
class OtherNameMatches:
    """Further matches of a query: by other names of its drugs, and not by its own words."""

    matcher: Matcher
    found: list[PartMatches]
    total: int
    names: tuple[OtherNames, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Matches of a query in each part, with notes and suggestions."""

    matcher: Matcher
    found: Sequence[PartMatches]
    total: int
    notes: tuple[str, ...]
    relaxed: bool
    missing: tuple[str, ...]  # words without a match
    suggestion: str  # the query with its missing words corrected
    further: OtherNameMatches | None


@dataclass(frozen=True)
class Searcher:
    """Searches one snapshot; safe to share between threads."""

    snapshot: Snapshot
    synonyms: Synonyms = field(default_factory=Synonyms)
    synonyms_in_phrases: bool = False
    parameters: Parameters = DEFAULTS

    @cached_property
    def collection(self) -> Collection:
        """The snapshot with the statistics that scores need."""
        return Collection(self.snapshot, self.parameters)

    def parse(self, query: str | wq.Query, any: bool = False, *, capitals: bool = False) -> Parsed:
        """Parses a query as typed (see `parse`); a tree is taken as it is."""
        if isinstance(query, wq.Query):
            return Parsed(query, (), False)
        return parse(query, any=any, capitals=capitals)

    def matcher(
        self,
        tree: wq.Query,
        match: Match,
        *,
        text_only: bool = False,
        bounded: bool = True,
        filters: Sequence[Filter | Phrase] = (),
        expansion: Expansion | None = None,
        but: Matcher | None = None,
    ) -> Matcher:
        """Evaluates a tree, expanded by compounds and synonyms.

        `bounded`: leaves that would take too long are dropped, with a note; otherwise a tree that
        would take far too long raises `UsageError`. `filters` restrict the matches without scoring
        them (a phrase: by headings). `expansion`: one to reuse, which has looked words up already.
        `but`: a matcher whose matches are not wanted, so that a cluster need not fetch them.
        """
        expansion = expansion or self.expansion(match)
        known = PlanCompiler(text_only=text_only)
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
        elif not is_word:  # however common it is, the first word is never too expensive
            plan, notes = limits.bound(plan, known, expansion)
        if filters:
            plan = And((plan, *restricting))
        return self._matcher(expansion, plan, notes, but)

    def _matcher(
        self, expansion: Expansion, plan: Node, notes: list[str], but: Matcher | None
    ) -> Matcher:
        """The matcher of a plan. (A cluster's searcher first fetches the postings it needs.)"""
        return Matcher(self.collection, expansion, plan, notes)

    def cost(self, tree: wq.Query, match: Match, most: float, *, located: bool = False) -> float:
        """Tokens that have to be read to evaluate a tree; infinite if more than `most`."""
        expansion, known = self.expansion(match), PlanCompiler(text_only=True)
        plan = known.compile(tree)
        expansion.learn(known)
        return limits.cost(
            simplified(expansion.expand(plan, known)), known, expansion, most, located=located
        )

    def check_together(self, queries: Sequence[str], match: Match) -> None:
        """Raises `UsageError` if finding each occurrence of the queries takes far too long."""

        def cost(query: str, most: float) -> float:
            return self.cost(self.parse(query).tree, match, most, located=True)

        limits.check_together(queries, cost, self.expansion(match))

    def expansion(self, match: Match, *, other_names: bool = False) -> Expansion:
        """An expansion for the words of one query; `other_names`: with other names of drugs."""
        if match not in ("stem", "word", "case"):
            raise UsageError(f"match {match!r}: use stem, word or case")
        known = self.synonyms.with_names(drug_names()) if other_names else self.synonyms
        return Expansion(self.snapshot, match, known, self.synonyms_in_phrases)

    def search(self, query: str | wq.Query, request: Request) -> Results:
        """One page of the matching passages."""
        outcome = self._find(query, request)
        total, further = outcome.total, outcome.further
        shown = self._page(outcome.matcher, outcome.found, request)
        why = request.why and not request.rank
        hits = tuple(self.hits(outcome.matcher, shown, why=why))
        if further:
            rest = replace(
                request,
                offset=max(request.offset - total, 0),
                limit=request.limit - len(shown),
            )
            more = self._page(further.matcher, further.found, rest)
            hits += tuple(self.hits(further.matcher, more, why=why))
        every = total + (further.total if further else 0)
        values, distinct = self._facets(outcome.matcher, outcome.found)
        return Results(
            query=query if isinstance(query, str) else repr(query),
            hits=hits,
            total=total,
            relaxed=outcome.relaxed,
            notes=outcome.notes,
            facets=values,
            distinct=distinct,
            page=Page(request.offset, request.limit, request.offset + len(hits) < every),
            missing=outcome.missing,
            suggestion=outcome.suggestion,
            total_synonyms=every - total,
            synonyms=further.names if further else (),
        )

    def best_articles(
        self, query: str | wq.Query, request: Request, most: int
    ) -> list[tuple[str, float]]:
        """(id, score) of up to `most` articles with a match, by the score of their best passage,
        best first; ties by id."""
        outcome = self._find(query, request)
        if not outcome.total:
            return []
        parts, ids, scores = self._ordered(outcome.matcher, outcome.found, request, outcome.total)
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
        """Evaluates a query; if no passage has all of its words, relaxes it to any of them."""
        if request.limit < 0 or request.offset < 0:
            raise UsageError("limit and offset must not be negative")
        if request.sort not in get_args(Sort):
            raise UsageError(f"sort {request.sort!r}: use {', '.join(get_args(Sort))}")
        parsed = self.parse(query, request.any, capitals=True)
        notes = list(parsed.notes)
        filters = tuple(_filters(request))
        if request.section_path is not None and not self.has_section(request.section_path):
            notes.append(f"no section has the path {request.section_path}")
        written = query if isinstance(query, str) else repr(query)
        named = request.articles or "article" in written.lower()
        if named and not request.partial:  # else a shard that is lost may have the article
            missed = self._unknown_articles(parsed.tree, request)
            notes += [f"no article has the id {name}" for name in missed]
        expansion = self.expansion(request.match)
        matcher = self.matcher(parsed.tree, request.match, filters=filters, expansion=expansion)
        found, total, relaxed = matcher.matches(), matcher.total, False
        missing: tuple[str, ...] = ()
        suggestion = ""
        further = self.by_other_names(parsed.tree, matcher, request, filters)
        if not total:
            relaxing = parsed.bare and not request.any and not further
            missing = self._missing(matcher, request.match)
            if isinstance(query, str) and len(missing) <= MOST_CORRECTED:
                beside = len(matcher.text_leaves()) > len(missing)
                suggestion = self._suggested(
                    query, missing, request, filters, beside=beside, relaxing=relaxing
                )
            if relaxing:
                tree = parse(str(query), any=True, capitals=True).tree
                matcher = self.matcher(tree, request.match, filters=filters, expansion=expansion)
                found, total = matcher.matches(), matcher.total
                further = self.by_other_names(tree, matcher, request, filters)
                relaxed = total > 0 or further is not None
                if relaxed:
                    shown = str(query) if len(str(query)) <= 200 else f"{str(query)[:199]}…"
                    notes.append(f"no passage has all of {shown}; showing passages with any")
        all_notes = tuple(dict.fromkeys([*notes, *matcher.notes()]))
        return _Outcome(matcher, found, total, all_notes, relaxed, missing, suggestion, further)

    def by_other_names(
        self,
        tree: wq.Query,
        exact: Matcher,
        request: Request,
        filters: tuple[Filter | Phrase, ...] = (),
    ) -> OtherNameMatches | None:
        """Matches of `tree` by other names of its drugs beyond those of `exact`; None if none."""
        if not request.other_names or not _may_name_drugs(tree):
            return None
        expansion = self.expansion(request.match, other_names=True)
        matcher = self.matcher(tree, request.match, filters=filters, expansion=expansion, but=exact)
        found, total = self._beyond(matcher, exact)
        if not (expansion.named and total):
            return None
        names = drug_names()
        occurring_names = tuple(
            OtherNames(" ".join(words), tuple(occurring), names.labels.get(words, ""))
            for words, others in expansion.named.items()
            if (occurring := [" ".join(one) for one in others if occurs(self.snapshot, one)])
        )
        return OtherNameMatches(matcher, found, total, occurring_names)

    def _beyond(self, matcher: Matcher, exact: Matcher) -> tuple[list[PartMatches], int]:
        """Matches of a matcher that `exact` lacks, by part, and how many passages they are."""
        pairs = zip(matcher.matches(), exact.matches(), strict=True)
        found = [one.without(before.ids) for one, before in pairs]
        return found, sum(one.size for one in found)

    def _unknown_articles(self, tree: wq.Query, request: Request) -> list[str]:
        """Article ids in the query or its filters that no article has."""
        typed = [leaf.text for leaf in tree.leaves() if leaf.field() == "article"]
        named = dict.fromkeys([*(request.articles or ()), *typed])
        return [name for name in named if not self.has_article(name)]

    def has_article(self, id: str) -> bool:
        """Whether there is an article with this id."""
        found = [(part, part.segment.article_ids.find(id)) for part in self.snapshot.parts]
        return any(number >= 0 and number not in part.dead for part, number in found)

    def has_section(self, path: str) -> bool:
        """Whether any section has exactly this path, written as facets write it."""
        wanted = _path(path)
        return any(wanted in part.segment.paths[:] for part in self.snapshot.parts)

    def hits(self, matcher: Matcher, shown: Iterable[Shown], *, why: bool = False) -> list[Hit]:
        """Hits with marks for (part, passage, score), in the order given."""
        return highlight.hits(matcher, shown, why=why)

    # --- ranking --------------------------------------------------------------------------------

    def _facets(self, matcher: Matcher, found: Sequence[PartMatches]) -> Facets:
        """The facets of all matches: passages in each article, section and kind."""
        return facets(matcher.snapshot, found)

    def _page(
        self, matcher: Matcher, found: Sequence[PartMatches], request: Request
    ) -> list[Shown]:
        """(part, passage, score) of the hits on the requested page, in order."""
        if not request.limit:  # only counts are wanted
            return []
        end = request.offset + request.limit
        parts, ids, scores = self._ordered(matcher, found, request, end)
        rows = zip(parts.tolist(), ids.tolist(), scores.tolist())
        return [*rows][request.offset :]

    def _ordered(
        self, matcher: Matcher, found: Sequence[PartMatches], request: Request, end: int
    ) -> tuple[Array, Array, Array]:
        """Part, passage and score of the first `end` hits, in order. By relevance, the best
        `RERANKED` are reordered with the scores of their articles added."""
        snapshot, best = matcher.snapshot, request.sort != "position"
        first = max(end, RERANKED)
        rows = []
        for part, matches in enumerate(found):
            for ids, scores in matches.scored:
                scores = request.rank(part, ids) if request.rank else scores
                if best and first < ids.size:
                    kept = (scores >= least_of_best(scores, first)).nonzero()[0]
                    ids, scores = ids[kept], scores[kept]
                places = snapshot.parts[part].segment.sort_keys(ids, snapshot.article_ranks[part])
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
                scores[at] += matcher.add_article_scores(part, ids[at])
            order[:RERANKED] = top[np.lexsort((places[top], -scores[top]))]
        order = order[:end]
        return parts[order], ids[order], scores[order]

    # --- nothing found --------------------------------------------------------------------------

    def _is_nowhere(self, tree: Word | Quote, match: Match = "word") -> bool:
        """Whether no passage has a word, in any spelling."""
        typed = tree.text if isinstance(tree, Word) else tree.words[0]
        if occurs(self.snapshot, map(fold, tokenize(typed).forms)):
            return False
        return not self.matcher(tree, match).total

    def _missing(self, matcher: Matcher, match: Match) -> tuple[str, ...]:
        """The single words of a query without a match, as far as they were looked up."""
        parts = range(len(self.snapshot.parts))
        missing: dict[str, None] = {}
        for leaf in matcher.text_leaves():
            if any(matcher.holds(leaf, part) for part in parts):
                continue
            for term in terms(leaf.sought):
                if isinstance(term, Phrase):
                    words = [word for word in term.words if not _PATTERNS.search(word)]
                    missing |= {w: None for w in words if self._is_nowhere(Quote("text", [w]))}
                elif term.how == "word" and (
                    term is leaf.sought or self._is_nowhere(Word("text", term.text), match)
                ):
                    missing[term.text] = None
        return tuple(missing)

    def _suggested(
        self,
        query: str,
        missing: Sequence[str],
        request: Request,
        filters: tuple[Filter | Phrase, ...],
        *,
        beside: bool,
        relaxing: bool,
    ) -> str:
        """The query with its missing words replaced by their likeliest spellings; "" if no
        spelling finds anything.

        A less likely spelling is suggested if it finds, with the other words of the query
        (`beside`: there are some, which tell what was meant), over `MUCH_MORE` times as many
        passages. If no passage has all words in any spelling and passages with any are to be shown
        (`relaxing`), each word is corrected alone.
        """
        better: dict[str, list[str]] = {}
        for typed in missing:
            found = corrections(self.snapshot, typed, other_names=request.other_names)
            if likeliest := [commonest_form(self.snapshot, word) for word in islice(found, TRIED)]:
                better[typed] = likeliest
        if not better:
            return ""

        def total_of(query: str) -> int:
            tree = parse(query, any=request.any, capitals=True).tree
            matcher = self.matcher(tree, request.match, filters=filters)
            further = self.by_other_names(tree, matcher, request, filters)
            return matcher.total + (further.total if further else 0)

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
        return best


_SECTION = frozenset({"section"})
_PATTERNS = re.compile(r"[*?]")  # in a heading these are plain signs


def _with_spellings(query: str, chosen: Mapping[str, str]) -> str:
    """The query with words replaced by the chosen spellings."""
    for word, other in chosen.items():
        place = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        query = place.sub(other, query)
    return query


def _path(value: str) -> str:
    """A section path in the form that segments store."""
    return "\n".join(path_of(value))


def _filters(request: Request) -> Iterable[Filter | Phrase]:
    """The filters of a request, which restrict matches without scoring them."""
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


def _may_name_drugs(tree: wq.Query) -> bool:
    """Whether a query has a word from a drug's name that has synonyms, or a fuzzy word."""
    written = repr(tree)
    words = [bare_name((fold(form),))[0] for form in tokenize(written).forms]
    return "FuzzyTerm" in written or not words_of_drug_names().isdisjoint(words)
