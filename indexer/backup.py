"""Backup and restore: writes an index into one file, and makes an index from such a file.

In: an index folder and a file. Out: the file, or the folder, and the ids that only one of them
has. A backup holds one commit, even if others follow while it is written: the articles as stored,
the ledger of ids, the indexed paths and the digests of files. It holds no arrays; restoring makes
them again. Each line has a digest, and the last line counts the articles and ledgers. A backup is
read back before it gets its final name, and a restored index is checked for errors (`verify`)
before it is put in place.

    head, facts as JSON, one line per article and per article's ledger, "end" and their number
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from indexer.errors import IndexBusy, IndexMissing, PilcrowError, UsageError
from indexer.segments.refresh import refresh
from indexer.store.codec import Packed, PackedLedger, StoreDamaged, decode, unpack_records
from indexer.store.ledger_copy import sealed_lines, unpacked, unsealed
from indexer.store.lock import WriteLock, holder_of
from indexer.store.reader import Store
from indexer.store.storage import (
    LOCK_FILE,
    STORE_FOLDER,
    load_digests,
    load_roots,
    save_digests,
    save_roots,
    sync_folder,
    unused,
)
from indexer.store.writer import writing
from indexer.verify import verify

_HEAD = b"pilcrow backup "
_FORMAT = 1
_MOST_GENERATIONS = 1 << 31  # limit of Whoosh's generation numbers
# Raised by a file whose digests are right but whose content is not: somebody tampered with it.
_UNUSABLE = (StoreDamaged, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """Counts of a new backup or restored index, compared with the one that it replaces."""

    articles: int
    passages: int  # without boilerplate
    ids: int  # ever issued
    generation: int
    ids_only_here: tuple[str, ...]  # ids that the replaced one has not, sorted
    ids_only_there: tuple[str, ...]  # ids that only the replaced one has, sorted
    set_aside: str = ""  # path where the replaced one is kept; empty if it is not kept
    is_unread: bool = False  # whether the replaced one has ids that can't be read


@dataclass(slots=True)
class _Contents:
    """Contents of a backup or an index, counted."""

    facts: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)  # article ids
    passages: int = 0  # without boilerplate
    ids: set[str] = field(default_factory=set)  # passage ids, those in the ledger included

    def count(self, packed: Packed | PackedLedger) -> None:
        """Count one article or ledger. Raises `StoreDamaged` if it differs from what was packed."""
        if isinstance(packed, Packed):
            rows = decode(packed.entry, packed.payload)
            if rows.id != packed.entry.article_id or rows.id in self.names:
                raise StoreDamaged(f"article {packed.entry.article_id!r} is not what it should be")
            self.names.add(rows.id)
            self.passages += sum(kind != "boilerplate" for kind in rows.kinds)
            self.ids.update(rows.ids)
        else:
            self.ids.update(unpack_records(packed.entry, packed.payload))

    def report(self, other: set[str] | None, generation: int, set_aside: str = "") -> BackupReport:
        """Compare with the ids of the replaced backup or index; None: nothing is replaced."""
        known = self.ids if other is None else other
        here, there = tuple(sorted(self.ids - known)), tuple(sorted(known - self.ids))
        counted = (len(self.names), self.passages, len(self.ids), generation)
        return BackupReport(*counted, here, there, set_aside)


def backup(index_dir: Path, file: Path) -> BackupReport:
    """Write a backup of the newest commit. An existing backup is replaced, but kept under another
    name if it has ids that the index has not.

    Raises `UsageError` if the file exists and is no backup, `IndexMissing`, `IndexDamaged`.
    """
    before = _read(file).ids if file.exists() else None
    unfinished = file.with_name(f"{file.name}.part")
    with Store.open(index_dir) as store:
        try:
            _write(store, index_dir, unfinished)
            contents = _read(unfinished)
        except BaseException as error:
            with suppress(OSError):
                unfinished.unlink()
            if isinstance(error, OSError):
                raise UsageError(f"{file}: {(error.strerror or str(error)).lower()}") from error
            raise
        generation = store.generation
    aside = ""
    if before is not None and before - contents.ids:
        aside = str(unused(file.parent, f"{file.name}.kept"))
        os.replace(file, aside)
    os.replace(unfinished, file)
    sync_folder(str(file.absolute().parent))
    return contents.report(before, generation, aside)


def restore(file: Path, index_dir: Path, *, replace: bool = False) -> BackupReport:
    """Make an index from a backup. `replace` sets an existing folder aside with everything in it.

    Raises `UsageError` for an incomplete backup and, without `replace`, for a folder that is not
    empty; `IndexBusy` while another process writes to the index there.
    """
    contents = _read(file)
    index_dir = index_dir if index_dir.name else Path(os.path.abspath(index_dir))
    is_occupied = index_dir.exists() and any(index_dir.iterdir())
    if is_occupied and not replace:
        remedy = "replace it with --replace, or choose another folder with --index"
        raise UsageError(f"{index_dir}: already exists; {remedy}")
    _remove_strays(index_dir)
    made = index_dir.with_name(f"{index_dir.name}.restoring-{os.getpid()}")
    made.mkdir(parents=True)
    try:
        _fill(made, contents, file)
        before, is_unread = _ids(index_dir)
        aside = _put_in_place(made, index_dir)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    kept = contents.report(before, int(contents.facts["generation"]), aside)
    return dataclasses.replace(kept, is_unread=is_unread)


def _fill(made: Path, contents: _Contents, file: Path) -> None:
    """Write the contents of a backup into a new index and check that for errors."""
    facts = contents.facts
    with writing(made, after=int(facts["generation"]) - 1) as writer:
        for packed in _packed(file):
            if isinstance(packed, Packed):
                writer.add(packed)
            else:
                records = unpack_records(packed.entry, packed.payload).values()
                writer.keep_records(packed.entry.article_id, records)
    with Store.open(made) as store:
        save_digests(made, store.identity, facts["digests"])
        save_roots(made, facts["roots"], facts["encodings"])
        snapshot = refresh(store, made)
        checked = verify(store, snapshot)
        snapshot.close()
    if not checked.is_sound:
        raise PilcrowError(f"{file}: its index has errors: {checked.failures[0]}")


def _put_in_place(made: Path, index_dir: Path) -> str:
    """Rename an index to its place. Returns the new path of the folder that was there, or ""."""
    if not index_dir.exists():
        os.replace(made, index_dir)
        return ""
    lock = WriteLock(index_dir / STORE_FOLDER / LOCK_FILE)
    has_store = (index_dir / STORE_FOLDER).is_dir()
    if has_store and not lock.acquire():
        holder = holder_of(index_dir / STORE_FOLDER / LOCK_FILE) or ""
        raise IndexBusy(f"{index_dir}: another process is writing to it{holder}; wait for it")
    try:
        aside = unused(index_dir.parent, f"{index_dir.name}.replaced")
        try:
            os.replace(made, aside)
            _exchange(aside, index_dir)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            reason = (error.strerror or str(error)).lower()
            remedy = "restore into another folder with --index"
            raise UsageError(f"{index_dir}: can't be renamed: {reason}; {remedy}") from error
        sync_folder(str(index_dir.absolute().parent))
    finally:
        if has_store:
            lock.release()
    if not any(aside.iterdir()):
        aside.rmdir()
        return ""
    return str(aside)


def _exchange(one: Path, other: Path) -> None:
    """Exchange the names of two folders; atomically where the system can do that (Linux)."""
    exchange = getattr(ctypes.CDLL(None), "renameat2", None) if os.name != "nt" else None
    if exchange is not None:
        here, atomically = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        if not exchange(here, os.fsencode(one), here, os.fsencode(other), atomically):
            return
    between = unused(one.parent, f"{one.name}.restoring")
    os.replace(other, between)
    os.replace(one, other)
    os.replace(between, one)


def _ids(index_dir: Path) -> tuple[set[str] | None, bool]:
    """All ids that an index has issued, None if there is no index; whether it is damaged, so that
    some of its ids can't be read."""
    contents = _Contents()
    try:
        with Store.open(index_dir) as store:
            for _ in _counted(store, contents):
                pass
    except IndexMissing:
        return None, False
    except PilcrowError:
        return contents.ids, True
    return contents.ids, False


