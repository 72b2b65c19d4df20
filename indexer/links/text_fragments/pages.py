"""The text of a web page as a browser would search it.

In: a page's markup. Out: its `PageText`, everything that a reader can see or unfold included:
navigation, comments and notes, not only the article. Refuses what the HTML parser refuses
(`SourceError`); a page without text has no segments.

Scripts don't run here and style sheets outside of the page are not read; what they hide or move is
taken as it stands in the markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from lxml import etree

from indexer.links.text_fragments.page_text import BORDER, PageText, Segment
from indexer.links.text_fragments.styles import Sheet, declarations_of
from indexer.parsing.html.dom import BLOCKS, Element, parse_markup, tag_of

_NO_TEXT = (  # show none, and the text around goes on across them
    "script style noscript template iframe video audio object select datalist title meta "
    "link base meter progress rp noembed noframes annotation annotation-xml img embed"
)
_BOXES = (  # beside the blocks that the parser knows
    "rt rtc button marquee optgroup option textarea svg text foreignobject "
    "math mi mn mo ms mtext mfrac mrow mtable mtr mtd msqrt mroot msub msup msubsup munder mover "
    "munderover mmultiscripts semantics"
)
_ABSENT = frozenset(_NO_TEXT.split())
_CUTS = frozenset(("br", "hr", "canvas", "input"))  # show no text, and part what is around them
_BLOCKS = BLOCKS | frozenset(_BOXES.split())
_TIGHT = frozenset(("rt", "rtc", "canvas"))  # part the text but not its words
_SVG_SILENT = frozenset(("title", "desc", "metadata", "defs", "symbol"))
_PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))
_INLINE = frozenset(("inline", "contents", "ruby"))
_BLOCKIFYING = frozenset(("flex", "inline-flex", "grid", "inline-grid"))
_SPACE = re.compile(r"[ \t\n\r\f]+")
_PRE_SPACE = re.compile(r"[\t\n\r\f]")


@dataclass(slots=True)
class _Box:
    """What an open element means for the text in it."""

    element: Element
    block: bool = False  # begins and ends a segment
    shown: bool = True  # its own text is visible
    closed: bool = False  # … once something has been unfolded
    kept: bool = False  # its white space is kept
    display: str = ""
    svg: bool = False


def read_page_text(markup: str, path: str = "page") -> PageText:
    """The text of a page; `path` names it in errors."""
    root = parse_markup(markup, path)
    return PageText(() if root is None else _Reader(root).read())


class _Reader:
    """Walks a page once."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._sheet = Sheet.of(root)
        self._segments: list[Segment] = []
        self._raw: list[str] = []
        self._element = ""  # the last id that a link can point to
        self._at = ""  # … when the raw text began
        self._tight = False  # whether what follows the last border may go on with a word
        self._stack: list[_Box] = [_Box(root, block=True)]

    def read(self) -> list[Segment]:
        """The segments of the whole page."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        for event, node in walker:
            element = cast("Element", node)
            if event == "end":
                self._leave(element)
            elif element is self._root:
                self._add(element.text)
            elif not self._enter(element):
                walker.skip_subtree()
        self._cut()
        return self._segments

    # --- events ---------------------------------------------------------------------------------

    def _enter(self, element: Element) -> bool:
        """Note that an element begins; False when nothing in it counts."""
        tag, above = tag_of(element), self._stack[-1]
        styles = declarations_of(element, self._sheet)
        if not tag or _is_absent(element, tag, above, styles.get("display", "")):
            return False
        if tag in _CUTS:
            if element.get("type", "").lower() != "hidden":
                self._cut(tight=tag in _TIGHT)
            return False
        box = _box(element, tag, above, styles)
        if box.block or box.closed != above.closed:
            self._cut(tight=tag in _TIGHT)
        target = element.get("id") or (element.get("name") if tag == "a" else "") or ""
        if target and not any(map(str.isspace, target)):
            self._element = target
        self._stack.append(box)
        self._add(element.text)
        return True

    def _leave(self, element: Element) -> None:
        box = self._stack[-1]
        if box.element is element and len(self._stack) > 1:
            if box.block or box.closed != self._stack[-2].closed:
                self._cut(tight=tag_of(element) in _TIGHT)
            self._stack.pop()
        if element is not self._root:
            self._add(element.tail)

    # --- text -----------------------------------------------------------------------------------

    def _add(self, text: str | None) -> None:
        box = self._stack[-1]
        if not text or not box.shown:
            return
        if not self._raw:
            self._at = self._element
        if box.kept:
            self._raw.append(_PRE_SPACE.sub(BORDER, text))
        else:
            self._raw.append(_SPACE.sub(" ", text))

    def _cut(self, *, tight: bool = False) -> None:
        """A border: what was gathered becomes a segment."""
        text = "".join(self._raw)
        self._raw.clear()
        spaced = text[-1:].isspace()
        follows = self._tight and not text[:1].isspace()
        if not self._stack[-1].kept:
            text = re.sub(" {2,}", " ", text).strip(" ")
        closed, element = self._stack[-1].closed, self._at or self._element
        for line in text.split(BORDER):
            if line.strip():
                self._segments.append(Segment(line, closed, element, follows))
            follows = False
        self._tight = tight and not spaced


def _is_absent(element: Element, tag: str, above: _Box, display: str) -> bool:
    """Whether an element is neither shown nor can be unfolded."""
    if above.svg and tag in _SVG_SILENT:
        return True
    if tag in _ABSENT or display == "none":
        return True
    if display:
        return False
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        return True
    return element.get("popover") is not None or (tag == "dialog" and element.get("open") is None)


def _box(element: Element, tag: str, above: _Box, styles: dict[str, str]) -> _Box:
    """What an element means for the text in it."""
    display = styles.get("display", "")
    block = tag in _BLOCKS if not display else display not in _INLINE
    taken_out = styles.get("float", "none") != "none" or styles.get("position", "") in (
        "absolute",
        "fixed",
    )
    block = block or taken_out or above.display in _BLOCKIFYING
    white = styles.get("white-space", "")
    kept = white.startswith(("pre", "break")) if white else above.kept or tag in _PREFORMATTED
    visibility = styles.get("visibility", "")
    shown = visibility not in ("hidden", "collapse") if visibility else above.shown
    return _Box(
        element,
        block=block,
        shown=shown,
        closed=above.closed or tag == "textarea" or _is_folded(element, tag),
        kept=kept and white != "pre-line",
        display=display,
        svg=above.svg or tag == "svg",
    )


def _is_folded(element: Element, tag: str) -> bool:
    """Whether an element must be unfolded to be seen: until found, or a part of closed details."""
    if (element.get("hidden") or "").lower() == "until-found":
        return True
    parent = element.getparent()
    if parent is None or tag_of(parent) != "details" or parent.get("open") is not None:
        return False
    return tag != "summary" or element is not next(parent.iterchildren("summary"), None)
