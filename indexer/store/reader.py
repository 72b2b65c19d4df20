"""Reading the durable index: one generation of it, held open.

In: the index folder. Out: a `Store` with entries, versions and articles. Refuses an index that is
missing (`IndexMissing`) or not what was written (`IndexDamaged`).
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from whoosh.index import TOC, FileIndex
from whoosh.reading import IndexReader

from indexer.closing import Closing
from indexer.errors import IndexDamaged, IndexMissing, NotFound, PilcrowError
from indexer.model import Record
from indexer.store.codec import DamageError, Entry, Packed, Stored, unpack, unpack_entry
from indexer.store.ledger import (
    LedgerEntry,
    is_ledger_entry,
    unpack_ledger_entry,
    unpack_records,
)
from indexer.store.storage import DurableStorage

FOLDER = "store"  # in the index folder: what Whoosh writes
NAME = "MAIN"  # Whoosh's name for an index that has none
_ATTEMPTS = 20  # to open a generation, while a writer may replace it under our hands


class Place(NamedTuple):
    """A document: its number in the whole index, and its entry."""

    number: int
    entry: Entry


class Generation:
    """One generation, its files held open, so that nothing written later takes them away.

    Not to be used by two threads at once: Whoosh's columns share the place in their file.
    """

    def __init__(self, folder: str) -> None:
        self._storage = DurableStorage(folder)
        try:
            index = FileIndex(self._storage)
            self.number: int = index.latest_generation()
            self._reader: IndexReader = index.reader()
            leaves = self._reader.leaf_readers() if self._reader.doc_count_all() else []
            self._leaves = [
                (first, leaf, _column(leaf, "entry"), _column(leaf, "payload"))
                for leaf, first in leaves
            ]
            # Last, since a column whose file has been taken away looks like an empty one.
            if index.latest_generation() != self.number:
                raise FileNotFoundError("replaced while it was opened")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the files back."""
        self._storage.give_up()

    def places(self) -> Iterator[Place]:
        """All live documents of articles, in Whoosh's order."""
        for number, entry in self.documents():
            if isinstance(entry, Entry):
                yield Place(number, entry)

    def ledgers(self) -> Iterator[tuple[int, LedgerEntry]]:
        """All live documents of the ledger: their numbers and entries."""
        for number, entry in self.documents():
            if isinstance(entry, LedgerEntry):
                yield number, entry

    def documents(self, *, skip_damaged: bool = False) -> Iterator[tuple[int, Entry | LedgerEntry]]:
        """All live documents of either kind; `DamageError` for the first that is damaged."""
        for first, leaf, entries, _ in self._leaves:
            for number, data in enumerate(entries):
                if leaf.is_deleted(number):
                    continue
                try:
                    ledger = is_ledger_entry(data)
                    entry = unpack_ledger_entry(data) if ledger else unpack_entry(data)
                except DamageError:
                    if not skip_damaged:
                        raise
                else:
                    yield first + number, entry

    def find(self, article_id: str) -> Place | None:
        """The document of an article: by Whoosh's term index, or if that fails one by one."""
        with suppress(Exception):  # not found, or damaged: then by looking at all
            for number in self._reader.postings("id", as_term(article_id)).all_ids():
                first, entries, _ = self._leaf(number)
                place = Place(number, unpack_entry(entries[number - first]))
                if place.entry.article_id == article_id:
                    return place
        return next((p for p in self.places() if p.entry.article_id == article_id), None)

    def payload(self, number: int) -> bytes:
        """What a document holds: a packed article, or records of the ledger."""
        first, _, payloads = self._leaf(number)
        return bytes(payloads[number - first])

    def _leaf(self, number: int) -> tuple[int, Any, Any]:
        """First number, entries and payloads of the segment that a document is in."""
        for first, _, entries, payloads in reversed(self._leaves):
            if first <= number:
                return first, entries, payloads
        raise DamageError(f"no document {number}")


def _column(leaf: IndexReader, name: str) -> Any:
    """The raw values of a column, one a document."""
    return leaf.column_reader(name, translate=False)


def as_term(article_id: str) -> str:
    """An id as a term: itself, unless it holds what UTF-8 can't encode."""
    return article_id.encode("utf-8", "backslashreplace").decode("utf-8")


