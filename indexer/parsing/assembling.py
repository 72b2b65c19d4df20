"""The last step of every parser: text, blocks and declared facts to an `Article`.

In: text with blocks, and what the source says of itself. Out: an `Article` with its title and
language settled. Refuses (`SourceError`) what has no block at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.errors import SourceError
from indexer.model import Article, Block
from indexer.parsing.article import squeeze
from indexer.parsing.identity import language_of, readable_name
from indexer.settings import Settings

MAX_METADATA = 2_000  # characters of one value


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source says of an article besides its text; "" where it says nothing."""

    id: str
    path: str  # for errors, and for a title when nothing else gives one
    digest: str
    title: str = ""
    url: str = ""
    language: str = ""  # as written: "en-GB" will do
    metadata: Mapping[str, str] = field(default_factory=dict)


def assemble(facts: Facts, text: str, blocks: tuple[Block, ...], settings: Settings) -> Article:
    """The article.

    Its title is that of the title block, else the declared one, else the first heading, else the
    file's name made readable.
    """
    if not blocks:
        raise no_text(facts.path)
    found = {b.kind: b for b in reversed(blocks) if b.kind in ("title", "heading")}
    shown = found["title"].span.of(text) if "title" in found else facts.title
    if not shown.strip() and "heading" in found:
        shown = found["heading"].span.of(text)
    return Article(
        id=facts.id,
        title=squeeze(shown) or readable_name(facts.path),
        url=safe_url(facts.url),
        language=language_of(facts.language, text, settings),
        text=text,
        blocks=blocks,
        metadata=clean_metadata(facts.metadata),
        digest=facts.digest,
    )


def safe_url(url: str) -> str:
    """The address if a link may point to it: on the web or relative; else ""."""
    bare = "".join(url.split())
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", bare)
    return bare if scheme is None or scheme[1].lower() in ("http", "https") else ""


def clean_metadata(values: Mapping[str, str]) -> dict[str, str]:
    """The values that say something, white space collapsed, sorted by name."""
    squeezed = {name: squeeze(value)[:MAX_METADATA] for name, value in values.items()}
    return {name: squeezed[name] for name in sorted(squeezed) if squeezed[name]}


def no_text(path: str) -> SourceError:
    """What every parser raises for a file in which there is nothing to read."""
    return SourceError(path, "holds no text", "add text or remove it")
