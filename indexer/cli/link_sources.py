"""Files that hold links to passages: found, read, and their permalinks told one by one.

In: what was typed: a file, a folder, `-` for standard input, an address or an id. Out: each
permalink with its file. What can't be read is gathered in a `LinkSources`, and so is the number of
files in folders that are no text. Refuses (`UsageError`) what is neither there nor a permalink.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.errors import SourceError, UsageError
from indexer.links.permalinks import Permalink, find_permalinks, permalink_id
from indexer.parsing.encoding import decode
from indexer.reporting.wording import count_of

STANDARD_INPUT = "-"


@dataclass(slots=True)
class LinkSources:
    """What was read on the way."""

    limit: int  # bytes of a file
    read: int = 0  # files
    addresses: int = 0
    passed_over: int = 0  # files in folders that hold no text
    problems: list[SourceError] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether there was anything at all to look into."""
        return bool(self.read or self.addresses or self.passed_over)

    @property
    def summary(self) -> str:
        """What was left out."""
        verb = "holds" if self.passed_over == 1 else "hold"
        return f"{count_of(self.passed_over, 'file')} passed over that {verb} no text"


def links_in(given: str, sources: LinkSources) -> Iterator[tuple[str, Permalink]]:
    """Permalinks with the file that each stands in; "" for an address that was given itself."""
    if given == STANDARD_INPUT:
        yield from _in_text("stdin", sys.stdin.buffer.read(), sources)
    elif os.path.isdir(given):
        for path in _files(given, sources):
            yield from _in_file(path, sources, named=False)
    elif os.path.exists(given):
        yield from _in_file(given, sources, named=True)
    elif name := permalink_id(given):
        sources.addresses += 1
        yield "", Permalink(name, given, 0)
    else:
        raise UsageError(f"{given}: no such file or folder, and no permalink (…/p/<id>) either")


def _files(folder: str, sources: LinkSources) -> Iterator[str]:
    """Files below a folder in order of their paths; hidden ones and linked folders are left out."""

    def report(error: OSError) -> None:
        sources.problems.append(_unreadable(error.filename or folder, error))

    for path, folders, names in os.walk(folder, onerror=report):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(("~$", ".")):
                yield os.path.join(path, name)


def _in_file(path: str, sources: LinkSources, *, named: bool) -> Iterator[tuple[str, Permalink]]:
    """The permalinks of one file. One that was named may be a pipe."""
    try:
        about = os.stat(path)
        if not named and not stat.S_ISREG(about.st_mode):
            sources.passed_over += 1
            return
        if about.st_size > sources.limit:
            reason = f"{about.st_size:,} bytes are more than the limit of {sources.limit:,}"
            sources.problems.append(SourceError(path, reason, "split it into smaller files"))
            return
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        sources.problems.append(_unreadable(path, error))
        return
    yield from _in_text(path, data, sources, named=named)


def _in_text(
    path: str, data: bytes, sources: LinkSources, *, named: bool = True
) -> Iterator[tuple[str, Permalink]]:
    try:
        text = decode(data, path).text
    except SourceError as error:
        if named:
            sources.problems.append(error)
        else:
            sources.passed_over += 1
        return
    sources.read += 1
    for link in find_permalinks(text):
        yield path, link


def _unreadable(path: str, error: OSError) -> SourceError:
    said = (error.strerror or str(error)).lower()
    return SourceError(path, f"can't be read: {said}", "make it readable or leave it out")
