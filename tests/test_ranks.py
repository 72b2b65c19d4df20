"""Ranks among places are what a search among them says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.arrays.ranks import CHUNK, Ranks


@given(st.sets(st.integers(0, 299)), st.lists(st.integers(0, 299)))
def test_ranks_are_what_searching_gives(places: set[int], tokens: list[int]) -> None:
    among, asked = np.array(sorted(places), np.int64), np.array(tokens, np.int64)
    ranks = Ranks(among, 300)
    assert ranks.upto(asked).tolist() == np.searchsorted(among, asked, "right").tolist()
    assert ranks.at(asked).tolist() == [token in places for token in tokens]


def test_many_tokens_are_looked_up_in_pieces() -> None:
    size = 3 * CHUNK + 7
    among = np.flatnonzero(np.random.default_rng(1).random(size) < 0.01)
    tokens = np.arange(size)
    expected = np.searchsorted(among, tokens, "right")
    assert (Ranks(among, size).upto(tokens) == expected).all()
    assert (Ranks(among, size).upto(tokens.astype(np.uint32)) == expected).all()
