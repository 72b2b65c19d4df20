"""Packing: articles with their passages as bytes, and what can be read of these.

`pack` makes the bytes, `unpack` gives the article back, `rows_of` gives it as plain columns.
"""

from indexer.packing.articles import (
    Bytes,
    DamageError,
    Entry,
    Packed,
    Stored,
    checked,
    pack,
    pack_entry,
    unpack,
    unpack_entry,
)
from indexer.packing.rows import More, Rows, rows_in, rows_of

__all__ = [
    "Bytes",
    "DamageError",
    "Entry",
    "More",
    "Packed",
    "Rows",
    "Stored",
    "checked",
    "pack",
    "pack_entry",
    "rows_in",
    "rows_of",
    "unpack",
    "unpack_entry",
]