def _remove_strays(index_dir: Path) -> None:
    """Remove folders left behind by restorations that were killed."""
    for path in index_dir.absolute().parent.glob(f"{index_dir.name}.restoring-[0-9]*"):
        if holder_of(path / STORE_FOLDER / LOCK_FILE) is None:
            shutil.rmtree(path, ignore_errors=True)


# --- the file -------------------------------------------------------------------------------------


def _counted(store: Store, contents: _Contents) -> Iterator[Packed | PackedLedger]:
    """All articles of a store, then all ledgers, counted in `contents`. Raises `IndexDamaged`."""
    articles = store.packed(entry.article_id for entry in store.entries())
    stored: Iterator[Packed | PackedLedger] = chain(articles, store.packed_ledgers())
    for packed in stored:
        with store.guarded():
            contents.count(packed)
        yield packed


def _write(store: Store, index_dir: Path, file: Path) -> None:
    manifest = store.contents.manifest
    roots, encodings = load_roots(index_dir)
    facts = {
        "store": manifest.store if manifest is not None else "",
        "generation": store.generation,
        "roots": roots,
        "encodings": encodings,
        "digests": load_digests(index_dir, store.identity),
    }
    heads = [b"%b%d" % (_HEAD, _FORMAT), json.dumps(facts).encode()]
    with open(file, "wb") as stream:
        stream.writelines(sealed_lines(heads, _counted(store, _Contents())))
        stream.flush()
        os.fsync(stream.fileno())


