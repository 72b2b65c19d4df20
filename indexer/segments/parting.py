"""Which tokens of a common stem are of which form: forms in, places in the list of the stem out.

See `grouping`: of each common stem, all forms but the commonest have such places. They stand stem
by stem and form by form, those of the widest stems in an array of their own.
"""

from __future__ import annotations

import numpy as np

from indexer.segments.container import Container, DamagedError
from indexer.segments.grouping import WIDE
from indexer.sorted_arrays import Array, expanded

NARROW = "positions.ranks"


class Parting:
    """Reads the places; blocks are checked when they are first touched."""

    def __init__(self, container: Container, form_first: Array, bounds: Array) -> None:
        """`bounds`: a row a common stem, its first form and one past its last (int64)."""
        self._container, self._form_first = container, form_first
        self.main = main = container["positions.main"].astype(np.int64)  # commonest forms
        firsts, ends = (form_first[bounds[:, n]].astype(np.int64) for n in (0, 1))
        self._sizes = ends - firsts
        self.is_wide = self._sizes >= WIDE
        self._main_sizes = form_first[main + 1].astype(np.int64) - form_first[main]
        others = self._sizes - self._main_sizes
        wide, narrow = (np.where(kind, others, 0) for kind in (self.is_wide, ~self.is_wide))
        before = np.where(self.is_wide, np.cumsum(wide) - wide, np.cumsum(narrow) - narrow)
        self._shifts = firsts - before

    def of(self, number: int, low: int, high: int) -> Array:
        """Places of the forms [low, high) in the list of a common stem, form by form (int64).

        The commonest form of the stem must not be one of them.
        """
        name = "positions.wide_ranks" if self.is_wide[number] else NARROW
        first, end = self._begin(number, low), self._begin(number, high)
        self._container.check(name, first, end)
        ranks = self._container.unchecked(name)[first:end].astype(np.int64)
        if int(ranks.max(initial=-1)) >= self._sizes[number]:
            raise self._damaged(name)
        return ranks

    def _begin(self, number: int, form: int) -> int:
        """Where the places of a form of a common stem begin."""
        begin = int(self._form_first[form]) - int(self._shifts[number])
        return begin - int(self._main_sizes[number]) if form > self.main[number] else begin

    def each(self, numbers: Array, forms: Array) -> tuple[Array, Array]:
        """Places of many forms: of each its common stem is given, which must not be wide. The
        places, and how many of them each form has."""
        counts = self._form_first[forms + 1].astype(np.int64) - self._form_first[forms]
        begins = self._form_first[forms] - self._shifts[numbers]
        begins -= np.where(forms > self.main[numbers], self._main_sizes[numbers], 0)
        at = expanded(begins, counts)
        self._container.check_at(NARROW, at)
        ranks = self._container.unchecked(NARROW)[at].astype(np.int64)
        if (ranks >= np.repeat(self._sizes[numbers], counts)).any():
            raise self._damaged(NARROW)
        return ranks, counts

    def _damaged(self, name: str) -> DamagedError:
        return DamagedError(f"{self._container.path}: array {name} does not agree with the others")
