"""Text and marks become HTML whose text is the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Index, Mark
from tests.helpers.sites import Page
from webapp.params import ReadingForm
from webapp.rendering import SCALE, THICK, marked, place, strips


@pytest.mark.parametrize(
    ("text", "marks", "html"),
    [
        ("<foo> &amp;", [], "&lt;foo&gt; &amp;amp;"),
        ("Dry mouth", [(0, 9)], "<mark>Dry mouth</mark>"),
        ("a b", [(0, 1), (2, 3)], "<mark>a</mark> <mark>b</mark>"),
        ('"<x>"', [(1, 4)], "&#34;<mark>&lt;x&gt;</mark>&#34;"),
        ("anti-inflammatory", [(5, 17)], "anti-<mark>inflammatory</mark>"),
        (
            "25mg at night",
            [(2, 4)],
            '<span class="word" data-word="25mg"><span aria-hidden="true">25<mark>mg</mark>'
            "</span></span> at night",
        ),
        ("慢性疼痛", [(2, 4)], "慢性<mark>疼痛</mark>"),
        ("abc", [(1, 99)], None),
        ("0123456789a", [(1, 4), (4, 6)], None),
    ],
)
def test_marks(text: str, marks: list[tuple[int, int]], html: str | None) -> None:
    made = marked(text, [Mark(start, end, "exact") for start, end in marks])
    assert html is None or made == html
    assert Page(made).text == text


def test_a_mark_says_why_when_the_words_do_not() -> None:
    made = marked("Amitriptyline", [Mark(0, 13, "synonym")])
    assert made == '<mark title="A synonym of your word">Amitriptyline</mark>'


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=60),
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=8),
    st.tuples(st.integers(0, 70), st.integers(0, 70)),
)
def test_without_tags_it_is_the_range_itself(
    text: str, ranges: list[tuple[int, int]], window: tuple[int, int]
) -> None:
    start = min(window[0], len(text))
    end = min(max(start, window[1]), len(text))
    made = marked(text, [Mark(low, high, "stem") for low, high in sorted(ranges)], start, end)
    assert Page(made).text == text[start:end]
    assert all(Page(made).marks)


def test_a_whole_word_is_said_once_for_each_part_of_it() -> None:
    made = marked("x25mg5y", [Mark(1, 3, "exact"), Mark(5, 6, "exact")])
    assert Page(made).text == "x25mg5y"
    assert Page(made).marks == ["25", "5"]


def test_bars_stand_where_the_marks_are(index: Index) -> None:
    name = "elavil-for-chronic-pain"
    passages = index.passages(name)
    marks = index.article_marks(name, "pain")
    strip = strips(index, (name,), ReadingForm(q="pain"))[name]
    assert strip.matching == len(marks)
    assert strip.passages == len(passages)
    places = [place(tick.start, strip.length) for tick in strip.ticks]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= SCALE - THICK
    first = next(passage for passage in passages if passage.id == strip.ticks[0].passage)
    last_end = max(passage.span.end for passage in passages)
    start = first.span.start + marks[first.id][0].start
    assert places[0] == start * SCALE // last_end
    assert strip.ticks[0].anchor == first.anchor
    assert strip.ticks[0].ordinal == first.ordinal


def test_a_bar_at_the_very_end_is_there_whole() -> None:
    assert place(1000, 1000) == SCALE - THICK
    assert place(0, 0) == 0


def test_a_strip_of_nothing_is_empty(index: Index) -> None:
    strip = strips(index, ("elavil-for-chronic-pain",), ReadingForm(q="qqqq"))
    assert strip["elavil-for-chronic-pain"].ticks == ()
