"""`pilcrow audit` and its siblings on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from indexer import Index, build_index
from tests.helpers import terminal
from tests.helpers.command_line import ARTICLE, failure, pilcrow

TERMS = ('"pain threshold"', "elavil", "zeppelin", "not")


def audited(index: Path, *arguments: str | Path) -> dict[str, Any]:
    """An audit as JSON."""
    done = pilcrow("audit", *arguments, "--index", index, "--format", "json")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """An index of two articles."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.md").write_text(
        "# First drug\n\n## Dose\n\nTake 25 mg daily. Do not take 50 mg.\n\n"
        "## Risks\n\nIt may cause sleep.\n",
        encoding="utf-8",
    )
    (folder / "b.md").write_text("# Second drug\n\nTake it daily, daily.\n", encoding="utf-8")
    build_index(folder, tmp_path / "index")
    return tmp_path / "index"


def test_text_below_no_heading_is_told_where_sections_are_counted(two: Path) -> None:
    told = pilcrow("audit", "sleep", "--by", "section", "--index", two).stdout.decode()
    below_none = "(the text of an article that is below no heading counts as one)"
    assert "1 of 2 sections" in told
    assert f"missing  from 2 of 3 sections {below_none}:" in told
    told = pilcrow("audit", "sleep", "--by", "article", "--index", two).stdout.decode()
    assert "missing  from 1 of 2 articles:" in told
    narrowed = pilcrow("audit", "cause", "--by", "section", "--article", "a", "--index", two)
    assert "missing  from 1 of 2 sections:" in narrowed.stdout.decode()


def test_json_keeps_its_promises(corpus_index: Path, index: Index) -> None:
    found = audited(corpus_index, *TERMS, "--by", "section")
    assert found["words"] == index.totals.words
    assert [term["term"] for term in found["terms"]] == list(TERMS)
    for term in found["terms"]:
        total = index.concordance(term["term"]).total
        assert term["total"] == total == sum(cell["count"] for cell in term["by"])
        assert term["total"] == sum(term["forms"].values())
        assert term["per_1000"] == pytest.approx(total / found["words"] * 1000, abs=1e-6)
        assert term["passages"] == index.count(term["term"])
        assert {"articles", "headings"} <= term.keys()
        assert len(term["by"]) == found["sections"] == 7
        assert sum(cell["words"] for cell in term["by"]) == found["words"]
        for cell in term["by"]:
            assert {"article", "section", "count", "words"} <= cell.keys()
            assert cell["article"] == ARTICLE.stem
            assert isinstance(cell["section"], list)


def test_places_that_hold_nothing_are_kept(two: Path) -> None:
    found = audited(two, "daily", "50", "zeppelin")
    cells = {t["term"]: [(c["article"], c["count"]) for c in t["by"]] for t in found["terms"]}
    assert cells == {
        "daily": [("a", 1), ("b", 2)],
        "50": [("a", 1), ("b", 0)],
        "zeppelin": [("a", 0), ("b", 0)],
    }
    lacking = {t["term"]: [place["article"] for place in t["lacking"]] for t in found["terms"]}
    assert lacking == {"daily": [], "50": ["b"], "zeppelin": ["a", "b"]}


def test_only_the_articles_named_are_counted(two: Path) -> None:
    found = audited(two, "daily", "--article", "b")
    (term,) = found["terms"]
    assert (term["total"], found["articles"], found["words"]) == (2, 1, 4)
    assert "no article has the id 'c'" in failure(
        "audit", "daily", "--article", "c", "--index", two
    )


def test_match_narrows(two: Path) -> None:
    totals = [
        audited(two, "take", "taking", "--match", match)["terms"][1]["total"]
        for match in ("stem", "word")
    ]
    assert totals == [3, 0]


