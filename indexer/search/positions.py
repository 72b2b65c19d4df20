"""Scopes: where in a segment a leaf is looked for. An element in; its token indices there out.

A scope is a range of token indices, or some units (passages, headings, titles). It holds whole
units only, so that whatever it finds is what a look at everything would have found there. What has
to stand near something else is looked for in windows, which are wide enough for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from indexer.search.term import NONE, Element
from indexer.segments.segment import Segment
from indexer.sorted_arrays import EMPTY, Array, changes, expanded

FEW = 8  # below one unit in so many tokens, the units are sought among the tokens
GATHERED = 3  # tokens of a word that are looked through as soon as one of a window
MOST = 8  # from one in so many on, tokens are chosen by looking at each
SMALL = 4096  # tokens of a scope that is not worth being narrowed


class Scope(Protocol):
    """Where to look."""

    def tokens(self, element: Element) -> Array:
        """Token indices of an element in this scope, ascending (int64)."""

    def around(self, starts: Array) -> Scope:
        """The part of this scope that the units of these tokens (ascending) make up."""

    def near(self, starts: Array, ends: Array, distance: int) -> Scope:
        """A part of this scope that has all its tokens at most `distance` before these spans, or
        behind them."""


class Zone:
    """All tokens of [start, end)."""

    def __init__(self, segment: Segment, start: int, end: int) -> None:
        self._segment, self._start, self._end = segment, start, end

    def tokens(self, element: Element) -> Array:
        """See `Scope`."""
        return element.tokens(self._segment, self._start, self._end)

    def narrow_tokens(self, element: Element) -> Array:
        """`tokens` in as few bits as may be."""
        return element.narrow_tokens(self._segment, self._start, self._end)

    def around(self, starts: Array) -> Scope:
        """See `Scope`."""
        return Units(self._segment, units_of(self._segment, starts))

    def near(self, starts: Array, ends: Array, distance: int) -> Scope:
        """See `Scope`."""
        return Windows(self._segment, self, (starts, ends), distance)

    def clip(self, edges: Array) -> Array:
        """These token indices, moved to the edge of this zone if they are outside."""
        return np.clip(edges, self._start, self._end)


class Windows:
    """The tokens near some spans; windows that overlap share theirs."""

    def __init__(self, segment: Segment, zone: Zone, spans: tuple[Array, Array], reach: int):
        """`spans`: first token of each, ascending, and one past its last."""
        self._segment, self._zone, self._starts = segment, zone, spans[0]
        self._firsts, ends = zone.clip(spans[0] - reach), zone.clip(spans[1] + reach)
        if ends.size:
            np.maximum(self._firsts[1:], np.maximum.accumulate(ends[:-1]), out=self._firsts[1:])
        self._sizes = np.maximum(ends - self._firsts, 0)
        self._whole = int(self._sizes.sum())  # tokens

    def tokens(self, element: Element) -> Array:
        """See `Scope`. Of a word that is about as rare as the windows, all tokens are as few to
        look through, and a unit tells sooner than a window whether it has one."""
        if self._whole * GATHERED < element.frequency(self._segment):
            indices, forms = self._every
            found: Array = indices.compress(element.contains(forms))
            return found
        return self._units.tokens(element)

    def around(self, starts: Array) -> Scope:
        """See `Scope`."""
        return self._units.around(starts)

    def near(self, starts: Array, ends: Array, distance: int) -> Scope:
        """See `Scope`."""
        return self._units.near(starts, ends, distance)

    @cached_property
    def _every(self) -> tuple[Array, Array]:
        """All tokens of the windows, and the form of each."""
        indices = expanded(self._firsts, self._sizes)
        return indices, self._segment.forms_at(indices)

    @cached_property
    def _units(self) -> Scope:
        """The units of the spans: more than the windows, but found at once."""
        return self._zone.around(self._starts)


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

    def reasons(self, elements: Sequence[Element]) -> tuple[Array, Array]:
        """Tokens that any of the elements matches, ascending, and the reason code that the first
        of these gives each (uint8)."""
        indices, forms = self._every
        codes = np.full(forms.size, NONE, np.uint8)
        for element in reversed(elements):
            at = element.contains(forms).nonzero()[0]
            codes[at] = element.reasons(forms[at])
        matched = (codes != NONE).nonzero()[0]
        return indices[matched], codes[matched]

    def around(self, starts: Array) -> Scope:
        """See `Scope`."""
        if self._whole <= SMALL:
            return self
        return Units(self._segment, units_of(self._segment, starts))

    def near(self, starts: Array, ends: Array, distance: int) -> Scope:
        """See `Scope`."""
        return self.around(starts)

    @cached_property
    def _every(self) -> tuple[Array, Array]:
        """All tokens of the scope, and the form of each."""
        indices = expanded(self._firsts, self._sizes)
        return indices, self._segment.forms_at(indices)

    def _inside(self, tokens: Array) -> Array:
        """Those of these tokens (ascending) that stand in the scope."""
        segment, (firsts, ends) = self._segment, self._runs
        if firsts.size * FEW < tokens.size or int(self._units[-1]) >= segment.passages:
            return inside(tokens, firsts, ends)
        tokens = tokens[: tokens.searchsorted(segment.heads_start)]
        chosen = np.zeros(segment.passages, bool)
        chosen[self._units] = True
        kept: Array = tokens[chosen[segment.passage_of(tokens)]]
        return kept

    @cached_property
    def _runs(self) -> tuple[Array, Array]:
        """First token of each run of units that follow each other, and one past its last."""
        breaks = (np.diff(self._units) > 1).nonzero()[0]
        firsts = self._firsts[np.concatenate(([0], breaks + 1))]
        lasts = np.concatenate((breaks, [self._units.size - 1]))
        return firsts, self._firsts[lasts] + self._sizes[lasts]


def inside(tokens: Array, firsts: Array, ends: Array) -> Array:
    """Those of these tokens (ascending) that stand in the ranges, which are apart."""
    low, high = tokens.searchsorted(firsts), tokens.searchsorted(ends)
    if low.size == 1:
        return tokens[int(low[0]) : int(high[0])]
    sizes = high - low
    if int(sizes.sum()) * MOST < tokens.size:
        return tokens[expanded(low, sizes)]
    # Of most of them it is faster to say which are left out.
    some = sizes.nonzero()[0]
    steps = np.zeros(tokens.size + 1, np.int8)
    steps[low[some]] = 1
    steps[high[some]] -= 1
    kept: Array = tokens.compress(steps[:-1].cumsum(dtype=np.int8).view(bool))
    return kept


def between(tokens: Array, firsts: Array, ends: Array) -> Array:
    """Places of those of these tokens (ascending) that stand in the ranges, which are apart."""
    low, high = tokens.searchsorted(firsts), tokens.searchsorted(ends)
    return expanded(low, high - low)


def units_of(segment: Segment, tokens: Array) -> Array:
    """Distinct units in which these tokens (ascending) stand."""
    split = tokens.searchsorted(segment.heads_start)
    passages = segment.passage_of(tokens[:split])
    heads = segment.head_of(tokens[split:]) + segment.passages
    units = np.concatenate((passages, heads)) if heads.size else passages
    distinct: Array = units[changes(units)]
    return distinct
