"""The tokeniser for bulk: the same tokens as `analysis.tokenize`, found with whole arrays.

In: a long text and a vocabulary that numbers forms. Out: form ids and offsets as arrays, the
hyphenated words, and where sentences begin. Runs of ASCII letters are cut and numbered with
vector operations. Only what needs a closer look (digits, apostrophes, anything beyond ASCII) goes
through the pattern, a word between spaces at a time and each distinct one once: no rule of the
tokeniser looks beyond the space. A test holds both to the same answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from indexer.analysis import abbreviations, hyphen_runs, sentence_breaks, tokenize

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

SPACE, LETTER, PLAIN, SPECIAL = 0, 1, 2, 3  # classes of characters
_SHORT = 16  # letters of a form that is numbered by its bytes; longer ones go one by one
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)


class Forms(defaultdict[str, int]):
    """Numbers forms in order of their first appearance."""

    def __init__(self) -> None:
        super().__init__()
        self.default_factory = self.__len__


@dataclass(frozen=True)
class Scan:
    """Tokens of one text."""

    text: str
    ids: Ints  # number of each token's form
    starts: Ints  # code points
    ends: Ints
    codes: Bytes  # the text, a byte a code point; 128 and above: beyond ASCII


@cache
def _classes() -> Bytes:
    """Class of each byte: what bounds words, letters, other ASCII, and what needs the pattern."""
    table = np.full(256, PLAIN, np.uint8)
    for byte in range(256):
        character = chr(byte)
        if byte >= 128 or character.isdigit() or character == "'":
            table[byte] = SPECIAL
        elif character.isalpha():
            table[byte] = LETTER
        elif character in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f":
            table[byte] = SPACE
    return table


class Scanner:
    """Scans the texts of one language; its vocabulary grows with them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.forms = Forms()
        self._special: dict[str, tuple[tuple[int, int, int], ...]] = {}  # tokens of odd words
        self._doubts: dict[str, tuple[int, ...]] = {}  # where sentences begin in odd places
        self._abbreviations: set[int] = set()  # forms that may end in a full stop
        self._seen = 0  # forms looked at for the line above

    def scan(self, text: str) -> Scan:
        """All tokens of `text` in order."""
        codes = _coded(text)
        kinds = _classes()[codes]
        special_starts, special_ends = _special_words(kinds)
        letters = kinds == LETTER
        if special_starts.size:
            depth = np.zeros(codes.size + 1, np.int8)
            depth[special_starts] += 1
            depth[special_ends] -= 1
            letters &= np.cumsum(depth[:-1], dtype=np.int8) == 0
        edges = np.flatnonzero(np.diff(letters.view(np.int8), prepend=0, append=0))
        starts, ends = edges[0::2], edges[1::2]
        ids = _numbered(codes, starts, ends, self.forms)
        if special_starts.size:
            more = self._by_pattern(text, special_starts.tolist(), special_ends.tolist())
            starts, ends, ids = (np.concatenate(pair) for pair in zip((starts, ends, ids), more))
            order = np.argsort(starts)
            starts, ends, ids = starts[order], ends[order], ids[order]
        return Scan(text, ids, starts, ends, codes)

    def _by_pattern(self, text: str, starts: list[int], ends: list[int]) -> tuple[Ints, Ints, Ints]:
        """Starts, ends and form numbers of the tokens in the words [starts, ends)."""
        known = self._special
        found: list[tuple[int, int, int]] = []
        for a, b in zip(starts, ends):
            word = text[a:b]
            tokens = known.get(word)
            if tokens is None:
                cut = tokenize(word)
                tokens = tuple(
                    (s, s + len(f), self.forms[f]) for f, s in zip(cut.forms, cut.starts)
                )
                known[word] = tokens
            found += [(a + s, a + e, n) for s, e, n in tokens]
        columns = np.array(found, np.int64).reshape(-1, 3)
        return columns[:, 0], columns[:, 1], columns[:, 2]

    def sentence_starts(self, scanned: Scan, blocks: Ints) -> Ints:
        """Tokens that begin a sentence or a block (ascending, each once).

        `blocks` are the offsets at which the blocks begin, the first of them 0. Where an end
        character plainly ends a sentence, vectors decide. `analysis.sentence_breaks` decides the
        others, each with what Punkt looks at: its run of non-space and the one after.
        """
        starts = scanned.starts
        first = np.searchsorted(starts, blocks)
        begins, doubtful = self._plain_breaks(scanned, first)
        more: list[int] = []
        edges = np.append(blocks, len(scanned.text))
        home = np.searchsorted(blocks, doubtful, "right") - 1
        done = -1
        for at, low, high in zip(doubtful.tolist(), edges[home].tolist(), edges[home + 1].tolist()):
            if at < done:
                continue
            begin, done, end = _surroundings(scanned.text, at, low, high)
            piece = scanned.text[begin:end]
            known = self._doubts.get(piece)
            if known is None:
                run = done - begin  # what breaks in the run after this one is not decided here
                breaks = sentence_breaks(piece, self.language)
                known = tuple(n for e, n in breaks if e <= run)
                self._doubts[piece] = known
            more += [begin + n for n in known]
        found = np.concatenate((first, begins, np.searchsorted(starts, np.array(more, np.int64))))
        found.sort()
        found = found[np.diff(found, prepend=-1) > 0]
        return found[found < starts.size]

    def _plain_breaks(self, scanned: Scan, first: Ints) -> tuple[Ints, Ints]:
        """Tokens that follow a plain end of a sentence; offsets of the ends that are not plain.

        Only ends with a further token in their block count. `first` are the blocks' first tokens.
        """
        codes = np.concatenate((scanned.codes, np.full(4, ord(" "), np.uint8)))
        roles = _roles()[codes]
        ends = np.flatnonzero(roles[:-4] == END)
        ends = ends[_may_follow()[codes[ends + 1]]]
        wide = np.flatnonzero(roles[:-4] == WIDE_END)
        ends, following = _with_more(scanned, first, ends)
        _, after_wide = _with_more(scanned, first, wide)
        if not ends.size:
            return after_wide, ends
        word = following - 1
        start = scanned.starts[word]
        plain = (scanned.ends[word] == ends) & (ends - start > 1)
        plain &= _classes()[codes[ends - 1]] == LETTER
        before = roles[start - 1]
        quoted = (before >= OPENING) & (roles[start - 2] == GAP)
        plain &= (start > 0) & ((before == GAP) | quoted)
        one, two, three = (roles[ends + n] for n in (1, 2, 3))
        plain &= (one == GAP) | (
            (one == CLOSING) & ((two == GAP) | ((two == CLOSING) & (three == GAP)))
        )
        plain &= (codes[ends] != ord(".")) | ~self._may_abbreviate(scanned.ids[word])
        return np.concatenate((following[plain], after_wide)), ends[~plain]

    def _may_abbreviate(self, ids: Ints) -> npt.NDArray[np.bool_]:
        """Which forms are abbreviations, or hold anything but ASCII letters."""
        known = abbreviations(self.language)
        if self._seen < len(self.forms):
            fresh = list(self.forms)[self._seen :]
            self._abbreviations |= {
                self._seen + i
                for i, form in enumerate(fresh)
                if form.lower() in known or not (form.isascii() and form.isalpha())
            }
            self._seen = len(self.forms)
        flags = np.zeros(len(self.forms), bool)
        flags[list(self._abbreviations)] = True
        return flags[ids]


