"""Articles in, a run out: their tokens, forms and tables, as arrays that begin at nought.

A run is what one process makes of the articles that it is given; `assembling` makes a segment of
the runs of several. It holds three zones of units, each unit a text that no phrase crosses:
`content` passages in corpus order, `boilerplate` passages, `heads` (headings and titles).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.analysis import fold, stem
from indexer.arrays.container import Array
from indexer.arrays.strings import encode_all
from indexer.model import KINDS, Article, Block, Passage
from indexer.scanning import Scanner, hyphenated

CHUNK = 1 << 20  # code points tokenised in one call: what the caches of a processor hold
ZONES = ("content", "boilerplate", "heads")
ARTICLE_TEXTS = ("id", "version", "url", "language", "title")
ARTICLE_COLUMNS = ("first", "last", "boilerplate_first", "boilerplate_last", "head")
HEAD_COLUMNS = ("article", "first", "last", "title")
SECTION_COLUMNS = ("article", "parent", "head")
PASSAGE_COLUMNS = {
    "id": np.uint64,
    "article": np.uint32,
    "section": np.int32,
    "kind": np.uint8,
    "ordinal": np.uint32,
    "start": np.uint32,
    "end": np.uint32,
    "context_start": np.int32,
    "context_end": np.int32,
}
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}


@dataclass
class ZoneRun:
    """Units of one zone, tokenised chunk by chunk; each list has an item a chunk."""

    units: int = 0
    languages: list[str] = field(default_factory=list)
    ids: list[Array] = field(default_factory=list)  # form numbers of the run
    starts: list[Array] = field(default_factory=list)  # code points in the unit's text
    sizes: list[Array] = field(default_factory=list)  # tokens of each unit
    blocks: list[Array] = field(default_factory=list)  # token indices within the chunk
    sentences: list[Array] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)  # text of the units in UTF-8
    raw_sizes: list[Array] = field(default_factory=list)


@dataclass
class Run:
    """What became of some articles; picklable."""

    zones: dict[str, ZoneRun]
    # By language, for each form in order of its number, `stem NUL fold NUL form`. None of the
    # three holds a NUL, so that these sort as the triples do.
    entries: dict[str, list[str]]
    compounds: set[str]  # hyphenated words folded: `joined TAB part part …`
    # The same by language, with the stem of the last part in what is joined:
    # `joined TAB language TAB part part …`.
    roots: set[str]
    texts: dict[str, list[str]]  # ARTICLE_TEXTS
    articles: Array  # int64, a row an article: ARTICLE_COLUMNS
    passages: dict[str, dict[str, Array]]  # by zone: PASSAGE_COLUMNS
    anchors: dict[str, list[str]]  # by zone
    break_sizes: dict[str, Array]  # by zone, breaks of each passage
    breaks: dict[str, Array]  # by zone, the breaks of all passages
    heads: Array  # int64, a row a head: HEAD_COLUMNS
    sections: Array  # int64, a row a section: SECTION_COLUMNS
    paths: list[tuple[str, ...]]  # headings of each section


@dataclass
class _Zone:
    """Collects the units of one zone."""

    scanners: dict[str, Scanner]  # by language, shared by all zones
    compounds: dict[str, set[tuple[str, ...]]]  # by language, as written, shared by all zones
    run: ZoneRun = field(default_factory=ZoneRun)
    language: str = ""
    texts: list[str] = field(default_factory=list)  # units waiting to be tokenised
    breaks: list[tuple[int, ...]] = field(default_factory=list)
    waiting: int = 0  # code points waiting

    def add(self, text: str, language: str, breaks: tuple[int, ...] = ()) -> int:
        """Queue one unit; returns its number in this zone."""
        if language != self.language or self.waiting > CHUNK:
            self.flush()
            self.language = language
        self.texts.append(text)
        self.breaks.append(breaks)
        self.waiting += len(text) + 1
        self.run.units += 1
        return self.run.units - 1

    def flush(self) -> None:
        """Tokenise the waiting units in one call: no token crosses the newline between two."""
        if not self.texts:
            return
        scanner = self.scanners.setdefault(self.language, Scanner(self.language))
        scanned = scanner.scan("\n".join(self.texts))
        self.compounds.setdefault(self.language, set()).update(hyphenated(scanned))
        offsets = to_offsets(np.fromiter((len(t) + 1 for t in self.texts), np.int64))
        firsts = np.searchsorted(scanned.starts, offsets)
        sizes = np.diff(firsts)
        run = self.run
        run.ids.append(scanned.ids.astype(np.uint32))
        run.languages.append(self.language)
        run.starts.append((scanned.starts - np.repeat(offsets[:-1], sizes)).astype(np.uint32))
        run.sizes.append(sizes)
        inner = [o + b for o, bs in zip(offsets.tolist(), self.breaks) if bs for b in bs]
        blocks = np.sort(np.concatenate((offsets[:-1], np.array(inner, np.int64))))
        begins = np.searchsorted(scanned.starts, blocks)
        begins = begins[(begins < scanned.starts.size) & (np.diff(begins, prepend=-1) > 0)]
        run.blocks.append(begins)
        run.sentences.append(scanner.sentence_starts(scanned, blocks))
        raw, sizes = encode_all(self.texts)
        run.raw.append(raw)
        run.raw_sizes.append(sizes)
        self.texts, self.breaks, self.waiting = [], [], 0


@dataclass
class _Tables:
    """Rows of articles, passages, sections and headings."""

    texts: dict[str, list[str]] = field(default_factory=lambda: {k: [] for k in ARTICLE_TEXTS})
    articles: list[tuple[int, ...]] = field(default_factory=list)
    passages: dict[str, list[tuple[int, ...]]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    anchors: dict[str, list[str]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    breaks: dict[str, list[tuple[int, ...]]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    heads: list[list[int]] = field(default_factory=list)
    sections: list[tuple[int, int, int]] = field(default_factory=list)
    paths: list[tuple[str, ...]] = field(default_factory=list)


class Inverter:
    """Collects articles in ascending order of their ids and turns them into a run."""

    def __init__(self) -> None:
        self._scanners: dict[str, Scanner] = {}
        self._compounds: dict[str, set[tuple[str, ...]]] = {}
        self._zones = {z: _Zone(self._scanners, self._compounds) for z in ZONES}
        self._tables = _Tables()

    def add(self, article: Article, passages: Iterable[Passage], version: str) -> None:
        """Add one article with its passages in text order."""
        tables, content = self._tables, self._zones["content"]
        number = len(tables.articles)
        first, first_boilerplate = content.run.units, self._zones["boilerplate"].run.units
        for name, value in (
            ("id", article.id),
            ("version", version),
            ("url", article.url),
            ("language", article.language),
            ("title", article.title),
        ):
            tables.texts[name].append(value)
        title = self._zones["heads"].add(article.title, article.language)
        tables.heads.append([number, first, 0, 1])
        self._passages(article, passages, number)
        tables.heads[title][2] = content.run.units
        tables.articles.append(
            (
                first,
                content.run.units,
                first_boilerplate,
                self._zones["boilerplate"].run.units,
                title,
            )
        )

    def _passages(self, article: Article, passages: Iterable[Passage], number: int) -> None:
        """Walk headings and passages in text order, so that each passage meets its section."""
        tables = self._tables
        headings = iter([b for b in article.blocks if b.kind == "heading"])
        coming = next(headings, None)
        open_sections: list[int] = []  # numbers of the sections open here, from the top down
        language = article.language
        for p in passages:
            while coming is not None and coming.span.start < p.span.start:
                self._open(open_sections, coming, article, number)
                coming = next(headings, None)
            zone = "boilerplate" if p.kind == "boilerplate" else "content"
            depth = len(p.section)
            if zone == "content":
                self._close(open_sections, depth)  # notes at the end belong to no section
            self._zones[zone].add(p.text, language, p.breaks)
            section = -1
            if zone == "content" and 0 < depth <= len(open_sections):
                section = open_sections[depth - 1]
            context = p.context
            tables.passages[zone].append(
                (
                    int(p.id, 16),
                    number,
                    section,
                    KIND_CODE[p.kind],
                    p.ordinal,
                    p.span.start,
                    p.span.end,
                    context.start if context else -1,
                    context.end if context else -1,
                )
            )
            tables.anchors[zone].append(f"{p.anchor}\t{p.element}")
            tables.breaks[zone].append(p.breaks)
        while coming is not None:
            self._open(open_sections, coming, article, number)
            coming = next(headings, None)
        self._close(open_sections, 0)

    def _open(
        self, open_sections: list[int], heading: Block, article: Article, number: int
    ) -> None:
        """Begin the section of `heading` below those that it stands in."""
        self._close(open_sections, len(heading.section))
        parent = open_sections[-1] if open_sections else -1
        # A heading may go over several lines; sections name it on one.
        text = " ".join(heading.span.of(article.text).split())
        head = self._zones["heads"].add(text, article.language)
        self._tables.heads.append([number, self._zones["content"].run.units, -1, 0])
        open_sections.append(len(self._tables.sections))
        self._tables.sections.append((number, parent, head))
        above = self._tables.paths[parent] if parent >= 0 else ()
        self._tables.paths.append((*above, text))

    def _close(self, open_sections: list[int], depth: int) -> None:
        """Close the sections deeper than `depth`: their heads end at the next passage."""
        while len(open_sections) > depth:
            head = self._tables.sections[open_sections.pop()][2]
            self._tables.heads[head][2] = self._zones["content"].run.units

    def run(self) -> Run:
        """All that was added; the inverter is spent."""
        for zone in self._zones.values():
            zone.flush()
        t = self._tables
        counts = {zone: list(map(len, breaks)) for zone, breaks in t.breaks.items()}
        entries: dict[str, list[str]] = {}
        compounds: set[str] = set()
        roots: set[str] = set()
        for language, scanner in self._scanners.items():
            folds = list(map(_folded, scanner.forms))
            stems = {folded: stem.__wrapped__(folded, language) for folded in set(folds)}
            entries[language] = [
                f"{stems[folded]}\0{folded}\0{form}" for form, folded in zip(scanner.forms, folds)
            ]
            for parts in {tuple(map(_folded, run)) for run in self._compounds.get(language, ())}:
                spelt = " ".join(parts)
                compounds.add("".join(parts) + "\t" + spelt)
                rooted = "".join(parts[:-1]) + stems[parts[-1]]
                roots.add(f"{rooted}\t{language}\t{spelt}")
        return Run(
            zones={name: zone.run for name, zone in self._zones.items()},
            entries=entries,
            compounds=compounds,
            roots=roots,
            texts=t.texts,
            articles=_rows(t.articles, ARTICLE_COLUMNS),
            passages={zone: _columns(rows) for zone, rows in t.passages.items()},
            anchors=t.anchors,
            break_sizes={zone: np.array(sizes, np.int64) for zone, sizes in counts.items()},
            breaks={
                zone: np.array([b for bs in breaks for b in bs], np.uint32)
                for zone, breaks in t.breaks.items()
            },
            heads=_rows(t.heads, HEAD_COLUMNS),
            sections=_rows(t.sections, SECTION_COLUMNS),
            paths=t.paths,
        )


def _folded(form: str) -> str:
    """`fold`, which remembers what it is asked; here each form is met but once."""
    return form.lower() if form.isascii() and form.isalpha() else fold.__wrapped__(form)


def _rows(rows: Sequence[Sequence[int]], names: tuple[str, ...]) -> Array:
    return np.array(rows, np.int64).reshape(-1, len(names))


def _columns(rows: list[tuple[int, ...]]) -> dict[str, Array]:
    """Rows of passages as columns."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(PASSAGE_COLUMNS)
    return {
        name: np.array(column, dtype)
        for (name, dtype), column in zip(PASSAGE_COLUMNS.items(), columns, strict=True)
    }


def to_offsets(sizes: Array) -> Array:
    """n sizes → n + 1 offsets."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out
