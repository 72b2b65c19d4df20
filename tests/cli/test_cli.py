"""Searching and concordances on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import terminal
from tests.helpers.command_line import ARTICLE, failure, pilcrow, started
from tests.helpers.sites import serving as serving_in_process


def search(index: Path, *arguments: str) -> dict[str, Any]:
    """The answer of a search as JSON."""
    done = pilcrow("search", *arguments, "--index", index, "--format", "json")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_search_prints_place_words_and_link(corpus_index: Path) -> None:
    done = pilcrow("search", "tapering", "--index", corpus_index)
    text = done.stdout.decode()
    assert "Possible Side Effects and Considerations of Using Elavil" in text
    assert "Gradually tapering off the drug" in text
    assert re.search(r"^ +/p/[0-9a-f]{16}$", text, re.MULTILINE)
    assert text.endswith("\n1 passage\n")
    assert "\x1b" not in text
    assert not done.stderr


def test_search_on_a_terminal_marks_in_colour_and_fits(corpus_index: Path) -> None:
    shown = terminal.show("search", "tapering", "--index", corpus_index, columns=60)
    assert re.search(r"\x1b\[[0-9;]+mtapering\x1b\[0m", shown)
    assert all(len(line) <= 60 for line in terminal.plain(shown).splitlines())


def test_search_as_json_keeps_its_promises(corpus_index: Path) -> None:
    found = search(corpus_index, "tapering")
    assert {"query", "total", "relaxed", "notes", "hits", "facets"} <= found.keys()
    (hit,) = found["hits"]
    assert set(hit) == {
        *("id", "article", "section", "kind", "ordinal", "score", "text", "marks", "link"),
        *("section_marks", "title_marks", "found_in", "why"),
    }
    (mark,) = hit["marks"]
    assert hit["text"][mark["start"] : mark["end"]] == "tapering"
    assert mark["reason"] in ("exact", "stem")


def test_search_as_csv_has_a_head_and_a_row_a_hit(corpus_index: Path) -> None:
    done = pilcrow("search", "pain", "--limit", "4", "--format", "csv", "--index", corpus_index)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    assert len(rows) == 4
    assert all("pain" in row["text"].lower() for row in rows)


@pytest.mark.parametrize(
    "words",
    [
        ("-pain", "--limit", "3"),
        ("--limit", "3", "-pain"),
        ("--limit=3", "--", "-pain"),
        ("-pain", "--limit", "3", "--match", "stem"),
    ],
)
def test_query_may_begin_with_a_dash(corpus_index: Path, words: tuple[str, ...]) -> None:
    found = search(corpus_index, *words) if "--" not in words else None
    if found is None:
        first = ("search", "--index", str(corpus_index), "--format", "json")
        found = json.loads(pilcrow(*first, *words).stdout)
    hits = found["hits"]
    assert isinstance(hits, list)
    assert len(hits) == 3
    assert all(not re.search(r"\bpains?\b", hit["text"], re.IGNORECASE) for hit in hits)


def test_several_words_need_no_quotes_around_them(corpus_index: Path) -> None:
    together = search(corpus_index, "chronic pain")
    apart = search(corpus_index, "chronic", "pain")
    assert together == apart
    without = search(corpus_index, "chronic", "-pain")
    assert without["total"] < together["total"]


def test_pages_join_to_the_whole(corpus_index: Path) -> None:
    whole = search(corpus_index, "pain", "--limit", "100")
    pages = [search(corpus_index, "pain", "--limit", "5", "--offset", str(n)) for n in (0, 5, 10)]
    assert [hit for page in pages for hit in page["hits"]] == whole["hits"][:15]
    assert {page["total"] for page in pages} == {whole["total"]}
    text = pilcrow("search", "pain", "--limit", "5", "--index", corpus_index).stdout.decode()
    assert text.endswith(f"\n5 of {whole['total']} passages; --offset 5 shows more\n")


def test_filters_narrow(corpus_index: Path) -> None:
    every = search(corpus_index, "elavil", "--limit", "100")["total"]
    for narrowed in (
        ("--section", "side effects"),
        ("--kind", "list_item"),
        ("--match", "case"),
        ("--article", "no-such-article"),
    ):
        assert search(corpus_index, "elavil", *narrowed)["total"] < every
    inside = search(corpus_index, "elavil", "--article", ARTICLE.stem, "--limit", "100")
    assert inside["total"] == every


def test_unknown_article_is_named(corpus_index: Path) -> None:
    done = pilcrow("search", "pain", "--article", "no-such", "--index", corpus_index)
    assert done.stderr == b"note: no article has the id no-such\n"


def test_any_word_will_do_when_asked(corpus_index: Path) -> None:
    all_words = search(corpus_index, "tapering AND depression")["total"]
    any_word = search(corpus_index, "tapering depression", "--any")["total"]
    assert all_words == 0
    assert isinstance(any_word, int)
    assert any_word > 1


def test_no_hits_are_no_failure(corpus_index: Path) -> None:
    done = pilcrow("search", "zeppelin", "--index", corpus_index)
    assert done.stdout.decode().startswith("0 passages\n")


def test_notes_go_to_standard_error(corpus_index: Path) -> None:
    done = pilcrow("search", "tapering zeppelin", "--index", corpus_index, "--format", "csv")
    assert done.stderr.startswith(b"note: ")
    assert b"note: " not in done.stdout


@pytest.mark.parametrize("query", ["", '"', "((", "\udcff", "a" * 20000, "1/2", "“pain"])
def test_no_query_raises(corpus_index: Path, query: str) -> None:
    assert isinstance(search(corpus_index, query)["total"], int)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "name", "value"),
    [
        ("text", "LC_ALL", "C"),
        ("json", "LC_ALL", "C"),
        ("text", "PYTHONIOENCODING", "ascii"),
        ("csv", "PYTHONIOENCODING", "ascii"),
    ],
)
def test_output_is_utf8_whatever_the_locale(
    corpus_index: Path, form: str, name: str, value: str
) -> None:
    arguments = ("search", "efficacy", "--index", corpus_index, "--format", form)
    assert "Elavil’s efficacy" in started(*arguments, **{name: value}).stdout.decode()


def test_concordance_shows_every_occurrence(corpus_index: Path) -> None:
    done = pilcrow("concordance", "pain", "--index", corpus_index, "--format", "json")
    found = json.loads(done.stdout)
    assert len(found["lines"]) == found["total"] > 20
    for line in found["lines"]:
        assert set(line) == {
            *("left", "match", "right", "article", "section", "passage", "start", "end"),
        }
    text = pilcrow("concordance", "pain", "--index", corpus_index).stdout.decode()
    assert f"{found['total']} occurrences" in text


@pytest.mark.parametrize("what", ["search", "concordance"])
def test_command_and_site_give_the_same_answer(corpus_index: Path, what: str) -> None:
    done = pilcrow(what, "pain relief", "--limit", "5", "--format", "json", "--index", corpus_index)
    with serving_in_process(corpus_index) as client:
        answer = client.get(f"/api/v1/{what}?q=pain+relief&limit=5")
    there = answer.get_json()
    assert json.loads(done.stdout) == there | {"page": there["page"] | {"next": None}}


def test_concordance_sorts_by_keys(corpus_index: Path) -> None:
    done = pilcrow(
        *("concordance", "pain", "--sort", "right1,left1", "--format", "json"),
        *("--index", corpus_index),
    )
    rights = [line["right"].split() for line in json.loads(done.stdout)["lines"]]
    first = [words[0].strip(".,—").casefold() for words in rights if words and words[0][0] != "-"]
    known = [word for word in first if word.isalpha()]
    assert known == sorted(known)


@pytest.mark.parametrize("unit", ["sentence", "passage"])
def test_concordance_takes_other_units(corpus_index: Path, unit: str) -> None:
    done = pilcrow(
        *("concordance", "tapering", "--unit", unit, "--format", "json", "--index", corpus_index),
    )
    (line,) = json.loads(done.stdout)["lines"]
    assert line["left"].lstrip().startswith("Gradually" if unit == "sentence" else "Moreover")


def test_concordance_counts_characters(corpus_index: Path) -> None:
    done = pilcrow(
        *("concordance", "tapering", "--unit", "characters", "--window", "10"),
        *("--format", "json", "--index", corpus_index),
    )
    (line,) = json.loads(done.stdout)["lines"]
    assert (line["left"], line["right"]) == ("Gradually ", " off the d")


def test_concordance_writes_files(corpus_index: Path, tmp_path: Path) -> None:
    begin = {"html": "<!DOCTYPE html>", "csv": "\ufeffleft,", "json": "{", "text": " "}
    for form, begins in begin.items():
        output = tmp_path / f"found.{form}"
        done = pilcrow(
            *("concordance", "pain", "--format", form, "--output", output),
            *("--index", corpus_index),
        )
        assert not done.stdout
        assert output.read_text(encoding="utf-8").startswith(begins)


def test_concordance_says_when_its_file_can_not_be_written(
    corpus_index: Path, tmp_path: Path
) -> None:
    output = tmp_path / "no-such-folder" / "found.csv"
    assert str(output) in failure(
        "concordance", "pain", "--output", output, "--index", corpus_index
    )


def test_concordance_on_a_terminal_is_aligned_and_fits(corpus_index: Path) -> None:
    shown = terminal.show("concordance", "tricyclic OR pain", "--index", corpus_index, columns=90)
    lines = [line for line in shown.splitlines() if "\x1b[" in line]
    assert len(lines) > 20
    assert len({len(line[: line.index("\x1b[")]) for line in lines}) == 1
    assert all(len(terminal.plain(line)) <= 90 for line in lines)
