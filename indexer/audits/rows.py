"""Occurrences of a query, a row each: counted by passage at once, found where they are asked for.

In: the evaluation of a query, its passages and how many occurrences each has. Out: of any rows
where they stand. A query may have millions of them, of which a page shows
twenty-five. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indexer.search.matcher import Evaluation
from indexer.sorted_arrays import Array, expanded


@dataclass(frozen=True)
class Rows:
    """Some occurrences, as columns."""

    parts: Array  # number of the part
    passages: Array  # number of the passage in its part
    starts: Array  # first token
    ends: Array  # one past the last token
    places: Array  # ascends with article id and place in the article

    def take(self, rows: Array) -> Rows:
        """The chosen rows, in their order."""
        columns = (self.parts, self.passages, self.starts, self.ends, self.places)
        return Rows(*(column[rows] for column in columns))


@dataclass(frozen=True)
class Occurrences:
    """All occurrences of a query, in the order of the corpus; row i is one occurrence.

    They are counted by passage. Where each stands is found out when that is first asked for: all
    are counted, few are shown.
    """

    evaluation: Evaluation
    homes: Array  # of each passage that has some: number of the part
    passages_of: Array  # number of the passage in its part
    sizes: Array  # how many occurrences it has
    places_of: Array  # ascending with article id and place in the article

    @cached_property
    def edges(self) -> Array:
        """Row of the first occurrence of each passage, and the number of all rows."""
        return np.concatenate(([0], self.sizes.cumsum()))

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.edges[-1])

    @cached_property
    def parts(self) -> Array:
        """Number of the part of each."""
        return self.homes.repeat(self.sizes)

    @cached_property
    def passages(self) -> Array:
        """Number of the passage of each in its part."""
        return self.passages_of.repeat(self.sizes)

    @cached_property
    def places(self) -> Array:
        """Of each a number that ascends with article id and place in the article."""
        return self.places_of.repeat(self.sizes)

    @property
    def starts(self) -> Array:
        """First token of each."""
        return self._spans[0]

    @property
    def ends(self) -> Array:
        """One past the last token of each."""
        return self._spans[1]

    @cached_property
    def _spans(self) -> tuple[Array, Array]:
        return self._found(np.arange(self.sizes.size))

    def _found(self, chosen: Array) -> tuple[Array, Array]:
        """First token, and one past the last, of each occurrence in the chosen passages."""
        homes, passages, sizes = self.homes[chosen], self.passages_of[chosen], self.sizes[chosen]
        parts = np.unique(homes).tolist()
        if len(parts) == 1 and (passages[1:] > passages[:-1]).all():
            found = self.evaluation.united(parts[0], passages)
            return found.starts, found.ends
        edges = np.concatenate(([0], sizes.cumsum()))
        starts, ends = np.empty((2, int(edges[-1])), np.int64)
        for part in parts:
            mine = (homes == part).nonzero()[0]
            by_number = passages[mine].argsort()
            found = self.evaluation.united(part, passages[mine][by_number])
            to = expanded(edges[mine[by_number]], sizes[mine[by_number]])
            starts[to], ends[to] = found.starts, found.ends
        return starts, ends

    def take(self, rows: Array) -> Rows:
        """The chosen rows, in their order."""
        of = self.edges.searchsorted(rows, "right") - 1  # the passage of each
        chosen, places = np.unique(of, return_inverse=True)
        if "_spans" in self.__dict__:
            starts, ends = (column[rows] for column in self._spans)
        else:
            starts, ends = self._found(chosen)
            firsts = np.concatenate(([0], self.sizes[chosen].cumsum()))[places]
            within = firsts + (rows - self.edges[of])
            starts, ends = starts[within], ends[within]
        return Rows(self.homes[of], self.passages_of[of], starts, ends, self.places_of[of])

    def of_passages(self, kept: Array) -> Occurrences:
        """Those of the chosen passages (bool, for each that has some)."""
        columns = (self.homes, self.passages_of, self.sizes, self.places_of)
        return Occurrences(self.evaluation, *(column[kept] for column in columns))
