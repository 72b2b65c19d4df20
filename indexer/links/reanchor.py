"""What became of each passage of an article in a later version of it.

In: the selectors of its passages before and after, in order of the text. Out: a `Verdict` for
each old one: intact, moved, edited or lost, where it is now, and how sure that is. Pure; the same
versions give the same verdicts. Nothing is refused.

Exact words go first (`alignment`). What is left over is compared by words and context
(`similarity`) and assigned greedily, best score first; what stays below the thresholds here is
lost. A link that says "lost" in vain is a nuisance, one that leads to the wrong passage is a
fault, so that doubt counts against.

The kinds of evidence are told apart because they fail differently; each has the confidence that
was measured over edits of real articles (`python -m benchmarks.anchoring`), rounded down. The
thresholds are chosen so that a passage that was deleted is not taken for another that was written
in its place: texts that say different things are alike in up to 0.4 of their characters, short
ones in more.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from indexer.links.alignment import Pair, align
from indexer.links.selectors import says_the_same
from indexer.links.similarity import Claim, Resemblance, Room
from indexer.model import Selectors, Status

# Measured shares of verdicts that were right, by kind of evidence.
CLEAR = 0.998  # most of the characters, between the same neighbours
PARTLY = 0.99  # more than half of them, or of the words, there
SHORTENED = 0.98  # a passage there that holds nothing but old words
REWRITTEN = 0.95  # less than half, but both surroundings are the same
ELSEWHERE = 0.98  # most of the characters, in another place
PART_ELSEWHERE = 0.95  # a passage in another place that holds nothing but old words
MOVED = 0.99  # the very words in another place
GONE = 0.95  # that a passage of which nothing is believed is gone

_FEW = 5  # words; fewer are found in their old place only
_LEAD = 0.05  # by which a claim to another place must be better than the next one
_CLOSER = 0.02  # by which the likeness of near-duplicates must differ to tell them apart
_DOUBT = 0.03  # lead below which neither of two passages is believed to be what is left
_LONGER = 1.5  # a passage so many times as long may hold a near-duplicate of another


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one old passage."""

    old: int  # index in the old passages
    new: int  # index in the new ones; -1 when lost
    status: Status
    confidence: float  # 0 to 1
    exact: bool = False  # whether its words are the same


def reanchor(old: Sequence[Selectors], new: Sequence[Selectors]) -> tuple[Verdict, ...]:
    """One verdict for each of `old`, in their order."""
    alignment = align(old, new)
    was, now = {one.section for one in old}, {one.section for one in new}
    verdicts = {n: Verdict(n, -1, "lost", GONE) for n in range(len(old))}
    for pair in alignment.ordered:
        before, after = old[pair.old].section, new[pair.new].section
        # a passage stays put if its heading is new, or the old one is there no more
        away = before != after and before in now and after in was
        verdicts[pair.old] = _exact(old, new, pair, "moved" if away else "intact", 1.0)
    for pair in alignment.moved:
        verdicts[pair.old] = _exact(old, new, pair, "moved", MOVED)
    taken = {verdict.new for verdict in verdicts.values()}
    lost = [n for n, verdict in verdicts.items() if verdict.new < 0]
    fresh = [n for n in range(len(new)) if n not in taken]
    if lost and fresh:
        rooms = _rooms(lost, [Pair(-1, -1), *alignment.ordered, Pair(len(old), len(new))])
        for claim, sure in _Assignment(Resemblance(old, new, lost, fresh), rooms).believed():
            verdicts[claim.old] = Verdict(claim.old, claim.new, "edited", sure)
    return tuple(verdicts.values())


def _exact(
    old: Sequence[Selectors], new: Sequence[Selectors], pair: Pair, status: Status, sure: float
) -> Verdict:
    """The verdict for the same words: edited all the same if a mark such as ≤ has changed."""
    if not says_the_same(old[pair.old].text, new[pair.new].text):
        status = "edited"
    return Verdict(pair.old, pair.new, status, sure, True)


def _rooms(lost: Sequence[int], ordered: Sequence[Pair]) -> dict[int, Room]:
    """For each lost passage the new ones between the same neighbours, of which `ordered` tells."""
    rooms = {}
    for n in lost:
        at = bisect_left(ordered, n, key=lambda pair: pair.old)
        before, after = ordered[at - 1], ordered[at]
        share = (n - before.old) / (after.old - before.old)
        likely = round(before.new + share * (after.new - before.new))
        rooms[n] = Room(before.new + 1, after.new, likely)
    return rooms


