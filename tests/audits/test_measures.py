"""Measures have the values that their papers, and the tools that people use, give for them.

The name of each case says whose value it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.audits.dispersion import (
    DIRECTIONS,
    SEGMENTS,
    Dispersion,
    average_reduced_frequency,
    dispersion,
    distances,
    dp_norm,
    gries_dp,
    juilland_d,
    segments,
)
from indexer.audits.statistics import (
    LEAST_RELIABLE,
    ContingencyTable,
    g2_four,
    g2_two,
    keyness,
    log_dice,
    log_ratio,
    mutual_information,
    odds_ratio,
    percent_diff,
    probability,
    rate,
    simple_maths,
    t_score,
    two_cell_g2,
    wilson,
)


def named(*cases: tuple[object, ...]) -> list[object]:
    """Cases whose last entry is their name."""
    return [pytest.param(*case[:-1], id=str(case[-1])) for case in cases]


# --- keyness -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "value"),
    named(
        ((52, 57, 50_000, 75_000), 2.65, "CASS-lecture-of-Rayson's-calculator"),
        ((6, 2, 17, 12), 0.9412, "quanteda-toy-c"),
    ),
)
def test_two_cell_g2(cells: tuple[int, int, int, int], value: float) -> None:
    places = 2 if value == 2.65 else 4
    assert round(two_cell_g2(*cells), places) == value
    a, b, c, d = cells
    assert two_cell_g2(b, a, d, c) == pytest.approx(-two_cell_g2(*cells))


@pytest.mark.parametrize(
    ("both", "first", "second", "total", "value"),
    named(
        (110, 2552, 221, 31777, 270.72, "Dunning-1993-in-NLTK-swiss"),
        (8, 13, 32, 31777, 95.29, "Dunning-1993-in-NLTK-can"),
        (10, 10, 13, 31777, 167.23, "Dunning-1993-in-Wordless"),
    ),
)
def test_four_cell_g2(both: int, first: int, second: int, total: int, value: float) -> None:
    assert round(g2_four(ContingencyTable(both, first, second, total)), 2) == value
    apart = keyness(both, second - both, first, total - first)
    assert round(apart.g2_four, 2) == (value if both * total > first * second else -value)


def test_four_cell_g2_is_not_two_cell_g2() -> None:
    """Which of the two is meant must be said: AntConc and Rayson's calculator differ in it."""
    found = keyness(6, 2, 17, 12)
    assert (round(found.g2, 4), round(found.g2_four, 4)) == (0.9412, 1.2742)


# Of chi squared with 1 degree of freedom.
@pytest.mark.parametrize(("p", "g2"), [(0.0001, 15.14), (0.001, 10.83), (0.01, 6.63), (0.05, 3.84)])
def test_critical_values_of_g2(p: float, g2: float) -> None:
    assert probability(g2) == pytest.approx(p, rel=0.01)
    exact = NormalDist().inv_cdf(1 - p / 2) ** 2
    assert round(exact, 2) == g2
    assert probability(exact) == pytest.approx(p)


def test_difference_of_the_lecture_is_not_significant() -> None:
    assert probability(two_cell_g2(52, 57, 50_000, 75_000)) > 0.05


def test_simple_maths_of_kilgarriff_2009() -> None:
    assert round(simple_maths(35, 263, 112_289_776, 1_559_716_979), 4) == 1.1224


def test_percent_diff_of_gabrielatos_and_marchi() -> None:
    assert round(percent_diff(206_523, 178_174, 959_641, 1_562_358), 1) == 88.7


def test_odds_ratio_and_log_ratio_of_pojanapunya_and_todd() -> None:
    cells = 16_217, 735, 2_796_938, 2_087_946
    assert round(odds_ratio(*cells), 1) == 16.6
    assert round(log_ratio(*cells), 4) == 4.0419


