"""Where sentences begin among the tokens of a long text.

Where an end character plainly ends a sentence, or plainly ends none, vectors decide. The others
are decided by `analysis.sentence_breaks`, each with what Punkt looks at, its run of non-space and
the one after, and each shape of that once (see `simplifying`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from indexer.text.bulk_codes import (
    CLOSING,
    END,
    GAP,
    OPENING,
    WIDE_END,
    Bytes,
    Flags,
    Ints,
    may_follow,
    roles,
)
from indexer.text.bulk_hyphens import Hyphens
from indexer.text.bulk_tokenizer import Forms, Scan, Tokens
from indexer.text.simplifying import Shapes
from indexer.text.tokenizer import abbreviations, candidates, sentence_breaks, sentence_starters

# What a form is to sentences
WORD, ABBREVIATION, STARTER, NUMBER, LONG = 1, 2, 4, 8, 16  # LONG: more than one letter
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_MOST = 1 << 16  # odd places, and shapes of them, that are remembered


class Scanner:
    """Scans the texts of one language; its vocabulary grows with them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._tokens = Tokens()
        self.hyphens = Hyphens(self._tokens.forms)
        self._shapes = Shapes(abbreviations(language), sentence_starters(language))
        self._decisions: dict[str, tuple[int, ...]] = {}  # by shape, the candidates that end one
        self._doubts: dict[str, tuple[int, ...]] = {}  # by odd place, where sentences end in it
        self._natures = np.zeros(0, np.uint8)  # of the forms looked at so far

    @property
    def forms(self) -> Forms:
        """Each form with its number."""
        return self._tokens.forms

    def scan(self, text: str) -> Scan:
        """All tokens of `text` in order."""
        return self._tokens.scan(text)

    def sentence_starts(self, scanned: Scan, blocks: Ints) -> Ints:
        """Tokens that begin a sentence or a block (ascending, each once).

        `blocks` are the offsets at which the blocks begin, the first of them 0.
        """
        starts = scanned.starts
        first = np.searchsorted(starts, blocks)
        begins, doubtful = self._plain_breaks(scanned, first)
        more = np.array(self._doubtful(scanned, blocks, doubtful), np.int64)
        found = np.concatenate((first, begins, np.searchsorted(starts, more)))
        found.sort()
        found = found[np.diff(found, prepend=-1) > 0]
        return found[found < starts.size]

    def _doubtful(self, scanned: Scan, blocks: Ints, doubtful: Ints) -> list[int]:
        """Which of the runs of non-space around these offsets end sentences, and where."""
        text = scanned.text
        edges = np.append(blocks, len(text))
        home = np.searchsorted(blocks, doubtful, "right")
        spaces = np.concatenate(([-1], _gaps(scanned), [len(text)]))
        after = np.searchsorted(spaces, doubtful)
        lows = np.maximum(spaces[after - 1] + 1, edges[home - 1])
        highs = np.minimum(spaces[after], edges[home])
        once = np.flatnonzero(np.diff(lows, prepend=-1))
        found: list[int] = []
        columns = (lows[once].tolist(), highs[once].tolist(), edges[home[once]].tolist())
        for begin, end, high in zip(*columns):
            following = _NEXT.match(text, end, high)
            piece = text[begin : following.end() if following else end]
            breaks = self._doubts.get(piece)
            if breaks is None:
                if len(self._doubts) >= _MOST:
                    self._doubts.clear()
                breaks = self._doubts[piece] = self._decided(piece)
            if breaks:
                found += [begin + n for n in breaks]
        return found

    def _decided(self, piece: str) -> tuple[int, ...]:
        """Where sentences end in a run of non-space, given with the one after it."""
        shape = self._shapes.of_place(piece)
        marks = self._decisions.get(shape)
        if marks is None:
            if len(self._decisions) >= _MOST:
                self._decisions.clear()
            space = _SPACE.search(shape)
            last = space.start() if space else len(shape)
            numbers = {end: n for n, end in enumerate(candidates(shape))}
            # what ends in the run after this one is not decided here
            breaks = (end for end, _ in sentence_breaks(shape, self.language) if end <= last)
            marks = self._decisions[shape] = tuple(numbers[end] for end in breaks)
        if not marks:
            return ()
        places = candidates(piece)
        return tuple(places[n] for n in marks)

    def _plain_breaks(self, scanned: Scan, first: Ints) -> tuple[Ints, Ints]:
        """Tokens that follow a plain end of a sentence; offsets of the ends that are not plain.

        Only ends with a further token in their block count. `first` are the blocks' first tokens.
        """
        near = _Neighbourhood.of(scanned)
        ends = np.flatnonzero(near.roles == END)
        ends = ends[may_follow()[near.codes[ends + 1]]]
        ends, following = _with_more(scanned, first, ends)
        wide = np.flatnonzero(near.roles == WIDE_END)
        _, after_wide = _with_more(scanned, first, wide)
        if not ends.size:
            return after_wide, ends
        natures = self._nature_of_forms()
        clings = scanned.ends[following - 1] == ends
        breaks = clings & _ends_plain_word(scanned, near, ends, following - 1, natures)
        decided, more = _stopped(scanned, near, ends, following, natures)
        decided &= clings
        breaks |= (decided & more) | _ends_bracket(near, ends) | _stands_alone(near, ends)
        return np.concatenate((following[breaks], after_wide)), ends[~(breaks | decided)]

    def _nature_of_forms(self) -> Bytes:
        """What each form known so far is to sentences."""
        if self._natures.size < len(self.forms):
            fresh = self.forms.texts[self._natures.size :]
            known, starters = abbreviations(self.language), sentence_starters(self.language)
            self._natures = np.concatenate((self._natures, _natures(fresh, known, starters)))
        return self._natures


