"""Whoosh's file storage, made durable: what it says is written is on the disk, whole.

Whoosh leaves flushing to the operating system and its table of contents (TOC, a pickle) without a
checksum. Here every file of the index is synced when it is closed, renaming is atomic and synced
with its folder, and a TOC ends with a digest that is checked before anything in it is unpickled; of
the last two a second copy is kept, which is read if the first is damaged.
Plain Whoosh can still open the index: it does not read what follows a TOC.

Beside it stand two more files: what each file of the corpus was when it was last indexed
(`load_digests`, `save_digests`), so that files that are the same are not parsed, and which PATHs
were indexed (`load_roots`, `save_roots`). The first is a cache and nothing more: it counts for the
one generation that it was written for, and if it is missing, damaged or of another generation,
files are parsed again. Without the second, PATHs must be named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from indexer.store.codec import DamageError

_SEAL = 16  # bytes of digest at the end of a TOC
_COPIES = "copies"  # folder of second copies of the last TOCs, beside that of Whoosh's files
_KEPT = 2  # of them
_DIGESTS = "digests.json"
_ROOTS = "roots.json"


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """The files of a Whoosh index in one folder."""

    def __init__(self, folder: str, owner: DurableStorage | None = None) -> None:
        """`owner`: of files that need not last, and so are not synced; it gives them up."""
        super().__init__(folder)
        self._is_durable = owner is None
        self._open: list[Any] = owner._open if owner else []  # opened, and perhaps closed since

    def create_file(
        self, name: str, excl: bool = False, mode: str = "wb", **options: Any
    ) -> StructFile:
        """A new file; closing it returns when its content is on the disk."""
        path = os.path.join(self.folder, name)
        stream = open(path, "x+b" if excl else "w+b")  # noqa: SIM115  # Whoosh closes it
        self._open.append(stream)
        settle = _seal_and_sync if ".toc" in name else _sync
        return StructFile(stream, name=name, onclose=settle if self._is_durable else None)

    def open_file(self, name: str, **options: Any) -> StructFile:
        """An existing file. `DamageError` for a TOC that is not as it was written."""
        path = os.path.join(self.folder, name)
        if not name.endswith(".toc"):
            stream = open(path, "rb")  # noqa: SIM115  # Whoosh closes it
            self._open.append(stream)
            return StructFile(stream, name=name)
        for place in (path, os.path.join(_copies(self.folder), name)):
            with suppress(FileNotFoundError), open(place, "rb") as toc:
                data = toc.read()
                content, seal = data[:-_SEAL], data[-_SEAL:]
                if _digest(content) == seal:
                    return StructFile(BytesIO(content), name=name)
        if os.path.exists(path):
            raise DamageError(f"{name} has changed since it was written")
        raise FileNotFoundError(path)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Gives a file its final name, at once or not at all, and for good."""
        target = os.path.join(self.folder, newname)
        if safe and os.path.exists(target):
            raise FileExistsError(target)
        if newname.endswith(".toc"):
            self._copy_toc(oldname, newname)
        os.replace(os.path.join(self.folder, oldname), target)
        sync_folder(self.folder)

    def _copy_toc(self, made: str, name: str) -> None:
        """Keeps a second copy of a TOC, and of the one before it."""
        folder = _copies(self.folder)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(self.folder, made), "rb") as toc:
            data = toc.read()
        with open(os.path.join(folder, name), "wb") as copy:
            copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(folder)
        numbers = {int(old[:-4].rpartition("_")[2]): old for old in os.listdir(folder)}
        for number in sorted(numbers)[:-_KEPT]:
            os.unlink(os.path.join(folder, numbers[number]))

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """A folder for what need not last; its files are given up with ours."""
        return DurableStorage(os.path.join(self.folder, name or "scratch.tmp"), self).create()

    def give_up(self) -> None:
        """Closes the files that Whoosh leaves open when something fails half-way."""
        for stream in self._open:
            with suppress(OSError):  # it may be just for want of space that the commit failed
                stream.close()
        self._open.clear()


def _copies(folder: str) -> str:
    return os.path.join(os.path.dirname(folder), _COPIES)


def _seal_and_sync(stream: StructFile) -> None:
    """Ends a TOC with its digest."""
    raw = stream.raw_file()
    raw.seek(0)
    raw.write(_digest(raw.read()))
    _sync(stream)


def _sync(stream: StructFile) -> None:
    raw = stream.raw_file()
    raw.flush()
    os.fsync(raw.fileno())


def sync_folder(folder: str) -> None:
    """Has what was renamed in a folder on the disk."""
    if os.name == "nt":
        return  # Windows has no way to open a folder, and no need to
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_SEAL).digest()


# --- digests of files --------------------------------------------------------------------------


def load_digests(index_dir: Path, generation: int) -> dict[str, str]:
    """Digests by source as they were at this generation of the store; empty when unknown."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        content = json.loads((index_dir / _DIGESTS).read_text("utf-8", "surrogatepass"))
        if content["generation"] == generation:
            return dict(content["digests"])
    return {}


def save_digests(index_dir: Path, generation: int, digests: Mapping[str, str]) -> None:
    """Remembers `digests` for this generation. A full disk is no error: it costs time, later."""
    _save(index_dir / _DIGESTS, {"generation": generation, "digests": dict(digests)})


def load_roots(index_dir: Path) -> list[str]:
    """The files and folders that were indexed (absolute), in their order; empty when unknown."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads((index_dir / _ROOTS).read_text("utf-8", "surrogatepass"))
        return [str(root) for root in content["roots"]]
    return []


def save_roots(index_dir: Path, roots: Iterable[str]) -> None:
    """Remembers what was indexed. A full disk is no error: PATHs must be named, later."""
    _save(index_dir / _ROOTS, {"roots": list(roots)})


def _save(path: Path, content: Mapping[str, object]) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        text = json.dumps(content, ensure_ascii=False)
        unfinished.write_text(text, "utf-8", "surrogatepass")
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
