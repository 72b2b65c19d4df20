"""Hyphenated words of one part of a snapshot, as far as a live article has them.

In: the joined spelling of a word. Out: the parts in which the corpus writes it. The table of a
segment keeps the compounds of articles that are gone since; those are sought in what is left.
"""

from __future__ import annotations

import numpy as np

from indexer.arrays import Part
from indexer.matching.elements import element
from indexer.matching.spans import contiguous

HYPHENS = ("-", "\u2010", "\u2011")


def compounds_spelt(part: Part, joined: str, *, stemmed: bool) -> list[tuple[str, ...]]:
    """Parts of the hyphenated words that are spelt `joined` without hyphens.

    With `stemmed`, `joined` ends in the stem of its last part.
    """
    found = part.segment.vocabulary.compound_parts(joined, stemmed=stemmed)
    return [words for words in found if is_live(part, words)] if part.dead else found


def is_live(part: Part, words: tuple[str, ...]) -> bool:
    """Whether a live text has these words, in any case and accents, with hyphens between them."""
    segment = part.segment
    elements = [element([(segment.vocabulary.fold_ranges(word), "exact")]) for word in words]
    firsts = contiguous(segment, elements, lambda e: e.tokens(segment, 0, segment.tokens))
    units = np.searchsorted(segment.unit_tokens, firsts, "right") - 1
    alive = np.concatenate([live for live in (part.live, part.live_heads) if live is not None])
    for first, unit in zip(firsts.tolist(), units.tolist()):
        if alive[unit]:
            tokens = np.arange(first, first + len(words))
            starts = segment.starts_at(tokens).tolist()
            sizes = [len(segment.vocabulary.forms[n]) for n in segment.forms_at(tokens).tolist()]
            text = segment.unit_text(unit)
            gaps = [text[a + size : b] for a, size, b in zip(starts, sizes, starts[1:])]
            if all(gap in HYPHENS for gap in gaps):
                return True
    return False
