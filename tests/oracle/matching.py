"""Where a leaf of a query matches in one text: runs, chains and pairs of tokens.

In: a leaf (word, quote, pattern, NEAR) and a `Unit`. Out: its occurrences, in order; none crosses a
block's end. `with_neighbours` puts an Or in place of neighbouring bare words that may be one word,
or one term that has synonyms. Raises `TypeError` for a leaf of a kind that the query language does
not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace

from whoosh import query

from indexer.model import Mark, Reason
from indexer.query.nodes import Near, Word
from indexer.text import folding
from indexer.text.tokenizer import tokenize
from tests.oracle.spelling import (
    Orthography,
    Spelling,
    Synonym,
    Test,
    Wanted,
    Words,
    distance,
    is_like,
)
from tests.oracle.texts import MOST_PARTS, Token, Unit

EXACTNESS: tuple[Reason, ...] = (
    "exact",
    "stem",
    "synonym",
    "prefix",
    "wildcard",
    "fuzzy",
    "phrase",
    "proximity",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A run of tokens that is marked as one."""

    first: int  # number of its first token in the unit
    last: int  # number of its last token
    reason: Reason


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One match of a leaf: its places, in order of the text."""

    places: tuple[Place, ...]

    @property
    def first(self) -> int:
        """Number of the first token."""
        return self.places[0].first

    @property
    def last(self) -> int:
        """Number of the last token."""
        return max(place.last for place in self.places)


def marks_of(unit: Unit, occurrences: Iterable[Occurrence]) -> list[Mark]:
    """Marks of the occurrences, unmerged."""
    return [
        Mark(unit.tokens[place.first].start, unit.tokens[place.last].end, place.reason)
        for occurrence in occurrences
        for place in occurrence.places
    ]


def in_order(found: Iterable[Occurrence]) -> list[Occurrence]:
    """Occurrences in order of the text; those that span the same tokens are merged."""
    once: dict[tuple[int, int], dict[tuple[int, int], Place]] = {}
    for occurrence in found:
        places = once.setdefault((occurrence.first, occurrence.last), {})
        for place in occurrence.places:
            key = (place.first, place.last)
            places[key] = min(places.get(key, place), place, key=_exactness)
    return [
        Occurrence(tuple(places[key] for key in sorted(places)))
        for _, places in sorted(once.items(), key=lambda item: item[0])
    ]


def _exactness(place: Place) -> int:
    return EXACTNESS.index(place.reason)


def occurrences(
    spelling: Spelling, unit: Unit, slop: int, reason: Reason | None
) -> list[Occurrence]:
    """Occurrences of a spelling: one run of tokens, or with slop a run for each typed word."""
    if slop == 1:
        return [Occurrence((run,)) for run in _runs(spelling, unit, reason)]
    elements: list[Spelling] = [()]
    for wanted in spelling:
        elements[-1] += (wanted,)
        if wanted.ends:
            elements.append(())
    elements = [element for element in elements if element]
    if len(elements) == 1:
        return [Occurrence((run,)) for run in _runs(elements[0], unit, reason)]
    stages = [_runs(element, unit, "proximity") for element in elements]
    return _linked(stages, unit, slop)


def _runs(spelling: Spelling, unit: Unit, reason: Reason | None) -> list[Place]:
    """Places where the tokens of `spelling` follow each other within one block."""
    found = []
    for first in range(len(unit.tokens) - len(spelling) + 1 if spelling else 0):
        given: list[Reason] = []
        for i, wanted in enumerate(spelling, first):
            why = wanted.test(unit.tokens[i])
            if why is None:
                break
            given.append(why)
        last = first + len(spelling) - 1
        if len(given) == len(spelling) and unit.tokens[first].block == unit.tokens[last].block:
            least: Reason = max(given, key=EXACTNESS.index)
            found.append(Place(first, last, reason or least))
    return found


def _linked(stages: list[list[Place]], unit: Unit, slop: int) -> list[Occurrence]:
    """Chains of one place from each stage, each at most `slop` after the one before."""

    def follows(left: Place, right: Place) -> bool:
        here, there = unit.tokens[left.last], unit.tokens[right.first]
        return here.block == there.block and 1 <= right.first - left.last <= slop

    for i in reversed(range(len(stages) - 1)):
        stages[i] = [a for a in stages[i] if any(follows(a, b) for b in stages[i + 1])]
    for i in range(1, len(stages)):
        stages[i] = [b for b in stages[i] if any(follows(a, b) for a in stages[i - 1])]
    found = []
    for i, stage in enumerate(stages):
        for place in stage:
            chain = [place]
            for before in reversed(stages[:i]):
                chain.insert(0, max((a for a in before if follows(a, chain[0])), key=_last_first))
            for after in stages[i + 1 :]:
                chain.append(min((b for b in after if follows(chain[-1], b)), key=_first_last))
            found.append(Occurrence(tuple(chain)))
    return found


def _first_last(place: Place) -> tuple[int, int]:
    return place.first, place.last


def _last_first(place: Place) -> tuple[int, int]:
    return place.last, place.first


def pairs(
    left: list[Occurrence], right: list[Occurrence], unit: Unit, most: int | None
) -> list[Occurrence]:
    """Each occurrence with the nearest of the other side, at most `most` positions away.

    If `most` is None both must be in one sentence; of two equally near, the one after it counts.
    """

    def apart(a: Occurrence, b: Occurrence) -> int | None:
        """Distance of two occurrences in positions; None if they are no pair."""
        early, late = (a, b) if a.first < b.first else (b, a)
        here, there = unit.tokens[early.last], unit.tokens[late.first]
        gap = late.first - early.last
        if gap < 1 or here.block != there.block:
            return None
        if most is None:
            alike = unit.tokens[early.first].sentence == unit.tokens[late.last].sentence
            return gap if alike else None
        return gap if gap <= most else None

    found = []
    for own, others in ((left, right), (right, left)):
        for a in own:
            partners = [(apart(a, b), b.first < a.first, b.last - b.first, b) for b in others]
            ranked = [partner for partner in partners if partner[0] is not None]
            if ranked:
                found.append(_pair(a, min(ranked, key=lambda partner: partner[:3])[3]))
    return in_order(found)


def _pair(a: Occurrence, b: Occurrence) -> Occurrence:
    places = sorted((*a.places, *b.places), key=_first_last)
    return Occurrence(tuple(Place(place.first, place.last, "proximity") for place in places))


class Finder:
    """Finds leaves in texts of one language; the spellings of a leaf are computed once."""

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
    """`test`, run only once for each form."""
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
        parts = replace(how, exchanging=len(forms) > 1)  # 25mcg is 25 µg
        return [*parts.spellings(tuple(how.wanted(form) for form in forms)), *others]
    raise TypeError(f"no meaning for {leaf!r}")


def _pattern(pattern: str, how: Orthography) -> Spelling:
    """Spelling of a word with * or ?, which may have further tokens before its last one.

    It matches as typed: no token of it is part of a compound or of a term that has synonyms.
    """
    level = folding.fold_keep_case if how.match == "case" else folding.fold
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
    folded = "".join(level(piece) for piece in re.split(r"([*?])", pattern))

    def test(token: Token) -> Reason | None:
        spelt = level(token.form)
        return reason if is_like(folded, spelt) or is_like(folded, owner(spelt)) else None

    return (*before, Wanted("", test))


def owner(word: str) -> str:
    """The word without a possessive 's."""
    return word[:-2] if word.lower().endswith("'s") else word


