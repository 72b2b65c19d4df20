"""Any stretch of a text as a few words, and back: the same stretch, or none, never another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.links.quotes import quote_spans, squeezed
from indexer.links.selection import (
    CONTEXT,
    WHOLE,
    Selection,
    find_selection,
    select_words,
)
from indexer.model import Span

TEXT = (
    "Dose\n\nTake 10 mg at night. Take it with water.\n\nTake it with your meal if need be.\n\n"
    "Use\tFirst\tHighest\nNerve pain\t50 mg\t400 mg\n\nDon’t stop “at once”."
)
ALL = Span(0, len(TEXT))


def place(words: str, after: str = "") -> Span:
    """Where words stand, the first time after others."""
    start = TEXT.index(words, TEXT.index(after) + len(after))
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("words", "after", "context"),
    [
        ("10 mg at night", "", ("", "")),
        ("Take it", "water.", ("water. ", "")),
        ("Take it with", "night.", ("night. ", "")),
        ("mg", "50", ("50 ", "")),
        ("pain\t50 mg", "", ("", "")),
    ],
)
def test_the_least_context_is_taken(words: str, after: str, context: tuple[str, str]) -> None:
    span = place(words, after)
    made = select_words(TEXT, span)
    assert (made.text, made.end) == (squeezed(words), "")
    found = find_selection(TEXT, made, ALL)
    assert found is not None
    assert (found.span, found.fate) == (span, "here")
    assert len(made.prefix) + len(made.suffix) <= max(12, sum(map(len, context)))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Don't stop", place("Don’t stop")),  # typed by hand
        ('"at once"', place("“at once”")),
        ("water. Take it", place("water.\n\nTake it")),
        ("  10   mg ", place("10 mg")),
    ],
)
def test_spaces_and_quotation_marks_may_be_others(text: str, span: Span) -> None:
    found = find_selection(TEXT, Selection(text), ALL)
    assert found is not None
    assert found.span == span


def test_what_was_edited_is_found_near_and_nowhere_else() -> None:
    near = Span(6, 27)
    wanted = Selection("Take 20 mg at night")
    found = find_selection(TEXT, wanted, near)
    assert found is not None
    assert (found.fate, found.span.of(TEXT)) == ("edited", "Take 10 mg at night")
    assert find_selection(TEXT, wanted, Span(50, 90)) is None
    assert find_selection(TEXT, wanted) is None


def test_what_moved_is_found_only_beyond_doubt() -> None:
    near = Span(0, 4)
    moved = find_selection(TEXT, Selection("with your meal if need"), near)
    assert moved is not None
    assert (moved.fate, moved.span) == ("moved", place("with your meal if need"))
    assert find_selection(TEXT, Selection("mg"), near) is None  # too little to tell
    assert find_selection(TEXT, Selection("Take it with"), near) is None  # twice there
    told = find_selection(TEXT, Selection("Take it with", prefix="at night. "), near)
    assert told is not None
    assert told.span == place("Take it with")


@given(st.text(alphabet="ab \n", min_size=1, max_size=60), st.integers(0, 59), st.integers(1, 60))
def test_every_stretch_comes_back(text: str, start: int, length: int) -> None:
    span = Span(start, min(start + length, len(text)))
    words = span.of(text)
    if not words.strip():
        return
    start += len(words) - len(words.lstrip())
    bare = Span(start, start + len(words.strip()))
    found = find_selection(text, select_words(text, span), Span(0, len(text)))
    assert found is not None
    assert (found.span, found.fate) == (bare, "here")


@given(st.integers(0, 400), st.integers(1, 900))
def test_what_stands_in_an_address_is_bounded(start: int, length: int) -> None:
    text = " ".join(f"word{n % 37}" for n in range(300))
    span = Span(start, start + length)
    made = select_words(text, span)
    assert len(made.text) <= WHOLE
    assert len(made.end) <= WHOLE
    assert len(made.prefix) <= CONTEXT
    assert len(made.suffix) <= CONTEXT
    found = find_selection(text, made, Span(0, len(text)))
    if found is not None and len(list(quote_spans(text, span.of(text).strip()))) == 1:
        assert found.span.of(text) == span.of(text).strip()


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=9), st.text(max_size=9))
def test_no_words_raise(text: str, words: str, prefix: str, end: str) -> None:
    find_selection(text, Selection(words, end, prefix, prefix), Span(0, len(text) // 2))
    find_selection(text, Selection(words, end, prefix, prefix))
