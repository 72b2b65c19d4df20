"""Pairs the passages of two versions of an article that have the same words.

Takes the selectors of the old and new passages, in text order. Returns pairs of indices, split into
those in order and those that moved. Pure. Refuses nothing.

Passages whose words occur once in each version are paired. Among passages with the same words,
section and neighbours decide, not their order:

1. The sections of the two versions are paired (`sections`). Within paired sections, passages whose
   words occur once on each side are paired, then equal passages next to a pair (Heckel 1978).
2. Passages left over in paired sections: among all pairs of equal passages the heaviest increasing
   run, a pair weighing more the better its contexts agree; then the rest greedily, best fit first.
3. Passages left over in the article: equal passages next to a pair, then as in 2.

The heaviest increasing run of all pairs is in order; the other pairs have moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from indexer.links.sections import Sections, paired_sections
from indexer.links.selectors import key_of
from indexer.links.similarity import likeness
from indexer.model import Selectors

_MOST_PAIRS = 2_500  # pairs of passages with the same words that are compared, at most


class PassagePair(NamedTuple):
    """An old passage and the new passage with its words."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The pairs of passages with the same words in two versions of an article."""

    ordered: tuple[PassagePair, ...]  # ascending in both
    moved: tuple[PassagePair, ...]  # out of that order


def align(old: Sequence[Selectors], new: Sequence[Selectors]) -> Alignment:
    """Pairs the passages of `old` and `new` that have the same words."""
    pairs = _Pairing(old, new).run()
    ordered = _heaviest_run(pairs, [2 + fit(old[pair.old], new[pair.new]) for pair in pairs])
    kept = set(ordered)
    return Alignment(tuple(ordered), tuple(pair for pair in pairs if pair not in kept))


class _Pairing:
    """Pairs each old passage with at most one new one with its words, and vice versa."""

    def __init__(self, old: Sequence[Selectors], new: Sequence[Selectors]) -> None:
        self._old, self._new = old, new
        self._left = {n: key_of(passage.text) for n, passage in enumerate(old)}  # unpaired old
        self._free = {n: key_of(passage.text) for n, passage in enumerate(new)}  # unpaired new
        self._pairs: dict[int, int] = {}  # old → new

    def run(self) -> list[PassagePair]:
        """All pairs, sorted by old passage."""
        self._take_single(self._left, self._free)
        if not set(self._left.values()).isdisjoint(self._free.values()):
            self._take_equal()
        return [PassagePair(*pair) for pair in sorted(self._pairs.items())]

    def _take_equal(self) -> None:
        """Pairs passages whose words occur more than once."""
        old, new = Sections.of(self._old), Sections.of(self._new)
        keys = ([key_of(passage.text) for passage in side] for side in (self._old, self._new))
        homes = paired_sections(old, new, *keys)
        within = [(old.members[ours], new.members[theirs]) for ours, theirs in homes.items()]
        for ours, theirs in within:
            self._take_single(self._of(self._left, ours), self._of(self._free, theirs))
        self._take_beside(lambda n, other: homes.get(old.home[n]) == new.home[other], old, new)
        for ours, theirs in within:
            self._take_fitting(self._of(self._left, ours), self._of(self._free, theirs))
        self._take_beside(lambda n, other: True, old, new)
        self._take_fitting(self._left, self._free)

    @staticmethod
    def _of(keys: Mapping[int, bytes], members: Iterable[int]) -> dict[int, bytes]:
        return {n: keys[n] for n in members if n in keys}

    def _take(self, pairs: Iterable[PassagePair]) -> None:
        """Adds each pair whose two passages are both still unpaired."""
        for pair in pairs:
            if pair.old in self._left and pair.new in self._free:
                del self._left[pair.old], self._free[pair.new]
                self._pairs[pair.old] = pair.new

    def _take_single(self, left: Mapping[int, bytes], free: Mapping[int, bytes]) -> None:
        """Pairs passages whose words occur once in `left` and once in `free`."""
        rows, columns = _by_key(left), _by_key(free)
        both = ((rows[key], columns[key]) for key in rows.keys() & columns.keys())
        self._take(PassagePair(*a, *b) for a, b in both if len(a) == len(b) == 1)

    def _take_beside(self, may: Callable[[int, int], bool], old: Sections, new: Sections) -> None:
        """Pairs equal passages next to a pair, in its sections, if `may(old index, new index)`."""
        for step in (1, -1):
            for n in range(len(self._old))[::step]:
                last, other = n - step, self._pairs.get(n - step, -2) + step
                if (
                    n in self._left
                    and self._left[n] == self._free.get(other)
                    and (old.home[last], new.home[other - step]) == (old.home[n], new.home[other])
                    and may(n, other)
                ):
                    self._take([PassagePair(n, other)])

    def _take_fitting(self, left: Mapping[int, bytes], free: Mapping[int, bytes]) -> None:
        """Pairs all equal passages: first the heaviest run in order, then the rest, best first."""
        ours, theirs = tuple(left), tuple(free)
        pairs = _equal_pairs(left, free)
        self._take(_heaviest_run(pairs, [2 + self._fit(pair) for pair in pairs]))
        while pairs := _equal_pairs(self._of(self._left, ours), self._of(self._free, theirs)):
            self._take(pair for _, pair in sorted((-self._fit(pair), pair) for pair in pairs))

    def _fit(self, pair: PassagePair) -> float:
        return fit(self._old[pair.old], self._new[pair.new])


