"""What queries mean, case by case: the language's exact meanings, and input that breaks others."""

from __future__ import annotations

import pytest
from whoosh import query

from indexer.query.parser import parse
from tests.helpers.library import Library, rules
from tests.oracle import Part, compose


def numbers(library: Library, query: str, match: str = "stem") -> list[int]:
    """Which of the texts a query finds."""
    found = library.ask(query, match)  # type: ignore[arg-type]
    return [] if found.relaxed else [int(hit.passage.article_id[1:]) for hit in found.hits]


def same_length(text: str, count: int) -> list[str]:
    """Each text once, `count` in all, told apart by a number."""
    return [f"{text} {number}" for number in range(count)]


# --- input that must never fail ----------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        *('22" BX', "url: something", "park.", '"Energy & security act"', "1/2", "foo -", "+"),
        *("--", '"foo', "~", "", "__proto__", "(", ")(", "AND", "OR OR", "NOT", "NEAR/5", "* *"),
        *("a NEAR/0 b", '""', '"~3', "a~99", "kind:", "kind:nothing", "section:", "\x00", "\ud800"),
        *("a\u2028b", "title:(", "[a TO b]", "a^2", "/a.b/", "((((((((a", "'", "\\", "🩹", "﷽"),
    ],
)
def test_q1_and_q6_nothing_typed_is_an_error(typed: str) -> None:
    library = Library('a park. with a foo, an Energy & security act and 22" BX of 1/2')
    results = library.ask(typed)
    assert results.total == len(results.hits)


@pytest.mark.parametrize(
    ("typed", "marks"),
    [
        ('22" BX', ["22", "BX"]),
        ("park.", ["park"]),
        ('"Energy & security act"', ["Energy & security act"]),
        ("1/2", ["1/2"]),
        ("foo -", ["foo"]),
        ('"foo', ["foo"]),
        ("foo +", ["foo"]),
        ("-- foo", ["foo"]),
    ],
)
def test_q1_and_q6_what_can_be_used_is_found(typed: str, marks: list[str]) -> None:
    text = 'a park. with a foo, an Energy & security act and 22" BX of 1/2'
    (hit,) = Library(text).hits(typed)
    assert [text[mark.start : mark.end] for mark in hit.marks] == marks


def test_q2_curly_quotes_are_quotes() -> None:
    library = Library("gradually tapering off", "tapering gradually off")
    assert (
        numbers(library, "“gradually tapering”") == numbers(library, '"gradually tapering"') == [0]
    )


def test_q2_phrases_of_common_words_are_found() -> None:
    library = Library("to be or not to be", "be to or not")
    assert numbers(library, '"to be or not to be"') == [0]
    assert numbers(library, '"or not"') == [0, 1]


def test_q3_typo_of_a_synonym_and_two_synonyms_in_one_query() -> None:
    synonyms = rules("elavil, amitriptyline", "pill, tablet")
    library = Library("an Elavil pill", "an amitriptyline tablet", "a placebo", synonyms=synonyms)
    assert numbers(library, "amitriptyline tablet") == [0, 1]
    assert numbers(library, "elavli~1 pill") == [0, 1]


def test_q4_every_prefix_finds_the_word() -> None:
    library = Library("the installation failed", "nothing")
    assert all(numbers(library, "installation"[:end] + "*") == [0] for end in range(1, 13))
    assert numbers(library, "__proto__") == []


def test_q5_phrase_does_not_cross_two_passages() -> None:
    parts = [Part("paragraph", "give me a hand"), Part("paragraph", "is what she said")]
    library = Library(articles=[compose("a0", "Untitled", parts)])
    assert not library.hits('"hand is"')


