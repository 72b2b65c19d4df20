"""Builds the index: read → parse → split → store → arrays.

Takes files and folders, and the index folder. Returns an `IndexReport`; the index on disk then has
the new state of everything below the given paths, in one commit, or is as it was. Unchanged files
are not parsed, unchanged articles not touched, and articles whose file has vanished are removed. A
file that can't be used now keeps its last state and is reported. `remove` takes articles out.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.errors import PilcrowError, SourceError, SourceWarning, UsageError
from indexer.ingest.sync import Update
from indexer.links.ledger import Tracker
from indexer.links.ledger_file import follow_foreign_copies
from indexer.links.selectors import select_from
from indexer.model import Selectors
from indexer.segments.container import ContainerDamaged
from indexer.segments.refresh import refresh
from indexer.segments.snapshot import latest_snapshot
from indexer.settings import Settings
from indexer.sources.files import AnyPath, is_below
from indexer.store.codec import Entry
from indexer.store.reader import Store, guarded
from indexer.store.storage import check_files, load_digests, load_roots, save_digests, save_roots
from indexer.store.writer import Writer, writing
from indexer.worker_pool import WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """The changes made by a run of `build_index`, in articles, and the index's size now."""

    added: int
    changed: int
    removed: int
    unchanged: int  # below the given paths
    articles: int  # in the index
    passages: int  # in the index, without boilerplate
    skipped: tuple[SourceError, ...] = ()  # files, or parts of them, that could not be used
    warnings: tuple[SourceWarning, ...] = ()  # doubts about files that were parsed in this run
    # Files of other kinds, by suffix ("": without one).
    passed_over: Mapping[str, int] = field(default_factory=dict)
    links_out: int = 0  # symbolic links that lead out of the given folders, and were not followed
    # Path that is gone or empty → number of articles removed, or kept.
    emptied: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    losses: tuple[str, ...] = ()  # parts of the ledger of ids that were lost or did not match
    seconds: float
    generation: int


def report_fields(update: Update) -> dict[str, Any]:
    """The fields of an `IndexReport` that an update sets."""
    return {
        **update.counts,
        "skipped": tuple(update.problems),
        "warnings": tuple(update.warnings),
        "passed_over": dict(sorted(update.listing.passed_over.items())),
        "links_out": update.listing.links_out,
        "emptied": update.emptied,
        "kept": update.kept,
    }


