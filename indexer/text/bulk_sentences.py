"""Sentences and hyphenated words of long texts, on whole arrays.

In: texts of one language. Out: their tokens (see `bulk_tokenizer`), the tokens that begin a
sentence, and those that a hyphen joins to the next. The sentences are those of
`sentences.sentences`. Where a mark plainly ends a sentence vectors decide; `breaks` decides the
others, each with what it looks at: its run of non-space, the one after and, for a lone letter or a
*No.*, three before. Nothing
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from indexer.text.bulk_tokenizer import WIDE, BulkTokenizer, BulkTokens, Bytes, Flags, Ints
from indexer.text.sentences import abbreviations, breaks
from indexer.text.tokenizer import is_hyphen
from indexer.text.word_lists import NUMBERED


class Scanner(BulkTokenizer):
    """Scans the texts of one language; forms keep their ids from text to text."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._kinds = np.zeros(0, np.uint8)  # of the forms looked at so far

    def sentence_starts(self, tokens: BulkTokens, blocks: Ints) -> Ints:
        """Indices of the tokens that begin a sentence or a block (int64, ascending, each once).

        `blocks` are the offsets at which the blocks begin, the first of them 0.
        """
        starts = tokens.starts
        first = np.searchsorted(starts, blocks)
        begins, doubtful = self._plain_breaks(tokens, first)
        more = np.array(self._doubtful_breaks(tokens, blocks, doubtful), np.int64)
        found = np.concatenate((first, begins, np.searchsorted(starts, more)))
        found.sort()
        found = found[np.diff(found, prepend=-1) > 0]
        return found[found < starts.size]

    def _doubtful_breaks(self, tokens: BulkTokens, blocks: Ints, doubtful: Ints) -> list[int]:
        """Offsets at which sentences end in the runs of non-space around these offsets."""
        text = tokens.text
        edges = np.append(blocks, len(text))
        home = np.searchsorted(blocks, doubtful, "right")
        spaces = np.concatenate(([-1], _gaps(tokens), [len(text)]))
        after = np.searchsorted(spaces, doubtful)
        lows = np.maximum(spaces[after - 1] + 1, edges[home - 1])
        highs = np.minimum(spaces[after], edges[home])
        once = np.flatnonzero(np.diff(lows, prepend=-1))
        found: list[int] = []
        columns = (lows, highs, edges[home - 1], edges[home])
        for begin, end, low, high in zip(*(column[once].tolist() for column in columns)):
            following = _NEXT.match(text, end, high)
            place = text[begin : following.end() if following else end]
            start = _three_before(text, begin, low) if _LOOKS_BACK.match(place) else begin
            ats = _breaks_in(text[start:begin] + place, end - start, self.language)
            found += [start + at for at in ats if start + at > begin]
        return found

    def _plain_breaks(self, tokens: BulkTokens, first: Ints) -> tuple[Ints, Ints]:
        """Tokens that follow a plain end of a sentence; offsets of the marks that are doubtful.

        Only marks with a further token in their block count. `first` are the blocks' first tokens.
        """
        codes = np.append(tokens.codes, np.full(4, ord(" "), np.uint8))  # to look beyond the end
        roles = _roles().take(codes)
        marks = np.flatnonzero(roles == _END)
        after, before = codes[marks + 1], codes[marks - 1]
        small = _small()[before]
        marks = marks[_may_follow()[after] | (small & _may_cling()[after])]
        marks, following = _with_more(tokens, first, marks)
        _, after_wide = _with_more(tokens, first, np.flatnonzero(roles == _WIDE_END))
        if not marks.size:
            return after_wide, marks
        fresh = self.forms.texts[self._kinds.size :]
        self._kinds = np.concatenate((self._kinds, _kinds(fresh, self.language)))
        plain, goes_on = _plain_words(tokens, codes, marks, following - 1, self._kinds)
        return np.concatenate((following[plain], after_wide)), marks[~(plain | goes_on)]


def joined(tokens: BulkTokens, blocks: Ints) -> Ints:
    """Tokens after which nothing but one hyphen, or one at a line's end, stands before the next.

    `blocks` are the offsets at which blocks begin: no word goes on over one.
    """
    ends, starts = tokens.ends[:-1], tokens.starts[1:]
    gaps = tokens.codes[np.minimum(ends, tokens.codes.size - 1)]
    hyphens = (gaps == ord("-")) & (starts - ends == 1)
    last = np.flatnonzero((gaps == ord("-")) & (starts - ends > 1))
    wide = np.flatnonzero((gaps == 255) & (starts > ends))
    for at in np.concatenate((last, wide)).tolist():
        hyphens[at] = is_hyphen(tokens.text[ends[at] : starts[at]])
    found = np.flatnonzero(hyphens)
    across = blocks.searchsorted(starts[found], "right") > blocks.searchsorted(ends[found], "left")
    return found[~across]


# --- what characters and forms are to sentences ------------------------------------------------

_END, _WIDE_END, _GAP, _OPENING, _CLOSING = 1, 2, 3, 4, 5  # roles of codes
_WORD, _ABBREVIATION, _NUMBER, _INITIAL = 1, 2, 3, 4  # kinds of forms in ASCII; 0: all others


