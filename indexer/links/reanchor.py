"""Re-anchors the passages of an article in a later version of it.

Takes the selectors of its old and new passages, in text order. Returns a `Verdict` for each old
passage: intact, moved, edited or lost, its new place, and a confidence. Pure: the same versions
give the same verdicts. Nothing is refused.

Passages with equal words are paired first (`alignment`). The rest are compared by words and context
(`similarity`) and assigned greedily, best score first; a passage below the thresholds here is lost.
In doubt a passage is lost: a link wrongly reported as lost is a nuisance, a link to the wrong
passage is a fault.

The kinds of evidence are kept apart because they fail differently; each has the confidence that
was measured over edits of real articles (`python -m benchmarks.anchoring`), rounded down. The
thresholds are chosen so that a deleted passage is not confused with another that was written in
its place: unrelated texts agree in up to 0.4 of their characters, short ones in more.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from indexer.links.alignment import PassagePair, align
from indexer.links.selectors import have_same_signs
from indexer.links.similarity import Candidate, Gap, Similarities
from indexer.model import Selectors, Status

# Measured shares of right verdicts, by kind of evidence. "In place": between the same neighbours.
CLEAR = 0.998  # most characters equal, in place
PARTLY = 0.99  # more than half of the characters or words, in place
SHORTENED = 0.98  # a passage with hardly any words but old ones, in place
REWRITTEN = 0.95  # less than half of the characters, in place, with the same contexts
ELSEWHERE = 0.98  # most characters equal, in another place
PART_ELSEWHERE = 0.95  # a passage with hardly any words but old ones, in another place
MOVED = 0.99  # equal words in another place
GONE = 0.95  # a passage to which nothing is assigned is lost

_FEW = 5  # words; passages with fewer are only found in place
_CLOSER = 0.02  # least difference in likeness that distinguishes near-duplicates
_DOUBT = 0.03  # if two old passages differ by less in rank, the new one is assigned to neither
_LONGER = 1.5  # a passage at least so many times as long may contain a near-duplicate of another
_LEAD = 0.05  # least lead in rank of a candidate in another place over the next one


@dataclass(frozen=True, slots=True)
class Verdict:
    """The new place and status of one old passage."""

    old: int  # index in the old passages
    new: int  # index in the new passages; -1 when lost
    status: Status
    confidence: float  # 0 to 1
    exact: bool = False  # whether the words are equal


def reanchor(old: Sequence[Selectors], new: Sequence[Selectors]) -> tuple[Verdict, ...]:
    """One verdict for each passage of `old`, in order."""
    ordered, moved = align(old, new)
    was, now = ({passage.section for passage in side} for side in (old, new))
    verdicts = {n: Verdict(n, -1, "lost", GONE) for n in range(len(old))}
    for pairs, sure in ((ordered, 1.0), (moved, MOVED)):
        for pair in pairs:
            one, other = old[pair.old], new[pair.new]
            # not moved if its present section is new, or its old section no longer exists
            away = one.section != other.section and one.section in now and other.section in was
            status: Status = "moved" if away or pairs is moved else "intact"
            if not have_same_signs(one.text, other.text):
                status = "edited"  # the words are equal, but a sign such as ≤ has changed
            verdicts[pair.old] = Verdict(pair.old, pair.new, status, sure, exact=True)
    taken = {verdict.new for verdict in verdicts.values()}
    lost = [n for n, verdict in verdicts.items() if verdict.new < 0]
    fresh = [n for n in range(len(new)) if n not in taken]
    if lost and fresh:
        gaps = _gaps(lost, [PassagePair(-1, -1), *ordered, PassagePair(len(old), len(new))])
        for found, sure in _assign(Similarities(old, new, lost, fresh), gaps):
            verdicts[found.old] = Verdict(found.old, found.new, "edited", sure)
    return tuple(verdicts.values())


def _gaps(lost: Sequence[int], ordered: Sequence[PassagePair]) -> dict[int, Gap]:
    """Lost passage → the new passages between the same neighbours; `ordered` pairs neighbours."""
    gaps = {}
    for n in lost:
        at = bisect_left(ordered, n, key=lambda pair: pair.old)
        before, after = ordered[at - 1], ordered[at]
        share = (n - before.old) / (after.old - before.old)
        likely = round(before.new + share * (after.new - before.new))
        gaps[n] = Gap(before.new + 1, after.new, likely)
    return gaps


def _assign(similarities: Similarities, gaps: dict[int, Gap]) -> list[tuple[Candidate, float]]:
    """Assigns lost passages greedily, best rank first, each with its confidence.

    No word is assigned twice: a candidate that lost words to another is compared anew.
    """
    candidates = similarities.candidates(gaps)
    by_part: dict[int, list[Candidate]] = {}  # new passage → candidates with words of it
    for found in chain.from_iterable(candidates.values()):
        for part in found.parts:
            by_part.setdefault(part, []).append(found)

    def contesting(found: Candidate) -> Iterator[Candidate]:
        """Candidates that overlap this one, itself included."""
        for part in found.parts:
            yield from filter(found.overlaps, by_part.get(part, ()))

    def lead(found: Candidate) -> float:
        """Lead in rank over the same old passage's best candidate in another place."""
        others = candidates[found.old]
        ranks = (other.rank for other in others if not set(other.parts) & set(found.parts))
        return found.rank - max(ranks, default=0.0)

    heap = [
        (-found.rank, found.old, found.new)
        for found in chain.from_iterable(candidates.values())
        if confidence(found, lead(found)) > 0
    ]
    heapq.heapify(heap)
    settled: dict[int, tuple[Candidate, float]] = {}
    while heap:
        rank, old, new = heapq.heappop(heap)
        if old in settled:
            continue
        found = similarities.candidate(old, new, gaps[old])
        if -found.rank > rank + 1e-9 and heap and -found.rank > heap[0][0]:
            if confidence(found, 1.0) > 0:
                heapq.heappush(heap, (-found.rank, old, new))
            continue
        sure = confidence(found, lead(found))
        is_part = _is_smaller_part(found, candidates[old]) or _is_of_another(
            found, contesting(found)
        )
        if sure > 0 and not is_part:
            settled[old] = found, sure
            similarities.take(found)
    return [
        (found, sure)
        for found, sure in settled.values()
        if not any(o.old not in settled and casts_doubt(o, found) for o in contesting(found))
    ]


