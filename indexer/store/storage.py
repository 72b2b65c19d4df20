"""Whoosh's file storage, made durable: what it says is written is on the disk, whole.

Whoosh leaves flushing to the operating system and its table of contents (TOC, a pickle) without a
checksum. Here every file of the index is synced when it is closed, renaming is atomic and synced
with its folder, and a TOC is sealed with its `Manifest` before anything in it is unpickled; of the
last two a second copy is kept, which is read if the first is damaged, missing or of another store.
Plain Whoosh can still open the index: it does not read what follows a TOC.

Files are made as the umask has it (0644 with the usual one), folders likewise; none may be run.

Beside it stand two more files: what each file of the corpus was when it was last indexed
(`load_digests`, `save_digests`), so that files that are the same are not parsed, and which PATHs
were indexed (`load_roots`, `save_roots`). The first is a cache and nothing more: it counts for the
one commit that it was written for, and if it is missing, damaged or of another, files are parsed
again. Without the second, or with that of another store, PATHs must be named.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from indexer.store.codec import DamageError, NewerError
from indexer.store.manifest import Contents, Manifest, digest_of_stream, seal, unseal

FOLDER = "store"  # in the index folder: what Whoosh writes
NAME = "MAIN"  # Whoosh's name for an index that has none
LOCK = f"{NAME}_WRITELOCK"
_COPIES = "copies"  # folder of second copies of the last TOCs, beside that of Whoosh's files
_DIGESTS = "digests.json"
_ROOTS = "roots.json"
_TOC = re.compile(f"_{NAME}_([0-9]+)[.]toc")


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """The files of a Whoosh index in one folder."""

    def __init__(self, folder: str, owner: DurableStorage | None = None) -> None:
        """`owner`: of files that need not last, and so are not synced; it gives them up."""
        super().__init__(folder)
        self._is_durable = owner is None
        self._open: list[Any] = owner._open if owner else []  # opened, and perhaps closed since
        self._named: dict[str, Any] = {}  # those that were there before
        self.contents: Contents | None = None  # of the TOC that was read last
        self.manifest: Manifest | None = None  # for the next one

    def create_file(
        self, name: str, excl: bool = False, mode: str = "wb", **options: Any
    ) -> StructFile:
        """A new file; closing it returns when its content is on the disk."""
        path = os.path.join(self.folder, name)
        stream = open(path, "x+b" if excl else "w+b")  # noqa: SIM115  # Whoosh closes it
        self._open.append(stream)
        settle = self._seal_and_sync if ".toc" in name else _sync
        return StructFile(stream, name=name, onclose=settle if self._is_durable else None)

    def open_file(self, name: str, **options: Any) -> StructFile:
        """An existing file. `DamageError` for a TOC that is not as it was written."""
        if name.endswith(".toc"):
            self.contents = self._sealed(name)
            return StructFile(BytesIO(self.contents.toc), name=name)
        stream = open(os.path.join(self.folder, name), "rb")  # noqa: SIM115  # Whoosh closes it
        self._open.append(stream)
        self._named[name] = stream
        return StructFile(stream, name=name)

    def list(self) -> list[str]:
        """Names of all files. `OSError` if they can't be known; none where there is no folder."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return os.listdir(self.folder)
        return []

    def digest_of(self, name: str) -> tuple[int, str]:
        """Size and digest of a file, as it was opened or else as it is there."""
        stream = self._named.get(name)
        if stream is not None and not stream.closed:
            return digest_of_stream(stream)
        with open(os.path.join(self.folder, name), "rb") as file:
            return digest_of_stream(file)

    def check_sizes(self) -> None:
        """`FileNotFoundError`, `DamageError` if a file of the TOC is not there, or cut off."""
        if self.contents is not None and (wrong := self._wrong(self.contents)):
            name, size = wrong
            if size < 0:
                raise FileNotFoundError(name)
            raise DamageError(f"{name} has {size} bytes and not those that were written")

    def _sealed(self, name: str) -> Contents:
        """A TOC from its first or its second copy, the first of them that has all its files."""
        found: list[Contents] = []
        reason: DamageError | None = None
        for folder in (self.folder, _copies(self.folder)):
            try:
                found.append(unseal(Path(folder, name).read_bytes()))
            except FileNotFoundError:
                continue
            except NewerError:
                raise
            except DamageError as error:
                reason = reason or error
        if not found:
            raise reason or FileNotFoundError(name)
        return next((one for one in found if not self._wrong(one)), found[0])

    def _wrong(self, contents: Contents) -> tuple[str, int] | None:
        """A file that is missing (size -1) or of another size than was written."""
        for name, (size, _) in contents.manifest.files.items() if contents.manifest else ():
            found = -1
            with suppress(FileNotFoundError):
                found = os.stat(os.path.join(self.folder, name)).st_size
            if found != size:
                return name, found
        return None

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
        data = Path(self.folder, made).read_bytes()
        with open(os.path.join(folder, name), "wb") as copy:
            copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(folder)
        number = _generation(name)
        for old in os.listdir(folder):  # those of an older or another store as well
            if _generation(old) not in (number, number - 1):
                os.unlink(os.path.join(folder, old))

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """A folder for what need not last; its files are given up with ours."""
        return DurableStorage(os.path.join(self.folder, name or "scratch.tmp"), self).create()

    def give_up(self) -> None:
        """Closes the files that Whoosh leaves open when something fails half-way."""
        for stream in self._open:
            with suppress(OSError):  # it may be just for want of space that the commit failed
                stream.close()
        self._open.clear()

    def _seal_and_sync(self, stream: StructFile) -> None:
        """Ends a TOC with its manifest and a digest."""
        if self.manifest is None:
            raise ValueError("a table of contents has no manifest")
        raw = stream.raw_file()
        raw.seek(0)
        sealed = seal(raw.read(), self.manifest)
        raw.seek(0)
        raw.write(sealed)
        _sync(stream)


