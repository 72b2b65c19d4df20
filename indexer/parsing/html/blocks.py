"""Drafts of blocks from a tree: the walk through a page, its text, numbers of list items.

In: a pruned tree and the element that holds the article. Out: the article's `Draft`s in order.
Refuses nothing. One pass, no recursion.

How elements become blocks:
- a heading anywhere (in links, `details`, list items, wrappers) becomes a heading, without `¶` and
  "[edit]"; inside a block quote it is part of the quote;
- an `li`, `dt` or `dd` becomes one list item, with its paragraphs as lines; its level is the depth
  of lists (a `dd` one deeper than its `dt`), and nested lists share the group of the outermost;
  an item that holds headings is only a wrapper, not a list item; items of an `ol` are numbered;
- outside of the article `nav`, `header` and `footer` are dropped and the rest is boilerplate, so
  that an editor can see what was left out; inside the article `ContentFilter` decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from indexer.model import Kind
from indexer.parsing.article import Draft, language_code, squeeze
from indexer.parsing.html.dom import (
    BLOCKS,
    BREAK,
    CODE,
    CONTENTS,
    HEADINGS,
    Element,
    classes,
    flat_text,
    heading_level,
    is_block,
    is_self_link,
    is_visible,
    paragraphs,
    text_length,
    verbatim_text,
)
from indexer.parsing.html.main_content import ROLED, ContentFilter, Role
from indexer.parsing.html.tables import is_layout, read_rows

_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CONTEXTS: dict[str, Kind] = {
    "blockquote": "quote",
    "figcaption": "caption",
    "caption": "caption",
    CONTENTS: "boilerplate",
}
_VERBATIM = frozenset(("pre", CODE, "listing", "xmp", "plaintext"))
_OWN = frozenset(("br", "hr", "a", "table", *HEADINGS, *_LISTS, *_ITEMS, *_CONTEXTS, *_VERBATIM))
_LONGEST_HEADING = 400  # characters; a longer heading lacks its end tag
_EDIT = re.compile(  # edit links beside a heading
    r"\[\s*(?:edit|edit source|modifier|bearbeiten|editar|modifica)"
    r"(?:\s*\|\s*[\w ]{1,40})?\s*\]|¶",
    re.IGNORECASE,
)
_ENDS = "¶ \u200b"  # removed from the end of a heading
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,6})(?![0-9])")  # text after it is ignored, as in browsers


class BlockReader:
    """Walks the tree of a page once; `main` holds the article, `title` is the page's heading.

    Without `cleaning` everything is content.
    """

    def __init__(
        self, root: Element, main: Element, title: Element | None, *, cleaning: bool
    ) -> None:
        self._root = root
        self._main = main
        self._title = title
        self._filter = ContentFilter(main, title) if cleaning else None
        self._text = TextCollector(cleaning=cleaning)
        self._open = [OpenElement(root, "paragraph" if main is root else "boilerplate")]
        self._depth = 0  # of lists
        self._group = 0  # number of the outermost open list
        self._groups = 0  # group numbers given so far
        self._items = 0  # list items seen so far
        self._numbers = item_numbers(root)
        self._notes: Element | None = None  # open section of the article's notes
        self._wrappers = _around_headings(root)
        self._spoken: list[tuple[Element, str]] = []  # open elements with their languages
        self._styled: set[Element] = set()  # elements that their style makes blocks

    def read(self) -> list[Draft]:
        """The drafts of the whole tree, in order."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        skipped: Element | None = None
        add = self._text.add
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if self._enter(element, tag):
                    if text := element.text:
                        add(text)
                else:
                    skipped = element
                    walker.skip_subtree()
                continue
            if element is skipped:
                skipped = None
            else:
                self._leave(element, tag)
            if self._spoken and self._spoken[-1][0] is element:
                self._spoken.pop()
                self._text.language = self._spoken[-1][1] if self._spoken else ""
            if (tail := element.tail) and element is not self._root:
                add(tail)
        self._flush()
        return self._text.drafts

    def _flush(self) -> None:
        if self._text.raw:
            self._text.flush(self._open[-1])

    # --- events --------------------------------------------------------------------------------

    def _enter(self, element: Element, tag: str) -> bool:
        """Handle the start of an element; False if it was read whole or is dropped."""
        names = element.keys()  # asking for an absent attribute takes longer
        if "-" in tag:
            self._text.part(next(element.itertext(), ""))
        if "style" in names and is_block(element, tag):
            self._styled.add(element)
        if tag in BLOCKS or element in self._styled or element is self._main:
            self._flush()
            if "lang" in names or "xml:lang" in names:
                self._enter_language(element, tag)
        if element is self._main:
            self._open.append(OpenElement(element, "paragraph"))
            self._text.target = ""
        is_plain = tag not in ROLED and "role" not in names
        role = Role.CONTENT if is_plain else self._role(element, tag)
        if role is Role.DROPPED:
            return False
        if "id" in names or (tag == "a" and "name" in names):
            self._text.note_target(element, tag)
        if role is Role.BOILERPLATE and self._open[-1].kind != "boilerplate":
            self._open.append(OpenElement(element, "boilerplate"))
        if tag == "section" and self._notes is None and _holds_notes(element):
            self._notes = element
            self._text.unsectioned = True
        is_own = tag in _OWN or ("role" in names and element.get("role") == "heading")
        return not is_own or self._enter_kind(element, tag)

    def _enter_language(self, element: Element, tag: str) -> None:
        """Keep the language that a block declares; the page's language is that of its article."""
        stated = element.get("lang") or element.get("xml:lang")
        if stated and tag not in ("html", "body") and (code := language_code(stated)):
            self._spoken.append((element, code))
            self._text.language = code

    def _enter_kind(self, element: Element, tag: str) -> bool:
        """Handle the start of an element with its own rule; False if it was read whole."""
        if tag == "a":
            if is_self_link(element):
                return False
            self._text.links += 1
        elif tag == "br":
            self._text.add(BREAK)
        elif tag == "hr":
            self._flush()
        elif level := heading_level(element, tag):
            return self._enter_heading(element, level)
        elif tag in _ITEMS:
            self._enter_item(element, tag)
        elif tag in _LISTS:
            self._enter_list()
        elif tag in _VERBATIM:
            text, target = verbatim_text(element), _target_of(element, tag)
            self._text.append(Draft(self._kind("code"), text, 0, target, is_code=tag == CODE))
            return False
        elif tag == "table":
            return self._enter_table(element)
        elif kind := _CONTEXTS.get(tag):
            self._push(OpenElement(element, kind))
        return True

    def _leave(self, element: Element, tag: str) -> None:
        """Handle the end of an element."""
        if tag in BLOCKS or element in self._styled:
            self._flush()
        if "-" in tag:
            self._text.part(element.tail or "")
        if tag == "a":
            self._text.links -= 1
        elif tag in _LISTS:
            self._depth -= 1
        if element is self._notes:
            self._notes = None
            self._text.unsectioned = False
        while self._open[-1].element is element and len(self._open) > 1:
            context = self._open.pop()
            if context.lists is not None:
                self._depth, self._group = context.lists

    def _role(self, element: Element, tag: str) -> Role:
        if self._filter is None or element is self._main:
            return Role.CONTENT
        if self._open[-1].kind == "boilerplate":
            return self._filter.without(element, tag)
        return self._filter.within(element, tag)

    # --- kinds of element ----------------------------------------------------------------------

    def _push(self, context: OpenElement) -> None:
        """Open a context, except within boilerplate, where all text stays boilerplate."""
        if self._open[-1].kind != "boilerplate":
            self._open.append(context)

    def _kind(self, kind: Kind) -> Kind:
        return "boilerplate" if self._open[-1].kind == "boilerplate" else kind

    def _enter_heading(self, element: Element, level: int) -> bool:
        """Read a heading whole; True if it is to be read as plain text instead."""
        if text_length(element) > _LONGEST_HEADING or self._open[-1].kind == "quote":
            return True
        text = squeeze(flat_text(element))
        text = clean_label(text) if self._filter else text.rstrip(_ENDS)
        if not element.get("id"):
            self._text.target = inner_target(element) or self._text.target
        kind: Kind = "title" if element is self._title else self._kind("heading")
        self._text.append_element(element, kind, text, level if kind == "heading" else 0)
        return False

    def _enter_list(self) -> None:
        if not self._depth:
            self._groups += 1
            self._group = self._groups
        self._depth += 1

    def _enter_item(self, element: Element, tag: str) -> None:
        if self._open[-1].kind == "boilerplate":
            return
        if element in self._wrappers:
            self._push(OpenElement(element, "paragraph", lists=(self._depth, self._group)))
            self._depth = 0
            return
        if not self._depth:  # a list item outside of a list
            self._enter_list()
            self._depth = 0
        self._items += 1
        level = max(self._depth, 1) + (tag == "dd")
        number = self._numbers.get(element)
        self._push(
            OpenElement(element, "list_item", level, self._group, self._items, number=number)
        )

    def _enter_table(self, table: Element) -> bool:
        if self._open[-1].kind == "boilerplate" or is_layout(table):
            return True
        for caption in table.iterchildren("caption"):
            self._text.append_element(caption, "caption", flat_text(caption))
        self._groups += 1
        for draft in read_rows(table, self._groups):
            self._text.append(draft)
        for inner in table.iterdescendants():
            self._text.note_target(inner, inner.tag)
        return False


