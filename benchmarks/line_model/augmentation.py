"""More ways in which people flatten a page, made from judged blocks.

In: the blocks of an article. Out: texts with the kind of the block at each place. They add training
cases that the judged flattenings lack: text without a title, prose without headings, gaps of
several blank lines, headings directly on their lists or paragraphs, numbered headings and headings
in capitals.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.line_model.judged_articles import Truth

_MOST_BLOCKS = 120
_LONG_TITLE = 60  # code points
_SHORT_HEADING = 90
_PROSE = 60
_BESIDE = ("li", "row", "dt", "dd", "pre")  # kinds whose blocks follow without a blank line


@dataclass(frozen=True, slots=True)
class Flat:
    """A text and the start positions of its blocks."""

    text: str
    starts: tuple[int, ...]
    blocks: tuple[Truth, ...]


def reflow(blocks: Sequence[Truth], dice: Random) -> Iterator[Flat]:
    """About eight texts of one article."""
    prose = [b for b in blocks if b.kind == "p" and b.scored and len(b.text) >= _PROSE]
    title = next((b for b in blocks if b.kind == "heading" and b.scored), None)
    if prose:
        for _ in range(2):
            yield _prose(prose, title if dice.random() < 0.5 else None, dice)
        if title and len(title.text) >= _LONG_TITLE:
            for _ in range(3):
                begin = dice.randrange(len(prose))
                yield _join(
                    [(title, title.text, 0)]
                    + [(b, b.text, 1) for b in prose[begin : begin + dice.choice([1, 1, 2])]]
                )
    if len(blocks) > 6:
        begin = dice.randrange(1, len(blocks) - 4)
        part = blocks[begin : begin + dice.randrange(4, 60)]
        yield _lay_out(part, dice.choice(["blank", "inner", "pasted"]), dice)
    yield _lay_out(blocks[:_MOST_BLOCKS], "pasted", dice)
    yield _lay_out(blocks[:_MOST_BLOCKS], "glued", dice)
    yield _lay_out(blocks[:_MOST_BLOCKS], dice.choice(["numbered", "capitals", "marked"]), dice)


def _prose(prose: Sequence[Truth], title: Truth | None, dice: Random) -> Flat:
    """Only paragraphs, with or without a title."""
    count = min(len(prose), dice.choice([1, 1, 2, 3, 5, 8, 14]))
    begin = dice.randrange(len(prose) - count + 1)
    style = dice.choice(["blank", "blank", "tight", "wrapped"])
    lines = [(title, title.text, 0)] if title else []
    for block in prose[begin : begin + count]:
        text = block.text
        if style == "wrapped":
            text = "\n".join(textwrap.wrap(text, dice.choice([64, 72, 76])))
        lines.append((block, text, 0 if style == "tight" else 1))
    return _join(lines)


def _lay_out(blocks: Sequence[Truth], style: str, dice: Random) -> Flat:
    """Lays out blocks in one style: blank lines, and the form of headings and items."""
    lines: list[tuple[Truth, str, int]] = []
    wide, after, glued = dice.choice([1, 2, 3]), dice.choice([1, 1, 2, 3]), dice.random() < 0.7
    bullet = dice.choice(["- ", "* ", "• ", "– "])
    numbers = [0] * 7
    before = ""
    for block in blocks:
        text = block.text
        if block.kind == "heading" and block.scored and lines and len(text) < _SHORT_HEADING:
            if style == "numbered":
                text = _numbered(text, block.depth, numbers, dice)
            elif style == "capitals":
                text = text.upper()
        elif block.kind == "li" and style == "marked":
            text = bullet + text
        gap = 0 if block.kind in _BESIDE and block.kind == before else 1
        if style == "inner":
            gap = 1 if "p" in (block.kind, before) else 0
        elif style == "glued" and before == "heading" and block.kind != "heading":
            gap = 0
        elif style == "pasted" and gap:
            gap = _pasted_gap(block.kind, before, (wide, after, glued), dice)
        lines.append((block, text, gap))
        before = block.kind
    return _join(lines)


def _pasted_gap(kind: str, before: str, habits: tuple[int, int, bool], dice: Random) -> int:
    """Blank lines as an editor's page leaves them: wide around headings, uneven."""
    wide, after, glued = habits
    if kind == "li" and before == "heading" and glued:
        return 0
    if kind == "heading":
        return wide + dice.randrange(2)
    if before == "heading":
        return after + dice.randrange(2)
    return 1 + (dice.random() < 0.2)


def _numbered(text: str, depth: int, numbers: list[int], dice: Random) -> str:
    """A heading with its number, if every heading above it has one."""
    level = min(max(depth - 1, 1), 6)
    numbers[level] += 1
    numbers[level + 1 :] = [0] * (6 - level)
    if not text[0].isalpha() or not all(numbers[1 : level + 1]):
        return text
    number = ".".join(map(str, numbers[1 : level + 1]))
    return f"{number}{'.' if level == 1 else dice.choice(['', '.'])} {text}"


def _join(lines: Sequence[tuple[Truth, str, int]]) -> Flat:
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for place, (_, text, gap) in enumerate(lines):
        between = "\n" * (gap + 1) if place else ""
        starts.append(at + len(between))
        parts += (between, text)
        at = starts[-1] + len(text)
    return Flat("".join(parts), tuple(starts), tuple(block for block, _, _ in lines))
