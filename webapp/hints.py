"""What to try: examples that find something, and help when a question finds nothing.

In: an open index and what was asked. Out: frozen hints for the templates, each counted in the
index at hand. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from indexer import Index, Results, is_drug_name
from webapp import api
from webapp.library import once_per_index
from webapp.params import SearchForm

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SYNTAX = re.compile(
    r"\b(?i:article|kind):(?:\"[^\"]*\"|\S*)|\b\w+:(?=\S)|\bNEAR/\w+|(?<=[\w\"])~[\d.]+"
)
OPERATORS = {"AND", "OR", "NOT", "NEAR"}
ALIKE = 8  # words that are offered for an unknown one
LONGEST = 60  # letters of a beginning that such words are looked for with: no word is longer
MOST_WORDS = 6  # words of a question that are looked up one by one
EXAMPLE_ARTICLES = 8  # articles that examples are taken from
EXAMPLE_PASSAGES = 20  # passages of each of them
TRIED = 5  # questions of each kind


@dataclass(frozen=True, slots=True)
class Counted:
    """A question and how many passages answer it."""

    q: str
    count: int


@dataclass(frozen=True, slots=True)
class Help:
    """What a question without results could be instead."""

    words: tuple[Counted, ...]  # its words, one by one
    everywhere: int  # passages without its filters
    alike: tuple[str, ...]  # words that begin as its first unknown word does


def help_for(index: Index, form: SearchForm, found: Results) -> Help:
    """What would have found something, for an answer without hits."""
    words = tuple(
        Counted(word, 0 if word in found.missing else index.count(word, match=form.match))
        for word in words_of(form.q)
    )
    everywhere = 0
    if form.filtered:
        everywhere = index.search(form.q, match=form.match, any=form.any, limit=0).total
    unknown = next((word.q for word in words if not word.count), "")
    longest = min(len(unknown) - 1, LONGEST)
    beginnings = (unknown[:size] for size in range(longest, 2, -1))
    alike = next(filter(None, (words_beginning(index, one) for one in beginnings)), [])
    near = tuple(one for one in alike if not (is_drug_name(unknown) and is_drug_name(one)))
    return Help(words if len(words) > 1 else (), everywhere, near)


def words_beginning(index: Index, beginning: str) -> list[str]:
    """The commonest words that begin so; of a word that nothing completes, others are suggested."""
    found = (one.text for one in index.suggest(beginning, limit=ALIKE) if one.kind == "term")
    return [word for word in found if word.casefold().startswith(beginning.casefold())]


def spelling_for(index: Index, form: SearchForm, found: Results) -> Counted | None:
    """The question with its words spelt as the corpus spells them, if that is suggested; counted
    are the passages that have all words."""
    if not found.suggestion:
        return None
    better = api.search(index, replace(form, q=found.suggestion, limit=0, offset=0))
    count = 0 if better.relaxed else better.total + better.total_synonyms
    return Counted(found.suggestion, count)


def words_of(q: str) -> tuple[str, ...]:
    """The different words of a question, without operators, their numbers, field names, ids and
    kinds."""
    bare = SYNTAX.sub(" ", q)
    found = dict.fromkeys(word for word in WORD.findall(bare) if word not in OPERATORS)
    return tuple(found)[:MOST_WORDS]


def growing(q: str) -> str:
    """The question with its last word taken as the beginning of one; "" if that makes no sense."""
    last = re.search(r"(?:^|[\s(+-])([^\W\d_][^\W_]+)$|[^\W_][-‐‑](?=[^\W_]*$)", q)
    if not last or q.count('"') % 2 or last[1] in OPERATORS or q.endswith(("-", "‐", "‑")):
        return ""
    return q + "*"


@once_per_index
def examples(index: Index) -> tuple[Counted, ...]:
    """Three questions of different kinds that this corpus answers: a word, a phrase, a prefix."""
    chosen = {}
    for q in candidates(index):
        kind = "phrase" if '"' in q else "prefix" if q.endswith("*") else "word"
        if kind not in chosen and (count := index.count(q)):
            chosen[kind] = Counted(q, count)
        if len(chosen) == 3:
            break
    return tuple(chosen.values())


def candidates(index: Index) -> Iterator[str]:
    """Questions made of the words of the first articles, the most telling first."""
    texts = [
        passage.text
        for article in index.articles()[:EXAMPLE_ARTICLES]
        for passage in index.passages(article.id)[:EXAMPLE_PASSAGES]
        if passage.kind != "boilerplate"
    ]
    words = Counter(word.lower() for text in texts for word in re.findall(r"[^\W\d_]{7,}", text))
    telling = sorted(words, key=lambda word: (-words[word] * len(word), word))
    yield from telling[:TRIED]
    pairs = Counter(
        f"{one} {two}".lower()
        for text in texts
        for one, two in re.findall(r"(?=\b([^\W\d_]{5,}) ([^\W\d_]{4,})\b)", text)
    )
    yield from (f'"{pair}"' for pair, _ in pairs.most_common(TRIED))
    longest = sorted(words, key=lambda word: (-len(word), word))
    yield from (f"{word[:6]}*" for word in longest[:TRIED])
