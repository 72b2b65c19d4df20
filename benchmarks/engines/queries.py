"""Queries drawn from the passages, by a seed; each string once.

In: passages. Out: for each class of query a list of `Query`s that find something (except `fuzzy`:
its word is misspelt, so that only a correction finds it).

    rare, middle, common   one word, by the share of passages with it
    and                    two words of one passage
    or                     three words of one passage
    phrase                 two or three adjacent words
    prefix                 the first letters of a word
    fuzzy                  a word with one letter changed, dropped, added or swapped
    near                   two words of one passage, at most five apart

Words are runs of a to z, so that results do not depend on any engine's tokeniser. Only the standard
library.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from string import ascii_lowercase
from typing import NamedTuple

from benchmarks.engines.passages import Row

KINDS = ("rare", "middle", "common", "and", "or", "phrase", "prefix", "fuzzy", "near")
NEAR = 5  # maximum distance of two words of a NEAR, in positions
RESERVOIR = 20_000  # passages from which phrases and pairs are drawn
TRIES = 50  # passages tried for each query
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W_]+)*|\w+")
_PLAIN = re.compile(r"[a-z]{3,15}\Z")
_RUN = re.compile(r"(?<![^\s(\"])[A-Za-z]{2,15}(?: [A-Za-z]{2,15})+(?![\w'’\-])")


class Query(NamedTuple):
    """One query, independent of any engine's syntax."""

    kind: str  # one of KINDS
    words: tuple[str, ...]  # in lower case


class Sample:
    """Draws queries from a corpus; the same rows and seed give the same queries."""

    def __init__(self, rows: Iterable[Row], seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._frequency: Counter[str] = Counter()  # passages with the word
        self._kept: list[str] = []  # texts of a uniform sample of the passages (Vitter 1985)
        self.passages = 0
        for row in rows:
            self._frequency.update({w.lower() for w in _WORD.findall(row.text)})
            self.passages += 1
            if len(self._kept) < RESERVOIR:
                self._kept.append(row.text)
            elif (at := self._random.randrange(self.passages)) < RESERVOIR:
                self._kept[at] = row.text
        self._used: set[tuple[str, ...]] = set()

    def draw(self, each: int) -> dict[str, list[Query]]:
        """Up to `each` queries of each class."""
        n = self.passages
        sources: dict[str, Iterator[tuple[str, ...]]] = {
            "rare": self._words(min(3, n), max(10, n // 10_000)),
            "middle": self._words(max(11, n // 2_000), max(30, n // 200)),
            "common": self._words(max(31, n // 20), n),
            "and": self._from_texts(self._together(2)),
            "or": self._from_texts(self._together(3)),
            "phrase": self._from_texts(self._phrase),
            "prefix": self._from_texts(self._prefix),
            "fuzzy": self._from_texts(self._misspelt),
            "near": self._from_texts(self._near),
        }
        return {kind: list(self._unused(kind, sources[kind], each)) for kind in KINDS}

    def _unused(self, kind: str, source: Iterator[tuple[str, ...]], each: int) -> Iterator[Query]:
        found = 0
        for words in islice(source, TRIES * (each + 10)):
            if words and words not in self._used:
                self._used.add(words)
                found += 1
                yield Query(kind, words)
            if found == each:
                return

    def _words(self, least: int, most: int) -> Iterator[tuple[str, ...]]:
        """Words within a range of passage counts, shuffled."""
        words = sorted(w for w, n in self._frequency.items() if least <= n <= most)
        words = [w for w in words if _PLAIN.match(w)]
        self._random.shuffle(words)
        for word in words:
            yield (word,)

    def _from_texts(self, pick: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        """What `pick` selects from a random passage; () if it selects nothing."""
        while self._kept:
            yield pick(self._random.choice(self._kept))

    def _content_words(self, text: str) -> list[str]:
        """Words of a text, in order, that are neither rare nor in every other passage."""
        low, high = max(2, self.passages // 5_000), self.passages // 10
        words = [w for w in _WORD.findall(text) if _PLAIN.match(w)]
        return [w for w in words if low <= self._frequency[w] <= high]

    def _together(self, size: int) -> Callable[[str], tuple[str, ...]]:
        def pick(text: str) -> tuple[str, ...]:
            words = sorted(set(self._content_words(text)))
            return tuple(self._random.sample(words, size)) if len(words) >= size else ()

        return pick

    def _phrase(self, text: str) -> tuple[str, ...]:
        runs = _RUN.findall(text)
        if not runs:
            return ()
        words = self._random.choice(runs).lower().split()
        size = min(self._random.choice((2, 3)), len(words))
        start = self._random.randrange(len(words) - size + 1)
        return tuple(words[start : start + size])

    def _prefix(self, text: str) -> tuple[str, ...]:
        """A prefix of 3 to 5 letters; the word has four more, so that its stem begins the same."""
        size = self._random.choice((3, 4, 5))
        words = [w for w in self._content_words(text) if len(w) >= size + 4]
        return (self._random.choice(words)[:size],) if words else ()

    def _near(self, text: str) -> tuple[str, ...]:
        runs = [run.lower().split() for run in _RUN.findall(text)]
        pairs = [
            (run[i], other)
            for run in runs
            for i in range(len(run))
            for other in run[i + 2 : i + NEAR + 1]
            if other != run[i] and min(len(other), len(run[i])) > 3
        ]
        return self._random.choice(pairs) if pairs else ()

    def _misspelt(self, text: str) -> tuple[str, ...]:
        words = [w for w in self._content_words(text) if len(w) >= 6]
        if not words:
            return ()
        wrong = misspelt(self._random.choice(words), self._random)
        return () if wrong in self._frequency else (wrong,)


def misspelt(word: str, chance: random.Random) -> str:
    """A word of three letters or more with one changed, dropped, added or swapped with the next."""
    at = chance.randrange(1, len(word) - 1)
    letter = chance.choice(ascii_lowercase)
    start, here, rest = word[:at], word[at], word[at + 1 :]
    return start + chance.choice(
        (letter + rest, rest, letter + here + rest, rest[0] + here + rest[1:])
    )
