"""Building the index: read → parse → split → store → arrays.

In: files and folders, the index folder. Out: an `IndexReport`; the index on disk holds the new
state of everything below the paths given, in one commit, or is as it was. Files that have not
changed are not parsed, articles that have not changed are not touched, articles whose file has
vanished are removed, and a file that can't be used now keeps its last state and is reported.
Refuses (`UsageError`) paths that don't exist or hold nothing usable.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import PilcrowError, SourceError
from indexer.ingest.sync import Update
from indexer.segments.parallel import ParallelInverter
from indexer.segments.refresh import refresh
from indexer.segments.snapshot import Snapshot
from indexer.settings import Settings
from indexer.sources.files import AnyPath
from indexer.store.reader import Store
from indexer.store.storage import load_digests, save_digests
from indexer.store.writer import Writer, writing
from indexer.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a run of `build_index` did, in articles, and what the index holds now."""

    added: int
    changed: int
    removed: int
    unchanged: int  # below the paths given
    articles: int  # in the index
    passages: int  # in the index, boilerplate apart
    skipped: tuple[SourceError, ...]  # files, or parts of them, that could not be used
    seconds: float
    generation: int


def build_index(
    paths: AnyPath | Iterable[AnyPath],
    index_dir: AnyPath,
    *,
    rebuild: bool = False,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IndexReport:
    """Brings the index up to date with the files at or below `paths`.

    `rebuild` prepares every file again and trusts nothing of the index, which may be damaged.
    `progress` is called with the number of files done and of all. Raises `UsageError` if a path
    does not exist or nothing in them is usable, `IndexBusy`, `IndexDamaged`, and `PilcrowError` if
    the disk does not take the index; the index is then as it was.
    """
    began = time.perf_counter()
    folder = Path(index_dir)
    with Commit(folder, anew=rebuild) as commit:
        with commit.writing() as writer:
            known = load_digests(folder, writer.before.generation)
            update = Update(writer, known, settings or Settings(), anew=rebuild)
            update.run(paths, commit.pool, progress)
        with Store.open(folder) as store:
            save_digests(folder, store.generation, update.digests)
            passages = _refresh(commit, store, folder)
            generation = store.generation
    return IndexReport(
        **update.counts,
        articles=len(update.final),
        passages=passages,
        skipped=tuple(update.problems),
        seconds=time.perf_counter() - began,
        generation=generation,
    )


def _refresh(commit: Commit, store: Store, folder: Path) -> int:
    """Brings the arrays up to the store; how many passages they hold, boilerplate apart."""
    try:
        snapshot = commit.refresh(store)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        remedy = "make room and run pilcrow index again"
        raise PilcrowError(f"{folder}: the arrays can't be written: {said}; {remedy}") from error
    passages = sum(part.sums[0] for part in snapshot.parts)
    snapshot.close()
    return passages


class Commit:
    """One commit of store and arrays: articles are inverted while they are being stored.

    `writing` gives the transaction; when that is committed, `refresh` brings the arrays up to the
    store. If articles are many, the workers of `pool` invert each as soon as it is put; what they
    made is used once the store is committed, and forgotten if it is not. Between the two nothing is
    lost but time if the program ends. Refuses what the store refuses.
    """

    def __init__(self, index_dir: Path, *, anew: bool = False) -> None:
        """`anew` as in `store.writing`; of the arrays nothing is kept then."""
        self.pool = WorkerPool()
        self._index_dir = index_dir
        self._anew = anew
        self._inverter = ParallelInverter(self.pool)

    def writing(self) -> AbstractContextManager[Writer]:
        """A transaction of the store."""
        return writing(self._index_dir, anew=self._anew, told=self._inverter.add)

    def refresh(self, store: Store) -> Snapshot:
        """The snapshot of `store`, which has been opened since. `OSError` if the disk does not
        take it: then whoever opens the index makes it."""
        return refresh(store, self._index_dir, fresh=self._anew, ahead=self._inverter)

    def __enter__(self) -> Commit:
        return self

    def __exit__(self, *raised: object) -> None:
        self.pool.close()
