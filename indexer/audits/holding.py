"""What a query finds on the ground of an audit, by part: the one gathering that all counts share.

In: an evaluated query and a ground. Out: its passages and occurrences, those of the concordance as
far as they stand in the places that are counted over. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.audits.grounds import Ground
from indexer.search.matcher import Evaluation
from indexer.search.spans import Found
from indexer.sorted_arrays import Array


@dataclass(frozen=True)
class Held:
    """What a query finds in one part."""

    part: int
    ids: Array  # passages that satisfy it, ascending
    found: Found  # its occurrences in these


def held_in(evaluation: Evaluation, on: Ground) -> list[Held]:
    """What a query finds on the ground."""
    held = []
    for part, scored in enumerate(evaluation.run()):
        ids = scored.ids[on.owners[part][scored.ids] >= 0]
        held.append(Held(part, ids, evaluation.united(part, ids)))
    return held
