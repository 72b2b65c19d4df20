"""A plain text file to an article.

In: a .txt file. Out: an `Article` whose text is the decoded file, its structure inferred by
`text`. Refuses (`SourceError`) what is no text and what is empty.
"""

from __future__ import annotations

from indexer.model import Article, Source
from indexer.parsing.assembling import Facts, assemble, no_text
from indexer.parsing.encoding import decode
from indexer.parsing.identity import digest_of
from indexer.parsing.plain_text.parser import parse_text
from indexer.settings import Settings


def parse_plain(source: Source, settings: Settings) -> Article:
    """The article of a plain text file."""
    text = decode(source.data, source.path)
    if not text.strip():
        raise no_text(source.path)
    found = parse_text(text)
    facts = Facts(source.id, source.path, digest_of(source.data, settings), title=found.title)
    return assemble(facts, text, found.blocks, settings)