def build_index(
    paths: AnyPath | Iterable[AnyPath] | None,
    index_dir: AnyPath,
    *,
    rebuild: bool = False,
    may_empty: bool = True,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IndexReport:
    """Update the index with the files at or below `paths`, and remember the paths.

    Without paths (None), updates all paths that were indexed before or, if there are none, the
    corpus of the settings. The articles of a path that is gone or empty are removed if it is named,
    was indexed before, and `may_empty`; otherwise they are kept, since a disk may not be mounted,
    and the report says so. `rebuild` prepares every file again and makes all arrays anew, even if
    the index is damaged; it keeps the ledger and the articles of other paths. The encoding of the
    settings is remembered with the given paths, and applies to all files below them until another
    encoding, or "auto", is named. `progress` is called with the number of files done and the total.
    Raises `UsageError` if a path does not exist, no file is usable, or the encoding is unknown;
    `IndexBusy`; `IndexDamaged`; and `PilcrowError` if the disk is full or fails.
    """
    began = time.perf_counter()
    folder, settings = Path(index_dir), settings or Settings()
    with guarded(folder):
        check_files(folder, remove=rebuild)
    roots, encodings = load_roots(folder)
    given: list[AnyPath]
    if paths is None:
        here = os.getcwd()  # paths below it are shown relative to it
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
    losses += follow_foreign_copies(folder, unread, settle=bool(losses))
    with Store.open(folder) as store:
        if store.generation > generation:
            passages = _refresh(store, folder)
        generation = store.generation
    return IndexReport(
        **report_fields(update),
        articles=len(update.final),
        passages=passages,
        losses=tuple(losses),
        seconds=time.perf_counter() - began,
        generation=generation,
    )


def _unread(folder: Path, writer: Writer) -> list[Selectors]:
    """The passages of a store that is damaged, read from its arrays; if these can't be used either,
    notes the loss in `writer.losses`."""
    before = writer.before
    is_damaged = bool(writer.losses or before.unread or before.exchanged)
    if before.identity and not is_damaged:
        return []
    found: list[Selectors] = []
    snapshot = latest_snapshot(folder, before.identity or None)
    try:
        if snapshot is None and is_damaged:
            raise ContainerDamaged
        for part in snapshot.parts if snapshot is not None else ():
            segment = part.segment
            for number in part.live_articles:
                passages = segment.passages_at(segment.article_passages(number).tolist())
                found += select_from(segment.article_ref(number).title, passages)
    except ContainerDamaged:
        writer.losses.append("ids of passages that have changed since may be lost")
    return found


def with_roots(roots: Sequence[str], new: Iterable[str], without: Iterable[str]) -> list[str]:
    """The indexed paths to remember: without those in `without`, and without any below another."""
    every = [root for root in dict.fromkeys((*roots, *new)) if root not in set(without)]
    return [r for r in every if not any(o != r and is_below(r, o) for o in every)]


@dataclass(frozen=True, slots=True)
class Removal:
    """The result of `remove`."""

    removed: tuple[str, ...]  # ids of the removed articles
    present: tuple[str, ...]  # their files that still exist below a remembered path
    articles: int  # in the index now
    passages: int  # in the index now, without boilerplate
    generation: int


def remove(targets: Iterable[AnyPath], index_dir: AnyPath) -> Removal:
    """Remove articles from the index, named by id or by the file or folder that they are from.
    Their passages are recorded as lost, and a named folder is forgotten.

    Raises `UsageError`, before any change, for a target without articles; `IndexMissing`,
    `IndexBusy`, `IndexDamaged`.
    """
    folder = Path(index_dir)
    with Store.open(folder) as store:
        before = {entry.article_id: entry for entry in store.entries()}
    chosen, paths = chosen_from(before, targets)
    known, named = load_roots(folder)
    roots = [root for root in known if not any(is_below(root, p) for p in paths)]
    encodings = {r: n for r, n in named.items() if not any(is_below(r, p) for p in paths)}
    with writing(folder) as writer:
        digests = load_digests(folder, writer.before.identity)
        take_out(writer, chosen.values())
    with Store.open(folder) as store:
        gone = {entry.source for entry in chosen.values()}
        left = {source: digest for source, digest in digests.items() if source not in gone}
        save_digests(folder, store.identity, left)
        save_roots(folder, roots, encodings)
        passages = _refresh(store, folder)
        articles, generation = len(store.entries()), store.generation
    there = {s for s in gone if os.path.exists(s) and any(is_below(s, root) for root in roots)}
    return Removal(tuple(chosen), tuple(sorted(there)), articles, passages, generation)


def chosen_from(
    before: Mapping[str, Entry], targets: Iterable[AnyPath]
) -> tuple[dict[str, Entry], list[str]]:
    """The articles that targets name, and the files and folders among the targets. `before`: the
    articles of the index. Raises `UsageError` for a target without articles."""
    chosen: dict[str, Entry] = {}
    paths: list[str] = []
    for name in [os.fspath(target) for target in targets]:
        if name in before:
            chosen[name] = before[name]
            continue
        paths.append(place := os.path.abspath(name))
        below = {n: entry for n, entry in before.items() if is_below(entry.source, place)}
        if not below:
            raise UsageError(f"{name}: no article of the index has this id or is from there")
        chosen |= below
    return chosen, paths


def take_out(writer: Writer, entries: Iterable[Entry]) -> None:
    """Removes articles and records their passages as lost."""
    tracker = Tracker(writer)
    for entry in entries:
        tracker.remove(entry)
        writer.delete(entry.article_id)
    tracker.finish()


def _refresh(
    store: Store, folder: Path, *, fresh: bool = False, pool: WorkerPool | None = None
) -> int:
    """Updates the arrays to the store; returns their number of passages, without boilerplate."""
    try:
        snapshot = refresh(store, folder, fresh=fresh, pool=pool)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        is_full = error.errno == errno.ENOSPC
        remedy = f"{'make room' if is_full else 'mend that'} and run pilcrow index again"
        where = error.filename or folder
        raise PilcrowError(f"{where}: the arrays can't be written: {reason}; {remedy}") from error
    passages = sum(part.sums[0] for part in snapshot.parts)
    snapshot.close()
    return passages
