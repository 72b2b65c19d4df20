"""Word documents: styles, lists, notes, properties, and what is no Word document."""

from __future__ import annotations

import io
import zipfile

import pytest

from indexer.errors import SourceError
from indexer.parsing.formats import docx
from tests.helpers.articles import read
from tests.helpers.judged import FOLDER, source

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str, **parts: str) -> bytes:
    """The judged consent form with another body and, if given, other parts."""
    packed = io.BytesIO()
    xml = f'<w:document xmlns:w="{NAMESPACE}"><w:body>{body}</w:body></w:document>'
    folder = FOLDER / "consent.docx"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            name = path.relative_to(folder).as_posix()
            text = xml if name == "word/document.xml" else path.read_text(encoding="utf-8")
            archive.writestr(name, parts.get(path.stem, text))
    return packed.getvalue()


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f"<w:p><w:pPr>{style}{properties}</w:pPr>{run}</w:p>"


def shown(body: str) -> list[tuple[str, int, str]]:
    article = read(document(body), "docx")
    return [(b.kind, b.level, b.span.of(article.text)) for b in article.blocks]


def test_styles_tell_the_kinds() -> None:
    body = paragraph("T", "Title") + paragraph("H", "Heading1") + paragraph("S", "Heading2")
    body += paragraph("p") + paragraph("q", "Quote") + paragraph("c", "Caption")
    assert shown(body) == [
        ("title", 0, "T"),
        ("heading", 1, "H"),
        ("heading", 2, "S"),
        ("paragraph", 0, "p"),
        ("quote", 0, "q"),
        ("caption", 0, "c"),
    ]


def test_table_of_contents_is_dropped() -> None:
    body = paragraph("Dose ..... 2", "TOC1") + paragraph("text")
    assert shown(body) == [("paragraph", 0, "text")]


def test_line_break_and_tab() -> None:
    body = "<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>"
    assert shown(body) == [("paragraph", 0, "a\nb c")]


def test_bookmarks_are_no_link_targets() -> None:
    body = '<w:p><w:bookmarkStart w:id="1" w:name="_Toc1"/><w:r><w:t>a</w:t></w:r></w:p>'
    assert read(document(body), "docx").blocks[0].element == ""


def test_core_properties_tell_the_facts() -> None:
    article = read(source("consent.docx").data, "docx")
    assert article.title == "Consent to treatment"
    assert article.metadata == {"author": "Legal office", "date": "2020-05-06T10:00:00Z"}
    assert read(document(paragraph("text")), "docx").title == "Consent form, version 3"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no zip", "can't be unpacked"),
        (document(paragraph("")), "holds no text"),
        (document("<w:p>"), "is no XML"),
        (document("", core='<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'), "defines entities"),
        (document("<w:sdt>" * 3_000 + "</w:sdt>" * 3_000), "nests its elements too deep"),
    ],
)
def test_what_is_no_word_document_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        read(data, "docx")
    assert "\n" not in str(caught.value)


def test_zip_of_other_things_is_no_word_document() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(SourceError, match="no Word document"):
        read(packed.getvalue(), "docx")


def test_part_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx, "_MAX_XML", 10_000)
    with pytest.raises(SourceError, match="10,000 at most"):
        read(document(paragraph("word " * 5_000)), "docx")


def test_raised_text_is_written_raised() -> None:
    def run(text: str, place: str = "") -> str:
        align = f'<w:rPr><w:vertAlign w:val="{place}"/></w:rPr>' if place else ""
        return f'<w:r>{align}<w:t xml:space="preserve">{text}</w:t></w:r>'

    parts = (run("10"), run("9", "superscript"), run("/L of it"), run("2,3", "superscript"),
             run(" in H"), run("2", "subscript"), run("O"))  # fmt: skip
    assert shown(f"<w:p>{''.join(parts)}</w:p>")[0][2] == "10⁹/L of it²,³ in H2O"
