"""What a part of a snapshot knows of words, as far as live articles have them.

In: a word. Out: the languages that have it; the parts in which it is written with hyphens. The
vocabulary of a segment keeps the words of articles that are gone since; where there are such, the
word is sought in what is left.
"""

from __future__ import annotations

import numpy as np

from indexer.search.positions import Zone
from indexer.search.spans import contiguous
from indexer.search.term import element
from indexer.segments.snapshot import Part
from indexer.sorted_arrays import Array

HYPHENS = ("-", "\u2010", "\u2011")


def compounds_spelt(part: Part, joined: str, language: str | None = None) -> list[tuple[str, ...]]:
    """Parts of the hyphenated words that are spelt `joined` without hyphens.

    With a language, of those of its texts, and `joined` ends in the stem of their last part.
    """
    found = part.segment.vocabulary.compound_parts(joined, language)
    return [words for words in found if is_live(part, words, language)] if part.dead else found


def languages_with(part: Part, folded: str) -> frozenset[str]:
    """Languages of the texts that have a word of this fold."""
    found = part.segment.vocabulary.by_language(folded)
    if part.dead:
        segment = part.segment
        return frozenset(
            language
            for language, (low, high) in found.items()
            if _are_alive(part, segment.positions(low, high)).any()
        )
    return frozenset(found)


def is_live(part: Part, words: tuple[str, ...], language: str | None = None) -> bool:
    """Whether a live text has these words, in any case and accents, with hyphens between them.

    With a language, a text in that language.
    """
    segment = part.segment
    ranges = (segment.vocabulary.by_language(word) for word in words)
    elements = [
        element([(sorted(r for code, r in found.items() if language in (None, code)), "exact")])
        for found in ranges
    ]
    firsts = contiguous(segment, elements, Zone(segment, 0, segment.tokens))
    for first in firsts[_are_alive(part, firsts)].tolist():
        tokens = np.arange(first, first + len(words))
        starts = segment.starts_at(tokens).tolist()
        sizes = [len(segment.vocabulary.forms[n]) for n in segment.forms_at(tokens).tolist()]
        text = segment.unit_text(int(segment.unit_of(tokens[:1])[0]))
        gaps = [text[a + size : b] for a, size, b in zip(starts, sizes, starts[1:])]
        if all(gap in HYPHENS for gap in gaps):
            return True
    return False


def _are_alive(part: Part, tokens: Array) -> Array:
    """Which of these tokens stand in a live text (bool)."""
    if part.live is None or part.live_heads is None:
        return np.ones(tokens.size, bool)
    alive: Array = np.concatenate((part.live, part.live_heads))[part.segment.unit_of(tokens)]
    return alive
