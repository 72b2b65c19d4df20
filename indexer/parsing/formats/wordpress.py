"""WordPress exports (WXR) to articles.

In: the .xml that WordPress writes under Tools, Export. Out: an article for each published post
and page; drafts, private and protected ones, attachments, menus and the rest are passed over.
Refuses (`SourceError`) other XML, a document type (so that no entity can be defined), and from
where the XML is broken; the articles before that are kept.

The export is read as a stream: one item is in memory at a time.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from lxml import etree

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.assembling import Facts, assemble
from indexer.parsing.formats.shortcodes import to_html
from indexer.parsing.html.dom import HUGE, Element
from indexer.parsing.html.parser import read_fragment
from indexer.parsing.identity import digest_of, unique
from indexer.settings import Settings
from indexer.text.tokenizer import slugify

_TYPES = ("post", "page")
_KIND = re.compile(rb"<rss\b[^>]*\bxmlns:\w+\s*=\s*[\"']https?://wordpress\.org/export/")
_PROLOGUE = 65_536  # bytes in which the root element begins
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_REMEDY = "export it from WordPress under Tools, Export"
_SPACES = {  # part of a namespace → our prefix; the first that fits
    "/excerpt/": "excerpt:",
    "wordpress.org/export/": "wp:",
    "purl.org/rss/1.0/modules/content/": "content:",
    "purl.org/dc/elements/": "dc:",
}
Fields = dict[str, str]


def parse_wordpress(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """The article of each published post or page, or what is wrong with it."""
    found = _KIND.search(source.data[:_PROLOGUE])
    if found is None:
        raise SourceError(source.path, "not a WordPress export", _REMEDY)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", source.data[: found.start()]):
        raise SourceError(source.path, "defines entities, as no WordPress export does", _REMEDY)
    language = ""
    taken: set[str] = set()
    try:
        for element in _elements(source.data):
            if etree.QName(element).localname == "language":
                language = language or (element.text or "")
                continue
            fields, line = _fields(element), element.sourceline or 0
            element.clear()
            while element.getprevious() is not None:
                del cast("Element", element.getparent())[0]
            if _is_published(fields):
                try:
                    yield _read_item(fields, language, source, settings, taken)
                except SourceError as error:
                    yield SourceError(source.path, error.reason, error.remedy, line)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        yield SourceError(source.path, f"broken XML ({error.msg})", "export it anew", line)


def _elements(data: bytes) -> Iterator[Element]:
    """Items and the site's language, as they are read."""
    clean = data.translate(None, _CONTROLS)
    stream = etree.iterparse(
        io.BytesIO(clean), events=("end",), tag=("{*}item", "{*}language"), huge_tree=HUGE,
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True,
    )  # fmt: skip
    for _, element in stream:
        yield element


def _fields(item: Element) -> Fields:
    """The first value of each of its elements, by prefixed name."""
    found: Fields = {}
    for child in item:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        space = name.namespace or ""
        prefix = next((short for part, short in _SPACES.items() if part in space), "")
        found.setdefault(prefix + name.localname, "".join(child.itertext()))
    return found


def _is_published(fields: Fields) -> bool:
    return (
        fields.get("wp:post_type", "post").strip() in _TYPES
        and fields.get("wp:status", "publish").strip() == "publish"
        and not fields.get("wp:post_password", "").strip()
    )


def _read_item(
    fields: Fields, language: str, source: Source, settings: Settings, taken: set[str]
) -> Article:
    title = html.unescape(re.sub(r"<[^<>]{0,500}>", "", fields.get("title", "")))
    content = fields.get("content:encoded", "")
    slug = fields.get("wp:post_name", "").strip()
    name = slugify(slug or title or fields.get("wp:post_id", ""))
    metadata = {
        "author": fields.get("dc:creator", ""),
        "date": fields.get("wp:post_date", "") or fields.get("pubDate", ""),
        "modified": fields.get("wp:post_modified", ""),
        "description": re.sub(r"<[^<>]{0,500}>", "", fields.get("excerpt:encoded", "")),
        "type": fields.get("wp:post_type", ""),
    }
    link = fields.get("link", "")
    record = "\0".join((title, content, link, language, *metadata.values()))
    facts = Facts(
        id=f"{source.id}/{name}",
        path=source.path,
        digest=digest_of(record.encode("utf-8"), settings),
        title=title,
        url=link,
        language=language,
        metadata=metadata,
    )
    page = read_fragment(to_html(content), source.path, title, entitled=True)
    article = assemble(facts, page.text, page.blocks, settings)
    return replace(article, id=unique(article.id, taken))
