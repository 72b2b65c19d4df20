"""Collation: the order of words in lists, that of the Unicode Collation Algorithm.

In: words. Out: for each a key; keys compare as strings as the words do at the primary level of the
algorithm with its default table (Unicode Technical Standard 10): œ as oe, ø and ł beside o and l,
і before и, ½ beside 1. Case, accents and other marks tell nothing apart. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence


def collation_keys(words: Sequence[str]) -> list[str]:
    """A key for each word; words of nothing but lower-case letters of ASCII are their own.

    The table takes a third of a second to load, and is only where there are other characters.
    """
    characters = {character for word in words for character in word}
    if all(map(str.isascii, characters)):
        return list(words)  # punctuation, digits, letters: as the table has them
    from pyuca import Collator

    collator = Collator()
    table = {}
    for character in characters:
        weights = collator.sort_key(character)
        primary = weights[: weights.index(0)]
        table[ord(character)] = "".join(map(chr, primary))
    return [word.translate(table) for word in words]
