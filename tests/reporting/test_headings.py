"""Headings and titles in every form of output: what audits count in them, and the hits that were
found by them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from indexer import Article, Index, Mark, Passage, Results, build_index, schema
from indexer.audits.counts import AuditRequest, TermCount, audit
from indexer.audits.terms import AuditTerm
from indexer.model import Block, FoundHeading, Reason
from indexer.reporting.annotations import results_annotations
from indexer.reporting.csv import results_table, to_csv
from indexer.reporting.results import MARK_STYLE, results_lines
from indexer.text.folding import fold
from indexer.text.tokenizer import tokenize
from tests.helpers.command_line import pilcrow
from tests.helpers.effort import seeds
from tests.helpers.indexed import indexed
from tests.helpers.sites import Page, page, serving
from tests.oracle import Chance, Engine, Part, Shelf, compose, evaluator, shelve

SITE = {
    "consent": "# Consent\n\nAsk.\n\n## Withdrawal of consent\n\n### By letter\n\nWrite to us.\n",
    "elavil": "# Elavil withdrawal\n\nWithdrawal can be hard.\n\n## Dose\n\nTake 5 mg.\n",
    "empty": "# Sleep\n\nSleep well.\n",
    "end": "# Zopiclone\n\nTake it at night.\n\n## Taper\n\nSlowly.\n\n## Withdrawal\n",
    "zoloft": "# Zoloft\n\nSee a doctor.\n\n## WITHDRAWAL\n\n## HOW TO STOP\n\nTaper slowly.\n",
}
ONLY = ["consent", "end", "zoloft"]  # say it in a heading alone


@pytest.fixture(scope="module")
def site() -> Iterator[Index]:
    with indexed(SITE) as index:
        yield index


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index, as the command line is given it."""
    made = tmp_path_factory.mktemp("headings")
    for name, text in SITE.items():
        (made / f"{name}.md").write_text(text, encoding="utf-8")
    build_index(made, made / "index")
    return made / "index"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with serving(folder) as served:
        yield served


def in_headings(count: TermCount) -> dict[tuple[str, tuple[str, ...]], int]:
    """The cells of a term that headings and titles are counted in."""
    return {(c.article.id, c.section): c.headings for c in count.by if c.headings}


# --- the numbers of audits ------------------------------------------------------------------------


def test_by_article_headings_and_title_count_together(site: Index) -> None:
    (count,) = site.audit(["withdrawal"]).terms
    assert [(c.article.id, c.count, c.headings) for c in count.by] == [
        ("consent", 0, 1),
        ("elavil", 1, 1),
        ("empty", 0, 0),
        ("end", 0, 1),
        ("zoloft", 0, 1),
    ]
    assert count.headings == 4
    assert [(c.article.id, c.headings) for c in count.lacking] == [
        ("consent", 1),
        ("empty", 0),
        ("end", 1),
        ("zoloft", 1),
    ]
    assert [c.article.id for c in count.only_in_headings] == ONLY


def test_by_section_a_heading_counts_where_its_first_passage_stands(site: Index) -> None:
    (count,) = site.audit(["withdrawal"], by="section").terms
    assert in_headings(count) == {
        ("consent", ("Withdrawal of consent", "By letter")): 1,  # below its subsection
        ("elavil", ()): 1,  # the title: the article's first passage
        ("end", ("Taper",)): 1,  # nothing below: the last passage stands for it
        ("zoloft", ("HOW TO STOP",)): 1,  # nothing below: the next passage does
    }
    assert sum(cell.headings for cell in count.by) == count.headings


def test_named_articles_alone_are_counted(site: Index) -> None:
    (count,) = site.audit(["withdrawal"], articles=["zoloft", "empty"]).terms
    assert count.headings == 1
    assert [c.headings for c in count.by] == [0, 1]


