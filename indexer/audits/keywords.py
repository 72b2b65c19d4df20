"""Keywords: words that some articles have more often, or less, than others.

In: counts by word of a target and of a reference, which may be of another index. Out: words with
their keyness, the most telling first. Refuses a target or a reference without words, and a
senseless minimum (`UsageError`).
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
    """Words, folded, and how often each occurs."""

    counts: Mapping[str, int]
    words: int  # in all

    def less(self, part: Frequencies) -> Frequencies:
        """What is left of a whole when a part of it is taken away."""
        left = {word: n - part.counts.get(word, 0) for word, n in self.counts.items()}
        return Frequencies({word: n for word, n in left.items() if n}, self.words - part.words)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word and how it differs."""

    word: str
    keyness: Keyness


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words of a target against a reference."""

    words: int  # of the target
    reference_words: int
    least: int  # times that a word must stand in the target, or be expected there
    rows: tuple[Keyword, ...]  # by G² without its sign, highest first
    total: int  # words that were compared, not only those shown
    stopped: int  # function words left out of these
    page: Page


def frequencies(snapshot: Snapshot, articles: Sequence[str] | None = None) -> Frequencies:
    """How often each word stands in the content of all articles, or of those named."""
    counts = word_counts(snapshot, articles)
    text = snapshot.wordlist.text
    found = {text(n): int(counts[n]) for n in np.flatnonzero(counts).tolist()}
    return Frequencies(found, int(counts.sum()))


def keywords(
    target: Frequencies,
    reference: Frequencies,
    *,
    least: int,
    positive: bool = False,
    left_out: Collection[str] = (),
) -> Keywords:
    """All words in which the target differs from the reference.

    A word is compared when it stands `least` times in the target, or would if the target were as
    the reference is: so that what is missing shows as well. `positive`: only words that are
    commoner in the target. Words `left_out` are counted, but not listed.
    """
    check_least(least)
    for side, name in ((target, "articles"), (reference, "reference")):
        if not side.words:
            raise UsageError(f"the {name} to compare have no words; choose others")
    rows = []
    stopped = 0
    share = target.words / (target.words + reference.words)
    for word in {*target.counts, *reference.counts}:
        a, b = target.counts.get(word, 0), reference.counts.get(word, 0)
        if max(a, (a + b) * share) >= least:
            found = keyness(a, b, target.words, reference.words)
            if positive and found.g2 <= 0:
                continue
            if word in left_out:
                stopped += 1
            else:
                rows.append(Keyword(word, found))
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
