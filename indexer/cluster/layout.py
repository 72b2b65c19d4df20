"""Layouts: what of an article matters to some of its passages, kept with these in the cluster.

In: a run of whole articles. Out: for each passage an *excerpt*, as plain JSON: the passage itself,
the headings and the title that count for it, and where all of these stand in their article.
Excerpts of any passages make a segment in memory, over which the unchanged matcher and scorer work:
what they say of those passages is what they would say in the whole index.

Passages of an excerpt number as the content of the whole article does. A heading is first above
some passage; where that is in no excerpt, one without text stands in its place, and is not live.
Boilerplate is in no excerpt: what asks for it is judged on whole articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from indexer.model import KINDS
from indexer.segments.builder import assemble
from indexer.segments.container import Container
from indexer.segments.inverter import Inverter
from indexer.segments.merge import merge
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.segments.tables import ARTICLE_TEXTS, HEAD_COLUMNS, PASSAGE_COLUMNS, Run, to_offsets
from indexer.sorted_arrays import Array

Json = dict[str, Any]
_HEAD = ("first", "last", "stand_in", "parent", "level")  # of `HEAD_COLUMNS`, as an excerpt has it
Unit = tuple[int, int]  # number of a layout; in it the place of a passage, or ~number of a head


@dataclass
class Layout:
    """Some passages of one article and the heads that count for them."""

    texts: list[str]  # ARTICLE_TEXTS
    # by place: as in a view; by number: the same; of a sketch, by place and ~number
    passages: dict[int, list[Any]] = field(default_factory=dict)
    heads: dict[int, list[Any]] = field(default_factory=dict)
    codes: dict[int, bytes] = field(default_factory=dict)

    def add(self, excerpt: Json) -> None:
        """Takes in an excerpt of the same article."""
        self.passages |= {place: row for place, *row in excerpt["passages"]}
        self.heads |= {number: row for number, *row in excerpt["heads"]}


# Columns of units, tokens and bytes of some units of layouts, and the forms that they name.
TokensOf = Callable[[Sequence[Layout], Sequence[Unit]], tuple[dict[str, Array], list[str]]]


class ArticleView:
    """One article: rows of the tables of its run as plain values."""

    def __init__(self, run: Run) -> None:
        """`run`: of this article alone."""
        self.texts = [run.texts[f"article.{name}"][0] for name in ARTICLE_TEXTS]
        self.contents = int(run.counts["passage"][0])
        raw = run.columns["byte.text"].tobytes()
        ends = to_offsets(run.columns["unit.bytes"]).tolist()
        units = [raw[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(ends)]
        columns = [run.columns[f"passage.{name}"].tolist() for name in PASSAGE_COLUMNS]
        # of content, then of boilerplate: PASSAGE_COLUMNS, told, text
        self.passages = [*map(list, zip(*columns, run.texts["passage.told"], units))]
        columns = [run.columns[f"head.{name}"].tolist() for name in _HEAD]
        self.heads = [*map(list, zip(units[len(self.passages) :], *columns))]  # text, _HEAD

    def chain(self, heading: int) -> list[int]:
        """A heading and those above it, from the innermost up; none for -1."""
        found = []
        while heading >= 0:
            found.append(heading)
            heading = self.heads[heading][4]
        return found

    @cached_property
    def standing(self) -> dict[int, list[int]]:
        """The empty headings that each passage stands for."""
        found: dict[int, list[int]] = {}
        for number, (_, first, last, stand_in, _, level) in enumerate(self.heads):
            if level and first == last and stand_in >= 0:
                found.setdefault(stand_in, []).append(number)
        return found

    def excerpt(self, place: int) -> tuple[Json, dict[str, list[int]]]:
        """The excerpt of a passage of content, and the heads that each field of it is made of."""
        passage = self.passages[place]
        own = self.chain(passage[1])
        empty = self.standing.get(place, [])
        outer = {
            head
            for number in empty
            for head in self.chain(self.heads[number][4])
            if head not in own and self.heads[head][1] < self.heads[head][2]
        }
        inner = {head for number in empty for head in self.chain(number)}
        first = [head for head in (0, *own) if self.heads[head][1] == place]
        first = [head for head in first if self.heads[head][2] > place] + empty
        wanted = sorted({0, *own, *inner})
        told = {"section": own[::-1], "first": first, "outer": sorted(outer)}
        told["above"] = [0, *own[::-1], *empty]
        told["led"] = told["above"] if first else []
        heads = [[number, *self.heads[number]] for number in wanted]
        return {"article": self.texts, "passages": [[place, *passage]], "heads": heads}, told


# --- segments in memory -------------------------------------------------------------------------


class MemoryContainer(Container):
    """Named arrays that no file holds."""

    def __init__(self, arrays: dict[str, Array], facts: dict[str, object]) -> None:
        self.facts, self.path = facts, Path("memory")
        self._arrays = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
        self.to_check = dict.fromkeys(arrays)

    def check_size(self) -> None:
        """There is no file that could be cut off."""


class MemorySegment(Segment):
    """The segment of some layouts."""

    def passages_below(self, heads: Array) -> Array:
        """How many passages of content are below each of these heads in its article (int64)."""
        return self.container["head.below"][heads]


@dataclass(frozen=True)
class MemoryPart(Part):
    """A segment in memory; what only stands in for another passage is not live."""

    present: Array  # bool, of passages

    @cached_property
    def live(self) -> Array | None:
        """Which passages are live (bool)."""
        return None if self.present.all() else self.present


def snapshot_of(excerpts: Iterable[Json], inverter: Inverter | None = None) -> Snapshot:
    """A snapshot of the passages of these excerpts. `inverter`: one that has seen others."""
    layouts: dict[str, Layout] = {}
    for one in excerpts:
        name = one["article"][0]
        if name not in layouts:
            layouts[name] = Layout(one["article"])
        layouts[name].add(one)
    return snapshot_of_layouts(layouts, partial(_scanned, inverter or Inverter()))


def snapshot_of_layouts(layouts: Mapping[str, Layout], tokens_of: TokensOf) -> Snapshot:
    """A snapshot of layouts by article id; their tokens are told by `tokens_of`."""
    ordered = [layouts[name] for name in sorted(layouts)]
    run, present = _run(ordered, tokens_of)
    below = [one.heads[n][2] - one.heads[n][1] for one in ordered for n in sorted(one.heads)]
    arrays, facts = assemble(merge([run], sorted(layouts)))
    arrays["head.below"] = np.array(below, np.int64)
    return Snapshot(0, [MemoryPart(MemorySegment(MemoryContainer(arrays, facts)), (), present)])


def _scanned(
    inverter: Inverter, layouts: Sequence[Layout], units: Sequence[Unit]
) -> tuple[dict[str, Array], list[str]]:
    """Columns of units, tokens and bytes of the texts of layouts, and the forms that they name."""
    texts: list[str] = []
    breaks: list[tuple[int, ...]] = []
    languages: list[str] = []
    spoken = [one.texts[3].split(" ")[0] for one in layouts]
    for number, at in units:
        if at < 0:
            told, text = TOLD, layouts[number].heads[~at][0]
        else:
            told, text = layouts[number].passages.get(at, _STAND_IN)[-2:]
        inner, own = _told(told)
        texts.append(text)
        breaks.append(inner)
        languages.append(own or spoken[number])
    return inverter.scanned(texts, breaks, languages)


TOLD = "\t\t"  # of a passage of which nothing is told
_STAND_IN = [0, -1, KINDS.index("paragraph"), 0, 0, 0, TOLD, ""]  # a passage without text


def _run(layouts: Sequence[Layout], tokens_of: TokensOf) -> tuple[Run, Array]:
    """The run of some layouts; which of its passages are not stand-ins."""
    texts: dict[str, list[str]] = {f"article.{name}": [] for name in ARTICLE_TEXTS}
    texts |= {"head.path": [], "passage.told": []}
    passages: list[list[Any]] = []
    heads: list[list[int]] = []
    units: list[Unit] = []
    head_units: list[Unit] = []
    counts: dict[str, list[int]] = {"passage": [], "head": []}
    present: list[bool] = []
    for at, one in enumerate(layouts):
        for name, value in zip(ARTICLE_TEXTS, one.texts, strict=True):
            texts[f"article.{name}"].append(value)
        numbers = sorted(one.heads)
        at_head = {number: place for place, number in enumerate(numbers)}
        places = set(one.passages)
        for _, first, last, stand_in, _, _ in one.heads.values():
            places |= {first} if first < last else set()
            places |= {stand_in} if stand_in >= 0 else set()
        ordered = np.array(sorted(places), np.int64)
        paths: dict[int, str] = {-1: ""}
        for number in numbers:
            text, first, last, stand_in, parent, level = one.heads[number]
            above = paths[parent]
            paths[number] = (f"{above}\n{text}" if above else text) if level else ""
            texts["head.path"].append(paths[number])
            head_units.append((at, ~number))
            low, high, stood = ordered.searchsorted([first, last, max(stand_in, 0)]).tolist()
            stood = stood if stand_in >= 0 else -1
            heads.append([low, high, 0, 0, stood, at_head.get(parent, -1), level])
        for place in ordered.tolist():
            present.append(place in one.passages)
            row = [*one.passages.get(place, _STAND_IN)]
            row[1] = at_head.get(row[1], -1)
            passages.append(row)
            units.append((at, place))
        counts["passage"].append(ordered.size)
        counts["head"].append(len(numbers))
    columns = dict(zip(PASSAGE_COLUMNS, zip(*(row[:-2] for row in passages))))
    made = {
        f"passage.{name}": np.array(columns.get(name, ()), dtype)
        for name, dtype in PASSAGE_COLUMNS.items()
    }
    table = np.array(heads, np.int64).reshape(-1, len(HEAD_COLUMNS))
    for (name, dtype), column in zip(HEAD_COLUMNS.items(), table.T):
        made[f"head.{name}"] = column.astype(dtype)
    texts["passage.told"] = [row[-2] for row in passages]
    tokens, forms = tokens_of(layouts, units + head_units)
    none = np.zeros(len(layouts), np.int64)
    run = Run(
        {
            "passage": np.concatenate((np.array(counts["passage"], np.int64), none)),
            "head": np.array(counts["head"], np.int64),
        },
        made | tokens,
        texts,
        forms,
    )
    run.count_rest()
    return run, np.array(present, bool)


def _told(told: str) -> tuple[tuple[int, ...], str]:
    """Offsets at which further blocks begin in a passage; its language, if not the article's."""
    numbers, _, language = told.split("\t", 2)[1].partition(":")
    return tuple(map(int, numbers.split()[2:])), language
