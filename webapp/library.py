"""The index that is served, replaced when there is a newer one on disk.

In: the path of an index. Out: an open `Index`, the same one during a whole request. An index that
another process has updated is opened at the next request; the older copy stays open until the last
request that reads it has ended. Raises the `PilcrowError` of opening an index; but if an older copy
is open, that is served instead.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import current_app, g

from indexer import (
    Article,
    ArticleRef,
    Index,
    PilcrowError,
    Settings,
    cluster_signature,
    open_index,
)

CHECK_EVERY = 1.0  # seconds between checks of the disk
log = logging.getLogger(__name__)
Signature = tuple[tuple[str, int, int], ...]
T = TypeVar("T")
P = ParamSpec("P")


class OpenedIndex:
    """A copy of the index; closed when neither the library nor any request refers to it."""

    def __init__(self, index: Index, signature: Signature) -> None:
        """`signature`: of the files that `index` was opened from."""
        self.index = index
        # Changes whenever an answer may change. The generation alone would not do: it restarts
        # with a new index, and two may be made within one second.
        self.tag = f"{index.generation} {signature}"
        self.signature = signature
        self.modified = modified_at(signature)  # time of its commit, in whole seconds
        self.kept: dict[Any, Any] = {}  # results cached by `once_per_index`
        weakref.finalize(self, index.close)


class Library:
    """Gives the newest copy of one index to any number of threads."""

    def __init__(self, path: Path, settings: Settings, every: float = CHECK_EVERY) -> None:
        self.path, self.settings, self.every = path, settings, every
        self._copy: OpenedIndex | None = None
        self._opening = threading.Lock()
        self._checked = float("-inf")
        self._logged = ""  # last error of opening the index that was logged

    def newest(self) -> OpenedIndex:
        """The newest copy."""
        if self._copy is None or time.monotonic() - self._checked >= self.every:
            self.look(wait=self._copy is None)
        assert self._copy is not None
        return self._copy

    @property
    def tag(self) -> str:
        """Tag of the newest copy; "" while none is open."""
        copy = self._copy
        return copy.tag if copy is not None else ""

    def look(self, wait: bool = True) -> None:
        """Opens the index on disk, unless it is open; waits for a thread that does so if `wait`."""
        if self._opening.acquire(blocking=wait):
            try:
                self._checked = time.monotonic()
                self._refresh()
            finally:
                self._opening.release()

    def _refresh(self) -> None:
        old = self._copy
        try:
            signature = signature_of(self.path, self.settings)
            if old is not None and old.signature == signature:
                return
            before = old.index if old is not None else None
            index = open_index(self.path, settings=self.settings, before=before)
        except PilcrowError as error:
            if old is None:
                raise
            if str(error) != self._logged:
                log.warning("still serving the older index: %s", error)
            self._logged = str(error)
            return
        self._logged = ""
        if old is not None:
            index.prepare()  # meanwhile, the old copy answers
        self._copy = OpenedIndex(index, signature)
        if old is not None:
            del old, before
            _give_back_memory()

    def close(self) -> None:
        """Lets go of the open copy."""
        self._copy = None


def _give_back_memory() -> None:
    """Returns freed memory to the system; glibc would keep half as much again as is in use."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def signature_of(path: Path, settings: Settings | None = None) -> Signature:
    """Names, inodes and modification times of Whoosh's TOC files in an index; () for no index.

    Whoosh ends each commit by renaming a new TOC file into place, so that the signature changes
    exactly when a commit is complete.
    """
    if in_cluster := cluster_signature(path, settings or Settings()):
        return (in_cluster,)
    found = []
    for folder, _, names in os.walk(path):  # ignores folders that vanish meanwhile
        for name in names:
            with suppress(OSError):  # replaced just now: the signature changes in any case
                if name.endswith(".toc"):
                    stat = os.stat(os.path.join(folder, name))
                    found.append((name, stat.st_ino, stat.st_mtime_ns))
    return tuple(sorted(found))


def modified_at(signature: Signature) -> datetime:
    """Time of the last commit, by the clock at that time, which may have been set back since."""
    _, _, mtime = max(signature, key=lambda one: (len(one[0]), one), default=("", 0, 0))
    return datetime.fromtimestamp(mtime // 1_000_000_000, tz=timezone.utc)


def current_copy() -> OpenedIndex:
    """The copy of the index for the current request, the same until the request ends."""
    if "copy" not in g:
        library: Library = current_app.extensions["library"]
        g.copy = library.newest()
    copy: OpenedIndex = g.copy
    return copy


def current_index() -> Index:
    """The index for the current request."""
    return current_copy().index


def once_per_index(work: Callable[[Index], T]) -> Callable[[Index], T]:
    """Caches the result of `work` as long as the index is served."""

    @wraps(work)
    def kept(index: Index) -> T:
        copy = current_copy()
        if work not in copy.kept:
            copy.kept[work] = work(index)  # two threads may both do it, which does no harm
        found: T = copy.kept[work]
        return found

    return kept


def last_few(
    number: int,
) -> Callable[[Callable[Concatenate[Index, P], T]], Callable[Concatenate[Index, P], T]]:
    """Caches the last few results of a function of an index and further arguments."""

    def keep(ask: Callable[Concatenate[Index, P], T]) -> Callable[Concatenate[Index, P], T]:
        @once_per_index
        def of_index(index: Index) -> Callable[..., T]:
            return lru_cache(maxsize=number)(partial(ask, index))

        @wraps(ask)
        def kept(index: Index, /, *asked: P.args, **named: P.kwargs) -> T:
            return of_index(index)(*asked, **named)

        return kept

    return keep


@last_few(16)
def read_article(index: Index, id: str) -> Article:
    """An article by its id; cached, because live searches read it again and again."""
    return index.article(id)


@once_per_index
def by_title(index: Index) -> tuple[ArticleRef, ...]:
    """All articles, sorted by title and then by id; numbers in titles sort by value."""
    return tuple(sorted(index.articles(), key=lambda ref: (natural(ref.title), ref.id)))


def natural(title: str) -> tuple[tuple[int, str], ...]:
    """Sort key of a title that puts "Part 10" after "Part 2"."""
    parts = re.split(r"(\d+)", title.casefold())
    # Comparing the number of digits first sorts numbers of any length without converting them.
    return tuple((len(part) if n % 2 else 0, part) for n, part in enumerate(parts))
