"""Occurrences of leaves in one segment: of one, or of several together.

In: what is sought, as ranges of form ids, and a scope. Out: `Found`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from indexer.search.positions import Scope, contiguous, near, ordered
from indexer.search.spans import Found, runs, united
from indexer.search.term import CODE, Any, Element, Located, Variant, Words, merged
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array


def find(located: Located, segment: Segment, scope: Scope) -> Found:
    """Occurrences of something in the scope, in order, each span once."""
    if isinstance(located, Words):
        return united([_of_variant(located, one, segment, scope) for one in located.variants])
    if isinstance(located, Any):
        return find_any([(part, scope) for part in located.parts], segment)
    found = find(located.left, segment, scope)
    if not found.starts.size:
        return found
    return near(segment, found, find(located.right, segment, scope), located.distance)


def _of_variant(words: Words, variant: Variant, segment: Segment, scope: Scope) -> Found:
    if words.is_loose(variant):
        return ordered(segment, variant.words, words.slop, scope)
    size = len(variant.elements)
    starts = contiguous(segment, variant.elements, scope)

    def codes(starts: Array) -> Array:
        """Of its word; of a run, phrase or the least exact of its words."""
        if size > 1 and words.phrase:
            return np.full(starts.size, CODE["phrase"], np.uint8)
        each = [e.reasons(segment.forms_at(starts + i)) for i, e in enumerate(variant.elements)]
        found: Array = np.max(each, axis=0)
        return found

    return runs(starts, size, codes)


def find_any(sought: Iterable[tuple[Located, Scope]], segment: Segment) -> Found:
    """Occurrences of several, each in its scope, in order, each span once.

    The single tokens that are sought in one scope are one element, the union of their ranges: a
    thousand words joined by OR have millions of occurrences, and no lists need be merged.
    """
    singles: dict[int, tuple[Scope, list[Element]]] = {}  # by identity of the scope
    found = []
    for located, scope in sought:
        if not isinstance(located, Words):
            found.append(find(located, segment, scope))
            continue
        for variant in located.variants:
            if len(variant.elements) > 1:
                found.append(_of_variant(located, variant, segment, scope))
            else:
                singles.setdefault(id(scope), (scope, []))[1].extend(variant.elements)
    for scope, elements in singles.values():
        element = merged(elements)
        found.append(_of_variant(Words(()), Variant((element,), (0,)), segment, scope))
    return united(found)
