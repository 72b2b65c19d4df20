"""Collocates: words that occur near a node more often than chance would have it.

In: an evaluated query, a window, a minimum frequency. Out: words with how often they stand left and
right of the node, and how strongly they are associated with it. The corpus is cut into the words in
the windows and all others, the nodes apart (surface co-occurrence, Evert 2008): f is how often a
word stands in the windows, f1 the words in the windows, f2 how often it stands anywhere, N all
words. Words are folded forms, shown as they are written most often. Refuses an unknown measure, a
senseless minimum, a window without a side, and one that is too wide (`UsageError`).

A window ends with the sentence of its node. A token within reach of two nodes is in the window of
the nearer one (of two as near, of the one that follows), so that every token counts once; the
tokens of a node are in no window. Boilerplate has no collocates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from indexer.audits.frequencies import as_written, shown_words, summed_forms, word_counts
from indexer.audits.scope import check_least, paged
from indexer.audits.statistics import (
    FEW,
    ContingencyTable,
    g2_four,
    g2_two,
    log_dice,
    mutual_information,
    t_score,
)
from indexer.errors import UsageError
from indexer.model import Page
from indexer.search.matcher import Evaluation
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

WIDEST = 20  # words on either side
LEFT, RIGHT, NODE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Window:
    """How many words on either side of a node count."""

    left: int = 5
    right: int = 5

    def check(self) -> None:
        """Raises `UsageError` when there is no such window."""
        if not (0 <= self.left <= WIDEST and 0 <= self.right <= WIDEST):
            raise UsageError(f"window {self.left}, {self.right}: use 0 to {WIDEST} words a side")
        if not self.left + self.right:
            raise UsageError("window 0, 0: give one side a word at least")


@dataclass(frozen=True)
class Nodes:
    """The occurrences of a query in the content of one part, and the sentence around each."""

    starts: Array  # first token
    ends: Array  # one past the last
    lows: Array  # first token of the sentence in which it begins
    highs: Array  # last token of the sentence in which it ends
    whole: Array  # bool, whether these are one sentence


def nodes(evaluation: Evaluation, part: int, ids: Array) -> Nodes:
    """The nodes in these passages (ascending) of a part."""
    segment = evaluation.snapshot.parts[part].segment
    content = ids[ids < segment.contents]
    found = evaluation.united(part, content)
    lows, first_highs = _sentence(segment, found.starts)
    _, highs = _sentence(segment, found.ends - 1)
    return Nodes(found.starts, found.ends, lows, highs, first_highs == highs)


def _sentence(segment: Segment, tokens: Array) -> tuple[Array, Array]:
    """First and last token of the sentence that each token stands in."""
    starts = segment.column("sentence_starts")
    numbers = segment.sentence_of(tokens)
    edges = np.append(starts, segment.tokens).astype(np.int64)
    return edges[numbers], edges[numbers + 1] - 1


def sides(segment: Segment, around: Nodes, window: Window) -> Array:
    """For each token of the content whether it is in a window: 0, `LEFT`, `RIGHT` or `NODE`."""
    side = np.zeros(segment.content_end, np.uint8)
    for distance in range(max(window.left, window.right), 0, -1):  # the nearest is written last
        if distance <= window.right:
            tokens = around.ends - 1 + distance
            side[tokens[tokens <= around.highs]] = RIGHT
        if distance <= window.left:
            tokens = around.starts - distance
            side[tokens[tokens >= around.lows]] = LEFT
    for place in range(int((around.ends - around.starts).max(initial=0))):
        tokens = around.starts + place
        side[tokens[tokens < around.ends]] = NODE
    return side


Measure = Literal["log_dice", "g2", "g2_four", "mi", "t", "count"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Collocate:
    """A word that occurs near a node."""

    word: str  # as it is written most often
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
    """The collocates of a node."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # words in the windows: f1
    words: int  # in all, the nodes apart: N
    window: Window
    least: int  # times that a word must stand in the windows to be listed
    measure: Measure  # by which the list is sorted, highest first
    rows: tuple[Collocate, ...]
    total: int  # words that stand there so often, not only those shown
    stopped: int  # function words left out of these
    page: Page
    notes: tuple[str, ...]


