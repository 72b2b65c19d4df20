"""Parses Word documents into articles.

In: a .docx file. Out: an `Article` of the text that Word shows, with headings, lists, tables, notes
and the core properties as metadata. Refuses (`SourceError`) a file that is not a Word document or
is encrypted, that unpacks to too much, or whose XML defines entities or nests too deep. Warns of
text in parts that are not read: embedded documents, SmartArt, charts.

The XML is converted to an HTML tree (`h1`, `p`, `li`, `td` …), which the HTML reader turns into
blocks. An unknown element is read through, so that no word in it is lost.

Rules of the conversion:
- every `w:t` and `m:t` is read once, in place; text boxes follow the paragraph that they are
  anchored to, notes come last. Tracked changes count as accepted. Left out are comments, headers,
  footers, hidden text, field instructions and fallbacks for older programs (`mc:Fallback`);
- a paragraph is a heading by its own outline level or its style's, or by the name of its style or
  of one that this is based on; a bold or large paragraph by the rule of `_name_bold_headings`;
- a table of contents is boilerplate. A table within a cell becomes lines of that cell, unless the
  outer table is only layout;
- letters in the fonts Symbol and Wingdings are replaced by the characters that they show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import takewhile

from lxml import etree

from indexer.errors import SourceError, SourceWarning
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble, squeeze
from indexer.parsing.formats.docx_parts import (
    OFF,
    PLACES,
    SYMEX,
    VAL,
    M,
    Numbers,
    Package,
    Style,
    Styles,
    W,
    integer,
    is_on,
    kind_of,
    numbering_of,
    signs_of,
    values_of,
)  # fmt: skip
from indexer.parsing.formats.zip import open_zip
from indexer.parsing.html.dom import CONTENTS, HEADINGS, Element
from indexer.parsing.html.fonts import SIGNS, shown_in
from indexer.parsing.html.lists import ListBuilder
from indexer.parsing.html.main_content import TITLE_CLASS
from indexer.parsing.html.page import read_tree
from indexer.settings import Settings

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SENTENCE = re.compile(r"[.!…。！][\s\"'”’»)\]]*\Z|[.!?…]\s.*[?？]\W*\Z")  # one question is none
_LONGEST_BOLD = 12  # words in a bold or large line that is a heading
_CODE_MARKS = "\uec02\uec03"  # around code in Google Docs
_LARGE = 1.15  # times the usual size


def parse_docx(source: Source, settings: Settings) -> Iterator[Article | SourceWarning]:
    """Yield the article of a Word document, then a warning about text that was not read."""
    _refuse_others(source)
    with open_zip(source.data, source.path) as archive:
        package = Package(archive, source.path)
        core = package.core_properties()
        declared = Declared(core.pop("title", ""), "", core.pop("language", ""), core)
        document = _Document(package)
        tree = document.read()
    content = read_tree(tree, declared, targets=False)
    reason = f"words of {', '.join(document.left)} in it are not read"
    if document.left and not content.blocks:
        raise SourceError(source.path, f"holds no other text; {reason}", "put them into its own")
    yield assemble(source, content, settings)
    if document.left:
        yield SourceWarning(source.path, reason, "put them into its own text")


def _refuse_others(source: Source) -> None:
    """Raise `SourceError` for a file that has only the suffix of a Word document."""
    data = source.data
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # OLE, the wrapper of encrypted documents
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SourceError(source.path, "is encrypted", "save it without a password as .docx")
        raise SourceError(source.path, "is a document of Word before 2007", "save it as .docx")
    for magic, what in (b"{\\rtf", "RTF"), (b"%PDF", "PDF"), (b"<", "HTML or XML"):
        if data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(magic):
            raise SourceError(source.path, f"is {what} and no Word document", "save it as .docx")


# --- text of a paragraph -------------------------------------------------------------------------


class _Line:
    """Writes the runs of a paragraph into an element, in as few `b`, `sup` and `sub` as needed."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.boxes: list[Element] = []  # text boxes anchored to the paragraph
        self.shows = False  # whether there is anything but white space
        self.all_bold = True  # whether all visible text is bold
        self.size = 0  # of the letters that follow, in half points
        self.smallest = 0  # size of visible text; 0: none
        self._text: list[str] = []
        self._last = ("", False)
        self._bold: Element | None = None  # the open `b` element
        self.end = ""  # the last character
        self._apart = False  # whether a letter or digit that follows directly is set apart
        self.instruction = ""  # of the open field
        self.struck = False  # whether the last run is struck through
        self.fields: list[bool] = []  # for each open field, whether its result is still to come
        self.nested_text = ""  # results of fields nested in the instruction of another

    def add(self, text: str, bold: bool, place: str = "") -> None:
        """Add a run of text; `place`: "sup", "sub" or "" for on the line."""
        if not text:
            return
        if self._apart and self.end.isalnum() and text[0].isalnum():
            text = "\u00a0" + text
        self._apart, self.end = False, text[-1]
        if not text.isspace():
            self.shows = True
            self.all_bold = self.all_bold and bold
            self.smallest = min(self.smallest or self.size, self.size)
            if self._last != (place, bold):
                self.flush()
                self._last = place, bold
        self._text.append(text)

    def set_apart(self, written: bool) -> None:
        """Set the text that follows apart, unless `written`: its sup or sub already does so."""
        self.flush()
        self._apart = not written

    def child(self, tag: str) -> Element:
        """Append an empty inline element."""
        self.flush()
        self.end = ""
        return etree.SubElement(self.element if self._bold is None else self._bold, tag)

    def flush(self) -> None:
        """Write the text gathered so far."""
        if not self._text:
            return
        text, (place, bold) = "".join(self._text), self._last
        self._text.clear()
        if bold and self._bold is None:
            self._bold = etree.SubElement(self.element, "b")
        elif not bold:
            self._bold = None
        above = self.element if self._bold is None else self._bold
        if place:
            etree.SubElement(above, place).text = text
        elif len(above):
            above[-1].tail = (above[-1].tail or "") + text
        else:
            above.text = (above.text or "") + text


