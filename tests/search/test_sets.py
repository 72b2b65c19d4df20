"""Arithmetic on tokens and passages: what is close, in one block, held, and what it adds up to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.boolean import any_of, everywhere
from indexer.search.positions import within_reach
from indexer.sorted_arrays import expanded, intersect, union, values_at
from tests.helpers.indexed import said

TOKENS = st.sets(st.integers(0, 400), max_size=60).map(sorted)


@given(TOKENS, TOKENS, st.integers(0, 70))
def test_close_tokens_have_one_of_the_other_word_within_reach(
    left: list[int], right: list[int], reach: int
) -> None:
    found = within_reach(np.array(left, np.int64), np.array(right, np.int64), reach)
    ones, others = found[0].tolist(), found[1].tolist()
    assert ones == [i for i, a in enumerate(left) if any(abs(a - b) <= reach for b in right)]
    assert others == [i for i, b in enumerate(right) if any(abs(a - b) <= reach for a in left)]


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 5)), max_size=8))
def test_ranges_are_spelt_out(ranges: list[tuple[int, int]]) -> None:
    firsts, sizes = np.array(ranges, np.int64).reshape(-1, 2).T
    assert expanded(firsts, sizes).tolist() == [n for a, size in ranges for n in range(a, a + size)]


@given(TOKENS, TOKENS)
def test_places_are_where_a_number_stands(ids: list[int], among: list[int]) -> None:
    if not among:
        return
    at, there = intersect(np.array(ids, np.int64), np.array(among, np.int64))
    both = sorted(set(ids) & set(among))
    assert [among[i] for i in at.tolist()] == both
    assert [ids[i] for i in there.tolist()] == both


@given(st.lists(TOKENS, max_size=4), st.integers(401, 40_000))
def test_unions_are_those_of_sets(parts: list[list[int]], size: int) -> None:
    arrays = [np.array(part, np.int64) for part in parts]
    assert union(arrays, size).tolist() == sorted(set().union(*parts))
    for wanted in arrays:
        for array in arrays:
            values = array * 2 + 1
            expected = [2 * n + 1 if n in array.tolist() else 0 for n in wanted.tolist()]
            assert values_at(wanted, array, values).tolist() == expected


def test_runs_of_tokens_lie_within_a_block_or_not() -> None:
    with said("One two three.", "Four.", "Five six.", "Seven eight nine ten eleven.") as index:
        segment = index._snapshot.parts[0].segment
        starts = segment.container["block_starts"].tolist()
        for size in range(1, 6):
            tokens = np.arange(segment.tokens - size + 1)
            expected = [not any(t < s < t + size for s in starts) for t in tokens.tolist()]
            assert segment.in_one_block(tokens, size).tolist() == expected
            assert any(expected)
            assert all(expected) is (size == 1)


@pytest.mark.parametrize("many", [1, 50])
def test_sums_are_of_what_is_asked_for(many: int) -> None:
    """Also of passages that no part holds, and of none; whichever are more, asked or held."""
    others = np.arange(10, 10 + many)
    parts = [
        everywhere(np.concatenate((np.array(ids), others)), score)
        for ids, score in (([1, 2], 1), ([2, 4], 3))
    ]
    either = any_of(parts, 100)
    assert either.ids.tolist() == [1, 2, 4, *others.tolist()]
    assert either.score(either.ids).tolist() == [1, 4, 3, *[4] * many]
    assert either.score(np.array([0, 2, 5])).tolist() == [0, 4, 0]
    assert either.score(np.zeros(0, np.int64)).tolist() == []
