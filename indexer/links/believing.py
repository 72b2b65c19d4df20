"""What evidence is believed, and how far.

In: a claim that an old passage was edited into a new one. Out: the confidence in it, 0 for what is
not believed. Pure.

The kinds of evidence are told apart because they fail differently; each has the confidence that
was measured over edits of real articles (`python -m benchmarks.anchoring`), rounded down. The
thresholds are chosen so that a passage that was deleted is not taken for another that was written
in its place: texts that say different things are alike in up to 0.4 of their characters, short
ones in more.
"""

from __future__ import annotations

from indexer.links.similarity import Claim

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


def belief(claim: Claim, lead: float) -> float:
    """The confidence in a claim that is better than the next by `lead`."""
    return _in_place(claim) if claim.in_place else _elsewhere(claim, lead)


def _in_place(claim: Claim) -> float:
    if claim.quote >= 0.8:
        return CLEAR
    needed = 0.5 + 0.3 / max(claim.words, 1) ** 0.5  # a single word must be nearly the same
    halves = claim.kept >= 0.5 and claim.held >= 0.5 and claim.words >= _FEW
    if claim.quote >= needed or halves:
        return PARTLY
    if claim.filled >= 0.8 and claim.shared >= _FEW and claim.kept >= 0.2:
        return SHORTENED
    if claim.words >= 8 and claim.context >= 0.8 and claim.quote >= 0.45:
        return REWRITTEN
    return 0.0


def _elsewhere(claim: Claim, lead: float) -> float:
    if lead < _LEAD or claim.words < _FEW:
        return 0.0
    if claim.quote >= 0.7:
        return ELSEWHERE
    if claim.words >= 8 and claim.filled >= 0.8 and claim.kept >= 0.4:
        return PART_ELSEWHERE
    return 0.0


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
