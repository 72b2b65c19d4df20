"""How much of an old passage a new one holds: the evidence that one was edited into the other.

In: selectors of the passages that exact words left over, before and after. Out: `Claim`s, each an
old passage, the new one that holds most of its words, and how well everything fits. Pure.

Words are compared as sequences (longest common subsequence), and only runs of two or more words
count, or texts without number would share "of", "the" and "is". A claim may go over several new
passages in a row, since a passage may have been split. Words of a new passage that one old one
has claimed are no evidence for another: of two near-duplicates one of which was deleted, only one
can be what is left.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from indexer.links.scoring import likeness, nearness, score
from indexer.links.selectors import CONTEXT
from indexer.model import Selectors
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_OWNED = "\uffff"  # stands for a word that is taken; no word is coded so
_FIRST_CODE = 0x10000  # words become characters from here, past the surrogates
_GAP_COST = 0.5  # a word that is not shared weighs so much against the stretch around it
_MOST_PARTS = 6  # new passages that one old one may have been split into
_PLACE, _NUMBERS = 0.15, 0.1  # what they add to a rank
_COMMON = 25  # passages; two words that stand in more of them say nothing
_WHOLE = 0.9  # share of the old words that leaves no need to look at neighbours
_MORE = 0.15  # of the old words that they must add
_VOTES = 6  # candidates by shared words
_NEIGHBOURS = 6  # candidates by place


@dataclass(frozen=True, slots=True)
class Claim:
    """An old passage, the new one that may be what became of it, and the evidence."""

    old: int  # index in the old passages
    new: int  # index in the new ones: the part that holds most
    score: float  # as `scoring.score`, of the best stretch
    quote: float  # how alike the texts are, by characters
    kept: float  # share of the old words that the stretch holds
    held: float  # share of the stretch's words that are old ones
    filled: float  # share of the new passages' words, as far as they are free, that are old ones
    numbers: float  # share of the old numbers that the stretch has; 1 if there are none
    before: float  # how alike what stands before is; 0.5 if there was nothing before
    after: float
    in_place: bool  # whether it stands between the same neighbours
    words: int  # of the old passage
    shared: int  # words in common, in runs
    used: tuple[tuple[int, int, int], ...]  # what it claims: new passage, first word, one past
    runs: tuple[tuple[int, int, int], ...]  # the words in common within that, likewise

    @property
    def context(self) -> float:
        """How alike the surroundings are, from 0 to 1."""
        return (self.before + self.after) / 2

    @property
    def rank(self) -> float:
        """What claims are sorted by: the score, and more for the old place and the old numbers.

        Numbers tell near-duplicates apart: the steps of a dose, the rows of a table.
        """
        return self.score + _PLACE * self.in_place + _NUMBERS * self.numbers


class _Coded:
    """A passage as a string of one character a word, with the words' offsets in its text."""

    __slots__ = ("code", "ends", "starts")

    def __init__(self, text: str, codes: dict[str, str]) -> None:
        forms, self.starts = tokenize(text)
        self.ends = [start + len(form) for start, form in zip(self.starts, forms)]
        letters = []
        for form in forms:
            word = fold(form)
            code = codes.get(word)
            if code is None:
                code = codes[word] = chr(_FIRST_CODE + len(codes) % 0x100000)
            letters.append(code)
        self.code = "".join(letters)

    @property
    def pairs(self) -> set[str]:
        """Neighbouring words, and those at either end with the end."""
        code = f" {self.code} "
        return {code[n : n + 2] for n in range(len(code) - 1)}


class _Stretch(NamedTuple):
    """Words in a row of one or more new passages."""

    parts: list[int]  # the passages, in order
    low: int  # first word, counted through all of them
    high: int  # one past the last
    shared: list[tuple[int, int]]  # words in common: place in the old passage, place here


class _Piece(NamedTuple):
    """What a stretch has of one new passage."""

    part: int  # the passage
    low: int  # first word
    high: int  # one past the last
    begin: int  # first character
    end: int  # one past the last
    shared: int  # words in common
    runs: list[tuple[int, int, int]]  # where they are: the passage, first word, one past


@dataclass(frozen=True, slots=True)
class Room:
    """Where an old passage would stand in the new version, had nothing but it changed."""

    first: int  # new passages from here
    last: int  # to here, exclusive
    likely: int  # the one that is at its place by count


