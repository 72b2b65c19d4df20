"""Clusters and n-grams: runs of n words that recur, around a node or anywhere.

In: an evaluated query, or a snapshot, and the length of a run. Out: runs with how often each occurs
and in how many articles. A run lies in one sentence, and one of a cluster holds a whole node; a run
around two nodes counts once. Words are folded forms, shown as they are written most often;
boilerplate, headings and titles have no runs. Refuses other lengths and a senseless minimum
(`UsageError`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, get_args

import numpy as np

from indexer.audits.collocates import nodes
from indexer.audits.frequencies import as_written
from indexer.audits.scope import check_least, paged
from indexer.errors import UsageError
from indexer.model import Page
from indexer.search.matcher import Evaluation
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array, changes, counted

SHORTEST, LONGEST = 2, 8  # words of a run
_LARGEST = 1 << 62  # of what several words are packed into
NodePosition = Literal["any", "first", "last"]
NODE_POSITIONS: tuple[NodePosition, ...] = get_args(NodePosition)


@dataclass(frozen=True, slots=True)
class Ngram:
    """Some words in a row."""

    text: str  # its words, each as it is written most often
    count: int
    articles: int  # in which it occurs


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The runs that occur often enough, the commonest first."""

    query: str  # whose occurrences they hold; "": any runs
    size: int  # words of each
    least: int  # times that a run must occur to be listed
    rows: tuple[Ngram, ...]
    total: int  # runs that occur so often, not only those shown
    of: int  # occurrences of runs of this size, rare ones too: what `count` is a number of
    page: Page
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NgramRequest:
    """What is asked for."""

    size: int = 3
    least: int = 2
    node: NodePosition = "any"  # where in a cluster the node stands

    def check(self) -> None:
        """Raises `UsageError` for what makes no sense."""
        if not SHORTEST <= self.size <= LONGEST:
            raise UsageError(f"size {self.size}: use {SHORTEST} to {LONGEST} words")
        if self.node not in NODE_POSITIONS:
            raise UsageError(f"node {self.node!r}: use {', '.join(NODE_POSITIONS)}")
        check_least(self.least)


@dataclass(frozen=True)
class AllRuns:
    """All runs that occur often enough, the commonest first, of which pages are made; row i of each
    column is one of them."""

    snapshot: Snapshot
    query: str  # whose occurrences they hold; "": any runs
    request: NgramRequest
    words: Array  # numbers of its words in the snapshot's list, a column a word
    counts: Array  # how often it occurs
    articles: Array  # in how many
    of: int  # occurrences of runs of this size, rare ones too
    notes: tuple[str, ...]  # what was left out of the query

    def page(self, offset: int, limit: int | None) -> Ngrams:
        """Some of them, as they are written (`limit` None: all from `offset` on)."""
        listed, page = paged(range(self.counts.size), offset, limit)
        runs = [list(map(self.snapshot.wordlist.text, self.words[n].tolist())) for n in listed]
        written = as_written(self.snapshot, set(chain.from_iterable(runs)))
        found = [
            Ngram(" ".join(map(written.__getitem__, run)), int(count), int(articles))
            for run, count, articles in zip(runs, self.counts[listed], self.articles[listed])
        ]
        return Ngrams(
            query=self.query,
            size=self.request.size,
            least=self.request.least,
            rows=tuple(found),
            total=self.counts.size,
            of=self.of,
            page=page,
            notes=self.notes,
        )


def all_clusters(
    evaluation: Evaluation, query: str, request: NgramRequest, notes: tuple[str, ...] = ()
) -> AllRuns:
    """Runs that hold an occurrence of a query; `notes` tell what of it could not be read."""
    request.check()
    firsts = [
        _around(evaluation, part, scored.ids, request)
        for part, scored in enumerate(evaluation.run())
    ]
    return _ranked(evaluation.snapshot, query, firsts, request, (*notes, *evaluation.notes()))


def all_ngrams(snapshot: Snapshot, request: NgramRequest) -> AllRuns:
    """Any runs."""
    request.check()
    firsts = [_anywhere(snapshot, part, request.size) for part in range(len(snapshot.parts))]
    return _ranked(snapshot, "", firsts, request, ())


def _around(evaluation: Evaluation, part: int, ids: Array, request: NgramRequest) -> Array:
    """First tokens of the runs of one part that hold a node, ascending, each once."""
    around = nodes(evaluation, part, ids)
    found = np.zeros(evaluation.snapshot.parts[part].segment.content_end, bool)
    for before in range(request.size):  # words of the run before the node
        firsts = around.starts - before
        ends = firsts + request.size
        holds = around.whole & (firsts >= around.lows) & (ends - 1 <= around.highs)
        holds &= ends >= around.ends
        if request.node == "first" and before:
            break
        if request.node == "last":
            holds &= ends == around.ends
        found[firsts[holds]] = True
    return np.flatnonzero(found)


def _anywhere(snapshot: Snapshot, part: int, size: int) -> Array:
    """First tokens of all runs of one part, ascending."""
    holder = snapshot.parts[part]
    segment = holder.segment
    starts = segment.column("sentence_starts")
    free = np.ones(segment.content_end, bool)  # no sentence begins, nor the content ends, within
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
) -> AllRuns:
    """The runs that begin with these tokens of each part."""
    words = [
        np.concatenate([_words(snapshot, part, at + place) for part, at in enumerate(firsts)])
        for place in range(request.size)
    ]
    articles = np.concatenate([_articles(snapshot, part, at) for part, at in enumerate(firsts)])
    rows, counts = _grouped(words, len(snapshot.wordlist), request.least)
    firsts_of = counts.cumsum() - counts  # of each run where it first stands
    new = changes(articles[rows])  # those of one run ascend within a part
    new[firsts_of] = True
    spread = np.add.reduceat(new, firsts_of, dtype=np.int64) if rows.size else counts
    ranked = np.argsort(-counts, kind="stable")  # of as many, those first that the alphabet has so
    runs = np.stack([word[rows[firsts_of[ranked]]] for word in words], axis=1)
    found = (runs, counts[ranked], spread[ranked], articles.size)
    return AllRuns(snapshot, query, request, *found, notes)


def _words(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    forms = snapshot.parts[part].segment.forms_at(tokens)
    found: Array = snapshot.wordlist.numbers(part)[forms]
    return found


def _articles(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    segment = snapshot.parts[part].segment
    found: Array = snapshot.article_ranks[part][segment.article_numbers[segment.unit_of(tokens)]]
    return found


def _grouped(words: Sequence[Array], size: int, least: int) -> tuple[Array, Array]:
    """Rows that read as `least` others do, those that read alike together in their order, by the
    alphabet; and how many there are of each.

    Words are packed into one number as long as that holds them.
    """
    rows, keys, span = np.arange(words[0].size), words[0], size
    for word in words[1:]:
        if span * size > _LARGEST:
            rows, counts = _common(rows, keys, least)
            keys, span = np.arange(counts.size).repeat(counts), max(counts.size, 1)
        keys, span = keys * size + word[rows], span * size
    return _common(rows, keys, least)


def _common(rows: Array, keys: Array, least: int) -> tuple[Array, Array]:
    """Rows whose key occurs at least so often, by their keys; how often each of these occurs."""
    order = keys.argsort(kind="stable")
    _, counts = counted(keys[order])
    often = counts >= least
    return rows[order[often.repeat(counts)]], counts[often]
