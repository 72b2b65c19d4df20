"""Clusters of near-duplicates: units with the same words, or nearly the same.

In: units as runs of numbered words. Out: their clusters. Units with the same words are one wording,
and only wordings are compared. The comparison is exact and deterministic: no near pair is missed,
and the same units give the same clusters. Refuses nothing.

Near pairs form chains: A is near B and B is near C, but A may share nothing with C. So each
connected component is divided into star clusters: its most frequent wording with all that are near
it, then the most frequent of the rest, and so on. A wording that remains alone joins the cluster of
its nearest wording. So every unit with a near-duplicate is in a cluster, and is compared with a
unit that it is near: its model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from indexer.audits.scope import TextUnits
from indexer.audits.similarity_join import (
    SLACK,
    Components,
    Pairs,
    Prefixes,
    Sets,
    connect,
    near,
    shingle_sets,
)
from indexer.sorted_arrays import Array, expanded

ENOUGH = 3  # words that must remain; else risky words are not left out of the comparison


@dataclass(frozen=True, slots=True)
class Likeness:
    """What counts as a near-duplicate."""

    # Minimum Jaccard overlap of the shingles, above 0 and up to 1. At 0.6, two texts of equal
    # length share three quarters of their shingles.
    threshold: float = 0.6
    width: int = 2  # words of a shingle
    least: int = 6  # minimum number of words of a passage or sentence that is compared
    method: Literal["exact"] = "exact"  # every near pair is found


class Member(NamedTuple):
    """A unit of a cluster."""

    row: int  # row in the units
    model: int  # row of the unit that it is compared with: the first, or one near the first
    overlap: float  # Jaccard overlap with its model


@dataclass(frozen=True)
class UnitCluster:
    """Units connected by near pairs; the first has the most frequent wording."""

    members: tuple[Member, ...]  # by row, except the first
    identical: bool  # whether all have the same words


def cluster_units(
    words: Array, units: TextUnits, likeness: Likeness, compared: Array
) -> tuple[list[UnitCluster], int]:
    """Clusters of two or more units, sorted by their earliest unit, and the number of wordings.
    Each unit must have at least `likeness.width` words.

    `compared` gives the number that each word is compared as, equal for words whose difference
    doesn't count, -1 for words that are left out (int32, one for each of `words`).
    """
    wording, firsts = wordings(words, units.starts, units.sizes)
    if not firsts.size:
        return [], 0
    texts = (words, units.starts[firsts], units.sizes[firsts])
    sets = shingle_sets(*_compared(*texts, compared, likeness.width), likeness.width)
    prefixes = Prefixes(sets, likeness.threshold)
    groups = Components(firsts.size)
    for a, b in prefixes.candidates(groups):
        connect(groups, sets, likeness.threshold, a, b)
    frequency = np.bincount(wording, minlength=firsts.size)
    order = np.lexsort((firsts, -frequency))  # most frequent wordings first, ties by first unit
    head, model = star_clusters(sets, likeness.threshold, prefixes, groups, order)
    return _clusters(sets, wording, firsts, head, model), int(firsts.size)


def _compared(
    words: Array, starts: Array, sizes: Array, compared: Array, width: int
) -> tuple[Array, Array, Array]:
    """Words, starts and sizes of the texts as they are compared: the numbers in `compared` that are
    not -1 or, if too few of these remain, the words as they are."""
    owners = np.repeat(np.arange(sizes.size), sizes)
    places = expanded(starts, sizes)
    found = compared[places]
    kept = found >= 0
    left = np.bincount(owners, kept, sizes.size).astype(np.int64)
    whole = left < max(ENOUGH, width)
    found = np.where(whole[owners], words[places], found)
    left = np.where(whole, sizes, left)
    return found[kept | whole[owners]], np.cumsum(left) - left, left


def wordings(words: Array, starts: Array, sizes: Array) -> Pairs:
    """Wording number of each unit, by first appearance, and the first unit of each wording.

    Units have the same wording if they have the same words in the same order.
    """
    numbers: dict[bytes, int] = {}
    spans = zip(starts.tolist(), (starts + sizes).tolist())
    found = [numbers.setdefault(words[a:b].tobytes(), len(numbers)) for a, b in spans]
    wording = np.array(found, np.int64)
    return wording, np.unique(wording, return_index=True)[1]


def _clusters(
    sets: Sets, wording: Array, firsts: Array, head: Array, model: Array
) -> list[UnitCluster]:
    """Make clusters of units from the head of its group and the model of each wording."""
    overlaps = np.ones(firsts.size)
    others = np.flatnonzero(model != np.arange(firsts.size))
    overlaps[others] = sets.overlap(others, model[others])
    home = head[wording]
    rows = np.argsort(home, kind="stable")
    edges = np.append(np.flatnonzero(np.diff(home[rows], prepend=-1)), rows.size)
    several = np.flatnonzero(np.diff(edges) > 1)
    found = []
    for low, high in zip(edges[several].tolist(), edges[several + 1].tolist(), strict=True):
        first = int(firsts[home[rows[low]]])
        ordered = (first, *(r for r in rows[low:high].tolist() if r != first))
        kinds = wording[list(ordered)]
        members = zip(ordered, firsts[model[kinds]].tolist(), overlaps[kinds].tolist())
        identical = bool((kinds == kinds[0]).all())
        found.append(UnitCluster(tuple(map(Member._make, members)), identical))
    return sorted(found, key=lambda c: min(c.members))


def star_clusters(
    sets: Sets, threshold: float, prefixes: Prefixes, groups: Components, order: Array
) -> tuple[Array, Array]:
    """For each set, the head of its group and its model (numbers of sets, int64).

    `order` lists the sets by preference as heads; the head of a group is its own model.
    """
    labels = groups.labels
    sizes = np.bincount(labels, minlength=labels.size)
    pending = order[sizes[labels[order]] > 1]
    pending = pending[np.argsort(labels[pending], kind="stable")]
    star = np.arange(labels.size)
    while pending.size:
        fresh = np.diff(labels[pending], prepend=-1) != 0
        heads = pending[np.flatnonzero(fresh)[np.cumsum(fresh) - 1]]
        taken = fresh | _reach(sets, threshold, pending, heads)
        star[pending[taken]] = heads[taken]
        pending = pending[~taken]
    alone = np.flatnonzero((np.bincount(star, minlength=star.size)[star] < 2) & (sizes[labels] > 1))
    if alone.size:
        ones, others = _nearest(sets, threshold, prefixes, alone)
        star[ones] = others
        places = np.empty(order.size, np.int64)
        places[order] = np.arange(order.size)
        mutual = ones[(star[others] == ones) & (places[ones] < places[others])]
        star[mutual] = mutual
    first = star
    while not np.array_equal(above := first[first], first):
        first = above
    return first, star


def _reach(sets: Sets, threshold: float, a: Array, b: Array) -> Array:
    """Which pairs reach the threshold (bool)."""
    reached = sets.may_overlap(a, b, threshold)
    possible = np.flatnonzero(reached)
    reached[possible] = sets.overlap(a[possible], b[possible]) >= threshold - SLACK
    return reached


def _nearest(sets: Sets, threshold: float, prefixes: Prefixes, alone: Array) -> tuple[Array, Array]:
    """Each set of `alone` and the set with the largest overlap with it, ties by set number."""
    chunks = [near(sets, threshold, a, b) for a, b in prefixes.candidates_of(alone)]
    a = np.concatenate([pair[0] for pair in chunks])
    b = np.concatenate([pair[1] for pair in chunks])
    ones, others = np.concatenate((a, b)), np.concatenate((b, a))
    wanted = np.isin(ones, alone)
    ones, others = ones[wanted], others[wanted]
    order = np.lexsort((others, -sets.overlap(ones, others), ones))
    ones, others = ones[order], others[order]
    first = np.flatnonzero(np.diff(ones, prepend=-1))
    return ones[first], others[first]