def _around_headings(root: Element) -> set[Element]:
    """All elements that hold headings."""
    return {around for heading in root.iter(*HEADINGS) for around in heading.iterancestors()}


def _holds_notes(section: Element) -> bool:
    """Whether a section holds notes of the whole article, not of its last section."""
    return "footnotes" in classes(section) or section.get("role") == "doc-endnotes"


# --- text between block boundaries ---------------------------------------------------------------


@dataclass(slots=True)
class OpenElement:
    """An open element, and the block that text directly inside of it becomes."""

    element: Element
    kind: Kind
    level: int = 0
    group: int = 0
    item: int = 0  # number of the list item in the page, to join its paragraphs; 0: none
    lists: tuple[int, int] | None = None  # list depth and group to restore at its end
    number: int | None = None  # of the list item in its numbered list


class TextCollector:
    """Collects text, and makes a draft of it at each block boundary."""

    def __init__(self, *, cleaning: bool) -> None:
        self._cleaning = cleaning
        self.drafts: list[Draft] = []
        self.raw: list[str] = []  # the text since the last boundary
        self.links = 0  # number of open links
        self.unsectioned = False  # whether the text that follows belongs to no section
        self.target = ""  # the last id or name seen that a link can point to
        self.language = ""  # declared for the text that follows
        self._started = False  # whether the raw text shows anything yet
        self._linked = 0  # characters of the raw text that are in links
        self._start_target = ""  # the target when the raw text began
        self._last_item = 0  # item number of the last draft

    def add(self, text: str) -> None:
        """Add a run of text."""
        if not self._started and not text.isspace():
            self._start_target = self.target
            self._started = True
        self.raw.append(text)
        if self.links:
            self._linked += len(text.strip())

    def part(self, following: str) -> None:
        """Separate words where an element of a component begins or ends: its style sheet does."""
        if self.raw and self.raw[-1][-1:].isalnum() and following[:1].isalnum():
            self.raw.append(" ")

    def note_target(self, element: Element, tag: str) -> None:
        """Keep the id or name of an element that begins, if a link can point to it."""
        self.target = _target_of(element, tag) or self.target

    def flush(self, context: OpenElement) -> None:
        """Turn the collected text into a draft, or several where breaks separate paragraphs.

        Paragraphs of one list item become lines of one draft.
        """
        linked, self._linked = self._linked, 0
        if not self._started:
            self.raw.clear()
            return
        parts = paragraphs("".join(self.raw))
        self.raw.clear()
        self._started = False
        for part in ["\n".join(parts)] if parts and context.item else parts:
            beside = self.drafts and self.drafts[-1].kind in ("heading", "title")
            if self._cleaning and beside and (part.lower() == "edit" or _EDIT.fullmatch(part)):
                continue  # an edit link of the heading before it
            if context.item and self._last_item == context.item:
                self.drafts[-1].text += "\n" + part
                continue
            draft = Draft(context.kind, part, context.level, self._start_target, context.group)
            draft.linked, draft.unsectioned, draft.number = linked, self.unsectioned, context.number
            draft.language = self.language
            self.drafts.append(draft)
            self._last_item = context.item

    def append(self, draft: Draft) -> None:
        """Append the draft of an element that was read whole, if it has visible text."""
        self._last_item = 0
        if draft.element:
            self.target = draft.element
        draft.element, draft.language = self.target, self.language
        if is_visible(draft.text):
            self.drafts.append(draft)

    def append_element(self, element: Element, kind: Kind, text: str, level: int = 0) -> None:
        """Append a draft of an element that was read whole, with its text."""
        self.append(Draft(kind, text, level, _target_of(element, element.tag)))


