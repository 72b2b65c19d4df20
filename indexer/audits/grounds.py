"""The ground of an audit: the places that are counted over, and the words of each.

In: a snapshot. Out: a `Ground`, which knows for each passage its place (an article, or a section of
one) and where its first word stands among all words. Only live content counts, and boilerplate
where a term asks for it; headings and titles are in no denominator. Refuses an unknown division and
articles that there are not (`UsageError`, `NotFound`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from indexer.errors import NotFound, UsageError
from indexer.model import ArticleRef
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

By = Literal["article", "section"]
_LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """An article, or a section of one: the passages right below a heading, not those deeper."""

    article: ArticleRef
    section: tuple[str, ...]  # headings from the top down; () for an article, or above the first
    words: int  # in the text of its passages
    passages: int


@dataclass(frozen=True)
class Ground:
    """What an audit counts over."""

    by: By
    places: tuple[Place, ...]  # in corpus order
    sizes: Array  # int64, words of each place
    owners: tuple[Array, ...]  # int64, for each part: the place of each passage, -1 for none
    firsts: tuple[Array, ...]  # int64, for each part: words before each passage in corpus order
    inner: tuple[Array, ...]  # the same within the passage's place
    openings: tuple[Array, ...]  # int64, for each part: the first place of each article, or -1
    words: int
    passages: int
    articles: int

    def positions(self, part: int, segment: Segment, passages: Array, tokens: Array) -> Array:
        """Where these tokens of these passages stand among all words (int64, from 0)."""
        before = self.firsts[part][passages]
        inside = tokens - segment.unit_tokens[passages]
        return np.asarray(before + inside, np.int64)

    def of_heads(self, part: int, segment: Segment, heads: Array) -> Array:
        """The places that these headings and titles count in (int64, -1 for none).

        That of the first content passage below it; where there is none, of the article's next, else
        its last; where the article has none at all, the article's only place.
        """
        first, last = (segment.column(f"head.{name}")[heads] for name in ("first", "last"))
        below = np.where(first < last, first, segment.column("head.stand_in")[heads])
        places = self.openings[part][segment.column("head.article")[heads]]
        some = np.flatnonzero(below >= 0)
        places[some] = self.owners[part][below[some]]
        return places


@dataclass(frozen=True)
class _Rows:
    """The passages that are counted over, in corpus order, as columns."""

    parts: Array
    numbers: Array  # of the passage in its part
    ranks: Array  # of its article among those chosen
    paths: Array  # number of its section path in its part, -1 for none
    words: Array


def ground(
    snapshot: Snapshot,
    by: By,
    articles: Sequence[str] | None = None,
    *,
    boilerplate: bool = False,
) -> Ground:
    """The ground of all articles, or of those named."""
    if by not in ("article", "section"):
        raise UsageError(f"by {by!r}: use article or section")
    homes = _homes(snapshot, articles)
    zones = [p.segment.passages if boilerplate else p.segment.contents for p in snapshot.parts]
    ranks = _ranks(snapshot, homes)
    rows = _rows(snapshot, ranks, zones)
    if by == "article":
        owners, sections = rows.ranks, [(rank, -1) for rank in range(len(homes))]
    else:
        owners, sections = _sections(rows, len(homes))
    firsts = np.searchsorted([rank for rank, _ in sections], np.arange(len(homes)))
    sizes = np.bincount(owners, rows.words, len(sections)).astype(np.int64)
    passages = np.bincount(owners, minlength=len(sections))
    before = np.cumsum(rows.words) - rows.words
    order = np.argsort(owners, kind="stable")
    inner = np.empty_like(before)
    inner[order] = np.cumsum(rows.words[order]) - rows.words[order]
    inner -= (np.cumsum(sizes) - sizes)[owners]
    return Ground(
        by=by,
        places=_places(snapshot, homes, sections, sizes, passages),
        sizes=sizes,
        owners=_by_part(rows, owners, zones, -1),
        firsts=_by_part(rows, before, zones, 0),
        inner=_by_part(rows, inner, zones, 0),
        openings=tuple(np.where(of >= 0, firsts[of], -1) for of in ranks),
        words=int(sizes.sum()),
        passages=int(passages.sum()),
        articles=len(homes),
    )


def _homes(snapshot: Snapshot, articles: Sequence[str] | None) -> list[tuple[int, int]]:
    """Part and number of the articles chosen, in order of their ids."""
    if articles is None:
        return list(snapshot.homes.values())
    for name in articles:
        if name not in snapshot.homes:
            raise NotFound(f"no article has the id {name!r}")
    return [snapshot.homes[name] for name in sorted(set(articles))]


def _ranks(snapshot: Snapshot, homes: Sequence[tuple[int, int]]) -> list[Array]:
    """For each part the rank of each article among those chosen, -1 for the others (int64)."""
    ranks = [np.full(part.segment.articles, -1, np.int64) for part in snapshot.parts]
    for rank, (part, number) in enumerate(homes):
        ranks[part][number] = rank
    return ranks


def _rows(snapshot: Snapshot, ranks: Sequence[Array], zones: Sequence[int]) -> _Rows:
    columns: list[list[Array]] = []
    for i, (holder, size) in enumerate(zip(snapshot.parts, zones)):
        segment = holder.segment
        of = ranks[i][segment.article_numbers[:size]]
        numbers = np.flatnonzero(of >= 0)
        starts = segment.column("passage.start")[numbers].astype(np.int64)
        paths, words = segment.path_numbers[numbers], segment.words[numbers]
        columns.append([np.full(numbers.size, i), numbers, of[numbers], paths, words, starts])
    parts, numbers, of, paths, words, starts = map(np.concatenate, zip(*columns))
    rows = (parts, numbers, of, paths, words)
    places = (of << 32) | starts
    if (places[1:] > places[:-1]).all():  # as in an index that was made at once
        return _Rows(*rows)
    order = np.argsort(places)
    return _Rows(*(column[order] for column in rows))


def _sections(rows: _Rows, articles: int) -> tuple[Array, list[tuple[int, int]]]:
    """The section of each row, numbered in corpus order; article and path of each section.

    An article without content has a place too: that above its first heading.
    """
    keys = (rows.ranks << 32) | (rows.paths + 1)
    distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    numbers = np.empty(order.size, np.int64)
    numbers[order] = np.arange(order.size)
    distinct = distinct[order]
    ranks, paths = distinct >> 32, (distinct & _LOW) - 1
    bare = np.setdiff1d(np.arange(articles), ranks)
    if bare.size:
        before = np.searchsorted(bare, ranks)  # places of articles without content that come first
        numbers += before[numbers]
        at = np.searchsorted(ranks, bare)
        ranks, paths = np.insert(ranks, at, bare), np.insert(paths, at, -1)
    return numbers[inverse], list(zip(ranks.tolist(), paths.tolist()))


def _places(
    snapshot: Snapshot,
    homes: Sequence[tuple[int, int]],
    sections: Sequence[tuple[int, int]],
    sizes: Array,
    passages: Array,
) -> tuple[Place, ...]:
    paths: dict[tuple[int, int], tuple[str, ...]] = {}
    places = []
    for (rank, path), words, count in zip(sections, sizes.tolist(), passages.tolist()):
        part, number = homes[rank]
        segment = snapshot.parts[part].segment
        headings = paths.get((part, path))
        if headings is None:
            headings = tuple(segment.paths[path].split("\n")) if path >= 0 else ()
            paths[part, path] = headings
        places.append(Place(segment.article_ref(number), headings, words, count))
    return tuple(places)


def _by_part(rows: _Rows, values: Array, zones: Sequence[int], other: int) -> tuple[Array, ...]:
    """A value for each passage of each part; `other` for those that are not counted over."""
    made = []
    for i, size in enumerate(zones):
        mine = rows.parts == i
        column = np.full(size, other, np.int64)
        column[rows.numbers[mine]] = values[mine]
        made.append(column)
    return tuple(made)
