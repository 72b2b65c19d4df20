"""Measures of rankings as text, CSV and JSON.

In: the measures of each query under each configuration. Out: a table with one row per
configuration, its difference from the first and a p-value; plain values. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from indexer.evaluation import Judgement, Scores, means, randomisation_test
from indexer.reporting.csv import Column, Field, Table

_LABELS = {"ndcg@10": "nDCG@10", "map@100": "MAP@100", "mrr@10": "MRR@10", "p@10": "P@10"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One configuration with the measures and ranking of each query."""

    name: str
    scores: Scores
    rankings: Sequence[Sequence[str]]  # of documents, by query


Row = tuple[str | float | None, ...]  # name, measures, difference, p-value


def summary(measured: Sequence[Measured]) -> tuple[list[Column[Row]], Iterator[Row]]:
    """Columns and rows of a table with one row per configuration."""
    measures = list(measured[0].scores)
    labels = [_LABELS.get(name, name.replace("_", " ")) for name in measures]
    compared = [("difference", f"difference of {labels[0]}"), ("chance", "by chance (p)")]
    heads = [("asked", ""), *zip(measures, labels), *compared]
    columns: list[Column[Row]] = [
        Column(name, head, itemgetter(at), 4) for at, (name, head) in enumerate(heads)
    ]
    return columns, _rows(measured)


def _rows(measured: Sequence[Measured]) -> Iterator[Row]:
    """Means of each configuration, and from the second on the difference and its p-value."""
    first, *others = measured
    base = means(first.scores)
    name = next(iter(base))
    yield first.name, *base.values(), None, None
    for one in others:
        values = means(one.scores)
        chance = randomisation_test(one.scores[name], first.scores[name])
        yield one.name, *values.values(), values[name] - base[name], chance


def evaluation_values(
    measured: Sequence[Measured], queries: Sequence[Judgement], *, per_query: bool
) -> dict[str, Any]:
    """The means of the first configuration; the means, differences and p-values of each other
    one; with `per_query`, also the measures and ranking of each query."""
    first, *others = measured
    values: dict[str, Any] = {"queries": len(queries), **_rounded(means(first.scores))}
    if others:
        values["compared"] = [_compared(one, first) for one in others]
    if per_query:
        values["per_query"] = [
            {"query": query.id, **_of_query(first, at), "ranking": list(first.rankings[at])}
            | {"compared": {one.name: _of_query(one, at) for one in others}}
            for at, query in enumerate(queries)
        ]
    return values


def _compared(one: Measured, first: Measured) -> dict[str, Any]:
    own, base = means(one.scores), means(first.scores)
    differences = {name: own[name] - base[name] for name in own}
    p_values = {name: randomisation_test(one.scores[name], first.scores[name]) for name in own}
    named = {"asked": one.name, **_rounded(own)}
    return {**named, "difference": _rounded(differences), "p": _rounded(p_values)}


def _of_query(one: Measured, at: int) -> dict[str, float]:
    return _rounded({name: values[at] for name, values in one.scores.items()})


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in values.items()}


def query_table(measured: Sequence[Measured], queries: Sequence[Judgement]) -> Table:
    """One row per query and configuration, with the measures."""
    names = list(measured[0].scores)
    rows: list[list[Field]] = [
        [query.id, one.name, *_of_query(one, at).values()]
        for at, query in enumerate(queries)
        for one in measured
    ]
    return ["query", "asked", *names], rows
