"""Runs: what becomes of some articles before they are part of a segment.

`inverting` makes them, in one process or several; `gathering` puts them in order; `assembling`
makes a segment of them. All arrays begin at nought. A run holds three zones of units, each unit a
text that no phrase crosses: `content` passages in text order, `boilerplate` passages, `heads`
(headings and titles). Its forms are numbered by whoever made it: see `Words`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from indexer.sorted_arrays import Array

ZONES = ("content", "boilerplate", "heads")
ARTICLE_TEXTS = ("id", "version", "url", "language", "title")
ARTICLE_COLUMNS = ("first", "last", "boilerplate_first", "boilerplate_last", "head")
# Heads are titles and headings. `first` and `last` bound the passages below, of content, and so do
# `boilerplate_first` and `boilerplate_last` among those of boilerplate, which number from 0.
HEAD_COLUMNS = ("article", "first", "last", "boilerplate_first", "boilerplate_last", "title")
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


@dataclass
class Words:
    """The words that one maker of runs has met."""

    # By language, for each form in order of its number, `stem NUL fold NUL form`. None of the
    # three holds a NUL, so that these sort as the triples do.
    entries: dict[str, list[str]] = field(default_factory=dict)
    compounds: set[str] = field(default_factory=set)  # hyphenated, folded: `joined TAB part part …`
    # The same by language, with the stem of the last part in what is joined:
    # `joined TAB language TAB part part …`.
    roots: set[str] = field(default_factory=set)

    def extend(self, more: Words) -> None:
        """Takes in what the same maker has met since."""
        for language, entries in more.entries.items():
            self.entries.setdefault(language, []).extend(entries)
        self.compounds |= more.compounds
        self.roots |= more.roots


@dataclass
class ZoneRun:
    """Units of one zone in chunks, each of one language; each list has an item a chunk."""

    units: int = 0
    languages: list[str] = field(default_factory=list)
    makers: list[int] = field(default_factory=list)  # number of the words that the ids refer to
    ids: list[Array] = field(default_factory=list)  # form numbers of the tokens (uint32)
    starts: list[Array] = field(default_factory=list)  # code points in the unit's text (unsigned)
    sizes: list[Array] = field(default_factory=list)  # tokens of each unit
    blocks: list[Array] = field(default_factory=list)  # token indices within the chunk
    sentences: list[Array] = field(default_factory=list)
    raw: list[Array] = field(default_factory=list)  # text of the units in UTF-8 (uint8)
    raw_sizes: list[Array] = field(default_factory=list)


@dataclass
class Run:
    """Some articles: their tokens and tables; picklable."""

    zones: dict[str, ZoneRun]
    texts: dict[str, list[str]]  # ARTICLE_TEXTS
    articles: Array  # int64, a row an article: ARTICLE_COLUMNS
    passages: dict[str, dict[str, Array]]  # by zone: PASSAGE_COLUMNS
    anchors: dict[str, list[str]]  # by zone
    break_sizes: dict[str, Array]  # by zone, breaks of each passage
    breaks: dict[str, Array]  # by zone, the breaks of all passages
    heads: Array  # int64, a row a head: HEAD_COLUMNS
    sections: Array  # int64, a row a section: SECTION_COLUMNS
    paths: list[tuple[str, ...]]  # headings of each section


def to_offsets(sizes: Array) -> Array:
    """n sizes → n + 1 offsets."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out
