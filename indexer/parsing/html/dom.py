"""Markup to a tree, and what single elements show: tag, level, classes, text as it is laid out.

In: decoded HTML. Out: an lxml tree and functions over its elements. Text comes with its white space
collapsed and a line break where a `br` or a block begins. Refuses (`SourceError`) markup nested
deeper than people or programs nest what they mean to be read.

Why lxml: libxml2 stops at a bounded depth and says so, where selectolax (lexbor) took 12 seconds
for a hundred thousand open tags and did not end for a million; removal by tag and string lengths
run in C; and the .docx and WordPress readers need an XML parser anyway.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from textwrap import dedent
from typing import TypeAlias, cast

from lxml import etree

from indexer.errors import SourceError

Element: TypeAlias = etree._Element

# Whether large files may be read: from libxml2 2.14 that still bounds the depth, to 2,048; before,
# it bounded nothing, and time grew with the square of the depth.
HUGE = etree.LIBXML_VERSION >= (2, 14)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main "
    "menu nav ol p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)
CONTENTS = "pilcrow-contents"  # tag of a line of a table of contents that another format tells
CODE = "pilcrow-code"  # tag of a `pre` that is code, and not just set in lines
BLOCKS = frozenset((*_BLOCKS.split(), CONTENTS, CODE))
# Elements that swallow everything up to their end tag, which a fragment may have left out.
_RAW = re.compile(
    r"<(/?)(script|style|title|textarea|iframe|noembed|noframes|noscript|plaintext|xmp|template|"
    r"select|svg|math|object|head)\b",
    re.IGNORECASE,
)
_LENGTH = etree.XPath("string-length(normalize-space(.))")
_ANGLES = re.compile("[<>]")
_LONG_TAGS = re.compile("<[a-zA-Z][^<>]{20000,}")
_PIECE = 10_000  # characters: a long tag holds a whole piece of that length
_MOST_ATTRIBUTES = 5_000  # of one element: libxml2's time grows with their square
# What follows the end of a page is still shown by browsers, but libxml2 begins a new tree for it.
_ENDS = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
# libxml2 takes `wbr` for an element that holds what follows, each one deeper than the last.
_LITERAL = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)  # Confluence's texts of links, and code
_BREAK_CHANCES = re.compile(r"</?wbr\s*/?>", re.IGNORECASE)
# XML allows no controls but tab and line ends; half a surrogate pair can't be encoded
_CONTROL_BYTES = bytes((*range(9), 0x0B, *range(0x0E, 0x20), 0x7F))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
BREAK = "\x0b"  # a line break while text is gathered; markup can't hold this control
_VISIBLE = re.compile("[^\\s\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f]")


def unclosed(markup: str) -> str:
    """The end tags that are missing of elements that would swallow everything up to them."""
    names: list[str] = []
    for found in _RAW.finditer(markup):
        if not found[1]:
            names.append(found[2])
        elif names:
            names.pop()
    return "".join(f"</{name}>" for name in reversed(names))


def parse_markup(markup: str, path: str) -> Element | None:
    """The root of the tree without comments; None when the markup holds nothing."""
    if "wbr" in markup:
        markup = _BREAK_CHANCES.sub("", markup)
    if "<ac:" in markup:
        markup = _LITERAL.sub(lambda literal: escape(literal[1]), markup)
    data = _ENDS.sub(b"", _without_controls(markup))
    if not data.strip():
        return None
    pieces = range(0, len(markup), _PIECE)
    if not all(_ANGLES.search(markup, at, at + _PIECE) for at in pieces) and any(
        tag[0].count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAGS.finditer(markup)
    ):
        raise SourceError(path, "has a tag of too many attributes", "remove them")
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=HUGE, no_network=True
    )
    try:
        root = cast("Element | None", etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        if "empty" in str(error):
            return None
        raise SourceError(path, f"can't be read as HTML ({error.msg})") from error
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise SourceError(path, "nests its elements too deep", "flatten its markup")
    return root


def _without_controls(markup: str) -> bytes:
    """The markup in UTF-8 without what XML does not allow, of which most has none."""
    try:
        data = markup.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair
        return _CONTROLS.sub("", markup).encode("utf-8")
    clean = len(data.translate(None, _CONTROL_BYTES)) == len(data) and b"\xef\xbf" not in data
    return data if clean else _CONTROLS.sub("", markup).encode("utf-8")


def select(query: etree.XPath, root: Element) -> list[Element]:
    """The elements that a query finds, in order of the page."""
    return cast("list[Element]", query(root))


def flatten_inline(root: Element) -> None:
    """Put the text of inline elements that say nothing else into what is around them.

    Links stay, and so does what a link can point to, or a browser shows as a block. Pages of code
    have ten such elements for each other one.
    """
    for code in list(root.iter("pre")):
        if next(code.iterchildren("code"), None) is not None or "literal-block" in classes(code):
            code.tag = CODE
    telling = [
        e
        for e in root.iter(*_MERE_INLINE)
        if not _TELLING.isdisjoint(e.keys()) and any(map(e.get, _TELLING))
    ]
    for element in telling:
        if not element.tag.startswith(_KEPT):
            element.tag = f"{_KEPT}{element.tag}"
    etree.strip_tags(root, *_MERE_INLINE)
    for element in telling:
        element.tag = element.tag.removeprefix(_KEPT)


_MERE_INLINE = (
    "span", "em", "i", "code", "tt", "cite", "var", "kbd", "samp", "u", "font", "big", "abbr", "dfn"
)  # fmt: skip
_TELLING = frozenset(("id", "itemprop", "lang", "name", "role", "style"))
_KEPT = "pilcrow-"


def text_length(element: Element) -> int:
    """Characters of its text, white space collapsed."""
    return int(cast("float", _LENGTH(element)))


def tag_of(element: Element) -> str:
    """Its tag, which libxml2 gives in lower case; "" for what is no element."""
    tag = element.tag
    return tag if isinstance(tag, str) else ""


def classes(element: Element) -> set[str]:
    """Its classes in lower case."""
    return set((element.get("class") or "").lower().split())


def heading_level(element: Element, tag: str) -> int:
    """1 to 6 for a heading, by tag or by role; else 0."""
    if level := HEADINGS.get(tag):
        return level
    if element.get("role") == "heading":
        level_text = element.get("aria-level") or "2"
        return min(int(level_text), 6) or 2 if level_text.isdecimal() else 2
    return 0


def is_block(element: Element, tag: str) -> bool:
    """Whether a browser starts a new line for it."""
    if tag in BLOCKS:
        return True
    style = element.get("style")
    return bool(style and _AS_BLOCK.search(style))


_AS_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)\b", re.IGNORECASE)


def is_self_link(element: Element) -> bool:
    """Whether a link is a sign beside a heading or note (¶, #, ↩) and no text of the page.

    Its class, or a character of an icon's font, tells so too.
    """
    href = element.get("href", "")
    if "#" not in href:
        return False
    shown = text_of(element).strip()
    if len(shown) > _LONGEST_SIGN:
        return False
    if href.startswith("#") and (shown in _SIGNS or _ICONS.fullmatch(shown)):
        return True
    return not _SELF_LINKS.isdisjoint(element.get("class", "").lower().split())


_LONGEST_SIGN = 20  # characters
_SELF_LINKS = frozenset(  # classes that generators of sites give such links
    ("headerlink", "header-anchor", "heading-anchor", "anchorjs-link", "hash-link", "anchor-link",
     "permalink", "heading-link", "headeranchor-link", "toc-anchor", "direct-link")
)  # fmt: skip
_SIGNS = frozenset(
    ("¶", "§", "#", "🔗", "⚓", "↩", "↩\ufe0e", "↑", "^", "⏎", "∞", "\u200b", "Link", "Permalink",
     "Anchor", "Direct link", "Back to top", "[link]", "[edit]", "edit")
)  # fmt: skip
_ICONS = re.compile("[\ue000-\uf8ff]+")


# --- text ----------------------------------------------------------------------------------------


def collapse(raw: str) -> str:
    """White space collapsed as a browser does, each `BREAK` a newline, trimmed."""
    return "\n".join(filter(None, map(_collapse_line, raw.split(BREAK))))


def _collapse_line(raw: str) -> str:
    """The same of what holds no `BREAK`."""
    return b" ".join(raw.encode().split()).decode().strip()  # bytes know no spaces beyond ASCII


def paragraphs(raw: str) -> list[str]:
    """The collapsed paragraphs of `raw`: two breaks in a row end one."""
    lines = list(map(_collapse_line, raw.split(BREAK)))
    if len(lines) > 1:
        lines = ["\n".join(run) for full, run in groupby(lines, key=bool) if full]
    return list(filter(is_visible, lines))


def is_visible(text: str) -> bool:
    """Whether there is something to see."""
    return _VISIBLE.search(text) is not None


def text_of(element: Element) -> str:
    """All text of an element as it stands in the markup."""
    return "".join(element.itertext()) if len(element) else element.text or ""


def flat_text(element: Element) -> str:
    """All text of an element, its blocks and `br`s on lines of their own."""
    if not len(element):
        return collapse(element.text or "")
    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        tag = tag_of(inner)
        block = inner is not element and is_block(inner, tag)
        if block or (tag == "br" and event == "start"):
            parts.append(BREAK)
        if event == "start":
            if tag == "a" and is_self_link(inner):
                walker.skip_subtree()
            elif inner.text:
                parts.append(inner.text)
        elif inner is not element and inner.tail:
            parts.append(inner.tail)
    return collapse("".join(parts))


def verbatim_text(element: Element) -> str:
    """The text of a `pre`: its white space kept, its common indent and outer blank lines not."""
    parts = [""]
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        is_own = inner is not element
        if is_own and is_block(inner, tag_of(inner)) and not parts[-1].endswith("\n"):
            parts.append("\n")
        text = inner.tail if event == "end" else "\n" if inner.tag == "br" else inner.text
        if text and (is_own or event == "start"):
            parts.append(text)
    lines = "".join(parts).expandtabs(4).replace("\x0c", "")
    return "\n".join(line.rstrip() for line in dedent(lines).split("\n")).strip()
