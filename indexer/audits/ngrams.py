"""Clusters and n-grams: runs of n words that recur, around a node or anywhere.

In: a matched query (clusters) or a snapshot (n-grams), and the length of a run. Out: runs, each
with its frequency and its number of articles. A run lies within one sentence. A run of a cluster
contains a whole node; a run with two nodes counts once. Words are folded forms, shown in their most
frequent spelling. Boilerplate, headings and titles have no runs. Refuses lengths out of range and a
minimum below 1 (`UsageError`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal, get_args

import numpy as np

from indexer.audits.collocates import nodes
from indexer.audits.frequencies import as_written
from indexer.audits.scope import Pages, check_least
from indexer.errors import UsageError
from indexer.model import Page
from indexer.search.matcher import Matcher
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, changes, counted

SHORTEST, LONGEST = 2, 8  # words of a run
_LARGEST = 1 << 62  # limit of the numbers that several words are packed into
NodePosition = Literal["any", "first", "last"]
NODE_POSITIONS: tuple[NodePosition, ...] = get_args(NodePosition)


@dataclass(frozen=True, slots=True)
class Ngram:
    """A run of words."""

    text: str  # its words, each in its most frequent spelling
    count: int
    articles: int  # articles in which it occurs


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The runs that occur often enough, most frequent first."""

    query: str  # query whose occurrences they contain; "": any runs
    size: int  # words per run
    least: int  # minimum frequency of a listed run
    rows: tuple[Ngram, ...]
    total: int  # runs on all pages
    of: int  # occurrences of all runs of this size, rare ones too: the denominator of `count`
    page: Page
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NgramRequest:
    """Parameters, apart from the query."""

    size: int = 3
    least: int = 2
    node: NodePosition = "any"  # position of the node in the run

    def check(self) -> None:
        """Raises `UsageError` for a value out of range."""
        if not SHORTEST <= self.size <= LONGEST:
            raise UsageError(f"size {self.size}: use {SHORTEST} to {LONGEST} words")
        if self.node not in NODE_POSITIONS:
            raise UsageError(f"node {self.node!r}: use {', '.join(NODE_POSITIONS)}")
        check_least(self.least)


def all_clusters(
    matcher: Matcher, query: str, request: NgramRequest, notes: tuple[str, ...] = ()
) -> Pages[Ngrams]:
    """Runs that contain an occurrence of a query; `notes` are those of its parser."""
    request.check()
    firsts = [
        _around(matcher, part, scored.ids, request) for part, scored in enumerate(matcher.matches())
    ]
    return _ranked(matcher.snapshot, query, firsts, request, (*notes, *matcher.notes()))


def all_ngrams(snapshot: Snapshot, request: NgramRequest) -> Pages[Ngrams]:
    """All runs of words, without a node."""
    request.check()
    firsts = [_anywhere(snapshot, part, request.size) for part in range(len(snapshot.parts))]
    return _ranked(snapshot, "", firsts, request, ())


def _around(matcher: Matcher, part: int, ids: Array, request: NgramRequest) -> Array:
    """First tokens of the runs of one part that contain a node, ascending, each once."""
    around = nodes(matcher, part, ids)
    begins = np.zeros(matcher.snapshot.parts[part].segment.content_end, bool)
    for before in range(request.size):  # words before the node
        firsts = around.starts - before
        ends = firsts + request.size
        holds = around.whole & (firsts >= around.lows) & (ends - 1 <= around.highs)
        holds &= ends >= around.ends
        if request.node == "first" and before:
            break
        if request.node == "last":
            holds &= ends == around.ends
        begins[firsts[holds]] = True
    return np.flatnonzero(begins)


def _anywhere(snapshot: Snapshot, part: int, size: int) -> Array:
    """First tokens of all runs of one part, ascending."""
    holder = snapshot.parts[part]
    segment = holder.segment
    starts = segment.column("sentence_starts")
    free = np.ones(segment.content_end, bool)  # whether a run that begins here fits its sentence
    for distance in range(1, size):
        edges = np.append(starts[starts < segment.content_end], segment.content_end)
        before = edges.astype(np.int64) - distance
        free[before[before >= 0]] = False
    firsts = np.flatnonzero(free)
    if holder.live is not None:
        firsts = firsts[holder.live[segment.unit_of(firsts)]]
    return firsts


def _ranked(
    snapshot: Snapshot,
    query: str,
    firsts: Sequence[Array],
    request: NgramRequest,
    notes: tuple[str, ...],
) -> Pages[Ngrams]:
    """Rank the runs that begin with these tokens (one array per part) by frequency."""
    words = [
        np.concatenate([_words(snapshot, part, at + place) for part, at in enumerate(firsts)])
        for place in range(request.size)
    ]
    articles = np.concatenate([_articles(snapshot, part, at) for part, at in enumerate(firsts)])
    rows, counts = _grouped(words, len(snapshot.wordlist), request.least)
    firsts_of = counts.cumsum() - counts  # index in `rows` of each run's first occurrence
    new = changes(articles[rows])  # articles ascend within a run and part
    new[firsts_of] = True
    spread = np.add.reduceat(new, firsts_of, dtype=np.int64) if rows.size else counts
    ranked = np.argsort(-counts, kind="stable")  # ties in code point order of the words
    runs = np.stack([word[rows[firsts_of[ranked]]] for word in words], axis=1)

    def listed(shown: slice) -> Iterator[Ngram]:
        words = [list(map(snapshot.wordlist.text, run)) for run in runs[shown].tolist()]
        written = as_written(snapshot, set(chain.from_iterable(words)))
        numbers = (column[ranked[shown]].tolist() for column in (counts, spread))
        for run, count, articles in zip(words, *numbers):
            yield Ngram(" ".join(map(written.__getitem__, run)), count, articles)

    size, least = request.size, request.least
    answer = partial(Ngrams, query=query, size=size, least=least, of=articles.size, notes=notes)
    return Pages(ranked.size, listed, answer)


def _words(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    forms = snapshot.parts[part].segment.forms_at(tokens)
    found: Array = snapshot.wordlist.numbers(part)[forms]
    return found


def _articles(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    segment = snapshot.parts[part].segment
    found: Array = snapshot.article_ranks[part][segment.article_numbers[segment.unit_of(tokens)]]
    return found


def _grouped(words: Sequence[Array], size: int, least: int) -> tuple[Array, Array]:
    """Group equal runs. Returns the rows of runs that occur at least `least` times, group after
    group, ordered by their words' numbers, ascending within a group; and each group's size.

    As many words as fit are packed into one number.
    """
    rows, keys, span = np.arange(words[0].size), words[0], size
    for word in words[1:]:
        if span * size > _LARGEST:
            rows, counts = _common(rows, keys, least)
            keys, span = np.arange(counts.size).repeat(counts), max(counts.size, 1)
        keys, span = keys * size + word[rows], span * size
    return _common(rows, keys, least)


def _common(rows: Array, keys: Array, least: int) -> tuple[Array, Array]:
    """Rows whose key occurs at least `least` times, sorted by key; the frequency of each key."""
    order = keys.argsort(kind="stable")
    _, counts = counted(keys[order])
    frequent = counts >= least
    return rows[order[frequent.repeat(counts)]], counts[frequent]
