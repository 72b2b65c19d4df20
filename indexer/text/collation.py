"""Collation: sorts words in lists, by the Unicode Collation Algorithm.

In: words. Out: a key for each. Comparing keys as strings orders the words by the primary level of
the algorithm with its default table (Unicode Technical Standard 10): œ as oe, ø and ł beside o and
l, і before и, ½ beside 1. Case, accents and other marks make no difference. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence


def collation_keys(words: Sequence[str]) -> list[str]:
    """A key for each word; words of lower-case ASCII letters are their own keys.

    The table takes a third of a second to load, so it is loaded only for other characters.
    """
    characters = {character for word in words for character in word}
    if all(map(str.isascii, characters)):
        return list(words)  # punctuation, digits, letters: ASCII order is that of the table
    from pyuca import Collator

    collator = Collator()
    table = {}
    for character in characters:
        weights = collator.sort_key(character)
        primary = weights[: weights.index(0)]
        table[ord(character)] = "".join(map(chr, primary))
    return [word.translate(table) for word in words]
