"""The command line as a user meets it: answers, exit codes, one line for each error."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

import terminal
from indexer import cli, model
from indexer.cli import options
from indexer.cli.running import run
from indexer.errors import SourceError
from sites import serving as serving_in_process

ROOT = Path(__file__).resolve().parent.parent
ARTICLE = ROOT / "corpus" / "elavil-for-chronic-pain.txt"


@dataclass(frozen=True)
class Done:
    """What a command did."""

    returncode: int
    stdout: bytes
    stderr: bytes


def pilcrow(*arguments: str | Path, code: int = 0) -> Done:
    """What the command does in this process; it must leave with `code`, never with a traceback."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        returned = run(cli.pilcrow, [str(argument) for argument in arguments])
    out.flush()
    err.flush()
    done = Done(returned, out.buffer.getvalue(), err.buffer.getvalue())
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode == code, done
    return done


def started(*arguments: str | Path, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """What the command does as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "indexer", *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment(**changes),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def failure(*arguments: str | Path) -> str:
    """The one line with which a command fails."""
    done = pilcrow(*arguments, code=2)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("pilcrow: ")
    assert not done.stdout
    return line


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


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_output_is_utf8_whatever_the_locale(corpus_index: Path, locale: dict[str, str]) -> None:
    for form in ("json", "csv", "text"):
        arguments = ("search", "efficacy", "--index", corpus_index, "--format", form)
        assert "Elavil’s efficacy" in started(*arguments, **locale).stdout.decode()


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
    assert json.loads(done.stdout) == answer.get_json()


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


def test_concordance_writes_files(corpus_index: Path, tmp_path: Path) -> None:
    begin = {"html": "<!DOCTYPE html>", "csv": "left,", "json": "{", "text": " "}
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


def test_index_reports_what_it_did(tmp_path: Path) -> None:
    first = json.loads(pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--json").stdout)
    assert (first["added"], first["unchanged"], first["articles"]) == (1, 0, 1)
    again = json.loads(pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 1)
    text = pilcrow("index", ROOT / "corpus", "--index", tmp_path, "--rebuild").stdout.decode()
    assert f"{tmp_path} holds 1 article, {first['passages']} passages" in text


def test_index_shows_its_progress_on_a_terminal_only(tmp_path: Path) -> None:
    arguments = ("index", ROOT / "corpus", "--rebuild", "--index", tmp_path)
    assert "1/1" in terminal.plain(terminal.show(*arguments, columns=80, stream="stderr"))
    assert not pilcrow(*arguments).stderr


def test_index_skips_what_it_can_not_read(tmp_path: Path) -> None:
    corpus = tmp_path / "articles"
    corpus.mkdir()
    (corpus / "good.txt").write_text("A Title\n\nSome words on tapering.\n", encoding="utf-8")
    (corpus / "bad.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    done = pilcrow("index", corpus, "--index", tmp_path / "index")
    (line,) = done.stderr.decode().splitlines()
    assert "bad.txt" in line
    assert b"1 added, 1 skipped" in done.stdout


def test_index_and_corpus_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILCROW_CORPUS", str(ROOT / "corpus"))
    monkeypatch.setenv("PILCROW_INDEX", str(tmp_path / "there"))
    pilcrow("index")
    assert pilcrow("search", "tapering").stdout.endswith(b"1 passage\n")


def test_outline_shows_headings_and_blocks() -> None:
    text = pilcrow("outline", ARTICLE).stdout.decode()
    assert text.startswith("Elavil for Chronic Pain: an Off-label Use\n")
    assert re.search(r"^ +list item .*: Treating depression$", text, re.MULTILINE)
    assert text.count("\n  heading: ") + text.count("\nheading: ") == 7


def test_outline_as_json_keeps_its_promises() -> None:
    found = json.loads(pilcrow("outline", ARTICLE, "--format", "json").stdout)
    assert set(found) == {"path", "article", "text", "blocks", "passages"}
    assert found["path"] == str(ARTICLE)
    assert set(found["article"]) == {"id", "title", "url", "language"}
    for block in found["blocks"]:
        assert found["text"][block["start"] : block["end"]] == block["text"]
    for passage in found["passages"]:
        assert found["text"][passage["start"] : passage["end"]] == passage["text"]


def test_outline_as_lines_holds_one_object_an_article(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    records.write_text(
        '{"id": "a", "title": "A", "text": "Some words.\\u2028More."}\n'
        '{"id": "b", "title": "B", "text": "Other words."}\n',
        encoding="utf-8",
    )
    lines = pilcrow("outline", ARTICLE, records, "--format", "jsonl").stdout.decode().splitlines()
    found = [json.loads(line) for line in lines]
    assert [item["path"] for item in found] == [str(ARTICLE), str(records), str(records)]
    assert [item["article"]["id"] for item in found[1:]] == ["a", "b"]


def test_outline_as_json_takes_one_article(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("A Title\n\nSome words.\n", encoding="utf-8")
    line = failure("outline", ARTICLE, other, "--format", "json")
    assert str(other) in line
    assert "jsonl" in line


def test_outline_reports_files_one_by_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02\x03" * 100)
    assert str(bad) in failure("outline", bad)
    done = pilcrow("outline", bad, ARTICLE, "--format", "jsonl")
    assert len(done.stdout.splitlines()) == 1
    assert str(bad) in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search",), "QUERY"),
        (("search", "pain", "--limit", "some"), "--limit"),
        (("search", "pain", "--limit", "-1"), "--limit"),
        (("search", "pain", "--limits", "1"), "--limit"),
        (("search", "pain", "--kind", "heading"), "paragraph"),
        (("concordance", "pain", "--sort", "left9"), "left1"),
        (("outline",), "PATH"),
        (("outline", "no-such-file.txt"), "no-such-file.txt"),
        (("index", "no-such-folder", "--index", "nowhere"), "no-such-folder"),
        (("frobnicate",), "frobnicate"),
        (("search", "pain", "--index", "no-such-index"), "pilcrow index"),
    ],
)
def test_wrong_use_is_one_line_that_helps(arguments: tuple[str, ...], says: str) -> None:
    assert says in failure(*arguments)


def test_command_alone_explains_itself() -> None:
    assert b"Commands:" in pilcrow().stdout


@pytest.mark.parametrize("command", ["", "index", "outline", "search", "concordance", "serve"])
def test_help_is_complete_and_fits(command: str) -> None:
    text = pilcrow(*command.split(), "--help").stdout.decode()
    assert "Examples:" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_version_is_that_of_the_package() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    said = started("--version").stdout.decode()
    assert said == f"pilcrow {config['metadata']['version']}\n"


def test_kinds_offered_are_those_of_passages() -> None:
    assert set(options.KINDS) == set(model.Kind.__args__) - {"title", "heading"}  # type: ignore[attr-defined]


def test_full_disk_is_one_line(corpus_index: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "indexer", "search", "pain", "--index", str(corpus_index)],
            cwd=ROOT,
            env=terminal.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "no space left" in line


def test_closed_pipe_is_quiet(corpus_index: Path) -> None:
    command = [sys.executable, "-m", "indexer", "concordance", "pain OR the OR a"]
    process = subprocess.Popen(
        [*command, "--format", "json", "--index", str(corpus_index)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@contextmanager
def serving(*arguments: str | Path) -> Iterator[str]:
    """The address that `pilcrow serve` prints once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", "--port", "0", *map(str, arguments)],
        cwd=ROOT,
        env=terminal.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(line.strip() for line in process.stdout if line.startswith("http://"))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


def total(address: str, query: str) -> int:
    """How many passages the site at `address` finds."""
    with urllib.request.urlopen(f"{address}/api/v1/search?q={query}", timeout=20) as answer:
        return int(json.load(answer)["total"])


def test_serve_indexes_prints_its_address_and_answers(tmp_path: Path) -> None:
    with serving("--index", tmp_path / "index", "--corpus", ROOT / "corpus") as address:
        assert total(address, "tapering") == 1


def test_serve_brings_the_index_up_to_date(tmp_path: Path) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("One\n\nSome words on tapering.\n", encoding="utf-8")
    pilcrow("index", corpus, "--index", index)
    (corpus / "two.txt").write_text("Two\n\nMore words on tapering.\n", encoding="utf-8")
    with serving("--index", index, "--corpus", corpus) as address:
        assert total(address, "tapering") == 2


def test_serve_goes_on_with_the_index_when_the_corpus_is_gone(corpus_index: Path) -> None:
    with serving("--index", corpus_index, "--corpus", "no-such-folder") as address:
        assert total(address, "tapering") == 1


def test_serve_says_when_its_port_is_taken(corpus_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in failure("serve", "--index", corpus_index, "--port", port)


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (KeyboardInterrupt(), 130, ""),
        (SourceError("a.txt", "broken", "mend it", 3), 2, "pilcrow: a.txt:3: broken; mend it\n"),
        (OSError(28, "No space left", "/x"), 2, "pilcrow: /x: no space left\n"),
        (ValueError("two\nlines"), 2, "pilcrow: unexpected ValueError: two lines; please report "),
    ],
)
def test_exception_becomes_a_code_and_a_line(
    raised: BaseException, code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    @click.group()
    def group() -> None:
        """One command, which fails."""

    @group.command()
    def fail() -> None:
        """Raise what the test wants."""
        raise raised

    assert run(group, ["fail"]) == code
    said = capfd.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == (1 if says else 0)
