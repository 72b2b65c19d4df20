"""The ledger of ids as bytes, and back: one document an article, beside the articles themselves.

In: the records of an article's ids. Out: `PackedLedger`, an entry that lists the ids and a payload
that holds the records (JSON, deflated). An id that is simply where it always was has no record:
its passage says all. Checksums as for articles: what is not what was written is refused with
`DamageError`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from indexer.model import Event, Record, Selectors
from indexer.store.codec import DamageError

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is known of an article's records without reading them."""

    article_id: str
    version: str  # digest of the records
    ids: tuple[str, ...]  # that have a record
    lost: int  # how many of them lead nowhere


@dataclass(frozen=True, slots=True)
class PackedLedger:
    """The records of one article ready to be stored."""

    entry: LedgerEntry
    payload: bytes


def pack_records(article_id: str, records: Iterable[Record]) -> PackedLedger:
    """The records as bytes, in order of their ids: equal records give equal bytes."""
    ordered = sorted(records, key=lambda record: record.id)
    rows = [_row(record) for record in ordered]
    raw = _ENCODER.encode([_FORMAT, rows]).encode("utf-8", "surrogatepass")
    ids = tuple(record.id for record in ordered)
    lost = sum(not record.target for record in ordered)
    return PackedLedger(LedgerEntry(article_id, _version(raw), ids, lost), zlib.compress(raw, 6))


def unpack_records(entry: LedgerEntry, payload: bytes) -> dict[str, Record]:
    """The records by id. `DamageError` if `payload` is not what was packed."""
    try:
        raw = zlib.decompress(payload)
    except zlib.error:
        raw = b""
    if _version(raw) != entry.version:
        raise DamageError(f"the ledger of article {entry.article_id} is damaged")
    form, rows = json.loads(raw.decode("utf-8", "surrogatepass"))
    if form != _FORMAT:
        raise DamageError(f"the ledger of article {entry.article_id} is of another version")
    records = {row[0]: _record(row, entry.article_id) for row in rows}
    if tuple(records) != entry.ids:
        raise DamageError(f"the ledger of article {entry.article_id} lacks records that it lists")
    return records


def pack_ledger_entry(entry: LedgerEntry) -> bytes:
    """`entry` as bytes with a checksum."""
    fields: Mapping[str, Any] = {
        "ledger": entry.article_id,
        "version": entry.version,
        "lost": entry.lost,
        "ids": "".join(entry.ids),
    }
    data = _ENCODER.encode(fields).encode("utf-8", "surrogatepass")
    return zlib.crc32(data).to_bytes(4, "big") + data


def is_ledger_entry(data: bytes) -> bool:
    """Whether an entry is one of the ledger's. `DamageError` if it is not what was written."""
    if data[4:5] != b"{":
        return False
    if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
        raise DamageError("an entry of the ledger is damaged")
    return True


def unpack_ledger_entry(data: bytes) -> LedgerEntry:
    """The entry of bytes that `is_ledger_entry`."""
    found = json.loads(data[4:].decode("utf-8", "surrogatepass"))
    joined = found["ids"]
    ids = tuple(joined[n : n + _ID] for n in range(0, len(joined), _ID))
    return LedgerEntry(found["ledger"], found["version"], ids, found["lost"])


_ID = 16  # hex digits of an id


def _version(raw: bytes) -> str:
    return blake2b(raw, digest_size=8).hexdigest()


def _row(record: Record) -> list[Any]:
    was = record.was
    place = [was.title, was.text, was.prefix, was.suffix, was.start, was.end]
    history = [
        [e.generation, e.date, e.digest, e.status, e.target, e.confidence] for e in record.history
    ]
    told = [record.status, record.target, record.confidence]
    return [was.id, *place, was.section, was.element, *told, history]


def _record(row: list[Any], article_id: str) -> Record:
    name, title, text, prefix, suffix, start, end, section, element, *rest = row
    status, target, confidence, history = rest
    was = Selectors(
        name, article_id, title, text, prefix, suffix, start, end, tuple(section), element
    )
    events = tuple(Event(*event) for event in history)
    return Record(was, status, target, confidence, events)
