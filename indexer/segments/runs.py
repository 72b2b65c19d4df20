"""Runs: inverted articles as tables, before they are part of a segment.

The inverter makes them, in one process or several, as articles come; `merge` makes one run of them,
with articles in order of their ids; `builder` makes a segment of that. A unit is a text that no
phrase crosses: a passage or a head (a title or heading). Rows are grouped; within a group they go
zone by zone (content, boilerplate, heads), and within a zone article by article. References to
other rows count from the first row of the article, so articles can be put in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from indexer.sorted_arrays import Array, compacted

ARTICLE_TEXTS = ("id", "version", "url", "language", "title")
ARTICLE_COLUMNS = ("first", "last", "boilerplate_first", "boilerplate_last", "head")
# `first` and `last`: half-open range of the content passages below a title or heading;
# `boilerplate_first` and `boilerplate_last`: of the boilerplate passages, numbered from 0.
# `stand_in`: for a head with no content passage below it, the next one of its article, or else the
# last one; -1 for other heads. `parent`: the heading above, -1 for titles and top headings;
# `level`: depth in headings, 1 for a top heading, 0 for titles.
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
    "heading": np.int32,  # head number of the innermost heading above, -1 for none
    "kind": np.uint8,
    "ordinal": np.uint32,
    "start": np.uint32,
    "end": np.uint32,
}
TOKEN_MARKS = {"block_starts": 1, "sentence_starts": 2, "hyphens": 4}  # bits of `token.marks`
ZONES_OF = {"article": 1, "passage": 2, "head": 1, "unit": 3, "token": 3, "byte": 3}  # nosec B105 # no password


@dataclass
class Run:
    """Tables of some articles; picklable.

    Groups: `article`, `passage`, `head`, `unit` (passages, then heads), `token` and `byte` (of the
    units' texts, in UTF-8). Columns are named `GROUP.NAME`: those above; `unit.tokens` and
    `unit.bytes`, sizes of each unit; `token.form` (index into `forms`), `token.start` (code points,
    in its unit) and `token.marks` (whether the token begins a block or a sentence, and whether a
    hyphen alone joins it to the next token); `byte.text`.
    """

    counts: dict[str, Array]  # by group: rows of each article, zone by zone (int64)
    columns: dict[str, Array]
    # `article.NAME` (`language` also names, after spaces, the other languages of its passages);
    # `passage.told`: anchor TAB numbers TAB element, where the numbers, if any, are start and end
    # of its context (-1 for none) and its breaks, followed by a colon and its language if that is
    # not the article's; `head.path`: headings from the top down, a line each, empty for titles
    texts: dict[str, list[str]]
    # `language NUL stem NUL fold NUL form`, each once, in any order. None of the four holds a NUL,
    # so the strings sort as the tuples would.
    forms: list[str]

    @property
    def articles(self) -> int:
        """Number of articles."""
        return self.counts["article"].size

    def count_rest(self) -> None:
        """Fill in `counts` for the other groups from those of passages and heads."""
        units = np.concatenate((self.counts["passage"], self.counts["head"]))
        edges = to_offsets(units)
        tokens, sizes = (to_offsets(self.columns[f"unit.{name}"]) for name in ("tokens", "bytes"))
        self.counts |= {"article": np.ones(self.counts["head"].size, np.int64), "unit": units}
        self.counts |= {"token": np.diff(tokens[edges]), "byte": np.diff(sizes[edges])}

    def rebase(self, sign: int) -> dict[str, Array]:
        """The columns with row references rebased: from counting within the article to counting
        within the run (`sign` 1), or back (`sign` -1). References of -1 (none) stay."""
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
    """The n + 1 offsets of n sizes, from 0 to their sum (int64)."""
    out = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


# --- merging ------------------------------------------------------------------------------------


def versions_of(runs: Sequence[Run]) -> dict[str, str]:
    """Article id → version, over all runs; the later run wins where an id occurs twice."""
    texts = [run.texts for run in runs]
    return {i: v for t in texts for i, v in zip(t["article.id"], t["article.version"])}


def merge(runs: Sequence[Run], ids: Sequence[str]) -> Run:
    """Merge the articles with these ids, in this order, into one run with their forms sorted. The
    later run wins where an id occurs twice. Needs at least one run."""
    homes: dict[str, tuple[int, int]] = {}
    for number, run in enumerate(runs):
        homes.update((i, (number, n)) for n, i in enumerate(run.texts["article.id"]))
    stretches = list(_stretches([homes[article_id] for article_id in ids]))
    # by group: (run, first, last) in `counts`, which has a row per zone and article
    rows = {
        group: [
            (run, zone * runs[run].articles + first, zone * runs[run].articles + last)
            for zone in range(zones)
            for run, first, last in stretches
        ]
        for group, zones in ZONES_OF.items()
    }
    slices = {}  # by group: (run, first, last) in the rows of the group itself
    for group, found in rows.items():
        edges = [to_offsets(run.counts[group]).tolist() for run in runs]
        slices[group] = [(run, edges[run][first], edges[run][last]) for run, first, last in found]
    every = sorted(set().union(*(run.forms for run in runs)))
    numbers = {form: number for number, form in enumerate(every)}
    columns = {
        name: np.concatenate(
            [like[:0], *(runs[run].columns[name][a:b] for run, a, b in slices[name.split(".")[0]])]
        )
        for name, like in runs[0].columns.items()
        if name != "token.form"
    }
    own = [np.fromiter(map(numbers.__getitem__, run.forms), np.uint32) for run in runs]
    forms = [own[run].take(runs[run].columns["token.form"][a:b]) for run, a, b in slices["token"]]
    tokens = np.concatenate([np.zeros(0, np.uint32), *forms])
    used, columns["token.form"] = compacted(tokens, len(every))
    return Run(
        counts={
            group: np.concatenate(
                [np.zeros(0, np.int64), *(runs[run].counts[group][a:b] for run, a, b in found)]
            )
            for group, found in rows.items()
        },
        columns=columns,
        texts={
            name: [
                text
                for run, a, b in slices[name.split(".")[0]]
                for text in runs[run].texts[name][a:b]
            ]
            for name in runs[0].texts
        },
        forms=[every[n] for n in used.tolist()],
    )


def _stretches(homes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(run, first article, one past the last) of each stretch of `homes` consecutive in a run."""
    groups = groupby(enumerate(homes), lambda item: (item[1][0], item[1][1] - item[0]))
    for (run, before), found in groups:
        places = [place for place, _ in found]
        yield run, places[0] + before, places[-1] + before + 1
