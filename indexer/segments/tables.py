"""Runs: what becomes of some articles before they are part of a segment.

The inverter makes them, in one process or several; `merge` puts them in order; `builder` makes a
segment of them. A unit is a text that no phrase crosses: a passage or a head (a title or heading).
Rows stand in groups; those of one group zone by zone (content, boilerplate, heads), and in each
zone article by article. What tells of other rows counts from the first one of its article, so that
articles can be put in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.sorted_arrays import Array

ARTICLE_TEXTS = ("id", "version", "url", "language", "title")
ARTICLE_COLUMNS = ("first", "last", "boilerplate_first", "boilerplate_last", "head")
# `first` and `last` bound the passages of content below a title or heading, and so do
# `boilerplate_first` and `boilerplate_last` among those of boilerplate, which number from 0.
# `stand_in`: of a head with no passage of content below it the next one of its article, else the
# last; -1 of all others. `parent`: the heading above, -1 of titles and top headings; `level`: how
# many headings are above, and itself, 0 of titles.
HEAD_COLUMNS = {
    "first": np.uint32,
    "last": np.uint32,
    "boilerplate_first": np.uint32,
    "boilerplate_last": np.uint32,
    "stand_in": np.int32,
    "parent": np.int32,
    "level": np.int32,
}
PASSAGE_COLUMNS = {
    "id": np.uint64,
    "heading": np.int32,  # the head of the nearest one above, -1 for none
    "kind": np.uint8,
    "ordinal": np.uint32,
    "start": np.uint32,
    "end": np.uint32,
}
MARKS = {"block_starts": 1, "sentence_starts": 2, "hyphens": 4}  # bits of `token.marks`
ZONES_OF = {"article": 1, "passage": 2, "head": 1, "unit": 3, "token": 3, "byte": 3}  # nosec B105 # no password


@dataclass
class Run:
    """Some articles; picklable.

    Groups: `article`, `passage`, `head`, `unit` (passages, then heads), `token` and `byte` (of the
    units' texts, in UTF-8). Columns are named `GROUP.NAME`: those above; `unit.tokens` and
    `unit.bytes`, how many of each a unit has; of tokens `form` (a number in `forms`), `start` (code
    points, in its unit) and `marks` (whether it begins a block or sentence, and whether nothing but
    a hyphen stands between it and the next one); `byte.text`.
    """

    counts: dict[str, Array]  # by group: rows of each article, zone by zone (int64)
    columns: dict[str, Array]
    # `article.NAME`, where the language is followed by those of passages in others; `passage.told`:
    # anchor TAB numbers TAB element, where the numbers, if any, are start and end of its context,
    # -1 for none, and its breaks, followed by a colon and its language, if that is not the
    # article's; `head.path`: headings from the top down, a line each, of titles nothing
    texts: dict[str, list[str]]
    # `language NUL stem NUL fold NUL form`, each once, in any order. None of the four holds a NUL,
    # so that these sort as the four do.
    forms: list[str]

    @property
    def articles(self) -> int:
        """How many there are."""
        return self.counts["article"].size

    def count_rest(self) -> None:
        """Counts the rows of the other groups, given those of passages and heads."""
        units = np.concatenate((self.counts["passage"], self.counts["head"]))
        edges = to_offsets(units)
        tokens, sizes = (to_offsets(self.columns[f"unit.{name}"]) for name in ("tokens", "bytes"))
        self.counts |= {"article": np.ones(self.counts["head"].size, np.int64), "unit": units}
        self.counts |= {"token": np.diff(tokens[edges]), "byte": np.diff(sizes[edges])}

    def rebase(self, sign: int) -> dict[str, Array]:
        """The columns, those that count from the first row of their article counting from the first
        of all (`sign` 1), or the other way round (-1); -1 stays."""
        n = self.articles
        passages, heads = to_offsets(self.counts["passage"]), to_offsets(self.counts["head"])[:-1]
        content, boilerplate = passages[:n], passages[n : 2 * n] - passages[n]
        bases = {"first": content, "last": content, "stand_in": content, "parent": heads}
        bases |= {"boilerplate_first": boilerplate, "boilerplate_last": boilerplate}
        added = {f"head.{k}": np.repeat(base, self.counts["head"]) for k, base in bases.items()}
        added["passage.heading"] = np.repeat(np.tile(heads, 2), self.counts["passage"])
        columns = dict(self.columns)
        for name, base in added.items():
            wide = columns[name].astype(np.int64)
            moved = np.where(wide < 0, wide, wide + sign * base)
            columns[name] = moved.astype(columns[name].dtype)
        return columns


def to_offsets(sizes: Array) -> Array:
    """n sizes → n + 1 offsets (int64)."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out
