"""Sentences and hyphenated words of long texts, on whole arrays.

In: texts of one language. Out: their tokens (see `bulk_tokenizer`), the tokens that begin a
sentence, and each distinct hyphenated word. The sentences are those of `sentences.sentences`, the
hyphenated words those of `tokenizer.hyphen_runs`. Where a mark plainly ends a sentence, or plainly
ends none, vectors decide; `sentence_breaks` decides the others, each with what Punkt looks at: its
run of non-space and the one after. Nothing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from indexer.text.bulk_tokenizer import WIDE, BulkTokenizer, BulkTokens, Bytes, Flags, Forms, Ints
from indexer.text.sentences import abbreviations, sentence_breaks, sentence_starters
from indexer.text.tokenizer import HYPHENS, LONGEST_COMPOUND

_MOST = 1 << 16  # doubtful places that are remembered


class Scanner:
    """Scans the texts of one language; forms keep their ids from text to text."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._tokenizer = BulkTokenizer()
        self.hyphens = Hyphens(self.forms)
        self._decided: dict[str, tuple[int, ...]] = {}  # by doubtful place, the breaks in it
        self._kinds = np.zeros(0, np.uint8)  # of the forms looked at so far

    @property
    def forms(self) -> Forms:
        """Each form with its id."""
        return self._tokenizer.forms

    def scan(self, text: str) -> BulkTokens:
        """All tokens of `text` in order."""
        return self._tokenizer.tokenize(text)

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
        columns = (lows[once].tolist(), highs[once].tolist(), edges[home[once]].tolist())
        for begin, end, high in zip(*columns):
            following = _NEXT.match(text, end, high)
            place = text[begin : following.end() if following else end]
            breaks = self._decided.get(place)
            if breaks is None:
                if len(self._decided) >= _MOST:
                    self._decided.clear()
                # what ends in the run after this one is not decided here
                every = (at for at, _ in sentence_breaks(place, self.language))
                breaks = tuple(at for at in every if at <= end - begin)
                self._decided[place] = breaks
            if breaks:
                found += [begin + at for at in breaks]
        return found

    def _plain_breaks(self, tokens: BulkTokens, first: Ints) -> tuple[Ints, Ints]:
        """Tokens that follow a plain end of a sentence; offsets of the marks that are doubtful.

        Only marks with a further token in their block count. `first` are the blocks' first tokens.
        """
        near = _Surroundings.of(tokens)
        marks = np.flatnonzero(near.roles == _END)
        marks = marks[_may_follow()[near.codes[marks + 1]]]
        marks, following = _with_more(tokens, first, marks)
        wide = np.flatnonzero(near.roles == _WIDE_END)
        _, after_wide = _with_more(tokens, first, wide)
        if not marks.size:
            return after_wide, marks
        kinds = self._kinds_of_forms()
        clings = tokens.ends[following - 1] == marks
        breaks = clings & _ends_plain_word(tokens, near, marks, following - 1, kinds)
        decided, more = _after_full_stop(tokens, near, marks, following, kinds)
        decided &= clings
        breaks |= (decided & more) | _follows_bracket(near, marks) | _stands_alone(near, marks)
        return np.concatenate((following[breaks], after_wide)), marks[~(breaks | decided)]

    def _kinds_of_forms(self) -> Bytes:
        """What each form known so far is to sentences."""
        if self._kinds.size < len(self.forms):
            fresh = self.forms.texts[self._kinds.size :]
            self._kinds = np.concatenate((self._kinds, _kinds(fresh, self.language)))
        return self._kinds


