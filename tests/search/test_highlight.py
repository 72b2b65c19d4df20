"""Marks and snippets in the cases that search engines are known to get wrong.

The cases follow tests and reports of Lucene, Xapian, Whoosh, OpenSearch, Meilisearch, Typesense
and others, in texts of our own. ‹ › stands for a mark.
"""

from __future__ import annotations

from random import Random

import pytest

from indexer.model import Mark, Reason
from indexer.search.highlight import merge_marks, snippets
from tests.helpers.library import Library, rules, snippet, with_marks
from tests.oracle import Part, compose
from webapp.rendering import marked


def mark(start: int, end: int, reason: Reason = "exact") -> Mark:
    return Mark(start, end, reason)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param(
            "stop alone, Stop amitriptyline, stop gap amitriptyline",
            '"stop amitriptyline"',
            "stop alone, ‹Stop amitriptyline›, stop gap amitriptyline",
            id="H1 a phrase marks no word that stands alone",
        ),
        pytest.param(
            "Dry mouth, dry hot mouth",
            'dry AND mouth AND "dry mouth"',
            "‹Dry mouth›, ‹dry› hot ‹mouth›",
            id="H2 a phrase and its words are marked once",
        ),
        pytest.param(
            "Whatever dose",
            'whatever OR "missing dose"',
            "‹Whatever› dose",
            id="H3 a branch that fails marks nothing",
        ),
        pytest.param(
            "low blood pressure - pressure blood low",
            '"low blood pressure" AND "low blood"',
            "‹low blood pressure› - pressure blood low",
            id="H4 a phrase within a phrase is one mark",
        ),
        pytest.param(
            "driving risk, other text here, drive only if alert",
            "driv* NEAR/3 alert",
            "driving risk, other text here, ‹drive› only if ‹alert›",
            id="H7 a prefix far from its partner is not marked",
        ),
        pytest.param(
            "x y z x z x a",
            '"x y z" NEAR/10 a',
            "‹x y z› x z x ‹a›",
            id="H9 a phrase near a word is one mark",
        ),
        pytest.param("a test", "tets~1", "a ‹test›", id="H10 a swap is one edit"),
        pytest.param(
            "rubbish rubbish mention mention",
            '"rubbish mention"',
            "rubbish ‹rubbish mention› mention",
            id="H11 a phrase among repeated words",
        ),
        pytest.param(
            "some rub\u00adbish here",
            "rubbish",
            "some ‹rub\u00adbish› here",
            id="H12 a soft hyphen stays in its word",
        ),
        pytest.param(
            "rub\u200bbish and bish",
            "bish",
            "rub\u200b‹bish› and ‹bish›",
            id="H12 a zero-width space",
        ),
        pytest.param("Indexed!\n1", "index", "‹Indexed›!\n1", id="H16 the stem is never shown"),
        pytest.param(
            "ranking could be better",
            "ranking could be better",
            "‹ranking› ‹could› ‹be› ‹better›",
            id="H17 neighbouring marks lose no letter",
        ),
        pytest.param("Diabète insipide", "Diabè*", "‹Diabète› insipide", id="H18 a prefix"),
        pytest.param(
            "“Café au lait” – l’été, naïve ﬁancée: the dose",
            "dose",
            "“Café au lait” – l’été, naïve ﬁancée: the ‹dose›",
            id="H19 accents and quotes before a mark do not shift it",
        ),
        pytest.param(
            "cafe\u0301 de\u0301ja\u0300 vu: \U0001f48a dose",
            "deja dose",
            "cafe\u0301 ‹de\u0301ja\u0300› vu: \U0001f48a ‹dose›",
            id="H19 combining marks and emoji",
        ),
    ],
)
def test_marks_are(text: str, query: str, expected: str) -> None:
    assert Library(text).marked(query) == [expected]


# --- synonyms ----------------------------------------------------------------------------------


def test_h5_synonyms_within_a_phrase() -> None:
    synonyms = rules("elavil, amitriptyline", "pill, tablet")
    text = "Elavil pill w amitriptyline pill w tablet"
    library = Library(text, synonyms=synonyms, synonyms_in_phrases=True)
    expected = "‹Elavil pill› w ‹amitriptyline pill› w tablet"
    assert library.marked('"amitriptyline tablet"') == [expected]
    assert not Library(text, synonyms=synonyms).marked('"amitriptyline tablet"')


def test_h6_synonym_of_several_words() -> None:
    library = Library(
        "myocardial infarction; myocardial damage", synonyms=rules("mi => myocardial infarction")
    )
    assert library.marked("mi") == ["‹myocardial infarction›; myocardial damage"]
    assert library.reasons("mi") == ["synonym"]


# --- passages and fields -----------------------------------------------------------------------


def test_h8_phrase_crosses_no_passage() -> None:
    library = Library("one bravo three", "four bravo six")
    assert not library.hits('"three four"')
    assert library.marked('"bravo three"') == ["one ‹bravo three›"]


def test_h8_phrase_crosses_no_item_of_a_list() -> None:
    items = [Part("list_item", text, level=1, group=1) for text in ("dry mouth", "pain relief")]
    library = Library(articles=[compose("list", "Effects", items)])
    (hit,) = library.hits("mouth pain")
    assert hit.passage.breaks
    assert not library.hits('"mouth pain"')
    assert not library.hits("mouth NEAR/2 pain")
    assert not library.hits("mouth NEAR/s pain")


