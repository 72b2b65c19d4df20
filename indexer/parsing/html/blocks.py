"""A tree to drafts of blocks: the walk through a page.

In: a pruned tree and the element that holds the article. Out: the article's `Draft`s in order.
Refuses nothing. One pass, no recursion.

What becomes of what:
- a heading anywhere (in links, `details`, list items, wrappers) is a heading, its label clean of
  `¶` and "[edit]"; inside a block quote it is part of the quote;
- text of an `li`, `dt` or `dd` is a list item, its paragraphs lines of one block; level is the
  depth of lists (a `dd` one deeper than its `dt`), and lists within a list share its group;
  an item that holds headings is a wrapper and leaves no trace; items of an `ol` are numbered;
- outside of the article `nav`, `header` and `footer` are dropped, the rest is kept as boilerplate
  so that an editor can see what was left out; within it, what `html_boilerplate` points out.
"""

from __future__ import annotations

from lxml import etree

from indexer.model import Kind
from indexer.parsing.article import Draft, squeeze
from indexer.parsing.html.boilerplate import Judge, Role
from indexer.parsing.html.dom import (
    HEADINGS,
    Element,
    classes,
    heading_level,
    is_block,
    is_self_link,
    tag_of,
    text_length,
)
from indexer.parsing.html.gathering import Context, Gatherer, clean_label, inner_target
from indexer.parsing.html.numbering import Numbering
from indexer.parsing.html.tables import is_layout, read_rows
from indexer.parsing.html.text import flat_text, verbatim_text

_LISTS = frozenset(("ul", "ol", "menu", "dir", "dl"))
_ITEMS = frozenset(("li", "dt", "dd"))
_CONTEXTS: dict[str, Kind] = {
    "blockquote": "quote",
    "figcaption": "caption",
    "caption": "caption",
}
_VERBATIM = frozenset(("pre", "listing", "xmp", "plaintext"))
_LONGEST_HEADING = 400  # characters; more is a heading that somebody forgot to close


def read_drafts(
    root: Element, main: Element, title: Element | None, *, cleaning: bool
) -> list[Draft]:
    """The drafts of a page of which `main` holds the article and `title` is its heading.

    Without `cleaning` everything is content.
    """
    return _BlockReader(root, main, title, cleaning=cleaning).read()


class _BlockReader:
    """Walks a page once."""

    def __init__(
        self, root: Element, main: Element, title: Element | None, *, cleaning: bool
    ) -> None:
        self._root = root
        self._main = main
        self._title = title
        self._judge = Judge(main, title) if cleaning else None
        self._text = Gatherer()
        self._open = [Context(root, "paragraph" if main is root else "boilerplate")]
        self._depth = 0  # of lists
        self._group = 0  # of the outermost list that is open
        self._groups = 0  # given so far
        self._items = 0  # seen so far
        self._numbering = Numbering()
        self._notes: Element | None = None  # what holds the notes at the article's end
        self._wrappers = _around_headings(root)

    def read(self) -> list[Draft]:
        """The drafts of the whole tree."""
        walker = etree.iterwalk(self._root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walker:
            tag = tag_of(element)
            if event == "start":
                if self._enter(element, tag):
                    self._text.add(element.text)
                else:
                    skipped = element
                    walker.skip_subtree()
                continue
            if element is skipped:
                skipped = None
            else:
                self._leave(element, tag)
            if element is not self._root:
                self._text.add(element.tail)
        self._flush()
        return self._text.drafts

    def _flush(self) -> None:
        self._text.flush(self._open[-1])

    # --- events --------------------------------------------------------------------------------

    def _enter(self, element: Element, tag: str) -> bool:
        """Note that an element begins; False when it has been dealt with, or is dropped."""
        if is_block(element, tag) or element is self._main:
            self._flush()
        if element is self._main:
            self._open.append(Context(element, "paragraph"))
            self._text.target = ""
        role = self._role(element, tag)
        if role is Role.DROPPED:
            return False
        self._text.note_target(element, tag)
        if role is Role.BOILERPLATE:
            self._push(Context(element, "boilerplate"))
        if self._notes is None and _holds_notes(element, tag):
            self._notes = element
            self._text.rooted = True
        return self._enter_kind(element, tag)

    def _enter_kind(self, element: Element, tag: str) -> bool:
        """What is done for elements of one kind; False when all of it has been read."""
        if tag == "br":
            self._text.add_break()
        elif tag == "hr":
            self._flush()
        elif tag == "a":
            if is_self_link(element, "".join(element.itertext())):
                return False
            self._text.links += 1
        elif level := heading_level(element, tag):
            return self._enter_heading(element, level)
        elif tag in _LISTS:
            self._enter_list()
        elif tag in _ITEMS:
            self._enter_item(element, tag)
        elif tag in _VERBATIM:
            self._text.append_element(element, self._kind("code"), verbatim_text(element))
            return False
        elif tag == "table":
            return self._enter_table(element)
        elif kind := _CONTEXTS.get(tag):
            self._push(Context(element, kind))
        return True

    def _leave(self, element: Element, tag: str) -> None:
        """Note that an element ends."""
        if is_block(element, tag):
            self._flush()
        if tag == "a":
            self._text.links -= 1
        elif tag in _LISTS:
            self._depth -= 1
        if element is self._notes:
            self._notes = None
            self._text.rooted = False
        while self._open[-1].element is element and len(self._open) > 1:
            context = self._open.pop()
            if context.lists is not None:
                self._depth, self._group = context.lists

    def _role(self, element: Element, tag: str) -> Role:
        if self._judge is None or element is self._main:
            return Role.CONTENT
        if self._open[-1].boilerplate:
            return self._judge.without(element, tag)
        return self._judge.within(element, tag)

    # --- kinds of element ----------------------------------------------------------------------

    def _push(self, context: Context) -> None:
        """Within boilerplate everything stays boilerplate."""
        if not self._open[-1].boilerplate:
            self._open.append(context)

    def _kind(self, kind: Kind) -> Kind:
        return "boilerplate" if self._open[-1].boilerplate else kind

    def _enter_heading(self, element: Element, level: int) -> bool:
        """A heading is read at once, with all inside."""
        if text_length(element) > _LONGEST_HEADING or self._open[-1].kind == "quote":
            return True
        text = clean_label(squeeze(flat_text(element)))
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
        if self._open[-1].boilerplate:
            return
        number = self._numbering.next(element)
        if element in self._wrappers:
            self._push(Context(element, "paragraph", lists=(self._depth, self._group)))
            self._depth = 0
            return
        if not self._depth:  # an item without a list
            self._enter_list()
            self._depth = 0
        self._items += 1
        level = max(self._depth, 1) + (tag == "dd")
        self._push(Context(element, "list_item", level, self._group, self._items, number=number))

    def _enter_table(self, table: Element) -> bool:
        if self._open[-1].boilerplate or is_layout(table):
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
    around: set[Element] = set()
    for heading in root.iter(*HEADINGS):
        for ancestor in heading.iterancestors():
            if ancestor in around:
                break
            around.add(ancestor)
    return around


def _holds_notes(element: Element, tag: str) -> bool:
    """Whether an element holds notes that belong to the article and not to its last section."""
    return tag == "section" and (
        "footnotes" in classes(element) or element.get("role") == "doc-endnotes"
    )
