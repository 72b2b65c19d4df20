"""Barcodes: where in each article or section the occurrences of a query stand.

In: an evaluated query and the ground that it is counted over. Out: for each place its length in
words and a tick for each occurrence: as many as the audit counts there, each with the passage to
which it leads. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.audits.grounds import Ground, Place
from indexer.audits.holding import Held, held_in
from indexer.search.matcher import Evaluation
from indexer.sorted_arrays import Array


@dataclass(frozen=True, slots=True)
class Stroke:
    """One occurrence."""

    word: int  # words of the place before it: divided by the place's words, where to draw it
    passage: str  # passage id
    start: int  # in the passage's text


@dataclass(frozen=True, slots=True)
class Barcode:
    """All occurrences in one place."""

    place: Place
    strokes: tuple[Stroke, ...]  # in order of the text


def barcodes(evaluation: Evaluation, on: Ground) -> tuple[Barcode, ...]:
    """The barcode of every place, those without a stroke too."""
    found = [_columns(evaluation, on, held) for held in held_in(evaluation, on)]
    owners, words, ids, starts = (np.concatenate(column) for column in zip(*found))
    order = np.lexsort((words, owners))
    owners, words, ids, starts = owners[order], words[order], ids[order], starts[order]
    strokes = [
        Stroke(word, f"{number:016x}", start)
        for word, number, start in zip(words.tolist(), ids.tolist(), starts.tolist())
    ]
    edges = np.searchsorted(owners, np.arange(len(on.places) + 1)).tolist()
    return tuple(
        Barcode(place, tuple(strokes[first:last]))
        for place, first, last in zip(on.places, edges, edges[1:])
    )


def _columns(evaluation: Evaluation, on: Ground, held: Held) -> tuple[Array, Array, Array, Array]:
    """For each occurrence in a part: its place, words before it there, passage id, start."""
    segment = evaluation.snapshot.parts[held.part].segment
    tokens = held.found.starts
    passages = segment.passage_of(tokens)
    words = on.inner[held.part][passages] + (tokens - segment.unit_tokens[passages])
    ids = segment.column("passage.id")[passages]
    return on.owners[held.part][passages], words, ids, segment.starts_at(tokens)
