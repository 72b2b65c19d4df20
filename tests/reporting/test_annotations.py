"""Web Annotations: what the model requires is there, and each selector leads back to its words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Index, build_index, open_index
from indexer.links.quotes import match_quote, quote_spans
from indexer.model import Article, Selectors, Span
from indexer.reporting.annotations import (
    passage_annotations,
    place_in,
    results_annotations,
    selectors,
    source_of,
)
from tests.helpers.command_line import failure, pilcrow

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
PAGE = """\
---
url: https://example.org/pain?a=1&b=2
---
# Pain 😀 and Rest

## Words 𝒳

Pain comes and goes; 😀 pain is no rule. A café is no cure for pain.

## Dose

- 5 mg at night for pain
- 5 mg at night for sleep
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a page with an address, and of one without whose id must be escaped."""
    folder = tmp_path_factory.mktemp("annotated")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "pain.md").write_text(PAGE, encoding="utf-8")
    record = {"id": "a b/ä?#", "title": "Other", "text": "Other\n\nMore pain than one can bear."}
    (folder / "corpus" / "other.jsonl").write_text(json.dumps(record), encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    return folder / "index"


@pytest.fixture
def index(home: Path) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def asked(home: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The collection that a command prints."""
    done = pilcrow(*arguments, "--index", home, "--format", "jsonld", code=code)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def items(collection: dict[str, Any]) -> list[dict[str, Any]]:
    """The annotations of a collection, which must be what the model says."""
    assert collection["@context"] == CONTEXT
    assert collection["type"] == "AnnotationCollection"
    assert IRI.fullmatch(collection["id"])
    assert isinstance(collection["label"], str)
    if not collection["total"]:
        assert "first" not in collection
        return []
    page = collection["first"]
    assert page["type"] == "AnnotationPage"
    assert IRI.fullmatch(page["id"])
    assert page["partOf"] == collection["id"]
    assert page["startIndex"] == 0
    found = page["items"]
    assert isinstance(found, list)
    assert len(found) == collection["total"]
    assert len({item["id"] for item in found}) == len(found)
    for item in found:
        check(item)
    return found


def check(item: dict[str, Any]) -> None:
    """What each annotation must have."""
    assert item["type"] == "Annotation"
    assert IRI.fullmatch(item["id"])
    assert item["motivation"] in ("highlighting", "bookmarking")
    for body in item.get("body", ()):
        if body["type"] == "TextualBody":
            assert isinstance(body["value"], str)
            assert body["purpose"] in ("tagging", "describing")
        else:
            assert (body["type"], body["purpose"]) == ("SpecificResource", "linking")
            assert IRI.fullmatch(body["source"])
    (target,) = item["target"]
    assert IRI.fullmatch(target["source"])
    quote, position = target["selector"]
    assert quote["type"] == "TextQuoteSelector"
    assert quote["exact"]
    assert {"type", "exact"} <= set(quote) <= {"type", "exact", "prefix", "suffix"}
    assert set(position) == {"type", "start", "end"}
    assert position["type"] == "TextPositionSelector"
    assert 0 <= position["start"] < position["end"]


def article_of(index: Index, item: dict[str, Any]) -> Article:
    """The article that an annotation's target names."""
    source = item["target"][0]["source"]
    for ref in index.articles():
        if source_of(ref.id, ref.url) == source:
            return index.article(ref.id)
    raise AssertionError(f"{source} names no article")


def anchored(index: Index, item: dict[str, Any]) -> str:
    """The words that an importer finds: by position, and by quote alone, which must agree."""
    text = article_of(index, item).text
    quote, position = item["target"][0]["selector"]
    around = quote.get("prefix", ""), quote.get("suffix", "")
    start, end = position["start"], position["end"]
    assert text[start:end] == quote["exact"]
    assert text[start - len(around[0]) : start] == around[0]
    assert text[end : end + len(around[1])] == around[1]
    found = match_quote(text, quote["exact"], *around)
    assert found is not None
    assert (found.span.start, found.span.end) == (start, end)
    return text[start:end]


def test_each_mark_of_a_search_is_an_annotation(home: Path, index: Index) -> None:
    found = items(asked(home, "search", "pain"))
    words = [anchored(index, item) for item in found]
    marks = [
        hit.passage.text[mark.start : mark.end]
        for hit in index.search("pain").hits
        for mark in hit.marks
    ]
    assert words == marks
    assert len(words) >= 5
    assert {item["motivation"] for item in found} == {"highlighting"}
    assert all(item["body"][0]["value"] == "pain" for item in found)


def test_hits_without_marks_are_annotated_whole(home: Path, index: Index) -> None:
    found = items(asked(home, "search", "-sleep", "--limit", "1"))
    (hit,) = index.search("-sleep", limit=1).hits
    assert [anchored(index, item) for item in found] == [hit.passage.text]


