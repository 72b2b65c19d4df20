"""Building the index: read → parse → split → store → arrays.

In: files and folders, the index folder. Out: an `IndexReport`; the index on disk holds the new
state of everything below the paths given, in one commit, or is as it was. Files that have not
changed are not parsed, articles that have not changed are not touched, articles whose file has
vanished are removed (and those that `remove` is told), and a file that can't be used now keeps its
last state and is reported. Refuses (`UsageError`) paths that don't exist or hold nothing usable.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import PilcrowError, SourceError, SourceWarning, UsageError
from indexer.ingest.sync import Update
from indexer.links.ledger import Tracker
from indexer.links.ledger_file import follow_strangers
from indexer.links.selectors import select_from
from indexer.model import Selectors
from indexer.segments.container import DamagedError
from indexer.segments.refresh import refresh
from indexer.segments.snapshot import latest_snapshot
from indexer.settings import Settings
from indexer.sources.files import AnyPath, is_below
from indexer.store.codec import Entry
from indexer.store.reader import Store, guarded
from indexer.store.storage import check_files, load_digests, load_roots, save_digests, save_roots
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
    warnings: tuple[SourceWarning, ...]  # what is doubtful in files that were parsed now
    passed_over: Mapping[str, int]  # files of other kinds, by suffix ("": without one)
    links_out: int  # symbolic links that lead out of the folders given, and were not followed
    emptied: Mapping[str, int]  # paths that are gone or empty: how many articles were removed
    kept: Mapping[str, int]  # the same, where the articles were kept
    losses: tuple[str, ...]  # what of the ledger of ids could not be kept, or did not fit
    seconds: float
    generation: int


def build_index(
    paths: AnyPath | Iterable[AnyPath] | None,
    index_dir: AnyPath,
    *,
    rebuild: bool = False,
    may_empty: bool = True,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IndexReport:
    """Brings the index up to date with the files at or below `paths`, which are remembered.

    Without paths (None) all that were indexed before are brought up to date or, where there are
    none, the corpus of the settings. The articles of a path that is gone or empty are removed if
    it is named, was indexed before, and `may_empty`; else they are kept, and the report says so:
    a disk may not be mounted. `rebuild` prepares every file again, whatever the index says
    of it, which may be damaged, and makes all arrays anew; what it keeps is the ledger and the
    articles of other paths. The encoding of the settings is remembered with the paths given, and
    holds for what is below them until another, or "auto", is named for these. `progress` is called
    with the number of files done and of all. Raises `UsageError` if a path does not exist, nothing
    in them is usable or there is no such encoding, `IndexBusy`, `IndexDamaged`, and `PilcrowError`
    if the disk does not take the index; the index is then as it was.
    """
    began = time.perf_counter()
    folder, settings = Path(index_dir), settings or Settings()
    with guarded(folder):
        check_files(folder, remove=rebuild)
    roots, encodings = load_roots(folder)
    given: list[AnyPath]
    if paths is None:
        here = os.getcwd()  # what is below it is told as one would name it
        given = [os.path.relpath(r) if is_below(r, here) else r for r in roots]
        given = given or [settings.corpus]
    else:
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    may_empty = may_empty and paths is not None
    with WorkerPool() as pool:
        with writing(folder, anew=rebuild) as writer:
            update = Update(
                writer,
                load_digests(folder, writer.before.identity),
                settings,
                anew=rebuild,
                may_empty=may_empty,
                encodings=encodings,
                folder=folder,
            )
            update.run(given, pool, progress)
        unread = _unread(folder, writer)
        losses = [*writer.losses]
        with Store.open(folder) as store:
            save_digests(folder, store.identity, update.digests)
            known_now = with_roots(roots, map(os.path.abspath, given), update.emptied)
            save_roots(folder, known_now, update.encodings)
            passages = _refresh(store, folder, fresh=rebuild, pool=pool)
            generation = store.generation
    losses += follow_strangers(folder, unread, settle=bool(losses))
    with Store.open(folder) as store:
        if store.generation > generation:
            passages = _refresh(store, folder)
        generation = store.generation
    return IndexReport(
        **update.counts,
        articles=len(update.final),
        passages=passages,
        skipped=tuple(update.problems),
        warnings=tuple(update.warnings),
        passed_over=dict(sorted(update.listing.passed_over.items())),
        links_out=update.listing.links_out,
        emptied=update.emptied,
        kept=update.kept,
        losses=tuple(losses),
        seconds=time.perf_counter() - began,
        generation=generation,
    )


def _unread(folder: Path, writer: Writer) -> list[Selectors]:
    """The passages of a store that could not be read in full, as the arrays have them; notes where
    they can't be known either."""
    before = writer.before
    is_damaged = bool(writer.losses or before.unread or before.exchanged)
    if before.identity and not is_damaged:
        return []
    found: list[Selectors] = []
    snapshot = latest_snapshot(folder, before.identity or None)
    try:
        if snapshot is None and is_damaged:
            raise DamagedError
        for part in snapshot.parts if snapshot is not None else ():
            segment = part.segment
            for number in part.live_articles:
                passages = segment.passages_at(segment.article_passages(number).tolist())
                found += select_from(segment.article_ref(number).title, passages)
    except DamagedError:
        writer.losses.append("ids of passages that have changed since may be lost")
    return found


