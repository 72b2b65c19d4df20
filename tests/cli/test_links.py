"""`pilcrow links`: each id told as what it is, the ledger kept and brought back, files checked."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from indexer import build_index, open_index
from indexer.links.permalinks import find_permalinks, permalink_id
from indexer.links.similarity import DiffRun, word_diff
from indexer.model import Span
from indexer.reporting.differences import difference_text
from tests.helpers import terminal
from tests.helpers.command_line import failure, pilcrow, started

DOSE = "Start with 10 mg at night and wait for a week before you take any more of it."
STOP = "Do not stop at once, since that can bring on headache, nausea and restlessness."
TAPER = "Taper it off slowly over some weeks under the eyes of a doctor."
REST = "Rest for an hour after each of the smaller doses, and drink enough water."
STORE = "Keep the tablets in a dry place below 25 degrees, and away from children."
SEA = "The second paragraph tells of horses, carts and the long road to the sea."
SKY = "Of the sky, which was white, nothing more is said on this page than that."
GONE = "Only one sentence stands in this article, on lamps, and it goes with it."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three articles."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    sections = f"# Elavil\n\n## Dose\n\n{DOSE}\n\n## Stopping\n\n{STOP}\n\n{TAPER}\n\n{REST}\n\n"
    write(folder / "elavil.md", f"{sections}## Storage\n\n{STORE}\n")
    write(folder / "travel.md", f"# Travel\n\n{SEA}\n\n{SKY}\n")
    write(folder / "lamps.md", f"# Lamps\n\n{GONE}\n")
    return folder


@pytest.fixture
def index(tmp_path: Path, corpus: Path) -> Path:
    """An index of them that handed out an id for each passage."""
    build_index([corpus], tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def ids(index: Path) -> dict[str, str]:
    """The ids that were handed out, by text."""
    with open_index(index) as opened:
        return {link.was.text: link.id for link in opened.links()}


@pytest.fixture
def aged(index: Path, corpus: Path, ids: dict[str, str]) -> Path:
    """The index after edits by which ids have all fates."""
    text = (corpus / "elavil.md").read_text(encoding="utf-8")
    for old, new in (
        ("10 mg at night", "25 mg in the morning"),
        (f"{STOP}\n\n", ""),
        ("## Storage", "## Keeping"),
        (f"{TAPER}\n\n", ""),
        ("## Dose\n\n", f"## Dose\n\n{TAPER}\n\n"),
    ):
        assert text.count(old) == 1 or old.startswith("#")
        text = text.replace(old, new, 1)
    write(corpus / "elavil.md", text)
    (corpus / "travel.md").rename(corpus / "journeys.md")
    (corpus / "lamps.md").unlink()
    build_index([corpus], index)
    return index


EXPECTED = {
    DOSE: "edited", STOP: "lost", TAPER: "moved", REST: "intact",
    STORE: "intact", SEA: "moved", SKY: "moved", GONE: "lost",
}  # fmt: skip


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def links(index: Path, *arguments: str | Path, code: int = 1) -> dict[str, Any]:
    """What the command says as JSON."""
    done = pilcrow("links", "--index", index, "--format", "json", *arguments, code=code)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def shown(index: Path, *arguments: str | Path, code: int = 1) -> str:
    return pilcrow("links", "--index", index, *arguments, code=code).stdout.decode()


# --- every id ever issued ----------------------------------------------------------------------


def test_each_id_is_told_as_what_it_is(aged: Path, ids: dict[str, str]) -> None:
    told = {link["id"]: link for link in links(aged)["links"]}
    assert {text: told[ids[text]]["status"] for text in ids} == EXPECTED
    with open_index(aged) as opened:
        now = {passage.id for ref in opened.articles() for passage in opened.passages(ref.id)}
    assert set(told) == now | set(ids.values())


def test_json_has_the_shape_that_is_promised(aged: Path, ids: dict[str, str]) -> None:
    found = links(aged)
    for link in found["links"]:
        promised = ["id", "status", "article", "section", "was", "now", "confidence"]
        assert list(link) == [*promised, "difference", "link"]
        assert list(link["was"]) == ["text", "section", "start", "end"]
        assert (link["now"] is None) == (link["status"] == "lost")
        assert 0 < link["confidence"] <= 1
        if link["now"]:
            assert list(link["now"]) == ["passage", "article", "text", "start", "end"]
    assert found["total"] == len(found["links"]) == sum(found["counts"].values())
    by_id = {link["id"]: link for link in found["links"]}
    dose = by_id[ids[DOSE]]
    assert dose["was"]["text"] == DOSE
    assert "25 mg in the morning" in dose["now"]["text"]
    assert (dose["article"], dose["section"]) == ("elavil", ["Dose"])
    sea = by_id[ids[SEA]]
    assert (sea["article"], sea["now"]["article"], sea["now"]["text"]) == (*["journeys"] * 2, SEA)
    assert by_id[ids[GONE]]["article"] == "lamps"
    assert by_id[ids[STORE]]["section"] == ["Keeping"]
    assert by_id[ids[STORE]]["was"]["section"] == ["Storage"]


def test_text_shows_what_became_of_each(aged: Path, ids: dict[str, str]) -> None:
    text = shown(aged)
    assert re.search(rf"^  lost    {ids[STOP]}  last in Stopping\n {{10}}Do not stop", text, re.M)
    assert re.search(
        rf"^  edited  {ids[DOSE]}  now in Dose, as \w{{16}} \(\d\d% sure\)$", text, re.M
    )
    assert "Start with [-10-]{+25+} mg [-at night-]{+in the morning+} and wait" in text
    assert re.search(rf"^  moved   {ids[TAPER]}  now in Dose, from Stopping$", text, re.M)
    assert re.search(rf"^  moved   {ids[SEA]}  now in journeys, as \w{{16}}$", text, re.M)
    assert re.search(rf"^  intact  {ids[STORE]}  Keep the tablets", text, re.M)
    assert text.endswith("\n\n11 links: 5 intact, 3 moved, 1 edited, 2 lost\n")


def test_only_hides_lines_and_neither_numbers_nor_the_exit_code(aged: Path) -> None:
    found = links(aged, "--only", "edited")
    assert [link["status"] for link in found["links"]] == ["edited"]
    assert (found["total"], found["all"], found["counts"]["lost"]) == (1, 11, 2)
    text = shown(aged, "--only", "edited, lost")
    assert text.endswith("11 links: 5 intact, 3 moved, 1 edited, 2 lost\n3 of 11 links shown\n")
    assert " intact  " not in text


def test_without_a_lost_one_all_is_well(index: Path, corpus: Path) -> None:
    assert links(index, code=0)["counts"]["intact"] == 8
    write(corpus / "lamps.md", f"# Lamps\n\n{GONE.replace('lamps', 'candles')}\n")
    build_index([corpus], index)
    assert links(index, code=0)["counts"]["edited"] == 1
    assert shown(index, "--only", "lost", code=0).endswith("0 of 9 links shown\n")


def test_csv_has_a_row_a_link(aged: Path, ids: dict[str, str]) -> None:
    done = pilcrow("links", "--index", aged, "--format", "csv", code=1)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    by_id = {row["id"]: row for row in rows}
    assert {text: by_id[ids[text]]["status"] for text in ids} == EXPECTED
    assert by_id[ids[DOSE]]["was_text"] == DOSE
    assert by_id[ids[DOSE]]["link"] == f"/p/{ids[DOSE]}"
    assert by_id[ids[STOP]]["now_passage"] == ""
    assert by_id[ids[SEA]]["now_article"] == "journeys"


def test_csv_runs_no_formula(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    harm = '=HYPERLINK("http://evil.example/","the price list of last year, all of it")'
    write(folder / "a.txt", f"A Title\n\nSome words.\n\n{harm}\n")
    build_index([folder], tmp_path / "index")
    out = pilcrow("links", "--index", tmp_path / "index", "--format", "csv").stdout.decode()
    cells = [cell for row in csv.reader(io.StringIO(out, newline="")) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_output_goes_to_a_file(aged: Path, tmp_path: Path) -> None:
    for form in ("text", "json", "csv", "jsonld"):
        path = tmp_path / f"report.{form}"
        done = pilcrow("links", "--index", aged, "--format", form, "--output", path, code=1)
        assert not done.stdout
        asked = pilcrow("links", "--index", aged, "--format", form, code=1).stdout
        assert path.read_bytes().removeprefix(BOM_UTF8) == asked


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_text_fits_the_terminal(index: Path, columns: int) -> None:
    _, text = terminal.shown_here("links", "--index", index, columns=columns)
    assert text.endswith("8 links: 8 intact\n")
    assert all(cell_len(line) <= columns for line in text.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("one two three", "one 2 three", "one [-two-]{+2+} three"),
        ("one two", "one two three", "one two {+three+}"),
        ("not \x1b[31m red", "not red", "not [-␛[31m-] red"),
        (
            "word " * 20 + "old" + " word" * 20,
            "word " * 20 + "new" + " word" * 20,
            "…word word word word word word [-old-]{+new+} word word word word word word…",
        ),
    ],
)
def test_differences_are_shown_with_what_is_around_them(old: str, new: str, said: str) -> None:
    shown = difference_text(word_diff(old, new), 32).plain
    assert shown == said


def test_between_changes_the_middle_is_left_out() -> None:
    kept = " ".join(f"w{n}" for n in range(60))
    runs = [DiffRun("removed", "a"), DiffRun("kept", f" {kept} "), DiffRun("added", "b")]
    shown = difference_text(runs, 32).plain
    assert shown.startswith("[-a-] w0 w1 ")
    assert shown.endswith(" w58 w59 {+b+}")
    assert " … " in shown
    assert len(shown) < 90


# --- the ledger as a file ----------------------------------------------------------------------


def test_losing_the_index_loses_no_link(aged: Path, corpus: Path, tmp_path: Path) -> None:
    before, file, fresh = links(aged), tmp_path / "ids.jsonl", tmp_path / "fresh"
    done = pilcrow("links", "--index", aged, "--export", file)
    assert done.stderr.decode() == f"note: 11 ids exported to {file}\n"
    lines = file.read_bytes().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [link["id"] for link in before["links"]]
    build_index([corpus], fresh)
    assert links(fresh, code=0)["total"] < before["total"]
    done = pilcrow("links", "--index", fresh, "--import", file)
    assert done.stderr.decode() == f"note: 11 ids imported from {file}\n"
    assert links(fresh) == before
    pilcrow("links", "--index", fresh, "--import", file)
    assert links(fresh) == before
    assert pilcrow("search", "tablets", "--index", fresh).returncode == 0


def test_an_export_may_go_to_standard_output(aged: Path, tmp_path: Path) -> None:
    pilcrow("links", "--index", aged, "--export", tmp_path / "ids.jsonl")
    done = pilcrow("links", "--index", aged, "--export", "-")
    assert done.stdout == (tmp_path / "ids.jsonl").read_bytes()
    assert not done.stderr


def test_an_export_that_fails_leaves_the_old_one(aged: Path, tmp_path: Path) -> None:
    file = tmp_path / "ids.jsonl"
    write(file, "kept\n")
    assert "index" in failure("links", "--index", tmp_path / "nowhere", "--export", file)
    assert file.read_text() == "kept\n"
    assert [path.name for path in tmp_path.iterdir() if "ids" in path.name] == ["ids.jsonl"]


def test_an_export_that_has_no_place_is_one_line(index: Path, tmp_path: Path) -> None:
    said = failure("links", "--index", index, "--export", tmp_path / "nowhere" / "ids.jsonl")
    assert f"{tmp_path / 'nowhere' / 'ids.jsonl'}: no such file" in said


def broken(line: bytes) -> dict[str, bytes]:
    """What may have become of a line of an export."""
    found = json.loads(line)

    def changed(**changes: object) -> bytes:
        return json.dumps({**found, **changes}).encode()

    def placed(**changes: object) -> bytes:
        return changed(was={**found["was"], **changes})

    event = {"generation": 1, "date": "", "digest": "", "passage": "", "confidence": 1}
    return {
        "cut": line[: len(line) // 2],
        "bytes": b"\xff\xfe" + line,
        "words": b"see you tomorrow",
        "other": b'{"name": "x"}',
        "list": b"[1, 2]",
        "deep": b"[" * 100_000,
        "digits": b'{"id": ' + b"9" * 5000 + b"}",
        "id": changed(id="../../etc"),
        "status": changed(status="fine"),
        "statuses": changed(status=["lost"]),
        "nothing": changed(status="lost"),
        "sure": changed(confidence=7),
        "nan": changed(confidence=float("nan")),
        "infinite": placed(start=float("inf")),
        "before": placed(start=-3),
        "longer": placed(end=10**30),
        "section": placed(section="Dose"),
        "text": placed(text=None),
        "history": changed(history=[{**event, "status": "well"}]),
        "event": changed(history=[{**event, "status": "lost", "passage": "x"}]),
    }


KINDS = list(broken(b'{"was": {}, "id": "", "history": []}'))


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_line_is_named_and_nothing_is_taken_in(
    aged: Path, corpus: Path, tmp_path: Path, kind: str
) -> None:
    file, fresh = tmp_path / "ids.jsonl", tmp_path / "fresh"
    pilcrow("links", "--index", aged, "--export", file)
    lines = file.read_bytes().splitlines()
    place = next(n for n, line in enumerate(lines) if json.loads(line)["status"] == "moved")
    lines[place] = broken(lines[place])[kind]
    file.write_bytes(b"\n".join(lines) + b"\n")
    build_index([corpus], fresh)
    before = links(fresh, code=0)
    said = failure("links", "--index", fresh, "--import", file)
    assert f"{file}:{place + 1}: " in said
    assert "pilcrow links --export" in said
    assert len(said) < 400
    assert links(fresh, code=0) == before


def test_what_does_not_go_together_is_refused(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "ids.jsonl"
    assert "--export" in failure("links", "--index", index, "--export", file, "--only", "lost")
    assert not file.exists()
    assert "fine" in failure("links", "--index", index, "--only", "lost,fine")
    assert "no-such" in failure("links", "--index", index, "--import", tmp_path / "no-such")
    assert "pilcrow index" in failure("links", "--index", tmp_path / "none")
    write(file, "")
    assert "pilcrow index" in failure("links", "--index", tmp_path / "none", "--import", file)


# --- links that others hold --------------------------------------------------------------------


@pytest.fixture
def wiki(tmp_path: Path, ids: dict[str, str]) -> Path:
    """A folder of pages with links in many forms."""
    folder = tmp_path / "wiki"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    write(
        folder / "a.md",
        f"# Links\n\nSee [dose](https://docs.example.org/p/{ids[DOSE]}?q=dose), or\n"
        f"<http://other.example/docs/p/{ids[STOP]}>. And /p/{ids[STORE]}.\n"
        "Not ours: https://medium.example/p/3b7d5f0f1f4a\n",
    )
    write(
        folder / "deep" / "b.html",
        f'<p>\n<a href="/p/{ids[SEA]}#x">sea</a>\n<script>"https:\\/\\/h\\/p\\/{ids[SKY]}"</script>'
        f"\n<a href='/go?to=https%3A%2F%2Fh%2Fp%2F{ids[TAPER]}'>t</a> /p/{'0' * 16}\n",
    )
    write(folder / ".git" / "hidden.txt", f"/p/{ids[STOP]}")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return folder


def test_links_in_a_folder_are_told_with_file_and_line(
    aged: Path, wiki: Path, ids: dict[str, str]
) -> None:
    done = pilcrow("links", "--index", aged, "--format", "json", wiki, code=1)
    found = json.loads(done.stdout)
    page, deep = str(wiki / "a.md"), str(wiki / "deep" / "b.html")
    told = [(link["file"], link["line"], link["id"], link["status"]) for link in found["links"]]
    assert told == [
        (page, 3, ids[DOSE], "edited"),
        (page, 4, ids[STOP], "lost"),
        (page, 4, ids[STORE], "intact"),
        (deep, 2, ids[SEA], "moved"),
        (deep, 3, ids[SKY], "moved"),
        (deep, 4, ids[TAPER], "moved"),
        (deep, 4, "0" * 16, "unknown"),
    ]
    assert found["links"][0]["url"] == f"https://docs.example.org/p/{ids[DOSE]}?q=dose"
    assert found["links"][1]["url"] == f"http://other.example/docs/p/{ids[STOP]}"
    assert found["links"][2]["url"] == f"/p/{ids[STORE]}"
    assert found["links"][-1]["was"] is found["links"][-1]["now"] is None
    assert found["counts"] == {"intact": 1, "moved": 3, "edited": 1, "lost": 1, "unknown": 1}
    assert done.stderr.decode() == "note: 1 file without text ignored\n"


def test_links_in_files_are_told_as_editors_read_it(aged: Path, wiki: Path) -> None:
    text = shown(aged, wiki / "a.md", "--only", "lost,unknown")
    first, second, *_ = text.splitlines()
    assert first.startswith(f"{wiki / 'a.md'}:4: lost http://other.example/docs/p/")
    assert first.endswith("last in elavil › Stopping")
    assert second == f"          {STOP}"
    assert text.endswith("3 links: 1 intact, 1 edited, 1 lost\n1 of 3 links shown\n")


def test_addresses_and_ids_can_be_given_themselves(aged: Path, ids: dict[str, str]) -> None:
    found = links(aged, f"https://example.org/p/{ids[STORE]}?q=x", ids[SEA], code=0)
    assert [link["status"] for link in found["links"]] == ["intact", "moved"]
    assert [link["line"] for link in found["links"]] == [0, 0]
    text = shown(aged, "https://example.org/p/06b1012f988de")
    assert "unknown 06b1012f988de has 13 of 16 digits" in text


def test_standard_input_is_read(aged: Path, ids: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "links", "-", "--index", str(aged)],
        input=f"x\nhttps://h/p/{ids[STOP]}\n".encode(),
        env=terminal.environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith(f"stdin:2: lost https://h/p/{ids[STOP]} ".encode())


def test_what_can_not_be_checked_is_said(aged: Path, wiki: Path, ids: dict[str, str]) -> None:
    assert "no-such-page" in failure("links", "--index", aged, "no-such-page.html")
    assert "/p/<id>" in failure("links", "--index", aged, "https://example.org/about")
    picture = wiki / "picture.png"
    done = pilcrow("links", "--index", aged, picture, ids[STORE])
    assert f"warning: {picture}: " in done.stderr.decode()
    done = pilcrow("links", "--index", aged, picture, code=2)
    assert "nothing could be read" in done.stderr.decode().splitlines()[-1]


def test_a_folder_without_links_is_fine(aged: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty" / "a.txt", "Nothing here.")
    assert shown(aged, tmp_path / "empty", code=0) == "no links\n"
    assert links(aged, tmp_path / "empty", code=0)["links"] == []


def test_links_to_words_are_told_by_their_words(
    aged: Path, tmp_path: Path, ids: dict[str, str]
) -> None:
    link = f"https://h/p/{ids[DOSE]}?text="
    asked = (
        "wait+for+a+week",
        "mg+at+night+and+wait&amp;prefix=Start+with+10+",
        "a+sentence+on+lamps+that+nobody+wrote",
    )
    write(tmp_path / "words.html", "\n".join(f'<a href="{link}{words}">' for words in asked))
    found = links(aged, tmp_path / "words.html")["links"]
    assert [link["status"] for link in found] == ["intact", "edited", "lost"]
    with open_index(aged) as opened:
        text = opened.article("elavil").text
    whole, edited, gone = (link["words"] for link in found)
    assert Span(whole["start"], whole["end"]).of(text) == whole["now"] == "wait for a week"
    assert (edited["was"], gone["now"]) == ("mg at night and wait", None)
    assert "words gone from elavil › Dose" in shown(aged, tmp_path / "words.html")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://h.example/p/0123456789abcdef", ["https://h.example/p/0123456789abcdef"]),
        ("(see /p/0123456789abcdef).", ["/p/0123456789abcdef"]),
        ("/p/0123456789abcdef?q=a+b. Next", ["/p/0123456789abcdef?q=a+b"]),
        ("/p/0123456789ABCDEF", ["/p/0123456789ABCDEF"]),
        ("&#x2F;p&#x2F;0123456789abcdef", ["&#x2F;p&#x2F;0123456789abcdef"]),
        ("x/p/0123456789abcdefg y", []),
        ("x/p/0123456789abcdef-y", []),
        ("x/pp/0123456789abcdef", []),
        ("/p/0123456789ab", []),
        ("/p/0123456789abcde", ["/p/0123456789abcde"]),
        ("", []),
    ],
)
def test_permalinks_are_found(text: str, found: list[str]) -> None:
    assert [link.url for link in find_permalinks(text)] == found


def test_a_long_line_is_searched_in_no_time() -> None:
    text = "/p/" * 300_000 + "x" * 300_000 + "/p/0123456789abcdef" + "y" * 10
    assert not list(find_permalinks(text))
    text = "a/p/0123456789abcdef?" * 20_000
    assert len(list(find_permalinks(text))) == 20_000


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("0123456789abcdef", "0123456789abcdef"),
        ("https://h/p/0123456789abcdef?q=x", "0123456789abcdef"),
        ("two words /p/0123456789abcdef", ""),
        ("corpus/a.txt", ""),
    ],
)
def test_an_id_is_taken_from_what_is_given(given: str, found: str) -> None:
    assert permalink_id(given) == found


def test_links_is_a_process_of_its_own_as_well(aged: Path) -> None:
    done = started("links", "--index", aged, "--only", "lost")
    assert done.returncode == 1
    assert not done.stderr
