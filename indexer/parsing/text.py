"""Plain text to structure: what was a page before somebody copied it.

In: decoded text with newlines as `\\n`. Out: `TextStructure`, the title and the blocks, whose
spans cover every character that is no white space. Refuses nothing; an empty text has no blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.model import Block
from indexer.parsing.labelling import label_units
from indexer.parsing.lines import cut_units
from indexer.parsing.mending import mend_labels
from indexer.parsing.outlining import outline


@dataclass(frozen=True, slots=True)
class TextStructure:
    """What plain text shows of its structure."""

    title: str  # "" when no line of the text is its title
    blocks: tuple[Block, ...]  # in order, not overlapping, covering all but white space


def parse_text(text: str) -> TextStructure:
    """Infer title, headings, lists, tables and boilerplate of a plain text."""
    units = cut_units(text)
    labels = mend_labels(text, units, label_units(text, units))
    title, blocks = outline(text, units, labels)
    return TextStructure(title, tuple(blocks))
