"""Parses a file of any known format into articles.

In: a `Source`, one file as read from disk. Out: `ParsedFile`: its articles, errors for the parts
that could not be read, and warnings. Raises `SourceError` if the file yields no article, and no
other exception, whatever the file holds.

Each format has its own module; `zip` reads archives of such files. All keep the same rules: blocks
in order, separated by white space only, exact spans; `parsing.article` has the rules for markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from indexer.errors import SourceError, SourceWarning
from indexer.model import Article, Source
from indexer.parsing.encoding import decode, page_encoding
from indexer.settings import Settings

# Reader ("module:function") → file suffixes. A new format needs a module and a line here. Modules
# are imported on first use: importing those for Word and HTML takes longer than indexing a text
# file.
_READERS = {
    "plain_text.outline:parse_plain": ("txt", "text"),
    "formats.markdown:parse_markdown": ("md", "markdown", "mdx", "qmd", "rmd", "njk"),
    "formats.rst:parse_rst": ("rst",),
    "formats.asciidoc:parse_asciidoc": ("adoc", "asciidoc"),
    "html.page:parse_html": ("html", "htm", "xhtml"),
    "formats.docx:parse_docx": ("docx",),
    "formats.jsonl:parse_jsonl": ("jsonl", "ndjson"),
    "formats.wordpress:parse_wordpress": ("xml",),
    "formats.zip:unpack": ("zip",),
}
READERS = {form: reader for reader, forms in _READERS.items() for form in forms}
FORMATS = frozenset(READERS)
_PAGES = _READERS["html.page:parse_html"]
_NO_TEXT = frozenset(("docx", "xml", "zip"))  # formats whose readers take bytes, not decoded text
# A reader yields articles, inner files to parse in turn (from an archive), errors and warnings
# (`SourceWarning`, a kind of `SourceError`).
Reader = Callable[[Source, Settings], Iterable[Article | Source | SourceError]]
_DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The result of parsing one file."""

    articles: tuple[Article, ...]  # at least one
    problems: tuple[SourceError, ...]  # one for each part of the file that was skipped
    warnings: tuple[SourceWarning, ...] = ()  # doubts about the articles


def parse(source: Source, settings: Settings = _DEFAULTS) -> ParsedFile:
    """Parse a file. Raises `SourceError` if it yields no article."""
    try:
        found = list(_read(source, settings))
    except RecursionError as error:
        raise _too_deep(source.path) from error
    articles = tuple(one for one in found if isinstance(one, Article))
    warnings = tuple(one for one in found if isinstance(one, SourceWarning))
    others = (one for one in found if not isinstance(one, SourceWarning))
    problems = tuple(one for one in others if isinstance(one, SourceError))
    if not articles:
        none = SourceError(source.path, "holds no article", "add one or remove it")
        raise next(iter(problems), none)
    return ParsedFile(articles, problems, warnings)


def _read(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    if source.format not in READERS:
        known = ", ".join(sorted(f".{name}" for name in FORMATS))
        raise SourceError(source.path, f"unknown format {source.format!r}", f"known are {known}")
    if source.format not in _NO_TEXT:
        declared = page_encoding(source.data) if source.format in _PAGES else ""
        decoded = decode(source.data, source.path, declared, source.encoding)
        if decoded.doubt:
            yield decoded.warning(source.path)
        source = replace(source, text=decoded.text, encoding=decoded.encoding)
    for found in import_reader(source.format)(source, settings):
        if not isinstance(found, Source):
            yield found
            continue
        try:
            inner = replace(found, encoding=source.encoding, language=source.language)
            yield from _read(inner, settings)
        except SourceError as error:
            yield error
        except RecursionError:
            yield _too_deep(found.path)


def _too_deep(path: str) -> SourceError:
    """The error for nesting deep enough to exhaust a library's recursion."""
    return SourceError(path, "nests too deep", "flatten it")


def import_reader(form: str) -> Reader:
    """Import the reader of a format. `form` must be one of `FORMATS`."""
    module, function = READERS[form].split(":")
    return cast("Reader", getattr(import_module(f"indexer.parsing.{module}"), function))
