"""The difference of two texts by words: what was kept, what was removed, what was added.

In: the old text and the new. Out: runs that, joined, give both back. Pure; refuses nothing.

A word is a run of letters and digits with what may stand inside a number (`0.5`, `1,000`), so
that a dose or a *not* that changed is a run of its own, and never a part of one that was kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
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
    steps: list[tuple[Change, str]] = []
    for step in Indel.opcodes(before, after):
        was = before[step.src_start : step.src_end]
        if step.tag == "equal":
            steps += (("kept", part) for part in was)
        else:
            steps += (("removed", part) for part in was)
            steps += (("added", part) for part in after[step.dest_start : step.dest_end])
    return tuple(_settled(steps))


def _settled(steps: Sequence[tuple[Change, str]]) -> list[DiffRun]:
    """Neighbouring changes gathered: first all that was removed, then all that was added."""
    runs: list[DiffRun] = []
    removed: list[str] = []
    added: list[str] = []

    def flush() -> None:
        if removed:
            runs.append(DiffRun("removed", "".join(removed)))
        if added:
            runs.append(DiffRun("added", "".join(added)))
        removed.clear()
        added.clear()

    parts = [(change, list(group)) for change, group in groupby(steps, key=lambda step: step[0])]
    for place, (change, group) in enumerate(parts):
        text = "".join(part for _, part in group)
        if change == "removed":
            removed.append(text)
        elif change == "added":
            added.append(text)
        elif text.isspace() and 0 < place < len(parts) - 1:
            removed.append(text)
            added.append(text)
        else:
            flush()
            runs.append(DiffRun("kept", text))
    flush()
    return runs
