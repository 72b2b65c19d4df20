"""Readability and length: the formulas, the syllables, and what stands apart."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer import Index, NotFound, UsageError, build_index, open_index
from indexer.audits.readability import (
    PROSE,
    SMOG_LEAST,
    Scores,
    TextCounts,
    flesch,
    grade,
    lix,
    smog,
    syllables,
)
from indexer.audits.statistics import FEWEST, bounds, outside
from indexer.text.folding import fold
from indexer.text.sentences import sentences
from indexer.text.tokenizer import tokenize
from tests.helpers.indexed import indexed

CAT = "The cat sat on the mat. The dog ran to the red hut."
HARD = "Pharmacological considerations necessitate individualised administration."


# --- formulas ----------------------------------------------------------------------------------


def test_formulas_give_the_values_that_their_authors_define() -> None:
    """100 words in 5 sentences with 150 syllables, worked out by hand."""
    tally = TextCounts(words=100, sentences=5, syllables=150, long=20, polysyllables=10)
    assert flesch(tally) == pytest.approx(206.835 - 20.3 - 126.9)
    assert grade(tally) == pytest.approx(7.8 + 17.7 - 15.59)
    assert lix(tally) == pytest.approx(40)
    assert smog(tally) is None


def test_smog_needs_thirty_sentences() -> None:
    tally = TextCounts(words=600, sentences=SMOG_LEAST, syllables=900, long=0, polysyllables=36)
    assert smog(tally) == pytest.approx(3.1291 + 1.0430 * 6)


def test_nothing_has_no_score() -> None:
    nothing = TextCounts(0, 0, 0, 0, 0)
    assert (flesch(nothing), grade(nothing), smog(nothing), lix(nothing)) == (None,) * 4


# --- syllables ---------------------------------------------------------------------------------

SPOKEN = {
    1: "a the pain dose caused times smiled yes you whole mg 5 can't",
    2: """doses table tables treated settled changes little people chronic special patient science
        conscience quiet seeing playing create react question sometimes therefore rhythm spasm prism
        didn't doctor's migraine café naïve Zoë façade entrée B12 0""",
    3: """drowsiness serious period easier usual cyanide quality carefully management opioids
        sodium fiancé résumé protégé 1,000,000 25 2.5 100""",
    4: """gradually anxiety continuous serotonin insomnia hypertension ibuprofen coöperate
        œsophagus 0.5""",
    5: "1994 amitriptyline norepinephrine fibromyalgia",
    6: "2,500 discontinuation cardiovascular acetaminophen",
}


@pytest.mark.parametrize("count", SPOKEN)
def test_syllables_as_words_are_spoken(count: int) -> None:
    assert {w: syllables(w) for w in SPOKEN[count].split()} == dict.fromkeys(
        SPOKEN[count].split(), count
    )


@given(st.text(max_size=30))
@example("B❶ ❶²")
def test_every_word_has_a_syllable(text: str) -> None:
    assert all(syllables(form) >= 1 for form in tokenize(text).forms)


# --- outliers ----------------------------------------------------------------------------------

lengths = st.lists(st.integers(1, 400), min_size=FEWEST, max_size=60)


@given(lengths, st.floats(0.5, 6))
def test_outliers_are_those_of_the_rule(some: list[int], cutoff: float) -> None:
    usual = bounds(np.array(some), cutoff)
    assert usual is not None
    middle = median(some)
    distances = [abs(x - middle) for x in some]
    mad = median(distances)
    scale = mad / 0.6745 if mad else 1.253314 * sum(distances) / len(distances)
    wanted = [i for i, d in enumerate(distances) if d > cutoff * scale * (1 + 1e-12)]
    found = outside(np.array(some), usual).tolist()
    assert sorted(found) == wanted
    assert [distances[i] for i in found] == sorted((distances[i] for i in found), reverse=True)


def test_one_huge_length_does_not_hide_itself() -> None:
    some = np.array([20, 21, 19, 22, 18, 20, 21, 19, 20, 22, 900])
    usual = bounds(some)
    assert usual is not None
    assert outside(some, usual).tolist() == [10]
    assert usual.median == 20


def test_equal_lengths_have_no_outlier_and_one_among_them_is_one() -> None:
    equal = np.full(30, 12)
    usual = bounds(equal)
    assert usual is not None
    assert not outside(equal, usual).size
    equal[4] = 80
    usual = bounds(equal)
    assert usual is not None
    assert outside(equal, usual).tolist() == [4]


def test_of_few_lengths_none_is_odd() -> None:
    assert bounds(np.array([1] * (FEWEST - 2) + [500])) is None


# --- a corpus ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An easy article, a hard one, and one in German."""
    folder = tmp_path_factory.mktemp("reading")
    (folder / "easy.md").write_text(
        f"# Cats\n\n{CAT}\n\n## Lists\n\n- Milk is nice\n- Fish\n\n## More\n\n{CAT} {CAT}\n"
        f"\n## Void\n\n### Deep\n\n{CAT}\n"
    )
    (folder / "hard.md").write_text(f"# Drugs\n\n{HARD}\n")
    german = "Die Katze sitzt auf der Matte und der Hund ist nicht mit ihr in dem Haus. " * 6
    (folder / "katze.md").write_text(f"---\nlanguage: de\n---\n\n# Katze\n\n{german}\n")
    long = "This one sentence goes on and on " + "and on " * 60 + "to its end."
    rows = [
        {"id": "odd", "title": "Odd", "text": "Odd\n\n" + f"{CAT} " * 5 + "\n\n" + long},
    ]
    (folder / "odd.jsonl").write_text("\n".join(map(json.dumps, rows)))
    build_index([folder], folder / "index")
    return folder / "index"


