"""The scanner of long texts gives what the tokeniser gives: tokens, hyphenated words, sentences."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.bulk_tokenizer import BulkTokenizer
from indexer.text.sentences import sentences
from indexer.text.tokenizer import is_hyphen, split_tokens, tokenize
from tests.helpers.effort import tries

PIECES = st.sampled_from(
    ["Dr", "mg", "et al", "e.g", "A", "12", "3.5", ".5", "1,000", "B12", "25mg", "word", "Word",
     "Über", "x-ray", "anti-inflammatory", "don't", "O'Neill", "averyveryverylongwordindeed",
     "糖尿病", "。", ".", "..", "?", "!", "!?", ",", ";", '"', "'", "”", "“", "(", ")", "]", "-",
     "--", " ", " ", " ", " ", " ", "  ", "\t", "\u00a0", "\x0b", "The", "the", "Mr", "1990",
     "«", "»", ":", "@", "*", "\u00ad", "\u200b", "cafe\u0301"]
)  # fmt: skip
# Words, marks and gaps that Punkt's rules tell apart: known abbreviations, initials, odd numbers.
ODD_WORDS = """
Dr dr Mr mg MG etc e.g i.e a.m P.M u.s U.K ph.d Ph.D pharm.d m M A a B b X x I J.K the The THE
There don't Don word Word WORD averylongword Über éa O'Neill x-ray a-b mg-al non-mg z.B c.-à-d
p.ex 1 25 3.5 1,000 10-25 .5 2,5 1/2 No no Nr vitamin hepatitis and by is C. [1] [1,2] [a] ¹ ² ⁹ 10⁹
mg² word³ Ca²⁺ m² ᵃ new.The done.¹ done.1 ℃ ㎎ ʻ ′ ´ ` ـ ำ ํา ﾃﾞ
12 000 ‎﻿ ﻿‎ 10^9 5x10⁹
-2 1990 12:30 25mg B12 1st 2a a2 A2b 4_5 _x 0/0 ½ ² ٣ 5٣ http://a.b/c
a_b a/b A&B c# x=y 50% ~a <a> [RFC12] (e.g) $5 @b 糖 ß K Kg İa ΑΣ ﬁ
"""
ODD_MARKS = """
. . . ? ! .. ... .... ?! !!! ,. ). .) ." .' .” .’ .» ., .: .; ] -- --- ----- - 。 … ( [ " ' “ «
"""
GAPS = [" ", " ", " ", "  ", "    ", "\n", "\n   ", " \n \n", "\t", "\r\n", "\xa0", "\x0b", ""]
ODD = st.one_of([st.sampled_from(x) for x in (ODD_WORDS.split(), ODD_MARKS.split(), GAPS)])
TEXTS = st.one_of([st.lists(pieces, max_size=25).map("".join) for pieces in (PIECES, ODD)])
UNITS = st.lists(TEXTS, min_size=1, max_size=8)
LANGUAGES = st.sampled_from(["en", "fr", "de", "nl", "xx"])


@settings(max_examples=tries(60, 5_000))
@given(UNITS, LANGUAGES)
def test_scanning_is_tokenising(units: list[str], language: str) -> None:
    text = "\n".join(units)
    scanner, whole = BulkTokenizer(language), np.zeros(1, np.int64)
    scanned = scanner.scan(text, whole)
    expected = tokenize(text, language)
    assert [scanner.forms[i] for i in scanned.ids.tolist()] == expected.forms
    assert scanned.starts.tolist() == expected.starts
    gaps = split_tokens(text, language)[2:-1:2]
    hyphens = [i for i, gap in enumerate(gaps) if is_hyphen(gap)]
    assert np.flatnonzero(scanned.hyphens).tolist() == hyphens
    offsets = np.cumsum([0, *(len(unit) + 1 for unit in units)])[:-1]
    found = np.flatnonzero(scanner.scan(text, offsets).hyphens).tolist()
    homes = np.searchsorted(offsets, scanned.starts, "right")
    assert found == [i for i in hyphens if homes[i] == homes[i + 1]]


@settings(max_examples=tries(80, 2_000))
@given(UNITS, LANGUAGES)
def test_sentences_are_those_of_each_block(units: list[str], language: str) -> None:
    offsets = np.cumsum([0, *(len(u) + 1 for u in units)])[:-1]
    scanned = BulkTokenizer(language).scan("\n".join(units), offsets)
    starts = [o + s.start for u, o in zip(units, offsets.tolist()) for s in sentences(u, language)]
    expected = np.unique(np.searchsorted(scanned.starts, [*starts, *offsets.tolist()]))
    found = np.flatnonzero(scanned.sentences)
    assert found.tolist() == expected[expected < scanned.starts.size].tolist()


@settings(max_examples=tries(80, 2_000))
@given(TEXTS, st.lists(st.integers(1, 100), max_size=4), LANGUAGES)
def test_a_block_may_begin_anywhere(text: str, places: list[int], language: str) -> None:
    edges = sorted({0, *(place for place in places if place < len(text))})
    scanned = BulkTokenizer(language).scan(text, np.array(edges))
    blocks = [text[a:b] for a, b in pairwise([*edges, len(text)])]
    starts = [e + s.start for e, b in zip(edges, blocks) for s in sentences(b, language)]
    expected = np.unique(np.searchsorted(scanned.starts, [*starts, *edges]))
    found = np.flatnonzero(scanned.sentences)
    assert set(found.tolist()) >= set(expected[expected < scanned.starts.size].tolist())


def test_a_form_keeps_its_number_from_text_to_text() -> None:
    scanner, whole = BulkTokenizer("en"), np.zeros(1, np.int64)
    first = scanner.scan("pain relief, 25mg pain", whole).ids.tolist()
    again = scanner.scan("25mg relief", whole).ids.tolist()
    assert first[0] == first[4]
    assert again == [first[2], first[3], first[1]]