def test_article_of_boilerplate_alone_has_a_row_for_its_headings() -> None:
    aside = [Part("heading", "Withdrawal", level=2), Part("boilerplate", "All rights reserved")]
    text = [Part("heading", "Dose", level=2), Part("paragraph", "Take one.")]
    engine = Engine(shelve([compose(n, n, p) for n, p in zip("abc", (text, aside, text))]))
    (count,) = audit(engine.searcher, ["withdrawal OR dose"], AuditRequest("section")).terms
    assert [(c.article.id, c.section, c.words, c.headings) for c in count.by] == [
        ("a", ("Dose",), 2, 1),
        ("b", (), 0, 1),
        ("c", ("Dose",), 2, 1),
    ]
    assert count.words == 4


@pytest.mark.parametrize("seed", seeds(4, 40))
def test_rows_add_up_and_are_those_that_the_articles_show(seed: int) -> None:
    chance = Chance.of(Random(seed))
    before = shelve([chance.article(number) for number in range(30)])
    fresh = shelve([chance.article(number) for number in (0, 7, 31)])
    after = Shelf(2, {**before.articles, **fresh.articles})
    searcher = Engine(before, after).searcher
    joined = {"".join(compound.parts) for compound in evaluator(after).corpus.compounds}
    words = sorted({w for w in chance.vocabulary if w.isalnum() and len(tokenize(w).forms) == 1})
    words = [word for word in words if fold(word) not in joined]
    expected = [expected_rows(after, word) for word in words]
    assert any(expected)
    for by in ("article", "section"):
        found = audit(searcher, words, AuditRequest(by, "word"))
        for count, rows in zip(found.terms, expected, strict=True):
            shown: dict[tuple[str, tuple[str, ...]], int] = {}
            for (article, section), number in rows.items():
                key = article, section if by == "section" else ()
                shown[key] = shown.get(key, 0) + number
            assert in_headings(count) == shown, (by, count.term.query)
            assert count.headings == sum(rows.values())


def expected_rows(shelf: Shelf, word: str) -> dict[tuple[str, tuple[str, ...]], int]:
    """Article and section of each heading and title with a word, by reading the articles."""
    rows: dict[tuple[str, tuple[str, ...]], int] = {}
    for name, stored in shelf.articles.items():
        content = [p for p in stored.passages if p.kind != "boilerplate"]
        first = content[0].section if content else ()
        heads = [(stored.article.title, first)]
        headings = [block for block in stored.article.blocks if block.kind == "heading"]
        heads += [
            (h.span.of(stored.article.text), row_of(stored.article, h, headings[at + 1 :], content))
            for at, h in enumerate(headings)
        ]
        for text, section in heads:
            forms = (re.sub("['’]s$", "", form) for form in tokenize(text).forms)
            number = sum(fold(form) == fold(word) for form in forms)
            if number:
                rows[name, section] = rows.get((name, section), 0) + number
    return rows


def row_of(
    article: Article, heading: Block, later: list[Block], content: list[Passage]
) -> tuple[str, ...]:
    """Section of the first passage below a heading, or of that which stands for it."""
    ends = (h.span.start for h in later if len(h.section) <= len(heading.section))
    end = next(ends, len(article.text))
    after = [p for p in content if p.span.start >= heading.span.end]
    below = [p for p in after if p.span.start < end and len(p.section) > len(heading.section)]
    chosen = [*below, *after, *content[-1:]]
    return chosen[0].section if chosen else ()


def test_group_adds_up_its_terms(site: Index) -> None:
    terms = [
        AuditTerm("withdrawal", "all"),
        AuditTerm("consent", "all"),
        AuditTerm("taper*", "all"),
    ]
    found = site.audit(terms)
    (group,) = found.groups
    assert group.headings == sum(count.headings for count in found.terms) == 4 + 2 + 1
    columns = zip(*(count.by.headings for count in found.terms))
    assert list(group.by.headings) == [sum(column) for column in columns]


# --- the forms of audits ------------------------------------------------------------------------


