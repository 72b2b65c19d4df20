"""Any format to articles.

In: a `Source`, one file as read from disk. Out: `ParsedFile`, the articles in it, what in it could
not be read and what is doubtful. Refuses (`SourceError`) a file that gives no article at all;
whatever is in a file, nothing else is ever raised.

One module a format; `zip` for an archive of them. All meet the same rules: blocks in order, apart
by white space alone, spans exact; see `parsing.article` for the text of formats that have markup.
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

# Readers, named by module and function, and their formats: a new format is a file and a line here.
# A module is imported when a file needs it: those for Word and HTML take longer to import than a
# text takes to index.
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
_NO_TEXT = frozenset(("docx", "xml", "zip"))  # formats whose readers are given bytes alone
# What a reader finds: articles, files to be read in turn, what is wrong and, as `SourceWarning`,
# what is doubtful.
Reader = Callable[[Source, Settings], Iterable[Article | Source | SourceError]]
_DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file gave."""

    articles: tuple[Article, ...]  # at least one
    problems: tuple[SourceError, ...]  # parts of it that were skipped
    warnings: tuple[SourceWarning, ...] = ()  # what is doubtful in the articles


def parse(source: Source, settings: Settings = _DEFAULTS) -> ParsedFile:
    """The articles of a file. Raises `SourceError` when there is none."""
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
    """Of a file in which a library met nesting that the parsers did not foresee."""
    return SourceError(path, "nests too deep", "flatten it")


def import_reader(form: str) -> Reader:
    """The reader of a format, which must be known."""
    module, function = READERS[form].split(":")
    return cast("Reader", getattr(import_module(f"indexer.parsing.{module}"), function))
