"""Where sentences begin among the tokens of a long text.

Where an end character plainly ends a sentence, or plainly ends none, vectors decide. The others
are decided by `analysis.sentence_breaks`, each with what Punkt looks at: its run of non-space and
the one after.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from indexer.analysis import abbreviations, sentence_breaks, sentence_starters
from indexer.scanning.codes import (
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
from indexer.scanning.tokens import Forms, Scan, Tokens

# What a form is to sentences
WORD, ABBREVIATION, STARTER, NUMBER, LONG = 1, 2, 4, 8, 16  # LONG: more than one letter
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")


class Scanner:
    """Scans the texts of one language; its vocabulary grows with them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._tokens = Tokens()
        self._doubts: dict[str, tuple[int, ...]] = {}  # where sentences begin in odd places
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
        breaks |= (decided & more) | _ends_bracket(near, ends)
        return np.concatenate((following[breaks], after_wide)), ends[~(breaks | decided)]

    def _nature_of_forms(self) -> Bytes:
        """What each form known so far is to sentences."""
        if self._natures.size < len(self.forms):
            fresh = self.forms.texts[self._natures.size :]
            known, starters = abbreviations(self.language), sentence_starters(self.language)
            more = np.array([_nature(form, known, starters) for form in fresh], np.uint8)
            self._natures = np.concatenate((self._natures, more))
        return self._natures


def _nature(form: str, known: frozenset[str], starters: frozenset[str]) -> int:
    if not form.isascii():
        return 0
    if not form.isalpha():
        return NUMBER if _NUMBER.fullmatch(form) else 0
    lower = form.lower()
    nature = WORD if len(form) == 1 else WORD | LONG
    if lower in known:
        nature |= ABBREVIATION
    return nature | STARTER if lower in starters else nature


class _Neighbourhood(NamedTuple):
    """Characters and their roles, with room at the end to look beyond it."""

    codes: Bytes
    roles: Bytes

    @classmethod
    def of(cls, scanned: Scan) -> _Neighbourhood:
        codes = np.concatenate((scanned.codes, np.full(4, ord(" "), np.uint8)))
        meanings = roles()[codes]
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
