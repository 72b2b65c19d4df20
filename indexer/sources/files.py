"""The corpus on disk: finds the files below given paths, with their article ids, and reads them.

`find` lists the files below the given paths, in an order that depends only on names; `read` reads
one file; `sources` does both. Hidden files and folders (.git, .pilcrow, ~$report.docx) are skipped;
files of unknown formats are skipped and counted; an unknown format that is named explicitly is
reported. Symbolic links are followed, each folder once; links that lead out of the given folder are
followed only on request, else counted. A file that is unreadable, empty or too large gives a
`SourceError`, and the rest goes on.

A file's article id is its path below the corpus root without suffix, each part slugged. If two
files would share it, the .txt gets it and the others keep their suffix ("dose.md"). The root is the
given folder, or the folder of the given file; a wider root that the caller knows from before wins,
so a file indexed with its corpus keeps its id when it is later given alone.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from indexer.errors import SourceError, UsageError
from indexer.model import Source
from indexer.parsing.article import article_ids, format_of
from indexer.parsing.formats.dispatch import FORMATS
from indexer.settings import AUTO, Settings

SIDECAR = "titles.csv"  # lists titles of the articles below its folder; not an article itself
AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the corpus, not yet read."""

    path: str  # as the user would name it
    source: str  # absolute path, which identifies the file across runs
    root: str  # absolute path of the folder that the id is relative to
    id: str  # article id
    format: str  # suffix in lower case without its dot
    title: str = ""  # title given from outside; "": the document's own
    by_name: bool = False  # whether a plain text takes its title from the file's name
    encoding: str = ""  # encoding to use if the file declares none
    language: str = ""  # language to use, whatever the file declares
    line: int = 1  # number of the first line that is read

    def with_data(self, data: bytes) -> Source:
        """The file as it was read."""
        given = {name: getattr(self, name) for name in ("encoding", "language", "line")}
        return Source(self.path, self.id, self.format, data, **given)


@dataclass(slots=True)
class FileListing:
    """The result of `find`."""

    files: list[File] = field(default_factory=list)  # each once, in the order of the given paths
    problems: list[SourceError] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)  # the given paths, absolute
    unlisted: list[str] = field(default_factory=list)  # absolute paths that could not be listed
    empty: list[str] = field(default_factory=list)  # those of `scopes` that are gone or empty
    passed_over: Counter[str] = field(default_factory=Counter)  # other files, by suffix
    links_out: int = 0  # symbolic links that lead out of a folder, and were not followed


def find(
    paths: AnyPath | Iterable[AnyPath],
    roots: Mapping[str, str] = MappingProxyType({}),
    *,
    follow_links: bool = False,
) -> FileListing:
    """All files of known formats at or below `paths`.

    `roots`: corpus root of each file known from before (both absolute). `follow_links`: also follow
    links out of the given folders. Raises `UsageError` if no path is given, or a path does not
    exist and no file below it is known from before.
    """
    given: list[AnyPath] = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise UsageError("no path given; name a file or folder of articles")
    listing = FileListing()
    seen: set[str] = set()
    for path in (os.fspath(p) for p in given):
        absolute = os.path.abspath(path)
        listing.scopes.append(absolute)
        if not os.path.lexists(absolute) and any(is_below(source, absolute) for source in roots):
            listing.empty.append(absolute)
            continue
        is_folder = stat.S_ISDIR(_look_up(path).st_mode)
        folder = absolute if is_folder else os.path.dirname(absolute)
        known = {root for source, root in roots.items() if is_below(source, folder)}
        root = min((r for r in known if is_below(folder, r)), key=len, default=folder)
        if is_folder:
            found = _walk(path, absolute, listing, follow_links=follow_links)
        else:
            found = _alone(path, absolute, listing)
        if is_folder and not found and absolute not in listing.unlisted:
            listing.empty.append(absolute)
        ids = article_ids(os.path.relpath(source, root) for _, source in found)
        for shown, source in found:
            if source not in seen and is_below(source, absolute):
                seen.add(source)
                name = ids[os.path.relpath(source, root)]
                listing.files.append(File(shown, source, root, name, format_of(source)))
    return listing


