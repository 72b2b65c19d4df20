"""Facets: how many of the matching passages stand in each article, section and kind.

In: the matches, all of which are counted, whether shown or not. Out: the largest values of each
facet, and the number of its values. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import attrgetter

import numpy as np

from indexer.model import KINDS, Facet
from indexer.search.boolean import PartMatches
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, least_of_best

MOST_FACETS = 20  # values shown of each facet
_JOINT = " > "  # between the headings of a section path written as one text
_ESCAPED = re.compile(r"\\([\\>])")


def path_value(path: str) -> str:
    """A section path (one heading per line) as one line: joined by " > ", with > and \\ in headings
    escaped."""
    return path.replace("\\", "\\\\").replace(">", "\\>").replace("\n", _JOINT)


def path_of(value: str) -> tuple[str, ...]:
    """The headings of a section path written as one text; inverse of `path_value`."""
    return tuple(_ESCAPED.sub(r"\1", heading) for heading in value.split(_JOINT))


Facets = tuple[dict[str, tuple[Facet, ...]], dict[str, int]]
Named = tuple[tuple[Facet, ...], int]  # the largest values, and how many values there are


def facets(snapshot: Snapshot, found: Sequence[PartMatches]) -> Facets:
    """The largest values of each facet over the matches of all parts, and how many it has."""
    columns, homes = snapshot.facets
    keys = np.concatenate(
        [column.take(ids) for column, a in zip(columns, found) for ids in (a.text, a.beside)]
    )
    articles = _articles(snapshot, keys >> 36)
    sections = _sections(snapshot, (keys >> 8) & 0xFFFFFFF, homes)
    kinds = _kinds(keys.astype(np.uint8))
    return (
        {"article": articles[0], "section": sections[0], "kind": kinds[0]},
        {"article": articles[1], "section": sections[1], "kind": kinds[1]},
    )


def _articles(snapshot: Snapshot, ranks: Array) -> Named:
    counts, made = np.bincount(ranks), []
    for rank, count in _largest(counts):
        part, number = snapshot.ranked[rank]
        ref = snapshot.parts[part].segment.article_ref(number)
        made.append(Facet(ref.id, ref.title, count))
    return tuple(made), int(np.count_nonzero(counts))


def _sections(snapshot: Snapshot, numbers: Array, homes: Sequence[tuple[int, int]]) -> Named:
    """Equal paths in two parts are one value."""
    counts, rows = np.bincount(numbers), []
    counts[:1] = 0  # of no section
    # Where many counts are equal not all paths are read: ties go by the order of the corpus.
    for number, count in _largest(counts, 4 * MOST_FACETS):
        part, own = homes[number]
        path = snapshot.parts[part].segment.paths[own]
        rows.append((-count, path_value(path), path))
    rows.sort()
    rows = rows[:MOST_FACETS]
    made = [Facet(value, path.replace("\n", " › "), -count) for count, value, path in rows]
    return tuple(made), int(np.count_nonzero(counts))


def _kinds(codes: Array) -> Named:
    totals, left = [0] * len(KINDS), codes.size
    for code in range(len(KINDS)):  # nearly all are paragraphs: mostly one pass is enough
        if left:
            totals[code] = int(np.count_nonzero(codes == code))
            left -= totals[code]
    made = [Facet(k, k.replace("_", " "), n) for k, n in sorted(zip(KINDS, totals)) if n]
    made.sort(key=attrgetter("count"), reverse=True)  # ties stay sorted by name
    return tuple(made), len(made)


def _largest(counts: Array, most: int = MOST_FACETS) -> Iterator[tuple[int, int]]:
    """Number and count of those counted most often, in this order; ties go by number.

    Returns `MOST_FACETS` of them, and up to `most` if the last ones are equal.
    """
    chosen = (counts >= max(least_of_best(counts, MOST_FACETS), 1)).nonzero()[0]
    chosen = chosen[np.argsort(-counts[chosen], kind="stable")[:most]]
    if chosen.size > MOST_FACETS:
        chosen = chosen.compress(counts[chosen] >= counts[chosen[MOST_FACETS - 1]])
    return zip(chosen.tolist(), counts[chosen].tolist())
