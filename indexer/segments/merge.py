"""Runs put in order: the articles of several runs in, one run of those that are chosen out.

Runs are made in the order in which articles come, by several processes; a segment has them in
order of their ids. What comes out depends on the articles and their order alone, not on which run
each was in; only the numbers of forms stay those of their makers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np

from indexer.segments.tables import ARTICLE_TEXTS, ZONES, Run, ZoneRun, to_offsets
from indexer.sorted_arrays import Array

Place = tuple[int, int]  # number of a run, and of an article in it
_Item = TypeVar("_Item")


def gather(runs: Sequence[Run], makers: list[int], order: list[Place]) -> Run:
    """The articles at `order`, of `runs` of which each was made by the maker given."""
    if makers == [0] and order == [(0, n) for n in range(len(runs[0].articles))]:
        return runs[0]
    stretches = list(_stretches(order))
    zones = {
        name: _zone([run.zones[name] for run in runs], makers, _units(runs, stretches, number))
        for number, name in enumerate(ZONES)
    }
    return _Tables.of(runs, order).run(zones)


def _stretches(order: Sequence[Place]) -> Iterator[tuple[int, int, int]]:
    """(run, first article, one past the last) of the articles that stand together in a run too."""
    begun: tuple[int, int, int] | None = None
    for run, article in order:
        if begun is not None and begun[0] == run and begun[2] == article:
            begun = (run, begun[1], article + 1)
            continue
        if begun is not None:
            yield begun
        begun = (run, article, article + 1)
    if begun is not None:
        yield begun


# --- zones -------------------------------------------------------------------------------------


def _units(
    runs: Sequence[Run], stretches: Sequence[tuple[int, int, int]], zone: int
) -> Iterator[tuple[int, int, int]]:
    """(run, first unit, one past the last) of each stretch in one zone."""
    edges = [_edges(run, zone).tolist() for run in runs]
    for run, first, last in stretches:
        yield run, edges[run][first], edges[run][last]


def _edges(run: Run, zone: int) -> Array:
    """Units of one zone before each article of a run, and after the last."""
    column = (0, 2, 4)[zone]  # where the article's first unit stands
    return np.append(run.articles[:, column], run.zones[ZONES[zone]].units)


def _zone(
    parts: Sequence[ZoneRun], makers: Sequence[int], chosen: Iterable[tuple[int, int, int]]
) -> ZoneRun:
    """The chosen units of one zone."""
    cutters = [list(_cutters(part)) for part in parts]
    out = ZoneRun()
    for run, first, last in chosen:
        out.units += last - first
        for cutter in cutters[run]:
            low, high = max(first, cutter.first), min(last, cutter.last)
            if low < high:
                cutter.cut(out, makers[run], low - cutter.first, high - cutter.first)
    return out


@dataclass
class _Cutter:
    """A chunk that is to be cut."""

    part: ZoneRun
    number: int  # of the chunk in it
    first: int  # unit of the zone
    last: int
    tokens: list[int]  # before each of its units
    bytes: list[int]

    def cut(self, out: ZoneRun, maker: int, low: int, high: int) -> None:
        """Adds units [low, high) of the chunk to `out`."""
        part, number = self.part, self.number
        first, last = self.tokens[low], self.tokens[high]
        out.languages.append(part.languages[number])
        out.makers.append(maker)
        out.ids.append(part.ids[number][first:last])
        out.starts.append(part.starts[number][first:last])
        out.sizes.append(part.sizes[number][low:high])
        out.blocks.append(_within(part.blocks[number], first, last))
        out.sentences.append(_within(part.sentences[number], first, last))
        out.raw.append(part.raw[number][self.bytes[low] : self.bytes[high]])
        out.raw_sizes.append(part.raw_sizes[number][low:high])


def _cutters(part: ZoneRun) -> Iterator[_Cutter]:
    first = 0
    for number, (sizes, raw_sizes) in enumerate(zip(part.sizes, part.raw_sizes)):
        last = first + sizes.size
        tokens, inside = to_offsets(sizes).tolist(), to_offsets(raw_sizes).tolist()
        yield _Cutter(part, number, first, last, tokens, inside)
        first = last


def _within(marks: Array, first: int, last: int) -> Array:
    """The token indices in [first, last), from there on."""
    low, high = marks.searchsorted((first, last))
    return marks[low:high] - first


# --- tables ------------------------------------------------------------------------------------


@dataclass
class _Group:
    """Rows of which each article has some, one article after another."""

    firsts: Array  # of each chosen article, where its rows begin in all runs together
    before: Array  # the same within its own run
    counts: Array

    @classmethod
    def of(cls, edges: Sequence[Array], order: Array) -> _Group:
        """`edges`: for each run, rows before each article and after the last."""
        bases = to_offsets(np.array([each[-1] for each in edges], np.int64))
        starts = to_offsets(np.array([each.size - 1 for each in edges], np.int64))
        flat = starts[order[:, 0]] + order[:, 1]  # number of the article in all runs together
        before = np.concatenate([each[:-1] for each in edges])[flat]
        counts = np.concatenate([np.diff(each) for each in edges])[flat]
        return cls(before + bases[order[:, 0]], before, counts)

    @property
    def offsets(self) -> Array:
        """Rows of the chosen articles before each, and after the last."""
        return to_offsets(self.counts)

    @property
    def articles(self) -> Array:
        """Number of the article of each row."""
        return np.repeat(np.arange(self.counts.size), self.counts)

    @property
    def rows(self) -> Array:
        """Where each row stands in all runs together."""
        return ranges(self.firsts, self.counts)

    def moved(self, rows: Array, articles: Array) -> Array:
        """Row numbers of a run, each of the article given, as row numbers of what comes out."""
        shift = (self.offsets[:-1] - self.before)[articles]
        return np.where(rows < 0, rows, rows + shift)  # -1: none


@dataclass
class _Tables:
    """Where the rows of the chosen articles are."""

    runs: Sequence[Run]
    order: Sequence[Place]
    units: dict[str, _Group]  # by zone
    sections: _Group

    @classmethod
    def of(cls, runs: Sequence[Run], order: Sequence[Place]) -> _Tables:
        """Looks for the articles of `order`."""
        places = np.array(order, np.int64).reshape(-1, 2)
        units = {
            name: _Group.of([_edges(run, number) for run in runs], places)
            for number, name in enumerate(ZONES)
        }
        sections = [
            to_offsets(np.bincount(run.sections[:, 0], minlength=len(run.articles))) for run in runs
        ]
        return cls(runs, order, units, _Group.of(sections, places))

    def run(self, zones: dict[str, ZoneRun]) -> Run:
        """All tables, beside what the zones hold."""
        passages = ("content", "boilerplate")
        breaks = {zone: self._breaks(zone) for zone in passages}
        return Run(
            zones=zones,
            texts={
                name: [self.runs[run].texts[name][n] for run, n in self.order]
                for name in ARTICLE_TEXTS
            },
            articles=self._articles(),
            passages={zone: self._passages(zone) for zone in passages},
            anchors={zone: self._anchors(zone) for zone in passages},
            break_sizes={zone: sizes for zone, (sizes, _) in breaks.items()},
            breaks={zone: inside for zone, (_, inside) in breaks.items()},
            heads=self._heads(),
            sections=self._sections(),
            paths=_picked([run.paths for run in self.runs], self.sections.rows),
        )

    def _articles(self) -> Array:
        content, boilerplate, heads = (self.units[zone].offsets for zone in ZONES)
        edges = (content[:-1], content[1:], boilerplate[:-1], boilerplate[1:], heads[:-1])
        return np.stack(edges, axis=1)

    def _passages(self, zone: str) -> dict[str, Array]:
        group = self.units[zone]
        rows, articles = group.rows, group.articles
        columns = {
            name: np.concatenate([run.passages[zone][name] for run in self.runs])[rows]
            for name in self.runs[0].passages[zone]
        }
        moved = {
            "article": articles,
            "section": self.sections.moved(columns["section"], articles),
        }
        for name, column in moved.items():
            columns[name] = column.astype(columns[name].dtype)
        return columns

    def _anchors(self, zone: str) -> list[str]:
        return _picked([run.anchors[zone] for run in self.runs], self.units[zone].rows)

    def _breaks(self, zone: str) -> tuple[Array, Array]:
        """How many breaks each passage has, and where they are."""
        every = np.concatenate([run.break_sizes[zone] for run in self.runs])
        rows = self.units[zone].rows
        inside = np.concatenate([run.breaks[zone] for run in self.runs])
        return every[rows], inside[ranges(to_offsets(every)[rows], every[rows])]

    def _heads(self) -> Array:
        group, articles = self.units["heads"], self.units["heads"].articles
        heads = np.concatenate([run.heads for run in self.runs])[group.rows]
        for zone, columns in (("content", (1, 2)), ("boilerplate", (3, 4))):
            for column in columns:
                heads[:, column] = self.units[zone].moved(heads[:, column], articles)
        heads[:, 0] = articles
        return heads

    def _sections(self) -> Array:
        group = self.sections
        sections = np.concatenate([run.sections for run in self.runs])[group.rows]
        articles = group.articles
        parents = group.moved(sections[:, 1], articles)
        heads = self.units["heads"].moved(sections[:, 2], articles)
        return np.stack((articles, parents, heads), axis=1)


def _picked(lists: Sequence[Sequence[_Item]], rows: Array) -> list[_Item]:
    """The items at `rows` of all lists together."""
    every = list(chain.from_iterable(lists))
    return [every[row] for row in rows.tolist()]


def ranges(starts: Array, sizes: Array) -> Array:
    """All integers of the ranges that begin at `starts`, one range after the other (int64)."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(int(sizes.sum()))
