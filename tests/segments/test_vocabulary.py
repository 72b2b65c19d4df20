"""Prefixes and patterns where case counts, against their definition."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from indexer.segments.vocabulary import Vocabulary, _regex
from indexer.text.folding import fold, fold_keep_case
from tests.oracle import WORDS, Engine, paragraphs, shelve

MORE = ("ß", "Straße", "STRASSE", ".5", "0.5", "É", "état", "ÉTAT", "PAIN", "pAin", "10,000")


def folded(pattern: str, how: Callable[[str], str]) -> str:
    """A pattern folded around its stars and question marks."""
    return "".join(how(piece) for piece in re.split(r"([*?])", pattern))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """Forms of two languages, with and without capitals."""
    texts = [" ".join((*WORDS, *MORE)), " ".join(map(str.upper, WORDS))]
    english, german = paragraphs(*texts), paragraphs(*texts, language="de")
    articles = [*english, *(replace(one, id=f"g{one.id}") for one in german)]
    (part,) = Engine(shelve(articles)).searcher.snapshot.parts
    return part.segment.vocabulary


@pytest.mark.parametrize("head", ["p", "P", "Pa", "pa", "e", "E", "1", ".5", "10", "ß", "SS", "s"])
def test_prefixes(vocabulary: Vocabulary, head: str) -> None:
    ranges = vocabulary.prefix_ranges(fold(head))
    found = vocabulary.with_pattern(ranges, fold_keep_case(head) + "*")
    kept = [fold_keep_case(form) for form in vocabulary.forms]
    assert numbers(found) == [
        i
        for i, form in enumerate(vocabulary.forms)
        if fold(form).startswith(fold(head)) and kept[i].startswith(fold_keep_case(head))
    ]
    check(found)


@pytest.mark.parametrize(
    "pattern", ["*", "**", "*a*", "*A*", "P*n", "p?in", "?ain", "*É*", "*'s", "*0*", "S*E", "*ß*"]
)
def test_patterns(vocabulary: Vocabulary, pattern: str) -> None:
    text, cased = folded(pattern, fold), folded(pattern, fold_keep_case)
    found = vocabulary.with_pattern(vocabulary.wildcard_ranges(text), cased)
    assert numbers(found) == [
        i
        for i, form in enumerate(vocabulary.forms)
        if re.fullmatch(_regex(text), fold(form))
        and re.fullmatch(_regex(cased), fold_keep_case(form))
    ]
    check(found)


def numbers(ranges: list[tuple[int, int]]) -> list[int]:
    """The forms of some ranges."""
    return [i for low, high in ranges for i in range(low, high)]


def check(ranges: list[tuple[int, int]]) -> None:
    """That they ascend, and neighbours are one."""
    assert all(low < high for low, high in ranges)
    assert all(high < low for (_, high), (low, _) in pairwise(ranges))
