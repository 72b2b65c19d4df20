"""Nested lists from items with a depth each: of Word documents, and of HTML that Word wrote.

In: elements in order, or the tree of a page, which is changed in place. Out: the same elements in
nested lists. Refuses nothing.

Word writes list items as paragraphs of class `MsoListParagraph…`, each with its bullet or number as
text, followed by no-break spaces. These signs are removed; typed ones stay. Titles and tables of
contents are paragraphs of other classes, as are titles in Google Docs.
"""

from __future__ import annotations

import re

from lxml import etree

from indexer.parsing.html.dom import CONTENTS, Element, classes
from indexer.parsing.html.main_content import TITLE_CLASS

_SIGN = re.compile(
    r"(?i)\s*(?:(?P<number>\d{1,3}|[a-z]|[ivxlc]{1,5})[.)]|[·•o§Øv\u2013\uf0a7\uf0b7\uf0d8\uf0fc-])"
    r"\s*[\u00a0 ]{2,}"
)
_DEPTH = re.compile(r"mso-list:\s*\w+\s+level(\d)")
_MARGIN = re.compile(r"margin-left:\s*([\d.]{1,6})(pt|cm|in)")
_INDENTS = {"pt": 36.0, "cm": 1.27, "in": 0.5}  # of one level
_DOCS_DEPTH = re.compile(r"lst-kix_\w+-(\d)")
_COMMENTS = etree.XPath(
    "//a[starts-with(@id, 'cmnt_ref')] | //div[p[1]/a[starts-with(@id, 'cmnt')]]"
)
_PART = re.compile(r"(?:Word)?Section\d+\Z")
_SECTION = "pilcrow-section"  # temporary tag of elements that hold one
_SPACE = re.compile(r"[ \t\n\r\f]+")


class ListBuilder:
    """Builds nested lists inside one element, item by item."""

    def __init__(self, place: Element) -> None:
        self._place = place
        self.open: list[tuple[int, Element]] = []  # depths and list elements

    def close(self) -> None:
        """End the open lists: the next element is not a list item."""
        self.open.clear()

    def append(self, element: Element, depth: int, number: int | None) -> None:
        """Append an element as a list item; `number` is None for an item with a bullet, -1 for a
        further paragraph of the last item.

        Skipped depths get lists too, so that each item ends at its own depth.
        """
        opened, tag = self.open, "ul" if number is None else "ol"
        while opened and opened[-1][0] > depth:
            opened.pop()
        if opened and number == -1:
            opened[-1][1][-1].append(element)
            return
        if opened and opened[-1][0] == depth and opened[-1][1].tag != tag:
            opened.pop()
        while not opened or opened[-1][0] < depth:
            above = self._place
            if opened:
                above = opened[-1][1]
                above = above[-1] if len(above) else etree.SubElement(above, "li")
            opened.append((opened[-1][0] + 1 if opened else 0, etree.SubElement(above, tag)))
        element.tag = "li"
        if number is not None:
            element.set("value", str(number))
        opened[-1][1].append(element)


def is_of_word(markup: str) -> bool:
    """Whether Word or Google Docs may have written a page."""
    return "Mso" in markup or "mso-list:" in markup or "doc-content" in markup


def mend_word(root: Element) -> None:
    """Turn the paragraphs that Word writes for lists, titles and tables of contents into those.

    Sections are unwrapped: they and the notes stand side by side in the body, all of them content.
    """
    for part in list(root.iter("div")):
        if _PART.match(part.get("class") or ""):
            part.tag = _SECTION
    etree.strip_tags(root, _SECTION)
    docs = [body for body in root.iter("body", "div") if "doc-content" in classes(body)]
    for body in docs[:1]:
        body.set("role", "main")
        _mend_docs(root)
    builder, last = ListBuilder(root), root
    for item in list(root.iter("p")):
        names, style = classes(item), item.get("style") or ""
        if "msotitle" in names or (docs and "title" in names):
            item.tag = "h1"
            item.set("class", TITLE_CLASS)
        elif any(name.startswith("msotoc") for name in names):
            item.tag = CONTENTS
        elif "mso-list:" in style or any(name.startswith("msolistparagraph") for name in names):
            sign = _take_sign(item)
            if sign is None:
                continue
            if last.getnext() is not item or (last.tail or "").strip():
                place = etree.Element("div")
                item.getparent().replace(item, place)
                builder, last = ListBuilder(place), place
            last.tail, item.tail = item.tail, None
            found, number = _DEPTH.search(style), sign["number"]
            depth = int(found[1]) if found else 1
            if not found and (margin := _MARGIN.search(style)):  # in "filtered" HTML
                depth = max(1, round(float(margin[1]) / _INDENTS[margin[2]]))
            value = int(number) if number and number.isdecimal() else None
            builder.append(item, depth - 1, value)


def _mend_docs(root: Element) -> None:
    """Move inner lists, which Google Docs writes beside the outer ones, into the items above them;
    empty comments and their marks."""
    for inner in list(root.iter("ul", "ol")):
        found, outer = _DOCS_DEPTH.search(inner.get("class") or ""), inner.getprevious()
        depth = int(found[1]) if found else 0
        if outer is None or not depth or outer.tag not in ("ul", "ol"):
            continue
        while depth > 1 and len(outer) and len(outer[-1]) and outer[-1][-1].tag in ("ul", "ol"):
            outer, depth = outer[-1][-1], depth - 1
        if len(outer):
            outer[-1].append(inner)
    for part in _COMMENTS(root):
        part.clear(keep_tail=True)


def _take_sign(item: Element) -> re.Match[str] | None:
    """Remove and return the bullet or number that Word put before an item; None if absent."""
    texts = "".join(item.itertext())
    sign = _SIGN.match(_SPACE.sub(" ", texts))
    if sign is None:
        return None
    left = sum(not char.isspace() for char in sign[0])
    for element in item.iter():
        text = element.text or ""
        while text and left:
            left -= not text[0].isspace()
            text = text[1:]
        element.text = text
    return sign