# --- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("take 25 mg daily", "25mg", True),
        ("take 25mg daily", '"25 mg"', True),
        ("take 25 mg daily", '"5 mg"', False),
        ("take 25mg daily", "5mg", False),
        ("take 10-25 mg daily", '"25 mg"', True),
        ("take 10-25 mg daily", "10-25", True),
        ("take 10-25 mg daily", '"10 mg"', False),
        ("take .5 mg daily", '"5 mg"', False),
        ("take 1,000 mg daily", "1000", True),
        ("take 1000 mg daily", "1,000", True),
        ("take 26 mg daily", "25~1", False),
        ("take B12 daily", "B13~1", False),
        ("take B12 daily", "b12", True),
        ("do not take", '"do take"', False),
        ("do not take", '"not take"', True),
        ("you may feel no pain", "may no", True),
        ("plan a b c", "c", True),
        ("Elavil’s effects", "Elavil's", True),
        ("Elavil’s effects", "elavil", True),
        ("Elavil's effects", "Elavil’s", True),
        ("Elavil's effects", '"Elavil effects"', True),
        ("Elavil effects", '"Elavil\'s effects"', False),
        ("CAFÉ noir", "cafe", True),
        ("cafe\u0301 noir", "café", True),
        ("ﬁne ﬂow", "fine flow", True),
        ("ＤＯＳＥ２５", "dose25", True),
        ("some rub\u00adbish", "rubbish", True),
        ("rub\u200bbish", "rubbish", False),
        ("10 µg once", "µg", True),
        ("10 μg once", "µg", True),
        ("10 mcg once", "µg", False),
        ("慢性疼痛的治疗", '"疼痛"', True),
        ("慢性疼痛的治疗", '"痛疼"', False),
        ("慢性の痛み", '"痛み"', True),
        ("الألم المزمن شديد", '"الألم المزمن"', True),
        ("כאב כרוני חזק", '"כאב כרוני"', True),
        ("ความเจ็บปวด", '"เจ็บปวด"', True),
        ("хроническая боль", '"хроническая боль"', True),
        ("a 💊 b", '"a b"', True),
    ],
)
def test_words_and_numbers(text: str, typed: str, found: bool) -> None:
    assert bool(Library(text).hits(typed)) is found


def test_bare_words_match_all_forms_and_quotes_the_words_as_written() -> None:
    library = Library("she tapers", "Tapering off", "they tapered", "tapering")
    assert numbers(library, "tapering") == [0, 1, 2, 3]
    assert numbers(library, '"tapering"') == [1, 3]
    assert numbers(library, "tapering", "word") == [1, 3]
    assert numbers(library, "tapering", "case") == [3]
    assert numbers(library, '"Tapering"', "case") == [1]
    assert numbers(library, "Taper*", "case") == [1]


def test_synonyms_count_within_quotes_only_on_request() -> None:
    synonyms = rules("elavil => amitriptyline")
    texts = ("take Elavil", "take amitriptyline")
    assert numbers(Library(*texts, synonyms=synonyms), "elavil") == [0, 1]
    assert numbers(Library(*texts, synonyms=synonyms), '"elavil"') == [0]
    wide = Library(*texts, synonyms=synonyms, synonyms_in_phrases=True)
    assert numbers(wide, '"take elavil"') == [0, 1]
    assert numbers(wide, '"take amitriptyline"') == [1]


def test_synonyms_keep_together_know_no_case_and_are_never_fuzzy_on_numbers() -> None:
    synonyms = rules("mi => heart attack", "b12 => cobalamin")
    library = Library("Heart Attack drug", "heart of the attack drug", "mi drug", synonyms=synonyms)
    assert numbers(library, "mi") == numbers(library, "mi", "word") == [0, 2]
    assert numbers(library, "mi", "case") == [0, 2]
    wide = Library(
        "mi drug",
        "heart attack x drug",
        "heart x attack drug",
        synonyms=synonyms,
        synonyms_in_phrases=True,
    )
    assert numbers(wide, '"mi drug"~3') == [0, 1]
    assert numbers(wide, '"mi dr*"') == [0]
    tree = query.FuzzyTerm("text", "b13", maxdist=1, prefixlength=0)
    assert not Library("cobalamin", synonyms=synonyms).engine.evaluate(tree)


def test_each_article_is_read_in_its_own_language() -> None:
    french = compose("a0", "Titre", [Part("paragraph", "les notes du malade")], language="fr")
    english = compose("a1", "Title", [Part("paragraph", "do not take")])
    library = Library(articles=[french, english])
    assert numbers(library, "not") == [1]
    assert numbers(library, "notes") == [0]


# --- hyphens -----------------------------------------------------------------------------------

SPELLINGS = ("an anti-inflammatory drug", "an anti inflammatory drug", "an antiinflammatory drug")


