"""References: true to what the article tells, and valid whatever it holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import build_index, open_index
from indexer.model import Article, Passage, Span
from indexer.reporting.authorship import Day, Name, day_of, names
from indexer.reporting.citations import Citation, as_bibtex, as_csl, as_ris, as_text, citation_of
from tests.helpers.command_line import failure, pilcrow

ID = "06b1012f988de5e3"
HARM = 'A {B} & "C" 100 % of $5 #1 a_b ~x ^y \\end{document} @misc{z,\nER  - \r\nTY  - JOUR'
WORDS = "Taper it off slowly over some weeks."


def a_citation(title: str = "Pain & Rest", link: str = "", **metadata: str) -> Citation:
    """A citation of a passage of an article with these metadata."""
    url = metadata.pop("url", "https://example.org/pain")
    text = metadata.pop("text", WORDS)
    article = Article("pain", title, url, "en", text, (), metadata)
    section = (title, "Dose", "At Night")
    span = Span(0, len(text))
    passage = Passage(ID, "dose-1", "pain", section, "paragraph", 1, span, text)
    return citation_of(article, passage, link)


FULL = {"author": "Jane van Doe, MD, and John Smith", "date": "2023-05-01T10:00:00Z"}
FULL |= {"site": "Example & Sons", "publisher": "Press", "doi": "https://doi.org/10.1000/a_b(1)"}


# --- who and when ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Jane Doe", [("Doe", "Jane")]),
        ("By Jane M. Doe", [("Doe", "Jane M.")]),
        ("Medically reviewed by Dr. Jane Doe, PharmD, MPH", [("Doe", "Jane")]),
        ("Doe, Jane", [("Doe", "Jane")]),
        ("van Doe, J. M.", [("van Doe", "J. M.")]),
        ("Jane van der Doe", [("van der Doe", "Jane")]),
        ("Jane Doe MD", [("Doe", "Jane")]),
        ("Jane Doe and John Smith", [("Doe", "Jane"), ("Smith", "John")]),
        ("Jane Doe, John Smith & Émile Zola",
         [("Doe", "Jane"), ("Smith", "John"), ("Zola", "Émile")]),
        ("Doe, Jane; Smith, John", [("Doe", "Jane"), ("Smith", "John")]),
        ("Jane Doe, Jane Doe", [("Doe", "Jane")]),
        ("Mayo Clinic Staff", [("Mayo Clinic Staff", "")]),
        ("World Health Organization", [("World Health Organization", "")]),
        ("Acme Health, Inc.", [("Acme Health, Inc.", "")]),
        ("admin", [("admin", "")]),
        ("jane@example.org", [("jane@example.org", "")]),
        ("王小明", [("王小明", "")]),
        ("", []),
        (" , ; and ", []),
    ],
)  # fmt: skip
def test_authors_are_taken_apart_where_that_is_sure(
    line: str, found: list[tuple[str, str]]
) -> None:
    assert [(name.family, name.given) for name in names(line)] == found


@pytest.mark.parametrize(
    ("date", "parts"),
    [
        ("2023-05-01", (2023, 5, 1)),
        ("2023-05-01T23:59:00+02:00", (2023, 5, 1)),
        ("2023-05-01 10:00:00", (2023, 5, 1)),
        ("2023-05", (2023, 5)),
        ("20230501", (2023, 5, 1)),
        ("2023", (2023,)),
        ("2023/5/1", (2023, 5, 1)),
        ("Mon, 01 May 2023 10:00:00 +0000", (2023, 5, 1)),
        ("May 1st, 2023", (2023, 5, 1)),
        ("Updated on 1 May 2023", (2023, 5, 1)),
        ("Sept. 2023", (2023, 9)),
        ("01/02/2023", (2023,)),
        ("2023-02-31", (2023, 2)),
        ("2023-13-01", None),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_as_far_as_they_are_sure(date: str, parts: tuple[int, ...] | None) -> None:
    day = day_of(date)
    assert (day.parts if day else None) == parts


@given(st.text(max_size=60))
def test_no_line_is_refused(line: str) -> None:
    assert all(name.family for name in names(line))
    day = day_of(line)
    assert day is None or 1000 <= day.year <= 9999


# --- the forms ---------------------------------------------------------------------------------


def test_text_says_what_is_known() -> None:
    link = f"https://docs.example.org/p/{ID}"
    assert as_text(a_citation(**FULL, link=link)) == (
        "Jane van Doe and John Smith: “Pain & Rest”, Example & Sons, Press, 1 May 2023, section "
        f"“Dose › At Night”. https://doi.org/10.1000/a_b(1) (passage: {link})"
    )
    assert as_text(a_citation(url="")) == "“Pain & Rest”, section “Dose › At Night”"
    assert as_text(a_citation(url="", link=link)).endswith(f"At Night”. {link}")
    assert as_text(a_citation(date="May 2023", url="")).startswith("“Pain & Rest”, May 2023, ")


def test_bibtex_of_what_is_known() -> None:
    assert as_bibtex([a_citation(**FULL)]) == (
        "@misc{doe2023-06b1012f,\n"
        "  author = {van Doe, Jane and Smith, John},\n"
        "  title = {{Pain \\& Rest}},\n"
        "  year = {2023},\n"
        "  month = may,\n"
        "  howpublished = {Example \\& Sons},\n"
        "  publisher = {Press},\n"
        "  url = {https://example.org/pain},\n"
        "  doi = {10.1000/a\\_b(1)},\n"
        "  language = {en},\n"
        f"  note = {{Section “Dose › At Night”: “{WORDS}”}},\n"
        "}\n"
    )


def test_ris_of_what_is_known() -> None:
    assert as_ris([a_citation(**FULL)]).split("\r\n") == [
        "TY  - ELEC",
        "AU  - van Doe, Jane",
        "AU  - Smith, John",
        "TI  - Pain & Rest",
        "T2  - Example & Sons",
        "PB  - Press",
        "PY  - 2023",
        "DA  - 2023/05/01/",
        "DO  - 10.1000/a_b(1)",
        "UR  - https://example.org/pain",
        "LA  - en",
        "SE  - Dose › At Night",
        f"N1  - Section “Dose › At Night”: “{WORDS}”",
        "ID  - doe2023-06b1012f",
        "ER  - ",
        "",
    ]
    assert "DA  - 2023//" in as_ris([a_citation(date="2023")])


def test_csl_of_what_is_known() -> None:
    (item,) = json.loads(as_csl([a_citation(**FULL)]))
    assert item == {
        "id": "doe2023-06b1012f",
        "type": "webpage",
        "title": "Pain & Rest",
        "author": [
            {"family": "van Doe", "given": "Jane"},
            {"family": "Smith", "given": "John"},
        ],
        "issued": {"date-parts": [[2023, 5, 1]]},
        "container-title": "Example & Sons",
        "publisher": "Press",
        "URL": "https://example.org/pain",
        "DOI": "10.1000/a_b(1)",
        "language": "en",
        "section": "Dose › At Night",
        "note": f"Section “Dose › At Night”: “{WORDS}”",
    }
    (bare,) = json.loads(as_csl([a_citation(url="")]))
    assert bare["type"] == "document"
    assert not {"author", "issued", "URL", "DOI", "publisher"} & bare.keys()


def test_what_is_no_person_stays_whole() -> None:
    citation = a_citation(author="Research and Development Team; Acme, Inc.")
    assert "author = {{" in as_bibtex([citation])
    (item,) = json.loads(as_csl([citation]))
    assert all(set(name) == {"literal"} for name in item["author"])


@pytest.mark.parametrize(
    ("title", "metadata", "key"),
    [
        ("Pain & Rest", FULL, "doe2023-06b1012f"),
        ("Pain & Rest", {}, "pain-06b1012f"),
        ("The Élan of 5 mg", {}, "elan-06b1012f"),
        ("5 mg", {"author": "王小明", "date": "2020"}, "article2020-06b1012f"),
    ],
)
def test_keys_are_plain(title: str, metadata: dict[str, str], key: str) -> None:
    assert a_citation(title, **metadata).key == key


def test_an_address_that_runs_is_no_address() -> None:
    citation = a_citation(url="javascript:alert(1)")
    assert "javascript" not in as_text(citation) + as_bibtex([citation]) + as_csl([citation])
    odd = a_citation(url='https://example.org/a b{c}"d"\\é\n|x')
    assert odd.url == "https://example.org/a%20b%7Bc%7D%22d%22%5C%C3%A9%20%7Cx"


# --- nothing breaks out ------------------------------------------------------------------------


def bibtex(text: str) -> list[dict[str, str]]:
    """The entries of a file, read as BibTeX reads it: braces count, whatever stands before."""
    entries, at = [], 0
    while (start := text.find("@", at)) >= 0:
        head = re.compile(r"@misc\{([a-z0-9-]+),\n").match(text, start)
        assert head, text[start : start + 80]
        entry, at = {"key": head[1]}, head.end()
        while text[at] != "}":
            name = re.compile(r"  ([a-z]+) = ").match(text, at)
            assert name, text[at : at + 80]
            at = end = name.end()
            if text[at] == "{":
                depth = 0
                while True:
                    depth += {"{": 1, "}": -1}.get(text[end], 0)
                    end += 1
                    if not depth:
                        break
            else:
                end = text.index(",", at)
            entry[name[1]] = text[at:end].removeprefix("{").removesuffix("}")
            assert text[end : end + 2] == ",\n"
            at = end + 2
        entries.append(entry)
    return entries


SIGNS = {"textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}"}
SIGNS |= {"textasciitilde": "~", "textasciicircum": "^"}


def typeset(tex: str) -> str:
    """What TeX makes of a text; what it would obey or trip over must not be there."""
    assert not re.search(r"(?<!\\)[&%$#_~^]", re.sub(r"\\text\w+\{\}", "", tex))
    plain = re.sub(r"\\(text\w+)\{\}", lambda found: f"\0{SIGNS[found[1]]}", tex)
    plain = re.sub(r"\\([&%$#_])", r"\1", plain)
    assert not re.search(r"(?<!\0)[\\{}]", plain)
    return plain.replace("\0", "")


def ris(text: str) -> list[list[tuple[str, str]]]:
    """The records of a file."""
    records: list[list[tuple[str, str]]] = []
    for line in text.split("\r\n"):
        if not line:
            continue
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n]*)", line)
        assert found, line
        if found[1] == "TY":
            records.append([])
        records[-1].append((found[1], found[2]))
    for record in records:
        assert record[0][0] == "TY"
        assert [tag for tag, _ in record].count("ER") == 1
        assert record[-1] == ("ER", "")
    return records


TEXTS = st.text(st.characters(), max_size=80) | st.sampled_from([HARM, "{", "}", "\\", "a and b"])


@given(title=TEXTS, author=TEXTS, site=TEXTS, text=TEXTS)
def test_no_text_breaks_out_of_its_field(title: str, author: str, site: str, text: str) -> None:
    harmful = {"author": author, "site": site, "publisher": site, "date": site}
    one = a_citation(title, text=text, url=f"https://x/{site}", **harmful)
    cites = [one, a_citation(**FULL)]
    written = as_bibtex(cites)
    entries = bibtex(written)
    assert len(entries) == 2
    assert typeset(entries[0].get("title", "{}").removeprefix("{").removesuffix("}")) == one.title
    assert typeset(entries[0].get("howpublished", "")) == one.site
    assert typeset(entries[0]["note"]) == one.note
    people = entries[0].get("author", "")
    assert len(re.findall(r" and (?![^{]*\})", people)) == max(0, len(one.authors) - 1)
    first, _ = ris(as_ris(cites))
    assert dict(first).get("TI", "") == one.title
    assert [item["id"] for item in json.loads(as_csl(cites))] == [c.key for c in cites]
    assert "\n" not in as_text(one)
    for made in (written, as_ris(cites), as_csl(cites)):
        assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", made)


def test_harm_is_shown_as_it_is() -> None:
    (entry,) = bibtex(as_bibtex([a_citation(HARM, url="")]))
    assert typeset(entry["title"][1:-1]) == " ".join(HARM.split())
    (record,) = ris(as_ris([a_citation(HARM, url="")]))
    assert dict(record)["TI"] == " ".join(HARM.split())


def test_a_name_in_two_parts_is_spoken_in_order() -> None:
    assert Name("van Doe", "Jane").spoken == "Jane van Doe"
    assert Day(2023, 5).spoken == "May 2023"
    assert replace(Day(2023, 5), day=3).spoken == "3 May 2023"


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An index of one article with all that can be told of it, edited once."""
    page = tmp_path / "corpus" / "pain.md"
    page.parent.mkdir()
    front = "---\nauthor: [Jane Doe, John Smith]\ndate: 2023-05-01\nsite: Example\n"
    front += "url: https://example.org/pain\n---\n# Pain & {Rest}\n\n## Dose\n\n"
    lost = "And this is a sentence about boats that will go away for good."
    page.write_text(f"{front}{WORDS}\n\n{lost}\n", encoding="utf-8")
    build_index([page.parent], tmp_path / "index")
    page.write_text(front + WORDS.replace("some", "a few") + "\n", encoding="utf-8")
    build_index([page.parent], tmp_path / "index")
    return tmp_path / "index"