def _natures(forms: Sequence[str], known: frozenset[str], starters: frozenset[str]) -> Bytes:
    """What forms are to sentences; nothing, if they hold anything beyond ASCII."""
    ascii_ = np.fromiter(map(str.isascii, forms), bool, len(forms))
    plain = np.fromiter(map(str.isalpha, forms), bool, len(forms)) & ascii_
    long = np.fromiter(map(len, forms), np.int64, len(forms)) > 1
    natures = np.where(plain, np.where(long, WORD | LONG, WORD), 0).astype(np.uint8)
    lower = list(map(str.lower, forms))
    for words, nature in ((known, ABBREVIATION), (starters, STARTER)):
        which = np.fromiter(map(words.__contains__, lower), bool, len(forms))
        natures[which & plain] |= nature
    for number in np.flatnonzero(ascii_ & ~plain).tolist():
        if _NUMBER.fullmatch(forms[number]):
            natures[number] = NUMBER
    return natures


class _Neighbourhood(NamedTuple):
    """Characters and their roles, with room at the end to look beyond it."""

    codes: Bytes
    roles: Bytes

    @classmethod
    def of(cls, scanned: Scan) -> _Neighbourhood:
        codes = np.concatenate((scanned.codes, np.full(4, ord(" "), np.uint8)))
        meanings = roles().take(codes)
        meanings[-4:] = GAP
        return cls(codes, meanings)


def _ends_plain_word(
    scanned: Scan, near: _Neighbourhood, ends: Ints, word: Ints, natures: Bytes
) -> Flags:
    """Whether each end follows a word, maybe a hyphenated one, that is no abbreviation; then
    nothing but the word, quotes and brackets stands between the spaces around."""
    nature = natures[scanned.ids[word]]
    good = (nature & (WORD | LONG)) == WORD | LONG
    good &= ((nature & ABBREVIATION) == 0) | (near.codes[ends] != ord("."))
    one, two, three = (near.roles[ends + n] for n in (1, 2, 3))
    good &= (one == GAP) | ((one == CLOSING) & ((two == GAP) | ((two == CLOSING) & (three == GAP))))
    opened = _is_opened(scanned, near, word)
    for _ in range(2):  # parts before the last one
        before = np.maximum(word - 1, 0)
        gap = scanned.starts[word] - 1
        joined = (near.codes[gap] == ord("-")) & (scanned.ends[before] == gap) & (word > 0)
        joined &= (natures[scanned.ids[before]] & (WORD | LONG)) == WORD | LONG
        word = np.where(joined & ~opened, before, word)
        opened |= joined & _is_opened(scanned, near, word)
    result: Flags = good & opened
    return result


