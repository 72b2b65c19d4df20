"""The order of concordance lines: by the words around each occurrence, or by its place.

In: occurrences as columns and up to three keys. Out: row numbers. Words are compared folded, as
the alphabet of code points has them; a place outside of the passage comes before all words.
Refuses other keys, more keys and the same key twice (`UsageError`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.audits.rows import Occurrences, Rows
from indexer.errors import UsageError
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

SORT_KEYS = ("left1", "left2", "left3", "right1", "right2", "right3", "node", "article", "position")
MOST_KEYS = 3
FEW = 4  # below one row in so many, those that come first are chosen before they are sorted
_LARGEST = 1 << 62  # of what several keys are packed into


def ordered_rows(
    snapshot: Snapshot, found: Occurrences, keys: Sequence[str], end: int | None = None
) -> Array:
    """Row numbers in the order of the sort keys, ties in corpus order; the first `end` alone."""
    for key in keys:
        if key not in SORT_KEYS:
            raise UsageError(f"sort key {key!r}: use {', '.join(SORT_KEYS)}")
    if len(keys) > MOST_KEYS or len(set(keys)) < len(keys):
        raise UsageError(f"sort keys {', '.join(keys)}: use at most {MOST_KEYS}, each once")
    size = found.size if end is None else min(end, found.size)
    if not keys or not size:
        return np.arange(size)
    rows: Array | None = None
    chosen: Occurrences | Rows = found
    first = _column(snapshot, found, keys[0])
    if size * FEW < found.size:  # the others need not be compared any further
        rows = _lowest(first, size)
        first, chosen = first[rows], found.take(rows)
    columns = [first, *(_column(snapshot, chosen, key) for key in keys[1:])]
    packed = _packed(columns)
    if packed is None:
        order = np.lexsort((*columns[::-1],))[:size]
    elif size * FEW < packed.size:
        best = _lowest(packed, size)
        order = best[packed[best].argsort(kind="stable")[:size]]
    else:
        order = packed.argsort(kind="stable")[:size]
    ordered: Array = order if rows is None else rows[order]
    return ordered


def _lowest(numbers: Array, size: int) -> Array:
    """Places of the `size` lowest numbers, and of all that are equal to the highest of these."""
    highest = np.partition(numbers, size - 1)[size - 1]
    places: Array = (numbers <= highest).nonzero()[0]
    return places


def _column(snapshot: Snapshot, found: Occurrences | Rows, key: str) -> Array:
    """What a key compares, a number an occurrence, from -1."""
    if key == "article":
        return found.places >> 32
    if key == "position":
        return found.places
    if key == "node":
        return _words(snapshot, found, found.starts)
    by = int(key[-1])
    if key.startswith("left"):
        return _words(snapshot, found, found.starts - by)
    return _words(snapshot, found, found.ends + (by - 1))


def _packed(columns: Sequence[Array]) -> Array | None:
    """The columns as one number a row, which sorts faster; None where that would not hold them."""
    packed, most = columns[0].astype(np.int64) + 1, int(columns[0].max()) + 2
    for column in columns[1:]:
        size = int(column.max()) + 2
        most *= size
        if most > _LARGEST:
            return None
        packed = packed * size + (column + 1)
    return packed


def _words(snapshot: Snapshot, found: Occurrences | Rows, tokens: Array) -> Array:
    """Number of the word at each token, ascending with the alphabet; -1 outside of the passage."""
    if len(snapshot.parts) == 1:
        return _words_of(snapshot, 0, found.passages, tokens)
    numbers = np.full(tokens.size, -1, np.int64)
    for part in range(len(snapshot.parts)):
        rows = np.flatnonzero(found.parts == part)
        numbers[rows] = _words_of(snapshot, part, found.passages[rows], tokens[rows])
    return numbers


def _words_of(snapshot: Snapshot, part: int, passages: Array, tokens: Array) -> Array:
    """`_words` in one part, the passage of each token given."""
    segment = snapshot.parts[part].segment
    inside = tokens >= segment.unit_tokens.take(passages)
    inside &= tokens < segment.unit_tokens[1:].take(passages)
    words: Array = snapshot.wordlist.numbers(part)
    if inside.all():
        return words[segment.forms_at(tokens)]
    numbers = np.full(tokens.size, -1, words.dtype)
    numbers[inside] = words[segment.forms_at(tokens[inside])]
    return numbers