def _is_smaller_part(found: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether it holds less than half of the old words, and a candidate elsewhere holds more."""
    return found.kept < 0.5 and any(
        len(other.common) > len(found.common) and other.held >= 0.8 and other.new not in found.parts
        for other in others
    )


def _is_of_another(found: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether its words rather come from a longer old passage, which had them as well."""
    start, end = found.stretch.start, found.stretch.end
    return any(
        other.old != found.old
        and other.words >= _LONGER * found.words
        and sum(start <= place < end for place in other.common) > len(found.common)
        for other in others
    )


# --- confidence --------------------------------------------------------------------------------


def confidence(found: Candidate, lead: float) -> float:
    """The confidence in a candidate that leads the next by `lead`; 0: too little evidence."""
    if not found.in_place:
        if lead < _LEAD or found.words < _FEW:
            return 0.0
        if found.quote >= 0.7:
            return ELSEWHERE
        whole = found.words >= 8 and found.filled >= 0.8 and found.kept >= 0.4
        return PART_ELSEWHERE if whole else 0.0
    if found.quote >= 0.8:
        return CLEAR
    needed = 0.5 + 0.3 / max(found.words, 1) ** 0.5  # a single word must be nearly equal
    halves = found.kept >= 0.5 and found.held >= 0.5 and found.words >= _FEW
    if found.quote >= needed or halves:
        return PARTLY
    if found.filled >= 0.8 and len(found.common) >= _FEW and found.kept >= 0.2:
        return SHORTENED
    rewritten = found.words >= 8 and found.context >= 0.8 and found.quote >= 0.45
    return REWRITTEN if rewritten else 0.0


def casts_doubt(other: Candidate, found: Candidate) -> bool:
    """Whether `other`, a rival for the same words that stays lost, casts doubt on `found`.

    It does if it is nearly as good, or if `found` fits by place and `other` by words or numbers:
    rows of a table of doses, of which one was deleted and one edited.
    """
    if found.rank - other.rank < _DOUBT:
        return True
    closer = other.numbers > found.numbers or other.quote > found.quote + _CLOSER
    return other.quote >= 0.8 and closer