def ids(home: Path) -> dict[str, str]:
    """Ids by status."""
    with open_index(home) as index:
        return {link.status: link.id for link in index.links()}


def cite(home: Path, *arguments: str) -> str:
    return pilcrow("cite", *arguments, "--index", home).stdout.decode()


def test_cite_prints_quote_source_and_link(home: Path) -> None:
    name = ids(home)["intact"]
    quote, source = cite(home, name).splitlines()
    assert quote == "“Taper it off slowly over a few weeks.”"
    assert source == (
        "Jane Doe and John Smith: “Pain & {Rest}”, Example, 1 May 2023, section “Dose”. "
        f"https://example.org/pain (passage: /p/{name})"
    )


@pytest.mark.parametrize("form", ["text", "bibtex", "ris", "csl"])
def test_cite_takes_several_and_writes_files(home: Path, tmp_path: Path, form: str) -> None:
    name = ids(home)["intact"]
    given = (name, f"https://h/p/{name}", "--format", form, "--site", "https://docs.example.org")
    text = cite(home, *given)
    assert f"https://docs.example.org/p/{name}" in text
    cite(home, *given, "--output", str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes().decode() == text
    count: dict[str, Any] = {
        "text": lambda: len(text.split("\n\n")),
        "bibtex": lambda: len(bibtex(text)),
        "ris": lambda: len(ris(text)),
        "csl": lambda: len(json.loads(text)),
    }
    assert count[form]() == 2


def test_cite_follows_an_edit_and_says_so(home: Path) -> None:
    done = pilcrow("cite", ids(home)["edited"], "--index", home, "--format", "csl")
    assert "a few weeks" in json.loads(done.stdout)[0]["note"]
    assert "edited" in done.stderr.decode()


def test_cite_refuses_what_is_not_there(home: Path) -> None:
    assert "is lost" in failure("cite", ids(home)["lost"], "--index", home)
    assert "no passage" in failure("cite", "0" * 16, "--index", home)
    assert "no passage" in failure("cite", "pain", "--index", home)
