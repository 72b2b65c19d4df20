"""Any format to articles.

In: a `Source`, one file as read from disk. Out: `ParsedFile`, the articles in it and what in it
could not be read. Refuses (`SourceError`) a file that gives no article at all; whatever is in a
file, nothing else is ever raised.

One module a format; `zip` for an archive of them. All meet the same rules: blocks in order, apart
by white space alone, spans exact; see `parsing.article` for the text of formats that have markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import PARSER_VERSION, digest_of
from indexer.parsing.formats.zip import unpack
from indexer.settings import Settings

__all__ = ["FORMATS", "PARSER_VERSION", "ParsedFile", "digest_of", "parse", "unpack"]

# Format → its reader, named by module and function. A module is imported when a file needs it:
# those for Word and HTML take longer to import than a text takes to index.
_ONE: Mapping[str, str] = {
    "txt": "plain_text.structure:parse_plain",
    "text": "plain_text.structure:parse_plain",
    "md": "formats.markdown:parse_markdown",
    "markdown": "formats.markdown:parse_markdown",
    "html": "html.page:parse_html",
    "htm": "html.page:parse_html",
    "xhtml": "html.page:parse_html",
    "docx": "formats.docx:parse_docx",
}
_MANY: Mapping[str, str] = {
    "jsonl": "formats.jsonl:parse_jsonl",
    "ndjson": "formats.jsonl:parse_jsonl",
    "xml": "formats.wordpress:parse_wordpress",
}
_One = Callable[[Source, Settings], Article]
_Many = Callable[[Source, Settings], Iterator[Article | SourceError]]
_DEFAULTS = Settings()
FORMATS: frozenset[str] = frozenset({*_ONE, *_MANY, "zip"})


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file gave."""

    articles: tuple[Article, ...]  # at least one
    problems: tuple[SourceError, ...]  # parts of it that were skipped


def parse(source: Source, settings: Settings = _DEFAULTS) -> ParsedFile:
    """The articles of a file. Raises `SourceError` when there is none."""
    articles: list[Article] = []
    problems: list[SourceError] = []
    try:
        for found in _read(source, settings):
            if isinstance(found, SourceError):
                problems.append(found)
            else:
                articles.append(found)
    except RecursionError as error:  # a library met nesting that the parsers did not foresee
        raise SourceError(source.path, "nests too deep", "flatten it") from error
    if not articles:
        if problems:
            raise problems[0]
        raise SourceError(source.path, "holds no article", "add one or remove it")
    return ParsedFile(tuple(articles), tuple(problems))


def _read(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    if source.format == "zip":
        for inner in unpack(source, settings, FORMATS):
            if isinstance(inner, SourceError):
                yield inner
                continue
            try:
                yield from _read(inner, settings)
            except SourceError as error:
                yield error
    elif source.format in _MANY:
        many: _Many = _parser(_MANY[source.format])
        yield from many(source, settings)
    elif source.format in _ONE:
        one: _One = _parser(_ONE[source.format])
        yield one(source, settings)
    else:
        known = ", ".join(sorted(f".{name}" for name in FORMATS))
        raise SourceError(source.path, f"unknown format {source.format!r}", f"known are {known}")


def _parser(reader: str) -> Any:
    module, function = reader.split(":")
    return getattr(import_module(f"indexer.parsing.{module}"), function)