@cache
def _roles() -> Bytes:
    """Role of each code, as Punkt's patterns have it."""
    table = np.zeros(256, np.uint8)
    table[[ord(c) for c in ".?!"]] = _END
    table[[200, 201, 202, 203]] = _WIDE_END
    table[[ord(c) for c in " \t\n"]] = _GAP
    table[[ord(c) for c in "(["]] = _OPENING
    table[[*map(ord, ")]\"'"), 145, 146, 147, 148, 171, 187]] = _CLOSING
    return table


@cache
def _may_follow() -> Flags:
    """What may follow a mark where Punkt considers a sentence's end; rather too much."""
    table = np.zeros(256, bool)
    table[[ord(c) for c in " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f)\";}]*:@'({[?!"]] = True
    table[WIDE:] = True
    return table


@cache
def _small() -> Flags:
    """Small letters, and what may be one."""
    table = np.zeros(256, bool)
    table[ord("a") : ord("z") + 1] = True
    table[WIDE:] = True
    return table


@cache
def _may_cling() -> Flags:
    """What may follow a mark after a small letter where a sentence ends all the same."""
    table = np.zeros(256, bool)
    table[ord("A") : ord("Z") + 1] = True
    table[ord("0") : ord("9") + 1] = True
    return table


def _kinds(forms: Sequence[str], language: str) -> Bytes:
    """The kinds of forms; 0 of all others."""
    known = abbreviations(language)
    kinds = np.zeros(len(forms), np.uint8)
    for at, form in enumerate(forms):
        if form.isascii():
            if form.isalpha():
                lower = form.lower()
                if len(form) == 1:
                    kinds[at] = _INITIAL
                elif lower not in NUMBERED:
                    kinds[at] = _ABBREVIATION if lower in known else _WORD
            elif form.replace(".", "").isdigit():
                kinds[at] = _NUMBER
    return kinds


# --- where a mark plainly ends a sentence ------------------------------------------------------


def _plain_words(
    tokens: BulkTokens, codes: Bytes, marks: Ints, words: Ints, kinds: Bytes
) -> tuple[Flags, Flags]:
    """Whether each mark plainly ends a sentence, and whether one plainly goes on.

    One ends after a word that is no abbreviation, where nothing but the word, quotes and brackets
    stands between the spaces around, and after a number before a capital; one goes on after an
    abbreviation, initial or number before a small letter. `codes` goes on beyond the text.
    """
    kind = kinds[tokens.ids[words]]
    stop = codes[marks] == ord(".")
    one, two, three = (_roles()[codes[marks + n]] for n in (1, 2, 3))
    spaced = one == _GAP
    good = (kind == _WORD) | ((kind == _ABBREVIATION) & ~stop)
    good &= spaced | ((one == _CLOSING) & ((two == _GAP) | ((two == _CLOSING) & (three == _GAP))))
    follows = codes[marks + 2]
    capital = (follows >= ord("A")) & (follows <= ord("Z"))
    good |= (kind == _NUMBER) & capital & spaced & stop
    start = tokens.starts[words]
    before = _roles()[codes[start - 1]]
    quoted = (before >= _OPENING) & (_roles()[codes[start - 2]] == _GAP)
    apart = (start > 0) & (tokens.ends[words] == marks)
    small = (follows >= ord("a")) & (follows <= ord("z"))
    goes_on = (kind >= _ABBREVIATION) & small & spaced & stop & apart & (before == _GAP)
    return good & apart & ((before == _GAP) | quoted), goes_on


def _with_more(tokens: BulkTokens, first: Ints, marks: Ints) -> tuple[Ints, Ints]:
    """Those marks after which their block goes on, and the token that follows each."""
    following = np.searchsorted(tokens.starts, marks)
    last = tokens.starts.size - 1
    block = np.searchsorted(first, np.minimum(following, last), "right")
    here = np.searchsorted(first, np.maximum(following - 1, 0), "right")
    inside = (following > 0) & (following <= last) & (block == here)
    return marks[inside], following[inside]


@lru_cache(1 << 16)
def _breaks_in(place: str, end: int, language: str) -> tuple[int, ...]:
    """Where sentences end in a run of non-space up to `end`, given the run after it as well."""
    return tuple(at for at, _ in breaks(place, language) if at <= end)


_NEXT = re.compile(r"\s+\S+")
# What is decided by what stands before: a lone capital before another, a number's *No.*
_LOOKS_BACK = re.compile(
    rf"[\"'(\[‘“«]*(?:[^\W\d_a-z][.?!](?![A-Za-z])\S*\s+[^\sa-z]"
    rf"|(?i:{'|'.join(sorted(NUMBERED))})\.\s+\d)"
)


def _three_before(text: str, begin: int, low: int) -> int:
    """Where the third run of non-space before `begin` begins, in the block that begins at `low`."""
    at = begin
    for _ in range(3):
        end = at
        while end > low and text[end - 1] in _SPACES:
            end -= 1
        if end == low:
            break
        at = end
        while at > low and text[at - 1] not in _SPACES:
            at -= 1
    return at


_SPACES = " \t\n\r\x0b\x0c"


def _gaps(tokens: BulkTokens) -> Ints:
    """Offsets of the spaces that bound words to Punkt: all of ours but the separators 28 to 31."""
    codes = tokens.codes[tokens.spaces]
    gaps: Ints = tokens.spaces[(codes < 28) | (codes == ord(" "))]
    return gaps
