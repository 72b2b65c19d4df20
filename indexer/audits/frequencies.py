"""Frequencies: how often each word stands in the live content, or in some articles of it.

In: a snapshot. Out: counts by word, numbered as in the snapshot's word list: folded forms, without
case and accents. Headings, titles and boilerplate are not counted. Refuses articles that there are
not (`NotFound`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from indexer.errors import NotFound
from indexer.segments.segment import Segment
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array

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
            homes = [_home(snapshot, name) for name in dict.fromkeys(articles)]
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


def article_range(segment: Segment, article: int) -> tuple[int, int]:
    """First token of an article's content, and one past the last."""
    first = int(segment.column("article.first")[article])
    last = int(segment.column("article.last")[article])
    return int(segment.unit_tokens[first]), int(segment.unit_tokens[last])


def _home(snapshot: Snapshot, name: str) -> tuple[int, int]:
    if name not in snapshot.homes:
        raise NotFound(f"no article has the id {name!r}")
    return snapshot.homes[name]