class Hyphens:
    """Collects the hyphenated words of texts of one language."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._pairs: set[int] = set()  # of two parts, both ids in one integer
        self._longer: set[tuple[int, ...]] = set()
        self._fresh: list[tuple[int, ...]] = []

    def add(self, tokens: BulkTokens) -> None:
        """Notes the hyphenated words of a text. Nearly all are of two parts: whole arrays."""
        joined = _joined(tokens)
        begins = np.flatnonzero(np.diff(joined, prepend=-2) != 1)
        sizes = np.diff(np.append(begins, joined.size))
        first = joined[begins]
        pairs = first[sizes == 1]
        ids = tokens.ids
        keys = np.unique(ids[pairs].astype(np.int64) << 32 | ids[pairs + 1])
        fresh = set(keys.tolist()) - self._pairs
        self._pairs |= fresh
        runs = [(key >> 32, key & 0xFFFFFFFF) for key in sorted(fresh)]
        several = (sizes > 1) & (sizes < LONGEST_COMPOUND)
        for start, size in zip(first[several].tolist(), sizes[several].tolist()):
            run = tuple(ids[start : start + size + 1].tolist())
            if run not in self._longer:
                self._longer.add(run)
                runs.append(run)
        texts = self._forms.texts
        self._fresh += [run for run in runs if not texts[run[0]][0].isdigit()]

    def take(self) -> list[tuple[int, ...]]:
        """Ids of the parts of each hyphenated word noted since the last call and never before."""
        fresh, self._fresh = self._fresh, []
        return fresh


def _joined(tokens: BulkTokens) -> Ints:
    """Tokens after which nothing but one hyphen stands before the next."""
    ends = tokens.ends[:-1]
    close = np.flatnonzero(tokens.starts[1:] - ends == 1)
    gaps = tokens.codes[ends[close]]
    hyphens = gaps == ord("-")
    wide = np.flatnonzero(gaps >= WIDE)
    hyphens[wide] = [tokens.text[at] in HYPHENS for at in ends[close[wide]].tolist()]
    joined: Ints = close[hyphens]
    return joined


# --- what characters and forms are to sentences ------------------------------------------------

_END, _WIDE_END, _GAP, _OPENING, _CLOSING = 1, 2, 3, 4, 5  # roles of codes


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


def _flags(characters: str) -> Flags:
    """For each code whether it is one of the characters."""
    table = np.zeros(256, bool)
    table[[ord(c) for c in characters]] = True
    return table


@cache
def _may_follow() -> Flags:
    """What may follow a mark where Punkt considers a sentence's end; rather too much."""
    table = _flags(" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f)\";}]*:@'({[?!")
    table[WIDE:] = True
    return table


class _Surroundings(NamedTuple):
    """Codes of a text and their roles, with 4 spaces at the end to look beyond it."""

    codes: Bytes
    roles: Bytes

    @classmethod
    def of(cls, tokens: BulkTokens) -> _Surroundings:
        codes = np.concatenate((tokens.codes, np.full(4, ord(" "), np.uint8)))
        return cls(codes, _roles().take(codes))


# Kinds of forms, as bits; _LONG: more than one letter
_WORD, _ABBREVIATION, _STARTER, _NUMBER, _LONG = 1, 2, 4, 8, 16
_NUMBER_FORM = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def _kinds(forms: Sequence[str], language: str) -> Bytes:
    """The kinds of forms; none, if they hold anything beyond ASCII."""
    ascii_ = np.fromiter(map(str.isascii, forms), bool, len(forms))
    plain = np.fromiter(map(str.isalpha, forms), bool, len(forms)) & ascii_
    long = np.fromiter(map(len, forms), np.int64, len(forms)) > 1
    kinds = np.where(plain, np.where(long, _WORD | _LONG, _WORD), 0).astype(np.uint8)
    lower = list(map(str.lower, forms))
    known = (abbreviations(language), _ABBREVIATION), (sentence_starters(language), _STARTER)
    for words, kind in known:
        kinds[np.fromiter(map(words.__contains__, lower), bool, len(forms)) & plain] |= kind
    for number in np.flatnonzero(ascii_ & ~plain).tolist():
        if _NUMBER_FORM.fullmatch(forms[number]):
            kinds[number] = _NUMBER
    return kinds


# --- where a mark plainly ends a sentence ------------------------------------------------------


def _ends_plain_word(
    tokens: BulkTokens, near: _Surroundings, marks: Ints, word: Ints, kinds: Bytes
) -> Flags:
    """Whether each mark follows a word, maybe a hyphenated one, that is no abbreviation; then
    nothing but the word, quotes and brackets stands between the spaces around."""
    kind = kinds[tokens.ids[word]]
    good = (kind & (_WORD | _LONG)) == _WORD | _LONG
    good &= ((kind & _ABBREVIATION) == 0) | (near.codes[marks] != ord("."))
    one, two, three = (near.roles[marks + n] for n in (1, 2, 3))
    closed = (one == _CLOSING) & ((two == _GAP) | ((two == _CLOSING) & (three == _GAP)))
    good &= (one == _GAP) | closed
    opened = _is_opened(tokens, near, word)
    for _ in range(2):  # parts before the last one
        before = np.maximum(word - 1, 0)
        gap = tokens.starts[word] - 1
        joined = (near.codes[gap] == ord("-")) & (tokens.ends[before] == gap) & (word > 0)
        joined &= (kinds[tokens.ids[before]] & (_WORD | _LONG)) == _WORD | _LONG
        word = np.where(joined & ~opened, before, word)
        opened |= joined & _is_opened(tokens, near, word)
    result: Flags = good & opened
    return result


