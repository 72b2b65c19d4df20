"""Words and figures that typesetting divided, in text taken out of PDFs."""

from __future__ import annotations

import pytest

from indexer.parsing.plain_text.divided_words import join_divided_words
from tests.helpers.articles import read, texts


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("W ARNING: see Warning", "WARNING: see Warning"),
        ("2 D OSAGE AND U SAGE\nThe dosage and usage", "2 DOSAGE AND USAGE\nThe dosage and usage"),
        ("D O S A G E\n\nThe dosage", "DOSAGE\n\nThe dosage"),
        ("\nT\nhe dose is the least", "\nThe dose is the least"),
        ("End.\n\nA\nspirin is aspirin", "End.\n\nAspirin is aspirin"),
        ("x 10\n9\n/L", "x 10⁹/L"),
        ("1.5 × 10\n-3\n mg", "1.5 × 10⁻³ mg"),
        ("1.5 × 10\n-3\nNot more.", "1.5 × 10⁻³\nNot more."),
        ("75 mg/m\n2\n on day 1", "75 mg/m² on day 1"),
        ("\n\nDo not leave \n\n3.\nthem out.", "\n\n3. Do not leave\nthem out."),
        ("a\n------DRUG USE (<5)-------\nb", "a\n\nDRUG USE (<5)\n\nb"),
        ("______ DOSE ______\nb", "\nDOSE\n\nb"),
    ],
)
def test_what_is_divided_is_whole(text: str, whole: str) -> None:
    assert join_divided_words(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        "W ARNING",  # the word stands nowhere else
        "HEPATITIS B VIRUS, the virus",
        "VITAMIN A LONE, alone and lone",
        "A B C D: the ABCD rule",
        "Vitamin\nC\nlose, close",
        "End.\n\nA\nway and away, no way",
        "2 x 10\n12\ntablets",
        "\n\nWash them.\n\n3.\ndry them",
        "5 mg/m\n2\nTablets",
        "-----BEGIN PGP MESSAGE-----",
        "-------- Original Message --------",
        "------A------   ------B------",
    ],
)
def test_what_may_not_be_one_word_stays(text: str) -> None:
    assert join_divided_words(text) == text


@pytest.mark.parametrize(
    "lines",
    [
        "It is no antagonist of 5-\nHT3 receptors.",
        "Clearance was 3.2 L/h (95% CI\n2.1, 4.3) in men.",
        "The dose is 5 mg. Do not exceed\n20\nmg in a day.",
        "The level is 5\nµg/mL. A rate <\n10 % and ≥\n20 mg is no harm. Do not\nstop.",
    ],
)
def test_a_line_that_ends_within_a_figure_goes_on(lines: str) -> None:
    article = read(f"Tabulin\n\n{lines}\n\nIt is taken with water.\n", "txt")
    assert texts(article, "paragraph")[0] == lines


def test_a_heading_whose_last_word_stands_below_is_whole() -> None:
    lines = (
        "4.4\nSpecial warnings and precautions for\nuse\nIt is not for patients with gout.\n"
        "4.6 Fertility, pregnancy and\nlactation\nIt is not known.\n"
        "4.7\nDriving\nDo not drive.\n"
    )
    assert texts(read(f"Tabulin\n{lines}", "txt"), "heading") == [
        "4.4\nSpecial warnings and precautions for\nuse",
        "4.6 Fertility, pregnancy and\nlactation",
        "4.7\nDriving",
    ]


def test_rows_of_a_table_stay_apart() -> None:
    article = read("Tabulin\n\nby\twith and\nfood\tnot\nmilk\tnot and\nwater\t5 mg\n", "txt")
    assert len(texts(article, "table_row")) == 4


def test_letters_alone_on_a_line_belong_to_the_items_below() -> None:
    article = read("Tabulin\n\na)\nDo not stop.\nb)\nDo not drive.\n", "txt")
    assert texts(article, "list_item") == ["a)\nDo not stop.", "b)\nDo not drive."]
