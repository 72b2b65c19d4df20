"""Articles with known structure, flattened to text as when people copy a page.

In: `.tsv` files of one block a line (kind, level, text; cells separated by " | "). Out: for each
flattening a text, and the span of each block in it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from tests import DATA

FOLDER = DATA / "text"
_WIDTH = 72


@dataclass(frozen=True)
class Known:
    """One block of a judged article."""

    kind: str
    level: int
    text: str


@dataclass(frozen=True)
class Flattened:
    """A flattened article."""

    text: str
    spans: tuple[tuple[int, int], ...]  # of the blocks, in their order
    blocks: tuple[Known, ...]


def read_articles() -> dict[str, tuple[Known, ...]]:
    """The judged articles by name."""
    articles = {}
    for path in sorted(FOLDER.glob("*.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t", 2) for line in lines]
        articles[path.stem] = tuple(Known(kind, int(level), text) for kind, level, text in rows)
    return articles


def flatten(blocks: tuple[Known, ...], style: str) -> Flattened:
    """The article as text in one of the `STYLES`."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    number = 0
    for place, block in enumerate(blocks):
        before = blocks[place - 1].kind if place else ""
        number = number + 1 if block.kind == before == "list_item" else 1
        gap = "" if not place else "\n\n" if _BLANK[style](before, block.kind) else "\n"
        text = _write(block, style, number)
        parts += (gap, text)
        at += len(gap)
        spans.append((at + len(text) - len(text.lstrip()), at + len(text)))
        at += len(text)
    return Flattened("".join(parts), tuple(spans), blocks)


def _write(block: Known, style: str, number: int) -> str:
    if block.kind == "table_row":
        return block.text.replace(" | ", "\t" if style in ("inner", "copied") else " ")
    if block.kind == "list_item" and style == "copied":
        return f"    {number}. {block.text}" if block.text.endswith(".") else f"    • {block.text}"
    if style == "wrapped":
        item = block.kind == "list_item"
        lines = textwrap.wrap(block.text, _WIDTH - 2 * item)
        return "- " * item + ("\n" + "  " * item).join(lines)
    return block.text


def _between_blocks(before: str, kind: str) -> bool:
    return before != kind or kind not in ("list_item", "table_row")


_BLANK: dict[str, Callable[[str, str], bool]] = {
    "blank": _between_blocks,
    "inner": lambda before, kind: "paragraph" in (before, kind),
    "copied": _between_blocks,
    "tight": lambda before, kind: False,
    "wrapped": _between_blocks,
}
STYLES = tuple(_BLANK)
