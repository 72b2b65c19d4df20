"""Keywords: words that are more, or less, frequent in some articles than in others.

In: counts by word of a target and of a reference, which may be from another index. Out: words with
their keyness, highest first. Refuses a target or a reference without words, and a minimum below 1
(`UsageError`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.audits.frequencies import word_counts
from indexer.audits.scope import check_least
from indexer.audits.statistics import Keyness, keyness
from indexer.errors import UsageError
from indexer.model import Page
from indexer.segments.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Frequencies of folded words."""

    counts: Mapping[str, int]
    words: int  # sum of the counts

    def less(self, part: Frequencies) -> Frequencies:
        """The frequencies without those of a part of the same text."""
        left = {word: n - part.counts.get(word, 0) for word, n in self.counts.items()}
        return Frequencies({word: n for word, n in left.items() if n}, self.words - part.words)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word and its keyness."""

    word: str
    keyness: Keyness


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords of a target compared with a reference."""

    words: int  # words of the target
    reference_words: int
    least: int  # minimum of a word's observed or expected frequency in the target
    rows: tuple[Keyword, ...]  # by absolute G², highest first
    total: int  # words on all pages
    stopped: int  # function words that were left out of the list
    page: Page


def frequencies(snapshot: Snapshot, articles: Sequence[str] | None = None) -> Frequencies:
    """The frequency of each word in the content of all articles, or of the named ones."""
    counts = word_counts(snapshot, articles)
    text = snapshot.wordlist.text
    by_word = {text(n): int(counts[n]) for n in np.flatnonzero(counts).tolist()}
    return Frequencies(by_word, int(counts.sum()))


def keywords(
    target: Frequencies,
    reference: Frequencies,
    *,
    least: int,
    positive: bool = False,
    left_out: Collection[str] = (),
) -> Keywords:
    """Compare the frequencies of all words in a target and a reference.

    A word is listed if its observed or expected frequency in the target is at least `least`, so
    that words missing from the target are listed too. `positive`: only words that are more frequent
    in the target. Words `left_out` are counted but not listed.
    """
    check_least(least)
    for side, name in ((target, "articles to compare"), (reference, "reference articles")):
        if not side.words:
            raise UsageError(f"the {name} have no words; choose others")
    rows = []
    stopped = 0
    share = target.words / (target.words + reference.words)
    for word in {*target.counts, *reference.counts}:
        a, b = target.counts.get(word, 0), reference.counts.get(word, 0)
        if max(a, (a + b) * share) >= least:
            measures = keyness(a, b, target.words, reference.words)
            if positive and measures.g2 <= 0:
                continue
            if word in left_out:
                stopped += 1
            else:
                rows.append(Keyword(word, measures))
    rows.sort(key=lambda row: (-abs(row.keyness.g2), row.word))
    return Keywords(
        words=target.words,
        reference_words=reference.words,
        least=least,
        rows=tuple(rows),
        total=len(rows),
        stopped=stopped,
        page=Page(0, len(rows), False),
    )
