"""Whoosh's file storage, made durable: a file that it reports as written is whole and on the disk.

Whoosh leaves flushing to the operating system, and its table of contents (TOC, a pickle) has no
checksum. Here every file of the index is synced when it is closed, renaming is atomic and synced
with its folder, and a TOC is sealed with its `Manifest` and checked before it is unpickled. Second
copies of the last two TOCs are kept; a copy is read if its original is damaged, missing or of
another store. Plain Whoosh can still open the index: it ignores what follows a TOC:

    TOC · manifest as JSON · its length (4 bytes) · "PILCROW" · FORMAT (1 byte) · digest (16 bytes)

Renaming this file into place (`DurableStorage.rename_file`, called by `writer.Writer.commit`) is
the commit: it ties together the store, ledger and files of one commit, and the digest, which is the
commit's `identity`, ties everything made from it later. Before format 2 there was no manifest: only
the TOC and its digest.

Modes of files and folders follow the umask (files 0644 with the usual one, never executable).

Two more files lie beside the store: the digest of each corpus file when it was last indexed, only a
cache, without which unchanged files are parsed again; and the PATHs that were indexed, without
which they must be named.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from indexer.store.codec import NewerError, StoreDamaged

STORE_FOLDER = "store"  # folder of Whoosh's files in the index folder
INDEX_NAME = "MAIN"  # Whoosh's default name of an index
LOCK_FILE = f"{INDEX_NAME}_WRITELOCK"
_COPIES = "copies"  # folder for second copies of the last TOCs, beside `STORE_FOLDER`
_DIGESTS = "digests.json"
_ROOTS = "roots.json"
_TOC = re.compile(f"_{INDEX_NAME}_([0-9]+)[.]toc")
FORMAT = 2  # of everything lasting in an index; raised when an older version would misread it
_MAGIC = b"PILCROW"
_TAIL = 4 + len(_MAGIC) + 1  # bytes after the JSON
_SEAL = 16  # bytes of digest


@dataclass(frozen=True, slots=True)
class Manifest:
    """The store, ledger and files of a commit."""

    store: str  # random name, drawn once when the index is made
    ledger: str  # digest of the ledger of ids (`codec.ledger_digest`)
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # name → size, digest


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents as it was written."""

    toc: bytes  # Whoosh's part
    manifest: Manifest | None  # None before format 2
    identity: str  # unique name of the commit


def seal(toc: bytes, manifest: Manifest) -> bytes:
    """The content of one file that holds both, with its digest."""
    facts = json.dumps([manifest.store, manifest.ledger, dict(manifest.files)]).encode()
    data = toc + facts + len(facts).to_bytes(4, "big") + _MAGIC + bytes([FORMAT])
    return data + _digest(data)


def unseal(data: bytes) -> Contents:
    """The TOC and manifest in a sealed file. `StoreDamaged`, `NewerError`."""
    content, end = data[:-_SEAL], data[-_SEAL:]
    if _digest(content) != end:
        raise StoreDamaged("its table of contents has changed since it was written")
    if content[-len(_MAGIC) - 1 : -1] != _MAGIC:
        return Contents(content, None, end.hex())
    if content[-1] > FORMAT:
        raise NewerError(content[-1], FORMAT)
    start = len(content) - _TAIL - int.from_bytes(content[-_TAIL : -_TAIL + 4], "big")
    store, ledger, files = json.loads(content[start:-_TAIL])
    sized = {name: (size, digest) for name, (size, digest) in files.items()}
    return Contents(content[:start], Manifest(store, ledger, sized), end.hex())


