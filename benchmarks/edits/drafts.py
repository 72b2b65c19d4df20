"""Articles in which each word has its origin, so that edits can be judged.

In: an article. Out: a `Draft` that can be edited block by block and published as an article again,
with the truth about each passage of the draft before: where its words went. A word that an edit
inserts has no origin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from indexer.links.selectors import selectors_of
from indexer.model import Article, Block, Kind, Passage, Selectors, Span
from indexer.passages import split

NOWHERE = -1
_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the white space after it, and its old passage."""

    text: str
    origin: int = NOWHERE


@dataclass(slots=True)
class Unit:
    """A block that can be edited."""

    kind: Kind
    level: int
    group: int
    words: list[Word]

    @property
    def text(self) -> str:
        """Its words joined."""
        return "".join(word.text for word in self.words).strip()

    @property
    def is_content(self) -> bool:
        """Whether the block is part of passages."""
        return self.kind not in ("title", "heading")

    def copy(self) -> Unit:
        """A copy that can be edited separately."""
        return replace(self, words=list(self.words))


@dataclass(slots=True)
class Draft:
    """An article as blocks of words."""

    id: str
    title: str
    language: str
    units: list[Unit] = field(default_factory=list)

    def copy(self) -> Draft:
        """A copy that can be edited separately."""
        return replace(self, units=[unit.copy() for unit in self.units])


@dataclass(frozen=True, slots=True)
class Version:
    """A published draft: its passages, and for each passage the old passages of its words."""

    article: Article
    passages: tuple[Passage, ...]
    selectors: tuple[Selectors, ...]
    origins: tuple[Counter[int], ...]  # a passage's words by old passage


def draft_of(article: Article) -> Draft:
    """The draft of an unedited article."""
    units = [
        Unit(block.kind, block.level, block.group, words_of(block.span.of(article.text)))
        for block in article.blocks
    ]
    return Draft(article.id, article.title, article.language, units)


def words_of(text: str, origin: int = NOWHERE) -> list[Word]:
    """Words that all have one origin."""
    return [Word(found, origin) for found in _WORD.findall(text)]


def publish(draft: Draft) -> Version:
    """Publishes a draft: its article, split into passages."""
    texts, blocks, places = [], [], []
    at, headings = 0, list[tuple[int, str]]()
    before: Unit | None = None
    for unit in draft.units:
        text = unit.text
        if not text:
            continue
        if before is not None:
            joint = "\n" if unit.group and unit.group == before.group else "\n\n"
            texts.append(joint)
            at += len(joint)
        if unit.kind == "heading":
            headings = [entry for entry in headings if entry[0] < unit.level]
        section = tuple(label for _, label in headings) if unit.kind not in _UNPLACED else ()
        span = Span(at, at + len(text))
        blocks.append(Block(unit.kind, unit.level, span, section, "", unit.group))
        if unit.kind == "heading":
            headings.append((unit.level, " ".join(text.split())))
        offset = at
        for word in unit.words:
            places.append((offset, word.origin))
            offset += len(word.text)
        texts.append(text)
        at, before = span.end, unit
    article = Article(draft.id, draft.title, "", draft.language, "".join(texts), tuple(blocks))
    passages = split(article)
    return Version(article, passages, selectors_of(article, passages), _origins(passages, places))


_UNPLACED = ("title", "boilerplate")


def _origins(
    passages: Sequence[Passage], places: Sequence[tuple[int, int]]
) -> tuple[Counter[int], ...]:
    found, at = [], 0
    for passage in passages:
        counts: Counter[int] = Counter()
        while at < len(places) and places[at][0] < passage.span.end:
            if places[at][0] >= passage.span.start:
                counts[places[at][1]] += 1
            at += 1
        found.append(counts)
    return tuple(found)


def marked(draft: Draft) -> Draft:
    """The draft, with each word's origin set to its current passage."""
    numbered, numbers = draft.copy(), count()
    for unit in numbered.units:
        unit.words = [replace(word, origin=next(numbers)) for word in unit.words]
    passages = publish(numbered).origins
    homes = {word: n for n, words in enumerate(passages) for word in words}
    for unit in numbered.units:
        found = homes if unit.is_content else {}
        unit.words = [replace(w, origin=found.get(w.origin, NOWHERE)) for w in unit.words]
    return numbered
