"""Where the matches of a query stand in an article: the ticks of a barcode.

In: a matched query and its matches, articles by part and number. Out: a `Spread` per article,
counted over the marks that its passages show; a passage found by a heading alone counts as one
match, at its start. Reads no passage's text: an article may have ten thousand passages. Refuses
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from indexer.model import Spread, Tick
from indexer.search.boolean import PartMatches
from indexer.search.matcher import Matcher
from indexer.segments.segment import Segment
from indexer.sorted_arrays import Array, distinct, isin, member

Home = tuple[int, int]  # part of the snapshot, number of the article in it


def spread(
    found: Sequence[tuple[Matcher, Sequence[PartMatches]]], homes: Sequence[Home], most: int
) -> dict[Home, Spread]:
    """The spread of each article; its ticks are at least 1/`most` of its length apart.

    `found`: matchers of one snapshot, each with its matches by part; no passage may be in the
    matches of two.
    """
    snapshot = found[0][0].snapshot
    made: dict[Home, Spread] = {}
    for part in sorted({part for part, _ in homes}):
        segment = snapshot.parts[part].segment
        numbers = np.array(sorted({number for p, number in homes if p == part}), np.int64)
        places = []
        for matcher, matches in found:
            ids = matches[part].ids
            ids = ids[isin(segment.article_numbers[ids], numbers)]
            by_heading = member(ids, matcher.by_headings(part).ids)
            tokens, above = _marks(matcher, part, ids[~by_heading]), ids[by_heading]
            of_tokens = segment.unit_of(tokens)
            passages = np.concatenate((of_tokens, above))
            starts = segment.column("passage.start")[passages].astype(np.int64)
            starts[: tokens.size] += segment.starts_at(tokens)
            places.append((passages, starts))
        passages, starts = map(np.concatenate, zip(*places))
        articles = segment.column("passage.article")[passages]
        for number in numbers.tolist():
            mine = np.flatnonzero(articles == number)
            mine = mine[np.argsort(starts[mine], kind="stable")]
            made[part, number] = _measure(segment, number, passages[mine], starts[mine], most)
    return made


def _marks(matcher: Matcher, part: int, ids: Array) -> Array:
    """First token of each mark in these passages; marks that overlap count as one (int64)."""
    marked = [found for _, found in matcher.occurrences(part, ids)]
    if not marked:
        return np.zeros(0, np.int64)
    starts = np.concatenate([found.marks.starts for found in marked]).astype(np.int64)
    ends = np.concatenate([found.marks.ends for found in marked]).astype(np.int64)
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    alone = np.ones(starts.size, bool)
    alone[1:] = starts[1:] >= ends[:-1]
    return starts[alone]


def _measure(segment: Segment, number: int, passages: Array, starts: Array, most: int) -> Spread:
    every = segment.article_passages(number)
    length = int(segment.column("passage.end")[every].max(initial=0))
    step = max(math.ceil(length / most), 1)
    starts = starts.astype(np.int64)  # the same dtype as the values searched for in them
    ticks: list[Tick] = []
    at = 0
    while at < starts.size:
        first = int(starts[at])
        after = int(np.searchsorted(starts, first + step))
        ticks.append(_tick(segment, int(passages[at]), first, after - at))
        at = after
    return Spread(
        length=length,
        passages=every.size,
        matching=int(distinct(passages).size),
        matches=int(starts.size),
        ticks=tuple(ticks),
    )


def _tick(segment: Segment, passage: int, start: int, count: int) -> Tick:
    section = segment.path(int(segment.column("passage.heading")[passage]))
    return Tick(
        start=start,
        count=count,
        passage=f"{int(segment.column('passage.id')[passage]):016x}",
        anchor=segment.anchor(passage),
        ordinal=int(segment.column("passage.ordinal")[passage]),
        heading=section[-1] if section else "",
    )
