"""Postings: whatever is asked for, it is what a look at every token finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.segments import postings
from indexer.segments.container import Container, ContainerDamaged, write_container
from indexer.segments.postings import SHARE, Postings, pack_frequent, pack_postings
from indexer.segments.runs import to_offsets
from indexer.sorted_arrays import Array, Intervals

ARRAYS = (
    "forms.low", "forms.high", "form_first", "positions",
    "frequent.stems", "frequent.held",
)  # fmt: skip
PASSAGES = 40  # of as many tokens each, or one more


@dataclass
class Made:
    """Tokens at hand and as they are packed."""

    forms: Array
    stem_forms: Array
    container: Container

    def postings(self, container: Container | None = None) -> Postings:
        return Postings(container or self.container, self.stem_forms)

    def expected(self, low: int, high: int) -> list[int]:
        """Tokens of the forms [low, high), ascending."""
        found: list[int] = np.flatnonzero((self.forms >= low) & (self.forms < high)).tolist()
        return found


def packed(path: Path, forms: Array, stem_sizes: Sequence[int], passages: int = PASSAGES) -> Made:
    """Tokens of stems that have so many forms each, in passages that are equally long."""
    stem_forms = to_offsets(np.array(stem_sizes))
    arrays = pack_postings(forms.astype(np.uint32), stem_forms)
    arrays["unit_tokens"] = np.linspace(0, forms.size, passages + 1).astype(np.uint32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "LEAST", 1)
        arrays |= pack_frequent({"stem_first": stem_forms, **arrays}, passages)
    write_container(path, arrays, {"units": [passages, 0, 0]})
    return Made(forms, stem_forms, Container(path))


# How often each form of each stem occurs.
COUNTS = ([3, 200], [500, 20, 7], [1, 1, 900], [1], [7, 9_000, 400, 3], [3_000], [1], [40, 2, 2])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Tokens in random order."""
    counts = [count for forms in COUNTS for count in forms]
    tokens = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(5).shuffle(tokens)
    return packed(tmp_path_factory.mktemp("postings") / "x", tokens, [len(c) for c in COUNTS])


def test_any_range_of_forms_has_its_tokens(made: Made) -> None:
    postings, count = made.postings(), int(made.stem_forms[-1])
    for low in range(count):
        for high in range(low + 1, count + 1):
            found, expected = postings.positions(low, high), made.expected(low, high)
            assert found.dtype == np.uint32
            assert found.tolist() == expected
            assert postings.frequency(np.array([low]), np.array([high])) == len(expected)
            every = np.arange(made.forms.size)
            assert np.flatnonzero(postings.are_of(every, (low, high))).tolist() == expected


