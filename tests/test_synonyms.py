"""Files of synonyms: rules, folding, one way and both; lines that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.text.synonyms import Synonyms, read_synonyms


def read(tmp_path: Path, text: str) -> Synonyms:
    path = tmp_path / "synonyms.txt"
    path.write_text(text, encoding="utf-8")
    return read_synonyms(path)


def itself(word: str) -> set[str]:
    return {word}


def test_terms_of_a_line_find_each_other(tmp_path: Path) -> None:
    found = read(tmp_path, "# brand and generic\n\nElavil, amitriptyline, Amitriptylín HCl\n")
    assert found.of(("elavil",), itself) == [("amitriptyline",), ("amitriptylin", "hcl")]
    assert found.of(("amitriptylin", "hcl"), itself) == [("elavil",), ("amitriptyline",)]
    assert found.longest == 2


def test_an_arrow_points_one_way(tmp_path: Path) -> None:
    found = read(tmp_path, "mi => heart attack, myocardial infarction")
    assert found.of(("mi",), itself) == [("heart", "attack"), ("myocardial", "infarction")]
    assert found.of(("heart", "attack"), itself) == []


def test_forms_of_a_term_count_where_stems_do(tmp_path: Path) -> None:
    found = read(tmp_path, "pill, tablet")
    assert found.of(("pills",), lambda w: {w.rstrip("s")}) == [("tablet",)]
    assert found.of(("pills",), itself) == []


def test_terms_that_are_nearly_typed(tmp_path: Path) -> None:
    found = read(tmp_path, "elavil, amitriptyline")
    assert found.near(("elavli",), 1) == [("elavil",), ("amitriptyline",)]
    assert found.near(("other",), 1) == []


def test_micrograms_are_synonyms_not_folds(tmp_path: Path) -> None:
    found = read(tmp_path, "µg, mcg")
    assert found.of(("μg",), itself) == [("mcg",)]


@pytest.mark.parametrize(
    ("text", "line"), [("elavil", 1), ("a, b\n=> c", 2), ("a =>", 1), ("\n\n—, !", 3)]
)
def test_a_line_that_names_too_little_is_refused(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(UsageError, match=rf"synonyms.txt:{line}: needs two terms"):
        read(tmp_path, text)


def test_a_file_that_can_not_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_synonyms(tmp_path / "none")
    (tmp_path / "latin").write_bytes(b"caf\xe9, x")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_synonyms(tmp_path / "latin")
