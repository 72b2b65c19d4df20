"""Concordances: the lines that other tools are known to get right, and those they got wrong."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Index, PilcrowError, build_index, open_index
from indexer.audits.concordance import (
    SORT_KEYS,
    UNITS,
    WIDEST,
    ContextUnit,
    lines,
    occurrences,
    ordered_rows,
    within_articles,
)
from indexer.model import Line
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize
from tests.helpers.effort import seeds
from tests.helpers.indexed import indexed, said
from tests.oracle import Chance, Engine, Shelf, shelve

LETTERS = "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"
BIKE = (
    "Hi there, how you doing? Your bike looks cool. Can I try it? "
    "I have never seen a bike like that one. You are very lucky!"
)
WHALE = (
    "The opposite wall of this entry was hung all over with a heathenish array of monstrous clubs "
    "and spears. Some were thickly set with glittering teeth resembling ivory saws; others were "
    "tufted with knots of human hair."
)


def shown(index: Index, query: str, **asked: Any) -> list[str]:
    """Its lines as left|match|right, trimmed."""
    found = index.concordance(query, **asked)
    return ["|".join((one.left.strip(), one.match, one.right.strip())) for one in found.lines]


def words_before(text: str, line: Line) -> int:
    """Place of the match among the words of its passage, from 1."""
    return len(tokenize(text[: line.start]).forms) + 1


# --- reference values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query", "window", "expected", "places"),
    [
        pytest.param(LETTERS, "D", 5, ["A B C|D|E F G H I"], [4], id="quanteda-letters-D"),
        pytest.param(LETTERS, "A", 5, ["|A|B C D E F"], [1], id="quanteda-letters-A"),
        pytest.param(LETTERS, "Z", 2, ["X Y|Z|"], [26], id="quanteda-letters-Z"),
        pytest.param(
            "what does the fox say fox",
            "fox",
            5,
            ["what does the|fox|say fox", "what does the fox say|fox|"],
            [4, 6],
            id="quanteda-fox",
        ),
        pytest.param(
            BIKE,
            "bike",
            4,
            [
                "how you doing? Your|bike|looks cool. Can I",
                "have never seen a|bike|like that one. You",
            ],
            [7, 19],
            id="quanteda-bike-without-punctuation",
        ),
        pytest.param(
            WHALE,
            '"monstrous clubs"',
            3,
            ["heathenish array of|monstrous clubs|and spears. Some"],
            [16],
            id="NLTK-phrase",
        ),
    ],
)
def test_known_lines(
    text: str, query: str, window: int, expected: list[str], places: list[int]
) -> None:
    with said(text) as index:
        assert shown(index, query, window=window, match="word") == expected
        found = index.concordance(query, match="word").lines
        assert [words_before(text, line) for line in found] == places


def test_characters_as_nltk_shows_them() -> None:
    """Its third line of *Moby Dick*, but for the space that NLTK puts before the full stop."""
    left, right = "ll over with a heathenish array of ", " clubs and spears. Some were thick"
    with said(WHALE) as index:
        found = index.concordance(
            "monstrous", unit="characters", window=(len(left), len(right))
        ).lines
        assert [(line.left, line.match, line.right) for line in found] == [
            (left, "monstrous", right)
        ]


def test_both_sides_are_as_wide() -> None:
    """NLTK keeps twenty words on the left and nineteen on the right."""
    text = " ".join(f"w{n}" for n in range(60))
    with said(text) as index:
        (line,) = index.concordance("w30", window=20).lines
        assert (len(line.left.split()), len(line.right.split())) == (20, 20)


def test_no_more_than_the_page_is_cut() -> None:
    """NLTK stopped at 25 lines without a word."""
    with said(*(f"pain number {n}" for n in range(311))) as index:
        every = index.concordance("pain")
        assert (len(every.lines), every.total) == (311, 311)
        page = index.concordance("pain", limit=25, offset=300)
        assert (len(page.lines), page.total, page.page.more) == (11, 311, False)
        assert index.concordance("pain", limit=25).page.more


def test_left_context_is_there_at_the_start_of_a_text() -> None:
    """NLTK's left context vanished near the start of a document."""
    with said("the first pain of all", "pain") as index:
        assert shown(index, "pain", window=8) == ["the first|pain|of all", "|pain|"]


