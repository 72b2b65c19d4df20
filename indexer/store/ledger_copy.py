"""A second copy of the ledger of ids, outside the store, so that damage there can't reach it.

Takes the ledger as it is after a commit. Writes a file with one sealed line per article, and keeps
the file before it. Each line has its own digest, so sound lines of a damaged file can be trusted.
A copy is written before the store commits, and matches the commit whose manifest has its `digest`:
a copy ahead of the store is of a commit that never happened, and then the one before it matches.

A copy that matches no commit, and holds ids unknown to the store, is foreign: of another store,
or of a newer state of this one. It is never dropped: `set_foreign_aside` renames it until its ids
have been followed (`Tracker.adopt_unknown`), and `archive_copy` renames it for good. Refuses a
copy that a newer version wrote (`NewerError`); skips unreadable lines of any other.
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
    Entry,
    NewerError,
    Packed,
    PackedLedger,
    StoreDamaged,
    ledger_digest,
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
class LedgerCopy:
    """The content of a copy of the ledger."""

    path: Path
    generation: int  # of the commit that it was written for; -1 if unreadable
    is_whole: bool  # whether no line of it is damaged
    packed: dict[str, PackedLedger]  # by article id

    @property
    def digest(self) -> str:
        """Digest of the copied ledger."""
        return ledger_digest(packed.entry for packed in self.packed.values())

    def ids(self) -> set[str]:
        """All ids that have a record."""
        return {name for packed in self.packed.values() for name in packed.entry.ids}


def write_copy(
    index_dir: Path, generation: int, ledger: Iterable[PackedLedger], *, keep: bool
) -> None:
    """Write the ledger as of this generation of the store. `keep`: the present copy matches the
    last commit, so it becomes the previous one. `OSError` if the disk is full or fails."""
    lines = sealed_lines([b"%b%d %d" % (_HEAD, _FORMAT, generation)], ledger)
    with replacing(index_dir / _NAME) as stream:
        stream.writelines(lines)
        stream.flush()
        if keep:
            with suppress(FileNotFoundError):
                os.replace(index_dir / _NAME, index_dir / _PREVIOUS)


def read_copies(index_dir: Path) -> list[LedgerCopy]:
    """The newest copy and the one before it, as far as they exist. `NewerError`."""
    return _read_all(index_dir / _NAME, index_dir / _PREVIOUS)


def foreign_copies(index_dir: Path) -> list[LedgerCopy]:
    """Copies that were set aside and whose ids have not been followed yet, sorted by name."""
    return _read_all(*sorted(index_dir.glob(f"{_STRANGER}-*")))


def set_foreign_aside(copies: Iterable[LedgerCopy], known: Set[str]) -> None:
    """Rename the copies that hold ids not in `known`, to be followed later."""
    for copy in copies:
        if copy.ids() - known:
            os.replace(copy.path, unused(copy.path.parent, _STRANGER))
            sync_folder(str(copy.path.parent))


def archive_copy(copy: LedgerCopy) -> Path:
    """Rename a copy whose ids have been followed, for good; returns its new path."""
    path = unused(copy.path.parent, _ASIDE)
    os.replace(copy.path, path)
    return path


def sealed_lines(
    heads: Sequence[bytes], packed: Iterable[Packed | PackedLedger]
) -> Iterator[bytes]:
    """The lines of a file, each preceded by its digest: `heads`, a row for each article or ledger,
    and "end" with the number of rows."""
    rows = 0
    for head in heads:
        yield _sealed(head)
    for item in packed:
        yield _sealed(b64encode(pack_entry(item.entry)) + b" " + b64encode(item.payload))
        rows += 1
    yield _sealed(b"end %d" % rows)


def _sealed(line: bytes) -> bytes:
    return _digest(line) + b" " + line + b"\n"


def unpacked(row: bytes) -> Packed | PackedLedger:
    """The article or ledger in a row, its payload unchecked. `StoreDamaged`, `ValueError`."""
    entry, _, payload = row.partition(b" ")
    found, data = unpack_entry(b64decode(entry)), b64decode(payload)
    return Packed(found, data) if isinstance(found, Entry) else PackedLedger(found, data)


def unsealed(line: bytes) -> bytes | None:
    """The row in a sealed line (without line end); None if its digest is wrong."""
    seal, _, row = line.partition(b" ")
    return row if seal == _digest(row) else None


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).hexdigest().encode()


def _read_all(*paths: Path) -> list[LedgerCopy]:
    copies = []
    for path in paths:
        with suppress(FileNotFoundError):
            copies.append(_read(path))
    return copies


def _read(path: Path) -> LedgerCopy:
    """Read a copy, without its unreadable lines. `NewerError`."""
    lines = [unsealed(line) for line in path.read_bytes().splitlines()]
    rows = [row for row in lines if row is not None]
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
            item = unpacked(row)
            if isinstance(item, PackedLedger):
                unpack_records(item.entry, item.payload)
                packed[item.entry.article_id] = item
        except NewerError:
            raise
        except (StoreDamaged, ValueError):
            continue
    is_whole = len(rows) == len(lines) and rows[-1:] == [b"end %d" % len(packed)]
    return LedgerCopy(path, generation, is_whole, packed)
