"""Similarity of texts, and of old passages with the passages of a new version.

From two texts, makes a likeness from 0 to 1, or a word diff: kept, removed and added runs, which
joined give both texts back (`word_diff`). From the selectors of old and new passages that have no
equal, makes `Candidate`s: an old passage, the new one with most of its words, and the evidence.
Pure.

Words are compared as sequences (longest common subsequence), and only runs of two or more words
count, since countless texts share "of", "the" and "is". A candidate may span several new passages
in a row, because a passage may have been split. Words of the new version that were assigned to one
old passage are no evidence for another: if one of two near-duplicates was deleted, only one of them
can be the one that remains.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel, LCSseq, Levenshtein

from indexer.links.selectors import CONTEXT_SIZE
from indexer.model import Selectors, Span
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

# Weights of the Hypothesis client's text anchoring.
QUOTE, PREFIX, SUFFIX, POSITION = 50, 20, 20, 2

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TAKEN = "\uffff"  # code of an assigned word; no other word has it
_FIRST_CODE = 0x10000  # words are coded as characters from here on, past the surrogates
_GAP_COST = 0.5  # penalty of a word not shared within a stretch of shared words
_MOST_PARTS = 6  # most new passages that one old passage may have been split into
_PLACE, _NUMBERS = 0.15, 0.1  # added to a rank for the old place, and for the old numbers
_COMMON = 25  # passages; a pair of words in more of them is no evidence
_CANDIDATES = 6  # by shared words, and as many by place


def score(
    quote: float,
    prefix: float | None = None,
    suffix: float | None = None,
    position: float | None = None,
) -> float:
    """Weighted mean of the likeness of quote, prefix, suffix and position; None is left out."""
    total, most = QUOTE * quote, QUOTE
    for weight, part in ((PREFIX, prefix), (SUFFIX, suffix), (POSITION, position)):
        if part is not None:
            total += weight * part
            most += weight
    return total / most


def likeness(expected: str, found: str) -> float:
    """1 minus the Levenshtein distance as a share of the length of `expected`; at least 0."""
    if not expected:
        return 1.0
    return max(0.0, 1 - Levenshtein.distance(expected, found) / len(expected))


def nearness(hint: int | None, start: int, length: int) -> float | None:
    """1 minus the distance from the hinted offset as a share of the text; None without hint."""
    if hint is None:
        return None
    return max(0.0, 1 - abs(start - hint) / max(length, 1))


@dataclass(frozen=True, slots=True)
class Gap:
    """The place of an old passage in the new version, judged by its neighbours."""

    first: int  # first new passage between them
    last: int  # one past the last
    likely: int  # the new passage at its place by count


@dataclass(frozen=True, slots=True)
class Candidate:
    """An old passage, the new one that it may have become, and the evidence."""

    old: int  # index in the old passages
    new: int  # index in the new ones: the one with most of the old words
    rank: float  # sort key: `score`, plus bonuses for the old place and the old numbers
    quote: float  # likeness of the texts, by characters
    kept: float  # share of the old words that are in the stretch
    held: float  # share of the stretch's words that are old ones
    filled: float  # share of the new passages' free words that are old ones
    numbers: float  # share of the old numbers that the stretch has; 1 if there are none
    context: float  # likeness of the contexts; 0.5 for a side that had none
    in_place: bool  # whether it is between the same neighbours
    words: int  # number of words of the old passage
    parts: tuple[int, ...]  # indices of the new passages that the stretch is in
    stretch: Span  # of words, counted through all new passages that are left over
    common: tuple[int, ...]  # words of the stretch that both have, ascending

    def overlaps(self, other: Candidate) -> bool:
        """Whether two candidates share new words."""
        return self.stretch.start < other.stretch.end and other.stretch.start < self.stretch.end


class Similarities:
    """Evidence between old and new passages that have no equal; keeps track of taken words."""

    def __init__(
        self,
        old: Sequence[Selectors],
        new: Sequence[Selectors],
        lost: Iterable[int],
        fresh: Sequence[int],
    ) -> None:
        """`lost` and `fresh` (ascending): indices of the old and new passages that are left."""
        codes: dict[str, str] = {}
        self._old, self._new, self._fresh = old, new, fresh
        self._lost = {n: _coded(tokenize(old[n].text)[0], codes) for n in lost}
        self._starts = [0]  # number of the first word of each new passage, and the end
        self._spans: list[Span] = []  # span of each word in its passage
        written: list[str] = []
        for n in fresh:
            forms, places = tokenize(new[n].text)
            self._spans += (Span(at, at + len(form)) for form, at in zip(forms, places))
            self._starts.append(len(self._spans))
            written.append(_coded(forms, codes))
        self._code = "".join(written)
        self._original = self._code

    # --- which to compare ---

    def candidates(self, gaps: dict[int, Gap]) -> dict[int, list[Candidate]]:
        """Old passage → candidates chosen by shared words and by place."""
        postings: dict[str, list[int]] = {}
        for number in range(len(self._fresh)):
            for pair in _pairs(self._words(number, number + 1)):
                postings.setdefault(pair, []).append(number)
        found = {}
        for n, code in self._lost.items():
            votes: Counter[int] = Counter()
            for pair in _pairs(code):
                where = postings.get(pair, ())
                if len(where) <= _COMMON:
                    votes.update(where)
            best = [number for number, _ in votes.most_common(_CANDIDATES)]
            numbers = dict.fromkeys(best + self._nearest(gaps[n]))
            found[n] = [self.candidate(n, self._fresh[number], gaps[n]) for number in numbers]
        return found

    def _nearest(self, gap: Gap) -> list[int]:
        """Numbers in `fresh` of the passages in a gap that are nearest to the likely one."""
        low, high = bisect_left(self._fresh, gap.first), bisect_left(self._fresh, gap.last)
        at = bisect_left(self._fresh, gap.likely)
        around = range(max(low, at - _CANDIDATES), min(high, at + _CANDIDATES))
        return sorted(around, key=lambda n: abs(self._fresh[n] - gap.likely))[:_CANDIDATES]

    def _words(self, first: int, last: int) -> str:
        """The coded words of new passages with numbers in [first, last)."""
        return self._code[self._starts[first] : self._starts[last]]

    # --- how alike ---

    def candidate(self, old: int, new: int, gap: Gap) -> Candidate:
        """The evidence that an old passage became a new one, from words that are still free."""
        mine, number = self._lost[old], bisect_left(self._fresh, new)
        stretch, common = self._stretch(mine, number, number + 1)
        first, last = self._similar_neighbours(mine, number)
        if last - first > 1:
            wider = self._stretch(mine, first, last)
            if len(wider[1]) > len(common):
                stretch, common = wider
        return self._weigh(old, number, gap, stretch, common)

    def take(self, candidate: Candidate) -> None:
        """Marks the words of an assigned candidate as taken: no evidence for any other."""
        low, high = candidate.stretch.start, candidate.stretch.end
        self._code = self._code[:low] + _TAKEN * (high - low) + self._code[high:]

    def _similar_neighbours(self, mine: str, number: int) -> tuple[int, int]:
        """Range (half-open) of a new passage and its neighbours that hold mostly old words."""
        bag, most = set(mine), 2 * len(mine) + 20

        def is_part(other: int, beside: int) -> bool:
            if not 0 <= other < len(self._fresh) or last - first >= _MOST_PARTS:
                return False
            words = set(self._original[self._starts[other] : self._starts[other + 1]])
            size = self._starts[other + 1] - self._starts[other]
            adjacent = abs(self._fresh[other] - self._fresh[beside]) == 1
            return adjacent and size <= most and 0 < 0.7 * len(words) <= len(words & bag)

        first, last = number, number + 1
        while is_part(first - 1, first):
            first -= 1
        while is_part(last, last - 1):
            last += 1
        return first, last

    def _stretch(self, mine: str, first: int, last: int) -> tuple[Span, tuple[int, ...]]:
        """The stretch of consecutive new passages that best holds the old words; and its old words.

        Its ends are widened by the number of unshared words that the old passage has there, and
        narrowed where words are taken.
        """
        begin, code = self._starts[first], self._words(first, last)
        shared = _runs_in_common(mine, code)
        if not shared:
            high = 0 if _TAKEN in code else len(code)
            return Span(begin, begin + high), ()
        low, high = _densest([place for _, place in shared])
        inside = [(at, place) for at, place in shared if low <= place < high]
        (at_first, place_first), (at_last, place_last) = inside[0], inside[-1]
        low = max(code.rfind(_TAKEN, 0, place_first) + 1, low - at_first, 0)
        taken = code.find(_TAKEN, place_last)
        high = min(high + len(mine) - 1 - at_last, taken if taken >= 0 else len(code))
        return Span(begin + low, begin + high), tuple(begin + place for _, place in inside)

    def _weigh(
        self, old: int, number: int, gap: Gap, stretch: Span, common: tuple[int, ...]
    ) -> Candidate:
        """The candidate for a stretch of new words; `number`: the new passage compared."""
        was, words = self._old[old], len(self._lost[old])
        parts: list[tuple[int, bool, int]] = []
        texts: list[str] = []
        free = 0
        before = after = ""
        at = bisect_right(self._starts, stretch.start) - 1
        while at < len(self._fresh) and self._starts[at] < stretch.end:
            start, end = self._starts[at], self._starts[at + 1]
            low, high = max(start, stretch.start), min(end, stretch.end)
            if low < high:
                passage = self._new[self._fresh[at]]
                text = passage.text
                begin = self._spans[low].start if low > start else 0
                stop = self._spans[high - 1].end if high < end else len(text)
                before = before if texts else (passage.prefix + text[:begin])[-CONTEXT_SIZE:]
                after = (text[stop:] + passage.suffix)[:CONTEXT_SIZE]
                texts.append(text[begin:stop])
                free += end - start - self._code.count(_TAKEN, start, end)
                held = bisect_left(common, high) - bisect_left(common, low)
                parts.append((held, at == number, self._fresh[at]))
            at += 1
        found = " ".join(texts)
        quote = likeness(was.text, found) if found else 0.0
        lead, rest = _context(was.prefix, before), _context(was.suffix, after)
        target = max(parts, key=lambda part: part[:2])[2] if parts else self._fresh[number]
        in_place = gap.first <= target < gap.last
        numbers = _numbers_kept(was.text, found)
        return Candidate(
            old,
            target,
            score(quote, lead, rest) + _PLACE * in_place + _NUMBERS * numbers,
            quote,
            len(common) / max(words, 1),
            len(common) / max(len(stretch), 1),
            len(common) / max(free, 1),
            numbers,
            sum(0.5 if side is None else side for side in (lead, rest)) / 2,
            in_place,
            words,
            tuple(part for _, _, part in parts),
            stretch,
            common,
        )


def _coded(forms: Iterable[str], codes: dict[str, str]) -> str:
    """One character per word, the same for words with the same fold."""
    return "".join(
        codes.setdefault(fold(form), chr(_FIRST_CODE + len(codes) % 0x100000)) for form in forms
    )


def _pairs(code: str) -> set[str]:
    """Pairs of neighbouring words; the ends count as neighbours too."""
    code = f" {code} "
    return {code[n : n + 2] for n in range(len(code) - 1)}


def _context(expected: str, found: str) -> float | None:
    """Likeness of two contexts; None if nothing was expected."""
    return likeness(expected.strip(), found.strip()) if expected.strip() else None


def _numbers_kept(old: str, new: str) -> float:
    """Share of the numbers of `old` that `new` has, from 0 to 1; 1 if there are none."""
    numbers = Counter(_NUMBER.findall(old))
    if not numbers:
        return 1.0
    return (numbers & Counter(_NUMBER.findall(new))).total() / numbers.total()


def _runs_in_common(mine: str, theirs: str) -> list[tuple[int, int]]:
    """(place in `mine`, place in `theirs`) of common words, in runs of two or more or at an end."""
    found: list[tuple[int, int]] = []
    for step in LCSseq.opcodes(mine, theirs):
        if step.tag == "equal":
            low, high = step.src_start, step.src_end
            start, end = step.dest_start, step.dest_end
            at_start, at_end = low == start == 0, (high, end) == (len(mine), len(theirs))
            if high - low > 1 or at_start or at_end:
                found += zip(range(low, high), range(start, end))
    return found


def _densest(places: Sequence[int]) -> tuple[int, int]:
    """The stretch of highest weight: a shared word counts 1, any other word `-_GAP_COST`.

    The maximum subarray, after Kadane (Bentley, "Programming Pearls", column 8).
    """
    best, low, high = 0.0, 0, 0
    total, start, last = 0.0, 0, -1
    for place in places:
        total -= _GAP_COST * (place - last - 1)
        if total <= 0:
            total, start = 0.0, place
        total += 1
        last = place
        if total > best:
            best, low, high = total, start, place + 1
    return low, high


# --- the difference by words --------------------------------------------------------------------

Change = Literal["kept", "removed", "added"]

# A word is a run of letters, or of digits with the separators of a number (`0.5`, `1,000`), so a
# dose or a *not* that changed is a run of its own, never part of a kept run.
_PARTS = re.compile(r"\d+(?:[.,:/·]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DiffRun:
    """A stretch of text that is in both texts, only in the old one, or only in the new one."""

    change: Change
    text: str


def word_diff(old: str, new: str) -> tuple[DiffRun, ...]:
    """Runs in order: the `kept` and `removed` ones joined are `old`, `kept` and `added` are `new`.

    White space alone does not interrupt a change: "10 mg" → "20 ml" is one removed and one added
    run. White space is kept only where both texts have the same.
    """
    before, after = _PARTS.findall(old), _PARTS.findall(new)
    steps = Indel.opcodes(before, after)
    runs: list[DiffRun] = []
    removed = added = ""
    for place, step in enumerate(steps, start=1):
        was = "".join(before[step.src_start : step.src_end])
        if step.tag == "equal" and not (was.isspace() and 1 < place < len(steps)):
            runs += DiffRun("removed", removed), DiffRun("added", added), DiffRun("kept", was)
            removed = added = ""
        else:
            removed += was
            added += "".join(after[step.dest_start : step.dest_end])
    runs += DiffRun("removed", removed), DiffRun("added", added)
    return tuple(run for run in runs if run.text)
