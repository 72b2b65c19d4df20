"""Articles in, runs out: their tokens, forms and tables, as arrays that begin at nought.

An inverter may be asked for what it has made as often as you like; its words keep their numbers
from run to run. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

import numpy as np

from indexer.model import KINDS, Kind
from indexer.segments.tables import (
    ARTICLE_COLUMNS,
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    SECTION_COLUMNS,
    ZONES,
    Run,
    Words,
)
from indexer.segments.zones import Scanners, Zone
from indexer.sorted_arrays import Array
from indexer.store.codec import More, Rows
from indexer.text.folding import fold
from indexer.text.stemming import stem

_Item = TypeVar("_Item")

_ID_DIGITS = 16  # of a passage's id, hexadecimal
_KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}


@dataclass
class _Passages:
    """Columns of the passages of one zone."""

    ids: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)  # passages of each article
    sections: list[int] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    more: dict[int, More] = field(default_factory=dict)  # of those that have any


@dataclass
class _Tables:
    """Rows of articles, passages, sections and headings."""

    texts: dict[str, list[str]] = field(default_factory=lambda: {k: [] for k in ARTICLE_TEXTS})
    articles: list[tuple[int, ...]] = field(default_factory=list)
    passages: dict[str, _Passages] = field(
        default_factory=lambda: {"content": _Passages(), "boilerplate": _Passages()}
    )
    heads: list[list[int]] = field(default_factory=list)
    sections: list[tuple[int, int, int]] = field(default_factory=list)
    paths: list[tuple[str, ...]] = field(default_factory=list)


@dataclass
class _Told:
    """Of the forms that earlier runs told of, by their numbers."""

    folds: list[str] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)


class Inverter:
    """Collects articles and turns them into runs."""

    def __init__(self) -> None:
        self._scanners = Scanners()
        self._zones = {name: Zone(self._scanners) for name in ZONES}
        self._tables = _Tables()
        self._told: dict[str, _Told] = {}  # by language

    def add(self, rows: Rows, version: str) -> None:
        """Add one article."""
        tables, zones = self._tables, self._zones
        number = len(tables.articles)
        first, first_boilerplate = zones["content"].run.units, zones["boilerplate"].run.units
        for name, value in zip(
            ARTICLE_TEXTS, (rows.id, version, rows.url, rows.language, rows.title)
        ):
            tables.texts[name].append(value)
        title = len(tables.heads)
        tables.heads.append([number, first, 0, first_boilerplate, 0, 1])
        sections, headings = self._walk(rows, number, [first, first_boilerplate])
        zones["heads"].add([rows.title, *headings], rows.language, {})
        self._passages(rows, sections)
        last, last_boilerplate = zones["content"].run.units, zones["boilerplate"].run.units
        tables.heads[title][2:5:2] = last, last_boilerplate
        tables.articles.append((first, last, first_boilerplate, last_boilerplate, title))

    def _walk(self, rows: Rows, number: int, units: list[int]) -> tuple[list[int], list[str]]:
        """The section of each passage (-1: none) and the headings, met in order of the text.

        `units`: the units of content and of boilerplate that come next.
        """
        homes: list[int] = []
        texts: list[str] = []
        open_sections: list[int] = []  # numbers of the sections open here, from the top down
        headings = iter(rows.headings)
        coming = next(headings, None)

        def open_section(start: int, end: int, depth: int) -> None:
            self._close(open_sections, depth, units)
            # A heading may go over several lines; sections name it on one.
            texts.append(" ".join(rows.text[start:end].split()))
            self._open(open_sections, texts[-1], number, units)

        for start, depth, kind in zip(rows.starts, rows.depths, rows.kinds):
            while coming is not None and coming[0] < start:
                open_section(*coming)
                coming = next(headings, None)
            if kind == "boilerplate":
                homes.append(-1)
                units[1] += 1
                continue
            if len(open_sections) > depth:  # notes at the end belong to no section
                self._close(open_sections, depth, units)
            homes.append(open_sections[depth - 1] if 0 < depth <= len(open_sections) else -1)
            units[0] += 1
        while coming is not None:
            open_section(*coming)
            coming = next(headings, None)
        self._close(open_sections, 0, units)
        return homes, texts

    def _open(
        self, open_sections: list[int], heading: str, number: int, units: Sequence[int]
    ) -> None:
        """Begin the section of `heading` below those that it stands in."""
        tables = self._tables
        parent = open_sections[-1] if open_sections else -1
        open_sections.append(len(tables.sections))
        tables.sections.append((number, parent, len(tables.heads)))
        content, boilerplate = units
        tables.heads.append([number, content, -1, boilerplate, -1, 0])
        above = tables.paths[parent] if parent >= 0 else ()
        tables.paths.append((*above, heading))

    def _close(self, open_sections: list[int], depth: int, units: Sequence[int]) -> None:
        """Close the sections deeper than `depth`: their heads end at the next passage."""
        while len(open_sections) > depth:
            head = self._tables.sections[open_sections.pop()][2]
            self._tables.heads[head][2:5:2] = units

    def _passages(self, rows: Rows, sections: Sequence[int]) -> None:
        """Queue the texts of the passages, zone by zone, and note their columns."""
        kinds = rows.kinds
        apart = [n for n, kind in enumerate(kinds) if kind == "boilerplate"]
        if not apart:
            self._passages_of("content", rows, sections, range(len(kinds)))
            self._tables.passages["boilerplate"].counts.append(0)
            return
        content = [n for n, kind in enumerate(kinds) if kind != "boilerplate"]
        self._passages_of("content", rows, sections, content)
        self._passages_of("boilerplate", rows, sections, apart)

    def _passages_of(
        self, zone: str, rows: Rows, sections: Sequence[int], chosen: Sequence[int]
    ) -> None:
        """Those passages of one zone."""
        columns, text = self._tables.passages[zone], rows.text
        every = len(chosen) == len(rows.kinds)

        def of(column: Sequence[_Item]) -> Iterable[_Item]:
            return column if every else [column[n] for n in chosen]

        before = len(columns.ids)
        columns.counts.append(len(chosen))
        columns.ids += of(rows.ids)
        columns.sections += of(sections)
        columns.kinds += of(rows.kinds)
        columns.ordinals += of(rows.ordinals)
        columns.starts += of(rows.starts)
        columns.ends += of(rows.ends)
        columns.anchors += of(rows.anchors)
        breaks: dict[int, tuple[int, ...]] = {}
        if rows.more:
            for place, n in enumerate(chosen):
                if (more := rows.more.get(n)) is not None:
                    columns.more[before + place] = more
                    breaks[place] = more.breaks
        bounds = zip(columns.starts[before:], columns.ends[before:])
        self._zones[zone].add([text[a:b] for a, b in bounds], rows.language, breaks)

    def take(self) -> tuple[Run, Words]:
        """What was added since the last time; and the words met since, which go on from those
        that earlier runs told of."""
        zones = {name: zone.take() for name, zone in self._zones.items()}
        t, self._tables = self._tables, _Tables()
        breaks = {
            zone: {n: more.breaks for n, more in columns.more.items()}
            for zone, columns in t.passages.items()
        }
        run = Run(
            zones=zones,
            texts=t.texts,
            articles=_rows(t.articles, ARTICLE_COLUMNS),
            passages={zone: _columns(passages) for zone, passages in t.passages.items()},
            anchors={zone: _anchors(passages) for zone, passages in t.passages.items()},
            break_sizes={
                zone: _sparse(len(t.passages[zone].ids), {n: len(bs) for n, bs in found.items()}, 0)
                for zone, found in breaks.items()
            },
            breaks={
                zone: np.array(list(chain.from_iterable(found.values())), np.uint32)
                for zone, found in breaks.items()
            },
            heads=_rows(t.heads, HEAD_COLUMNS),
            sections=_rows(t.sections, SECTION_COLUMNS),
            paths=t.paths,
        )
        return run, self._words()

    def _words(self) -> Words:
        """The words that no earlier run has told of."""
        words = Words()
        for language, scanner in self._scanners.items():
            told = self._told.setdefault(language, _Told())
            forms = scanner.forms.texts[len(told.folds) :]
            folds = list(map(_folded, forms))
            stems = {folded: stem.__wrapped__(folded, language) for folded in set(folds)}
            told.folds += folds
            told.stems += map(stems.__getitem__, folds)
            words.entries[language] = [
                f"{stems[folded]}\0{folded}\0{form}" for form, folded in zip(forms, folds)
            ]
            for run in scanner.hyphens.take():
                parts = [told.folds[form] for form in run]
                spelt = " ".join(parts)
                words.compounds.add("".join(parts) + "\t" + spelt)
                rooted = "".join(parts[:-1]) + told.stems[run[-1]]
                words.roots.add(f"{rooted}\t{language}\t{spelt}")
        return words


def _folded(form: str) -> str:
    """`fold`, which remembers what it is asked; here each form is met but once."""
    return form.lower() if form.isascii() and form.isalpha() else fold.__wrapped__(form)


def _rows(rows: Sequence[Sequence[int]], names: tuple[str, ...]) -> Array:
    return np.array(rows, np.int64).reshape(-1, len(names))


def _columns(passages: _Passages) -> dict[str, Array]:
    """The columns of one zone as arrays."""
    count = len(passages.ids)
    contexts = {n: more.context for n, more in passages.more.items() if more.context}
    columns = {
        "id": _numbers_of(passages.ids),
        "article": np.repeat(np.arange(len(passages.counts)), passages.counts),
        "section": passages.sections,
        "kind": [_KIND_CODE[kind] for kind in passages.kinds],
        "ordinal": passages.ordinals,
        "start": passages.starts,
        "end": passages.ends,
        "context_start": _sparse(count, {n: start for n, (start, _) in contexts.items()}, -1),
        "context_end": _sparse(count, {n: end for n, (_, end) in contexts.items()}, -1),
    }
    return {name: np.array(columns[name], dtype) for name, dtype in PASSAGE_COLUMNS.items()}


def _numbers_of(ids: Sequence[str]) -> Array:
    """Ids, which are hexadecimal, as numbers (uint64)."""
    if all(len(name) == _ID_DIGITS for name in ids):
        packed = bytes.fromhex("".join(ids))
        if len(packed) * 2 == len(ids) * _ID_DIGITS:
            return np.frombuffer(packed, ">u8").astype(np.uint64)
    return np.array([int(name, 16) for name in ids], np.uint64)


def _anchors(passages: _Passages) -> list[str]:
    """The anchor of each passage and the id of its element, a tab between them."""
    anchors = [f"{anchor}\t" for anchor in passages.anchors]
    for number, more in passages.more.items():
        anchors[number] += more.element
    return anchors


def _sparse(count: int, some: Mapping[int, int], other: int) -> Array:
    """`count` numbers: `some` of them, and `other` everywhere else (int64)."""
    numbers = np.full(count, other, np.int64)
    numbers[list(some)] = list(some.values())
    return numbers
