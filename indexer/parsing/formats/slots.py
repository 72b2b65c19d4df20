"""Keeps the marks of a text in slots while it is parsed, and fills these in the HTML made of it.

In: marks (`SlotMark`). Out: for each a slot, a word that no parser takes for markup, so that links,
tables and lists around it stay whole; then HTML in which each slot is replaced by what a reader
sees of its mark, or by the mark verbatim where the parser found code. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from indexer.parsing.html.dom import unclosed

EDGE = "\U0010fffe"  # a noncharacter: no text holds it
SLOT = re.compile(f"{EDGE}([0-9]+){EDGE}")
Kind = Literal["inline", "block", "code", "html"]
_NAMES = "pre|code|script|style|textarea"  # elements whose text holds no marks
_VERBATIM = re.compile(rf"<({_NAMES})\b|</({_NAMES})\s*>", re.IGNORECASE)
_HTML_TAG = re.compile(r"(<[A-Za-z/!][^>]*>)")


@dataclass(frozen=True, slots=True)
class SlotMark:
    """A mark hidden in a slot."""

    source: str  # the mark verbatim
    shown: str = ""  # what a reader sees of it: Markdown or HTML, or plain text if `is_text`
    kind: Kind = "inline"  # block: on a line of marks only, it is not part of a paragraph
    unknown: bool = False  # an expression whose value is not in the file
    id: str = ""  # id that it gives to its heading
    is_text: bool = False  # whether `shown` is plain text without markup
    name: str = ""  # name of the tag that it opens
    closes: str | None = None  # name of the tag that it closes


class Slots:
    """The marks of one text, by the number of their slot."""

    def __init__(self, render: Callable[[str], str]) -> None:
        """`render` turns what a reader sees of a mark into HTML; there may be slots in it."""
        self.held: list[SlotMark] = []
        self.unknown = 0  # number of expressions shown without a known value
        self.render = render

    def hold(self, held: SlotMark | str) -> str:
        """The slot of a mark; text as it is."""
        if isinstance(held, str):
            return held
        self.held.append(held)
        return f"{EDGE}{len(self.held) - 1}{EDGE}"

    def restore(self, text: str) -> str:
        """Replace the slots of a text that proved to be code by their marks verbatim."""
        return SLOT.sub(lambda slot: self.restore(self.held[int(slot[1])].source), text)

    def parts_of(self, text: str) -> Iterator[str | SlotMark]:
        """Split a text at its slots: text and marks in order. Counts the unknown ones."""
        for number, part in enumerate(SLOT.split(text)):
            if number % 2:
                held = self.held[int(part)]
                self.unknown += held.unknown
                yield held
            elif part:
                yield part

    def fill(self, markup: str) -> str:
        """Fill the slots of HTML: with what a reader sees; with nothing in tags; verbatim in code.

        Words that only a mark without words separates stay apart, and so do the title that an
        opening tag gives, the text up to its closing tag, and the text below.
        """
        if EDGE not in markup:
            return markup
        parts = list(self._parts_of_html(markup))
        breaks, apart = _breaks(parts)
        filled = list[str]()
        last = ""  # the last character shown
        for place, part in enumerate(parts):
            shown = _shown(part)
            begins = shown[:1] or "".join(map(_shown, parts[place + 1 : place + 2]))[:1]
            if last.isalnum() and begins.isalnum() and {place, place - 1} & apart:
                filled.append(" ")
            filled.append(part if isinstance(part, str) else self._html_of(part))
            if place in breaks:
                filled.append("<br>")
            last = "" if place in breaks else shown[-1:] or last
        return "".join(filled)

    def _parts_of_html(self, markup: str) -> Iterator[str | SlotMark]:
        """Split HTML at the slots of its text; those in tags and in code are filled."""
        done = 0
        for begin, end in [*_verbatim(markup), (len(markup), len(markup))]:
            part = markup[done:begin]
            last = part.rfind(">") + 1  # no tag ends after it, so none is searched for
            for number, piece in enumerate(_HTML_TAG.split(part[:last])):
                yield from [SLOT.sub("", piece)] if number % 2 else self.parts_of(piece)
            yield from self.parts_of(part[last:])
            yield SLOT.sub(self._code_of, markup[begin:end])
            done = end

    def _code_of(self, slot: re.Match[str]) -> str:
        mark = self.held[int(slot[1])]
        source = self.restore(mark.source)
        return source if mark.kind == "html" else source.replace("<", "&lt;")

    def _html_of(self, mark: SlotMark) -> str:
        """HTML of what a reader sees of a mark."""
        if mark.kind == "html":
            return mark.shown + unclosed(mark.shown)
        if mark.kind == "code":
            return f"<pre>{escape(self.restore(mark.shown))}</pre>"
        if mark.is_text:
            return escape(mark.shown, quote=False)
        words = filter(None, mark.shown.split("\n\n"))
        return "<br>".join(self.fill(self.render(text)) for text in words)


def _shown(part: SlotMark | str) -> str:
    """What a reader sees: nothing of a tag."""
    text = part if isinstance(part, str) else part.shown
    return "" if text.startswith("<") else text


def _breaks(parts: Sequence[SlotMark | str]) -> tuple[set[int], set[int]]:
    """Positions in `parts` of (1) opening marks with a title and the marks that close them, each
    followed by a line break; (2) marks that enclose nothing: words beside one must stay apart."""
    breaks, apart = set[int](), set[int]()
    closing: dict[str, int] = {}  # name → the next mark that closes it
    for place in reversed(range(len(parts))):
        part = parts[place]
        if isinstance(part, str):
            continue
        if part.closes:
            closing[part.closes] = place
        elif part.name in closing:
            breaks |= {place, closing[part.name]} if part.shown else set()
        elif part.name or part.unknown:
            apart.add(place)
    return breaks, apart


def _verbatim(markup: str) -> Iterator[tuple[int, int]]:
    """Start and end of each closed element whose text holds no marks, in order."""
    tags = [(t, (t[1] or "").lower(), (t[2] or "").lower()) for t in _VERBATIM.finditer(markup)]
    last = {closed: tag.start() for tag, _, closed in tags if closed}
    begin, name = -1, ""
    for tag, opened, closed in tags:
        if not name and tag.start() < last.get(opened, -1):
            begin, name = tag.start(), opened
        elif name and closed == name:
            yield begin, tag.end()
            name = ""