class Resemblance:
    """Evidence between old and new passages that have no equal; knows which words are taken."""

    def __init__(
        self,
        old: Sequence[Selectors],
        new: Sequence[Selectors],
        lost: Iterable[int],
        fresh: Iterable[int],
    ) -> None:
        """`lost` and `fresh` are the indices of the passages that are left over."""
        codes: dict[str, str] = {}
        self._old, self._new = old, new
        self._lost = {n: _Coded(old[n].text, codes) for n in lost}
        self._fresh = {n: _Coded(new[n].text, codes) for n in fresh}
        self._bags = {n: set(coded.code) for n, coded in self._fresh.items()}
        self._length = max((one.end for one in new), default=0)

    # --- which to compare ---

    def candidates(self, rooms: dict[int, Room]) -> dict[int, list[int]]:
        """For each old passage the new ones worth comparing: by shared words, and by place."""
        postings: dict[str, list[int]] = {}
        for n, coded in self._fresh.items():
            for pair in coded.pairs:
                postings.setdefault(pair, []).append(n)
        fresh = sorted(self._fresh)
        found = {}
        for n, coded in self._lost.items():
            votes: Counter[int] = Counter()
            for pair in coded.pairs:
                where = postings.get(pair, ())
                if len(where) <= _COMMON:
                    votes.update(where)
            best = [other for other, _ in votes.most_common(_VOTES)]
            if room := rooms.get(n):
                best += _nearest(fresh, room)
            found[n] = list(dict.fromkeys(best))
        return found

    # --- how alike ---

    def claim(self, old: int, new: int, room: Room | None) -> Claim:
        """The evidence that the old passage is in the new one, from words that are still free."""
        mine = self._lost[old]
        found = self._stretch(mine, [new])
        if len(found.shared) < _WHOLE * len(mine.code):
            parts = self._parts(mine, new)
            if len(parts) > 1:  # of near-duplicates side by side, one that is alike is enough
                wider = self._stretch(mine, parts)
                if len(wider.shared) - len(found.shared) > _MORE * len(mine.code):
                    found = wider
        return self._weighed(old, new, found, room)

    def _stretch(self, mine: _Coded, parts: list[int]) -> _Stretch:
        """The stretch of new passages, taken together, that holds the old words best."""
        joined = "".join(self._fresh[part].code for part in parts)
        shared = _runs_in_common(mine.code, joined)
        low, high = _densest(shared, len(joined))
        inside = [(at, place) for at, place in shared if low <= place < high]
        if inside:
            low = max(0, low - inside[0][0])
            high = min(len(joined), high + len(mine.code) - 1 - inside[-1][0])
        else:
            parts, joined = parts[:1], self._fresh[parts[0]].code
            low, high = 0, len(joined)
        low, high = _free(joined, low, high, inside)
        return _Stretch(parts, low, high, inside)

    def take(self, claim: Claim) -> None:
        """The words of a claim that is believed are evidence for no other."""
        for part, first, last in claim.used:
            coded = self._fresh[part]
            coded.code = coded.code[:first] + _OWNED * (last - first) + coded.code[last:]

    def _parts(self, mine: _Coded, new: int) -> list[int]:
        """`new`, with neighbours that hold old words mostly."""
        bag, parts = set(mine.code), [new]
        room = 2 * len(mine.code) + 20
        for step in (-1, 1):
            at = new + step
            while at in self._fresh and len(parts) < _MOST_PARTS:
                words = self._bags[at]
                size = len(self._fresh[at].code)
                if not words or len(words & bag) < 0.7 * len(words) or size > room:
                    break
                parts.append(at)
                at += step
        return sorted(parts)

    def _weighed(self, old: int, new: int, stretch: _Stretch, room: Room | None) -> Claim:
        """The claim of an old passage to a stretch of new ones."""
        one, words = self._old[old], len(self._lost[old].code)
        pieces = list(self._pieces(stretch))
        found = " ".join(self._new[p.part].text[p.begin : p.end] for p in pieces)
        free = sum(len(self._fresh[p.part].code.replace(_OWNED, "")) for p in pieces)
        shared, size = len(stretch.shared), stretch.high - stretch.low
        quote = likeness(one.text, found) if found else 0.0
        before, after = self._surroundings(one, pieces)
        most = max(pieces, key=lambda p: (p.shared, p.part == new), default=None)
        target = most.part if most else new
        where = self._new[target].start
        return Claim(
            old,
            target,
            score(quote, before, after, nearness(one.start, where, self._length)),
            quote,
            shared / max(words, 1),
            shared / max(size, 1),
            shared / max(free, 1),
            _numbers_kept(one.text, found),
            0.5 if before is None else before,
            0.5 if after is None else after,
            room is not None and room.first <= target < room.last,
            words,
            shared,
            tuple((p.part, p.low, p.high) for p in pieces),
            tuple(run for p in pieces for run in p.runs),
        )

    def _pieces(self, stretch: _Stretch) -> Iterator[_Piece]:
        """What a stretch has of each new passage."""
        first = 0
        for part in stretch.parts:
            coded, text = self._fresh[part], self._new[part].text
            size = len(coded.code)
            low, high = max(stretch.low - first, 0), min(stretch.high - first, size)
            if low < high:
                begin = coded.starts[low] if low else 0
                end = coded.ends[high - 1] if high < size else len(text)
                inside = [at - first for _, at in stretch.shared if first <= at < first + size]
                runs = [(part, start, stop) for start, stop in _gathered(inside)]
                yield _Piece(part, low, high, begin, end, len(inside), runs)
            first += size

    def _surroundings(
        self, one: Selectors, pieces: Sequence[_Piece]
    ) -> tuple[float | None, float | None]:
        """How alike what stands before and after is; None where nothing did."""
        if not pieces:
            return 0.0, 0.0
        first, last = self._new[pieces[0].part], self._new[pieces[-1].part]
        lead = (first.prefix + first.text[: pieces[0].begin])[-CONTEXT:]
        rest = (last.text[pieces[-1].end :] + last.suffix)[:CONTEXT]
        before = likeness(one.prefix.strip(), lead.strip()) if one.prefix.strip() else None
        after = likeness(one.suffix.strip(), rest.strip()) if one.suffix.strip() else None
        return before, after