@pytest.mark.parametrize(
    "typed",
    [
        "anti-inflammatory",
        "antiinflammatory",
        "anti inflammatory",
        "Anti\u2010Inflammatory",
        "anti-inflammatories",
        '"anti-inflammatory drug"',
        '"an antiinflammatory"',
        '"anti inflammatory drug"',
        '"anti inflammatory dr*"',
        "anti-inflammatory NEAR/1 drug",
        '"antiinflammatory drug"~2',
    ],
)
def test_spellings_of_a_hyphenated_word_find_each_other(typed: str) -> None:
    assert numbers(Library(*SPELLINGS), typed) == [0, 1, 2]


def test_spellings_are_one_only_where_corpus_or_query_hyphenates() -> None:
    library = Library("see a therapist", "the rapist fled")
    assert numbers(library, "therapist") == [0]
    assert numbers(library, '"the rapist"') == [1]
    unhyphenated = Library(*SPELLINGS[1:])
    assert numbers(unhyphenated, "antiinflammatory") == [1]
    assert numbers(unhyphenated, "anti-inflammatory") == [0, 1]
    assert numbers(unhyphenated, "antiinflammatory OR anti-inflammatory") == [0, 1]
    assert numbers(Library("vitamin B-12", "vitamin B12", "vitamin D-3", "vitamin D3"), "D3") == [
        2,
        3,
    ]


def test_a_hyphenated_word_is_its_parts() -> None:
    library = Library("a well-known drug", "known well")
    assert numbers(library, "known") == [0, 1]
    assert numbers(library, "well-known") == [0]


# --- where words match -------------------------------------------------------------------------


def elavil() -> Library:
    """An article of two sections, and one without."""
    parts = [
        Part("heading", "Stopping Elavil", level=1),
        Part("paragraph", "Tapering takes weeks."),
        Part("heading", "Side effects", level=1),
        Part("paragraph", "Dry mouth. Elavil may cause it."),
        Part("boilerplate", "Book your consultation on tapering"),
    ]
    return Library(
        articles=[
            compose("a0", "Elavil for pain", parts),
            compose("a1", "Other drugs", [Part("paragraph", "Tapering and mouth wash")]),
        ]
    )


@pytest.mark.parametrize(
    ("typed", "first_words"),
    [
        ("elavil", ["Tapering takes", "Dry"]),
        ("elavil tapering", ["Tapering takes"]),
        ("elavil stopping weeks", ["Tapering takes"]),
        ("stopping", ["Tapering takes"]),
        ("pain", ["Tapering takes"]),
        ("pain mouth", ["Dry"]),
        ("title:elavil", ["Tapering takes", "Dry"]),
        ('section:"side effects"', ["Dry"]),
        ("section:effects mouth", ["Dry"]),
        ("title:other OR weeks", ["Tapering takes", "Tapering and"]),
        ("tapering -elavil", ["Tapering takes", "Tapering and"]),
        ("tapering -title:elavil", ["Tapering and"]),
        ('"stopping elavil"', ["Tapering takes"]),
        ("article:a1", ["Tapering and"]),
        ("article:a1 OR weeks", ["Tapering takes", "Tapering and"]),
        ("-tapering", ["Dry"]),
        ("kind:boilerplate", ["Book"]),
        ("kind:boilerplate title:elavil", ["Book"]),
        ("consultation", []),
        ("NOT kind:boilerplate tapering", ["Tapering takes", "Tapering and"]),
    ],
)
def test_fields(typed: str, first_words: list[str]) -> None:
    results = elavil().ask(typed)
    found = [] if results.relaxed else [hit.passage.text for hit in results.hits]
    assert len(found) == len(first_words)
    assert all(text.startswith(words) for text, words in zip(found, first_words))


def test_counts_ask_the_text_alone() -> None:
    library = elavil()
    tree = parse("elavil tapering").tree
    assert library.engine.evaluate(tree)
    assert not library.engine.evaluate(tree, text_alone=True)


def test_negation_of_a_tree_asks_the_text_alone_as_well() -> None:
    tree = query.And([query.Term("text", "tapering"), query.Not(query.Term("any", "elavil"))])
    assert len(elavil().engine.evaluate(tree)) == 2


# --- operators ---------------------------------------------------------------------------------