_SKIPPED = frozenset(
    [W + name for name in (
        "pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "sdtPr", "sdtEndPr", "rubyPr",
        "customXmlPr", "del", "moveFrom", "delText", "delInstrText", "fldData",
        "ffData", "numPicBullet", "binData",
    )]
    + [f"{M}{name}" for name in ("oMathParaPr", "ctrlPr", "rPr", "argPr")]
    + [_MC + "Fallback"]
)  # fmt: skip
_SIGNS = dict(zip((W + "tab", W + "ptab", W + "noBreakHyphen", W + "softHyphen"), "\t\t\u2011\xad"))
# Last part of a graphic's URI → its name.
_DRAWN = {"diagram": "SmartArt", "chart": "a chart", "chartex": "a chart"}
_ELSEWHERE = {
    W + "altChunk": "an embedded document",
    W + "subDoc": "a subdocument",
    "{urn:schemas-microsoft-com:office:office}OLEObject": "an embedded object",
}
_ALTERNATIVES = _MC + "AlternateContent"
_GONE = (W + "del", W + "moveFrom")
_T, _MT, _R, _MR, _P, _TBL = W + "t", M + "t", W + "r", M + "r", W + "p", W + "tbl"
_TEXTS = (_T, _MT, _A + "t")
_LOOSE = (M + "oMath", *_TEXTS)
_SDT = W + "sdt"
_GALLERY = f"{W}sdtPr/{W}docPartObj/{W}docPartGallery[@{VAL}='Table of Contents']"
_STYLE = W + "rStyle"
_OFFSET = re.compile(r"-?(?:[4-9]|[1-9]\d+)")  # half points off the line, enough to be seen
_OPERATOR = re.compile(r".[-+−±×·⋅∙∗*/ ]")
_DIVIDED = re.compile("[/⁄∕÷]")
_LETTER = re.compile(r"[^\W\d_]")
_SYMBOL = re.compile(  # instruction of a symbol field; needed only where it has no result
    r"symbol\s+(?:0x(?P<hex>[0-9a-f]{1,4})|(?P<code>\d{1,5}))\b(?:.*\\f\s*\"?(?P<font>[\w ]+))?",
    re.I,
)
_EQ_SWITCH = re.compile(r"\\\*\s*(?:\"[^\"]*\"|\w+)")
_EQ_FRACTION = re.compile(r"\\f\s*\(([^(),;\\]*)[,;]([^(),;\\]*)\)", re.IGNORECASE)
_EQ_RAISED = re.compile(r"\\s\s*\\(up|do)\s*\d*\s*\(([^()\\]*)\)", re.IGNORECASE)
_EQ_PART = re.compile(r"(?:\\[a-z]+[ \d]*)+\(([^()\\]*)\)", re.IGNORECASE)


