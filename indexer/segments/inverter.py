"""Articles in, runs out: their tokens, forms and tables, as arrays.

An inverter may be asked for what it has made as often as you like; what it has learnt of words
makes later runs sooner done. Refuses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import uuid4

import numpy as np

from indexer.model import KINDS
from indexer.segments.tables import (
    ARTICLE_TEXTS,
    HEAD_COLUMNS,
    PASSAGE_COLUMNS,
    PASSAGE_ZONES,
    SECTION_COLUMNS,
    ZONES,
    Run,
    to_offsets,
)
from indexer.sorted_arrays import Array
from indexer.store.codec import Rows
from indexer.text.bulk_sentences import Scanner
from indexer.text.folding import fold
from indexer.text.stemming import stem

CHUNK = 1 << 20  # code points tokenised in one call: what the caches of a processor hold
_ID_DIGITS = 16  # of a passage's id, hexadecimal
_KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}


class Inverter:
    """Collects articles and turns them into runs."""

    def __init__(self) -> None:
        self._words: dict[str, _Words] = {}  # by language
        self._told = 0  # forms, in earlier runs
        self._name = uuid4().hex
        self._begin()

    def _begin(self) -> None:
        self._zones = {name: _Zone(self._words) for name in ZONES}
        self._sections: list[int] = []  # of each article
        self._columns: defaultdict[str, list[Any]] = defaultdict(list)
        self._texts: dict[str, list[str]] = {f"articles/{name}": [] for name in ARTICLE_TEXTS}
        self._texts |= {
            name: [] for name in ("content/anchor", "boilerplate/anchor", "sections/path")
        }

    def add(self, rows: Rows, version: str) -> None:
        """Add one article."""
        told = (rows.id, version, rows.url, rows.language, rows.title)
        for name, text in zip(ARTICLE_TEXTS, told, strict=True):
            self._texts[f"articles/{name}"].append(text)
        outline = _Outline(rows)
        self._texts["sections/path"] += outline.paths
        self._sections.append(len(outline.sections))
        for group, names, table in (
            ("heads", HEAD_COLUMNS, outline.heads),
            ("sections", SECTION_COLUMNS, outline.sections),
        ):
            for name, column in zip(names, zip(*table)):
                self._columns[f"{group}/{name}"] += column
        self._zones["heads"].add([rows.title, *outline.headings], rows.language, {})
        is_boilerplate = [kind == "boilerplate" for kind in rows.kinds]
        every = range(len(is_boilerplate))
        for zone, wanted in zip(PASSAGE_ZONES, (False, True)):
            chosen = [n for n in every if is_boilerplate[n] is wanted]
            self._passages(zone, rows, outline.homes, chosen)

    def _passages(self, zone: str, rows: Rows, homes: Sequence[int], chosen: Sequence[int]) -> None:
        """Queue the texts of these passages, all of one zone, and note their columns."""
        columns, text = self._columns, rows.text
        given: dict[str, Sequence[object]] = {
            "id": rows.ids,
            "section": homes,
            "kind": rows.kinds,
            "ordinal": rows.ordinals,
            "start": rows.starts,
            "end": rows.ends,
        }
        every = len(chosen) == len(rows.kinds)
        for name, column in given.items():
            columns[f"{zone}/{name}"] += column if every else [column[n] for n in chosen]
        anchors = [f"{rows.anchors[n]}\t" for n in chosen]
        sizes, starts, ends = [0] * len(chosen), [-1] * len(chosen), [-1] * len(chosen)
        breaks: dict[int, tuple[int, ...]] = {}
        for place, n in enumerate(chosen if rows.more else ()):
            if (more := rows.more.get(n)) is not None:
                anchors[place] += more.element
                starts[place], ends[place] = more.context or (-1, -1)
                if more.breaks:
                    breaks[place], sizes[place] = more.breaks, len(more.breaks)
        self._texts[f"{zone}/anchor"] += anchors
        columns[f"{zone}/context_start"] += starts
        columns[f"{zone}/context_end"] += ends
        columns[f"{zone}/breaks"] += sizes
        columns[f"{zone}.breaks/offset"] += chain.from_iterable(breaks.values())
        texts = [text[rows.starts[n] : rows.ends[n]] for n in chosen]
        self._zones[zone].add(texts, rows.language, breaks)

    def take(self) -> Run:
        """What was added since the last time."""
        counts = {"articles": np.ones(len(self._sections), np.int64)}
        counts["sections"] = np.array(self._sections, np.int64)
        columns: dict[str, Array] = {}
        for name, dtype in HEAD_COLUMNS.items():
            columns[f"heads/{name}"] = np.array(self._columns[f"heads/{name}"], dtype)
        for name in SECTION_COLUMNS:
            columns[f"sections/{name}"] = np.array(self._columns[f"sections/{name}"], np.int32)
        for zone in PASSAGE_ZONES:
            columns |= self._passage_columns(zone)
            sizes = columns[f"{zone}/breaks"] = np.array(self._columns[f"{zone}/breaks"], np.int64)
            units = to_offsets(np.array(self._zones[zone].counts, np.int64))
            counts[f"{zone}.breaks"] = np.diff(to_offsets(sizes)[units])
            offsets = self._columns[f"{zone}.breaks/offset"]
            columns[f"{zone}.breaks/offset"] = np.array(offsets, np.uint32)
        for name, collected in self._zones.items():
            collected.take(name, counts, columns)
        forms = self._number_forms(columns)
        hyphens = [
            (language, words, parts)
            for language, words in self._words.items()
            for parts in words.scanner.hyphens.take()
        ]
        run = Run(
            counts=counts,
            columns=columns,
            texts=self._texts,
            maker=self._name,
            forms=forms,
            compounds={words.compound(parts) for _, words, parts in hyphens},
            roots={words.root(parts, language) for language, words, parts in hyphens},
        )
        self._begin()
        return run

    def _passage_columns(self, zone: str) -> dict[str, Array]:
        """The columns of one zone that are plain numbers."""
        lists = {name: self._columns[f"{zone}/{name}"] for name in PASSAGE_COLUMNS}
        lists["kind"] = [_KIND_CODE[kind] for kind in lists["kind"]]
        arrays = {
            f"{zone}/{name}": np.array(lists[name], dtype)
            for name, dtype in PASSAGE_COLUMNS.items()
            if name not in ("id", "article")
        }
        return {f"{zone}/id": _numbers_of(lists["id"]), **arrays}

    def _number_forms(self, columns: dict[str, Array]) -> list[str]:
        """The forms met since the last time; all get numbers, which the tokens' forms are now."""
        entries: list[str] = []
        for language, words in self._words.items():
            entries += words.learn(language, self._told + len(entries))
        self._told += len(entries)
        for name, zone in self._zones.items():
            forms = [self._words[language].numbers.take(ids) for language, ids in zone.chunks]
            columns[f"{name}.tokens/form"] = _concatenate(forms, np.uint32)
        return entries


