"""The words of a whole snapshot in alphabetical order: one number a word, whatever its segment.

In: the segments of a snapshot. Out: for each form its word, a folded form (without case and
accents), numbered so that the numbers sort as the words do. Languages are not told apart. What no
live text has any more keeps its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array


class Wordlist:
    """Numbers of words, the same in all segments."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._folds = [segment.vocabulary.folds for segment in segments]
        self._texts: list[str] | None = None
        places = [_places(segment) for segment in segments]
        if len(segments) != 1 or len(segments[0].vocabulary.languages) > 1:
            lists = [folds[:] for folds in self._folds]
            self._texts = sorted(set(chain.from_iterable(lists)))
            ranks = {text: rank for rank, text in enumerate(self._texts)}
            places = [
                np.fromiter((ranks[t] for t in texts), np.int64, len(texts))[at]
                for texts, at in zip(lists, places)
            ]
        self._numbers = tuple(places)

    def __len__(self) -> int:
        return len(self._folds[0]) if self._texts is None else len(self._texts)

    def numbers(self, part: int) -> Array:
        """The word of each form of a part (int64)."""
        return self._numbers[part]

    def text(self, number: int) -> str:
        """The word with this number."""
        return str(self._folds[0][number]) if self._texts is None else self._texts[number]


def _places(segment: Segment) -> Array:
    """For each form the place of its fold among the sorted folds of the segment (int64)."""
    order = segment.column("fold_order").astype(np.int64)
    places = np.empty(order.size, np.int64)
    places[order] = np.arange(order.size)
    found: Array = places[segment.column("form_folds")]
    return found
