"""Did you mean: what a word that finds nothing may have been meant to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from indexer import Index, Settings, build_index, open_index
from indexer.search.spelling import corrections, typing_cost
from indexer.text.synonyms import drug_names
from tests.helpers.sites import page, serving

WORDS = """
    Tapering off amitriptyline is gradual. A physician treats pneumonia, psychosis and nausea.
    Withdrawal, dizziness, diarrhea and drowsiness may occur at school; national rhythm, quick
    accident, business. Anti-inflammatory creams help the knee. Vitamin B12, 25 mg, 35 mg.
    A form, a farm, a firm, from the hospital. Which quick kick? The pharaoh was for the mountain.
"""

# Pairs of names that are taken for each other, from lists of confused drug names.
LOOK_ALIKE = """
    celebrex celexa; zyrtec zyprexa; lamictal lamisil; hydroxyzine hydralazine; clonidine
    clonazepam;
    prednisone prednisolone; metformin metronidazole; tramadol trazodone; vincristine vinblastine;
    dopamine dobutamine; bupropion buspirone; chlorpromazine chlorpropamide; glipizide glyburide;
    fluoxetine paroxetine; fluoxetine duloxetine; quetiapine olanzapine; oxycodone oxycontin;
    morphine hydromorphone; zantac xanax; zantac zyrtec; paxil plavix; paxil taxol; taxol taxotere;
    neurontin noroxin; lasix luvox; topamax toprol; seroquel serzone; flomax fosamax; zocor cozaar;
    nexium nexavar; singulair sinequan; actos actonel; amaryl reminyl; cardura coumadin; avandia
    coumadin; prilosec prozac; prozac provera; tegretol toradol; tegretol trental; zestril zetia;
    lexapro loxitane; klonopin clonidine; lorazepam alprazolam; carboplatin cisplatin; daunorubicin
    doxorubicin; humalog novolog; lantus latuda; sumatriptan zolmitriptan; tamoxifen tamsulosin;
    cefazolin ceftriaxone; effexor elavil; valacyclovir acyclovir; infliximab rituximab