def read(file: File, limit: int) -> Source:
    """The file's bytes. `SourceError` if it can't be read, is empty or exceeds `limit` bytes."""
    try:
        # A pipe that has replaced a file must not block.
        with open(file.source, "rb", opener=_open_without_waiting) as stream:
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise SourceError(file.path, "not a regular file", "leave it out")
            data = stream.read() if about.st_size <= limit else b""
            size = max(about.st_size, len(data))
    except OSError as error:
        raise SourceError(file.path, f"can't be read: {_text(error)}", "make it readable") from None
    if size > limit:
        reason = f"{size:,} bytes are more than the limit of {limit:,}"
        raise SourceError(file.path, reason, "split it into smaller files")
    if not data.strip():
        raise SourceError(file.path, "empty", "put text into it or remove it")
    return file.with_data(data)


def sources(
    paths: AnyPath | Iterable[AnyPath], settings: Settings
) -> Iterator[Source | SourceError]:
    """Yield each file at or below `paths` as a `Source`, or the error if it can't be used."""
    listing = find(paths, follow_links=settings.follow_links)
    yield from listing.problems
    for file in listing.files:
        try:
            encoding = "" if settings.encoding == AUTO else settings.encoding
            yield read(replace(file, encoding=encoding), settings.max_file_bytes)
        except SourceError as error:
            yield error


def is_below(path: str, folder: str) -> bool:
    """Whether the absolute `path` is `folder` or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


# --- listing -----------------------------------------------------------------------------------

_Found = tuple[str, str]  # path as shown, absolute path


def _look_up(path: str) -> os.stat_result:
    """The status of `path`; `UsageError` if it does not exist or can't be reached."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        reason = "no such file or folder"
    except (OSError, ValueError) as error:
        reason = _text(error)
    raise UsageError(f"{path}: {reason}; name a file or folder that exists")


def _alone(path: str, absolute: str, listing: FileListing) -> list[_Found]:
    """A file given by name, with the other files of its folder, which may have the same id."""
    if format_of(absolute) not in FORMATS:
        known = ", ".join(sorted(f".{name}" for name in FORMATS))
        suffix = os.path.splitext(path)[1]
        reason = f"unknown format {suffix}" if suffix else "no suffix to tell its format by"
        listing.problems.append(SourceError(path, reason, f"known are {known}"))
        return []
    folder, shown = os.path.dirname(absolute), os.path.dirname(path)
    try:
        names = {name for name in os.listdir(folder) if _is_article(name)}
    except OSError:  # a folder's files may be readable though the folder can't be listed
        names = set()
    names.add(os.path.basename(absolute))
    return [(os.path.join(shown, name), os.path.join(folder, name)) for name in sorted(names)]


def _walk(path: str, absolute: str, listing: FileListing, *, follow_links: bool) -> list[_Found]:
    """Files of known formats below a folder; each real folder is entered once.

    Linked folders come after all others, so a folder is entered by its own name first.
    """
    files: list[_Found] = []
    home = os.path.realpath(absolute)
    entered: set[tuple[int, int]] = set()
    linked: list[_Found] = [(path, absolute)]
    while linked:
        waiting, linked = linked, []
        while waiting:
            shown, folder = waiting.pop()
            try:
                about = os.stat(folder)
                if (about.st_dev, about.st_ino) in entered:
                    continue
                entered.add((about.st_dev, about.st_ino))
                with os.scandir(folder) as entries:
                    inside = sorted(entries, key=lambda entry: entry.name, reverse=True)
            except OSError as error:
                reason = f"can't be listed: {_text(error)}"
                listing.problems.append(SourceError(shown, reason, "make it readable"))
                listing.unlisted.append(folder)
                continue
            for entry in inside:
                place = (os.path.join(shown, entry.name), os.path.join(folder, entry.name))
                if _is_hidden(entry.name):
                    continue
                leads_out = entry.is_symlink() and not is_below(os.path.realpath(entry.path), home)
                if leads_out and not follow_links:
                    listing.links_out += 1
                elif _is_folder(entry):
                    (linked if entry.is_symlink() else waiting).append(place)
                elif _is_article(entry.name):
                    files.append(place)
                elif place[1] != os.path.join(absolute, SIDECAR):
                    listing.passed_over[os.path.splitext(entry.name)[1].lower()] += 1
    return sorted(files, key=lambda place: place[1].split(os.sep))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether `entry` is a folder, or a link to one, that still exists."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _is_article(name: str) -> bool:
    return not _is_hidden(name) and format_of(name) in FORMATS


# --- the operating system ----------------------------------------------------------------------


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _text(error: OSError | ValueError) -> str:
    """The system's message for an error, with its first letter in lower case."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]
