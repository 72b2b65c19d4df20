"""Text fragments: the specification's grammar and search, the shortest directive, articles."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.links.text_fragments.directive import Directive, escape, find, plain, write_fragment
from indexer.links.text_fragments.generate import (
    LONGEST_EXACT,
    Refusal,
    fragment_for,
    fragment_in,
    make_directive,
)
from indexer.links.text_fragments.page_text import Boundary, PageText, boundary
from indexer.model import Article, Block, Source, Span
from indexer.parsing.formats.dispatch import parse

FOX = "The quick brown fox jumped over the lazy dog. a a b b b c"


def page(*lines: str) -> PageText:
    return PageText("\n".join(lines))


def read(written: str) -> Directive:
    """A directive's value as the specification's grammar reads it."""
    prefix, start, end, suffix = re.fullmatch(
        "(?:([^-,&]+)-,)?([^-,&]+)(?:,([^-,&]+))?(?:,-([^-,&]+))?", written
    ).groups("")  # type: ignore[union-attr]
    return Directive(*map(unquote, (start, end, prefix, suffix)))


def shown(written: str, text: PageText) -> str | None:
    """What a browser would show for a directive's value; None for nothing."""
    found = find(read(written), text)
    return None if found is None else found.of(text.text)


def places_of(text: PageText, words: str) -> list[Span]:
    """Where words stand, whatever white space parts them."""
    pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)"
    return [Span(*found.span()) for found in re.finditer(pattern, text.text)]


def whole_words(text: PageText, words: str) -> list[Span]:
    """Where some browser might show words that are given without context."""
    return [o.span for o in text.occurrences(words) if o.starts and o.ends]


def made(text: PageText, words: str, nth: int = 0) -> str:
    """The directive for the n-th occurrence of words, or the reason why there is none."""
    places = places_of(text, words)
    result = make_directive(text, places[nth])
    if isinstance(result, Refusal):
        return "refused: " + result.reason
    assert find(result, text) == places[nth]
    return result.written().removeprefix("text=")


# --- grammar -------------------------------------------------------------------------------------


def test_a_fragment_is_written_with_what_is_known() -> None:
    assert write_fragment("sec 1", Directive("a, b")) == "#sec%201:~:text=a%2C%20b"
    assert write_fragment("", Directive("a")) == "#:~:text=a"
    assert write_fragment("id", None) == "#id"
    assert write_fragment("", None) == ""


def test_signs_with_a_meaning_are_escaped() -> None:
    assert escape("&,-") == "%26%2C%2D"
    assert escape('50% "é" #') == "50%25%20%22%C3%A9%22%20%23"


terms = st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


@given(terms, st.one_of(st.just(""), terms), st.one_of(st.just(""), terms), terms)
def test_what_is_written_is_read_again(start: str, end: str, prefix: str, suffix: str) -> None:
    directive = Directive(start, end, prefix, suffix)
    expected = Directive(*map(plain, (start, end, prefix, suffix)))
    assert read(directive.written().removeprefix("text=")) == expected
    assert write_fragment("id", directive) == "#id:~:" + directive.written()


# --- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("jumped", "jumped"),
        ("jum", None),
        ("umped", None),
        ("u-,mped", None),
        ("ju-,mped", "mped"),
        ("jum,-ped", "jum"),
        ("jum,over", None),
        ("brown,fox", "brown fox"),
        ("brown,quick", None),
        ("quick,bro", None),
        ("bro,wn", None),
        ("quick,bro,-wn", "quick bro"),
        ("b%20b,-c", "b b"),
        ("a%20a-,b", "b"),
        ("quick%20brown-,brown%20fox", None),
        ("The-,quick,fox,-brown", None),
        ("quick,-fox", None),
        ("quick,-bro", None),
        ("c-,a", None),
        ("QUICK,Dog", "quick brown fox jumped over the lazy dog"),
        ("dog.", "dog."),
    ],
)
def test_words_are_found_by_their_boundaries(written: str, expected: str | None) -> None:
    assert shown(written, page(FOX)) == expected


def test_a_suffix_chooses_among_places() -> None:
    text = page("match suffix", "match suffix3", "match suffix2", "prefix match suffix3 matchEnd")
    found = find(Directive("match", suffix="suffix2"), text)
    assert found is not None
    assert found.start == text.text.index("match suffix2")
    assert shown("prefix-,match,matchEnd", text) == "match suffix3 matchEnd"