@given(*(st.integers(0, 500) for _ in range(2)), *(st.integers(500, 10**7) for _ in range(2)))
def test_measures_of_keyness_agree_on_the_side(a: int, b: int, c: int, d: int) -> None:
    found = keyness(a, b, c, d)
    sign = np.sign(a * d - b * c)
    assert found.g2 * sign >= 0 <= found.g2_four * sign
    if a and b:
        for value, middle in (
            (found.log_ratio, 0.0),
            (found.simple_maths, 1.0),
            (found.percent_diff, 0.0),
            (found.odds_ratio, 1.0),
        ):
            assert value == pytest.approx(middle, abs=1e-9) or np.sign(value - middle) == sign
    assert 0.0 <= found.p <= 1.0
    assert not math.isnan(found.odds_ratio + found.percent_diff + found.log_ratio)


@pytest.mark.parametrize(
    ("cells", "few"),
    [
        ((LEAST_RELIABLE - 1, 0, 1000, 1000), True),
        ((LEAST_RELIABLE, 0, 1000, 1000), False),
        ((0, 3, 1000, 1000), True),
        ((0, 500, 1000, 1000), False),  # what is missing here is no small number
        ((1, 100, 100, 100_000), True),
    ],
)
def test_small_counts_are_warned_of(cells: tuple[int, int, int, int], few: bool) -> None:
    assert keyness(*cells).few is few


# --- rates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    named(
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662, "Newcombe-81-of-263"),
        (15, 148, 0.0624, 0.1605, "Newcombe-15-of-148"),
        (0, 20, 0.0, 0.1611, "Newcombe-0-of-20"),
        (1, 29, 0.0061, 0.1718, "Newcombe-1-of-29"),
    ),
)
def test_wilson_interval(count: int, of: int, low: float, high: float) -> None:
    found = wilson(count, of)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@given(st.integers(0, 2000), st.integers(1, 2000), st.sampled_from((0.8, 0.95, 0.99)))
def test_rate_lies_in_its_interval(count: int, words: int, confidence: float) -> None:
    found = rate(count, words, confidence)
    assert found.per_1000 is not None
    assert found.low is not None
    assert found.high is not None
    assert found.per_1000 == pytest.approx(count * 1000 / words)
    if count <= words:
        assert 0.0 <= found.low <= found.per_1000 + 1e-9
        assert found.per_1000 - 1e-9 <= found.high <= 1000.0
    wider = rate(count, words, 0.999)
    assert wider.low is not None
    assert wider.low <= found.low


def test_rate_without_words_is_none() -> None:
    assert rate(0, 0).per_1000 is None


# --- dispersion --------------------------------------------------------------------------------

# Gries (2008): fifty words in five parts, in which `a` stands once to five times.
GRIES = "bamnibeupkbasatbewqnbcagabestabaghabeaatbahaabeaxa"  # a letter a word
GRIES_COUNTS, GRIES_SIZES = (1, 2, 3, 4, 5), (9, 10, 10, 10, 11)
GRIES_PLACES = np.array([place for place, word in enumerate(GRIES) if word == "a"])

# Lyne (1985), ALLEMAND, as the README of tlda has it.
LYNE_COUNTS = np.array((2, 0, 1, 1, 3, 0, 3, 0, 0, 0))
LYNE_SIZES = np.array((8143, 8058, 8271, 8125, 7959, 7941, 8146, 8001, 8003, 7930))


@pytest.mark.parametrize(
    ("counts", "sizes", "value", "digits"),
    named(
        (GRIES_COUNTS, GRIES_SIZES, 0.785, 3, "Gries-2008"),
        ((0, 4, 3, 2, 1), (7, 7, 7, 7, 7), 0.6464, 4, "Carroll-1970"),
        (LYNE_COUNTS, LYNE_SIZES, 0.60388, 5, "Lyne-1985-in-tlda"),
    ),
)
def test_juilland_d(counts: Sequence[int], sizes: Sequence[int], value: float, digits: int) -> None:
    assert round(juilland_d(np.array(counts), np.array(sizes)), digits) == value


