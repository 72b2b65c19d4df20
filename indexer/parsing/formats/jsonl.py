"""JSON Lines to articles: one record a line, one article a record.

In: a file whose lines are objects with `id`, `title`, `text` and, if known, `url`, `language`,
`date` and whatever else. Out: an article for each, its text read as plain text. Refuses single
lines (no JSON, no object, no text, an id seen before), each a `SourceError` with its number;
the others are kept.

A record's own id is the article's id, verbatim. Its title goes before the one that the text
seems to have: a first line that is the title is the title block, another stays a heading.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from indexer.errors import SourceError
from indexer.model import Article, Block, Source
from indexer.parsing.article import Content, Declared, assemble, squeeze, unique, with_sections
from indexer.parsing.plain_text.outline import parse_text
from indexer.settings import Settings

_FIELDS = frozenset(("id", "_id", "title", "text", "url", "language", "lang"))


def parse_jsonl(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Each record's article, or what is wrong with its line."""
    seen: dict[str, int] = {}
    for number, line in enumerate(source.text.split("\n"), 1):
        if line.strip():
            try:
                yield _read_record(line, number, source, settings, seen)
            except SourceError as error:
                yield error


def _read_record(
    line: str, number: int, source: Source, settings: Settings, seen: dict[str, int]
) -> Article:
    record = _load(line, number, source.path)
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise SourceError(source.path, 'record without "text"', "give it some or remove it", number)
    given = _string(record.get("id", record.get("_id")))
    if given in seen:
        raise SourceError(source.path, f"id {given!r} a second time", "make ids unique", number)
    article_id = given or unique(f"{source.id}/{number}", seen)
    own = replace(
        source, path=given or source.path, id=article_id, data=line.encode("utf-8", "replace")
    )
    declared = Declared(
        title=squeeze(_string(record.get("title"))),
        url=_string(record.get("url")),
        language=_string(record.get("language", record.get("lang"))),
        metadata={n: _string(v) for n, v in record.items() if n not in _FIELDS},
    )
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")
    clean = clean.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair becomes "?"
    content = Content(clean, read_blocks(clean, declared.title), declared)
    article = assemble(own, content, settings)
    seen.setdefault(article.id, 1)
    return article


def read_blocks(text: str, title: str) -> tuple[Block, ...]:
    """Blocks of a text that is known to have this title ("" when it is not known)."""
    blocks = parse_text(text).blocks
    if not title or not blocks:
        return blocks
    place = next((n for n, b in enumerate(blocks) if b.kind == "title"), 0)
    seeming = blocks[place]
    if squeeze(seeming.span.of(text)).casefold() == title.casefold():
        if seeming.kind == "title" or len(blocks) == 1:
            return blocks
        told = replace(seeming, kind="title", level=0, group=0, cells=(), heads=())
    elif seeming.kind == "title":
        told = replace(seeming, kind="heading", level=1)
    else:
        return blocks
    return with_sections(text, (*blocks[:place], told, *blocks[place + 1 :]))


def _load(line: str, number: int, path: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", "too deep or too large")
        raise SourceError(path, f"not JSON ({what})", "correct or remove it", number) from None
    if not isinstance(record, dict):
        raise SourceError(path, "not a JSON object", "one record a line", number)
    return record


def _string(value: object) -> str:
    """A scalar as text, a list of scalars joined; "" for the rest."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return ", ".join(filter(None, map(_string, value[:50])))
    return ""