def test_json(folder: Path, client: FlaskClient) -> None:
    arguments = ("audit", "withdrawal", "--by", "section", "--index", folder, "--format", "json")
    found: dict[str, Any] = json.loads(pilcrow(*arguments).stdout)
    (term,) = found["terms"]
    assert term["headings"] == sum(cell["headings"] for cell in term["by"]) == 4
    cells = {(c["article"], *c["section"]): (c["count"], c["headings"]) for c in term["by"]}
    assert cells["zoloft", "HOW TO STOP"] == (0, 1)
    assert cells["empty",] == (0, 0)
    lacking = {(c["article"], *c["section"]): c["headings"] for c in term["lacking"]}
    assert lacking["zoloft", "HOW TO STOP"] == 1
    assert lacking["zoloft",] == lacking["empty",] == 0
    answered = client.get("/api/v1/audit?q=withdrawal&by=section").get_json()
    assert (answered["terms"][0]["by"], answered["terms"][0]["lacking"]) == (
        term["by"],
        term["lacking"],
    )


def test_csv(folder: Path) -> None:
    made = pilcrow("audit", "withdrawal", "--index", folder, "--format", "csv").stdout.decode()
    whole, *rows = csv.DictReader(io.StringIO(made))
    assert whole["headings"] == "4"
    assert [(r["article"], r["count"], r["headings"]) for r in rows][:3] == [
        ("consent", "0", "1"),
        ("elavil", "1", "1"),
        ("empty", "0", "0"),
    ]


def test_text(folder: Path) -> None:
    shown = pilcrow("audit", "withdrawal", "Zoloft", "aspirin", "--index", folder).stdout.decode()
    flat = " ".join(shown.split())
    assert "missing from 4 of 5 articles, 3 of which have it only in headings: Consent (1" in flat
    assert "headings 1 in Consent 1 in Elavil withdrawal 1 in Zopiclone 1 in Zoloft" in flat
    assert "Zoloft 0 occurrences" in flat  # it is no term that is nowhere
    assert "not found (1 of 3 terms): aspirin" in flat


def test_report(folder: Path) -> None:
    arguments = ("withdrawal", "Zoloft", "aspirin", "--index", folder, "--format", "html")
    text = " ".join(Page(pilcrow("audit", *arguments).stdout.decode()).text.split())
    assert "1 of 3 terms was not found" in text
    assert "Not found: aspirin" in text
    assert "Not in the text, only in headings and titles: Zoloft" in text
    assert "0 (only in headings)" in text
    assert "Missing from 4 of 5 articles, 3 of which have it only in headings" in text
    assert "0 +1 in heading" in text


def test_page_tells_only_in_headings_from_nowhere(client: FlaskClient) -> None:
    text = " ".join(page(client, "/audit?q=withdrawal&q=Zoloft&q=aspirin").text.split())
    assert "withdrawal is not in 4 of 5 articles, 3 of which have it only in headings" in text
    assert "Zoloft is in none of 5 articles, 1 of which has it only in headings" in text
    assert "aspirin is in none of 5 articles" in text
    assert "Zopiclone 1 time in headings" in text
    assert "0 +1 in heading" in text
    assert "1 +3 only in headings" in text
    assert "Zoloft is not in the text of any passage, but 1 time in headings and titles." in text


# --- kept, and compared ------------------------------------------------------------------------


def test_saved_audits_keep_headings_and_old_ones_still_load(tmp_path: Path) -> None:
    texts, index, kept = tmp_path / "texts", tmp_path / "index", tmp_path / "kept.json"
    texts.mkdir()
    article = texts / "a.md"
    article.write_text("# A\n\n## Withdrawal\n\nWithdrawal is hard.\n\n## B\n\nSleep.\n")
    build_index(texts, index)
    pilcrow("audit", "withdrawal", "hard", "--by", "section", "--index", index, "--save", kept)
    saved = json.loads(kept.read_bytes())
    assert [cell["headings"] for cell in saved["terms"][0]["by"]] == [1, 0]
    article.write_text("# A\n\n## Withdrawal\n\nIt is hard.\n\n## B\n\nSleep.\n")
    build_index(texts, index)
    compared = compare(index, kept)
    (lost,) = compared["terms"][0]["places_lost"]
    assert lost == {"article": "a", "section": ["Withdrawal"], "headings": 1}
    shown = pilcrow("audit", "--compare", kept, "--index", index).stdout.decode()
    assert "now only in headings" in shown
    for term in saved["terms"]:
        for cell in term["by"]:
            del cell["headings"]  # as it was written before
    kept.write_text(json.dumps(saved), encoding="utf-8")
    assert compare(index, kept)["terms"] == compared["terms"]


