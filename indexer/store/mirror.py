"""A second copy of the ledger of ids, apart from the store, so that no damage there can reach it.

In: what the ledger holds after a commit. Out: a file of one sealed line an article, and the one
before it. A line says its own digest, so that what a damaged file still holds is known for certain.
It is written before the store commits: one that is ahead of the store is of a commit that never
was, and then the copy before it counts. Refuses nothing: what can't be read is left out.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from indexer.store.codec import (
    DamageError,
    LedgerEntry,
    PackedLedger,
    pack_entry,
    unpack_entry,
    unpack_records,
)
from indexer.store.storage import sync_folder

_NAME, _PREVIOUS = "ledger.copy", "ledger.copy.previous"
_HEAD = b"pilcrow ledger 1"


@dataclass(frozen=True, slots=True)
class Mirror:
    """What a copy of the ledger holds, by article id."""

    is_whole: bool = False  # whether it is there, and nothing of it is damaged
    packed: dict[str, PackedLedger] = field(default_factory=dict)


def is_there(index_dir: Path) -> bool:
    """Whether there is a copy at all."""
    return (index_dir / _NAME).exists()


def write_mirror(index_dir: Path, generation: int, ledger: Iterable[PackedLedger]) -> None:
    """Writes the ledger as it is from this generation of the store on, and keeps the last copy.
    `OSError` if the disk does not take it."""
    lines = [_sealed(b"%b %d" % (_HEAD, generation))]
    for one in ledger:
        lines.append(_sealed(b64encode(pack_entry(one.entry)) + b" " + b64encode(one.payload)))
    lines.append(_sealed(b"end %d" % (len(lines) - 1)))
    unfinished = index_dir / f"{_NAME}.{os.getpid()}"
    try:
        with open(unfinished, "wb") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileNotFoundError):
            os.replace(index_dir / _NAME, index_dir / _PREVIOUS)
        os.replace(unfinished, index_dir / _NAME)
        sync_folder(str(index_dir))
    finally:
        unfinished.unlink(missing_ok=True)


def read_mirror(index_dir: Path, generation: int) -> Mirror:
    """The newest copy that is not ahead of this generation of the store."""
    for name in (_NAME, _PREVIOUS):
        with suppress(OSError):
            found = _read((index_dir / name).read_bytes(), generation)
            if found is not None:
                return found
    return Mirror()


def _sealed(line: bytes) -> bytes:
    return _digest(line) + b" " + line + b"\n"


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).hexdigest().encode()


def _read(data: bytes, generation: int) -> Mirror | None:
    """What a copy holds; None for one that is ahead."""
    rows: list[bytes] = []
    is_whole = True
    for line in data.splitlines():
        seal, _, row = line.partition(b" ")
        if seal == _digest(row):
            rows.append(row)
        else:
            is_whole = False
    for row in rows:
        if row.startswith(_HEAD) and int(row[len(_HEAD) :]) > generation:
            return None
    packed: dict[str, PackedLedger] = {}
    for row in rows:
        entry, space, payload = row.partition(b" ")
        if row.startswith((_HEAD, b"end ")) or not space:
            continue
        with suppress(DamageError, ValueError):
            ledger = unpack_entry(b64decode(entry))
            if isinstance(ledger, LedgerEntry):
                one = PackedLedger(ledger, b64decode(payload))
                unpack_records(ledger, one.payload)
                packed[ledger.article_id] = one
    is_whole = is_whole and bool(rows) and rows[-1] == b"end %d" % len(packed)
    return Mirror(is_whole, packed)
