"""Digests of the answers to 900 queries over a corpus that is always the same.

In: an index of `leaflets`. Out: for each query short hashes of

- `found`: ids of all hits as a set, with the marks of each and their reasons, in text, headings
  and title; the total, and whether the query was relaxed;
- `order`: ids in order with scores of six significant digits, equal ones by article and position;
- `concordance`: lines with their context and place, their total and that of headings;

and its `count` as a number. `in_headings`: whether a positive word of the query, searched alone,
occurs in a heading or title; a change in how headings match may change `found` and `order` of these
queries only. Refuses nothing: every query has an answer.

Queries are made of the corpus's own words by a generator with a seed of its own; everything goes
through the façade.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Literal

from indexer import Hit, Index, Mark, build_index
from tests.helpers.indexed import apart
from tests.helpers.leaflets import edit, pick, write

Match = Literal["stem", "word", "case"]

COUNT = 900  # queries
PAGE = 400  # hits asked for at once
MATCHES: tuple[Match, ...] = ("stem", "stem", "stem", "word", "case")
SYNONYMS = "amitriptyline, elavil\ndizziness, light-headedness\ngout => arthritis, joint pain\n"
KINDS = ("paragraph", "list_item", "table_row", "quote", "boilerplate")
HYPHENATED = (
    "off-label", "off label", "offlabel", "long-term", "long term", "well-known", "well known",
    "wellknown", "evidence-based", "non-opioid", "over-the-counter", "re-start", "restart",
    "meta-analysis", "metaanalysis", "follow-up", "case-control", "short-term",
)  # fmt: skip
MEASURES = (
    "25 mg", "25mg", "10 mg", "10mg", '"1,000 mg"', "1,000", "0.5 ml", "0,5", "10-20", "1/2",
    "2.5", "2.5mg", "300 mg/day", "5 µg", "38.5", "48 hours", '"25 mg"', '"75mg at night"', "1.000",
)  # fmt: skip
ABSENT = ("sprocket", "zebra", "quixotic", "Fahrrad", "xylophone")  # in no leaflet


def make_index(folder: Path) -> Path:
    """Index the leaflets below `folder` before and after an edit: an index of several segments."""
    corpus, index = folder / "corpus", folder / "index"
    write(corpus)
    build_index([corpus], index)
    edit(corpus)
    with apart():
        report = build_index([corpus], index)
    assert not report.skipped
    return index


def write_synonyms(folder: Path) -> Path:
    """A file of synonyms."""
    path = folder / "synonyms.txt"
    path.write_text(SYNONYMS, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Asked:
    """A query with its options."""

    text: str
    match: Match = "stem"
    synonyms: bool = False  # asked of an index with synonyms
    filters: dict[str, Any] = field(default_factory=dict)  # any, article, section, kind
    words: tuple[str, ...] = ()  # its positive words, each as a query of its own

    @property
    def name(self) -> str:
        """The query's text followed by its options."""
        options = {"match": self.match, **self.filters}
        if self.synonyms:
            options["synonyms"] = True
        return " ".join((self.text, *(f"{{{name}={value}}}" for name, value in options.items())))


# --- queries ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A part of a query and the positive words in it."""

    text: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """Words and names of a corpus from which queries are made."""

    rare: tuple[str, ...]  # words in fewer than 12 passages, as written
    common: tuple[str, ...]  # words in 12 passages or more
    heads: tuple[str, ...]  # words of headings and titles
    runs: tuple[tuple[str, ...], ...]  # neighbouring words of one sentence
    sections: tuple[str, ...]  # headings
    titles: tuple[str, ...]
    articles: tuple[str, ...]  # ids

    @classmethod
    def of(cls, index: Index) -> Words:
        """The words and names of an index."""
        counts: dict[str, int] = {}
        runs: list[tuple[str, ...]] = []
        sections: set[str] = set()
        articles = index.articles()
        for article in articles:
            for passage in index.passages(article.id):
                sections.update(passage.section)
                for word in set(letters(passage.text)):
                    counts[word] = counts.get(word, 0) + 1
                for sentence in re.split(r"[.;:!?]\s|\n", passage.text):
                    words = letters(sentence)
                    runs += [tuple(words[at : at + 4]) for at in range(0, len(words) - 3, 3)]
        titles = tuple(sorted({article.title for article in articles}))
        return cls(
            rare=tuple(sorted(word for word, count in counts.items() if count < 12)),
            common=tuple(sorted(word for word, count in counts.items() if count >= 12)),
            heads=tuple(sorted({w for one in (*sections, *titles) for w in letters(one)})),
            runs=tuple(sorted(set(runs))),
            sections=tuple(sorted(sections)),
            titles=titles,
            articles=tuple(article.id for article in articles),
        )


