"""The token indices of words, read: ranges of form ids in, token indices out.

See `grouping` for what is read. Whatever range is asked for, of the rare forms in it one slice is
read, and of the common stems in it one slice too; of a common stem that is in it in part the whole
list is read, and then what is wanted of it is taken.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from indexer.segments.container import Container
from indexer.segments.grouping import BITS, FRAME, indices
from indexer.segments.parting import Parting
from indexer.sorted_arrays import Array, expanded

FEW = 64  # one token in so many is sooner read alone than with the whole list
SINGLY = 256  # below so many, what is between them is copied


@dataclass(frozen=True)
class Plan:
    """What has to be read for some ranges."""

    lows: Array  # first form of each range (int64)
    highs: Array  # one past its last
    firsts: Array  # where the rare forms of each begin
    sizes: Array  # how many tokens they have
    whole: Array  # numbers of the common stems that are wanted with all their forms
    cut: Array  # of those that are wanted in part
    tokens: int  # all that is read


class Postings:
    """Reads what `pack_positions` made; blocks are checked when they are first touched."""

    def __init__(self, container: Container, form_first: Array, tokens: int) -> None:
        self._container, self._form_first = container, form_first
        self._rare = container.unchecked("positions")
        self._low = container.unchecked("positions.low")
        self._frames = container.unchecked("positions.frames")
        self._width = -(-tokens // FRAME)  # counts of each stem
        self._upper = np.arange(self._width, dtype=np.uint32) << np.uint32(BITS)
        edges = container["positions.edges"]
        self._edges: list[int] = edges.tolist()
        self._bounds = edges.astype(np.int64).reshape(-1, 2)
        before = form_first[edges].astype(np.int64)
        self._sizes = before[1::2] - before[::2]
        self._firsts = np.concatenate(([0], np.cumsum(self._sizes)))  # in `positions.low`
        self._begins: list[int] = self._firsts.tolist()

    # --- one range ------------------------------------------------------------------------------

    def of(self, low: int, high: int) -> Array:
        """Token indices of the forms [low, high) (uint32).

        First those of rare stems, form by form; then those of each common stem. The indices of
        each rare form ascend, and so do those of each common stem.
        """
        first, end = bisect_right(self._edges, low) // 2, (bisect_left(self._edges, high) + 1) // 2
        if first == end:
            return self._rare_between(self._rare_before(low), self._rare_before(high))
        if end - first == 1 and self.is_list(low, high):
            return self._of_stem(first, low, high)
        pieces = [self._rare_between(self._rare_before(low), self._rare_before(high))]
        if low > self._edges[2 * first]:
            pieces.append(self._of_stem(first, low, high))
            first += 1
        cut = end > first and high < self._edges[2 * end - 1]
        pieces.append(self._decoded(first, end - cut))
        if cut:
            pieces.append(self._of_stem(end - 1, low, high))
        return np.concatenate(pieces)

    def since(self, low: int, high: int, start: int) -> Array:
        """Of the token indices of the forms of one common stem those from `start` on (uint32)."""
        number = bisect_right(self._edges, low) // 2
        if (low, high) != tuple(self._edges[2 * number : 2 * number + 2]):
            raise ValueError(f"the forms {low} to {high} are not a common stem")
        row = number * self._width
        self._container.check("positions.frames", row, row + self._width)
        skipped = min(start >> BITS, self._width)  # frames
        counts = self._frames[row + skipped : row + self._width]
        end = self._begins[number + 1]
        first = end - int(counts.sum(dtype=np.int64))
        self._container.check("positions.low", first, end)
        tokens = np.repeat(self._upper[skipped:], counts)
        tokens |= self._low[first:end]
        return tokens[tokens.searchsorted(np.uint32(start)) :]

    def is_list(self, low: int, high: int) -> bool:
        """Whether `of` gives these forms as one ascending list."""
        at = bisect_right(self._edges, low)
        return high - low == 1 or bool(at % 2 and high <= self._edges[at])

    @property
    def shared(self) -> list[tuple[int, int]]:
        """The forms [low, high) of each common stem."""
        return list(zip(self._edges[::2], self._edges[1::2]))

    def _rare_before(self, form: int) -> int:
        """Tokens of rare stems before a form."""
        number, inside = divmod(bisect_right(self._edges, form), 2)
        if inside:
            form = self._edges[2 * number]
        return int(self._form_first[form]) - self._begins[number]

    def _rare_between(self, first: int, end: int) -> Array:
        self._container.check("positions", first, end)
        return self._rare[first:end]

    def _decoded(self, first: int, end: int) -> Array:
        """Token indices of the common stems [first, end)."""
        low, high = self._begins[first], self._begins[end]
        self._container.check("positions.low", low, high)
        self._container.check("positions.frames", first * self._width, end * self._width)
        counts = self._frames[first * self._width : end * self._width]
        return indices(self._low[low:high], counts.reshape(end - first, self._width))

    # --- a part of a common stem ----------------------------------------------------------------

    def _of_stem(self, number: int, low: int, high: int) -> Array:
        """Token indices of those forms of a common stem that are in [low, high), ascending."""
        first, end = self._edges[2 * number : 2 * number + 2]
        low, high = max(low, first), min(high, end)
        if low == first and high == end:
            return self._decoded(number, number + 1)
        if not low <= int(self._parting.main[number]) < high:
            ranks = self._parting.of(number, low, high)
            return self._at_ranks(number, ranks if high - low == 1 else np.sort(ranks))
        tokens = self._decoded(number, number + 1)
        places = self._parting.of
        others = np.concatenate((places(number, first, low), places(number, high, end)))
        if others.size < SINGLY:
            gaps = pairwise([-1, *np.sort(others).tolist(), tokens.size])
            return np.concatenate([tokens[before + 1 : after] for before, after in gaps])
        kept = np.ones(tokens.size, bool)
        kept[others] = False
        return tokens.compress(kept)

    def _at_ranks(self, number: int, ranks: Array) -> Array:
        """Token indices at these places (ascending) of the list of a common stem."""
        if ranks.size * FEW > self._sizes[number]:
            return self._decoded(number, number + 1)[ranks]
        at = ranks + self._begins[number]
        first, end = number * self._width, (number + 1) * self._width
        self._container.check_at("positions.low", at)
        self._container.check("positions.frames", first, end)
        upper = np.cumsum(self._frames[first:end], dtype=np.int64).searchsorted(ranks, "right")
        tokens: Array = (upper << BITS).astype(np.uint32)
        tokens |= self._low[at]
        return tokens

    @cached_property
    def _parting(self) -> Parting:
        return Parting(self._container, self._form_first, self._bounds)

    # --- many ranges ----------------------------------------------------------------------------

    def plan(self, lows: Array, highs: Array) -> Plan:
        """What to read for the ranges [lows[i], highs[i]) of forms: disjoint, ascending (int64)."""
        firsts, ends = self._all_rare_before(lows), self._all_rare_before(highs)
        # Forms of each common stem that are in the ranges.
        edges = self._bounds.ravel()
        before = np.concatenate(([0], np.cumsum(highs - lows)))
        last = lows.searchsorted(edges, "right") - 1
        inside = np.minimum(edges - lows[last], highs[last] - lows[last])
        covered = np.where(last >= 0, before[last] + inside, 0)
        wanted = covered[1::2] - covered[::2]
        full = wanted == edges[1::2] - edges[::2]
        whole, cut = np.flatnonzero(full), np.flatnonzero((wanted > 0) & ~full)
        read = int((ends - firsts).sum() + self._sizes[whole].sum() + self._sizes[cut].sum())
        return Plan(lows, highs, firsts, ends - firsts, whole, cut, read)

    def read(self, plan: Plan) -> Array:
        """Token indices of the ranges of a plan, in no order (uint32)."""
        at = expanded(plan.firsts, plan.sizes)
        self._container.check_at("positions", at)
        pieces = [self._rare[at], self._all_decoded(plan.whole)]
        wide = self._parting.is_wide[plan.cut]
        for number in plan.cut[wide].tolist():
            first, end = self._edges[2 * number : 2 * number + 2]
            a = int(plan.highs.searchsorted(first, "right"))
            b = int(plan.lows.searchsorted(end, "left"))
            ranges = zip(plan.lows[a:b].tolist(), plan.highs[a:b].tolist())
            pieces += [self._of_stem(number, low, high) for low, high in ranges]
        narrow = plan.cut[~wide]
        if narrow.size:
            pieces.append(self._all_decoded(narrow)[self._wanted(narrow, plan)])
        return np.concatenate(pieces)

    def _wanted(self, numbers: Array, plan: Plan) -> Array:
        """Which tokens of these common stems, none of them wide, are in the ranges (bool)."""
        edges = np.stack((plan.lows, plan.highs), axis=1).ravel()
        marks = np.zeros(edges.size + 1, bool)
        marks[1::2] = True
        marks = np.repeat(marks, np.diff(edges, prepend=0, append=self._form_first.size))
        bounds, sizes = self._bounds[numbers], self._sizes[numbers]
        forms = expanded(bounds[:, 0], bounds[:, 1] - bounds[:, 0])
        rows = np.repeat(np.arange(numbers.size), bounds[:, 1] - bounds[:, 0])
        by_main = marks[self._parting.main[numbers]]
        # Forms that are wanted where the commonest is not, and the other way round.
        apart = (marks[forms] != by_main[rows]) & (forms != self._parting.main[numbers[rows]])
        forms, rows = forms[apart], rows[apart]
        ranks, counts = self._parting.each(numbers[rows], forms)
        ranks += np.repeat((np.cumsum(sizes) - sizes)[rows], counts)
        wanted = np.repeat(by_main, sizes)
        wanted[ranks] = ~wanted[ranks]
        return wanted

    def _all_rare_before(self, forms: Array) -> Array:
        """`_rare_before` of many forms."""
        numbers, inside = np.divmod(self._bounds.ravel().searchsorted(forms, "right"), 2)
        if self._edges:
            at = np.minimum(numbers, len(self._bounds) - 1)
            forms = np.where(inside == 1, self._bounds[at, 0], forms)
        before: Array = self._form_first[forms].astype(np.int64)
        before -= self._firsts[numbers]
        return before

    def _all_decoded(self, numbers: Array) -> Array:
        """Token indices of these common stems (their numbers, ascending)."""
        if not numbers.size:
            return np.zeros(0, np.uint32)
        low, high = int(numbers[0]), int(numbers[-1]) + 1
        if high - low == numbers.size:
            return self._decoded(low, high)
        at = expanded(self._firsts[numbers], self._sizes[numbers])
        rows = (numbers[:, None] * self._width + np.arange(self._width)).ravel()
        self._container.check_at("positions.low", at)
        self._container.check_at("positions.frames", rows)
        return indices(self._low[at], self._frames[rows].reshape(-1, self._width))
