"""More like this: passages that share telling words with a text.

In: a searcher, a text and its language. Out: hits, the best first, each with the words that make it
so. The text's words are weighed by how often it says them times their inverse frequency in the
corpus, and the heaviest are searched for, joined by OR (as Lucene's MoreLikeThis does). Function
words and what stands once in the corpus tell nothing. Complexity: that of one search for so many
words. Refuses nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from whoosh import query as wq

from indexer.model import Hit
from indexer.query.nodes import Word
from indexer.search.searcher import Request, Searcher
from indexer.segments.vocabulary import Range
from indexer.text.folding import fold
from indexer.text.function_words import function_words
from indexer.text.tokenizer import tokenize

TELLING = 20  # words that are searched for


@dataclass(frozen=True, slots=True)
class Similar:
    """A passage that is like another."""

    hit: Hit  # marked are the words that they share
    words: tuple[str, ...]  # these, as they stand in it


def similar(
    searcher: Searcher, text: str, language: str, limit: int, *, but: str = "", least: int = 2
) -> tuple[Similar, ...]:
    """At most `limit` passages with `least` of the telling words of a text, or all where it has
    fewer. `but`: the id of a passage that is left out, that of the text itself.
    """
    words = _telling(searcher, text, language)
    if not words:
        return ()
    tree = wq.Or([Word("text", word) for word in words], minmatch=min(least, len(words)))
    found = searcher.search(tree, Request(limit=limit + 1))
    alike = (Similar(hit, _shared(hit)) for hit in found.hits if hit.passage.id != but)
    return tuple(alike)[:limit]


def _telling(searcher: Searcher, text: str, language: str) -> list[str]:
    parts = searcher.snapshot.parts
    total = max(searcher.collection.sums.words[0], 1)
    passing = function_words([language])
    counts: Counter[tuple[tuple[Range, ...], ...]] = Counter()  # by the forms of each stem
    first: dict[tuple[tuple[Range, ...], ...], str] = {}
    for word in map(fold, tokenize(text, language).forms):
        if word not in passing:
            ranges = tuple(tuple(part.segment.vocabulary.stem_ranges(word)) for part in parts)
            counts[ranges] += 1
            first.setdefault(ranges, word)
    weights = {}
    for ranges, count in counts.items():
        often = sum(part.tokens_between(*ends) for part, own in zip(parts, ranges) for ends in own)
        if often > 1:
            weights[first[ranges]] = count * math.log(total / often)
    return sorted(weights, key=lambda word: (-weights[word], word))[:TELLING]


def _shared(hit: Hit) -> tuple[str, ...]:
    marked = (hit.passage.text[mark.start : mark.end] for mark in hit.marks)
    return tuple({fold(word): word for word in marked}.values())