def _with_more(scanned: Scan, first: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Those end characters after which their block goes on, and the token that follows each."""
    following = np.searchsorted(scanned.starts, ends)
    last = scanned.starts.size - 1
    block = np.searchsorted(first, np.minimum(following, last), "right")
    here = np.searchsorted(first, np.maximum(following - 1, 0), "right")
    inside = (following > 0) & (following <= last) & (block == here)
    return ends[inside], following[inside]


_RUN = re.compile(r"\S+")
_SPACES = re.compile(r"\s+")


def _surroundings(text: str, at: int, low: int, high: int) -> tuple[int, int, int]:
    """Within [low, high): where the run of non-space around `at` begins and ends, and where the
    next one ends."""
    begin = at
    while begin > low and text[begin - 1] not in " \t\n\r\x0b\x0c":
        begin -= 1
    end = at
    while end < high and text[end] not in " \t\n\r\x0b\x0c":
        end += 1
    space = _SPACES.match(text, end, high)
    following = _RUN.match(text, space.end(), high) if space else None
    return begin, end, following.end() if following else end


END, WIDE_END, GAP, OPENING, CLOSING = 1, 2, 3, 4, 5
_CODES = {
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


def _coded(text: str) -> Bytes:
    """A byte a code point: ASCII as it is, quotes and wide full stops by `_CODES`, others 255."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.minimum(wide, 255).astype(np.uint8)
    beyond = np.flatnonzero(wide >= 128)
    values = wide[beyond]
    coded = np.full(beyond.size, 255, np.uint8)
    for character, code in _CODES.items():
        coded[values == ord(character)] = code
    codes[beyond] = coded
    return codes


@cache
def _roles() -> Bytes:
    """What each code means to sentences, as Punkt's patterns have it."""
    table = np.zeros(256, np.uint8)
    table[[ord(c) for c in ".?!"]] = END
    table[[200, 201, 202, 203]] = WIDE_END
    table[[ord(c) for c in " \t\n"]] = GAP
    table[[ord(c) for c in "(["]] = OPENING
    table[[*map(ord, ")]\"'"), 145, 146, 147, 148, 171, 187]] = CLOSING
    return table


@cache
def _may_follow() -> npt.NDArray[np.bool_]:
    """What may follow an end character where Punkt considers a sentence's end; rather too much."""
    table = np.zeros(256, bool)
    table[[ord(c) for c in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f)\";}]*:@'({[?!"]] = True
    table[128:] = True
    return table


