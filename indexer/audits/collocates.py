"""Collocates: words that occur near a node more often than expected by chance.

In: a matched query, a window, a minimum frequency. Out: words with their frequency left and
right of the node and the strength of association. All tokens outside of nodes are divided into
those inside the windows and the rest (surface co-occurrence, Evert 2008): f is the frequency of a
word in the windows, f1 the number of tokens in the windows, f2 the word's frequency outside of
nodes, N all tokens outside of nodes. Words are folded forms, shown in their most frequent spelling.
Refuses an unknown measure, a minimum below 1, and an empty or too wide window (`UsageError`).

A window ends at the sentence boundary. A token within reach of two nodes belongs to the nearer one
(in a tie, to the one that follows), so every token counts once; tokens of a node are in no window.
Boilerplate has no collocates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from indexer.audits.frequencies import as_written, shown_words, summed_forms, word_counts
from indexer.audits.scope import Pages, check_least
from indexer.audits.statistics import (
    LEAST_RELIABLE,
    ContingencyTable,
    g2_four,
    g2_two,
    log_dice,
    mutual_information,
    t_score,
)
from indexer.errors import UsageError
from indexer.model import Page
from indexer.search.matcher import Matcher
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

WIDEST = 20  # words on each side
LEFT, RIGHT, NODE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Window:
    """Width of the window around a node: number of words on each side."""

    left: int = 5
    right: int = 5

    def check(self) -> None:
        """Raises `UsageError` for an empty or too wide window."""
        if not (0 <= self.left <= WIDEST and 0 <= self.right <= WIDEST):
            raise UsageError(f"window {self.left}, {self.right}: use 0 to {WIDEST} words a side")
        if not self.left + self.right:
            raise UsageError("window 0, 0: give one side a word at least")


@dataclass(frozen=True)
class Nodes:
    """Occurrences of a query in the content of one part, with the sentence around each."""

    starts: Array  # first token
    ends: Array  # one past the last
    lows: Array  # first token of the sentence in which it begins
    highs: Array  # last token of the sentence in which it ends
    whole: Array  # bool, whether it begins and ends in the same sentence


def nodes(matcher: Matcher, part: int, ids: Array) -> Nodes:
    """The nodes in these passages of a part (numbers, ascending)."""
    segment = matcher.snapshot.parts[part].segment
    content = ids[ids < segment.contents]
    found = matcher.united(part, content)
    lows, first_highs = _sentence(segment, found.starts)
    _, highs = _sentence(segment, found.ends - 1)
    return Nodes(found.starts, found.ends, lows, highs, first_highs == highs)


def _sentence(segment: Segment, tokens: Array) -> tuple[Array, Array]:
    """First and last token of the sentence of each token (int64)."""
    starts = segment.column("sentence_starts")
    numbers = segment.sentence_of(tokens)
    edges = np.append(starts, segment.tokens).astype(np.int64)
    return edges[numbers], edges[numbers + 1] - 1


def sides(segment: Segment, around: Nodes, window: Window) -> Array:
    """For each token of the content: `LEFT`, `RIGHT`, `NODE`, or 0 outside of windows (uint8)."""
    side = np.zeros(segment.content_end, np.uint8)
    for distance in range(max(window.left, window.right), 0, -1):  # the nearest node wins
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

    word: str  # in its most frequent spelling
    left: int  # occurrences in windows on the left of the node
    right: int  # occurrences in windows on the right
    count: int  # left + right: f
    frequency: int  # all occurrences outside of nodes: f2
    expected: float  # occurrences in the windows expected by chance: f1 f2 / N
    mi: float  # mutual information, binary logarithm
    g2: float  # two-cell log-likelihood, negative if less frequent than expected
    g2_four: float  # four-cell log-likelihood, with the same sign
    t: float  # t score
    log_dice: float  # at most 14; here f1 is the number of nodes
    few: bool  # whether f is below `LEAST_RELIABLE`: not reliable


@dataclass(frozen=True, slots=True)
class Collocates:
    """The collocates of a node."""

    query: str
    nodes: int  # occurrences of the query
    near: int  # tokens in the windows: f1
    words: int  # tokens outside of nodes: N
    window: Window
    least: int  # minimum frequency in the windows of a listed word
    measure: Measure  # sort key of the list, highest first
    rows: tuple[Collocate, ...]
    total: int  # number of words on all pages
    stopped: int  # function words that were left out of the list
    page: Page
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollocateRequest:
    """Parameters, apart from the query."""

    window: Window = field(default_factory=Window)
    least: int = 3
    measure: Measure = "log_dice"
    stop: bool = False  # whether function words are left out of the list


@dataclass(frozen=True)
class _Counts:
    """Counts of tokens; arrays have one row per word of the snapshot's word list (int64)."""

    left: Array
    right: Array
    outside: Array  # anywhere but in nodes
    nodes: int  # number of nodes
    near: int  # sum of left and right
    words: int  # sum of outside

    def table(self, number: int) -> ContingencyTable:
        """The contingency table of the word with this number."""
        both = int(self.left[number] + self.right[number])
        return ContingencyTable(both, self.near, int(self.outside[number]), self.words)