class _Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.scanner = Scanner(language)
        self.folds: list[str] = []  # of each form, by its number
        self.stems: list[str] = []
        self.numbers = np.zeros(0, np.uint32)  # those that runs give them

    def learn(self, language: str, first: int) -> list[str]:
        """The forms that the scanner has met since the last time, as `Run.forms` has them; they are
        folded, stemmed and numbered from `first` on."""
        forms = self.scanner.forms.texts[len(self.folds) :]
        folds = list(map(_folded, forms))
        stems = {folded: stem.__wrapped__(folded, language) for folded in set(folds)}
        self.folds += folds
        self.stems += map(stems.__getitem__, folds)
        numbers = np.arange(first, first + len(forms), dtype=np.uint32)
        self.numbers = np.concatenate((self.numbers, numbers))
        return [f"{language}\0{stems[f]}\0{f}\0{form}" for form, f in zip(forms, folds)]

    def compound(self, parts: Sequence[int]) -> str:
        """A hyphenated word, given the forms of its parts, as `Run.compounds` has it."""
        folds = [self.folds[form] for form in parts]
        return f"{''.join(folds)}\t{' '.join(folds)}"

    def root(self, parts: Sequence[int], language: str) -> str:
        """The same as `Run.roots` has it."""
        folds = [self.folds[form] for form in parts]
        return f"{''.join(folds[:-1])}{self.stems[parts[-1]]}\t{language}\t{' '.join(folds)}"


def _folded(form: str) -> str:
    """`fold`, which remembers what it is asked; here each form is met but once."""
    return form.lower() if form.isascii() and form.isalpha() else fold.__wrapped__(form)


class _Outline:
    """The headings of an article and what stands below each, met in order of the text."""

    def __init__(self, rows: Rows) -> None:
        self.heads: list[list[int]] = [[0, 0, 0, 0, 1]]  # HEAD_COLUMNS; first the title
        self.headings: list[str] = []
        self.sections: list[tuple[int, int]] = []  # SECTION_COLUMNS
        self.paths: list[str] = []  # headings of each section from the top down, a line each
        self.homes: list[int] = []  # the section of each passage, -1 for none
        self._open: list[int] = []  # sections that are open here, from the top down
        self._met = [0, 0]  # passages of content, of boilerplate
        headings = iter(rows.headings)
        coming = next(headings, None)
        for start, depth, kind in zip(rows.starts, rows.depths, rows.kinds):
            while coming is not None and coming[0] < start:
                self._begin(rows, *coming)
                coming = next(headings, None)
            if coming is not None and coming[0] == start:  # it is the passage: no other text
                coming = next(headings, None)
            if kind == "boilerplate":
                self.homes.append(-1)
                self._met[1] += 1
                continue
            if len(self._open) > depth:  # notes at the end belong to no section
                self._close(depth)
            self.homes.append(self._open[depth - 1] if 0 < depth <= len(self._open) else -1)
            self._met[0] += 1
        while coming is not None:
            self._begin(rows, *coming)
            coming = next(headings, None)
        self._close(0)
        self.heads[0][1:4:2] = self._met

    def _begin(self, rows: Rows, start: int, end: int, depth: int) -> None:
        """Begin the section of a heading below those that it stands in."""
        self._close(depth)
        # A heading may go over several lines; sections name it on one.
        heading = " ".join(rows.text[start:end].split())
        parent = self._open[-1] if self._open else -1
        self.headings.append(heading)
        self.paths.append(f"{self.paths[parent]}\n{heading}" if parent >= 0 else heading)
        self._open.append(len(self.sections))
        self.sections.append((parent, len(self.heads)))
        self.heads.append([self._met[0], 0, self._met[1], 0, 0])

    def _close(self, depth: int) -> None:
        """Close the sections deeper than `depth`: their heads end at the next passage."""
        while len(self._open) > depth:
            head = self.sections[self._open.pop()][1]
            self.heads[head][1:4:2] = self._met


