"""Reads the parts of a Word document: its package, styles and list numbering.

In: a .docx opened as a zip. Out: each part as an XML tree; the formatting of a style; the number of
a list's next item. Refuses (`SourceError`) a zip that is not a Word document, a
part that unpacks to too much, XML that defines entities or nests too deep.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from zipfile import ZipFile

from lxml import etree

from indexer.errors import SourceError
from indexer.parsing.formats.zip import read_entry
from indexer.parsing.html.dom import CONTENTS, HUGE, Element
from indexer.parsing.html.fonts import SIGNS, TICKS, shown_in

_MAX_XML = 64 * 1024 * 1024  # bytes of one part, unpacked
REMEDY = "save it anew as .docx"
_CORE = {"creator": "author", "created": "date"} | {  # core property → our name for it
    name: name for name in ("title", "language", "modified", "description", "subject", "keywords")
}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
SYMEX = "{http://schemas.microsoft.com/office/word/2015/wordml/symex}"
VAL = W + "val"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(?=\w)")  # of ISO's strict form
_CODE = ("source code", "html preformatted", "preformatted text", "plain text code")
# Style name → tag of its paragraphs, and of those whose style is based on it.
_KINDS = {
    "title": "title",
    **dict.fromkeys(("subtitle", "author", "date"), "p"),  # Pandoc bases these on its title
    **dict.fromkeys(("quote", "intense quote", "block text", "quotations"), "blockquote"),
    **dict.fromkeys(("caption", "table caption", "image caption"), "figcaption"),
    **dict.fromkeys(_CODE, "pre"),
    "table of figures": CONTENTS,
}
_OTHERS = {  # part → kind of file that has it
    "xl/workbook.xml": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "mimetype": "an OpenDocument file or book",
}
_HEADING = re.compile("heading(?: ?([1-9]))?")
_INNER = re.compile("list (?:bullet|number) ([2-5])")
OFF = frozenset(("0", "false", "off", "none"))
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}")
_LEVEL = re.compile("%([1-9])")
_CHOICES = TICKS.union("☐✕")  # bullets that tell what is so, and what is not
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
PLACES = {"superscript": "sup", "subscript": "sub", "baseline": ""}  # w:vertAlign → tag


class Package:
    """The parts of a document, each parsed on demand."""

    def __init__(self, archive: ZipFile, path: str) -> None:
        self.path = path
        self._archive = archive
        self._entries = {e.filename.replace("\\", "/").lstrip("/"): e for e in archive.infolist()}
        found = self.related("", "officeDocument") or "word/document.xml"
        if found not in self._entries:
            kind = next((k for part, k in _OTHERS.items() if part in self._entries), "")
            reason = f"is {kind} and no Word document" if kind else "no Word document"
            raise SourceError(path, reason, "save it as .docx" if kind else REMEDY)
        self.document = found

    def parse(self, name: str) -> Element:
        """The root element of a part; an empty element if there is no such part."""
        entry = self._entries.get(name)
        if entry is None:
            return etree.Element("none")
        path = f"{self.path}!{name}"
        data = read_entry(self._archive, entry, path, _MAX_XML)
        if b"http://purl.oclc.org" in data:
            data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=HUGE,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            if "depth" in error.msg:
                raise SourceError(path, "nests its elements too deep", REMEDY) from error
            raise SourceError(path, f"is no XML ({error.msg})", REMEDY) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise SourceError(path, "defines entities", REMEDY)
        return root

    def related(self, part: str, kind: str) -> str:
        """Name of the part to which `part` has a relationship of this `kind`; "" if none."""
        place = PurePosixPath(part)
        root = self.parse(str(place.parent / "_rels" / f"{place.name}.rels"))
        for relation in root.iterchildren(_RELATION):
            target = relation.get("Target") or ""
            if (relation.get("Type") or "").endswith(f"/{kind}"):
                return posixpath.normpath(posixpath.join("/", place.parent, target)).lstrip("/")
        return ""

    def beside(self, kind: str) -> Element:
        """Root of the part to which the main document has a relationship of this `kind`."""
        return self.parse(self.related(self.document, kind))

    def core_properties(self) -> dict[str, str]:
        """The non-empty core properties, by our names."""
        part = self.related("", "core-properties") or "docProps/core.xml"
        stated = ((etree.QName(e).localname, e.text) for e in self.parse(part))
        return {_CORE[name]: text for name, text in stated if name in _CORE and text}


# --- styles and numbers --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    """Formatting of a style, inherited values included; or formatting of a run of text."""

    kind: str = ""  # tag that its paragraphs become; "" for an ordinary paragraph
    bold: bool = False
    hidden: bool = False
    numbering: tuple[str, int] = ("", 0)  # id of its list, and depth in it
    place: str = ""  # "sup", "sub" or "": on the line
    signs: Mapping[int, str] | None = None  # for a symbol font: code point → character shown
    size: int = 0  # half points
    depth: int = 0  # least depth of its list items


def values_of(properties: Element | None) -> dict[str, str]:
    """Value of each property by tag; "" for a property without value."""
    return {} if properties is None else {p.tag: p.get(VAL) or "" for p in properties}


def is_on(values: Mapping[str, str], name: str, otherwise: bool) -> bool:
    """Whether a property is switched on; `otherwise` if it is missing."""
    return values[W + name] not in OFF if W + name in values else otherwise


def integer(value: str | None, otherwise: int) -> int:
    """Parse a whole number of at most six digits; `otherwise` for anything else."""
    return int(value) if value and value.isdecimal() and len(value) < 7 else otherwise


class Styles:
    """The styles of a document, by id."""

    def __init__(self, root: Element) -> None:
        self._elements: dict[str, Element] = {}
        for style in root.iterchildren(W + "style"):
            self._elements.setdefault(style.get(W + "styleId") or "", style)
        self._made: dict[str, Style] = {}
        path = f"{W}docDefaults/{W}rPrDefault/{W}rPr"
        defaults = values_of(root.find(path))
        self._base = Style(
            bold=is_on(defaults, "b", False),
            hidden=is_on(defaults, "vanish", False),
            size=integer(defaults.get(W + "sz"), 20),
        )
        usual = (e for e in self._elements.values() if e.get(W + "default") in ("1", "true", "on"))
        usual = (e for e in usual if e.get(W + "type") in ("paragraph", None))
        self.usual = next((e.get(W + "styleId") or "" for e in usual), "")

    def get(self, name: str, depth: int = 0) -> Style:
        """Formatting of a style by id; for an unknown id, defaults and the kind of that name."""
        if name not in self._made:
            element = self._elements.get(name)
            if element is None or depth > 20:  # `depth`: it is based on itself
                return replace(self._base, kind=kind_of(name.lower(), None))
            own, lines = values_of(element), element.find(W + "pPr")
            based = own.get(W + "basedOn")
            under = self.get(based, depth + 1) if based else self._base
            text, level = values_of(element.find(W + "rPr")), values_of(lines).get(W + "outlineLvl")
            title = own.get(W + "name", "").lower()
            inner = _INNER.fullmatch(title)
            self._made[name] = Style(
                kind_of(title, level) or under.kind,
                is_on(text, "b", under.bold),
                is_on(text, "vanish", under.hidden),
                numbering_of(lines, under.numbering),
                PLACES.get(text.get(W + "vertAlign", ""), under.place),
                signs_of(element.find(W + "rPr"), under.signs),
                integer(text.get(W + "sz"), under.size),
                int(inner[1]) - 1 if inner else under.depth,
            )
        return self._made[name]

    def has_head_row(self, properties: Element | None) -> bool:
        """Whether the style of a table sets the first row in bold, and the table shows that."""
        look = None if properties is None else properties.find(W + "tblLook")
        shown = () if look is None else (look.get(W + "firstRow"), look.get(VAL))
        if not any(map(_SHOWS_FIRST_ROW.fullmatch, filter(None, shown))):
            return False
        name: str | None = values_of(properties).get(W + "tblStyle")
        for _ in range(20):  # a style may be based on itself
            style = self._elements.get(name or "")
            if style is None:
                break
            if (found := style.find(_FIRST_ROW)) is not None:
                return is_on(values_of(found), "b", False)
            name = values_of(style).get(W + "basedOn")
        return False


_SHOWS_FIRST_ROW = re.compile("1|true|on|[0-9a-f]{0,6}[2367abef][0-9a-f]", re.I)  # bit 0x20
_FIRST_ROW = f"{W}tblStylePr[@{W}type='firstRow']/{W}rPr"


def kind_of(name: str, level: str | None) -> str:
    """Tag for paragraphs of a style with this name and outline level; "" if neither decides."""
    if name in _KINDS or name.startswith("toc "):
        return _KINDS.get(name, CONTENTS)
    if level is not None:
        depth = integer(level, 9)
        return f"h{min(depth + 1, 6)}" if depth < 9 else "p"
    found = _HEADING.fullmatch(name)
    return f"h{min(int(found[1] or 1), 6)}" if found else ""


def numbering_of(lines: Element | None, otherwise: tuple[str, int]) -> tuple[str, int]:
    """List id and depth from the properties of a paragraph or style, `otherwise` for missing."""
    numbers = None if lines is None else lines.find(W + "numPr")
    values = values_of(numbers)
    depth = integer(values.get(W + "ilvl"), otherwise[1])
    return values.get(W + "numId", otherwise[0]), depth


def signs_of(look: Element | None, otherwise: Mapping[int, str] | None) -> Mapping[int, str] | None:
    """Signs of the font that the properties of a run or style name; `otherwise` if they name none.

    None for a font of letters.
    """
    fonts = None if look is None else look.find(W + "rFonts")
    if fonts is None:
        return otherwise
    names = (fonts.get(W + name) for name in ("asciiTheme", "ascii", "hAnsi"))
    return next((SIGNS.get(name.lower()) for name in names if name), otherwise)


class Numbers:
    """List numbering of a document: the number formats, and the current count of each list."""

    def __init__(self, root: Element) -> None:
        self._levels: dict[str, dict[int, Element]] = {}
        self._own: dict[tuple[str, int], Element] = {}  # (list, depth) → level that it redefines
        self._starts: dict[tuple[str, int], int] = {}  # (list, depth) → number to restart at
        self._lists: dict[str, str] = {}  # list id → id of the counter that it may share
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        links: dict[str, str] = {}  # id of a definition → the list style that it refers to
        styled: dict[str, dict[int, Element]] = {}  # list style → its levels
        for one in root.iterchildren(W + "abstractNum"):
            levels = {integer(e.get(W + "ilvl"), 0): e for e in one.iterchildren(W + "lvl")}
            values, name = values_of(one), one.get(W + "abstractNumId") or ""
            self._levels[name] = levels
            links[name] = values.get(W + "numStyleLink", "")
            styled[values.get(W + "styleLink", "")] = levels
        for name, style in links.items():
            if style:
                self._levels[name] = styled.get(style, {})
        for one in root.iterchildren(W + "num"):
            name = one.get(W + "numId") or ""
            self._lists[name] = values_of(one).get(W + "abstractNumId", "")
            for over in one.iterchildren(W + "lvlOverride"):
                place = name, integer(over.get(W + "ilvl"), 0)
                start, level = values_of(over).get(W + "startOverride"), over.find(W + "lvl")
                if start is not None:
                    self._starts[place] = integer(start, 1)
                if level is not None:
                    self._own[place] = level

    def next(self, name: str, depth: int) -> tuple[int | None, str]:
        """Count a list's next item: its number, 0 for a bullet, -1 for a blank label, None if it
        has none; and the words that label it ("Step 3: "), which its number is part of, or its
        tick, cross or check box."""
        counter = self._lists.get(name)
        if name in ("", "0") or counter is None:
            return None, ""
        element = self._level(name, depth)
        level = values_of(element)
        form = level.get(W + "numFmt") or "decimal"
        counts = self._counts.setdefault(counter, {})
        for deeper in [d for d in counts if d > depth]:
            if values_of(self._level(name, deeper)).get(W + "lvlRestart") != "0":
                del counts[deeper]
        first = integer(level.get(W + "start"), 1)
        counts[depth] = counts[depth] + 1 if depth in counts else first
        if (name, depth) in self._starts and (name, depth) not in self._begun:
            counts[depth] = self._starts[name, depth]
            self._begun.add((name, depth))
        look = None if element is None else element.find(W + "rPr")
        label = shown_in(level.get(W + "lvlText", "."), signs_of(look, None)).strip()
        if _WORD.search(label):
            label = _LEVEL.sub(lambda found: self._written(name, int(found[1]) - 1), label)
            return None if form == "none" else 0, f"{label} "
        if not label and W + "lvlPicBulletId" not in level:
            return -1, ""
        number = None if form == "none" else 0 if form == "bullet" else counts[depth]
        return number, f"{label} " if label in _CHOICES else ""

    def _level(self, name: str, depth: int) -> Element | None:
        levels = self._levels.get(self._lists.get(name, ""), {})
        return self._own.get((name, depth), levels.get(depth))

    def _written(self, name: str, depth: int) -> str:
        """Number of a list's current item, in letters or Roman numerals if these are small."""
        number = self._counts[self._lists[name]].get(depth, 1)
        form, made = values_of(self._level(name, depth)).get(W + "numFmt", ""), str(number)
        if "Letter" in form and number < 27:
            made = chr(96 + number)
        elif "Roman" in form and number < 40:
            made = "x" * (number // 10) + _ROMAN[number % 10]
        return made.upper() if form.startswith("upper") else made
