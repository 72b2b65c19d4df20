"""One commit of store and arrays: articles are inverted while they are being stored.

In: the index folder, then what is written in the transaction. Out: the new snapshot. If articles
are many, processes beside this one invert each as soon as it is put; what they made is used once
the store is committed, and forgotten if it is not. Refuses what the store refuses.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from indexer.closing import Closing
from indexer.segments.sharing import Sharing
from indexer.segments.snapshot import Snapshot, refresh, snapshot_versions
from indexer.store.codec import Packed
from indexer.store.reader import Store
from indexer.store.writer import Writer, writing


class Commit(Closing):
    """`writing` gives the transaction; when that is committed, `refresh` brings the arrays up to
    the store. Between the two nothing is lost but time if the program ends."""

    def __init__(self, index_dir: Path, *, anew: bool = False) -> None:
        """`anew` as in `store.writing`."""
        self._index_dir = index_dir
        self._anew = anew
        self._known: dict[str, str] = {}  # versions of the articles that are in the arrays
        self._sharing = Sharing()

    def writing(self) -> AbstractContextManager[Writer]:
        """A transaction of the store."""
        if self._anew:  # else nothing is put but what has changed
            self._known = snapshot_versions(self._index_dir)
        return writing(self._index_dir, anew=self._anew, told=self._told)

    def _told(self, packed: Packed) -> None:
        entry = packed.entry
        if self._known.get(entry.article_id) != entry.version:
            self._sharing.add(packed, entry.version)

    def refresh(self, store: Store) -> Snapshot:
        """The snapshot of `store`, which has been opened since. `OSError` if the disk does not
        take it: then whoever opens the index makes it."""
        return refresh(store, self._index_dir, ahead=self._sharing)

    def close(self) -> None:
        """Ends what was begun ahead."""
        self._sharing.close()
