"""Plain text to structure: what was a page before somebody copied it.

In: decoded text with newlines as `\\n`. Out: `TextStructure`, the title and the blocks, whose
spans cover every character that is no white space. Refuses nothing; an empty text has no blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.model import Block
from indexer.parsing.plain_text.line_kinds import Labeller, tell_kinds
from indexer.parsing.plain_text.line_model import label_units
from indexer.parsing.plain_text.lines import cut_units
from indexer.parsing.plain_text.merge_lines import join_units
from indexer.parsing.plain_text.outline import outline


@dataclass(frozen=True, slots=True)
class TextStructure:
    """What plain text shows of its structure."""

    title: str  # "" when no line of the text is its title
    blocks: tuple[Block, ...]  # in order, not overlapping, covering all but white space


def parse_text(text: str) -> TextStructure:
    """Infer title, headings, lists, tables and boilerplate of a plain text."""
    return structure_of(text, label_units)


def structure_of(text: str, labeller: Labeller) -> TextStructure:
    """The structure that a labeller of lines gives; `parse_text` takes the line model."""
    units = cut_units(text)
    kinds, underlines = tell_kinds(text, units, labeller)
    title, blocks = outline(text, *join_units(text, units, kinds, underlines))
    return TextStructure(title, tuple(blocks))
