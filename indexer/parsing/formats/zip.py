"""Unpacks a .zip archive into the files in it.

In: a zip of files of any format, with folders and nested zips. Out: a `Source` for each file of a
known format; its path is `outer.zip!folder/inner.md`, its id starts with the zip's id. Refuses
(`SourceError`) an archive that is damaged or unpacks to too much; and single entries, while the
others go on, that are encrypted, damaged or too large, or whose path leads out of the archive.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.article import article_ids, format_of
from indexer.parsing.formats.dispatch import FORMATS
from indexer.settings import Settings

MAX_ENTRIES = 100_000  # files in one archive
MAX_BYTES = 2 * 1024**3  # unpacked size of all files in one archive together
MAX_RATIO = 200  # unpacked size / packed size of a large file; text reaches about 20
MAX_DEPTH = 2  # a zip within a zip within …
_SMALL = 4 * 1024 * 1024  # bytes below which the ratio does not matter
_REMEDY = "unpack it and give the folder"


def unpack(source: Source, settings: Settings, depth: int = 1) -> Iterator[Source | SourceError]:
    """Yield each file of a known format in the archive, or its error.

    Hidden files, those in `__MACOSX` and other formats are skipped. Raises `SourceError` if the
    archive as a whole can't be read.
    """
    with open_zip(source.data, source.path) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir() and _is_wanted(e.filename)]
        ids = article_ids(e.filename for e in entries)
        for entry in entries:
            path = f"{source.path}!{entry.filename}"
            try:
                data = read_entry(archive, entry, path, settings.max_file_bytes)
                inner = Source(path, f"{source.id}/{ids[entry.filename]}", format_of(path), data)
                if inner.format != "zip":
                    yield inner
                elif depth < MAX_DEPTH:
                    yield from unpack(inner, settings, depth + 1)
                else:
                    raise SourceError(path, f"archives nested more than {MAX_DEPTH} deep", _REMEDY)
            except SourceError as error:
                yield error


def other_files(data: bytes, depth: int = 1) -> Counter[str]:
    """Count the files of unknown formats in an archive by suffix. Hidden files and archives that
    can't be opened are not counted."""
    found: Counter[str] = Counter()
    with suppress(SourceError), open_zip(data, "") as archive:
        for entry in archive.infolist():
            if entry.is_dir() or _is_hidden(entry.filename):
                continue
            if format_of(entry.filename) not in FORMATS:
                found[PurePosixPath(entry.filename).suffix.lower()] += 1
            elif format_of(entry.filename) == "zip" and depth < MAX_DEPTH:
                with suppress(SourceError):
                    inner = read_entry(archive, entry, "", MAX_BYTES)
                    found += other_files(inner, depth + 1)
    return found


def open_zip(data: bytes, path: str) -> zipfile.ZipFile:
    """Open an archive. Raises `SourceError` if damaged, or too large by its directory."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise SourceError(path, f"can't be unpacked ({error})", "pack it anew") from error
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise SourceError(path, f"holds {len(entries):,} files, {MAX_ENTRIES:,} at most", _REMEDY)
    if total > MAX_BYTES:
        raise SourceError(path, f"unpacks to {total:,} bytes, {MAX_BYTES:,} at most", _REMEDY)
    return archive


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, limit: int) -> bytes:
    """Unpack one file. Raises `SourceError` if it is unsafe, damaged or over `limit` bytes."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
        raise SourceError(path, "its name leads out of the archive", "rename it")
    if entry.flag_bits & 0x1:
        raise SourceError(path, "is encrypted", _REMEDY)
    if entry.file_size > limit:
        raise SourceError(path, f"unpacks to {entry.file_size:,} bytes, {limit:,} at most", _REMEDY)
    if entry.file_size > max(_SMALL, MAX_RATIO * entry.compress_size):
        raise SourceError(path, "unpacks to far more than it is packed in", _REMEDY)
    try:
        with archive.open(entry) as stream:
            data = stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError,
            NotImplementedError, ValueError) as error:  # fmt: skip
        raise SourceError(path, f"can't be unpacked ({error})", "pack it anew") from error
    if len(data) > limit:
        raise SourceError(path, f"unpacks to more than {limit:,} bytes", _REMEDY)
    return data


def _is_hidden(name: str) -> bool:
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    return any(part.startswith((".", "~$", "__MACOSX")) and part != ".." for part in parts)


def _is_wanted(name: str) -> bool:
    return not _is_hidden(name) and format_of(name.replace("\\", "/")) in FORMATS
