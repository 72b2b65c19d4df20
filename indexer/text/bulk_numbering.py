"""Numbers for strings by the hundred thousand: short ASCII strings as bytes in, their numbers out.

A string of up to 8 bytes is a 64-bit integer, one of up to 16 is two, and what has been numbered
once is found again in a table by a hash of these, all at once. What a table lacks is sorted, so
that each distinct string is numbered once. Neither hash nor table decides what is equal, so a
clash does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
Numberer = Callable[[Sequence[str]], Sequence[int]]

WORD = 8  # bytes of an integer
LONGEST = 2 * WORD  # bytes of a string that fits
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(WORD + 1)], np.uint64)
# Bits of a slot's number. What comes first is mostly what is common, and is looked for in a table
# that a processor keeps at hand.
_NEAR, _FAR = 17, 20
# Odd constants that spread their factor's bits: the golden ratio's and one of Murmur's
_FACTORS = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)))


class Numbers:
    """Numbers strings; `number` is asked, for many at once, for those that the tables lack."""

    def __init__(self, number: Numberer) -> None:
        self._number = number
        self._short, self._long = _Table(1, number), _Table(2, number)

    def of(self, codes: Bytes, starts: Ints, ends: Ints) -> Ids:
        """The number of each string [start, end) of `codes`, which are ASCII there."""
        padded = np.concatenate((codes, np.zeros(LONGEST, np.uint8)))
        # the 8 bytes from each place on, overlapping
        words = np.ndarray((codes.size + WORD,), "<u8", padded, strides=(1,))
        sizes = ends - starts
        low = _cut(words.take(starts), sizes)
        ids = self._short.find(low)
        longer = np.flatnonzero(sizes > WORD)
        if longer.size:  # whatever was found for their first 8 bytes is not theirs
            longest = longer[sizes[longer] > LONGEST]
            longer = longer[sizes[longer] <= LONGEST]
            high = _cut(words.take(starts[longer] + WORD), sizes[longer] - WORD)
            ids[longer] = self._long.of(codes, starts[longer], ends[longer], low[longer], high)
            ids[longest] = self._number(_strings(codes, starts[longest], ends[longest]))
        rest = np.flatnonzero(ids < 0)
        if rest.size:
            ids[rest] = self._short.of(codes, starts[rest], ends[rest], low[rest])
        return ids


class _Table:
    """Numbers of strings that are one integer each, or two."""

    def __init__(self, width: int, number: Numberer) -> None:
        self._number = number
        self._near, self._far = _Slots(_NEAR, width), _Slots(_FAR, width)

    def find(self, *keys: Keys) -> Ids:
        """Numbers of the strings that are near, -1 for others."""
        return self._near.find(_mixed(*keys), keys)

    def of(self, codes: Bytes, starts: Ints, ends: Ints, *keys: Keys) -> Ids:
        """Numbers of the strings [start, end), of which `keys` are the integers."""
        mixed = _mixed(*keys)
        ids = self._near.find(mixed, keys)
        missed = np.flatnonzero(ids < 0)
        if missed.size:
            some = [key[missed] for key in keys]
            found = self._far.find(mixed[missed], some)
            ids[missed] = found
            new = found < 0
            at = missed[new]
            if at.size:
                ids[at] = self._learned(codes, starts[at], ends[at], [key[new] for key in some])
        return ids

    def _learned(self, codes: Bytes, starts: Ints, ends: Ints, keys: Sequence[Keys]) -> Ids:
        """Numbers of strings that the table lacks; it keeps those for which it has room."""
        mixed = _mixed(*keys)
        order = np.argsort(mixed)  # brings equal strings together
        keys = [key[order] for key in keys]
        new = np.zeros(order.size, bool)
        new[:1] = True
        for key in keys:
            new[1:] |= key[1:] != key[:-1]
        heads = order[new]
        numbers = np.array(self._number(_strings(codes, starts[heads], ends[heads])), np.int32)
        mixed, keys = mixed[heads], [key[new] for key in keys]
        left = self._near.keep(mixed, keys, numbers)
        self._far.keep(mixed[left], [key[left] for key in keys], numbers[left])
        ids = np.empty(order.size, np.int32)
        ids[order] = numbers[np.cumsum(new) - 1]
        return ids


class _Slots:
    """A slot for each value of some bits of the hash, and in it the first string that came."""

    def __init__(self, bits: int, width: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._ids = np.zeros(1 << bits, np.int32)  # 1 more than the number; 0: the slot is empty
        self._keys = [np.zeros(1 << bits, np.uint64) for _ in range(width)]

    def find(self, mixed: Keys, keys: Sequence[Keys]) -> Ids:
        """Numbers of the strings that are here, -1 for others."""
        slots = (mixed >> self._shift).view(np.int64)
        ids = self._ids.take(slots)
        for column, key in zip(self._keys, keys):
            ids *= column.take(slots) == key
        ids -= 1
        return ids

    def keep(self, mixed: Keys, keys: Sequence[Keys], numbers: Ids) -> Ints:
        """Puts strings, each but once, in their slots; gives those whose slot is taken."""
        slots = (mixed >> self._shift).view(np.int64)
        free = self._ids[slots] == 0
        self._ids[slots[free]] = numbers[free] + 1  # of several for one slot the last stays
        won = self._ids[slots] == numbers + 1
        for column, key in zip(self._keys, keys):
            column[slots[won]] = key[won]
        return np.flatnonzero(~won)


def _cut(words: Keys, sizes: Ints) -> Keys:
    """The first `sizes` bytes of each integer, the others 0."""
    words &= _MASKS.take(sizes, mode="clip")
    return words


def _mixed(low: Keys, high: Keys | None = None) -> Keys:
    return low * _FACTORS[0] if high is None else low * _FACTORS[0] ^ high * _FACTORS[1]


def _strings(codes: Bytes, starts: Ints, ends: Ints) -> list[str]:
    """The strings [start, end) of `codes`, which are ASCII there."""
    text = codes.tobytes().decode("latin-1")  # which has a character for every byte
    return [text[a:b] for a, b in zip(starts.tolist(), ends.tolist())]
