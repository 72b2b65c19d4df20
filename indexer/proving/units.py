"""Texts as plain lists of tokens.

In: a passage, a heading or a title. Out: a `Unit`, its tokens in order, each with its block and
sentence. Nothing is refused: a text without words is a unit without tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from indexer.model import Passage
from indexer.text import folding, stemming
from indexer.text.sentences import sentences as sentence_spans
from indexer.text.tokenizer import tokenize

HYPHENS = frozenset("-\u2010\u2011")
MOST_PARTS = 4  # of a hyphenated compound


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it stands in a text."""

    form: str
    start: int  # in the unit's text
    end: int
    fold: str
    kept: str  # folded but for its case
    stem: str  # under the unit's language
    block: int  # number of the item or row in the unit; a paragraph is block 0
    sentence: int  # number of the sentence in the unit


@dataclass(frozen=True, slots=True)
class Compound:
    """A word that is somewhere written with hyphens."""

    language: str | None  # of the text that it stands in; None: of a query
    parts: tuple[str, ...]  # folded


@dataclass(frozen=True, slots=True)
class Unit:
    """What a match may not leave: one passage, one heading or one title."""

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
        found = tokenize(part)
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
    """For each fold the languages of the texts that have it."""
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
    return left.block == right.block and text[left.end : right.start] in HYPHENS


def _compound(run: list[Token], language: str) -> Iterator[Compound]:
    """A run of hyphenated words is one compound, unless it begins with a number: 10-25 mg."""
    if 2 <= len(run) <= MOST_PARTS and not run[0].form[0].isdigit():
        yield Compound(language, tuple(token.fold for token in run))


def read_token(form: str, start: int, language: str, block: int = 0, sentence: int = 0) -> Token:
    """A token with all that words are compared by."""
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
