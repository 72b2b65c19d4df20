"""Facets: the passages found in; how many stand in each article, section and kind out.

All passages found are counted, whether shown or not. Of the values of a facet the largest are
named; how many there are is always said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.model import KINDS, Facet
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, joined, tallied

MOST_FACETS = 20  # values shown of each facet
PATH_JOINT = " > "  # between the headings of a section path that is passed as one text

Facets = tuple[dict[str, tuple[Facet, ...]], dict[str, int]]


def facets(snapshot: Snapshot, found: Sequence[Array]) -> Facets:
    """The largest values of each facet over the passages found in each part (ascending), and how
    many values it has."""
    some = [(i, ids) for i, ids in enumerate(found) if ids.size]
    named = {
        "article": _articles(snapshot, some),
        "section": _sections(snapshot, some),
        "kind": _kinds(snapshot, some),
    }
    return {n: f for n, (f, _) in named.items()}, {n: size for n, (_, size) in named.items()}


Named = tuple[tuple[Facet, ...], int]  # the largest values, and how many values there are
Some = Sequence[tuple[int, Array]]  # (part, passages)


def _articles(snapshot: Snapshot, some: Some) -> Named:
    """An article stands in one part alone, so that the parts need only be put side by side."""
    if not some:
        return (), 0
    rows = []
    for i, ids in some:
        segment = snapshot.parts[i].segment
        numbers, counts = tallied(segment.article_numbers.take(ids), segment.articles)
        rows.append((np.full(numbers.size, i), numbers, counts, snapshot.article_ranks[i][numbers]))
    parts, numbers, counts, ranks = map(joined, zip(*rows))
    chosen = _largest(counts, ranks)
    made = []
    for i, number, count in zip(*(c[chosen].tolist() for c in (parts, numbers, counts))):
        ref = snapshot.parts[i].segment.article_ref(number)
        made.append(Facet(ref.id, ref.title, count))
    return tuple(made), int(counts.size)


def _sections(snapshot: Snapshot, some: Some) -> Named:
    """Equal paths of two parts are one value."""
    if len(snapshot.parts) == 1:
        segment = snapshot.parts[0].segment
        found = [segment.path_numbers.take(ids) for _, ids in some]
        headings = segment.path_headings
        size = len(segment.paths)
    else:
        shared, homes = snapshot.path_numbers
        size = len(homes)
        found = []
        for i, ids in some:
            numbers = snapshot.parts[i].segment.path_numbers[ids]
            found.append(shared[i][numbers[numbers >= 0]])

        def headings(number: int) -> tuple[str, ...]:
            part, own = homes[number]
            return snapshot.parts[part].segment.path_headings(own)

    if not found:
        return (), 0
    numbers = joined(found)
    if int(numbers.min(initial=0)) < 0:
        numbers = numbers[numbers >= 0]
    numbers, counts = tallied(numbers, size)
    # Of many equal counts not all are spelled out: sections are told in the order of the corpus.
    chosen = _largest(counts, numbers, 4 * MOST_FACETS)
    rows = sorted(
        (-count, PATH_JOINT.join(headings(number)), number)
        for number, count in zip(numbers[chosen].tolist(), counts[chosen].tolist())
    )
    made = [
        Facet(value, " › ".join(headings(number)), -count)
        for count, value, number in rows[:MOST_FACETS]
    ]
    return tuple(made), int(counts.size)


def _kinds(snapshot: Snapshot, some: Some) -> Named:
    totals = np.zeros(len(KINDS), np.int64)
    for i, ids in some:
        kinds = snapshot.parts[i].segment.column("passage.kind")[ids]
        left = kinds.size
        for code in range(len(KINDS)):  # nearly all are paragraphs: mostly one look is enough
            totals[code] += (count := int(np.count_nonzero(kinds == code)))
            left -= count
            if not left:
                break
    made = [Facet(k, k.replace("_", " "), n) for k, n in zip(KINDS, totals.tolist()) if n]
    return tuple(sorted(made, key=_order)), len(made)


def _largest(counts: Array, ranks: Array, most: int = MOST_FACETS) -> Array:
    """Places of the largest counts, in their order; of equals those of the lowest rank.

    There are `MOST_FACETS` of them, and up to `most` where the last ones are equal.
    """
    if counts.size <= MOST_FACETS:
        order: Array = np.lexsort((ranks, -counts))
        return order
    least = np.partition(counts, -MOST_FACETS)[-MOST_FACETS]
    places = (counts >= least).nonzero()[0]
    chosen: Array = places[np.lexsort((ranks[places], -counts[places]))[:most]]
    return chosen


def _order(facet: Facet) -> tuple[int, str]:
    return -facet.count, facet.value
