"""Elements merged into one: what any of them stands for.

In: elements of one segment. Out: one element, with the most exact reason where some overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.search.term import NONE, REASONS, Element, element
from indexer.sorted_arrays import EMPTY, changes

FEW = 16  # ranges that are sooner walked than laid on a table


def merged(elements: Sequence[Element]) -> Element:
    """One element of all their ranges; where some overlap, the most exact reason holds."""
    some = [e for e in elements if e.lows.size]
    if len(some) == 1:
        return some[0]
    if not some:
        return Element(EMPTY, EMPTY, np.zeros(0, np.uint8))
    lows, highs, codes = (
        np.concatenate(columns) for columns in zip(*((e.lows, e.highs, e.codes) for e in some))
    )
    if lows.size <= FEW:
        rows = sorted(zip(codes.tolist(), lows.tolist(), highs.tolist()))
        return element([([(low, high)], REASONS[code]) for code, low, high in rows])
    size = int(highs.max()) + 1
    best = np.full(size, NONE, np.uint8)
    for code in np.unique(codes)[::-1].tolist():  # the most exact is written last
        mine = codes == code
        depth = np.bincount(lows[mine], minlength=size) - np.bincount(highs[mine], minlength=size)
        best[depth.cumsum() > 0] = code
    edges = changes(best).nonzero()[0]  # the last one is where all ranges have ended
    first = (best[edges] != NONE).nonzero()[0]
    return Element(edges[first], edges[first + 1], best[edges[first]])
