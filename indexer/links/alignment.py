"""Pairs the passages of two versions of an article that have the same words.

In: the selectors of the passages before and after, in order of the text. Out: pairs of indices, in
order where possible, the rest as moved. Pure.

Of all pairs of equal passages those are in order that ascend on both sides and fit best: the
heaviest increasing run, each pair weighing more the better its surroundings agree. What is left
over has moved: assigned greedily, best fit first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from indexer.links.selectors import key_of
from indexer.links.similarity import likeness
from indexer.model import Selectors

_MOST_PAIRS = 2_500  # of passages with the same words that are held against each other


class PassagePair(NamedTuple):
    """An old passage and the new one that has its words."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The exact matches of two versions of an article."""

    ordered: tuple[PassagePair, ...]  # ascending in both
    moved: tuple[PassagePair, ...]  # out of that order


def align(old: Sequence[Selectors], new: Sequence[Selectors]) -> Alignment:
    """The passages of `old` that stand in `new` with the same words."""
    left = {n: key_of(one.text) for n, one in enumerate(old)}
    free = {n: key_of(one.text) for n, one in enumerate(new)}

    def fits(pairs: Sequence[PassagePair]) -> list[float]:
        return [fit(old[pair.old], new[pair.new]) for pair in pairs]

    pairs = _equal_pairs(left, free)
    ordered = _heaviest_run(pairs, [2 + agreed for agreed in fits(pairs)])
    for pair in ordered:
        del left[pair.old], free[pair.new]
    moved = []
    while pairs := _equal_pairs(left, free):
        for _, pair in sorted((-agreed, pair) for agreed, pair in zip(fits(pairs), pairs)):
            if pair.old in left and pair.new in free:
                del left[pair.old], free[pair.new]
                moved.append(pair)
    return Alignment(tuple(ordered), tuple(moved))


def fit(one: Selectors, other: Selectors) -> float:
    """How well the surroundings of two passages agree, from 0 to 1."""
    before = likeness(one.prefix, other.prefix[-len(one.prefix) :] if one.prefix else "")
    after = likeness(one.suffix, other.suffix[: len(one.suffix)])
    return 0.4 * before + 0.4 * after + 0.2 * (one.section == other.section)


def _equal_pairs(old: Mapping[int, bytes], new: Mapping[int, bytes]) -> list[PassagePair]:
    """Pairs of places with equal keys, by old place, and for one old place the last new one first.

    Of places with the commonest keys only those of a longest common subsequence.
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
    """Places by their key, ascending."""
    found: dict[bytes, list[int]] = {}
    for n, key in keys.items():
        found.setdefault(key, []).append(n)
    return found


def _heaviest_run(pairs: Sequence[PassagePair], weights: Sequence[float]) -> list[PassagePair]:
    """The pairs that ascend on both sides and together weigh most.

    The heaviest increasing subsequence. `pairs` must be sorted as `_equal_pairs` gives them, so
    that no run takes two pairs of one old passage. Of the runs seen so far only those are kept
    that outweigh all that end before them. O(n log n), but for moving the entries of a list.
    """
    ends: list[int] = []  # new places where those runs end, ascending
    totals: list[float] = []  # their weights, ascending too
    lasts: list[int] = []  # their last pairs
    before: list[int] = []  # for each pair the one before it in its run; -1: none
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
