"""Stemming: a folded form and its language in, its Snowball stem (NLTK) out.

A stem depends on nothing else. Forms with digits, and languages without a Snowball stemmer, stay
as they are.
"""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from typing import Protocol, cast

from indexer.text.folding import fold
from indexer.text.nltk_modules import nltk_module
from indexer.text.word_lists import SNOWBALL


class _Stemmer(Protocol):
    def stem(self, token: str) -> str: ...


# Languages of which the stem of a word of three letters or more begins with its first two.
KEEP_BEGINNINGS = SNOWBALL.keys() - {"ar", "en", "fi", "ru"}
_lock = threading.Lock()  # some of NLTK's stemmers keep state between the lines of one call


@cache
def _stemmer(language: str) -> _Stemmer | None:
    """Snowball for an ISO 639-1 code; None where there is none."""
    if language not in SNOWBALL:
        return None
    snowball = nltk_module("nltk.stem.snowball")
    return cast("_Stemmer", snowball.SnowballStemmer(SNOWBALL[language]))


# English words that end in nothing that Snowball looks at stay as they are. A third of all words
# does, and NLTK would try each of its suffixes on them. Of their plurals it takes the s, if there
# is a vowel before the letter before it, but for a few words that it has in a list.
_ENDING = "[abfhjkopqvwxz]|[^e]d|[^n]g|[^eo]r|[^o]n|[^s]m|[^n]t|[^i]c|[^alu]l"
_STAYS = re.compile(f"[a-z]*(?:u|{_ENDING})")
_PLURAL = re.compile(
    f"(?!(?:atlas|bias|cosmos|news)$)(?=[a-z]*[aeiou][a-z]+s$)([a-z]*(?:{_ENDING}))s"
)


@lru_cache(maxsize=1 << 16)
def stem(folded: str, language: str) -> str:
    """The stem of a folded form. `language` is an ISO 639-1 code or empty."""
    bare = folded.removesuffix("'s")
    if language == "en":
        if _STAYS.fullmatch(bare):
            return bare
        if plural := _PLURAL.fullmatch(bare):
            return plural[1]
    if not bare.isalpha() and any(map(str.isdigit, bare)):
        return bare
    stemmer = _stemmer(language)
    if stemmer is None:
        return bare
    with _lock:
        return fold(stemmer.stem(bare)) or bare
