"""Reads the durable index: one generation of it, held open.

Takes the index folder. Returns a `Store` with entries, versions, articles and the ledger of ids.
Refuses an index that is missing (`IndexMissing`), damaged (`IndexDamaged`) or of a newer version
(`IndexNewer`). The column of entries, which identifies the documents, is checked against the
manifest when it is first read; a document's payload has its digest in its entry.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from whoosh.index import TOC, FileIndex

from indexer.errors import (
    IndexDamaged,
    IndexMissing,
    IndexNewer,
    NotFound,
    PilcrowError,
    UsageError,
)
from indexer.model import Record
from indexer.store.codec import (
    Entry,
    LedgerEntry,
    NewerError,
    Packed,
    PackedLedger,
    Stored,
    StoreDamaged,
    unpack,
    unpack_entry,
    unpack_records,
)
from indexer.store.ledger_copy import read_copies
from indexer.store.lock import holder_of
from indexer.store.pickles import restricted
from indexer.store.storage import (
    INDEX_NAME,
    LOCK_FILE,
    STORE_FOLDER,
    Contents,
    DurableStorage,
    check_files,
    latest,
)

CLOSED = "the index was closed; open it again"
_ATTEMPTS = 20  # to open a generation, since a writer may replace it meanwhile


@dataclass(slots=True)
class _Leaf:
    """A segment of the Whoosh index."""

    first: int  # number of its first document
    reader: Any
    entries: Any  # columns
    payloads: Any
    file: str  # name of the entries' file
    is_checked: bool = False  # whether that file is known to be as it was written


class Documents(NamedTuple):
    """The documents of a generation: article id → (number in the index, entry)."""

    articles: dict[str, tuple[int, Entry]]
    ledgers: dict[str, tuple[int, LedgerEntry]]


class Store:
    """One generation of the durable index, for reading; may be shared by threads.

    Its files are held open, so later writers can't remove their content.
    """

    def __init__(
        self, index_dir: Path, storage: DurableStorage, toc: TOC, *, skip_damaged: bool = False
    ) -> None:
        """`toc`: Whoosh's table of contents. `skip_damaged`: skip whatever can't be read."""
        self.generation = int(toc.generation)  # rises with each commit
        self.contents = storage.contents or Contents(b"", None, "")  # empty if unreadable
        self.index_dir, self._storage = index_dir, storage
        self._lock = threading.RLock()  # Whoosh's columns share the position in their file
        self._tolerated = (Exception,) if skip_damaged else ()
        self.unread = 0  # number of skips: documents, or the rest of the index
        self.exchanged: list[str] = []  # files that are sound, but not the ones that were written
        self._is_closed = False
        self._documents: Documents | None = None  # read when first needed
        self._homes: dict[str, str] = {}  # id with a record → article id
        self._leaves: list[_Leaf] = []
        with self._skipping():
            storage.check_sizes()
        with self._skipping():
            self._reader = FileIndex._reader(storage, toc.schema, toc.segments, toc.generation)
            for leaf, first in self._reader.leaf_readers() if toc.segments else ():
                entries, payloads = (
                    leaf.column_reader(name, translate=False) for name in ("entry", "payload")
                )
                file = f"{leaf.segment().segment_id()}.entry.col"
                self._leaves.append(_Leaf(first, leaf, entries, payloads, file))

    @property
    def identity(self) -> str:
        """Unique name of the commit, among all stores."""
        return self.contents.identity

    @classmethod
    def open(cls, index_dir: Path) -> Store:
        """The newest generation. `IndexMissing` if there is none, `IndexDamaged`, `IndexNewer`."""
        folder = os.path.join(index_dir, STORE_FOLDER)
        with guarded(index_dir):
            check_files(index_dir)
            newest = latest(folder)
        for _ in range(_ATTEMPTS):
            if newest < 0:
                with guarded(index_dir):
                    raise missing(index_dir)
            storage = DurableStorage(folder)
            with suppress(FileNotFoundError), guarded(index_dir), ExitStack() as failed:
                failed.callback(storage.close_all)
                store = cls(index_dir, storage, TOC.read(storage, INDEX_NAME, newest))
                # Checked last, since a column whose file was removed looks like an empty one.
                if latest(folder) == store.generation:
                    failed.pop_all()
                    return store
            tried, newest = newest, latest(folder)
            if tried == newest:  # no writer removed the files: they are lost
                break
        raise damaged(index_dir, "files are missing")

    def entries(self) -> tuple[Entry, ...]:
        """The entry of each article, sorted by article id."""
        articles = self.documents().articles
        return tuple(articles[name][1] for name in sorted(articles))

    def versions(self) -> dict[str, str]:
        """Article id → version, which changes whenever the stored content does."""
        return {entry.article_id: entry.version for entry in self.entries()}

    def load(self, article_id: str) -> Stored:
        """An article with its passages. `NotFound`, `IndexDamaged`."""
        packed = self._packed(article_id)
        with guarded(self.index_dir):
            return unpack(packed.entry, packed.payload)

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in order of `article_ids`, their payloads unchecked.

        `NotFound`, `IndexDamaged`.
        """
        return map(self._packed, article_ids)

    def record(self, passage_id: str) -> Record | None:
        """The ledger's record of an id; None for an id that never moved, or is unknown."""
        self.documents()
        home = self._homes.get(passage_id)
        return None if home is None else self.records(home).get(passage_id)

    def records(self, article_id: str) -> dict[str, Record]:
        """Id → record, for the ids issued for an article that have one."""
        if (place := self.documents().ledgers.get(article_id)) is None:
            return {}
        with self.guarded():
            return unpack_records(place[1], self._payload(place[0]))

    def packed_ledgers(self) -> Iterator[PackedLedger]:
        """The ledger as it is stored, sorted by article id, unchecked. `IndexDamaged`."""
        for _, (number, entry) in sorted(self.documents().ledgers.items()):
            with self.guarded():
                payload = self._payload(number)
            yield PackedLedger(entry, payload)

    def recorded_articles(self) -> tuple[str, ...]:
        """Ids of the articles, present or removed, that have records, sorted."""
        return tuple(sorted(self.documents().ledgers))

    def documents(self) -> Documents:
        """All live documents. `IndexDamaged` if one is damaged, unless damage is skipped."""
        with self.guarded():
            if self._documents is None:
                self._documents = self._read()
                for article_id, (_, entry) in self._documents.ledgers.items():
                    self._homes.update(dict.fromkeys(entry.ids, article_id))
            return self._documents

    def misfits(self) -> Iterator[str]:
        """Files that differ from the manifest, a sentence for each."""
        if (manifest := self.contents.manifest) is None:
            return
        for name in sorted(manifest.files):
            with self.guarded():
                found = self._storage.digest_of(name)
            if found != manifest.files[name]:
                yield f"file {name} is not what was written"
        if all(copy.digest != manifest.ledger for copy in read_copies(self.index_dir)):
            yield "the second copy of the ledger does not fit; the next pilcrow index writes it"

    def close(self) -> None:
        """Closes the files; the store can't be used any more."""
        with self._lock:
            self._is_closed = True
            self._storage.close_all()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Admits one thread at a time, and turns errors of Whoosh and the system into our own."""
        with guarded(self.index_dir), self._lock:
            if self._is_closed:
                raise UsageError(CLOSED)
            yield

    @contextmanager
    def _skipping(self) -> Iterator[None]:
        """Skips and counts damage, if `skip_damaged` was given."""
        try:
            yield
        except (NewerError, IndexNewer):
            raise
        except self._tolerated:
            self.unread += 1

    def _packed(self, article_id: str) -> Packed:
        with self.guarded():
            known = self._documents
            place = self._find(article_id) if known is None else known.articles.get(article_id)
            if place is None:
                raise NotFound(f"no article has the id {article_id!r}")
            return Packed(place[1], self._payload(place[0]))

    def _read(self) -> Documents:
        found = Documents({}, {})
        for leaf in self._leaves:
            before = self.unread
            with self._skipping():
                self._check(leaf)
            skipped, self.unread = self.unread > before, before
            for number in range(leaf.reader.doc_count_all()):
                with self._skipping():
                    if leaf.reader.is_deleted(number):
                        continue
                    entry = unpack_entry(leaf.entries[number])
                    if isinstance(entry, Entry):
                        found.articles[entry.article_id] = leaf.first + number, entry
                    else:
                        found.ledgers[entry.article_id] = leaf.first + number, entry
            if skipped and self.unread == before:
                self.exchanged.append(leaf.file)
        return found

    def _check(self, leaf: _Leaf) -> None:
        """Checks the entries of a segment against the manifest, once. `StoreDamaged`."""
        manifest = self.contents.manifest
        if manifest is not None and not leaf.is_checked:
            if self._storage.digest_of(leaf.file) != manifest.files.get(leaf.file):
                raise StoreDamaged(f"{leaf.file} is not what was written")
            leaf.is_checked = True

    def _find(self, article_id: str) -> tuple[int, Entry] | None:
        """The document of an article, by Whoosh's term index; if that fails, among all entries."""
        with suppress(Exception):  # not found, or damaged: then all entries are read
            for number in self._reader.postings("id", as_term(article_id)).all_ids():
                leaf = self._leaf(number)
                self._check(leaf)
                entry = unpack_entry(leaf.entries[number - leaf.first])
                if isinstance(entry, Entry) and entry.article_id == article_id:
                    return number, entry
        return self.documents().articles.get(article_id)

    def _payload(self, number: int) -> bytes:
        """The payload of a document: a packed article, or records of the ledger."""
        leaf = self._leaf(number)
        return bytes(leaf.payloads[number - leaf.first])

    def _leaf(self, number: int) -> _Leaf:
        """The segment of a document."""
        return next(leaf for leaf in reversed(self._leaves) if leaf.first <= number)


