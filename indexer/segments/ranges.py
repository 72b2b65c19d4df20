"""Ranges of numbers, spelt out."""

from __future__ import annotations

import numpy as np

from indexer.segments.container import Array


def expanded(firsts: Array, sizes: Array) -> Array:
    """The numbers of the ranges that begin at `firsts` and have these sizes, in their order.

    All are int64, and there may be none.
    """
    ends = sizes.cumsum()
    found: Array = np.repeat(firsts - (ends - sizes), sizes)
    found += np.arange(found.size)
    return found