def digest_of_stream(stream: BinaryIO) -> tuple[int, str]:
    """Size (bytes) and digest of an open file; keeps the stream's position."""
    digest, place = blake2b(digest_size=_SEAL), stream.tell()
    stream.seek(0)
    while part := stream.read(1 << 20):
        digest.update(part)
    size = stream.tell()
    stream.seek(place)
    return size, digest.hexdigest()


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_SEAL).digest()


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """The files of a Whoosh index in one folder."""

    def __init__(self, folder: str, owner: DurableStorage | None = None) -> None:
        """`owner`: the storage that closes these files, which are temporary and not synced."""
        super().__init__(folder)
        self._is_durable = owner is None
        self._open: list[Any] = owner._open if owner else []  # opened, and perhaps closed since
        self._named: dict[str, Any] = {}  # files opened for reading, by name
        self.contents: Contents | None = None  # of the TOC that was read last
        self.manifest: Manifest | None = None  # for the next TOC

    def create_file(
        self, name: str, excl: bool = False, mode: str = "wb", **options: Any
    ) -> StructFile:
        """A new file; closing it waits until its content is on the disk."""
        path = os.path.join(self.folder, name)
        stream = open(path, "x+b" if excl else "w+b")  # noqa: SIM115  # Whoosh closes it
        self._open.append(stream)
        settle = self._seal_and_sync if ".toc" in name else _sync
        return StructFile(stream, name=name, onclose=settle if self._is_durable else None)

    def open_file(self, name: str, **options: Any) -> StructFile:
        """An existing file. `StoreDamaged` for a TOC that differs from what was written."""
        if name.endswith(".toc"):
            self.contents = self._read_sealed(name)
            return StructFile(BytesIO(self.contents.toc), name=name)
        stream = open(os.path.join(self.folder, name), "rb")  # noqa: SIM115  # Whoosh closes it
        self._open.append(stream)
        self._named[name] = stream
        return StructFile(stream, name=name)

    def list(self) -> list[str]:
        """Names of all files; empty if there is no folder. `OSError` if it can't be read."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return os.listdir(self.folder)
        return []

    def digest_of(self, name: str) -> tuple[int, str]:
        """Size (bytes) and digest of a file: of the open stream if there is one, else on disk."""
        stream = self._named.get(name)
        if stream is not None and not stream.closed:
            return digest_of_stream(stream)
        with open(os.path.join(self.folder, name), "rb") as file:
            return digest_of_stream(file)

    def check_sizes(self) -> None:
        """`FileNotFoundError` if a file of the TOC is missing, `StoreDamaged` for a wrong size."""
        if self.contents is not None and (wrong := self._wrong_size(self.contents)):
            name, size = wrong
            if size < 0:
                raise FileNotFoundError(name)
            raise StoreDamaged(f"{name} has {size} bytes and not those that were written")

    def _read_sealed(self, name: str) -> Contents:
        """A TOC, from the original or the second copy: the first one whose files are all there."""
        found: list[Contents] = []
        reason: StoreDamaged | None = None
        for folder in (self.folder, _copies(self.folder)):
            try:
                found.append(unseal(Path(folder, name).read_bytes()))
            except FileNotFoundError:
                continue
            except NewerError:
                raise
            except StoreDamaged as error:
                reason = reason or error
        if not found:
            raise reason or FileNotFoundError(name)
        return next((toc for toc in found if not self._wrong_size(toc)), found[0])

    def _wrong_size(self, contents: Contents) -> tuple[str, int] | None:
        """Name and size (-1: missing) of a file whose size differs from the manifest's."""
        for name, (size, _) in contents.manifest.files.items() if contents.manifest else ():
            actual = -1
            with suppress(FileNotFoundError):
                actual = os.stat(os.path.join(self.folder, name)).st_size
            if actual != size:
                return name, actual
        return None

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Renames a file atomically and durably."""
        target = os.path.join(self.folder, newname)
        if safe and os.path.exists(target):
            raise FileExistsError(target)
        if newname.endswith(".toc"):
            self._copy_toc(oldname, newname)
        os.replace(os.path.join(self.folder, oldname), target)
        sync_folder(self.folder)

    def _copy_toc(self, temporary: str, name: str) -> None:
        """Writes the second copy of a TOC; only it and the copy of the TOC before it are kept."""
        folder = _copies(self.folder)
        os.makedirs(folder, exist_ok=True)
        data = Path(self.folder, temporary).read_bytes()
        with open(os.path.join(folder, name), "wb") as copy:
            copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        sync_folder(folder)
        number = _generation(name)
        for old in os.listdir(folder):  # also copies of an older or another store
            if _generation(old) not in (number, number - 1):
                os.unlink(os.path.join(folder, old))

    def temp_storage(self, name: str | None = None) -> FileStorage:
        """A temporary folder, whose files are closed together with ours."""
        return DurableStorage(os.path.join(self.folder, name or "scratch.tmp"), self).create()

    def close_all(self) -> None:
        """Closes all files, also those that Whoosh leaves open when it fails half-way."""
        for stream in self._open:
            with suppress(OSError):  # a full disk may be why the commit failed
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

    Generation 0 is empty: older versions began with it, before the first commit. Second copies
    count only if there is no table of contents at all: a copy that is ahead is of a commit that
    never happened.
    """
    for place in (folder, _copies(folder)):
        numbers = [_generation(name) for name in DurableStorage(place).list()]
        if (newest := max(numbers, default=-1)) > 0:
            return newest
    return -1


