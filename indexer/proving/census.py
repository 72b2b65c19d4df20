"""What is known of a whole corpus, so that a part of it can be read as if all had been.

In: articles with their passages, one at a time. Out: the facts that the meaning of a query takes
from all of them (words written with hyphens, languages, lengths, and in how many passages a leaf
matches), and an `Inquiry` that reads only the passages it is given. The passages of a word are
kept by form; a leaf of several words has its candidates read. Where these are more than
`MOST_READ`, their number stays unknown, and so do the scores that need it.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from whoosh import query

from indexer.model import Article, Match, Passage
from indexer.proving.corpus import Corpus, Reading
from indexer.proving.scores import FIELDS, Field, Lengths, Parameters
from indexer.proving.spelling import Spelling, Thesaurus
from indexer.proving.trees import Prover, Question, typed_words
from indexer.proving.units import (
    MOST_PARTS,
    Compound,
    Token,
    compounds,
    read_passage,
    read_token,
    read_unit,
)
from indexer.query.nodes import Near
from indexer.text import folding, stemming
from indexer.text.tokenizer import tokenize

MOST_READ = 4000  # candidates of one leaf that are read to count those that hold it
_HYPHENATED = re.compile(r"\S[-\u2010\u2011]\S")  # what may hold a compound
Load = Callable[[str], tuple[Article, Sequence[Passage]]]
Shelf = Callable[["_Form"], "array[int]"]  # which of a form's places are meant


@dataclass(slots=True)
class _Form:
    """One form of one language: where it stands, each text once, ascending."""

    token: Token | None = None  # made when first asked for
    texts: array[int] = field(default_factory=lambda: array("I"))  # of passages, by number
    heads: array[int] = field(default_factory=lambda: array("I"))  # headings and titles, by number
    count: int = 0  # tokens in all


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading or a title with the passages below it."""

    text: str
    language: str
    is_title: bool
    below: array[int]