def _special_words(kinds: Bytes) -> tuple[Ints, Ints]:
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


def _numbered(codes: Bytes, starts: Ints, ends: Ints, forms: Forms) -> Ints:
    """Numbers of the forms [starts, ends), which are ASCII letters.

    The bytes of a form are two 64-bit integers. Sorting by a hash of both brings equal forms
    together; where neighbours differ a new form begins, so a clash of hashes does no harm.
    """
    ids = np.zeros(starts.size, np.int64)
    sizes = ends - starts
    short = np.flatnonzero(sizes <= _SHORT)
    if short.size:
        low, high = _packed(codes, starts[short], sizes[short])
        keys = low * np.uint64(0x9E3779B97F4A7C15) ^ high * np.uint64(0xC2B2AE3D27D4EB4F)
        order = np.argsort(keys)
        low, high = low[order], high[order]
        new = np.ones(order.size, bool)
        new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        heads = short[order[new]]
        raw = codes.tobytes()
        numbers = np.fromiter(
            (
                forms[raw[a:b].decode("ascii")]
                for a, b in zip(starts[heads].tolist(), ends[heads].tolist())
            ),
            np.int64,
            heads.size,
        )
        ids[short[order]] = numbers[np.cumsum(new) - 1]
    for i in np.flatnonzero(sizes > _SHORT).tolist():
        ids[i] = forms[codes[starts[i] : ends[i]].tobytes().decode("ascii")]
    return ids


def _packed(
    codes: Bytes, starts: Ints, sizes: Ints
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The first 8 and the next 8 bytes of each form as integers; bytes beyond its end are 0."""
    padded = np.concatenate((codes, np.zeros(2 * _SHORT, np.uint8)))
    windows = np.lib.stride_tricks.as_strided(padded, (padded.size - 8, 8), (1, 1), writeable=False)
    low = np.ascontiguousarray(windows[starts]).view(np.uint64)[:, 0]
    low = low & _MASKS[np.minimum(sizes, 8)]
    high = np.zeros(starts.size, np.uint64)
    long = np.flatnonzero(sizes > 8)
    rest = np.ascontiguousarray(windows[starts[long] + 8]).view(np.uint64)[:, 0]
    high[long] = rest & _MASKS[np.minimum(sizes[long] - 8, 8)]
    return low, high


def hyphenated(scanned: Scan) -> Iterator[tuple[str, ...]]:
    """Hyphenated words of the text, as `analysis.hyphen_runs` gives them."""
    gap = scanned.starts[1:] - scanned.ends[:-1] == 1
    middle = scanned.codes[scanned.ends[:-1][gap]]
    hyphens = np.flatnonzero(gap)[(middle == ord("-")) | (middle >= 128)]
    text, starts, ends = scanned.text, scanned.starts, scanned.ends
    at = 0
    places = hyphens.tolist()
    while at < len(places):
        last = at
        while last + 1 < len(places) and places[last + 1] == places[last] + 1:
            last += 1
        first, end = places[at], places[last] + 2
        tokens = [text[starts[i] : ends[i]] for i in range(first, end)]
        gaps = [text[ends[i]] for i in range(first, end - 1)]
        yield from hyphen_runs(tokens, gaps)
        at = last + 1
