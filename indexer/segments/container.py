"""A file of named arrays, mapped into memory and checked block by block.

Layout: 8 bytes magic and version, 8 bytes length of the header (little-endian), the header (JSON:
dtype, length and offset of each array and, packed, the CRC-32 of its blocks; free `facts`), the
CRC-32 of the header, then the arrays, each at a multiple of 64 bytes.

Opening maps the file and reads only the header. A block is checked when it is first touched:
`check` before a read costs nothing once all blocks of the array are known to be good. Anything
unexpected raises `ContainerDamaged`, and the caller rebuilds; nothing is ever trusted.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import threading
import weakref
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from indexer.sorted_arrays import Array
from indexer.store.storage import replacing

MAGIC = b"PILCROW\x04"
# Bytes under one checksum. Ten hits touch ten places of the text: with blocks of 256 KiB, checking
# them took half the time of a search while the index was new to the process.
BLOCK = 1 << 14
ALIGN = 64
_POPULATE_READ = 22  # of Linux's `madvise`, for which Python has no name


class ContainerDamaged(Exception):
    """The file differs from what was written: truncated, altered, or of another version."""


def write_container(path: Path, arrays: Mapping[str, Array], facts: Mapping[str, object]) -> None:
    """Write `arrays` (one-dimensional) and `facts` (JSON) durably to `path`, all or nothing."""
    flat = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    offsets = [0, *accumulate(-(-a.nbytes // ALIGN) * ALIGN for a in flat.values())]
    entries = {
        name: {"dtype": a.dtype.str, "length": a.size, "offset": offset, "crc": _checksums(a)}
        for (name, a), offset in zip(flat.items(), offsets)
    }
    header = json.dumps({"facts": dict(facts), "arrays": entries}).encode()
    with replacing(path) as f:
        f.write(MAGIC + len(header).to_bytes(8, "little") + header)
        f.write(zlib.crc32(header).to_bytes(4, "little"))
        for a, offset in zip(flat.values(), offsets):
            f.seek(_base(len(header)) + offset)
            f.write(a.data if a.size else b"")
        f.truncate(_base(len(header)) + offsets[-1])


def _checksums(a: Array) -> str:
    """CRC-32 of each block of an array, in base 64: a JSON list takes twenty times as long."""
    view = a.data.cast("B") if a.size else memoryview(b"")
    sums = (zlib.crc32(view[at : at + BLOCK]) for at in range(0, len(view), BLOCK))
    return b64encode(np.fromiter(sums, "<u4").tobytes()).decode()


def _base(header_length: int) -> int:
    """Where the arrays begin in the file."""
    return -(-(16 + header_length + 4) // ALIGN) * ALIGN


def _listed(todo: Array) -> Array:
    """The blocks that are to be checked, ascending (int64).

    Of a copy: NumPy first counts them and then lists them, without Python's lock, so the end of the
    list would hold any numbers if another thread had checked some in between.
    """
    return np.flatnonzero(todo.copy())


class Container:
    """The arrays of one file, read-only; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as f:
                self._map = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
                self._fd = os.dup(f.fileno())
                weakref.finalize(self, os.close, self._fd)
            header = self._header()
            self.facts: dict[str, Any] = header["facts"]
            self._entries: dict[str, dict[str, Any]] = header["arrays"]
            self._base = _base(int.from_bytes(self._map[8:16], "little"))
            self._arrays = {name: self._view(e) for name, e in self._entries.items()}
            self._sums = {
                name: np.frombuffer(b64decode(e["crc"]), "<u4") for name, e in self._entries.items()
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ContainerDamaged(f"{path}: {error}") from error
        self.path = path
        # For each array, which blocks are still unchecked (bool); None once all are good.
        self.to_check: dict[str, Array | None] = {
            name: np.ones(sums.size, bool) if sums.size else None
            for name, sums in self._sums.items()
        }

    def _header(self) -> dict[str, Any]:
        if self._map[:8] != MAGIC:
            raise ValueError("not an array file of this version")
        size = int.from_bytes(self._map[8:16], "little")
        raw = self._map[16 : 16 + size]
        if zlib.crc32(raw) != int.from_bytes(self._map[16 + size : 20 + size], "little"):
            raise ValueError("the header's checksum is wrong")
        self.digest = blake2b(raw, digest_size=16).hexdigest()  # of all: `raw` has all checksums
        header: dict[str, Any] = json.loads(raw)
        return header

    def check_size(self) -> None:
        """Raises `ContainerDamaged` if the file was cut off: reading on would end the process."""
        if self._map.size() < len(self._map):
            raise ContainerDamaged(f"{self.path}: it has been cut off")

    def _view(self, entry: Mapping[str, Any]) -> Array:
        if entry["length"] == 0:
            return np.zeros(0, np.dtype(entry["dtype"]))
        return np.frombuffer(
            self._map, np.dtype(entry["dtype"]), entry["length"], self._base + entry["offset"]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all arrays."""
        return tuple(self._arrays)

    def __getitem__(self, name: str) -> Array:
        """The whole array, after checking its blocks."""
        if self.to_check[name] is not None:
            self.check(name)
        return self._arrays[name]

    def unchecked(self, name: str) -> Array:
        """The whole array; the caller checks the parts that it reads."""
        return self._arrays[name]

    def populate(self, name: str) -> None:
        """Map the pages of an array (Linux from 5.14 on). Otherwise they are mapped a few at a time
        when first touched, which takes as long as finding a common word."""
        if sys.platform == "linux" and self._arrays[name].size:
            start, size = self._base + self._entries[name]["offset"], self._arrays[name].nbytes
            first = start // mmap.PAGESIZE * mmap.PAGESIZE
            with suppress(OSError):
                self._map.madvise(_POPULATE_READ, first, start + size - first)

    def check(self, name: str, start: int = 0, end: int | None = None) -> None:
        """Check the blocks that hold elements [start, end). Raises `ContainerDamaged`."""
        todo = self.to_check[name]
        if todo is None:
            return
        size = self._arrays[name].itemsize
        last = self._arrays[name].size if end is None else end
        low, high = start * size // BLOCK, -(-last * size // BLOCK)
        blocks = _listed(todo[low:high]) + low
        if blocks.size:
            self._check_blocks(name, todo, blocks)

    def slice(self, name: str, start: int, end: int) -> Array:
        """Elements [start, end) of an array as a view, after checking their blocks."""
        self.check(name, start, end)
        return self._arrays[name][start:end]

    def take(self, name: str, indices: Array) -> Array:
        """The elements of an array at `indices`, after checking their blocks."""
        array, todo = self._arrays[name], self.to_check[name]
        if todo is not None and indices.size:
            touched = np.zeros(todo.size, bool)
            touched[indices // (BLOCK // array.itemsize)] = True
            touched &= todo
            if touched.any():
                self._check_blocks(name, todo, np.flatnonzero(touched))
        return array.take(indices)

    def _check_blocks(self, name: str, todo: Array, blocks: Array) -> None:
        """Check blocks by reading the file: if it has been cut off, reading the map would end the
        process. (Windows, which can't read so, does not truncate an open file.)"""
        start, size = self._base + self._entries[name]["offset"], self._arrays[name].nbytes
        for block, expected in zip(blocks.tolist(), self._sums[name][blocks].tolist()):
            at, length = start + block * BLOCK, min(BLOCK, size - block * BLOCK)
            is_windows = os.name == "nt"
            data = self._map[at : at + length] if is_windows else os.pread(self._fd, length, at)
            if zlib.crc32(data) != expected:
                raise ContainerDamaged(f"{self.path}: array {name}, block {block}: wrong checksum")
            todo[block] = False
        if not todo.any():
            self.to_check[name] = None


def check_ahead(containers: Sequence[Container], stopped: threading.Event) -> None:
    """Checks all blocks of these files that have not been read yet; meant for a thread of its own.

    Reads each block once, mostly without Python's lock, until `stopped` is set. `ContainerDamaged`.
    """
    for container in containers:
        for name in container.names:
            if stopped.is_set():
                return
            container.check(name)
            container.populate(name)