class _Document:
    """Converts one document to an HTML tree."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._styles = Styles(package.beside("styles"))
        usual = self._styles.get(self._styles.usual)
        self._large = _LARGE * usual.size
        self._numbers = Numbers(package.beside("numbering"))
        self._notes = {  # (kind, id) → the note
            (kind, note.get(W + "id") or ""): note
            for kind in ("footnote", "endnote")
            for note in package.beside(f"{kind}s")
            if not (note.get(W + "type") or "").lower().endswith("separator")
        }
        self._references: list[tuple[str, str]] = []  # keys of notes, in the order of their marks
        self._contents = 0  # open fields, counted from that of a table of contents
        self.left = dict[str, None]()  # kinds of objects whose text is not read, in order
        self._inline: dict[str, Callable[[Element, _Line, Style], None]] = {
            _R: self._run, _MR: self._run, W + "sym": self._symbol, W + "br": self._break,
            W + "cr": self._break, W + "footnoteReference": self._reference,
            W + "endnoteReference": self._reference, W + "ruby": self._ruby,
            W + "instrText": self._instruction, W + "fldChar": self._field,
            W + "fldSimple": self._simple_field,
            W + "txbxContent": self._text_box, _A + "txBody": self._text_box,
            M + "f": self._fraction, M + "sSub": self._script, M + "sSup": self._script,
            M + "sSubSup": self._script, M + "sPre": self._script,
            M + "rad": self._root, M + "d": self._brackets, M + "nary": self._sum,
            M + "e": self._operand, M + "lim": self._operand, M + "mr": self._operand,
            M + "m": self._matrix, M + "acc": self._accent, M + "bar": self._accent,
            **dict.fromkeys(_ELSEWHERE, self._elsewhere),
            _A + "graphicData": self._graphic, _V + "textpath": self._word_art,
            _A + "br": self._break, SYMEX + "symEx": self._symbol,
            M + "oMathPara": self._equations, M + "eqArr": self._aligned,
        }  # fmt: skip

    def read(self) -> Element:
        """The HTML tree of the body and its notes."""
        html = etree.Element("html")
        body = etree.SubElement(html, "body")
        for part in self._package.parse(self._package.document).iterchildren(W + "body"):
            self._read_into(body, part)
        section = etree.SubElement(body, "section", {"class": "footnotes"})
        listed = etree.SubElement(section, "ol")
        for name in self._references:  # grows while it is read: a note may refer to another
            self._read_into(etree.SubElement(listed, "li"), self._notes[name])
        return html

    # --- blocks --------------------------------------------------------------------------------

    def _read_into(self, place: Element, part: Element) -> _Container:
        """Append all blocks of a body, cell, text box or note to `place`."""
        container = _Container(place)
        self._blocks(container, part)
        self._end_line(container)
        if place.tag in ("body", "div"):
            _name_bold_headings(container)
        return container

    def _blocks(self, container: _Container, parts: Iterable[Element]) -> None:
        for child in parts:
            tag = child.tag
            if tag in _SKIPPED:
                continue
            if tag in (_P, _A + "p"):
                self._paragraph(container, child)
            elif tag == _TBL:
                self._end_line(container)
                self._table(container, child)
            elif tag == _SDT and child.find(_GALLERY) is not None:
                self._end_line(container)
                container.lists.close()
                contents = etree.SubElement(container.place, CONTENTS)
                self._read_into(contents, child)
                for heading in list(contents.iter(*HEADINGS)):  # no candidate for the title
                    heading.tag = "p"
            elif tag in self._inline or tag in _LOOSE:  # an equation outside paragraphs
                self._end_line(container)
                container.open = _Line(etree.Element("p"))
                self._walk([child], container.open, Style())
                self._end_line(container)
            else:
                inner = next(iter(child), ()) if tag == _ALTERNATIVES else child
                self._blocks(container, inner)

    def _paragraph(self, container: _Container, paragraph: Element) -> None:
        """Read a paragraph, and after it the text boxes anchored to it.

        A drop cap, or a paragraph whose end mark is deleted, is joined to the next paragraph,
        whose style then applies to both.
        """
        properties = paragraph.find(W + "pPr")
        values = values_of(properties)
        style = self._styles.get(values.get(W + "pStyle") or self._styles.usual)
        container.open = container.open or _Line(etree.Element("p"))
        contents = self._contents
        self._walk(paragraph, container.open, style)
        if properties is not None and _goes_on(properties):
            return
        kind = style.kind or "p"
        if W + "outlineLvl" in values and kind not in ("title", CONTENTS):
            kind = kind_of("", values[W + "outlineLvl"])
        if kind == "p" and (contents or self._contents) and container.open.end.isdigit():
            kind = CONTENTS
        numbering = style.numbering
        if W + "numPr" in values:
            numbering = numbering_of(properties, numbering)
        number, label = self._numbers.next(*numbering) if numbering[0] else (None, "")
        depth = max(numbering[1], style.depth)
        item = (depth, number) if kind == "p" and number is not None else None
        line = container.open
        self._end_line(container, kind, item, label)
        if not (style.kind or item) and kind == "p" and line.smallest >= self._large:
            container.large.add(line.element)

    def _end_line(
        self, container: _Container, kind: str = "p", item: tuple[int, int] | None = None,
        label: str = "",
    ) -> None:  # fmt: skip
        line, container.open = container.open, None
        if line is None:
            return
        line.add(line.nested_text, line.all_bold)  # text of an unclosed field
        line.flush()
        if line.shows:
            line.element.text = label + (line.element.text or "")
            container.append(line, kind, item)
        for box in line.boxes:
            container.lists.close()
            self._read_into(etree.SubElement(container.place, "div"), box)

    def _table(self, container: _Container, table: Element) -> None:
        container.lists.close()
        made = etree.SubElement(container.place, "table", role="table")
        above: dict[int, Element] = {}  # column → the cell above that spans down into it
        rows = [(row, values_of(row.find(W + "trPr"))) for row in _within(table, W + "tr")]
        rows = [(row, properties) for row, properties in rows if W + "del" not in properties]
        heads = list(takewhile(lambda row: is_on(row[1], "tblHeader", False), rows))
        if not heads and self._styles.has_head_row(table.find(W + "tblPr")):
            heads = rows[:1]
        cells: list[_Container] = []
        for number, (row, properties) in enumerate(rows):
            shown = etree.SubElement(made, "tr")
            column = integer(properties.get(W + "gridBefore"), 0)
            if column:
                etree.SubElement(shown, "td", colspan=str(column))
            for cell in _within(row, W + "tc"):
                values = values_of(cell.find(W + "tcPr"))
                if W + "cellDel" in values:
                    continue
                width = max(integer(values.get(W + "gridSpan"), 1), 1)
                merge = values.get(W + "vMerge")
                if merge is not None and merge != "restart" and column in above:
                    place = above[column]
                    place.set("rowspan", str(int(place.get("rowspan", "1")) + 1))
                else:
                    place = etree.SubElement(shown, "td")
                    if width > 1:
                        place.set("colspan", str(width))
                    above[column] = place
                    if merge is None:
                        del above[column]
                cells.append(self._read_into(place, cell))
                if number < len(heads) < len(rows):
                    place.tag = "th"
                column += width
        if _is_layout(made):
            for element in (made, *made, *(cell for row in made for cell in row)):
                element.tag = "div"
            for container in cells:
                _name_bold_headings(container)

    # --- text ----------------------------------------------------------------------------------

    def _walk(self, part: Iterable[Element], line: _Line, look: Style) -> None:
        """Add the text of all elements of a paragraph to `line`, in order; `look`: formatting."""
        for child in part:
            tag = child.tag
            if tag in _TEXTS:
                if child.text and not look.hidden and any(line.fields[:-1]):
                    line.nested_text += child.text
                elif child.text and not look.hidden:
                    text = shown_in(child.text.strip(_CODE_MARKS), look.signs)
                    line.add(text, look.bold, look.place)
            elif tag in _SKIPPED:
                continue
            elif tag in self._inline:
                self._inline[tag](child, line, look)
            elif tag in _SIGNS:
                if not look.hidden:
                    line.add(_SIGNS[tag], look.bold, look.place)
            elif tag == _ALTERNATIVES:
                self._walk(next(iter(child), ()), line, look)
            else:
                self._walk(child, line, look)

    def _run(self, run: Element, line: _Line, look: Style) -> None:
        properties, struck = run.find(W + "rPr"), False
        if properties is not None:
            values = values_of(properties)
            struck = is_on(values, "strike", is_on(values, "dstrike", False))
            style = self._styles.get(values[_STYLE]) if _STYLE in values else Style()
            place, offset = style.place or look.place, values.get(W + "position", "")
            if _OFFSET.fullmatch(offset):
                place = "sub" if offset.startswith("-") else "sup"
            signs = style.signs or look.signs
            look = Style(
                bold=is_on(values, "b", look.bold or style.bold),
                hidden=is_on(values, "vanish", look.hidden or style.hidden),
                place=PLACES.get(values.get(W + "vertAlign", ""), place),
                signs=signs_of(properties, signs) if W + "rFonts" in values else signs,
                size=integer(values.get(W + "sz"), look.size),
            )
        line.size = look.size
        if struck != line.struck:  # struck and unstruck text must not form one number or word
            line.set_apart(False)
            line.struck = struck
        self._walk(run, line, look)

    def _symbol(self, symbol: Element, line: _Line, look: Style) -> None:
        stated = {etree.QName(name).localname: value for name, value in symbol.attrib.items()}
        code, font = stated.get("char", ""), stated.get("font", "").lower()
        if re.fullmatch("[0-9A-Fa-f]{1,5}", code) and not look.hidden:
            line.add(shown_in(chr(int(code, 16)), SIGNS.get(font)), look.bold, look.place)

    def _break(self, element: Element, line: _Line, look: Style) -> None:
        line.child("br")

    def _reference(self, mark: Element, line: _Line, look: Style) -> None:
        """Number of a note; footnotes and endnotes are numbered together, in order of reference."""
        kind = etree.QName(mark).localname.removesuffix("Reference")
        name = kind, mark.get(W + "id") or ""
        if look.hidden or name not in self._notes:
            return
        if name not in self._references:
            self._references.append(name)
        if mark.get(W + "customMarkFollows") in (None, *OFF):
            link = etree.SubElement(line.child("sup"), "a", href=f"#{'-'.join(name)}")
            link.text = f"[{self._references.index(name) + 1}]"

    def _ruby(self, ruby: Element, line: _Line, look: Style) -> None:
        made = line.child("ruby")
        for tag, part in ("rb", "rubyBase"), ("rt", "rt"):
            inner = _Line(etree.SubElement(made, tag))
            for element in ruby.iterchildren(W + part):
                self._walk(element, inner, look)
            inner.flush()
            line.shows = line.shows or inner.shows

    def _instruction(self, part: Element, line: _Line, look: Style) -> None:
        line.instruction += part.text or ""

    def _field(self, part: Element, line: _Line, look: Style) -> None:
        """Add what a form, symbol or equation field shows, if only its properties hold it."""
        instruction, line.instruction = line.instruction.strip(), ""
        kind = part.get(W + "fldCharType")
        if self._contents:
            self._contents += (kind == "begin") - (kind == "end")
        elif kind == "separate" and instruction.startswith("TOC "):
            self._contents = 1
        if kind == "begin":
            line.fields.append(True)
        elif line.fields and kind == "separate":
            line.fields[-1] = False
        elif line.fields:
            line.fields.pop()
        if not any(line.fields):
            line.nested_text = ""
        if not look.hidden and (form := part.find(W + "ffData")) is not None:
            line.add(_chosen(form), look.bold, look.place)
        is_equation = instruction[:3].lower() == "eq "  # which has no result
        if not look.hidden and (kind == "end" or (is_equation and kind != "begin")):
            self._instructed(instruction, line, look)

    def _simple_field(self, field: Element, line: _Line, look: Style) -> None:
        self._walk(field, line, look)
        if not look.hidden and not _text_of(field):
            self._instructed((field.get(W + "instr") or "").strip(), line, look)

    def _instructed(self, instruction: str, line: _Line, look: Style) -> None:
        """Add what a symbol or equation field shows by its instruction."""
        if sign := _SYMBOL.match(instruction):
            code = int(sign["hex"], 16) if sign["hex"] else int(sign["code"])
            signs = SIGNS.get((sign["font"] or "").strip().lower())
            line.add(shown_in(chr(code), signs), look.bold, look.place)
        if instruction[:3].lower() != "eq ":
            return
        instruction = _EQ_SWITCH.sub("", instruction[3:])
        if found := _EQ_FRACTION.fullmatch(instruction.strip()):
            for text, place in (found[1], "sup"), ("/", ""), (found[2], "sub"):
                line.add(text, look.bold, place)
            return
        if found := _EQ_RAISED.fullmatch(instruction.strip()):
            line.add(found[2], look.bold, "sup" if found[1].lower() == "up" else "sub")
            return
        count = 1
        while count:
            instruction, fractions = _EQ_FRACTION.subn(r" \1/\2 ", instruction)
            instruction, others = _EQ_PART.subn(lambda m: re.sub("[,;]", " ", m[1]), instruction)
            count = fractions + others
        line.add(instruction.strip(), look.bold, look.place)

    def _text_box(self, box: Element, line: _Line, look: Style) -> None:
        if not look.hidden:
            line.boxes.append(box)

    def _elsewhere(self, part: Element, line: _Line, look: Style) -> None:
        """Note that the document has text in a separate file."""
        self.left[_ELSEWHERE[part.tag]] = None

    def _graphic(self, part: Element, line: _Line, look: Style) -> None:
        """Read a drawing's text boxes; the text of SmartArt and charts is in separate parts."""
        kind = (part.get("uri") or "").rpartition("/")[2]
        if kind in _DRAWN:
            self.left[_DRAWN[kind]] = None
        self._walk(part, line, look)

    def _word_art(self, part: Element, line: _Line, look: Style) -> None:
        line.add(part.get("string") or "", look.bold)

    # --- equations -----------------------------------------------------------------------------

    def _equations(self, part: Element, line: _Line, look: Style) -> None:
        """Read a paragraph of equations, each on its own line."""
        for child in part:
            before = child.getprevious()
            if before is not None and before.tag == child.tag:
                line.child("br")
            self._walk([child], line, look)

    def _aligned(self, part: Element, line: _Line, look: Style) -> None:
        """Read equations below each other, without `&` (alignment) and `#` (before a number)."""
        for text in part.iter(_MT):
            text.text = (text.text or "").replace("&", "").replace("#", " ")
        self._walk(part, line, look)

    def _operand(self, part: Element, line: _Line, look: Style) -> None:
        """Read an operand or limit; a space separates it from the operand or name before it."""
        before = part.getprevious()
        is_limit = part.tag == M + "lim"
        if before is not None and (is_limit or before.tag in (part.tag, M + "fName")):
            line.add(" ", look.bold)
        self._walk(part, line, look)

    def _fraction(self, part: Element, line: _Line, look: Style) -> None:
        """Read a fraction of numbers as sup and sub; set any other apart from its neighbours.

        Without a bar it is no division: its parts stand above each other, as in a binomial.
        """
        has_bar = _math(part, "fPr", "type", "bar") != "noBar"
        operands = [one for name in ("num", "den") for one in part.iterchildren(M + name)]
        texts = list(map(_text_of, operands))
        is_plain = [next(one.iterdescendants(M + "e", M + "num"), None) is None for one in operands]
        raised = has_bar and not look.place and all(map(str.isdecimal, texts)) and all(is_plain)
        line.set_apart(raised)
        for number, operand in enumerate(operands):
            if number:
                line.add("/" if has_bar else " ", look.bold, look.place)
            inner = replace(look, place=("sup", "sub")[number]) if raised else look
            wide = _OPERATOR.search(texts[number]) or next(operand.iter(M + "f"), None) is not None
            line.add("(" * bool(wide and has_bar), look.bold, look.place)
            self._walk(operand, line, inner)
            line.add(")" * bool(wide and has_bar), look.bold, look.place)
        line.set_apart(raised)

    def _matrix(self, part: Element, line: _Line, look: Style) -> None:
        line.set_apart(False)
        self._walk(part, line, look)
        line.set_apart(False)

    def _script(self, part: Element, line: _Line, look: Style) -> None:
        for child in part:
            place = {M + "sub": "sub", M + "sup": "sup"}.get(child.tag, look.place)
            power = _text_of(child) if child.tag == M + "sup" else ""
            bracketed = bool(_DIVIDED.search(power)) or (power != "o" and _LETTER.search(power))
            if bracketed:  # 10^(1/2) and 10^(n) must not read as 10½ and 10n
                place = look.place
                line.add("^(", look.bold, place)
            inner = [child] if child.tag in _SKIPPED else list(child)
            self._walk(inner, line, replace(look, place=place))
            line.add(")" if bracketed else "", look.bold, place)

    def _root(self, part: Element, line: _Line, look: Style) -> None:
        for degree in part.iterchildren(M + "deg"):
            self._walk(degree, line, replace(look, place="sup"))
        line.add("√", look.bold, look.place)
        for operand in part.iterchildren(M + "e"):
            wide = bool(_OPERATOR.search(_text_of(operand)))
            line.add("(" * wide, look.bold, look.place)
            self._walk(operand, line, look)
            line.add(")" * wide, look.bold, look.place)

    def _accent(self, part: Element, line: _Line, look: Style) -> None:
        self._walk(part, line, look)
        if part.tag == M + "acc":
            line.add(_math(part, "accPr", "chr", "\u0302"), look.bold, look.place)
        elif _math(part, "barPr", "pos", "bot") == "top":
            line.add("\u0305", look.bold, look.place)

    def _brackets(self, part: Element, line: _Line, look: Style) -> None:
        signs = [_math(part, "dPr", name, sign)
                 for name, sign in (("begChr", "("), ("sepChr", "|"), ("endChr", ")"))]  # fmt: skip
        for number, operand in enumerate(part.iterchildren(M + "e")):
            line.add(signs[1 if number else 0], look.bold, look.place)
            self._walk(operand, line, look)
        line.add(signs[2], look.bold, look.place)

    def _sum(self, part: Element, line: _Line, look: Style) -> None:
        line.add(_math(part, "naryPr", "chr", "∫"), look.bold, look.place)
        self._script(part, line, look)