def letters(text: str) -> list[str]:
    """Words of three letters and more, as written."""
    return re.findall(r"[^\W\d_]{3,}", text)


class Generator:
    """Makes queries, the same in every run."""

    def __init__(self, words: Words, seed: int) -> None:
        self.known = words
        self.random = Random(seed)

    def word(self) -> str:
        """A word: one in three is common, one in six of a heading."""
        chance = self.random.random()
        known = self.known
        words = known.heads if chance < 0.16 else known.common if chance < 0.5 else known.rare
        word = pick(self.random, words)
        return word if self.random.random() < 0.3 else word.lower()

    def number(self, least: int, most: int) -> int:
        """A random number from `least` to `most`, both included."""
        return least + int(self.random.random() * (most + 1 - least))

    def one(self) -> Part:
        """A word."""
        word = self.word()
        return Part(word, (word,))

    def phrase(self) -> Part:
        """Two to four neighbouring words, some of them sloppy, a few of them misquoted."""
        run = pick(self.random, self.known.runs)[: self.number(2, 4)]
        if self.random.random() < 0.1:
            run = run[::-1]
        chance = self.random.random()
        if chance < 0.3 and len(run) > 2:
            run = (run[0], *run[2:])
        sloppy = f"~{self.number(2, 5)}" if chance < 0.45 else ""
        return Part(f'"{" ".join(run)}"{sloppy}', run)

    def near(self) -> Part:
        """Two words, or a word and a phrase, within a distance or a sentence."""
        run = pick(self.random, self.known.runs)
        left, right = (run[0], run[-1]) if self.random.random() < 0.7 else (self.word(), run[1])
        if self.random.random() < 0.5:
            left, right = right, left
        distance = "s" if self.random.random() < 0.3 else str(self.number(1, 12))
        if self.random.random() < 0.2:
            right = f'"{run[1]} {run[2]}"'
        return Part(f"{left} NEAR/{distance} {right}", (left, *letters(right)))

    def prefix(self) -> Part:
        """The beginning of a word."""
        word = self.word()
        text = word[: self.number(2, max(2, len(word) - 1))] + "*"
        return Part(text, (text,))

    def wildcard(self) -> Part:
        """A word with unknown letters in it."""
        word = self.word()
        at = self.number(1, len(word) - 2)
        text = word[:at] + pick(self.random, ("?", "*")) + word[at + 1 :]
        return Part(text, (text,))

    def misspelt(self) -> tuple[str, str]:
        """A word, and the word with one letter wrong."""
        word = self.word()
        at = self.number(1, len(word) - 2)
        wrong = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + "x" + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
        return word, pick(self.random, wrong)

    def fuzzy(self) -> Part:
        """A misspelt word as a fuzzy query."""
        _, wrong = self.misspelt()
        text = f"{wrong}~{pick(self.random, ('', '1', '2'))}"
        return Part(text, (text,))

    def typing_error(self) -> Part:
        """A misspelt word without a fuzzy operator."""
        word, wrong = self.misspelt()
        return Part(wrong, (word, wrong, f"{wrong}~2"))

    def hyphenated(self) -> Part:
        """A word with a hyphen, or its spelling without one."""
        word = pick(self.random, HYPHENATED)
        return Part(word, (word, *letters(word)))

    def measure(self) -> Part:
        """A number, most with a unit."""
        text = pick(self.random, MEASURES)
        return Part(text, (text.strip('"'),))

    def field(self) -> Part:
        """A condition on title, section, kind or article."""
        name = pick(self.random, ("title", "section", "section", "kind", "article"))
        if name == "kind":
            return Part(f"kind:{pick(self.random, KINDS)}")
        if name == "article":
            return Part(f'article:"{pick(self.random, self.known.articles)}"')
        wanted = pick(self.random, self.known.titles if name == "title" else self.known.sections)
        words = letters(wanted)
        if words and self.random.random() < 0.5:
            return Part(f"{name}:{pick(self.random, words)}")
        return Part(f'{name}:"{wanted}"')

    def leaf(self) -> Part:
        """A positive leaf of any kind."""
        kinds: tuple[Callable[[], Part], ...] = (
            self.one, self.one, self.one, self.phrase, self.near, self.prefix, self.wildcard,
            self.fuzzy, self.hyphenated, self.measure,
        )  # fmt: skip
        return pick(self.random, kinds)()

    def nested(self, part: Part) -> str:
        """`part` as an operand, in brackets if it may be more than one."""
        text = part.text
        return f"({text})" if " " in text and not re.fullmatch(r'"[^"]*"(~\d)?', text) else text

    def boolean(self) -> Part:
        """Leaves joined by AND, OR and brackets, some negated, some with a condition."""
        parts = [self.leaf() for _ in range(self.number(2, 4))]
        text, words = self.nested(parts[0]), list(parts[0].words)
        for part in parts[1:]:
            operator = pick(self.random, (" AND ", " OR ", " OR ", " ", " NOT ", " -", " +"))
            text = text + operator + self.nested(part)
            if operator not in (" NOT ", " -"):
                words += part.words
            if self.random.random() < 0.25:
                text = f"({text})"
        if self.random.random() < 0.2:
            text = f"{text} {self.field().text}"
        return Part(text, tuple(words))

    def excluding(self) -> Part:
        """A leaf with an excluded leaf, or only an exclusion."""
        without = f"-{self.nested(self.leaf())}"
        if self.random.random() < 0.15:
            return Part(without)
        wanted = self.leaf()
        return Part(f"{self.nested(wanted)} {without}", wanted.words)

    def within_field(self) -> Part:
        """A condition, mostly with a leaf."""
        condition = self.field()
        if self.random.random() < 0.25:
            return condition
        common = pick(self.random, self.known.common)
        wanted = Part(common, (common,)) if self.random.random() < 0.6 else self.leaf()
        return Part(f"{condition.text} {self.nested(wanted)}", wanted.words)

    def bare(self) -> Part:
        """Bare words, mostly too many for any passage to have them all."""
        words = [self.word() for _ in range(self.number(2, 6))]
        if self.random.random() < 0.1:
            words.insert(1, pick(self.random, ABSENT))
        return Part(" ".join(words), tuple(words))

    def sentence(self) -> Part:
        """Words of one sentence, as somebody may remember them."""
        run = pick(self.random, self.known.runs)
        return Part(" ".join(run), run)

    def queries(self, count: int) -> Iterator[Asked]:
        """Queries of every kind in turn, no two alike."""
        kinds: tuple[Callable[[], Part], ...] = (
            self.one, self.phrase, self.near, self.prefix, self.wildcard, self.fuzzy,
            self.boolean, self.excluding, self.within_field, self.bare, self.sentence,
            self.hyphenated, self.measure, self.typing_error, self.boolean, self.one, self.phrase,
            self.bare,
        )  # fmt: skip
        seen: set[str] = set()
        tried = 0
        while len(seen) < count:
            part = kinds[tried % len(kinds)]()
            tried += 1
            filters: dict[str, Any] = {}
            chance = self.random.random()
            if chance < 0.06:
                filters["any"] = True
            elif chance < 0.07:
                filters["article"] = pick(self.random, self.known.articles)
            elif chance < 0.09:
                filters["section"] = pick(self.random, self.known.sections)
            elif chance < 0.13:
                filters["kind"] = pick(self.random, KINDS)
            match = pick(self.random, MATCHES)
            synonyms = self.random.random() < 0.1
            asked = Asked(part.text, match, synonyms, filters, part.words)
            if asked.name not in seen:
                seen.add(asked.name)
                yield asked


