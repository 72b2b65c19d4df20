"""Bringing the snapshot up to the store: what changed is inverted, all else stays where it is.

Unchanged articles stay in their segments, all others go into one new one. When small segments
become many, or hold more than a tenth of the whole, they are merged by inverting their articles
again.
"""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from whoosh.util.filelock import FileLock

from indexer.segments.builder import assemble
from indexer.segments.container import DamagedError, write_container
from indexer.segments.merge import merge, versions_of
from indexer.segments.parallel import ArticleSource, ParallelInverter, invert
from indexer.segments.segment import Segment
from indexer.segments.snapshot import (
    Part,
    Snapshot,
    generation_of,
    manifest_path,
    open_snapshot,
    write_manifest,
)
from indexer.segments.strings import Strings
from indexer.segments.tables import Run
from indexer.store.codec import DamageError
from indexer.store.reader import damaged

MOST_SEGMENTS = 8
SMALL = 0.1  # share of all articles above which later segments are merged with the first


class ArticleStore(ArticleSource, Protocol):
    """What is needed of the store."""

    @property
    def generation(self) -> int:
        """Number of the commit that it shows."""

    def versions(self) -> dict[str, str]:
        """Article id → a text that changes with its content."""


def refresh(
    store: ArticleStore,
    index_dir: Path,
    *,
    fresh: bool = False,
    ahead: ParallelInverter | None = None,
) -> Snapshot:
    """Bring the snapshot on disk up to the store and open it.

    With `fresh` nothing of an earlier snapshot is used. `ahead` may have articles that were
    inverted while they were stored. Raises `OSError` when the snapshot can't be written (a full
    disk), and `IndexDamaged`: the snapshot before stays as it was. One process or thread does it
    at a time: a server that sees a new commit before the builder has made its arrays waits here.
    """
    (index_dir / "arrays").mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(index_dir / "arrays.lock"))
    lock.acquire(blocking=True)
    try:
        if not fresh and (current := open_snapshot(index_dir, store.generation)):
            return current
        return _brought_up(store, index_dir, fresh, ahead)
    except DamageError as error:
        raise damaged(index_dir, str(error)) from error
    finally:
        lock.release()


def refreshed(store: ArticleStore, path: Path) -> Snapshot:
    """Arrays of the store's generation, made of what is there as far as that can be used."""
    try:
        # Whoever commits makes them too; a server that sees the commit first waits for that.
        return refresh(store, path)
    except (DamagedError, OSError):
        return rebuilt(store, path)


def rebuilt(store: ArticleStore, path: Path) -> Snapshot:
    """Arrays made anew from the store; in a temporary folder when `path` can't be written to."""
    try:
        return refresh(store, path, fresh=True)
    except OSError:
        return refresh(store, Path(tempfile.mkdtemp(prefix="pilcrow-")), fresh=True)


def _brought_up(
    store: ArticleStore, index_dir: Path, fresh: bool, ahead: ParallelInverter | None
) -> Snapshot:
    folder = index_dir / "arrays"
    versions = store.versions()
    parts: list[Part] = []
    if not fresh:
        with contextlib.suppress(DamagedError):  # then nothing of it is used
            parts = _surviving(_latest(index_dir), versions)
    parts = _kept(parts, len(versions))
    kept = {p.segment.article_ids[n] for p in parts for n in p.live_articles}
    missing = sorted(versions.keys() - kept)
    if missing or not parts:
        name = f"{uuid.uuid4().hex}.seg"
        arrays, facts = assemble(merge(_inverted(store, missing, versions, ahead), missing))
        write_container(folder / name, arrays, facts)
        parts = [*parts, Part(Segment(folder / name), ())]
    write_manifest(index_dir, store.generation, parts)
    _clean(folder, store.generation, {p.segment.container.path.name for p in parts})
    return Snapshot(store.generation, parts)


def _latest(index_dir: Path) -> Snapshot | None:
    """The newest snapshot on disk that can be opened."""
    found = (index_dir / "arrays").glob("snapshot-*")
    numbers = sorted(map(generation_of, found), reverse=True)
    opened = (open_snapshot(index_dir, n) for n in numbers)
    return next((s for s in opened if s is not None), None)


def _surviving(before: Snapshot | None, versions: dict[str, str]) -> list[Part]:
    """The parts of an earlier snapshot, with what changed or vanished since marked dead."""
    parts = []
    for part in before.parts if before else ():
        ids, written = part.segment.article_ids, Strings(part.segment.container, "article.version")
        live = [n for n in part.live_articles if versions.get(ids[n]) == written[n]]
        if live:
            dead = sorted(set(range(part.segment.articles)) - set(live))
            parts.append(Part(part.segment, tuple(dead)))
    return parts


def _kept(parts: list[Part], total: int) -> list[Part]:
    """Which parts to keep; the articles of all others are inverted again.

    The first part is the large one. Later ones are merged among themselves when they are many,
    and all are merged when the later ones or the dead of the first pass their share.
    """
    if not parts:
        return []
    first, live = parts[0], sum(len(part.live_articles) for part in parts)
    if total - len(first.live_articles) > SMALL * total:
        return []
    if len(first.dead) > SMALL * first.segment.articles:
        return []
    return parts if len(parts) + (live < total) <= MOST_SEGMENTS else [first]


def _inverted(
    store: ArticleStore,
    ids: Sequence[str],
    versions: dict[str, str],
    ahead: ParallelInverter | None,
) -> list[Run]:
    """Runs that hold these articles, maybe among others."""
    runs = ahead.finish() if ahead is not None else []
    ready = versions_of(runs)
    rest = [article_id for article_id in ids if ready.get(article_id) != versions[article_id]]
    return runs + (invert(store, rest) if rest or not runs else [])


def _clean(folder: Path, generation: int, used: set[str]) -> None:
    """Remove files that no snapshot needs; open readers keep what they have mapped.

    Whoever was late and made the snapshot of an older generation leaves the newer one alone.
    """
    if any(generation_of(path) > generation for path in folder.glob("snapshot-*")):
        return
    keep = {manifest_path(folder, generation).name, *used}
    for path in folder.iterdir():
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
