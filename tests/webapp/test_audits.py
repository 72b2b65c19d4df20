"""Audits on the web: counts that add up, pages, downloads, refusals, and the API beside them."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from indexer import SHADES, Index, build_index
from tests.helpers.sites import Page, page, serving
from webapp.params import MOST_TERMS, AuditForm, part_of

TERMS = "/audit?q=dose&q=waiting&q=%22one+mg%22"
PAGES = (
    "/audit",
    TERMS,
    TERMS + "&by=section&match=word",
    TERMS + "&by=section&article=glance",
    "/audit?q=waiting&by=section",
    "/audit/concordance",
    "/audit/concordance?q=dose",
    "/audit/concordance?q=dose&unit=passage&sort=left1,node&article=glance",
    "/audit/collocates",
    "/audit/collocates?q=waiting",
    "/audit/keywords",
    "/audit/keywords?article=glance",
    "/audit/duplicates",
    "/audit/duplicates?unit=sentence&article=waiting",
    "/audit/readability",
    "/audit/readability?by=section&article=glance",
)
COPIES = """\
# Doses

The usual dose for adults is 50 mg at night, and never more than that without asking.

The usual dose for adults is 75 mg at night, and never more than that without asking.
"""


def rows(html: str, label: str) -> list[list[str]]:
    """The cells of the table in a region, without markup, row by row."""
    table = html[html.index(f'aria-label="{label}"') :].partition("</table>")[0]
    found = []
    for row in re.findall(r"<tr.*?</tr>", table, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        found.append([" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells])
    return found


# --- pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_and_needs_no_style_of_its_own(
    client: FlaskClient, address: str
) -> None:
    found = page(client, address)
    assert len(found.all("h1")) == 1
    assert not [a for _, a in found.elements if "style" in a or "onclick" in a]
    assert len(found.ids()) == len(set(found.ids()))
    assert "None" not in found.text
    assert "Undefined" not in found.text


def test_the_empty_page_says_what_it_is_with_examples_that_work(client: FlaskClient) -> None:
    found = page(client, "/audit")
    (area,) = found.all("textarea")
    assert area["name"] == "q"
    tries = [
        a["href"] for a in found.all("a") if a["href"].startswith("/audit") and "q=" in a["href"]
    ]
    assert len(tries) == 3
    for example in tries:
        assert "0 occurrences" not in page(client, example).text


def test_lines_of_the_form_become_an_address_to_share(client: FlaskClient) -> None:
    typed = {"q": "dose\r\n\r\n  waiting \r\n", "by": "section", "match": "stem", "article": ""}
    response = client.get("/audit", query_string=typed)
    assert response.status_code == 302
    asked = parse_qs(urlsplit(response.location).query)
    assert asked == {"q": ["dose", "waiting"], "by": ["section"]}


def test_counts_are_those_of_the_library(elavil: FlaskClient, index: Index) -> None:
    html = elavil.get("/audit?q=pain&q=tapering&q=nowhere&by=section").text
    audit = index.audit(["pain", "tapering", "nowhere"], by="section")
    head, *lines = rows(html, "Frequency")
    assert head[3:6] == ["Passages of 16", "Sections of 7", "Articles of 1"]
    assert [line[0] for line in lines] == ["pain", "tapering", "nowhere"]
    for line, count in zip(lines, audit.terms, strict=True):
        assert line[1] == str(count.total)
        assert line[3:7] == [
            str(n) for n in (count.passages, count.sections, count.articles, count.headings)
        ]
    assert f"Counted in {audit.words} words of {audit.passages} passages" in html


def test_the_matrix_keeps_zeros_and_adds_up(elavil: FlaskClient, index: Index) -> None:
    html = elavil.get("/audit?q=pain&q=tapering&by=section").text
    _, *lines = rows(html, "Where each term occurs")
    cells, totals = lines[:-2], lines[-2]
    assert len(cells) == 7
    assert [line[3] for line in cells].count("0") == 6
    for column in (2, 3):
        assert sum(int(line[column].split()[0]) for line in cells) == int(totals[column].split()[0])
    assert sum(int(line[1]) for line in cells) == index.totals.words
    shades = [a["class"] for _, a in Page(html).elements if a.get("class", "").startswith("shade-")]
    assert "shade-0" in shades
    assert f"shade-{len(SHADES) - 1}" in shades


def test_cells_and_ticks_lead_to_the_passage_with_the_term_marked(elavil: FlaskClient) -> None:
    found = page(elavil, "/audit?q=tapering&by=section")
    leading = {a["href"] for a in found.all("a") if a["href"].startswith("/p/")}
    assert len(leading) == 1  # the cell, the tick and the line of the one occurrence
    landed = elavil.get(leading.pop(), follow_redirects=True)
    assert Page(landed.text).marks == ["tapering"]


def test_every_occurrence_stands_in_a_barcode_of_its_article(
    elavil: FlaskClient, index: Index
) -> None:
    found = page(elavil, "/audit?q=pain")
    (drawing,) = found.with_class("barcode")
    assert "38 occurrences in 941 words" in drawing["aria-label"]
    said = [a["aria-label"] for a in found.all("a") if "occurrence" in a.get("aria-label", "")]
    ticks = [
        int(match[1]) for label in said if (match := re.match(r"(\d+) occurrences? at", label))
    ]
    assert sum(ticks) == index.concordance("pain").total


def test_what_lacks_a_term_is_told(client: FlaskClient) -> None:
    text = page(client, "/audit?q=sprocket&q=nowhere").text
    assert "sprocket is not in 3 of 11 articles" in " ".join(text.split())
    assert "nowhere is in none of 11 articles" in " ".join(text.split())


def test_an_article_can_be_audited_by_itself(client: FlaskClient) -> None:
    html = client.get("/audit?q=waiting&q=dose&article=waiting&by=section").text
    _, *lines = rows(html, "Frequency")
    assert lines[1][1] == "0"
    total = int(lines[0][1])
    concordance = client.get("/audit/concordance?q=waiting&article=waiting").text
    assert f"{total} occurrences" in concordance
    assert client.get("/audit?q=waiting&article=absent").status_code == 404


def test_many_terms_and_places_come_in_pages(client: FlaskClient) -> None:
    terms = "&".join(f"q=number{n}" for n in range(30))
    html = client.get(f"/audit?{terms}&columns=3").text
    head, *_ = rows(html, "Where each term occurs")
    assert head[2:] == [f"number{n}" for n in range(24, 30)]
    assert "Terms 25–30 of 30" in html
    assert client.get(f"/audit?{terms}&columns=4").status_code == 400
    assert client.get(f"/audit?{terms}&page=2").status_code == 400


def test_hostile_words_stay_words(client: FlaskClient) -> None:
    for path in ("/audit?by=section&q=", "/audit/concordance?q=", "/audit/collocates?q="):
        html = client.get(path + "grommet+%3Cscript%3Ealert(9)%3C/script%3E").text
        assert "<script>alert" not in html
    html = client.get("/audit?q=grommet").text
    assert "<b>bold</b>" not in html
    assert "&lt;b&gt;bold" in html


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ([""], "There is no term"),
        (["\n \n"], "There is no term"),
        (["-"], "has no word to look for"),
        (["word " * 200_000], "1,000,000 characters; 20,000 are allowed"),
        (["x" * 3_000], "3,000 characters; 2,000 are allowed"),
        ([f"a{n}" for n in range(MOST_TERMS + 1)], "201 terms; 200 are allowed"),
    ],
)
def test_a_bad_list_gets_one_line_on_its_form(
    client: FlaskClient, asked: list[str], reason: str
) -> None:
    response = client.get("/audit", query_string={"q": asked})
    assert response.status_code == 400
    found = Page(response.text)
    (alert,) = found.all("p", role="alert")
    (area,) = found.all("textarea")
    assert area["aria-describedby"] == alert["id"]
    assert reason in found.text
    assert len(response.text) < 60_000


@pytest.mark.parametrize(
    "address",
    [
        "/audit?q=dose&by=page",
        "/audit?q=dose&match=any",
        "/audit?q=dose&page=0",
        "/audit/concordance?q=dose&sort=left9",
        "/audit/concordance?q=dose&sort=left1,left2,left3,node",
        "/audit/concordance?q=dose&window=1000",
        "/audit/concordance?q=dose&page=9999",
        "/audit/collocates?q=dose&left=0&right=0",
        "/audit/collocates?q=dose&measure=luck",
        "/audit/duplicates?unit=word",
        "/audit/readability?page=99",
        "/audit/audit.csv",
        "/audit/concordance.csv",
    ],
)
def test_a_bad_parameter_is_a_400(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 400


def test_other_forms_of_files_are_nowhere(client: FlaskClient) -> None:
    assert client.get("/audit/audit.exe?q=dose").status_code == 404
    assert client.get("/audit/concordance.exe?q=dose").status_code == 404


# --- concordance ----------------------------------------------------------------------------


def test_the_concordance_has_every_line_in_order_with_its_link(
    elavil: FlaskClient, index: Index
) -> None:
    html = elavil.get("/audit/concordance?q=pain&sort=right1&sort=&sort=left1").text
    lines = index.concordance("pain", window=6, sort=("right1", "left1")).lines
    shown = rows(html, "Concordance")[1:]
    assert [row[1] for row in shown] == [line.match for line in lines]
    assert [row[0] for row in shown] == [" ".join(line.left.split()) for line in lines]
    assert html.count('<td class="source"') == html.count('aria-label="Passage ') == len(lines)


def test_the_concordance_comes_in_pages_that_say_how_many(client: FlaskClient) -> None:
    first = client.get("/audit/concordance?q=waiting+OR+week").text
    total = client.get("/api/v1/concordance?q=waiting+OR+week").get_json()["total"]
    assert total > 50
    assert f"Lines 1–50 of {total}" in first
    second = client.get("/audit/concordance?q=waiting+OR+week&page=2").text
    assert len(rows(first, "Concordance")) == 51
    assert f"Lines 51–{min(total, 100)} of {total}" in second


def test_a_long_context_is_not_set_in_columns(client: FlaskClient) -> None:
    assert 'class="kwic"' in client.get("/audit/concordance?q=dose").text
    assert 'class="kwic flowing"' in client.get("/audit/concordance?q=dose&unit=passage").text


# --- the other audits -----------------------------------------------------------------------


def test_collocates_are_those_of_the_library(elavil: FlaskClient, index: Index) -> None:
    html = elavil.get("/audit/collocates?q=pain&measure=g2").text
    found = index.collocates("pain", measure="g2")
    shown = rows(html, "Collocates")[1:]
    assert [(row[0].split()[0], row[3]) for row in shown] == [
        (row.word, str(row.count)) for row in found.rows
    ]
    assert f"{found.words:,} words in total" in html


def test_keywords_need_another_article(client: FlaskClient, elavil: FlaskClient) -> None:
    assert "no other article" in page(elavil, "/audit/keywords").text
    html = client.get("/audit/keywords?article=waiting").text
    assert any(row[0].startswith("waiting") for row in rows(html, "Keywords"))
    assert client.get("/audit/keywords?article=absent").status_code == 404


def test_the_matrix_sorts_by_a_column(client: FlaskClient) -> None:
    def places(sort: int) -> tuple[list[str], list[int]]:
        html = client.get(f"/audit?q=dose&q=waiting&by=section&sort={sort}").text
        rows = html[html.index('class="numbers heat"') :].split("<tbody>")[1].split("</tbody>")[0]
        cells = [Page(row).text.split() for row in rows.split("</tr>")[:-1]]
        column = abs(sort) or 1
        numbers = [
            int(re.findall(r"<td[^>]*>(?:<a[^>]*>)?([\d,]+)", row)[column - 1].replace(",", ""))
            for row in rows.split("</tr>")[:-1]
        ]
        return [" ".join(words) for words in cells], numbers

    as_they_are = places(0)[0]
    for column in (1, 2, 3):
        most_first, numbers = places(column)
        assert numbers == sorted(numbers, reverse=True)
        assert sorted(most_first) == sorted(as_they_are)
        least_first, numbers = places(-column)
        assert numbers == sorted(numbers)
        assert sorted(least_first) == sorted(as_they_are)
    html = client.get("/audit?q=dose&q=waiting&by=section&sort=3").text
    assert html.count('aria-sort="descending"') == 1
    assert "sort=-3" in html
    assert client.get("/audit?q=dose&sort=99").status_code == 200  # of a term that has gone since
    assert client.get("/audit?q=dose&sort=x").status_code == 400


def test_two_definitions_in_words_of_their_own_are_no_copies(elavil: FlaskClient) -> None:
    text = page(elavil, "/audit/duplicates").text
    assert "0 groups of copies" in text
    assert "There are no duplicates" in text


def test_articles_of_one_title_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for name, text in (("v1", "Do not stop."), ("v2", "Do stop.")):
        (tmp_path / "texts" / f"{name}.md").write_text(f"# Leaflet\n\n{text}\n")
    build_index(tmp_path / "texts", tmp_path / "index")
    with serving(tmp_path / "index") as client:
        shown = client.get("/audit?q=not").text
    assert shown.count("Leaflet <small>(v1)</small>") == 2  # in the matrix and in the plot
    assert shown.count("Leaflet <small>(v2)</small>") == 2  # and as one without the word


def test_copies_that_differ_in_a_dose_are_told_apart(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "doses.md").write_text(COPIES, encoding="utf-8")
    build_index(corpus, tmp_path / "index")
    with serving(tmp_path / "index") as client:
        html = client.get("/audit/duplicates").text
        assert '<span class="risk">number</span>' in html
        assert re.search(r"<del>.*?50</del>", html)
        assert re.search(r"<ins>.*?75</ins>", html)
        answer = client.get("/api/v1/duplicates").get_json()
    assert answer["drifting"] == 1
    assert answer["groups"][0]["risks"] == ["number"]


def test_readability_is_that_of_the_library(elavil: FlaskClient, index: Index) -> None:
    html = elavil.get("/audit/readability?by=section").text
    found = index.readability()
    shown = rows(html, "Readability")[1:]
    assert [row[1] for row in shown] == [str(reading.words) for reading in found.sections]
    assert [row[6] for row in shown] == [
        "–" if one.flesch is None else f"{one.flesch:.1f}" for one in found.sections
    ]


# --- files ----------------------------------------------------------------------------------


def test_downloads_say_what_the_page_says(elavil: FlaskClient, index: Index) -> None:
    asked = "?q=pain&q=nowhere&by=section"
    links = [a["href"] for a in page(elavil, "/audit" + asked).all("a") if "download" in a]
    files = {urlsplit(link).path.rpartition(".")[2]: elavil.get(link) for link in links}
    assert set(files) == {"html", "xlsx", "csv", "json"}
    for form, response in files.items():
        assert response.status_code == 200
        kept = response.headers["Content-Disposition"]
        assert kept == f'attachment; filename="audit-pain.{form}"'
    table = list(csv.DictReader(io.StringIO(files["csv"].text)))
    assert [row["count"] for row in table if row["scope"] == "all"] == ["38", "0"]
    shape = json.loads(files["json"].text)
    assert [term["total"] for term in shape["terms"]] == [38, 0]
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(files["xlsx"].data)).namelist()
    assert "<!DOCTYPE html>" in files["html"].text[:40]


def test_a_concordance_can_be_kept_in_its_order(elavil: FlaskClient, index: Index) -> None:
    text = elavil.get("/audit/concordance.csv?q=pain&sort=right1").text
    lines = index.concordance("pain", sort=("right1",)).lines
    assert [row["passage"] for row in csv.DictReader(io.StringIO(text))] == [
        line.passage for line in lines
    ]
    assert elavil.get("/audit/concordance.json?q=pain").get_json()["total"] == 38


# --- the API --------------------------------------------------------------------------------


def test_the_api_answers_in_the_shape_of_the_command_line(
    elavil: FlaskClient, index: Index
) -> None:
    answer: dict[str, Any] = elavil.get("/api/v1/audit?q=pain&q=nowhere&by=section").get_json()
    assert answer["words"] == index.totals.words
    pain, nowhere = answer["terms"]
    assert (pain["term"], pain["total"], pain["passages"], pain["articles"]) == ("pain", 38, 13, 1)
    assert pain["per_1000"] == pytest.approx(38 / 941 * 1000, abs=1e-5)
    assert sum(pain["forms"].values()) == 38
    assert sum(cell["count"] for cell in pain["by"]) == 38
    assert len(nowhere["by"]) == 7
    assert not any(cell["count"] for cell in nowhere["by"])


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("audit", "q"),
        ("audit?q=", "q"),
        ("audit?q=dose&by=word", "by"),
        ("collocates", "q"),
        ("duplicates?limit=1000", "limit"),
        ("readability?offset=-1", "offset"),
    ],
)
def test_the_api_names_the_parameter_at_fault(
    client: FlaskClient, path: str, parameter: str
) -> None:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["parameter"] == parameter


def test_an_audit_with_too_many_numbers_is_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.api.MOST_CELLS", 20)
    assert client.get("/api/v1/audit?q=dose").status_code == 200
    response = client.get("/api/v1/audit?q=dose&q=waiting")
    assert response.status_code == 400
    assert "22 numbers; 20 are allowed" in response.get_json()["detail"]
    assert client.get("/api/v1/audit?q=dose&q=waiting&article=glance").status_code == 200


# --- small parts ----------------------------------------------------------------------------


def test_a_cell_has_the_shade_that_a_report_gives_it(client: FlaskClient) -> None:
    address = "/audit?q=dose&q=waiting&by=section"
    report = client.get(address.replace("/audit?", "/audit/audit.html?")).text
    cell = re.compile(r'<td class="shade-(\d)"[^>]*>(?:<a[^>]*>)?([\d,]+)')
    site, heat = cell.findall(client.get(address).text), cell.findall(report)
    assert len(site) > 3
    assert sorted(site) == sorted(heat)


def test_the_box_of_an_audit_is_empty(client: FlaskClient) -> None:
    (box,) = Page(client.get("/audit?q=dose&q=waiting").text).all("input", id="q")
    assert not box["value"]
    (box,) = Page(client.get("/audit/concordance?q=dose").text).all("input", id="q")
    assert box["value"] == "dose"


@pytest.mark.parametrize(
    ("total", "number", "expected"), [(0, 1, (0, 0, 1)), (50, 1, (0, 50, 1)), (51, 2, (50, 51, 2))]
)
def test_parts_of_a_list(total: int, number: int, expected: tuple[int, int, int]) -> None:
    part = part_of(total, 50, number)
    assert (part.start, part.end, part.last) == expected


def test_a_form_writes_only_what_is_unlike_an_empty_one() -> None:
    assert AuditForm().arguments() == {}
    form = AuditForm(("a", "b"), "section", page=3)
    assert form.arguments() == {"q": ["a", "b"], "by": "section", "page": 3}
    assert form.changed(article="x").arguments() == {
        "q": ["a", "b"],
        "by": "section",
        "article": "x",
    }
