"""Robustness: a short form of the torture that `make torture` does for hours."""

from __future__ import annotations

import os

import pytest

from benchmarks.torture import ATTACKS, tortured
from tests.helpers.effort import tries

ROUNDS = {"damage": 3, "mixed": 3}  # of the others one: each starts processes


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_lost_and_no_answer_is_wrong(attack: str) -> None:
    tallies, faults = tortured([attack], 1, tries(ROUNDS.get(attack, 1), 30))
    assert tallies[attack].rounds
    assert faults == []