def _lines(file: Path) -> Iterator[bytes]:
    """Lines of a backup, digests removed. Raises `UsageError` for damage and other formats, and
    for a device or pipe, which may never end."""
    foreign = UsageError(f"{file}: not a backup; give a file that pilcrow backup made")
    if file.exists() and not (file.is_file() and file.stat().st_size):
        raise foreign
    with open(file, "rb") as stream:
        for number, line in enumerate(stream, start=1):
            row = unsealed(line.rstrip(b"\n"))
            if number == 1 and (row is None or not row.startswith(_HEAD)):
                raise foreign
            if row is None:
                raise UsageError(f"{file}:{number}: the backup is damaged; use another one")
            if number == 1 and row != b"%b%d" % (_HEAD, _FORMAT):
                raise UsageError(f"{file}: a newer version of Pilcrow made this backup; use that")
            yield row


def _packed(file: Path) -> Iterator[Packed | PackedLedger]:
    """Articles and ledgers of a backup. Raises `UsageError` unless it ends with its end line."""
    rows = enumerate(_lines(file), start=-2)  # a head and facts come first
    for number, row in rows:
        if row == b"end %d" % number:
            for line, _ in rows:
                raise UsageError(f"{file}:{line + 3}: more follows its end; use another backup")
            return
        if number >= 0:
            yield unpacked(row)
    raise UsageError(f"{file}: the backup is incomplete; use another one")


def _read(file: Path) -> _Contents:
    """Read and check a whole backup. Raises `UsageError` for an unusable one."""
    rows = _lines(file)
    next(rows, b"")
    try:
        facts = json.loads(next(rows, b"{}"))
        contents = _Contents(
            {
                "generation": int(facts["generation"]),
                "roots": [str(root) for root in facts["roots"]],
                "encodings": dict(facts.get("encodings", {})),
                "digests": {str(k): str(v) for k, v in dict(facts["digests"]).items()},
            }
        )
        if not 0 < contents.facts["generation"] < _MOST_GENERATIONS:
            raise ValueError("its generation is not one that there can be")
        for packed in _packed(file):
            contents.count(packed)
        if not contents.ids:
            raise ValueError("it holds nothing")
    except _UNUSABLE as error:
        raise UsageError(f"{file}: the backup can't be used: {error}; use another one") from error
    return contents