def test_white_space_between_a_text_and_its_context_is_passed_over() -> None:
    assert shown("Lorem-,Ipsum", page("Lorem", " \xa0 ", "", " Ipsum")) == "Ipsum"


def test_no_term_crosses_a_border_but_a_range_and_its_context_may() -> None:
    text = page("prefix", "test page", "suffix")
    assert shown("prefix%20test", text) is None
    assert shown("prefix-,test%20page,-suffix", text) == "test page"
    assert shown("prefix,suffix", text) == "prefix\ntest page\nsuffix"


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        ("ñîçè", "nice", True),
        ("it’s “so”", "it's%20%22so%22", True),
        ("al\xadpha", "alpha", True),
        ("alpha", "al%C2%ADpha", True),
        ("one\xa0two", "one%20two", True),
        ("one\xa0 two", "one%20two", False),
        ("Straße ﬁne Œuvre", "STRASSE%20fine%20oeuvre", True),
        ("he's falling", "he", False),
        ("3.5", "3.", False),
        ("1,000", "1", False),
        ("foo_bar", "bar", False),
        ("well-known", "known", True),
        ("カタカナ", "かたかな", True),
        ("か", "が", False),
        ("non‐breaking", "non%2Dbreaking", False),
    ],
)
def test_text_is_compared_as_browsers_do(text: str, written: str, found: bool) -> None:
    assert (shown(written, page(text)) is not None) == found


# --- boundaries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("one two", [0, 3, 4, 7]),
        ("can't 3.5 x", [0, 5, 6, 9, 10, 11]),
        ("a, b", [0, 1, 2, 3, 4]),
        ("cafe\u0301s", [0, 6]),
        ("a  b", [0, 1, 3, 4]),
        ("c\u202fd", [0, 3]),
        ("x\nʼy", [0, 1, 2, 4]),
        ("צה״ל", [0, 4]),
        ("한국어 말", [0, 3, 4, 5]),
        ("今日は。x", [0, 3, 4, 5]),
        ("ไทย 5", [0, 3, 4, 5]),
        ("👩\u200d👩 a", [0, 3, 4, 5]),
    ],
)
def test_sure_boundaries(text: str, sure: list[int]) -> None:
    found = [at for at in range(len(text) + 1) if boundary(text, at) == Boundary.SURE]
    assert found == sure


@pytest.mark.parametrize(("text", "at"), [("a.b", 1), ("a:b", 2), ("今日", 1), ("ไทย", 1)])
def test_boundaries_on_which_browsers_differ(text: str, at: int) -> None:
    assert boundary(text, at) == Boundary.MAYBE


# --- the shortest directive ----------------------------------------------------------------------


def test_a_unique_text_is_given_whole() -> None:
    assert made(page(FOX), "brown fox") == "brown%20fox"


def test_a_long_text_is_given_by_its_edges() -> None:
    words = [f"word{number}" for number in range(60)]
    text = page("before", " ".join(words), "after")
    assert len(" ".join(words)) > LONGEST_EXACT
    assert made(text, " ".join(words)) == "word0%20word1%20word2,word57%20word58%20word59"


@pytest.mark.parametrize("length", [LONGEST_EXACT, LONGEST_EXACT + 1])
def test_three_hundred_characters_are_not_long(length: int) -> None:
    text = "one two three " + "x" * (length - 29) + " eight nine ten"
    assert len(text) == length
    assert made(page(text), text) == (
        "one%20two%20three,eight%20nine%20ten" if length > LONGEST_EXACT else escape(text)
    )


def test_a_word_without_end_is_given_whole() -> None:
    assert made(page("x" * 400), "x" * 400) == "x" * 400


@pytest.mark.parametrize(
    ("nth", "expected"),
    [(0, "take%20it,-daily"), (1, "not-,take%20it"), (2, "take%20it,-in")],
)
def test_the_shortest_context_tells_places_apart(nth: int, expected: str) -> None:
    text = page(
        "You may take it daily.", "Do not take it tomorrow.", "You may take it in the morning"
    )
    assert made(text, "take it", nth) == expected


def test_context_on_both_sides_when_neither_is_enough() -> None:
    text = page("red x blue", "red x green", "pink x blue")
    assert made(text, "x", 0) == "red-,x,-blue"


