"""A second copy of the ledger of ids, apart from the store, so that no damage there can reach it.

In: what the ledger holds after a commit. Out: a file of one sealed line an article, and the one
before it. A line says its own digest, so that what a damaged file still holds is known for certain.
A copy is written before the store commits, and fits the commit whose manifest has its `digest`:
one that is ahead of the store is of a commit that never was, and then the one before it fits.

A copy that fits nothing, and holds ids that the store does not know, is of another store, or the
store is an older one. It is never dropped: `set_strangers_aside` gives it another name, until its
ids have been followed (`Tracker.adopt`), and then a last one. Refuses a copy that a newer version
wrote (`NewerError`); of all others, what can't be read is left out.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from indexer.store.codec import (
    DamageError,
    Entry,
    NewerError,
    Packed,
    PackedLedger,
    digest_of,
    pack_entry,
    unpack_entry,
    unpack_records,
)
from indexer.store.storage import replacing, sync_folder, unused

_NAME, _PREVIOUS = "ledger.copy", "ledger.copy.previous"
_STRANGER, _ASIDE = "ledger.stranger", "ledger.aside"
_HEAD = b"pilcrow ledger "
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Mirror:
    """What a copy of the ledger holds."""

    path: Path
    generation: int  # of the commit that it was written for; -1 if that can't be read
    is_whole: bool  # whether nothing of it is damaged
    packed: dict[str, PackedLedger]  # by article id

    @property
    def digest(self) -> str:
        """That of the ledger that it holds."""
        return digest_of(one.entry for one in self.packed.values())

    def ids(self) -> set[str]:
        """All ids that have a record."""
        return {name for one in self.packed.values() for name in one.entry.ids}


def write_mirror(
    index_dir: Path, generation: int, ledger: Iterable[PackedLedger], *, keep: bool
) -> None:
    """Writes the ledger as it is from this generation of the store on. `keep`: the copy that is
    there fits, and takes the place of the one before it. `OSError` if the disk does not take it."""
    lines = sealed_lines([b"%b%d %d" % (_HEAD, _FORMAT, generation)], ledger)
    with replacing(index_dir / _NAME) as stream:
        stream.writelines(lines)
        stream.flush()
        if keep:
            with suppress(FileNotFoundError):
                os.replace(index_dir / _NAME, index_dir / _PREVIOUS)


def read_copies(index_dir: Path) -> list[Mirror]:
    """The newest copy and the one before it, as far as they are there. `NewerError`."""
    return _read_all(index_dir / _NAME, index_dir / _PREVIOUS)


def strangers(index_dir: Path) -> list[Mirror]:
    """Copies that were set aside and not followed yet, in order."""
    return _read_all(*sorted(index_dir.glob(f"{_STRANGER}-*")))


def set_strangers_aside(copies: Iterable[Mirror], known: Set[str]) -> None:
    """Keeps for later the copies that hold other ids than those."""
    for one in copies:
        if one.ids() - known:
            os.replace(one.path, unused(one.path.parent, _STRANGER))
            sync_folder(str(one.path.parent))


def keep_stranger(stranger: Mirror) -> Path:
    """Gives a copy that has been followed its last name."""
    path = unused(stranger.path.parent, _ASIDE)
    os.replace(stranger.path, path)
    return path


def sealed_lines(
    heads: Sequence[bytes], packed: Iterable[Packed | PackedLedger]
) -> Iterator[bytes]:
    """The lines of a file, each with its digest before it: its heads, a row for each article or
    ledger of one, and "end" with their number."""
    rows = 0
    for head in heads:
        yield _sealed(head)
    for one in packed:
        yield _sealed(b64encode(pack_entry(one.entry)) + b" " + b64encode(one.payload))
        rows += 1
    yield _sealed(b"end %d" % rows)


def _sealed(line: bytes) -> bytes:
    return _digest(line) + b" " + line + b"\n"


def unpacked(row: bytes) -> Packed | PackedLedger:
    """What a row holds, its payload not checked yet. `DamageError`, `ValueError`."""
    entry, _, payload = row.partition(b" ")
    found, data = unpack_entry(b64decode(entry)), b64decode(payload)
    return Packed(found, data) if isinstance(found, Entry) else PackedLedger(found, data)


def unsealed(line: bytes) -> bytes | None:
    """What was sealed, of a line without its end; None if it is not that."""
    seal, _, row = line.partition(b" ")
    return row if seal == _digest(row) else None


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).hexdigest().encode()


def _read_all(*paths: Path) -> list[Mirror]:
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            found.append(_read(path))
    return found


def _read(path: Path) -> Mirror:
    """What a copy holds."""
    found = [unsealed(line) for line in path.read_bytes().splitlines()]
    rows = [row for row in found if row is not None]
    generation = -1
    packed: dict[str, PackedLedger] = {}
    for row in rows:
        if row.startswith(_HEAD):
            form, generation = map(int, row[len(_HEAD) :].split())
            if form > _FORMAT:
                raise NewerError(form, _FORMAT)
        if row.startswith((_HEAD, b"end ")):
            continue
        try:
            one = unpacked(row)
            if isinstance(one, PackedLedger):
                unpack_records(one.entry, one.payload)
                packed[one.entry.article_id] = one
        except NewerError:
            raise
        except (DamageError, ValueError):
            continue
    is_whole = len(rows) == len(found) and rows[-1:] == [b"end %d" % len(packed)]
    return Mirror(path, generation, is_whole, packed)
