"""Ranks among places, and the units of tokens, are what a search among them says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.segments.frames import Frames
from indexer.segments.ranks import CHUNK, Ranks


@given(st.sets(st.integers(0, 299)), st.lists(st.integers(0, 299)))
def test_ranks_are_what_searching_gives(places: set[int], tokens: list[int]) -> None:
    among, asked = np.array(sorted(places), np.int64), np.array(tokens, np.int64)
    ranks = Ranks(among, 300)
    assert ranks.upto(asked).tolist() == np.searchsorted(among, asked, "right").tolist()


def test_many_tokens_are_looked_up_in_pieces() -> None:
    size = 3 * CHUNK + 7
    among = np.flatnonzero(np.random.default_rng(1).random(size) < 0.01)
    tokens = np.arange(size)
    expected = np.searchsorted(among, tokens, "right")
    assert (Ranks(among, size).upto(tokens) == expected).all()
    assert (Ranks(among, size).upto(tokens.astype(np.uint32)) == expected).all()


@given(st.lists(st.integers(1, 20), min_size=1), st.lists(st.integers(0, 1_999)))
def test_units_are_what_searching_gives(sizes: list[int], tokens: list[int]) -> None:
    """Units of one token stand beside long ones: some frames hold the beginnings of several."""
    starts, size = np.cumsum([0, *sizes])[:-1], sum(sizes)
    asked = np.array([token for token in tokens if token < size], np.int64)
    expected = np.searchsorted(starts, asked, "right") - 1
    assert Frames(starts, size).of(asked).tolist() == expected.tolist()


def test_units_of_many_tokens_are_looked_up_in_pieces() -> None:
    sizes = np.random.default_rng(2).integers(1, 40, 9_000)
    starts, size = np.cumsum(sizes) - sizes, int(sizes.sum())
    expected = np.repeat(np.arange(sizes.size), sizes)
    assert (Frames(starts, size).of(np.arange(size)) == expected).all()
    assert (Frames(starts, size).of(np.arange(size, dtype=np.uint32)) == expected).all()
