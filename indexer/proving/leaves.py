"""Where a leaf of a query matches in one text.

In: a leaf (word, quote, pattern, NEAR) and a `Unit`. Out: its occurrences, in order. A leaf of a
kind that the language of queries does not have is refused with `TypeError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whoosh import query

from indexer import analysis
from indexer.model import Mark, Reason
from indexer.proving.spelling import (
    Orthography,
    Spelling,
    Synonym,
    Wanted,
    Words,
    distance,
    is_like,
)
from indexer.proving.units import Token, Unit
from indexer.querying import Near

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
    """One match of a leaf: the places that take part, in order of the text."""

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
    """What the occurrences mark, unmerged."""
    return [
        Mark(unit.tokens[place.first].start, unit.tokens[place.last].end, place.reason)
        for occurrence in occurrences
        for place in occurrence.places
    ]


class Finder:
    """Finds leaves in texts of one language; what a leaf accepts is worked out once."""

    def __init__(self, how: Orthography) -> None:
        self.how = how
        self._accepted: dict[int, list[Spelling]] = {}

    def find(self, leaf: query.Query, unit: Unit) -> list[Occurrence]:
        """Occurrences of `leaf` in `unit`."""
        if isinstance(leaf, Near):
            left, right = (self.find(part, unit) for part in leaf.subqueries)
            return _near(leaf, unit, left, right)
        if isinstance(leaf, query.Or):  # beneath NEAR
            return _in_order([one for part in leaf.subqueries for one in self.find(part, unit)])
        slop, phrase = (leaf.slop, True) if isinstance(leaf, query.Phrase) else (1, False)
        found = []
        for spelling in self._spellings(leaf):
            reason: Reason | None = "phrase" if phrase and len(spelling) > 1 else None
            found += _chains(spelling, unit, slop, reason)
        return _in_order(found)

    def _spellings(self, leaf: query.Query) -> list[Spelling]:
        if id(leaf) not in self._accepted:
            accepted = _quote if isinstance(leaf, query.Phrase) else _word
            self._accepted[id(leaf)] = list(accepted(leaf, self.how))
        return self._accepted[id(leaf)]


def _in_order(found: Iterable[Occurrence]) -> list[Occurrence]:
    """Occurrences in order of the text, those that span the same tokens as one."""
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


def _quote(leaf: query.Phrase, how: Orthography) -> list[Spelling]:
    """The spellings that a phrase accepts."""
    strict = how.quoting()
    return strict.spellings(tuple(one for word in leaf.words for one in _quoted(word, strict)))


def _quoted(word: str, how: Orthography) -> Spelling:
    """The tokens of a word typed in quotes, which may hold * and ?."""
    if "*" in word or "?" in word:
        return _pattern(word, how)
    forms = analysis.tokenize(word).forms
    return tuple(how.wanted(form, ends=i == len(forms)) for i, form in enumerate(forms, 1))


def _word(leaf: query.Query, how: Orthography) -> Iterable[Spelling]:
    """The spellings that a leaf of one word accepts."""
    if isinstance(leaf, query.Prefix):
        return [_pattern(leaf.text + "*", how)]
    if isinstance(leaf, query.Wildcard):
        return [_pattern(leaf.text, how)]
    if isinstance(leaf, query.FuzzyTerm):
        forms = analysis.tokenize(leaf.text).forms
        near = _nearly(tuple(map(analysis.fold, forms)), leaf.maxdist, how)
        return [tuple(_fuzzy(form, leaf.maxdist, how) for form in forms), *map(how.synonym, near)]
    if isinstance(leaf, Synonym):
        return [how.synonym(tuple(analysis.tokenize(leaf.text).forms))]
    if isinstance(leaf, query.Term):
        forms = analysis.tokenize(leaf.text).forms
        others = map(how.synonym, how.synonyms_of(tuple(forms)))
        return [*how.spellings(tuple(how.wanted(form) for form in forms)), *others]
    raise TypeError(f"no meaning for {leaf!r}")


def _pattern(pattern: str, how: Orthography) -> Spelling:
    """A word that holds * or ?; in front of its last token it may have further ones."""
    folding = analysis.fold_keep_case if how.match == "case" else analysis.fold
    head, last = pattern[:-1], pattern[-1]
    is_prefix = last == "*" and not {"*", "?"} & set(head)
    before: Spelling = ()
    if is_prefix:
        forms = analysis.tokenize(head).forms
        if forms and head.endswith(forms[-1]):
            before = tuple(how.strict().wanted(form, ends=False) for form in forms[:-1])
            pattern = forms[-1] + "*"
    reason: Reason = "prefix" if is_prefix else "wildcard"
    folded = "".join(folding(piece) for piece in re.split(r"([*?])", pattern))

    def test(token: Token) -> Reason | None:
        return reason if is_like(folded, folding(token.form)) else None

    return (*before, Wanted("", test))


def _fuzzy(form: str, most: int, how: Orthography) -> Wanted:
    fold = analysis.fold(form)
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


# --- runs and chains ---------------------------------------------------------------------------


def _chains(spelling: Spelling, unit: Unit, slop: int, reason: Reason | None) -> list[Occurrence]:
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
    """Where the tokens of `spelling` stand one after the other within one block."""
    found = []
    for first in range(len(unit.tokens) - len(spelling) + 1):
        run = unit.tokens[first : first + len(spelling)]
        why = [wanted.test(token) for wanted, token in zip(spelling, run)]
        given = [one for one in why if one is not None]
        if len(given) == len(run) > 0 and run[0].block == run[-1].block:
            least = max(given, key=EXACTNESS.index)
            found.append(Place(first, first + len(run) - 1, reason or least))
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


def _near(
    leaf: Near, unit: Unit, left: list[Occurrence], right: list[Occurrence]
) -> list[Occurrence]:
    def apart(a: Occurrence, b: Occurrence) -> int | None:
        """How far apart two occurrences are; None if they are no pair."""
        early, late = (a, b) if a.first < b.first else (b, a)
        here, there = unit.tokens[early.last], unit.tokens[late.first]
        gap = late.first - early.last
        if gap < 1 or here.block != there.block:
            return None
        if leaf.distance is None:
            alike = unit.tokens[early.first].sentence == unit.tokens[late.last].sentence
            return gap if alike else None
        return gap if gap <= leaf.distance else None

    found = []
    for own, others in ((left, right), (right, left)):
        for a in own:
            partners = [(apart(a, b), b.first < a.first, b.last - b.first, b) for b in others]
            ranked = [partner for partner in partners if partner[0] is not None]
            if ranked:
                found.append(_pair(a, min(ranked, key=lambda partner: partner[:3])[3]))
    return _in_order(found)


def _pair(a: Occurrence, b: Occurrence) -> Occurrence:
    places = sorted((*a.places, *b.places), key=_first_last)
    return Occurrence(tuple(Place(place.first, place.last, "proximity") for place in places))
