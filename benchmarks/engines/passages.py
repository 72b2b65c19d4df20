"""The passages that all engines index: read from any text, packed to about equal length.

In: .jsonl, .jsonl.gz (one article per line: id, title, text) and .txt files, or folders of them.
Out: `Row`s, and a file of them, one JSON object per line. A record whose id ends in `#` and a
number is already a passage and stays as it is. A passage never crosses an article's end. Every
eighth passage of an article begins a new section, so that each has a section path to show and to
count by. Articles are taken from the files in turn, so that the first thousand are a mixture.

Only the standard library: engines with their own interpreter read passages with this module.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import IO, NamedTuple

SECTION = 8  # passages per section
_SUFFIXES = (".jsonl", ".jsonl.gz", ".txt")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PASSAGE_ID = re.compile(r"(.+)#(\d+)\Z", re.DOTALL)


class Row(NamedTuple):
    """One passage."""

    article: str  # id of its article
    number: int  # 0 for the article's first
    title: str  # of the article
    section: str  # heading above it
    text: str


class Text(NamedTuple):
    """One article."""

    id: str
    title: str
    text: str
    parts: tuple[str, ...] = ()  # its passages, if it came in passages


def articles(paths: Sequence[Path]) -> Iterator[Text]:
    """The articles of all files at or below `paths`, one from each file in turn.

    Without paths, text that every machine has: the Python language reference in pydoc. Raises
    `FileNotFoundError` if no file can be read.
    """
    if not paths:
        from pydoc_data.topics import topics

        yield from (Text(name, name, text) for name, text in topics.items())
        return
    inside = [sorted(path.rglob("*")) if path.is_dir() else [path] for path in paths]
    waiting = [_texts_of(p) for found in inside for p in found if p.name.endswith(_SUFFIXES)]
    if not waiting:
        raise FileNotFoundError(f"no {', '.join(_SUFFIXES)} in {', '.join(map(str, paths))}")
    while waiting:
        for source in tuple(waiting):
            article = next(source, None)
            if article is None:
                waiting.remove(source)
            else:
                yield article


def _texts_of(path: Path) -> Iterator[Text]:
    if path.suffix == ".txt":
        yield Text(path.stem, path.stem, path.read_text(encoding="utf-8", errors="replace"))
        return
    with _opened(path) as lines:
        records = map(json.loads, lines)
        for name, group in groupby(records, key=lambda r: _PASSAGE_ID.sub(r"\1", str(r["id"]))):
            record, *others = group
            title, text = str(record.get("title") or name), str(record["text"])
            if str(record["id"]) == name and not others:
                yield Text(name, title, text)
            else:
                yield Text(name, title, "", (text, *(str(r["text"]) for r in others)))


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def pack(source: Iterable[Text], words: int = 90) -> Iterator[Row]:
    """Cuts articles into passages of about `words` words; paragraphs that fit stay whole."""
    seen: Counter[str] = Counter()
    for article in source:
        seen[article.id] += 1
        again = seen[article.id]
        name = article.id if again == 1 else f"{article.id} ({again})"
        for number, text in enumerate(article.parts or _packed(article.text, words)):
            yield Row(name, number, article.title, f"§ {number // SECTION + 1}", text)


def _packed(text: str, words: int) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for piece in _pieces(text, words):
        more = len(piece.split())
        if held and size + more - words > words - size:  # without it, nearer to the size
            yield "\n".join(held)
            held, size = [], 0
        held.append(piece)
        size += more
    if held:
        yield "\n".join(held)


def _pieces(text: str, words: int) -> Iterator[str]:
    """Paragraphs; any of more than twice the size are cut at sentence ends."""
    for paragraph in _BLANK_LINE.split(text):
        paragraph = paragraph.strip()
        if len(paragraph.split()) > 2 * words:
            yield from filter(None, _SENTENCE.split(paragraph))
        elif paragraph:
            yield paragraph


def write(path: Path, rows: Iterable[Row], most: int = 0) -> int:
    """Writes the first `most` rows (0: all) to `path`, by article; returns their number."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for row in islice(rows, most or None):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def read(path: Path) -> Iterator[Row]:
    """The rows of a file written by `write`."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(*json.loads(line))


def by_article(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows of each article in turn."""
    for _, group in groupby(rows, key=lambda row: row.article):
        yield list(group)


def write_articles(path: Path, rows: Iterable[Row], *, sections: bool = False) -> None:
    """Writes the same text as whole articles, in a form that `pilcrow index` reads.

    `sections`: each passage is one line, and each section begins with a heading.
    """
    with path.open("w", encoding="utf-8") as out:
        for group in by_article(rows):
            text = "\n\n".join(_lines(group) if sections else (row.text for row in group))
            record = {"id": group[0].article, "title": group[0].title, "text": text}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.number % SECTION == 0:
            yield f"Section {row.number // SECTION + 1}"
        yield " ".join(row.text.split())