def test_term_lists_give_groups(two: Path, tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text("term,group\ndaily,dose\n25,dose\nmay,hedges\n", encoding="utf-8")
    found = audited(two, "--terms", path)
    assert [(g["group"], g["total"]) for g in found["groups"]] == [("dose", 4), ("hedges", 1)]
    found = audited(two, "--terms", path, "--group", "hedges")
    assert [term["term"] for term in found["terms"]] == ["may"]
    found = audited(two, "sleep", "--terms", path)
    assert [term["term"] for term in found["terms"]] == ["daily", "25", "may", "sleep"]


def test_csv_has_a_row_over_all_and_a_row_a_place(two: Path) -> None:
    done = pilcrow("audit", "daily", "50", "--index", two, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    told = [(r["term"], r["scope"], r["article"], r["count"], r["words"]) for r in rows]
    assert told == [
        ("daily", "all", "", "3", "17"),
        ("daily", "article", "a", "1", "13"),
        ("daily", "article", "b", "2", "4"),
        ("50", "all", "", "1", "17"),
        ("50", "article", "a", "1", "13"),
        ("50", "article", "b", "0", "4"),
    ]
    assert rows[2]["per_1000"] == "500.0"
    assert all(float(row["low"]) <= float(row["per_1000"]) for row in rows if row["low"])


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_text_fits_its_terminal(corpus_index: Path, columns: int) -> None:
    arguments = ("audit", *TERMS, "--by", "section", "--index", corpus_index)
    _, shown = terminal.shown_here(*arguments, columns=columns)
    assert max(map(cell_len, shown.splitlines())) <= columns
    flat = " ".join(shown.split())
    assert "1 article, 7 sections, 16 passages, 941 words" in flat
    assert "22 occurrences, 23.38 per 1,000 words (95%: 15.49 to 35.15)" in flat
    assert "in 14 of 16 passages, 6 of 7 sections, 1 of 1 article, plus 7 in headings" in flat
    assert "Elavil 17 · Elavil's 3 · Elavil’s 2" in flat
    assert "not found (1 of 4 terms): zeppelin" in flat
    assert "missing from 1 of 7 sections, 1 of which has it only in headings:" in flat


def test_text_draws_where_a_term_stands(two: Path) -> None:
    shown = pilcrow("audit", "daily", "--index", two).stdout.decode()
    bars = [line.split() for line in shown.splitlines() if "·" in line and "drug" in line]
    assert [(words[-3], words[-2:]) for words in bars] == [
        ("1", ["First", "drug"]),
        ("2", ["Second", "drug"]),
    ]
    first, second = (next(word for word in words if "·" in word) for words in bars)
    assert (sum(c != "·" for c in first), sum(c != "·" for c in second)) == (1, 2)
    assert 0.2 < next(at for at, c in enumerate(first) if c != "·") / len(first) < 0.35


def test_bare_words_are_told_from_a_phrase(corpus_index: Path) -> None:
    for term, hinted in (("pain threshold", True), ('"pain threshold"', False), ("pain", False)):
        done = pilcrow("audit", term, "--index", corpus_index)
        assert (b"to count the phrase" in done.stderr) == hinted


@pytest.mark.parametrize("form", ["text", "json", "csv", "html", "xlsx"])
def test_output_goes_to_a_file(two: Path, tmp_path: Path, form: str) -> None:
    output = tmp_path / "made"
    done = pilcrow("audit", "daily", "--index", two, "--format", form, "--output", output)
    assert not done.stdout
    begin = {
        "text": b"2 articles",
        "json": b"{",
        "csv": "\ufeffterm,".encode(),
        "html": b"<!DOCTYPE html>",
    }
    assert output.read_bytes().startswith(begin.get(form, b"PK"))


def test_xlsx_needs_a_file(two: Path) -> None:
    assert "--output" in failure("audit", "daily", "--index", two, "--format", "xlsx")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", "# nothing\n\n", "there is no term"),
        ("broken.csv", 'term,group\n"daily,dose\n', "broken CSV"),
        ("long.csv", "term,group\na,b,c,d\n", "cells"),
        ("broken.yml", "families: [", "broken YAML"),
        ("role.yml", "families:\n  drug:\n    nickname: x\n", "unknown key 'nickname'"),
        ("binary.txt", "a\0b", "is not text"),
        ("huge.txt", "pain " * 200_000, "characters"),
    ],
)
def test_bad_lists_get_one_clear_line(
    two: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    line = failure("audit", "--terms", path, "--index", two)
    assert said in line
    assert name in line
    assert len(line) < 400


def test_bad_arguments_get_one_clear_line(two: Path, tmp_path: Path) -> None:
    assert "there is no term" in failure("audit", "--index", two)
    assert "empty term" in failure("audit", "  ", "--index", two)
    assert "characters" in failure("audit", "x" * 1_000_000, "--index", two)
    path = tmp_path / "terms.yml"
    path.write_text("drugs: [daily]\n", encoding="utf-8")
    line = failure("audit", "--terms", path, "--family", "statins", "--index", two)
    assert "'statins'" in line
    assert "drugs" in line
    assert "missing.txt" in failure("audit", "--terms", tmp_path / "missing.txt", "--index", two)
    assert failure("audit", "daily", "--by", "chapter", "--index", two)
    assert failure("audit", "daily", "--index", tmp_path / "nowhere")


# --- its siblings ------------------------------------------------------------------------------


SIBLINGS = (
    ("collocates", "pain"),
    ("clusters", "pain"),
    ("clusters",),
    ("duplicates", "--threshold", "0.33"),
    ("readability",),
)


@pytest.mark.parametrize("arguments", SIBLINGS)
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_tables_fit_their_terminal(
    corpus_index: Path, arguments: tuple[str, ...], columns: int
) -> None:
    _, shown = terminal.shown_here(*arguments, "--index", corpus_index, columns=columns)
    assert max(map(cell_len, shown.splitlines())) <= columns


@pytest.mark.parametrize("arguments", SIBLINGS)
def test_siblings_are_told_as_csv_and_json(corpus_index: Path, arguments: tuple[str, ...]) -> None:
    done = pilcrow(*arguments, "--index", corpus_index, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    found = json.loads(pilcrow(*arguments, "--index", corpus_index, "--format", "json").stdout)
    if arguments[0] == "duplicates":
        listed = [copy for group in found["groups"] for copy in group["copies"]]
    elif arguments[0] == "readability":
        listed = found["readings"]
    else:
        listed = found[arguments[0]]
    assert len(rows) == len(listed) > 0
    assert None not in rows[0]


def test_collocates_are_those_of_the_library(corpus_index: Path, index: Index) -> None:
    arguments = ("collocates", "elavil", "--left", "2", "--right", "3", "--measure", "g2")
    done = pilcrow(*arguments, "--index", corpus_index, "--format", "json")
    found = json.loads(done.stdout)
    expected = index.collocates("elavil", left=2, right=3, measure="g2", limit=50)
    assert [(row["word"], row["count"]) for row in found["collocates"]] == [
        (row.word, row.count) for row in expected.rows
    ]
    assert (found["nodes"], found["total"]) == (expected.nodes, expected.total)
    assert "window 0, 0" in failure(
        "collocates", "elavil", "--left", "0", "--right", "0", "--index", corpus_index
    )


def test_duplicates_show_the_definition_that_stands_twice(corpus_index: Path) -> None:
    shown = pilcrow("duplicates", "--threshold", "0.33", "--index", corpus_index).stdout.decode()
    assert "known generically as amitriptyline" in shown
    assert "[-used to treat-] {+prescribed for+}" in shown
    assert shown.endswith("1 group\n")


def test_duplicates_that_drift_are_told(tmp_path: Path) -> None:
    text = "Do not take more than 25 mg of this drug in any one day without advice."
    for name, said in (("a", text), ("b", text.replace("25", "50"))):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{said}\n", encoding="utf-8")
    build_index(tmp_path, tmp_path / "index")
    shown = pilcrow("duplicates", "--index", tmp_path / "index").stdout.decode()
    assert "they differ in a number" in shown
    assert "number: 25 → 50" in shown


def test_keywords_compare_an_article_with_the_rest(two: Path, corpus_index: Path) -> None:
    arguments = ("keywords", "--article", "b", "--least", "1", "--index", two)
    rows = json.loads(pilcrow(*arguments, "--format", "json").stdout)["keywords"]
    told = {row["word"]: (row["count"], row["reference_count"]) for row in rows}
    assert told["daily"] == (2, 1)
    against = ("keywords", "--against", corpus_index, "--least", "1", "--index", two)
    found = json.loads(pilcrow(*against, "--format", "json").stdout)
    assert (found["words"], found["reference_words"]) == (17, 941)
    assert "few" in pilcrow(*arguments).stdout.decode()
    assert "--article" in failure("keywords", "--index", two)


def test_readability_is_that_of_the_library(corpus_index: Path, index: Index) -> None:
    done = pilcrow("readability", "--index", corpus_index, "--format", "json")
    told = json.loads(done.stdout)["readings"]
    (article,) = (one for one in told if one["section"] is None)
    expected = index.readability().articles[0]
    assert expected.flesch is not None
    assert article["flesch"] == round(expected.flesch, 3)
    assert article["words"] == expected.words == index.totals.words
