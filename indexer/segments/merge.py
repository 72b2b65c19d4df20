"""Runs put in order: the articles of several runs in, one run of those that are chosen out.

Runs are made in the order in which articles come, by several processes; a segment has them in
order of their ids. What comes out depends on the articles and their order alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from indexer.segments.tables import Run, to_offsets
from indexer.sorted_arrays import Array

_Rows = TypeVar("_Rows", Array, list[str])


def versions_of(runs: Sequence[Run]) -> dict[str, str]:
    """Article id → version, of all articles."""
    texts = [run.texts for run in runs]
    return {i: v for t in texts for i, v in zip(t["articles/id"], t["articles/version"])}


def merge(runs: Sequence[Run], ids: Sequence[str]) -> Run:
    """The articles of these ids in this order, with sorted forms; of two of one id, that of the
    later run. There is at least one run; those of one maker are in the order in which it made them,
    and all that it made are there."""
    homes: dict[str, tuple[int, int]] = {}
    for number, run in enumerate(runs):
        homes.update((i, (number, n)) for n, i in enumerate(run.texts["articles/id"]))
    stretches = list(_stretches([homes[article_id] for article_id in ids]))
    edges = [{g: to_offsets(counts).tolist() for g, counts in run.counts.items()} for run in runs]

    def chosen(name: str, columns: Sequence[dict[str, _Rows]]) -> list[_Rows]:
        """What the stretches have of a column, given the columns of each run."""
        group = name.partition("/")[0]
        rows = (edges[run][group] for run, _, _ in stretches)
        return [columns[run][name][at[a] : at[b]] for at, (run, a, b) in zip(rows, stretches)]

    told: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        told[run.maker] += run.forms
    forms = sorted(set().union(*told.values()))
    numbers = {form: number for number, form in enumerate(forms)}
    ids_of = {k: np.fromiter(map(numbers.__getitem__, v), np.uint32) for k, v in told.items()}
    columns = [
        run.columns
        | {n: ids_of[run.maker].take(run.columns[n]) for n in run.columns if n.endswith("/form")}
        for run in runs
    ]
    return Run(
        counts={
            group: _concatenate([runs[run].counts[group][a:b] for run, a, b in stretches], counts)
            for group, counts in runs[0].counts.items()
        },
        columns={
            name: _concatenate(chosen(name, columns), columns[0][name]) for name in columns[0]
        },
        texts={
            name: [*chain.from_iterable(chosen(name, [run.texts for run in runs]))]
            for name in runs[0].texts
        },
        maker="",
        forms=forms,
        compounds=set().union(*(run.compounds for run in runs)),
        roots=set().union(*(run.roots for run in runs)),
    )


def _stretches(order: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(run, first article, one past the last) of the articles that stand together in a run too."""
    begun: tuple[int, int, int] | None = None
    for run, article in order:
        if begun is not None and begun[0] == run and begun[2] == article:
            begun = (run, begun[1], article + 1)
            continue
        if begun is not None:
            yield begun
        begun = (run, article, article + 1)
    if begun is not None:
        yield begun


def _concatenate(pieces: Sequence[Array], like: Array) -> Array:
    return np.concatenate(pieces) if pieces else like[:0]