def test_context_may_stand_in_the_blocks_beside() -> None:
    text = page("Dose", "See below", "Storage", "See below")
    assert made(text, "See below", 1) == "Storage-,See%20below"
    assert made(text, "See below", 0) == "Dose-,See%20below"


def test_text_over_several_blocks_is_given_by_its_edges() -> None:
    text = page("Common Side Effects", "Drowsiness", "Dry mouth", "Severe ones")
    assert made(text, "Drowsiness Dry mouth") == "Drowsiness,Dry%20mouth"
    assert made(text, "Side Effects Drowsiness Dry") == "Side%20Effects,Dry"


def test_an_end_that_is_met_before_gets_longer() -> None:
    text = page("start here", "a b c end", "x b c end", "y a b c end. Stop")
    assert (
        made(text, "start here a b c end x b c end y a b c end")
        == "start%20here,y%20a%20b%20c%20end"
    )


def test_cut_words_take_the_rest_as_context() -> None:
    text = page(FOX)
    at = text.text.index("mped")
    assert make_directive(text, Span(at, at + 4)) == Directive("mped", prefix="ju")
    assert make_directive(text, Span(at - 2, at + 1)) == Directive("jum", suffix="ped")


def test_words_by_dictionary_are_cut_at_signs_alone() -> None:
    text = page("今日は天気がいいですね。明日は雨です。")
    assert made_at(text, "天気") == Directive("天気", prefix="今日は", suffix="がいいですね")
    assert made_at(text, "今日は天気がいいですね") == Directive("今日は天気がいいですね")


def made_at(text: PageText, words: str) -> Directive | Refusal:
    at = text.text.index(words)
    return make_directive(text, Span(at, at + len(words)))


def test_a_place_that_only_some_browsers_would_find_counts_as_one() -> None:
    text = page("see example.com", "a com too")
    assert made(text, "com", 1) == "a-,com"


def test_soft_hyphens_and_white_space_at_the_edges_are_left_out() -> None:
    text = page("  amitrip\xadtyline tablets  \xad", "x")
    assert make_directive(text, Span(0, len(text.text) - 2)) == Directive("amitriptyline tablets")


def test_spaces_that_do_not_break_are_kept() -> None:
    assert make_directive(page("5\xa0 mg"), Span(0, 5)) == Directive("5\xa0 mg")


def test_the_first_of_places_that_nothing_tells_apart_can_be_shown() -> None:
    text = page("yes", "yes", "yes", "yes")
    assert make_directive(text, Span(0, 3)) == Directive("yes")
    assert make_directive(text, Span(8, 11)) == Refusal(
        "the same text stands there 4 times between the same words"
    )


@pytest.mark.parametrize(
    ("text", "span", "reason"),
    [
        (page("one", "", " ", "two"), Span(3, 6), "there is no text"),
        (
            page("天気" * 300),
            Span(251, 254),
            "it begins or ends within a word, beside which nothing can",
        ),
        (page("a", "b", "a", "b", "a", "b"), Span(8, 11), "its beginning stands there 3 times"),
    ],
)
def test_what_the_specification_does_not_allow(text: PageText, span: Span, reason: str) -> None:
    result = make_directive(text, span)
    assert isinstance(result, Refusal)
    assert result.reason.startswith(reason)


def test_where_the_very_span_has_no_directive_the_link_begins_before_it() -> None:
    text = page("Morning", "dose", "one", "taken", "Evening", "dose", "one", "taken")
    at = text.text.rindex("one")
    fragment = fragment_in(text, Span(at, at + 3))
    assert fragment.reason == "the same text stands there 2 times between the same words"
    assert fragment.directive == Directive("dose", "one", prefix="Evening")


# --- laws ----------------------------------------------------------------------------------------

WORDS = (
    "a",
    "b",
    "ab",
    "A",
    "it's",
    "3.5",
    "x-y",
    "é",
    "e",
    "天",
    "気",
    "&",
    "“",
    "\xad",
    "ﬁ",
    ",",
    "ไท",
)
lines = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(
        lambda words: (
            " " * (len(words) % 3) + "".join(word + " " * (len(word) % 2) for word in words)
        )
    ),
    min_size=1,
    max_size=6,
)


