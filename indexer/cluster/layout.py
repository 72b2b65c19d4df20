"""Layouts: the parts of an article that matter to a passage, kept with the passage in the cluster.

In: a run of whole articles. Out: for each passage an *excerpt*, as plain JSON: the passage itself,
the headings and the title that count for it, and the positions of all these in their article.
Excerpts of any passages make a segment in memory, over which the unchanged matcher and scorer give
the same results for those passages as over the whole index. Refuses nothing.

Passages in excerpts keep their numbers from the whole article's content. Each heading is first
above some passage; if no excerpt has that one, a stand-in without text, not live, takes its place.
Excerpts hold no boilerplate: queries that ask for it are judged on whole articles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from indexer.cluster.engine import Json
from indexer.model import KINDS
from indexer.segments.builder import segment_arrays
from indexer.segments.container import Container
from indexer.segments.inverter import Inverter
from indexer.segments.runs import (
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    Run,
    merge,
    to_offsets,
)
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Part, Snapshot
from indexer.sorted_arrays import Array, changes, distinct, expanded

_HEAD = ("first", "last", "stand_in", "parent", "level")  # `HEAD_COLUMNS` that an excerpt has
TOLD = "\t\t"  # the empty `passage.told`
STAND_IN = [0, -1, KINDS.index("paragraph"), 0, 0, 0, TOLD, ""]  # a passage without text

# Rows of passages and heads, with the places of passages and the numbers of heads in their article;
# `heads`: how many heads count for a passage; `tokens`: how many tokens the text has.
PASSAGE_ROW = np.dtype(
    [
        ("place", "<u4"),
        *((name, "<u8" if name == "id" else "<i4") for name in PASSAGE_COLUMNS),
        ("heads", "<u4"),
        ("tokens", "<u4"),
    ]
)
HEAD_ROW = np.dtype([(name, "<i4") for name in ("number", *_HEAD, "tokens")])


@dataclass
class Layout:
    """Some passages, and the heads that count for each."""

    rows: Array  # PASSAGE_ROW
    heads: Array  # HEAD_ROW, grouped by row
    texts: list[list[str]]  # ARTICLE_TEXTS of each row
    told: list[str]  # `passage.told` of each
    headings: list[str]  # the text of each head
    # columns of units (rows, then heads), tokens and bytes, as in a run; the index of each unit's
    # first token; the forms that `token.form` numbers
    columns: dict[str, Array]
    starts: Array
    forms: list[str]


class ArticleRows:
    """One article: the table rows of its run as plain values."""

    def __init__(self, run: Run) -> None:
        """`run`: the run of this article alone."""
        self.texts = [run.texts[f"article.{name}"][0] for name in ARTICLE_TEXTS]
        self.contents = int(run.counts["passage"][0])
        raw = run.columns["byte.text"].tobytes()
        ends = to_offsets(run.columns["unit.bytes"]).tolist()
        units = [raw[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(ends)]
        columns = [run.columns[f"passage.{name}"].tolist() for name in PASSAGE_COLUMNS]
        # content, then boilerplate; each row is PASSAGE_COLUMNS, told, text
        self.passages = [*map(list, zip(*columns, run.texts["passage.told"], units))]
        columns = [run.columns[f"head.{name}"].tolist() for name in _HEAD]
        self.heads = [*map(list, zip(units[len(self.passages) :], *columns))]  # rows: text, _HEAD

    def heads_up_from(self, heading: int) -> list[int]:
        """A heading and those above it, innermost first; empty for -1."""
        found = []
        while heading >= 0:
            found.append(heading)
            heading = self.heads[heading][4]
        return found

    @cached_property
    def standing(self) -> dict[int, list[int]]:
        """Passage → the headings without content that it stands in for."""
        found: dict[int, list[int]] = {}
        for number, (_, first, last, stand_in, _, level) in enumerate(self.heads):
            if level and first == last and stand_in >= 0:
                found.setdefault(stand_in, []).append(number)
        return found

    def excerpt(self, place: int) -> tuple[Json, dict[str, list[int]]]:
        """The excerpt of a content passage, and field name → the heads that the field joins."""
        passage = self.passages[place]
        own = self.heads_up_from(passage[1])
        empty = self.standing.get(place, [])
        outer = {
            head
            for number in empty
            for head in self.heads_up_from(self.heads[number][4])
            if head not in own and self.heads[head][1] < self.heads[head][2]
        }
        inner = {head for number in empty for head in self.heads_up_from(number)}
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
    """Named arrays in memory, without a file."""

    def __init__(self, arrays: dict[str, Array], facts: dict[str, object]) -> None:
        self.facts, self.path = facts, Path("memory")
        self._arrays = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
        self.to_check = dict.fromkeys(arrays)

    def check_size(self) -> None:
        """Checks nothing: there is no file that could be cut off."""


class MemorySegment(Segment):
    """The segment of some layouts."""

    def passages_below(self, heads: Array) -> Array:
        """How many passages of content are below each of these heads in its article (int64)."""
        return self.container["head.below"][heads]


@dataclass(frozen=True)
class MemoryPart(Part):
    """A segment in memory; stand-ins for absent passages are not live."""

    present: Array  # bool, of passages

    @cached_property
    def live(self) -> Array | None:
        """Which passages are live (bool)."""
        return None if self.present.all() else self.present


def snapshot_of(excerpts: Iterable[Json], inverter: Inverter | None = None) -> Snapshot:
    """A snapshot of the passages of excerpts. `inverter`: one to reuse from earlier excerpts."""
    listed = [*excerpts]
    passages = [row for one in listed for row in one["passages"]]
    heads = [row for one in listed for row in one["heads"]]
    texts = [one["article"] for one in listed]
    spoken = [article[3].split(" ")[0] for article in texts]
    inner, own = zip(*(_breaks_and_language(row[-2]) for row in passages)) if passages else ((), ())
    languages = [one or article for one, article in zip(own, spoken)]
    languages += [article for one, article in zip(listed, spoken) for _ in one["heads"]]
    headings = [head[1] for head in heads]
    units = [*(row[-1] for row in passages), *headings]
    breaks = [*inner, *(() for _ in heads)]
    columns, forms = (inverter or Inverter()).scanned(units, breaks, languages)
    rows = [(*row[:-2], len(one["heads"]), 0) for row, one in zip(passages, listed)]
    table = [(number, *row, 0) for number, _, *row in heads]
    starts = to_offsets(columns["unit.tokens"])[:-1]
    told = [row[-2] for row in passages]
    made = np.array(rows, PASSAGE_ROW), np.array(table, HEAD_ROW)
    return snapshot_of_layout(Layout(*made, texts, told, headings, columns, starts, forms))


def _moved(wanted: Array, base: Array, keys: Array) -> Array:
    """Article-wide places or numbers, renumbered among the `keys` of a layout; -1 stays."""
    found: Array = keys.searchsorted(base + wanted) - keys.searchsorted(base)
    return np.where(wanted < 0, -1, found)


def snapshot_of_layout(layout: Layout) -> Snapshot:
    """A snapshot of the passages of a layout."""
    rows, texts = layout.rows, layout.texts
    articles = {article[0]: article for article in texts}
    names = sorted(articles)
    numbers = {name: number for number, name in enumerate(names)}
    # The key of a passage or head: its article from bit 32 on, below that its place or number.
    own = np.array([numbers[name] << 32 for name, *_ in texts], np.int64)
    of = np.repeat(own, rows["heads"])
    keys = of + layout.heads["number"]
    order = np.argsort(keys, kind="stable")
    once = order[changes(keys[order])]  # most count for several passages
    keys, heads, base = keys[once], layout.heads[once], of[once]
    leading = (base + heads["first"])[heads["first"] < heads["last"]]
    standing = (base + heads["stand_in"])[heads["stand_in"] >= 0]
    places = distinct(np.concatenate((own + rows["place"], leading, standing)))
    here = places.searchsorted(own + rows["place"])
    present = np.zeros(places.size, bool)
    present[here] = True

    columns = {}
    for (name, dtype), none in zip(PASSAGE_COLUMNS.items(), STAND_IN):
        values = _moved(rows[name], own, keys) if name == "heading" else rows[name]
        columns[f"passage.{name}"] = np.full(places.size, none, dtype)
        columns[f"passage.{name}"][here] = values
    among = {"first": places, "last": places, "stand_in": places, "parent": keys}
    moved = {name: _moved(heads[name], base, some) for name, some in among.items()}
    moved["level"] = heads["level"]
    for name, dtype in HEAD_COLUMNS.items():
        columns[f"head.{name}"] = moved.get(name, np.zeros(heads.size)).astype(dtype)
    units = np.full(places.size + heads.size, -1)  # each one's unit; -1 for a stand-in
    units[here], units[places.size :] = np.arange(rows.size), rows.size + once
    for group, starts in (("token", layout.starts), ("byte", None)):
        sizes = layout.columns[f"unit.{group}s"]
        starts = to_offsets(sizes)[:-1] if starts is None else starts
        columns[f"unit.{group}s"] = sizes = np.where(units < 0, 0, sizes.take(units))
        at = expanded(starts.take(units), sizes)
        some = [name for name in layout.columns if name.startswith(f"{group}.")]
        columns |= {name: layout.columns[name].take(at) for name in some}

    told = [*layout.told, TOLD]
    lines = {
        f"article.{column}": [articles[name][n] for name in names]
        for n, column in enumerate(ARTICLE_TEXTS)
    }
    lines["passage.told"] = [told[unit] for unit in units[: places.size].tolist()]
    parents = np.where(heads["parent"] < 0, -1, keys.searchsorted(base + heads["parent"]))
    paths: list[str] = []
    for number, level, parent in zip(once.tolist(), heads["level"].tolist(), parents.tolist()):
        above, heading = paths[parent] if parent >= 0 else "", layout.headings[number]
        paths.append((f"{above}\n{heading}" if above else heading) if level else "")
    lines["head.path"] = paths
    counts = [np.bincount(some >> 32, minlength=len(names)) for some in (places, keys)]
    none = np.zeros(len(names), np.int64)  # there is no boilerplate
    rows_of = {"passage": np.concatenate((counts[0], none)), "head": counts[1]}
    run = Run(rows_of, columns, lines, layout.forms)
    run.count_rest()
    arrays, facts = segment_arrays(merge([run], names))
    arrays["head.below"] = (heads["last"] - heads["first"]).astype(np.int64)
    return Snapshot(0, [MemoryPart(MemorySegment(MemoryContainer(arrays, facts)), (), present)])


def _breaks_and_language(told: str) -> tuple[tuple[int, ...], str]:
    """Offsets where a passage's further blocks begin; its language, if not the article's."""
    numbers, _, language = told.split("\t", 2)[1].partition(":")
    return tuple(map(int, numbers.split()[2:])), language
