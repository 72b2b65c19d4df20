"""A tree to drafts of blocks: the walk through a page.

In: a pruned tree and the element that holds the article. Out: the article's `Draft`s in order.
Refuses nothing. One pass, no recursion.

What becomes of what:
- a heading anywhere (in links, `details`, list items, wrappers) is a heading, its label clean of
  `¶` and "[edit]"; inside a block quote it is part of the quote;
- text of an `li`, `dt` or `dd` is a list item, its paragraphs lines of one block; level is the
  depth of lists (a `dd` one deeper than its `dt`), and lists within a list share its group;
  an item that holds headings is a wrapper and leaves no trace;
- outside of the article `nav`, `header` and `footer` are dropped, the rest is kept as boilerplate
  so that an editor can see what was left out; within it, what `html_boilerplate` points out.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from indexer.model import Kind
from indexer.parsing.composing import Draft, squeeze
from indexer.parsing.html_boilerplate import Judge, Role
from indexer.parsing.html_dom import (
    HEADINGS,
    Element,
    classes,
    heading_level,
    is_block,
    is_self_link,
    tag_of,
    text_length,
)
from indexer.parsing.html_tables import is_layout, read_rows
from indexer.parsing.html_text import BREAK, flat_text, is_visible, paragraphs, verbatim_text

_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CONTEXTS: dict[str, Kind] = {
    "blockquote": "quote",
    "figcaption": "caption",
    "caption": "caption",
}
_VERBATIM = frozenset(("pre", "listing", "xmp", "plaintext"))
_LONGEST_HEADING = 400  # characters; more is a heading that somebody forgot to close
_EDIT = frozenset(
    ("[edit]", "edit", "[edit source]", "[edit | edit source]", "[modifier]", "[bearbeiten]", "¶")
)


@dataclass(slots=True)
class _Context:
    """What text directly inside of an open element becomes."""

    element: Element
    kind: Kind
    level: int = 0
    group: int = 0
    boilerplate: bool = False
    item: int = 0  # number of the list item, to join its paragraphs


def read_drafts(
    root: Element, main: Element, title: Element | None, *, cleaning: bool
) -> list[Draft]:
    """The drafts of a page of which `main` holds the article and `title` is its heading.

    Without `cleaning` everything is content.
    """
    return BlockReader(main, title, cleaning=cleaning).read(root)


class BlockReader:
    """Walks a page once and gathers its drafts."""

    def __init__(self, main: Element, title: Element | None, *, cleaning: bool) -> None:
        """`main` holds the article; without `cleaning` all of it is taken for content."""
        self.drafts: list[Draft] = []
        self._main = main
        self._title = title
        self._judge = Judge(main, title) if cleaning else None
        self._open: list[_Context] = []
        self._lists = 0  # depth of lists
        self._group = 0  # of the outermost list that is open
        self._groups = 0  # given so far
        self._items = 0
        self._last_item = 0  # number of the item that the last draft is of
        self._wrappers: set[Element] = set()  # what holds headings
        self._raw: list[str] = []
        self._started = False  # whether the raw text shows anything yet
        self._linked = 0  # characters of the raw text that are in links
        self._links = 0  # depth of links
        self._notes: Element | None = None  # what holds the notes at the article's end
        self._target = ""  # the last id or name seen
        self._start_target = ""  # as it was when the raw text began

    def read(self, root: Element) -> list[Draft]:
        """The drafts of the whole tree."""
        for heading in root.iter(*HEADINGS):
            for around in heading.iterancestors():
                if around in self._wrappers:
                    break
                self._wrappers.add(around)
        whole = self._main is root
        self._open.append(_Context(root, "paragraph", boilerplate=not whole))
        walker = etree.iterwalk(root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            tag = tag_of(element)
            if event == "start":
                if self._enter(element, tag):
                    self._add(element.text)
                else:
                    skipped = element
                    walker.skip_subtree()
                continue
            if element is skipped:
                skipped = None
            else:
                self._leave(element, tag)
            if element is not root:
                self._add(element.tail)
        self._flush()
        return self.drafts

    # --- events --------------------------------------------------------------------------------

    def _enter(self, element: Element, tag: str) -> bool:
        """Note that an element begins; False when it has been dealt with, or is dropped."""
        if is_block(element, tag) or element is self._main:
            self._flush()
        if element is self._main:
            self._open.append(_Context(element, "paragraph"))
            self._target = ""
        role = self._role(element, tag)
        if role is Role.DROPPED:
            return False
        self._note_target(element, tag)
        if role is Role.BOILERPLATE and not self._open[-1].boilerplate:
            self._open.append(_Context(element, "boilerplate", boilerplate=True))
        if self._notes is None and _holds_notes(element, tag):
            self._notes = element
        if tag == "br":
            self._raw.append(BREAK)
        elif tag == "hr":
            self._flush()
        elif tag == "a":
            if is_self_link(element, "".join(element.itertext())):
                return False
            self._links += 1
        elif level := heading_level(element, tag):
            return self._enter_heading(element, level)
        elif tag in _LISTS:
            self._enter_list()
        elif tag in _ITEMS:
            self._enter_item(element, tag)
        elif tag in _VERBATIM:
            self._append("code", verbatim_text(element), element)
            return False
        elif tag == "table":
            return self._enter_table(element)
        elif kind := _CONTEXTS.get(tag):
            self._push(element, kind)
        return True

    def _leave(self, element: Element, tag: str) -> None:
        """Note that an element ends."""
        if is_block(element, tag):
            self._flush()
        if tag == "a":
            self._links -= 1
        elif tag in _LISTS:
            self._lists -= 1
        if element is self._notes:
            self._notes = None
        while self._open[-1].element is element and len(self._open) > 1:
            self._open.pop()

    def _role(self, element: Element, tag: str) -> Role:
        if self._judge is None or element is self._main:
            return Role.CONTENT
        if not self._open[-1].boilerplate:
            return self._judge.within(element, tag)
        return self._judge.without(element, tag)

    # --- kinds of element ----------------------------------------------------------------------

    def _enter_heading(self, element: Element, level: int) -> bool:
        """A heading is read at once, with all inside."""
        context = self._open[-1]
        if text_length(element) > _LONGEST_HEADING or context.kind == "quote":
            return True
        text = _clean_label(squeeze(flat_text(element)))
        inner = [i for e in element.iterdescendants() if (i := _id_of(e, tag_of(e)))]
        if not element.get("id") and inner:
            self._target = inner[0]
        if element is self._title:
            self._append("title", text, element)
        elif context.boilerplate:
            self._append("boilerplate", text, element)
        else:
            self._append("heading", text, element, level)
        return False

    def _enter_list(self) -> None:
        if not self._lists:
            self._groups += 1
            self._group = self._groups
        self._lists += 1

    def _enter_item(self, element: Element, tag: str) -> None:
        if element in self._wrappers:
            self._push(element, "paragraph")
            return
        if not self._lists:  # an item without a list
            self._enter_list()
            self._lists = 0
        self._items += 1
        level = max(self._lists, 1) + (tag == "dd")
        self._push(element, "list_item", level, self._group, self._items)

    def _enter_table(self, table: Element) -> bool:
        if self._open[-1].boilerplate or is_layout(table):
            return True
        for caption in table.iterchildren("caption"):
            self._append("caption", flat_text(caption), caption)
        self._groups += 1
        for draft in read_rows(table, self._groups):
            draft.element = self._target
            self.drafts.append(draft)
        self._last_item = 0
        for inner in table.iterdescendants():
            self._note_target(inner, tag_of(inner))
        return False

    def _push(
        self, element: Element, kind: Kind, level: int = 0, group: int = 0, item: int = 0
    ) -> None:
        if not self._open[-1].boilerplate:
            self._open.append(_Context(element, kind, level, group, item=item))

    # --- text ----------------------------------------------------------------------------------

    def _note_target(self, element: Element, tag: str) -> None:
        if found := _id_of(element, tag):
            self._target = found

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if not self._started and not text.isspace():
            self._start_target = self._target
            self._started = True
        self._raw.append(text)
        if self._links:
            self._linked += len(text.strip())

    def _flush(self) -> None:
        """What was gathered becomes a draft, or several when breaks part it."""
        if not self._raw:
            return
        parts = paragraphs("".join(self._raw))
        linked, self._linked = self._linked, 0
        self._raw.clear()
        self._started = False
        context = self._open[-1]
        if context.item and not context.boilerplate:
            parts = ["\n".join(parts)] if parts else []
        for part in parts:
            if self._is_edit_link(part):
                continue
            if context.item and self._last_item == context.item:
                self.drafts[-1].text += "\n" + part
                continue
            kind: Kind = "boilerplate" if context.boilerplate else context.kind
            draft = Draft(kind, part, context.level, self._start_target, context.group)
            draft.linked, draft.rooted = linked, self._notes is not None
            self.drafts.append(draft)
            self._last_item = context.item

    def _is_edit_link(self, text: str) -> bool:
        """Whether this is what stands beside a heading for those who may edit."""
        heading = bool(self.drafts) and self.drafts[-1].kind == "heading"
        return heading and squeeze(text).lower().replace("[ ", "[").replace(" ]", "]") in _EDIT

    def _append(self, kind: Kind, text: str, element: Element, level: int = 0) -> None:
        """A draft of an element that was read whole."""
        self._last_item = 0
        self._note_target(element, tag_of(element))
        if self._open[-1].boilerplate and kind != "title":
            kind = "boilerplate"
        if is_visible(text):
            self.drafts.append(Draft(kind, text, level, self._target))


def _id_of(element: Element, tag: str) -> str:
    """Its id or name when a link can point to it and it stands for a place of its own.

    Ids of inline elements with text inside a paragraph (reference marks, coordinates) are no
    better a target than the block above them.
    """
    found = element.get("id") or (element.get("name") if tag == "a" else None) or ""
    if not found or any(map(str.isspace, found)):
        return ""
    places = tag == "a" or is_block(element, tag) or not text_length(element)
    return found if places else ""


def _holds_notes(element: Element, tag: str) -> bool:
    """Whether an element holds notes that belong to the article and not to its last section."""
    return tag == "section" and (
        "footnotes" in classes(element) or element.get("role") == "doc-endnotes"
    )


def _clean_label(text: str) -> str:
    """A heading without the signs that link to it or edit it."""
    lowered = text.lower()
    for sign in _EDIT:
        if lowered.endswith(sign) and (sign[0] in "[¶"):
            return text[: -len(sign)].rstrip()
    return text.rstrip("¶ \u200b")