@given(lines, st.data())
def test_a_directive_shows_its_span_and_is_refused_only_for_a_reason(
    given_lines: list[str], data: st.DataObject
) -> None:
    text = page(*given_lines)
    start = data.draw(st.integers(0, len(text.text)))
    span = Span(start, data.draw(st.integers(start, len(text.text))))
    result = make_directive(text, span)
    if isinstance(result, Directive):
        assert find(result, text) == text.trimmed(span)
        assert read(result.written().removeprefix("text=")) == result
        assert "\n" not in result.start + result.end + result.prefix + result.suffix
        assert [result.start, result.end] == [result.start.strip(), result.end.strip()]
    else:
        assert result.reason
        target = text.trimmed(span)
        same = list(text.occurrences(target.of(text.text)))
        assert len(same) != 1 or not is_plain(text, target) or not text.is_one(target)


def is_plain(text: PageText, span: Span) -> bool:
    """Whether words begin and end at a span's edges beyond doubt."""
    return all(boundary(text.text, at) == Boundary.SURE for at in (span.start, span.end))


@given(lines, st.data())
def test_a_unique_text_between_sure_boundaries_needs_no_context(
    given_lines: list[str], data: st.DataObject
) -> None:
    text = page(*given_lines)
    line = data.draw(st.sampled_from(range(len(given_lines))))
    extent = text.trimmed(text.within(len("\n".join(["", *given_lines[:line]]))))
    if not len(extent):
        return
    result = make_directive(text, extent)
    same = whole_words(text, extent.of(text.text))
    if len(same) == 1:
        assert result == Directive(extent.of(text.text).replace("\xad", ""))
    elif isinstance(result, Directive):
        assert result.prefix or result.suffix or same[0] == extent


@given(lines, st.integers(0, 20))
def test_no_shorter_context_would_do(given_lines: list[str], number: int) -> None:
    text = page(*given_lines)
    words = text.text.split()
    places = places_of(text, words[number % len(words)])
    for place in places:
        result = make_directive(text, place)
        if isinstance(result, Directive) and (result.prefix or result.suffix):
            assert whole_words(text, result.start) != [place] or not is_plain(text, place)


# --- articles ------------------------------------------------------------------------------------

MARKUP = """<!DOCTYPE html><title>Doses</title><link rel=canonical href="https://example.org/doses">
<nav><a href="#how">How to take it</a> <a href="#store">Storage</a></nav>
<main><h1>Doses</h1><h2 id=how>How to take it</h2>
<p>Take one pill <sup>1</sup> at night<br>with water.</p>
<ul><li>One tablet</li><li>Two tablets</li></ul>
<table><tr><th>Age</th><th>Dose</th></tr><tr><td>Adult</td><td>10 mg</td></tr></table>
<h2 id=store>Storage</h2><p>Keep one pill of each kind cool.</p></main>"""


@pytest.mark.parametrize(
    ("words", "from_article"),
    [
        ("How to take it", "#how:~:text=How%20to%20take%20it"),
        ("night\nwith water", "#how:~:text=night,with%20water"),
        ("One tablet\nTwo tablets", "#how:~:text=One%20tablet,Two%20tablets"),
        ("Adult\t10 mg", "#how:~:text=Adult,10%20mg"),
        ("Keep one pill of each kind cool.",
         "#store:~:text=Keep%20one%20pill%20of%20each%20kind%20cool."),
    ],
)  # fmt: skip
def test_fragments_for_an_article(words: str, from_article: str) -> None:
    article = parse(Source("doses.html", "doses", "html", MARKUP.encode())).articles[0]
    span = Span(article.text.index(words), article.text.index(words) + len(words))
    assert fragment_for(article, span).written == from_article


def test_rows_whose_cells_are_not_known_are_given_by_single_words() -> None:
    text = "Doses\n\nAdult 10 mg twice\nChild 5 mg once\n"
    blocks = tuple(
        Block("table_row", 0, Span(text.index(row), text.index(row) + len(row)), (), group=1)
        for row in ("Adult 10 mg twice", "Child 5 mg once")
    )
    article = Article("doses", "Doses", "https://example.org/doses", "en", text, blocks)
    assert fragment_for(article, blocks[1].span).written == "#:~:text=Child,once"
    both = Span(blocks[0].span.start, blocks[1].span.end)
    assert fragment_for(article, both).written == "#:~:text=Adult,once"
