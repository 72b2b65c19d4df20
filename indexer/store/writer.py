"""Writes the durable index: all changes of a transaction, or none.

Takes the index folder, then articles to add and ids to delete. Makes a new generation on disk,
unless nothing changed. Refuses a second writer (`IndexBusy`: another process, or another `with` of
this one), a damaged index (`IndexDamaged`) and a disk that is full or fails (`PilcrowError`); the
index is then as it was, and its lock is free.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import COLUMN, ID, Schema
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader
from whoosh.writing import CLEAR, SegmentWriter

from indexer.errors import IndexBusy, IndexDamaged, NotFound
from indexer.model import Record
from indexer.store.codec import (
    Entry,
    LedgerEntry,
    NewerError,
    Packed,
    PackedLedger,
    StoreDamaged,
    ledger_digest,
    pack_entry,
    pack_records,
    unpack_records,
)
from indexer.store.ledger_copy import LedgerCopy, read_copies, set_foreign_aside, write_copy
from indexer.store.lock import WriteLock, holder_of
from indexer.store.pickles import restricted
from indexer.store.reader import Store, as_term, damaged, guarded, missing
from indexer.store.storage import (
    INDEX_NAME,
    LOCK_FILE,
    STORE_FOLDER,
    DurableStorage,
    Manifest,
    check_files,
    latest,
)

_SPREAD = 4  # a segment this many times the size of the new one, or less, is merged into it


@contextmanager
def writing(
    index_dir: Path, *, create: bool = True, anew: bool = False, after: int = 0
) -> Iterator[Writer]:
    """A transaction, committed at the end of the `with` block and undone if it raises.

    `create`: make an index if there is none (else `IndexMissing`). `anew`: keep only the ledger of
    ids and the articles that are added again; works on a damaged index too. `after`: a new index
    begins with the generation after this one.
    """
    folder = os.path.join(index_dir, STORE_FOLDER)
    with guarded(index_dir):
        check_files(index_dir)
        if not create and latest(folder) < 0:
            raise missing(index_dir)
        storage = DurableStorage(folder).create()
        lock = WriteLock(Path(folder, LOCK_FILE))
        if not lock.acquire():
            holder = holder_of(Path(folder, LOCK_FILE)) or ""
            remedy = "wait until it has finished and try again"
            raise IndexBusy(f"{index_dir}: another process is writing to it{holder}; {remedy}")
    try:
        with guarded(index_dir):
            toc = _committed(storage, index_dir, anew=anew, after=after)
            try:
                before = Store(index_dir, storage, toc, skip_damaged=anew)
            except FileNotFoundError as error:  # not removed by a writer, since we hold the lock
                raise StoreDamaged(f"{error} is missing") from error
            before.unread += not toc.segments and latest(folder) >= 0  # TOC unreadable, or empty
            _remove_strays(index_dir)
            writer = Writer(storage, toc, before, anew=anew)
        yield writer
        writer.commit()
    finally:
        storage.close_all()
        with suppress(Exception):  # if this fails, the next commit does it
            _tidy(storage)
        lock.release()
        if latest(folder) < 0:  # nothing was committed: remove the new folders
            for unused in (folder, index_dir):
                with suppress(OSError):
                    (Path(unused) / LOCK_FILE).unlink(missing_ok=True)
                    os.rmdir(unused)


class Writer:
    """A transaction: see `writing`."""

    def __init__(self, storage: DurableStorage, toc: TOC, before: Store, *, anew: bool) -> None:
        self.before = before  # the last commit
        self.is_anew = anew  # whether only the ledger and articles added again are kept
        self._storage, self._toc = storage, toc
        self._writer: _Writer | None = None  # made when first needed
        self._touched: set[str] = set()
        self._records: dict[str, PackedLedger] = {}  # to be committed, by article id
        self._articles, self._ledgers = before.documents()
        self.losses: list[str] = []  # parts of the ledger that are lost, a sentence each
        self._copies = read_copies(before.index_dir)
        self._salvaged: dict[str, PackedLedger] = {}  # from a copy, by article id
        self._ledger = self._salvage() if anew else ledger_digest(self.ledgers.values())
        fits = bool(self._copies) and self._copies[0].digest == self._ledger
        self._has_copy, self._is_stale = fits, bool(self._copies) and not fits
        if self._is_stale:
            known = {name for entry in self.ledgers.values() for name in entry.ids}
            set_foreign_aside((c for c in self._copies if c.digest != self._ledger), known)

    @property
    def entries(self) -> dict[str, Entry]:
        """Article id → entry, as committed before."""
        return {name: entry for name, (_, entry) in self._articles.items()}

    def add(self, packed: Packed) -> None:
        """Stores an article, replacing any with the same id.

        `ValueError` if this transaction has added or deleted an article with that id before.
        """
        name = packed.entry.article_id
        self._remove(name)
        with self.before.guarded():
            self._whoosh().add_document(
                id=as_term(name), entry=pack_entry(packed.entry), payload=packed.payload
            )

    def delete(self, article_id: str) -> None:
        """Removes an article. `NotFound` if the last commit has none with this id."""
        if article_id not in self._articles:
            raise NotFound(f"no article {article_id!r} in the index")
        self._remove(article_id)

    def packed(self, article_id: str) -> Packed:
        """An article as it was committed before. `NotFound`, `IndexDamaged`."""
        self.before.load(article_id)  # raises if it is damaged
        return next(self.before.packed([article_id]))

    # --- the ledger of ids ---

    @property
    def ledgers(self) -> dict[str, LedgerEntry]:
        """Article id → entry of its ledger, as committed before."""
        return {name: entry for name, (_, entry) in self._ledgers.items()}

    def records(self, article_id: str) -> dict[str, Record]:
        """The records of an article's ids as of now, in this transaction. `IndexDamaged`."""
        packed = self._records.get(article_id) or self._salvaged.get(article_id)
        if packed is not None:
            return unpack_records(packed.entry, packed.payload)
        return self.before.records(article_id)

    def keep_records(self, article_id: str, records: Iterable[Record]) -> None:
        """Replaces the records of an article's ids, which outlive the article."""
        self._records[article_id] = pack_records(article_id, records)

    def _salvage(self) -> str:
        """Takes unreadable records from a second copy of the ledger and notes losses. Returns the
        digest of the resulting ledger."""
        copy = self._trusted_copy()
        damaged: list[str] = []
        for article_id in self._ledgers:
            try:
                self.before.records(article_id)
            except IndexDamaged:
                damaged.append(article_id)
        lacking = copy.packed.keys() - self._ledgers.keys() if self.before.unread else set()
        stale = copy.packed.keys() if self.before.exchanged else set()
        wanted = copy.packed.keys() & {*damaged, *lacking, *stale}
        self._salvaged = {name: copy.packed[name] for name in sorted(wanted)}
        salvaged = {name: (-1, packed.entry) for name, packed in self._salvaged.items()}
        self._ledgers = {**self._ledgers, **salvaged}
        for article_id in damaged:
            if article_id not in self._salvaged:
                self.losses.append(f"what became of ids of article {article_id!r} is lost")
        if (self.before.unread or self.before.exchanged) and not copy.is_whole:
            self.losses.append("a part of the ledger of ids may be lost")
        for name in self.before.exchanged:
            self.losses.append(f"{name} is of another commit: newer ids of its articles are lost")
        return ledger_digest(self.ledgers.values())

    def _trusted_copy(self) -> LedgerCopy:
        """The copy that matches the store or, if there is no manifest to tell, the newest that is
        not ahead of it; else an empty one."""
        manifest, last = self.before.contents.manifest, self.before.generation
        for copy in self._copies:
            if copy.digest == manifest.ledger if manifest else copy.generation <= last:
                return copy
        return LedgerCopy(self.before.index_dir, -1, False, {})

    def _write_ledgers(self) -> None:
        """Writes the changed records; in an index that is made anew, the unchanged ones as well."""
        if self.is_anew and self._writer is not None:
            for article_id in self._ledgers.keys() - self._records.keys():
                with suppress(IndexDamaged):  # the loss has been noted
                    self.keep_records(article_id, self.records(article_id).values())
        if self._records or self._is_stale or (self._writer is not None and not self._has_copy):
            ledger = list(self._whole_ledger())
            self._ledger = ledger_digest(packed.entry for packed in ledger)
            generation = self.before.generation + bool(self._records or self._writer is not None)
            write_copy(self.before.index_dir, generation, ledger, keep=self._has_copy)
        for article_id, packed in self._records.items():
            number, entry = self._ledgers.get(article_id, (0, None))
            if entry is not None and not self.is_anew:
                if entry.version == packed.entry.version:
                    continue
                self._whoosh().delete_document(number)
            if packed.entry.ids:
                self._whoosh().add_document(entry=pack_entry(packed.entry), payload=packed.payload)

    def _whole_ledger(self) -> Iterator[PackedLedger]:
        """All ledgers as they will be after the commit, by article."""
        for article_id in sorted(self._ledgers.keys() | self._records.keys()):
            packed = self._records.get(article_id)
            if packed is None:
                with suppress(IndexDamaged):
                    packed = pack_records(article_id, self.records(article_id).values())
            if packed is not None and packed.entry.ids:
                yield packed

    def commit(self) -> None:
        """Makes the changes, if any, durable and visible: all or none.

        Every file is synced to the disk when it is closed; then a new table of contents (TOC) that
        names them is renamed into place. That rename is the commit.
        """
        with self.before.guarded():
            self._write_ledgers()
        if self._writer is None:
            return
        if self.losses:
            self._set_aside()
        committed = latest(self._storage.folder)
        try:
            with self.before.guarded():
                manifest = self.before.contents.manifest
                store = manifest.store if manifest is not None else uuid.uuid4().hex
                self._writer.manifest = Manifest(store, self._ledger)
                self._writer.commit(mergetype=CLEAR if self.is_anew else _merge)
        except BaseException:
            # Whoosh tidies up after the rename; a failure there loses nothing.
            if latest(self._storage.folder) == committed:
                raise

    # --- inside ---

    def _set_aside(self) -> None:
        """Keeps a copy of the store as it was before this transaction."""
        aside = self.before.index_dir / f"{STORE_FOLDER}.damaged-{self.before.generation}"
        if not aside.exists():
            names = shutil.ignore_patterns(LOCK_FILE, f"{INDEX_NAME}.tmp")
            shutil.copytree(self._storage.folder, aside, ignore=names)
        self.losses.append(f"the store as it was is kept in {aside}")

    def _remove(self, article_id: str) -> None:
        """Marks the committed document of an article as deleted."""
        if article_id in self._touched:
            raise ValueError(f"article {article_id!r} is written twice in one transaction")
        self._touched.add(article_id)
        if article_id in self._articles and not self.is_anew:
            with self.before.guarded():
                self._whoosh().delete_document(self._articles[article_id][0])

    def _whoosh(self) -> _Writer:
        """Whoosh's writer. We hold the lock already, since before we read the last commit."""
        if self._writer is None:
            index = _Index(self._storage, self._toc)
            self._writer = _Writer(index, _lk=False, compound=False, codec=_Codec())
        return self._writer


