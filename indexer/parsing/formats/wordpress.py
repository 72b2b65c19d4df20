"""Parses WordPress exports (WXR) into articles.

In: the .xml that WordPress writes under Tools, Export. Out: an article for each published post
and page, and for each published item of a site's own type (a question, a lesson, a product) that
holds text. Skipped are drafts, private and password-protected items, attachments, revisions, menus
and the internal records of WordPress and its form plugins. Refuses (`SourceError`) other XML, and
any document type (it could define entities). Broken XML ends the reading with a `SourceError`; the
articles before it are kept.

The export is read as a stream, one item in memory at a time. A post is converted to HTML as by
WordPress: without shortcodes, blank lines separating paragraphs. It also gets the blocks that it
shares with other posts, its footnotes, and the texts in the fields of plugins' blocks. The HTML
reader drops comments.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import cast
from urllib.parse import unquote

from lxml import etree

from indexer.errors import SourceError
from indexer.model import Article, Source
from indexer.parsing.article import Declared, assemble, unique
from indexer.parsing.html.dom import BLOCKS, HUGE, Element
from indexer.parsing.html.page import read_fragment
from indexer.settings import Settings
from indexer.text.id_words import slugify

_TYPES = ("post", "page")  # types that are not part of article ids
_INTERNAL_TYPES = re.compile(
    r"attachment|revision|nav_menu_item|custom_css|customize_changeset|oembed_cache|user_request|"
    r"wp_.*|acf-.*|shop_.*|scheduled-action|wpcf7.*|wpforms.*|mc4wp.*|flamingo.*|feedback|"
    r"elementor_.*|amp_.*|jetpack_.*|jp_.*|popup|tablepress_table|.*[-_]form"
)
_EXPORT_ROOT = re.compile(rb"<rss\b[^>]*\bxmlns:\w+\s*=\s*[\"']https?://wordpress\.org/export/")
_PROLOGUE = 65_536  # first bytes, in which the root element must begin
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_REMEDY = "export it from WordPress under Tools, Export"
_SPACES = {  # part of a namespace → our prefix; the first match counts
    "/excerpt/": "excerpt:",
    "wordpress.org/export/": "wp:",
    "purl.org/rss/1.0/modules/content/": "content:",
    "purl.org/dc/elements/": "dc:",
}
Fields = dict[str, str]
_SHORTCODE = re.compile(
    r"\[(?P<open>\[?)(?P<close>/?)(?P<name>[A-Za-z][\w-]{0,60})"
    r"(?P<attributes>\s[^\[\]<>\"]{0,500}(?:\"[^\"]{0,500}\"[^\[\]<>\"]{0,500}){1,50}"
    r"|(?:\s[^\[\]<>]{0,2000})?)\]\]?"
)
_ADDRESS = re.compile(r"\s*https?://\S+\s*")
_ATTRIBUTE = re.compile(r"""\s[\w-]+=["'“”″&\w]""")
_TITLED = re.compile(  # shortcodes whose title is shown
    "tab|accordion|toggle|section|panel|faq|question|item|spoiler|box|head|title|expand|collaps|"
    "blurb|card|callout|alert|notice|message|feature|step|slide|cta|button|btn|counter|timer|pric|"
    "progress|testimonial|separator|divider|team|person|\\A(?:et_pb|vc|fusion)_", re.IGNORECASE,
)  # fmt: skip
_INLINE_CODES = re.compile(  # shortcodes that may enclose part of a word
    r"drop|initial|bold|italic|underline|colou?r|highlight|\A(?:b|i|u|em|strong|su[bp]|span|small|font|"
    r"mark|abbr)\Z"
)
_SHOWN = re.compile(
    r"""\b(?:(?:job_)?title|(?:main_)?heading|h[2-4]|sub(?:title|head|heading)|label|caption|"""
    r"""summary|question|author|alt|(?:button_)?text)=(?:"([^"<>]+)"|'([^'<>]+)')"""
)
_DIVI = re.compile(r"%(22|5[bBdD])")  # its quotes and brackets
_DATA = re.compile(r"\s*(?:[aOs]:\d+:|[{\[]|\d{4}-\d\d-\d\d|\w+://)")  # serialised, date, address
_GAP = "\0"  # in place of a shortcode, which may separate words; XML has no such character
_GAPS = re.compile(rf"(?<=[\w.,;:!?…)”»%>]){_GAP}+(?=[\w&(≤≥“„«]|<[a-zA-Z])")
_RAW_HTML = re.compile(r"\[vc_raw_html\b[^\]]{0,500}\]([\w+/=\s]{0,200000})\[/vc_raw_html\]")
_LANGUAGE_MARKS = re.compile(r"\[:(?:[a-z]{2})?\]|<!--:(?:[a-z]{2})?-->")  # of qTranslate
_TAG = re.compile(r"<(?=[a-zA-Z/!])[^<>]{0,2000}>")
_SHARED = re.compile(r"<!--\s+wp:block\s+\{\"ref\":(\d+)[^<>]{0,2000}\}\s+/-->")
_MOST_SHARED = 200  # shared blocks in a post
_WORDS_FIELD = re.compile(  # names of a plugin's fields for texts
    r"(?:title|head(?:ing|line)?|label|question|answer|caption|text|content|description|message)\Z",
    re.IGNORECASE,
)
_MEDIA = re.compile(  # shortcodes that enclose a URL or program, not text
    r"(?<=wp-block-embed__wrapper\">)\s*https?://\S+\s*(?=</div>)|"
    r"\[(embed|video|audio|playlist|gallery|googlemaps?|youtube|vc_raw_js)\b[^\]]{0,2000}\][^\[]{0,2000}\[/\1\]"
)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b[^\[\]]{0,2000}\](?P<inner>[^\[]{0,20000})\[/(?:wp_)?caption\]"
)
_CORE = frozenset(
    ("gallery", "caption", "embed", "audio", "video", "playlist", "more", "toc", "contact-form",
     "contact-form-7", "sitemap", "archives", "nextpage")
)  # fmt: skip
_BLOCKS = "|".join(BLOCKS)
_BUTTON = re.compile(r"(</?)button\b", re.IGNORECASE)
_OPENING = re.compile(rf"(<(?:{_BLOCKS})(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_CLOSING = re.compile(rf"(</(?:{_BLOCKS})\s*>)", re.IGNORECASE)
_AT_START = re.compile(rf"\s*</?(?:{_BLOCKS})\b|\s*<!--", re.IGNORECASE)
_PRE = re.compile(r"(<pre\b(?:(?!<pre\b).)*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--(more|nextpage)?.*?-->", re.DOTALL)
_BLOCK = re.compile(
    r"<!--\s+(?P<close>/)?wp:(?P<name>[a-z][\w/-]*)"
    r"(?:\s+(?P<fields>\{(?:(?!<!--|-->).)*\}))?\s+(?P<alone>/)?-->",
    re.DOTALL,
)


def parse_wordpress(source: Source, settings: Settings) -> Iterator[Article | SourceError]:
    """Yield the article of each published item, or its error."""
    found = _EXPORT_ROOT.search(source.data[:_PROLOGUE])
    if found is None:
        raise SourceError(source.path, "not a WordPress export", _REMEDY)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", source.data[: found.start()]):
        raise SourceError(source.path, "defines entities, as no WordPress export does", _REMEDY)
    language, taken = "", dict[str, int]()
    shared = _shared_blocks(source.data)
    try:
        for fields, line in _items(source.data):
            language = language or fields.get("channel language", "")
            fields["content:encoded"] = _with_shared(fields.get("content:encoded", ""), shared)
            if _is_article(fields):
                try:
                    yield _read_item(fields, language, source, settings, taken)
                except SourceError as error:
                    yield SourceError(source.path, error.reason, error.remedy, line)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        yield SourceError(source.path, f"broken XML ({error.msg})", "export it anew", line)


def _items(data: bytes) -> Iterator[tuple[Fields, int]]:
    """Yield the fields and the line of each item, and of the channel's language before them."""
    stream = etree.iterparse(
        io.BytesIO(data.translate(None, _CONTROLS)), events=("end",), huge_tree=HUGE,
        tag=("{*}item", "{*}language"), resolve_entities=False, load_dtd=False, no_network=True,
        remove_comments=True,
    )  # fmt: skip
    for _, element in stream:
        line = element.sourceline or 0
        if etree.QName(element).localname == "language":
            yield {"channel language": element.text or "", "wp:status": "none"}, line
            continue
        yield _fields(element), line
        element.clear()
        while element.getprevious() is not None:
            del cast("Element", element.getparent())[0]


def _shared_blocks(data: bytes) -> dict[str, str]:
    """Content of the blocks that posts share, by id."""
    found: dict[str, str] = {}
    if b"<!-- wp:block " in data:
        with suppress(etree.XMLSyntaxError):
            for fields, _ in _items(data):
                if fields.get("wp:post_type") == "wp_block":
                    found[fields.get("wp:post_id", "")] = fields.get("content:encoded", "")
    return found


def _fields(item: Element) -> Fields:
    """Text of an item's children by prefixed name; of a repeated child, the first. The content also
    holds the texts of the site's own fields (ACF)."""
    found, kept = Fields(), dict[str, str]()
    for child in item:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        space = name.namespace or ""
        prefix = next((short for part, short in _SPACES.items() if part in space), "")
        key, value = prefix + name.localname, "".join(child.itertext())
        if key == "wp:postmeta" and len(child) == 2:
            kept[child[0].text or ""] = child[1].text or ""
        if child.get("domain") == "language":  # a category of Polylang's
            key, value = "language", child.get("nicename") or ""
        found.setdefault(key, value)
    found["footnotes"] = kept.get("footnotes", "")
    if language := kept.get("_wpml_import_language_code"):
        found["language"] = language
    content = found.get("content:encoded", "")
    texts = (
        value
        for name, value in kept.items()
        if kept.get(f"_{name}", "").startswith("field_") and _is_text(name, value)
    )
    found["content:encoded"] = "\n\n".join([content, *texts])
    return found


def _is_text(name: str, value: str) -> bool:
    """Whether a field's value is text of the page."""
    is_data = _DATA.match(value) or not any(map(str.isalpha, value))
    return not is_data and (" " in value.strip() or _WORDS_FIELD.search(name) is not None)


def _is_article(fields: Fields) -> bool:
    kind = fields.get("wp:post_type", "post").strip()
    status, password = fields.get("wp:status", "publish"), fields.get("wp:post_password", "")
    if status.strip() != "publish" or password.strip():
        return False
    if kind in _TYPES:
        return True
    text = _TAG.sub("", without_shortcodes(fields.get("content:encoded", "")))
    return not _INTERNAL_TYPES.fullmatch(kind) and any(map(str.isalnum, text))


def _read_item(
    fields: Fields, language: str, source: Source, settings: Settings, taken: dict[str, int]
) -> Article:
    title = html.unescape(_TAG.sub("", _LANGUAGE_MARKS.sub(" ", fields.get("title", ""))))
    content = fields["content:encoded"]
    notes = _footnotes(fields) if "<!-- wp:footnotes" in content else ""
    slug = fields.get("wp:post_name", "").strip()
    name = slugify(slug or title or fields.get("wp:post_id", ""))
    metadata = {
        "author": fields.get("dc:creator", ""),
        "date": fields.get("wp:post_date", "") or fields.get("pubDate", ""),
        "modified": fields.get("wp:post_modified", ""),
        "description": _TAG.sub("", fields.get("excerpt:encoded", "")),
        "type": fields.get("wp:post_type", ""),
    }
    language = fields.get("language", language)
    declared = Declared(title, fields.get("link", ""), language, metadata)
    record = "\0".join((title, content, declared.url, language, *metadata.values())) + notes
    kind = fields.get("wp:post_type", "post").strip()
    if kind not in _TYPES:
        name = f"{slugify(kind)}/{name}"
    own = replace(source, id=f"{source.id}/{name}", data=record.encode("utf-8"))
    page = read_fragment(to_html(content) + notes, source.path, declared, title_given=True)
    article = assemble(own, page, settings)
    return replace(article, id=unique(article.id, taken))


def _with_shared(content: str, shared: Mapping[str, str]) -> str:
    """Content with the shared blocks that it refers to, and those that these refer to."""
    for _ in range(2 if shared else 0):
        content = _SHARED.sub(lambda m: shared.get(m[1], ""), content, count=_MOST_SHARED)
    return content


def _footnotes(fields: Fields) -> str:
    """HTML of a post's footnotes, which WordPress keeps beside its content."""
    try:
        notes = "".join(f"<li>{note['content']}</li>" for note in json.loads(fields["footnotes"]))
    except (KeyError, TypeError, ValueError):
        return ""
    return f'<section class="footnotes"><ol>{notes}</ol></section>'


# --- a post's content to HTML --------------------------------------------------------------------


def to_html(content: str) -> str:
    """Convert a post's content to HTML: blocks unchanged, text between them in paragraphs."""
    text = without_shortcodes(content.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BUTTON.sub(r"\1span", text)  # a title of a fold, or words that are a link
    parts: list[str] = []
    at = depth = 0
    for found in _BLOCK.finditer(text):
        if found["name"] != "freeform":  # a classic block reads as text without blocks
            between = text[at : found.start()]
            parts += [between if depth else with_paragraphs(between), _words_of(found) or found[0]]
            at = found.end()
            depth = max(depth + (-1 if found["close"] else not found["alone"]), 0)
    return "".join(parts) + (text[at:] if depth else with_paragraphs(text[at:]))


def _words_of(block: re.Match[str]) -> str:
    """HTML of the texts in the fields of a plugin's block that has no content; "" if none."""
    try:
        is_whole = block["alone"] and block["fields"] and "/" in block["name"]
        fields = json.loads(block["fields"]) if is_whole else {}
    except (ValueError, RecursionError):
        return ""
    data = fields.get("data")
    is_form = isinstance(data, dict)  # a form of the site's own: its fields may have any name
    texts = (
        value
        for name, value in (data if isinstance(data, dict) else fields).items()
        if isinstance(value, str)
        and not name.startswith("_")
        and (_WORDS_FIELD.search(name) or (is_form and " " in value.strip()))
    )
    return "".join(map(with_paragraphs, texts))


def without_shortcodes(content: str) -> str:
    """Drop shortcodes but keep the text that they enclose; captions become `figcaption`s.

    Words in square brackets count as a shortcode only with attributes, an end tag, a closing
    slash, an underscore in the name, or one of WordPress's own names.
    """
    content = _CAPTION.sub(lambda m: f"<figcaption>{m['inner']}</figcaption>", content)
    content = _LANGUAGE_MARKS.sub("\n\n", _MEDIA.sub("", content))
    content = _RAW_HTML.sub(lambda m: _decoded(m[1]), content)
    closed = {m["name"] for m in _SHORTCODE.finditer(content) if m["close"]}

    def drop(found: re.Match[str]) -> str:
        name, attributes = found["name"], found["attributes"]
        if found["open"]:  # [[code]] is an escaped [code]
            return found[0][1:-1] if found[0].endswith("]]") else found[0]
        bare = not attributes.strip(" /")
        shown = _SHOWN.findall(attributes) if _TITLED.search(name) and name not in _CORE else []
        is_code = (
            name in closed
            or _ATTRIBUTE.search(attributes) is not None
            or (name in _CORE and _ADDRESS.fullmatch(attributes) is not None)
            or (bare and (name in _CORE or "_" in name or attributes.endswith("/")))
        )
        if not is_code:
            return found[0]
        if shown and not found["close"]:
            texts = (_DIVI.sub(lambda m: chr(int(m[1], 16)), one or other) for one, other in shown)
            return "".join(f"<p>{text}</p>" for text in texts)
        return "" if _INLINE_CODES.search(name) else _GAP

    return _GAPS.sub(" ", _SHORTCODE.sub(drop, content)).replace(_GAP, "")


def _decoded(raw: str) -> str:
    """HTML that a page builder keeps in base64, percent-encoded; "" if it is broken."""
    with suppress(ValueError):
        decoded = base64.b64decode("".join(raw.split()), validate=True)
        return unquote(decoded.decode("utf-8", "replace"))
    return ""


def with_paragraphs(content: str) -> str:
    """Turn blank lines into paragraphs and other newlines into breaks, outside HTML blocks. Without
    comments, which would part a sentence."""
    if content.rfind("-->") > content.rfind("<!--"):  # all are closed
        content = _COMMENT.sub(lambda m: "\n\n" * bool(m[1]), content)
    pieces = _PRE.split(content)
    return "".join(one if n % 2 else _paragraphs(one) for n, one in enumerate(pieces))


def _paragraphs(text: str) -> str:
    text = _CLOSING.sub(r"\1\n\n", _OPENING.sub(r"\n\n\1", text))
    return "".join(map(_paragraph, re.split(r"\n[ \t]*\n\s*", text)))


def _paragraph(chunk: str) -> str:
    if not chunk.strip():
        return chunk
    if _AT_START.match(chunk):
        return chunk + "\n"
    body, rest = chunk.strip(), ""
    if _CLOSING.fullmatch(body, last := max(body.rfind("</"), 0)):  # the end tag at the split
        body, rest = body[:last].rstrip(), body[last:]
    return "<p>" + body.replace("\n", "<br>\n") + f"</p>{rest}\n"