class _Assignment:
    """Assigns lost passages to claims greedily, best score first; no word is given twice."""

    def __init__(self, evidence: Resemblance, rooms: dict[int, Room]) -> None:
        self._evidence, self._rooms = evidence, rooms
        self._claims = {
            n: [evidence.claim(n, other, rooms[n]) for other in others]
            for n, others in evidence.candidates(rooms).items()
        }
        self._by_part = _by_part(self._claims)

    def believed(self) -> list[tuple[Claim, float]]:
        """Claims that are believed, with their confidence."""
        heap = [
            (-claim.rank, claim.old, claim.new)
            for claims in self._claims.values()
            for claim in claims
            if belief(claim, self._lead(claim)) > 0
        ]
        heapq.heapify(heap)
        settled: dict[int, tuple[Claim, float]] = {}
        while heap:
            rank, old, new = heapq.heappop(heap)
            if old in settled:
                continue
            claim = self._evidence.claim(old, new, self._rooms[old])
            if -claim.rank > rank + 1e-9 and heap and -claim.rank > heap[0][0]:
                if belief(claim, 1.0) > 0:  # words were taken meanwhile
                    heapq.heappush(heap, (-claim.rank, old, new))
                continue
            sure = belief(claim, self._lead(claim))
            if sure > 0 and not self._is_smaller_part(claim) and not self._is_of_another(claim):
                settled[old] = claim, sure
                self._evidence.take(claim)
        lost = _by_part({n: some for n, some in self._claims.items() if n not in settled})
        return [
            (claim, sure)
            for claim, sure in settled.values()
            if not any(rivals(claim, other) for other in _contesting(claim, lost))
        ]

    def _lead(self, claim: Claim) -> float:
        """By how much the claim beats the same passage's best claim to another place."""
        others = (o.rank for o in self._claims[claim.old] if not set(o.parts) & set(claim.parts))
        return claim.rank - max(others, default=0.0)

    def _is_of_another(self, claim: Claim) -> bool:
        """Whether its words are rather part of a longer old passage, which had them as well."""
        start, end = claim.stretch.start, claim.stretch.end
        return any(
            other.old != claim.old
            and other.words >= _LONGER * claim.words
            and sum(start <= place < end for place in other.common) > len(claim.common)
            for other in _contesting(claim, self._by_part)
        )

    def _is_smaller_part(self, claim: Claim) -> bool:
        """Whether less than half is here, and another place holds more of the old words."""
        return claim.kept < 0.5 and any(
            len(other.common) > len(claim.common)
            and other.held >= 0.8
            and other.new not in claim.parts
            for other in self._claims[claim.old]
        )


def _by_part(claims: Mapping[int, Sequence[Claim]]) -> dict[int, list[Claim]]:
    """Claims by the new passages of which they want words."""
    found: dict[int, list[Claim]] = {}
    for claim in chain.from_iterable(claims.values()):
        for part in claim.parts:
            found.setdefault(part, []).append(claim)
    return found


def _contesting(claim: Claim, by_part: Mapping[int, Sequence[Claim]]) -> Iterator[Claim]:
    """Claims to the words that this one takes."""
    for part in claim.parts:
        yield from filter(claim.overlaps, by_part.get(part, ()))


# --- confidence --------------------------------------------------------------------------------


def belief(claim: Claim, lead: float) -> float:
    """The confidence in a claim that is better than the next by `lead`; 0: it is not believed."""
    if not claim.in_place:
        if lead < _LEAD or claim.words < _FEW:
            return 0.0
        if claim.quote >= 0.7:
            return ELSEWHERE
        whole = claim.words >= 8 and claim.filled >= 0.8 and claim.kept >= 0.4
        return PART_ELSEWHERE if whole else 0.0
    if claim.quote >= 0.8:
        return CLEAR
    needed = 0.5 + 0.3 / max(claim.words, 1) ** 0.5  # a single word must be nearly the same
    halves = claim.kept >= 0.5 and claim.held >= 0.5 and claim.words >= _FEW
    if claim.quote >= needed or halves:
        return PARTLY
    if claim.filled >= 0.8 and len(claim.common) >= _FEW and claim.kept >= 0.2:
        return SHORTENED
    rewritten = claim.words >= 8 and claim.context >= 0.8 and claim.quote >= 0.45
    return REWRITTEN if rewritten else 0.0


def rivals(claim: Claim, other: Claim) -> bool:
    """Whether the claim of a passage that stays lost casts doubt on one that was believed.

    It does if it is nearly as good, or if place speaks for the one and words or numbers for the
    other: rows of a table of doses, of which one was deleted and one edited.
    """
    if claim.rank - other.rank < _DOUBT:
        return True
    if other.quote < 0.8:
        return False
    return other.numbers > claim.numbers or other.quote > claim.quote + _CLOSER