@pytest.mark.parametrize(
    ("counts", "sizes", "dp", "norm"),
    named(
        (GRIES_COUNTS, GRIES_SIZES, 0.18, 0.2195, "Gries-2008"),
        ((2, 1, 0), (1, 1, 1), 1 / 3, 0.5, "Lijffijt-and-Gries-2012"),
    ),
)
def test_dp_and_its_normed_form(
    counts: Sequence[int], sizes: Sequence[int], dp: float, norm: float
) -> None:
    assert gries_dp(np.array(counts), np.array(sizes)) == pytest.approx(dp)
    assert dp_norm(np.array(counts), np.array(sizes)) == pytest.approx(norm, abs=5e-5)


def test_dp_rises_as_the_spread_becomes_uneven() -> None:
    """tlda turns the scale round: what it prints as 0.50093 is 1 - DP, not Egbert's measure."""
    assert gries_dp(LYNE_COUNTS, LYNE_SIZES) == pytest.approx(1 - 0.50093, abs=5e-6)


def test_average_reduced_frequency_of_gries_2008() -> None:
    gaps = distances(GRIES_PLACES, len(GRIES))
    assert gaps.tolist() == [2, 10, 2, 9, 2, 5, 2, 3, 3, 1, 3, 2, 1, 3, 2]
    assert average_reduced_frequency(GRIES_PLACES, len(GRIES)) == pytest.approx(10.8)


def test_range_counts_parts() -> None:
    sizes, places = LYNE_SIZES, np.arange(LYNE_COUNTS.sum())
    found = dispersion(LYNE_COUNTS, sizes, places, sizes.sum(), "sections")
    assert (found.range, found.parts) == (5, len(LYNE_SIZES))


PARTS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 500)), min_size=2, max_size=12)


@given(PARTS.filter(lambda parts: sum(count for count, _ in parts) > 0))
def test_measures_of_spread_stay_on_their_scales(parts: list[tuple[int, int]]) -> None:
    counts, sizes = map(np.array, zip(*parts))
    assert 0.0 <= juilland_d(counts, sizes) <= 1.0
    assert 0.0 <= gries_dp(counts, sizes) < 1.0
    assert gries_dp(counts, sizes) <= dp_norm(counts, sizes) <= 1.0 + 1e-9


@given(st.lists(st.integers(1, 50), min_size=2, max_size=9), st.integers(1, 9))
def test_even_spread_is_the_end_of_every_scale(sizes: list[int], times: int) -> None:
    words = np.array(sizes)
    counts = words * times
    assert juilland_d(counts, words) == pytest.approx(1.0)
    assert gries_dp(counts, words) == pytest.approx(0.0)
    assert dp_norm(counts, words) == pytest.approx(0.0)


@given(st.sets(st.integers(0, 999), min_size=1, max_size=60))
def test_distances_go_round_the_corpus(places: set[int]) -> None:
    ordered = np.array(sorted(places))
    gaps = distances(ordered, 1000)
    assert gaps.sum() == 1000
    assert gaps.min() > 0
    assert 1.0 - 1e-9 <= average_reduced_frequency(ordered, 1000) <= len(places) + 1e-9


@given(st.lists(st.integers(0, 99), max_size=30), st.integers(1, 12))
def test_segments_hold_every_word_once(places: list[int], number: int) -> None:
    counts, sizes = segments(np.array(places, np.int64), 100, number)
    assert sizes.sum() == 100
    assert sizes.max() - sizes.min() <= 1
    edges = [0, *np.cumsum(sizes).tolist()]
    found = [sum(a <= place < b for place in places) for a, b in pairwise(edges)]
    assert counts.tolist() == found


def measured(counts: Sequence[int], sizes: Sequence[int], places: Sequence[int]) -> Dispersion:
    """All measures of a term in articles."""
    return dispersion(np.array(counts), np.array(sizes), np.array(places), sum(sizes), "articles")


def test_single_article_is_cut_into_equal_segments() -> None:
    found = measured([3], [80], [0, 1, 79])
    assert (found.of, found.parts, found.range) == ("segments", SEGMENTS, 2)
    assert found.dp == pytest.approx(0.75)


