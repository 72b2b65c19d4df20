"""Titles from a list, from the document, from the file's name: which goes before which."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import Settings, build_index, open_index
from indexer.ingest.titles import is_generic
from tests.helpers.command_line import pilcrow

BODY = "Take the tablets with water, and do not drive until you know how they work for you.\n\n"


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, title in texts.items():
        (folder / f"{name}.txt").write_text(f"{title}\n\n{BODY}{name} is what this is about.\n")


def titles(index: Path) -> dict[str, str]:
    with open_index(index) as opened:
        return {ref.id: ref.title for ref in opened.articles()}


def ids(index: Path) -> list[str]:
    with open_index(index) as opened:
        return [one.id for ref in opened.articles() for one in opened.passages(ref.id)]


@pytest.mark.parametrize(
    "title",
    [
        "KEEP OUT OF REACH OF CHILDREN",
        "Keep all medicines out of the reach of children.",
        "What is in",
        "How to",
        "PACKAGE LEAFLET: INFORMATION FOR THE USER",
        "Read all of this leaflet carefully before you start",
        "Contents",
        "***",
        "2.1",
    ],
)
def test_a_title_that_names_nothing_is_generic(title: str) -> None:
    assert is_generic(title)


@pytest.mark.parametrize(
    "title",
    [
        "Elavil for Chronic Pain",
        "What is Elavil and what is it used for?",
        "Children and pain",
        "Keeping bees",
        "Overview of antidepressants",
        "Contents of a first-aid box",
        "What to eat",
    ],
)
def test_a_title_that_names_something_is_not(title: str) -> None:
    assert not is_generic(title)


def test_a_generic_title_of_a_plain_text_gives_way_to_the_name(tmp_path: Path) -> None:
    write(tmp_path / "a", elavil="KEEP OUT OF REACH OF CHILDREN", prozac="Prozac")
    build_index([tmp_path / "a"], tmp_path / "index")
    assert titles(tmp_path / "index") == {"elavil": "Elavil", "prozac": "Prozac"}


def test_titles_that_stand_twice_give_way_for_as_long_as_they_do(tmp_path: Path) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    write(folder, one="Dosage guide", two="Dosage Guide", three="Side effects")
    report = build_index([folder], index)
    assert (report.added, report.changed, report.generation) == (3, 0, 1)  # all at once
    by_name = {"one": "One", "two": "Two", "three": "Side effects"}
    assert titles(index) == by_name
    report = build_index([folder], index)
    assert (report.unchanged, report.generation) == (3, report.generation)
    assert titles(index) == by_name
    build_index([folder], index, rebuild=True)
    assert titles(index) == by_name
    before = ids(index)
    write(folder, four="Side effects")
    changed = build_index([folder], index)
    assert (changed.added, changed.changed, changed.unchanged) == (1, 1, 2)
    assert changed.generation == report.generation + 2  # that of the rebuild is between
    assert set(before) <= set(ids(index))
    assert titles(index) == by_name | {"three": "Three", "four": "Four"}
    (folder / "two.txt").unlink()
    build_index([folder], index)
    assert titles(index)["one"] == "Dosage guide"
    pilcrow("verify", "--index", index)


def test_a_text_that_is_named_after_its_file_is_as_if_it_had_been_from_the_start(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a"
    write(folder, one="Dosage guide", two="Dosage guide")
    french = "Le médicament est pris avec un verre d'eau et les effets sont ceux qui sont connus. "
    more = "\nSIDE EFFECTS\n\nThey may be:\n\n- sleepiness\n- a dry mouth\n\n"
    more += f"{20 * BODY}\n\n{8 * french}\n"
    for path in folder.iterdir():
        path.write_text(path.read_text() + more)
    build_index([folder], tmp_path / "twins")
    build_index([folder], tmp_path / "named", settings=Settings(title_from="name"))
    with open_index(tmp_path / "twins") as twins, open_index(tmp_path / "named") as named:
        assert twins.article("one").title == "One"
        for name in ("one", "two"):
            assert twins.article(name) == named.article(name)
            assert twins.passages(name) == named.passages(name)
            assert ("Dosage guide",) in {p.section for p in twins.passages(name)}
            assert [p.language for p in twins.passages(name)][-1] == "fr"
    pilcrow("remove", "two", "--index", tmp_path / "twins")  # and back again
    build_index([folder], tmp_path / "twins")
    assert titles(tmp_path / "twins") == {"one": "One", "two": "Two"}


def test_a_list_of_titles_goes_before_everything(tmp_path: Path) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    write(folder, one="Dosage guide", two="Dosage guide")
    (folder / "sub").mkdir()
    (folder / "sub" / "page.md").write_text("---\ntitle: Front\n---\n# Head\n\nSome words.\n")
    rows = "path,title\none.txt,First guide\nsub/page.md,Listed\nmissing.txt,Nothing\n"
    (folder / "titles.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode())
    done = pilcrow("index", folder, "--index", index)
    assert "titles.csv:4: no file 'missing.txt'" in done.stderr.decode()
    assert b"ignored" not in done.stdout
    assert titles(index) == {"one": "First guide", "sub/page": "Listed", "two": "Two"}
    (folder / "titles.csv").write_text("path,title\none.txt,Another\n")
    build_index([folder], index)
    assert titles(index) == {"one": "Another", "sub/page": "Front", "two": "Two"}


@pytest.mark.parametrize("content", [b"name;title\n", b"\xff\xfe\x00", b""])
def test_a_list_that_can_not_be_read_is_reported(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "a", one="Dosage guide")
    (tmp_path / "a" / "titles.csv").write_bytes(content)
    report = build_index([tmp_path / "a"], tmp_path / "index")
    assert len(report.skipped) == 1
    assert titles(tmp_path / "index") == {"one": "Dosage guide"}


def test_titles_from_names(tmp_path: Path) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    write(folder, dose_guide="Dosage guide", other="Other")
    (folder / "titles.csv").write_text("path,title\nother.txt,Listed\n")
    pilcrow("index", folder, "--index", index, "--title-from", "name")
    assert titles(index) == {"dose-guide": "Dose guide", "other": "Listed"}
    build_index([folder], index, settings=Settings())
    assert titles(index) == {"dose-guide": "Dosage guide", "other": "Listed"}


def test_no_word_of_a_title_line_is_lost(tmp_path: Path) -> None:
    folder, index = tmp_path / "a", tmp_path / "index"
    write(folder, one="KEEP OUT OF REACH OF CHILDREN", two="Zebras at night")
    (folder / "titles.csv").write_text("path,title\ntwo.txt,Listed\n")
    front = "---\ntitle: Front\n---\n# Quaggas\n\nSome words.\n\n## Stripes\n\nMany.\n"
    (folder / "three.md").write_text(front)
    build_index([folder], index)
    with open_index(index) as opened:
        for word, article in (("reach", "one"), ("zebras", "two"), ("quaggas", "three")):
            (hit,) = opened.search(word).hits
            assert (hit.article.id, hit.found_in) == (article, "heading")
        sections = [passage.section for passage in opened.passages("three")]
        assert sections == [("Quaggas",), ("Quaggas", "Stripes")]
    pilcrow("verify", "--index", index)
