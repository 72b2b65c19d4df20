"""Parses JSON Lines into articles: one record per line, one article per record.

In: a file whose lines are objects with `id`, `title`, `text` and optionally `url`, `language`,
`date` and any other fields. Out: one article per record. Its text is the first of the fields
`text`, `body`, `content`, `contents`, `page_content`, `html` or else of the rest of `_TEXTS` that
holds words: a string, a list, an object with the text under `rendered` or one of these names, below
a title or heading, or the rich text of an editor. Text with a closing tag, `<p>` or `<br>` of
standard HTML is read as HTML, other text as plain text, `markdown` as Markdown. A record with only
a title becomes an article of that title. If a record has neither field, its `_source`,
`attributes`, `fields` or `data` is read. Words in a list or object that are not read are told by
one `SourceWarning` per record. Rejects single lines (invalid JSON, not an object, no text
and no title, text of the wrong type, duplicate id): a `SourceError` with line number; others are
kept. Lines of Elasticsearch that say what to do with the next are skipped.

The record's id is the article's id, verbatim. The record's title overrides the text's own: a first
line equal to it is the title block; a detected title that differs becomes a heading.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from html import unescape
from typing import Any, cast

from lxml.html import defs

from indexer.errors import SourceError, SourceWarning
from indexer.model import Article, Block, Source, Span
from indexer.parsing.article import Content, Declared, OpenHeadings, assemble, squeeze, unique
from indexer.parsing.formats import dispatch
from indexer.parsing.html.dom import BLOCKS
from indexer.parsing.html.page import read_fragment
from indexer.parsing.plain_text.outline import parse_text
from indexer.settings import Settings

_FIELDS = frozenset(("id", "_id", "title", "url", "language", "lang"))
_USUAL = ("text", "body", "content", "contents", "page_content", "html", "lexical")
_TEXTS = (*_USUAL, "markdown", "articleBody", "body_text", "text_resource", "abstract")
_ACTIONS = frozenset(("index", "create", "update", "delete"))  # of Elasticsearch's bulk format
_HEADS = ("title", "heading", "section", "header")  # fields for the heading of a part of the text
_ELEMENTS = "|".join({*defs.tags, "main", "template"})
_HTML = re.compile(rf"</(?:{_ELEMENTS})\s*>|<p(?:\s[^<>]*)?>|<br\s*/?>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{'|'.join(BLOCKS)})[>\s]|<!--|-->", re.IGNORECASE)
_EDITORS = re.compile(r'[{\[\s]+"(?:root|_?type|blocks|ops|time|children|object|insert)"\s*:')
_WORDS = re.compile(r"<[^<>]*>|&\w+;|([^\W_])")  # markup, or a letter or digit of a word
_DEEPEST = 5  # lists within lists
_MARKUP = re.compile("<(?=[a-zA-Z/!])[^<>]*>")
_MOST_WORDS = 12  # spaces in a metadata value; with more it is probably text under another name
_WRAPPERS = ("_source", "attributes", "fields", "data")  # fields that hold a dump's record
_STRINGS = ("rendered", "processed", "value", "insert", "plain_text", *_TEXTS, "raw_markdown",
            "calloutText", "message", "code", "caption")  # fmt: skip
_INNER = ("rich_text", "root", "blocks", "ops", "items", "data", "columns", "paragraphs",
          "sections", *_STRINGS, "children")  # fmt: skip
_RUNS = ("", "children", "content", "ops", "rich_text", "text")  # their parts may be one sentence
_LOCALE = re.compile(
    "(?:ar|cs|da|de|el|en|es|fi|fr|he|hu|it|ja|ko|nb|nl|no|pl|pt|ro|ru|sv|tr|uk|zh)(?:[-_][A-Z]{2})?"
)
_BREAK = re.compile("(?:hard|line)-?break|br", re.IGNORECASE)
_INLINE = re.compile(r"[\w-]*link|a|[\w-]*inline[\w-]*|span|mention|mark|strong|em|[biu]", re.I)
_BLANK_LINES = re.compile(r"\n{3,}")
_GOES_ON = re.compile(  # looks back from blank lines alone, not from every letter
    r"\n\n(?:(?<=[^\s.!?:;…] \n\n)(?=\S)|(?<=[^\s.!?:;…]\n\n)(?= [^\s•]))"
)
_ITEMS = re.compile(r"^(• .*)\n\n(?=• )", re.MULTILINE)
_ITEM = re.compile(r"(?:[\w-]*[-_])?list[-_]?item|li", re.IGNORECASE)
_ROW = re.compile("table[-_]?row|tr", re.IGNORECASE)
_NAMED = 8  # fields of a record that a message names


def parse_jsonl(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield each record's article and warnings, or the error of its line."""
    seen: dict[str, int] = {}
    for number, line in enumerate(source.text.split("\n"), source.line):
        if line.strip():
            try:
                yield from _read_record(line, number, source, settings, seen)
            except SourceError as error:
                yield error
            except RecursionError:
                yield SourceError(source.path, "nests too deep", "flatten it", number)


