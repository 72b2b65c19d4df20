"""Random corpora and query trees of the same few words, so that queries have hits.

In: a random generator. Out: articles as from parsing, trees as from parsing or from a program, and
a `Shelf` that gives articles as the store does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from whoosh import query

from indexer.model import Article, Block, Kind, Match, Passage, Span
from indexer.passages import split
from indexer.query.nodes import Near, Quote, Word
from indexer.store.codec import Packed, pack
from indexer.store.reader import Store
from indexer.text.folding import fold
from indexer.text.synonyms import Synonyms
from indexer.text.tokenizer import tokenize

# Few words, so that queries have hits; each separates readings that an engine could confuse.
WORDS = (
    *("pain", "pains", "painful", "Pain", "take", "taking", "takes", "not", "no", "a", "the"),
    *("anti", "inflammatory", "inflammatories", "antiinflammatory", "anti-inflammatory"),
    *("Anti-Inflammatories", "non-anti-drug", "nonantidrug", "x\u2010ray", "xray", "x", "ray"),
    *("Elavil", "elavil's", "Elavil\u2019s", "don't", "25mg", "25", "mg", "5", "10-25", "1,000"),
    *("1000", "B12", "caf\u00e9", "cafe\u0301", "CAFE", "notes", "rub\u00adbish", "rubbish"),
    *("\u75db\u307f", "\u75db", "\ufb01ne", "fine", "l'eau", "Schmerzen", "Schmerz", "t\u00e9s"),
)
GAPS = (" ", " ", " ", " ", ", ", ". ", "? ", " - ", "; ", "-", "\u200b", "\n", " (", ".\u201d ")
LANGUAGES = ("en", "en", "fr", "de", "xx", "")  # the last two have no stems
MATCHES: tuple[Match, ...] = ("stem", "stem", "word", "case")


@dataclass(frozen=True, slots=True)
class Part:
    """One block of an article to compose."""

    kind: Kind
    text: str
    level: int = 0
    group: int = 0


def compose(identity: str, title: str, parts: Sequence[Part], *, language: str = "en") -> Article:
    """An article whose text is its title and `parts`, a line each."""
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    text = ""
    for part in (Part("title", title), *parts):
        start = len(text)
        text += part.text
        section: tuple[str, ...] = ()
        if part.kind == "heading":
            path = [(level, name) for level, name in path if level < part.level]
        if part.kind not in ("title", "boilerplate"):
            section = tuple(name for _, name in path)
        span = Span(start, len(text))
        blocks.append(Block(part.kind, part.level, span, section, group=part.group))
        if part.kind == "heading":
            path.append((part.level, part.text))
        text += "\n\n"
    return Article(identity, title, "", language, text, tuple(blocks))


def paragraphs(*texts: str, title: str = "Untitled", language: str = "en") -> list[Article]:
    """One article for each text, with that text as its only passage."""
    return [
        compose(f"a{i}", title, [Part("paragraph", text)], language=language)
        for i, text in enumerate(texts)
    ]


# --- random corpora and trees ------------------------------------------------------------------

PREFIXES = ("pa", "t", "anti", "ca", "r", "el", "Ta", "1", "inflammator", "n", "anti-inf")
WILDCARDS = ("p*n", "t?ke", "*mg", "ca?e", "*a*", "?ain*", "e*'s", "r?y", "*", "Tak??", "P*")
TYPOS = ("pian", "tkae", "elavli", "nto", "cfae", "ray", "100", "24", "notse", "inflamatory", "b12")
QUOTED = ("pa*", "*", "t?k*", "anti-i*")
FILTERS = (
    query.Term("kind", "list_item"),
    query.Term("kind", "boilerplate"),
    query.Term("article", "a0"),
    query.Every(),
    query.NullQuery,
)


@dataclass(frozen=True, slots=True)
class Chance:
    """Makes random articles and trees of the same few words, so that trees have hits."""

    random: Random
    vocabulary: Sequence[str]

    @classmethod
    def of(cls, random: Random) -> Chance:
        """A `Chance` with three to ten words of `WORDS`."""
        return cls(random, random.sample(WORDS, random.randint(3, 10)))

    # --- corpora ---

    def corpus(self) -> list[Article]:
        """One to four articles."""
        return [self.article(number) for number in range(self.random.randint(1, 4))]

    def article(self, number: int) -> Article:
        """An article of a few blocks: headings, paragraphs, lists, boilerplate."""
        parts: list[Part] = []
        for group in range(1, self.random.randint(1, 5) + 1):
            shape = self.random.choice(("paragraph", "paragraph", "heading", "list", "boilerplate"))
            if shape == "heading":
                parts.append(Part("heading", self.line(3), level=self.random.randint(1, 3)))
            elif shape == "list":
                texts = [self.text(4) for _ in range(self.random.randint(1, 4))]
                parts.extend(Part("list_item", text, level=1, group=group) for text in texts)
            else:
                kind: Kind = "boilerplate" if shape == "boilerplate" else "paragraph"
                parts.append(Part(kind, self.text(14)))
        parts.append(Part("paragraph", self.text(14)))
        language = self.random.choice(LANGUAGES)
        return compose(f"a{number}", self.line(4), parts, language=language)

    def headed(self, number: int) -> Article:
        """An article of nested, empty and equal headings, with little or nothing between them."""
        shapes = ("heading", "heading", "heading", "paragraph", "paragraph", "list", "boilerplate")
        parts: list[Part] = []
        for group in range(1, self.random.randint(0, 9) + 1):
            shape = self.random.choice(shapes)
            if shape == "heading":
                parts.append(Part("heading", self.line(2), level=self.random.randint(1, 4)))
            elif shape == "list":
                parts.append(Part("list_item", self.text(3), level=1, group=group))
            else:
                kind: Kind = "boilerplate" if shape == "boilerplate" else "paragraph"
                parts.append(Part(kind, self.text(3)))
        return compose(f"a{number}", self.line(2), parts, language=self.random.choice(LANGUAGES))

    def text(self, most: int) -> str:
        """One to `most` words with punctuation between them."""
        words = self.random.choices(self.vocabulary, k=self.random.randint(1, most))
        gaps = self.random.choices(GAPS, k=len(words))
        return "".join(map(str.__add__, words, gaps)).rstrip(" -(\n\u200b,;")

    def line(self, most: int) -> str:
        """Such words in one line, as in headings and titles."""
        return self.text(most).replace("\n", " ")

    def synonyms(self) -> Synonyms:
        """Random synonyms of terms of one or two words."""
        rules: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        for _ in range(self.random.randint(1, 3)):
            terms = [self._term() for _ in range(self.random.randint(2, 3))]
            rules[terms[0]] = tuple(dict.fromkeys(t for t in terms[1:] if t != terms[0]))
        return Synonyms({term: others for term, others in rules.items() if others})

    def _term(self) -> tuple[str, ...]:
        words = self.random.choices(self.vocabulary, k=self.random.choice((1, 1, 2)))
        return tuple(map(fold, tokenize(" ".join(words)).forms))

    # --- trees ---

    def tree(self, depth: int = 0) -> query.Query:
        """A tree of any shape."""
        if self.random.random() < (0.35, 0.55, 0.75, 1.0)[depth]:
            return self.leaf()
        kind = self.random.choice(
            ("and", "and", "or", "or", "least", "not", "andnot", "maybe", "require", "max", "const")
        )
        if kind == "not":
            return query.Not(self.tree(depth + 1))
        if kind == "const":
            return query.ConstantScoreQuery(self.tree(depth + 1), score=2.5)
        if kind in BINARY:
            return BINARY[kind](self.tree(depth + 1), self.tree(depth + 1))
        parts = [self.tree(depth + 1) for _ in range(self.random.randint(1, 4))]
        if kind == "least":
            return query.Or(parts, minmatch=self.random.randint(0, 3))
        if kind == "max":
            return query.DisjunctionMax(parts, tiebreak=self.random.choice((0.0, 0.3)))
        return (query.And if kind == "and" else query.Or)(parts, boost=self.boost())

    def nest(self, depth: int = 0) -> query.Query:
        """A tree of And, Or and Not over words in any field, as in typed queries."""
        chance = self.random.random()
        if depth == 3 or chance < (0.1, 0.4, 0.7)[depth]:
            if self.random.random() < 0.2:
                return self.leaf()
            return self.word("any")
        if chance > 0.88:
            return query.Not(self.nest(depth + 1))
        parts = [self.nest(depth + 1) for _ in range(self.random.randint(2, 3))]
        return (query.And if self.random.random() < 0.6 else query.Or)(parts)

    def leaf(self) -> query.Query:
        """A leaf of any kind; words are the commonest."""
        field = self.random.choice(("any", "any", "any", "text", "section", "title"))
        chance = self.random.random()
        if chance < 0.08:
            return self.random.choice(FILTERS)
        if chance < 0.45:
            leaf = self.word(field)
        elif chance < 0.65:
            leaf = self.quote(field)
        elif chance < 0.82:
            leaf = self.pattern(field)
        else:
            leaf = self.near("any" if self.random.random() < 0.7 else "text")
        leaf.boost = self.boost()
        return leaf

    def boost(self) -> float:
        """A boost, mostly 1."""
        return self.random.choice((1.0, 1.0, 1.0, 0.5, 2.0))

    def word(self, field: str) -> query.Query:
        """A bare word."""
        return Word(field, self.random.choice(self.vocabulary))

    def quote(self, field: str) -> query.Query:
        """A phrase of up to four words, some of them patterns."""
        words = self.random.choices(self.vocabulary, k=self.random.randint(1, 4))
        if self.random.random() < 0.3:
            words[self.random.randrange(len(words))] = self.random.choice(QUOTED)
        return Quote(field, words, slop=self.random.choice((1, 1, 1, 2, 3)))

    def pattern(self, field: str) -> query.Query:
        """A prefix, a wildcard or a word with a typing error."""
        kind = self.random.choice((query.Prefix, query.Wildcard, query.FuzzyTerm))
        if kind is query.FuzzyTerm:
            typed = self.random.choice((*TYPOS, *self.vocabulary))
            return kind(field, typed, maxdist=self.random.choice((1, 2)), prefixlength=0)
        return kind(field, self.random.choice(PREFIXES if kind is query.Prefix else WILDCARDS))

    def near(self, field: str, *, inner: bool = False) -> query.Query:
        """Two operands within some words or one sentence."""
        left = self.operand(field)
        if not inner and self.random.random() < 0.2:
            left = self.near(field, inner=True)
        return Near([left, self.operand(field)], self.random.choice((1, 2, 3, 5, None)))

    def operand(self, field: str) -> query.Query:
        """An operand of a NEAR."""
        chance = self.random.random()
        if chance < 0.2:
            return query.Or([self.operand(field), self.operand(field)])
        if chance < 0.4:
            return self.quote(field)
        return self.word(field) if chance < 0.85 else self.pattern(field)


BINARY = {
    "andnot": query.AndNot,
    "maybe": query.AndMaybe,
    "require": query.Require,
}


# --- articles in memory ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """An article with its passages."""

    article: Article
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Shelf(Store):
    """Articles in memory, with the interface of the store."""

    generation: int
    articles: Mapping[str, Stored]

    @property
    def identity(self) -> str:
        """Name of the commit that the shelf stands for."""
        return f"shelf {self.generation}"

    def versions(self) -> dict[str, str]:
        """Article id → version, which changes with the article."""
        return {one.entry.article_id: one.entry.version for one in self.packed(self.articles)}

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as bytes."""
        for article_id in article_ids:
            stored = self.articles[article_id]
            yield pack(stored.article, stored.passages, source="", root="")

    def texts(self) -> dict[str, tuple[str, str]]:
        """Language and text of each article, to show when a test fails."""
        return {n: (s.article.language, s.article.text) for n, s in self.articles.items()}

    def passage(self, name: str) -> Passage:
        """The passage with this id."""
        return next(p for s in self.articles.values() for p in s.passages if p.id == name)


def shelve(articles: Sequence[Article], generation: int = 1) -> Shelf:
    """The articles, split into passages."""
    return Shelf(generation, {a.id: Stored(a, split(a)) for a in articles})
