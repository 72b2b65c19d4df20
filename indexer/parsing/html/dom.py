"""HTML parsed to a tree, and properties of its elements: tag, level, classes, laid-out text.

In: decoded HTML. Out: an lxml tree and functions over its elements. White space in text is
collapsed, with a line break where a `br` or a block begins. Raises `SourceError` for markup that
is nested too deep or has too many attributes in one tag.

Why lxml: libxml2 limits the depth and reports it, where selectolax (lexbor) took 12 seconds for a
hundred thousand open tags and did not finish for a million; removal by tag and string lengths run
in C; and the .docx and WordPress readers need an XML parser anyway.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from textwrap import dedent
from typing import TypeAlias

from lxml import etree

from indexer.errors import SourceError

Element: TypeAlias = etree._Element

# Whether libxml2 may read large files: from 2.14 on it still limits the depth then, to 2,048;
# older versions have no limit, and their time grows with the square of the depth.
HUGE = etree.LIBXML_VERSION >= (2, 14)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main "
    "menu nav ol p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)
CONTENTS = "pilcrow-contents"  # tag for a line of a table of contents, set by other readers
CODE = "pilcrow-code"  # tag for a `pre` that holds code, not just text in lines
BLOCKS = frozenset((*_BLOCKS.split(), CONTENTS, CODE))
# Elements that swallow all markup up to their end tag, which a fragment may lack.
_RAW = re.compile(
    r"(?i)<(/?)(script|style|title|textarea|iframe|noembed|noframes|noscript|plaintext|xmp|template|"
    r"select|svg|math|object|head)\b"
)
_LENGTH = etree.XPath("string-length(normalize-space(.))")
_ANGLES = re.compile("[<>]")
_LONG_TAGS = re.compile("<[a-zA-Z][^<>]{20000,}")
_PIECE = 10_000  # characters; a tag of `_LONG_TAGS` covers at least one whole piece
_MOST_ATTRIBUTES = 5_000  # of one element; libxml2's time grows with their square
# Browsers still show text after the end tag of a page, but libxml2 starts a new tree for it.
_ENDS = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_LITERAL = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)  # link texts and code in Confluence
# libxml2 puts all that follows a `wbr` inside of it, each `wbr` deeper than the one before.
_UNBROKEN = re.compile(r'<span class="pre">([^<]*)</span>')  # words of code, in Sphinx
_COLOURED = re.compile(r'<span class="[a-z]{1,2}\d?">([^<]*)</span>')
_BREAK_CHANCES = re.compile(r"</?wbr\s*/?>", re.IGNORECASE)
# XML allows no control characters except tab and line ends.
_CONTROLS = bytes((*range(9), 0x0B, *range(0x0E, 0x20), 0x7F))
BREAK = "\x0b"  # a line break while text is collected; a parsed tree never holds this character
_VISIBLE = re.compile("[^\\s\ue000-\uf8ff\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f]")


def unclosed(markup: str) -> str:
    """Missing end tags of elements that swallow all markup up to them, innermost first."""
    names: list[str] = []
    for found in _RAW.finditer(markup):
        if not found[1]:
            names.append(found[2])
        elif names:
            names.pop()
    return "".join(f"</{name}>" for name in reversed(names))


def parse_markup(markup: str, path: str) -> Element | None:
    """Root of the parsed tree, without comments; None for empty markup."""
    if "wbr" in markup:
        markup = _BREAK_CHANCES.sub("", markup)
    if "<ac:" in markup or markup.startswith("<?xml"):
        markup = _LITERAL.sub(lambda literal: escape(literal[1]), markup)
    data = _without_colours(markup).encode("utf-8", "ignore").translate(None, _CONTROLS)
    data = _ENDS.sub(b"", data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b""))
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
        root: Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "empty" in str(error):
            return None
        raise SourceError(path, f"can't be read as HTML ({error.msg})") from error
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise SourceError(path, "nests its elements too deep", "flatten its markup")
    return root


def _without_colours(markup: str) -> str:
    """Markup without the spans that colour code, which are a quarter of a manual's elements."""
    first, *blocks = _UNBROKEN.sub(r"\1", markup).split("<pre")
    for block in blocks:
        code, end, rest = block.partition("</pre")
        first += "<pre" + _COLOURED.sub(r"\1", code) + end + rest
    return first


