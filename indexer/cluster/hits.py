"""Judging the engine's hits: the unchanged matcher and scorer over some passages, with the words
of the whole corpus.

In: a snapshot of some passages, the words of their corpus, and how many of its passages hold each
leaf. Out: a matcher that finds, marks and scores as if the snapshot held the whole corpus. Refuses
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from indexer.cluster.compiler import MATCH_ALL, Dsl
from indexer.cluster.engine import Json
from indexer.model import Match
from indexer.search import bm25f
from indexer.search.bm25f import Parameters
from indexer.search.boolean import FieldHits, LeafHits, PartMatches
from indexer.search.expansion import Expansion, Pattern
from indexer.search.matcher import Collection, Matcher
from indexer.search.plan import Leaf, Node, Phrase, Term
from indexer.search.searcher import Searcher
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array


@dataclass
class HitExpansion(Expansion):
    """Looks up in some passages the spellings that the whole corpus has."""

    corpus: Expansion = field(kw_only=True)

    def pattern(self, sought: Term | Phrase) -> Pattern:
        """The spellings of a word or phrase in the corpus."""
        return self.corpus.pattern(sought)

    def foreign_to(self, folded: str) -> frozenset[str]:
        """Languages of the corpus in which a word has no other forms."""
        return self.corpus.foreign_to(folded)

    @cached_property
    def _languages(self) -> list[str]:
        return self.corpus._languages

    def is_function_word(self, leaf: Leaf) -> bool:
        """Whether a leaf is a function word in the corpus."""
        return self.corpus.is_function_word(leaf)

    def notes(self, plan: Node) -> list[str]:
        """Notes on spellings of a plan that were left out."""
        return self.corpus.notes(plan)


@dataclass(frozen=True)
class HitFrequencies:
    """How many passages of content hold each leaf, by its number."""

    every: Mapping[int, int] = field(default_factory=dict)  # in the corpus
    own: Mapping[int, int] = field(default_factory=dict)  # in the articles that a query names
    size: int = 0  # passages in those articles
    total: int | None = 0  # passages that the query finds; None if these are yet to be counted
    occurrences: Mapping[int, int] = field(default_factory=dict)  # in texts of the corpus
    # from a leaf and article ids: its occurrences in the articles' texts, and the articles' norms
    whole: Callable[[Leaf, Sequence[str]], tuple[Array, Array]] | None = None


class HitCollection(Collection):
    """Some passages, with the statistics of the whole corpus that scoring needs."""

    def __init__(
        self,
        snapshot: Snapshot,
        parameters: Parameters,
        sums: bm25f.Sums,
        frequencies: HitFrequencies,
    ) -> None:
        self.snapshot, self.parameters, self.sums = snapshot, parameters, sums
        self._norms, self._articles, self._frequencies = {}, {}, frequencies

    def document_frequency(self, leaf: Leaf, hits_of: Callable[[Leaf, int], LeafHits]) -> int:
        """How many passages of the corpus hold a leaf in their text or in headings above it."""
        return self._frequencies.every.get(leaf.number, 1)

    def occurrences(
        self, leaf: Leaf, expansion: Expansion, hits_of: Callable[[Leaf, int], LeafHits]
    ) -> int:
        """Occurrences of a leaf, spelt as one token, in the texts of the corpus's passages."""
        return self._frequencies.occurrences.get(leaf.number, 0)

    def in_articles(
        self, leaf: Leaf, text: FieldHits, part: int, numbers: Array
    ) -> tuple[Array, Array]:
        """Occurrences of a leaf in the texts of whole articles, and the articles' norms."""
        if self._frequencies.whole is None:
            return super().in_articles(leaf, text, part, numbers)
        ids = self.snapshot.parts[part].segment.article_ids
        return self._frequencies.whole(leaf, [ids[number] for number in numbers.tolist()])

    def own_frequency(
        self, leaf: Leaf, articles: Sequence[str], hits_of: Callable[[Leaf, int], LeafHits]
    ) -> int:
        """How many passages of some articles hold a leaf."""
        return self._frequencies.own.get(leaf.number, 1)

    def own_size(self, articles: Sequence[str]) -> int:
        """How many passages of content some articles have."""
        return self._frequencies.size


