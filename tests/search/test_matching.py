"""The engine against the oracle: random corpora, random trees, every kind of node.

The oracle (`oracle.evaluator`) is plain Python over lists of tokens. Sets of passages, marks with
their reasons, occurrences and scores must be the same.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query

from indexer.model import Article
from indexer.query.nodes import Near, Quote, Word
from indexer.query.parser import parse
from indexer.segments import postings
from indexer.text.synonyms import Synonyms
from tests.helpers.effort import seeds, tries
from tests.oracle import (
    MATCHES,
    Chance,
    Engine,
    Evaluator,
    Shelf,
    Verdict,
    disagreements,
    evaluator,
    paragraphs,
    shelve,
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(7, 300))
def test_engine_agrees_with_oracle(seed: int) -> None:
    chance = Chance.of(Random(seed))
    shelf = shelve(chance.corpus())
    ask_much(chance, shelf, Engine(shelf), evaluator(shelf))


@pytest.mark.parametrize("seed", seeds(4, 100, 2000))
def test_engine_agrees_with_oracle_where_all_words_are_common(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of words that many passages hold it is stored how often each does."""
    monkeypatch.setattr(postings, "SHARE", 1_000)
    monkeypatch.setattr(postings, "LEAST", 1)
    chance = Chance.of(Random(seed))
    shelf = shelve(chance.corpus())
    engine = Engine(shelf)
    assert engine.searcher.snapshot.parts[0].segment.frequent
    ask_much(chance, shelf, engine, evaluator(shelf))


@pytest.mark.parametrize("seed", seeds(6, 100))
def test_engine_agrees_with_oracle_on_synonyms(seed: int) -> None:
    chance = Chance.of(Random(1000 + seed))
    shelf, synonyms, quoted = shelve(chance.corpus()), chance.synonyms(), seed % 2 > 0
    engine = Engine(shelf, synonyms=synonyms, synonyms_in_phrases=quoted)
    ask_much(chance, shelf, engine, evaluator(shelf, synonyms, quoted))


def ask_much(chance: Chance, shelf: Shelf, engine: Engine, oracle: Evaluator) -> None:
    """Ask both for forty trees; fail with the first thing in which they differ."""
    for _ in range(40):
        tree, match = chance.tree(), chance.random.choice(MATCHES)
        alone = chance.random.random() < 0.3
        if engine.cuts(tree, match):
            continue
        expected = oracle.evaluate(tree, match, text_alone=alone)
        found = engine.evaluate(tree, match, text_alone=alone)
        differences = list(disagreements(expected, found))
        assert not differences, (tree, match, alone, differences[0], shelf.texts())


@settings(
    max_examples=tries(10, 300),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.randoms(use_true_random=False))