def compare(index: Path, kept: Path) -> dict[str, Any]:
    """The comparison with what was kept."""
    arguments = ("audit", "--compare", kept, "--index", index, "--format", "json")
    found: dict[str, Any] = json.loads(pilcrow(*arguments).stdout)
    return found


# --- hits --------------------------------------------------------------------------------------

JSON = ("--format", "json")
STEM: Reason = "stem"
EMPTY = FoundHeading("WITHDRAWAL", ("WITHDRAWAL",), (Mark(0, 10, STEM),))


def found_by(index: Index, query: str, **how: Any) -> Results:
    """An answer whose one hit was found `how`, and not by its text."""
    found = index.search(query)
    (hit,) = found.hits
    return replace(found, query="withdrawal", hits=(replace(hit, marks=(), **how),))


@pytest.fixture
def by_heading(site: Index) -> Results:
    """The passage that is the first below the heading."""
    return found_by(
        site, "letter write", found_in="heading", section_marks=((Mark(0, 10, STEM),), ())
    )


@pytest.fixture
def by_empty_heading(site: Index) -> Results:
    """The passage that stands for a heading with nothing below it."""
    return found_by(site, '"taper slowly"', found_in="heading", heading=EMPTY)


@pytest.fixture
def by_title(site: Index) -> Results:
    """The first passage of the article."""
    return found_by(site, "hard", found_in="title", title_marks=(Mark(7, 17, STEM),))


def test_hits_as_json(by_heading: Results, by_empty_heading: Results, by_title: Results) -> None:
    mark = {"start": 0, "end": 10, "reason": STEM}
    (hit,) = schema.SearchShape.from_result(by_heading).as_dict()["hits"]
    assert hit["section"] == ["Withdrawal of consent", "By letter"]
    assert (hit["marks"], hit["section_marks"], hit["title_marks"]) == ([], [[mark], []], [])
    assert hit["found_in"] == "heading"
    assert "heading" not in hit
    (hit,) = schema.SearchShape.from_result(by_empty_heading).as_dict()["hits"]
    assert hit["heading"] == {"text": "WITHDRAWAL", "section": ["WITHDRAWAL"], "marks": [mark]}
    assert (hit["section"], hit["section_marks"]) == (["HOW TO STOP"], [[]])
    (hit,) = schema.SearchShape.from_result(by_title).as_dict()["hits"]
    assert hit["title_marks"] == [{"start": 7, "end": 17, "reason": STEM}]
    assert (hit["found_in"], hit["section_marks"]) == ("title", [])


def test_hits_as_csv(
    site: Index, by_heading: Results, by_empty_heading: Results, by_title: Results
) -> None:
    for found, told in (
        (site.search("hard"), "text"),
        (by_heading, "heading"),
        (by_empty_heading, "heading"),
        (by_title, "title"),
    ):
        rows = csv.DictReader(io.StringIO(to_csv(*results_table(found))))
        assert rows.fieldnames
        assert rows.fieldnames[-1] == "found_in"
        assert [row["found_in"] for row in rows] == [told]


