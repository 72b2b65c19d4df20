"""Word documents: styles, lists, notes, properties, and what is no Word document."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from benchmarks.word_files import lost
from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats import docx_parts
from indexer.parsing.formats.dispatch import parse
from indexer.text.tokenizer import READING
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
            archive.writestr(name, parts.pop(path.stem, text))
        for name, text in parts.items():
            archive.writestr(f"word/{name}.xml", text)
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


def test_table_of_contents_is_boilerplate() -> None:
    body = paragraph("Dose ..... 2", "TOC1") + paragraph("text")
    assert shown(body) == [("boilerplate", 0, "Dose ..... 2"), ("paragraph", 0, "text")]


def test_core_properties_may_stand_in_another_part() -> None:
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Type="x/metadata/core-properties" Target="/word/own.xml"/></Relationships>'
    )
    stated = '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Leaflet</dc:title></p>'
    data = document(paragraph("text"), own=stated, **{".rels": relation})
    assert read(data, "docx").title == "Leaflet"


def test_table_of_contents_of_other_styles_is_boilerplate() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    lines = paragraph("Contents", "Heading1") + paragraph("Dose 2")
    body = f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{lines}</w:sdtContent></w:sdt>"
    assert [kind for kind, *_ in shown(body + paragraph("text"))] == [
        "boilerplate", "boilerplate", "paragraph",
    ]  # fmt: skip


def test_table_of_contents_of_a_field_alone_is_boilerplate() -> None:
    begin = FIELD.replace("REF x", "TOC \\o").split("{}")[0]
    entry = run("Dose") + sign("tab") + FIELD.format(run("3"))
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    body = line(begin, entry) + line(entry) + line(end, run("Not more than 5 mg")) + line(entry)
    assert [(kind, text) for kind, _, text in shown(body)] == [
        ("boilerplate", "Dose 3"),
        ("boilerplate", "Dose 3"),
        ("paragraph", "Not more than 5 mg"),
        ("paragraph", "Dose 3"),
    ]


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
        (document("<w:sdt>" * 1_500 + paragraph("text") + "</w:sdt>" * 1_500), "nests too deep"),
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


@pytest.mark.parametrize(
    ("name", "reason"),
    [("xl/workbook.xml", "is an Excel workbook"), ("mimetype", "is an OpenDocument file")],
)
def test_other_documents_are_named(name: str, reason: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "<x/>")
    with pytest.raises(SourceError, match=reason):
        read(packed.getvalue(), "docx")


def test_part_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_parts, "_MAX_XML", 10_000)
    with pytest.raises(SourceError, match="10,000 at most"):
        read(document(paragraph("word " * 5_000)), "docx")


def test_raised_text_is_written_raised() -> None:
    def run(text: str, place: str = "") -> str:
        align = f'<w:rPr><w:vertAlign w:val="{place}"/></w:rPr>' if place else ""
        return f'<w:r>{align}<w:t xml:space="preserve">{text}</w:t></w:r>'

    parts = (run("10"), run("9", "superscript"), run("/L of it"), run("2,3", "superscript"),
             run(" in H"), run("2", "subscript"), run("O"))  # fmt: skip
    assert shown(f"<w:p>{''.join(parts)}</w:p>")[0][2] == "10⁹/L of it²,³ in H2O"


# --- no word lost --------------------------------------------------------------------------------

SPACES = (
    f'xmlns:w="{NAMESPACE}" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:x="http://schemas.microsoft.com/office/word/2015/wordml/symex"'
)


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def sign(element: str) -> str:
    return f"<w:r><w:{element}/></w:r>"


def line(*runs: str, properties: str = "") -> str:
    return f"<w:p {SPACES}><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def texts(body: str, **parts: str) -> list[str]:
    article = read(document(body, **parts), "docx")
    return [block.span.of(article.text) for block in article.blocks]


def equation(inside: str) -> str:
    inside = re.sub("([a-z0-9+]+);", r"<m:r><m:t>\1</m:t></m:r>", inside)
    return f"<m:oMath>{inside}</m:oMath>"


A, B, C = map(run, "abc")
SYMBOL = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
BOX = "<v:shape><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:shape>"
GRAPHIC = (
    '<a:graphicData xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'uri="http://schemas.openxmlformats.org/drawingml/2006/{}"/>'
)
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
EQ = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
NESTED = (  # a field whose instruction holds another one
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>{}'
    '<w:r><w:instrText> = "1" "" "not"</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
RAISED = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (f'{A}<w:fldSimple w:instr="REF x">{B}</w:fldSimple>{C}', "abc"),
        (A + FIELD.format(B) + C, "abc"),
        (f'<w:bdo w:val="rtl">{A}</w:bdo><w:dir w:val="rtl">{B}{C}</w:dir>', "abc"),
        (f"<w:smartTag>{A}</w:smartTag><w:hyperlink>{B}</w:hyperlink>{C}", "abc"),
        (f"{A}<w:sdt><w:sdtPr/><w:sdtContent>{B}</w:sdtContent></w:sdt>", "ab"),
        (f"{A}<w:ins>{B}</w:ins><w:moveTo>{C}</w:moveTo>", "abc"),
        (f"{A}<w:del><w:r><w:delText>b</w:delText></w:r></w:del>{C}", "ac"),
        (f"{A}<w:moveFrom>{B}</w:moveFrom>{C}", "ac"),
        (A + run("b", "<w:vanish/>") + run("c", '<w:vanish w:val="0"/>'), "ac"),
        (A + sign("tab") + B + sign("ptab") + C, "a b c"),
        (A + sign("noBreakHyphen") + B + sign("softHyphen") + C, "a\u2011b\xadc"),
        (A + sign('br w:type="page"') + B + sign("cr") + C, "a\nb\nc"),
        (run("5 ") + sign('sym w:font="Symbol" w:char="F06D"') + run("g"), "5 μg"),
        (run("5 ") + run("m", SYMBOL) + run("g"), "5 μg"),
        (run("\uf0b3", SYMBOL) + run("5"), "≥5"),
        (sign('sym w:font="Wingdings" w:char="F0FC"') + A, "✓a"),
        (equation("<m:f><m:num>a;</m:num><m:den>b;</m:den></m:f>"), "a/b"),
        (equation("<m:f><m:num>d;</m:num><m:den>a;<m:r><m:t>⋅b</m:t></m:r></m:den></m:f>"),
         "d/(a⋅b)"),
        (run("5") + equation("<m:f><m:num>1;</m:num><m:den>2;</m:den></m:f>") + run("mg"), "5½mg"),
        (run("5") + equation("<m:f><m:num>3;</m:num><m:den>16;</m:den></m:f>") + run("5"),
         "5\u00a03/16\u00a05"),
        (run("5") + equation("<m:f><m:num>a;</m:num><m:den>2;</m:den></m:f>") + run("5"),
         "5\u00a0a/2\u00a05"),
        (run("5") + equation("<m:f><m:num>1;</m:num><m:den>a;+;c;</m:den></m:f>"),
         "5\u00a01/(a+c)"),
        (run("5") + equation("<m:f><m:num><m:sSup><m:e>2;</m:e><m:sup>3;</m:sup></m:sSup></m:num>"
                             "<m:den>7;</m:den></m:f>"), "5\u00a02³/7"),
        (equation("<m:f><m:num>1;</m:num><m:den><m:f><m:num>2;</m:num><m:den>7;</m:den></m:f>"
                  "</m:den></m:f>"), "1/(2/7)"),
        (equation('<m:d><m:e><m:f><m:fPr><m:type m:val="noBar"/></m:fPr><m:num>5;</m:num>'
                  "<m:den>2;</m:den></m:f></m:e></m:d>"), "(5 2)"),
        (equation("<m:sSup><m:e>x;</m:e><m:sup>2;</m:sup></m:sSup><m:f><m:num>1;</m:num>"
                  "<m:den>2;</m:den></m:f>"), "x²½"),
        (equation("<m:sSup><m:e>10;</m:e><m:sup><m:f><m:num>1;</m:num><m:den>2;</m:den></m:f>"
                  "</m:sup></m:sSup>"), "10^(½)"),
        (equation("<m:m><m:mr><m:e>1;</m:e><m:e>2;</m:e></m:mr><m:mr><m:e>3;</m:e><m:e>4;</m:e>"
                  "</m:mr></m:m>") + run("5"), "1 2 3 4\u00a05"),
        (equation("<m:limLow><m:e>lim;</m:e><m:lim>x;</m:lim></m:limLow>"), "lim x"),
        (equation("<m:rad><m:deg/><m:e>2;+;x;</m:e></m:rad>3;"), "√(2+x)3"),
        (run("5") + EQ.format(r"EQ \f(1,2)") + run(" mg"), "5½ mg"),
        (run("5") + EQ.format(r"eq \f(3;16)") + run("5"), "5\u00a03/16\u00a05"),
        (run("if ") + EQ.format(r'SYMBOL 179 \f "Symbol" \s 10') + run(" 5"), "if ≥ 5"),
        (FIELD.format(run("≥")).replace("REF x", "SYMBOL 8805"), "≥"),
        (run("10") + RAISED.format("–3") + run(" g/L") + RAISED.format("\u20111"), "10⁻³ g/L⁻¹"),
        (run("10") + RAISED.replace("<w:t>", "<w:noBreakHyphen/><w:t>").format("6"), "10⁻⁶"),
        (run("5") + RAISED.format("o") + run("C, 7") + RAISED.format("0") + run(" F"), "5°C, 7° F"),
        (run("1") + RAISED.format("o") + run(" Café"), "1o Café"),
        (run("dose") + RAISED.format("2–4") + run(" of"), "dose²–⁴ of"),
        (run("10") + EQ.format(r"EQ \s\up 8(9)") + run("/L"), "10⁹/L"),
        (run("5") + r'<w:fldSimple w:instr=" EQ \f(1,2) "/>' + run(" mg"), "5½ mg"),
        (run("5 ") + EQ.format(r"SYMBOL 0xB1 \* MERGEFORMAT") + run(" 2"), "5 ± 2"),
        (NESTED.format(FIELD.format(run("«a»")), run("not")) + run(" given"), "not given"),
        (run("5", "<w:strike/>") + run("0", "<w:dstrike/>") + run("10 mg"), "50\u00a010 mg"),
        (A + EQ.format(r'EQ \* jc2 \* "Font:MS" \* hps10 \o\ad(\s\up 9(b),c)'), "ab c"),
        (run("5") + RAISED.format("1/2") + run(" mg"), "5½ mg"),
        (run("5") + RAISED.format("3/16") + run("5"), "5\u00a03/16\u00a05"),
        (run("10") + RAISED.format("5.2") + run("x"), "10⁵.²x"),
        (run("5") + run("1", '<w:position w:val="6"/>') + run("/")
         + run("2", '<w:position w:val="-6"/>'), "5½"),
        (equation("<m:f><m:num>a;+;c;</m:num><m:den>b;</m:den></m:f>"), "(a+c)/b"),
        (equation("<m:sSup><m:e>m;</m:e><m:sup>2;</m:sup></m:sSup>"), "m²"),
        (equation("<m:sSub><m:e>x;</m:e><m:sub>i;</m:sub></m:sSub>"), "xi"),
        (equation("<m:sSup><m:e>10;</m:e><m:sup>n+1;</m:sup></m:sSup>"), "10^(n+1)"),
        (equation("<m:sSup><m:e>25;</m:e><m:sup>o;</m:sup></m:sSup>") + run("C"), "25°C"),
        (run("10") + RAISED.format("n") + run("+1"), "10^(n)+1"),
        (equation("<m:rad><m:deg/><m:e>x;</m:e></m:rad>"), "√x"),
        (equation('<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>x;</m:e></m:bar>'),
         "x\u0305"),
        (equation("<m:acc><m:e>p;</m:e></m:acc>"), "p\u0302"),
        (equation("<m:d><m:e>x;</m:e><m:e>y;</m:e></m:d>"), "(x|y)"),
        (equation("<m:nary><m:sub>i;</m:sub><m:sup/><m:e>x;</m:e></m:nary>"), "∫ix"),
        (equation("<m:func><m:fName>sin;</m:fName><m:e>x;</m:e></m:func>"), "sin x"),
        (f"<mc:AlternateContent><mc:Choice>{A}</mc:Choice><mc:Fallback>{B}</mc:Fallback>"
         "</mc:AlternateContent>", "a"),
        (f"{A}<w:r><mc:AlternateContent><mc:Fallback><w:t>b</w:t></mc:Fallback>"
         "</mc:AlternateContent></w:r>", "ab"),
        (A + '<w:r><x:symEx x:font="Segoe UI Symbol" x:char="2714"/></w:r>', "a✔"),
        ("<m:oMath><m:eqArr><m:e><m:r><m:t>x&amp;=5#(1)</m:t></m:r></m:e></m:eqArr></m:oMath>",
         "x=5 (1)"),
        (f"<m:oMathPara>{equation('5;')}{equation('10;')}</m:oMathPara>", "5\n10"),
    ],
)  # fmt: skip
def test_every_word_that_is_seen_is_found_once(runs: str, expected: str) -> None:
    assert texts(line(runs)) == [expected]


def test_a_reading_stands_beside_its_word() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{B}</w:rt><w:rubyBase>{A}</w:rubyBase></w:ruby></w:r>"
    assert texts(line(ruby)) == [f"a{READING[0]}b{READING[1]}"]


def test_text_boxes_follow_their_paragraph() -> None:
    box = f"<w:r><w:pict>{BOX.format(line(B))}</w:pict></w:r>"
    assert texts(line(A, box, C) + line(A)) == ["ac", "b", "a"]
    choice = f"<mc:Choice>{BOX.format(line(B))}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    hidden = box.replace("<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>", 1)
    assert texts(line(A, hidden)) == ["a"]
    both = f"<w:r><mc:AlternateContent>{choice}</mc:AlternateContent></w:r>"
    assert texts(line(A, both)) == ["a", "b"]


def test_text_of_a_drawing_pasted_from_slides_is_read() -> None:
    box = (
        "<a:txBody><a:p><a:r><a:t>not</a:t></a:r><a:br/><a:r><a:t>5 mg</a:t></a:r></a:p></a:txBody>"
    )
    drawing = GRAPHIC.format("lockedCanvas").replace("/>", f"><a:sp>{box}</a:sp></a:graphicData>")
    assert texts(line(A, f"<w:r><w:drawing>{drawing}</w:drawing></w:r>")) == ["a", "not\n5 mg"]


def test_a_paragraph_whose_end_is_deleted_or_hidden_goes_on() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    heading = '<w:pStyle w:val="Heading1"/>'
    body = line(A, properties=heading + gone) + line(B) + line(C)
    assert shown(body) == [("paragraph", 0, "ab"), ("paragraph", 0, "c")]
    assert texts(line(A, properties='<w:framePr w:dropCap="drop"/>') + line(B)) == ["ab"]
    hidden = "<w:rPr><w:vanish/>{}</w:rPr>"
    assert texts(line(A, properties=hidden.format("")) + line(B)) == ["ab"]
    assert texts(line(A, properties=hidden.format("<w:specVanish/>")) + line(B)) == ["a", "b"]


def test_cells_and_rows_whose_deletion_is_tracked_are_gone() -> None:
    cell = "<w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    first = (
        cell.format("", "a") + cell.format("<w:cellDel/>", "b") + cell.format("<w:cellIns/>", "c")
    )
    last = cell.format("", "d") + cell.format("", "e")
    gone = f"<w:tr><w:trPr><w:del/></w:trPr>{last}</w:tr>"
    table = f"<w:tbl><w:tr>{first}</w:tr>{gone}<w:tr><w:trPr><w:ins/></w:trPr>{last}</w:tr></w:tbl>"
    assert texts(table) == ["a\tc", "d\te"]


def test_what_is_moved_stands_in_its_new_place_alone() -> None:
    moved = "<w:moveFromRangeStart/><w:moveFrom>{0}</w:moveFrom><w:moveFromRangeEnd/>"
    taken = line(moved.format(A), properties="<w:rPr><w:moveFrom/></w:rPr>")
    assert texts(taken + line(B) + line(f"<w:moveTo>{A}</w:moveTo>")) == ["b", "a"]


def test_fields_of_forms_show_what_was_chosen() -> None:
    field = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{}</w:ffData></w:fldChar></w:r>'
    entries = '<w:ddList>{}<w:listEntry w:val="oral"/><w:listEntry w:val="nasal"/></w:ddList>'
    tick = '<w:checkBox><w:default w:val="0"/>{}</w:checkBox>'
    second = field.format(entries.format('<w:result w:val="1"/>'))
    assert texts(line(second) + line(field.format(entries.format("")))) == ["nasal", "oral"]
    boxes = (field.format(tick.format(value)) for value in ("<w:checked/>", ""))
    assert texts(line(*boxes, run(" yes"))) == ["☒☐ yes"]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<w:altChunk/>", "an embedded document"),
        ('<w:p><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/>'
         "</w:object></w:p>", "an embedded object"),
        (f"<w:p><w:r><w:drawing>{GRAPHIC.format('diagram')}</w:drawing></w:r></w:p>", "SmartArt"),
        (f"<w:p><w:r><w:drawing>{GRAPHIC.format('chart')}</w:drawing></w:r></w:p>", "a chart"),
        (f"<w:p><w:r><w:drawing>{GRAPHIC.format('chartex')}</w:drawing></w:r></w:p>", "a chart"),
    ],
)  # fmt: skip
def test_words_that_stand_in_other_parts_are_told(body: str, what: str) -> None:
    found = parse(Source("a.docx", "a", "docx", document(line(A) + body)))
    assert [warning.reason for warning in found.warnings] == [f"words of {what} in it are not read"]
    assert found.articles[0].text == "a"


def test_a_document_all_of_whose_words_stand_in_another_part_is_told_so() -> None:
    with pytest.raises(SourceError, match="words of an embedded document in it are not read"):
        read(document("<w:altChunk/>"), "docx")


def test_word_art_is_read() -> None:
    art = '<v:textpath xmlns:v="urn:schemas-microsoft-com:vml" string="Dry mouth"/>'
    assert texts(line(f"<w:r><w:pict>{art}</w:pict></w:r>")) == ["Dry mouth"]


def test_notes_are_numbered_as_they_are_referred_to() -> None:
    refer = '<w:r><w:{}Reference w:id="{}"/></w:r>'.format
    note = '<w:{0}s {1}><w:{0} w:type="separator" w:id="0">{2}</w:{0}>{3}</w:{0}s>'.format
    one = '<w:{0} w:id="{1}">{2}</w:{0}>'.format
    two = one("footnote", 1, line(run("first"))) + one("footnote", 2, line(run("unused")))
    feet = note("footnote", SPACES, line(run("-")), two)
    ends = note("endnote", SPACES, "", one("endnote", 1, line(run("last")) + line(run("more"))))
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Type="x/footnotes" Target="footnotes.xml"/>'
        '<Relationship Type="x/endnotes" Target="/word/endnotes.xml"/></Relationships>'
    )
    body = line(A, refer("endnote", 1), B, refer("footnote", 1))
    found = texts(body, footnotes=feet, endnotes=ends, **{"document.xml": relations})
    assert found == [f"a{READING[0]}[1]{READING[1]}b[2]", "last\nmore", "first"]


STYLES = f"""<w:styles xmlns:w="{NAMESPACE}">
<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style>
<w:style w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:styleId="Based"><w:name w:val="Based"/><w:basedOn w:val="H2"/></w:style>
<w:style w:styleId="Body"><w:basedOn w:val="H2"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:styleId="Loop"><w:basedOn w:val="Loop"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:styleId="Sign"><w:rPr><w:rFonts w:hAnsi="Symbol"/></w:rPr></w:style>
<w:style w:styleId="Tick"><w:basedOn w:val="Sign"/></w:style>
</w:styles>"""


def test_a_style_raises_letters() -> None:
    body = line(run("10"), run("9", '<w:rStyle w:val="Up"/>'), run("/L"))
    assert texts(body, styles=STYLES) == ["10⁹/L"]


def test_a_style_sets_a_symbol_font() -> None:
    other = run("m", '<w:rStyle w:val="Tick"/><w:rFonts w:asciiTheme="minorHAnsi"/>')
    assert texts(line(run("m", '<w:rStyle w:val="Tick"/>'), run("g ="), other), styles=STYLES) == [
        "μg =m"
    ]


def styled(body: str) -> list[tuple[str, int, str]]:
    article = read(document(body, styles=STYLES), "docx")
    return [(b.kind, b.level, b.span.of(article.text)) for b in article.blocks]


def test_outline_levels_and_styles_they_are_based_on_make_headings() -> None:
    body = paragraph("one", "Own") + paragraph("two", "Based") + paragraph("no", "Body")
    body += paragraph("three", "", '<w:outlineLvl w:val="2"/>')
    body += paragraph("text", "H2", '<w:outlineLvl w:val="9"/>') + paragraph("unseen", "Gone")
    body += paragraph("again", "Own")
    assert styled(body) == [
        ("heading", 1, "one"),
        ("heading", 2, "two"),
        ("paragraph", 0, "no"),
        ("heading", 3, "three"),
        ("paragraph", 0, "text"),
        ("heading", 1, "again"),
    ]


def bold(text: str, properties: str = "") -> str:
    return line(run(text, "<w:b/>"), properties=properties)


def test_bold_lines_that_act_as_headings() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve"
    body = paragraph("Top", "Heading1") + bold("Side effects") + paragraph("Few have them.")
    body += bold("Never take two at once.") + paragraph("It may harm you.")
    body += bold(words) + paragraph("text") + bold(words + " thirteen") + paragraph("text")
    body += bold("Warning") + bold("More of it") + paragraph("text")
    body += line(run("Bold", "<w:b/>"), run(" and not")) + paragraph("text")
    body += bold("May I drive?") + paragraph("No.") + bold("Ill? Old?") + paragraph("Ask.")
    body += bold("At the end")
    kinds = {text: (kind, level) for kind, level, text in shown(body)}
    headings = {text: level for text, (kind, level) in kinds.items() if kind == "heading"}
    assert headings == {"Side effects": 2, words: 2, "More of it": 2, "May I drive?": 2}
    assert kinds["Top"] == ("title", 0)
    assert kinds["Warning"] == kinds["Never take two at once."] == ("paragraph", 0)


def test_lines_of_large_letters_that_act_as_headings() -> None:
    def sized(text: str, size: int, style: str = "") -> str:
        own = f'<w:pStyle w:val="{style}"/>' if style else ""
        return line(run(text, f'<w:sz w:val="{size}"/>'), properties=own)

    body = sized("Tabulin", 40) + sized("Uses", 32) + paragraph("Pain.") + sized("Never twice.", 32)
    body += paragraph("It harms.") + sized("Below it", 32, "Subtitle") + paragraph("text")
    body += sized("Dose", 24) + sized("Half of it", 22) + paragraph("text") + sized("Last", 32)
    assert [text for kind, _, text in shown(body) if kind == "heading"] == ["Uses", "Dose"]


ITEM = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'
NUMBERING = f"""<w:numbering xmlns:w="{NAMESPACE}">
<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Bullets"/></w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:styleLink w:val="Bullets"/>
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="Step %1 %2:"/></w:lvl>
<w:lvl w:ilvl="2"><w:numFmt w:val="none"/><w:lvlText w:val="Warning:"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="3"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="3"/><w:lvlOverride w:ilvl="0">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:lvlOverride></w:num></w:numbering>"""


def test_numbers_of_an_inner_list_may_go_on() -> None:
    goes_on = NUMBERING.replace('"upperRoman"/>', '"decimal"/><w:lvlRestart w:val="0"/>')
    goes_on = goes_on.replace('<w:lvlText w:val="Step %1 %2:"/>', "")
    body = "".join(line(A, properties=ITEM.format(depth, 3)) for depth in (0, 1, 0, 1))
    blocks = read(document(body, numbering=goes_on), "docx").blocks
    assert [block.number for block in blocks] == [1, 1, 2, 2]


def test_bold_numbered_lines_that_act_as_headings() -> None:
    body = bold("Uses", ITEM.format(0, 3)) + paragraph("Pain.") + bold("Dose", ITEM.format(0, 3))
    body += paragraph("Low.") + bold("Not this", ITEM.format(0, 3)) + line(properties="")
    body += bold("nor that", ITEM.format(0, 3)) + paragraph("Text.") + bold("•", ITEM.format(0, 1))
    article = read(document(body, numbering=NUMBERING), "docx")
    headings = [(b.span.of(article.text), b.level) for b in article.blocks if b.kind == "heading"]
    assert headings == [("Uses", 1), ("Dose", 1)]


def test_lists_defined_by_a_style_or_redefined_and_their_words() -> None:
    places = (0, 1), (0, 4), (0, 3), (1, 3), (1, 3), (2, 3)
    body = "".join(line(A, properties=ITEM.format(*place)) for place in places)
    article = read(document(body, numbering=NUMBERING), "docx")
    assert [(b.number, b.span.of(article.text)) for b in article.blocks] == [
        (None, "a"), (None, "a"), (2, "a"), (None, "Step 2 I: a"), (None, "Step 2 II: a"),
        (None, "Warning: a"),
    ]  # fmt: skip


def test_bold_of_a_style_counts() -> None:
    found = styled(paragraph("Uses", "Loop") + paragraph("text") + paragraph("Care", "Loop"))
    assert [kind for kind, _, _ in found] == ["heading", "paragraph", "paragraph"]


def cell(inside: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: list[str]) -> str:
    return f"<w:tbl>{''.join('<w:tr>' + ''.join(row) + '</w:tr>' for row in rows)}</w:tbl>"


def test_a_table_in_a_cell_gives_lines_of_the_cell() -> None:
    inner = table([cell(line(A)), cell(line(B))], [cell(line(C)), cell(line(A))])
    outer = table([cell(line(A)), cell(line(B))], [cell(line(C)), cell(line(B) + inner)])
    assert shown(outer) == [("table_row", 0, "a\tb"), ("table_row", 0, "c\tb\na b\nc a")]


def test_a_table_for_layout_leaves_its_inner_table_whole() -> None:
    inner = table([cell(line(A)), cell(line(B))], [cell(line(C)), cell(line(A))])
    outer = table([cell(paragraph("Uses", "Heading1") + line(C))], [cell(inner)])
    assert [kind for kind, _, _ in shown(outer)] == ["title", "paragraph", "table_row", "table_row"]


def test_cells_that_reach_over_rows_and_columns() -> None:
    merge = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    article = read(document(table(
        [cell(line(run("Drug"))), cell(line(run("Dose")), '<w:gridSpan w:val="2"/>')],
        [cell(line(A), merge[0]), cell(line(B)), cell(line(C))],
        [cell(line(), merge[1]), cell(line(C)), cell(line(B))],
    ).replace("<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 1)), "docx")  # fmt: skip
    rows = [(block.span.of(article.text), block.header, block.heads) for block in article.blocks]
    assert rows == [
        ("Drug\tDose", True, ("", "")),
        ("a\tb\tc", False, ("Drug", "Dose", "Dose")),
        ("c\tb", False, ("Dose", "Dose")),
    ]


@pytest.mark.parametrize("look", ['w:firstRow="1"', 'w:val="04A0"'])
def test_the_style_of_a_table_may_name_its_head_row(look: str) -> None:
    styles = (
        f'<w:styles xmlns:w="{NAMESPACE}"><w:style w:styleId="A"><w:tblStylePr w:type="firstRow">'
        '<w:rPr><w:b/></w:rPr></w:tblStylePr></w:style><w:style w:styleId="B">'
        '<w:basedOn w:val="A"/></w:style></w:styles>'
    )
    body = table([cell(line(A)), cell(line(B))], [cell(line(C)), cell(line(A))])
    for style, header in ("B", True), ("C", False):
        properties = f'<w:tblPr><w:tblStyle w:val="{style}"/><w:tblLook {look}/></w:tblPr>'
        data = document(body.replace("<w:tbl>", f"<w:tbl>{properties}"), styles=styles)
        assert read(data, "docx").blocks[0].header is header
    assert not read(document(body), "docx").blocks[0].header


def test_rows_across_a_table_name_its_parts() -> None:
    part = [cell(bold("Children"), '<w:gridSpan w:val="2"/>')]
    data = document(
        table(part, [cell(line(A)), cell(line(B))], part, [cell(line(C)), cell(line(B))])
    )
    blocks = read(data, "docx").blocks
    assert [b.header for b in blocks] == [True, False, True, False]
    assert blocks[3].heads == ("Children", "Children")


def test_a_cell_over_several_rows_counts_in_each() -> None:
    first = [cell(line(run("5 mg")), '<w:vMerge w:val="restart"/>'), cell(line(A))]
    others = [[cell(line(), "<w:vMerge/>"), cell(line(one))] for one in (B, C)]
    assert [kind for kind, *_ in shown(table(first, *others))] == ["table_row"] * 3


def test_numbers_go_on_after_a_paragraph_and_begin_anew() -> None:
    item = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'.format
    numbering = f"""<w:numbering xmlns:w="{NAMESPACE}"><w:abstractNum w:abstractNumId="5">
    <w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/></w:lvl>
    <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>
    <w:num w:numId="2"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0">
    <w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>"""
    body = "".join(
        line(A, properties=item(*place)) if place else line(A)
        for place in [(0, 1), (1, 1), (1, 1), (), (0, 1), (1, 1), (0, 2), (0, 2)]
    )
    blocks = read(document(body, numbering=numbering), "docx").blocks
    assert [(b.level, b.number) for b in blocks] == [
        (1, 3), (2, 1), (2, 2), (0, None), (1, 4), (2, 1), (1, 1), (1, 2),
    ]  # fmt: skip


def test_bullets_that_tell_yes_from_no_stay_and_blank_labels_go_on() -> None:
    levels = ("✓", "", ""), ("\uf0fb", "Wingdings", ""), ("☒", "", ""), ("•", "", ""), (" ", "", "")
    picture = "<w:lvlPicBulletId/>"
    shapes = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:numFmt w:val="bullet"/><w:lvlText w:val="{sign}"/>{rest}'
        f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr></w:lvl>'
        for depth, (sign, font, rest) in enumerate((*levels, ("", "", picture)))
    )
    numbering = f"""<w:numbering xmlns:w="{NAMESPACE}"><w:abstractNum w:abstractNumId="5">{shapes}
    </w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num></w:numbering>"""
    body = paragraph("goes on", properties=ITEM.format(4, 1))
    words = "with food", "with alcohol", "never stop", "eat", "then rest", "drink"
    body += "".join(paragraph(text, properties=ITEM.format(n, 1)) for n, text in enumerate(words))
    article = read(document(body, numbering=numbering), "docx")
    assert [(b.kind, b.span.of(article.text)) for b in article.blocks] == [
        ("paragraph", "goes on"), ("list_item", "✓ with food"), ("list_item", "✗ with alcohol"),
        ("list_item", "☒ never stop"), ("list_item", "eat\nthen rest"), ("list_item", "drink"),
    ]  # fmt: skip


def test_styles_of_other_programs() -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/>'
        f"{inside}</w:style>"
        for name, inside in (
            ("Title", ""), ("Author", '<w:basedOn w:val="Title"/>'), ("Quotations", ""),
            ("Preformatted Text", ""), ("Heading", ""), ("Heading 2", ""),
            ("List Bullet", f"<w:pPr>{ITEM.format(0, 1)}</w:pPr>"),
            ("List Bullet 3", f"<w:pPr>{ITEM.format(0, 1)}</w:pPr>"),
        )
    )  # fmt: skip
    body = paragraph("Guide", "Title") + paragraph("A. Costa", "Author")
    body += paragraph("Dose", "Heading") + paragraph("Start", "Heading2")
    body += paragraph("quoted", "Quotations") + paragraph("x = 1", "PreformattedText")
    body += paragraph("  y = 2", "PreformattedText") + paragraph("outer", "ListBullet")
    body += paragraph("inner", "ListBullet3") + paragraph("\uec03a = b\uec02")
    sheet = f'<w:styles xmlns:w="{NAMESPACE}">{styles}</w:styles>'
    article = read(document(body, styles=sheet, numbering=NUMBERING), "docx")
    assert [(b.kind, b.level, b.span.of(article.text)) for b in article.blocks] == [
        ("title", 0, "Guide"), ("paragraph", 0, "A. Costa"), ("heading", 1, "Dose"),
        ("heading", 2, "Start"), ("quote", 0, "quoted"), ("code", 0, "x = 1\n  y = 2"),
        ("list_item", 1, "outer"), ("list_item", 3, "inner"), ("paragraph", 0, "a = b"),
    ]  # fmt: skip


def test_locked_and_other_files_are_told() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
    for data, reason in (
        (ole + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
        (ole, "before 2007"),
        (b"{\\rtf1 text}", "is RTF"),
        (b"\xef\xbb\xbf<html>", "is HTML"),
        (b"%PDF-1.7", "is PDF"),
    ):
        with pytest.raises(SourceError, match=reason):
            read(data, "docx")


@pytest.mark.parametrize("name", ["consent.docx", "letter.docx"])
def test_no_word_of_a_document_is_lost(name: str) -> None:
    data = source(name).data
    assert lost(data, read(data, "docx").text) == []


def test_what_is_lost_is_noticed() -> None:
    body = line(A, B) + line(run("deleted").replace("w:t", "w:delText"))
    assert lost(document(body), "a b") == []
    assert lost(document(body + line(A, B)), "ab") == ["ab"]
