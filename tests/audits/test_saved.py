"""Saved audits: what is kept, and what is told of the difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from indexer import build_index
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow

BEFORE = """# Drug

## Dose

Take 25 mg of the drug at night. Do not take the drug with alcohol.

## Risks

The drug may cause sleep. Talk to your doctor before you stop the drug.

The drug is white and round.
"""
TERMS = ("drug", "not", "may", "25", '"talk to your doctor"')


class Site:
    """A folder of articles, and its index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.kept = folder / "audit.json"

    def write(self, articles: Mapping[str, str]) -> None:
        """These articles and no others, indexed."""
        texts = self.folder / "texts"
        texts.mkdir(exist_ok=True)
        for path in texts.iterdir():
            path.unlink()
        for name, text in articles.items():
            (texts / f"{name}.md").write_text(text, encoding="utf-8")
        build_index(texts, self.index)

    def save(self, *terms: str) -> dict[str, Any]:
        """An audit of the terms, kept and read."""
        pilcrow("audit", *(terms or TERMS), "--save", self.kept, "--index", self.index)
        found = json.loads(self.kept.read_bytes())
        assert isinstance(found, dict)
        return found

    def compare(self, *arguments: str) -> dict[str, Any]:
        """The comparison with what was kept."""
        given = ("--compare", self.kept, "--index", self.index, "--format", "json")
        found = json.loads(pilcrow("audit", *arguments, *given).stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One article about a drug, whose audit is kept."""
    made = Site(tmp_path)
    made.write({"drug": BEFORE})
    made.save()
    return made


def told(found: Mapping[str, Any]) -> list[tuple[str, bool, Any, Any]]:
    """Kind, whether weakened, and both sentences of each change."""
    return [(c["kind"], c["weakened"], c["before"], c["after"]) for c in found["changes"]]


def test_saved_audit_holds_counts_and_lines(site: Site) -> None:
    found = site.save()
    assert found["format"] == "pilcrow audit"
    assert len(found["corpus_sha256"]) == len(found["terms_sha256"]) == 64
    totals = {term["term"]: term["total"] for term in found["terms"]}
    assert totals == {"drug": 5, "not": 1, "may": 1, "25": 1, '"talk to your doctor"': 1}
    for term in found["terms"]:
        assert len(term["lines"]) == term["total"] == sum(cell["count"] for cell in term["by"])
        ids = [line["id"] for line in term["lines"]]
        assert len(set(ids)) == len(ids)
        for line in term["lines"]:
            assert line["article"] == "drug"
            assert line["match"] in line["sentence"]
            assert "line" not in line


def test_nothing_changed_is_said(site: Site) -> None:
    found = site.compare()
    assert not found["changes"]
    assert {term["status"] for term in found["terms"]} == {"same"}
    assert found["before"]["corpus_sha256"] == found["after"]["corpus_sha256"]
    shown = pilcrow("audit", "--compare", site.kept, "--index", site.index).stdout.decode()
    assert "No sentence with a term was lost, changed or added." in shown


def test_lines_are_known_again_wherever_they_stand(site: Site) -> None:
    """Text above, another heading, other case and white space change no line."""
    text = BEFORE.replace("## Dose", "New words about nothing.\n\nMore.\n\n## Dosage")
    site.write({"drug": text.replace("Take 25 mg of the drug", "TAKE 25mg  of the drug")})
    assert not site.compare()["changes"]


@pytest.mark.parametrize(
    ("old", "new", "risk", "removed", "added"),
    [
        ("Do not take", "Do take", "negation", ["not"], []),
        ("may cause", "can't cause", "negation", [], ["can't"]),
        ("25 mg", "50 mg", "number", ["25"], ["50"]),
        ("25 mg", "25 g", "unit", ["mg"], ["g"]),
        ("may cause", "causes", "qualifier", ["may"], []),
    ],
)
def test_lost_qualifier_stands_first(
    site: Site, old: str, new: str, risk: str, removed: list[str], added: list[str]
) -> None:
    """Also before a sentence that is lost as a whole, and one that is new."""
    text = BEFORE.replace("The drug is white and round.", "A new drug was made here today.")
    site.write({"drug": text.replace(old, new)})
    first, *rest = site.compare()["changes"]
    assert old in first["before"]
    assert new in first["after"]
    assert {"risk": risk, "removed": removed, "added": added} in first["drift"]
    assert [change["kind"] for change in rest] == ["lost", "added"]
    if removed:
        assert first["weakened"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| Adults | 25 mg |", "| Adults | 250 mg |"),
        ("| Children | not above 5 mg |", "| Children | above 5 mg |"),
        ("- Do not take with alcohol", "- Do take with alcohol"),
    ],
)
def test_a_changed_row_or_item_stands_beside_what_it_was(site: Site, old: str, new: str) -> None:
    """Rows and items without full stops are sentences of their own."""
    text = (
        "# Drug\n\n| Age | Dose |\n|---|---|\n| Adults | 25 mg |\n| Children | not above 5 mg |\n\n"
    )
    text += "- Do not take with alcohol\n- Do not drive a car\n- Talk to your doctor\n"
    site.write({"drug": text})
    site.save("not", "mg")
    site.write({"drug": text.replace(old, new)})
    ((kind, weakened, *sides),) = told(site.compare())
    assert (kind, weakened) == ("changed", True)
    assert [side.split() for side in sides] == [
        one.strip("-|").replace("|", " ").split() for one in (old, new)
    ]


def test_qualifier_that_is_the_term_itself_is_found_gone(site: Site) -> None:
    """The sentence without it has no line any more, yet stands beside the lost one."""
    site.save("not")
    site.write({"drug": BEFORE.replace("Do not take", "Do take")})
    found = site.compare()
    assert told(found) == [
        ("changed", True, "Do not take the drug with alcohol.", "Do take the drug with alcohol.")
    ]
    assert found["changes"][0]["terms"] == [{"term": "not", "before": 1, "after": 0}]
    (term,) = found["terms"]
    assert (term["status"], term["lines_lost"], term["lines_added"]) == ("vanished", 1, 0)


def test_lost_warning_is_told_with_what_went(site: Site) -> None:
    warning = "Talk to your doctor before you stop the drug."
    site.write({"drug": BEFORE.replace(f" {warning}", "")})
    found = site.compare()
    assert told(found) == [("lost", False, warning, None)]
    (drift,) = found["changes"][0]["drift"]
    assert drift["risk"] == "qualifier"
    assert drift["removed"] == ["before", "stop"]
    lost = {t["term"]: t["lines_lost"] for t in found["terms"] if t["lines_lost"]}
    assert lost == {"drug": 1, '"talk to your doctor"': 1}


def test_new_sentences_come_last(site: Site) -> None:
    new = "The drug can be had in every shop."
    site.write({"drug": BEFORE.replace("Take 25 mg", f"{new} Take 20 mg")})
    kinds = [change["kind"] for change in site.compare()["changes"]]
    assert kinds == ["changed", "added"]


def test_sentence_that_stands_less_often_is_a_lost_line(site: Site) -> None:
    line = "The drug is white and round."
    site.write({"drug": BEFORE + f"\n{line}\n"})
    site.save()
    site.write({"drug": BEFORE})
    found = site.compare()
    assert [(c["kind"], c["before"]) for c in found["changes"]] == [("lost", line)]
    assert found["changes"][0]["terms"] == [{"term": "drug", "before": 2, "after": 1}]
    site.save()
    site.write({"drug": BEFORE + f"\n{line}\n"})
    (change,) = site.compare()["changes"]
    assert (change["kind"], change["after"]) == ("added", line)


def test_article_that_is_gone_and_one_that_took_its_words(site: Site) -> None:
    site.write({"new": BEFORE})
    found = site.compare()
    assert {change["kind"] for change in found["changes"]} == {"moved"}
    assert {(c["was_in"], c["article"]) for c in found["changes"]} == {("drug", "new")}
    site.write({"new": "# New\n\nNothing of it.\n"})
    assert {change["kind"] for change in site.compare()["changes"]} == {"lost"}


def test_terms_that_came_and_went_are_told_from_texts_that_changed(site: Site) -> None:
    found = site.compare("drug", "alcohol")
    status = {term["term"]: term["status"] for term in found["terms"]}
    assert status["alcohol"] == "listed"
    assert status["not"] == "unlisted"
    assert status["drug"] == "same"
    assert not found["changes"]


def test_other_way_of_counting_is_said(site: Site) -> None:
    found = site.compare(*TERMS, "--match", "case")
    assert any("stem" in note and "case" in note for note in found["notes"])


def test_forms_and_places_that_went_are_named(site: Site) -> None:
    site.write({"drug": BEFORE, "other": "# Other\n\nDrugs of all kinds.\n"})
    (drug,) = (term for term in site.compare()["terms"] if term["term"] == "drug")
    assert drug["forms_added"] == ["Drugs"]
    assert drug["places_added"] == [{"article": "other", "section": []}]
    assert drug["status"] == "changed"


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_comparison_fits_its_terminal(site: Site, columns: int) -> None:
    site.write({"drug": BEFORE.replace("Do not take", "Do take")})
    arguments = ("audit", "--compare", site.kept, "--index", site.index)
    _, shown = terminal.shown_here(*arguments, columns=columns)
    assert max(map(len, shown.splitlines())) <= columns
    assert "negation removed: “not”" in shown
    assert "Do [-not-] take" in shown
    assert "not 1 → 0" in shown


def test_comparison_as_a_page(site: Site) -> None:
    hostile = BEFORE.replace("white and round", "<script>alert(1)</script> white")
    site.write({"drug": hostile.replace("Do not take", "Do take")})
    arguments = ("audit", "--compare", site.kept, "--index", site.index, "--format", "html")
    made = pilcrow(*arguments).stdout.decode()
    assert made.startswith("<!DOCTYPE html>")
    assert "<script" not in made
    assert "alert(1)" in made
    assert '<del><span class="said">removed: </span>not</del>' in made
    assert made.index("Check first") < made.index('id="terms"')


def test_save_and_compare_together_roll_on(site: Site) -> None:
    site.write({"drug": BEFORE.replace("Do not take", "Do take")})
    arguments = ("audit", "--compare", site.kept, "--save", site.kept, "--index", site.index)
    assert b"negation removed" in pilcrow(*arguments).stdout
    assert not site.compare()["changes"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "not a saved audit"),
        (b'{"terms": []}', "not a saved audit"),
        (b'{"format": "pilcrow audit", "version": 9}', "version 9"),
        (b'{"format": "pilcrow audit", "version": 1}', "damaged"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_bad_files_get_one_clear_line(site: Site, content: bytes, said: str) -> None:
    site.kept.write_bytes(content)
    line = failure("audit", "--compare", site.kept, "--index", site.index)
    assert said in line
    assert str(site.kept) in line
    assert len(line) < 400


def test_damage_within_is_named(site: Site) -> None:
    found = site.save()
    found["terms"][0]["lines"][1]["ordinal"] = "two"
    site.kept.write_text(json.dumps(found), encoding="utf-8")
    line = failure("audit", "--compare", site.kept, "--index", site.index)
    assert "terms.0.lines.1.ordinal" in line


def test_what_can_not_be_compared_is_refused(site: Site) -> None:
    for form in ("csv", "xlsx"):
        arguments = ("audit", "--compare", site.kept, "--index", site.index, "--format", form)
        assert "json" in failure(*arguments, "--output", site.folder / "out")
    missing = ("--compare", site.folder / "none.json", "--index", site.index)
    assert "none.json" in failure("audit", *missing)
