"""Stemming where a corpus is of several languages."""

from __future__ import annotations

import pytest

from tests.helpers.indexed import indexed

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
