"""Queries that are too long, too deep or too many: bounded, said so, and fast."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.query.nodes import MAX_DEPTH
from indexer.query.normalise import MAX_CHARS
from indexer.query.parser import parse
from indexer.query.syntax import MAX_WORDS
from tests.helpers.queries import check_sound, tokens


def test_words_beyond_the_limit_are_named() -> None:
    parsed = parse("(" + " OR ".join(f"word{i}" for i in range(MAX_WORDS + 5)) + ")")
    assert len(parsed.tree) == MAX_WORDS
    assert parsed.notes == ('ignored: all beyond 1,000 words, from "word1000" on',)
    assert len(parse(" ".join("a" * MAX_WORDS)).tree) == MAX_WORDS


def test_what_lies_beyond_the_limit_causes_no_further_notes() -> None:
    within = "(x (" + "a " * (MAX_WORDS - 1)
    parsed = parse(f"{within} OR - b) (c (d) OR) -(e) )")
    assert parsed.notes == ('ignored: stray "-"', 'ignored: all beyond 1,000 words, from "b" on')
    assert tokens(parsed.tree) == ["x", *["a"] * (MAX_WORDS - 1)]


def test_words_of_quotes_count() -> None:
    parsed = parse(f'x "{"a " * MAX_WORDS}" y')
    assert tokens(parsed.tree) == ["x"]
    assert parsed.notes[0].startswith("ignored: all beyond 1,000 words")


def test_brackets_beyond_the_limit_are_noted_and_their_words_kept() -> None:
    deep = "(a OR b AND " * MAX_DEPTH + "c" + ")" * MAX_DEPTH
    assert parse(deep).notes == ()
    parsed = parse(f"(d OR {deep})")
    assert parsed.notes == ("ignored: brackets more than 50 deep",)
    assert tokens(parsed.tree) == ["d", *["a", "b"] * MAX_DEPTH, "c"]


def test_chain_of_nears_beyond_the_limit_is_noted() -> None:
    parsed = parse(" NEAR/2 ".join("a" * (MAX_DEPTH + 3)))
    assert parsed.notes == ('ignored: more than 50 NEARs within one another, from "NEAR/2" on',)
    assert len(tokens(parsed.tree)) == MAX_DEPTH + 1


def test_pairs_of_long_brackets_are_bounded() -> None:
    many = "(" + " ".join("a" * 400) + ")"
    parsed = parse(f"{many} NEAR/5 {many}")
    assert parsed.notes == ("ignored: pairs beyond 1,000 words that NEAR makes of brackets",)
    assert len(tokens(parsed.tree)) == MAX_WORDS


def test_long_query_is_cut() -> None:
    parsed = parse("pain " * 200_000)
    assert parsed.notes[0] == f"query of 1,000,000 characters cut at {MAX_CHARS:,}"
    assert len(parsed.tree) == MAX_WORDS


def test_many_notes_end_with_a_count_of_the_rest() -> None:
    notes = parse(" ".join(f"title:-w{i} kind:w{i}" for i in range(20))).notes
    assert len(notes) == 20
    assert notes[-1] == "and 2 more notes"


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a ", '"', '"a ', 'a"', '5"', "“", "«a", "(", ")", "(-", "a OR (", "-", "- ", "*"),
        *("a*", "?", "a?", "~", "~1", "!~", "NOT ", "a NEAR ", "(a NEAR ", "title:", ":", "a:"),
        *("\0", "\ud800", "疼"),
    ],
)
def test_a_megabyte_of_anything_is_bounded(piece: str) -> None:
    start = time.process_time()
    check_sound(parse(piece * (1_000_000 // len(piece))))
    assert time.process_time() - start < 3  # measured 0.2 s at most; quadratic time took minutes


def test_a_thousand_clauses_parse_fast() -> None:
    text = " OR ".join(f"word{i}" for i in range(MAX_WORDS))
    assert best_seconds(text) < 0.1  # measured 0.013


def test_a_plain_query_parses_fast() -> None:
    assert best_seconds("chronic pain") < 0.0005  # measured 0.00004


def best_seconds(text: str) -> float:
    times = []
    for _ in range(20):
        start = time.process_time()
        parse(text)
        times.append(time.process_time() - start)
    return min(times)


def test_threads_do_not_mix_their_notes() -> None:
    texts = [f"title:-w{i} (x{i} -- y{i}" for i in range(200)]
    alone = [parse(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(parse, texts * 5)) == alone * 5
