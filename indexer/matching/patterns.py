"""Leaves of a query, resolved against one segment: what to look for, token by token.

A typed word is analysed by the one tokeniser, so that `25mg` is two tokens and `1,000` one. Its
other spellings (hyphenated, spaced, joined) and its synonyms are further sequences of the same
pattern. The union is bounded; what was cut is said in a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, chain, pairwise

import numpy as np
from whoosh import query as wq

from indexer.analysis import (
    LONGEST_COMPOUND,
    compounds,
    fold,
    fold_keep_case,
    function_languages,
    stem,
    tokenize,
)
from indexer.arrays import Array, Segment, Snapshot
from indexer.matching.elements import CODE, Element, element
from indexer.matching.spans import Found, Tokens, contiguous, near, ordered, united
from indexer.matching.trees import in_text, is_positional, rebuilt
from indexer.model import Match, Reason
from indexer.querying import Near, Word
from indexer.synonyms import Synonyms

MOST_SEQUENCES = 64  # alternatives of one leaf
MOST_FORMS = 20_000  # forms that one prefix, wildcard or fuzzy word may stand for


@dataclass(frozen=True)
class Place:
    """One token of a sequence before it is looked up: how to find it, and why it would match."""

    how: str  # a Match, or "prefix", "wildcard", "fuzzy1", "fuzzy2"
    text: str  # folded; in mode case, with its case kept
    reason: Reason | None = None  # None: exact, stem or what `how` says
    more: bool = False  # whether the word that was typed goes on with the next place
    cased: str = ""  # of a prefix or pattern in mode case: the same with its case kept


Spelling = tuple[Place, ...]


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

    snapshot: Snapshot
    match: Match
    synonyms: Synonyms
    in_phrases: bool = False  # whether synonyms count inside quotes
    typed: set[tuple[str, ...]] = field(default_factory=set)  # hyphenated words of the query
    _patterns: dict[object, Pattern] = field(default_factory=dict)
    _elements: dict[tuple[Place, int], Element] = field(default_factory=dict)

    def pattern(self, leaf: wq.Query) -> Pattern:
        """The pattern of a leaf (kept: a leaf is resolved once)."""
        key = (type(leaf).__name__, repr(leaf))
        if key not in self._patterns:
            self._patterns[key] = self._resolve(leaf)
        return self._patterns[key]

    def notes(self) -> list[str]:
        """What was cut from the patterns resolved so far."""
        return [note for p in self._patterns.values() for note in p.notes]

    def _resolve(self, leaf: wq.Query) -> Pattern:
        if isinstance(leaf, wq.Phrase):
            return self._phrase(leaf.words, leaf.slop)
        if isinstance(leaf, wq.FuzzyTerm):
            return self._fuzzy(leaf.text, leaf.maxdist)
        if isinstance(leaf, wq.Prefix):
            return Pattern((self._expanded(leaf.text + "*"),))
        if isinstance(leaf, wq.Wildcard):
            return Pattern((self._expanded(leaf.text),))
        if isinstance(leaf, Synonym):
            return Pattern((self._synonym(self._folds(leaf.text)),))
        if isinstance(leaf, wq.Term):
            return self._word(str(leaf.text))
        return Pattern(())

    def expand(self, tree: wq.Query) -> wq.Query:
        """The tree as it is evaluated; what it spells with hyphens is known from then on."""
        for leaf in tree.leaves():
            for word in leaf.words if isinstance(leaf, wq.Phrase) else [getattr(leaf, "text", "")]:
                self.typed |= compounds(str(word))
        return self._expand(tree)

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
            for size in range(max(LONGEST_COMPOUND, self.synonyms.longest), 1, -1):
                run = nodes[at : at + size]
                if len(run) == size and all(type(q) is Word and q.fieldname == "any" for q in run):
                    others = self._as_one(tuple(f for q in run for f in self._folds(q.text)), run)
                    if others:
                        out.append(wq.Or([wq.And(run), *others]))
                        at += size
                        break
            else:
                out.append(nodes[at])
                at += 1
        return out

    def _as_one(self, folds: tuple[str, ...], run: Sequence[wq.Query]) -> list[wq.Query]:
        """What else a run of bare words may stand as."""
        others: list[wq.Query] = []
        if 1 < len(folds) <= LONGEST_COMPOUND and self.is_compound(folds, self.match):
            others.append(Word("any", "".join(q.text for q in run)))
        others += [Synonym("any", " ".join(p)) for p in self.synonyms.of(folds, self._roots)]
        return others

    # --- words ----------------------------------------------------------------------------------

    def _word(self, typed: str) -> Pattern:
        others = map(self._synonym, self.synonyms.of(self._folds(typed), self._roots))
        return _bounded(chain(others, self._spellings([typed], self.match)), typed)

    def _phrase(self, words: Sequence[str], slop: int) -> Pattern:
        """Words in quotes: as written (no stems), with prefixes and patterns where a * stands."""
        mode: Match = "case" if self.match == "case" else "word"
        typed = " ".join(words)
        found = _bounded(self._spellings(words, mode, in_quotes=True), f'"{typed}"')
        return Pattern(found.spellings, slop, True, found.notes)

    def _fuzzy(self, typed: str, distance: int) -> Pattern:
        places = []
        for form in tokenize(typed).forms:
            digits = any(map(str.isdigit, form))
            places.append(
                Place(self.match, self._key(form))
                if digits
                else Place(f"fuzzy{min(distance, 2)}", fold(form))
            )
        others = map(self._synonym, self.synonyms.near(self._folds(typed), distance))
        return _bounded([tuple(places), *others], typed)

    def _synonym(self, words: Sequence[str]) -> Spelling:
        """Places of a synonym, whose words hold together; a list of synonyms knows no case."""
        how = "word" if self.match == "case" else self.match
        last = len(words) - 1
        return tuple(Place(how, w, "synonym", more=i < last) for i, w in enumerate(words))

    def _expanded(self, pattern: str) -> Spelling:
        """Places of a word with a star or question mark; tokens before its last are words."""
        head, last = pattern[:-1], pattern[-1:]
        before: Spelling = ()
        how = "wildcard"
        if last == "*" and "*" not in head and "?" not in head:
            mode: Match = "case" if self.match == "case" else "word"
            how = "prefix"
            forms = tokenize(head).forms
            if forms and head.endswith(forms[-1]):
                before = tuple(Place(mode, self._key(f), more=True) for f in forms[:-1])
                pattern = forms[-1] + "*"
        cased = _folded(pattern, fold_keep_case) if self.match == "case" else ""
        return (*before, Place(how, _folded(pattern, fold), cased=cased))

    def _key(self, form: str) -> str:
        return fold_keep_case(form) if self.match == "case" else fold(form)

    def _folds(self, typed: str) -> tuple[str, ...]:
        return tuple(map(fold, tokenize(typed).forms))

    def _roots(self, folded: str) -> set[str]:
        """Stems of a word in the languages of the corpus; only itself where stems don't count."""
        if self.match != "stem":
            return {folded}
        return {stem(folded, language) for language in self._languages} or {folded}

    @cached_property
    def _languages(self) -> list[str]:
        return sorted({la for p in self.snapshot.parts for la in p.segment.vocabulary.languages})

    def _foreign_to(self, folded: str) -> frozenset[str]:
        """Languages of the corpus in which a word has no other forms.

        They do not have it, and where the corpus does, it is a function word: English *not* is
        no form of French *notes*, though these share a stem.
        """
        owners = function_languages(folded)
        if not owners:
            return owners
        parts = self.snapshot.parts
        spoken = {la for p in parts for la in p.segment.vocabulary.languages_of(folded)}
        return frozenset(self._languages) - spoken if owners & spoken else frozenset()

    # --- spellings of hyphenated words ----------------------------------------------------------

    def _spellings(
        self, words: Sequence[str], mode: Match, *, in_quotes: bool = False
    ) -> Iterator[Spelling]:
        """The words as typed, then with hyphenated words joined or taken apart."""
        keys: list[str] = []
        folds: list[str] = []
        patterns: dict[int, Spelling] = {}
        inside: set[int] = set()  # tokens that the next one follows within one typed word
        for word in words:
            if in_quotes and ("*" in word or "?" in word):
                patterns[len(keys)] = self._expanded(word)
                forms = [""]
            else:
                forms = tokenize(word).forms
            keys += map(self._key, forms)
            folds += map(fold, forms)
            inside.update(range(len(keys) - len(forms), len(keys) - 1))
        choices = self._choices(keys, folds, mode)
        for i, places in patterns.items():
            choices[i] = [(1, places)]
        if in_quotes and self.in_phrases:
            for i in choices:
                choices[i] += self._exchanged(folds[i:])
        for i, options in choices.items():
            choices[i] = [
                (size, (*places[:-1], replace(places[-1], more=i + size - 1 in inside)))
                for size, places in options
            ]
        yield from _paths(choices, len(keys))

    def _choices(
        self, keys: list[str], folds: list[str], mode: Match
    ) -> dict[int, list[tuple[int, Spelling]]]:
        """For each token: (tokens taken, places) of every spelling that begins there."""
        choices: dict[int, list[tuple[int, Spelling]]] = {}
        for i in range(len(keys)):
            here: list[tuple[int, Spelling]] = [(1, (Place(mode, keys[i]),))]
            here += [
                (1, places)
                for parts in self.parts_of(folds[i], mode)
                for places in _in_parts(keys[i], parts, mode)
            ]
            for size in range(2, min(LONGEST_COMPOUND, len(keys) - i) + 1):
                run = tuple(folds[i : i + size])
                if self.is_compound(run, mode):
                    here.append((size, (Place(mode, "".join(keys[i : i + size])),)))
            choices[i] = here
        return choices

    def parts_of(self, folded: str, mode: Match) -> list[tuple[str, ...]]:
        """Parts of the hyphenated words of corpus and query that are spelt `folded` joined."""
        if not folded[:1].isalpha():
            return []
        found = {parts for parts in self.typed if "".join(parts) == folded}
        for part in self.snapshot.parts:
            vocabulary = part.segment.vocabulary
            if mode == "stem":
                for root in vocabulary.stems_of(folded):
                    found.update(vocabulary.compound_parts(root, stemmed=True))
            else:
                found.update(vocabulary.compound_parts(folded, stemmed=False))
        return sorted(found)

    def is_compound(self, run: tuple[str, ...], mode: Match) -> bool:
        """Whether the corpus or the query holds these words hyphenated."""
        if run in self.typed:
            return True
        if not all(run) or not run[0][0].isalpha():
            return False
        joined = "".join(run)
        if mode != "stem":
            return run in self.parts_of(joined, mode)
        last = self._roots(run[-1])
        for part in self.snapshot.parts:
            vocabulary = part.segment.vocabulary
            for root in last:
                key = "".join(run[:-1]) + root
                if any(p[:-1] == run[:-1] for p in vocabulary.compound_parts(key, stemmed=True)):
                    return True
        return False

    def _exchanged(self, folds: Sequence[str]) -> Iterator[tuple[int, Spelling]]:
        """Synonyms, as written, of the first words: how many these are, and places."""
        for size in range(1, min(self.synonyms.longest, len(folds)) + 1):
            for phrase in self.synonyms.of(tuple(folds[:size]), lambda f: {f}):
                yield size, tuple(replace(p, how="word") for p in self._synonym(phrase))

    # --- looking up -----------------------------------------------------------------------------

    def find(self, leaf: wq.Query, segment: Segment, tokens: Tokens) -> Found:
        """Occurrences of a positional leaf, a NEAR or an OR of such, among the given tokens."""
        if isinstance(leaf, Near):
            left, right = (self.find(q, segment, tokens) for q in leaf.subqueries)
            return near(segment, left, right, leaf.distance)
        if isinstance(leaf, wq.Or):
            return united([self.find(q, segment, tokens) for q in leaf.subqueries])
        return self._find(self.pattern(leaf), segment, tokens)

    def _find(self, pattern: Pattern, segment: Segment, tokens: Tokens) -> Found:
        found = []
        for spelling in pattern.spellings:
            if not spelling:
                continue
            elements = [self.element(place, segment) for place in spelling]
            if pattern.slop > 1 and not all(place.more for place in spelling[:-1]):
                words: list[list[Element]] = [[]]
                for place, e in zip(spelling, elements, strict=True):
                    words[-1].append(e)
                    if not place.more:
                        words.append([])
                found.append(ordered(segment, [w for w in words if w], pattern.slop, tokens))
                continue
            starts = contiguous(segment, elements, tokens)
            codes = _codes(segment, pattern, spelling, elements, starts)
            found.append(Found.plain(starts, starts + len(elements), codes))
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
        stems = vocabulary.stem_ranges(place.text, self._foreign_to(place.text))
        return element([(exact, place.reason or "exact"), (stems, place.reason or "stem")])


