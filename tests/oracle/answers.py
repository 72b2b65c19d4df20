"""Queries generated from a corpus, and an index's answers compared with those of the evaluator.

Generated queries use every construct of the query language in turn, often with words that stand
together, so that most of them have hits. `differences` runs one on an `Index` and on an `Evaluator`
of the same articles, and yields each difference in search, count, concordance, marks on the
article's page and snippets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import get_args

from indexer import Index
from indexer.model import KINDS, Hit, Mark, Match, Passage
from indexer.query.parser import parse
from indexer.search.highlight import snippets
from indexer.text.tokenizer import tokenize
from tests.oracle.compare import CLOSE, disagreements
from tests.oracle.evaluator import Evaluator, Verdict

MATCHES: tuple[Match, ...] = get_args(Match)
WIDTHS = ((320, 1), (90, 2), (17, 3))  # of snippets: width in code points, and most snippets
ALL = 10_000  # more hits and lines than there are


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as typed, and how its words match."""

    text: str
    match: Match


def generated(
    counts: Mapping[str, int], passages: Sequence[Passage], seed: int, number: int
) -> list[Asked]:
    """`number` queries from a corpus's words and some of its passages, the match modes in turn."""
    told = [passage for passage in passages if tokenize(passage.text).forms]
    words = sorted(counts, key=lambda word: (-counts[word], word))
    maker = _Maker(Random(seed), words, told)
    found = []
    for i in range(number):
        make = _SHAPES[i % len(_SHAPES)]
        found.append(Asked(make(maker), MATCHES[i // len(_SHAPES) % len(MATCHES)]))
    return found


# --- an index's answers ------------------------------------------------------------------------


def own_score(hit: Hit) -> float:
    """The score of a hit without the part that its article adds."""
    return hit.score - sum(part.value for part in hit.why if part.field == "article")


def differences(index: Index, evaluator: Evaluator, asked: Asked) -> Iterator[str]:
    """Each difference between the answers to one query and the expected ones."""
    text, match = asked.text, asked.match
    results = index.search(text, match=match, limit=ALL, why=True)
    parsed = parse(text)
    tree = parse(text, any=True).tree if results.relaxed else parsed.tree
    counted = evaluator.evaluate(parsed.tree, match, text_alone=True)
    lines = index.concordance(text, match=match, limit=ALL)
    spans: dict[str, list[tuple[int, int]]] = {}
    for line in lines.lines:
        passage = index.passage(line.passage)
        spans.setdefault(passage.id, []).append((line.start, line.end))
        low, high = line.start - len(line.left), line.end + len(line.right)
        if passage.text[low:high] != line.left + line.match + line.right:
            yield f"line at {line.start} is no slice of passage {passage.id}"
        if passage.text[line.start : line.end] != line.match:
            yield f"match at {line.start} is no slice of passage {passage.id}"
    given = {
        hit.passage.id: Verdict(
            own_score(hit),
            hit.marks,
            hit.section_marks,
            hit.title_marks,
            (),
            hit.found_in,
            hit.heading,
        )
        for hit in results.hits
    }
    for what, expected, found in disagreements(evaluator.evaluate(tree, match), given, spans=False):
        yield f"{what}: expected {expected}, found {found}"
    numbers = {
        "total": (len(results.hits), results.total),
        "kinds": (results.total, sum(f.count for f in results.facets.get("kind", ()))),
        "count": (len(counted), index.count(text, match=match)),
        "occurrences": (
            {n: list(v.occurrences) for n, v in counted.items() if v.occurrences},
            spans,
        ),
        "lines": (len(lines.lines), lines.total),
    }
    for what, (wanted, got) in numbers.items():
        if wanted != got:
            yield f"{what}: expected {wanted}, found {got}"
    scores = [hit.score for hit in results.hits]
    if any(b > a + CLOSE for a, b in pairwise(scores)):
        yield "hits are not in order of their scores"
    for hit in results.hits:
        marks = index.article_marks(hit.article.id, text, match=match, any=results.relaxed)
        if marks.get(hit.passage.id, ()) != hit.marks:
            yield f"marks of {hit.passage.id} on the article's page: {marks.get(hit.passage.id)}"
        yield from _snippets(hit)


def _snippets(hit: Hit) -> Iterator[str]:
    """Faults of a hit's snippets: their order, width, number and marks."""
    for width, limit in WIDTHS:
        end, windows = 0, snippets(hit.passage.text, hit.marks, width=width, limit=limit)
        for window in windows:
            clipped = tuple(
                Mark(max(m.start, window.start), min(m.end, window.end), m.reason)
                for m in hit.marks
                if m.start < window.end and m.end > window.start
            )
            if not end <= window.start <= window.end <= len(hit.passage.text):
                yield f"snippet {window} of {hit.passage.id} is out of order"
            if window.marks != clipped or window.end - window.start > width:
                yield f"snippet {window} of {hit.passage.id} has other marks or is too wide"
            if hit.marks and not window.marks:
                yield f"snippet {window} of {hit.passage.id} shows none of the marks"
            end = window.end
        if not 1 <= len(windows) <= limit:
            yield f"{len(windows)} snippets of {hit.passage.id}"


# --- generated queries -------------------------------------------------------------------------


class _Maker:
    """Makes random queries of a corpus's words and phrases."""

    def __init__(self, random: Random, words: Sequence[str], passages: Sequence[Passage]) -> None:
        self.random, self.words, self.passages = random, words, passages

    # --- parts of queries ---

    def word(self) -> str:
        """A word: of a random passage, of the 50 commonest, or of all words alike."""
        chance = self.random.random()
        if chance < 0.6:
            return self.random.choice(self.near())
        if chance < 0.75:
            return self.random.choice(self.words[:50])
        return self.random.choice(self.words)

    def near(self) -> list[str]:
        """All words of one passage."""
        return tokenize(self.random.choice(self.passages).text).forms

    def long(self) -> str:
        """A word of four letters or more, if a few tries find one."""
        tries = [self.word() for _ in range(8)]
        return next((word for word in tries if len(word) > 3 and word.isalpha()), tries[0])

    def pair(self, within: int) -> tuple[str, str]:
        """Two words of a passage, at most `within` positions apart."""
        forms = self.near()
        first = self.random.randrange(len(forms))
        second = min(first + self.random.randint(1, within), len(forms) - 1)
        pair = (forms[first], forms[second])
        return pair if self.random.random() < 0.5 else (pair[1], pair[0])

    def phrase(self, most: int = 5) -> str:
        """Up to `most` neighbouring words of a text, with the characters between them."""
        text = self.random.choice(self.passages).text
        forms, starts = tokenize(text)
        first = self.random.randrange(len(forms))
        last = min(first + self.random.randrange(most), len(forms) - 1)
        found = text[starts[first] : starts[last] + len(forms[last])]
        return " ".join(found.replace('"', " ").split())

    def cased(self, word: str) -> str:
        """The word, sometimes in another case."""
        return self.random.choice((word, word, word.lower(), word.upper(), word.title()))

    # --- queries ---

    def one(self) -> str:
        """A word."""
        return self.cased(self.word())

    def some(self) -> str:
        """Two to four words of one passage."""
        return " ".join(self.random.choices(self.near(), k=self.random.randint(2, 4)))

    def typo(self) -> str:
        """A word with a wrong letter, as a fuzzy query."""
        word = self.long()
        at = self.random.randrange(len(word))
        change = self.random.choice(("", "e", word[at] * 2, word[at + 1 : at + 2] + word[at]))
        return f"{word[:at]}{change}{word[at + 1 :]}~{self.random.choice((1, 1, 2))}"

    def prefix(self) -> str:
        """The beginning of a word."""
        word = self.long()
        return word[: self.random.randint(min(2, len(word)), len(word))] + "*"

    def wildcard(self) -> str:
        """A word with ? for a letter or * for several."""
        word = self.long()
        at = self.random.randrange(len(word))
        end = self.random.randint(at + 1, len(word))
        return word[:at] + ("*" if end > at + 1 else "?") + word[end:]

    def quote(self) -> str:
        """A phrase."""
        return f'"{self.phrase()}"'

    def loose(self) -> str:
        """A sloppy phrase with words left out."""
        words = self.phrase(7).split()
        kept = [word for i, word in enumerate(words) if i % 2 == 0 or self.random.random() < 0.5]
        return f'"{" ".join(kept)}"~{self.random.randint(2, 5)}'

    def within(self) -> str:
        """Two words near each other, or a word near a phrase."""
        left, right = self.pair(6)
        if self.random.random() < 0.2:
            left = f'"{self.phrase(2)}"'
        return f"{left} NEAR/{self.random.randint(1, 8)} {right}"

    def together(self) -> str:
        """Two words in one sentence."""
        left, right = self.pair(15)
        return f"{left} NEAR/s {right}"

    def either(self) -> str:
        """A word OR another leaf."""
        return f"{self.word()} OR {self.random.choice((self.one, self.quote, self.prefix))()}"

    def without(self) -> str:
        """A word, but not another."""
        return f"{self.word()} {self.random.choice(('NOT ', '-'))}{self.word()}"

    def only_without(self) -> str:
        """All passages without a word."""
        return f"-{self.word()}"

    def required(self) -> str:
        """A word that must be there, and one that may."""
        return f"+{self.word()} {self.word()}"

    def heading(self) -> str:
        """A word of a heading or a title."""
        sections = self.random.choice(self.passages).section or (self.word(),)
        forms = tokenize(self.random.choice(sections)).forms or [self.word()]
        field = self.random.choice(("section", "section", "title"))
        return (
            f"{field}:{self.random.choice(forms)} {self.random.choice(('', self.word()))}".strip()
        )

    def filtered(self) -> str:
        """A word in one kind of passage, or in one article."""
        if self.random.random() < 0.5:
            return f"kind:{self.random.choice(KINDS)} {self.word()}"
        return f'article:"{self.random.choice(self.passages).article_id}" {self.word()}'

    def nested(self) -> str:
        """Brackets in brackets."""
        parts = [self.random.choice(_SIMPLE)(self) for _ in range(4)]
        return f"({parts[0]} OR ({parts[1]} {parts[2]})) NOT ({parts[3]} OR {self.word()})"

    def joined(self) -> str:
        """Two neighbouring words as one word, or the same with a hyphen."""
        forms, at = self.near(), 0
        at = self.random.randrange(len(forms))
        word = "".join(forms[at : at + 2])
        return word if self.random.random() < 0.5 else f"{word[:4]}-{word[4:]}"


_SIMPLE: tuple[Callable[[_Maker], str], ...] = (
    _Maker.one,
    _Maker.one,
    _Maker.quote,
    _Maker.prefix,
    _Maker.within,
)
_SHAPES: tuple[Callable[[_Maker], str], ...] = (
    _Maker.one,
    _Maker.some,
    _Maker.quote,
    _Maker.within,
    _Maker.prefix,
    _Maker.either,
    _Maker.typo,
    _Maker.together,
    _Maker.without,
    _Maker.wildcard,
    _Maker.heading,
    _Maker.loose,
    _Maker.nested,
    _Maker.only_without,
    _Maker.filtered,
    _Maker.required,
    _Maker.joined,
)
