"""Pools: what leaves find together, as if each had been looked for by itself and all united.

In: leaves, and in which of some passages each counts. Out: their occurrences, or how many of them
each passage has. A thousand words joined by OR have millions of occurrences; these are the tokens
of one element, the union of their ranges of form ids, and no lists need be merged. Occurrences of
one token are never those of several: the two are counted apart and added up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from whoosh import query as wq

from indexer.query.nodes import Near
from indexer.search.leaves import Held
from indexer.search.merging import merged
from indexer.search.patterns import Lexicon, Pattern
from indexer.search.positions import Scope, Zone
from indexer.search.spans import Found, united
from indexer.search.term import Element
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, expanded

MANY = 4  # tokens a passage, on average, above which its edges are sought among them

ScopeOf = Callable[[Array], Scope]  # of passages (bool, for each that is asked about)
HeldOf = Callable[[wq.Query], Held]
Where = dict[int, Array]  # in which passages something counts (bool), by identity: any of them


@dataclass(frozen=True)
class _Words:
    """The spellings of a leaf that are one token."""

    forms: Element
    where: Where = field(default_factory=dict)
    whole: wq.Query | None = None  # the leaf, if it has no other spellings


@dataclass(frozen=True)
class _Rest:
    """What else a leaf stands for: its other spellings, or all of it."""

    sought: wq.Query | Pattern
    where: Where = field(default_factory=dict)


class Pool:
    """Leaves of one segment, each with the passages in which it counts."""

    def __init__(self, lexicon: Lexicon, segment: Segment) -> None:
        self._lexicon, self._segment = lexicon, segment
        self._words: dict[int, _Words] = {}  # by pattern: equal leaves share theirs
        self._rest: dict[int, _Rest] = {}

    def add(self, leaf: wq.Query, active: Array) -> None:
        """A leaf that counts in these of the passages (bool)."""
        key = id(leaf if isinstance(leaf, Near) else self._lexicon.pattern(leaf))
        if key not in self._words and key not in self._rest:
            self._part(key, leaf)
        for found in (self._words.get(key), self._rest.get(key)):
            if found is not None:
                found.where[id(active)] = active

    def _part(self, key: int, leaf: wq.Query) -> None:
        if isinstance(leaf, Near):
            self._rest[key] = _Rest(leaf)
            return
        pattern = self._lexicon.pattern(leaf)
        places = [spelling[0] for spelling in pattern.spellings if len(spelling) == 1]
        others = tuple(spelling for spelling in pattern.spellings if len(spelling) > 1)
        if places:
            forms = merged([self._lexicon.element(p, self._segment) for p in places])
            self._words[key] = _Words(forms, whole=None if others else leaf)
        if others:
            self._rest[key] = _Rest(replace(pattern, spellings=others) if places else leaf)

    def find(self, scope: ScopeOf) -> Found:
        """All occurrences, in order, each span once."""
        return united([self._found_words(scope), self._found_rest(scope)])

    def _found_words(self, scope: ScopeOf) -> Found:
        found = []
        for active, same in _by_place(self._words.values()):
            forms = merged([words.forms for words in same])
            found.append(Found.tokens(self._segment, forms, scope(active).tokens(forms)))
        return united(found)

    def _found_rest(self, scope: ScopeOf) -> Found:
        find, segment = self._lexicon.find, self._segment
        return united(
            [find(r.sought, segment, scope(_anywhere(r.where))) for r in self._rest.values()]
        )

    def numbers(self, passages: Array, scope: ScopeOf, held: HeldOf) -> Array:
        """How many occurrences `find` has in each of these passages (int64).

        `held` tells the passages of a leaf, and how often each holds it.
        """
        rest = list(self._rest.values())
        counts = np.zeros(passages.size, np.int64)
        if len(rest) == 1 and not isinstance(rest[0].sought, Pattern):
            table = np.zeros(self._segment.passages, np.int64)
            found = held(rest[0].sought)
            table[found.ids] = found.counts
            counts += table[passages] * _anywhere(rest[0].where)
        elif rest:
            counts += self._tally(self._found_rest(scope).starts)[passages]
        return counts + self._numbers_of_words(passages, scope, held)

    def _numbers_of_words(self, passages: Array, scope: ScopeOf, held: HeldOf) -> Array:
        """`numbers` of occurrences of one token.

        What was found of each word adds up, as far as no other has a form in common with it.
        """
        alike: dict[bytes, _Words] = {}  # use and used are the same words
        for words in self._words.values():
            key = b"".join(edges.tobytes() for edges in words.forms.joined)
            alike.setdefault(key, replace(words, where={})).where.update(words.where)
        owners = np.zeros(self._segment.form_first.size, np.uint16)
        counts = np.zeros(passages.size, np.int64)
        for number, (active, same) in enumerate(_by_place(alike.values()), 1):
            shares = _shares(same, owners, number)
            if shares is None:
                return self._tally(self._found_words(scope).starts)[passages]
            whole, rest = shares
            table = np.zeros(self._segment.passages, np.int64)
            for leaf in whole:
                found = held(leaf)
                table[found.ids] += found.counts
            if rest.lows.size:
                zone = Zone(self._segment, 0, self._segment.heads_start)
                table += self._tally(zone.tokens(rest))
            counts += table[passages] * active
        return counts

    def _tally(self, starts: Array) -> Array:
        """How many of these tokens (ascending) stand in each passage of the segment (int64)."""
        segment = self._segment
        if starts.size > MANY * segment.passages:
            edges = segment.unit_tokens[: segment.passages + 1].astype(starts.dtype)
            return np.diff(starts.searchsorted(edges))
        return np.bincount(segment.narrow_passage_of(starts), minlength=segment.passages)


def _by_place(some: Iterable[_Words]) -> list[tuple[Array, list[_Words]]]:
    """What counts in the same passages (bool) together."""
    together: dict[frozenset[int], list[_Words]] = {}
    for words in some:
        together.setdefault(frozenset(words.where), []).append(words)
    return [(_anywhere(same[0].where), same) for same in together.values()]


def _shares(
    same: Iterable[_Words], owners: Array, number: int
) -> tuple[list[wq.Query], Element] | None:
    """Leaves that have all their forms for themselves, and the forms of which others have some.

    `owners` has a number above 0 for each form that is taken. None if that is another number.
    """
    whole: list[wq.Query] = []
    rest: list[Array] = [EMPTY]
    for words in sorted(same, key=lambda words: -int((words.forms.highs - words.forms.lows).sum())):
        lows, highs = words.forms.joined
        forms = expanded(lows, highs - lows)
        taken = owners[forms]
        if ((taken > 0) & (taken != number)).any():
            return None
        if words.whole is not None and not taken.any():
            whole.append(words.whole)
        else:
            rest.append(forms.compress(taken == 0))
        owners[forms] = number
    forms = np.sort(np.concatenate(rest))
    return whole, Element(forms, forms + 1, np.zeros(forms.size, np.uint8))


def _anywhere(where: Where) -> Array:
    return reduce(np.logical_or, where.values())
