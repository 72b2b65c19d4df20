"""Tokens of a long text as arrays: form ids and offsets in, cut and numbered with whole arrays.

Runs of ASCII letters are found with vector operations. Only what needs a closer look (digits,
apostrophes, anything beyond ASCII) goes through the tokeniser's pattern, a word between spaces at
a time and each distinct one once: no rule of the tokeniser looks beyond the space.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from indexer.text.bulk_codes import (
    LETTER,
    SPACE,
    SPECIAL,
    WIDE,
    Bytes,
    Flags,
    Ints,
    classes,
    encode,
)
from indexer.text.bulk_numbering import Ids, Numbers
from indexer.text.tokenizer import split_tokens


class Forms(dict[str, int]):
    """Numbers forms in order of their first appearance; `texts` has them in that order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def number(self, forms: Iterable[str]) -> list[int]:
        """The number of each form."""
        every = list(forms)
        fresh = [form for form in dict.fromkeys(every) if form not in self]
        self.update(zip(fresh, count(len(self.texts))))
        self.texts += fresh
        return list(map(self.__getitem__, every))


@dataclass(frozen=True)
class Scan:
    """Tokens of one text."""

    text: str
    ids: Ids  # number of each token's form
    starts: Ints  # code points
    ends: Ints
    spaces: Ints  # offsets of the characters between which words stand
    codes: Bytes  # the text, a byte a code point; 128 and above: beyond ASCII


class Tokens:
    """Cuts texts into tokens; its forms keep their numbers from text to text."""

    def __init__(self) -> None:
        self.forms = Forms()
        self._letters = Numbers(self.forms.number)
        self._odd = _OddWords(self.forms)

    def scan(self, text: str) -> Scan:
        """All tokens of `text` in order."""
        codes = encode(text)
        kinds = classes().take(codes)
        spaces = np.flatnonzero(kinds == SPACE)
        odd_starts, odd_ends = _odd_bounds(kinds, spaces)
        letters = np.zeros(codes.size + 2, bool)
        np.equal(kinds, LETTER, out=letters[1:-1])
        if odd_starts.size:
            letters[_within(odd_starts, odd_ends) + 1] = False
        edges = np.flatnonzero(letters[1:] != letters[:-1])
        starts, ends = edges[0::2], edges[1::2]
        ids = self._letters.of(codes, starts, ends)
        if odd_starts.size:
            more = self._odd.cut(text, codes, odd_starts, odd_ends)
            starts = np.concatenate((starts, more[0]))
            ends = np.concatenate((ends, more[1]))
            ids = np.concatenate((ids, more[2]))
            order = np.argsort(starts, kind="stable")  # quick where two sorted runs meet
            starts, ends, ids = starts[order], ends[order], ids[order]
        return Scan(text, ids, starts, ends, spaces, codes)


class _OddWords:
    """Tokens of words between spaces that the pattern has to cut."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._known = Forms()
        self._ascii = Numbers(self._number)
        # A row a token: start and end in its word, number of its form.
        self._rows = np.zeros((0, 3), np.int64)
        self._first = np.zeros(1, np.int64)  # row at which each word's tokens begin, and the end

    def _number(self, words: Sequence[str]) -> list[int]:
        """The number of each word; their tokens are kept."""
        before = len(self._known)
        numbers = self._known.number(words)
        fresh = self._known.texts[before:]
        if fresh:
            self._learn(fresh)
        return numbers

    def _learn(self, words: Sequence[str]) -> None:
        """Cuts new words, all at once: nothing that is a token goes on over a line's end."""
        parts = split_tokens("\n".join(words))
        forms = parts[1::2]
        ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
        starts, ends = ends[0:-1:2], ends[1::2]
        sizes = np.fromiter(map(len, words), np.int64, len(words)) + 1
        edges = np.concatenate(([0], np.cumsum(sizes)))
        first = np.searchsorted(starts, edges)  # token at which each word begins
        base = np.repeat(edges[:-1], np.diff(first))
        ids = np.array(self._forms.number(forms), np.int64)
        rows = np.stack((starts - base, ends - base, ids), axis=1)
        self._first = np.concatenate((self._first, len(self._rows) + first[1:]))
        self._rows = np.concatenate((self._rows, rows))

    def cut(self, text: str, codes: Bytes, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ids]:
        """Starts, ends and form numbers of the tokens in the words [starts, ends)."""
        wide = _hold(codes >= WIDE, starts, ends)
        words = np.empty(starts.size, np.int64)
        words[~wide] = self._ascii.of(codes, starts[~wide], ends[~wide])
        bounds = zip(starts[wide].tolist(), ends[wide].tolist())
        words[wide] = self._number([text[a:b] for a, b in bounds])
        begins, stops = self._first[words], self._first[words + 1]
        rows = self._rows[_within(begins, stops)]
        offsets = np.repeat(starts, stops - begins)
        return offsets + rows[:, 0], offsets + rows[:, 1], rows[:, 2].astype(np.int32)


def _odd_bounds(kinds: Bytes, spaces: Ints) -> tuple[Ints, Ints]:
    """Bounds of the words between spaces that hold a special character."""
    special = np.flatnonzero(kinds == SPECIAL)
    special = special[np.diff(special, prepend=-2) > 1]  # one of those that stand together
    if not special.size:
        return special, special
    after = np.searchsorted(spaces, special)
    padded = np.concatenate(([-1], spaces, [kinds.size]))
    starts = padded[after] + 1
    first = np.flatnonzero(np.diff(starts, prepend=-1))
    return starts[first], padded[after + 1][first]


def _within(starts: Ints, ends: Ints) -> Ints:
    """All integers of the ranges [start, end), one range after the other."""
    sizes = ends - starts
    before = np.cumsum(sizes) - sizes
    offsets: Ints = np.repeat(starts - before, sizes)
    return offsets + np.arange(offsets.size)


def _hold(flags: Flags, starts: Ints, ends: Ints) -> Flags:
    """Which ranges, ascending and apart, hold a true flag."""
    places = np.flatnonzero(flags)
    return np.searchsorted(places, starts) < np.searchsorted(places, ends)
