"""Typed queries: tables of cases, laws, and text that nobody would call a query."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whoosh import query

from indexer.query.parser import parse
from indexer.text.tokenizer import tokenize
from tests import DATA
from tests.helpers.effort import tries
from tests.helpers.queries import PIECES, check_sound, tokens, words
from tests.query.printer import describe

DATA = DATA / "querying"

messes = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(("", " ", " "))), max_size=40
).map(lambda pairs: "".join(piece + space for piece, space in pairs))
typed = st.one_of(messes, st.text(max_size=60))


def cases(name: str) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """(typed, tree, notes, bare) of each case in a file."""
    text = (DATA / name).read_text(encoding="utf-8")
    for block in re.split(r"\n\n+", text.strip()):
        lines = block.split("\n")
        if lines[0].startswith("> "):
            notes = tuple(line[2:] for line in lines if line.startswith("! "))
            yield lines[0][2:], lines[1][2:], notes, lines[-1] == "bare"


# --- tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "tree", "notes", "bare"), list(cases("all.txt")))
def test_query_is_read_as(text: str, tree: str, notes: tuple[str, ...], bare: bool) -> None:
    parsed = parse(text)
    assert (repr(parsed.tree), parsed.notes, parsed.bare) == (tree, notes, bare)


@pytest.mark.parametrize(("text", "tree", "notes", "bare"), list(cases("any.txt")))
def test_query_of_which_any_word_may_match_is_read_as(
    text: str, tree: str, notes: tuple[str, ...], bare: bool
) -> None:
    parsed = parse(text, any=True)
    assert (repr(parsed.tree), parsed.notes, parsed.bare) == (tree, notes, bare)


@pytest.mark.parametrize(
    "text", ["", " ", "\t\r\n", "\0\x1b\x85", "\u2028\u3000", "...", "\u200b?"]
)
def test_empty_query_finds_nothing_and_says_so(text: str) -> None:
    parsed = parse(text)
    assert parsed.tree is query.NullQuery
    assert parsed.notes[-1] == "nothing to search for"
    assert not parsed.bare


@pytest.mark.parametrize(
    "text", (DATA / "pasted.txt").read_text(encoding="utf-8").strip().split("\n")[2:]
)
def test_pasted_text_loses_no_word(text: str) -> None:
    expected = tokenize(text).forms
    assert tokens(parse(text).tree) == expected


def test_curly_quotes_are_straight_quotes() -> None:
    straight = parse('"gradually tapering off" -"side effects"~2')
    assert parse("“gradually tapering off” -„side effects“~2") == straight


def test_control_characters_separate_words() -> None:
    assert describe(parse("chronic\0pain\x1b-x\x85y").tree) == "chronic pain -x y"


def test_half_a_surrogate_pair_is_no_part_of_a_word() -> None:
    parsed = parse("a \ud800 b\udfffc")
    assert parsed.notes == ('ignored: "\ufffd"',)
    assert tokens(parsed.tree) == ["a", "b", "c"]
    repr(parsed).encode("utf-8")


# --- laws --------------------------------------------------------------------------------------


@settings(max_examples=tries(60, 3_000))
@given(typed, st.booleans())
@example('22" BX', False)
@example("¹¹", False)
@example("⁻¹*", False)
def test_anything_parses_to_a_sound_tree(text: str, any_word: bool) -> None:
    check_sound(parse(text, any=any_word))


def test_random_queries_parse_to_sound_trees() -> None:
    dice = random.Random(20240229)
    for _ in range(tries(1_000, 100_000)):
        pieces = dice.choices(PIECES, k=dice.randint(0, 30))
        text = "".join(piece + dice.choice(("", " ")) for piece in pieces)
        check_sound(parse(text, any=dice.random() < 0.2))


@settings(max_examples=tries(60, 3_000))
@given(typed)
@example("\ud800title:elvil~")
@example("a\u00ad_")
@example("a\u00ad\u00ad")
@example("elvil~2~")
def test_description_reads_back_as_the_same_tree(text: str) -> None:
    tree = parse(text).tree
    spelled = describe(tree)
    again = parse(spelled)
    assert again.tree == tree
    assert repr(again.tree) == repr(tree)
    assert describe(again.tree) == spelled


@settings(max_examples=tries(60, 2_000))
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=15))
def test_every_word_is_searched_for_or_in_a_note(pieces: list[tuple[str, bool]]) -> None:
    """Words of letters that no syntax is made of stand between all kinds of syntax."""
    typed_words = [f"qw{'xyz' * (i % 3)}{chr(97 + i % 26)}v" for i in range(len(pieces))]
    text = "".join(
        piece + (" " if spaced else "") + word for (piece, spaced), word in zip(pieces, typed_words)
    )
    parsed = parse(text)
    found = " ".join(words(parsed.tree))
    noted = " ".join(parsed.notes)
    if "…" in noted:  # a note cuts a long run of characters short
        noted += " ".join(run for run in text.split() if len(run) >= 40)
    assert not [word for word in typed_words if word not in found and word not in noted]


EXPRESSIONS = st.recursive(
    st.sampled_from("abcd"),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(("and", "or", "next")), inner, inner),
    ),
    max_leaves=12,
)
TIGHTNESS = {"next": 0, "or": 1, "and": 2, "not": 3}


@settings(max_examples=tries(60, 2_000))
@given(EXPRESSIONS, st.sampled_from(("NOT ", "-")))
def test_operators_bind_as_documented(expression: object, sign: str) -> None:
    tree = parse(spell(expression, 0, sign)).tree
    for world in range(16):
        true = {letter for i, letter in enumerate("abcd") if world >> i & 1}
        assert holds(tree, true) == is_true(expression, true)


def spell(expression: object, tightness: int, sign: str) -> str:
    """The expression with no more brackets than binding needs."""
    if isinstance(expression, str):
        return expression
    assert isinstance(expression, tuple)
    kind, *parts = expression
    own = TIGHTNESS[kind]
    if kind == "not":
        inner = spell(parts[0], own, sign)
        spelled = f"({inner})" if sign == "-" and inner.startswith("-") else inner
        return sign + spelled
    joint = {"and": " AND ", "or": " OR ", "next": " "}[kind]
    spelled = joint.join(spell(part, own + (i > 0), sign) for i, part in enumerate(parts))
    return f"({spelled})" if own < tightness else spelled


def is_true(expression: object, true: set[str]) -> bool:
    if isinstance(expression, str):
        return expression in true
    assert isinstance(expression, tuple)
    values = [is_true(part, true) for part in expression[1:]]
    if expression[0] == "not":
        return not values[0]
    return any(values) if expression[0] == "or" else all(values)


def holds(tree: query.Query, true: set[str]) -> bool:
    """Whether a tree of words finds a passage of the words `true`."""
    if isinstance(tree, query.And):
        return all(holds(part, true) for part in tree)
    if isinstance(tree, query.Or):
        return any(holds(part, true) for part in tree)
    if isinstance(tree, query.Not):
        return not holds(tree.query, true)
    return isinstance(tree, query.Every) or tree.text in true


@settings(max_examples=tries(60, 2_000))
@given(EXPRESSIONS)
def test_normalising_keeps_the_meaning(expression: object) -> None:
    """Whoosh's `normalize` turns an And with Every() into Every(), and -a -b with it."""
    tree = parse(spell(expression, 0, "-")).tree
    normal = tree.normalize()
    for world in range(16):
        true = {letter for i, letter in enumerate("abcd") if world >> i & 1}
        assert holds(normal, true) == holds(tree, true)


