"""Finds the permalinks in files and folders.

In: an argument: a file, a folder, `-` for standard input, an address or an id. Out: each permalink
with its file. Problems with files, and the number of files without text in folders, are collected
in a `LinkSources`. Refuses (`UsageError`) what is no existing file or folder and no permalink.
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


@dataclass(slots=True)
class LinkSources:
    """What was read, and what could not be."""

    limit: int  # maximum size of a file in bytes
    checked: int = 0  # files that were read, and addresses
    passed_over: int = 0  # files without text in folders
    problems: list[SourceError] = field(default_factory=list)


def links_in(given: str, sources: LinkSources) -> Iterator[tuple[str, Permalink]]:
    """Permalinks with the file of each; "" for an address or id given as argument."""
    if given == "-":  # standard input
        yield from _in_text("stdin", sys.stdin.buffer.read(sources.limit + 1), sources)
    elif os.path.isdir(given):
        for path in _files(given, sources):
            yield from _in_file(path, sources, named=False)
    elif os.path.exists(given):
        yield from _in_file(given, sources, named=True)
    elif name := permalink_id(given):
        sources.checked += 1
        yield "", Permalink(name, given, 0)
    else:
        raise UsageError(f"{given}: no such file or folder, and no permalink (…/p/<id>) either")


def _files(folder: str, sources: LinkSources) -> Iterator[str]:
    """Files below a folder in order of their paths, without hidden files and linked folders."""

    def report(error: OSError) -> None:
        sources.problems.append(_unreadable(error.filename or folder, error))

    for path, folders, names in os.walk(folder, onerror=report):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(("~$", ".")):
                yield os.path.join(path, name)


def _in_file(path: str, sources: LinkSources, *, named: bool) -> Iterator[tuple[str, Permalink]]:
    """The permalinks of one file; a file named as argument may also be a pipe."""
    try:
        if not named and not stat.S_ISREG(os.stat(path).st_mode):
            sources.passed_over += 1
            return
        with open(path, "rb") as stream:
            data = stream.read(sources.limit + 1)
    except OSError as error:
        sources.problems.append(_unreadable(path, error))
        return
    yield from _in_text(path, data, sources, named=named)


def _in_text(
    path: str, data: bytes, sources: LinkSources, *, named: bool = True
) -> Iterator[tuple[str, Permalink]]:
    if len(data) > sources.limit:
        reason = f"more than the limit of {sources.limit:,} bytes"
        sources.problems.append(SourceError(path, reason, "split it into smaller files"))
        return
    try:
        text = decode(data, path).text
    except SourceError as error:
        if named:
            sources.problems.append(error)
        else:
            sources.passed_over += 1
        return
    sources.checked += 1
    for link in find_permalinks(text):
        yield path, link


def _unreadable(path: str, error: OSError) -> SourceError:
    cause = (error.strerror or str(error)).lower()
    return SourceError(path, f"can't be read: {cause}", "make it readable or leave it out")