class Census:
    """Facts of all articles, gathered one by one; boilerplate is read, but not counted."""

    def __init__(self, load: Load) -> None:
        self._load = lru_cache(maxsize=64)(load)
        self._kinds: dict[str, dict[str, _Form]] = {}  # language → form → where
        self._heads: list[_Head] = []
        self._places: list[tuple[str, int]] = []  # of each passage: article id, place in it
        self._sums: dict[Field, int] = dict.fromkeys(FIELDS, 0)
        self.compounds: set[Compound] = set()
        self._chunks: set[tuple[str, str]] = set()  # hyphenated, read already

    # --- gathering ------------------------------------------------------------------------------

    def add(
        self, article: Article, passages: Sequence[Passage], forms: Sequence[Sequence[str]]
    ) -> None:
        """Count an article; `forms` are the tokens of each passage's text."""
        language = article.language
        sizes = {text: self._read(text, language) for text in _head_texts(article, passages)}
        below: dict[str, array[int]] = defaultdict(lambda: array("I"))
        title: array[int] = array("I")
        for place, (passage, words) in enumerate(zip(passages, forms)):
            number = -1
            if passage.kind != "boilerplate":
                number = len(self._places)
                self._places.append((article.id, place))
                title.append(number)
                for text in set(passage.section):
                    below[text].append(number)
                self._sums["text"] += len(words)
                self._sums["section"] += sum(len(sizes[text]) for text in passage.section)
                self._sums["title"] += len(sizes[article.title])
            self._post(language, words, number)
            self._compound(passage.text, language, passage.breaks)
        self._head(_Head(article.title, language, True, title), sizes[article.title])
        for text, numbers in below.items():
            self._head(_Head(text, language, False, numbers), sizes[text])

    def _read(self, text: str, language: str) -> list[str]:
        """The tokens of a heading or title, which the corpus has whatever stands below."""
        forms = tokenize(text).forms
        self._post(language, forms, -1)
        self._compound(text, language, ())
        return forms

    def _head(self, head: _Head, forms: Sequence[str]) -> None:
        self._heads.append(head)
        for form in set(forms):
            self._kinds[head.language][form].heads.append(len(self._heads) - 1)

    def _post(self, language: str, forms: Sequence[str], number: int) -> None:
        """Note the forms of a text, and unless `number` is -1 that this passage has them."""
        known = self._kinds.setdefault(language, {})
        for form in forms:
            kind = known.get(form)
            if kind is None:
                kind = known[form] = _Form()
            kind.count += 1
            if number >= 0 and (not kind.texts or kind.texts[-1] != number):
                kind.texts.append(number)

    def _compound(self, text: str, language: str, breaks: tuple[int, ...]) -> None:
        """Read the compounds of a text; none goes on beyond white space or a block."""
        if not _HYPHENATED.search(text):
            return
        for start, end in pairwise((0, *breaks, len(text))):
            for chunk in text[start:end].split():
                if (language, chunk) not in self._chunks and _HYPHENATED.search(chunk):
                    self._chunks.add((language, chunk))
                    self.compounds |= compounds([read_unit(chunk, language)])

    # --- facts ----------------------------------------------------------------------------------

    @property
    def passages(self) -> int:
        """How many passages are no boilerplate."""
        return len(self._places)

    @cached_property
    def lengths(self) -> Lengths:
        """How many passages there are, and how long on average."""
        size = max(self.passages, 1)
        return Lengths(
            self.passages, {name: max(total, 1) / size for name, total in self._sums.items()}
        )

    @property
    def languages(self) -> frozenset[str]:
        """Of the articles."""
        return frozenset(self._kinds)

    def frequencies(self) -> dict[str, int]:
        """How often each form stands in the corpus."""
        found: dict[str, int] = {}
        for kinds in self._kinds.values():
            for form, kind in kinds.items():
                found[form] = found.get(form, 0) + kind.count
        return found

    @cached_property
    def spoken(self) -> dict[str, frozenset[str]]:
        """For each fold the languages that have it."""
        found: dict[str, frozenset[str]] = {}
        for language, kinds in self._kinds.items():
            for form in kinds:
                fold = folding.fold(form)
                found[fold] = found.get(fold, frozenset()) | {language}
        return found

    @cached_property
    def _spelt(self) -> dict[str, list[Compound]]:
        """Compounds by their first part, and by what they are when joined, folded or stemmed."""
        found: dict[str, list[Compound]] = defaultdict(list)
        for compound in self.compounds:
            head, last = "".join(compound.parts[:-1]), compound.parts[-1]
            root = stemming.stem(last, compound.language)
            for key in {compound.parts[0], head + last, head + root}:
                found[key].append(compound)
        return found

    def compounds_for(self, tree: query.Query) -> frozenset[Compound]:
        """The compounds that can have a part in what the words of a tree mean."""
        typed = [form for word in typed_words(tree) for form in tokenize(word).forms]
        keys = set()
        for size in range(1, MOST_PARTS + 1):
            for first in range(len(typed) - size + 1):
                fold = folding.fold("".join(typed[first : first + size]))
                keys |= {fold, *(stemming.stem(fold, language) for language in self.languages)}
        return frozenset(one for key in keys for one in self._spelt.get(key, ()))

    # --- counting -------------------------------------------------------------------------------

    def holding(self, leaf: query.Query, names: Iterable[Field], question: Question) -> float:
        """In how many passages a leaf matches in the fields named; nan if that stays unknown."""
        found: set[int] = set()
        if "text" in names:
            texts = self._candidates(leaf, question, lambda kind: kind.texts)
            if _is_plain(leaf, question):
                found |= texts
            elif len(texts) > MOST_READ:
                return math.nan
            else:
                found |= {n for n in texts if self._has(n, leaf, question)}
        if "section" in names or "title" in names:
            for number in self._candidates(leaf, question, lambda kind: kind.heads):
                head = self._heads[number]
                if ("title" if head.is_title else "section") in names:
                    unit = read_unit(head.text, head.language)
                    if question.finders[head.language].find(leaf, unit):
                        found.update(head.below)
        return len(found)

    def _has(self, number: int, leaf: query.Query, question: Question) -> bool:
        article_id, place = self._places[number]
        article, passages = self._load(article_id)
        unit = read_passage(passages[place], article.language)
        return bool(question.finders[article.language].find(leaf, unit))

    def _candidates(self, leaf: query.Query, question: Question, shelf: Shelf) -> set[int]:
        """The texts that have all words of a leaf, whatever their order."""
        if isinstance(leaf, (Near, query.Or)):
            parts = [self._candidates(part, question, shelf) for part in leaf.subqueries]
            return set.intersection(*parts) if isinstance(leaf, Near) else set.union(*parts)
        found: set[int] = set()
        for language, finder in question.finders.items():
            for spelling in finder.spellings(leaf):
                found |= self._with_all(spelling, language, shelf)
        return found

    def _with_all(self, spelling: Spelling, language: str, shelf: Shelf) -> set[int]:
        """The texts of a language that have a word for each place of a spelling."""
        found: set[int] | None = None
        for wanted in spelling:
            accepted: set[int] = set()
            for form, kind in self._kinds[language].items():
                if kind.token is None:
                    kind.token = read_token(form, 0, language)
                if wanted.test(kind.token):
                    accepted.update(shelf(kind))
            found = accepted if found is None else found & accepted
            if not found:
                return set()
        return found or set()

    # --- reading --------------------------------------------------------------------------------

    def readings(self, article_id: str, passage_ids: Container[str]) -> list[Reading]:
        """Some passages of an article with all their texts."""
        article, passages = self._load(article_id)
        return Corpus([(article, [one for one in passages if one.id in passage_ids])]).readings


class Inquiry(Question):
    """One tree asked of the passages that are read, with the facts of the whole corpus."""

    def __init__(
        self,
        census: Census,
        tree: query.Query,
        match: Match,
        parameters: Parameters,
        thesaurus: Thesaurus,
    ) -> None:
        self._census = census
        facts = Corpus(())
        facts.spoken, facts.languages, facts.lengths = (
            census.spoken,
            census.languages,
            census.lengths,
        )
        # Of thousands of compounds few concern a query; to try each on each word takes minutes.
        facts.compounds = census.compounds_for(tree)
        super().__init__(Prover(facts, parameters, thesaurus), tree, match)

    def holding(self, leaf: query.Query, names: tuple[Field, ...]) -> float:
        """In how many passages of the corpus a leaf matches; nan if that is not known."""
        return self._census.holding(leaf, names, self)


def _head_texts(article: Article, passages: Iterable[Passage]) -> Iterator[str]:
    """The title and all headings of an article, each once; a section names them on one line."""
    named = (text for passage in passages for text in passage.section)
    blocks = [b.span.of(article.text) for b in article.blocks if b.kind == "heading"]
    yield from dict.fromkeys((article.title, *named, *(" ".join(b.split()) for b in blocks)))


def _is_plain(leaf: query.Query, question: Question) -> bool:
    """Whether a leaf matches wherever one of its words stands."""
    return not isinstance(leaf, (Near, query.Or)) and all(
        len(spelling) == 1
        for finder in question.finders.values()
        for spelling in finder.spellings(leaf)
    )
