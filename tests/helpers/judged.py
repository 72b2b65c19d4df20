"""Judged files in `tests/data/formats`: their expected articles, and scores of parsed ones.

Beside each file `x` stands `x.expected`, written by hand: for each article of the file a line
`# id | title | url | language`, then a line for each block: its kind, its level if it has one,
and its text. ` / ` stands for a line break, ` | ` for the boundary of two cells.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.model import Article, Block, Source
from tests import DATA

FOLDER = DATA / "formats"
NAMES = sorted(path.name.removesuffix(".expected") for path in FOLDER.glob("*.expected"))


@dataclass(frozen=True, slots=True)
class Judged:
    """An expected article: its head line and the lines of its blocks."""

    head: str
    blocks: tuple[str, ...]


def source(name: str) -> Source:
    """A judged file; a folder `x.docx` holds the parts of a Word document, unpacked."""
    path = FOLDER / name
    data = zipped(path) if path.is_dir() else path.read_bytes()
    return Source(name, path.stem, path.suffix[1:], data)


def zipped(folder: Path) -> bytes:
    """A zip of all files below a folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()


def judgement(name: str) -> list[Judged]:
    """The expected articles of a file."""
    text = (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
    found = [part.split("\n") for part in ("\n" + text.rstrip("\n")).split("\n# ")[1:]]
    return [Judged(head, tuple(lines)) for head, *lines in found]


def described(article: Article) -> Judged:
    """An article in the form of a judgement."""
    head = " | ".join((article.id, article.title, article.url, article.language))
    return Judged(head, tuple(_line(article.text, block) for block in article.blocks))


def _line(text: str, block: Block) -> str:
    said = block.span.of(text).replace("\xa0", " ")
    if block.cells:
        said = " | ".join(filter(None, (cell.of(text) for cell in block.cells)))
    label = f"{block.kind} {block.level}" if block.level else block.kind
    return f"{label}: " + said.replace("\xa0", " ").replace("\n", " / ")


def f_score(found: Sequence[str], expected: Sequence[str]) -> float:
    """Harmonic mean of precision and recall, as multisets; 1.0 when there is nothing to find."""
    if not found and not expected:
        return 1.0
    right = sum((Counter(found) & Counter(expected)).values())
    return 2 * right / (len(found) + len(expected))


def of_kind(lines: Sequence[str], kind: str) -> list[str]:
    """The lines of one kind of block."""
    return [line for line in lines if line.split(":")[0].split(" ")[0] == kind]


def sectioned(lines: Sequence[str]) -> list[str]:
    """Each line of content with the heading above it, to compare sections."""
    heading, found = "", []
    for line in lines:
        label, _, text = line.partition(": ")
        if label.startswith("heading"):
            heading = text
        elif label not in ("title", "boilerplate"):
            found.append(f"{heading} > {text}")
    return found
