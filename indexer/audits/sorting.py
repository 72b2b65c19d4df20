"""The order of concordance lines: by the words around each occurrence, or by its place.

In: occurrences as columns and up to three keys. Out: row numbers. Words are compared folded, as
the alphabet of code points has them; a place outside of the passage comes before all words.
Refuses other keys, more keys and the same key twice (`UsageError`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Array, Snapshot
from indexer.audits.concordance import Occurrences
from indexer.errors import UsageError

SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")
MOST_KEYS = 3
_LARGEST = 1 << 62  # of what several keys are packed into


def ordered_rows(snapshot: Snapshot, found: Occurrences, keys: Sequence[str]) -> Array:
    """Row numbers in the order of the sort keys, ties in corpus order."""
    for key in keys:
        if key not in SORT_KEYS:
            raise UsageError(f"sort key {key!r}: use {', '.join(SORT_KEYS)}")
    if len(keys) > MOST_KEYS or len(set(keys)) < len(keys):
        raise UsageError(f"sort keys {', '.join(keys)}: use at most {MOST_KEYS}, each once")
    if not keys or not found.starts.size:
        return np.arange(found.starts.size)
    columns = [_column(snapshot, found, key) for key in keys]
    packed = _packed(columns)
    if packed is None:
        return np.lexsort((*columns[::-1],))
    return np.argsort(packed, kind="stable")


def _column(snapshot: Snapshot, found: Occurrences, key: str) -> Array:
    """What a key compares, a number an occurrence, from -1."""
    if key == "article":
        return found.places >> 32
    if key == "position":
        return found.places
    if key == "node":
        return _words(snapshot, found, found.starts)
    by = int(key[-1])
    tokens = found.starts - by if key.startswith("left") else found.ends - 1 + by
    return _words(snapshot, found, tokens)


def _packed(columns: Sequence[Array]) -> Array | None:
    """The columns as one number a row, which sorts faster; None where that would not hold them."""
    packed, most = columns[0] + 1, int(columns[0].max()) + 2
    for column in columns[1:]:
        size = int(column.max()) + 2
        most *= size
        if most > _LARGEST:
            return None
        packed = packed * size + (column + 1)
    return packed


def _words(snapshot: Snapshot, found: Occurrences, tokens: Array) -> Array:
    """Number of the word at each token, ascending with the alphabet; -1 outside of the passage."""
    numbers = np.full(tokens.size, -1, np.int64)
    for part, segment in enumerate(p.segment for p in snapshot.parts):
        rows = np.flatnonzero(found.parts == part)
        passages, at = found.passages[rows], tokens[rows]
        inside = (at >= segment.unit_tokens[passages]) & (at < segment.unit_tokens[passages + 1])
        forms = segment.forms_at(at[inside])
        numbers[rows[inside]] = snapshot.wordlist.numbers(part)[forms]
    return numbers
