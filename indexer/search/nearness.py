"""Pairs that are near: NEAR/n and NEAR/s.

In: the occurrences of two operands, and how far apart they may be. Out: the pairs. Nothing crosses
a block's end.
"""

from __future__ import annotations

import numpy as np

from indexer.search.places import Places
from indexer.search.positions import Zone, between
from indexer.search.spans import PROXIMITY, Found, Marks, nothing
from indexer.search.term import Element
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, expanded

CELL = 6  # binary logarithm of the tokens of a cell
SEARCHED = 4096  # more tokens are not searched for before cells have told which are worth it
FEWER = 4  # so many times as many are looked through for what is worth while


def near(segment: Segment, left: Found, right: Found, distance: int | None) -> Found:
    """Pairs of spans that do not overlap, at most `distance` positions apart, in either order.

    The distance is counted from the last token of the earlier span to the first of the later
    one; None asks for one sentence instead. Each span that has a partner is paired with its
    nearest (of two as near, the one that follows); equal pairs are one occurrence.
    """
    if distance is None:
        left, right = _in_one_sentence(segment, left), _in_one_sentence(segment, right)
    if not left.starts.size or not right.starts.size:
        return nothing()
    if distance is not None:
        left, right = _near_any(left, right, distance), _near_any(right, left, distance)
        if not left.starts.size or not right.starts.size:
            return nothing()
    homes = segment.sentence_of if distance is None else segment.block_of
    here, there = (_Spans(found, homes(found.starts), segment.tokens) for found in (left, right))
    a, b = here.partners(there, distance), there.partners(here, distance)
    with_a, with_b = (a >= 0).nonzero()[0], (b >= 0).nonzero()[0]
    with_b = with_b[a[b[with_b]] != with_b]  # the others are pairs already
    i = np.concatenate((with_a, b[with_b]))
    j = np.concatenate((a[with_a], with_b))

    def rows() -> tuple[Array, Marks]:
        (of_left, rows_left), (of_right, rows_right) = left.marks.of(i), right.marks.of(j)
        owners = np.concatenate((rows_left, rows_right))
        starts = np.concatenate((left.marks.starts[of_left], right.marks.starts[of_right]))
        ends = np.concatenate((left.marks.ends[of_left], right.marks.ends[of_right]))
        return owners, Marks(starts, ends, np.full(owners.size, PROXIMITY, np.uint8), owners)

    starts = np.minimum(left.starts[i], right.starts[j])
    return Found.of(starts, np.maximum(left.ends[i], right.ends[j]), rows)


def _near_any(found: Found, others: Found, distance: int) -> Found:
    """If these are many, those alone that stand near some of the others; perhaps a few more."""
    if others.starts.size * FEWER > found.starts.size:
        return found
    longest = int((found.ends - found.starts).max())
    firsts, ends = others.starts - (distance + longest), others.ends + distance
    firsts[1:] = np.maximum(firsts[1:], np.maximum.accumulate(ends[:-1]))
    return found.take(between(found.starts, firsts, np.maximum(ends, firsts)))


def near_words(
    segment: Segment, words: tuple[Element, Element], distance: int, zone: Zone
) -> Found:
    """`near` of two words, the rarer one first. Both lists are read whole, which takes less time
    than to look at what stands around each token of one; few are left of either."""
    rare, many = map(zone.narrow_tokens, words)
    tokens = close(rare, many, distance)
    left, right = (Found.tokens(segment, *pair) for pair in zip(words, tokens))
    return near(segment, left, right, distance)


def close(rare: Array, many: Array, reach: int) -> tuple[Array, Array]:
    """Of tokens of two words (ascending) those that have one of the other at most `reach` before
    or behind them (int64); perhaps a few more."""
    if rare.size > SEARCHED and reach <= 1 << CELL:
        many = many.compress(_in_cells(many, rare))
        rare = rare.compress(_in_cells(rare, many))
    if not rare.size or not many.size:
        return EMPTY, EMPTY
    rare = rare.astype(np.int64)
    at = many.searchsorted(rare.astype(many.dtype))
    after = many.take(at, mode="clip") - rare
    before = rare - many.take(np.maximum(at - 1, 0))
    # The first has none before it, and the last none behind it: what was taken instead is on the
    # wrong side, and told by its sign.
    here = ((after >= 0) & (after <= reach)) | ((before >= 0) & (before <= reach))
    rare = rare.compress(here)
    edges = np.stack((rare - reach, rare + (reach + 1)))
    low, high = many.searchsorted(np.maximum(edges, 0).astype(many.dtype))
    np.maximum(low[1:], high[:-1], out=low[1:])
    return rare, many[expanded(low, high - low)].astype(np.int64)


def _in_cells(tokens: Array, others: Array) -> Array:
    """Which tokens (ascending) stand in a cell that has some of the others, or in one beside it."""
    if not tokens.size or not others.size:
        return np.zeros(tokens.size, bool)
    cells = np.zeros((int(max(tokens[-1], others[-1])) >> CELL) + 3, bool)
    places = others >> CELL
    if others.size * FEWER < cells.size:
        for place in (places, places + 1, places + 2):
            cells[place] = True
    else:
        cells[places + 1] = True
        filled = cells.copy()
        cells[1:] |= filled[:-1]
        cells[:-1] |= filled[1:]
    found: Array = cells[(tokens >> CELL) + 1]
    return found


class _Spans:
    """One side of a NEAR: spans that seek partners, and are sought as such."""

    def __init__(self, found: Found, homes: Array, size: int) -> None:
        """`homes`: number of the block, or sentence, of each; `size`: tokens of the segment."""
        self.starts, self.ends, self.homes = found.starts, found.ends, homes
        self._by_start = Places(found.starts, size)
        lengths = found.ends - found.starts
        self._length = int(lengths[0])
        self._by_end: Places | None = None  # None: all are as long, and so in the same order
        self._order = EMPTY
        if not (lengths == self._length).all():
            self._order = np.lexsort((found.starts, found.ends))
            self._by_end = Places(found.ends[self._order], size + 1)

    def partners(self, others: _Spans, distance: int | None) -> Array:
        """For each span the number of the nearest of the others in its home, or -1."""
        follows = others.after(self.ends)
        fine = follows < others.starts.size
        follows[~fine] = 0
        gap = others.starts[follows] - (self.ends - 1)
        fine &= others.homes[follows] == self.homes
        if distance is not None:
            fine &= gap <= distance
        chosen = np.where(fine, follows, -1)
        precedes = others.before(self.starts)
        gap_before = self.starts - (others.ends[precedes] - 1)
        nearer = (precedes >= 0) & (~fine | (gap_before < gap))
        nearer &= others.homes[precedes] == self.homes
        if distance is not None:
            nearer &= gap_before <= distance
        return np.where(nearer, precedes, chosen)

    def after(self, ends: Array) -> Array:
        """Number of the first span that begins at or after each of these tokens."""
        return self._by_start.below(ends)

    def before(self, starts: Array) -> Array:
        """Number of the last span that ends at or before each of these tokens, or -1."""
        if self._by_end is None:
            return self._by_start.upto(np.maximum(starts - self._length, -1)) - 1
        at = self._by_end.upto(starts) - 1
        return np.where(at < 0, -1, self._order[at])


def _in_one_sentence(segment: Segment, found: Found) -> Found:
    """Those that do not cross a sentence's end."""
    if (found.ends - found.starts == 1).all():
        return found
    ends = segment.sentence_of(found.ends - 1)
    return found.take(np.flatnonzero(segment.sentence_of(found.starts) == ends))
