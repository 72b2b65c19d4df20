"""Which new passage is which old one, by exact words: in order where possible, moved otherwise.

In: the selectors of an article's passages before and after. Out: `Pair`s of indices. Pure.

Passages whose words stand once on either side are the firm ground: the longest run of them that
kept its order (weighted, so that those that also kept their section are preferred) divides the
rest into gaps, in which the same is done again. Where words stand several times in a gap, the
assignment in order that fits the contexts best is taken. What is left over has moved: among equal
passages again by context.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from indexer.links.scoring import likeness
from indexer.links.selectors import key_of
from indexer.model import Selectors

_MOST_CELLS = 60_000  # of a gap that is assigned by context; a larger one by order alone
_STAYED, _ELSEWHERE = 3, 2  # weight of a passage in the longest run: in the same section, or not


class Pair(NamedTuple):
    """An old passage and the new one that has its words."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The exact matches of two versions of an article."""

    ordered: tuple[Pair, ...]  # ascending in both
    moved: tuple[Pair, ...]  # out of that order


def align(old: Sequence[Selectors], new: Sequence[Selectors]) -> Alignment:
    """The passages of `old` that stand in `new` with the same words."""
    return _Aligner(old, new).align()


class _Gap(NamedTuple):
    """Half-open ranges of old and new passages that belong together."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


class _Aligner:
    def __init__(self, old: Sequence[Selectors], new: Sequence[Selectors]) -> None:
        self.old, self.new = old, new
        self.old_keys: list[Hashable] = [key_of(one.text) for one in old]
        self.new_keys: list[Hashable] = [key_of(one.text) for one in new]

    def align(self) -> Alignment:
        ordered = sorted(self._ordered())
        return Alignment(tuple(ordered), tuple(self._moved(ordered)))

    # --- in order ---

    def _ordered(self) -> Iterator[Pair]:
        gaps = [_Gap(0, len(self.old), 0, len(self.new))]
        while gaps:
            gap = gaps.pop()
            firm = self._firm_ground(gap)
            if not firm:
                yield from self._by_context(gap)
                continue
            yield from firm
            ends = [*firm, Pair(gap.old_end, gap.new_end)]
            at = Pair(gap.old_start, gap.new_start)
            for end in ends:
                if at.old < end.old and at.new < end.new:
                    gaps.append(_Gap(at.old, end.old, at.new, end.new))
                at = Pair(end.old + 1, end.new + 1)

    def _firm_ground(self, gap: _Gap) -> list[Pair]:
        """The longest run, in order, of passages that are unique on both sides of a gap."""
        ours = _places(self.old_keys, gap.old_start, gap.old_end)
        theirs = _places(self.new_keys, gap.new_start, gap.new_end)
        pairs = [
            Pair(places[0], theirs[key][0])
            for key, places in ours.items()
            if len(places) == 1 and len(theirs.get(key, ())) == 1
        ]
        pairs.sort()
        return _heaviest_run(pairs, [self._weight(pair) for pair in pairs])

    def _weight(self, pair: Pair) -> int:
        same = self.old[pair.old].section == self.new[pair.new].section
        return _STAYED if same else _ELSEWHERE

    def _by_context(self, gap: _Gap) -> Iterator[Pair]:
        """Equal passages of a gap assigned in order, so that their contexts fit best."""
        theirs = set(self.new_keys[gap.new_start : gap.new_end])
        rows = [n for n in range(gap.old_start, gap.old_end) if self.old_keys[n] in theirs]
        ours = {self.old_keys[n] for n in rows}
        columns = [n for n in range(gap.new_start, gap.new_end) if self.new_keys[n] in ours]
        if not rows:
            return
        if len(rows) * len(columns) > _MOST_CELLS:
            keys = [self.old_keys[n] for n in rows], [self.new_keys[n] for n in columns]
            for step in LCSseq.opcodes(*keys):
                if step.tag == "equal":
                    same = rows[step.src_start : step.src_end]
                    yield from map(Pair, same, columns[step.dest_start : step.dest_end])
            return
        yield from self._best_assignment(rows, columns)

    def _best_assignment(self, rows: list[int], columns: list[int]) -> Iterator[Pair]:
        """Needleman and Wunsch's alignment; only equal passages may be paired."""
        width = len(columns) + 1
        best = [[0.0] * width for _ in range(len(rows) + 1)]
        worth: dict[tuple[int, int], float] = {}
        for r in range(len(rows) - 1, -1, -1):
            for c in range(len(columns) - 1, -1, -1):
                best[r][c] = max(best[r + 1][c], best[r][c + 1])
                if self.old_keys[rows[r]] == self.new_keys[columns[c]]:
                    worth[r, c] = 2 + self.fit(rows[r], columns[c]) + best[r + 1][c + 1]
                    best[r][c] = max(best[r][c], worth[r, c])
        r = c = 0
        while r < len(rows) and c < len(columns):
            if best[r][c] == worth.get((r, c)):
                yield Pair(rows[r], columns[c])
                r, c = r + 1, c + 1
            elif best[r][c] == best[r + 1][c]:
                r += 1
            else:
                c += 1

    # --- out of order ---

    def _moved(self, ordered: Sequence[Pair]) -> Iterator[Pair]:
        """Equal passages of those that are left over, the best fitting first."""
        seen_old, seen_new = {pair.old for pair in ordered}, {pair.new for pair in ordered}
        free = defaultdict(list)
        for n, key in enumerate(self.new_keys):
            if n not in seen_new:
                free[key].append(n)
        waiting = defaultdict(list)
        for n, key in enumerate(self.old_keys):
            if n not in seen_old and key in free:
                waiting[key].append(n)
        for key, places in waiting.items():
            yield from self._by_fit(places, free[key])

    def _by_fit(self, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Pair]:
        """Equal passages paired, the best fitting first; very many simply in order."""
        if len(rows) * len(columns) > _MOST_CELLS:
            yield from map(Pair, rows, columns)
            return
        pairs = sorted((-self.fit(n, other), n, other) for n in rows for other in columns)
        taken_old: set[int] = set()
        taken_new: set[int] = set()
        for _, n, other in pairs:
            if n not in taken_old and other not in taken_new:
                taken_old.add(n)
                taken_new.add(other)
                yield Pair(n, other)

    def fit(self, n: int, other: int) -> float:
        """How well the surroundings of an old passage and a new one agree."""
        return fit(self.old[n], self.new[other])


