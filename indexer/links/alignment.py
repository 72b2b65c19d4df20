"""Pairs the passages of two versions of an article that have the same words.

Takes the selectors of the old and new passages, in text order. Returns pairs of indices, split into
those in order and those that moved. Pure. Refuses nothing.

Passages whose words occur once in each version are paired. Among passages with the same words,
section and neighbours decide, not their order:

1. A section is a run of passages with the same section path. The sections of the two versions are
   paired by words and pairs of neighbouring words that occur in no other section of their version,
   so that a renamed section is found under its new name even if another has taken its old one; the
   rest by equal paths.
2. Within paired sections, equal passages next to a pair are paired (Heckel 1978). Of the others,
   the heaviest increasing run, a pair weighing more the better its contexts agree; then the rest
   greedily, best fit first.
3. Passages left over in the article: as the others in 2.

The heaviest increasing run of all pairs is in order; the other pairs have moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from indexer.links.selectors import key_of
from indexer.links.similarity import likeness
from indexer.model import Selectors

_MOST_PAIRS = 2_500  # pairs of passages with the same words that are compared, at most


class PassagePair(NamedTuple):
    """An old passage and the new passage with its words."""

    old: int
    new: int


def align(
    old: Sequence[Selectors], new: Sequence[Selectors]
) -> tuple[list[PassagePair], list[PassagePair]]:
    """Pairs of the passages of `old` and `new` with the same words: those in order, ascending in
    both, and those out of that order."""
    pairs = _Pairing(old, new).run()
    ordered = _heaviest_run(pairs, [2 + fit(old[pair.old], new[pair.new]) for pair in pairs])
    kept = set(ordered)
    return ordered, [pair for pair in pairs if pair not in kept]


class _Pairing:
    """Pairs each old passage with at most one new one with its words, and vice versa."""

    def __init__(self, old: Sequence[Selectors], new: Sequence[Selectors]) -> None:
        self._old, self._new = old, new
        self._left = {n: key_of(passage.text) for n, passage in enumerate(old)}  # unpaired old
        self._free = {n: key_of(passage.text) for n, passage in enumerate(new)}  # unpaired new
        self._pairs: dict[int, int] = {}  # old → new

    def run(self) -> list[PassagePair]:
        """All pairs, sorted by old passage."""
        rows, columns = _by_key(self._left), _by_key(self._free)
        both = ((rows[key], columns[key]) for key in rows.keys() & columns.keys())
        self._take(PassagePair(*a, *b) for a, b in both if len(a) == len(b) == 1)
        if not set(self._left.values()).isdisjoint(self._free.values()):
            old, new = _Sections.of(self._old), _Sections.of(self._new)
            homes = _paired_sections(old, new)
            self._take_beside(old, new, homes)
            for ours, theirs in homes.items():
                self._take_fitting(old.members[ours], new.members[theirs])
            self._take_fitting(range(len(self._old)), range(len(self._new)))
        return [PassagePair(*pair) for pair in sorted(self._pairs.items())]

    def _take(self, pairs: Iterable[PassagePair]) -> None:
        """Adds each pair whose two passages are both still unpaired."""
        for pair in pairs:
            if pair.old in self._left and pair.new in self._free:
                del self._left[pair.old], self._free[pair.new]
                self._pairs[pair.old] = pair.new

    def _take_beside(self, old: _Sections, new: _Sections, homes: Mapping[int, int]) -> None:
        """Pairs equal passages next to a pair, all in the same paired sections."""
        for step in (1, -1):
            for n in range(len(self._old))[::step]:
                other = self._pairs.get(n - step, -2) + step
                if (
                    n in self._left
                    and self._left[n] == self._free.get(other)
                    and old.home[n - step] == old.home[n]
                    and new.home[other - step] == new.home[other] == homes.get(old.home[n])
                ):
                    self._take([PassagePair(n, other)])

    def _take_fitting(self, ours: Sequence[int], theirs: Sequence[int]) -> None:
        """Pairs all equal passages among these: first the heaviest run in order, then the rest,
        best first."""

        def equal_pairs() -> list[PassagePair]:
            left = {n: self._left[n] for n in ours if n in self._left}
            return _equal_pairs(left, {n: self._free[n] for n in theirs if n in self._free})

        def alike(pair: PassagePair) -> float:
            return fit(self._old[pair.old], self._new[pair.new])

        pairs = equal_pairs()
        self._take(_heaviest_run(pairs, [2 + alike(pair) for pair in pairs]))
        while pairs := equal_pairs():
            self._take(sorted(pairs, key=lambda pair: (-alike(pair), pair)))


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


# --- sections ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sections:
    """The sections of one version."""

    paths: list[tuple[str, ...]]  # section path of each section
    members: list[list[int]]  # passages of each section, ascending
    home: list[int]  # section of each passage
    words: dict[bytes, int]  # word, or pair of words, that one section alone has → that section

    @classmethod
    def of(cls, passages: Sequence[Selectors]) -> _Sections:
        """The sections of passages given in text order."""
        runs = groupby(range(len(passages)), key=lambda n: passages[n].section)
        paths, members = zip(*((path, list(run)) for path, run in runs))
        home = [at for at, run in enumerate(members) for _ in run]
        found: dict[bytes, int] = {}
        for at, passage in zip(home, passages):
            words = key_of(passage.text).split(b" ")
            for shingle in chain(words, (b"%b %b" % pair for pair in pairwise(words))):
                if found.setdefault(shingle, at) != at:
                    found[shingle] = -1
        own = {shingle: at for shingle, at in found.items() if at >= 0}
        return cls(list(paths), list(members), home, own)


def _paired_sections(old: _Sections, new: _Sections) -> dict[int, int]:
    """Old section → new section: those with most own words in common first, then those with the
    same path, in order."""
    common = Counter((at, new.words[w]) for w, at in old.words.items() if w in new.words)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for ours, theirs in sorted(common, key=lambda pair: (-common[pair], pair)):
        if ours not in pairs and theirs not in taken:
            pairs[ours] = theirs
            taken.add(theirs)
    free: dict[tuple[str, ...], list[int]] = {}
    for theirs in range(len(new.paths))[::-1]:
        if theirs not in taken:
            free.setdefault(new.paths[theirs], []).append(theirs)
    for ours, path in enumerate(old.paths):
        if ours not in pairs and free.get(path):
            pairs[ours] = free[path].pop()
    return pairs
