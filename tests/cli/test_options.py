"""Options that all commands have alike: short ones and words with a dash, files, colour, help."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from indexer import build_index, open_index
from indexer.cli import COMMANDS
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow

# Words that occur, so that leaving them out changes what is found.
TEXTS = {
    "a": "Nausea and headache come with pain. Oxycodone is no tablet for it.",
    "b": "Pain goes. No headache was told.",
    "c": "Pain and nausea came again.",
    "d": "Pain was treated with oxycodone.",
    "e": "Pain alone, and pain again.",
}
OF_QUERIES = ("search", "concordance", "collocates", "clusters", "audit")
WITH_LIMIT = (*OF_QUERIES[:-1], "duplicates", "keywords", "readability")
DASHED = ["-nausea", "-headache", "-oxycodone"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options")
    (folder / "corpus").mkdir()
    for name, text in TEXTS.items():
        body = f"# {name.upper()}\n\n{text}\n\nAnother paragraph without those words.\n"
        (folder / "corpus" / f"{name}.md").write_text(body, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    return folder / "index"


def read(*arguments: str | Path) -> dict[str, Any]:
    """An answer as JSON."""
    found: dict[str, Any] = json.loads(pilcrow(*arguments, "--format", "json").stdout)
    return found


# --- short options and words with a dash ---------------------------------------------------------


@pytest.mark.parametrize("word", [*DASHED, "-n-back", "-hydroxyzine", "-o3", "-h2o", "-output"])
@pytest.mark.parametrize("command", OF_QUERIES)
def test_a_word_with_a_dash_must_not_occur(command: str, word: str, index: Path) -> None:
    """It says the same as the query in one piece, wherever it stands."""
    least = ("--least", "1") if command in ("collocates", "clusters") else ()
    named = ("--index", index, *least)
    if command == "audit":  # of which each argument is a query
        terms = read(command, "pain", word, *named)["terms"]
        assert [term["term"] for term in terms] == ["pain", word]
        return
    assert read(command, "pain", word, *named) == read(command, f"pain {word}", *named)
    assert read(command, word, "pain", *named) == read(command, f"{word} pain", *named)


@pytest.mark.parametrize(
    ("word", "articles"), [("-nausea", "bde"), ("-headache", "cde"), ("-oxycodone", "bce")]
)
def test_what_has_the_word_is_left_out(word: str, articles: str, index: Path) -> None:
    found = read("search", "pain", word, "-n", "9", "--index", index)
    assert {hit["article"]["id"] for hit in found["hits"]} == set(articles)
    lines = read("concordance", "pain", word, "--index", index)["lines"]
    assert {line["article"] for line in lines} == set(articles)
    (term,) = read("audit", f"pain {word}", "--index", index)["terms"]
    assert {row["article"] for row in term["by"] if row["count"]} == set(articles)
    (alone,) = read("audit", word, "--index", index)["terms"]
    assert alone["term"] == word


@pytest.mark.parametrize("given", [("-n", "2"), ("-n2",), ("--limit", "2"), ("--limit=2",)])
@pytest.mark.parametrize("command", WITH_LIMIT)
def test_n_is_limit(command: str, given: tuple[str, ...], index: Path) -> None:
    words = ("pain",) if command in OF_QUERIES else ()
    more = ("--article", "a") if command == "keywords" else ()
    least = ("--least", "1") if command in ("collocates", "clusters", "keywords") else ()
    found = read(command, *given, *words, *more, *least, "--index", index)
    assert found == read(command, *words, *given, *more, *least, "--index", index)
    limited = pilcrow(command, *words, *given, *more, *least, "--index", index).stdout
    assert (
        limited == pilcrow(command, *words, "--limit", "2", *more, *least, "--index", index).stdout
    )
    if command == "search":
        assert len(found["hits"]) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_h_is_help(command: str) -> None:
    assert pilcrow(command, "-h").stdout == pilcrow(command, "--help").stdout


def test_after_two_dashes_all_are_words(index: Path) -> None:
    asked = ("search", "--format", "json", "--index", index, "--")
    assert json.loads(pilcrow(*asked, "-h").stdout)["query"] == "-h"
    assert json.loads(pilcrow(*asked, "pain", "-n", "3").stdout)["query"] == "pain -n 3"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search", "pain", "--chronic"), "-chronic"),
        (("search", "pain", "--limt", "3"), "did you mean --limit?"),
        (("audit", "-n", "3"), "-- -n"),
        (("search", "pain", "-n"), "-n"),
        (("search", "pain", "-n", "some"), "some"),
        (("cite", "-oxycodone"), "after --"),
        (("index", "-corpus"), "after --"),
        (("links", "-nausea"), "after --"),
        (("duplicates", "-headache"), "after --"),
        (("keywords", "-n3x"), "after --"),
        (("serach", "pain"), "did you mean search?"),
        (("colocates", "pain"), "did you mean collocates?"),
    ],
)
def test_what_is_not_known_says_how_to_write_it(arguments: tuple[str, ...], says: str) -> None:
    assert says in failure(*arguments)


# --- files ---------------------------------------------------------------------------------------


def test_a_workbook_is_written_by_its_suffix(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "pain.xlsx"
    lines: dict[tuple[str, ...], str] = {
        ("search", "pain"): "Pain goes.",
        ("concordance", "pain"): "again",
        ("audit", "pain"): "Forms",
        ("collocates", "pain", "--least", "1"): "nausea",
        ("clusters", "pain", "--size", "2", "--least", "1"): "pain and",
        ("keywords", "--article", "a", "--least", "1"): "paragraph",
        ("duplicates", "--least", "4"): "Another paragraph",
        ("readability",): "flesch",
        ("links",): "intact",
    }
    for line, holds in lines.items():
        done = pilcrow(*line, "-o", path, "--index", index)
        assert not done.stdout
        strings = zipfile.ZipFile(path).read("xl/sharedStrings.xml").decode()
        assert holds.lower() in strings.lower(), line
        path.unlink()


@pytest.mark.parametrize("command", ["search", "concordance"])
def test_a_workbook_leads_back_to_the_passages(command: str, index: Path, tmp_path: Path) -> None:
    path = tmp_path / "pain.xlsx"
    pilcrow(command, "pain", "-o", path, "--site", "https://example.org", "--index", index)
    strings = zipfile.ZipFile(path).read("xl/sharedStrings.xml").decode()
    with open_index(index) as opened:
        for hit in opened.search("pain", limit=9).hits:
            assert f"https://example.org/p/{hit.passage.id}" in strings
            assert f">{hit.passage.id}<" in strings


@pytest.mark.parametrize(
    "line",
    [
        *(("search", "pain"), ("concordance", "pain"), ("collocates", "pain", "--least", "1")),
        *(("clusters", "--size", "3"), ("keywords", "--article", "a", "--least", "1"), ("words",)),
    ],
)
def test_a_table_that_is_only_a_part_is_told(
    line: tuple[str, ...], index: Path, tmp_path: Path
) -> None:
    """The text says below its rows how many there are; a file does not."""
    text = pilcrow(*line, "--offset", "1", "-n", "1", "--index", index).stdout.decode()
    (part,) = re.findall(r"^2 to 2 of \d+ \w+; --offset 2 shows more$", text, re.MULTILINE)
    for name in ("x.csv", "x.xlsx"):
        file = ("-o", tmp_path / name, "--index", index)
        assert not pilcrow(*line, "-n", "99", *file).stderr
        done = pilcrow(*line, "--offset", "1", "-n", "1", *file)
        assert done.stderr.decode() == f"note: {part}\n"
    strings = zipfile.ZipFile(tmp_path / "x.xlsx").read("xl/sharedStrings.xml")
    assert part in strings.decode()


@pytest.mark.parametrize("form", ["text", "csv", "json"])
@pytest.mark.parametrize(
    "line", [("search", "pain"), ("duplicates", "--least", "4"), ("readability",), ("links",)]
)
def test_permalinks_lead_to_the_site(line: tuple[str, ...], form: str, index: Path) -> None:
    said = pilcrow(*line, "--format", form, "--site", "https://example.org", "--index", index)
    links = re.findall(r"(\S*)/p/[0-9a-f]{16}", said.stdout.decode())
    assert all(link.endswith("https://example.org") for link in links)
    assert links or (line, form) == (("links",), "text")


@pytest.mark.parametrize(
    "site", ["http://[", "https://x.org/?a=b", "https://x.org#a", "https://", "x"]
)
def test_what_is_no_address_of_a_site_is_refused(site: str) -> None:
    assert failure("search", "pain", "--site", site).startswith(
        "pilcrow: Invalid value for '--site'"
    )


@pytest.mark.parametrize(
    "line",
    ["audit --terms", "audit --compare", "links --import", "search x --synonyms"],
)
def test_a_file_that_never_ends_is_refused(line: str, index: Path) -> None:
    assert "/dev/zero:" in failure(*line.split(), "/dev/zero", "--index", index)


def test_links_in_a_file_that_never_ends_are_not_looked_for(index: Path) -> None:
    told = pilcrow("links", "/dev/zero", "--index", index, code=2).stderr.decode()
    assert "/dev/zero: more than the limit of 268,435,456 bytes; split it" in told


@pytest.mark.parametrize("command", ["search", "concordance", "collocates", "audit", "links"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_has_the_format_of_its_suffix(
    command: str, form: str, index: Path, tmp_path: Path
) -> None:
    words = () if command == "links" else ("pain",)
    path = tmp_path / f"answer.{form.upper()}"
    pilcrow(command, *words, "-o", path, "--index", index)
    asked = pilcrow(command, *words, "--format", form, "--index", index).stdout
    written = path.read_bytes()
    assert written.startswith(BOM_UTF8) == (form == "csv")  # a spreadsheet asks for it, a pipe not
    assert len(written.splitlines()) == len(asked.splitlines())
    assert written.removeprefix(BOM_UTF8)[:30] == asked[:30]


def test_outlines_go_to_one_file(index: Path, tmp_path: Path) -> None:
    corpus, path = index.parent / "corpus", tmp_path / "all.jsonl"
    pilcrow("outline", corpus, "-o", path)
    assert path.read_bytes() == pilcrow("outline", corpus, "--format", "jsonl").stdout
    pilcrow("outline", corpus, "-o", tmp_path / "all.txt")
    assert (tmp_path / "all.txt").read_bytes() == pilcrow("outline", corpus).stdout


@pytest.mark.parametrize(
    ("form", "name"),
    [("csv", "x.xlsx"), ("json", "x.csv"), ("text", "x.json"), ("xlsx", "x.csv"), ("csv", "x.bib")],
)
def test_suffix_and_format_that_contradict_are_refused(
    form: str, name: str, index: Path, tmp_path: Path
) -> None:
    path = tmp_path / name
    assert name in failure("concordance", "pain", "-o", path, "--format", form, "--index", index)
    assert not path.exists()


def test_a_suffix_that_a_command_does_not_write_is_refused(index: Path, tmp_path: Path) -> None:
    said = failure("cite", "0123456789abcdef", "-o", tmp_path / "x.xlsx", "--index", index)
    assert "bibtex" in said
    for name in ("x.xls", "x.pdf", "x.tsv", "x.bib"):
        assert name in failure("search", "pain", "-o", tmp_path / name, "--index", index)
    assert not list(tmp_path.iterdir())
    said = failure("search", "pain", "--format", "xlsx", "--index", index)
    assert "--output" in said


def test_a_suffix_that_is_none_takes_any_format(index: Path, tmp_path: Path) -> None:
    for name in ("notes", "v1.2"):
        pilcrow("search", "pain", "-o", tmp_path / name, "--format", "json", "--index", index)
        assert json.loads((tmp_path / name).read_bytes())["total"]


# --- several articles ----------------------------------------------------------------------------


def test_articles_may_be_named_more_than_once(index: Path) -> None:
    named = ("--article", "a", "--article", "c", "--index", index)
    hits = read("search", "pain", *named)["hits"]
    assert {hit["article"]["id"] for hit in hits} == {"a", "c"}
    assert {x["article"] for x in read("concordance", "pain", *named)["lines"]} == {"a", "c"}
    with open_index(index) as opened:
        several = opened.search("pain", article=["a", "c"])
        assert several.total == sum(opened.search("pain", article=x).total for x in "ac") == 2
        assert opened.search("pain", article=[]).total == 0
        assert opened.search("pain", article=["a", "nowhere"]).total == 1
        assert {f.value for f in several.facets["article"]} == {"a", "c"}


def test_an_article_that_is_not_there_is_told(index: Path) -> None:
    done = pilcrow("search", "pain", "--article", "a", "--article", "zz", "--index", index)
    assert "no article has the id zz" in done.stderr.decode()
    assert "zz" in failure("concordance", "pain", "--article", "zz", "--index", index)


# --- colour --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "environment", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "0"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"TERM": "dumb"}, True),
    ],
)
def test_colour_in_a_pipe(
    wish: tuple[str, ...], environment: dict[str, str], coloured: bool, index: Path
) -> None:
    with mock.patch.dict(os.environ, terminal.environment(**environment), clear=True):
        done = pilcrow("search", "pain", *wish, "--index", index)
    assert (b"\x1b[" in done.stdout) == coloured


@pytest.mark.slow
def test_colour_on_a_terminal_can_be_left_out(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("search", "pain", "--index", str(index))
    bold, red = "\x1b[1m", "\x1b[1;31m"
    shown = terminal.show(*arguments, columns=80)
    assert bold in shown
    assert red in shown
    assert "\x1b[" not in terminal.show(*arguments, "--color", "never", columns=80)
    monkeypatch.setattr(terminal, "environment", lambda **x: {**os.environ, **x, "NO_COLOR": "1"})
    shown = terminal.show(*arguments, columns=80)
    assert bold in shown  # so that marks are seen
    assert red not in shown


# --- help and completion -------------------------------------------------------------------------


def test_summaries_are_whole() -> None:
    shown = " ".join(pilcrow("--help").stdout.decode().split())
    for line in COMMANDS.values():
        assert line in shown


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `pilcrow` is the one that is tested."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "pilcrow"
    script.write_text(f"#!{sys.executable}\nfrom indexer.cli import main\nmain()\n")
    script.chmod(0o755)
    return terminal.environment(PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["pilcrow", "conc"], ["concordance"]),
        (["pilcrow", "search", "pain", "--kin"], ["--kind"]),
        (["pilcrow", "search", "pain", "--kind", "para"], ["paragraph"]),
        (["pilcrow", "search", "-nausea", "--match", "w"], ["word"]),
    ],
)
def test_bash_completes_words(
    words: list[str], offered: list[str], command: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "pilcrow.bash"
    script.write_bytes(pilcrow("completion", "bash").stdout)
    listed = " ".join(map(repr, words))
    told = (
        f"source {script}; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; "
        '_pilcrow_completion pilcrow; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", told], env=command, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == offered


@pytest.mark.parametrize(("shell", "holds"), [("zsh", "#compdef pilcrow"), ("fish", "complete ")])
def test_other_shells_get_their_script(shell: str, holds: str) -> None:
    script = pilcrow("completion", shell).stdout.decode()
    assert holds in script
    assert "_PILCROW_COMPLETE" in script


# --- citations -----------------------------------------------------------------------------------


def test_a_citation_has_quote_and_link(index: Path) -> None:
    (hit,) = read("search", "treated", "--index", index)["hits"]
    said = pilcrow("cite", hit["id"], "--index", index).stdout.decode()
    assert f"“{TEXTS['d']}”" in said
    assert f"/p/{hit['id']}" in said
    done = pilcrow("cite", hit["id"], "--site", "https://example.org", "--index", index)
    assert f"https://example.org/p/{hit['id']}" in done.stdout.decode()
