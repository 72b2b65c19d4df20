"""Sorted strings in two arrays (UTF-8 bytes and offsets), searched without being unpacked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from indexer.arrays.container import Array, Container

STEP = 64  # strings between two that are kept at hand for searching


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """Arrays `name`.bytes (uint8) and `name`.ends (uint64, n + 1 offsets) that hold `strings`."""
    raw, sizes = encode_all(strings)
    ends = np.zeros(len(strings) + 1, np.uint64)
    np.cumsum(sizes, out=ends[1:])
    return {f"{name}.bytes": np.frombuffer(raw, np.uint8), f"{name}.ends": ends}


def encode_all(strings: Sequence[str]) -> tuple[bytes, Array]:
    """The strings in UTF-8, one after the other, and the size of each in bytes (int64)."""
    joined = "".join(strings)
    if joined.isascii():
        return joined.encode("ascii"), np.fromiter(map(len, strings), np.int64, len(strings))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = np.ones(codes.size, np.int64)
    for least in (0x80, 0x800, 0x10000):  # from which on UTF-8 takes a further byte
        widths += codes >= least
    before = np.concatenate(([0], np.cumsum(widths)))
    ends = np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)))
    return joined.encode("utf-8", "surrogatepass"), np.diff(before[ends], prepend=0)


class Strings(Sequence[str]):
    """A packed list of strings; where it is sorted (by code point), `bisect` finds a place."""

    def __init__(self, container: Container, name: str) -> None:
        self._container, self._name = container, f"{name}.bytes"
        # memory views give Python's own integers and bytes, which is twice as fast here
        self._bytes = container.unchecked(self._name).data
        self._ends = container[f"{name}.ends"].data

    def __len__(self) -> int:
        return len(self._ends) - 1

    def packed(self) -> tuple[Array, Array]:
        """All bytes (uint8), and where each string begins and the last one ends (int64)."""
        ends = np.frombuffer(self._ends, np.uint64).astype(np.int64)
        return self._container[self._name], ends

    def raw(self, index: int) -> bytes:
        """The string at `index` in UTF-8."""
        start, end = self._ends[index], self._ends[index + 1]
        self._container.check(self._name, start, end)
        return bytes(self._bytes[start:end])

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        if isinstance(index, slice):
            return self._several(range(*index.indices(len(self))))
        return self.raw(index).decode("utf-8", "surrogatepass")

    def _several(self, chosen: range) -> list[str]:
        """The strings of a range of indices, their bytes checked and copied in one go."""
        if not chosen:
            return []
        low, high = min(chosen), max(chosen) + 1
        ends = self._ends[low : high + 1].tolist()
        base = ends[0]
        self._container.check(self._name, base, ends[-1])
        raw = bytes(self._bytes[base : ends[-1]])
        return [
            raw[ends[i - low] - base : ends[i - low + 1] - base].decode("utf-8", "surrogatepass")
            for i in chosen
        ]

    def bisect(self, wanted: str, low: int = 0, high: int | None = None) -> int:
        """First index in [low, high) whose string is not less than `wanted`.

        UTF-8 sorts as code points do, so bytes are compared.
        """
        key = wanted.encode("utf-8", "surrogatepass")
        end = len(self) if high is None else high
        if end - low > STEP:
            at = bisect_left(self._every, key)  # the first of these that is not less
            low = min(max(low, (at - 1) * STEP), end)
            end = max(min(end, at * STEP), low)
        while low < end:
            middle = (low + end) // 2
            if self.raw(middle) < key:
                low = middle + 1
            else:
                end = middle
        return low

    @cached_property
    def _every(self) -> list[bytes]:
        """Every so many strings of a sorted list, to begin a search among."""
        self._container.check(self._name)  # at once: block by block takes ten times as long
        places = range(0, len(self), STEP)
        return [bytes(self._bytes[self._ends[i] : self._ends[i + 1]]) for i in places]

    def find(self, wanted: str, low: int = 0, high: int | None = None) -> int:
        """Index of `wanted` in the sorted range, or -1."""
        at = self.bisect(wanted, low, high)
        end = len(self) if high is None else high
        return at if at < end and self[at] == wanted else -1

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """[low, high) of the strings that begin with `prefix`."""
        low = self.bisect(prefix)
        key = prefix.encode("utf-8", "surrogatepass")
        size, reach = len(self), 1
        while low + reach <= size and self.raw(low + reach - 1).startswith(key):
            reach *= 2  # few strings or none have most prefixes
        start, end = low + reach // 2, min(low + reach - 1, size)
        while start < end:
            middle = (start + end) // 2
            if self.raw(middle).startswith(key):
                start = middle + 1
            else:
                end = middle
        return low, start
