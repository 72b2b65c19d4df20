"""Word documents to articles.

In: a .docx file. Out: an `Article`: headings by style, lists, tables, footnotes, with what the
document's core properties say. Refuses (`SourceError`) what is no Word document, what unpacks to
more than a document, and XML that defines entities.

mammoth turns the document into HTML by the styles of its paragraphs, and the HTML reader does
the rest; everything in the document is content.
"""

from __future__ import annotations

import io
import re

import mammoth
from lxml import etree

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble
from indexer.parsing.formats.zip import open_zip, read_entry
from indexer.parsing.html.dom import HUGE
from indexer.parsing.html.page import read_fragment
from indexer.settings import Settings

_MAX_XML = 64 * 1024 * 1024  # bytes of one part, unpacked
_MAX_DEPTH = 200  # elements within elements; Word itself stays below 60
_REMEDY = "save it anew as .docx"
_STYLES = """
p[style-name='Title'] => h1.pilcrow-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
p[style-name='Caption'] => figcaption:fresh
p[style-name='caption'] => figcaption:fresh
p[style-name='Table Caption'] => figcaption:fresh
p[style-name='Image Caption'] => figcaption:fresh
p[style-name='Source Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Plain Text Code'] => pre:separator('\\n')
p[style-name='TOC Heading'] => !
p[style-name^='toc '] => !
p[style-name='table of figures'] => !
p[style-name='heading 7'] => h6:fresh
p[style-name='heading 8'] => h6:fresh
p[style-name='heading 9'] => h6:fresh
"""
_NOTES = re.compile(r'<ol><li id="(?:foot|end)note-\d+">')
_CORE = {  # core property → what we call it
    "title": "title",
    "creator": "author",
    "language": "language",
    "created": "date",
    "modified": "modified",
    "description": "description",
    "subject": "subject",
    "keywords": "keywords",
}


def parse_docx(source: Source, settings: Settings) -> Article:
    """The article of a Word document."""
    core = _check_parts(source)
    declared = Declared(core.pop("title", ""), "", core.pop("language", ""), core)
    content = read_fragment(_to_html(source), source.path, declared, targets=False)
    return assemble(source, content, settings)


def _to_html(source: Source) -> str:
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(source.data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=lambda image: [],
        )
    except Exception as error:  # mammoth raises whatever it stumbles over in a broken document
        what = str(error).split("\n")[0][:100] or type(error).__name__
        raise SourceError(source.path, f"no Word document ({what})", _REMEDY) from error
    return _NOTES.sub('<section class="footnotes"><ol><li>', str(result.value), count=1)


def _check_parts(source: Source) -> dict[str, str]:
    """The core properties, after a look at every part that mammoth may read."""
    core: dict[str, str] = {}
    with open_zip(source.data, source.path) as archive:
        if not any(name.endswith("document.xml") or name == "_rels/.rels"
                   for name in archive.namelist()):  # fmt: skip
            raise SourceError(source.path, "no Word document", _REMEDY)
        for entry in archive.infolist():
            if not entry.filename.endswith((".xml", ".rels")):
                continue
            data = read_entry(archive, entry, f"{source.path}!{entry.filename}", _MAX_XML)
            _check_xml(data, f"{source.path}!{entry.filename}")
            if entry.filename.replace("\\", "/").lstrip("/") == "docProps/core.xml":
                core = _core_properties(data)
    return core


def _check_xml(data: bytes, path: str) -> None:
    """Raise `SourceError` for a part that defines entities, nests too deep or is no XML."""
    depth = 0
    try:
        for event, _ in etree.iterparse(
            io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True,
            load_dtd=False, huge_tree=HUGE,
        ):  # fmt: skip
            depth += 1 if event == "start" else -1
            if depth > _MAX_DEPTH:
                raise SourceError(path, "nests its elements too deep", _REMEDY)
    except etree.XMLSyntaxError as error:
        raise SourceError(path, f"is no XML ({error.msg})", _REMEDY) from error
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise SourceError(path, "defines entities", _REMEDY)


def _core_properties(data: bytes) -> dict[str, str]:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    found: dict[str, str] = {}
    for element in root:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in _CORE and element.text:
            found[_CORE[name]] = element.text
    return found
