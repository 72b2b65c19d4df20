"""Quotes are found again, exactly or nearly, or not at all; differences give both texts back."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.links.quotes import match_quote, quote_spans, search_near, shortest_context
from indexer.links.reanchor import reanchor
from indexer.links.selectors import key_of, selectors_of
from indexer.links.similarity import likeness, score, word_diff
from indexer.model import Article, Block, Selectors, Span
from indexer.passages import split

STORY = (
    "Many years later, as he faced the firing squad, the colonel was to remember that distant "
    "afternoon. In the village they had nothing to eat for a week, and then they had nothing to "
    "eat for a year; we had nothing to eat either, and we said so."
)


def found(
    text: str, quote: str, prefix: str = "", suffix: str = "", hint: int | None = None
) -> tuple[str, float]:
    """What was found for a quote, and its score; empty and 0 when nothing was."""
    match = match_quote(text, quote, prefix, suffix, hint)
    return (match.span.of(text), match.score) if match else ("", 0.0)


# --- case A1: scores ---------------------------------------------------------------------------


def test_an_exact_quote_without_context_scores_one() -> None:
    assert found(STORY, "the firing squad") == ("the firing squad", 1.0)
    assert found(STORY, "the firing squad", "he faced ", ", the")[1] == 1.0


def test_one_edit_in_sixteen_characters() -> None:
    at = STORY.index("the firing squad")
    before, after = STORY[:at], STORY[at + 16 : at + 48]
    text, points = found(STORY, "the firing squid", before, after, hint=at)
    assert text == "the firing squad"
    assert points == pytest.approx((50 * 15 / 16 + 20 + 20 + 2) / 92)
    assert points == pytest.approx(0.966, abs=0.0005)


def test_what_is_not_known_does_not_count() -> None:
    assert score(0.5) == 0.5
    assert score(1, None, 0.0) == pytest.approx(50 / 70)
    assert score(1, 0.0, 0.0, 0.0) == pytest.approx(50 / 92)
    assert score(0.25, None, None, 1.0) == pytest.approx((12.5 + 2) / 52)


def test_a_near_quote_is_found_with_a_lower_score() -> None:
    text, points = found(STORY, "some years later")
    assert text == "Many years later"
    assert 0 < points < 1


def test_more_edits_never_score_higher() -> None:
    quote, before = "the colonel was to remember that distant afternoon", 1.0
    for at in range(0, 24, 2):
        quote = quote[:at] + "#" + quote[at + 1 :]
        now = found(STORY, quote)[1]
        assert now < before
        before = now


# --- A2 to A6: several places ------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("damage", [0, 4, 8])
def test_of_equal_quotes_the_one_in_its_context(place: int, damage: int) -> None:
    """Case A2: though the context is damaged."""
    spans = list(quote_spans(STORY, "nothing to eat"))
    start, end = spans[place].start, spans[place].end
    prefix = (
        STORY[start - 20 : start][:-damage] + "nout"[:damage] if damage else STORY[:start][-20:]
    )
    match = match_quote(STORY, "nothing to eat", prefix, STORY[end : end + 20])
    assert match is not None
    assert match.span.start == start


def test_of_equal_matches_the_hint_decides_and_else_the_first_is_taken() -> None:
    """Case A3."""
    spans = list(quote_spans(STORY, "nothing to eat"))
    for span in spans:
        for off in (-9, 0, 9):
            match = match_quote(STORY, "nothing to eat", hint=span.start + off)
            assert match is not None
            assert match.span == span
    first = match_quote(STORY, "nothing to eat")
    assert first is not None
    assert first.span == spans[0]


@pytest.mark.parametrize("quote", ["", "   ", "zzz qqq xxx jjj", "§§§§§§"])
def test_what_is_not_there_is_not_found(quote: str) -> None:
    """Case A4."""
    assert match_quote(STORY, quote) is None
    assert match_quote("", quote) is None


def test_context_may_reach_beyond_the_text() -> None:
    """Case A4."""
    text = "The beginning and the end"
    prefix, suffix = "much that was once before ", " and much after it"
    for quote in ("The beginning", "the end"):
        match = match_quote(text, quote, prefix, suffix)
        assert match is not None
        assert match.span.of(text) == quote


def test_the_suffix_alone_may_decide() -> None:
    """Case A5."""
    text = "take one tablet daily; take one tablet weekly"
    for suffix in (" daily", " weekly"):
        match = match_quote(text, "one tablet", "take ", suffix)
        assert match is not None
        assert text[match.span.end :].startswith(suffix)


def test_occurrences_may_overlap() -> None:
    """Case A6."""
    assert [span.start for span in quote_spans("bananas", "ana")] == [1, 3]
    assert list(quote_spans("bananas", "")) == []


def test_an_exact_quote_elsewhere_gives_way_to_a_near_one_in_its_place() -> None:
    """A dose that was changed is not to be taken for the same dose of something else."""
    text = "Aspirin: take 20 mg of it at night. Elavil: take 10 mg of it at night."
    match = match_quote(text, "take 10 mg of it", "Aspirin: ", " at night. Elavil", hint=9)
    assert match is not None
    assert match.span.of(text) == "take 20 mg of it"
    assert not match.exact


# --- A7 to A9 ----------------------------------------------------------------------------------


def test_shortest_context() -> None:
    """Case A7."""
    text = "To annotate or not to annotate."
    assert shortest_context(text, Span(22, 26)) == ("to ", "")
    assert shortest_context("a" * 10, Span(4, 7)) == ("aaaa", "aaa")
    assert shortest_context(text, Span(12, 14)) == ("", "")


@given(st.text("ab", min_size=1, max_size=30), st.data())
def test_shortest_context_tells_a_place_from_all_others(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    prefix, suffix = shortest_context(text, Span(start, end))
    assert text[:start].endswith(prefix)
    assert text[end:].startswith(suffix)
    whole = prefix + text[start:end] + suffix
    assert len(list(quote_spans(text, whole))) == 1


def test_an_offset_that_holds_other_text_is_not_believed() -> None:
    """Case A8."""
    text = "New words. " + STORY
    at = STORY.index("the firing squad")
    match = match_quote(text, "the firing squad", STORY[:at], STORY[at + 16 : at + 48], at)
    assert match is not None
    assert match.span.of(text) == "the firing squad"
    assert match_quote(text, "quite different from all of it §§§", hint=4) is None


def test_an_offset_that_holds_the_words_in_another_context_is_not_believed() -> None:
    text = "take one tablet weekly; take one tablet daily"
    match = match_quote(text, "one tablet", "take ", " daily", 5)
    assert match is not None
    assert match.span.start == text.rindex("one tablet")


@pytest.mark.parametrize("between", ["\n", " \n\n ", "\u00a0", "\t", "   "])
def test_white_space_is_white_space(between: str) -> None:
    """Case A9."""
    text = f"before{between}one{between}two{between}after"
    match = match_quote(text, "one two", "before ", " after", hint=7)
    assert match is not None
    assert match.span.of(text) == f"one{between}two"
    assert match.score > 0.99


def test_quotation_marks_are_alike() -> None:
    assert found("He said “don’t stop” twice.", '"don\'t stop"') == ("“don’t stop”", 1.0)


@pytest.mark.slow
@given(st.text(min_size=1, max_size=80), st.data())
def test_every_stretch_of_a_text_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    match = match_quote(text, quote, text[:start][-32:], text[end:][:32], start)
    assert (match is None) == (not quote.strip())
    if match is not None:
        assert 0 <= match.span.start < match.span.end <= len(text)
        assert " ".join(match.span.of(text).split()) == " ".join(quote.split())


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=9), st.integers(-9, 99))
def test_no_quote_is_an_error(text: str, quote: str, around: str, hint: int) -> None:
    match = match_quote(text, quote, around, around, hint)
    assert match is None or 0 <= match.score <= 1


@given(st.text("abc ", max_size=40), st.text("abc ", min_size=1, max_size=9))
def test_near_search_finds_the_fewest_edits(text: str, pattern: str) -> None:
    """Against every stretch there is."""
    fewest = min(
        likeness(pattern, text[a:b]) for a in range(len(text) + 1) for b in range(a, len(text) + 1)
    )
    best = max(
        likeness(pattern, text[a:b]) for a in range(len(text) + 1) for b in range(a, len(text) + 1)
    )
    assert fewest <= best
    near = search_near(text, pattern, len(pattern))
    if text:
        assert 1 - near[0][1] / len(pattern) == pytest.approx(best)
    for span, edits in near:
        assert likeness(pattern, span.of(text)) == pytest.approx(1 - edits / len(pattern))


# --- differences -------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["not", "10", "0.5", "mg", " ", " ", "\n", "."]), max_size=25)


@given(WORDS.map("".join), WORDS.map("".join))
def test_a_difference_gives_both_texts_back(old: str, new: str) -> None:
    runs = word_diff(old, new)
    assert "".join(run.text for run in runs if run.change != "added") == old
    assert "".join(run.text for run in runs if run.change != "removed") == new
    assert all(run.text for run in runs)
    changes = [run.change for run in runs]
    assert ("kept", "kept") not in list(pairwise(changes))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Take 5 mg.", "Take 50 mg.", [("removed", "5"), ("added", "50")]),
        ("Take 0.5 mg.", "Take 5 mg.", [("removed", "0.5"), ("added", "5")]),
        ("Do not stop.", "Do stop.", [("removed", "not ")]),
        ("up to ≤5 mg", "up to ≥5 mg", [("removed", "≤"), ("added", "≥")]),
        ("10 mg daily", "20 ml daily", [("removed", "10 mg"), ("added", "20 ml")]),
        ("the same", "the same", []),
        ("", "all new", [("added", "all new")]),
    ],
)
def test_a_dose_or_a_negation_stands_out(
    old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    runs = [(run.change, run.text) for run in word_diff(old, new) if run.change != "kept"]
    assert runs == expected


# --- articles ----------------------------------------------------------------------------------


def article(*paragraphs: str) -> Article:
    """An article; a paragraph that begins with # is a heading."""
    blocks, texts, at, section = [], [], 0, tuple[str, ...]()
    for text in paragraphs:
        span = Span(at, at + len(text))
        if text.startswith("#"):
            blocks.append(Block("heading", 2, span, ()))
            section = (text,)
        else:
            blocks.append(Block("paragraph", 0, span, section))
        texts.append(text)
        at = span.end + 2
    return Article("a", "A", "", "en", "\n\n".join(texts), tuple(blocks))