# Measure → score of a word, from its table and the number of nodes.
_SCORES: Mapping[Measure, Callable[[ContingencyTable, int], Any]] = {
    "log_dice": lambda table, nodes: log_dice(min(table.both, nodes), nodes, table.second),
    "g2": lambda table, _: g2_two(table),
    "g2_four": lambda table, _: g2_four(table),
    "mi": lambda table, _: mutual_information(table),
    "t": lambda table, _: t_score(table),
    "count": lambda table, _: table.both,
}


def all_collocates(
    matcher: Matcher, query: str, request: CollocateRequest, notes: tuple[str, ...] = ()
) -> Pages[Collocates]:
    """The collocates of a matched query; `notes` are those of its parser."""
    request.window.check()
    if request.measure not in MEASURES:
        raise UsageError(f"measure {request.measure!r}: use {', '.join(MEASURES)}")
    check_least(request.least)
    counts = _counts(matcher, request.window)
    frequent = np.flatnonzero(counts.left + counts.right >= request.least)
    numbers, stopped = shown_words(matcher.snapshot, frequent, request.stop)
    score = _SCORES[request.measure]
    scores = [score(counts.table(number), counts.nodes) for number in numbers.tolist()]
    ranked = numbers[np.argsort(-np.array(scores, float), kind="stable")]  # ties in list order
    answer = partial(
        Collocates,
        query=query,
        nodes=counts.nodes,
        near=counts.near,
        words=counts.words,
        window=request.window,
        least=request.least,
        measure=request.measure,
        stopped=stopped,
        notes=(*notes, *matcher.notes()),
    )
    return Pages(ranked.size, partial(_rows, matcher.snapshot, counts, ranked), answer)


def _rows(snapshot: Snapshot, counts: _Counts, ranked: Array, shown: slice) -> list[Collocate]:
    """The collocates at some ranks, in their usual spelling."""
    numbers = ranked[shown].tolist()
    written = as_written(snapshot, map(snapshot.wordlist.text, numbers))
    return [_collocate(word, n, counts) for word, n in zip(written.values(), numbers)]


def _counts(matcher: Matcher, window: Window) -> _Counts:
    snapshot = matcher.snapshot
    counts = {side: np.zeros(len(snapshot.wordlist), np.int64) for side in (LEFT, RIGHT, NODE)}
    total = 0
    for part, scored in enumerate(matcher.matches()):
        segment = snapshot.parts[part].segment
        around = nodes(matcher, part, scored.ids)
        if not around.starts.size:
            continue
        total += around.starts.size
        side = sides(segment, around, window)
        for code, by_word in counts.items():
            forms = segment.forms_at(np.flatnonzero(side == code))
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
        few=table.both < LEAST_RELIABLE,
        **scores,
    )
