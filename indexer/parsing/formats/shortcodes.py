"""WordPress text as its editors wrote it, to HTML.

In: the `content:encoded` of a post. Out: HTML without shortcodes, its plain newlines made
paragraphs. Refuses nothing. (Block comments are comments, which the HTML reader drops.)
"""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\[(?P<open>\[?)(?P<close>/?)(?P<name>[A-Za-z][\w-]{0,60})"
    r"(?P<attributes>(?:\s[^\[\]<>]{0,2000})?)\]\]?"
)
_ATTRIBUTE = re.compile(r"""\s[\w-]+=["'“”″&\w]""")
_MEDIA = re.compile(  # what such codes enclose is an address, no text
    r"\[(embed|video|audio|playlist|gallery|googlemaps?|youtube)\b[^\]]{0,2000}\][^\[]{0,2000}\[/\1\]"
)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b[^\[\]]{0,2000}\](?P<inner>[^\[]{0,20000})\[/(?:wp_)?caption\]"
)
_CORE = frozenset(
    ("gallery", "caption", "embed", "audio", "video", "playlist", "more", "toc", "contact-form",
     "contact-form-7", "sitemap", "archives", "nextpage")
)  # fmt: skip
_BLOCKS = (
    "address|article|aside|blockquote|dd|details|dir|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hgroup|hr|legend|li|main|menu|nav|ol|p|pre|section|summary|table|tbody|td|"
    "tfoot|th|thead|tr|ul"
)
_OPENING = re.compile(rf"(<(?:{_BLOCKS})(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_CLOSING = re.compile(rf"(</(?:{_BLOCKS})\s*>)", re.IGNORECASE)
_AT_START = re.compile(rf"\s*</?(?:{_BLOCKS})\b|\s*<!--", re.IGNORECASE)
_ENDS = {"<pre": re.compile(r"</pre\s*>", re.IGNORECASE), "<!--": re.compile("-->")}
_BEGINS = re.compile(r"<pre\b|<!--", re.IGNORECASE)
_BY_BLOCKS = "<!-- wp:"


def to_html(content: str) -> str:
    """A post's content as HTML."""
    text = without_shortcodes(content.replace("\r\n", "\n").replace("\r", "\n"))
    return text if _BY_BLOCKS in content else with_paragraphs(text)


def without_shortcodes(content: str) -> str:
    """Shortcodes gone, what they enclose kept, captions marked as such.

    Words in square brackets are no shortcode: it takes attributes, an end tag, an underscore in
    the name or one of the names that WordPress brings along.
    """
    content = _CAPTION.sub(lambda m: f"<figcaption>{m['inner']}</figcaption>", content)
    content = _MEDIA.sub("", content)
    closed = {m["name"] for m in _CODE.finditer(content) if m["close"]}

    def drop(found: re.Match[str]) -> str:
        name, attributes = found["name"], found["attributes"]
        if found["open"]:  # [[code]] is how one writes [code]
            return found[0][1:-1] if found[0].endswith("]]") else found[0]
        bare = not attributes.strip(" /")
        is_code = (
            name in closed
            or _ATTRIBUTE.search(attributes) is not None
            or (bare and (name in _CORE or "_" in name or attributes.endswith("/")))
        )
        return "" if is_code else found[0]

    return _CODE.sub(drop, content)


def with_paragraphs(content: str) -> str:
    """Blank lines made paragraphs and other newlines breaks, where there are no blocks."""
    parts: list[str] = []
    at = 0
    for begins in _BEGINS.finditer(content):
        if begins.start() < at:
            continue
        ends = _ENDS[begins[0].lower()].search(content, begins.end())
        if ends is None:
            break
        parts += [_paragraphs(content[at : begins.start()]), content[begins.start() : ends.end()]]
        at = ends.end()
    return "".join(parts) + _paragraphs(content[at:])


def _paragraphs(text: str) -> str:
    text = _CLOSING.sub(r"\1\n\n", _OPENING.sub(r"\n\n\1", text))
    return "".join(map(_paragraph, re.split(r"\n[ \t]*\n\s*", text)))


def _paragraph(chunk: str) -> str:
    if not chunk.strip():
        return chunk
    if _AT_START.match(chunk):
        return chunk + "\n"
    body, rest = chunk.strip(), ""
    if _CLOSING.fullmatch(body, last := max(body.rfind("</"), 0)):  # what it was split after
        body, rest = body[:last].rstrip(), body[last:]
    return "<p>" + body.replace("\n", "<br>\n") + f"</p>{rest}\n"
