"""Language identification: a text in, its ISO 639-1 code out, by function words."""

from __future__ import annotations

from collections import Counter

from indexer.text.naming import plain_words
from indexer.text.word_lists import FUNCTION_WORDS

_SAMPLE = 20_000  # code points: enough to tell, however long the text


def guess_language(text: str) -> str:
    """ISO 639-1 code of the language with the largest share of function words; "" when unsure.

    Sure means at least 10 tokens, a tenth of them function words of that language, and 1.2 times
    as many as of any other. Looks at the first 20,000 code points.
    """
    found = plain_words(text[:_SAMPLE])
    if len(found) < 10:
        return ""
    counts = Counter(found)
    scores = sorted(
        ((sum(counts[w] for w in words), code) for code, words in FUNCTION_WORDS.items()),
        reverse=True,
    )
    (best, code), (second, _) = scores[0], scores[1]
    return code if best >= 0.1 * len(found) and best > 1.2 * second else ""


def function_languages(folded: str) -> frozenset[str]:
    """ISO 639-1 codes of the languages of which this is one of the commonest words."""
    return frozenset(code for code, words in FUNCTION_WORDS.items() if folded in words)
