"""Languages of articles and passages: a text of 60 words in each of 55, and what is short."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.text.language import identify, passage_language

SAMPLES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent.parent / "data/languages.tsv")
    .read_text("utf-8")
    .splitlines()
]
ALIKE = ({"no", "da", "nn"}, {"hr", "bs", "sr"}, {"id", "ms"})
ENGLISH = next(text for code, text in SAMPLES if code == "en")


@pytest.mark.parametrize(("code", "text"), SAMPLES)
def test_a_text_is_told_in_its_language(code: str, text: str) -> None:
    found = identify(text, "??")
    doubtful = found == "" and code == "hi"  # Marathi and Nepali have much of it
    assert found == code or doubtful or any({code, found} <= some for some in ALIKE)


@pytest.mark.parametrize(("code", "text"), SAMPLES)
def test_a_passage_is_in_the_language_of_its_article(code: str, text: str) -> None:
    assert passage_language(text, code) == ""


@pytest.mark.parametrize(
    ("code", "text"), [one for one in SAMPLES if one[0] in ("fr", "de", "pl", "ru", "el", "tr")]
)
def test_a_passage_in_another_language_than_its_article_is_told(code: str, text: str) -> None:
    assert passage_language(text, "en") == code
    assert passage_language(ENGLISH, code) == "en"


@pytest.mark.parametrize("code", ["en", "es", "it", "pl", "nl", "sv", "fr"])
@pytest.mark.parametrize("other", ["ja", "ru", "ar"])
def test_a_passage_in_another_script_does_not_decide(code: str, other: str) -> None:
    texts = {one[0]: one[1] for one in SAMPLES}
    assert identify(f"{texts[code]}\n" * 3 + texts[other], "en") == code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nehmen Sie die Tabletten nicht ohne Rat Ihres Arztes ein.", "xx"),  # below 20 words
        ("Elavil 25 mg", "xx"),
        ("", "xx"),
        ("Πάρτε το φάρμακο", "el"),  # a script that one language is written in
        ("薬を飲む", "ja"),
        ("SSRIやSNRIを飲む", "ja"),
        ("약을 드세요", "ko"),
        ("服用本药", "zh"),
        ("รับประทานยา", "th"),
        ("קח את התרופה", "he"),
        ("Примите лекарство", "xx"),  # one that many are
    ],
)
def test_a_short_text_is_told_by_its_script_alone(text: str, language: str) -> None:
    assert identify(text, "xx") == language


def test_what_is_in_no_language_for_certain_has_none() -> None:
    assert identify("zlorp blivet quux frobnitz wugga " * 6, "en") == ""


def test_short_passages_and_lists_of_names_are_in_the_language_of_their_article() -> None:
    assert passage_language("Nehmen Sie die Tabletten nicht ohne Rat Ihres Arztes ein.", "en") == ""
    names = "amitriptyline nortriptyline imipramine clomipramine doxepin trimipramine " * 5
    assert passage_language(names, "en") == ""