def latest(folder: str) -> int:
    """The newest generation of the store in `folder`, by the names of its files; -1 if none.

    Generation 0 holds nothing: older versions began with it, before the first commit. Second copies
    count only where there is no table of contents at all: one that is ahead is of a commit that
    never was.
    """
    for place in (folder, _copies(folder)):
        numbers = [_generation(name) for name in DurableStorage(place).list()]
        if (newest := max(numbers, default=-1)) > 0:
            return newest
    return -1


def check_files(index_dir: Path, *, remove: bool = False) -> None:
    """`DamageError` for what is neither a file nor a folder, as a pipe, which might be waited for
    for ever, or a link to itself, and for a file where a folder should be, or a folder where a
    file should be; or it is taken away, the last two to another name."""
    for folder, folders, names in os.walk(index_dir):  # a writer may just have removed one
        for path in (Path(folder, name) for name in (*folders, *names)):
            with suppress(FileNotFoundError):
                if not (wrong := _wrong_kind(index_dir, path)):
                    continue
                if not remove:
                    raise DamageError(f"{path.name} is {wrong}")
                if path.is_symlink() or "nor" in wrong:
                    path.unlink()
                else:
                    path.replace(unused(index_dir, f"misplaced.{path.name}"))


def _wrong_kind(index_dir: Path, path: Path) -> str:
    """What stands at this place and can't be meant; "" for what may be there."""
    place = path.relative_to(index_dir).parts
    is_store = place[0] in (FOLDER, _COPIES)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        mode = 0  # a link that leads to itself
    if stat.S_ISDIR(mode):
        in_store = is_store and len(place) == 2 and path.suffix != ".tmp"  # Whoosh's own
        is_ledger = len(place) == 1 and place[0].startswith("ledger.")
        return "a folder and no file" if in_store or is_ledger else ""
    if not stat.S_ISREG(mode):
        return "neither a file nor a folder"
    return "a file and no folder" if is_store and len(place) == 1 else ""


def unused(folder: Path, name: str) -> Path:
    """A path in a folder at which nothing is: the name, and the least number that is free."""
    paths = (folder / f"{name}-{number}" for number in count(1))
    return next(path for path in paths if not path.exists())


def store_of(index_dir: Path) -> str:
    """What the manifest calls the store; empty if that can't be known."""
    folder = os.path.join(index_dir, FOLDER)
    with suppress(OSError, ValueError, DamageError):
        contents = DurableStorage(folder)._sealed(f"_{NAME}_{latest(folder)}.toc")
        return contents.manifest.store if contents.manifest else ""
    return ""


def _generation(name: str) -> int:
    """The generation of a TOC, by its name; -1 for any other file."""
    found = _TOC.fullmatch(name)
    return int(found[1]) if found else -1


def _copies(folder: str) -> str:
    return os.path.join(os.path.dirname(folder), _COPIES)


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


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of the one at this path, durably, once it is whole; or never, if
    the `with` block or the disk fails."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(unfinished, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
        sync_folder(str(path.parent))
    finally:
        unfinished.unlink(missing_ok=True)


# --- digests of files --------------------------------------------------------------------------

# What a file of JSON raises that is not as it was written: `RecursionError` if it nests too deep.
_UNUSABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def load_digests(index_dir: Path, commit: str) -> dict[str, str]:
    """Digests by source as they were at this commit of the store; empty when unknown."""
    with suppress(*_UNUSABLE):
        content = json.loads((index_dir / _DIGESTS).read_text("utf-8", "surrogatepass"))
        if content["commit"] == commit:
            return {str(source): str(one) for source, one in content["digests"].items()}
    return {}


def save_digests(index_dir: Path, commit: str, digests: Mapping[str, str]) -> None:
    """Remembers `digests` for this commit. A full disk is no error: it costs time, later."""
    _save(index_dir / _DIGESTS, {"commit": commit, "digests": dict(digests)})


def load_roots(index_dir: Path) -> tuple[list[str], dict[str, str]]:
    """The files and folders that were indexed (absolute), in their order, and the encodings that
    were named for some; empty when unknown."""
    with suppress(*_UNUSABLE):
        content = json.loads((index_dir / _ROOTS).read_text("utf-8", "surrogatepass"))
        if content.get("store", "") in ("", store_of(index_dir)):  # older indexes have no name
            encodings = content.get("encodings", {}).items()
            return list(map(str, content["roots"])), {str(k): str(v) for k, v in encodings}
    return [], {}


def save_roots(index_dir: Path, roots: Iterable[str], encodings: Mapping[str, str]) -> None:
    """Remembers what was indexed. A full disk is no error: PATHs must be named, later."""
    content = {"store": store_of(index_dir), "roots": list(roots), "encodings": dict(encodings)}
    _save(index_dir / _ROOTS, content)


def _save(path: Path, content: Mapping[str, object]) -> None:
    with suppress(OSError), replacing(path) as file:
        file.write(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))
