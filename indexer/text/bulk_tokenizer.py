"""Tokenizer for long texts: text in, ids of forms and offsets as arrays out.

The tokens are those of `tokenizer.tokenize`. Runs of ASCII letters are found with whole arrays.
Only words between spaces that hold anything else but punctuation (digits, apostrophes, brackets,
characters beyond ASCII) go through the tokenizer's pattern, each distinct one once: no rule of the
tokenizer looks beyond a space. Offsets are code points. Nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np
import numpy.typing as npt

from indexer.sorted_arrays import expanded
from indexer.text.tokenizer import split_tokens

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
_Words = npt.NDArray[np.uint64]

WIDE = 128  # codes from here on are beyond ASCII
_WIDE_CODES = {  # characters beyond ASCII that have a code of their own; all others are 255
    "‘": 145,
    "’": 146,
    "“": 147,
    "”": 148,
    "«": 171,
    "»": 187,
    "。": 200,
    "！": 201,
    "？": 202,
    "｡": 203,
}
_SPACE, _LETTER, _OTHER, _SPECIAL = range(4)  # classes of codes


class Forms(dict[str, int]):
    """Ids of forms, in order of their first appearance; `texts` has the forms in that order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def number(self, forms: Iterable[str]) -> list[int]:
        """The id of each form; new forms are added."""
        every = list(forms)
        fresh = [form for form in dict.fromkeys(every) if form not in self]
        self.update(zip(fresh, count(len(self.texts))))
        self.texts += fresh
        return list(map(self.__getitem__, every))


@dataclass(frozen=True, slots=True)
class BulkTokens:
    """Tokens of one text, in order."""

    text: str
    ids: Ids  # of each token's form
    starts: Ints  # code points
    ends: Ints  # code points
    spaces: Ints  # offsets of the ASCII spaces
    codes: Bytes  # the text, a byte a code point: see `encode`


class BulkTokenizer:
    """Tokenizes texts; forms keep their ids from text to text."""

    def __init__(self, language: str = "") -> None:
        self.language = language  # of the texts
        self.forms = Forms()
        self._letters = _StringIds(self.forms.number)
        self._special = _SpecialWords(self.forms, language)

    def tokenize(self, text: str) -> BulkTokens:
        """All tokens of `text` in order."""
        codes = encode(text)
        classes = _classes().take(codes)
        spaces = np.flatnonzero(classes == _SPACE)
        special_starts, special_ends = _special_bounds(classes, spaces)
        letters = np.zeros(codes.size + 2, bool)
        np.equal(classes, _LETTER, out=letters[1:-1])
        if special_starts.size:
            letters[expanded(special_starts, special_ends - special_starts) + 1] = False
        edges = np.flatnonzero(letters[1:] != letters[:-1])
        starts, ends = edges[0::2], edges[1::2]
        ids = self._letters.of(codes, starts, ends)
        if special_starts.size:
            more = self._special.tokenize(text, special_starts, special_ends)
            starts = np.concatenate((starts, more[0]))
            ends = np.concatenate((ends, more[1]))
            ids = np.concatenate((ids, more[2]))
            order = np.argsort(starts, kind="stable")  # quick where two sorted runs meet
            starts, ends, ids = starts[order], ends[order], ids[order]
        return BulkTokens(text, ids, starts, ends, spaces, codes)


