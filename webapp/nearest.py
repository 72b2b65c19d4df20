"""The passages that are nearest to a text that is no longer there.

In: an index and the lost text. Out: hits, those first that hold most of its rarest words. Refuses
nothing: a text without words that the corpus has yields none.
"""

from __future__ import annotations

from indexer import Hit, Index
from webapp.hints import WORD

LOOKED_UP = 40  # different words of the text, the longest ones
RAREST = 8  # of them that are searched for
SHOWN = 5


def nearest(index: Index, text: str) -> tuple[Hit, ...]:
    """Passages with any of the rarest words of `text`, best first."""
    words = rarest(index, text)
    return index.search(" ".join(words), any=True, limit=SHOWN).hits if words else ()


def rarest(index: Index, text: str) -> tuple[str, ...]:
    """The words of `text` that the fewest passages have, but some do."""
    # In lower case none of them is an operator.
    words = dict.fromkeys(word.lower() for word in WORD.findall(text))
    longest = sorted(words, key=len, reverse=True)[:LOOKED_UP]
    counts = {word: index.count(word) for word in longest}
    return tuple(sorted((w for w in longest if counts[w]), key=lambda w: counts[w])[:RAREST])
