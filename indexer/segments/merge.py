"""Merges runs: takes several runs and article ids, returns one run with those articles in order.

Runs are made in the order in which articles come, by several processes; a segment holds articles
in order of their ids. The result depends only on the articles and their order. Which segments are
merged, and when, is decided in `refresh`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from indexer.segments.runs import ZONES_OF, Run, to_offsets
from indexer.sorted_arrays import compacted


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