class _Index(FileIndex):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh index with a given table of contents, which need not be on the disk."""

    def __init__(self, storage: DurableStorage, toc: TOC) -> None:
        self.storage, self.indexname, self._toc = storage, INDEX_NAME, toc

    def _read_toc(self) -> TOC:
        return self._toc


class _Writer(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer, except that its table of contents is sealed with our manifest."""

    manifest: Manifest

    def _commit_toc(self, segments: list[W3Segment]) -> None:
        """Writes the table of contents, with the size and digest of each of its files."""
        storage: DurableStorage = self.storage
        before = storage.contents.manifest if storage.contents is not None else None
        known = before.files if before is not None else {}
        names = storage.list()
        files = {
            name: known.get(name) or storage.digest_of(name)
            for segment in segments
            for name in names
            if name.startswith(f"{segment.segment_id()}.")
        }
        storage.manifest = replace(self.manifest, files=files)
        super()._commit_toc(segments)


class _Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec, except for the names of segments, which it draws from the global generator.

    A program that seeds that generator would get the same names again, and overwrite a segment.
    The segment keeps Whoosh's own codec: it is pickled, and must be readable without us.
    """

    def new_segment(self, storage: DurableStorage, indexname: str) -> W3Segment:
        """A new segment with a unique name."""
        return W3Segment(W3Codec(), indexname, segid=uuid.uuid4().hex)


def _committed(storage: DurableStorage, index_dir: Path, *, anew: bool, after: int) -> TOC:
    """The table of contents to continue from; an empty one if there is none that can be trusted.

    One document per article. Values are in columns, because stored fields would be pickled.
    """
    schema = Schema(id=ID(unique=True), entry=COLUMN(), payload=COLUMN())
    number = latest(storage.folder)
    if number >= 0:
        try:
            toc = TOC.read(storage, INDEX_NAME, number)
            if toc.schema.names() != schema.names():
                raise damaged(index_dir, "it is of another version")
            return toc
        except NewerError:
            raise
        except Exception:
            if not anew:
                raise
    copies = read_copies(index_dir)  # of an index that has lost its tables of contents
    return TOC(schema, [], max([number + 1, after, *(copy.generation + 1 for copy in copies)]))


def _merge(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """The segments to keep as they are; the others are merged into the new segment.

    Merged are segments at most `_SPREAD` times as large as the new one, which keeps segments few,
    and those of which half or more is deleted. So replacing one article costs little.
    """
    kept = []
    for segment in sorted(segments, key=lambda s: int(s.doc_count())):
        live = segment.doc_count()
        if live > _SPREAD * writer.doc_count() and live * 2 > segment.doc_count_all():
            kept.append(segment)
        elif live:
            reader = SegmentReader(writer.storage, writer.schema, segment)
            try:
                writer.add_reader(reader)
            finally:
                reader.close()
    return kept


def _tidy(storage: DurableStorage) -> None:
    """Removes all files but those of the newest generation and Whoosh's lock."""
    shutil.rmtree(os.path.join(storage.folder, f"{INDEX_NAME}.tmp"), ignore_errors=True)
    for name in storage.list():
        if name.startswith(f"_{INDEX_NAME}_") and not name.endswith(".toc"):
            storage.delete_file(name)
    if (number := latest(storage.folder)) >= 0:
        with restricted():
            toc = TOC.read(storage, INDEX_NAME, number)
        clean_files(storage, INDEX_NAME, toc.generation, toc.segments)


def _remove_strays(index_dir: Path) -> None:
    """Removes unfinished files of runs that were killed."""
    for path in (*index_dir.glob("*.part"), *index_dir.glob("*.json.[0-9]*")):
        with suppress(OSError):
            path.unlink()
