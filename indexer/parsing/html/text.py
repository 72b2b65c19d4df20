"""The text of an element as a browser lays it out.

In: an element. Out: its text with white space collapsed, a line break where a `br` or a block
begins. Iterative, so that depth costs nothing.
"""

from __future__ import annotations

import re
from itertools import groupby
from textwrap import dedent

from lxml import etree

from indexer.parsing.html.dom import Element, is_block, is_self_link, tag_of

BREAK = "\x0b"  # a line break while text is gathered; markup can't hold this control
_SPACE = re.compile(r"[ \t\n\r\f]+")
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f"))


def collapse(raw: str) -> str:
    """White space collapsed as a browser does, each `BREAK` a newline, trimmed."""
    text = _SPACE.sub(" ", raw)
    if BREAK not in text:
        return text.strip()
    return "\n".join(line for part in text.split(BREAK) if (line := part.strip()))


def paragraphs(raw: str) -> list[str]:
    """The collapsed paragraphs of `raw`: two breaks in a row end one."""
    if BREAK not in raw:
        return [text] if is_visible(text := collapse(raw)) else []
    lines = [line.strip() for line in _SPACE.sub(" ", raw).split(BREAK)]
    grouped = groupby(lines, key=bool)
    return [text for full, run in grouped if full and is_visible(text := "\n".join(run))]


def is_visible(text: str) -> bool:
    """Whether there is something to see."""
    return bool(text) and bool(text.translate(_ZERO_WIDTH).strip())


def flat_text(element: Element) -> str:
    """All text of an element, its blocks and `br`s on lines of their own."""
    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        tag = tag_of(inner)
        block = inner is not element and is_block(inner, tag)
        if block or (tag == "br" and event == "start"):
            parts.append(BREAK)
        if event == "start":
            if tag == "a" and is_self_link(inner, "".join(inner.itertext())):
                walker.skip_subtree()
            elif inner.text:
                parts.append(inner.text)
        elif inner is not element and inner.tail:
            parts.append(inner.tail)
    return collapse("".join(parts))


def verbatim_text(element: Element) -> str:
    """The text of a `pre`: its white space kept, its common indent and outer blank lines not."""
    parts: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            parts.append("\n" if inner.tag == "br" else inner.text or "")
        elif inner is not element:
            parts.append(inner.tail or "")
    lines = "".join(parts).expandtabs(4).replace("\x0c", "")
    return "\n".join(line.rstrip() for line in dedent(lines).split("\n")).strip()