def _is_opened(tokens: BulkTokens, near: _Surroundings, word: Ints) -> Flags:
    """Whether each word stands after a space, or after one opening character that does."""
    start = tokens.starts[word]
    before = near.roles[start - 1]
    quoted = (before >= _OPENING) & (near.roles[start - 2] == _GAP)
    opened: Flags = (start > 0) & ((before == _GAP) | quoted)
    return opened


_WIDEST = 4  # a full stop, and up to three spaces after it
_TRAILING = _flags(',;:)".?!')  # may cling to the end of the word after a full stop


def _after_full_stop(
    tokens: BulkTokens, near: _Surroundings, marks: Ints, following: Ints, kinds: Bytes
) -> tuple[Flags, Flags]:
    """Which marks are full stops after an abbreviation, an initial or a number, with space and a
    plain word after; and which of these end a sentence.

    Without corpus statistics Punkt's rules come down to this: after an initial never, after an
    abbreviation before a capital that often starts sentences, after a number unless a small
    letter follows.
    """
    start, after = tokens.starts[following - 1], tokens.starts[following]
    kind, next_kind = kinds[tokens.ids[following - 1]], kinds[tokens.ids[following]]
    initial = (kind & (_WORD | _LONG)) == _WORD
    number = (kind & _NUMBER) > 0
    stopped = (initial | number | ((kind & _ABBREVIATION) > 0)) & (near.codes[marks] == ord("."))
    stopped &= (start > 0) & (near.roles[start - 1] == _GAP) & (after - marks <= _WIDEST)
    for place in range(1, _WIDEST):
        stopped &= (near.roles[marks + place] == _GAP) | (marks + place >= after)
    last = tokens.ends[following]
    trailing = _TRAILING[near.codes[last]] & (near.roles[last + 1] == _GAP)
    whole = (near.roles[last] == _GAP) | trailing
    good = stopped & (next_kind & _WORD > 0) & whole
    code = near.codes[after]
    upper = (code >= ord("A")) & (code <= ord("Z"))
    breaks = np.where(number, upper, upper & ((next_kind & _STARTER) > 0) & ~initial)
    good |= stopped & number & (upper | (next_kind & _NUMBER > 0))
    return good, breaks | (number & (next_kind & _NUMBER > 0))


_BRACKETS = _flags(')]}"')


def _follows_bracket(near: _Surroundings, marks: Ints) -> Flags:
    """Whether each mark stands between a closing bracket or quote and a space."""
    codes = near.codes
    bracket = _BRACKETS[codes[marks - 1]] & (near.roles[marks - 2] != _END) & (marks > 1)
    follows: Flags = bracket & (near.roles[marks + 1] == _GAP)
    return follows


def _stands_alone(near: _Surroundings, marks: Ints) -> Flags:
    """Whether each mark stands between spaces, as dots do that lead to a number."""
    alone: Flags = (near.roles[marks - 1] == _GAP) & (near.roles[marks + 1] == _GAP)
    return alone


def _with_more(tokens: BulkTokens, first: Ints, marks: Ints) -> tuple[Ints, Ints]:
    """Those marks after which their block goes on, and the token that follows each."""
    following = np.searchsorted(tokens.starts, marks)
    last = tokens.starts.size - 1
    block = np.searchsorted(first, np.minimum(following, last), "right")
    here = np.searchsorted(first, np.maximum(following - 1, 0), "right")
    inside = (following > 0) & (following <= last) & (block == here)
    return marks[inside], following[inside]


_NEXT = re.compile(r"\s+\S+")


def _gaps(tokens: BulkTokens) -> Ints:
    """Offsets of the spaces that bound words to Punkt: all of ours but the separators 28 to 31."""
    codes = tokens.codes[tokens.spaces]
    gaps: Ints = tokens.spaces[(codes < 28) | (codes == ord(" "))]
    return gaps
