"""Runs, chains and pairs of tokens in one text, none of which crosses a block's end.

In: spellings, or the occurrences of two leaves, and a `Unit`. Out: occurrences in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.model import Mark, Reason
from indexer.proving.spelling import Spelling
from indexer.proving.units import Unit

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


def in_order(found: Iterable[Occurrence]) -> list[Occurrence]:
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
    """Where the tokens of `spelling` stand one after the other within one block."""
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
    """Each occurrence with its nearest of the other side, at most `most` positions away.

    Without a number they must stand in one sentence; of two as near, the one that follows counts.
    """

    def apart(a: Occurrence, b: Occurrence) -> int | None:
        """How far apart two occurrences are; None if they are no pair."""
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
