"""How many random cases tests try: some by day (`make test`), many by night (`make nightly`).

In: how many cases are tried by day and by night. Out: the number, or the seeds, for this run.
"""

from __future__ import annotations

import os

NIGHTLY = bool(os.environ.get("NIGHTLY"))


def tries(day: int, night: int) -> int:
    """Number of random cases to try."""
    return night if NIGHTLY else day


def seeds(day: int, night: int, first: int = 0) -> range:
    """Seeds of random cases; those of the day are tried by night too."""
    return range(first, first + tries(day, night))