def fit(one: Selectors, other: Selectors) -> float:
    """How well the surroundings of two passages agree, from 0 to 1."""
    before = likeness(one.prefix, other.prefix[-len(one.prefix) :] if one.prefix else "")
    after = likeness(one.suffix, other.suffix[: len(one.suffix)])
    return 0.4 * before + 0.4 * after + 0.2 * (one.section == other.section)


def _places(keys: Sequence[Hashable], start: int, end: int) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for n in range(start, end):
        found.setdefault(keys[n], []).append(n)
    return found


def _heaviest_run(pairs: Sequence[Pair], weights: Sequence[int]) -> list[Pair]:
    """The run of `pairs` (ascending in old) that ascends in new too and weighs most.

    With a Fenwick tree of the heaviest run that ends at or before each new place.
    """
    ranks = sorted(pair.new for pair in pairs)
    tree: list[tuple[int, int]] = [(0, -1)] * (len(pairs) + 1)  # weight, last pair
    before: list[int] = []
    for n, pair in enumerate(pairs):
        place = bisect_left(ranks, pair.new) + 1
        best, at = (0, -1), place - 1
        while at > 0:
            best = max(best, tree[at], key=lambda entry: entry[0])
            at -= at & -at
        before.append(best[1])
        entry, at = (best[0] + weights[n], n), place
        while at < len(tree):
            tree[at] = max(tree[at], entry, key=lambda entry: entry[0])
            at += at & -at
    weight, last = 0, -1
    at = len(pairs)
    while at > 0:
        if tree[at][0] > weight:
            weight, last = tree[at]
        at -= at & -at
    run = []
    while last >= 0:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]