def test_h10_pattern_in_another_field_marks_no_text() -> None:
    library = Library(articles=[compose("a", "A test", [Part("paragraph", "a test, a tear")])])
    (hit,) = library.hits("title:te*")
    assert not hit.marks
    assert with_marks(hit.article.title, hit.title_marks) == "A ‹test›"


def test_h24_hit_in_another_field_shows_how_the_text_begins() -> None:
    text = "The body speaks of something else altogether."
    parts = [Part("heading", "Side effects", level=1), Part("paragraph", text)]
    library = Library(articles=[compose("a", "Elavil", parts)])
    (hit,) = library.hits('section:"side effects"')
    assert [with_marks(*pair) for pair in zip(hit.passage.section, hit.section_marks)] == [
        "‹Side effects›"
    ]
    assert snippet(text, hit.marks, 20) == "The body speaks of…"


def test_negated_words_are_never_marked() -> None:
    library = Library("pain and dose", "pain and sleep")
    assert library.marked("and -dose") == ["pain ‹and› sleep"]
    assert library.marked("(pain OR NOT dose) and") == ["‹pain› ‹and› dose", "‹pain› ‹and› sleep"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("tapering", "exact"),
        ("tapers", "stem"),
        ("slow", "synonym"),
        ("taper*", "prefix"),
        ("t*ing", "wildcard"),
        ("tapreing~1", "fuzzy"),
        ("tapering~1", "exact"),
        ('"tapering off"', "phrase"),
        ('"tapering"', "exact"),
    ],
)
def test_each_mark_says_why(query: str, reason: str) -> None:
    library = Library("tapering off", synonyms=rules("slow => tapering"))
    assert library.reasons(query) == [reason]


def test_words_near_each_other_say_so() -> None:
    assert Library("tapering off gradually").reasons("tapering NEAR gradually") == ["proximity"] * 2


# --- HTML --------------------------------------------------------------------------------------


def test_h13_text_that_looks_like_markup_is_escaped() -> None:
    assert marked("<foo> &amp;") == "&lt;foo&gt; &amp;amp;"
    assert marked("<b>", [mark(1, 2)]) == "&lt;<mark>b</mark>&gt;"


# --- snippets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "width", "expected"),
    [
        ("there is a $1000 prize for foo", "foo", 20, "…$1000 prize for ‹foo›"),
        ("there is a §1000 prize for foo", "foo", 20, "…§1000 prize for ‹foo›"),
        ("there is a -1 prize for foo", "foo", 16, "…-1 prize for ‹foo›"),
        ("there is a «1000 prize for foo", "foo", 20, "…«1000 prize for ‹foo›"),
    ],
)
def test_h14_snippet_keeps_the_sign_before_a_word(
    text: str, word: str, width: int, expected: str
) -> None:
    start = text.index(word)
    assert snippet(text, [mark(start, start + len(word))], width) == expected


def test_h15_and_h22_best_window_has_the_most_marks_then_the_most_marked_then_is_first() -> None:
    text = "rubbish rubbish example rubbish rubbish"
    (hit,) = Library(text).hits("rubbish example")
    assert snippet(text, hit.marks, 16) == "‹rubbish› ‹rubbish›…"
    text = "one two three four five"
    few, many = [mark(0, 3)], [mark(8, 13), mark(14, 18)]
    assert snippet(text, few + many, 12) == "…‹three› ‹four›…"
    assert snippet(text, [mark(0, 3), mark(8, 13)], 7) == "…‹three›…"
    assert snippet(text, [mark(0, 3), mark(4, 7)], 4) == "‹one›…"


def test_h20_ranges_at_the_edge_and_beyond() -> None:
    text = "0123456789a"
    merged = merge_marks([mark(1, 4), mark(4, 6), mark(100, 200)], len(text))
    assert with_marks(text, merged) == "0‹123›‹45›6789a"
    assert snippet(text, [mark(10, 11)], 4) == "…789‹a›"


def test_h21_overlapping_marks_are_one() -> None:
    text = "foo bar baz abc xyz"
    merged = merge_marks([mark(4, 11, "stem"), mark(8, 15, "phrase")], len(text))
    assert merged == (mark(4, 15, "stem"),)
    assert with_marks(text, merged) == "foo ‹bar baz abc› xyz"


def test_h23_any_marks_on_any_text_give_sound_snippets() -> None:
    chance = Random(23)
    for _ in range(5000):
        text = "".join(chance.choices("ab \n.é\u0301-", k=chance.randint(0, 60)))
        spots = [
            (chance.randint(-5, 70), chance.randint(-5, 70)) for _ in range(chance.randint(0, 6))
        ]
        width, limit = chance.randint(0, 40), chance.randint(0, 3)
        last = 0
        for found in snippets(text, [mark(*spot) for spot in spots], width=width, limit=limit):
            assert last <= found.start <= found.end <= min(len(text), found.start + max(width, 1))
            last = found.end
            edges = [edge for one in found.marks for edge in (one.start, one.end)]
            assert all(one.start < one.end for one in found.marks)
            assert edges == sorted(edges)
            assert not edges or (found.start <= edges[0] and edges[-1] <= found.end)