def with_roots(roots: Sequence[str], new: Iterable[str], without: Iterable[str]) -> list[str]:
    """What is remembered as indexed: no path that is below another, nor any of those `without`."""
    every = [root for root in dict.fromkeys((*roots, *new)) if root not in set(without)]
    return [r for r in every if not any(o != r and is_below(r, o) for o in every)]


@dataclass(frozen=True, slots=True)
class Removal:
    """What `remove` did."""

    removed: tuple[str, ...]  # ids of articles
    present: tuple[str, ...]  # of their files, those that still exist below a remembered path
    articles: int  # that the index holds now
    passages: int
    generation: int


def remove(targets: Iterable[AnyPath], index_dir: AnyPath) -> Removal:
    """Takes articles out of the index, named by id or by the file or folder that they are from; of
    their passages it is remembered that they are lost, and a folder that is named is forgotten.

    Raises `UsageError`, before anything is done, for a target that no article is from;
    `IndexMissing`, `IndexBusy`, `IndexDamaged`.
    """
    folder = Path(index_dir)
    with Store.open(folder) as store:
        before = {entry.article_id: entry for entry in store.entries()}
    chosen: dict[str, Entry] = {}
    names = [os.fspath(target) for target in targets]
    for name in names:
        if name in before:
            chosen[name] = before[name]
            continue
        place = os.path.abspath(name)
        below = {n: entry for n, entry in before.items() if is_below(entry.source, place)}
        if not below:
            raise UsageError(f"{name}: no article of the index has this id or is from there")
        chosen |= below
    paths = [os.path.abspath(name) for name in names if name not in before]
    known, named = load_roots(folder)
    roots = [root for root in known if not any(is_below(root, p) for p in paths)]
    encodings = {r: n for r, n in named.items() if not any(is_below(r, p) for p in paths)}
    with writing(folder) as writer:
        digests = load_digests(folder, writer.before.identity)
        tracker = Tracker(writer)
        for entry in chosen.values():
            tracker.remove(entry)
            writer.delete(entry.article_id)
        tracker.finish()
    with Store.open(folder) as store:
        gone = {entry.source for entry in chosen.values()}
        left = {source: one for source, one in digests.items() if source not in gone}
        save_digests(folder, store.identity, left)
        save_roots(folder, roots, encodings)
        passages = _refresh(store, folder)
        articles, generation = len(store.entries()), store.generation
    there = {s for s in gone if os.path.exists(s) and any(is_below(s, root) for root in roots)}
    return Removal(tuple(chosen), tuple(sorted(there)), articles, passages, generation)


def _refresh(
    store: Store, folder: Path, *, fresh: bool = False, pool: WorkerPool | None = None
) -> int:
    """Brings the arrays up to the store; how many passages they hold, boilerplate apart."""
    try:
        snapshot = refresh(store, folder, fresh=fresh, pool=pool)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        is_full = error.errno == errno.ENOSPC
        remedy = f"{'make room' if is_full else 'mend that'} and run pilcrow index again"
        where = error.filename or folder
        raise PilcrowError(f"{where}: the arrays can't be written: {said}; {remedy}") from error
    passages = sum(part.sums[0] for part in snapshot.parts)
    snapshot.close()
    return passages
