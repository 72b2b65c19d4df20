"""Markdown to an article.

In: CommonMark with tables, strikethrough, footnotes, front matter (YAML between two lines of
`---`), explicit heading ids (`## Dose {#dose}`) and HTML. Out: an `Article` whose text is the
rendered plain text, without markup. Refuses (`SourceError`) front matter that is meant as such but
can't be read (with the line), and what the HTML reader refuses.

It is rendered to HTML and read by the HTML reader, so that both formats agree on what a list
item or a table row is; everything in the file is content.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from functools import cache

import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble
from indexer.parsing.html.page import read_fragment
from indexer.settings import Settings

_OWN_ID = re.compile(r"\{[ \t]*#(?P<id>[^\s{}]+)[^{}]*\}\Z")
# elements that swallow everything up to their end tag, which a fragment may have left out
_RAW = re.compile(
    r"<(/?)(script|style|title|textarea|iframe|noembed|noframes|noscript|plaintext|xmp|template|"
    r"select|svg|math|object|head)\b",
    re.IGNORECASE,
)
_ADDRESSES = ("url", "canonical", "canonical_url", "permalink")
_USED = ("title", *_ADDRESSES, "language", "lang", "id")
_SIZE = 16_000_000  # characters that the Markdown parser takes in a bearable time
_FENCED = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MEANT = re.compile(r"^[A-Za-z_][\w -]*:(?:\s|$)", re.MULTILINE)
_LONGEST = 100_000  # characters; what is longer is no front matter
_REMEDY = "correct the YAML between the two lines of ---"


def parse_markdown(source: Source, settings: Settings) -> Article:
    """The article of a Markdown file."""
    text = source.text
    if len(text) > _SIZE:
        reason = f"{len(text):,} characters of Markdown, {_SIZE:,} at most"
        raise SourceError(source.path, reason, "split it into several files")
    values, body = split_front_matter(text, source.path)
    declared = Declared(
        title=values.get("title", ""),
        in_front=True,
        url=next(filter(None, map(values.get, _ADDRESSES)), ""),
        language=values.get("language") or values.get("lang") or "",
        metadata={name: value for name, value in values.items() if name not in _USED},
    )
    content = read_fragment(render(body, source.path), source.path, declared)
    return assemble(source, content, settings)


def render(markdown: str, path: str) -> str:
    """HTML of Markdown. Raises `SourceError` for nesting beyond what the parser bears."""
    try:
        return str(_renderer().render(markdown))
    except RecursionError as error:
        raise SourceError(path, "nests its Markdown too deep", "flatten it") from error


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": True, "linkify": False})
    renderer.enable(["table", "strikethrough"]).use(footnote_plugin)
    renderer.core.ruler.before("inline", "heading_id", _take_heading_ids)
    renderer.core.ruler.push("close_raw", _close_raw_elements)
    return renderer


def _take_heading_ids(state: StateCore) -> None:
    """An id in braces at a heading's end becomes its id."""
    for opening, inline in zip(state.tokens, state.tokens[1:]):
        if opening.type == "heading_open" and (found := _OWN_ID.search(inline.content.rstrip())):
            opening.attrSet("id", found["id"])
            inline.content = inline.content[: found.start()].rstrip()


def _close_raw_elements(state: StateCore) -> None:
    """HTML that begins a script or the like and does not end it must not swallow the rest."""
    for token in _html_tokens(state.tokens):
        open_names: list[str] = []
        for found in _RAW.finditer(token.content):
            if not found[1]:
                open_names.append(found[2])
            elif open_names:
                open_names.pop()
        token.content += "".join(f"</{name}>" for name in reversed(open_names))


def _html_tokens(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        if token.type == "html_block":
            yield token
        for child in token.children or ():
            if child.type == "html_inline":
                yield child


# --- front matter --------------------------------------------------------------------------------


def split_front_matter(text: str, path: str) -> tuple[dict[str, str], str]:
    """Values by name in lower case, and the Markdown; without front matter {} and all of it.

    Two rules with prose between them are no front matter.
    """
    fenced = _FENCED.match(text[:_LONGEST]) if text.startswith("---") else None
    if fenced is None or (fenced["yaml"].strip() and not _MEANT.search(fenced["yaml"])):
        return {}, text
    try:
        values = yaml.safe_load(fenced["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        what = getattr(error, "problem", None) or "not YAML"
        raise SourceError(path, f"front matter can't be read ({what})", _REMEDY, line) from error
    if not isinstance(values, dict):
        return {}, text[fenced.end() :]
    named = {str(name).strip().lower(): _as_text(value) for name, value in values.items()}
    return named, text[fenced.end() :]


def _as_text(value: object) -> str:
    """A value as a person would write it; "" for what has parts within parts."""
    if isinstance(value, list):  # not deeper: aliases could multiply without bound
        return ", ".join(filter(None, (_as_text(v) for v in value if not isinstance(v, list))))
    if isinstance(value, dict):
        return _as_text(value["name"]) if isinstance(value.get("name"), str) else ""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return "" if value is None else str(value)