def _nearest(fresh: Sequence[int], room: Room) -> list[int]:
    """The new passages of a room that are nearest to the likely one."""
    at = bisect_left(fresh, room.likely)
    around = fresh[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
    inside = [other for other in around if room.first <= other < room.last]
    return sorted(inside, key=lambda other: abs(other - room.likely))[:_NEIGHBOURS]


def _numbers_kept(old: str, new: str) -> float:
    numbers = Counter(_NUMBER.findall(old))
    if not numbers:
        return 1.0
    return (numbers & Counter(_NUMBER.findall(new))).total() / numbers.total()


def _runs_in_common(mine: str, theirs: str) -> list[tuple[int, int]]:
    """Places of words in common, in both: of runs of two or more, or that reach an end."""
    found: list[tuple[int, int]] = []
    for step in LCSseq.opcodes(mine, theirs):
        if step.tag == "equal":
            low, high = step.src_start, step.src_end
            start, end = step.dest_start, step.dest_end
            at_start, at_end = low == start == 0, (high, end) == (len(mine), len(theirs))
            if high - low > 1 or at_start or at_end:
                found += zip(range(low, high), range(start, end))
    return found


def _gathered(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending places as half-open ranges."""
    start = last = -2
    for place in places:
        if place != last + 1:
            if start >= 0:
                yield start, last + 1
            start = place
        last = place
    if start >= 0:
        yield start, last + 1


def _densest(shared: Sequence[tuple[int, int]], size: int) -> tuple[int, int]:
    """The stretch that shared words fill best: each counts 1, each other word `-_GAP_COST`.

    The maximum subarray, after Kadane (Bentley, "Programming Pearls", column 8).
    """
    best, low, high = 0.0, 0, 0
    total, start, last = 0.0, 0, -1
    for _, place in shared:
        total -= _GAP_COST * (place - last - 1)
        if total <= 0:
            total, start = 0.0, place
        total += 1
        last = place
        if total > best:
            best, low, high = total, start, place + 1
    return (low, high) if best else (0, size)


def _free(joined: str, low: int, high: int, shared: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """A stretch without taken words at its ends."""
    if shared:
        first, last = shared[0][1], shared[-1][1]
        taken = joined.rfind(_OWNED, low, first)
        low = taken + 1 if taken >= 0 else low
        taken = joined.find(_OWNED, last, high)
        return low, taken if taken >= 0 else high
    return (low, high) if _OWNED not in joined[low:high] else (low, low)
