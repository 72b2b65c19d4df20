"""Forms and places of tokens come back as they were, however few bytes they are packed in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.segments.codes import Forms, pack_forms
from indexer.segments.container import Container, DamagedError, write_container
from indexer.segments.offsets import Offsets, pack_starts
from indexer.segments.sparse import Sparse, pack_sparse
from indexer.sorted_arrays import Array

# --- forms -------------------------------------------------------------------------------------


def tokens_of(forms: int) -> Array:
    """The forms of some tokens, each form at least once, some often."""
    random = np.random.default_rng(forms)
    often = random.integers(0, min(forms, 50), 3_000)
    return random.permutation(np.concatenate((np.arange(forms), often)))


def written(path: Path, tokens: Array, forms: int) -> Forms:
    counts = np.bincount(tokens, minlength=forms)
    write_container(path, pack_forms(tokens.astype(np.uint32), counts), {})
    return Forms(Container(path))


@pytest.mark.parametrize("forms", [1, 60, 65_534, 65_535, 65_536, 70_000])
def test_forms_come_back(tmp_path: Path, forms: int) -> None:
    """Of more than 65,535 forms the rarest have no code."""
    tokens = tokens_of(forms)
    packed = written(tmp_path / "x", tokens, forms)
    every = np.arange(tokens.size)
    assert packed.at(every).dtype == np.uint32
    assert (packed.at(every) == tokens).all()
    assert (packed.at(every[::-7]) == tokens[::-7]).all()
    assert (packed.between(0, tokens.size) == tokens).all()
    assert (packed.between(17, 2_000) == tokens[17:2_000]).all()
    assert packed.between(40, 40).size == 0
    for low, high in ((0, forms), (0, 0), (20, 40), (forms // 2, forms), (forms - 1, forms)):
        expected = (tokens >= low) & (tokens < high)
        assert (packed.within(every, low, high) == expected).all()
    squares = np.arange(forms, dtype=np.int64) ** 2
    assert (packed.looked_up(5, tokens.size, squares.take) == squares[tokens[5:]]).all()


def test_no_tokens_have_no_forms(tmp_path: Path) -> None:
    packed = written(tmp_path / "x", np.zeros(0, np.int64), 0)
    assert packed.between(0, 0).size == 0
    assert packed.at(np.zeros(0, np.int64)).size == 0


# --- places ------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 40) | st.integers(200, 300) | st.sampled_from([70_000, 1 << 33])),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_places_come_back(gaps: list[int], cuts: list[int]) -> None:
    """Wherever the pieces begin in which they come, and however far tokens are apart."""
    places = np.cumsum(np.array(gaps, np.int64), dtype=np.int64)
    pieces = np.split(places, sorted(min(cut, places.size) for cut in cuts))
    end = int(places[-1]) + 1 if places.size else 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        arrays = pack_starts(pieces, places.size, end)
        write_container(path, arrays, {})
        found = Offsets(Container(path)).of(np.arange(places.size))
    assert found.dtype == np.int64
    assert found.tolist() == places.tolist()
    assert arrays["starts"].dtype == np.uint8
    assert arrays["starts.base"].dtype == (np.uint32 if end < 1 << 32 else np.uint64)


def test_places_of_some_tokens(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    places = np.cumsum(random.choice([2, 7, 13, 400], 50_000, p=[0.5, 0.3, 0.19, 0.01]))
    write_container(tmp_path / "x", pack_starts([places], places.size, int(places[-1]) + 1), {})
    offsets = Offsets(Container(tmp_path / "x"))
    for size in (0, 1, 10, 20_000):
        tokens = random.integers(0, places.size, size)
        assert (offsets.of(tokens) == places[tokens]).all()


# --- few tokens --------------------------------------------------------------------------------


def test_a_token_that_should_be_listed_and_is_not_is_damage(tmp_path: Path) -> None:
    listed = pack_sparse("x", np.array([3, 9]), np.array([30, 90]))
    write_container(tmp_path / "x", listed | pack_sparse("y", *2 * (np.zeros(0, np.int64),)), {})
    container = Container(tmp_path / "x")
    sparse = Sparse(container, "x")
    assert sparse.of(np.array([9, 3, 9])).tolist() == [90, 30, 90]
    assert [column.tolist() for column in sparse.between(3, 9)] == [[3], [30]]
    for token in (2, 4, 10):
        with pytest.raises(DamagedError, match="array x: a token is not listed"):
            sparse.of(np.array([3, token]))
    assert Sparse(container, "y").empty
    assert not sparse.empty


@pytest.mark.parametrize(
    "name", ["forms", "forms.coded", "forms.far", "forms.far_tokens", "starts", "starts.base",
             "starts.far", "starts.far_tokens"]
)  # fmt: skip
def test_a_flipped_byte_of_any_array_is_noticed(tmp_path: Path, name: str) -> None:
    tokens = tokens_of(70_000)
    places = np.arange(tokens.size) * 30
    arrays = pack_forms(tokens.astype(np.uint32), np.bincount(tokens))
    arrays |= pack_starts([places], places.size, int(places[-1]) + 1)
    path = tmp_path / "x"
    write_container(path, arrays, {})
    container = Container(path)
    raw = bytearray(path.read_bytes())
    raw[container._base + int(container._entries[name]["offset"]) + arrays[name].nbytes // 2] ^= 1
    path.write_bytes(raw)
    damaged = Container(path)
    every = np.arange(tokens.size)
    with pytest.raises(DamagedError, match=f"array {name},"):
        assert Forms(damaged).at(every).size + Offsets(damaged).of(every).size == 0
