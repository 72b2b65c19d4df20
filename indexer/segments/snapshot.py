"""The snapshot: segments of one generation of the store, and which of their articles are gone.

A snapshot is a manifest naming immutable segments and, for each, the articles that a later one
replaced or that were removed. `refresh` brings it up to the store: unchanged articles stay where
they are, all others go into one new segment. When small segments become many, or hold more than
a tenth of the whole, they are merged by inverting their articles again. Whatever is missing,
damaged or of another version is rebuilt from the store.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from whoosh.util.filelock import FileLock

from indexer.segments.container import DamagedError, write_container
from indexer.segments.segment import Segment
from indexer.segments.strings import Strings
from indexer.segments.wordlist import Wordlist
from indexer.sorted_arrays import Array
from indexer.store.codec import DamageError
from indexer.store.reader import damaged
from indexer.text.tokenizer import ANALYSIS_VERSION

# Most who open a snapshot make none.
if TYPE_CHECKING:
    from indexer.segments.sharing import Sharing
    from indexer.segments.tables import Run
    from indexer.store.codec import Packed

VERSION = f"5.{ANALYSIS_VERSION}"
MOST_SEGMENTS = 8
SMALL = 0.1  # share of all articles above which later segments are merged with the first


class ArticleStore(Protocol):
    """What is needed of the store."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""

    @property
    def generation(self) -> int:
        """Number of the commit that it shows."""

    def versions(self) -> dict[str, str]:
        """Article id → a text that changes with its content."""


@dataclass(frozen=True)
class Part:
    """One segment with the articles of it that are gone."""

    segment: Segment
    dead: tuple[int, ...]  # article numbers

    @cached_property
    def live(self) -> Array | None:
        """Which passages are live (bool); None when all are."""
        if not self.dead:
            return None
        alive = np.ones(self.segment.articles, bool)
        alive[list(self.dead)] = False
        return alive[self.segment.column("passage.article")]

    @cached_property
    def live_heads(self) -> Array | None:
        """Which heads are live (bool); None when all are."""
        if not self.dead:
            return None
        alive = np.ones(self.segment.articles, bool)
        alive[list(self.dead)] = False
        return alive[self.segment.column("head.article")]

    @cached_property
    def live_articles(self) -> list[int]:
        """Numbers of the articles that are live, ascending."""
        return sorted(set(range(self.segment.articles)) - set(self.dead))

    def tokens_of(self, word: str) -> int:
        """How often a folded word stands in the live content."""
        total = 0
        for low, high in self.segment.vocabulary.fold_ranges(word):
            tokens = self.segment.positions(low, high)
            tokens = tokens[tokens < self.segment.content_end]
            if self.live is not None:
                tokens = tokens[self.live[self.segment.passage_of(tokens)]]
            total += tokens.size
        return total

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages of the articles that are live."""
        if not self.dead:
            return frozenset(self.segment.vocabulary.languages)
        return frozenset(self.segment.article_ref(n).language for n in self.live_articles)

    @cached_property
    def sums(self) -> tuple[int, int, int, int]:
        """Over the live content: passages, words, words of headings above, words of titles."""
        s = self.segment
        n = s.contents
        live = np.ones(n, bool) if self.live is None else self.live[:n]
        return (
            int(np.count_nonzero(live)),
            int(s.words[:n][live].sum()),
            int(s.section_words[:n][live].sum()),
            int(s.title_words[:n][live].sum()),
        )


class Snapshot:
    """The parts of one generation, in the order in which they were written."""

    def __init__(self, generation: int, parts: Sequence[Part]) -> None:
        self.generation = generation
        self.parts = tuple(parts)
        self._norms: dict[tuple[int, tuple[float, float, float]], tuple[Array, ...]] = {}

    def close(self) -> None:
        """Let go of the segments; their files are unmapped once nobody reads them."""
        self.parts = ()

    def norms(self, part: int, strengths: tuple[float, float, float]) -> tuple[Array, ...]:
        """For each passage of a part 1 - b + b * words / average words, of text, headings above
        and title (float64), with the three b given; averages are of all live content."""
        key = (part, strengths)
        found = self._norms.get(key)
        if found is None:
            sums = np.sum([p.sums for p in self.parts], axis=0).tolist()
            count = max(sums[0], 1)
            s = self.parts[part].segment
            columns = (s.words, s.section_words, s.title_words)
            found = self._norms[key] = tuple(
                1.0 - b + b * (words * (count / max(total, 1)))
                for b, words, total in zip(strengths, columns, sums[1:])
            )
        return found

    @cached_property
    def wordlist(self) -> Wordlist:
        """The words of all parts, numbered in alphabetical order."""
        return Wordlist([part.segment for part in self.parts])

    @cached_property
    def homes(self) -> dict[str, tuple[int, int]]:
        """Article id → (part, article number), in order of the ids."""
        pairs = [
            (p.segment.article_ids[n], (i, n))
            for i, p in enumerate(self.parts)
            for n in p.live_articles
        ]
        return dict(sorted(pairs))

    @cached_property
    def article_ranks(self) -> list[Array]:
        """For each part numbers of its articles that sort as the ids of all live ones do."""
        if len(self.parts) == 1:  # a segment holds its articles in that order
            return [np.arange(self.parts[0].segment.articles)]
        ranks = [np.full(p.segment.articles, -1, np.int64) for p in self.parts]
        for rank, (part, number) in enumerate(self.homes.values()):
            ranks[part][number] = rank
        return ranks

    @cached_property
    def path_numbers(self) -> tuple[list[Array], list[tuple[int, int]]]:
        """For each part, a number for each of its section paths that equal paths of all parts
        share (int64); and for each such number a part and the path's number there."""
        shared: dict[str, int] = {}
        homes: list[tuple[int, int]] = []
        numbers = []
        for i, part in enumerate(self.parts):
            mine = []
            for n, path in enumerate(part.segment.paths[:]):
                number = shared.setdefault(path, len(homes))
                if number == len(homes):
                    homes.append((i, n))
                mine.append(number)
            numbers.append(np.array(mine, np.int64))
        return numbers, homes