def _is_opened(scanned: Scan, near: _Neighbourhood, word: Ints) -> Flags:
    """Whether each word stands after a space, or after one opening character that does."""
    start = scanned.starts[word]
    before = near.roles[start - 1]
    quoted = (before >= OPENING) & (near.roles[start - 2] == GAP)
    opened: Flags = (start > 0) & ((before == GAP) | quoted)
    return opened


def _stopped(
    scanned: Scan, near: _Neighbourhood, ends: Ints, following: Ints, natures: Bytes
) -> tuple[Flags, Flags]:
    """Which ends are full stops after an abbreviation, an initial or a number, with space and a
    plain word after; and which of these end a sentence.

    Without corpus statistics Punkt's rules come down to this: after an initial never, after an
    abbreviation before a capital that often starts sentences, after a number unless a small
    letter follows.
    """
    start, after = scanned.starts[following - 1], scanned.starts[following]
    nature, next_nature = natures[scanned.ids[following - 1]], natures[scanned.ids[following]]
    initial = (nature & (WORD | LONG)) == WORD
    number = (nature & NUMBER) > 0
    stopped = (initial | number | ((nature & ABBREVIATION) > 0)) & (near.codes[ends] == ord("."))
    stopped &= (start > 0) & (near.roles[start - 1] == GAP) & (after - ends <= _WIDEST)
    for place in range(1, _WIDEST):
        stopped &= (near.roles[ends + place] == GAP) | (ends + place >= after)
    last = scanned.ends[following]
    whole = (near.roles[last] == GAP) | (
        _TRAILING[near.codes[last]] & (near.roles[last + 1] == GAP)
    )
    good = stopped & (next_nature & WORD > 0) & whole
    code = near.codes[after]
    upper = (code >= ord("A")) & (code <= ord("Z"))
    breaks = np.where(number, upper, upper & ((next_nature & STARTER) > 0) & ~initial)
    good |= stopped & number & (upper | (next_nature & NUMBER > 0))
    return good, breaks | (number & (next_nature & NUMBER > 0))


def _ends_bracket(near: _Neighbourhood, ends: Ints) -> Flags:
    """Whether each end stands alone to Punkt, between a closing bracket or quote and a space."""
    codes = near.codes
    stands = _SHUT[codes[ends - 1]] & (near.roles[ends - 2] != END) & (ends > 1)
    alone: Flags = stands & (near.roles[ends + 1] == GAP)
    return alone


def _stands_alone(near: _Neighbourhood, ends: Ints) -> Flags:
    """Whether each end stands between spaces, as dots do that lead to a number."""
    alone: Flags = (near.roles[ends - 1] == GAP) & (near.roles[ends + 1] == GAP)
    return alone


def _flags(characters: str) -> Flags:
    table = np.zeros(256, bool)
    table[[ord(c) for c in characters]] = True
    return table


_WIDEST = 4  # a full stop, and up to three spaces after it
_TRAILING = _flags(',;:)".?!')  # may cling to the end of the word after a full stop
_SHUT = _flags(')]}"')


def _with_more(scanned: Scan, first: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Those end characters after which their block goes on, and the token that follows each."""
    following = np.searchsorted(scanned.starts, ends)
    last = scanned.starts.size - 1
    block = np.searchsorted(first, np.minimum(following, last), "right")
    here = np.searchsorted(first, np.maximum(following - 1, 0), "right")
    inside = (following > 0) & (following <= last) & (block == here)
    return ends[inside], following[inside]


_NEXT = re.compile(r"\s+\S+")
_SPACE = re.compile(r"[ \t\n\r\x0b\x0c]")


def _gaps(scanned: Scan) -> Ints:
    """Offsets of the spaces that bound words to Punkt: all of ours but the separators 28 to 31."""
    codes = scanned.codes[scanned.spaces]
    gaps: Ints = scanned.spaces[(codes < 28) | (codes == ord(" "))]
    return gaps
