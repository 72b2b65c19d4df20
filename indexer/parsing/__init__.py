"""Any format to articles.

In: a `Source`, one file as read from disk. Out: `Parsed`, the articles in it and what in it could
not be read. Refuses (`SourceError`) a file that gives no article at all; whatever is in a file,
nothing else is ever raised.

One module a format: `text`, `markdown`, `html`, `docx`, `jsonl`, `wordpress`; `archive` for a
.zip of them. All meet the same rules: blocks in order, apart by white space alone, spans exact;
see `composing` for the text of formats that have markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.archive import unpack
from indexer.parsing.docx import parse_docx
from indexer.parsing.html import parse_html
from indexer.parsing.identity import PARSER_VERSION, digest_of
from indexer.parsing.jsonl import parse_jsonl
from indexer.parsing.markdown import parse_markdown
from indexer.parsing.plain import parse_plain
from indexer.parsing.wordpress import parse_wordpress
from indexer.settings import Settings

__all__ = ["FORMATS", "PARSER_VERSION", "Parsed", "digest_of", "parse", "unpack"]

_ONE: Mapping[str, Callable[[Source, Settings], Article]] = {
    "txt": parse_plain,
    "text": parse_plain,
    "md": parse_markdown,
    "markdown": parse_markdown,
    "html": parse_html,
    "htm": parse_html,
    "xhtml": parse_html,
    "docx": parse_docx,
}
_MANY: Mapping[str, Callable[[Source, Settings], Iterator[Article | SourceError]]] = {
    "jsonl": parse_jsonl,
    "ndjson": parse_jsonl,
    "xml": parse_wordpress,
}
_DEFAULTS = Settings()
FORMATS: frozenset[str] = frozenset({*_ONE, *_MANY, "zip"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one file gave."""

    articles: tuple[Article, ...]  # at least one
    problems: tuple[SourceError, ...]  # parts of it that were skipped


def parse(source: Source, settings: Settings = _DEFAULTS) -> Parsed:
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
    return Parsed(tuple(articles), tuple(problems))


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
    elif many := _MANY.get(source.format):
        yield from many(source, settings)
    elif one := _ONE.get(source.format):
        yield one(source, settings)
    else:
        known = ", ".join(sorted(f".{name}" for name in FORMATS))
        raise SourceError(source.path, f"unknown format {source.format!r}", f"known are {known}")