def open_snapshot(index_dir: Path, generation: int) -> Snapshot | None:
    """The snapshot of this generation, mapped; None when there is none that can be used."""
    try:
        entries = _read_manifest(_manifest_path(index_dir, generation))
        parts = [Part(Segment(index_dir / "arrays" / n), tuple(dead)) for n, dead in entries]
    except (OSError, ValueError, KeyError, TypeError, DamagedError):
        return None
    return Snapshot(generation, parts)


def refresh(
    store: ArticleStore, index_dir: Path, *, fresh: bool = False, ahead: Sharing | None = None
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
        return _refreshed(store, index_dir, fresh, ahead)
    except DamageError as error:
        raise damaged(index_dir, str(error)) from error
    finally:
        lock.release()


def _refreshed(
    store: ArticleStore, index_dir: Path, fresh: bool, ahead: Sharing | None
) -> Snapshot:
    folder = index_dir / "arrays"
    versions = store.versions()
    parts: list[Part] = []
    if not fresh:
        with contextlib.suppress(DamagedError):  # then nothing of it is used
            parts = _surviving(_latest(index_dir), versions)
    kept = {p.segment.article_ids[n] for p in parts for n in p.live_articles}
    missing = sorted(versions.keys() - kept)
    parts, missing = _merged(parts, missing, len(versions))
    if missing or not parts:
        name = f"{uuid.uuid4().hex}.seg"
        from indexer.segments.builder import assemble
        from indexer.segments.merge import merge

        arrays, facts = assemble(merge(_inverted(store, missing, versions, ahead), missing))
        write_container(folder / name, arrays, facts)
        parts = [*parts, Part(Segment(folder / name), ())]
    _write_manifest(index_dir, store.generation, parts)
    _clean(folder, store.generation, {p.segment.container.path.name for p in parts})
    return Snapshot(store.generation, parts)


def _latest(index_dir: Path) -> Snapshot | None:
    """The newest snapshot on disk that can be opened."""
    found = (index_dir / "arrays").glob("snapshot-*.json")
    numbers = sorted(map(_generation_of, found), reverse=True)
    opened = (open_snapshot(index_dir, n) for n in numbers)
    return next((s for s in opened if s is not None), None)


def snapshot_versions(index_dir: Path) -> dict[str, str]:
    """Article id → version, of the live articles of the newest snapshot; empty when unknown."""
    with contextlib.suppress(DamagedError):
        before = _latest(index_dir)
        return {
            part.segment.article_ids[n]: version
            for part in (before.parts if before else ())
            for written in [Strings(part.segment.container, "article.version")[:]]
            for n, version in ((n, written[n]) for n in part.live_articles)
        }
    return {}


def _surviving(before: Snapshot | None, versions: dict[str, str]) -> list[Part]:
    """The parts of an earlier snapshot, with what changed or vanished since marked dead."""
    parts = []
    for part in before.parts if before else ():
        stored = part.segment.container
        ids = part.segment.article_ids
        written = Strings(stored, "article.version")
        live = [n for n in part.live_articles if versions.get(ids[n]) == written[n]]
        if live:
            dead = sorted(set(range(part.segment.articles)) - set(live))
            parts.append(Part(part.segment, tuple(dead)))
    return parts


def _merged(parts: list[Part], missing: list[str], total: int) -> tuple[list[Part], list[str]]:
    """Which parts to keep, and the articles of all others added to those to invert.

    The first part is the large one. Later ones are merged among themselves when they are many,
    and all are merged when the later ones or the dead of the first pass their share.
    """
    if not parts:
        return [], missing
    first, later = parts[0], parts[1:]
    outside = total - len(first.live_articles)
    if outside > SMALL * total or len(first.dead) > SMALL * first.segment.articles:
        ids = [p.segment.article_ids[n] for p in parts for n in p.live_articles]
        return [], sorted({*missing, *ids})
    if len(later) + bool(missing) >= MOST_SEGMENTS:
        ids = [p.segment.article_ids[n] for p in later for n in p.live_articles]
        return [first], sorted({*missing, *ids})
    return parts, missing


def _inverted(
    store: ArticleStore, ids: Sequence[str], versions: dict[str, str], ahead: Sharing | None
) -> list[Run]:
    """These articles as runs, and no others: their words are the words of the segment."""
    from indexer.segments.merge import versions_of
    from indexer.segments.sharing import invert

    runs = ahead.finish() if ahead is not None else []
    ready = versions_of(runs)
    wanted = {article_id: versions[article_id] for article_id in ids}
    if not ready.items() <= wanted.items():
        runs, ready = [], {}
    rest = [article_id for article_id in ids if article_id not in ready]
    if rest or not ready:
        runs += invert(store, rest, versions)
    return runs


def _manifest_path(index_dir: Path, generation: int) -> Path:
    return index_dir / "arrays" / f"snapshot-{generation}.json"


def _generation_of(manifest: Path) -> int:
    return int(manifest.stem.removeprefix("snapshot-"))


def _write_manifest(index_dir: Path, generation: int, parts: Sequence[Part]) -> None:
    body = json.dumps(
        {
            "version": VERSION,
            "segments": [[p.segment.container.path.name, list(p.dead)] for p in parts],
        }
    )
    path = _manifest_path(index_dir, generation)
    scratch = path.with_suffix(".part")
    with scratch.open("w", encoding="utf-8") as f:
        f.write(f"{zlib.crc32(body.encode()):08x}\n{body}\n")
        f.flush()
        os.fsync(f.fileno())
    os.replace(scratch, path)


def _read_manifest(path: Path) -> list[tuple[str, list[int]]]:
    """Segment names with their dead articles; ValueError when it is not what was written."""
    crc, _, body = path.read_text(encoding="utf-8").partition("\n")
    body = body.removesuffix("\n")
    if int(crc, 16) != zlib.crc32(body.encode()):
        raise ValueError("wrong checksum")
    found = json.loads(body)
    if found["version"] != VERSION:
        raise ValueError("another version")
    return [(str(name), [int(n) for n in dead]) for name, dead in found["segments"]]


def _clean(folder: Path, generation: int, used: set[str]) -> None:
    """Remove files that no snapshot needs; open readers keep what they have mapped.

    Whoever was late and made the snapshot of an older generation leaves the newer one alone.
    """
    if any(_generation_of(path) > generation for path in folder.glob("snapshot-*.json")):
        return
    keep = {f"snapshot-{generation}.json", *used}
    for path in folder.iterdir():
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