ABC = ("a", "b", "c", "a b", "a c", "b c", "a b c")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a b OR c", ["a b", "a c", "a b c"]),
        ("(a b) OR c", ["c", "a b", "a c", "b c", "a b c"]),
        ("a OR b c", ["a c", "b c", "a b c"]),
        ("a AND b OR c", ["c", "a b", "a c", "b c", "a b c"]),
        ("a NOT b", ["a", "a c"]),
        ("a -b -c", ["a"]),
        ("-a", ["b", "c", "b c"]),
        ("NOT a NOT b", ["c"]),
        ("a OR NOT b", ["a", "c", "a b", "a c", "a b c"]),
        ("+a b", ["a b", "a b c"]),
        ("a NEAR b OR c", ["c", "a b", "a c", "b c", "a b c"]),
        ("NOT (a OR b)", ["c"]),
        ("a AND NOT (b AND c)", ["a", "a b", "a c"]),
    ],
)
def test_operators(typed: str, found: list[str]) -> None:
    assert [hit.passage.text for hit in Library(*ABC).hits(typed)] == found


def test_operators_are_upper_case_only() -> None:
    library = Library("do not take it or may be", "do take it")
    assert numbers(library, "not take") == [0]
    assert numbers(library, "or may") == [0]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a NEAR/1 c", []),
        ("a NEAR/2 c", [0, 1]),
        ("c NEAR/2 a", [0, 1]),
        ("a NEAR/3 d", [0]),
        ('"a c"', []),
        ('"a c"~1', []),
        ('"a c"~2', [0]),
        ('"c a"~2', [1]),
        ('"a b d"~2', [0]),
        ('"a d"~2', []),
        ("a NEAR/5 a", [2]),
        ("a NEAR/1 a", []),
        ('"a b" NEAR/1 c', [0]),
    ],
)
def test_distances(typed: str, found: list[int]) -> None:
    assert numbers(Library("a b c d", "c b a", "a x a"), typed) == found


def test_near_in_one_sentence_does_not_cross_its_end() -> None:
    texts = (
        "Take it. Pain goes.",
        "Take it for pain.",
        "Take 5 mg. for pain",
        "Take it? Yes, pain.",
    )
    assert numbers(Library(*texts), "take NEAR/s pain") == [1, 2]
    assert numbers(Library(*texts), "take NEAR/5 pain") == [0, 1, 2, 3]
    assert numbers(Library("A pain. So it is.", "a pain so bad"), '"pain so" NEAR/s a') == [1]


# --- when nothing has all the words ------------------------------------------------------------


def test_passages_with_any_word_are_shown_for_want_of_all_and_it_is_said() -> None:
    library = Library("pain", "dose", "sleep")
    found = library.ask("pain dose")
    assert found.relaxed
    assert found.total == 2
    assert any("any" in note for note in found.notes)
    assert not library.engine.evaluate(parse("pain dose").tree, text_alone=True)


@pytest.mark.parametrize("typed", ["pain AND dose", '"pain" dose', "+pain dose", "pain -sleep x"])
def test_nothing_is_relaxed_where_an_operator_stands(typed: str) -> None:
    found = Library("pain sleep", "dose").ask(typed)
    assert not found.relaxed
    assert not found.total


# --- large and deep ----------------------------------------------------------------------------


def test_fifty_levels_and_a_thousand_words_are_evaluated() -> None:
    library = Library("pain", "dose")
    assert numbers(library, "(" * 49 + "pain" + ")" * 49) == [0]
    deep = "pain"
    for _ in range(24):
        deep = f"NOT (x AND NOT ({deep}))"
    assert numbers(library, deep) == [0, 1]
    assert numbers(library, " OR ".join([*(f"w{n}" for n in range(990)), "dose"])) == [1]


def test_an_occurrence_is_a_match_of_a_leaf() -> None:
    library = Library("dry mouth and dry skin near a dry mouth")
    for typed, count in (("dry", 3), ('"dry mouth"', 2), ("dry NEAR/1 skin", 1), ("dry skin", 4)):
        (verdict,) = library.engine.evaluate(parse(typed).tree, text_alone=True).values()
        assert len(verdict.occurrences) == count, typed


def test_phrase_of_many_spellings_is_bounded_and_says_so() -> None:
    """Ways to spell a phrase multiply with its words: thirty pairs are a thousand million."""
    library = Library("anti-inflammatory " * 30)
    found = library.ask(f'"{"anti inflammatory " * 30}"')
    assert found.total == 1
    assert any("spellings" in note for note in found.notes)
