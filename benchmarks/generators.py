"""Share of site generators' pages on which template markup is left over.

    python -m benchmarks.generators [--write FOLDER] [FILE_OR_FOLDER …]

For each generator, pages are made from pieces of its documented syntax (tests/data/generators, up
to 20 each): a page is a piece between two paragraphs. A page has leftovers if its title or its
content outside code holds one of `{{ {% {# {: ::: !!! [[ [! %%`, a line of `import`, or the tag of
a component. `--write` writes the pages into a folder, with one folder per generator, for other
programs. Then leftovers in FILE_OR_FOLDER, real pages, are counted.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import format_of
from indexer.parsing.formats.dispatch import FORMATS, parse
from tests.helpers.generators import PIECES, Piece

_LEFT = re.compile(
    r"\{\{|\{%|\{#|\{:|:::|!!!|\[\[|\[!|%%|^import\s.*from|</?[A-Z][A-Za-z.]+(?:\s[^<>]*)?/?>",
    re.MULTILINE,
)
_FRONT = re.compile(r"(?:---\w*\n.*?\n---\n|\+\+\+\n.*?\n\+\+\+\n|\{\n.*?\n\}\n)", re.DOTALL)


_SPANS = re.compile(r"(?<!`)(`+)(?!`)(?P<a>.+?)(?<!`)\1(?!`)|<code>(?P<b>.*?)</code>", re.DOTALL)
_STAY = {  # text that only looks like markup
    "eleventy-9": "raw text shows its braces",
    "mkdocs-18": "three exclamation marks before a sentence",
    "obsidian-10": "signs of per cent",
    "obsidian-11": "comparisons, indices and a shell's test",
    "obsidian-16": "formulas",
    "rmarkdown-16": "braces in a cell of a table give it no id",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, make the pages, count, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    print(f"{'pages of':24}{'pages':>8}{'left over':>12}")
    for name, pieces in groupby(PIECES, key=lambda piece: piece.generator):
        pages = [(f"{piece}.{piece.format}", page_of(piece)) for piece in pieces]
        if options.write:
            folder = options.write / name
            folder.mkdir(parents=True, exist_ok=True)
            for path, page in pages:
                (folder / path).write_text(page, encoding="utf-8")
        _tell(name, [(path, page.encode()) for path, page in pages])
    for path in options.files:
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        files = [one for one in found if one.is_file() and format_of(str(one)) in FORMATS]
        _tell(path.name, [(str(one), one.read_bytes()) for one in files])


def page_of(piece: Piece) -> str:
    """A piece between two paragraphs, below its front matter."""
    front = _FRONT.match(piece.markup)
    begin = front.end() if front else 0
    body = piece.markup[begin:]
    return f"{piece.markup[:begin]}Words before it.\n\n{body}\nWords after it.\n"


def leftovers(article: Article, source: str) -> Iterator[str]:
    """Markup left in an article's title and content outside code, each with its context."""
    spans = {(m["a"] or m["b"]).strip() for m in _SPANS.finditer(source)}
    blocks = [b.span.of(article.text) for b in article.blocks if b.kind != "code"]
    for text in (article.title, *blocks):
        for span in spans:
            text = text.replace(span, " ")
        for found in _LEFT.finditer(text):
            yield " ".join(text[max(0, found.start() - 30) : found.end() + 30].split())


def _tell(name: str, pages: Sequence[tuple[str, bytes]]) -> None:
    left: list[str] = []
    stays: list[str] = []  # correct although they look like markup
    for path, data in pages:
        try:
            articles = parse(Source(path, "page", format_of(path), data)).articles
        except SourceError as error:
            print(f"  {error}")
            continue
        source = data.decode("utf-8", "replace")
        some = [mark for article in articles for mark in leftovers(article, source)]
        if some and (reason := _STAY.get(path.rpartition(".")[0])):
            stays.append(f"  {path}: {reason}")
        elif some:
            left.append(f"  {path}: {some[0]}")
    share = f"{len(left)} ({100 * len(left) / max(len(pages), 1):.0f} %)"
    print(f"{name:24}{len(pages):>8}{share:>12}", *left, *stays, sep="\n")


if __name__ == "__main__":
    main()
