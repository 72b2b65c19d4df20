"""Which passages of the content hold the commonest words, found when the segment is made.

In: the token indices of common stems. Out: for each that is common enough a list of the passages
that hold it and how often each does, which a search for one word needs and nothing else. A stem
that some passage holds more often than a byte can say has no list.

    holders.edges[2 * H] uint32    first form of each stem with a list, and one past its last
    holders.low uint16             lower halves of the numbers of its passages, stem by stem
    holders.frames uint16/32       H rows: how many each 65,536 passages have
    holders.counts uint8           how often each passage has the stem
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from indexer.segments.container import Container
from indexer.segments.frames import Frames
from indexer.segments.grouping import BITS, FRAME
from indexer.sorted_arrays import Array

SHARE = 32  # a list is made of stems with a token in so many passages
LEAST = 1 << 12  # tokens of a stem that is worth a list
MOST = 255  # tokens of one passage


def pack_holders(
    positions: Mapping[str, Array], unit_tokens: Array, contents: int
) -> dict[str, Array]:
    """The arrays above, of those that `pack_positions` made and the first token of each unit."""
    starts = unit_tokens[: contents + 1].astype(np.int64)
    end = int(starts[-1])
    filled = np.flatnonzero(np.diff(starts))
    frames = Frames(starts[filled], end)
    edges = positions["positions.edges"].reshape(-1, 2)
    rows = _rows(positions["positions.frames"], len(edges))
    sizes = rows.sum(axis=1, dtype=np.int64)
    firsts = np.cumsum(sizes) - sizes
    upper = np.arange(rows.shape[1], dtype=np.uint32) << np.uint32(BITS)
    kept, lows, counts, tallies = [], [], [], []
    for number in np.flatnonzero(sizes >= max(LEAST, contents // SHARE)).tolist():
        first = int(firsts[number])
        tokens = np.repeat(upper, rows[number])
        tokens |= positions["positions.low"][first : first + int(sizes[number])]
        passages = frames.of(tokens[: tokens.searchsorted(np.uint32(end))])
        new = np.ones(passages.size, bool)
        np.not_equal(passages[1:], passages[:-1], out=new[1:])
        begins = np.flatnonzero(new)
        held = np.diff(begins, append=passages.size)
        if held.size and int(held.max()) <= MOST:
            numbers = filled[passages[begins]]
            kept.append(number)
            lows.append(numbers.astype(np.uint16))
            counts.append(held.astype(np.uint8))
            tallies.append(np.bincount(numbers >> BITS, minlength=-(-contents // FRAME)))
    table = np.array(tallies, np.int64).ravel()
    full = table.size and int(table.max()) == FRAME
    return {
        "holders.edges": edges[kept].ravel().astype(np.uint32),
        "holders.low": _joined(lows, np.uint16),
        "holders.frames": table.astype(np.uint32 if full else np.uint16),
        "holders.counts": _joined(counts, np.uint8),
    }


def _rows(table: Array, rows: int) -> Array:
    return table.reshape(rows, table.size // max(rows, 1))


def _joined(pieces: list[Array], dtype: type) -> Array:
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype)


class Holders:
    """Reads what `pack_holders` made; blocks are checked when they are first touched."""

    def __init__(self, container: Container) -> None:
        self._container = container
        edges = container["holders.edges"].tolist()
        self._numbers = {pair: n for n, pair in enumerate(zip(edges[::2], edges[1::2]))}
        rows = _rows(container["holders.frames"].astype(np.int64), len(self._numbers))
        self._ends: list[list[int]] = np.cumsum(rows).reshape(rows.shape).tolist()

    @property
    def stems(self) -> list[tuple[int, int]]:
        """The forms [low, high) of each stem with a list."""
        return list(self._numbers)

    def __contains__(self, forms: tuple[int, int]) -> bool:
        return forms in self._numbers

    def of(self, low: int, high: int) -> tuple[Array, Array] | None:
        """Passages with a form of [low, high), ascending (int64), and how often each has one
        (uint8); None if there is no list of just these forms."""
        number = self._numbers.get((low, high))
        if number is None:
            return None
        ends = self._ends[number]
        first = self._ends[number - 1][-1] if number else 0
        self._container.check("holders.low", first, ends[-1])
        self._container.check("holders.counts", first, ends[-1])
        passages = self._container.unchecked("holders.low")[first : ends[-1]].astype(np.int64)
        for frame, (begin, end) in enumerate(pairwise(ends), start=1):
            passages[begin - first : end - first] += frame << BITS
        return passages, self._container.unchecked("holders.counts")[first : ends[-1]]
