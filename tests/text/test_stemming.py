"""Stemming: what other rooms take for granted of NLTK's stemmers."""

from __future__ import annotations

from random import Random

import pytest

from indexer.text.folding import fold
from indexer.text.nltk_modules import nltk_module
from indexer.text.stemming import KEEP_BEGINNINGS, stem
from indexer.text.word_lists import LANGUAGES_OF, SNOWBALL
from tests.helpers.indexed import indexed


def _suffixes(language: str) -> list[str]:
    """All that a stemmer looks at, folded."""
    stemmer = nltk_module("nltk.stem.snowball").SnowballStemmer(SNOWBALL[language]).stemmer
    tables = (getattr(type(stemmer), name) for name in dir(type(stemmer)))
    return [
        fold(text)
        for table in tables
        if isinstance(table, (tuple, dict))
        for text in table
        if isinstance(text, str) and text.isalpha()
    ]


@pytest.mark.parametrize("language", sorted(KEEP_BEGINNINGS))
def test_stems_begin_as_their_words_do(language: str) -> None:
    """Without a stem that begins so, none is asked for: a word's forms would be lost."""
    draw, suffixes = Random(language), _suffixes(language)
    letters = "abcdefghijklmnopqrstuvwxyzaeiouaeiou"
    assert len(suffixes) > 10
    words = set(map(fold, LANGUAGES_OF))
    for _ in range(4000):
        letters = "".join(
            draw.choices("abcdefghijklmnopqrstuvwxyzaeiouaeiou", k=draw.randint(0, 5))
        )
        words.add(letters + "".join(draw.choices(suffixes, k=draw.randint(0, 3))))
    some = [word for word in words if len(word) > 2 and word.isalpha()]
    assert {
        word: stem(word, language) for word in some if stem(word, language)[:2] != word[:2]
    } == {}


FRENCH = (
    "# Douleur\n\nLes patients prennent les comprimés prescrits par leur médecin chaque soir avec "
    "un grand verre d'eau, et la douleur diminue peu à peu dans les jours qui suivent. Le "
    "porte-greffes est rare.\n"
)
ENGLISH = "# Pain\n\nThe patients take the tablets every evening with a large glass of water.\n"
ASKED = ["comprimé", "prescrite", "prennent", "portegreffe", "portegreffes", "évident"]


@pytest.mark.parametrize("word", ASKED)
def test_a_word_that_no_text_has_finds_its_forms_in_each_language(word: str) -> None:
    """Among texts in English as in none: to be asked for less often loses no form."""
    with indexed({"fr": FRENCH, "en": ENGLISH}) as both, indexed({"fr": FRENCH}) as alone:
        assert {one.language for one in both.articles()} == {"en", "fr"}
        mixed, french = both.search(word), alone.search(word)
        assert [(hit.passage.text, hit.marks) for hit in mixed.hits] == [
            (hit.passage.text, hit.marks) for hit in french.hits
        ]
        assert mixed.total == (word != "évident")