def _fuzzy(form: str, most: int, how: Orthography) -> Wanted:
    fold = folding.fold(form)
    if _has_digit(fold):
        return how.wanted(form)

    def test(token: Token) -> Reason | None:
        if token.fold == fold:
            return "exact"
        spelt = (token.fold, owner(token.fold))
        near = not _has_digit(token.fold) and min(distance(fold, word) for word in spelt) <= most
        return "fuzzy" if near else None

    return Wanted("", test)


def _nearly(folds: Words, most: int, how: Orthography) -> Iterator[Words]:
    """Terms within `most` edits of the typed one, and their synonyms."""
    if _has_digit("".join(folds)):
        yield from how.thesaurus.rules.get(folds, ())
        return
    for term, others in how.thesaurus.rules.items():
        spelt = " ".join(term)
        if not _has_digit(spelt) and distance(spelt, " ".join(folds)) <= most:
            yield from (one for one in (term, *others) if one != folds)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def with_neighbours(node: query.Query, how: Orthography) -> query.Query:
    """The tree, in which neighbouring bare words may also be one compound or term."""
    changed = copy(node)
    if isinstance(node, query.ConstantScoreQuery):
        changed.child = with_neighbours(node.child, how)
    elif isinstance(node, query.compound.BinaryQuery):
        changed.a = with_neighbours(node.a, how)
        if not isinstance(node, query.AndNot):
            changed.b = with_neighbours(node.b, how)
    elif isinstance(node, query.compound.CompoundQuery) and not isinstance(node, Near):
        changed.subqueries = [with_neighbours(part, how) for part in node.subqueries]
        if isinstance(node, query.And):
            changed.subqueries = list(_joined(changed.subqueries, how))
    return changed


def _joined(nodes: list[query.Query], how: Orthography) -> Iterator[query.Query]:
    """Parts of an And, with the longest runs that may be one compound or term made an Or."""
    while nodes:
        for size in range(min(max(MOST_PARTS, how.longest), len(nodes)), 1, -1):
            run = nodes[:size]
            others = _together(run, how)
            if others:
                yield query.Or([query.And(run), *others])
                nodes = nodes[size:]
                break
        else:
            yield nodes[0]
            nodes = nodes[1:]


def _together(run: list[query.Query], how: Orthography) -> list[query.Query]:
    """The compound and the synonyms that a run of bare words may be as a whole."""
    if not all(type(part) is Word and part.fieldname == "any" for part in run):
        return []
    forms = tuple(form for part in run for form in tokenize(part.text).forms)
    others: list[query.Query] = []
    if len(forms) <= MOST_PARTS and how.is_compound(forms):
        others.append(Word("any", "".join(part.text for part in run)))
    return others + [Synonym("any", " ".join(words)) for words in how.synonyms_of(forms)]
