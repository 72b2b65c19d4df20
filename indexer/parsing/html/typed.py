"""Typed text in place of markup: bullets in front of lines, and whole texts in one element.

In: the drafts of an article. Out: drafts. Refuses nothing.

- A page with nearly all of its text in one `pre`, or in one paragraph with breaks, is plain text
  (a law, mail, a pasted document) and is parsed as such, unless it is code or a poem.
- Lines that begin with a bullet become list items; lines with a dash, which may open a dialogue,
  only where several follow each other. The bullet or dash stays in the item's text.
- A heading that repeats the heading or title directly above it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from indexer.parsing.article import Draft, squeeze
from indexer.parsing.plain_text.outline import parse_text

_NEARLY_ALL = 0.75  # share of an article's characters from which one element counts as all of it
_FEWEST_LINES = 6  # line breaks in a text that was pasted into one element
_FEWEST_HEADINGS = 2  # in a pasted paragraph; a poem has none
_PROSE = re.compile(r"[^\W\d_]{2,}[.,;:?!]*|[^\W\d_]")
_MOSTLY_WORDS = 0.6  # share of words, between white space, from which a text is not code
_BULLETS = "•●▪‣◦○■□➢➤❖✓✔·\uf0b7\uf0a7"
_BULLET = re.compile(rf"[{_BULLETS}]\s+(?=\S)")
_DASH = re.compile(r"([-–*])\s+(?=\S)")
_BEFORE_ITEM = re.compile(rf"\n(?=[{_BULLETS}–*-][^\S\n]+\S)")
_LONGEST_DASHED = 25  # words of a list item with a dash


def read_typed(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts with typed lists and pasted texts split into blocks."""
    drafts = _read_pasted(drafts)
    groups = max((draft.group for draft in drafts), default=0)
    found: list[Draft] = []
    for is_paragraph, run in groupby(drafts, key=lambda d: d.kind == "paragraph"):
        lines = list(run)
        if is_paragraph:
            lines = [part for draft in lines for part in _lines_apart(draft)]
            groups = _name_items(lines, groups)
        found += lines
    return found


def _read_pasted(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts with a text that was pasted into one element replaced by its blocks."""
    content = [d for d in drafts if d.kind not in ("boilerplate", "title")]
    largest = max(content, key=lambda d: len(d.text), default=None)
    if largest is None or largest.is_code or largest.kind not in ("code", "paragraph"):
        return list(drafts)
    text, is_code = largest.text, largest.kind == "code"
    nearly_all = len(text) >= _NEARLY_ALL * sum(len(d.text) for d in content)
    if not nearly_all or text.count("\n") < _FEWEST_LINES or (is_code and not _is_prose(text)):
        return list(drafts)
    has_title = any(d.kind == "title" for d in drafts)
    pasted = list(_drafts_of(largest, max(d.group for d in drafts), has_title))
    headings = sum(d.kind == "heading" for d in pasted)
    if not is_code and headings < _FEWEST_HEADINGS:
        return list(drafts)
    place = next(n for n, draft in enumerate(drafts) if draft is largest)
    return [*drafts[:place], *pasted, *drafts[place + 1 :]]


def _is_prose(text: str) -> bool:
    words = text.split()
    return sum(map(bool, map(_PROSE.fullmatch, words))) >= _MOSTLY_WORDS * len(words)


def _drafts_of(whole: Draft, groups: int, has_title: bool) -> Iterator[Draft]:
    """Drafts of the blocks of `whole`, parsed as plain text; groups are numbered from `groups`."""
    content = parse_text(whole.text)  # its text may differ from the draft's
    for block in content.blocks:
        text = block.span.of(content.text)
        kind, level = block.kind, block.level
        if kind == "title" and has_title:
            kind, level = "paragraph", 0
        if kind not in ("table_row", "code", "quote") and whole.kind == "code":
            text = squeeze(text)
        cells = tuple((c.start - block.span.start, c.end - block.span.start) for c in block.cells)
        group = block.group + groups if block.group else 0
        yield Draft(kind, text, level, whole.element, group, block.header, cells, block.heads)


def without_repeated(drafts: Sequence[Draft]) -> list[Draft]:
    """Drafts with headings that repeat the heading or title directly above them left out.

    Two equal headings of one level stay: they are two sections, the first of them empty.
    """
    found: list[Draft] = []
    for draft in drafts:
        last = found[-1] if found else draft
        both = last.level != draft.level and {last.kind, draft.kind} <= {"heading", "title"}
        if both and squeeze(last.text).casefold() == squeeze(draft.text).casefold():
            if draft.kind == "title":
                found[-1] = replace(draft, element=last.element or draft.element)
            continue
        found.append(draft)
    return found


def _lines_apart(draft: Draft) -> list[Draft]:
    """A paragraph split before lines with a bullet or dash; whole if fewer than two have one."""
    parts = _BEFORE_ITEM.split(draft.text)
    marked = len(parts) - 1 + bool(_BULLET.match(parts[0]) or _DASH.match(parts[0]))
    return [replace(draft, text=part) for part in parts] if marked > 1 else [draft]


def _name_items(drafts: Sequence[Draft], groups: int) -> int:
    """Turn paragraphs with a bullet, or runs with one dash, to list items; returns groups used."""
    last = ""
    for mark, run in groupby(drafts, key=lambda d: _mark_of(d.text)):
        items = list(run)
        are_items = mark == "•" or (mark and len(items) > 1)
        groups += bool(are_items and not last)
        for item in items if are_items else ():
            item.kind, item.level, item.group = "list_item", 1, groups
        last = mark if are_items else ""
    return groups


def _mark_of(text: str) -> str:
    """The dash at the start of a text, "•" for any bullet; "" for neither, or dash and long."""
    if _BULLET.match(text):
        return "•"
    found = _DASH.match(text)
    return found[1] if found and len(text.split()) <= _LONGEST_DASHED else ""