def test_hits_as_text(
    site: Index, by_heading: Results, by_empty_heading: Results, by_title: Results
) -> None:
    def shown(found: Results) -> tuple[str, list[str]]:
        place, *_ = results_lines(found, {}, None, 320)
        plain = place.plain
        return plain, [plain[s.start : s.end] for s in place.spans if s.style == MARK_STYLE]

    path = "1. Consent › Withdrawal of consent › By letter"
    assert shown(by_heading) == (f"{path} · in the heading", ["Withdrawal"])
    stop = "1. Zoloft › HOW TO STOP"
    assert shown(by_empty_heading) == (f"{stop} · in the heading WITHDRAWAL", ["WITHDRAWAL"])
    assert shown(by_title) == ("1. Elavil withdrawal · in the title", ["withdrawal"])
    (hit,) = site.search('"taper slowly"').hits
    both = replace(by_empty_heading, hits=(replace(hit, heading=EMPTY),))
    assert shown(both)[0] == f"{stop} · with the heading WITHDRAWAL"
    assert "·" not in shown(site.search('"taper slowly"'))[0]


def test_hits_as_annotations(
    site: Index, by_heading: Results, by_empty_heading: Results, by_title: Results
) -> None:
    for found, described, exact in (
        (by_heading, "Withdrawal of consent › By letter", "Write to us."),
        (by_empty_heading, "WITHDRAWAL", "Taper slowly."),
        (by_title, "Elavil withdrawal", "Withdrawal can be hard."),
    ):
        (item,) = results_annotations(found, site.article)["first"]["items"]
        said = {body["purpose"]: body["value"] for body in item["body"]}
        assert said == {"describing": described, "tagging": "withdrawal"}
        assert item["target"][0]["selector"][0]["exact"] == exact