def described(*paragraphs: str) -> tuple[Selectors, ...]:
    one = article(*paragraphs)
    return selectors_of(one, split(one))


def fates(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str]]:
    """Status and present text of each old passage."""
    before, after = described(*old), described(*new)
    return [(v.status, after[v.new].text if v.new >= 0 else "") for v in reanchor(before, after)]


A, B, C, D = (
    "Start with a low dose at night and raise it slowly if need be.",
    "Do not stop at once, since that can bring on headache and nausea.",
    "Keep the tablets in a dry place and away from children at all times.",
    "Ask a doctor before you take any other medicine together with this one.",
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((A, B), (A, B), ["intact", "intact"]),
        ((A, B), (D, A, C, B), ["intact", "intact"]),
        ((A, B, C, D), (D, A, B, C), ["intact", "intact", "intact", "moved"]),
        (("# X", A, B), ("# Y", A, B), ["intact", "intact"]),
        (("# X", A, B, "# Y", C), ("# X", A, "# Y", B, C), ["intact", "moved", "intact"]),
        (("# X", A, B), ("# X", A, "# Z", B), ["intact", "intact"]),
        ((A, B), (A,), ["intact", "lost"]),
        ((A, B), (A, C), ["intact", "lost"]),
        ((A, B), (A, B.replace("nausea", "vomiting")), ["intact", "edited"]),
        ((A, B), (f"{A} {B}",), ["edited", "edited"]),
        ((f"{A} {B}", C), (A, B, C), ["edited", "intact"]),
        ((A, B, A), (B, A), ["lost", "intact", "intact"]),
        ((A, B, A), (A, B), ["intact", "intact", "lost"]),
    ],
)
def test_what_becomes_of_passages(
    old: tuple[str, ...], new: tuple[str, ...], expected: list[str]
) -> None:
    assert [status for status, _ in fates(old, new)] == expected


