"""Texts as plain lists of tokens: passages, headings and titles.

In: articles with their passages. Out: a `Corpus` of `Reading`s, each of `Unit`s, whose tokens know
their block and sentence. Nothing is refused: a text without words is a unit without tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from indexer.model import Article, Passage
from indexer.text import folding, stemming
from indexer.text.sentences import sentences as sentence_spans
from indexer.text.tokenizer import tokenize

Field = Literal["text", "section", "title"]
FIELDS: tuple[Field, ...] = ("text", "section", "title")
HYPHENS = frozenset("-\u2010\u2011")
MOST_PARTS = 4  # of a hyphenated compound


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it stands in a text."""

    form: str
    start: int  # in the unit's text
    end: int
    fold: str
    kept: str  # folded, except for its case
    stem: str  # under the unit's language
    block: int  # number of the item or row in the unit; a paragraph is block 0
    sentence: int  # number of the sentence in the unit


@dataclass(frozen=True, slots=True)
class Compound:
    """A word that some text or query writes with hyphens."""

    language: str | None  # of the text that it stands in; None: of a query
    parts: tuple[str, ...]  # folded


@dataclass(frozen=True, slots=True)
class Unit:
    """A text within which a match must lie: one passage, heading or title."""

    text: str
    language: str
    tokens: tuple[Token, ...]


def read_unit(text: str, language: str, breaks: tuple[int, ...] = ()) -> Unit:
    """The tokens of `text`, which is one block or, cut at `breaks`, several."""
    edges = [0, *breaks, len(text)]
    tokens: list[Token] = []
    sentence = -1
    for block, (start, end) in enumerate(pairwise(edges)):
        part = text[start:end]
        ends = [start + span.end for span in sentence_spans(part, language)]
        found = tokenize(part, language)
        reached = -1
        for form, offset in zip(found.forms, found.starts):
            place = start + offset
            here = sum(1 for sentence_end in ends if sentence_end <= place)
            if here != reached:
                reached = here
                sentence += 1
            tokens.append(read_token(form, place, language, block, sentence))
    return Unit(text, language, tuple(tokens))


def read_passage(passage: Passage, language: str) -> Unit:
    """The tokens of a passage, whose joined items are blocks of their own."""
    return read_unit(passage.text, language, passage.breaks)


def spoken(units: Iterable[Unit]) -> dict[str, frozenset[str]]:
    """Languages of the texts that contain each fold."""
    found: dict[str, frozenset[str]] = {}
    for unit in units:
        for token in unit.tokens:
            found[token.fold] = found.get(token.fold, frozenset()) | {unit.language}
    return found


def compounds(units: Iterable[Unit]) -> frozenset[Compound]:
    """Every word written with hyphens in the units."""
    return frozenset(compound for unit in units for compound in _compounds(unit))


def _compounds(unit: Unit) -> Iterator[Compound]:
    run: list[Token] = []
    for token in unit.tokens:
        if run and not _joined(unit.text, run[-1], token):
            yield from _compound(run, unit.language)
            run = []
        run.append(token)
    yield from _compound(run, unit.language)


def _joined(text: str, left: Token, right: Token) -> bool:
    gap = text[left.end : right.start]
    if gap[1:].strip(" \t") == "\n":  # divided at a line's end
        return left.block == right.block and gap[0] in HYPHENS | {"\u00ad"}
    return left.block == right.block and gap in HYPHENS


def _compound(run: list[Token], language: str) -> Iterator[Compound]:
    """A run of hyphenated words is one compound, unless it begins with a number: 10-25 mg."""
    if 2 <= len(run) <= MOST_PARTS and not run[0].form[0].isdigit():
        yield Compound(language, tuple(token.fold for token in run))


def read_token(form: str, start: int, language: str, block: int = 0, sentence: int = 0) -> Token:
    """A token with its fold, cased fold and stem."""
    fold = folding.fold(form)
    return Token(
        form,
        start,
        start + len(form),
        fold,
        folding.fold_keep_case(form),
        stemming.stem(fold, language),
        block,
        sentence,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One passage with all texts that a query may search."""

    passage: Passage
    text: Unit
    section: tuple[Unit, ...]  # one for each heading of its section
    title: Unit

    def units(self, name: Field) -> tuple[Unit, ...]:
        """The texts of one field."""
        return {"text": (self.text,), "section": self.section, "title": (self.title,)}[name]

    def length(self, name: Field) -> int:
        """Number of tokens in the field."""
        return sum(len(unit.tokens) for unit in self.units(name))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Number and mean lengths of the passages on which scores are based."""

    passages: int
    means: Mapping[Field, float]  # tokens a passage


class Corpus:
    """All passages, and facts about all of them together."""

    def __init__(self, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> None:
        self.articles = list(articles)
        self.readings: list[Reading] = []
        units: list[Unit] = []
        for article, passages in self.articles:
            title = read_unit(article.title, article.language)
            texts = [b.span.of(article.text) for b in article.blocks if b.kind == "heading"]
            headings = {text: read_unit(text, article.language) for text in texts}
            units += [title, *headings.values()]
            for passage in passages:
                text = read_passage(passage, passage.language or article.language)
                section = tuple(headings[heading] for heading in passage.section)
                self.readings.append(Reading(passage, text, section, title))
                units.append(text)
        self.compounds = compounds(units)
        self.spoken = spoken(units)
        self.occurring = Counter((t.fold, unit.language) for unit in units for t in unit.tokens)
        self.languages = frozenset(unit.language for unit in units)

    @cached_property
    def plain(self) -> list[Reading]:
        """Passages that are not boilerplate: searched by default, and the basis of scores."""
        return [one for one in self.readings if one.passage.kind != "boilerplate"]

    @cached_property
    def lengths(self) -> Lengths:
        """Number of passages and their mean lengths."""
        means = {name: _mean([one.length(name) for one in self.plain]) for name in FIELDS}
        return Lengths(len(self.plain), means)


def _mean(numbers: list[int]) -> float:
    """The mean; positive also for no numbers or zeros, so that quotients are finite."""
    return max(sum(numbers), 1) / max(len(numbers), 1)
