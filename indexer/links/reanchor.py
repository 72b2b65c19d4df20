"""What became of each passage of an article in a later version of it.

In: the selectors of its passages before and after, in order of the text. Out: a `Verdict` for
each old one: intact, moved, edited or lost, where it is now, and how sure that is. Pure; the same
versions give the same verdicts. Nothing is refused.

Exact words go first (`aligning`). What is left over is compared by words and context
(`resembling`), the best evidence first; what stays below the thresholds here is lost. A link that
says "lost" in vain is a nuisance, one that leads to the wrong passage is a fault, so that doubt
counts against.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.links.alignment import Alignment, Pair, align
from indexer.links.believing import GONE, MOVED, belief, rivals
from indexer.links.selectors import says_the_same
from indexer.links.similarity import Claim, Resemblance, Room
from indexer.model import Selectors, Status

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
    sections = Sections(old, new)
    verdicts = {}
    for pair in alignment.ordered:
        away = sections.is_elsewhere(old[pair.old], new[pair.new])
        verdicts[pair.old] = _exact(old, new, pair, "moved" if away else "intact", 1.0)
    for pair in alignment.moved:
        verdicts[pair.old] = _exact(old, new, pair, "moved", MOVED)
    for claim, sure in resembling_claims(old, new, alignment):
        verdicts[claim.old] = Verdict(claim.old, claim.new, "edited", sure)
    lost = (Verdict(n, -1, "lost", GONE) for n in range(len(old)))
    return tuple(verdicts.get(verdict.old, verdict) for verdict in lost)


def _exact(
    old: Sequence[Selectors], new: Sequence[Selectors], pair: Pair, status: Status, sure: float
) -> Verdict:
    """The verdict for the same words: edited all the same if a mark such as ≤ has changed."""
    if not says_the_same(old[pair.old].text, new[pair.new].text):
        status = "edited"
    return Verdict(pair.old, pair.new, status, sure, True)


class Sections:
    """Which sections were there before and after: a passage whose heading changed stays put."""

    def __init__(self, old: Sequence[Selectors], new: Sequence[Selectors]) -> None:
        self._old = {one.section for one in old}
        self._new = {one.section for one in new}

    def is_elsewhere(self, one: Selectors, other: Selectors) -> bool:
        """Whether a passage went from one section to another, both of which there were and are.

        If not, its heading was renamed, or one was put in or taken out above it.
        """
        if one.section == other.section:
            return False
        return one.section in self._new and other.section in self._old


# --- passages that were edited -----------------------------------------------------------------


def resembling_claims(
    old: Sequence[Selectors], new: Sequence[Selectors], alignment: Alignment
) -> list[tuple[Claim, float]]:
    """The claims that are believed, for passages whose words are nowhere, with how sure each is."""
    pairs = (*alignment.ordered, *alignment.moved)
    lost = sorted(set(range(len(old))) - {pair.old for pair in pairs})
    fresh = sorted(set(range(len(new))) - {pair.new for pair in pairs})
    if not lost or not fresh:
        return []
    rooms = _rooms(lost, alignment.ordered, len(old), len(new))
    return _Court(Resemblance(old, new, lost, fresh), rooms).settle()


def _rooms(
    lost: Sequence[int], ordered: Sequence[Pair], old_size: int, new_size: int
) -> dict[int, Room]:
    """For each old passage the new ones between the same neighbours."""
    anchors = [Pair(-1, -1), *ordered, Pair(old_size, new_size)]
    places = [pair.old for pair in anchors]
    rooms = {}
    for n in lost:
        at = bisect_left(places, n)
        before, after = anchors[at - 1], anchors[at]
        share = (n - before.old) / (after.old - before.old)
        likely = round(before.new + share * (after.new - before.new))
        rooms[n] = Room(before.new + 1, after.new, likely)
    return rooms


class _Court:
    """Hears all claims, the best first, and believes those that hold against what is taken."""

    def __init__(self, evidence: Resemblance, rooms: dict[int, Room]) -> None:
        self._evidence, self._rooms = evidence, rooms
        self._claims = {
            n: [evidence.claim(n, other, rooms.get(n)) for other in others]
            for n, others in evidence.candidates(rooms).items()
        }
        self._by_part = _by_part(self._all())

    def settle(self) -> list[tuple[Claim, float]]:
        """Claims that are believed, with their confidence."""
        heap = [
            (-claim.rank, claim.old, claim.new, number)
            for number, claim in enumerate(self._all())
            if belief(claim, self._margin(claim)) > 0
        ]
        heapq.heapify(heap)
        settled: dict[int, tuple[Claim, float]] = {}
        taken: set[int] = set()  # new passages of which words are taken
        while heap:
            rank, old, new, number = heapq.heappop(heap)
            if old in settled:
                continue
            claim = self._evidence.claim(old, new, self._rooms.get(old))
            if -claim.rank > rank + 1e-9 and heap and -claim.rank > heap[0][0]:
                if belief(claim, 1.0) > 0:
                    heapq.heappush(heap, (-claim.rank, old, new, number))
                continue
            sure = belief(claim, self._margin(claim))
            if claim.kept < 0.5 and self._larger_part(claim):
                continue
            if sure > 0 and not self._is_of_another(claim):
                settled[old] = claim, sure
                self._evidence.take(claim)
                taken.update(part for part, _, _ in claim.used)
        lost = [claim for claim in self._all() if claim.old not in settled]
        contested = _by_part(lost)
        return [
            (claim, sure)
            for claim, sure in settled.values()
            if not any(rivals(claim, other) for other in _contesting(claim, contested))
        ]

    def _all(self) -> list[Claim]:
        return [claim for claims in self._claims.values() for claim in claims]

    def _margin(self, claim: Claim) -> float:
        """By how much the claim beats the same passage's best claim to another place."""
        parts = {part for part, _, _ in claim.used}
        rivals = [
            other.rank
            for other in self._claims[claim.old]
            if other.new not in parts and not parts & {part for part, _, _ in other.used}
        ]
        return claim.rank - max(rivals, default=0.0)

    def _is_of_another(self, claim: Claim) -> bool:
        """Whether its words are rather part of a longer old passage, which had them as well."""
        for other in _contesting(claim, self._by_part):
            if other.old == claim.old or other.words < _LONGER * claim.words:
                continue
            common = sum(
                max(0, min(high, stop) - max(low, start))
                for part, low, high in claim.used
                for p, start, stop in other.runs
                if p == part
            )
            if common > claim.shared:
                return True
        return False

    def _larger_part(self, claim: Claim) -> bool:
        """Whether another place holds more of the old words."""
        parts = {part for part, _, _ in claim.used}
        return any(
            other.shared > claim.shared and other.held >= 0.8 and other.new not in parts
            for other in self._claims[claim.old]
        )


def _by_part(claims: Iterable[Claim]) -> dict[int, list[Claim]]:
    """Claims by the new passages of which they want words."""
    found: dict[int, list[Claim]] = {}
    for claim in claims:
        for part, _, _ in claim.used:
            found.setdefault(part, []).append(claim)
    return found


def _contesting(claim: Claim, contested: Mapping[int, Sequence[Claim]]) -> Iterator[Claim]:
    """Claims of passages that stay lost to the words that this one takes."""
    for part, low, high in claim.used:
        for other in contested.get(part, ()):
            if any(p == part and first < high and low < last for p, first, last in other.used):
                yield other
