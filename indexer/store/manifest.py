"""The manifest of a commit: names its store, its ledger and its files, after Whoosh's own TOC.

Takes the bytes of a table of contents (TOC) as Whoosh writes them, and a `Manifest`. Returns both
as one file, sealed by a digest; Whoosh reads only its own part. Renaming this file into place
(`storage.DurableStorage.rename_file`, called by `writer.Writer.commit`) is the commit: it ties
together the store, ledger and files of one commit, and the digest, which is the commit's
`identity`, ties everything made from it later. Refuses a file that differs from what was sealed
(`StoreDamaged`) or that a newer version wrote (`NewerError`).

    TOC · manifest as JSON · its length (4 bytes) · "PILCROW" · FORMAT (1 byte) · digest (16 bytes)

Before format 2 there was no manifest: only the TOC and its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import BinaryIO

from indexer.store.codec import NewerError, StoreDamaged

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
