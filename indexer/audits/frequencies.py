"""Frequencies: how often each word stands in the live content, or in some articles of it.

In: a snapshot. Out: counts by word, numbered as in the snapshot's word list: folded forms, without
case and accents. Headings, titles and boilerplate are not counted. Function words are counted as
all others; lists may leave them out of what they show. Refuses articles that there are not
(`NotFound`) and a senseless minimum (`UsageError`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.audits.scope import check_least, paged
from indexer.model import Page
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array
from indexer.text.function_words import function_words

CHUNK = 1 << 22  # tokens counted at a time
Ranges = Sequence[tuple[int, int]]  # of tokens, half-open


def word_counts(snapshot: Snapshot, articles: Sequence[str] | None = None) -> Array:
    """Tokens of each word in all live articles, or in those named (int64, one a word)."""
    counts = np.zeros(len(snapshot.wordlist), np.int64)
    for number, part in enumerate(snapshot.parts):
        segment = part.segment
        if articles is None:
            forms = form_counts(segment, [(0, segment.content_end)])
            forms -= form_counts(segment, [article_range(segment, n) for n in part.dead])
        else:
            homes = [snapshot.home(name) for name in dict.fromkeys(articles)]
            mine = [article_range(segment, n) for home, n in homes if home == number]
            forms = form_counts(segment, mine)
        counts += summed_forms(snapshot, number, forms)
    return counts


def form_counts(segment: Segment, ranges: Ranges) -> Array:
    """Tokens of each form in these ranges (int64, one a form)."""
    counts = np.zeros(len(segment.vocabulary.forms), np.int64)
    for first, last in ranges:
        for at in range(first, last, CHUNK):
            chunk = segment.forms_between(at, min(at + CHUNK, last))
            counts += np.bincount(chunk, minlength=counts.size)
    return counts


def summed_forms(snapshot: Snapshot, part: int, counts: Array) -> Array:
    """Counts by word of counts by form (int64)."""
    words = snapshot.wordlist.numbers(part)
    return np.bincount(words, counts, len(snapshot.wordlist)).astype(np.int64)


def as_written(snapshot: Snapshot, words: Iterable[str]) -> dict[str, str]:
    """Each folded word as the live content writes it most often, of as many in lower case."""
    found = {}
    for word in words:
        counts: Counter[str] = Counter()
        for part in snapshot.parts:
            forms = part.segment.vocabulary.forms
            for low, high in part.segment.vocabulary.fold_ranges(word):
                for form in range(low, high):
                    counts[forms[form]] += part.tokens_between(form, form + 1)
        spelt = sorted(+counts, key=lambda form: (-counts[form], form != form.lower(), form))
        found[word] = spelt[0] if spelt else word
    return found


@dataclass(frozen=True, slots=True)
class WordFrequency:
    """How often a word occurs."""

    word: str  # as it is written most often
    count: int
    per_1000: float  # of all words
    articles: int  # in which it occurs


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of all articles, or of some, the commonest first."""

    words: int  # occurrences of all words: what `count` is a number of
    least: int  # times that a word must occur to be listed
    rows: tuple[WordFrequency, ...]
    total: int  # words that occur so often, not only those shown
    stopped: int  # function words left out of these
    page: Page


@dataclass(frozen=True, slots=True)
class WordListRequest:
    """What is asked for."""

    articles: tuple[str, ...] | None = None  # ids; None: all
    least: int = 1
    stop: bool = False  # whether function words are left out of what is listed


@dataclass(frozen=True)
class AllWords:
    """All words that are asked for, the commonest first, of which pages are made."""

    snapshot: Snapshot
    request: WordListRequest
    numbers: Array  # of the words, of as many in Unicode collation order
    counts: Array  # of all words, by their numbers
    stopped: int  # function words left out

    def page(self, offset: int, limit: int | None) -> WordList:
        """Some of them, as they are written (`limit` None: all from `offset` on)."""
        snapshot, among = self.snapshot, self.request.articles
        words = int(self.counts.sum())
        listed, page = paged(self.numbers.tolist(), offset, limit)
        written = as_written(snapshot, map(snapshot.wordlist.text, listed))
        counts = map(int, self.counts[listed])
        rows = tuple(
            WordFrequency(word, n, n / words * 1000.0, _articles(snapshot, folded, among))
            for (folded, word), n in zip(written.items(), counts)
        )
        return WordList(words, self.request.least, rows, self.numbers.size, self.stopped, page)


def all_words(snapshot: Snapshot, request: WordListRequest) -> AllWords:
    """The words that occur `least` times."""
    check_least(request.least)
    counts = word_counts(snapshot, request.articles)
    found = np.flatnonzero(counts >= request.least)
    numbers, stopped = shown_words(snapshot, found, request.stop)
    order = np.lexsort((snapshot.wordlist.collation[numbers], -counts[numbers]))
    return AllWords(snapshot, request, numbers[order], counts, stopped)


def _articles(snapshot: Snapshot, word: str, among: Sequence[str] | None) -> int:
    """In how many live articles, or of those named, a folded word stands."""
    homes = None if among is None else {snapshot.home(name) for name in among}
    number = 0
    for at, part in enumerate(snapshot.parts):
        segment = part.segment
        holds = np.zeros(segment.articles, bool)
        for ends in segment.vocabulary.fold_ranges(word):
            tokens = segment.positions(*ends)
            content = tokens[tokens < segment.content_end]
            holds[segment.article_numbers[segment.unit_of(content)]] = True
        holds[list(part.dead)] = False
        mine = holds if homes is None else holds[[n for home, n in homes if home == at]]
        number += int(mine.sum())
    return number


def shown_words(snapshot: Snapshot, numbers: Array, stop: bool) -> tuple[Array, int]:
    """These words but the function words of the languages of the live articles, where these are to
    be left out, and how many were."""
    if not stop:
        return numbers, 0
    languages = {code for part in snapshot.parts for code in part.languages}
    left_out = function_words(languages)
    kept = [number for number in numbers.tolist() if snapshot.wordlist.text(number) not in left_out]
    return np.array(kept, np.int64), numbers.size - len(kept)


def article_range(segment: Segment, article: int) -> tuple[int, int]:
    """First token of an article's content, and one past the last."""
    first = int(segment.column("article.first")[article])
    last = int(segment.column("article.last")[article])
    return int(segment.unit_tokens[first]), int(segment.unit_tokens[last])