def flatten_inline(root: Element) -> None:
    """Replace inline elements that carry nothing but text by their text.

    Links stay, and so do elements that a link can point to or that a browser shows as a block.
    Pages of code have ten plain inline elements for each other element.
    """
    for code in list(root.iter("pre")):
        if next(code.iterchildren("code"), None) is not None or "literal-block" in classes(code):
            code.tag = CODE
    kept = [
        e
        for e in root.iter(*_PLAIN_INLINE)
        if not _KEPT_ATTRIBUTES.isdisjoint(e.keys()) and any(map(e.get, _KEPT_ATTRIBUTES))
    ]
    for element in kept:
        element.tag = f"{_KEPT_PREFIX}{element.tag}"
    etree.strip_tags(root, *_PLAIN_INLINE)
    for element in kept:
        element.tag = element.tag.removeprefix(_KEPT_PREFIX)


_PLAIN_INLINE = (
    "span", "em", "i", "code", "tt", "cite", "var", "kbd", "samp", "u", "font", "big", "abbr", "dfn"
)  # fmt: skip
_KEPT_ATTRIBUTES = frozenset(("id", "itemprop", "lang", "name", "role", "style"))
_KEPT_PREFIX = "pilcrow-"


def text_length(element: Element) -> int:
    """Length of the element's text in characters, white space collapsed."""
    return int(_LENGTH(element))


def classes(element: Element) -> set[str]:
    """The element's classes, in lower case."""
    return set((element.get("class") or "").lower().split())


def heading_level(element: Element, tag: str) -> int:
    """Level 1 to 6 of a heading, by tag or by role; 0 for other elements."""
    if level := HEADINGS.get(tag):
        return level
    if element.get("role") == "heading":
        level_text = element.get("aria-level") or "2"
        return min(int(level_text), 6) or 2 if level_text.isdecimal() else 2
    return 0


def is_block(element: Element, tag: str) -> bool:
    """Whether a browser starts a new line for the element."""
    if tag in BLOCKS:
        return True
    style = element.get("style")
    return bool(style and _AS_BLOCK.search(style))


_AS_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)\b", re.IGNORECASE)


def is_self_link(element: Element) -> bool:
    """Whether a link is only a sign beside a heading or note (¶, #, ↩), not text of the page.

    Decided by its text (also one of an icon font) or by its class.
    """
    href = element.get("href", "")
    if "#" not in href:
        return False
    shown = text_of(element).strip()
    if len(shown) > _LONGEST_SIGN:
        return False
    is_sign = href.startswith("#") and (shown in _SIGNS or _ICONS.fullmatch(shown))
    if not is_sign and _SELF_LINKS.isdisjoint(element.get("class", "").lower().split()):
        return False
    heading = next(element.iterancestors(*HEADINGS), None)
    if heading is None or not any(map(str.isalnum, shown)):
        return True
    left = len("".join(shown.split()))
    for text in heading.itertext():
        left -= len("".join(text.split()))
        if left < 0:
            return True
    return False  # the heading itself is the link


_LONGEST_SIGN = 20  # characters
_SELF_LINKS = frozenset(  # classes that site generators give to links beside headings
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
    """`raw` with white space collapsed as in browsers, `BREAK` as newline; no empty lines."""
    return "\n".join(filter(None, map(_collapse_line, raw.split(BREAK))))


def _collapse_line(raw: str) -> str:
    """`raw`, which holds no `BREAK`, with white space collapsed and trimmed."""
    return b" ".join(raw.encode().split()).decode().strip()  # bytes split at ASCII spaces only


def paragraphs(raw: str) -> list[str]:
    """The collapsed paragraphs of `raw`: two breaks in a row end one."""
    lines = list(map(_collapse_line, raw.split(BREAK))) if BREAK in raw else [_collapse_line(raw)]
    if len(lines) > 1:
        lines = ["\n".join(run) for full, run in groupby(lines, key=bool) if full]
    return list(filter(is_visible, lines))


def is_visible(text: str) -> bool:
    """Whether the text has a visible character."""
    return _VISIBLE.search(text) is not None


def text_of(element: Element) -> str:
    """All text of an element, unchanged."""
    return "".join(element.itertext()) if len(element) else element.text or ""


def flat_text(element: Element) -> str:
    """All text of an element without self-links; blocks and `br`s start new lines."""
    if not len(element):
        return collapse(element.text or "")
    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        tag = inner.tag
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
    """The text of a `pre` with its white space, without common indent and outer blank lines."""
    parts = [""]
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        is_own = inner is not element
        if is_own and is_block(inner, inner.tag) and not parts[-1].endswith("\n"):
            parts.append("\n")
        text = inner.tail if event == "end" else "\n" if inner.tag == "br" else inner.text
        if text and (is_own or event == "start"):
            parts.append(text)
    lines = "".join(parts).expandtabs(4).replace("\x0c", "")
    return "\n".join(line.rstrip() for line in dedent(lines).split("\n")).strip()
