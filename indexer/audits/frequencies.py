"""Frequencies: how often each word occurs in the live content, or in some of its articles.

In: a snapshot. Out: counts by word, numbered as in the snapshot's word list: folded forms, without
case and accents. Headings, titles and boilerplate are not counted. Function words are counted like
all others; word lists may leave them out. Refuses unknown articles (`NotFound`) and a minimum
below 1 (`UsageError`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from indexer.audits.scope import Pages, check_least
from indexer.model import Page
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array
from indexer.text.word_lists import function_words

CHUNK = 1 << 22  # tokens counted at a time
Ranges = Sequence[tuple[int, int]]  # half-open ranges of tokens


def word_counts(snapshot: Snapshot, articles: Sequence[str] | None = None) -> Array:
    """Frequency of each word in all live articles, or in the named ones (int64, one per word)."""
    counts = np.zeros(len(snapshot.wordlist), np.int64)
    for number, part in enumerate(snapshot.parts):
        segment = part.segment
        if articles is None:
            forms = form_counts(segment, [(0, segment.content_end)])
            forms -= form_counts(segment, [article_range(segment, n) for n in part.dead])
        else:
            homes = [snapshot.find_article(name) for name in dict.fromkeys(articles)]
            mine = [article_range(segment, n) for home, n in homes if home == number]
            forms = form_counts(segment, mine)
        counts += summed_forms(snapshot, number, forms)
    return counts


def form_counts(segment: Segment, ranges: Ranges) -> Array:
    """Frequency of each form in these ranges of tokens (int64, one per form)."""
    counts = np.zeros(len(segment.vocabulary.forms), np.int64)
    for first, last in ranges:
        for at in range(first, last, CHUNK):
            chunk = segment.forms_between(at, min(at + CHUNK, last))
            counts += np.bincount(chunk, minlength=counts.size)
    return counts


def summed_forms(snapshot: Snapshot, part: int, counts: Array) -> Array:
    """Sum counts by form into counts by word (int64, one per word)."""
    words = snapshot.wordlist.numbers(part)
    return np.bincount(words, counts, len(snapshot.wordlist)).astype(np.int64)


def as_written(snapshot: Snapshot, words: Iterable[str]) -> dict[str, str]:
    """Folded word → its most frequent spelling in the live content; in a tie, the lower case."""
    spellings = {}
    for word in words:
        counts: Counter[str] = Counter()
        for part in snapshot.parts:
            forms = part.segment.vocabulary.forms
            for low, high in part.segment.vocabulary.fold_ranges(word):
                for form in range(low, high):
                    counts[forms[form]] += part.tokens_between(form, form + 1)
        ranked = sorted(+counts, key=lambda form: (-counts[form], form != form.lower(), form))
        spellings[word] = ranked[0] if ranked else word
    return spellings


@dataclass(frozen=True, slots=True)
class WordFrequency:
    """How often a word occurs."""

    word: str  # in its most frequent spelling
    count: int
    per_1000: float  # occurrences per 1,000 words
    articles: int  # articles in which it occurs


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of all articles, or of some, most frequent first."""

    words: int  # occurrences of all words: the denominator of `count`
    least: int  # minimum frequency of a listed word
    rows: tuple[WordFrequency, ...]
    total: int  # words on all pages
    stopped: int  # function words that were left out of the list
    page: Page


@dataclass(frozen=True, slots=True)
class WordListRequest:
    """Parameters of a word list."""

    articles: tuple[str, ...] | None = None  # ids; None: all
    least: int = 1
    stop: bool = False  # whether function words are left out of the list


def all_words(snapshot: Snapshot, request: WordListRequest) -> Pages[WordList]:
    """The words that occur at least `least` times."""
    check_least(request.least)
    counts = word_counts(snapshot, request.articles)
    frequent = np.flatnonzero(counts >= request.least)
    numbers, stopped = shown_words(snapshot, frequent, request.stop)
    order = np.lexsort((snapshot.wordlist.collation[numbers], -counts[numbers]))
    ranked, words = numbers[order], int(counts.sum())

    def rows(shown: slice) -> Iterator[WordFrequency]:
        listed = ranked[shown].tolist()
        written = as_written(snapshot, map(snapshot.wordlist.text, listed))
        for (folded, word), n in zip(written.items(), counts[listed].tolist()):
            articles = _articles(snapshot, folded, request.articles)
            yield WordFrequency(word, n, n / words * 1000.0, articles)

    answer = partial(WordList, words=words, least=request.least, stopped=stopped)
    return Pages(ranked.size, rows, answer)


def _articles(snapshot: Snapshot, word: str, among: Sequence[str] | None) -> int:
    """Number of live articles, or of the named ones, in which a folded word occurs."""
    homes = None if among is None else {snapshot.find_article(name) for name in among}
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
    """The given words, with `stop` without the function words of the live articles' languages; and
    how many words were left out."""
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
