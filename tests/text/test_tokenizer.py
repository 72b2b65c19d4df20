"""The tokeniser, folding, stems, sentences: tables of cases, and laws."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.text.folding import fold, fold_keep_case
from indexer.text.id_words import count_words, slugify, word_starts
from indexer.text.nltk_modules import nltk_module
from indexer.text.sentences import abbreviations, punkt_sentences, sentences
from indexer.text.stemming import stem
from indexer.text.tokenizer import compounds, normalise, tokenize, written_as_one
from indexer.text.word_lists import SENTENCE_STARTERS

TOKENS = [
    ("Do not take more than 25mg.", ["Do", "not", "take", "more", "than", "25", "mg"]),
    ("1,000 mg, 12,345.67 and 0.5", ["1,000", "mg", "12,345.67", "and", "0.5"]),
    (".5 mg is not 5 mg", [".5", "mg", "is", "not", "5", "mg"]),
    ("0,5 mg", ["0,5", "mg"]),
    ("types 1,2,3", ["types", "1", "2", "3"]),
    ("10-25 mg 1/2", ["10", "25", "mg", "1", "2"]),
    ("B12 5HT2A", ["B12", "5", "HT2A"]),
    ("anti-inflammatory", ["anti", "inflammatory"]),
    ("Elavil’s, Elavil's, patients'", ["Elavil’s", "Elavil's", "patients"]),
    ("don't we'll O'Brien l'eau d’abord", ["don't", "we'll", "O'Brien", "l", "eau", "d", "abord"]),
    ("__proto__ AT&T", ["proto", "AT", "T"]),
    ("rub\u00adbish one\u200bword", ["rub\u00adbish", "one", "word"]),
    ("cafe\u0301 ﬁnd Ｅlavil", ["cafe\u0301", "ﬁnd", "Ｅlavil"]),
    ("糖尿病 のむ", ["糖", "尿", "病", "の", "む"]),
    ("مرحبا بالعالم नमस्ते", ["مرحبا", "بالعالم", "नमस्ते"]),
    ("👩\u200d⚕️ 1️⃣ ok", ["1", "ok"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokenize(text).forms == expected


FOLDS = [
    ("Elavil’s", "elavil's"),
    ("CAFÉ", "cafe"),
    ("cafe\u0301", "cafe"),
    ("ﬁnd", "find"),
    ("Ｅlavil", "elavil"),
    ("rub\u00adbish", "rubbish"),
    ("1,000", "1000"),
    ("1,000,000", "1000000"),
    ("0,5", "0.5"),
    (".5", "0.5"),
    ("Straße", "strasse"),
    ("мой", "мой"),  # й is a letter of its own
    ("ещё", "еще"),
    ("が", "が"),  # a voiced kana is not its unvoiced neighbour
    ("İstanbul", "istanbul"),
    ("ṇ", "n"),
]


@pytest.mark.parametrize(("form", "expected"), FOLDS)
def test_folds(form: str, expected: str) -> None:
    assert fold(form) == expected


def test_a_fold_can_keep_its_case() -> None:
    assert fold_keep_case("CAFÉ’s") == "CAFE's"


STEMS = [
    ("running", "runs", "en"),
    ("tapering", "tapered", "en"),
    ("elavil's", "elavil", "en"),
    ("douleurs", "douleur", "fr"),
    ("schmerzen", "schmerz", "de"),
]


@pytest.mark.parametrize(("one", "other", "language"), STEMS)
def test_forms_of_a_word_share_its_stem(one: str, other: str, language: str) -> None:
    assert stem(one, language) == stem(other, language)


@given(
    st.from_regex(
        r"[a-z]{1,6}[aeiouy]?[a-z](al|ful|ic|er|or|ant|ent|ion|ism|ed|ing|ly|s)?", fullmatch=True
    )
)
def test_a_stem_is_snowballs(word: str) -> None:
    stemmer = nltk_module("nltk.stem.snowball").SnowballStemmer("english")
    assert stem(word, "en") == (stemmer.stem(word) or word)


@pytest.mark.parametrize(
    ("one", "other"), [("not", "note"), ("not", "notes"), ("5", "25"), ("b12", "b1")]
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one, "en") != stem(other, "en")


def test_words_with_digits_and_unknown_languages_keep_their_form() -> None:
    assert stem("5ht2as", "en") == "5ht2as"
    assert stem("tapering", "xx") == "tapering"


def test_compounds_are_hyphenated_words_that_begin_with_a_letter() -> None:
    found = compounds("anti-inflammatory, B-12; state-of-the-art; 10-25 mg; a-b-c-d-e; x - y")
    assert found == {("anti", "inflammatory"), ("b", "12"), ("state", "of", "the", "art")}


SENTENCES = [
    ("Take 5 mg. Do not stop.", ["Take 5 mg.", "Do not stop."]),
    ("Take 5 mg daily. Stop.", ["Take 5 mg daily.", "Stop."]),
    ("Dr. Smith vs. Dr. Jones agreed.", ["Dr. Smith vs. Dr. Jones agreed."]),
    ("See Smith et al. for e.g. Elavil.", ["See Smith et al. for e.g. Elavil."]),
    ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
    ("Really?! Yes.", ["Really?!", "Yes."]),
    ("Use 0.5 mg. A 2.5 mg dose is too much.", ["Use 0.5 mg.", "A 2.5 mg dose is too much."]),
    ("これは薬です。飲まないで！", ["これは薬です。", "飲まないで！"]),
    ("  padded.  Twice.  ", ["padded.", "Twice."]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [s.of(text) for s in sentences(text)] == expected


PIECES = st.sampled_from(
    ["Dr", "mg", "et al", "e.g", "A", "B", "12", "3.5", "word", "Word", "Über", "x-ray", "don't",
     ".", "..", "...", "?", "!", "!?", ",", ";", '"', "'", "”", "“", "(", ")", "]", "-", "--",
     " ", " ", " ", " ", "  ", "\n", "\t", "\u00a0", "\x1c", "\x1f", "\x85", "\u3000",
     "The", "the", "Mr", "No", "²", "½"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_sentences_are_those_of_punkt(text: str) -> None:
    """What spares most of Punkt's work must not change a single one of its answers."""
    stripped = text.strip()
    punkt = nltk_module("nltk.tokenize.punkt")
    parameters = punkt.PunktParameters()
    parameters.abbrev_types = set(abbreviations("en"))
    parameters.sent_starters = set(SENTENCE_STARTERS["en"])
    plain = punkt.PunktSentenceTokenizer(parameters)
    expected = [(a, b) for a, b in plain.span_tokenize(stripped) if a < b]
    assert [(s.start, s.end) for s in punkt_sentences(stripped, "en")] == expected