class Store(Closing):
    """One generation of the durable index, for reading; may be shared by threads."""

    def __init__(self, index_dir: Path, generation: Generation) -> None:
        self._index_dir = index_dir
        self._generation = generation
        self._lock = threading.Lock()
        self._entries: tuple[Entry, ...] | None = None
        self._places: dict[str, Place] | None = None  # by article id
        self._ledgers: dict[str, tuple[int, LedgerEntry]] | None = None  # by article id
        self._homes: dict[str, str] = {}  # id with a record → article id

    @classmethod
    def open(cls, index_dir: Path) -> Store:
        """The newest generation. `IndexMissing` if there is none, `IndexDamaged`."""
        folder = os.path.join(index_dir, FOLDER)
        newest = latest(folder)
        for _ in range(_ATTEMPTS):
            if newest < 0:
                raise IndexMissing(f"{index_dir}: no index here; make one with: pilcrow index")
            with suppress(FileNotFoundError), guarded(index_dir):
                return cls(index_dir, Generation(folder))
            tried, newest = newest, latest(folder)
            if tried == newest:  # no writer took the files away: they are lost
                break
        raise damaged(index_dir, "files are missing")

    @property
    def generation(self) -> int:
        """Whoosh's number of this state of the index; it rises with each commit."""
        return self._generation.number

    def entries(self) -> tuple[Entry, ...]:
        """What is known of each article, sorted by article id."""
        with self._lock, guarded(self._index_dir):
            if self._entries is None:
                places = self._located()
                self._entries = tuple(places[name].entry for name in sorted(places))
            return self._entries

    def versions(self) -> dict[str, str]:
        """Article id → version, which changes whenever the stored content does."""
        return {entry.article_id: entry.version for entry in self.entries()}

    def weights(self) -> dict[str, int]:
        """Article id → number of its passages."""
        return {entry.article_id: entry.passages for entry in self.entries()}

    def _located(self) -> dict[str, Place]:
        """The document of each article."""
        if self._places is None:
            found = self._generation.places()
            self._places = {place.entry.article_id: place for place in found}
        return self._places

    def load(self, article_id: str) -> Stored:
        """An article with its passages. `NotFound`, `IndexDamaged`."""
        packed = self._packed(article_id)
        with guarded(self._index_dir):
            return unpack(packed.entry, packed.payload)

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for, their payloads not checked yet.

        `NotFound`, `IndexDamaged`.
        """
        return map(self._packed, article_ids)

    def _packed(self, article_id: str) -> Packed:
        with guarded(self._index_dir), self._lock:
            if self._places is not None:
                place = self._places.get(article_id)
            else:
                place = self._generation.find(article_id)
            if place is None:
                raise NotFound(f"no article {article_id!r} in {self._index_dir}")
            return Packed(place.entry, self._generation.payload(place.number))

    def load_all(self) -> Iterator[Stored]:
        """All articles in order of their ids. `IndexDamaged`."""
        with self._lock, guarded(self._index_dir):
            places = sorted(self._generation.places(), key=lambda p: p.entry.article_id)
        for place in places:
            with guarded(self._index_dir):
                with self._lock:
                    payload = self._generation.payload(place.number)
                stored = unpack(place.entry, payload)
            yield stored

    def record(self, passage_id: str) -> Record | None:
        """What the ledger knows of an id; None for one that is where it always was, or unknown."""
        self._read_ledgers()
        home = self._homes.get(passage_id)
        return None if home is None else self.records(home).get(passage_id)

    def records(self, article_id: str) -> dict[str, Record]:
        """All records of ids that were issued for an article, by id."""
        with self._lock, guarded(self._index_dir):
            place = self._read_ledgers_locked().get(article_id)
            if place is None:
                return {}
            return unpack_records(place[1], self._generation.payload(place[0]))

    def recorded_articles(self) -> tuple[str, ...]:
        """Ids of the articles, present or gone, that have records, sorted."""
        return tuple(sorted(self._read_ledgers()))

    def _read_ledgers(self) -> dict[str, tuple[int, LedgerEntry]]:
        with self._lock, guarded(self._index_dir):
            return self._read_ledgers_locked()

    def _read_ledgers_locked(self) -> dict[str, tuple[int, LedgerEntry]]:
        if self._ledgers is None:
            found = {entry.article_id: (n, entry) for n, entry in self._generation.ledgers()}
            for article_id, (_, entry) in found.items():
                self._homes.update(dict.fromkeys(entry.ids, article_id))
            self._ledgers = found
        return self._ledgers

    def close(self) -> None:
        """Gives the files back; the store can't be used any more."""
        with self._lock:
            self._generation.close()


def latest(folder: str) -> int:
    """The newest generation in `folder`, by the names of its files; -1 if there is none."""
    number: int = TOC._latest_generation(DurableStorage(folder), NAME)
    return number


@contextmanager
def guarded(index_dir: Path) -> Iterator[None]:
    """Turns what Whoosh and the system raise into errors that say what to do.

    Damage may show as anything: Whoosh checks nothing, so a wrong length can end in an
    IndexError, a MemoryError, a failed assertion or a pickle that can't be read.
    """
    try:
        yield
    except (PilcrowError, FileNotFoundError):
        raise
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place in a file that there can't be
            raise damaged(index_dir, str(error)) from error
        said = (error.strerror or str(error)).lower()
        raise PilcrowError(f"{index_dir}: {said}; the index is as it was") from error
    except Exception as error:
        raise damaged(index_dir, str(error) or type(error).__name__) from error


def damaged(index_dir: Path, reason: str) -> IndexDamaged:
    """The error for an index that can't be used as it is."""
    remedy = "build it anew with: pilcrow index --rebuild"
    return IndexDamaged(f"{index_dir}: the index is damaged ({reason}); {remedy}")
