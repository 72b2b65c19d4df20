"""Updates the snapshot to the store's last commit: only changed articles are inverted.

In: the folder of an index and its open store. Out: the snapshot of the store's generation, also on
disk. Raises `IndexDamaged`, `IndexNewer`, and `OSError` if it can't be written (a full disk); the
snapshot on disk is then as it was.

There are at most two segments, because each costs every search a little: a large one, and a small
one with all articles written since. When the small one, or the dead articles of the large one, pass
a twentieth of the whole, all are merged: unchanged articles are read back from the segments.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import tempfile
import uuid
from hashlib import blake2b
from pathlib import Path

from indexer.segments.builder import read_back, segment_arrays
from indexer.segments.container import ContainerDamaged, write_container
from indexer.segments.inverter import invert
from indexer.segments.runs import Run, merge, versions_of
from indexer.segments.segment import Segment
from indexer.segments.snapshot import (
    Part,
    Snapshot,
    generation_of,
    latest_snapshot,
    manifest_path,
    open_snapshot,
    write_manifest,
)
from indexer.segments.strings import Strings
from indexer.store.codec import NewerError, StoreDamaged
from indexer.store.lock import WriteLock
from indexer.store.reader import Store, damaged, newer
from indexer.store.storage import STORE_FOLDER, latest
from indexer.worker_pool import WorkerPool

SMALL = 0.05  # share of all articles above which the small segment is merged with the large one


def refresh(
    store: Store,
    index_dir: Path,
    *,
    fresh: bool = False,
    pool: WorkerPool | None = None,
) -> Snapshot:
    """Update the snapshot on disk to the store's commit and open it.

    With `fresh` no earlier snapshot is used. `pool`: the workers that invert. Only one process or
    thread does this at a time: a server that sees a new commit before the builder has made its
    arrays waits here.
    """
    (index_dir / "arrays").mkdir(parents=True, exist_ok=True)
    lock = WriteLock(index_dir / "arrays.lock")
    lock.acquire(wait=True)
    try:
        current = None if fresh else open_snapshot(index_dir, store.generation, store.identity)
        if current is None:
            current = _updated(store, index_dir, fresh, pool)
        _clean(index_dir, current)
        return current
    except NewerError as error:
        raise newer(index_dir, error) from error
    except StoreDamaged as error:
        raise damaged(index_dir, str(error)) from error
    finally:
        lock.release()


def refreshed(store: Store, path: Path) -> Snapshot:
    """Snapshot of the store's generation, reusing earlier arrays as far as they are usable."""
    try:
        return refresh(store, path)
    except (ContainerDamaged, OSError):
        return rebuilt(store, path)


def rebuilt(store: Store, path: Path) -> Snapshot:
    """Snapshot made from the store alone. If `path` can't be written to, it goes into a temporary
    folder that all readers of that index share; only the newest arrays are kept there, as always.
    """
    try:
        return refresh(store, path, fresh=True)
    except OSError:
        elsewhere = _temporary(path)
        try:
            return refresh(store, elsewhere)
        except (ContainerDamaged, OSError):
            return refresh(store, elsewhere, fresh=True)


def _temporary(path: Path) -> Path:
    """A temporary folder for the arrays of an index, readable by this user only. Its name follows
    from the index's path; if someone else has taken that name, it is a new folder."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = blake2b(os.fsencode(path.resolve()), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir(), f"pilcrow-{user}-{name}")
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if os.name != "nt" and (
        not stat.S_ISDIR(status.st_mode) or status.st_uid != user or status.st_mode & 0o077
    ):
        folder = Path(tempfile.mkdtemp(prefix="pilcrow-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _updated(store: Store, index_dir: Path, fresh: bool, pool: WorkerPool | None) -> Snapshot:
    folder = index_dir / "arrays"
    versions = store.versions()
    parts: list[Part] = []
    if not fresh:
        with contextlib.suppress(ContainerDamaged):  # then the earlier snapshot is not used
            parts = _surviving(latest_snapshot(index_dir), versions)
    before, parts = parts, _kept(parts, len(versions))
    kept = {p.segment.article_ids[n] for p in parts for n in p.live_articles}
    missing = sorted(versions.keys() - kept)
    if missing or not parts:
        path = folder / f"{uuid.uuid4().hex}.seg"
        runs: list[Run] = []  # none if a part is damaged
        with contextlib.suppress(ContainerDamaged):
            runs = [read_back(part.segment) for part in before[len(parts) :]]
        ready = versions_of(runs)
        changed = [name for name in missing if ready.get(name) != versions[name]]
        if changed or not runs:
            runs += invert(store, changed, pool)
        arrays, facts = segment_arrays(merge(runs, missing))
        write_container(path, arrays, facts)
        parts = [*parts, Part(Segment(path), ())]
    write_manifest(index_dir, store.generation, store.identity, parts)
    return Snapshot(store.generation, parts)


def _surviving(before: Snapshot | None, versions: dict[str, str]) -> list[Part]:
    """Parts of an earlier snapshot, with articles that changed or vanished since marked dead."""
    parts = []
    taken: set[str] = set()
    for part in before.parts if before else ():
        ids, written = part.segment.article_ids, Strings(part.segment.container, "article.version")
        live = [n for n in part.live_articles if versions.get(ids[n]) == written[n]]
        live = [n for n in live if ids[n] not in taken]
        taken.update(ids[n] for n in live)
        if live:
            dead = sorted(set(range(part.segment.articles)) - set(live))
            parts.append(Part(part.segment, tuple(dead)))
    return parts


def _kept(parts: list[Part], total: int) -> list[Part]:
    """The parts to keep as they are: the large one, and the small one too if nothing is to be added
    to it. None if the small part, or the dead articles of the large one, exceed `SMALL`."""
    if not parts:
        return []
    first, live = parts[0], sum(len(part.live_articles) for part in parts)
    if total - len(first.live_articles) > SMALL * total:
        return []
    if len(first.dead) > SMALL * first.segment.articles:
        return []
    return [first] if total > live else parts


def _clean(index_dir: Path, current: Snapshot) -> None:
    """Remove files that no snapshot needs; open readers keep what they have mapped.

    A snapshot of an older generation, made late, does not remove a newer one, unless the store no
    longer has that generation.
    """
    folder, newest = index_dir / "arrays", latest(str(index_dir / STORE_FOLDER))
    for path in folder.glob("snapshot-*"):
        if current.generation < generation_of(path) and (newest < 0 or newest > current.generation):
            return
    keep = {part.segment.container.path.name for part in current.parts}
    keep.add(manifest_path(index_dir, current.generation).name)
    for path in folder.iterdir():
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