# --- digests ------------------------------------------------------------------------------------


def short(answer: object) -> str:
    """Hash of an answer: ten hexadecimal digits."""
    written = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:10]


def shown(marks: Sequence[Mark]) -> list[tuple[int, int, str]]:
    """Marks as plain values."""
    return [(mark.start, mark.end, mark.reason) for mark in marks]


def all_hits(index: Index, asked: Asked) -> tuple[list[Hit], int, bool]:
    """All hits, page by page, with the total and whether the query was relaxed."""
    hits: list[Hit] = []
    while True:
        page = index.search(
            asked.text, match=asked.match, limit=PAGE, offset=len(hits), **asked.filters
        )
        hits += page.hits
        if not page.page.more:
            for better, worse in pairwise(hits):  # `order` sorts and would hide it
                assert better.score >= worse.score * (1 - 1e-9), asked.name
            return hits, page.total, page.relaxed


def found(hits: Sequence[Hit], total: int, relaxed: bool) -> object:
    """Hits with their marks, sorted by passage id."""
    return (
        total,
        relaxed,
        sorted(
            (
                hit.passage.id,
                shown(hit.marks),
                [shown(marks) for marks in hit.section_marks],
                shown(hit.title_marks),
            )
            for hit in hits
        ),
    )


def order(hits: Sequence[Hit]) -> object:
    """Rounded scores and passage ids, best first, equal scores by article and position."""
    rows = [(f"{hit.score:.6g}", hit.passage) for hit in hits]
    rows.sort(key=lambda row: (-float(row[0]), row[1].article_id, row[1].ordinal))
    return [(score, passage.id) for score, passage in rows]


