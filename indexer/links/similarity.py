"""How alike two texts are, and how much of an old passage stands in a new version.

In: two texts, for a number from 0 to 1; or the selectors of the passages that exact words left
over, before and after, for `Candidate`s: each an old passage, the new one that holds most of its
words, and how well everything fits; or, of two texts, runs of what was kept, removed and added,
which, joined, give both back (`word_diff`). Pure.

Words are compared as sequences (longest common subsequence), and only runs of two or more words
count, or texts without number would share "of", "the" and "is". A candidate may go over several
new passages in a row, since a passage may have been split. Words of the new version that were
assigned to one old passage are no evidence for another: of two near-duplicates one of which was
deleted, only one can be what is left.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel, LCSseq, Levenshtein

from indexer.links.selectors import CONTEXT
from indexer.model import Selectors, Span
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize

# Weights of the Hypothesis client's text anchoring.
QUOTE, PREFIX, SUFFIX, POSITION = 50, 20, 20, 2

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TAKEN = "\uffff"  # stands for a word that is taken; no word is coded so
_FIRST_CODE = 0x10000  # words become characters from here, past the surrogates
_GAP_COST = 0.5  # a word that is not shared weighs so much against the stretch around it
_MOST_PARTS = 6  # new passages that one old one may have been split into
_PLACE, _NUMBERS = 0.15, 0.1  # what they add to a rank
_COMMON = 25  # passages; two words that stand in more of them say nothing
_CANDIDATES = 6  # by shared words, and as many by place


def score(
    quote: float,
    prefix: float | None = None,
    suffix: float | None = None,
    position: float | None = None,
) -> float:
    """The weighted mean of how alike quote, contexts and offset are; None is left out."""
    total, most = QUOTE * quote, QUOTE
    for weight, part in ((PREFIX, prefix), (SUFFIX, suffix), (POSITION, position)):
        if part is not None:
            total += weight * part
            most += weight
    return total / most


def likeness(expected: str, found: str) -> float:
    """1 less the edits (Levenshtein) that turn one into the other, as a share of `expected`."""
    if not expected:
        return 1.0
    return max(0.0, 1 - Levenshtein.distance(expected, found) / len(expected))


def nearness(hint: int | None, start: int, length: int) -> float | None:
    """1 at the hinted offset, less the farther away, as a share of the text; None without hint."""
    if hint is None:
        return None
    return max(0.0, 1 - abs(start - hint) / max(length, 1))


@dataclass(frozen=True, slots=True)
class Gap:
    """Where an old passage would stand in the new version, had nothing but it changed."""

    first: int  # new passages from here
    last: int  # to here, exclusive
    likely: int  # the one that is at its place by count


@dataclass(frozen=True, slots=True)
class Candidate:
    """An old passage, the new one that may be what became of it, and the evidence."""

    old: int  # index in the old passages
    new: int  # index in the new ones: of those it goes over, the one that holds most
    rank: (
        float  # what candidates are sorted by: `score`, more for the old place and the old numbers
    )
    quote: float  # how alike the texts are, by characters
    kept: float  # share of the old words that the stretch holds
    held: float  # share of the stretch's words that are old ones
    filled: float  # share of the new passages' words, as far as they are free, that are old ones
    numbers: float  # share of the old numbers that the stretch has; 1 if there are none
    context: float  # how alike the surroundings are; 0.5 for a side that had none
    in_place: bool  # whether it stands between the same neighbours
    words: int  # of the old passage
    parts: tuple[int, ...]  # the new passages that it goes over
    stretch: Span  # what it wants: words, counted through all new passages that are left over
    common: tuple[int, ...]  # the words of the stretch that both have, ascending

    def overlaps(self, other: Candidate) -> bool:
        """Whether two candidates want the same words."""
        return self.stretch.start < other.stretch.end and other.stretch.start < self.stretch.end


class Similarities:
    """Evidence between old and new passages that have no equal; knows which words are taken."""

    def __init__(
        self,
        old: Sequence[Selectors],
        new: Sequence[Selectors],
        lost: Iterable[int],
        fresh: Sequence[int],
    ) -> None:
        """`lost` and `fresh` (ascending) are the indices of the passages that are left over."""
        codes: dict[str, str] = {}
        self._old, self._new, self._fresh = old, new, fresh
        self._lost = {n: _coded(tokenize(old[n].text)[0], codes) for n in lost}
        self._starts = [0]  # the first word of each new passage, and the end of the last
        self._spans: list[Span] = []  # of each word in its passage
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
        """For each old passage the new ones worth comparing: by shared words, and by place."""
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
        """Numbers of the new passages of a gap that are nearest to the likely one."""
        low, high = bisect_left(self._fresh, gap.first), bisect_left(self._fresh, gap.last)
        at = bisect_left(self._fresh, gap.likely)
        around = range(max(low, at - _CANDIDATES), min(high, at + _CANDIDATES))
        return sorted(around, key=lambda n: abs(self._fresh[n] - gap.likely))[:_CANDIDATES]

    def _words(self, first: int, last: int) -> str:
        """The coded words of some new passages, by number; the last is exclusive."""
        return self._code[self._starts[first] : self._starts[last]]

    # --- how alike ---

    def candidate(self, old: int, new: int, gap: Gap) -> Candidate:
        """The evidence that the old passage is in a new one, from words that are still free."""
        mine, number = self._lost[old], bisect_left(self._fresh, new)
        stretch, common = self._stretch(mine, number, number + 1)
        first, last = self._similar_neighbours(mine, number)
        if last - first > 1:
            wider = self._stretch(mine, first, last)
            if len(wider[1]) > len(common):
                stretch, common = wider
        return self._weigh(old, number, gap, stretch, common)

    def take(self, candidate: Candidate) -> None:
        """The words of a candidate that was assigned are evidence for no other."""
        low, high = candidate.stretch.start, candidate.stretch.end
        self._code = self._code[:low] + _TAKEN * (high - low) + self._code[high:]

    def _similar_neighbours(self, mine: str, number: int) -> tuple[int, int]:
        """A new passage with the neighbours that hold old words mostly: the first, and one past."""
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
        """The words, of some new passages in a row, that hold the old ones best.

        With those of them that are old words. The ends are widened by as many words as the old
        passage has there beyond what is shared, and narrowed where words are taken.
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
        """The evidence in a stretch of new words, `number` being the passage asked for."""
        one, words = self._old[old], len(self._lost[old])
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
                before = before if texts else (passage.prefix + text[:begin])[-CONTEXT:]
                after = (text[stop:] + passage.suffix)[:CONTEXT]
                texts.append(text[begin:stop])
                free += end - start - self._code.count(_TAKEN, start, end)
                held = bisect_left(common, high) - bisect_left(common, low)
                parts.append((held, at == number, self._fresh[at]))
            at += 1
        found = " ".join(texts)
        quote = likeness(one.text, found) if found else 0.0
        lead, rest = _context(one.prefix, before), _context(one.suffix, after)
        target = max(parts, key=lambda part: part[:2])[2] if parts else self._fresh[number]
        in_place = gap.first <= target < gap.last
        numbers = _numbers_kept(one.text, found)
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
    """A character for each word; equal words, without regard to case and accents, the same."""
    return "".join(
        codes.setdefault(fold(form), chr(_FIRST_CODE + len(codes) % 0x100000)) for form in forms
    )


