"""The difference of two texts by words: what was kept, what was removed, what was added.

In: the old text and the new. Out: runs that, joined, give both back. Pure; refuses nothing.

A word is a run of letters and digits with what may stand inside a number (`0.5`, `1,000`), so
that a dose or a *not* that changed is a run of its own, and never a part of one that was kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

Change = Literal["kept", "removed", "added"]

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
