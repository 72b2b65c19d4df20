"""Errors that a user can cause, each a single line with the place and the remedy.

PilcrowError
├── UsageError      wrong arguments, an empty query list, nothing usable (exit 2)
├── SourceError     a file of the corpus that can't be read or parsed (skipped, reported)
│   └── SourceWarning   a file that was read, but perhaps wrongly (reported)
│       └── UnknownValues   template values missing from it (reported once per run)
├── IndexMissing    there is no index at the path given
├── IndexDamaged    the index can't be used, even after rebuilding from its store
├── IndexNewer      the index was written by a newer version of the program
├── IndexBusy       another process is writing to the index
├── IndexUnavailable  the cluster that holds the index gives no complete answer at present
└── NotFound        no article or passage with that id
"""

from __future__ import annotations


class PilcrowError(Exception):
    """Base of all errors that are shown to a user as one line."""


class UsageError(PilcrowError):
    """Wrong arguments, or input without anything usable."""


class SourceError(PilcrowError):
    """A file that cannot become articles.

    `path` is the file as the user named it, `line` the 1-based line at fault (0: the whole file),
    `reason` what is wrong, `remedy` how to fix it.
    """

    def __init__(self, path: str, reason: str, remedy: str = "", line: int = 0) -> None:
        self.path, self.line, self.reason, self.remedy = path, line, reason, remedy
        place = f"{path}:{line}" if line else path
        super().__init__(f"{place}: {reason}" + (f"; {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str, str, int]]:
        return type(self), (self.path, self.reason, self.remedy, self.line)


class SourceWarning(SourceError):
    """A problem in a file that was read nevertheless."""


class UnknownValues(SourceWarning):
    """Template expressions in a file, `count` of them, whose values are defined elsewhere."""

    def __init__(self, path: str, count: int) -> None:
        self.count = count
        values = "value is" if count == 1 else "values are"
        super().__init__(path, f"{count:,} template {values} unknown and left out")

    def __reduce__(self) -> tuple[type[UnknownValues], tuple[str, int]]:  # type: ignore[override]
        return type(self), (self.path, self.count)


class IndexMissing(PilcrowError):
    """There is no index at the path given."""


class IndexDamaged(PilcrowError):
    """The index can't be used, even after rebuilding the arrays from the store."""


class IndexNewer(PilcrowError):
    """The index was written by a newer version of the program; it is left as it is."""


class IndexBusy(PilcrowError):
    """Another process is writing to the index."""


class IndexUnavailable(PilcrowError):
    """The cluster that holds the index gives no complete answer at present."""


class NotFound(PilcrowError):
    """No article or passage with that id."""
