"""Tokens of a long text as arrays: form ids and offsets in, cut and numbered with whole arrays.

Runs of ASCII letters are found with vector operations. Only what needs a closer look (digits,
apostrophes, anything beyond ASCII) goes through the tokeniser's pattern, a word between spaces at
a time and each distinct one once: no rule of the tokeniser looks beyond the space.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indexer.analysis import hyphen_runs, tokenize
from indexer.scanning.codes import LETTER, SPACE, SPECIAL, WIDE, Bytes, Flags, Ints, classes, encode
from indexer.scanning.numbering import Numbers


class Forms(dict[str, int]):
    """Numbers forms in order of their first appearance; `texts` has them in that order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def __missing__(self, form: str) -> int:
        number = self[form] = len(self.texts)
        self.texts.append(form)
        return number


@dataclass(frozen=True)
class Scan:
    """Tokens of one text."""

    text: str
    ids: Ints  # number of each token's form
    starts: Ints  # code points
    ends: Ints
    codes: Bytes  # the text, a byte a code point; 128 and above: beyond ASCII


class Tokens:
    """Cuts texts into tokens; its forms keep their numbers from text to text."""

    def __init__(self) -> None:
        self.forms = Forms()
        self._letters = Numbers(self.forms.__getitem__)
        self._odd = _OddWords(self.forms)

    def scan(self, text: str) -> Scan:
        """All tokens of `text` in order."""
        codes = encode(text)
        kinds = classes()[codes]
        odd_starts, odd_ends = _odd_bounds(kinds)
        letters = np.zeros(codes.size + 2, bool)
        np.equal(kinds, LETTER, out=letters[1:-1])
        if odd_starts.size:
            letters[_within(odd_starts, odd_ends) + 1] = False
        edges = np.flatnonzero(letters[1:] != letters[:-1])
        starts, ends = edges[0::2], edges[1::2]
        ids = self._letters.of(codes, starts, ends)
        if odd_starts.size:
            more = self._odd.cut(text, codes, odd_starts, odd_ends)
            starts, ends, ids = (np.concatenate(pair) for pair in zip((starts, ends, ids), more))
            order = np.argsort(starts, kind="stable")  # quick where two sorted runs meet
            starts, ends, ids = starts[order], ends[order], ids[order]
        return Scan(text, ids, starts, ends, codes)


class _OddWords:
    """Tokens of words between spaces that the pattern has to cut."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._known: dict[str, int] = {}
        self._ascii = Numbers(self._number)
        # A row a token: start and end in its word, number of its form. What came last is not in
        # the array yet.
        self._rows = np.zeros((0, 3), np.int64)
        self._fresh: list[tuple[int, int, int]] = []
        self._first = np.zeros(1, np.int64)  # row at which each word's tokens begin, and the end
        self._fresh_sizes: list[int] = []

    def _number(self, word: str) -> int:
        """The number of a word; its tokens are kept."""
        number = self._known.get(word)
        if number is None:
            number = self._known[word] = len(self._known)
            cut = tokenize(word)
            self._fresh_sizes.append(len(cut.forms))
            for form, start in zip(cut.forms, cut.starts):
                self._fresh.append((start, start + len(form), self._forms[form]))
        return number

    def _settle(self) -> None:
        """Puts what came last into the arrays."""
        if self._fresh_sizes:
            fresh = np.array(self._fresh, np.int64).reshape(-1, 3)
            ends = len(self._rows) + np.cumsum(self._fresh_sizes)
            self._rows = np.concatenate((self._rows, fresh))
            self._first = np.concatenate((self._first, ends))
            self._fresh, self._fresh_sizes = [], []

    def cut(self, text: str, codes: Bytes, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ints]:
        """Starts, ends and form numbers of the tokens in the words [starts, ends)."""
        wide = _hold(codes >= WIDE, starts, ends)
        words = np.empty(starts.size, np.int64)
        words[~wide] = self._ascii.of(codes, starts[~wide], ends[~wide])
        bounds = zip(starts[wide].tolist(), ends[wide].tolist())
        words[wide] = np.array([self._number(text[a:b]) for a, b in bounds], np.int64)
        self._settle()
        begins, stops = self._first[words], self._first[words + 1]
        rows = self._rows[_within(begins, stops)]
        offsets = np.repeat(starts, stops - begins)
        return offsets + rows[:, 0], offsets + rows[:, 1], rows[:, 2]


def _odd_bounds(kinds: Bytes) -> tuple[Ints, Ints]:
    """Bounds of the words between spaces that hold a special character."""
    special = np.flatnonzero(kinds == SPECIAL)
    if not special.size:
        return special, special
    spaces = np.flatnonzero(kinds == SPACE)
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


def hyphenated(scanned: Scan) -> Iterator[tuple[str, ...]]:
    """Hyphenated words of the text, as `analysis.hyphen_runs` gives them; pairs once each."""
    gap = scanned.starts[1:] - scanned.ends[:-1] == 1
    middle = scanned.codes[scanned.ends[:-1][gap]]
    joined = np.zeros(scanned.ids.size + 1, bool)  # whether a hyphen may join token i and the next
    joined[np.flatnonzero(gap)[(middle == ord("-")) | (middle >= WIDE)]] = True
    first = np.flatnonzero(joined & ~np.concatenate(([False], joined[:-1])))
    lone = ~joined[first + 1]
    pairs = first[lone]
    hyphen = scanned.codes[scanned.ends[pairs]]
    keys = ((scanned.ids[pairs] << 32 | scanned.ids[pairs + 1]) << 8) | hyphen
    keys[hyphen >= WIDE] = -1 - np.arange(np.count_nonzero(hyphen >= WIDE))  # not known which
    order = np.argsort(keys)
    distinct = pairs[order[np.diff(keys[order], prepend=keys[order[:1]] - 1) != 0]]
    text, starts, ends = scanned.text, scanned.starts, scanned.ends
    for at in np.concatenate((distinct, first[~lone])).tolist():
        last = at + 1
        while joined[last]:
            last += 1
        tokens = [text[starts[i] : ends[i]] for i in range(at, last + 1)]
        yield from hyphen_runs(tokens, [text[ends[i]] for i in range(at, last)])
