"""Articles in, the arrays of one segment out: tokens, vocabulary, positions and tables.

A segment holds three zones of token indices, so that each is one range of any sorted list:
`content` passages in corpus order, `boilerplate` passages, `heads` (headings and titles, each a
unit of its own). Units number through all zones in that order.

    forms[T] uint32        form id of token i
    starts[T] uint16/32    where token i begins in its unit's text (code points)
    unit_tokens[U + 1]     token index at which each unit begins
    positions[T] uint32    token indices grouped by form id, ascending: argsort of forms
    form_first[F + 1]      where each form's indices begin in positions
    block_starts, sentence_starts uint32   token indices that begin a block or a sentence

Form ids number the vocabulary sorted by (language, stem, fold, form).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from indexer.arrays.container import Array
from indexer.arrays.numbering import number_vocabulary
from indexer.arrays.strings import pack_strings
from indexer.model import KINDS, Article, Block, Passage
from indexer.scanning import Scanner, hyphenated

CHUNK = 1 << 22  # code points tokenised in one call
ZONES = ("content", "boilerplate", "heads")


@dataclass
class _Zone:
    """Units of one zone, tokenised chunk by chunk."""

    scanners: dict[str, Scanner]  # by language, shared by all zones
    compounds: dict[str, set[tuple[str, ...]]]  # by language, as written, shared by all zones
    language: str = ""
    texts: list[str] = field(default_factory=list)  # units waiting to be tokenised
    breaks: list[tuple[int, ...]] = field(default_factory=list)
    waiting: int = 0  # code points waiting
    ids: list[Array] = field(default_factory=list)  # provisional form ids, one array a chunk
    languages: list[str] = field(default_factory=list)  # of each chunk
    starts: list[Array] = field(default_factory=list)
    sizes: list[Array] = field(default_factory=list)  # tokens of each unit
    blocks: list[Array] = field(default_factory=list)  # token indices within the chunk
    sentences: list[Array] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)  # text of the units in UTF-8
    raw_sizes: list[Array] = field(default_factory=list)
    units: int = 0

    def add(self, text: str, language: str, breaks: tuple[int, ...] = ()) -> int:
        """Queue one unit; returns its number in this zone."""
        if language != self.language or self.waiting > CHUNK:
            self.flush()
            self.language = language
        self.texts.append(text)
        self.breaks.append(breaks)
        self.waiting += len(text) + 1
        self.units += 1
        return self.units - 1

    def flush(self) -> None:
        """Tokenise the waiting units in one call: no token crosses the newline between two."""
        if not self.texts:
            return
        scanner = self.scanners.setdefault(self.language, Scanner(self.language))
        scanned = scanner.scan("\n".join(self.texts))
        self.compounds.setdefault(self.language, set()).update(hyphenated(scanned))
        offsets = _offsets(np.fromiter((len(t) + 1 for t in self.texts), np.int64))
        firsts = np.searchsorted(scanned.starts, offsets)
        sizes = np.diff(firsts)
        self.ids.append(scanned.ids.astype(np.uint32))
        self.languages.append(self.language)
        self.starts.append((scanned.starts - np.repeat(offsets[:-1], sizes)).astype(np.uint32))
        self.sizes.append(sizes)
        inner = [o + b for o, bs in zip(offsets.tolist(), self.breaks) if bs for b in bs]
        blocks = np.sort(np.concatenate((offsets[:-1], np.array(inner, np.int64))))
        begins = np.searchsorted(scanned.starts, blocks)
        begins = begins[(begins < scanned.starts.size) & (np.diff(begins, prepend=-1) > 0)]
        self.blocks.append(begins)
        self.sentences.append(scanner.sentence_starts(scanned, blocks))
        raw = [t.encode("utf-8", "surrogatepass") for t in self.texts]
        self.raw.append(b"".join(raw))
        self.raw_sizes.append(np.fromiter(map(len, raw), np.int64, len(raw)))
        self.texts, self.breaks, self.waiting = [], [], 0


@dataclass
class _Tables:
    """Columns of articles, passages, sections and headings, filled row by row."""

    articles: dict[str, list[str]] = field(
        default_factory=lambda: {k: [] for k in ("id", "version", "url", "language", "title")}
    )
    article_rows: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    passage_rows: dict[str, list[tuple[int, ...]]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    anchors: dict[str, list[str]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    breaks: dict[str, list[tuple[int, ...]]] = field(
        default_factory=lambda: {"content": [], "boilerplate": []}
    )
    heads: list[list[int]] = field(default_factory=list)  # article, first passage, last, is title
    sections: list[tuple[int, int, int]] = field(default_factory=list)  # article, parent, head
    paths: list[tuple[str, ...]] = field(default_factory=list)  # headings of each section


KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
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


class Inverter:
    """Collects articles in ascending order of their ids and turns them into arrays."""

    def __init__(self) -> None:
        self._scanners: dict[str, Scanner] = {}
        self._compounds: dict[str, set[tuple[str, ...]]] = {}
        self._zones = {z: _Zone(self._scanners, self._compounds) for z in ZONES}
        self._tables = _Tables()

    def add(self, article: Article, passages: Iterable[Passage], version: str) -> None:
        """Add one article with its passages in text order."""
        tables, content = self._tables, self._zones["content"]
        number = len(tables.article_rows)
        first, first_boilerplate = content.units, self._zones["boilerplate"].units
        for name, value in (
            ("id", article.id),
            ("version", version),
            ("url", article.url),
            ("language", article.language),
            ("title", article.title),
        ):
            tables.articles[name].append(value)
        title = self._zones["heads"].add(article.title, article.language)
        tables.heads.append([number, first, 0, 1])
        self._passages(article, passages, number)
        tables.heads[title][2] = content.units
        tables.article_rows.append(
            (first, content.units, first_boilerplate, self._zones["boilerplate"].units, title)
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
            tables.passage_rows[zone].append(
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
        self._tables.heads.append([number, self._zones["content"].units, -1, 0])
        open_sections.append(len(self._tables.sections))
        self._tables.sections.append((number, parent, head))
        above = self._tables.paths[parent] if parent >= 0 else ()
        self._tables.paths.append((*above, text))

    def _close(self, open_sections: list[int], depth: int) -> None:
        """Close the sections deeper than `depth`: their heads end at the next passage."""
        while len(open_sections) > depth:
            head = self._tables.sections[open_sections.pop()][2]
            self._tables.heads[head][2] = self._zones["content"].units

    def finish(self) -> tuple[dict[str, Array], dict[str, object]]:
        """Arrays and facts of the segment; the inverter is spent."""
        for zone in self._zones.values():
            zone.flush()
        forms_of = {la: s.forms for la, s in self._scanners.items()}
        arrays, renumber = number_vocabulary(forms_of, self._compounds)
        zones = list(self._zones.values())
        forms = _concatenate(
            [renumber[la][ids] for z in zones for la, ids in zip(z.languages, z.ids, strict=True)],
            np.uint32,
        )
        sizes = [_concatenate(z.sizes, np.int64) for z in zones]
        arrays["forms"] = forms
        arrays |= _invert(forms, arrays["form_folds"].size)
        starts = _concatenate([s for z in zones for s in z.starts], np.uint32)
        narrow = np.uint16 if not starts.size or starts.max() < 1 << 16 else np.uint32
        arrays["starts"] = starts.astype(narrow)
        arrays["unit_tokens"] = _offsets(np.concatenate(sizes)).astype(np.uint32)
        arrays["block_starts"] = _shifted(zones, "blocks")
        arrays["sentence_starts"] = _shifted(zones, "sentences")
        arrays["text.bytes"] = np.frombuffer(b"".join(b for z in zones for b in z.raw), np.uint8)
        arrays["text.ends"] = _offsets(
            _concatenate([s for z in zones for s in z.raw_sizes], np.int64)
        ).astype(np.uint64)
        arrays |= self._columns(sizes)
        facts: dict[str, object] = {
            "languages": sorted(self._scanners),
            "units": [z.units for z in zones],
            "tokens": [int(s.sum()) for s in sizes],
        }
        return arrays, facts

    def _columns(self, sizes: list[Array]) -> dict[str, Array]:
        """Tables of articles, passages, sections and heads as columns."""
        t = self._tables
        out: dict[str, Array] = {}
        for name, values in t.articles.items():
            out |= pack_strings(f"article.{name}", values)
        rows = np.array(t.article_rows, np.uint32).reshape(-1, 5)
        for i, name in enumerate(
            ("first", "last", "boilerplate_first", "boilerplate_last", "head")
        ):
            out[f"article.{name}"] = rows[:, i]
        passages = t.passage_rows["content"] + t.passage_rows["boilerplate"]
        columns = list(zip(*passages, strict=True)) if passages else [()] * len(PASSAGE_COLUMNS)
        for (name, dtype), column in zip(PASSAGE_COLUMNS.items(), columns, strict=True):
            out[f"passage.{name}"] = np.array(column, dtype)
        out["passage.by_id"] = np.argsort(out["passage.id"]).astype(np.uint32)
        out |= pack_strings("passage.anchor", t.anchors["content"] + t.anchors["boilerplate"])
        breaks = t.breaks["content"] + t.breaks["boilerplate"]
        out["passage.breaks_first"] = _offsets(
            np.fromiter(map(len, breaks), np.int64, len(breaks))
        ).astype(np.uint32)
        out["passage.breaks"] = np.array([b for bs in breaks for b in bs], np.uint32)
        heads = np.array(t.heads, np.int64).reshape(-1, 4)
        for i, name in enumerate(("article", "first", "last", "title")):
            out[f"head.{name}"] = heads[:, i].astype(np.uint8 if name == "title" else np.uint32)
        sections = np.array(t.sections, np.int64).reshape(-1, 3)
        for i, name in enumerate(("article", "parent", "head")):
            out[f"section.{name}"] = sections[:, i].astype(np.int32)
        paths: dict[tuple[str, ...], int] = {}
        out["section.path"] = np.array(
            [paths.setdefault(path, len(paths)) for path in t.paths], np.uint32
        )
        out |= pack_strings("path", ["\n".join(path) for path in paths])
        out["section.words"] = _chain_words(sections[:, 1], sizes[2][sections[:, 2]])
        return out


def _chain_words(parents: Array, own: Array) -> Array:
    """Words of each section's headings from the top down; a parent comes before its children."""
    total = own.astype(np.int64).tolist()
    for i, parent in enumerate(parents.tolist()):
        if parent >= 0:
            total[i] += total[parent]
    return np.array(total, np.uint32)


def _concatenate(arrays: list[Array], dtype: type) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _offsets(sizes: Array) -> Array:
    """n sizes → n + 1 offsets."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


def _shifted(zones: list[_Zone], name: str) -> Array:
    """Token indices of all chunks, moved from their chunk to the segment."""
    out, base = [], 0
    for zone in zones:
        for ids, marks in zip(zone.ids, getattr(zone, name), strict=True):
            out.append(marks + base)
            base += ids.size
    return _concatenate(out, np.int64).astype(np.uint32)


def _invert(forms: Array, count: int) -> dict[str, Array]:
    """positions and form_first. Sorting (form, index) as one 64-bit key is a stable argsort, and
    faster: it needs no second array, and NumPy sorts plain integers with vector instructions."""
    keys = forms.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(forms.size, dtype=np.uint64)
    keys.sort()
    first = _offsets(np.bincount(forms, minlength=count))
    return {
        "positions": (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        "form_first": first.astype(np.uint32),
    }
