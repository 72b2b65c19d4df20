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
        self._open = [OpenElement(root, "paragraph" if main is root else "boilerplate")]
        self._depth = 0  # of lists
        self._group = 0  # number of the outermost open list
        self._groups = 0  # group numbers given so far
        self._items = 0  # list items seen so far
        self._numbers = item_numbers(root)
        self._notes: Element | None = None  # open section of the article's notes
        headings = root.iter(*HEADINGS)
        self._wrappers = {around for one in headings for around in one.iterancestors()}
        self._spoken: list[tuple[Element | None, str]] = [(None, "")]  # declared languages
        self._styled: set[Element] = set()  # elements that their style makes blocks
        self._drafts: list[Draft] = []
        self._raw: list[str] = []  # the text since the last boundary
        self._links = 0  # number of open links
        self._target = ""  # the last id or name seen that a link can point to
        self._started = False  # whether the raw text shows anything yet
        self._linked = 0  # characters of the raw text that are in links
        self._start_target = ""  # the target when the raw text began
        self._last_item = 0  # item number of the last draft

    def read(self) -> list[Draft]:
        """The drafts of the whole tree, in order."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if self._enter(element, tag):
                    if text := element.text:
                        self._add(text)
                else:
                    skipped = element
                    walker.skip_subtree()
                continue
            if element is skipped:
                skipped = None
            else:
                self._leave(element, tag)
            if self._spoken[-1][0] is element:
                self._spoken.pop()
            if (tail := element.tail) and element is not self._root:
                self._add(tail)
        self._flush()
        return self._drafts

    # --- events --------------------------------------------------------------------------------

    def _enter(self, element: Element, tag: str) -> bool:
        """Handle the start of an element; False if it was read whole or is dropped."""
        names = element.keys()  # asking for an absent attribute takes longer
        if "-" in tag:
            self._part(next(element.itertext(), ""))
        if "style" in names and is_block(element, tag):
            self._styled.add(element)
        if tag in BLOCKS or element in self._styled or element is self._main:
            self._flush()
            if "lang" in names or "xml:lang" in names:
                self._enter_language(element, tag)
        if element is self._main:
            self._open.append(OpenElement(element, "paragraph"))
            self._target = ""
        is_plain = tag not in ROLED and "role" not in names
        role = "content" if is_plain else self._role(element, tag)
        if role == "dropped":
            return False
        if "id" in names or (tag == "a" and "name" in names):
            self._target = _target_of(element, tag) or self._target
        if role == "boilerplate" and self._open[-1].kind != "boilerplate":
            self._open.append(OpenElement(element, "boilerplate"))
        if (
            tag == "section"
            and self._notes is None
            and ("footnotes" in classes(element) or element.get("role") == "doc-endnotes")
        ):  # notes of the whole article, not of its last section
            self._notes = element
        is_own = tag in _OWN or ("role" in names and element.get("role") == "heading")
        return not is_own or self._enter_kind(element, tag)

    def _enter_language(self, element: Element, tag: str) -> None:
        """Keep the language that a block declares; the page's language is that of its article."""
        stated = element.get("lang") or element.get("xml:lang")
        if stated and tag not in ("html", "body") and (code := language_code(stated)):
            self._spoken.append((element, code))

    def _enter_kind(self, element: Element, tag: str) -> bool:
        """Handle the start of an element with its own rule; False if it was read whole."""
        if tag == "a":
            if is_self_link(element):
                return False
            self._links += 1
        elif tag == "br":
            self._add(BREAK)
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
            self._append(Draft(self._kind("code"), text, 0, target, is_code=tag == CODE))
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
            self._part(element.tail or "")
        if tag == "a":
            self._links -= 1
        elif tag in _LISTS:
            self._depth -= 1
        if element is self._notes:
            self._notes = None
        while self._open[-1].element is element and len(self._open) > 1:
            context = self._open.pop()
            if context.lists is not None:
                self._depth, self._group = context.lists

    def _role(self, element: Element, tag: str) -> Role:
        if self._filter is None or element is self._main:
            return "content"
        is_inside = self._open[-1].kind != "boilerplate"
        return self._filter.role_of(element, tag, inside=is_inside)

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
            inner = (e.get("id") or e.get("name") or "" for e in element.iterdescendants())
            self._target = next(filter(_is_target, inner), self._target)
        kind: Kind = "title" if element is self._title else self._kind("heading")
        target = _target_of(element, element.tag)
        self._append(Draft(kind, text, level if kind == "heading" else 0, target))
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
            target = _target_of(caption, "caption")
            self._append(Draft("caption", flat_text(caption), 0, target))
        self._groups += 1
        for draft in read_rows(table, self._groups):
            self._append(draft)
        for inner in table.iterdescendants():
            self._target = _target_of(inner, inner.tag) or self._target
        return False

    # --- text between block boundaries -----------------------------------------------------------

    def _add(self, text: str) -> None:
        """Add a run of text."""
        if not self._started and not text.isspace():
            self._start_target = self._target
            self._started = True
        self._raw.append(text)
        if self._links:
            self._linked += len(text.strip())

    def _part(self, following: str) -> None:
        """Separate words where an element of a component begins or ends, as its styles do."""
        if self._raw and self._raw[-1][-1:].isalnum() and following[:1].isalnum():
            self._raw.append(" ")

    def _flush(self) -> None:
        """Turn the collected text into a draft, or several where breaks separate paragraphs.

        Paragraphs of one list item become lines of one draft.
        """
        linked, self._linked = self._linked, 0
        if not self._started:
            self._raw.clear()
            return
        context = self._open[-1]
        parts = paragraphs("".join(self._raw))
        self._raw.clear()
        self._started = False
        for part in ["\n".join(parts)] if parts and context.item else parts:
            beside = self._drafts and self._drafts[-1].kind in ("heading", "title")
            if self._filter and beside and (part.lower() == "edit" or _EDIT.fullmatch(part)):
                continue  # an edit link of the heading before it
            if context.item and self._last_item == context.item:
                self._drafts[-1].text += "\n" + part
                continue
            self._drafts.append(
                Draft(context.kind, part, context.level, self._start_target, context.group,
                      unsectioned=self._notes is not None, linked=linked, number=context.number,
                      language=self._spoken[-1][1])
            )  # fmt: skip
            self._last_item = context.item

    def _append(self, draft: Draft) -> None:
        """Append the draft of an element that was read whole, if it has visible text."""
        self._last_item = 0
        if draft.element:
            self._target = draft.element
        draft.element, draft.language = self._target, self._spoken[-1][1]
        if is_visible(draft.text):
            self._drafts.append(draft)


def clean_label(text: str) -> str:
    """A heading's text without edit links and link signs at its end."""
    found = list(_EDIT.finditer(text[-80:]))
    if found and text.endswith(found[-1][0]):
        text = text[: -len(found[-1][0])]
    return text.rstrip(_ENDS)


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