def own_id(line: str) -> str:
    """The id in a line's record; "" if it has none or the line is no record."""
    with suppress(SourceError):
        return _id_of(_load(line, 1, ""))
    return ""


def _read_record(
    line: str, number: int, source: Source, settings: Settings, seen: dict[str, int]
) -> Iterator[Article | SourceWarning]:
    record = _load(line, number, source.path)
    wordless = [isinstance(one, dict) and not _has_texts(one) for one in record.values()]
    if record and all(wordless) and record.keys() <= _ACTIONS:
        return
    name, text = _text_of(record)
    about = record.get("metadata") or record.get("meta")  # of LangChain or Haystack
    stated = {**about, **record} if isinstance(about, dict) else record
    title = _string(stated.get("title")) or _string(text and stated.get("headline"))
    if not title:  # WordPress: {"rendered": HTML}
        title = unescape(_MARKUP.sub("", _string(_text(stated.get("title")))))
    if isinstance(levels := record.get("hierarchy"), dict):  # Algolia: the deepest of its headings
        title = title or unescape(next(filter(None, map(_string, reversed(levels.values()))), ""))
    title = squeeze(title)
    if not text and not title:
        fields = ", ".join(map(repr, list(record)[:_NAMED])) or "none"
        remedy = f'name the field of its text "text" (its fields: {fields}) or remove it'
        raise SourceError(source.path, 'record without "text"', remedy, number)
    unread = next((n for n in _USUAL if record.get(n) and not isinstance(record[n], str)), "")
    if unread and not text:
        raise SourceError(source.path, f"{unread!r} holds no text", "make it a string", number)
    given = _id_of(record)
    if given in seen:
        raise SourceError(source.path, f"id {given!r} a second time", "make ids unique", number)
    article_id = given or unique(f"{source.id}/{number}", seen)
    path = given if given.strip() else source.path
    own = replace(source, path=path, id=article_id, data=line.encode("utf-8", "replace"))
    language = _string(stated.get("language", stated.get("lang")))
    facts = {n: _string(v) for n, v in record.items() if n not in _FIELDS and n != name}
    declared = Declared(title, _string(stated.get("url")), language, facts)
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")
    clean = clean.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes "?"
    held = _opened(record.get(name))
    if name == "markdown":
        part = replace(own, format="md", data=clean.encode(), encoding="utf-8")
        (rendered,) = dispatch.parse(part, settings).articles
        content = _titled(Content(rendered.text, rendered.blocks), declared)
    elif "<" in clean and _HTML.search(clean):
        if not isinstance(held, str):
            clean = "\n\n".join(map(_paragraph, clean.split("\n\n")))
        declared = replace(declared, title=squeeze(unescape(title)))
        content = read_fragment(clean, source.path, declared, title_given=bool(title))
    else:
        clean = clean if isinstance(held, str) else _ITEMS.sub(r"\1\n", clean)
        content = _titled(parse_text(clean), declared)
    if title and not content.blocks:
        content = Content(title, (Block("title", 0, Span(0, len(title)), ()),), declared)
    article = assemble(own, content, settings)
    seen.setdefault(article.id, 1)
    yield article
    if not isinstance(held, str) and _lacks_words(held, text):
        reason, remedy = f"{name!r} has parts without text, left out", "make them strings"
        yield SourceWarning(source.path, reason, remedy, number)
    others = {n: v for n, v in record.items() if not text and n not in _FIELDS}
    if held := next((n for n, value in others.items() if _has_texts(value)), ""):
        remedy = f'name the field of its text "text" (now {held!r})'
        yield SourceWarning(source.path, "record read by its title alone", remedy, number)


def _text_of(record: dict[str, object]) -> tuple[str, str]:
    """Name and text of the first field that holds words, else a non-blank one, else ("", "")."""
    texts = [(name, text) for name in _TEXTS if (text := _text(record.get(name))).strip()]
    worded = (one for one in texts if any(found[1] for found in _WORDS.finditer(one[1])))
    return next(worded, texts[0] if texts else ("", ""))