def check_files(index_dir: Path, *, remove: bool = False) -> None:
    """Raises `StoreDamaged` for what is neither a file nor a folder (a pipe would block for
    ever), a file in place of a folder, or a folder in place of a file. With `remove` the first kind
    and links are deleted instead, and the others are renamed."""
    for folder, folders, names in os.walk(index_dir):  # a writer may just have removed one
        for path in (Path(folder, name) for name in (*folders, *names)):
            with suppress(FileNotFoundError):
                if not (wrong := _wrong_kind(index_dir, path)):
                    continue
                if not remove:
                    raise StoreDamaged(f"{path.name} is {wrong}")
                if path.is_symlink() or "nor" in wrong:
                    path.unlink()
                else:
                    path.replace(unused(index_dir, f"misplaced.{path.name}"))


def _wrong_kind(index_dir: Path, path: Path) -> str:
    """What is wrong with the kind of this file or folder; "" if nothing."""
    place = path.relative_to(index_dir).parts
    is_store = place[0] in (STORE_FOLDER, _COPIES)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        mode = 0  # a link to itself
    if stat.S_ISDIR(mode):
        in_store = is_store and len(place) == 2 and path.suffix != ".tmp"  # Whoosh makes a .tmp
        is_ledger = len(place) == 1 and place[0].startswith("ledger.")
        return "a folder and no file" if in_store or is_ledger else ""
    if not stat.S_ISREG(mode):
        return "neither a file nor a folder"
    return "a file and no folder" if is_store and len(place) == 1 else ""


def unused(folder: Path, name: str) -> Path:
    """An unused path in a folder: the name and the least free number."""
    paths = (folder / f"{name}-{number}" for number in count(1))
    return next(path for path in paths if not path.exists())


def store_of(index_dir: Path) -> str:
    """The store's name in its manifest; empty if unknown."""
    folder = os.path.join(index_dir, STORE_FOLDER)
    with suppress(OSError, ValueError, StoreDamaged):
        contents = DurableStorage(folder)._read_sealed(f"_{INDEX_NAME}_{latest(folder)}.toc")
        return contents.manifest.store if contents.manifest else ""
    return ""


def _generation(name: str) -> int:
    """The generation in the name of a TOC; -1 for any other file."""
    found = _TOC.fullmatch(name)
    return int(found[1]) if found else -1


def _copies(folder: str) -> str:
    return os.path.join(os.path.dirname(folder), _COPIES)


def _sync(stream: StructFile) -> None:
    raw = stream.raw_file()
    raw.flush()
    os.fsync(raw.fileno())


def sync_folder(folder: str) -> None:
    """Syncs a folder, so that files renamed in it have their names on the disk."""
    if os.name == "nt":
        return  # Windows can't open a folder, and need not
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content replaces the file at `path` durably when the `with` block ends; the
    file stays as it was if the block or the disk fails."""
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

# Raised by a damaged JSON file (`RecursionError`: nested too deep).
_UNUSABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def load_digests(index_dir: Path, commit: str) -> dict[str, str]:
    """Source → digest as of this commit of the store; empty when unknown."""
    with suppress(*_UNUSABLE):
        content = json.loads((index_dir / _DIGESTS).read_text("utf-8", "surrogatepass"))
        if content["commit"] == commit:
            return {str(source): str(digest) for source, digest in content["digests"].items()}
    return {}


def save_digests(index_dir: Path, commit: str, digests: Mapping[str, str]) -> None:
    """Saves `digests` for this commit. A full disk is no error: it only costs time later."""
    _save(index_dir / _DIGESTS, {"commit": commit, "digests": dict(digests)})


def load_roots(index_dir: Path) -> tuple[list[str], dict[str, str]]:
    """The files and folders that were indexed (absolute paths), in order, and the encodings named
    for some of them; empty when unknown."""
    with suppress(*_UNUSABLE):
        content = json.loads((index_dir / _ROOTS).read_text("utf-8", "surrogatepass"))
        if content.get("store", "") in ("", store_of(index_dir)):  # older indexes have no name
            encodings = content.get("encodings", {}).items()
            return list(map(str, content["roots"])), {str(k): str(v) for k, v in encodings}
    return [], {}


def save_roots(index_dir: Path, roots: Iterable[str], encodings: Mapping[str, str]) -> None:
    """Saves which paths were indexed. A full disk is no error: PATHs must then be named later."""
    content = {"store": store_of(index_dir), "roots": list(roots), "encodings": dict(encodings)}
    _save(index_dir / _ROOTS, content)


def _save(path: Path, content: Mapping[str, object]) -> None:
    with suppress(OSError), replacing(path) as file:
        file.write(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))
