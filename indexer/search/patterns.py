"""Leaves of a query, resolved against one segment: what to look for, token by token.

A typed word is analysed by the one tokeniser, so that `25mg` is two tokens and `1,000` one. Its
other spellings (hyphenated, spaced, joined) and its synonyms are further sequences of the same
pattern. The union is bounded; what was cut is said in a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from whoosh import query as wq

from indexer.model import Match
from indexer.query.nodes import Near, Word
from indexer.search.chains import ordered
from indexer.search.expansion import Place, Speller, Spelling
from indexer.search.limits import Bounder
from indexer.search.merging import merged
from indexer.search.nearness import near, near_words
from indexer.search.positions import Scope, Zone
from indexer.search.spans import Found, contiguous, united
from indexer.search.term import CODE, Element, element
from indexer.search.trees import in_text, is_positional, rebuilt
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import EMPTY, Array
from indexer.text.folding import fold
from indexer.text.tokenizer import LONGEST_COMPOUND, compounds, tokenize

MOST_SEQUENCES = 64  # alternatives of one leaf


class Synonym(Word):
    """A synonym of several bare words, in one place of the tree; its text is folded."""


@dataclass(frozen=True)
class Pattern:
    """One leaf: alternative spellings, each a sequence of places."""

    spellings: tuple[Spelling, ...]
    slop: int = 1
    phrase: bool = False  # a contiguous run of several words is marked as a phrase
    notes: tuple[str, ...] = ()


@dataclass
class Lexicon:
    """Turns leaves into patterns for one snapshot, match mode and list of synonyms."""

    speller: Speller
    _patterns: dict[object, Pattern] = field(default_factory=dict)  # of one tree
    _resolved: dict[object, Pattern] = field(default_factory=dict)  # of all trees
    _of_leaf: dict[int, tuple[wq.Query, Pattern]] = field(default_factory=dict)  # by identity
    _elements: dict[tuple[Place, int], Element] = field(default_factory=dict)
    _notes: list[str] = field(default_factory=list)

    @property
    def snapshot(self) -> Snapshot:
        """Where words are looked up."""
        return self.speller.snapshot

    def anew(self) -> Lexicon:
        """For another tree of the same words, which need not be looked up again."""
        return Lexicon(self.speller, _resolved=self._resolved, _elements=self._elements)

    def pattern(self, leaf: wq.Query) -> Pattern:
        """The pattern of a leaf (kept: a leaf is resolved once, and so are equal ones)."""
        known = self._of_leaf.get(id(leaf))
        if known is not None:
            return known[1]
        key = (type(leaf).__name__, repr(leaf))
        found = self._patterns.get(key)
        if found is None:
            found = self._resolved.get(key)
            if found is None:
                found = self._resolved[key] = self._resolve(leaf)
            self._patterns[key] = found
        self._of_leaf[id(leaf)] = leaf, found  # with the leaf, so that no other takes its identity
        return found

    def notes(self) -> list[str]:
        """What was left out of the tree, and of the patterns resolved so far."""
        return [*self._notes, *(note for p in self._patterns.values() for note in p.notes)]

    def _resolve(self, leaf: wq.Query) -> Pattern:
        if isinstance(leaf, wq.Phrase):
            return self._phrase(leaf.words, leaf.slop)
        if isinstance(leaf, wq.FuzzyTerm):
            return self._fuzzy(leaf.text, leaf.maxdist)
        if isinstance(leaf, wq.Prefix):
            return Pattern((self.speller.expanded(leaf.text + "*"),))
        if isinstance(leaf, wq.Wildcard):
            return Pattern((self.speller.expanded(leaf.text),))
        if isinstance(leaf, Synonym):
            return Pattern((self.speller.synonym(self.speller.folds(leaf.text)),))
        if isinstance(leaf, wq.Term):
            return self._word(str(leaf.text))
        return Pattern(())

    def expand(self, tree: wq.Query, *, bounded: bool = True) -> wq.Query:
        """The tree as it is evaluated; what it spells with hyphens is known from then on.

        With `bounded` it is cut to what is answered in time, and `notes` say so.
        """
        for leaf in tree.leaves():
            for word in leaf.words if isinstance(leaf, wq.Phrase) else [getattr(leaf, "text", "")]:
                self.speller.typed |= compounds(str(word))
        expanded = self._expand(tree)
        bounder = Bounder(self, limited=bounded)
        within = bounder.bound(expanded)
        self._notes = bounder.notes
        return within

    def _expand(self, tree: wq.Query) -> wq.Query:
        """The tree with neighbouring bare words allowed to be one word, or a synonym of both.

        `anti inflammatory` also finds *antiinflammatory* where the corpus hyphenates it, and
        `heart attack` the synonyms of that term.
        """
        if isinstance(tree, Near) or is_positional(tree):
            return tree
        if isinstance(tree, wq.Not):
            return wq.Not(in_text(tree.query))
        if isinstance(tree, wq.AndNot):
            return wq.AndNot(self._expand(tree.a), in_text(tree.b))
        if isinstance(tree, wq.And):
            return wq.And(self._expand_run([self._expand(q) for q in tree.subqueries]), tree.boost)
        return rebuilt(tree, self._expand)

    def _expand_run(self, nodes: list[wq.Query]) -> list[wq.Query]:
        out: list[wq.Query] = []
        at = 0
        while at < len(nodes):
            for size in range(max(LONGEST_COMPOUND, self.speller.synonyms.longest), 1, -1):
                run = nodes[at : at + size]
                if len(run) == size and all(type(q) is Word and q.fieldname == "any" for q in run):
                    others = self._as_one(run)
                    if others:
                        out.append(wq.Or([wq.And(run), *others]))
                        at += size
                        break
            else:
                out.append(nodes[at])
                at += 1
        return out

    def _as_one(self, run: Sequence[wq.Query]) -> list[wq.Query]:
        """What else a run of bare words may stand as."""
        speller = self.speller
        folds = tuple(f for q in run for f in speller.folds(q.text))
        others: list[wq.Query] = []
        if 1 < len(folds) <= LONGEST_COMPOUND and speller.is_compound(folds, speller.match):
            others.append(Word("any", "".join(q.text for q in run)))
        terms = speller.synonyms.of(folds, speller.roots)
        return others + [Synonym("any", " ".join(term)) for term in terms]

    # --- words ----------------------------------------------------------------------------------

    def _word(self, typed: str) -> Pattern:
        others = self.speller.synonyms_of(typed)
        if not others and (only := self.speller.only(typed)):
            return Pattern((only,))
        return _bounded(chain(others, self.speller.spellings([typed], self.speller.match)), typed)

    def _phrase(self, words: Sequence[str], slop: int) -> Pattern:
        """Words in quotes: as written (no stems), with prefixes and patterns where a * stands."""
        mode: Match = "case" if self.speller.match == "case" else "word"
        typed = " ".join(words)
        found = _bounded(self.speller.spellings(words, mode, in_quotes=True), f'"{typed}"')
        return Pattern(found.spellings, slop, True, found.notes)

    def _fuzzy(self, typed: str, distance: int) -> Pattern:
        places = []
        for form in tokenize(typed).forms:
            digits = any(map(str.isdigit, form))
            places.append(
                Place(self.speller.match, self.speller.key(form))
                if digits
                else Place(f"fuzzy{min(distance, 2)}", fold(form))
            )
        others = self.speller.synonyms_near(typed, distance)
        return _bounded([tuple(places), *others], typed)

    # --- looking up -----------------------------------------------------------------------------

    def find(self, leaf: wq.Query | Pattern, segment: Segment, scope: Scope) -> Found:
        """Occurrences of a positional leaf, a NEAR or an OR of such, in the scope."""
        if isinstance(leaf, Pattern):
            return self._find(leaf, segment, scope)
        if isinstance(leaf, Near):
            # The rarer side first; the other one is then sought in the same units alone.
            first, second = sorted(leaf.subqueries, key=lambda q: self.most(q, segment))
            if leaf.distance is not None and isinstance(scope, Zone):
                one, another = self.one_word(first, segment), self.one_word(second, segment)
                if one and another:
                    return near_words(segment, (one, another), leaf.distance, scope)
            found = self.find(first, segment, scope)
            if not found.starts.size:
                return found
            other = self.find(second, segment, self._partners(second, leaf.distance, found, scope))
            return near(segment, found, other, leaf.distance)
        if isinstance(leaf, wq.Or):
            return self._find_any(leaf.subqueries, segment, scope)
        return self._find(self.pattern(leaf), segment, scope)

    def _find_any(self, leaves: Sequence[wq.Query], segment: Segment, scope: Scope) -> Found:
        """Occurrences of several; those that are one word each are looked for at once."""
        words: list[Element] = []
        others: list[wq.Query] = []
        for leaf in leaves:
            spellings = () if isinstance(leaf, (Near, wq.Or)) else self.pattern(leaf).spellings
            if spellings and all(len(spelling) == 1 for spelling in spellings):
                words += (self.element(place, segment) for (place,) in spellings)
            else:
                others.append(leaf)
        found = [self.find(q, segment, scope) for q in others]
        if words:
            forms = merged(words)
            found.append(Found.tokens(segment, forms, scope.tokens(forms)))
        return united(found)

    def starts(self, leaf: wq.Query, segment: Segment, zone: Zone) -> Array:
        """Where the occurrences of a leaf begin, of a single word in as few bits as may be."""
        word = self.one_word(leaf, segment)
        return zone.narrow_tokens(word) if word else self.find(leaf, segment, zone).starts

    def one_range(self, leaf: wq.Query, segment: Segment) -> tuple[int, int] | None:
        """The form ids [low, high) of which a leaf matches any, if it is nothing more."""
        word = self.one_word(leaf, segment)
        lows, highs = word.joined if word else (EMPTY, EMPTY)
        return (int(lows[0]), int(highs[0])) if lows.size == 1 else None

    def one_word(self, leaf: wq.Query, segment: Segment) -> Element | None:
        """What a leaf matches, if it has one spelling of one token."""
        if isinstance(leaf, (Near, wq.Or)):
            return None
        spellings = self.pattern(leaf).spellings
        one = len(spellings) == 1 and len(spellings[0]) == 1
        return self.element(spellings[0][0], segment) if one else None

    def _partners(self, leaf: wq.Query, distance: int | None, found: Found, scope: Scope) -> Scope:
        """Where what stands near `found` may be, if it is this leaf."""
        if distance is not None and is_positional(leaf) and not isinstance(leaf, Near):
            pattern = self.pattern(leaf)
            if not any(_is_loose(pattern, spelling) for spelling in pattern.spellings):
                longest = max(map(len, pattern.spellings), default=1)
                return scope.near(found.starts, found.ends, distance + longest)
        return scope.around(found.starts)

    def most(self, leaf: wq.Query, segment: Segment) -> int:
        """No fewer than the occurrences that a leaf has in a segment."""
        if isinstance(leaf, Near):
            return min(self.most(q, segment) for q in leaf.subqueries)
        if isinstance(leaf, wq.Or):
            return sum(self.most(q, segment) for q in leaf.subqueries)
        return sum(
            min(self.element(place, segment).frequency(segment) for place in spelling)
            for spelling in self.pattern(leaf).spellings
            if spelling
        )

    def _find(self, pattern: Pattern, segment: Segment, scope: Scope) -> Found:
        found = []
        for spelling in pattern.spellings:
            if not spelling:
                continue
            elements = [self.element(place, segment) for place in spelling]
            if _is_loose(pattern, spelling):
                words = _words(spelling, elements)
                found.append(ordered(segment, words, pattern.slop, scope))
                continue
            starts = contiguous(segment, elements, scope)
            codes = partial(_codes, segment, pattern, elements, starts)
            found.append(Found.plain(starts, len(elements), codes))
        return united(found)

    def element(self, place: Place, segment: Segment) -> Element:
        """Form ids of a place in this segment, with the reasons why they match (kept)."""
        key = (place, id(segment))
        found = self._elements.get(key)
        if found is None:
            found = self._elements[key] = self._look_up(place, segment)
        return found

    def _look_up(self, place: Place, segment: Segment) -> Element:
        vocabulary = segment.vocabulary
        if place.how == "prefix":
            found = vocabulary.with_pattern(vocabulary.prefix_ranges(place.text[:-1]), place.cased)
            return element([(found, "prefix")])
        if place.how == "wildcard":
            found = vocabulary.with_pattern(vocabulary.wildcard_ranges(place.text), place.cased)
            return element([(found, "wildcard")])
        if place.how.startswith("fuzzy"):
            distance = int(place.how[-1])
            same = vocabulary.fold_ranges(place.text)
            others = vocabulary.fuzzy_ranges(place.text, distance)
            return element([(same, "exact"), (others, "fuzzy")])
        exact = vocabulary.fold_ranges(fold(place.text))
        if place.how == "case":
            possessive = vocabulary.fold_ranges(fold(place.text) + "'s")
            exact = vocabulary.with_case(exact, place.text)
            possessive = vocabulary.with_case(possessive, place.text + "'s")
            return element([(exact, place.reason or "exact"), (possessive, place.reason or "stem")])
        if place.how == "word":
            possessive = vocabulary.fold_ranges(place.text + "'s")
            return element([(exact, place.reason or "exact"), (possessive, place.reason or "stem")])
        stems = vocabulary.stem_ranges(place.text, self.speller.foreign_to(place.text))
        return element([(exact, place.reason or "exact"), (stems, place.reason or "stem")])


def _is_loose(pattern: Pattern, spelling: Spelling) -> bool:
    """Whether there may be other words between some of its places."""
    return pattern.slop > 1 and not all(place.more for place in spelling[:-1])


def _words(spelling: Spelling, elements: Sequence[Element]) -> list[list[Element]]:
    """The elements, those of one typed word together."""
    words: list[list[Element]] = [[]]
    for place, e in zip(spelling, elements, strict=True):
        words[-1].append(e)
        if not place.more:
            words.append([])
    return [w for w in words if w]


def _codes(
    segment: Segment,
    pattern: Pattern,
    elements: Sequence[Element],
    starts: Array,
) -> Array:
    """Reason code of each match: of its word; of a run, phrase or the least exact of its words."""
    if len(elements) > 1 and pattern.phrase:
        return np.full(starts.size, CODE["phrase"], np.uint8)
    codes = np.zeros(starts.size, np.uint8)
    for i, e in enumerate(elements):
        codes = np.maximum(codes, e.reasons(segment.forms_at(starts + i)))
    return codes


def _bounded(spellings: Iterable[Spelling], typed: str) -> Pattern:
    """A pattern of the first spellings; how many there are is not counted, for they multiply."""
    kept: dict[Spelling, None] = {}
    for spelling in spellings:
        if len(kept) == MOST_SEQUENCES and spelling not in kept:
            shown = typed if len(typed) <= 80 else f"{typed[:79]}…"
            note = f"only {MOST_SEQUENCES} spellings of {shown} were searched; it has more"
            return Pattern(tuple(kept), notes=(note,))
        kept[spelling] = None
    return Pattern(tuple(kept))
