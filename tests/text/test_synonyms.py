"""Files of synonyms: rules, folding, one way and both; lines that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.settings import read_file
from indexer.text.synonyms import Synonyms, read_synonyms


def read(text: str) -> Synonyms:
    return read_synonyms(text.encode(), "synonyms.txt")


def itself(word: str) -> set[str]:
    return {word}


def test_terms_of_a_line_find_each_other() -> None:
    found = read("# brand and generic\n\nElavil, amitriptyline, Amitriptylín HCl\n")
    assert found.of(("elavil",), itself) == [("amitriptyline",), ("amitriptylin", "hcl")]
    assert found.of(("amitriptylin", "hcl"), itself) == [("elavil",), ("amitriptyline",)]
    assert found.longest == 2


def test_an_arrow_points_one_way() -> None:
    found = read("mi => heart attack, myocardial infarction")
    assert found.of(("mi",), itself) == [("heart", "attack"), ("myocardial", "infarction")]
    assert found.of(("heart", "attack"), itself) == []


def test_forms_of_a_term_count_where_stems_do() -> None:
    found = read("pill, tablet")
    assert found.of(("pills",), lambda w: {w.rstrip("s")}) == [("tablet",)]
    assert found.of(("pills",), itself) == []


def test_terms_that_are_nearly_typed() -> None:
    found = read("elavil, amitriptyline")
    assert found.near(("elavli",), 1) == [("elavil",), ("amitriptyline",)]
    assert found.near(("other",), 1) == []


def test_micrograms_are_synonyms_not_folds() -> None:
    found = read("µg, mcg")
    assert found.of(("μg",), itself) == [("mcg",)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("elavil", 1),
        ("a, b\n=> c", 2),
        ("a =>", 1),
        ("\n\n—, !", 3),
        ("a => b => c", 1),
        ("# a\r\rcode\u2028line, b\r\na, %, b", 4),
    ],
)
def test_a_line_that_names_too_little_is_refused(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=rf"synonyms.txt:{line}: needs two terms"):
        read(text)


def test_signs_within_terms_are_no_signs_of_the_format() -> None:
    text = "tylenol #3, codeine and paracetamol # a brand\n # c, d\nc\\, d \\=> e, f,, #1 \\# g\n"
    assert set(read(text).rules) == {
        ("tylenol", "3"),
        ("codeine", "and", "paracetamol"),
        ("c", "d", "e"),
        ("f",),
        ("1", "g"),
    }


def test_a_file_that_can_not_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none: no such file.*; name a file of synonyms"):
        read_file(tmp_path / "none", "a file of synonyms")
    with pytest.raises(UsageError, match="latin: is not UTF-8"):
        read_synonyms(b"caf\xe9, x", "latin")
