"""Connected groups in, smaller ones out, in which copies are near their first one.

Near pairs connect in chains: A is near B and B near C, and A may share nothing with C. So each
connected group is taken apart into stars: its commonest wording with all that are near that, then
the commonest of the rest, and so on. A wording that is left alone joins the group of the one that
it is nearest to. Whoever has a near-duplicate is thus in a group, and compared with what it is
near: its model.
"""

from __future__ import annotations

import numpy as np

from indexer.audits.joining import Components, Prefixes, near
from indexer.audits.shingles import SLACK, Sets
from indexer.sorted_arrays import Array


def stars(
    sets: Sets, threshold: float, prefixes: Prefixes, groups: Components, order: Array
) -> tuple[Array, Array]:
    """The first of its group and the model of each set (numbers of sets, int64).

    `order` lists the sets as they are to be preferred; the first of a group is its own model.
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
    some = np.flatnonzero(reached)
    if some.size:
        reached[some] = sets.overlap(a[some], b[some]) >= threshold - SLACK
    return reached


def _nearest(sets: Sets, threshold: float, prefixes: Prefixes, alone: Array) -> tuple[Array, Array]:
    """Each of these sets with the one that it overlaps most with, of several the first."""
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
