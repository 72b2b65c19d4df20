"""Occurrences of leaves in one segment: of one, or of several together.

In: what is sought, as ranges of form ids, and a scope. Out: `Found`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from indexer.search.positions import Scope, close, contiguous, near, ordered
from indexer.search.spans import Found, united
from indexer.search.term import CODE, Any, Located, Pair, Variant, Words, merged, most
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array


def find(located: Located, segment: Segment, scope: Scope) -> Found:
    """Occurrences of something in the scope, in order, each span once."""
    if isinstance(located, Words):
        return united([_of_variant(located, one, segment, scope) for one in located.variants])
    if isinstance(located, Any):
        return find_any([(part, scope) for part in located.parts], segment)
    return _pairs(located, segment, scope)


def _of_variant(words: Words, variant: Variant, segment: Segment, scope: Scope) -> Found:
    if words.is_loose(variant):
        return ordered(segment, variant.words, words.slop, scope)
    starts = contiguous(segment, variant.elements, scope)
    return Found.plain(
        starts, len(variant.elements), partial(_codes, segment, words, variant, starts)
    )


def _codes(segment: Segment, words: Words, variant: Variant, starts: Array) -> Array:
    """Reason code of each match: of its word; of a run, phrase or the least exact of its words."""
    if len(variant.elements) > 1 and words.phrase:
        return np.full(starts.size, CODE["phrase"], np.uint8)
    codes = np.zeros(starts.size, np.uint8)
    for i, element in enumerate(variant.elements):
        codes = np.maximum(codes, element.reasons(segment.forms_at(starts + i)))
    return codes


def _pairs(pair: Pair, segment: Segment, scope: Scope) -> Found:
    """The pairs of two sides. Of two words, only the tokens that are close are looked at."""
    left, right = pair.left, pair.right
    words = [side.word for side in (left, right) if isinstance(side, Words) and side.word]
    if len(words) == 2 and pair.distance is not None:
        tokens = [scope.tokens(word) for word in words]
        chosen = close(tokens[0], tokens[1], pair.distance)
        one, other = (
            Found.tokens(segment, word, some[at]) for word, some, at in zip(words, tokens, chosen)
        )
        return near(segment, one, other, pair.distance)
    first, second = sorted((left, right), key=lambda side: most(side, segment))
    found = find(first, segment, scope)
    if not found.starts.size:
        return found
    return near(segment, found, find(second, segment, scope), pair.distance)


def find_any(sought: Iterable[tuple[Located, Scope]], segment: Segment) -> Found:
    """Occurrences of several, each in its scope, in order, each span once.

    The single tokens that are sought in one scope are one element, the union of their ranges: a
    thousand words joined by OR have millions of occurrences, and no lists need be merged.
    """
    singles: dict[int, tuple[Scope, list[Variant]]] = {}  # by identity of the scope
    found = []
    for located, scope in sought:
        if isinstance(located, Words):
            alone = [one for one in located.variants if len(one.elements) == 1]
            if alone:
                singles.setdefault(id(scope), (scope, []))[1].extend(alone)
            longer = [one for one in located.variants if len(one.elements) > 1]
            found += [_of_variant(located, one, segment, scope) for one in longer]
        else:
            found.append(find(located, segment, scope))
    for scope, variants in singles.values():
        element = merged([one.elements[0] for one in variants])
        found.append(Found.tokens(segment, element, scope.tokens(element)))
    return united(found)