def _text(value: object) -> str:
    """The text of a value; a list's parts become paragraphs, unless a space at their edges shows
    them to be parts of a sentence (Telegram, Scrapy). A number alone is no text."""
    if not isinstance(value, list):
        return "" if isinstance(value, (int, float)) else _part(value)
    joined = "\n\n".join(filter(None, map(_part, value)))
    return _GOES_ON.sub("", joined) if any(isinstance(one, str) for one in value) else joined


def _opened(value: object) -> object:
    """The object or list that a rich-text editor keeps as a string; any other value unchanged."""
    if isinstance(value, str) and _EDITORS.match(value):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value


def _paragraph(part: str) -> str:
    """HTML of a part of a text, which may be HTML or plain text."""
    if _BLOCK.search(part):
        return part
    part = part if _HTML.search(part) else part.replace("<", "&lt;")
    return "<p>" + part.replace("\n", "<br>") + "</p>"


def _part(value: object) -> str:
    """The text of a string, list or object: its headings, then its first field of `_STRINGS`
    (WordPress, Drupal), else the texts of its children (Sanity, Contentful, Notion, rich-text
    editors) or of all its locales. A list item gets a bullet or box. "" for any other value."""
    if value is not (opened := _opened(value)):
        return _part(opened) or str(value)
    if isinstance(value, list):
        return _joined(value)
    if not isinstance(value, dict):
        is_number = isinstance(value, (int, float))
        return value if isinstance(value, str) else _string(value) if is_number else ""
    if _BREAK.fullmatch(_string(value.get("type"))):
        return "\n"
    if isinstance(about := value.get("attrs"), dict):  # Atlassian's mentions and signs
        value = {**about, **value}
    if value and all(map(_LOCALE.fullmatch, value)):
        return "\n\n".join(filter(None, map(_part, value.values())))
    text, kind = _own_text(value), _kind(value)  # Notion names a block's content by its type
    inner = _nested(value, ("children", "items", "caption") if text else (kind, *_INNER))
    caption = _string(value.get("caption")) if text else ""
    text = "\n\n".join(filter(None, (text, inner, caption * (caption != text))))
    done = {"DONE": True, "TODO": False}.get(_string(value.get("state")), value.get("checked"))
    box = "• ☑ " if done is True else "• ☐ " if done is False else ""
    if text and (box or value.get("listItem") or _ITEM.fullmatch(kind)):
        text = (box or "• ") + text.removeprefix("• ")
    heads = [one for name in _HEADS if isinstance(one := value.get(name), str) and one]
    return "\n\n".join(filter(None, (*heads, text)))


def _own_text(value: dict[str, object]) -> str:
    """The first string under `_STRINGS`; a line of an editor's operations is a paragraph."""
    texts = ((name, value.get(name)) for name in _STRINGS)
    name, text = next(((n, one) for n, one in texts if isinstance(one, str) and one), ("", ""))
    return text.replace("\n", "\n\n") if name == "insert" else text


def _kind(part: object) -> str:
    """The type of an object, by any editor's name for it; "" if it has none."""
    names = ("type", "nodeType", "_type") if isinstance(part, dict) else ()
    return next(filter(None, (_string(cast("Any", part).get(name)) for name in names)), "")


def _cells(part: object) -> list[object] | None:
    """The cells of a table's row; None for anything else."""
    if _ROW.fullmatch(kind := _kind(part)):
        row = cast("dict[str, Any]", part)
        row = row[kind] if isinstance(row.get(kind), dict) else row
        part = next((row[n] for n in ("cells", "content", "children") if n in row), None)
    return part if isinstance(part, list) else None


def _nested(value: dict[str, object], names: Sequence[str]) -> str:
    """The texts of an object's children under `names`."""
    parts = {name: value.get(name) for name in names}
    texts = (
        _joined(part, name) if isinstance(part, list) else _part(part)
        for name, part in parts.items()
        if isinstance(part, (list, dict))
    )
    return "\n\n".join(filter(None, texts))


