"""The tokeniser for bulk gives what the tokeniser gives: tokens, hyphenated words, sentences."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.text.bulk_sentences import Scanner
from indexer.text.tokenizer import compounds, fold, sentences, tokenize

PIECES = st.sampled_from(
    ["Dr", "mg", "et al", "e.g", "A", "12", "3.5", ".5", "1,000", "B12", "25mg", "word", "Word",
     "Über", "x-ray", "anti-inflammatory", "don't", "O'Neill", "averyveryverylongwordindeed",
     "糖尿病", "。", ".", "..", "?", "!", "!?", ",", ";", '"', "'", "”", "“", "(", ")", "]", "-",
     "--", " ", " ", " ", " ", " ", "  ", "\t", "\u00a0", "\x0b", "The", "the", "Mr", "1990",
     "«", "»", ":", "@", "*", "\u00ad", "\u200b", "cafe\u0301"]
)  # fmt: skip
UNITS = st.lists(st.lists(PIECES, max_size=25).map("".join), min_size=1, max_size=8)


@given(UNITS)
def test_scanning_is_tokenising(units: list[str]) -> None:
    text = "\n".join(units)
    scanner = Scanner("en")
    scanned = scanner.scan(text)
    forms = list(scanner.forms)
    expected = tokenize(text)
    assert [forms[i] for i in scanned.ids.tolist()] == expected.forms
    assert scanned.starts.tolist() == expected.starts
    scanner.hyphens.add(scanned)
    runs = scanner.hyphens.take()
    assert {tuple(fold(forms[i]) for i in run) for run in runs} == compounds(text)
    scanner.hyphens.add(scanned)
    assert not scanner.hyphens.take()


@given(UNITS)
def test_sentences_are_those_of_each_block(units: list[str]) -> None:
    scanner = Scanner("en")
    scanned = scanner.scan("\n".join(units))
    offsets = np.cumsum([0, *(len(u) + 1 for u in units)])[:-1]
    starts = [o + s.start for u, o in zip(units, offsets.tolist()) for s in sentences(u)]
    expected = np.unique(np.searchsorted(scanned.starts, [*starts, *offsets.tolist()]))
    found = scanner.sentence_starts(scanned, offsets)
    assert found.tolist() == expected[expected < scanned.starts.size].tolist()


def test_a_form_keeps_its_number_from_text_to_text() -> None:
    scanner = Scanner("en")
    first = scanner.scan("pain relief, 25mg pain").ids.tolist()
    again = scanner.scan("25mg relief").ids.tolist()
    assert first[0] == first[4]
    assert again == [first[2], first[3], first[1]]
