"""Stemming: takes a folded form and its language, returns its Snowball stem (NLTK).

A stem depends on nothing else. Forms with digits, and forms in languages without a Snowball
stemmer, are left as they are.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Any

from indexer.text.folding import fold
from indexer.text.nltk_modules import nltk_module
from indexer.text.word_lists import SNOWBALL

_lock = threading.Lock()  # some of NLTK's stemmers keep state during a call


@cache
def _stemmer(language: str) -> Any:
    """NLTK's Snowball stemmer for an ISO 639-1 code; None if there is none."""
    if language not in SNOWBALL:
        return None
    return nltk_module("nltk.stem.snowball").SnowballStemmer(SNOWBALL[language])


@lru_cache(maxsize=1 << 16)
def stem(folded: str, language: str) -> str:
    """The stem of a folded form. `language` is an ISO 639-1 code or empty."""
    bare = folded.removesuffix("'s")
    if not bare.isalpha() and any(map(str.isdigit, bare)):
        return bare
    stemmer = _stemmer(language)
    if stemmer is None:
        return bare
    with _lock:
        return fold(stemmer.stem(bare)) or bare
