"""Words in order with gaps between them: "a b c"~n.

In: the words of a phrase, a scope. Out: its occurrences. All arrays are int64 token indices of one
segment, ascending. Nothing crosses a block's end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.search.places import Places
from indexer.search.positions import Scope
from indexer.search.spans import PROXIMITY, Found, Marks, contiguous, nothing
from indexer.search.term import Element
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array


def ordered(segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope) -> Found:
    """Places where each word follows the one before by at most `slop` positions.

    A word is one element, or several that follow each other without a gap (25mg). Every word that
    takes part in some such chain is marked. An occurrence is the chain of a word that takes part
    with its nearest partners; equal chains are one.
    """
    chains, rest = _chained(segment, words, slop, scope)
    if not chains.size:
        return nothing()

    def rows() -> tuple[Array, Marks]:
        owners = np.repeat(np.arange(len(chains)), len(rest))
        ends = (chains + (np.array(rest) + 1)).ravel()
        codes = np.full(chains.size, PROXIMITY, np.uint8)
        return owners, Marks(chains.ravel(), ends, codes, owners)

    return Found.of(chains[:, 0], chains[:, -1] + rest[-1] + 1, rows)


def _chained(
    segment: Segment, words: Sequence[Sequence[Element]], slop: int, scope: Scope
) -> tuple[Array, list[int]]:
    """The chains of `ordered`, a row each, and the tokens of each word after its first."""
    rest = [len(word) - 1 for word in words]
    none = np.zeros((0, len(words)), np.int64)
    if not all(min(e.frequency(segment) for e in word) for word in words):
        return none, rest
    reach = [_places(segment, contiguous(segment, words[0], scope))]
    for i, word in enumerate(words[1:]):
        here = contiguous(segment, word, scope)
        before, gap = _nearest_before(segment, here, reach[-1], rest[i])
        reach.append(_places(segment, here.compress((before >= 0) & (gap <= slop))))
        if not reach[-1].tokens.size:
            return none, rest
    for i in range(len(words) - 2, -1, -1):
        here = reach[i].tokens
        after, gap = _nearest_after(segment, here + rest[i], reach[i + 1])
        reach[i] = _places(segment, here.compress((after >= 0) & (gap <= slop)))
    chains = np.concatenate([_chains(segment, reach, rest, i) for i in range(len(reach))])
    return chains, rest


def _chains(segment: Segment, reach: list[Places], rest: list[int], place: int) -> Array:
    """For each word of `reach[place]` its chain: one row, the first token of each word."""
    columns = {place: reach[place].tokens}
    for i in range(place + 1, len(reach)):
        at, _ = _nearest_after(segment, columns[i - 1] + rest[i - 1], reach[i])
        columns[i] = reach[i].tokens[at]
    for i in range(place - 1, -1, -1):
        at, _ = _nearest_before(segment, columns[i + 1], reach[i], rest[i])
        columns[i] = reach[i].tokens[at]
    return np.stack([columns[i] for i in range(len(reach))], axis=1)


def _places(segment: Segment, tokens: Array) -> Places:
    return Places(tokens, segment.tokens)


def _nearest_before(
    segment: Segment, here: Array, others: Places, rest: int
) -> tuple[Array, Array]:
    """For each token the index in `others` of the last word before it in its block (else -1), and
    how far away that ends; a word has `rest` tokens after its first."""
    if not others.tokens.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = others.below(np.maximum(here - rest, 0) if rest else here) - 1
    near = others.tokens[np.maximum(at, 0)] + rest
    at = np.where((at >= 0) & one_block(segment, near, here), at, -1)
    return at, here - near


def _nearest_after(segment: Segment, here: Array, others: Places) -> tuple[Array, Array]:
    """For each token the index in `others` of the first one after it in its block (else -1)."""
    if not others.tokens.size:
        return np.full(here.size, -1), np.zeros(here.size, np.int64)
    at = others.upto(here)
    near = others.tokens[np.minimum(at, others.tokens.size - 1)]
    at = np.where((at < others.tokens.size) & one_block(segment, here, near), at, -1)
    return at, near - here


def one_block(segment: Segment, first: Array, last: Array) -> Array:
    """Whether two tokens stand in one block (bool)."""
    same: Array = segment.block_of(first) == segment.block_of(last)
    return same
