"""The index that is being served, swapped for a newer one when there is one on disk.

In: the path of an index. Out: an open `Index`, the same one for all of a request. An index that
another process has rebuilt is opened at the next request; the one before it stays open until the
last request that reads it has ended. Refuses with the `PilcrowError` of opening an index; while
an older one is open, that goes on being served instead.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Flask, current_app, g

from indexer import (
    Article,
    ArticleRef,
    Index,
    PilcrowError,
    Settings,
    cluster_signature,
    open_index,
)

CHECK_EVERY = 1.0  # seconds between looks at the disk
log = logging.getLogger(__name__)
Signature = tuple[tuple[str, int, int], ...]
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(slots=True)
class OpenedIndex:
    """An open index and the requests that read it."""

    index: Index
    signature: Signature  # of what it was opened from
    modified: datetime  # when that was committed, in whole seconds
    readers: int = 0  # requests under way
    retired: bool = False  # whether a newer one has taken its place
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: dict[Any, Any] = field(default_factory=dict)  # what `once_per_index` has worked out

    @property
    def tag(self) -> str:
        """Changes whenever an answer could; the generation alone restarts with a new index, and two
        may be made within one second."""
        return f"{self.index.generation} {self.signature}"

    def take(self) -> bool:
        """Counts a reader in; False when the copy is closed already."""
        with self.lock:
            if self.retired and not self.readers:
                return False
            self.readers += 1
            return True

    def give_back(self) -> None:
        """Counts a reader out; the last one of a retired copy closes it."""
        with self.lock:
            self.readers -= 1
            if self.retired and not self.readers:
                self.index.close()

    def retire(self) -> None:
        """Closes the copy as soon as nobody reads it."""
        with self.lock:
            self.retired = True
            if not self.readers:
                self.index.close()


class Library:
    """Hands out the newest copy of one index to any number of threads."""

    def __init__(self, path: Path, settings: Settings, every: float = CHECK_EVERY) -> None:
        self.path, self.settings, self.every = path, settings, every
        self._copy: OpenedIndex | None = None
        self._opening = threading.Lock()
        self._checked = float("-inf")
        self._told = ""  # what was wrong with what is on disk when that was told

    def acquire(self) -> OpenedIndex:
        """The newest copy, counted as read; `OpenedIndex.give_back` must follow."""
        while True:
            if self._copy is None or time.monotonic() - self._checked >= self.every:
                self.look(wait=self._copy is None)
            copy = self._copy
            if copy is not None and copy.take():
                return copy

    @property
    def tag(self) -> str:
        """That of the newest copy; "" while none is open."""
        copy = self._copy
        return copy.tag if copy is not None else ""

    def look(self, wait: bool = True) -> None:
        """Opens what is on disk, unless that is open; while another looks, `wait` for that."""
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
            if str(error) != self._told:
                log.warning("still serving the index opened before: %s", error)
            self._told = str(error)
            return
        self._told = ""
        if old is not None:
            index.prepare()  # the old one answers until then
        self._copy = OpenedIndex(index, signature, modified_at(signature))
        if old is not None:
            old.retire()
            del old, before
            _give_back_memory()

    def close(self) -> None:
        """Retires the open copy."""
        if self._copy is not None:
            self._copy.retire()
            self._copy = None


def _give_back_memory() -> None:
    """Lets the system have what was freed, which glibc keeps: half as much again as is in use."""
    with suppress(AttributeError, OSError, TypeError):  # another library
        ctypes.CDLL(None).malloc_trim(0)


def signature_of(path: Path, settings: Settings | None = None) -> Signature:
    """Names, identities and times of the tables of contents in an index; () when there is none.

    Whoosh ends each commit by putting one in place, so they change when a commit is whole and
    at no other time.
    """
    if in_cluster := cluster_signature(path, settings or Settings()):
        return (in_cluster,)
    found = []
    for folder, _, names in os.walk(path):  # passes over folders that vanish meanwhile
        for name in names:
            with suppress(OSError):  # replaced just now; then the signature differs in any case
                if name.endswith(".toc"):
                    stat = os.stat(os.path.join(folder, name))
                    found.append((name, stat.st_ino, stat.st_mtime_ns))
    return tuple(sorted(found))


def modified_at(signature: Signature) -> datetime:
    """When the last of the commits was made, by the clock of then, which may have been set back."""
    _, _, mtime = max(signature, key=lambda one: (len(one[0]), one), default=("", 0, 0))
    return datetime.fromtimestamp(mtime // 1_000_000_000, tz=timezone.utc)


def open_library(app: Flask, library: Library) -> None:
    """Makes `library` what the requests of `app` read."""
    app.extensions["library"] = library

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        copy: OpenedIndex | None = g.pop("copy", None)
        if copy is not None:
            copy.give_back()


def current_copy() -> OpenedIndex:
    """The copy that this request reads, the same from its first call to the request's end."""
    if "copy" not in g:
        library: Library = current_app.extensions["library"]
        g.copy = library.acquire()
    copy: OpenedIndex = g.copy
    return copy


def current_index() -> Index:
    """The index that this request reads."""
    return current_copy().index


def once_per_index(work: Callable[[Index], T]) -> Callable[[Index], T]:
    """Keeps what `work` makes of an index for as long as that index is served."""

    @wraps(work)
    def kept(index: Index) -> T:
        copy = current_copy()
        if work not in copy.kept:
            copy.kept[work] = work(index)  # two threads at once do the same work twice, no harm
        found: T = copy.kept[work]
        return found

    return kept


def last_few(
    number: int,
) -> Callable[[Callable[Concatenate[Index, P], T]], Callable[Concatenate[Index, P], T]]:
    """Keeps the last few answers of a function of an index and what is asked of it."""

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
    """An article by its id; a reader who types asks again."""
    return index.article(id)


@once_per_index
def by_title(index: Index) -> tuple[ArticleRef, ...]:
    """All articles, by title and then by id; numbers in titles count as numbers."""
    return tuple(sorted(index.articles(), key=lambda ref: (natural(ref.title), ref.id)))


def natural(title: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts "Part 10" after "Part 2"."""
    parts = re.split(r"(\d+)", title.casefold())
    # A number has as many digits as it is long; that orders numbers of any length as texts.
    return tuple((len(part) if n % 2 else 0, part) for n, part in enumerate(parts))