def _joined(parts: Sequence[object], name: str = "") -> str:
    """The texts of parts: blocks as paragraphs, inline parts joined directly, lists as rows of
    cells. `name`: of their field; those of `items` that are no objects are a list's."""
    rows = [row for row in map(_cells, parts) if row is not None]
    if rows and len(rows) == len(parts):
        return "\n".join("\t".join(squeeze(_part(cell)) for cell in row) for row in rows)
    texts = list(map(_part, parts))
    if name not in _RUNS:
        bullets = ("• " * (name == "items" and isinstance(part, str)) for part in parts)
        return "\n\n".join(b + t for b, t in zip(bullets, texts) if not t.isdigit() and t)
    nested = list(map(_has_children, parts))
    has_leaves = any(text.strip() and not inner for text, inner in zip(texts, nested))
    kinds = map(_kind, parts)  # a part without one is inline beside text
    inline = [_INLINE.fullmatch(kind) if kind else has_leaves for kind in kinds]
    gaps = ("\n\n" * (inner and not within) for inner, within in zip(nested, inline))
    joined = "".join(f"{gap}{text}{gap}" for gap, text in zip(gaps, texts) if text)
    return _BLANK_LINES.sub("\n\n", joined).removeprefix("\n\n").removesuffix("\n\n")


def _has_children(part: object) -> bool:
    if not isinstance(part, dict) or "children" in part or "content" in part:
        return isinstance(part, dict)
    inner = (part.get(name) for name in (*_INNER, _kind(part)))
    return not _own_text(part) and any(isinstance(one, (list, dict)) and one for one in inner)


def _has_texts(value: object) -> bool:
    """Whether a value is or holds a long text, is an object with a text or a list of these."""
    several = value if isinstance(value, list) else [value]
    is_long = any(one.count(" ") > _MOST_WORDS for one in (_string(value), *_several(value)))
    return is_long or any(isinstance(one, dict) and " " in _part(one) for one in several)


def _lacks_words(value: object, text: str) -> bool:
    """Whether a list or object holds several words in a row that its text lacks."""
    at, text = 0, squeeze(text)
    for words in _several(value):
        found = text.find(words, at)
        at = found if found >= 0 else text.find(words)
        if at < 0:
            return True
    return False


def _several(value: object) -> Iterator[str]:
    """The first line of each string of several words; of those in one object, its own text."""
    value = _opened(value)
    if isinstance(value, str) and value.strip().count(" ") > 1:
        yield squeeze(value.strip().partition("\n")[0])
    elif isinstance(value, dict):
        own = _own_text(value)
        value = [own, *(one for one in value.values() if not (own and isinstance(one, str)))]
    for one in value if isinstance(value, list) else ():
        yield from _several(one)


def _titled(content: Content, declared: Declared) -> Content:
    """Apply the declared title: a first line equal to it is the title, another title a heading."""
    text, blocks, title = content.text, content.blocks, declared.title
    content = replace(content, declared=declared)
    if not title or not blocks:
        return content
    place = next((n for n, b in enumerate(blocks) if b.kind == "title"), 0)
    detected = blocks[place]
    if squeeze(detected.span.of(text)).casefold() == title.casefold():
        if detected.kind == "title" or len(blocks) == 1:
            return content
        relabelled = replace(detected, kind="title", level=0, group=0, cells=(), heads=())
    elif detected.kind == "title":
        relabelled = replace(detected, kind="heading", level=1)
    else:
        return content
    above = OpenHeadings()
    changed = (*blocks[:place], relabelled, *blocks[place + 1 :])
    sections = (above.enter(block.kind, block.level, block.span.of(text)) for block in changed)
    return replace(content, blocks=tuple(replace(b, section=s) for b, s in zip(changed, sections)))


def _id_of(record: dict[str, object]) -> str:
    return _string(record.get("id")) or _string(record.get("_id"))


def _load(line: str, number: int, path: str) -> dict[str, object]:
    try:
        record = json.loads(line.removeprefix("\ufeff"))  # several files joined have several
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", "too deep or too large")
        raise SourceError(path, f"not JSON ({what})", "correct or remove it", number) from None
    if not isinstance(record, dict):
        raise SourceError(path, "not a JSON object", "one record a line", number)
    if not any(name in record for name in ("title", *_TEXTS)):
        inner = (record[name] for name in _WRAPPERS if isinstance(record.get(name), dict))
        record = {**next(inner, {}), **record}
    return record


def _string(value: object, depth: int = 0) -> str:
    """A string or number as text, a list joined by commas (nested up to `_DEEPEST`); the value of
    MongoDB's typed values, such as `{"$oid": "5f1"}`; else ""."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value) if math.isfinite(value) else ""
    if isinstance(value, dict) and len(value) == 1 and depth < _DEEPEST:
        (name,) = value
        return _string(value[name], depth + 1) if name.startswith("$") else ""
    if isinstance(value, list) and depth < _DEEPEST:
        return ", ".join(filter(None, (_string(one, depth + 1) for one in value[:50])))
    return ""