def test_parts_without_words_are_not_compared() -> None:
    assert measured([1, 0, 1], [40, 0, 40], [3, 50]).parts == 2


def test_what_does_not_occur_has_no_spread() -> None:
    found = measured([0, 0], [40, 40], [])
    assert (found.range, found.juilland_d, found.dp, found.dp_norm, found.arf) == (0, *[None] * 4)


def test_every_scale_says_its_direction() -> None:
    measures = set(Dispersion.__slots__) - {"parts", "of"}
    assert set(DIRECTIONS) == measures
    assert all(said.startswith("from ") for said in DIRECTIONS.values())


# --- association -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "value", "digits"),
    named(
        ((8, 15828, 4675, 14307668), 0.999932, 6, "Manning-and-Schuetze-new-companies"),
        ((20, 42, 20, 14307668), 4.4721, 4, "Manning-and-Schuetze-Ayatollah"),
        ((1, 15334, 2, 191998), 0.840269, 6, "association-measures-appreciated"),
        ((7, 15334, 120, 191998), -0.976603, 6, "association-measures-certain"),
    ),
)
def test_t_score(table: tuple[int, int, int, int], value: float, digits: int) -> None:
    assert t_score(ContingencyTable(*table)) == pytest.approx(value, abs=0.5 * 10**-digits + 1e-6)


@pytest.mark.parametrize(
    ("table", "value", "digits"),
    named(
        ((20, 42, 20, 14307668), 18.38, 2, "Manning-and-Schuetze-Ayatollah"),
        ((20, 15019, 15629, 14307668), 0.29, 2, "Manning-and-Schuetze-over-many"),
        ((8, 1105, 44, 15_000_000), 11.3, 1, "Church-and-Hanks-1990"),
    ),
)
def test_mutual_information(table: tuple[int, int, int, int], value: float, digits: int) -> None:
    assert round(mutual_information(ContingencyTable(*table)), digits) == value


def test_mutual_information_is_binary() -> None:
    """The package association-measures takes the decimal logarithm: 0.796611 for this table."""
    found = mutual_information(ContingencyTable(1, 15334, 2, 191998))
    assert found * math.log10(2) == pytest.approx(0.796611, abs=1e-6)


@pytest.mark.parametrize(
    ("table", "value"),
    named(
        ((1, 15334, 2, 191998), 2.448757, "association-measures-appreciated"),
        ((7, 15334, 120, 191998), -0.829802, "association-measures-certain"),
    ),
)
def test_g2_has_a_sign(table: tuple[int, int, int, int], value: float) -> None:
    assert g2_four(ContingencyTable(*table)) == pytest.approx(value, abs=1e-6)
    assert math.copysign(1, g2_two(ContingencyTable(*table))) == math.copysign(1, value)


def test_log_dice_of_rychly() -> None:
    assert log_dice(5, 5, 5) == 14.0
    assert log_dice(130, 3121, 143) == pytest.approx(10.3499, abs=5e-5)
    assert 2 ** (log_dice(130, 3121, 143) - 14) == pytest.approx(0.08, abs=5e-3)  # Dice
    assert log_dice(20, 100, 100) - log_dice(10, 100, 100) == pytest.approx(1.0)


TABLES = st.tuples(*(st.integers(0, 200) for _ in range(3)), st.integers(1, 10**6)).map(
    lambda cells: ContingencyTable(cells[0], cells[0] + cells[1], cells[0] + cells[2], sum(cells))
)


@given(TABLES)
def test_measures_of_association_agree_on_the_side(table: ContingencyTable) -> None:
    above = np.sign(table.both * table.total - table.first * table.second)
    assert g2_four(table) * above >= -1e-6
    assert g2_two(table) * above >= -1e-6
    if table.both:
        assert t_score(table) * above >= -1e-6
        assert mutual_information(table) * above >= -1e-9
        assert log_dice(table.both, table.first, table.second) <= 14.0 + 1e-9
    else:
        assert mutual_information(table) == -math.inf