def encode(text: str) -> Bytes:
    """A byte a code point: ASCII as it is, others by `_WIDE_CODES` or 255."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = points.astype(np.uint8)
    beyond = np.flatnonzero(points >= WIDE)
    values = points[beyond]
    codes[beyond] = 255
    for character, code in _WIDE_CODES.items():
        codes[beyond[values == ord(character)]] = code
    return codes


@cache
def _classes() -> Bytes:
    """Class of each code: spaces, letters, other ASCII, and what needs the pattern."""
    table = np.full(256, _OTHER, np.uint8)
    for code in range(256):
        character = chr(code)
        if code >= WIDE or character.isdigit() or character in "'`[":
            table[code] = _SPECIAL
        elif character.isalpha():
            table[code] = _LETTER
        elif character in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f":
            table[code] = _SPACE
    return table


def _special_bounds(classes: Bytes, spaces: Ints) -> tuple[Ints, Ints]:
    """Bounds of the words between spaces that hold a special character."""
    special = np.flatnonzero(classes == _SPECIAL)
    special = special[np.diff(special, prepend=-2) > 1]  # one of those that stand together
    if not special.size:
        return special, special
    after = np.searchsorted(spaces, special)
    padded = np.concatenate(([-1], spaces, [classes.size]))
    starts = padded[after] + 1
    first = np.flatnonzero(np.diff(starts, prepend=-1))
    return starts[first], padded[after + 1][first]


class _SpecialWords:
    """Tokenizes words between spaces by the pattern, each distinct word once."""

    def __init__(self, forms: Forms, language: str) -> None:
        self._forms = forms
        self._language = language
        self._words = Forms()
        # A row a token: start and end in its word, id of its form.
        self._rows = np.zeros((0, 3), np.int64)
        self._first = np.zeros(1, np.int64)  # row at which each word's tokens begin, and the end

    def tokenize(self, text: str, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ids]:
        """Starts, ends and form ids of the tokens in the words [starts, ends), in order."""
        before, bounds = len(self._words), zip(starts.tolist(), ends.tolist())
        words = np.array(self._words.number(text[a:b] for a, b in bounds), np.int64)
        if fresh := self._words.texts[before:]:
            self._add(fresh)
        begins, stops = self._first[words], self._first[words + 1]
        rows = self._rows[expanded(begins, stops - begins)]
        offsets = np.repeat(starts, stops - begins)
        return offsets + rows[:, 0], offsets + rows[:, 1], rows[:, 2].astype(np.int32)

    def _add(self, words: Sequence[str]) -> None:
        """Tokenizes new words, all at once: no token goes on over a line's end."""
        parts = split_tokens("\n".join(words), self._language)
        ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
        starts, ends = ends[0:-1:2], ends[1::2]
        sizes = np.fromiter(map(len, words), np.int64, len(words)) + 1
        edges = np.concatenate(([0], np.cumsum(sizes)))
        first = np.searchsorted(starts, edges)  # token at which each word begins
        base = np.repeat(edges[:-1], np.diff(first))
        ids = np.array(self._forms.number(parts[1::2]), np.int64)
        rows = np.stack((starts - base, ends - base, ids), axis=1)
        self._first = np.concatenate((self._first, len(self._rows) + first[1:]))
        self._rows = np.concatenate((self._rows, rows))


# --- ids of strings ----------------------------------------------------------------------------

_WORD = 8  # bytes of an integer
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(_WORD + 1)], np.uint64)
_SLOT_BITS = 18
# Odd constants that spread their factor's bits: the golden ratio's and one of Murmur's
_FACTORS = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)))


class _StringIds:
    """Ids of ASCII strings by the hundred thousand; `number` is asked for those it lacks.

    A hash table without probing: a string of up to 16 bytes is two integers, its slot is their
    multiplicative hash, and the first string in a slot keeps it. Others are asked for each time.
    """

    def __init__(self, number: Callable[[Sequence[str]], Sequence[int]]) -> None:
        self._number = number
        self._ids = np.zeros(1 << _SLOT_BITS, np.int32)  # 1 more than the id; 0: an empty slot
        self._low, self._high = np.zeros((2, 1 << _SLOT_BITS), np.uint64)

    def of(self, codes: Bytes, starts: Ints, ends: Ints) -> Ids:
        """The id of each string [start, end) of `codes`, which are ASCII there."""
        padded = np.concatenate((codes, np.zeros(2 * _WORD, np.uint8)))
        # the 8 bytes from each place on, overlapping
        words = np.ndarray((codes.size + _WORD,), "<u8", padded, strides=(1,))
        sizes = ends - starts
        low = words.take(starts) & _MASKS.take(sizes, mode="clip")
        high = words.take(starts + _WORD) & _MASKS.take(sizes - _WORD, mode="clip")
        slots = self._slots(low, high)
        ids = self._ids.take(slots) - np.int32(1)
        known = (self._low.take(slots) == low) & (self._high.take(slots) == high)
        missing = np.flatnonzero(~known | (ids < 0) | (sizes > 2 * _WORD))
        if missing.size:
            text = codes.tobytes().decode("latin-1")  # which has a character for every byte
            bounds = zip(starts[missing].tolist(), ends[missing].tolist())
            ids[missing] = self._number([text[a:b] for a, b in bounds])
            short = missing[sizes[missing] <= 2 * _WORD]
            self._keep(low[short], high[short], ids[short])
        return ids

    def _slots(self, low: _Words, high: _Words) -> Ints:
        mixed = low * _FACTORS[0] ^ high * _FACTORS[1]
        return (mixed >> np.uint64(64 - _SLOT_BITS)).view(np.int64)

    def _keep(self, low: _Words, high: _Words, ids: Ids) -> None:
        """Puts strings in the slots that are empty."""
        slots = self._slots(low, high)
        free = self._ids[slots] == 0
        slots, low, high, ids = slots[free], low[free], high[free], ids[free]
        self._ids[slots] = ids + 1  # of several for one slot the last stays
        won = self._ids[slots] == ids + 1
        self._low[slots[won]] = low[won]
        self._high[slots[won]] = high[won]
