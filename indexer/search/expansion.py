"""Spellings of the words of a query: the ways in which the corpus may write what was typed.

In: words as typed. Out: sequences of places, each a token and how to find it; the words as typed
come first, then hyphenated words joined or taken apart, then synonyms. Joined, spaced and
hyphenated spellings are the same only where the corpus or the query hyphenates them. Whether two
words are forms of one is asked within one language: that of the texts that hyphenate the word. A
word with a star or question mark is itself alone: it has no other spelling and no synonym, nor
has it a share in those of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise

from indexer.model import Match, Reason
from indexer.search.living import compounds_spelt, languages_with
from indexer.segments.snapshot import Snapshot
from indexer.text.folding import fold, fold_keep_case
from indexer.text.language import function_languages
from indexer.text.stemming import stem
from indexer.text.synonyms import Synonyms
from indexer.text.tokenizer import LONGEST_COMPOUND, tokenize


@dataclass(frozen=True)
class Place:
    """One token of a sequence before it is looked up: how to find it, and why it would match."""

    how: str  # a Match, or "prefix", "wildcard", "fuzzy1", "fuzzy2"
    text: str  # folded; in mode case, with its case kept
    reason: Reason | None = None  # None: exact, stem or what `how` says
    more: bool = False  # whether the word that was typed goes on with the next place
    cased: str = ""  # of a prefix or pattern in mode case: the same with its case kept


Spelling = tuple[Place, ...]


@dataclass
class Speller:
    """Spells the words of one query for one snapshot, match mode and list of synonyms."""

    snapshot: Snapshot
    match: Match
    synonyms: Synonyms
    in_phrases: bool = False  # whether synonyms count inside quotes
    typed: set[tuple[str, ...]] = field(default_factory=set)  # hyphenated words of the query
    _stems: dict[str, dict[str, str]] = field(default_factory=dict)
    _folds: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def synonym(self, words: Sequence[str]) -> Spelling:
        """Places of a synonym, whose words hold together; a list of synonyms knows no case."""
        how = "word" if self.match == "case" else self.match
        last = len(words) - 1
        return tuple(Place(how, w, "synonym", more=i < last) for i, w in enumerate(words))

    def expanded(self, pattern: str) -> Spelling:
        """Places of a word with a star or question mark; tokens before its last are words."""
        head, last = pattern[:-1], pattern[-1:]
        before: Spelling = ()
        how = "wildcard"
        if last == "*" and "*" not in head and "?" not in head:
            mode: Match = "case" if self.match == "case" else "word"
            how = "prefix"
            forms = tokenize(head).forms
            if forms and head.endswith(forms[-1]):
                before = tuple(Place(mode, self.key(f), more=True) for f in forms[:-1])
                pattern = forms[-1] + "*"
        cased = _folded(pattern, fold_keep_case) if self.match == "case" else ""
        return (*before, Place(how, _folded(pattern, fold), cased=cased))

    def synonyms_of(self, typed: str) -> list[Spelling]:
        """Spellings of the synonyms of a word."""
        return [self.synonym(term) for term in self.synonyms.of(self.folds(typed), self.roots)]

    def synonyms_near(self, typed: str, distance: int) -> list[Spelling]:
        """Spellings of the synonyms of what a word nearly is."""
        return [self.synonym(term) for term in self.synonyms.near(self.folds(typed), distance)]

    def key(self, form: str) -> str:
        """A form as it is compared in this match mode."""
        return fold_keep_case(form) if self.match == "case" else fold(form)

    def folds(self, typed: str) -> tuple[str, ...]:
        """Folded tokens of what was typed (kept, as stems are)."""
        found = self._folds.get(typed)
        if found is None:
            found = self._folds[typed] = tuple(map(fold, tokenize(typed).forms))
        return found

    def roots(self, folded: str) -> set[str]:
        """What words that are forms of one share: `language TAB stem` for each language of the
        corpus in which this one may have forms; only itself where stems don't count."""
        if self.match != "stem":
            return {folded}
        foreign = self.foreign_to(folded)
        stems = self._stems_of(folded).items()
        return {f"{language}\t{root}" for language, root in stems if language not in foreign}

    def _stems_of(self, folded: str) -> dict[str, str]:
        """Stem of a word in each language of the corpus (kept: a word is asked for with each of
        its neighbours)."""
        stems = self._stems.get(folded)
        if stems is None:
            found: dict[str, str] = {}
            for part in self.snapshot.parts:
                found |= part.segment.vocabulary.known_stems(folded)
            # A word of the corpus needs no stemmer, which takes longer to import than an answer.
            stems = {name: found.get(name) or stem(folded, name) for name in self._languages}
            self._stems[folded] = stems
        return stems

    @cached_property
    def _languages(self) -> list[str]:
        return sorted({language for part in self.snapshot.parts for language in part.languages})

    def foreign_to(self, folded: str) -> frozenset[str]:
        """Languages of the corpus in which a word has no other forms.

        They do not have it, and where the corpus does, it is a function word: English *not* is
        no form of French *notes*, though these share a stem.
        """
        owners = function_languages(folded)
        if not owners:
            return owners
        parts = self.snapshot.parts
        spoken = {language for part in parts for language in languages_with(part, folded)}
        return frozenset(self._languages) - spoken if owners & spoken else frozenset()

    # --- spellings of hyphenated words ----------------------------------------------------------

    def only(self, typed: str) -> Spelling | None:
        """The spelling of a word that is one token and has no other; most are such."""
        forms = tokenize(typed).forms
        if len(forms) != 1 or self.parts_of(fold(forms[0]), self.match):
            return None
        return (Place(self.match, self.key(forms[0])),)

    def spellings(
        self, words: Sequence[str], mode: Match, *, in_quotes: bool = False
    ) -> Iterator[Spelling]:
        """The words as typed, then with hyphenated words joined or taken apart."""
        keys: list[str] = []
        folds: list[str] = []
        patterns: dict[int, Spelling] = {}
        inside: set[int] = set()  # tokens that the next one follows within one typed word
        for word in words:
            if in_quotes and ("*" in word or "?" in word):
                patterns[len(keys)] = self.expanded(word)
                forms = [""]
            else:
                forms = tokenize(word).forms
            keys += map(self.key, forms)
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
        stems = self._stems_of(folded) if mode == "stem" else {}
        for part in self.snapshot.parts:
            if mode != "stem":
                found.update(compounds_spelt(part, folded))
            for language, root in stems.items():
                found.update(compounds_spelt(part, root, language))
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
        before = "".join(run[:-1])
        return any(
            parts[:-1] == run[:-1]
            for language, root in self._stems_of(run[-1]).items()
            for part in self.snapshot.parts
            for parts in compounds_spelt(part, before + root, language)
        )

    def _exchanged(self, folds: Sequence[str]) -> Iterator[tuple[int, Spelling]]:
        """Synonyms, as written, of the first words: how many these are, and places."""
        for size in range(1, min(self.synonyms.longest, len(folds)) + 1):
            for phrase in self.synonyms.of(tuple(folds[:size]), lambda f: {f}):
                yield size, tuple(replace(p, how="word") for p in self.synonym(phrase))


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


def _paths(choices: dict[int, list[tuple[int, Spelling]]], end: int) -> Iterator[Spelling]:
    """All ways through the choices from token 0 to `end`, the words as typed first."""
    stack: list[tuple[int, Spelling]] = [(0, ())]
    while stack:
        at, sofar = stack.pop()
        if at == end:
            yield sofar
            continue
        stack.extend((at + size, sofar + places) for size, places in reversed(choices[at]))