def test_every_node_of_a_passage_has_its_line() -> None:
    with said("pain and pain, pain") as index:
        assert shown(index, "pain", window=1) == [
            "|pain|and",
            "and|pain|, pain",
            "pain,|pain|",
        ]


def test_pair_is_one_line_from_word_to_word() -> None:
    with said("the threshold of some pain here") as index:
        assert shown(index, "pain NEAR/5 threshold", window=1) == [
            "the|threshold of some pain|here"
        ]


def test_headings_are_counted_apart() -> None:
    with indexed({"a": "# Pain\n\n## More pain\n\nThe pain.\n"}) as index:
        found = index.concordance("pain")
        assert (found.total, found.headings) == (1, 2)


# --- units and widths --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "window", "expected"),
    [
        ("words", 1, "Your|bike|looks"),
        ("words", (2, 0), "doing? Your|bike|"),
        ("words", (0, 3), "|bike|looks cool. Can"),
        ("characters", 3, "ur|bike|lo"),
        ("characters", (0, 9), "|bike|looks co"),
        ("sentence", 1, "Your|bike|looks cool."),
        (
            "passage",
            1,
            "Hi there, how you doing? Your|bike|looks cool. Can I try it? "
            "I have never seen a bike like that one. You are very lucky!",
        ),
    ],
)
def test_context_is_as_wide_as_asked(unit: ContextUnit, window: Any, expected: str) -> None:
    with said(BIKE) as index:
        assert shown(index, "bike", unit=unit, window=window, limit=1) == [expected]


@pytest.mark.parametrize(
    "asked",
    [
        {"unit": "page"},
        {"window": -1},
        {"window": (3, -1)},
        {"window": WIDEST + 1},
        {"window": 10**9, "unit": "characters"},
        {"sort": ["left4"]},
        {"sort": ["left1", "left1"]},
        {"sort": ["left1", "left2", "left3", "node"]},
        {"limit": -1},
    ],
)
def test_senseless_requests_are_refused(index: Index, asked: dict[str, Any]) -> None:
    with pytest.raises(PilcrowError):
        index.concordance("pain", **asked)


# --- properties --------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=seeds(2, 30))
def engine(request: pytest.FixtureRequest) -> tuple[Chance, Engine]:
    """Random articles, indexed in two goes, so that they lie in two parts."""
    chance = Chance.of(Random(request.param))
    before = shelve([chance.article(number) for number in range(30)])
    after = shelve([chance.article(number) for number in (0, 7, 31)])
    last = Shelf(2, {**before.articles, **after.articles})
    return chance, Engine(before, last)


def found_by(engine: Engine, query: str) -> tuple[Any, Any]:
    """Its matcher over the text and all occurrences."""
    searcher = engine.searcher
    matcher = searcher.matcher(searcher.parse(query).tree, "stem", text_only=True)
    return matcher, occurrences(matcher)


@pytest.mark.parametrize("unit", UNITS)
def test_lines_are_read_from_their_passages(
    engine: tuple[Chance, Engine], unit: ContextUnit
) -> None:
    chance, made = engine
    query = " OR ".join(f'"{word}"' for word in chance.vocabulary)
    _, every = found_by(made, query)
    assert len(made.searcher.snapshot.parts) > 1
    rows = every.every()
    for row, line in enumerate(lines(every, np.arange(every.size), (3, 2), unit)):
        segment = made.searcher.snapshot.parts[int(rows.parts[row])].segment
        text = segment.passage(int(rows.passages[row])).text
        assert text[line.start : line.end] == line.match
        assert text[: line.start].endswith(line.left)
        assert text[line.end :].startswith(line.right)


@pytest.mark.slow
@given(st.data())
def test_lines_are_sorted_by_the_words_around_them(
    engine: tuple[Chance, Engine], data: st.DataObject
) -> None:
    chance, made = engine
    keys = data.draw(st.lists(st.sampled_from(SORT_KEYS), max_size=3, unique=True))
    query = " OR ".join(f'"{word}"' for word in chance.vocabulary[:3])
    _, every = found_by(made, query)
    rows = ordered_rows(made.searcher.snapshot, every, keys)
    shown = lines(every, rows, 0, "passage")
    assert sorted(rows.tolist()) == list(range(every.size))
    places = every.every().places
    sorted_by = [
        (*(_compared(line, key, int(places[row])) for key in keys), int(row))
        for line, row in zip(shown, rows)
    ]
    assert sorted_by == sorted(sorted_by)


