"""Which tokens a typed word accepts, and why.

In: words as typed and the way of matching. Out: tests of single tokens, and the spellings of a
run of words: each a run of tests, joined where a compound is written in one word and split where
it is written in several. Compounds come from texts and queries (`texts.compounds`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from indexer.model import Match, Reason
from indexer.query.nodes import Word
from indexer.text import folding, stemming
from indexer.text.word_lists import LANGUAGES_OF
from tests.oracle.texts import MOST_PARTS, Compound, Token

Test = Callable[[Token], Reason | None]
Words = tuple[str, ...]
MOST_SPELLINGS = 20_000  # of one phrase, equal ones counted each


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Synonyms: for each term, as folded words, the terms that also match it."""

    rules: Mapping[Words, tuple[Words, ...]] = field(default_factory=dict)
    in_phrases: bool = False  # whether they count inside quotes


class Synonym(Word):
    """A synonym of several words, in a tree; it has no synonyms itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One token of a query."""

    form: str  # as typed; empty if without other spellings and synonyms, as in a pattern
    test: Test
    ends: bool = True  # whether the typed word ends here (inside of one, tokens are adjacent)


Spelling = tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Orthography:
    """How words are compared."""

    match: Match
    language: str  # of the text that is read
    compounds: frozenset[Compound]
    spoken: Mapping[str, frozenset[str]]  # the languages in which the corpus has a fold
    thesaurus: Thesaurus
    exchanging: bool = False  # whether synonyms may replace words of a run

    def in_language(self, language: str) -> Orthography:
        """These rules for texts of another language."""
        return replace(self, language=language)

    def quoting(self) -> Orthography:
        """These rules inside quotes: without stems, with synonyms only on request."""
        match: Match = "word" if self.match == "stem" else self.match
        return replace(self, match=match, exchanging=self.thesaurus.in_phrases)

    def strict(self) -> Orthography:
        """These rules without stems."""
        return replace(self, match="word") if self.match == "stem" else self

    def wanted(self, form: str, *, ends: bool = True) -> Wanted:
        """A query token with this typed form."""
        return Wanted(form, lambda token: self.why(form, token), ends)

    def why(self, form: str, token: Token) -> Reason | None:
        """Why `token` is the word `form`, or None if it is not."""
        fold = folding.fold(form)
        if self.match == "case":
            typed, found = folding.fold_keep_case(form), token.kept
        else:
            typed, found = fold, token.fold
        if found == typed:
            return "exact"
        if found == typed + "'s":
            return "stem"
        if self.match == "stem" and token.stem == stemming.stem(fold, self.language):
            return None if self.is_foreign(fold) else "stem"
        return None

    def is_foreign(self, fold: str) -> bool:
        """Whether a word has no forms in this language but is a function word of another.

        English *not* is no form of French *notes*.
        """
        spoken = self.spoken.get(fold, frozenset())
        return self.language not in spoken and bool(spoken & LANGUAGES_OF.get(fold, frozenset()))

    # --- synonyms -------------------------------------------------------------------------------

    @property
    def longest(self) -> int:
        """Number of words of the longest term that has synonyms."""
        return max(map(len, self.thesaurus.rules), default=0)

    def synonyms_of(self, forms: Words) -> list[Words]:
        """Synonyms of a term or, with stems, of any other form of it."""
        folds = tuple(map(folding.fold, forms))
        if folds in self.thesaurus.rules:
            return list(self.thesaurus.rules[folds])
        return [
            other
            for term, others in self.thesaurus.rules.items()
            if self.match == "stem" and len(term) == len(folds)
            if all(self._are_kin(*pair) for pair in zip(term, folds))
            for other in others
        ]

    def _are_kin(self, left: str, right: str) -> bool:
        """Whether two words share a stem in some language of the corpus and neither is foreign."""
        return any(
            stemming.stem(left, code) == stemming.stem(right, code)
            and not any(self.in_language(code).is_foreign(word) for word in (left, right))
            for code in frozenset[str]().union(*self.spoken.values())
        )

    def synonym(self, words: Words, *, ends: bool = True) -> Spelling:
        """A synonym in place of the typed term. Lists of synonyms ignore case."""
        how = replace(self, match="word") if self.match == "case" else self

        def wanted(word: str, *, ends: bool) -> Wanted:
            return Wanted("", lambda token: "synonym" if how.why(word, token) else None, ends)

        return (*(wanted(w, ends=False) for w in words[:-1]), wanted(words[-1], ends=ends))

    # --- compounds ------------------------------------------------------------------------------

    def spellings(self, words: Spelling) -> list[Spelling]:
        """All ways to write `words`: as they are, with compounds joined, and split."""
        found: list[list[Spelling]] = [[()]]  # of the last words: none, one, two …
        for start in reversed(range(len(words))):
            ways = [
                (*head, *tail)
                for size, head in self._heads(words[start:])
                for tail in found[len(words) - start - size]
            ]
            if len(ways) > MOST_SPELLINGS:
                raise ValueError(f"more than {MOST_SPELLINGS} spellings")
            found.append(ways)
        return found[-1]

    def _heads(self, words: Spelling) -> Iterator[tuple[int, Spelling]]:
        """Yield ways to write the first words: their number, and the tokens in their place."""
        first = words[0]
        yield 1, (first,)
        for compound in self.compounds:
            if first.form and self._is_joined(compound, first.form):
                yield from ((1, spelling) for spelling in self._apart(compound, first))
        for size in range(2, min(MOST_PARTS, len(words)) + 1):
            run = words[:size]
            if self.is_compound(tuple(word.form for word in run)):
                joined = "".join(word.form for word in run)
                yield size, (self.wanted(joined, ends=run[-1].ends),)
        if self.exchanging:
            for size in range(1, min(self.longest, len(words)) + 1):
                folds = tuple(folding.fold(word.form) for word in words[:size])
                for other in self.thesaurus.rules.get(folds, ()):
                    yield size, self.synonym(other, ends=words[size - 1].ends)

    def is_compound(self, forms: tuple[str, ...]) -> bool:
        """Whether some text or query writes these words as one with hyphens."""
        folds = tuple(map(folding.fold, forms))
        return all(forms) and any(
            len(compound.parts) == len(folds)
            and compound.parts[:-1] == folds[:-1]
            and self._root(compound, compound.parts[-1]) == self._root(compound, folds[-1])
            for compound in self.compounds
        )

    def _is_joined(self, compound: Compound, form: str) -> bool:
        """Whether `form` is the compound written as one word, or another form of that; only its
        last part is inflected."""
        spelt = "".join(compound.parts[:-1]) + self._root(compound, compound.parts[-1])
        joined = self._root(compound, "".join(compound.parts))
        return self._root(compound, folding.fold(form)) in (spelt, joined)

    def _root(self, compound: Compound, fold: str) -> str:
        if self.match != "stem" or compound.language is None:
            return fold
        return stemming.stem(fold, compound.language)

    def _apart(self, compound: Compound, typed: Wanted) -> Iterator[Spelling]:
        """Spellings of a compound as several words, which may be compounds in turn.

        The last word is the rest of the typed word or, for other forms, the compound's last part.
        """
        # Folded, since parts are counted in folded letters: a ligature is two of them.
        form = (folding.fold_keep_case if self.match == "case" else folding.fold)(typed.form)
        ends = [0, *accumulate(map(len, compound.parts[:-1]))]
        before = [self.wanted(form[a:b], ends=False) for a, b in pairwise(ends)]
        rest, own = form[ends[-1] :], compound.parts[-1]
        shorter = [len(word) < len(form) for word in (rest, own)]
        if not all(b - a < len(form) for a, b in pairwise(ends)):
            return
        if rest and shorter[0]:
            yield from self.spellings((*before, self.wanted(rest, ends=typed.ends)))
        if self.match == "stem" and own != rest and shorter[1]:
            for *inner, last in self.spellings((*before, self.wanted(own, ends=typed.ends))):
                yield (*inner, replace(last, test=inflected(last.test)))


def inflected(test: Test) -> Test:
    """A test that gives "stem" as the reason of every match of `test`."""
    return lambda token: "stem" if test(token) else None


def is_like(pattern: str, word: str) -> bool:
    """Whether `word` fits a pattern in which * is any run of characters and ? any one."""
    fits = [True] + [False] * len(word)  # whether the pattern so far fits word[:i]
    for sign in pattern:
        if sign == "*":
            fits = [any(fits[: i + 1]) for i in range(len(word) + 1)]
        else:
            fits = [False] + [fits[i] and sign in ("?", letter) for i, letter in enumerate(word)]
    return fits[-1]


def distance(left: str, right: str) -> int:
    """Edits between two words: insert, delete, replace, swap neighbours (each place once)."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
