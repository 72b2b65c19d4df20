"""Tokenizer for long texts: takes texts of one language, returns tokens and sentences as arrays.

A text is split into words at spaces. No rule of the tokenizer looks beyond a space, so each
distinct word is examined once: its tokens, the hyphens between them, whether it plainly ends a
sentence. Doubtful cases are decided by `sentences.breaks` at each occurrence, given the next word
and, for a lone letter or a *No.*, the three words before. The tokens are those of
`tokenizer.tokenize`, the sentences those of `sentences.sentences`. Offsets are code points. Nothing
is refused.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, groupby, islice, pairwise

import numpy as np
import numpy.typing as npt

from indexer.sorted_arrays import expanded
from indexer.text.sentences import CLOSING, abbreviations, breaks
from indexer.text.tokenizer import is_hyphen, split_tokens
from indexer.text.word_lists import NUMBERED

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Bits of a token: joined to the next token of its word by a hyphen; begins a sentence
_JOINED, _BEGINS = 1, 2
# Bits of a word: ends a sentence; may end one; ends with a hyphen; is a number with a full stop;
# begins with an ASCII capital
_ENDS, _DOUBTFUL, _TAILED, _NUMBER, _CAPITAL = 1, 2, 4, 8, 16

_WIDE_END = re.compile("[。！？｡]")
_HYPHENS = frozenset("-‐‑")
# A word that plainly ends a sentence unless it is an abbreviation: nothing but quotes and brackets
# around the word and its mark.
_PLAIN = re.compile(
    rf"^[{re.escape(CLOSING)}(\[]?(?:[A-Za-z]+-)*([A-Za-z]{{2,}})([.?!])[{re.escape(CLOSING)}]{{0,2}}$",
    re.M,
)
# Every place that Punkt or our corrections may decide on, and some more.
_MAY_END = re.compile(
    r"[.?!](?:(?=[)\";}\]*:@'({\[?!\x1c-\x1f\x80-\U0010ffff]|$)"
    r"|(?<=[a-z\x80-\U0010ffff].)(?=[A-Z0-9]))",
    re.M,
)
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*\.$", re.M | re.A)
_CAPITALISED = re.compile("^[A-Z]", re.M)
_TAIL = re.compile("[-‐‑\u00ad](?<=\\S.)$", re.M)
_NEXT = re.compile(r"\s+\S+")
# Decided by the words before: a lone capital before another, the *No.* of a number
_LOOKS_BACK = re.compile(
    rf"[\"'(\[‘“«]*(?:[^\W\d_a-z][.?!](?![A-Za-z])\S*\s+[^\sa-z]"
    rf"|(?i:{'|'.join(sorted(NUMBERED))})\.\s+\d)"
)


@dataclass(frozen=True, slots=True)
class Scanned:
    """Tokens of one text, in order."""

    ids: Ints  # form id of each token
    starts: Ints
    sentences: Flags  # whether the token begins a sentence or a block
    hyphens: Flags  # whether just a hyphen, or one at a line's end, separates it from the next


class BulkTokenizer:
    """Scans texts of one language; forms keep their ids from text to text."""

    def __init__(self, language: str = "") -> None:
        self.language = language
        self.forms: list[str] = []  # by id
        self._ids: dict[str, int] = {}  # of forms
        self._words = defaultdict[bytes, int](count().__next__)  # word → number, in order
        self._flags = np.zeros(0, np.uint8)  # bits of each word
        self._first = np.zeros(1, np.int64)  # first row of each word's tokens; last: the end
        # one column per token: form id, start in the word, bits
        self._rows = np.zeros((3, 0), np.int64)

    def scan(self, text: str, blocks: Ints) -> Scanned:
        """All tokens of `text`. `blocks`: offsets at which blocks begin, the first 0. No sentence
        crosses a block's beginning, and no hyphen joins tokens across one."""
        raw = text.encode("utf-8", "surrogatepass")
        words = np.fromiter(map(self._words.__getitem__, raw.split()), np.int64)
        self._learn()
        begins, ends = _bounds(raw)
        first, flags = self._first[words], self._flags[words]
        sizes = self._first[words + 1] - first
        edges = np.concatenate(([0], np.cumsum(sizes)))  # first token of each word; last: the end
        rows = expanded(first, sizes)
        ids, starts, bits = (column.take(rows) for column in self._rows)
        starts = starts + np.repeat(begins, sizes)
        heads = starts.searchsorted(blocks)
        sentences = np.append((bits & _BEGINS) > 0, False)
        sentences[edges[1:][(flags & _ENDS) > 0]] = True
        ends_number = (flags & _NUMBER) > 0
        ends_number[:-1] &= ((flags & _CAPITAL) > 0)[1:] & (begins[1:] == ends[:-1] + 1)
        sentences[edges[1:][ends_number]] = True
        doubtful = (((flags & _DOUBTFUL) > 0) & ~ends_number).nonzero()[0]
        places = begins[doubtful], ends[doubtful], begins[np.maximum(doubtful - 3, 0)]
        found = self._breaks(text, blocks, zip(*(column.tolist() for column in places)))
        sentences[starts.searchsorted(np.fromiter(found, np.int64))] = True
        sentences[heads] = True
        hyphens = (bits & _JOINED) > 0
        for token in edges[1:][(flags & _TAILED) > 0].tolist():
            if 0 < token < starts.size:
                end = int(starts[token - 1]) + len(self.forms[ids[token - 1]])
                hyphens[token - 1] = is_hyphen(text[end : starts[token]])
        hyphens[heads[heads > 0] - 1] = False
        return Scanned(ids, starts, sentences[:-1], hyphens)

    def _breaks(
        self, text: str, blocks: Ints, words: Iterable[tuple[int, int, int]]
    ) -> Iterator[int]:
        """Offsets at which sentences end within words; `words` has for each word its start, its
        end, and the start of the third word before it."""
        edges = [*blocks.tolist(), len(text)]
        for first, last, before in words:
            inside = edges[bisect_right(edges, first) : bisect_left(edges, last)]
            for begin, end in pairwise([first, *inside, last]):
                home = bisect_right(edges, begin)
                low, high = edges[home - 1 : home + 1]
                following = _NEXT.match(text, end, high)
                place = text[begin : following.end() if following else end]
                lead = text[begin - 1] * min(2, begin - low)  # Punkt ignores a space at offset 0
                if _LOOKS_BACK.match(place):
                    lead = text[max(low, before) : begin]
                start = begin - len(lead)
                for at in _breaks_in(lead + place, end - start, self.language):
                    if start + at > begin:
                        yield start + at

    def _learn(self) -> None:
        """Examines the words not seen before."""
        new = list(islice(reversed(self._words), len(self._words) - self._flags.size))
        if not new:
            return
        text = b"\n".join(reversed(new)).decode("utf-8", "surrogatepass")
        words = text.split("\n")
        edges = np.cumsum([0, *(len(word) + 1 for word in words)])
        parts = [""]
        for _, run in groupby(words, str.isascii):  # separately: the ASCII pattern is faster
            gap, *more = split_tokens("\n".join((*run, "")), self.language)
            parts[-1:] = parts[-1] + gap, *more
        bounds = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))[:-1]
        starts, first = bounds[0::2], bounds[0::2].searchsorted(edges)
        for form in parts[1::2]:
            if form not in self._ids:
                self._ids[form] = len(self.forms)
                self.forms.append(form)
        bits = np.fromiter(map(_HYPHENS.__contains__, parts[2::2]), bool) * _JOINED
        flags = np.zeros(edges.size - 1, np.uint8)
        known = abbreviations(self.language)

        def with_end_in(matches: Iterable[re.Match[str]]) -> Ints:
            return edges.searchsorted([match.end() for match in matches]) - 1

        flags[with_end_in(_MAY_END.finditer(text))] = _DOUBTFUL
        ends = (m for m in _PLAIN.finditer(text) if m[2] != "." or m[1].lower() not in known)
        flags[with_end_in(m for m in ends if m[1].lower() not in NUMBERED)] = _ENDS
        for pattern, bit in ((_TAIL, _TAILED), (_NUMBERED, _NUMBER), (_CAPITALISED, _CAPITAL)):
            flags[with_end_in(pattern.finditer(text))] |= bit
        for m in _WIDE_END.finditer(text):
            word, token = bisect_right(edges, m.start()) - 1, bisect_left(starts, m.end())
            if token < first[word + 1]:
                bits[token] |= _BEGINS
            else:
                flags[word] |= _ENDS
        ids = np.array(list(map(self._ids.__getitem__, parts[1::2])), np.int64)
        rows = np.stack((ids, starts - np.repeat(edges[:-1], np.diff(first)), bits))
        self._flags = np.concatenate((self._flags, flags))
        self._first = np.concatenate((self._first, self._rows.shape[1] + first[1:]))
        self._rows = np.concatenate((self._rows, rows), axis=1)


@lru_cache(1 << 16)
def _breaks_in(place: str, end: int, language: str) -> tuple[int, ...]:
    """Offsets up to `end` at which sentences end in `place`, a word with its context."""
    return tuple(at for at, _ in breaks(place, language) if at <= end)


def _bounds(raw: bytes) -> tuple[Ints, Ints]:
    """Starts and ends of the words of a text in UTF-8 (code points), split as `bytes.split` and
    Punkt do: at ASCII white space except 28 to 31."""
    codes = np.frombuffer(raw, np.uint8)
    inside = np.zeros(codes.size + 2, bool)
    inside[1:-1] = (codes != ord(" ")) & ((codes < ord("\t")) | (codes > ord("\r")))
    edges = (inside[1:] != inside[:-1]).nonzero()[0]
    if not raw.isascii():
        edges = np.append(0, np.cumsum((codes & 0xC0) != 0x80))[edges]
    return edges[0::2], edges[1::2]