def by_id(index: Index) -> dict[str, Scores]:
    return {reading.article.id: reading for reading in index.readability().articles}


def test_scores_are_of_the_prose_and_lengths_of_everything(site: Path) -> None:
    with open_index(site) as index:
        easy = by_id(index)["easy"]
    assert easy.section is None
    assert easy.prose == TextCounts(
        words=13 * 4, sentences=8, syllables=13 * 4, long=0, polysyllables=0
    )
    assert easy.words == 13 * 4 + 4
    assert easy.sentences == 8 + 2
    assert easy.longest == 7
    assert easy.flesch == flesch(easy.prose) == pytest.approx(206.835 - 1.015 * 6.5 - 84.6)
    assert easy.lix == pytest.approx(6.5)


def test_hard_words_read_harder(site: Path) -> None:
    with open_index(site) as index:
        found = by_id(index)
    easy, hard = found["easy"], found["hard"]
    assert easy.flesch is not None
    assert hard.flesch is not None
    assert easy.flesch > 90 > 0 > hard.flesch
    assert hard.prose.long == 5


def test_sections_stand_apart_in_order_of_the_text(site: Path) -> None:
    with open_index(site) as index:
        found = [r for r in index.readability().sections if r.article.id == "easy"]
    assert [r.section and r.section[-1] for r in found] == [(), "Lists", "More", "Deep"]
    assert [r.words for r in found] == [13, 4, 26, 13]
    assert found[1].prose == TextCounts(0, 0, 0, 0, 0)
    assert (found[1].flesch, found[1].lix, found[1].longest) == (None, None, 0)


def test_other_languages_have_no_score_that_counts_syllables(site: Path) -> None:
    with open_index(site) as index:
        german = by_id(index)["katze"]
    assert german.article.language == "de"
    assert (german.flesch, german.grade, german.smog) == (None, None, None)
    assert german.lix is not None
    assert german.prose.syllables == 0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "感冒患者应多喝水。不要同时服用两种感冒药。"),
        ("ja", "アスピリンを飲まないでください。食後に服用します。"),
        ("th", "ห้ามใช้ยานี้เกินวันละสองเม็ด ไม่ควรดื่มน้ำ"),
    ],
)
def test_languages_without_spaces_have_no_score(language: str, text: str) -> None:
    """Words per sentence and long words say nothing where each character is a word."""
    with indexed({"a": f"---\nlang: {language}\n---\n{text}\n"}) as index:
        (found,) = by_id(index).values()
    assert found.article.language == language
    assert (found.flesch, found.grade, found.smog, found.lix) == (None,) * 4


def test_sections_of_an_article_add_up_to_it(index: Index) -> None:
    found = index.readability()
    for whole in found.articles:
        parts = [r for r in found.sections if r.article == whole.article]
        for name in ("passages", "sentences", "words"):
            assert sum(getattr(p, name) for p in parts) == getattr(whole, name)
        for name in ("words", "sentences", "syllables", "long", "polysyllables"):
            assert sum(getattr(p.prose, name) for p in parts) == getattr(whole.prose, name)
        assert max(p.longest for p in parts) == whole.longest
    assert sum(whole.words for whole in found.articles) == index.totals.words


def test_counts_are_those_of_the_tokeniser(index: Index) -> None:
    """The whole article again, from its text and by the definitions."""
    (whole,) = index.readability().articles
    prose = [p.text for p in index.passages(whole.article.id) if p.kind in PROSE]
    words = [fold(form) for text in prose for form in tokenize(text).forms]
    assert whole.prose.words == len(words)
    assert whole.prose.sentences == sum(len(sentences(text)) for text in prose)
    assert whole.prose.syllables == sum(map(syllables, words))
    assert whole.prose.long == sum(sum(map(str.isalpha, word)) > 6 for word in words)
    assert whole.prose.polysyllables == sum(syllables(w) >= 3 and not w[0].isdigit() for w in words)
    assert whole.smog is not None
    share = whole.prose.polysyllables / whole.prose.sentences
    assert whole.smog == pytest.approx(3.1291 + 1.0430 * math.sqrt(30 * share))


def test_long_sentence_stands_apart_with_the_rule_that_says_so(site: Path) -> None:
    with open_index(site) as index:
        found = index.readability(articles=["odd"])
        one = found.outliers[0]
        text = index.passage(one.found[0].passage).text
    assert (one.unit, one.total) == ("sentence", 1)
    assert one.found[0].text.startswith("This one sentence")
    assert one.found[0].text == text[one.found[0].start : one.found[0].end]
    assert one.usual is not None
    assert (one.usual.count, one.usual.median, one.usual.cutoff) == (11, 7, 3.5)
    assert one.found[0].words > one.usual.high


def test_outliers_that_are_not_shown_are_counted(site: Path) -> None:
    with open_index(site) as index:
        found = index.readability(articles=["odd"], most=0).outliers[0]
    assert (found.found, found.total) == ((), 1)


def test_some_articles_are_as_they_are_among_all(site: Path) -> None:
    with open_index(site) as index:
        one = index.readability(articles=["hard"])
        assert one.articles == (by_id(index)["hard"],)
        assert index.readability(articles=[]).articles == ()
        with pytest.raises(NotFound):
            index.readability(articles=["none"])


@pytest.mark.parametrize("wrong", [{"cutoff": 0}, {"cutoff": float("nan")}, {"most": -1}])
def test_parameters_that_make_no_sense_are_refused(site: Path, wrong: dict[str, Any]) -> None:
    with open_index(site) as index, pytest.raises(UsageError):
        index.readability(**wrong)
