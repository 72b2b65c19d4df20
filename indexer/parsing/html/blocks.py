"""A tree to drafts of blocks: the walk through a page, the text it collects, numbers of items.

In: a pruned tree and the element that holds the article. Out: the article's `Draft`s in order.
Refuses nothing. One pass, no recursion.

What becomes of what:
- a heading anywhere (in links, `details`, list items, wrappers) is a heading, its label clean of
  `¶` and "[edit]"; inside a block quote it is part of the quote;
- text of an `li`, `dt` or `dd` is a list item, its paragraphs lines of one block; level is the
  depth of lists (a `dd` one deeper than its `dt`), and lists within a list share its group;
  an item that holds headings is a wrapper and leaves no trace; items of an `ol` are numbered;
- outside of the article `nav`, `header` and `footer` are dropped, the rest is kept as boilerplate
  so that an editor can see what was left out; within it, what `ContentFilter` points out.
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
    tag_of,
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
_LONGEST_HEADING = 400  # characters; more is a heading that somebody forgot to close
_EDIT = re.compile(  # what stands beside a heading for those who may edit
    r"\[\s*(?:edit|edit source|modifier|bearbeiten|editar|modifica)"
    r"(?:\s*\|\s*[\w ]{1,40})?\s*\]|¶",
    re.IGNORECASE,
)
_ENDS = "¶ \u200b"  # of a heading's label
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,6})(?![0-9])")  # what follows is ignored, as browsers do


class BlockReader:
    """Walks a page once, of which `main` holds the article and `title` is its heading.

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
        self._group = 0  # of the outermost list that is open
        self._groups = 0  # given so far
        self._items = 0  # seen so far
        self._numbers = item_numbers(root)
        self._notes: Element | None = None  # what holds the notes at the article's end
        self._wrappers = _around_headings(root)
        self._spoken: list[tuple[Element, str]] = []  # open elements that declare a language
        self._styled: set[Element] = set()  # blocks by their styles

    def read(self) -> list[Draft]:
        """The drafts of the whole tree, in order."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if self._enter(element, tag):
                    if text := element.text:
                        self._text.add(text)
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
                self._text.add(tail)
        self._flush()
        return self._text.drafts

    def _flush(self) -> None:
        self._text.flush(self._open[-1])

    # --- events --------------------------------------------------------------------------------

    def _enter(self, element: Element, tag: str) -> bool:
        """Note that an element begins; False when it has been dealt with, or is dropped."""
        names = element.keys()  # for to ask for an attribute that is not there takes longer
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
        """Note what language a block says that it is in; that of the page is its article's."""
        stated = element.get("lang") or element.get("xml:lang")
        if stated and tag not in ("html", "body") and (code := language_code(stated)):
            self._spoken.append((element, code))
            self._text.language = code

    def _enter_kind(self, element: Element, tag: str) -> bool:
        """What is done for elements of one kind; False when all of it has been read."""
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
        """Note that an element ends."""
        if tag in BLOCKS or element in self._styled:
            self._flush()
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
        """Within boilerplate everything stays boilerplate."""
        if self._open[-1].kind != "boilerplate":
            self._open.append(context)

    def _kind(self, kind: Kind) -> Kind:
        return "boilerplate" if self._open[-1].kind == "boilerplate" else kind

    def _enter_heading(self, element: Element, level: int) -> bool:
        """A heading is read at once, with all inside."""
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
        if not self._depth:  # an item without a list
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
            self._text.note_target(inner, tag_of(inner))
        return False


def _around_headings(root: Element) -> set[Element]:
    """All elements that hold headings."""
    return {around for heading in root.iter(*HEADINGS) for around in heading.iterancestors()}


def _holds_notes(section: Element) -> bool:
    """Whether a section holds notes that belong to the article and not to its last section."""
    return "footnotes" in classes(section) or section.get("role") == "doc-endnotes"


# --- text between the borders of blocks ----------------------------------------------------------


@dataclass(slots=True)
class OpenElement:
    """What text directly inside of an open element becomes."""

    element: Element
    kind: Kind
    level: int = 0
    group: int = 0
    item: int = 0  # which list item of the page, to join its paragraphs; 0: no list item
    lists: tuple[int, int] | None = None  # depth and group of lists to go back to at its end
    number: int | None = None  # that its list gives a list item


class TextCollector:
    """Holds the drafts made so far and the text of which the next one will be made."""

    def __init__(self, *, cleaning: bool) -> None:
        self._cleaning = cleaning
        self.drafts: list[Draft] = []
        self.links = 0  # depth of links
        self.unsectioned = False  # whether what follows belongs to no section
        self.target = ""  # the last id or name seen that a link can point to
        self.language = ""  # that what follows declares
        self._raw: list[str] = []
        self._started = False  # whether the raw text shows anything yet
        self._linked = 0  # characters of the raw text that are in links
        self._start_target = ""  # the target when the raw text began
        self._last_item = 0  # number of the item that the last draft is of

    def add(self, text: str) -> None:
        """A run of text."""
        if not self._started and not text.isspace():
            self._start_target = self.target
            self._started = True
        self._raw.append(text)
        if self.links:
            self._linked += len(text.strip())

    def note_target(self, element: Element, tag: str) -> None:
        """An element begins: a link may point to it."""
        self.target = _target_of(element, tag) or self.target

    def flush(self, context: OpenElement) -> None:
        """A border: what was gathered becomes a draft, or several when breaks part it.

        The paragraphs of one list item are lines of one draft.
        """
        if not self._raw:
            return
        linked, self._linked = self._linked, 0
        if not self._started:
            self._raw.clear()
            return
        parts = paragraphs("".join(self._raw))
        self._raw.clear()
        self._started = False
        for part in ["\n".join(parts)] if parts and context.item else parts:
            beside = self.drafts and self.drafts[-1].kind in ("heading", "title")
            if self._cleaning and beside and (part.lower() == "edit" or _EDIT.fullmatch(part)):
                continue  # what lets people edit or link to the heading before it
            if context.item and self._last_item == context.item:
                self.drafts[-1].text += "\n" + part
                continue
            draft = Draft(context.kind, part, context.level, self._start_target, context.group)
            draft.linked, draft.unsectioned, draft.number = linked, self.unsectioned, context.number
            draft.language = self.language
            self.drafts.append(draft)
            self._last_item = context.item

    def append(self, draft: Draft) -> None:
        """A draft of an element that was read whole."""
        self._last_item = 0
        if draft.element:
            self.target = draft.element
        draft.element, draft.language = self.target, self.language
        if is_visible(draft.text):
            self.drafts.append(draft)

    def append_element(self, element: Element, kind: Kind, text: str, level: int = 0) -> None:
        """An element read whole, with its text."""
        self.append(Draft(kind, text, level, _target_of(element, tag_of(element))))


def clean_label(text: str) -> str:
    """A heading without the signs that link to it or edit it."""
    found = list(_EDIT.finditer(text[-80:]))
    if found and text.endswith(found[-1][0]):
        text = text[: -len(found[-1][0])]
    return text.rstrip(_ENDS)


def inner_target(element: Element) -> str:
    """The first id or name within an element."""
    inner = (e.get("id") or e.get("name") or "" for e in element.iterdescendants())
    return next(filter(_is_target, inner), "")


def _target_of(element: Element, tag: str) -> str:
    """Its id or name when a link can point to it and it stands for a place of its own; else "".

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
    """The number of each item of each numbered list, as browsers count."""
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
