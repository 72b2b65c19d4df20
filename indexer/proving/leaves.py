"""Where a leaf of a query matches in one text.

In: a leaf (word, quote, pattern, NEAR) and a `Unit`. Out: its occurrences, in order. A leaf of a
kind that the language of queries does not have is refused with `TypeError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from whoosh import query

from indexer.model import Reason
from indexer.proving.chains import Occurrence, in_order, occurrences, pairs
from indexer.proving.spelling import (
    Orthography,
    Spelling,
    Synonym,
    Test,
    Wanted,
    Words,
    distance,
    is_like,
)
from indexer.proving.units import Token, Unit
from indexer.query.nodes import Near
from indexer.text import folding
from indexer.text.tokenizer import tokenize


class Finder:
    """Finds leaves in texts of one language; what a leaf accepts is worked out once."""

    def __init__(self, how: Orthography) -> None:
        self.how = how
        self._accepted: dict[int, list[Spelling]] = {}

    def find(self, leaf: query.Query, unit: Unit) -> list[Occurrence]:
        """Occurrences of `leaf` in `unit`."""
        if isinstance(leaf, Near):
            left, right = (self.find(part, unit) for part in leaf.subqueries)
            return pairs(left, right, unit, leaf.distance)
        if isinstance(leaf, query.Or):  # beneath NEAR
            return in_order([one for part in leaf.subqueries for one in self.find(part, unit)])
        slop, phrase = (leaf.slop, True) if isinstance(leaf, query.Phrase) else (1, False)
        found = []
        for spelling in self.spellings(leaf):
            reason: Reason | None = "phrase" if phrase and len(spelling) > 1 else None
            found += occurrences(spelling, unit, slop, reason)
        return in_order(found)

    def spellings(self, leaf: query.Query) -> list[Spelling]:
        """The runs of tokens that a leaf of words accepts."""
        if id(leaf) not in self._accepted:
            accepted = _quote if isinstance(leaf, query.Phrase) else _word
            self._accepted[id(leaf)] = [
                tuple(replace(wanted, test=_remembering(wanted.test)) for wanted in spelling)
                for spelling in accepted(leaf, self.how)
            ]
        return self._accepted[id(leaf)]


def _remembering(test: Test) -> Test:
    """The same test, made once for each form."""
    known: dict[str, Reason | None] = {}

    def remembered(token: Token) -> Reason | None:
        if token.form not in known:
            known[token.form] = test(token)
        return known[token.form]

    return remembered


def _quote(leaf: query.Phrase, how: Orthography) -> list[Spelling]:
    """The spellings that a phrase accepts."""
    strict = how.quoting()
    return strict.spellings(tuple(one for word in leaf.words for one in _quoted(word, strict)))


def _quoted(word: str, how: Orthography) -> Spelling:
    """The tokens of a word typed in quotes, which may hold * and ?."""
    if "*" in word or "?" in word:
        return _pattern(word, how)
    forms = tokenize(word).forms
    return tuple(how.wanted(form, ends=i == len(forms)) for i, form in enumerate(forms, 1))


def _word(leaf: query.Query, how: Orthography) -> Iterable[Spelling]:
    """The spellings that a leaf of one word accepts."""
    if isinstance(leaf, query.Prefix):
        return [_pattern(leaf.text + "*", how)]
    if isinstance(leaf, query.Wildcard):
        return [_pattern(leaf.text, how)]
    if isinstance(leaf, query.FuzzyTerm):
        forms = tokenize(leaf.text).forms
        near = _nearly(tuple(map(folding.fold, forms)), leaf.maxdist, how)
        return [tuple(_fuzzy(form, leaf.maxdist, how) for form in forms), *map(how.synonym, near)]
    if isinstance(leaf, Synonym):
        return [how.synonym(tuple(tokenize(leaf.text).forms))]
    if isinstance(leaf, query.Term):
        forms = tokenize(leaf.text).forms
        others = map(how.synonym, how.synonyms_of(tuple(forms)))
        return [*how.spellings(tuple(how.wanted(form) for form in forms)), *others]
    raise TypeError(f"no meaning for {leaf!r}")


def _pattern(pattern: str, how: Orthography) -> Spelling:
    """A word that holds * or ?; in front of its last token it may have further ones.

    It stands as typed: no token of it is part of a compound or of a term that has synonyms.
    """
    folded_as = folding.fold_keep_case if how.match == "case" else folding.fold
    head, last = pattern[:-1], pattern[-1]
    is_prefix = last == "*" and not {"*", "?"} & set(head)
    before: Spelling = ()
    if is_prefix:
        forms = tokenize(head).forms
        if forms and head.endswith(forms[-1]):
            strict = how.strict()
            tests = (strict.wanted(form).test for form in forms[:-1])
            before = tuple(Wanted("", test, ends=False) for test in tests)
            pattern = forms[-1] + "*"
    reason: Reason = "prefix" if is_prefix else "wildcard"
    folded = "".join(folded_as(piece) for piece in re.split(r"([*?])", pattern))

    def test(token: Token) -> Reason | None:
        return reason if is_like(folded, folded_as(token.form)) else None

    return (*before, Wanted("", test))


def _fuzzy(form: str, most: int, how: Orthography) -> Wanted:
    fold = folding.fold(form)
    if _has_digit(fold):
        return how.wanted(form)

    def test(token: Token) -> Reason | None:
        if token.fold == fold:
            return "exact"
        near = not _has_digit(token.fold) and distance(fold, token.fold) <= most
        return "fuzzy" if near else None

    return Wanted("", test)


def _nearly(folds: Words, most: int, how: Orthography) -> Iterator[Words]:
    """The terms that were nearly typed, and their synonyms."""
    if _has_digit("".join(folds)):
        yield from how.thesaurus.rules.get(folds, ())
        return
    for term, others in how.thesaurus.rules.items():
        spelt = " ".join(term)
        if not _has_digit(spelt) and distance(spelt, " ".join(folds)) <= most:
            yield from (one for one in (term, *others) if one != folds)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
