"""Sorted strings in two arrays (UTF-8 bytes and offsets), searched without being unpacked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from indexer.segments.container import Container
from indexer.sorted_arrays import Array

STEP = 16  # strings between two that are kept at hand for searching


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """Arrays `name`.bytes (uint8) and `name`.ends (uint32/64, n + 1 offsets), to hold `strings`."""
    raw, sizes = encode_all(strings)
    ends = narrowed(np.concatenate(([0], np.cumsum(sizes))))
    return {f"{name}.bytes": np.frombuffer(raw, np.uint8), f"{name}.ends": ends}


def narrowed(offsets: Array) -> Array:
    """Ascending offsets from 0 on, in 32 bits if they fit, else in 64."""
    wide = offsets.size and int(offsets[-1]) >= 1 << 32
    return offsets.astype(np.uint64 if wide else np.uint32)


def encode_all(strings: Sequence[str]) -> tuple[bytes, Array]:
    """The strings in UTF-8, one after the other, and the size of each in bytes (int64)."""
    raw = [text.encode("utf-8", "surrogatepass") for text in strings]
    return b"".join(raw), np.fromiter(map(len, raw), np.int64, len(raw))


class Strings(Sequence[str]):
    """A packed list of strings; where it is sorted (by code point), `bisect` finds a place."""

    def __init__(self, container: Container, name: str) -> None:
        self._container, self._name = container, f"{name}.bytes"
        # memory views give Python's own integers and bytes, which is twice as fast here
        self._bytes = container.unchecked(self._name).data
        self._offsets = container[f"{name}.ends"]
        self._ends = self._offsets.data

    def __len__(self) -> int:
        return len(self._ends) - 1

    def packed(self) -> tuple[Array, Array]:
        """All bytes (uint8), and where each string begins and the last one ends (int64)."""
        return self._container[self._name], self._offsets.astype(np.int64)

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
        # The first of these in the range that is not less; beyond it nothing need be sorted.
        at = bisect_left(self._every, key, -(-low // STEP), max(-(-end // STEP), -(-low // STEP)))
        low, end = max(low, (at - 1) * STEP), min(end, at * STEP)
        packed, ends = self._bytes, self._ends
        while low < end:
            middle = (low + end) // 2
            if bytes(packed[ends[middle] : ends[middle + 1]]) < key:
                low = middle + 1
            else:
                end = middle
        return low

    @cached_property
    def _every(self) -> list[bytes]:
        """Every so many strings of a sorted list, to begin a search among; all are checked."""
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
        low = self.bisect(prefix)  # which has had them checked
        key = prefix.encode("utf-8", "surrogatepass")
        packed, ends, length = self._bytes, self._ends, len(key)

        def begins(index: int) -> bool:
            start = ends[index]
            return bytes(packed[start : min(start + length, ends[index + 1])]) == key

        size, reach = len(self), 1
        while low + reach <= size and begins(low + reach - 1):
            reach *= 2  # few strings or none have most prefixes
        start, end = low + reach // 2, min(low + reach - 1, size)
        while start < end:
            middle = (start + end) // 2
            if begins(middle):
                start = middle + 1
            else:
                end = middle
        return low, start