def test_engine_agrees_with_oracle_where_hypothesis_looks(random: Random) -> None:
    chance = Chance.of(random)
    shelf = shelve(chance.corpus())
    tree, match = chance.tree(), random.choice(MATCHES)
    expected = evaluator(shelf).evaluate(tree, match)
    assert not list(disagreements(expected, Engine(shelf).evaluate(tree, match)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(2, 20))
def test_articles_replaced_and_removed_leave_no_trace(seed: int) -> None:
    chance = Chance.of(Random(seed))
    old = shelve([chance.article(number) for number in range(80)], generation=1)
    fresh = shelve([chance.article(number) for number in (3, 17, 50, 55, 60, 90)])
    kept = {name: stored for name, stored in old.articles.items() if name != "a30"}
    new = Shelf(2, {**kept, **fresh.articles})
    last = Shelf(3, {**new.articles, **shelve([chance.article(3)]).articles})
    engine, oracle = Engine(old, new, last), evaluator(last)
    assert len(engine.searcher.snapshot.parts) == 2
    for _ in range(15):
        tree, match = chance.tree(), chance.random.choice(MATCHES)
        found = engine.evaluate(tree, match)
        assert not list(disagreements(oracle.evaluate(tree, match), found)), (tree, match)


@pytest.mark.parametrize(("removed", "marks"), [(("a20",), {1, 2}), (("a20", "a21"), {1})])
def test_hyphens_of_removed_articles_are_forgotten(
    removed: tuple[str, ...], marks: set[int]
) -> None:
    """Their compounds join spellings only where a live text has them, though the arrays stay."""
    names = [f"an antiinflammatory drug and anti inflammatory words {i}" for i in range(20)]
    before = shelve(paragraphs(*names, "anti-inflammatory", "Anti-Inflammatory"), generation=1)
    kept = {name: one for name, one in before.articles.items() if name not in removed}
    after = Shelf(2, kept)
    engine = Engine(before, after)
    assert engine.searcher.snapshot.parts[0].dead
    for tree in (Word("text", "antiinflammatory"), Quote("text", ["anti", "inflammatory"])):
        found = engine.evaluate(tree)
        assert {len(verdict.marks) for verdict in found.values()} == marks
        assert not list(disagreements(evaluator(after).evaluate(tree), found))


def test_languages_of_removed_articles_are_forgotten() -> None:
    """*not* is no form of French *notes* as long as there is an English text that has it."""
    french = paragraphs(*(f"les notes {i}" for i in range(20)), language="fr")
    (english,) = paragraphs("do not stop")
    before = shelve([*french, replace(english, id="en")])
    after = Shelf(2, {name: one for name, one in before.articles.items() if name != "en"})
    assert len(Engine(before).evaluate(Word("text", "not"))) == 1
    engine = Engine(before, after)
    assert engine.searcher.snapshot.parts[0].dead
    found = engine.evaluate(Word("text", "not"))
    assert len(found) == 20
    assert not list(disagreements(evaluator(after).evaluate(Word("text", "not")), found))


def in_languages(*texts: tuple[str, str]) -> list[Article]:
    """One article for each (language, text), with that text as its only passage."""
    return [
        replace(paragraphs(text, language=language)[0], id=f"a{number}")
        for number, (language, text) in enumerate(texts)
    ]


def agreed(
    before: Shelf, *later: Shelf, tree: query.Query, synonyms: Synonyms | None = None
) -> list[str]:
    """Texts that engine and oracle find alike in the last of the shelves."""
    shelf = (before, *later)[-1]
    engine = Engine(before, *later, synonyms=synonyms, synonyms_in_phrases=True)
    found = engine.evaluate(tree)
    assert not list(disagreements(evaluator(shelf, synonyms, True).evaluate(tree), found))
    return [shelf.passage(name).text for name in found]


@pytest.mark.parametrize(
    ("tree", "texts"),
    [
        (Word("text", "notes"), ["no-tés"]),  # joined
        (Word("text", "noted"), []),  # its English stem is *note*, and French *tés* has *te*
        (query.And([Word("any", "bed"), Word("any", "rest")]), ["bed-rest", "bedrest"]),
        (query.And([Word("any", "bed"), Word("any", "rester")]), []),  # to stay, in French
    ],
)
def test_hyphenated_words_have_the_forms_of_their_own_language(
    tree: query.Query, texts: list[str]
) -> None:
    shelf = shelve(in_languages(("fr", "no-tés"), ("en", "bed-rest"), ("en", "bedrest")))
    assert agreed(shelf, tree=tree) == texts


def test_forms_are_found_among_many_stems_of_two_languages() -> None:
    """*walking* is not in the vocabulary, which is sorted language by language."""
    others = " ".join(f"{chr(97 + n // 26)}{chr(97 + n % 26)}q" for n in range(300))
    texts = [("en", f"{others} walked"), ("fr", f"{others} marchait"), ("de", others)]
    assert agreed(shelve(in_languages(*texts)), tree=Word("any", "walking")) == [texts[0][1]]
    assert agreed(shelve(in_languages(*texts)), tree=Word("any", "marchaient")) == [texts[1][1]]


def test_ligatures_are_taken_apart_before_words_are() -> None:
    texts = ["\ufb01ne-day", "\ufb01ne day", "fine day"]
    words = query.And([Word("any", "\ufb01ne"), Word("any", "day")])
    for tree in (words, Word("text", "\ufb01neday"), Quote("text", ["\ufb01neday"])):
        assert agreed(shelve(paragraphs(*texts)), tree=tree) == texts


def test_hyphens_count_where_the_language_is_not_known() -> None:
    """Such a text has no stems, but what belongs to somebody is a form there as well."""
    texts = ["big-dog's", "bigdog", "big dog"]
    shelf = shelve(in_languages(*(("", text) for text in texts)))
    assert agreed(shelf, tree=Word("text", "bigdog")) == texts


def test_hyphens_of_a_removed_language_are_forgotten() -> None:
    """*antiruns* is a form of *anti-running* as long as there is an English text that has it."""
    others = [("fr", f"x{number}") for number in range(20)]
    whole = in_languages(("en", "x"), ("en", "anti-running"), ("fr", "anti-running"), *others)
    before, after = shelve(whole), shelve([whole[0], *whole[2:]], generation=2)
    tree = Word("text", "antiruns")
    assert agreed(before, tree=tree) == ["anti-running", "anti-running"]
    assert agreed(before, after, tree=tree) == []


def test_words_of_a_pattern_have_no_other_spellings() -> None:
    """Neither a synonym nor a compound takes a word and the first half of its neighbour."""
    shelf = shelve(paragraphs("b c", "a a c", "non-a", "nona c"))
    synonyms = Synonyms({("a", "a"): (("b",),)})
    assert agreed(shelf, tree=Quote("text", ["a", "a-c*"]), synonyms=synonyms) == ["a a c"]
    assert agreed(shelf, tree=Quote("text", ["non", "a-c*"])) == []
    assert agreed(shelf, tree=Quote("text", ["non", "a", "c*"])) == ["nona c"]


def test_terms_have_forms_where_their_words_have() -> None:
    """*never* stands for *not*, which is no form of French *notes*; *pains* is one of *pain*."""
    synonyms = Synonyms({("not",): (("never",),), ("pain",): (("ache",),)})
    shelf = shelve(in_languages(("en", "never not"), ("fr", "notes"), ("en", "ache")))
    assert agreed(shelf, tree=Word("text", "notes"), synonyms=synonyms) == ["notes"]
    assert agreed(shelf, tree=Word("text", "pains"), synonyms=synonyms) == ["ache"]


@pytest.mark.parametrize("seed", range(10))
def test_each_way_of_matching_narrows_the_one_before(seed: int) -> None:
    chance = Chance.of(Random(seed))
    engine = Engine(shelve(chance.corpus()))
    for word in chance.vocabulary:
        found = [engine.evaluate(Word("text", word), match) for match in ("stem", "word", "case")]
        assert found[0].keys() >= found[1].keys() >= found[2].keys(), word


@pytest.mark.parametrize("seed", range(10))
def test_marks_are_the_words_that_were_asked_for(seed: int) -> None:
    """Marks lie in the text, apart from each other; each hit has one, here or in a field."""
    chance = Chance.of(Random(seed))
    shelf = shelve(chance.corpus())
    engine = Engine(shelf)
    for _ in range(20):
        for name, verdict in engine.evaluate(chance.leaf()).items():
            text = shelf.passage(name).text
            edges = [edge for mark in verdict.marks for edge in (mark.start, mark.end)]
            assert edges == sorted(edges)
            assert not edges or (edges[0] >= 0 and edges[-1] <= len(text))
            assert all(mark.start < mark.end for mark in verdict.marks)


def found(text: str, tree: query.Query) -> Verdict:
    """What the engine says of a single passage, which it must find."""
    (verdict,) = Engine(shelve(paragraphs(text))).evaluate(tree).values()
    return verdict


def test_nested_nearness_marks_only_what_takes_part() -> None:
    """An inner pair that has no partner outside is not marked, though it stands among them."""
    inner = Near([Word("text", "dose"), Word("text", "pain")], 5)
    verdict = found("rest dose dose pain", Near([inner, Word("text", "rest")], 1))
    assert [(mark.start, mark.end) for mark in verdict.marks] == [(0, 4), (5, 9), (15, 19)]


def test_word_of_two_tokens_holds_together_in_a_loose_phrase() -> None:
    engine = Engine(shelve(paragraphs("dose 5mg", "dose 5 or 10 mg")))
    assert len(engine.evaluate(Quote("text", ["dose", "5mg"], slop=5))) == 1


def test_or_asks_for_as_many_as_minmatch_says() -> None:
    engine = Engine(shelve(paragraphs("pain", "pain dose", "pain dose sleep")))
    words = [Word("text", word) for word in ("pain", "dose", "sleep")]
    assert [len(engine.evaluate(query.Or(words, minmatch=n))) for n in range(5)] == [3, 3, 2, 1, 0]


def test_alternatives_do_not_need_each_others_words() -> None:
    """A passage that one side of an OR finds by itself stays, whatever the other side asks."""
    engine = Engine(shelve(paragraphs("pain", "dose", title="Sleep")))
    assert len(engine.evaluate(query.Or([Word("title", "sleep"), Word("any", "pain")]))) == 2
    assert len(engine.evaluate(query.Or([query.Not(Word("any", "dose")), Word("any", "x")]))) == 1
    assert len(engine.evaluate(Word("any", "sleep"))) == 2  # the articles so titled


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("painfree", ["pain-free"]),
        ("wellbeing", ["well-being", "wellbeing"]),
        ("wellbeings", ["well-being", "wellbeing"]),
        ("well-being", ["well-being", "wellbeing"]),
        ("yearago", ["year-ago", "years ago"]),
        ("year-ago", ["year-ago", "years ago"]),
        ("daytoday", ["day-to-day", "day today", "day to-day"]),
        ("therapist", []),  # nobody hyphenates *the rapist*
    ],
)
def test_joined_and_hyphenated_spellings_find_the_same(typed: str, texts: list[str]) -> None:
    corpus = ("pain-free", "well-being", "wellbeing", "year-ago", "years ago", "day-to-day")
    shelf = shelve(in_languages(*(("en", one) for one in (*corpus, "day today", "day to-day"))))
    assert agreed(shelf, tree=Word("text", typed)) == texts


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("*avil", ["Elavil's", "Elavil"]),
        ("el?vil", ["Elavil's", "Elavil"]),
        ("elavil~1", ["Elavil's", "Elavil", "Elavill’s"]),
        ("don't*", ["don't", "don’t"]),
        ("don’t*", ["don't", "don’t"]),
        ("30,000*", ["30,000"]),
        ("l'eau*", ["l'eau"]),
        ("patient's*", ["the patient's"]),
    ],
)
def test_patterns_see_words_with_apostrophes_and_commas(typed: str, texts: list[str]) -> None:
    corpus = ("Elavil's", "Elavil", "Elavill’s", "don't", "don’t", "30,000", "l'eau", "avila")
    shelf = shelve(in_languages(*(("en", one) for one in (*corpus, "the patient's"))))
    assert agreed(shelf, tree=parse(typed).tree) == texts