DEFAULT = Window()


@dataclass(frozen=True, slots=True)
class CollocateRequest:
    """What is asked for, beside the query."""

    window: Window = DEFAULT
    least: int = 3
    measure: Measure = "log_dice"
    stop: bool = False  # whether function words are left out of what is listed


@dataclass(frozen=True)
class _Counts:
    """Counts by word (int64, one a word of the snapshot's list)."""

    left: Array
    right: Array
    outside: Array  # anywhere but in nodes
    nodes: int  # how many there are
    near: int  # left and right together
    words: int  # outside of nodes

    def table(self, number: int) -> ContingencyTable:
        """Of the word with this number."""
        both = int(self.left[number] + self.right[number])
        return ContingencyTable(both, self.near, int(self.outside[number]), self.words)


# Of a word's table and the number of nodes.
_SCORES: Mapping[Measure, Callable[[ContingencyTable, int], Any]] = {
    "log_dice": lambda table, nodes: log_dice(min(table.both, nodes), nodes, table.second),
    "g2": lambda table, _: g2_two(table),
    "g2_four": lambda table, _: g2_four(table),
    "mi": lambda table, _: mutual_information(table),
    "t": lambda table, _: t_score(table),
    "count": lambda table, _: table.both,
}


@dataclass(frozen=True)
class AllCollocates:
    """All collocates of a node, of which pages are made."""

    snapshot: Snapshot
    query: str
    request: CollocateRequest
    counts: _Counts
    numbers: Array  # of the words in the snapshot's list, in their order
    stopped: int  # function words left out of these
    notes: tuple[str, ...]  # what was left out of the query

    def page(self, offset: int, limit: int | None) -> Collocates:
        """Some of them, as they are written (`limit` None: all from `offset` on)."""
        listed, page = paged(self.numbers.tolist(), offset, limit)
        written = as_written(self.snapshot, map(self.snapshot.wordlist.text, listed))
        rows = [_collocate(word, n, self.counts) for n, word in zip(listed, written.values())]
        return Collocates(
            query=self.query,
            nodes=self.counts.nodes,
            near=self.counts.near,
            words=self.counts.words,
            window=self.request.window,
            least=self.request.least,
            measure=self.request.measure,
            rows=tuple(rows),
            total=self.numbers.size,
            stopped=self.stopped,
            page=page,
            notes=self.notes,
        )


def all_collocates(
    evaluation: Evaluation, query: str, request: CollocateRequest, notes: tuple[str, ...] = ()
) -> AllCollocates:
    """The collocates of an evaluated query; `notes` tell what of it could not be read."""
    request.window.check()
    if request.measure not in MEASURES:
        raise UsageError(f"measure {request.measure!r}: use {', '.join(MEASURES)}")
    check_least(request.least)
    counts = _counts(evaluation, request.window)
    found = np.flatnonzero(counts.left + counts.right >= request.least)
    numbers, stopped = shown_words(evaluation.snapshot, found, request.stop)
    score = _SCORES[request.measure]
    scores = [score(counts.table(number), counts.nodes) for number in numbers.tolist()]
    ranked = numbers[np.argsort(-np.array(scores, float), kind="stable")]  # equal ones as they are
    notes = (*notes, *evaluation.notes())
    return AllCollocates(evaluation.snapshot, query, request, counts, ranked, stopped, notes)


def _counts(evaluation: Evaluation, window: Window) -> _Counts:
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
    return _Counts(left, right, outside, total, near, int(outside.sum()))


def _collocate(word: str, number: int, counts: _Counts) -> Collocate:
    table = counts.table(number)
    scores = {name: score(table, counts.nodes) for name, score in _SCORES.items()}
    return Collocate(
        word=word,
        left=int(counts.left[number]),
        right=int(counts.right[number]),
        frequency=table.second,
        expected=table.expected,
        few=table.both < FEW,
        **scores,
    )
