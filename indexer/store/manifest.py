"""What a table of contents says beyond what Whoosh asks: whose it is, and what it was written with.

In: the bytes of a table of contents (TOC) as Whoosh writes them, and a `Manifest`. Out: both,
sealed by a digest, in one file: Whoosh reads its own part and no further. So store, ledger and
files of one commit are tied together at the moment when that is renamed into place, and by the
digest, the commit's `identity`, all that is made from it afterwards. Refuses (`DamageError`) what
is not what was sealed, and (`NewerError`) what a newer version wrote.

    TOC · manifest as JSON · its length (4 bytes) · "PILCROW" · FORMAT (1 byte) · digest (16 bytes)

Until format 2 there was no manifest: the TOC and its digest alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import BinaryIO

from indexer.store.codec import DamageError, NewerError

FORMAT = 2  # of all that must last in an index; rises when an older version would misread it
_MAGIC = b"PILCROW"
_TAIL = 4 + len(_MAGIC) + 1  # bytes after the JSON
_SEAL = 16  # bytes of digest


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of what a commit consists."""

    store: str  # drawn when the index was made, and never again
    ledger: str  # `codec.digest_of` the ledger of ids
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # size and digest, by name


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents as it was written."""

    toc: bytes  # Whoosh's
    manifest: Manifest | None  # None in those from before there were any
    identity: str  # of the commit: no other has it


def seal(toc: bytes, manifest: Manifest) -> bytes:
    """Both as one file."""
    told = json.dumps([manifest.store, manifest.ledger, dict(manifest.files)]).encode()
    data = toc + told + len(told).to_bytes(4, "big") + _MAGIC + bytes([FORMAT])
    return data + _digest(data)


def unseal(data: bytes) -> Contents:
    """What was sealed. `DamageError`, `NewerError`."""
    content, end = data[:-_SEAL], data[-_SEAL:]
    if _digest(content) != end:
        raise DamageError("its table of contents has changed since it was written")
    if content[-len(_MAGIC) - 1 : -1] != _MAGIC:
        return Contents(content, None, end.hex())
    if content[-1] > FORMAT:
        raise NewerError(content[-1], FORMAT)
    start = len(content) - _TAIL - int.from_bytes(content[-_TAIL : -_TAIL + 4], "big")
    store, ledger, files = json.loads(content[start:-_TAIL])
    sized = {name: (size, digest) for name, (size, digest) in files.items()}
    return Contents(content[:start], Manifest(store, ledger, sized), end.hex())


def digest_of_stream(stream: BinaryIO) -> tuple[int, str]:
    """Size (bytes) and digest of all that an open file holds; its place in it stays."""
    digest, place = blake2b(digest_size=_SEAL), stream.tell()
    stream.seek(0)
    while part := stream.read(1 << 20):
        digest.update(part)
    size = stream.tell()
    stream.seek(place)
    return size, digest.hexdigest()


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_SEAL).digest()