def concordance(index: Index, asked: Asked) -> object:
    """Total, number of matches in headings, and all lines."""
    answer = index.concordance(asked.text, match=asked.match)
    lines = [
        (
            one.left,
            one.match,
            one.right,
            one.article.id,
            one.section,
            one.passage,
            one.start,
            one.end,
        )
        for one in answer.lines
    ]
    return answer.total, answer.headings, lines


@dataclass(frozen=True)
class Digest:
    """Hashes and counts of the answers to one query."""

    query: str
    in_headings: bool  # whether one of its positive words occurs in a heading or title
    relaxed: bool
    hits: int
    found: str
    order: str
    count: int
    concordance: str


def digests(index: Index, synonymous: Index) -> list[Digest]:
    """Digests of all queries; `synonymous` is the same index, opened with synonyms."""

    @cache
    def in_heads(word: str, match: Match, synonyms: bool) -> bool:
        opened = synonymous if synonyms else index
        return opened.concordance(word, match=match, limit=0).headings > 0

    made = []
    for asked in Generator(Words.of(index), seed=900).queries(COUNT):
        opened = synonymous if asked.synonyms else index
        hits, total, relaxed = all_hits(opened, asked)
        made.append(
            Digest(
                asked.name,
                any(in_heads(word, asked.match, asked.synonyms) for word in asked.words),
                relaxed,
                total,
                short(found(hits, total, relaxed)),
                short(order(hits)),
                opened.count(asked.text, match=asked.match),
                short(concordance(opened, asked)),
            )
        )
    return made


def corpus_digest(index: Index) -> str:
    """Hash of all passages with their ids and positions."""
    return short(
        [
            (one.id, one.anchor, one.section, one.kind, one.span.start, one.span.end, one.text)
            for article in index.articles()
            for one in index.passages(article.id)
        ]
    )


def written(corpus: str, made: Sequence[Digest]) -> str:
    """Digests as JSON: one of all `found`, one of all `order`, and a line for each query."""
    head = {
        "corpus": corpus,
        "found": short([(one.query, one.found, one.count, one.concordance) for one in made]),
        "order": short([(one.query, one.order) for one in made]),
    }
    lines = ",\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in made)
    return json.dumps(head, indent=0)[:-2] + f',\n"queries": [\n{lines}\n]\n}}\n'


def read(text: str) -> tuple[dict[str, str], list[Digest]]:
    """Parse the JSON of `written`: the three overall digests by name, and those of the queries."""
    document = json.loads(text)
    queries = [Digest(**one) for one in document.pop("queries")]
    return document, queries
