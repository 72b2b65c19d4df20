"""Random corpora and query trees, and the engine held against `indexer.proving`.

In: hypothesis draws. Out: articles as parsing would give them, trees as parsing or a program
would, and `disagreements`, which lists all in which the engine and the oracle differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from whoosh import query

from indexer.arrays import Array, refresh
from indexer.matching import Evaluation
from indexer.matching import Parameters as Tuning
from indexer.model import Article, Block, Kind, Match, Passage, Span
from indexer.proving import Parameters, Prover, Verdict
from indexer.querying import Near, Quote, Word
from indexer.searching import Searcher
from indexer.splitting import split

# Few words, so that they meet; each tells apart readings that an engine could confuse.
WORDS = (
    *("pain", "pains", "painful", "Pain", "take", "taking", "takes", "not", "no", "a", "the"),
    *("anti", "inflammatory", "inflammatories", "antiinflammatory", "anti-inflammatory"),
    *("Anti-Inflammatories", "non-anti-drug", "nonantidrug", "x\u2010ray", "xray", "x", "ray"),
    *("Elavil", "elavil's", "Elavil\u2019s", "don't", "25mg", "25", "mg", "5", "10-25", "1,000"),
    *("1000", "B12", "caf\u00e9", "cafe\u0301", "CAFE", "notes", "rub\u00adbish", "rubbish"),
    *("\u75db\u307f", "\u75db", "\ufb01ne", "fine", "l'eau", "Schmerzen", "Schmerz", "t\u00e9s"),
)
GAPS = (" ", " ", " ", " ", ", ", ". ", "? ", " - ", "; ", "-", "\u200b", "\n", " (", ".\u201d ")
LANGUAGES = ("en", "en", "fr", "de", "xx")
MATCHES: tuple[Match, ...] = ("stem", "stem", "word", "case")


@dataclass(frozen=True, slots=True)
class Part:
    """One block to compose an article of."""

    kind: Kind
    text: str
    level: int = 0
    group: int = 0


def compose(
    identity: str, title: str, parts: Sequence[Part], *, language: str = "en"
) -> Article:
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


# --- corpora -----------------------------------------------------------------------------------

Vocabulary = Sequence[str]


@st.composite
def texts(draw: st.DrawFn, vocabulary: Vocabulary, least: int = 1, most: int = 14) -> str:
    """Words of the vocabulary with punctuation between them."""
    words = draw(st.lists(st.sampled_from(vocabulary), min_size=least, max_size=most))
    gaps = draw(st.lists(st.sampled_from(GAPS), min_size=len(words), max_size=len(words)))
    return "".join(word + gap for word, gap in zip(words, gaps)).rstrip(" -(\n\u200b,;")


@st.composite
def articles(draw: st.DrawFn, vocabulary: Vocabulary, number: int) -> Article:
    """An article of a few blocks: headings, paragraphs, lists, boilerplate."""
    parts: list[Part] = []
    for group in range(1, draw(st.integers(1, 5)) + 1):
        shape = draw(st.sampled_from(("paragraph", "paragraph", "heading", "list", "boilerplate")))
        if shape == "heading":
            level = draw(st.integers(1, 3))
            parts.append(Part("heading", draw(texts(vocabulary, 1, 3)), level))
        elif shape == "list":
            for text in draw(st.lists(texts(vocabulary, 1, 4), min_size=1, max_size=4)):
                parts.append(Part("list_item", text, 1, group))
        else:
            kind: Kind = "boilerplate" if shape == "boilerplate" else "paragraph"
            parts.append(Part(kind, draw(texts(vocabulary))))
    parts.append(Part("paragraph", draw(texts(vocabulary))))
    title = draw(texts(vocabulary, 1, 4))
    return compose(f"a{number}", title, parts, language=draw(st.sampled_from(LANGUAGES)))


@st.composite
def corpora(draw: st.DrawFn, vocabulary: Vocabulary) -> list[Article]:
    """One to four articles."""
    return [draw(articles(vocabulary, number)) for number in range(draw(st.integers(1, 4)))]


# --- trees -------------------------------------------------------------------------------------

BOOSTS = st.sampled_from((1.0, 1.0, 1.0, 0.5, 2.0))
ANY_FIELDS = st.sampled_from(("any", "any", "any", "text", "section", "title"))
QUOTE_FIELDS = st.sampled_from(("text", "text", "text", "section", "title"))
PREFIXES = ("pa", "t", "anti", "ca", "r", "el", "Ta", "1", "inflammator", "n", "anti-inf")
WILDCARDS = ("p*n", "t?ke", "*mg", "ca?e", "*a*", "?ain*", "e*'s", "r?y", "*", "Tak??", "P*")
TYPOS = ("pian", "tkae", "elavli", "nto", "cfae", "ray", "100", "24", "notse", "inflamatory", "b12")
Trees = st.SearchStrategy[query.Query]


def _boosted(node: query.Query, boost: float) -> query.Query:
    node.boost = boost
    return node


@dataclass(frozen=True, slots=True)
class Forest:
    """Strategies for trees that ask for the words of one vocabulary."""

    vocabulary: Vocabulary

    def words(self, fields: st.SearchStrategy[str]) -> Trees:
        """Bare words."""
        return st.builds(Word, fields, st.sampled_from(self.vocabulary))

    def quotes(self, fields: st.SearchStrategy[str]) -> Trees:
        """Phrases of up to four words, some with a pattern in them."""
        typed = st.sampled_from(self.vocabulary)
        inside = st.one_of(typed, typed, typed, st.sampled_from(("pa*", "*", "t?k*", "anti-i*")))
        slops = st.sampled_from((1, 1, 1, 2, 3))
        return st.builds(Quote, fields, st.lists(inside, min_size=1, max_size=4), slop=slops)

    def patterns(self, fields: st.SearchStrategy[str]) -> Trees:
        """Prefixes, wildcards and words with typing errors."""
        typed = st.one_of(st.sampled_from(TYPOS), st.sampled_from(self.vocabulary))
        edits = st.sampled_from((1, 2))
        return st.one_of(
            st.builds(query.Prefix, fields, st.sampled_from(PREFIXES)),
            st.builds(query.Wildcard, fields, st.sampled_from(WILDCARDS)),
            st.builds(query.FuzzyTerm, fields, typed, maxdist=edits, prefixlength=st.just(0)),
        )

    def nears(self) -> Trees:
        """Two operands within some words or one sentence."""
        text = st.just("text")
        word = self.words(text)
        operand = st.one_of(word, word, self.quotes(text), self.patterns(text))
        either = st.one_of(operand, operand, st.builds(_or, operand, operand))
        distances = st.sampled_from((1, 2, 3, 5, None))
        pair = st.builds(_near, either, either, distances)
        return st.one_of(pair, pair, pair, st.builds(_near, pair, either, distances))

    def leaves(self) -> Trees:
        """All kinds of leaves; words are the commonest."""
        filters = st.sampled_from(
            (
                query.Term("kind", "list_item"),
                query.Term("kind", "boilerplate"),
                query.Term("article", "a0"),
                query.Every(),
                query.NullQuery,
            )
        )
        word, quote = self.words(ANY_FIELDS), self.quotes(QUOTE_FIELDS)
        leaf = st.one_of(word, word, word, quote, quote, self.patterns(ANY_FIELDS), self.nears())
        return st.one_of(*[st.builds(_boosted, leaf, BOOSTS)] * 9, filters)

    def trees(self) -> Trees:
        """Trees of any shape."""
        return st.recursive(self.leaves(), _nodes, max_leaves=6)


def _or(*parts: query.Query) -> query.Query:
    return query.Or(list(parts))


def _near(left: query.Query, right: query.Query, distance: int | None) -> query.Query:
    return Near([left, right], distance)


def _nodes(inner: Trees) -> Trees:
    several = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.builds(query.And, several, boost=BOOSTS),
        st.builds(query.Or, several, boost=BOOSTS),
        st.builds(query.Or, several, minmatch=st.integers(0, 3)),
        st.builds(query.Not, inner),
        st.builds(query.AndNot, inner, inner),
        st.builds(query.AndMaybe, inner, inner),
        st.builds(query.Require, inner, inner),
        st.builds(query.DisjunctionMax, several, tiebreak=st.sampled_from((0.0, 0.3))),
        st.builds(query.ConstantScoreQuery, inner, score=st.sampled_from((1.0, 2.5))),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A corpus and what is asked of it."""

    articles: list[Article]
    asked: list[tuple[query.Query, Match]]


