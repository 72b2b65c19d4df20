"""Blocks to an article's text: the one place where offsets are made.

In: `Draft`s, one a block, each with its own normalised text, in order. Out: the article's text
and its `Block`s with exact spans and section paths. Plain text does not come this way: its text
is the file itself.

Blocks stand a blank line apart; items of one list and rows of one table a line apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from indexer.model import Block, Kind, Span

Outline = list[tuple[int, str]]  # (level, text) of the headings that are open, from the top down


@dataclass(slots=True)
class Draft:
    """A block before its place in the text is known."""

    kind: Kind
    text: str  # without white space around it, not empty
    level: int = 0
    element: str = ""
    group: int = 0
    header: bool = False
    cells: tuple[tuple[int, int], ...] = ()  # start and end in `text`
    heads: tuple[str, ...] = ()
    rooted: bool = False  # under no heading, wherever it stands: a note at the end
    linked: int = 0  # characters of the text that are in links
    number: int | None = None  # of an item of a numbered list


def squeeze(text: str) -> str:
    """White space collapsed and trimmed, line breaks too."""
    return " ".join(text.split())


def compose(drafts: Sequence[Draft]) -> tuple[str, tuple[Block, ...]]:
    """Text and blocks of an article."""
    parts: list[str] = []
    blocks: list[Block] = []
    outline: Outline = []
    at = 0
    for last, draft in zip([None, *drafts], drafts):
        if last is not None:
            gap = "\n" if draft.group and draft.group == last.group else "\n\n"
            parts.append(gap)
            at += len(gap)
        parts.append(draft.text)
        section = () if draft.rooted else _enter(outline, draft.kind, draft.level, draft.text)
        blocks.append(_place(draft, at, section))
        at += len(draft.text)
    return "".join(parts), tuple(blocks)


def _place(draft: Draft, at: int, section: tuple[str, ...]) -> Block:
    return Block(
        kind=draft.kind,
        level=draft.level,
        span=Span(at, at + len(draft.text)),
        section=section,
        element=draft.element,
        group=draft.group,
        header=draft.header,
        cells=tuple(Span(at + start, at + end) for start, end in draft.cells),
        heads=draft.heads,
        number=draft.number,
    )


def _enter(outline: Outline, kind: Kind, level: int, text: str) -> tuple[str, ...]:
    """The section of a block, with `outline` brought up to it."""
    if kind in ("title", "boilerplate"):
        return ()
    if kind != "heading":
        return tuple(heading for _, heading in outline)
    while outline and outline[-1][0] >= level:
        outline.pop()
    section = tuple(heading for _, heading in outline)
    outline.append((level, squeeze(text)))
    return section


def resection(text: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks with their sections told anew, after kinds were changed."""
    outline: Outline = []
    return tuple(
        replace(b, section=_enter(outline, b.kind, b.level, b.span.of(text))) for b in blocks
    )