def test_what_is_not_shown_is_said(home: Path) -> None:
    done = pilcrow("search", "pain", "--limit", "1", "--format", "jsonld", "--index", home)
    assert "1 of 3 passages" in done.stderr.decode()
    assert items(asked(home, "search", "nowhere")) == []


def test_each_occurrence_is_an_annotation(home: Path, index: Index) -> None:
    found = items(asked(home, "concordance", "pain"))
    lines = index.concordance("pain").lines
    assert [anchored(index, item) for item in found] == [line.match for line in lines]


def test_passages_are_bookmarked_with_their_section(home: Path, index: Index) -> None:
    passages = index.passages("pain")
    found = items(asked(home, "cite", *(passage.id for passage in passages)))
    assert [anchored(index, item) for item in found] == [passage.text for passage in passages]
    assert found[0]["body"][0]["value"] == "Words 𝒳"


def test_links_are_annotated_with_their_status(home: Path, index: Index) -> None:
    found = items(asked(home, "links"))
    assert [anchored(index, item) for item in found] == [one.was.text for one in index.links()]
    assert {item["body"][-1]["value"] for item in found} == {"intact"}


def test_lost_links_keep_their_last_words(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    page = tmp_path / "corpus" / "a.txt"
    kept, gone = "What stays here is of no matter.", "What goes is lost, and that for good."
    page.write_text(f"A Title\n\n{kept}\n\n{gone}\n", encoding="utf-8")
    build_index([tmp_path / "corpus"], tmp_path / "index")
    page.write_text(f"A Title\n\n{kept}\n", encoding="utf-8")
    build_index([tmp_path / "corpus"], tmp_path / "index")
    found = items(asked(tmp_path / "index", "links", code=1))
    by_words = {item["target"][0]["selector"][0]["exact"]: item for item in found}
    assert by_words[gone]["body"][-1]["value"] == "lost"
    assert by_words[kept]["body"][-1]["value"] == "intact"


def test_positions_are_code_points_not_utf_16(home: Path, index: Index) -> None:
    passage = index.passages("pain")[0]
    (item,) = items(passage_annotations([(index.article("pain"), passage)]))
    position = item["target"][0]["selector"][1]
    before = index.article("pain").text[: passage.span.start]
    assert position["start"] == len(before)
    assert len(before.encode("utf-16-le")) // 2 > len(before)


def test_a_source_is_the_page_or_a_name(index: Index) -> None:
    refs = {ref.id: source_of(ref.id, ref.url) for ref in index.articles()}
    assert refs == {
        "pain": "https://example.org/pain?a=1&b=2",
        "a b/ä?#": "urn:x-pilcrow:article:a%20b/%C3%A4%3F%23",
    }
    assert source_of("x", "javascript:alert(1)") == "urn:x-pilcrow:article:x"
    assert IRI.fullmatch(source_of("\ud800\n"))


def test_a_site_adds_permalinks(home: Path, index: Index) -> None:
    found = items(asked(home, "search", "sleep", "--site", "https://docs.example.org/"))
    (hit,) = index.search("sleep").hits
    link = {"type": "SpecificResource", "purpose": "linking"}
    assert found[0]["body"][-1] == {
        **link,
        "source": f"https://docs.example.org/p/{hit.passage.id}",
    }
    without = items(asked(home, "search", "sleep"))
    assert without[0]["id"] == found[0]["id"]
    assert "example" in failure("search", "pain", "--site", "example", "--index", home)


def test_importing_twice_makes_no_second_annotation(home: Path, index: Index) -> None:
    assert asked(home, "search", "pain") == asked(home, "search", "pain")
    first = {item["id"] for item in items(asked(home, "search", "pain"))}
    other = {item["id"] for item in items(asked(home, "search", "5"))}
    assert not first & other
    made = results_annotations(index.search("pain"), index.article)
    assert made == asked(home, "search", "pain")


def test_empty_contexts_are_left_out() -> None:
    place = Selectors("", "a", "A", "all of it", "", "", 0, 9, ())
    assert selectors(place)[0] == {"type": "TextQuoteSelector", "exact": "all of it"}


@given(st.text("ab \n", min_size=1, max_size=200), st.data())
def test_a_quote_with_its_context_is_unique(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article = Article("a", "A", "", "en", text, ())
    place = place_in(article, Span(start, end))
    assert text[place.start : place.end] == place.text
    assert text[: place.start].endswith(place.prefix)
    assert text[place.end :].startswith(place.suffix)
    whole = place.prefix + place.text + place.suffix
    fitting = [span.start + len(place.prefix) for span in quote_spans(text, whole)]
    assert fitting == [start]