def test_any_ranges_together_have_their_tokens(made: Made) -> None:
    random, count, postings = Random(6), int(made.stem_forms[-1]), made.postings()
    for _ in range(200):
        edges = sorted(random.sample(range(count + 1), 2 * random.randint(1, count // 2)))
        lows, highs = np.array(edges[::2]), np.array(edges[1::2])
        found = postings.positions_of_ranges(lows, highs)
        expected = sorted(n for a, b in zip(lows, highs) for n in made.expected(a, b))
        assert found.tolist() == expected
        assert postings.frequency(lows, highs) == len(expected)
    none = np.zeros(0, np.int64)
    assert postings.positions_of_ranges(none, none).tolist() == []
    assert postings.frequency(none, none) == 0


def test_frequencies_are_stored_of_stems_that_many_passages_hold(made: Made) -> None:
    postings, stored = made.postings(), set()
    edges = np.linspace(0, made.forms.size, PASSAGES + 1).astype(int)
    for low, high in zip(made.stem_forms.tolist(), made.stem_forms[1:].tolist()):
        tokens = made.expected(low, high)
        counts = np.bincount(np.searchsorted(edges, tokens, "right") - 1, minlength=PASSAGES)
        many = np.count_nonzero(counts) * SHARE >= PASSAGES and counts.max() < 256
        found = postings.stored_frequencies(low, high)
        assert (found is not None) == many
        if found is not None:
            ids, often = found
            assert ids.tolist() == counts.nonzero()[0].tolist()
            assert often.tolist() == counts[ids].tolist()
            assert postings.stored_frequencies(low, high + 1) is None
            stored.add((low, high))
    assert stored == set(postings.frequent)
    assert 1 < len(stored) < len(COUNTS)


@pytest.mark.parametrize("passages", [0, 1, 65_535, 65_536, 65_537, 150_000])
def test_however_many_passages_hold_a_stem(tmp_path: Path, passages: int) -> None:
    """Two of three tokens, one a passage, are of it."""
    tokens = (np.arange(passages) % 3 == 0).astype(np.int64)
    tokens[:2] = np.arange(passages)[:2]
    postings = packed(tmp_path / "x", np.append(tokens, 2), [1, 1, 1], passages + 1).postings()
    found = postings.stored_frequencies(0, 1)
    if passages > 1:
        assert found is not None
        assert found[0].tolist() == np.flatnonzero(np.append(tokens, 2) == 0).tolist()
        assert set(found[1].tolist()) == {1}


def test_a_stem_that_a_passage_holds_too_often_for_a_byte_is_counted(tmp_path: Path) -> None:
    tokens = np.zeros(256 * PASSAGES, np.int64)
    assert packed(tmp_path / "x", tokens, [1]).postings().frequent == {}
    assert packed(tmp_path / "y", tokens[PASSAGES:], [1]).postings().frequent.keys() == {(0, 1)}


@pytest.mark.parametrize("stems", [(70_000, 1), (35_000, 35_000), (1,) * 70_000])
def test_more_forms_than_sixteen_bits_tell(tmp_path: Path, stems: tuple[int, int]) -> None:
    """In one stem, in two, and in as many stems."""
    tokens = np.random.default_rng(7).permutation(sum(stems))
    made = packed(tmp_path / "x", tokens, stems)
    postings, every = made.postings(), np.arange(tokens.size)
    assert (postings.forms_at(every) == tokens).all()
    assert (postings.forms_between(17, 69_000) == tokens[17:69_000]).all()
    edges = (0, 1, 5, 34_999, 35_000, 65_535, 65_536, 65_540, sum(stems))
    for low, high in ((a, b) for a in edges for b in edges if a < b):
        assert postings.positions(low, high).tolist() == made.expected(low, high)
        assert (
            np.flatnonzero(postings.are_of(every, (low, high))).tolist()
            == postings.positions(low, high).tolist()
        )
    lows, highs = every[::2], every[::2] + 1  # so many that they are looked up in a table
    assert (
        postings.positions_of_ranges(lows, highs).tolist()
        == np.flatnonzero(tokens % 2 == 0).tolist()
    )


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_byte_of_any_array_is_noticed(made: Made, tmp_path: Path, name: str) -> None:
    assert {*ARRAYS, "unit_tokens"} == set(made.container.names)
    raw = bytearray(made.container.path.read_bytes())
    entry = made.container._entries[name]
    raw[made.container._base + entry["offset"] + entry["length"] // 2] ^= 1
    path = tmp_path / "x"
    path.write_bytes(raw)
    damaged = Container(path)
    with pytest.raises(ContainerDamaged, match=f"array {name},"):
        postings = made.postings(damaged)
        for form in range(int(made.stem_forms[-1])):
            postings.positions(form, form + 1)
        for low, high in postings.frequent:
            postings.stored_frequencies(low, high)
        postings.forms_at(np.arange(made.forms.size))


# --- intervals ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 20), min_size=1), st.integers(1, 200))
def test_numbers_stand_where_a_search_finds_them(sizes: list[int], times: int) -> None:
    """Empty intervals and those of one number stand beside long ones."""
    edges = to_offsets(np.array(sizes)).astype(np.uint32)
    numbers = np.repeat(np.arange(edges[-1]), times)
    found = Intervals(edges).of(numbers)
    assert found.dtype == np.int64
    assert found.tolist() == (np.searchsorted(edges, numbers, "right") - 1).tolist()


def test_many_short_intervals_beside_long_ones() -> None:
    sizes = np.array([100_000, *(0, 1) * 500, 100_000])
    numbers = np.arange(sizes.sum(), dtype=np.uint32)
    expected = np.repeat(np.arange(sizes.size), sizes)
    assert (Intervals(to_offsets(sizes).astype(np.uint32)).of(numbers) == expected).all()
