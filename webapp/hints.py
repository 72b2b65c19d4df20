"""Example queries that find something, and help when a query finds nothing.

In: an open index and the form of a search. Out: frozen hints for the templates, each with its count
in the current index. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
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
ALIKE = 8  # most words that are offered for an unknown one
LONGEST = 60  # letters of the longest prefix with which such words are looked up
MOST_WORDS = 6  # most words of a query that are counted one by one
EXAMPLE_ARTICLES = 8  # articles that examples are taken from
EXAMPLE_PASSAGES = 20  # passages of each of these
TRIED = 5  # candidates of each kind


@dataclass(frozen=True, slots=True)
class CountedQuery:
    """A query and the number of passages that match it."""

    q: str
    count: int


@dataclass(frozen=True, slots=True)
class Help:
    """Alternatives to a query without results."""

    words: tuple[CountedQuery, ...]  # its words, one by one
    everywhere: int  # passages that match without its filters
    alike: tuple[str, ...]  # words that share a prefix with its first unknown word


def help_for(index: Index, form: SearchForm, found: Results) -> Help:
    """Alternatives to a query without hits."""
    words = tuple(
        CountedQuery(word, 0 if word in found.missing else index.count(word, match=form.match))
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
    """The most frequent words with this prefix; suggestions with another prefix are left out."""
    found = (one.text for one in index.suggest(beginning, limit=ALIKE) if one.kind == "term")
    return [word for word in found if word.casefold().startswith(beginning.casefold())]


def spelling_for(index: Index, form: SearchForm, found: Results) -> CountedQuery | None:
    """The query with the corrected spelling that the results suggest, and the number of passages
    with all its words; None without a suggestion."""
    if not found.suggestion:
        return None
    better = api.search(index, replace(form, q=found.suggestion, limit=0, offset=0))
    count = 0 if better.relaxed else better.total + better.total_synonyms
    return CountedQuery(found.suggestion, count)


def words_of(q: str) -> tuple[str, ...]:
    """The distinct words of a query: no operators and their numbers, field names, ids, kinds."""
    bare = SYNTAX.sub(" ", q)
    found = dict.fromkeys(word for word in WORD.findall(bare) if word not in OPERATORS)
    return tuple(found)[:MOST_WORDS]


def growing(q: str) -> str:
    """The query with its last word as a prefix; "" if that makes no sense."""
    last = re.search(r"(?:^|[\s(+-])([^\W\d_][^\W_]+)$|[^\W_][-‐‑](?=[^\W_]*$)", q)
    if not last or q.count('"') % 2 or last[1] in OPERATORS or q.endswith(("-", "‐", "‑")):
        return ""
    return q + "*"


@once_per_index
def examples(index: Index) -> tuple[CountedQuery, ...]:
    """Three queries of different kinds that match in this corpus: a word, a phrase, a prefix."""
    found = (
        next((CountedQuery(q, count) for q in queries if (count := index.count(q))), None)
        for queries in candidates(index)
    )
    return tuple(filter(None, found))


def candidates(index: Index) -> tuple[list[str], list[str], list[str]]:
    """Words, phrases and prefixes from the first articles, the most distinctive first."""
    texts = [
        passage.text
        for article in index.articles()[:EXAMPLE_ARTICLES]
        for passage in index.passages(article.id)[:EXAMPLE_PASSAGES]
        if passage.kind != "boilerplate"
    ]
    words = Counter(word.lower() for text in texts for word in re.findall(r"[^\W\d_]{7,}", text))
    distinctive = sorted(words, key=lambda word: (-words[word] * len(word), word))
    pairs = Counter(
        f"{one} {two}".lower()
        for text in texts
        for one, two in re.findall(r"(?=\b([^\W\d_]{5,}) ([^\W\d_]{4,})\b)", text)
    )
    phrases = [f'"{pair}"' for pair, _ in pairs.most_common(TRIED)]
    longest = sorted(words, key=lambda word: (-len(word), word))
    return distinctive[:TRIED], phrases, [f"{word[:6]}*" for word in longest[:TRIED]]
