"""The interface of a measured engine, and its answers.

Standard library only.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from benchmarks.engines.passages import Row
from benchmarks.engines.queries import KINDS, Query

Mode = Literal["stem", "word"]  # match all forms of a word, or the word as written
Task = Literal["top", "count", "audit"]
MODES: tuple[Mode, ...] = ("stem", "word")
TASKS: tuple[Task, ...] = ("top", "count", "audit")
TOP = 10  # hits on one page
WIDTH = 320  # approximate code points of a snippet
OPEN, CLOSE = "\x02", "\x03"  # around a match, before the text is escaped


class Shown(NamedTuple):
    """One hit, ready to render."""

    title: str
    section: str  # path of headings
    snippet: str  # HTML with <mark>


class Audit(NamedTuple):
    """Every occurrence of a query."""

    places: Sized  # one position per occurrence
    cells: Mapping[tuple[str, str], int]  # (article, section) → occurrences


class Session(ABC):
    """An open index."""

    @abstractmethod
    def top(self, query: Query) -> Sequence[Shown]:
        """The ten best passages with their matches marked."""

    @abstractmethod
    def count(self, query: Query) -> int:
        """How many passages match."""

    @abstractmethod
    def audit(self, query: Query) -> Audit:
        """Every occurrence."""

    def close(self) -> None:  # noqa: B027  (not every engine has something to close)
        """Releases the files."""


class Engine(ABC):
    """Builds an index of passages and opens it."""

    label: ClassVar[str]  # name in tables
    needs: ClassVar[str] = ""  # module that its interpreter must have
    install: ClassVar[str] = ""  # how to install it
    index_by_mode: ClassVar[bool] = True  # whether each mode needs an index of its own
    cannot: ClassVar[Mapping[Task, frozenset[str]]] = {}  # query classes that it can't answer

    @abstractmethod
    def version(self) -> str:
        """Name and version of the engine."""

    @abstractmethod
    def build(self, folder: Path, rows: Iterable[Row], mode: Mode) -> None:
        """Makes an index of all rows in an empty folder; it is durable on return."""

    def tidy(self, folder: Path) -> bool:
        """Optimises a finished index; returns whether the engine can."""
        return False

    @abstractmethod
    def open(self, folder: Path, mode: Mode) -> Session:
        """The index, opened for searching."""

    def kinds(self, task: Task, mode: Mode) -> tuple[str, ...]:
        """Query classes that it can answer; an index of only stems has no fuzzy ones."""
        cannot = set(self.cannot.get(task, ()))
        if self.index_by_mode and mode == "stem":
            cannot.add("fuzzy")
        return tuple(kind for kind in KINDS if kind not in cannot)


ALL = frozenset(KINDS)


def marked(text: str) -> str:
    """HTML of a text that has OPEN and CLOSE around its matches."""
    return html.escape(text).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def within_one_edit(a: str, b: str) -> bool:
    """Whether one letter changed, dropped, added or swapped with its neighbour makes them equal."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    at = next((i for i, c in enumerate(a) if c != b[i]), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    swapped = a[at : at + 2] == b[at : at + 2][::-1]
    return a[at + 1 :] == b[at + 1 :] or (swapped and a[at + 2 :] == b[at + 2 :])


def runs(positions: Sequence[Sequence[int]]) -> Iterator[int]:
    """Positions at which a phrase begins, from the positions of each of its words."""
    others = [set(p) for p in positions[1:]]
    for start in positions[0]:
        if all(start + i in held for i, held in enumerate(others, 1)):
            yield start