def clean_label(text: str) -> str:
    """A heading's text without edit links and link signs at its end."""
    found = list(_EDIT.finditer(text[-80:]))
    if found and text.endswith(found[-1][0]):
        text = text[: -len(found[-1][0])]
    return text.rstrip(_ENDS)


def inner_target(element: Element) -> str:
    """The first id or name within an element."""
    inner = (e.get("id") or e.get("name") or "" for e in element.iterdescendants())
    return next(filter(_is_target, inner), "")


def _target_of(element: Element, tag: str) -> str:
    """The element's id or name, if a link can point to it and it is a place of its own; else "".

    Ids of inline elements with text inside a paragraph (reference marks, coordinates) are no
    better a target than the block above them.
    """
    found = element.get("id") or (element.get("name") if tag == "a" else None) or ""
    if not _is_target(found):
        return ""
    return found if tag == "a" or is_block(element, tag) or not text_length(element) else ""


def _is_target(name: str) -> bool:
    return bool(name) and not any(map(str.isspace, name))


# --- numbers of list items -----------------------------------------------------------------------


def item_numbers(root: Element) -> dict[Element, int]:
    """Number of each item of each `ol`, counted as in browsers."""
    numbers: dict[Element, int] = {}
    for above in root.iter("ol"):
        items = list(above.iterchildren("li"))
        step = -1 if above.get("reversed") is not None else 1
        start = _whole(above.get("start"))
        number = start if start is not None else 1 if step > 0 else len(items)
        for item in items:
            own = _whole(item.get("value")) if item.keys() else None
            numbers[item] = number if own is None else own
            number = numbers[item] + step
    return numbers


def _whole(value: str | None) -> int | None:
    found = _WHOLE.match(value or "")
    return int(found[1]) if found else None
