"""Reports of audits: opened again, safe to open, and they hold the numbers of the audit."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from indexer import Index, build_index, open_index
from indexer.audits.dispersion import Barcode, Stroke
from indexer.audits.scope import By, Place
from indexer.audits.terms import AuditTerm
from indexer.errors import UsageError
from indexer.model import ArticleRef
from indexer.reporting.audit import audit_lines, audit_table
from indexer.reporting.audit_schema import AuditShape, TermGroupShape, TermShape
from indexer.reporting.charts import barcode_svg, barcode_text, heat_map, shade, ticks
from indexer.reporting.csv import to_csv
from indexer.reporting.evidence import Evidence, EvidenceRequest, corpus_hash, evidence, terms_hash
from indexer.reporting.formats import to_json
from indexer.reporting.html import audit_page, concordance_page
from indexer.reporting.xlsx import Sheet, audit_xlsx
from tests.helpers.command_line import pilcrow
from tests.helpers.indexed import indexed

HOSTILE = '"><script>alert(1)</script><img src=https://evil.example/x onerror=y> & \x1b[31m'
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1", " =1+1", "＝1+1")
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture(scope="module")
def hostile() -> Iterator[Evidence]:
    """An audit of an article whose every word is against us."""
    text = f"# {HOSTILE}\n\n## =cmd {HOSTILE}\n\n=SUM(A1:A9) pain & pain {HOSTILE}\n"
    with indexed({"a": text, "b": "# Other\n\nNothing here hurts.\n"}) as index:
        terms = [
            AuditTerm("pain", "=group"),
            AuditTerm("zeppelin"),
            AuditTerm('"<b>bold</b>"'),
            AuditTerm("alert"),
        ]
        yield evidence(index, terms, EvidenceRequest(by="section", collocates=5, least=1))


@pytest.fixture(scope="module")
def corpus(index: Index) -> Evidence:
    """An audit of the article that comes with Pilcrow."""
    terms = ['"pain threshold"', "elavil", "zeppelin", "not"]
    return evidence(index, terms, EvidenceRequest(by="section", collocates=5))


# --- evidence ----------------------------------------------------------------------------------


def test_evidence_holds_what_the_index_says(corpus: Evidence, index: Index) -> None:
    for term in corpus.terms:
        query = term.count.term.query
        assert len(term.lines) == term.count.total == index.concordance(query).total
        assert sum(len(barcode.strokes) for barcode in term.barcodes) == term.count.total
        for line in term.lines:
            text = index.passage(line.passage).text
            assert line.left + line.match + line.right in text


def test_hashes_tell_texts_and_terms_apart() -> None:
    texts = {"a": "# A\n\nOne two.\n", "b": "# B\n\nThree.\n"}
    with indexed(texts) as index:
        whole, part = corpus_hash(index), corpus_hash(index, ["a"])
    with indexed(dict(reversed(texts.items()))) as index:
        assert corpus_hash(index) == whole
    with indexed({**texts, "b": "# B\n\nFour.\n"}) as index:
        assert corpus_hash(index) != whole
        assert corpus_hash(index, ["a"]) == part != whole
    assert terms_hash([AuditTerm("a b")], "stem") != terms_hash(
        [AuditTerm("a"), AuditTerm("b")], "stem"
    )
    assert terms_hash([AuditTerm("a")], "stem") != terms_hash([AuditTerm("a")], "word")


# --- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_runs_no_formula(formula: str) -> None:
    with indexed({"a": "# =Title\n\nsum a1 1 1 word\n"}) as index:
        audit = index.audit(["word"])
    term = replace(audit.terms[0], term=AuditTerm(formula, "=g"), forms={formula: 1})
    made = to_csv(*audit_table(replace(audit, terms=(term,))))
    for row in csv.reader(io.StringIO(made, newline="")):
        assert not any(re.match(r"\s*[=+@＝-]|[\t\r\n]", cell) for cell in row), row


def test_csv_holds_numbers_as_numbers(corpus: Evidence) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(*audit_table(corpus.audit)), newline="")))
    assert len(rows) == 4 * (1 + 7)
    for row in rows:
        assert row["count"].isdigit()
        assert row["words"].isdigit()
        assert re.fullmatch(r"\d+\.\d+", row["per_1000"])


# --- XLSX --------------------------------------------------------------------------------------


class Book:
    """A workbook, read from its XML."""

    def __init__(self, data: bytes) -> None:
        self.files = zipfile.ZipFile(io.BytesIO(data))
        assert self.files.testzip() is None
        book = self._xml("xl/workbook.xml")
        self.names = [sheet.attrib["name"] for sheet in book.iterfind("m:sheets/m:sheet", SPACE)]
        strings = self._xml("xl/sharedStrings.xml").iterfind("m:si", SPACE)
        self._strings = [
            "".join(t.text or "" for t in si.iterfind(".//m:t", SPACE)) for si in strings
        ]

    def _xml(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.files.read(name))

    def sheet(self, name: str) -> ElementTree.Element:
        """The XML of a sheet."""
        return self._xml(f"xl/worksheets/sheet{self.names.index(name) + 1}.xml")

    def rows(self, name: str) -> list[list[str | float]]:
        """All cells of a sheet, those that are empty left out."""
        return [
            [self._cell(cell) for cell in row.iterfind("m:c", SPACE) if len(cell)]
            for row in self.sheet(name).iterfind("m:sheetData/m:row", SPACE)
        ]

    def _cell(self, cell: ElementTree.Element) -> str | float:
        value = cell.findtext("m:v", "", SPACE)
        return self._strings[int(value)] if cell.get("t") == "s" else float(value)


def test_workbook_opens_with_its_sheets(corpus: Evidence) -> None:
    book = Book(audit_xlsx(corpus))
    assert book.names == ["Summary", "Matrix", "Lacking", "Forms", "Concordance", "Method"]
    for name in book.names:
        pane = book.sheet(name).find("m:sheetViews/m:sheetView/m:pane", SPACE)
        assert pane is not None
        assert pane.attrib["state"] == "frozen"
        assert pane.attrib["ySplit"] == "1"


def test_workbook_holds_the_numbers_of_the_audit(corpus: Evidence) -> None:
    book = Book(audit_xlsx(corpus, "https://example.org"))
    audit = corpus.audit
    _, *summary = book.rows("Summary")
    assert [row[:3] for row in summary] == [[t.term.query, t.total, 941.0] for t in audit.terms]
    _, *matrix = book.rows("Matrix")
    for columns, numbers in ((slice(4, 8), "counts"), (slice(8, 12), "headings")):
        shown = [row[columns] for row in matrix]
        assert shown == [[getattr(t.by, numbers)[at] for t in audit.terms] for at in range(7)]
    assert [row[-2:] for row in matrix] == [
        [place.passage, f"https://example.org/p/{place.passage}"] for place in audit.places
    ]
    _, *lacking = book.rows("Lacking")
    assert len(lacking) == sum(len(term.lacking) for term in audit.terms)
    assert all(row[-1] == f"https://example.org/p/{row[-2]}" for row in lacking)
    _, *forms = book.rows("Forms")
    assert ["elavil", "Elavil", 17.0] in forms
    _, *lines = book.rows("Concordance")
    assert len(lines) == sum(term.total for term in audit.terms)
    ids = [line.passage for term in corpus.terms for line in term.lines]
    assert [row[-1] for row in lines] == [f"https://example.org/p/{passage}" for passage in ids]
    assert len(book.sheet("Concordance").findall(".//m:hyperlink", SPACE)) == len(lines)
    method = {row[0]: row[1] for row in book.rows("Method")}
    assert method["SHA-256 of the texts"] == corpus.provenance.corpus
    assert method["SHA-256 of the term list"] == corpus.provenance.terms


def test_workbook_runs_nothing(hostile: Evidence) -> None:
    made = audit_xlsx(hostile)
    book = Book(made)
    for name in book.names:
        sheet = book.sheet(name)
        assert sheet.find(".//m:f", SPACE) is None
        assert sheet.find(".//m:hyperlink", SPACE) is None
    cells = [cell for name in book.names for row in book.rows(name) for cell in row]
    assert any(isinstance(cell, str) and cell.startswith("=SUM(A1:A9)") for cell in cells)
    assert not any("external" in name.lower() for name in book.files.namelist())


@pytest.mark.parametrize(
    "text", ["=1+1", "http://x.example", "a\x00\x1b\ufffe\uffff\ud800", "x" * 40_000]
)
def test_cells_hold_any_text(corpus: Evidence, text: str) -> None:
    term = replace(corpus.audit.terms[0], term=AuditTerm(text), forms={text: 1})
    shown = replace(corpus.terms[0], count=term)
    found = replace(corpus, audit=replace(corpus.audit, terms=(term,)), terms=(shown,))
    book = Book(audit_xlsx(found))
    assert len(str(book.rows("Summary")[1][0])) <= 32_767
    assert len(book.rows("Summary")) == 2


def test_sheet_that_is_full_counts_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import xlsxwriter

    monkeypatch.setattr("indexer.reporting.xlsx.MOST_ROWS", 3)
    with xlsxwriter.Workbook(io.BytesIO()) as book:
        sheet = Sheet(book, "Small", ("A",), (9,), ((number,) for number in range(5)))
        assert (sheet.rows, sheet.left_out) == (3, 3)


def test_more_terms_than_columns_are_refused(
    corpus: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.reporting.xlsx.MOST_COLUMNS", 7)
    with pytest.raises(UsageError, match="columns"):
        audit_xlsx(corpus)


# --- HTML --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A page taken apart: its elements, their ids, and whether they nest."""

    VOID = ("meta", "link", "br", "img", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("name", ["corpus", "hostile"])
def test_page_stands_alone(name: str, request: pytest.FixtureRequest) -> None:
    made = audit_page(request.getfixturevalue(name))
    page = Page(made)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert "@import" not in made
    assert not re.search(r"url\(", made)
    for _, attributes in page.elements:
        assert not any(
            key.startswith("on") or key in ("src", "srcset", "style") for key in attributes
        )
        assert attributes.get("href", "#").startswith("#")


def test_page_shows_hostile_text_and_does_not_obey(hostile: Evidence) -> None:
    made = audit_page(hostile)
    page = Page(made)
    assert "<script" not in made
    assert "\x1b" not in made
    assert "alert(1)" in page.text
    assert '"<b>bold</b>"' in page.text


def test_page_holds_no_nul(tmp_path: Path) -> None:
    record = '{"id": "a", "title": "Zinc", "text": "Zinc.", "url": "https://ex.org/\\u0000"}'
    (tmp_path / "a.jsonl").write_text(record)
    build_index([tmp_path / "a.jsonl"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        made = concordance_page(index.concordance("zinc"))
    assert "\0" not in made
    assert 'href="https://ex.org/\N{REPLACEMENT CHARACTER}' in made


def test_page_is_accessible(corpus: Evidence) -> None:
    page = Page(audit_page(corpus))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert [tag for tag, _ in page.elements][:7].count("title") == 1
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(key, ids[0]) in ids
        href = attributes.get("href", "")
        assert not href or href[1:] in ids
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for attributes in page.all("th"):
        assert attributes["scope"] in ("col", "row")
    for attributes in page.all("svg"):
        assert attributes["aria-label"]
    for _, attributes in page.elements:
        if attributes.get("class") == "scroll":
            assert attributes["tabindex"] == "0"
            assert attributes["aria-label"]


def test_page_says_what_numbers_are_numbers_of(corpus: Evidence) -> None:
    text = " ".join(Page(audit_page(corpus)).text.split())
    for said in (
        "1 article, 7 sections, 16 passages, 941 words",
        "1 of 4 terms was not found.",
        "22 times, 23.38 per 1,000 words (95%: 15.49 to 35.15)",
        "in 14 of 16 passages, 6 of 7 sections, 1 of 1 article, plus 7 in headings and titles",
        "Not found: zeppelin",
        "Concordance: 22 occurrences",
        corpus.provenance.corpus,
        corpus.provenance.terms,
    ):
        assert said in text, said


def test_articles_of_one_title_are_told_apart() -> None:
    """Two versions of a leaflet, of which one lacks the term."""
    title, other = "# Warfarin: leaflet\n\n", "# Other\n\nNothing.\n"
    texts = {"v1": f"{title}Do not stop.\n", "v2": f"{title}Do stop.\n", "x": other}
    with indexed(texts) as index:
        found = evidence(index, ["not", "stop"], EvidenceRequest())
        page, text = audit_page(found), "\n".join(x.plain for x in audit_lines(found, None))
    assert re.findall(r"missing .*\n +(.*)\n +(.*)", text)[0] == (
        *("Warfarin: leaflet (v2)", "Other"),
    )
    assert text.count("1  Warfarin: leaflet (v1)") == 2
    for name in ("v1", "v2"):
        assert f'dir="auto" lang="en">Warfarin: leaflet ({name})</th>' in page
    assert "Other (x)" not in page + text


def test_page_tells_how_many_lines_it_shows(index: Index) -> None:
    found = evidence(index, ["elavil"], EvidenceRequest(lines=5))
    page = Page(audit_page(found))
    assert "the first 5 of 22 occurrences" in page.text
    assert len(page.all("mark")) == 5


def test_command_writes_the_page(corpus_index: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.html"
    arguments = ("audit", "elavil", "--format", "html", "--lines", "3", "--index", corpus_index)
    pilcrow(*arguments, "--output", output)
    assert len(Page(output.read_text(encoding="utf-8")).all("mark")) == 3


# --- heat map and barcodes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "rate", "expected"),
    [(0, 0.0, 0), (1, 0.99, 1), (1, 1.0, 2), (1, 9.9, 3), (3, 29.9, 4), (3, 30.0, 5), (0, None, 0)],
)
def test_shades_rise_with_the_rate(count: int, rate: float | None, expected: int) -> None:
    assert shade(count, rate) == expected


def test_matrix_turns_when_terms_are_many(index: Index) -> None:
    few = index.audit(["elavil", "not"], by="section")
    heat = heat_map(few, ["elavil", "not"], few.terms)
    assert heat.heads == ("elavil", "not")
    assert [tuple(cell.count for cell in row.cells) for row in heat.rows] == list(
        zip(*(term.by.counts for term in few.terms))
    )
    names = [f"word{n}" for n in range(20)]
    many = index.audit(names, by="section")
    heat = heat_map(many, names, many.terms)
    assert [row.name for row in heat.rows] == names
    assert len(heat.heads) == 7


def test_large_matrix_keeps_the_fullest_places(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = index.audit(["elavil"], by="section")
    monkeypatch.setattr("indexer.reporting.charts._MOST_CELLS", 2)
    heat = heat_map(audit, ["elavil"], audit.terms)
    assert (heat.places, heat.of) == (2, 7)
    kept = [row.cells[0].count for row in heat.rows]
    assert sorted(kept) == sorted(audit.terms[0].by.counts)[-2:]


def a_barcode(words: int, *places: int) -> Barcode:
    """Occurrences at these words of an article."""
    place = Place(ArticleRef("a", 'A "title" & <b>', ""), (), words, 1)
    return Barcode(place, tuple(Stroke(word, "00c0ffee00c0ffee", word) for word in places))


def test_ticks_stand_where_the_words_do() -> None:
    drawn = list(ticks(a_barcode(1000, 0, 500, 999)))
    assert [tick.percent for tick in drawn] == [0, 50, 99]
    assert [tick.at for tick in drawn] == [0, 498, 995]
    assert len(list(ticks(a_barcode(100_000, *range(1000))))) == 2
    assert sum(len(tick.strokes) for tick in ticks(a_barcode(10**6, *range(1000)))) == 1000


def test_barcode_is_said_in_words() -> None:
    svg = barcode_svg(a_barcode(100, 10, 90), "pain & <i>")
    (element,) = ElementTree.fromstring(f"<div>{svg}</div>")
    assert element.attrib["role"] == "img"
    assert element.attrib["aria-label"] == (
        'pain & <i> in A "title" & <b>: 2 occurrences in 100 words, at 10%, 90%'
    )
    linked = barcode_svg(a_barcode(100, 10, 90), "pain", lambda stroke: f"/p/{stroke.passage}?a&b")
    (element,) = ElementTree.fromstring(f"<div>{linked}</div>")
    assert element.attrib["role"] == "group"
    links = element.findall("a")
    assert [link.attrib["href"] for link in links] == ["/p/00c0ffee00c0ffee?a&b"] * 2
    assert all(link.attrib["aria-label"] for link in links)


def test_barcode_of_blocks_has_its_width() -> None:
    assert barcode_text(a_barcode(100, 0, 1, 2, 99), 10) == "█········▁"
    assert barcode_text(a_barcode(0), 4) == "····"


@pytest.mark.parametrize("by", ["article", "section"])
def test_rows_of_json_are_those_of_the_models_that_describe_them(by: By) -> None:
    articles = {
        "a": "# Pain\n\nIt hurts.\n\n## Pain at home\n\nPain and pain.\n\n### Deep\n\nNo ache.\n",
        "b": "# Other \x85 words\n\nNothing here hurts but pain.\n",
        "c": "# A title alone about pain\n",
    }
    with indexed(articles) as index:
        terms = [AuditTerm("pain", "bad", "core"), AuditTerm("zeppelin"), AuditTerm("hurts", "bad")]
        found = index.audit([*terms, AuditTerm("pain kind:boilerplate")], by=by)
    made = AuditShape.of(found)
    terms_told = [TermShape.from_result(one).as_dict() for one in found.terms]
    groups_told = [TermGroupShape.from_result(one).as_dict() for one in found.groups]
    assert to_json(made["terms"]) == to_json(terms_told)  # keys in the same order, too
    assert to_json(made["groups"]) == to_json(groups_told)
    assert any(one["lacking"] for one in made["terms"])