def as_term(article_id: str) -> str:
    """An id as a term: lone surrogates, which UTF-8 can't encode, are escaped."""
    return article_id.encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def guarded(index_dir: Path) -> Iterator[None]:
    """Turns exceptions of Whoosh and the system into errors that name a remedy.

    Damage may raise anything: Whoosh checks nothing, so a wrong length can end in an
    IndexError, a MemoryError, a failed assertion or a pickle that can't be read.
    """
    try:
        with restricted():
            yield
    except (PilcrowError, FileNotFoundError):
        raise
    except OSError as error:
        if error.errno == errno.EINVAL:  # an impossible position in a file
            raise damaged(index_dir, str(error)) from error
        reason = (error.strerror or str(error)).lower()
        where = error.filename or index_dir
        raise PilcrowError(f"{where}: {reason}; the index is as it was") from error
    except NewerError as error:
        raise newer(index_dir, error) from error
    except Exception as error:
        raise damaged(index_dir, str(error) or type(error).__name__) from error


def missing(index_dir: Path) -> PilcrowError:
    """The error for a folder without a table of contents or a copy of one."""
    folder = index_dir / STORE_FOLDER
    if (holder := holder_of(folder / LOCK_FILE)) is not None:
        wait = "wait until it has finished"
        return IndexMissing(f"{index_dir}: no index yet, it is being made{holder}; {wait}")
    if any(copy.packed for copy in read_copies(index_dir)) or any(index_dir.glob("arrays/snap*")):
        return damaged(index_dir, "its table of contents is missing")
    if any(
        name.startswith(f"{INDEX_NAME}_") and name != LOCK_FILE
        for name in DurableStorage(str(folder))
    ):
        again = "run it again: pilcrow index"
        return IndexMissing(f"{index_dir}: no index yet, making it was interrupted; {again}")
    return IndexMissing(f"{index_dir}: no index here; make one with: pilcrow index")


def newer(index_dir: Path, error: NewerError) -> IndexNewer:
    """The error for an index that a newer version of the program wrote."""
    remedy = "use a version that is at least as new, or another folder with --index"
    return IndexNewer(
        f"{index_dir}: a newer version of Pilcrow wrote this index ({error}); {remedy}"
    )


def damaged(index_dir: Path, reason: str) -> IndexDamaged:
    """The error for an index that can't be used as it is."""
    remedy = "build it anew with: pilcrow index --rebuild"
    return IndexDamaged(f"{index_dir}: the index is damaged ({reason}); {remedy}")
