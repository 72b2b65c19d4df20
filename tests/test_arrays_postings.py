"""The token indices of words: whatever is asked for, it is what a look at every token finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
import pytest

from indexer.segments import grouping
from indexer.segments.container import Container, DamagedError, write_container
from indexer.segments.grouping import COMMON, FRAME, WIDE, pack_positions
from indexer.segments.postings import Postings
from indexer.segments.tables import to_offsets
from indexer.sorted_arrays import Array

ARRAYS = (
    "positions", "positions.edges", "positions.low", "positions.frames", "positions.main",
    "positions.ranks", "positions.wide_ranks",
)  # fmt: skip


@dataclass
class Made:
    """Tokens at hand and as they are packed."""

    forms: Array
    form_first: Array
    stem_forms: list[int]
    container: Container

    def postings(self) -> Postings:
        return Postings(self.container, self.form_first, self.forms.size)

    @cached_property
    def _by_form(self) -> Array:
        return np.argsort(self.forms, kind="stable")

    def expected(self, low: int, high: int) -> Array:
        """Tokens of the forms [low, high), ascending."""
        return np.sort(self._by_form[int(self.form_first[low]) : int(self.form_first[high])])


def packed(path: Path, forms: Array, stem_sizes: Sequence[int]) -> Made:
    """Tokens of stems that have so many forms each."""
    stem_forms = to_offsets(np.array(stem_sizes))
    first = to_offsets(np.bincount(forms, minlength=int(stem_forms[-1])))
    write_container(path, pack_positions(forms.astype(np.uint32), first, stem_forms), {})
    return Made(forms, first.astype(np.uint32), stem_forms.tolist(), Container(path))


# Stems side by side that are rare (r), common (c) and wide (w), and how often each form occurs.
COUNTS = {
    "r0": [3, 200], "c0": [500, 20, 7], "c1": [1, 1, 900], "r1": [1], "w0": [7, 70_000, 4_000, 3],
    "c2": [3_000], "w1": [66_000, 1], "r2": [256, 256], "c3": [300, 213], "r3": [40, 2, 2],
    "w2": [9, 90_000],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Tokens over four frames, in random order, of stems of every sort."""
    counts = [count for forms in COUNTS.values() for count in forms]
    tokens = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(5).shuffle(tokens)
    assert tokens.size > 3 * FRAME
    path = tmp_path_factory.mktemp("postings") / "x"
    return packed(path, tokens, [len(forms) for forms in COUNTS.values()])


def test_common_and_wide_stems_are_those_with_so_many_tokens(made: Made) -> None:
    names = list(COUNTS)
    common = [n for n, name in enumerate(names) if name[0] != "r"]
    shared = [(made.stem_forms[n], made.stem_forms[n + 1]) for n in common]
    assert made.postings().shared == shared
    sums = {name: sum(counts) for name, counts in COUNTS.items()}
    assert all((sums[name] > COMMON) == (name[0] != "r") for name in names)
    assert all((sums[name] >= WIDE) == (name[0] == "w") for name in names)


def test_any_range_of_forms_has_its_tokens(made: Made) -> None:
    postings, count = made.postings(), made.form_first.size - 1
    for low in range(count + 1):
        for high in range(low, count + 1):
            found = postings.of(low, high)
            assert found.dtype == np.uint32
            assert np.array_equal(np.sort(found), made.expected(low, high))
            if postings.is_list(low, high):
                assert (np.diff(found.astype(np.int64)) > 0).all()


def test_forms_of_one_stem_are_one_list_if_it_is_common(made: Made) -> None:
    postings = made.postings()
    for name, low, high in zip(COUNTS, made.stem_forms, made.stem_forms[1:]):
        assert postings.is_list(low, high) == (name[0] != "r" or high - low == 1)


def test_any_ranges_together_have_their_tokens(made: Made) -> None:
    random, count, postings = Random(6), made.form_first.size - 1, made.postings()
    for _ in range(200):
        edges = sorted(random.sample(range(count + 1), 2 * random.randint(1, count // 2)))
        lows, highs = np.array(edges[::2]), np.array(edges[1::2])
        plan = postings.plan(lows, highs)
        found = postings.read(plan)
        expected = np.concatenate([made.expected(a, b) for a, b in zip(lows, highs)])
        assert np.array_equal(np.sort(found), np.sort(expected))
        assert plan.tokens >= found.size


@pytest.mark.parametrize("tokens", [0, 1, COMMON, COMMON + 1, FRAME, FRAME + 1])
def test_one_word_alone(tmp_path: Path, tokens: int) -> None:
    """From 65,537 tokens on it fills a frame, which its count must not overflow."""
    made = packed(tmp_path / "x", np.zeros(tokens, np.int64), [1, 1])
    postings = made.postings()
    assert postings.of(0, 1).tolist() == list(range(tokens))
    assert postings.of(1, 2).tolist() == []
    plan = postings.plan(np.array([0]), np.array([2]))
    assert postings.read(plan).tolist() == list(range(tokens))


def test_no_stem_is_common_that_would_take_more_room_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count for each frame is worth its two bytes for as many tokens only."""
    monkeypatch.setattr(grouping, "COMMON", 2)
    tokens = np.zeros(6 * FRAME, np.int64)
    tokens[:6], tokens[6:13] = 1, 2
    made = packed(tmp_path / "x", tokens, [1, 1, 1])
    assert made.postings().shared == [(0, 1), (2, 3)]
    assert made.postings().of(1, 2).tolist() == list(range(6))
    assert made.postings().of(2, 3).tolist() == list(range(6, 13))


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_byte_of_any_array_is_noticed(made: Made, tmp_path: Path, name: str) -> None:
    assert set(ARRAYS) == set(made.container._entries)
    raw = bytearray(made.container.path.read_bytes())
    entry = made.container._entries[name]
    raw[made.container._base + entry["offset"] + entry["length"] // 2] ^= 1
    path = tmp_path / "x"
    path.write_bytes(raw)
    damaged = Container(path)
    count = made.form_first.size - 1
    with pytest.raises(DamagedError, match=f"array {name},"):
        for low in range(count):
            Postings(damaged, made.form_first, made.forms.size).of(low, low + 1)