def test_a_split_passage_leads_to_its_larger_part() -> None:
    long, short = f"{A} {B} {C}", D
    ((status, text),) = fates((f"{long} {short}",), (long, short))
    assert (status, text) == ("edited", long)


def test_one_of_near_duplicates_deleted_is_lost() -> None:
    """The other was there all the time, and says something else."""
    five, ten = f"{A} Take 5 mg.", f"{A} Take 10 mg."
    assert fates((five, B, ten), (B, ten)) == [("lost", ""), ("intact", B), ("intact", ten)]
    edited = ten.replace("slowly", "by and by")
    assert fates((five, B, ten), (B, edited)) == [("lost", ""), ("intact", B), ("edited", edited)]


def test_nothing_and_everything() -> None:
    assert reanchor((), described(A)) == ()
    assert [v.status for v in reanchor(described(A, B), ())] == ["lost", "lost"]


TEXTS = st.lists(st.sampled_from([A, B, C, D, "Yes.", "No.", "5 mg", f"{A} {B}"]), max_size=12)


def test_hundreds_of_equal_passages_keep_their_order() -> None:
    before = described(*["Yes it is.", "No it is not.", "No it is not."] * 60)
    after = before[30:]
    places = [verdict.new for verdict in reanchor(before, after) if verdict.new >= 0]
    assert places == list(range(len(after)))


