"""More like this: passages that share characteristic words with a text.

In: a searcher, a text and its language. Out: hits, best first, each with the words it shares. The
words of the text are weighted by their frequency in it times their inverse frequency in the corpus,
and the heaviest are searched for, joined by OR (as Lucene's MoreLikeThis does). Function words and
words that occur once in the corpus are ignored. Complexity: that of a search for `TELLING` words.
Refuses nothing.
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
from indexer.text.tokenizer import tokenize
from indexer.text.word_lists import function_words

TELLING = 20  # characteristic words searched for


@dataclass(frozen=True, slots=True)
class Similar:
    """A passage that resembles a text."""

    hit: Hit  # the shared words are marked
    words: tuple[str, ...]  # the shared words, as they stand in the passage


def similar(
    searcher: Searcher, text: str, language: str, limit: int, *, but: str = "", least: int = 2
) -> tuple[Similar, ...]:
    """Up to `limit` passages that share at least `least` characteristic words with a text (all of
    them if it has fewer). `but`: id of a passage to leave out, that of the text itself.
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