def _pairs(code: str) -> set[str]:
    """Neighbouring words, and those at either end with the end."""
    code = f" {code} "
    return {code[n : n + 2] for n in range(len(code) - 1)}


def _context(expected: str, found: str) -> float | None:
    """How alike what stands beside is; None where nothing did."""
    return likeness(expected.strip(), found.strip()) if expected.strip() else None


def _numbers_kept(old: str, new: str) -> float:
    """Share of the numbers of `old` that `new` has, from 0 to 1; 1 if there are none."""
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


def _densest(places: Sequence[int]) -> tuple[int, int]:
    """The stretch that shared words fill best: each counts 1, each other word `-_GAP_COST`.

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

# A word is a run of letters and digits with what may stand inside a number (`0.5`, `1,000`), so
# that a dose or a *not* that changed is a run of its own, and never a part of one that was kept.
_PARTS = re.compile(r"\d+(?:[.,:/·]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DiffRun:
    """A stretch of text that is in both texts, in the old one alone, or in the new one alone."""

    change: Change
    text: str


def word_diff(old: str, new: str) -> tuple[DiffRun, ...]:
    """Runs in order; `kept` and `removed` ones joined are `old`, `kept` and `added` ones `new`.

    White space alone does not interrupt a change: "10 mg" → "20 ml" is one run out, one run in.
    What is kept has the white space of `new` only where both have the same.
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
