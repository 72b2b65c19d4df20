"""Postings: the tokens of each stem, and how often each passage holds the commonest stems.

Written from the form id of each token. Read by half-open ranges of form ids; returns token indices,
or passages with frequencies. All forms of a stem are one range of ids, and their tokens are one
ascending list; for a range with only some forms of a stem, that list is read and filtered by the
forms of its tokens.

    forms.low[T] uint16, forms.high[T] uint8   form id of each token, low and high bits: four bytes
                                               would enlarge the index by a sixth of its text
    form_first[F + 1] uint32     number of tokens of all earlier forms
    positions[T] uint32          token indices, stem by stem, ascending within each stem
    frequent.stems[K, B + 3] uint32   a row for each stem in at least one passage in SHARE and at
                                 least LEAST passages: its first form; one past its last; for each
                                 block of 65,536 passages, where its passages begin in the next
                                 array; and where the last ones end
    frequent.held[3 * N] uint8   for each of these stems: low 16 bits of the passages that hold it,
                                 ascending; then its number of tokens in each of them
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

import numpy as np

from indexer.segments.container import Container
from indexer.sorted_arrays import Array, Intervals, counted, expanded

# For a stem in a fifth of 220,000 passages, reading a stored list takes 0.03 ms instead of 0.4: a
# quarter of a search for it. Lists for all stems would enlarge the index by a third of its text.
SHARE = 24
LEAST = 1000  # passages; a stem that fewer passages hold is counted as fast
_MOST = 255  # a stem with more tokens than this in one passage has no stored list
_BITS = np.uint32(16)  # low bits, of a form id and of a passage number


def pack_postings(forms: Array, stem_first: Array) -> dict[str, Array]:
    """All arrays above except the last two.

    `forms` (uint32): form id of each token, every form at least once; `stem_first[s]`: first form
    of stem s, followed by the number of forms.
    """
    sizes = np.diff(stem_first)
    stems = np.repeat(np.arange(sizes.size, dtype=np.uint32), sizes).take(forms)
    # NumPy sorts 16-bit numbers by counting: two such sorts are faster than one of 32-bit numbers.
    order = np.argsort(stems.astype(np.uint16), kind="stable")
    if sizes.size >> 16:
        order = order[np.argsort((stems >> np.uint32(16)).astype(np.uint16)[order], kind="stable")]
    first = np.zeros(int(stem_first[-1]) + 1, np.uint32)
    first[1:] = np.cumsum(np.bincount(forms, minlength=first.size - 1))
    return {
        "forms.low": forms.astype(np.uint16),
        "forms.high": (forms >> _BITS).astype(np.uint8 if first.size < 1 << 24 else np.uint16),
        "form_first": first,
        "positions": order.astype(np.uint32),
    }


def pack_frequent(arrays: Mapping[str, Array], passages: int) -> dict[str, Array]:
    """The last two arrays above, from the other ones, `stem_first` and `unit_tokens`."""
    stem_first = arrays["stem_first"]
    first = arrays["form_first"][stem_first].astype(np.int64)
    least = max(-(-passages // SHARE), LEAST)
    homes = Intervals(arrays["unit_tokens"][: passages + 1])
    blocks = np.append(np.arange(0, passages, 1 << _BITS), passages)
    rows: list[int] = []
    held, size = [np.zeros(0, np.uint8)], 0
    # of fewer passages than that no stem has a list, however often it is there
    common = (np.diff(first) >= least).nonzero()[0].tolist() if passages >= least else []
    for stem in common:
        tokens = arrays["positions"][first[stem] : first[stem + 1]]
        tokens = tokens[: tokens.searchsorted(arrays["unit_tokens"][passages])]
        ids, counts = counted(homes.of(tokens))
        if ids.size >= least and int(counts.max()) <= _MOST:
            rows += stem_first[stem : stem + 2].tolist()
            rows += (ids.searchsorted(blocks) + size).tolist()
            held += [ids.astype(np.uint16).view(np.uint8), counts.astype(np.uint8)]
            size += ids.size
    return {"frequent.stems": np.array(rows, np.uint32), "frequent.held": np.concatenate(held)}


class Postings:
    """Reads these arrays; their blocks are checked when first touched."""

    def __init__(self, container: Container, stem_first: Array) -> None:
        """`stem_first` (int64): first form of each stem, and one past the last form."""
        self.container = container
        content, boilerplate, _ = container.facts["units"]
        self.passages = content + boilerplate
        self.form_first = container["form_first"]
        self.tokens = int(self.form_first[-1])
        self._stem_first = stem_first
        self._stem_edges = stem_first.data  # for Python's own bisection
        blocks = -(-self.passages >> int(_BITS))
        rows = container["frequent.stems"].reshape(-1, blocks + 3).tolist()
        # forms [low, high) of each stem with stored frequencies → its edges in `frequent.held`
        self.frequent = {(low, high): edges for low, high, *edges in rows}

    # --- forms ----------------------------------------------------------------------------------

    def forms_at(self, tokens: Array) -> Array:
        """Form ids of the tokens at these indices (uint32)."""
        high = self.container.take("forms.high", tokens).astype(np.uint32)
        high <<= _BITS
        high |= self.container.take("forms.low", tokens)
        return high

    def are_of(self, tokens: Array, *ranges: tuple[int, int]) -> Array:
        """Which of the tokens at these indices have a form in a few ranges [low, high) (bool)."""
        return in_ranges(self.forms_at(tokens), ranges)

    def forms_between(self, start: int, end: int) -> Array:
        """Form ids of the tokens [start, end) (uint32)."""
        high, low = (self.container.slice(f"forms.{n}", start, end) for n in ("high", "low"))
        return (high.astype(np.uint32) << _BITS) | low

    # --- positions ------------------------------------------------------------------------------

    def whole_stems(self, low: int, high: int) -> tuple[int, int]:
        """Range of the forms of all stems that have a form in [low, high)."""
        first = bisect_right(self._stem_edges, low) - 1
        return self._stem_edges[first], self._stem_edges[bisect_left(self._stem_edges, high, first)]

    def positions(self, low: int, high: int) -> Array:
        """Indices of the tokens with a form in [low, high), in all zones, ascending (uint32)."""
        first = bisect_right(self._stem_edges, low) - 1
        end = bisect_left(self._stem_edges, high, first)
        edges = self._stem_edges[first], self._stem_edges[end]
        begins = int(self.form_first[edges[0]]), int(self.form_first[edges[1]])
        tokens = self.container.slice("positions", *begins)
        if edges != (low, high):
            tokens = tokens.compress(self.are_of(tokens, (low, high)))
        return tokens if end - first == 1 else np.sort(tokens)

    def positions_of_ranges(self, lows: Array, highs: Array) -> Array:
        """Indices of the tokens with a form in a range [lows[i], highs[i]), ascending (uint32).

        The ranges (int64) are disjoint, ascending and non-empty; there may be none.
        """
        if lows.size == 1:
            return self.positions(int(lows[0]), int(highs[0]))
        edges = self._stem_first
        first, end = edges.searchsorted(lows, "right") - 1, edges.searchsorted(highs)
        whole = (edges[first] == lows) & (edges[end] == highs)
        found = self._of_stems(first[whole], end[whole])
        if not whole.all():
            first, end, lows, highs = (each[~whole] for each in (first, end, lows, highs))
            first[1:] = np.maximum(first[1:], end[:-1])  # a stem with several ranges is read once
            tokens = self._of_stems(first, end)
            tokens = tokens.compress(within(self.forms_at(tokens), lows, highs))
            found = np.concatenate((found, tokens))
        return np.sort(found)

    def _of_stems(self, first: Array, end: Array) -> Array:
        """Token indices of the stems in the ranges [first[i], end[i]), stem by stem (uint32)."""
        edges = self._stem_first
        begins = self.form_first[edges[first]].astype(np.int64)
        sizes = self.form_first[edges[end]] - begins
        return self.container.take("positions", expanded(begins, sizes))

    # --- frequencies ----------------------------------------------------------------------------

    def frequency(self, lows: Array, highs: Array) -> int:
        """Number of tokens, in all zones, with a form in the ranges [lows[i], highs[i])."""
        first = self.form_first
        return int((first[highs].astype(np.int64) - first[lows]).sum())

    def stored_frequencies(self, low: int, high: int) -> tuple[Array, Array] | None:
        """Passages that hold the forms [low, high), ascending (int64), and the number of their
        tokens in each (uint8); None if these forms are no stem with stored frequencies."""
        edges = self.frequent.get((low, high))
        if edges is None:
            return None
        first, *inner, end = edges
        size = end - first
        held = self.container.slice("frequent.held", 3 * first, 3 * end)
        ids = held[: 2 * size].view(np.uint16).astype(np.int64)
        for begin in inner:
            ids[begin - first :] += 1 << int(_BITS)
        return ids, held[2 * size :]


def in_ranges(forms: Array, ranges: Iterable[tuple[int, int]]) -> Array:
    """Which of these form ids are in one of a few ranges [low, high) (bool)."""
    found = np.zeros(forms.size, bool)
    for low, high in ranges:
        found |= (forms >= low) & (forms < high)
    return found


def within(forms: Array, lows: Array, highs: Array) -> Array:
    """Which of these form ids are in one of the ranges [lows[i], highs[i]) (bool).

    The ranges are disjoint and ascending; there is at least one.
    """
    at = lows.searchsorted(forms.astype(lows.dtype), "right") - 1
    found: Array = (at >= 0) & (forms < highs[at])
    return found