def _goes_on(properties: Element) -> bool:
    """Whether a paragraph continues in the next: it is a drop cap, or its end mark is deleted or
    hidden (`specVanish` only sets a heading on one line with its text)."""
    frame = properties.find(W + "framePr")
    if frame is not None and frame.get(W + "dropCap") in ("drop", "margin"):
        return True
    mark = values_of(properties.find(W + "rPr"))
    is_hidden = is_on(mark, "vanish", False) and W + "specVanish" not in mark
    return is_hidden or any(tag in mark for tag in _GONE)


def _chosen(form: Element) -> str:
    """Text that a form's drop-down list or check box shows; "" for other form fields."""
    entries = [e.get(VAL) or "" for e in form.iterfind(f"{W}ddList/{W}listEntry")]
    if (box := form.find(W + "checkBox")) is not None:
        ticked = values_of(box)
        return "☒" if is_on(ticked, "checked", is_on(ticked, "default", False)) else "☐"
    chosen = integer(values_of(form.find(W + "ddList")).get(W + "result"), 0)
    return entries[chosen] if chosen < len(entries) else ""


def _text_of(part: Element) -> str:
    """Text of a part of an equation; with a "/" added for a fraction in a superscript."""
    fractions = "/" * (part.tag == M + "sup" and next(part.iter(M + "f"), None) is not None)
    return "".join(t.text or "" for t in part.iter(_MT, _T)) + fractions


