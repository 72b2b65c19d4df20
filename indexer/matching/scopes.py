"""Scopes: where in a segment a leaf is looked for. An element in; its token indices there out.

A scope is a range of token indices, or some units (passages, headings, titles). It holds whole
units only, so that whatever it finds is what a look at everything would have found there.
"""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np

from indexer.arrays import Array, Segment
from indexer.matching.elements import Element
from indexer.matching.sets import EMPTY, changes

FEW = 8  # below one unit in so many tokens, the units are sought among the tokens
SMALL = 4096  # tokens of a scope that is not worth being narrowed


class Scope(Protocol):
    """Where to look."""

    def tokens(self, element: Element) -> Array:
        """Token indices of an element in this scope, ascending (int64)."""

    def around(self, starts: Array) -> Scope:
        """The part of this scope that the units of these tokens (ascending) make up."""


class Zone:
    """All tokens of [start, end)."""

    def __init__(self, segment: Segment, start: int, end: int) -> None:
        self._segment, self._start, self._end = segment, start, end

    def tokens(self, element: Element) -> Array:
        """See `Scope`."""
        return element.tokens(self._segment, self._start, self._end)

    def around(self, starts: Array) -> Scope:
        """See `Scope`."""
        return Units(self._segment, units_of(self._segment, starts))


class Units:
    """Some units, by their numbers (ascending, each once)."""

    def __init__(self, segment: Segment, units: Array) -> None:
        self._segment, self._units = segment, units
        self._firsts = segment.unit_tokens[units].astype(np.int64)
        self._sizes = segment.unit_tokens[units + 1] - self._firsts
        self._whole = int(self._sizes.sum())  # tokens

    def tokens(self, element: Element) -> Array:
        """See `Scope`. Whichever are fewer are looked through: the scope's or the element's."""
        if not self._whole:
            return EMPTY
        if self._whole < element.frequency(self._segment):
            indices, forms = self._every
            found: Array = indices[element.contains(forms)]
            return found
        return self._inside(element.tokens(self._segment, 0, self._segment.tokens))

    def around(self, starts: Array) -> Scope:
        """See `Scope`."""
        if self._whole <= SMALL:
            return self
        return Units(self._segment, units_of(self._segment, starts))

    @cached_property
    def _every(self) -> tuple[Array, Array]:
        """All tokens of the scope, and the form of each."""
        indices = expanded(self._firsts, self._sizes)
        return indices, self._segment.forms_at(indices)

    def _inside(self, tokens: Array) -> Array:
        """Those of these tokens (ascending) that stand in the scope."""
        segment, units = self._segment, self._units
        if units.size * FEW < tokens.size or int(units[-1]) >= segment.passages:
            low = tokens.searchsorted(self._firsts)
            high = tokens.searchsorted(self._firsts + self._sizes)
            found: Array = tokens[expanded(low, high - low)]
            return found
        tokens = tokens[: tokens.searchsorted(segment.heads_start)]
        chosen = np.zeros(segment.passages, bool)
        chosen[units] = True
        kept: Array = tokens[chosen[segment.passage_of(tokens)]]
        return kept


def units_of(segment: Segment, tokens: Array) -> Array:
    """Distinct units in which these tokens (ascending) stand."""
    split = tokens.searchsorted(segment.heads_start)
    passages = segment.passage_of(tokens[:split])
    heads = segment.head_of(tokens[split:]) + segment.passages
    units = np.concatenate((passages, heads)) if heads.size else passages
    distinct: Array = units[changes(units)]
    return distinct


def expanded(firsts: Array, sizes: Array) -> Array:
    """The numbers of the ranges that begin at `firsts` and have these sizes, in their order."""
    ends = sizes.cumsum()
    total = int(ends[-1]) if ends.size else 0
    return np.repeat(firsts - (ends - sizes), sizes) + np.arange(total)