"""
PAIRS = [tuple(pair.split()) for pair in LOOK_ALIKE.split(";")]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Index]]:
    """Opens an index of one text."""
    opened: list[Index] = []

    def made(text: str) -> Index:
        folder = tmp_path_factory.mktemp("spelling")
        (folder / "a.txt").write_text(f"A title\n\n{text}\n", encoding="utf-8")
        build_index([folder / "a.txt"], folder / "index")
        opened.append(open_index(folder / "index", settings=Settings()))
        return opened[-1]

    yield made
    for index in opened:
        index.close()


@pytest.fixture(scope="module")
def words(indexed: Callable[[str], Index]) -> Index:
    return indexed(WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("amitriptaline", "amitriptyline"), ("amytriptilene", "amitriptyline"),
        ("fizician", "physician"), ("newmonia", "pneumonia"), ("sychosis", "psychosis"),
        ("nawsea", "nausea"), ("widrawal", "withdrawal"), ("dissiness", "dizziness"),
        ("diarea", "diarrhea"), ("dorwsiness", "drowsiness"), ("skool", "school"),
        ("rythm", "rhythm"), ("qick", "quick"), ("acident", "accident"), ("buisness", "business"),
        ("hosptal", "hospital"), ("pharoh", "pharaoh"), ("mountan", "mountain"),
        ("taperimg", "tapering"), ("trapering", "tapering"), ("anti-inflamatory",
        "anti-inflammatory"), ("widrawal dissiness", "withdrawal dizziness"),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_found(words: Index, typed: str, meant: str) -> None:
    found = words.search(typed)
    assert found.suggestion == meant
    assert found.total == 0 or found.relaxed  # it is offered, never forced
    assert words.search(meant).total == 1


@pytest.mark.parametrize(
    "typed",
    ["b13", "b2", "45mg", "26", "2.6", "xx", "zz", "qqqqqq", "tapering7", "*zz", '"no such"'],
)
def test_numbers_and_what_is_near_to_nothing_have_none(words: Index, typed: str) -> None:
    assert words.search(typed).suggestion == ""


def test_a_suggestion_keeps_the_signs_of_the_query(indexed: Callable[[str], Index]) -> None:
    words = indexed("# Some\n\n## One\n\nNausea comes.\n\n## Two\n\nDizziness; drowsiness.\n")
    for typed, meant in (
        ("nawsea NOT dizziness", "nausea NOT dizziness"),
        ("(nawsea OR dissiness)", "(nausea OR dizziness)"),
        ("Nawsea -drowsiness", "nausea -drowsiness"),
    ):
        found = words.search(typed)
        assert (found.total, found.suggestion) == (0, meant)
        assert words.search(meant).total


def test_what_is_suggested_finds_something_under_the_same_filters(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("# Some\n\n## One\n\nNausea comes.\n\n## Two\n\nSleep well.\n")
    assert index.search("nawsea", section="One").suggestion == "nausea"
    assert index.search("nawsea", section="Two").suggestion == ""


def test_a_suggestion_is_spelt_as_the_corpus_spells_it(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("Übelkeit und ubelkeit, immer Übelkeit. Sjögren. Anti-Café.")
    for typed, meant in (
        ("übelkiet", "übelkeit"),
        ("sjorgen", "sjögren"),
        ("anti-caffe", "anti-café"),
    ):
        assert index.search(typed).suggestion == meant
        assert index.search(meant).total == 1


def test_the_misspelt_part_of_a_word_with_hyphens_is_mended(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("# Some\n\nThe pain-killer works. A killer pain.\n")
    assert list(corrections(index._snapshot, "killer-killr"))[:1] == ["killer-killer"]


def test_a_number_beside_a_word_stays(words: Index) -> None:
    assert words.search("45 dissiness").suggestion == ""  # 45 finds nothing, whatever the word
    assert words.search("25 dissiness").suggestion == "25 dizziness"


def test_nothing_that_finds_nothing_is_offered(indexed: Callable[[str], Index]) -> None:
    index = indexed("The farm is far.\n\nThe form is long.")
    assert index.search("fqrm long").suggestion == "form long"
    assert index.search("fqrm far").suggestion == "farm far"
    assert index.search("farrm longg bicycle").suggestion == ""


def test_the_commoner_of_equals_is_offered(indexed: Callable[[str], Index]) -> None:
    assert indexed("cat " + "cot " * 500).search("cqt").suggestion == "cot"
    assert indexed("cot " + "cat " * 500).search("cqt").suggestion == "cat"
    assert indexed("diary " + "diarrhea " * 20).search("diarea").suggestion == "diarrhea"


def test_the_words_beside_it_tell_which_spelling_was_meant(
    indexed: Callable[[str], Index],
) -> None:
    text = "A hard attack.\n\n" + "\n\n".join(f"Heart attack number {n}." for n in range(12))
    assert indexed(text).search("hart attack").suggestion == "heart attack"
    assert indexed("A hard attack.\n\nA heart attack.").search("hart attack").suggestion == (
        "hard attack"
    )


def test_a_question_of_which_no_passage_has_all_words_is_mended_too(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("Ibuprofen is taken with food.\n\nMigraine comes in attacks.")
    found = index.search("ibuprofin is taken in migrane attacks")
    assert (found.missing, found.relaxed) == (("ibuprofin", "migrane"), True)
    assert found.suggestion == "ibuprofen is taken in migraine attacks"
    # None where a word stands nowhere however it is spelt, and none that finds nothing itself.
    assert not index.search("ibuprofin is bicycle food in migrane attacks").suggestion
    assert not index.search("ibuprofin in migrane attacks", article="none").suggestion


def test_a_name_that_is_spelt_as_it_should_be_is_not_mended(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("Laminin is a protein. So is lamisi.")
    for typed in ("lamisil", "Lamisil cream"):
        assert not index.search(typed).suggestion
        assert not index.search(typed, other_names=True).suggestion


def test_words_of_phrases_that_stand_nowhere_are_told_and_mended(
    indexed: Callable[[str], Index],
) -> None:
    index = indexed("The well-known dose of withdrawal. Known doses.")
    found = index.search('"the wellknown dose of withdrawel"')
    assert (found.missing, found.suggestion) == (
        ("withdrawel",),
        '"the wellknown dose of withdrawal"',
    )
    assert index.search('"known dose"').missing == ()
    near = index.search("withdrawel NEAR/5 doses")
    assert (near.missing, near.suggestion) == (("withdrawel",), "withdrawal NEAR/5 doses")
    assert index.search("doze NEAR/5 dosing").missing == ("doze",)
    assert index.search('"withdrawel*"').missing == ()


def test_neighbouring_keys_and_like_sounds_cost_less() -> None:
    assert typing_cost("tspering", "tapering") < typing_cost("tmpering", "tapering")
    assert (
        typing_cost("dosage", "dosage")
        == 0
        < typing_cost("dosaje", "dosage")
        < typing_cost("dosahe", "dosage")
    )
    assert typing_cost("fysician", "physician") < typing_cost("kysician", "physician")
    assert typing_cost("withdrawall", "withdrawal") < typing_cost("withdrawalk", "withdrawal")
    assert typing_cost("atpering", "tapering") < typing_cost("tpaerin", "tapering")


# --- names of drugs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.slow
def test_no_name_is_offered_for_another(
    indexed: Callable[[str], Index], one: str, other: str
) -> None:
    names = drug_names().rules
    assert (one,) in names
    assert (other,) in names
    index = indexed(" ".join(other for pair in PAIRS for other in pair if other != one))
    for typed in (one, one.upper(), f"{one} tablets", f"{one}'s"):
        for match in ("stem", "word", "case"):
            for asked in (True, False):
                found = index.search(typed, match=match, other_names=asked)
                offered = found.suggestion.split()
                assert not [word for word in offered if (word,) in names and word != one]


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        ("dobtamine", "dopamine"),  # dobutamine
        ("prednisolnoe", "prednisone"),
        ("trmadol", "toradol"),
        ("dunorubicin", "doxorubicin"),
        ("flomx", "fosamax"),
    ],
)
def test_a_misspelt_name_is_not_taken_for_one_that_is_further(
    indexed: Callable[[str], Index], typed: str, there: str
) -> None:
    index = indexed(f"{there.title()} in tablets. " * 9)
    for asked in (True, False):
        assert not index.search(f"{typed} tablets", other_names=asked).suggestion
    assert there not in {one.text for one in index.suggest(typed)}


def test_there_are_as_many_pairs_as_were_asked_for() -> None:
    assert len(set(PAIRS)) >= 50


def test_a_misspelt_name_finds_the_names_of_its_drug(indexed: Callable[[str], Index]) -> None:
    index = indexed("Amitriptyline may help.")
    found = index.search("elavill", other_names=True)
    assert found.suggestion == "elavil"
    assert index.search("elavil", other_names=True).total_synonyms == 1
    assert index.search("elavill").suggestion == ""  # elavil alone finds nothing


def test_the_page_offers_no_other_name(indexed: Callable[[str], Index], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nCelebrex and celery.\n", encoding="utf-8")
    build_index([tmp_path / "a.txt"], tmp_path / "index")
    with serving(tmp_path / "index") as client:
        assert "celebrex" not in page(client, "/?q=celexa").text.lower()
        assert "celery" in page(client, "/?q=celexa").text
        assert "celebrex" in page(client, "/?q=celebrx").text


@pytest.mark.slow
def test_a_hundred_thousand_words_take_little_time(indexed: Callable[[str], Index]) -> None:
    ends = [a + b for a in "bcdfghjklmnprst" for b in ("a", "e", "i", "o", "u", "al", "in", "or")]
    made = sorted({one + two + three for one in ends for two in ends for three in ends[::16]})
    index = indexed("\n\n".join(" ".join(made[at::2_000]) for at in range(2_000)))
    forms = sum(len(part.segment.vocabulary.forms) for part in index._snapshot.parts)
    assert forms > 100_000
    best = []
    for typed in ("bamitriptyline", "talorbaq", "fizician", "corinbqa", "pnoteral", "nashional"):
        spent = []
        for _ in range(5):
            began = time.process_time()
            list(islice(corrections(index._snapshot, typed), 3))
            spent.append(time.process_time() - began)
        best.append(min(spent))
    assert max(best) < 0.1  # takes .01 s on a quiet machine
