"""Simpler texts: Punkt itself can't tell them from those that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.simplifying import Shapes
from indexer.text.tokenizer import (
    abbreviations,
    candidates,
    punkt,
    sentence_breaks,
    sentence_starters,
)
from indexer.text.word_lists import ABBREVIATIONS, SENTENCE_STARTERS

LANGUAGES = ("en", "fr", "de", "nl", "xx")
SHAPES = {code: Shapes(abbreviations(code), sentence_starters(code)) for code in LANGUAGES}
ODD_WORDS = """
Dr dr Mr mg MG etc e.g i.e a.m P.M u.s U.K ph.d Ph.D pharm.d m M A a B b X x I J.K the The THE
There don't Don word Word WORD averylongword Über éa O'Neill x-ray a-b mg-al non-mg z.B c.-à-d
p.ex 1 25 3.5 1,000 10-25 .5 -2 1990 12:30 25mg B12 1st 2a a2 A2b 4_5 _x 0/0 ½ ² ٣ 5٣ http://a.b/c
a_b a/b A&B c# x=y 50% ~a <a> [RFC12] (e.g) $5 @b 糖 ß K Kg İa ΑΣ ﬁ
"""
ODD_MARKS = """
. . . ? ! .. ... .... ?! !!! ,. ). .) ." .' .” .’ .» ., .: .; ] -- --- ----- - 。 …
"""
WORDS, MARKS = ODD_WORDS.split(), ODD_MARKS.split()
OPENING = "([\"'“«."
GAPS = (" ", " ", " ", "  ", "    ", "\n", "\n   ", " \n \n", "\t", "\r\n", "\xa0", "\x0b", "")
ANY = st.one_of([st.sampled_from(pieces) for pieces in (WORDS, MARKS, GAPS, OPENING)])
SOLID = st.one_of([st.sampled_from(pieces) for pieces in (WORDS, MARKS, OPENING)])
TEXTS = st.lists(ANY, max_size=14).map("".join)
PLACES = st.lists(SOLID, min_size=1, max_size=7).map("".join)


def ended(text: str, language: str) -> list[int]:
    """Numbers of the candidates at which sentences end."""
    numbers = {end: number for number, end in enumerate(candidates(text))}
    return [numbers[end] for end, _ in sentence_breaks(text, language)]


@settings(max_examples=600)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_punkt_ends_sentences_where_it_ends_them_in_the_simpler_text(
    text: str, language: str
) -> None:
    shape = SHAPES[language].of(text)
    contains = punkt(language).text_contains_sentbreak
    assert contains(shape) == contains(text)
    assert len(candidates(shape)) == len(candidates(text))
    assert ended(shape, language) == ended(text, language)


@settings(max_examples=600)
@given(PLACES, st.sampled_from(GAPS[:-1]), PLACES, st.sampled_from(LANGUAGES))
def test_of_the_run_after_a_place_no_more_is_left_than_matters(
    run: str, gap: str, following: str, language: str
) -> None:
    text = run + gap + following
    inner = len([end for end in candidates(text) if end <= len(run)])
    shape = SHAPES[language].of_place(text)
    ends = [n for n in ended(text, language) if n < inner]
    assert [n for n in ended(shape, language) if n < inner] == ends


ALIKE = [
    ("Dr. Smithson's", "Mr. Jones's"),
    ("see 1990.\n   The", "see 2.50.\nThe"),
    ("www.example.org/good-thing_1.\nThese", "x/y.\nThese"),
    ("......... 14", "... 3"),
    ("J. Bach", "Z. Mind"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_texts_that_are_alike_have_one_shape(one: str, other: str) -> None:
    assert SHAPES["en"].of(one) == SHAPES["en"].of(other)


UNLIKE = [
    ("Dr. Smith", "Cat. Smith"),
    ("mg. The", "mg. Cat"),
    ("mg. The", "mg. the"),
    ("J. Bach", "Jo. Bach"),
    ("e.g. this", "x.y. this"),
    ("a.m. The", "a.x. The"),
    ("5. The", "A5. The"),
    ("5/6. the", "5.6. the"),
    (". . . a", ".  .  . a"),
    ("Dr.\nSmith", "Dr. Smith"),
]


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_texts_that_punkt_might_tell_apart_have_two(one: str, other: str) -> None:
    assert SHAPES["en"].of(one) != SHAPES["en"].of(other)


def test_nothing_that_is_known_holds_a_digit() -> None:
    """For of all numbers one is left."""
    known = [*ABBREVIATIONS.values(), *SENTENCE_STARTERS.values()]
    assert not any(c.isdigit() for words in known for word in words for c in word)