@given(st.text())
def test_tokens_slice_to_their_forms(text: str) -> None:
    forms, starts = tokenize(text)
    assert all(text[s : s + len(f)] == f for f, s in zip(forms, starts))
    assert starts == sorted(starts)
    assert count_words(text) == len(word_starts(text))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    for form in tokenize(text).forms:
        assert fold(fold(form)) == fold(form)
        assert fold(form) == fold(fold_keep_case(form))


@given(st.text(alphabet="ab é\u0301-'0.5,\n糖“”Ａ"))
def test_ascii_and_unicode_patterns_agree(text: str) -> None:
    plain = "".join(c for c in text if c.isascii())
    shifted = tokenize(plain + " é").forms
    assert tokenize(plain).forms == shifted[:-1]


def test_normal_form_ignores_layout_and_case() -> None:
    assert normalise("Take  25mg,\nNOT 5.") == normalise("take 25 mg not 5")


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Possible Side-Effects!", "possible-side-effects"), ("—", "section"), ("Über É", "uber-e")],
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_word_of_many_parts_is_looked_for_among_signs_in_time_that_grows_with_it() -> None:
    began = time.process_time()
    assert written_as_one("-".join("a" * 5_000)) == []
    assert [sign for _, _, sign in written_as_one("x-m/s")] == [fold("㎧")]
    assert time.process_time() - began < 2  # with the square of its parts: 12 s
