"""Collocates: words that stand near a node more often than chance would have it.

In: an evaluated query, a window, a minimum frequency. Out: words with how often they stand left and
right of the node, and how strongly they are drawn to it. The corpus is cut into the words in the
windows and all others, the nodes apart (surface co-occurrence, Evert 2008): f is how often a word
stands in the windows, f1 the words in the windows, f2 how often it stands anywhere, N all words.
Words are folded forms. Refuses an unknown measure and a senseless minimum (`UsageError`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from indexer.audits.association import (
    Table,
    g2_four,
    g2_two,
    log_dice,
    mutual_information,
    t_score,
)
from indexer.audits.frequencies import summed_forms, word_counts
from indexer.audits.keyness import FEW
from indexer.audits.windows import LEFT, NODE, RIGHT, Window, nodes, sides
from indexer.errors import UsageError
from indexer.model import Page
from indexer.search.matcher import Evaluation
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

Measure = Literal["log_dice", "g2", "g2_four", "mi", "t", "count"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Collocate:
    """A word in the company of a node."""

    word: str  # folded
    left: int  # times in a window on the left of the node
    right: int
    count: int  # left + right: f
    frequency: int  # times in all, outside of nodes: f2
    expected: float  # times in the windows by chance: f1 f2 / N
    mi: float  # mutual information, binary logarithm
    g2: float  # two-cell log-likelihood, negative for fewer than by chance
    g2_four: float  # four-cell
    t: float
    log_dice: float  # 14 at most; f1 here are the occurrences of the node
    few: bool  # fewer than `FEW` times: not to be relied upon


@dataclass(frozen=True, slots=True)
class Collocates:
    """The company of a node."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # words in the windows: f1
    words: int  # in all, the nodes apart: N
    window: Window
    least: int  # times that a word must stand in the windows to be listed
    measure: Measure  # by which the list is sorted, highest first
    rows: tuple[Collocate, ...]
    total: int  # words that stand there so often, not only those shown
    page: Page
    notes: tuple[str, ...]


DEFAULT = Window()


@dataclass(frozen=True, slots=True)
class CollocateRequest:
    """What is asked for, beside the query."""

    window: Window = DEFAULT
    least: int = 3
    measure: Measure = "log_dice"
    limit: int | None = None  # None: all
    offset: int = 0


@dataclass(frozen=True)
class _Company:
    """Counts by word (int64, one a word of the snapshot's list)."""

    left: Array
    right: Array
    outside: Array  # anywhere but in nodes
    nodes: int  # how many there are
    near: int  # left and right together
    words: int  # outside of nodes


def collocates(
    evaluation: Evaluation, query: str, request: CollocateRequest, notes: tuple[str, ...] = ()
) -> Collocates:
    """The words near the occurrences of a query."""
    request.window.check()
    if request.measure not in MEASURES:
        raise UsageError(f"measure {request.measure!r}: use {', '.join(MEASURES)}")
    if request.least < 1 or request.offset < 0 or (request.limit or 0) < 0:
        raise UsageError("the minimum must be 1 or more, limit and offset not negative")
    snapshot = evaluation.snapshot
    company = _company(evaluation, request.window)
    numbers = np.flatnonzero(company.left + company.right >= request.least)
    rows = [_collocate(snapshot, number, company) for number in numbers.tolist()]
    rows.sort(key=lambda row: (-getattr(row, request.measure), row.word))
    limit = len(rows) if request.limit is None else request.limit
    end = request.offset + limit
    return Collocates(
        query=query,
        nodes=company.nodes,
        near=company.near,
        words=company.words,
        window=request.window,
        least=request.least,
        measure=request.measure,
        rows=tuple(rows[request.offset : end]),
        total=len(rows),
        page=Page(request.offset, limit, end < len(rows)),
        notes=(*notes, *evaluation.notes()),
    )


def _company(evaluation: Evaluation, window: Window) -> _Company:
    snapshot = evaluation.snapshot
    counts = {side: np.zeros(len(snapshot.wordlist), np.int64) for side in (LEFT, RIGHT, NODE)}
    total = 0
    for part, scored in enumerate(evaluation.run()):
        segment = snapshot.parts[part].segment
        around = nodes(evaluation, part, scored.ids)
        if not around.starts.size:
            continue
        total += around.starts.size
        side = sides(segment, around, window)
        for which, by_word in counts.items():
            forms = segment.forms_at(np.flatnonzero(side == which))
            by_form = np.bincount(forms, minlength=len(segment.vocabulary.forms))
            by_word += summed_forms(snapshot, part, by_form)
    left, right = counts[LEFT], counts[RIGHT]
    outside = word_counts(snapshot) - counts[NODE]
    near = int(left.sum() + right.sum())
    return _Company(left, right, outside, total, near, int(outside.sum()))


def _collocate(snapshot: Snapshot, number: int, company: _Company) -> Collocate:
    left, right = int(company.left[number]), int(company.right[number])
    table = Table(left + right, company.near, int(company.outside[number]), company.words)
    return Collocate(
        word=snapshot.wordlist.text(number),
        left=left,
        right=right,
        count=table.both,
        frequency=table.second,
        expected=table.expected,
        mi=mutual_information(table),
        g2=g2_two(table),
        g2_four=g2_four(table),
        t=t_score(table),
        log_dice=log_dice(min(table.both, company.nodes), company.nodes, table.second),
        few=table.both < FEW,
    )
