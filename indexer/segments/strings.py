"""Sorted strings in two arrays (UTF-8 bytes and offsets), searched without being unpacked.

In: strings in order. Out: arrays; from these the number of a string, the strings with a prefix, the
string with a number. Refuses nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from indexer.segments.container import Container
from indexer.sorted_arrays import Array

_UTF8 = "utf-8", "surrogatepass"


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """Pack n strings as arrays `name`.bytes (uint8) and `name`.ends (uint32/64, n + 1 offsets)."""
    raw, sizes = encode_all(strings)
    ends = narrowed(np.concatenate(([0], np.cumsum(sizes))))
    return {f"{name}.bytes": np.frombuffer(raw, np.uint8), f"{name}.ends": ends}


def narrowed(offsets: Array) -> Array:
    """Ascending offsets from 0, as uint32 if they fit, else as uint64."""
    wide = offsets.size and int(offsets[-1]) >= 1 << 32
    return offsets.astype(np.uint64 if wide else np.uint32)


def encode_all(strings: Sequence[str]) -> tuple[bytes, Array]:
    """The strings in UTF-8, one after the other, and the size of each in bytes (int64)."""
    raw = [text.encode(*_UTF8) for text in strings]
    return b"".join(raw), np.fromiter(map(len, raw), np.int64, len(raw))


class Strings(Sequence[str]):
    """A packed list of strings; if sorted by code point, it can be searched by bisection."""

    def __init__(self, container: Container, name: str) -> None:
        self._container, self._name = container, f"{name}.bytes"
        # memory views give Python integers and bytes, which is twice as fast here
        self._bytes = container.unchecked(self._name).data
        self._offsets = container[f"{name}.ends"]
        self._ends = self._offsets.data
        self._size = len(self._ends) - 1

    def __len__(self) -> int:
        return self._size

    def packed(self) -> tuple[Array, Array]:
        """All bytes (uint8), and the n + 1 offsets of n strings in them (int64)."""
        return self._container[self._name], self._offsets.astype(np.int64)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        if isinstance(index, slice):
            return self._several(range(*index.indices(len(self))))
        start, end = self._ends[index], self._ends[index + 1]
        if self._container.to_check[self._name] is not None:
            self._container.check(self._name, start, end)
        return str(self._bytes[start:end], *_UTF8)

    def _several(self, chosen: range) -> list[str]:
        """The strings at a range of indices, after checking their bytes in one go."""
        if chosen:
            first, end = min(chosen), max(chosen) + 1
            self._container.check(self._name, self._ends[first], self._ends[end])
        return [self._unchecked(i).decode(*_UTF8) for i in chosen]

    def bisect(self, wanted: str) -> int:
        """First index whose string is not less than `wanted` (by bytes: UTF-8 sorts as code points
        do)."""
        return self._bisect(wanted.encode(*_UTF8), 0, self._size)

    def _bisect(self, key: bytes, low: int, high: int) -> int:
        if self._container.to_check[self._name] is not None:
            self._container.check(self._name)  # all at once: block by block takes ten times as long
        return bisect_left(range(high), key, low, key=self._unchecked)

    def find(self, wanted: str, low: int = 0, high: int | None = None) -> int:
        """Index of `wanted` in the sorted range, or -1."""
        end = self._size if high is None else high
        at = self._bisect(wanted.encode(*_UTF8), low, end)
        return at if at < end and self[at] == wanted else -1

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """Range [low, high) of the strings that begin with `prefix`."""
        key = prefix.encode(*_UTF8)
        low = self._bisect(key, 0, self._size)
        if low == self._size or not self._unchecked(low).startswith(key):
            return low, low
        beyond = key[:-1] + bytes((key[-1] + 1,)) if key else b"\xff"  # no byte of UTF-8 is 255
        return low, self._bisect(beyond, low, self._size)

    def _unchecked(self, index: int) -> bytes:
        return bytes(self._bytes[self._ends[index] : self._ends[index + 1]])