class HitsMatcher(Matcher):
    """A plan over passages that the engine found."""

    query: Dsl = MATCH_ALL  # finds exactly the plan's passages
    found: int | None = None  # total that the engine counted; None: as many as the snapshot has
    counts: Callable[[Leaf], bool] | None = None  # whether the corpus holds a leaf
    offset = 0  # hits before the snapshot's first, in the requested order
    is_sketched = False  # whether the snapshot lacks the passages' texts
    like: Callable[[Snapshot], HitsMatcher] | None = None  # the same plan over other passages
    facets: Future[Json] | None = None  # the engine's counts for facets

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._collection: Collection = args[0]
        self._masked: set[int] = set()  # parts whose matches no longer have stand-ins

    @property
    def total(self) -> int:
        """How many passages satisfy the query."""
        return super().total if self.found is None else self.found

    @property
    def here(self) -> int:
        """How many of them the snapshot holds."""
        return super().total

    @property
    def is_partial(self) -> bool:
        """Whether the total comes from the engine: the snapshot holds only some of the hits."""
        return self.found is not None

    def _matches_of(self, part: int) -> PartMatches:
        matches = super()._matches_of(part)
        live = self.snapshot.parts[part].live
        if live is not None and part not in self._masked:
            text, beside = (ids[live[ids]] for ids in (matches.text, matches.beside))
            matches = PartMatches(matches.found, text, beside)
            self._by_part[part] = matches
            self._masked.add(part)
        return matches

    def in_articles(self, leaf: Leaf, names: Sequence[str]) -> tuple[Array, Array]:
        """Occurrences of a leaf in the texts of some articles, and the articles' norms; 0 and 1.0
        for articles that the snapshot lacks."""
        homes = [self.snapshot.articles_by_id.get(name, (-1, -1)) for name in names]
        parts, numbers = np.array(homes).T
        counts, norms = np.zeros(numbers.size, np.int64), np.ones(numbers.size)
        for part in set(parts.tolist()) - {-1}:
            at = parts == part
            text = self._leaves.hits_of(leaf, part).text
            counts[at], norms[at] = self._collection.in_articles(leaf, text, part, numbers[at])
        return counts, norms

    @property
    def weights(self) -> Mapping[int, float]:
        """Leaf number → weight, for each leaf that adds to scores."""
        return self._leaves.weights

    def holds(self, leaf: Leaf, part: int) -> bool:
        """Whether a passage of the corpus holds a leaf in its text or in headings above it."""
        return self.counts(leaf) if self.counts else super().holds(leaf, part)


@dataclass(frozen=True)
class ViewSearcher(Searcher):
    """Searches some passages with the words of a whole corpus."""

    words: Snapshot = field(kw_only=True)  # of the corpus
    sums: bm25f.Sums = field(kw_only=True)

    @cached_property
    def collection(self) -> Collection:
        """The snapshot's passages with the corpus statistics that scoring needs."""
        return HitCollection(self.snapshot, self.parameters, self.sums, HitFrequencies())

    def expansion(self, match: Match, *, other_names: bool = False) -> Expansion:
        """The expansion that looks up one query's words in the corpus."""
        return replace(super().expansion(match, other_names=other_names), snapshot=self.words)

    def _matcher(
        self, expansion: Expansion, plan: Node, notes: list[str], but: Matcher | None
    ) -> Matcher:
        return self.over(self.snapshot, expansion, plan, notes)

    def over(
        self,
        snapshot: Snapshot,
        expansion: Expansion,
        plan: Node,
        notes: Sequence[str] = (),
        frequencies: HitFrequencies = HitFrequencies(),
    ) -> HitsMatcher:
        """The matcher of a plan over some passages."""
        collection = HitCollection(snapshot, self.parameters, self.sums, frequencies)
        looking = HitExpansion(
            snapshot, expansion.match, self.synonyms, self.synonyms_in_phrases, corpus=expansion
        )
        return HitsMatcher(collection, looking, plan, notes)
