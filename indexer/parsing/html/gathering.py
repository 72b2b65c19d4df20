"""Text gathered between the borders of blocks, and the drafts made of it.

In: runs of text, breaks, link targets and the context in which they stand. Out: `Draft`s in
order. Refuses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.model import Kind
from indexer.parsing.article import Draft
from indexer.parsing.html.dom import Element, is_block, tag_of, text_length
from indexer.parsing.html.text import BREAK, is_visible, paragraphs

_EDIT = re.compile(  # what stands beside a heading for those who may edit
    r"\[\s*(?:edit|edit source|modifier|bearbeiten|editar|modifica)"
    r"(?:\s*\|\s*[\w ]{1,40})?\s*\]|¶",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Context:
    """What text directly inside of an open element becomes."""

    element: Element
    kind: Kind
    level: int = 0
    group: int = 0
    item: int = 0  # which list item of the page, to join its paragraphs; 0: no list item
    lists: tuple[int, int] | None = None  # depth and group of lists to go back to at its end
    number: int | None = None  # that its list gives a list item

    @property
    def boilerplate(self) -> bool:
        """Whether all inside is boilerplate."""
        return self.kind == "boilerplate"


class Gatherer:
    """Holds the drafts made so far and the text of which the next one will be made."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.links = 0  # depth of links
        self.rooted = False  # whether what follows belongs to no section
        self.target = ""  # the last id or name seen that a link can point to
        self._raw: list[str] = []
        self._started = False  # whether the raw text shows anything yet
        self._linked = 0  # characters of the raw text that are in links
        self._start_target = ""  # the target when the raw text began
        self._last_item = 0  # number of the item that the last draft is of

    def add(self, text: str | None) -> None:
        """A run of text."""
        if not text:
            return
        if not self._started and not text.isspace():
            self._start_target = self.target
            self._started = True
        self._raw.append(text)
        if self.links:
            self._linked += len(text.strip())

    def add_break(self) -> None:
        """A line break inside of a block."""
        self._raw.append(BREAK)

    def note_target(self, element: Element, tag: str) -> None:
        """An element begins: a link may point to it."""
        self.target = _target_of(element, tag) or self.target

    def flush(self, context: Context) -> None:
        """A border: what was gathered becomes a draft, or several when breaks part it.

        The paragraphs of one list item are lines of one draft.
        """
        if not self._raw:
            return
        parts = paragraphs("".join(self._raw)) if self._started else []
        linked, self._linked = self._linked, 0
        self._raw.clear()
        self._started = False
        for part in ["\n".join(parts)] if parts and context.item else parts:
            if self._stands_beside_heading(part):
                continue
            if context.item and self._last_item == context.item:
                self.drafts[-1].text += "\n" + part
                continue
            draft = Draft(context.kind, part, context.level, self._start_target, context.group)
            draft.linked, draft.rooted, draft.number = linked, self.rooted, context.number
            self.drafts.append(draft)
            self._last_item = context.item

    def append(self, draft: Draft) -> None:
        """A draft of an element that was read whole."""
        self._last_item = 0
        if draft.element:
            self.target = draft.element
        draft.element = self.target
        if is_visible(draft.text):
            self.drafts.append(draft)

    def append_element(self, element: Element, kind: Kind, text: str, level: int = 0) -> None:
        """An element read whole, with its text."""
        self.append(Draft(kind, text, level, _target_of(element, tag_of(element))))

    def _stands_beside_heading(self, text: str) -> bool:
        """Whether this is no text but what lets people edit or link to the heading before it."""
        heading = bool(self.drafts) and self.drafts[-1].kind in ("heading", "title")
        return heading and (text.lower() == "edit" or _EDIT.fullmatch(text) is not None)


def clean_label(text: str) -> str:
    """A heading without the signs that link to it or edit it."""
    found = list(_EDIT.finditer(text[-80:]))
    if found and text.endswith(found[-1][0]):
        text = text[: -len(found[-1][0])]
    return text.rstrip("¶ \u200b")


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
