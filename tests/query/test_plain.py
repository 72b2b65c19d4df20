"""Plain queries are read as Whoosh's parser with our plug-ins reads them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from whoosh import query

from indexer.query import parser
from indexer.query.parser import parse, read_plain
from tests.helpers.effort import seeds

PIECES = (
    *("pain", "Pain", "a", "OR", "AND", "NOT", "NEAR", "ANDNOT", "ORANGE", "NEARLY", "or", "not"),
    *("NEAR/5", "NEAR/0", "NEAR/1000", "NEAR/1001", "NEAR/s", "pai*", "*", "p?n", "pain~1"),
    *('"pain relief"', '"pain', '"a"', '"OR"', '"not AND a"', '"pai* a"', '""', '"pain  a"'),
    *("title:pain", "-pain", "+pain", "(pain)", "25mg", "caf\u00e9", "anti-pain", "don't"),
)


def shape(tree: query.Query) -> Any:
    """All that is known of a tree."""
    places = [(leaf.startchar, leaf.endchar) for leaf in tree.leaves()]
    return type(tree), repr(tree), places


@pytest.mark.parametrize("seed", seeds(10, 400))
def test_plain_reading_is_the_parsers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    read = 0
    for _ in range(40):
        pieces = chance.choices(PIECES[: chance.choice((4, len(PIECES)))], k=chance.randint(1, 5))
        typed = chance.choice((" ", " ", " ", " OR ", "  ")).join(pieces)
        for loose in (False, True):
            with monkeypatch.context() as patched:
                patched.setattr(parser, "read_plain", lambda *given, **named: None)
                expected = parse(typed, any=loose)
            plain = read_plain(typed, any=loose)
            if plain is not None:
                read += 1
                assert not expected.notes, typed
                assert (shape(plain[0]), plain[1]) == (shape(expected.tree), expected.bare), typed
    assert read


@pytest.mark.parametrize(
    "typed", ["pain", "chronic pain", '"pain relief" dose', "a OR b OR c", "norepi*", "a NEAR/5 b"]
)
def test_what_people_type_is_plain(typed: str) -> None:
    assert read_plain(typed, any=False) is not None


@pytest.mark.parametrize("typed", ["", " pain", "a  b", "a OR", "a NEAR b", "a NEAR/2 b c", "x~1"])
def test_the_rest_is_left_to_the_parser(typed: str) -> None:
    assert read_plain(typed, any=False) is None
