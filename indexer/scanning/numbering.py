"""Numbers for strings by the hundred thousand: short ASCII strings as bytes in, their numbers out.

A string of up to 16 bytes is two 64-bit integers, and what has been numbered once is found again
in a table by a hash of both, all at once. What the table lacks is sorted, so that each distinct
string is numbered once. Neither hash nor table decides what is equal, so a clash does no harm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]

SHORT = 16  # bytes of a string that fits
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
_BITS = 17  # of a slot's number
_SHIFT = np.uint64(64 - _BITS)
# Odd constants that spread their factor's bits: the golden ratio's and two of Murmur's
_FIRST, _SECOND, _AGAIN = map(
    np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD)
)


class Numbers:
    """Numbers strings; `number` is asked once for each that the table does not know."""

    def __init__(self, number: Callable[[str], int]) -> None:
        self._number = number
        self._ids = np.full(1 << _BITS, -1, np.int64)  # -1: the slot is empty
        self._low = np.zeros(1 << _BITS, np.uint64)
        self._high = np.zeros(1 << _BITS, np.uint64)

    def of(self, codes: Bytes, starts: Ints, ends: Ints) -> Ints:
        """The number of each string [start, end) of `codes`, which are ASCII there."""
        ids = np.full(starts.size, -1, np.int64)
        sizes = ends - starts
        short = sizes <= SHORT
        every = bool(short.all())
        at = np.arange(starts.size) if every else np.flatnonzero(short)
        low, high = _packed(codes, starts[at], sizes[at])
        found = self._known(low, high)
        ids[at] = found
        unknown = np.flatnonzero(found < 0)
        if unknown.size:
            home, keys = at[unknown], (low[unknown], high[unknown])
            ids[home] = self._learned(codes, starts[home], ends[home], *keys)
        if not every:
            for i in np.flatnonzero(~short).tolist():
                ids[i] = self._number(codes[starts[i] : ends[i]].tobytes().decode("ascii"))
        return ids

    def _known(self, low: Keys, high: Keys) -> Ints:
        """Numbers from the table, -1 for what is not in it."""
        mixed = _mixed(low, high)
        ids = self._at(mixed, low, high)
        missed = np.flatnonzero(ids < 0)
        if missed.size:
            ids[missed] = self._at(mixed[missed] * _AGAIN, low[missed], high[missed])
        return ids

    def _at(self, mixed: Keys, low: Keys, high: Keys) -> Ints:
        slots = (mixed >> _SHIFT).view(np.int64)
        same = (self._low[slots] == low) & (self._high[slots] == high)
        return np.where(same, self._ids[slots], -1)

    def _learned(self, codes: Bytes, starts: Ints, ends: Ints, low: Keys, high: Keys) -> Ints:
        """Numbers of strings that the table lacks; it keeps those for which it has room."""
        mixed = _mixed(low, high)
        order = np.argsort(mixed)  # brings equal strings together
        low, high = low[order], high[order]
        new = np.ones(order.size, bool)
        new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        heads = order[new]
        bounds = zip(starts[heads].tolist(), ends[heads].tolist())
        raw = codes.tobytes()
        numbers = np.array([self._number(raw[a:b].decode("ascii")) for a, b in bounds], np.int64)
        mixed, low, high = mixed[heads], low[new], high[new]
        left = self._keep(mixed, low, high, numbers, np.arange(heads.size))
        self._keep(mixed * _AGAIN, low, high, numbers, left)
        ids = np.empty(order.size, np.int64)
        ids[order] = numbers[np.cumsum(new) - 1]
        return ids

    def _keep(self, mixed: Keys, low: Keys, high: Keys, numbers: Ints, which: Ints) -> Ints:
        """Puts these strings in their slots; those whose slot another has taken are returned."""
        slots = (mixed[which] >> _SHIFT).view(np.int64)
        free = self._ids[slots] < 0
        mine, slots_free = which[free], slots[free]
        self._ids[slots_free] = numbers[mine]  # of several for one slot the last stays
        won = np.flatnonzero(self._ids[slots] == numbers[which])
        self._low[slots[won]] = low[which[won]]
        self._high[slots[won]] = high[which[won]]
        return np.delete(which, won)


def _mixed(low: Keys, high: Keys) -> Keys:
    return low * _FIRST ^ high * _SECOND


def _packed(codes: Bytes, starts: Ints, sizes: Ints) -> tuple[Keys, Keys]:
    """The first 8 and the next 8 bytes of each string as integers; bytes beyond its end are 0."""
    padded = np.concatenate((codes, np.zeros(2 * SHORT, np.uint8)))
    # the 8 bytes from each place on, overlapping
    words = np.ndarray((codes.size + SHORT,), "<u8", padded, strides=(1,))
    low = words[starts] & _MASKS[np.minimum(sizes, 8)]
    high = np.zeros(starts.size, np.uint64)
    long = np.flatnonzero(sizes > 8)
    high[long] = words[starts[long] + 8] & _MASKS[np.minimum(sizes[long] - 8, 8)]
    return low, high
