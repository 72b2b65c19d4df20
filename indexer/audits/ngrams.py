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
    limit: int | None = None  # None: all
    offset: int = 0

    def check(self) -> None:
        """Raises `UsageError` for what makes no sense."""
        if not SHORTEST <= self.size <= LONGEST:
            raise UsageError(f"size {self.size}: use {SHORTEST} to {LONGEST} words")
        if self.node not in NODE_POSITIONS:
            raise UsageError(f"node {self.node!r}: use {', '.join(NODE_POSITIONS)}")
        check_least(self.least)


def clusters(
    evaluation: Evaluation, query: str, request: NgramRequest, notes: tuple[str, ...] = ()
) -> Ngrams:
    """Runs that hold an occurrence of a query."""
    request.check()
    firsts = [
        _around(evaluation, part, scored.ids, request)
        for part, scored in enumerate(evaluation.run())
    ]
    return _ngrams(evaluation.snapshot, firsts, query, request, (*notes, *evaluation.notes()))


def ngrams(snapshot: Snapshot, request: NgramRequest) -> Ngrams:
    """All runs."""
    request.check()
    firsts = [_anywhere(snapshot, part, request.size) for part in range(len(snapshot.parts))]
    return _ngrams(snapshot, firsts, "", request, ())


def _around(evaluation: Evaluation, part: int, ids: Array, request: NgramRequest) -> Array:
    """First tokens of the runs of one part that hold a node, ascending, each once."""
    around = nodes(evaluation, part, ids)
    found = [np.zeros(0, np.int64)]
    for before in range(request.size):  # words of the run before the node
        firsts = around.starts - before
        ends = firsts + request.size
        holds = around.whole & (firsts >= around.lows) & (ends - 1 <= around.highs)
        holds &= ends >= around.ends
        if request.node == "first" and before:
            break
        if request.node == "last":
            holds &= ends == around.ends
        found.append(firsts[holds])
    every = np.sort(np.concatenate(found))
    distinct: Array = every[changes(every)]
    return distinct


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
        firsts = firsts[holder.live[segment.passage_of(firsts)]]
    return firsts


def _ngrams(
    snapshot: Snapshot,
    firsts: Sequence[Array],
    query: str,
    request: NgramRequest,
    notes: tuple[str, ...],
) -> Ngrams:
    words = [
        np.concatenate([_words(snapshot, part, at + place) for part, at in enumerate(firsts)])
        for place in range(request.size)
    ]
    articles = np.concatenate([_articles(snapshot, part, at) for part, at in enumerate(firsts)])
    rows, keys, kept, counts = _grouped(words, len(snapshot.wordlist), request.least)
    ranked = np.argsort(-counts, kind="stable")  # of as many, those first that the alphabet has so
    listed, page = paged(ranked.tolist(), request.offset, request.limit)
    shown = np.sort(kept[list(listed)])
    at, mine = _among(shown, keys)
    one_of = np.zeros(shown.size, np.int64)  # a row that reads so
    one_of[at] = rows[mine]
    in_articles = np.unique((at << 32) | articles[rows[mine]]) >> 32
    spread = np.bincount(in_articles, minlength=shown.size)
    places = shown.searchsorted(kept[list(listed)])
    runs = [
        [snapshot.wordlist.text(int(word[one_of[place]])) for word in words] for place in places
    ]
    written = as_written(snapshot, set(chain.from_iterable(runs)))
    found = [
        Ngram(" ".join(map(written.__getitem__, run)), int(counts[group]), int(spread[place]))
        for group, place, run in zip(listed, places, runs)
    ]
    return Ngrams(
        query=query,
        size=request.size,
        least=request.least,
        rows=tuple(found),
        total=int(ranked.size),
        of=int(articles.size),
        page=page,
        notes=notes,
    )


def _words(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    forms = snapshot.parts[part].segment.forms_at(tokens)
    found: Array = snapshot.wordlist.numbers(part)[forms]
    return found


def _articles(snapshot: Snapshot, part: int, tokens: Array) -> Array:
    segment = snapshot.parts[part].segment
    found: Array = snapshot.article_ranks[part][segment.article_numbers[segment.passage_of(tokens)]]
    return found


def _grouped(words: Sequence[Array], size: int, least: int) -> tuple[Array, Array, Array, Array]:
    """Rows that may read alike, a key for each; keys that occur often enough, and how often.

    Words are packed into one number as long as that holds them; keys ascend with the alphabet. A
    plain sort of numbers is ten times as fast as one that tells where each came from.
    """
    rows, keys, span = np.arange(words[0].size), words[0], size
    for word in words[1:]:
        if span * size > _LARGEST:
            kept, _ = _common(keys, least)
            keys, mine = _among(kept, keys)
            rows, span = rows[mine], max(kept.size, 1)
        keys, span = keys * size + word[rows], span * size
    return rows, keys, *_common(keys, least)


def _common(keys: Array, least: int) -> tuple[Array, Array]:
    """Keys that occur at least so often, ascending, and how often."""
    distinct, counts = counted(np.sort(keys))
    often = counts >= least
    return distinct[often], counts[often]


def _among(kept: Array, keys: Array) -> tuple[Array, Array]:
    """For the keys that are kept their place there; which these are (bool)."""
    if not kept.size:
        return np.zeros(0, np.int64), np.zeros(keys.size, bool)
    at = np.minimum(kept.searchsorted(keys), kept.size - 1)
    mine = kept[at] == keys
    return at[mine], mine