@st.composite
def cases(draw: st.DrawFn, most: int = 20) -> Case:
    """A corpus of a few words and trees that ask for these words."""
    vocabulary = draw(st.lists(st.sampled_from(WORDS), min_size=3, max_size=10, unique=True))
    asked = st.tuples(Forest(vocabulary).trees(), st.sampled_from(MATCHES))
    return Case(draw(corpora(vocabulary)), draw(st.lists(asked, min_size=1, max_size=most)))


# --- the engine --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """An article with its passages."""

    article: Article
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles in memory, in the shape in which the store gives them."""

    generation: int
    articles: Mapping[str, Stored]

    def versions(self) -> dict[str, str]:
        """Article id → what changes with the article."""
        return {name: repr(stored.article) for name, stored in self.articles.items()}

    def load(self, article_id: str) -> Stored:
        """One article."""
        return self.articles[article_id]


def shelve(articles: Sequence[Article], generation: int = 1) -> Shelf:
    """The articles, split into passages."""
    return Shelf(generation, {a.id: Stored(a, split(a)) for a in articles})


class Engine:
    """The real search over articles in memory; answers in the oracle's terms."""

    def __init__(self, *shelves: Shelf) -> None:
        """Snapshots are taken of all the shelves in turn; the last one is searched."""
        with TemporaryDirectory() as folder:
            for shelf in shelves:
                snapshot = refresh(shelf, Path(folder))
        self.searcher = Searcher(snapshot)

    def evaluate(
        self, tree: query.Query, match: Match = "stem", *, text_alone: bool = False
    ) -> dict[str, Verdict]:
        """Verdicts by passage id."""
        evaluation = self.searcher.evaluate(tree, match, text_only=text_alone)
        verdicts: dict[str, Verdict] = {}
        for part, scored in enumerate(evaluation.run()):
            spans = self._spans(evaluation, part, scored.ids)
            shown = [(part, int(n), float(s)) for n, s in zip(scored.ids, scored.scores)]
            for (_, number, _), hit in zip(shown, self.searcher.hits(evaluation, shown)):
                verdicts[hit.passage.id] = Verdict(
                    hit.score,
                    hit.marks,
                    hit.section_marks,
                    hit.title_marks,
                    tuple(sorted(spans.get(number, ()))),
                )
        return verdicts

    def _spans(
        self, evaluation: Evaluation, part: int, passages: Array
    ) -> dict[int, set[tuple[int, int]]]:
        """Start and end in the text of each occurrence, by passage number."""
        segment = self.searcher.snapshot.parts[part].segment
        spans: dict[int, set[tuple[int, int]]] = {}
        for _, found in evaluation.occurrences(part, passages):
            last = found.ends - 1
            for number, start, end, form in zip(
                segment.passage_of(found.starts).tolist(),
                segment.starts_at(found.starts).tolist(),
                segment.starts_at(last).tolist(),
                segment.forms_at(last).tolist(),
            ):
                length = len(segment.vocabulary.forms[form])
                spans.setdefault(number, set()).add((start, end + length))
        return spans


def prover(shelf: Shelf) -> Prover:
    """The oracle for a shelf, with the engine's parameters."""
    p = Tuning()
    return Prover(
        [(stored.article, stored.passages) for _, stored in sorted(shelf.articles.items())],
        Parameters(
            p.k1,
            {"text": p.text_weight, "section": p.section_weight, "title": p.title_weight},
            {"text": p.text_b, "section": p.section_b, "title": p.title_b},
        ),
    )


def disagreements(
    expected: Mapping[str, Verdict], found: Mapping[str, Verdict]
) -> Iterator[tuple[str, object, object]]:
    """(what, expected, found) wherever two answers differ; scores may differ by 1e-6."""
    if expected.keys() != found.keys():
        yield "passages", sorted(expected.keys() - found.keys()), sorted(found.keys() - expected)
        return
    for name, verdict in expected.items():
        other = found[name]
        if abs(verdict.score - other.score) > 1e-6:
            yield f"score of {name}", verdict.score, other.score
        for what in ("marks", "section_marks", "title_marks", "occurrences"):
            if getattr(verdict, what) != getattr(other, what):
                yield f"{what} of {name}", getattr(verdict, what), getattr(other, what)