@dataclass
class _Zone:
    """Collects the units of one zone."""

    words: dict[str, _Words]  # by language; shared by all zones
    language: str = ""
    waiting: list[str] = field(default_factory=list)  # units that are to be tokenised
    breaks: dict[int, tuple[int, ...]] = field(default_factory=dict)  # of those that have any
    points: int = 0  # code points waiting
    counts: list[int] = field(default_factory=list)  # units of each article
    chunks: list[tuple[str, Array]] = field(default_factory=list)  # language, forms of tokens
    columns: defaultdict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))
    tokens: int = 0

    def add(
        self, texts: Sequence[str], language: str, breaks: Mapping[int, tuple[int, ...]]
    ) -> None:
        """Queue the units of one article; `breaks` are by number among them."""
        if language != self.language:
            self._flush()
            self.language = language
        for number, text in enumerate(texts):
            if self.points > CHUNK:
                self._flush()
            if number in breaks:
                self.breaks[len(self.waiting)] = breaks[number]
            self.waiting.append(text)
            self.points += len(text) + 1
        self.counts.append(len(texts))

    def _flush(self) -> None:
        """Tokenise the waiting units in one call: no token crosses the newline between two."""
        texts = self.waiting
        if not texts:
            return
        words = self.words.get(self.language)
        if words is None:
            words = self.words[self.language] = _Words(self.language)
        scanned = words.scanner.scan("\n".join(texts))
        words.scanner.hyphens.add(scanned)
        offsets = to_offsets(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        sizes = np.diff(np.searchsorted(scanned.starts, offsets))
        inner = [offsets[unit] + b for unit, bs in self.breaks.items() for b in bs]
        blocks = np.sort(np.concatenate((offsets[:-1], np.array(inner, np.int64))))
        begins = np.searchsorted(scanned.starts, blocks)
        begins = begins[(begins < scanned.starts.size) & (np.diff(begins, prepend=-1) > 0)]
        widths = [len(t) if t.isascii() else len(_in_utf8(t)) for t in texts]
        self.chunks.append((self.language, scanned.ids))
        for name, column in (
            ("tokens", sizes),
            ("bytes", np.array(widths, np.int64)),
            ("start", _narrowed(scanned.starts - np.repeat(offsets[:-1], sizes))),
            ("blocks", begins + self.tokens),
            ("sentences", words.scanner.sentence_starts(scanned, blocks) + self.tokens),
            ("text", np.frombuffer(_in_utf8("".join(texts)), np.uint8)),
        ):
            self.columns[name].append(column)
        self.tokens += scanned.starts.size
        self.waiting, self.breaks, self.points = [], {}, 0

    def take(self, zone: str, counts: dict[str, Array], columns: dict[str, Array]) -> None:
        """Adds all that was collected, but for the forms, under the name of the zone."""
        self._flush()
        got = self.columns
        units = to_offsets(np.array(self.counts, np.int64))
        counts[zone] = np.diff(units)
        for name, column in (("tokens", "start"), ("bytes", "text")):
            sizes = columns[f"{zone}/{name}"] = _concatenate(got[name], np.int64)
            counts[f"{zone}.{name}"] = np.diff(to_offsets(sizes)[units])
            columns[f"{zone}.{name}/{column}"] = _concatenate(got[column], np.uint8)
        edges = to_offsets(counts[f"{zone}.tokens"])  # first token of each article
        for name in ("blocks", "sentences"):
            marks = _concatenate(got[name], np.int64)
            mine = counts[f"{zone}.{name}"] = np.diff(np.searchsorted(marks, edges))
            columns[f"{zone}.{name}/token"] = marks - np.repeat(edges[:-1], mine)


def _concatenate(arrays: list[Array], dtype: type) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _in_utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _narrowed(starts: Array) -> Array:
    """In 16 bits if they fit, else in 32."""
    wide = starts.size and int(starts.max()) >= 1 << 16
    return starts.astype(np.uint32 if wide else np.uint16)


def _numbers_of(ids: Iterable[str]) -> Array:
    """Ids, which are hexadecimal, as numbers (uint64)."""
    ids = list(ids)
    if all(len(name) == _ID_DIGITS for name in ids):
        packed = bytes.fromhex("".join(ids))
        if len(packed) * 2 == len(ids) * _ID_DIGITS:
            return np.frombuffer(packed, ">u8").astype(np.uint64)
    return np.array([int(name, 16) for name in ids], np.uint64)