def _folded(pattern: str, folding: Callable[[str], str]) -> str:
    """A pattern folded around its stars and question marks."""
    return "".join(map(folding, re.split(r"([*?])", pattern)))


def _in_parts(key: str, parts: tuple[str, ...], mode: Match) -> Iterator[Spelling]:
    """Places of a word written in parts, of which only the last one is inflected.

    The last part is what is left of the word as typed, or another form of it as hyphenated in the
    corpus.
    """
    ends = [0, *accumulate(map(len, parts[:-1]))]
    first: Match = "word" if mode == "stem" else mode
    before = [Place(first, key[a:b], more=True) for a, b in pairwise(ends)]
    rest = key[ends[-1] :]
    if rest:
        yield (*before, Place(mode, rest))
    if mode == "stem" and parts[-1] != rest:
        yield (*before, Place(mode, parts[-1], "stem"))


def _codes(
    segment: Segment,
    pattern: Pattern,
    spelling: Spelling,
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


def _paths(choices: dict[int, list[tuple[int, Spelling]]], end: int) -> Iterator[Spelling]:
    """All ways through the choices from token 0 to `end`, the words as typed first."""
    stack: list[tuple[int, Spelling]] = [(0, ())]
    while stack:
        at, sofar = stack.pop()
        if at == end:
            yield sofar
            continue
        stack.extend((at + size, sofar + places) for size, places in reversed(choices[at]))


def _bounded(spellings: Iterable[Spelling], typed: str) -> Pattern:
    """A pattern of the first spellings; how many there are is not counted, for they multiply."""
    kept: dict[Spelling, None] = {}
    for spelling in spellings:
        if len(kept) == MOST_SEQUENCES and spelling not in kept:
            note = f"only {MOST_SEQUENCES} spellings of {typed} were searched; it has more"
            return Pattern(tuple(kept), notes=(note,))
        kept[spelling] = None
    return Pattern(tuple(kept))
