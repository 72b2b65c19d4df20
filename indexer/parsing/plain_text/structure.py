"""Plain text to an article: what was a page before somebody copied it.

In: a .txt file, or decoded text with newlines as `\\n`. Out: an `Article` whose text is the decoded
file, or its `TextStructure`: the title and the blocks, whose spans cover every character that is
no white space. A file that is no text or is empty is refused (`SourceError`); an empty text has
no blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.model import Article, Block, Source
from indexer.parsing.article import Facts, assemble, digest_of, no_text
from indexer.parsing.encoding import decode
from indexer.parsing.plain_text.line_kinds import Labeller, find_kinds, merge_lines
from indexer.parsing.plain_text.line_model import label_units
from indexer.parsing.plain_text.lines import cut_units
from indexer.parsing.plain_text.outline import outline
from indexer.settings import Settings


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
    kinds, underlines = find_kinds(text, units, labeller)
    title, blocks = outline(text, *merge_lines(text, units, kinds, underlines))
    return TextStructure(title, blocks)


def parse_plain(source: Source, settings: Settings) -> Article:
    """The article of a plain text file."""
    text = decode(source.data, source.path)
    if not text.strip():
        raise no_text(source.path)
    found = parse_text(text)
    facts = Facts(source.id, source.path, digest_of(source.data, settings), title=found.title)
    return assemble(facts, text, found.blocks, settings)
