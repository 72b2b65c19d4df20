"""What has been checked, and what turned out wrong.

In: counts and failures as they come. Out: a frozen `Verification`. Refuses nothing; of failures
beyond `MOST_KEPT` it keeps only their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_KEPT = 1000  # failures that are kept with their words
_LONGEST = 400  # characters of one failure


@dataclass(frozen=True, slots=True)
class Verification:
    """What an index has proved of itself."""

    checked: Mapping[str, int]  # what was checked, and how many of it
    sampled: int  # passages that queries were evaluated on a second time
    notes: tuple[str, ...]  # what could not be compared, and why
    failures: tuple[str, ...]  # the first ones, one line each
    failed: int  # failures in all
    characters: int  # of the articles' texts
    seconds: float  # for the texts and the arrays
    query_seconds: float  # for the queries

    @property
    def proven(self) -> bool:
        """Whether nothing failed."""
        return not self.failed


@dataclass
class Ledger:
    """Collects what is checked and what fails."""

    checked: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)  # what was not compared, by reason
    failures: list[str] = field(default_factory=list)
    failed: int = 0

    def count(self, what: str, number: int = 1) -> None:
        """So many more of something were checked."""
        self.checked[what] += number

    def fail(self, place: str, what: str) -> None:
        """Something at a place is wrong."""
        self.failed += 1
        if len(self.failures) < MOST_KEPT:
            line = f"{place}: {what}"
            self.failures.append(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…")

    def expect(self, place: str, what: str, expected: object, found: object) -> bool:
        """Whether two values are equal; if not, that is a failure."""
        if expected == found:
            return True
        self.fail(place, f"{what}: {difference(expected, found)}")
        return False


def difference(expected: object, found: object) -> str:
    """Two values that differ, in few words: of lists, the first place where they do."""
    if isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)):
        pairs = enumerate(zip(expected, found))
        at = next((i for i, (a, b) in pairs if a != b), min(len(expected), len(found)))
        if len(expected) != len(found):
            return f"expected {len(expected)}, found {len(found)}, the first other at {at}"
        return f"number {at}: expected {_short(expected[at])}, found {_short(found[at])}"
    return f"expected {_short(expected)}, found {_short(found)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"