def _math(part: Element, properties: str, name: str, otherwise: str) -> str:
    """A value in the properties of an equation's part; `otherwise` if it is missing."""
    found = part.find(f"{M}{properties}/{M}{name}")
    return otherwise if found is None else found.get(M + "val") or ""


def _within(part: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or cells of a row, also those inside controls or tracked changes."""
    for child in part:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIPPED and child.tag not in (_P, _TBL):
            yield from _within(child, tag)


class _Container:
    """The element that paragraphs are appended to, with its open lists."""

    def __init__(self, place: Element) -> None:
        self.place = place
        self.lists = ListBuilder(place)
        self.open: _Line | None = None  # a paragraph that continues in the next
        self.bold = set[Element]()  # ordinary paragraphs that are all bold
        self.large = set[Element]()  # ordinary paragraphs of large letters

    def append(self, line: _Line, kind: str, item: tuple[int, int] | None) -> None:
        """Append a paragraph; `item`: its depth and number if it is a list item, 0: a bullet,
        -1: a further paragraph of one."""
        element = line.element
        if item is not None and (item[1] >= 0 or self.lists.open):
            self.lists.append(element, item[0], item[1] or None)
            if line.all_bold and item[1] > 0:
                self.bold.add(element)
            return
        self.lists.close()
        if kind == "pre" and len(self.place) and self.place[-1].tag == "pre":
            etree.SubElement(self.place[-1], "br")
            self.place[-1].append(element)
            element.tag = "span"
            return
        element.tag = "h1" if kind == "title" else kind
        if kind == "title":
            element.set("class", TITLE_CLASS)
        if kind == "p" and line.all_bold:
            self.bold.add(element)
        self.place.append(element)


def _name_bold_headings(container: _Container) -> None:
    """Turn bold or large lines that serve as headings into headings.

    An all-bold line, or a numbered one that is a list of its own, is a heading if it has at most
    twelve words, does not end like a sentence and is followed by text that is not bold; its level
    is one below that of the heading above it, and deeper by its depth as a list item. So is a line
    of large letters that is followed by smaller ones.
    """
    level = 0
    for place in list(container.place):
        level, element, depth = HEADINGS.get(str(place.tag), level), place, 1
        while len(element) == 1 and element[0].tag in ("ol", "ul", "li"):
            depth += element is not place and element.tag != "li"
            element = element[0]
        after = place.getnext()
        if after is None or after.tag in HEADINGS:
            continue
        is_bold = element in container.bold and not (after in container.bold or _all_bold(after))
        is_large = element in container.large and after not in container.large
        text = squeeze("".join(element.itertext())) if is_bold or is_large else "."
        short = len(text.split()) <= _LONGEST_BOLD and any(map(str.isalnum, text))
        if short and not _SENTENCE.search(text):
            element.tag = "p"
            element.set("role", "heading")  # not h1, which could be taken for the title
            element.set("aria-level", str(min(level + depth, 6)))
            container.place.replace(place, element)


def _all_bold(element: Element) -> bool:
    bold = "".join("".join(b.itertext()) for b in element.iter("b"))
    return len(squeeze(bold)) == len(squeeze("".join(element.itertext())))


def _is_layout(table: Element) -> bool:
    """Whether a table is only layout: headings occur below its first row, fewer than two rows have
    text, or at least half of those have it in a single cell. A cell counts in all its rows; rows of
    one bold cell across columns, which name the part below, count as none."""
    filled = [0] * len(table)
    for number, row in enumerate(table):
        full = [cell for cell in row if any(map(str.strip, cell.itertext()))]
        if len(full) == 1 and full[0].get("colspan") and _all_bold(full[0]):
            continue
        for cell in full:
            for below in range(number, number + int(cell.get("rowspan", "1"))):
                filled[below] += 1
    filled = [count for count in filled if count]
    headed = any(next(row.iter(*HEADINGS), None) is not None for row in table[1:])
    return headed or len(filled) < 2 or 2 * sum(n > 1 for n in filled) <= len(filled)