@pytest.fixture
def answering_anew(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The site, which keeps no answers."""
    monkeypatch.setattr("webapp.headers.ResponseCache.get", lambda *_: None)
    monkeypatch.setattr("webapp.headers.ResponseCache.put", lambda *_: None)
    return client


def test_hits_on_the_page(
    answering_anew: FlaskClient,
    by_heading: Results,
    by_empty_heading: Results,
    by_title: Results,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def shown(found: Results) -> Page:
        monkeypatch.setattr("webapp.api.search", lambda index, form, **_: found)
        return page(answering_anew, "/?q=withdrawal")

    found = shown(by_heading)
    assert "In the heading" in found.text
    assert found.marks == ["Withdrawal"]
    found = shown(by_empty_heading)
    assert "In the heading WITHDRAWAL, which has no text of its own" in found.text
    assert found.marks == ["WITHDRAWAL"]
    found = shown(by_title)
    assert "In the title" in found.text
    assert found.marks == ["withdrawal"]
    (hit,) = by_empty_heading.hits
    hit = replace(hit, found_in="text", marks=(Mark(0, 5, STEM),))
    found = shown(replace(by_empty_heading, hits=(hit,)))
    assert "With the heading WITHDRAWAL, which has no text of its own" in found.text
    assert found.marks == ["WITHDRAWAL", "Taper"]


def test_marks_of_a_section_are_shown_whichever_hit_has_them(
    site: Index, answering_anew: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = site.search("write OR ask", sort="position")
    plain, marked = found.hits
    marked = replace(marked, title_marks=(Mark(0, 7, STEM),))
    both = replace(found, hits=(replace(plain, passage=marked.passage), marked))
    monkeypatch.setattr("webapp.api.search", lambda index, form, **_: both)
    assert "Consent" in page(answering_anew, "/?q=consent").marks


def test_long_passage_found_by_its_heading_shows_its_beginning(
    answering_anew: FlaskClient, by_heading: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hit,) = by_heading.hits
    text = " ".join(f"Sentence {n} of many." for n in range(80))
    long = replace(hit, passage=replace(hit.passage, text=text))
    monkeypatch.setattr(
        "webapp.api.search", lambda index, form, **_: replace(by_heading, hits=(long,))
    )
    shown = page(answering_anew, "/?q=withdrawal")
    assert "Sentence 0 of many." in shown.text.partition("Whole passage")[0]
    assert "Sentence 79" not in shown.text.partition("Whole passage")[0]


def test_api_describes_how_a_hit_was_found(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").get_json()["components"]["schemas"]
    hit = schemas["HitShape"]
    assert set(hit["properties"]) - set(hit["required"]) == {"heading", "why"}
    assert hit["properties"]["found_in"]["enum"] == ["text", "heading", "title"]
    (found,) = client.get("/api/v1/search?q=hard").get_json()["hits"]
    assert (found["found_in"], found["section_marks"]) == ("text", [])


# --- asked -------------------------------------------------------------------------------------


def test_command_line_finds_sections_by_their_headings(folder: Path) -> None:
    found = json.loads(pilcrow("search", "withdrawal", "--index", folder, *JSON).stdout)
    told = {hit["article"]["id"]: hit for hit in found["hits"]}
    assert found["total"] == len(told) == 4
    assert {name: hit["found_in"] for name, hit in told.items()} == {
        "consent": "heading",
        "elavil": "text",
        "end": "heading",
        "zoloft": "heading",
    }
    assert [told[name]["text"] for name in ONLY] == ["Write to us.", "Slowly.", "Taper slowly."]
    assert not any(told[name]["marks"] for name in ONLY)
    assert told["consent"]["section_marks"] == [[{"start": 0, "end": 10, "reason": "exact"}], []]
    assert "heading" not in told["consent"]
    assert told["zoloft"]["heading"] == {
        "text": "WITHDRAWAL",
        "section": ["WITHDRAWAL"],
        "marks": [{"start": 0, "end": 10, "reason": "exact"}],
    }
    assert {f["value"]: f["count"] for f in found["facets"]["article"]} == dict.fromkeys(told, 1)


def test_leaf_in_the_text_and_another_in_an_empty_heading(folder: Path) -> None:
    asked = ("search", "withdrawal taper", "--article", "zoloft", "--index", folder)
    (hit,) = json.loads(pilcrow(*asked, *JSON).stdout)["hits"]
    assert (hit["found_in"], hit["heading"]["text"], len(hit["marks"])) == ("text", "WITHDRAWAL", 1)
    assert b"HOW TO STOP \xc2\xb7 with the heading WITHDRAWAL" in pilcrow(*asked).stdout


def test_title_alone_leads_to_the_beginning_of_its_article(folder: Path) -> None:
    asked = ("search", "zopiclone", "--index", folder, "--format")
    (row,) = csv.DictReader(io.StringIO(pilcrow(*asked, "csv").stdout.decode()))
    assert (row["text"], row["matches"], row["found_in"]) == ("Take it at night.", "", "title")
    assert "1. Zopiclone · in the title" in pilcrow(*asked, "text").stdout.decode()
    document = json.loads(pilcrow(*asked, "jsonld").stdout)
    (item,) = document["first"]["items"]
    assert item["body"][0]["value"] == "Zopiclone"


def test_page_and_api_find_what_the_command_line_finds(folder: Path, client: FlaskClient) -> None:
    answered = client.get("/api/v1/search?q=withdrawal&limit=9").get_json()
    told = json.loads(pilcrow("search", "withdrawal", "--index", folder, *JSON).stdout)
    assert answered["hits"] == told["hits"]
    found = page(client, "/?q=withdrawal")
    text = " ".join(found.text.split())
    assert "4 passages" in text
    assert text.count("In the heading WITHDRAWAL, which has no text of its own") == 1
    assert text.count("In the heading") == 3
    assert sorted(found.marks) == ["WITHDRAWAL", *["Withdrawal"] * 3, "withdrawal"]


def test_link_of_a_passage_found_by_its_heading_leads_to_it(client: FlaskClient) -> None:
    links = [a["href"] for a in page(client, "/?q=withdrawal").with_class("open")]
    assert len(links) == 4
    for link in links:
        target = urlsplit(client.get(link).location)
        shown = page(client, f"{target.path}?{target.query}")
        assert target.fragment in shown.ids(), link