def fit(one: Selectors, other: Selectors) -> float:
    """How well the prefix, suffix and section of two passages agree, from 0 to 1."""
    before = likeness(one.prefix, other.prefix[-len(one.prefix) :] if one.prefix else "")
    after = likeness(one.suffix, other.suffix[: len(one.suffix)])
    return 0.4 * before + 0.4 * after + 0.2 * (one.section == other.section)


def _equal_pairs(old: Mapping[int, bytes], new: Mapping[int, bytes]) -> list[PassagePair]:
    """Pairs of indices with equal keys, sorted by old index, then by new index descending.

    For the commonest keys, only the pairs of a longest common subsequence.
    """
    rows, columns = _by_key(old), _by_key(new)
    pairs: list[PassagePair] = []
    common: set[bytes] = set()
    for key in rows.keys() & columns.keys():
        if len(rows[key]) * len(columns[key]) <= _MOST_PAIRS:
            pairs += (PassagePair(n, other) for n in rows[key] for other in columns[key])
        else:
            common.add(key)
    ours, theirs = ([n for n, key in side.items() if key in common] for side in (old, new))
    for step in LCSseq.opcodes([old[n] for n in ours], [new[n] for n in theirs]):
        if step.tag == "equal":
            same = ours[step.src_start : step.src_end]
            pairs += map(PassagePair, same, theirs[step.dest_start : step.dest_end])
    return sorted(pairs, key=lambda pair: (pair.old, -pair.new))


def _by_key(keys: Mapping[int, bytes]) -> dict[bytes, list[int]]:
    """Key → indices with that key, in the order of `keys`."""
    indices: dict[bytes, list[int]] = {}
    for n, key in keys.items():
        indices.setdefault(key, []).append(n)
    return indices


def _heaviest_run(pairs: Sequence[PassagePair], weights: Sequence[float]) -> list[PassagePair]:
    """The heaviest increasing subsequence: pairs ascending on both sides with the largest weight.

    `pairs` must be sorted as by `_equal_pairs`, so that no run has two pairs of one old passage.
    Only runs that outweigh all runs ending before them are kept. O(n log n), apart from moving
    the entries of a list.
    """
    ends: list[int] = []  # new index at which each kept run ends, ascending
    totals: list[float] = []  # weight of each kept run, ascending too
    lasts: list[int] = []  # last pair of each kept run
    before: list[int] = []  # for each pair, the pair before it in its run; -1: none
    for n, (pair, weight) in enumerate(zip(pairs, weights)):
        at = bisect_left(ends, pair.new)
        before.append(lasts[at - 1] if at else -1)
        total = weight + (totals[at - 1] if at else 0.0)
        stop = at
        while stop < len(ends) and totals[stop] <= total:
            stop += 1
        if stop > at or at == len(ends) or ends[at] != pair.new:
            ends[at:stop], totals[at:stop], lasts[at:stop] = [pair.new], [total], [n]
    run: list[PassagePair] = []
    last = lasts[-1] if lasts else -1
    while last >= 0:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]