@given(TEXTS, TEXTS)
def test_laws_of_reanchoring(old: list[str], new: list[str]) -> None:
    """One verdict each; no new passage is two old ones; exact words are told as such."""
    before, after = described(*old), described(*new)
    verdicts = reanchor(before, after)
    assert [verdict.old for verdict in verdicts] == list(range(len(before)))
    old_keys, new_keys = ([key_of(one.text) for one in side] for side in (before, after))
    exact = [verdict.new for verdict in verdicts if verdict.exact]
    assert len(exact) == len(set(exact))
    for verdict in verdicts:
        assert 0 <= verdict.confidence <= 1
        assert (verdict.new < 0) == (verdict.status == "lost")
        same = verdict.new >= 0 and old_keys[verdict.old] == new_keys[verdict.new]
        assert verdict.exact == same
    gone = {old_keys[v.old] for v in verdicts if v.new < 0}
    free = set(new_keys) - {new_keys[n] for n in exact}
    assert not gone & free
    assert reanchor(before, after) == verdicts


@given(TEXTS)
def test_what_has_not_changed_is_intact(texts: list[str]) -> None:
    before = described(*texts)
    assert [(v.new, v.status) for v in reanchor(before, before)] == [
        (n, "intact") for n in range(len(before))
    ]


def test_five_hundred_edited_passages_are_not_compared_pair_by_pair() -> None:
    old = tuple(
        f"{A} {B} Number {n} of all that is said here, in {n * n} words." for n in range(500)
    )
    new = tuple(text.replace("slowly", f"slowly{n % 7}") for n, text in enumerate(old))
    before, after = described(*old), described(*new)
    began = time.process_time()
    verdicts = reanchor(before, after)
    assert time.process_time() - began < 10  # takes .6 s on a quiet machine
    assert [v.new for v in verdicts if v.new >= 0 and v.new != v.old] == []
    assert sum(v.status == "edited" for v in verdicts) > 450


def test_keys_ignore_layout_case_and_punctuation() -> None:
    assert key_of("Take  5 mg,\nplease!") == key_of("take 5 mg please")
    assert key_of("Take 5 mg") != key_of("Take 6 mg")
    assert key_of("…") != key_of("!")


def test_context_of_a_passage_is_part_of_its_article() -> None:
    one, *_ = described(A, B)
    assert (one.prefix, one.suffix) == ("", f"\n\n{B}"[:32])
    assert key_of(replace(one, text="x").text) == b"x"