HEADING = "DO NOT TAKE IT AND DO NOT DRIVE OR SWIM?"


@pytest.mark.parametrize(
    ("typed", "operators"),
    [
        ("DVT OR PE", True),
        ("NOT FOR CHILDREN", True),
        (HEADING, False),
        (f"{HEADING} (SEE BELOW)", True),
        ('"DO TAKE IT" OR ONE TWO THREE FOUR FIVE SIX', True),
        (f"{HEADING} -PAIN", True),
        (f"{HEADING} TITLE:PAIN", True),
        (f"{HEADING} NEAR WATER", True),
        (f"{HEADING} TAB*", True),
        ("ONE AND TWO OR THREE FOUR FIVE SIX SEVEN EIGHT", False),
    ],
)
def test_a_query_all_in_capitals_is_said_to_be_read_in_one_way(typed: str, operators: bool) -> None:
    parsed = parse(typed, capitals=True)
    (note,) = [note for note in parsed.notes if note.startswith("a query in capitals: ")]
    assert ("read as operators" in note, "read as words" in note) == (operators, not operators)
    as_words = [word for _, word in parsed.tree.all_terms() if word in ("AND", "OR", "NOT")]
    assert bool(as_words) is not operators


@pytest.mark.parametrize("typed", [HEADING, "DVT OR PE"])
def test_operators_in_capitals_are_operators_in_counts(typed: str) -> None:
    parsed = parse(typed)
    assert not [note for note in parsed.notes if "capitals" in note]
    assert not [word for _, word in parsed.tree.all_terms() if word in ("AND", "OR", "NOT")]


@pytest.mark.parametrize("typed", ["DVT or PE", "dvt OR pe", "DVT PE", "5 OR 10"])
def test_a_query_that_is_not_all_in_capitals_has_no_note(typed: str) -> None:
    assert parse(typed, capitals=True).notes == ()


@pytest.mark.parametrize(
    ("typed", "words", "notes"),
    [
        ('"take ? tablets"', ["take", "*", "tablets"], 0),
        ('"take * tablets"', ["take", "*", "tablets"], 0),
        ('"? tablets"', ["tablets"], 1),
        ('"is it safe ?"', ["is", "it", "safe"], 0),
        ('"is it safe?"', ["is", "it", "safe"], 0),
    ],
)
def test_a_question_mark_alone_in_quotes_is_any_one_word(
    typed: str, words: list[str], notes: int
) -> None:
    parsed = parse(typed)
    assert list(parsed.tree.words) == words
    assert len(parsed.notes) == notes


@pytest.mark.parametrize("typed", ["???", "? ?", "?", "…", "()"])
def test_a_query_without_a_word_says_that_there_is_nothing_to_search_for(typed: str) -> None:
    assert parse(typed).notes[-1] == "nothing to search for"