QUERIES = ("pain", "p* OR t*", "pain OR taking OR *a*", "a NEAR/3 pain", "pa* take", "pain -not")


@pytest.mark.slow
@given(st.data())
def test_some_rows_are_what_all_rows_say(
    engine: tuple[Chance, Engine], data: st.DataObject
) -> None:
    """Where an occurrence stands is found for itself, or when all are."""
    chance, made = engine
    query = data.draw(st.sampled_from((*QUERIES, " OR ".join(chance.vocabulary))))
    _, some = found_by(made, query)
    whole = some.every()
    assert whole.starts.size == whole.ends.size == whole.parts.size == some.size
    wanted = st.lists(st.integers(0, max(some.size - 1, 0)), max_size=9 if some.size else 0)
    rows = np.array(data.draw(wanted), np.int64)
    for column in ("parts", "passages", "starts", "ends", "places"):
        expected = getattr(whole, column)[rows].tolist()
        assert getattr(some.take(rows), column).tolist() == expected
        assert getattr(whole.take(rows), column).tolist() == expected


@pytest.mark.slow
@given(st.data())
def test_first_lines_are_chosen_without_sorting_all(
    engine: tuple[Chance, Engine], data: st.DataObject
) -> None:
    chance, made = engine
    keys = data.draw(st.lists(st.sampled_from(SORT_KEYS), max_size=3, unique=True))
    query = data.draw(st.sampled_from((*QUERIES, " OR ".join(chance.vocabulary))))
    _, whole = found_by(made, query)
    every = ordered_rows(made.searcher.snapshot, whole, keys).tolist()
    assert sorted(every) == list(range(whole.size))
    for end in (0, 1, 2, 5, whole.size // 5, whole.size - 1, whole.size, whole.size + 9):
        _, found = found_by(made, query)
        rows = ordered_rows(made.searcher.snapshot, found, keys, max(end, 0))
        assert rows.tolist() == every[: max(end, 0)]


def test_named_articles_have_their_occurrences_and_no_other(
    engine: tuple[Chance, Engine],
) -> None:
    chance, made = engine
    matcher, whole = found_by(made, " OR ".join(chance.vocabulary))
    names = ["a0", "a7", "a12"]
    found = within_articles(matcher, whole, names)
    shown = lines(whole, np.arange(whole.size), 0, "words")
    kept = lines(found, np.arange(found.size), 0, "words")
    assert kept == tuple(line for line in shown if line.article.id in names)
    assert 0 < found.size < whole.size


def _compared(line: Line, key: str, place: int) -> object:
    """What a key compares, from the texts of the line alone."""
    if key in ("article", "position"):
        return place >> 32 if key == "article" else place
    if key == "node":
        return fold(tokenize(line.match).forms[0])
    side = line.left if key.startswith("left") else line.right
    words = [fold(form) for form in tokenize(side).forms]
    at = int(key[-1])
    if len(words) < at:
        return ""
    return words[-at] if key.startswith("left") else words[at - 1]


def test_lines_are_sorted_as_unicode_collation_has_letters(tmp_path: Path) -> None:
    """Not by code points, which have œ, ø, ł and і after z and я."""
    words = [
        "zebra",
        "œuf",
        "apple",
        "pear",
        "ødem",
        "oddly",
        "ład",
        "lamb",
        "яма",
        "іва",
        "мак",
        "½",
        "7",
    ]
    text = "\n\n".join(f"pain {word}." for word in words)
    (tmp_path / "a.md").write_text(f"# Sample Notes\n\n{text}\n", encoding="utf-8")
    build_index([tmp_path / "a.md"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        found = index.concordance("pain", sort=["right1"])
    assert [line.right.strip(" .") for line in found.lines] == (
        [
            "½",
            "7",
            "apple",
            "ład",
            "lamb",
            "oddly",
            "ødem",
            "œuf",
            "pear",
            "zebra",
            "іва",
            "мак",
            "яма",
        ]
    )
