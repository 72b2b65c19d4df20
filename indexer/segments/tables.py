"""Runs: what becomes of some articles before they are part of a segment.

The inverter makes them, in one process or several; `merge` puts them in order; `builder` makes a
segment of them. A run has three zones of units, each unit a text that no phrase crosses: `content`
passages in order of the text, `boilerplate` passages, `heads` (titles and headings). Rows stand in
groups, article by article; what tells of other rows counts from the first one of its article, so
that articles can be put in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.sorted_arrays import Array

PASSAGE_ZONES = ("content", "boilerplate")
ZONES = (*PASSAGE_ZONES, "heads")
ARTICLE_TEXTS = ("id", "version", "url", "language", "title")
ARTICLE_COLUMNS = ("first", "last", "boilerplate_first", "boilerplate_last", "head")
# `first` and `last` bound the passages of content below a title or heading, and so do
# `boilerplate_first` and `boilerplate_last` among those of boilerplate, which number from 0.
HEAD_COLUMNS = {
    "first": np.uint32,
    "last": np.uint32,
    "boilerplate_first": np.uint32,
    "boilerplate_last": np.uint32,
    "title": np.uint8,  # whether it is one
}
SECTION_COLUMNS = ("parent", "head")
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
# Columns that count from the first row of their article in a group; -1 stays.
RELATIVE = {
    "content/section": "sections",
    "boilerplate/section": "sections",
    "heads/first": "content",
    "heads/last": "content",
    "heads/boilerplate_first": "boilerplate",
    "heads/boilerplate_last": "boilerplate",
    "sections/parent": "sections",
    "sections/head": "heads",
    **{f"{zone}.blocks/token": f"{zone}.tokens" for zone in ZONES},
    **{f"{zone}.sentences/token": f"{zone}.tokens" for zone in ZONES},
}


@dataclass
class Run:
    """Some articles; picklable.

    Groups: `articles`; the units of each zone; `ZONE.tokens`, `ZONE.bytes` (of texts in UTF-8),
    `ZONE.blocks` and `ZONE.sentences` (each by the token it begins with), `ZONE.breaks` of
    passages; `sections`. Columns are named `GROUP/NAME`.
    """

    counts: dict[str, Array]  # by group: rows of each article (int64)
    columns: dict[str, Array]
    texts: dict[str, list[str]]  # columns of strings
    maker: str  # names the inverter, which numbers forms from run to run
    # `language NUL stem NUL fold NUL form` of the numbers in `ZONE.tokens/form` that no earlier run
    # of the maker has. None of the four holds a NUL, so that these sort as the four do.
    forms: list[str]
    compounds: set[str]  # hyphenated, folded: `joined TAB part part …`
    roots: set[str]  # with the stem of the last part in what is joined: `joined TAB language TAB …`


def to_offsets(sizes: Array) -> Array:
    """n sizes → n + 1 offsets (int64)."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out
