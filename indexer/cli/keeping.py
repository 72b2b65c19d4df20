"""The ledger of ids as a file: written so that it is whole or not there, and read back.

In: a path and an index. Out: the file, or the index with the ids of the file. Refuses
(`UsageError` with file and line) a file that is no export; the index is then as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from indexer import UsageError, open_index
from indexer.cli.printing import note, replace_file
from indexer.links.ledger_file import exported, restore
from indexer.reporting.wording import count_of

_STDOUT = Path("-")


def put_out(path: Path, index_dir: Path) -> None:
    """Writes a line for every id ever issued. A file that was there is replaced at the end."""
    with open_index(index_dir) as index:
        lines = (_as_bytes(line) for line in exported(index.links()))
        if path == _STDOUT:
            sys.stdout.buffer.writelines(lines)
            return
        ids = Counted(lines)
        replace_file(path, ids)
    note(f"{count_of(ids.count, 'id')} exported to {path}")


def bring_in(path: Path, index_dir: Path) -> None:
    """Takes the ids of an export into the index, all or none."""
    count = restore(index_dir, _lines(path), str(path))
    note(f"{count_of(count, 'id')} imported from {path}")


def _as_bytes(line: str) -> bytes:
    """A line in UTF-8; half a surrogate pair, as in odd names of files, as JSON escapes it."""
    return f"{line}\n".encode("utf-8", "backslashreplace")


class Counted:
    """Lines that are counted as they go by."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file as text. `UsageError` for the first that is not UTF-8."""
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                remedy = "give a file that was made by: pilcrow links --export"
                raise UsageError(f"{path}:{number}: not UTF-8; {remedy}") from None
