"""A facet leads to the number that it says: exact section paths everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer import Index, build_index, open_index
from tests.helpers.command_line import pilcrow
from tests.helpers.sites import serving

ARTICLE = """
# Sample notes

## Are you taking other medicines?

Tell the doctor where the pain is.

### Are you?

More of the pain.

## Results

The pain was less.

### Pain

It is gone, pain and all.

## Results and discussion

The pain came back.

## Tools > Options

No pain here.

## Tools

### Options

Some pain there.

## C:\\\\ > D:\\\\

A drive with pain.

## > Quoted

Quoted pain.

## …

Dots of pain.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sections")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.md").write_text(ARTICLE.lstrip(), encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    return folder


@pytest.fixture(scope="module")
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder / "index") as index:
        yield index


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with serving(folder / "index") as client:
        yield client


def asked(client: FlaskClient, **parameters: str) -> tuple[int, list[str]]:
    """The total and the notes of a search for pain by the API."""
    answer = client.get("/api/v1/search", query_string={"q": "pain", **parameters}).json
    assert answer
    return answer["total"], answer["notes"]


def test_a_facet_says_how_many_its_path_leads_to(
    folder: Path, index: Index, client: FlaskClient
) -> None:
    facets = index.search("pain").facets["section"]
    assert len({facet.value for facet in facets}) == len(facets) == 10
    for facet in facets:
        assert index.has_section(facet.value)
        assert index.search("pain", section_path=facet.value).total == facet.count
        assert asked(client, section=facet.value) == (facet.count, [])
        page = client.get("/", query_string={"q": "pain", "section": facet.value})
        assert page.status_code == 200
        said = pilcrow(
            "search", "pain", "--index", folder / "index", "--format", "json",
            "--section-path", facet.value,
        )  # fmt: skip
        assert json.loads(said.stdout)["total"] == facet.count


def test_greater_and_backslash_in_a_heading_are_escaped(index: Index) -> None:
    values = {facet.value for facet in index.search("pain").facets["section"]}
    assert {r"Tools \> Options", "Tools > Options", r"\> Quoted"} <= values


@pytest.mark.parametrize(
    ("phrase", "total"),
    [
        ("Are you taking other medicines?", 2),  # and in the section below it
        ("are you", 2),
        ("taking * medicines", 0),  # a star is no word
        ("Results", 3),
        ("Tools > Options", 1),  # one heading that says both
        ("tools", 2),
    ],
)
def test_a_section_is_a_phrase_of_one_heading(
    index: Index, client: FlaskClient, phrase: str, total: int
) -> None:
    assert index.search("pain", section=phrase).total == total
    assert asked(client, heading=phrase)[0] == total


def test_what_is_no_path_is_read_as_a_phrase_with_a_note(client: FlaskClient) -> None:
    found = "showing sections whose headings have these words"
    note = f"no section has the path other medicines; {found}"
    assert asked(client, section="other medicines") == (2, [note])
    page = client.get("/", query_string={"q": "pain", "section": "other medicines"}).text
    assert "No section has the path other medicines" in page
    assert asked(client, section="!") == (0, ["no section has the path !"])


def test_an_unknown_path_finds_nothing_and_says_so(index: Index) -> None:
    found = index.search("pain", section_path="Results > Nothing")
    assert (found.total, found.notes) == (0, ("no section has the path Results > Nothing",))


def test_an_article_that_is_not_there_is_told_wherever_it_is_named(
    folder: Path, index: Index, client: FlaskClient
) -> None:
    there = index.articles()[0].id
    note = "no article has the id nowhere"
    assert index.search("pain", article=[there, "nowhere"]).notes == (note,)
    assert index.search(f"pain article:{there}").notes == ()
    for asking in ("article:nowhere pain", "pain NOT article:nowhere"):
        assert note in index.search(asking).notes
    assert asked(client, article="nowhere") == (0, [note])
    assert "No article has the id nowhere" in client.get("/?q=pain&article=nowhere").text
    done = pilcrow("search", "pain", "--article", "nowhere", "--index", folder / "index",
                   "--format", "json")  # fmt: skip
    assert json.loads(done.stdout)["notes"] == [note]


def test_section_and_heading_restrict_together(client: FlaskClient) -> None:
    assert asked(client, section="Results > Pain", heading="results")[0] == 1
    assert asked(client, section="Results > Pain", heading="tools")[0] == 0
