"""Words of Word documents that are not found, by the XML of the documents.

    python -m benchmarks.word_files FOLDER …

Prints each document below the folders that loses something, and the numbers of words and documents
checked. The XML is read here only with the standard library, independently of the measured reader.
Every `w:t`, `m:t` and `w:sym` of body, notes and text boxes must be found once, but not deleted or
moved text, instructions of fields, `mc:Fallback` or hidden text.
"""

from __future__ import annotations

import io
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import click

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import parse

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset((_W + "del", _W + "moveFrom", _FALLBACK, _W + "rPr", _W + "pPr"))
_MARKS = (_W + "footnoteReference", _W + "endnoteReference")
_ENDS = frozenset(
    [*_MARKS, *(_W + name for name in ["p", "rt", "rubyBase", "txbxContent", "sym"])]
    + [_M + name for name in ["e", "num", "den", "sub", "sup", "deg", "lim", "fName"]]
)
_PARTS = {
    "word/document.xml": "body",
    "word/footnotes.xml": "footnote",
    "word/endnotes.xml": "endnote",
}


def pieces(data: bytes) -> list[str]:
    """Text that must be found, in uninterrupted runs; only letters and digits."""
    found: list[str] = []
    marks = set[tuple[str, str | None]]()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        hidden = _hidden_styles(archive)
        for name, kind in _PARTS.items():
            if name not in archive.namelist():
                continue
            root = ElementTree.fromstring(archive.read(name))
            for part in root:
                if kind == "body" or (kind, part.get(_W + "id")) in marks:
                    found += "".join(_run_on(part, hidden, marks)).split("\n")
    return [letters for letters in map(_letters, found) if letters]


def _run_on(
    element: ElementTree.Element, hidden: set[str], marks: set[tuple[str, str | None]]
) -> Iterator[str]:
    if element.tag in _LEFT_OUT or _is_hidden(element, hidden):
        return
    if element.tag in _MARKS:
        marks.add((element.tag[len(_W) : -len("Reference")], element.get(_W + "id")))
    if element.tag in (_W + "t", _M + "t"):
        yield element.text or ""
    ends = element.tag in _ENDS
    fonts = element.find(f"{_W}rPr/{_W}rFonts")
    if fonts is not None and fonts.get(_W + "ascii", "").startswith(("Symbol", "Wingdings")):
        yield "\n"  # letters that stand for signs
        return
    yield "\n" * ends
    for child in element:
        yield from _run_on(child, hidden, marks)
    yield "\n" * ends


def _is_hidden(element: ElementTree.Element, hidden: set[str]) -> bool:
    letter = "r" if element.tag.endswith("}r") else "p"
    properties = element.find(f"{_W}{letter}Pr")
    if properties is None:
        return False
    vanish = properties.find(_W + "vanish")
    if vanish is not None:
        return vanish.get(_W + "val") not in ("0", "false", "off")
    style = properties.find(f"{_W}{letter}Style")
    return style is not None and style.get(_W + "val") in hidden


def _hidden_styles(archive: zipfile.ZipFile) -> set[str]:
    if "word/styles.xml" not in archive.namelist():
        return set()
    styles = ElementTree.fromstring(archive.read("word/styles.xml")).iter(_W + "style")
    return {s.get(_W + "styleId", "") for s in styles if s.find(f"{_W}rPr/{_W}vanish") is not None}


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def lost(data: bytes, text: str) -> list[str]:
    """The runs that `text` lacks, or has less often than the document."""
    shown = _letters(text)
    due = Counter(pieces(data))
    return [run for run, times in due.items() if shown.count(run) < times]


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def main(folders: tuple[Path, ...]) -> None:
    """Checks every .docx below `folders`; exits with 1 if one lost something."""
    documents = words = bad = 0
    for path in sorted(p for folder in folders for p in folder.rglob("*.docx") if p.is_file()):
        data = path.read_bytes()
        try:
            text = "\n".join(a.text for a in parse(Source(str(path), "x", "docx", data)).articles)
        except SourceError as error:
            print(error)
            continue
        documents += 1
        words += len(text.split())
        gone = lost(data, text)
        bad += bool(gone)
        for run in gone:
            print(f"{path}: {run[:80]!r} is lost")
    print(f"{documents} documents, {words:,} words; something is lost of {bad}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
