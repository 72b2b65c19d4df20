"""Near-duplicates: what is found, how it is grouped, and what differs between copies."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Index, NotFound, UsageError, build_index, open_index
from indexer.audits.duplicates import DuplicateGroup
from indexer.audits.near_duplicates import Likeness, UnitCluster, cluster_units, wordings
from indexer.audits.risky_changes import risky_changes
from indexer.audits.scope import TextUnits
from indexer.audits.similarity_join import (
    SLACK,
    Components,
    Prefixes,
    Sets,
    connect,
    near,
    shingle_sets,
)
from indexer.links.similarity import word_diff
from indexer.sorted_arrays import Array
from tests.helpers.indexed import apart, indexed

Texts = Sequence[Sequence[int]]


def arrays(texts: Texts) -> tuple[Array, Array, Array]:
    """Words, starts and sizes of texts that are given as numbers of words."""
    sizes = np.array([len(t) for t in texts], np.int64)
    words = np.array([w for t in texts for w in t], np.int32)
    return words, np.cumsum(sizes) - sizes, sizes


def sets_of(texts: Texts, width: int = 2) -> Sets:
    return shingle_sets(*arrays(texts), width)


def clustered(texts: Texts, likeness: Likeness) -> list[UnitCluster]:
    words, starts, sizes = arrays(texts)
    none = np.zeros(sizes.size, np.int64)
    units = TextUnits("passage", none, none, starts, starts, sizes)
    return cluster_units(words, units, likeness, compared=words)[0]


def runs_of(text: Sequence[int], width: int) -> set[tuple[int, ...]]:
    """The shingles of a text, by the definition."""
    return {tuple(text[i : i + width]) for i in range(len(text) - width + 1)}


def jaccard(a: Sequence[int], b: Sequence[int], width: int) -> float:
    """The overlap of two texts, by the definition."""
    one, two = runs_of(a, width), runs_of(b, width)
    return len(one & two) / len(one | two)


def near_pairs(texts: Texts, threshold: float, width: int) -> set[tuple[int, int]]:
    """Every pair that reaches the threshold, by comparing all with all."""
    sets = [runs_of(t, width) for t in texts]
    return {
        (i, j)
        for j, one in enumerate(sets)
        for i, two in enumerate(sets[:j])
        if len(one & two) / len(one | two) >= threshold - SLACK
    }


def found_pairs(texts: Texts, threshold: float, width: int) -> set[tuple[int, int]]:
    """Every pair that reaches the threshold, by the index of rare shingles."""
    sets = sets_of(texts, width)
    return {
        pair
        for a, b in Prefixes(sets, threshold).candidates()
        for pair in zip(*(x.tolist() for x in near(sets, threshold, a, b)), strict=True)
    }


def drafts(seed: int, count: int = 400, kept: float = 0.93) -> list[list[int]]:
    """Texts of 10 to 60 words in copies, each word of which is kept or becomes another."""
    r = random.Random(seed)
    texts: list[list[int]] = []
    while len(texts) < count:
        text = [r.randrange(2000) for _ in range(r.randrange(10, 60))]
        for _ in range(r.choice((1, 1, 2, 3, 6))):
            texts.append([w if r.random() < kept else r.randrange(2000) for w in text])
    return texts


# --- shingles ----------------------------------------------------------------------------------

few_words = st.lists(st.integers(0, 6), min_size=4, max_size=14)
few_texts = st.lists(few_words, min_size=2, max_size=12)


def test_two_word_shingles_of_the_reference_overlap_by_half() -> None:
    a, b, c, d, e = range(5)
    sets = sets_of([[a, b, c, d], [a, b, c, e]])
    assert sets.overlap(np.array([0]), np.array([1])).tolist() == [0.5]


@given(few_texts, st.integers(1, 4))
def test_overlap_is_that_of_the_definition_and_symmetric(
    texts: list[list[int]], width: int
) -> None:
    sets = sets_of(texts, width)
    a, b = (x.ravel() for x in np.indices((len(texts), len(texts))))
    wanted = [jaccard(texts[i], texts[j], width) for i, j in zip(a, b, strict=True)]
    assert sets.overlap(a, b).tolist() == wanted
    assert sets.overlap(b, a).tolist() == wanted


@given(few_texts, st.floats(0.05, 1))
def test_bitmaps_rule_out_no_pair_that_is_near(texts: list[list[int]], threshold: float) -> None:
    sets = sets_of(texts)
    a, b = (x.ravel() for x in np.indices((len(texts), len(texts))))
    assert sets.may_overlap(a, b, threshold)[sets.overlap(a, b) >= threshold].all()


@given(few_texts, st.integers(1, 3), st.sampled_from([0.1, 1 / 3, 0.5, 0.75, 1.0]))
def test_exact_comparison_finds_what_comparing_all_with_all_finds(
    texts: list[list[int]], width: int, threshold: float
) -> None:
    assert found_pairs(texts, threshold, width) == near_pairs(texts, threshold, width)


@pytest.mark.parametrize("threshold", [0.2, 1 / 3, 0.5, 0.8])
def test_exact_comparison_of_drafts_misses_nothing(threshold: float) -> None:
    texts = drafts(1)
    wanted = near_pairs(texts, threshold, 2)
    assert len(wanted) > 50
    assert found_pairs(texts, threshold, 2) == wanted


def test_sample_finds_all_that_is_near_one_of_it() -> None:
    texts = drafts(2)
    sets, sample = sets_of(texts), np.arange(0, len(texts), 7)
    found = {
        pair
        for a, b in Prefixes(sets, 0.4).candidates_of(sample)
        for pair in zip(*(x.tolist() for x in near(sets, 0.4, a, b)), strict=True)
    }
    wanted = {p for p in near_pairs(texts, 0.4, 2) if set(p) & set(sample.tolist())}
    assert wanted
    assert found == wanted


def test_copies_of_a_template_are_connected_without_comparing_all_with_all() -> None:
    """Half a million pairs, each found by many shingles, are looked at a few times at most."""
    base = list(range(40))
    sets = sets_of([[*base[:20], 100 + i, *base[21:]] for i in range(1000)])
    groups, seen = Components(1000), 0
    for a, b in Prefixes(sets, 0.4).candidates(groups):
        seen += a.size
        connect(groups, sets, 0.4, a, b)
    assert not groups.labels.any()
    assert 1000 <= seen < 1000 * 1000


@given(few_texts, st.sampled_from([0.2, 1 / 3, 0.5]))
def test_connected_is_what_a_chain_of_near_pairs_leads_to(
    texts: list[list[int]], threshold: float
) -> None:
    sets = sets_of(texts)
    groups = Components(len(texts))
    for a, b in Prefixes(sets, threshold).candidates(groups):
        connect(groups, sets, threshold, a, b)
    wanted = list(range(len(texts)))
    for _ in texts:
        for i, j in near_pairs(texts, threshold, 2):
            wanted[i] = wanted[j] = min(wanted[i], wanted[j])
    assert groups.labels.tolist() == wanted


# --- groups ------------------------------------------------------------------------------------


@given(few_texts)
def test_wordings_are_the_distinct_texts(texts: list[list[int]]) -> None:
    numbers, firsts = wordings(*arrays(texts))
    assert [tuple(texts[firsts[n]]) for n in numbers] == list(map(tuple, texts))
    assert len(firsts) == len(set(map(tuple, texts)))
    assert firsts.tolist() == sorted(firsts)


@given(few_texts, st.sampled_from([0.2, 1 / 3, 0.5, 0.9]))
def test_groups_hold_what_has_a_near_one_each_compared_with_what_it_is_near(
    texts: list[list[int]], threshold: float
) -> None:
    found = clustered(texts, Likeness(threshold))
    wanted = {row for pair in near_pairs(texts, threshold, 2) for row in pair}
    members = [member.row for c in found for member in c.members]
    assert sorted(members) == sorted(wanted)
    for c in found:
        rows, models, _ = zip(*c.members)
        assert models[0] == rows[0]
        assert rows[1:] == tuple(sorted(rows[1:]))
        assert set(models) <= set(rows)
        assert c.identical == (len({tuple(texts[r]) for r in rows}) == 1)
        for row, model, overlap in c.members:
            assert overlap == jaccard(texts[row], texts[model], 2) >= threshold - SLACK


def test_chain_of_near_texts_is_taken_apart_at_its_middle() -> None:
    """What only a third text connects is not shown as copies of one another."""
    a = list(range(20))
    b = [*range(10, 20), *range(30, 40)]
    c = [*range(30, 40), *range(50, 60)]
    (found,) = clustered([a, b, c, b], Likeness(0.3))
    assert [(one.row, one.model) for one in found.members] == [(1, 1), (0, 1), (2, 1), (3, 1)]
    (found,) = clustered([a, b, c], Likeness(0.3))
    assert [(one.row, one.model) for one in found.members] == [(0, 0), (1, 0), (2, 1)]


# --- what differs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("Take 5 mg daily.", "Take 50 mg daily.", [("number", ("5",), ("50",))]),
        ("Take 5 mg daily.", "Take 5 mcg daily.", [("unit", ("mg",), ("mcg",))]),
        ("Take 5 mg daily.", "Take 5mg daily.", []),
        ("Take one tablet.", "Take two tablets.", [("number", ("1",), ("2",))]),
        ("Do not stop at once.", "Do stop at once.", [("negation", ("not",), ())]),
        ("It doesn't cause harm.", "It does cause harm.", [("negation", ("doesn't",), ())]),
        ("It is safe.", "It is safe without food.", [("negation", (), ("without",))]),
        ("It may help sleep.", "It does help sleep.", [("qualifier", ("may",), ())]),
        ("Levels < 5 are fine.", "Levels > 5 are fine.", [("number", ("<",), (">",))]),
        ("It helps many people.", "It helps several people.", []),
        ("The same words.", "The  same\nwords.", []),
        ("Keep at -5 degrees.", "Keep at 5 degrees.", [("number", ("-5",), ("5",))]),
        ("Keep at −5 degrees.", "Keep at –5 degrees.", []),
        ("Take 5–10 drops.", "Take 5, 10 drops.", [("number", ("5–10",), ("5", "10"))]),
        ("Take 5 to 10 drops.", "Take 5-10 drops.", []),
        ("For HER2+ tumours.", "For HER2− tumours.", [("sign", ("her2+",), ("her2−",))]),
        ("For HER2+ tumours.", "For HER2 tumours.", [("sign", ("her2+",), ())]),
        ("Written in C++ now.", "Written in C now.", [("sign", ("c++",), ())]),
        ("Pre- and postnatal.", "Pre and postnatal.", []),
        ("About 10⁹ cells.", "About 109 cells.", [("number", ("10^9",), ("109",))]),
        ("Use paracetamol² now.", "Use paracetamol now.", []),
        ("Give 30,000 IU.", "Give 30000 IU.", []),
        ("Give 5.0 mg.", "Give 5 mg.", []),
        ("Give ½ tablet.", "Give 1/2 tablet.", []),
        ("Give 5%.", "Give 5 per cent.", []),
        ("Never stop it.", "Do not stop it.", []),
        ("If you are not sure.", "If you are unsure.", []),
        ("A safe dose.", "An unsafe dose.", [("negation", ("safe",), ("unsafe",))]),
        ("With hypotension.", "With hypertension.", [("qualifier", ("hypotension",),
                                                      ("hypertension",))]),
        ("At noon only.", "At night only.", [("qualifier", ("noon",), ("night",))]),
        ("Ask your doctor.", "Ask your pharmacist.", []),
        ("Watch your child.", "Watch your baby.", []),
        ("Take one as needed.", "Take it as needed.", []),
        ("Twice a day.", "2 times daily.", []),
        ("Once a day.", "Twice a day.", [("frequency", ("once",), ("twice",))]),
        ("Made in May 1995.", "Made in 1995.", []),
        ("See section 4.", "See below.", []),
        ("3. Close the lid.", "4. Close the lid.", []),
        ("Ask us if you are not sure.", "If you are not sure, ask us.", []),
    ],
)  # fmt: skip
def test_risky_changes_are_named(old: str, new: str, wanted: list[object]) -> None:
    found = risky_changes(word_diff(old, new), "en", aligned=True)
    assert [(d.risk, d.removed, d.added) for d in found] == wanted


def test_negations_are_those_of_the_language() -> None:
    runs = word_diff("Nicht täglich nehmen.", "Täglich nehmen.")
    assert [d.risk for d in risky_changes(runs, "de")] == ["negation"]
    assert risky_changes(runs, "en") == ()


def test_dose_that_moved_is_seen_though_all_numbers_are_still_there() -> None:
    runs = word_diff("5 mg at noon, 10 mg at night", "10 mg at noon, 5 mg at night")
    assert any(d.risk == "number" for d in risky_changes(runs, "en"))


# --- a corpus ----------------------------------------------------------------------------------

DOSE = "Adults start with 10 mg of amitriptyline at bedtime and see a doctor after two weeks."
WARNING = "Never stop taking this medicine all at once, because withdrawal can be very unpleasant."
SAME = "Keep this medicine in a cool and dry place where children cannot reach it."
LONE = "Pharmacists count tablets quickly while rivers elsewhere carry silent boats to sea."
FILLER = "{0} alpha {0} beta {0} gamma {0} delta {0} epsilon {0} zeta {0} eta {0} theta."


def filler(word: str) -> str:
    """A long sentence that shares no two words with another one's."""
    return FILLER.format(word)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site: a dose that drifts, a warning that is lost, and copies that agree."""
    folder = tmp_path_factory.mktemp("copies")
    pages = {
        "a": [DOSE, f"{WARNING} {filler('oak')} {filler('elm')}", SAME],
        "b": [DOSE.replace("10 mg", "100 mg"), f"{filler('ash')} {filler('fir')} {SAME}"],
        "c": [WARNING.replace("Never stop", "Stop"), SAME.upper(), "Buy it.", LONE],
        "d": ["Buy it.", SAME],
    }
    rows = [
        {"id": name, "title": f"Page {name}", "text": f"Page {name}\n\n" + "\n\n".join(parts)}
        for name, parts in pages.items()
    ]
    source = folder / "site.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build_index([source], folder / "index")
    return folder / "index"


def places(group: DuplicateGroup) -> list[str]:
    return [copy.article.id for copy in group.copies]


def test_what_drifts_stands_first_and_copies_that_agree_last(site: Path) -> None:
    with open_index(site) as index:
        found = index.duplicates()
    assert [group.risks[:1] for group in found.groups] == [("negation",), ("number",), (), ()]
    assert found.total == 4
    assert found.drifting == 2
    warning, dose = found.groups[:2]
    assert warning.unit == "sentence"
    assert places(warning) == ["a", "c"]
    assert [(d.removed, d.added) for d in warning.copies[1].drift] == [(("never",), ())]
    assert dose.unit == "passage"
    assert places(dose) == ["a", "b"]
    assert [(d.removed, d.added) for d in dose.copies[1].drift] == [(("10",), ("100",))]


def test_identical_copies_are_told_from_those_that_differ_in_case(site: Path) -> None:
    with open_index(site) as index:
        found = index.duplicates(units=["passage"])
        same = next(group for group in found.groups if not group.risks)
    assert same.identical
    assert [(c.article.id, c.relation, c.overlap) for c in same.copies] == [
        ("a", "identical", 1.0),
        ("c", "same words", 1.0),
        ("d", "identical", 1.0),
    ]


def test_differences_give_both_texts_back_and_spans_are_exact(site: Path) -> None:
    with open_index(site) as index:
        for group in index.duplicates().groups:
            for copy in group.copies:
                model = group.copies[copy.model]
                assert index.passage(copy.passage).text[copy.start : copy.end] == copy.text
                if copy.changes:
                    kept = [r.text for r in copy.changes if r.change != "added"]
                    made = [r.text for r in copy.changes if r.change != "removed"]
                    assert "".join(kept) == model.text
                    assert "".join(made) == copy.text


def test_sentences_of_copied_passages_are_not_reported_again(site: Path) -> None:
    with open_index(site) as index:
        alone = index.duplicates(units=["sentence"])
        both = index.duplicates()
    assert any(places(g) == ["a", "b"] and "10" in g.copies[0].text for g in alone.groups)
    assert not any("10 mg" in g.copies[0].text for g in both.groups if g.unit == "sentence")


def test_short_texts_are_counted_and_left_out(site: Path) -> None:
    with open_index(site) as index:
        passages = index.duplicates(units=["passage"]).compared[0]
        found = index.duplicates(likeness=Likeness(least=2), units=["passage"])
    assert (passages.units, passages.short) == (11, 2)
    assert "Buy it." in {group.copies[0].text for group in found.groups}


def test_articles_can_be_compared_with_each_other_alone(site: Path) -> None:
    with open_index(site) as index:
        found = index.duplicates(articles=["b", "d"])
        assert {c.article.id for g in found.groups for c in g.copies} == {"b", "d"}
        assert index.duplicates(articles=["b"]).total == 0
        with pytest.raises(NotFound):
            index.duplicates(articles=["none"])


def test_pages_together_are_the_whole(site: Path) -> None:
    with open_index(site) as index:
        whole = index.duplicates()
        pages = [index.duplicates(limit=1, offset=n) for n in range(whole.total)]
    assert tuple(group for page in pages for group in page.groups) == whole.groups
    assert {page.total for page in pages} == {whole.total}
    assert [page.page.more for page in pages] == [True] * (whole.total - 1) + [False]


@pytest.mark.parametrize(
    "likeness",
    [
        Likeness(threshold=0),
        Likeness(threshold=1.1),
        Likeness(threshold=float("nan")),
        Likeness(width=0),
        Likeness(width=9),
        Likeness(method="best"),  # type: ignore[arg-type]
    ],
)
def test_parameters_that_make_no_sense_are_refused(site: Path, likeness: Likeness) -> None:
    with open_index(site) as index, pytest.raises(UsageError):
        index.duplicates(likeness=likeness)


@pytest.mark.parametrize(
    "wrong", [{"units": []}, {"units": ["word"]}, {"limit": -1}, {"offset": -1}]
)
def test_units_and_pages_that_make_no_sense_are_refused(site: Path, wrong: dict[str, Any]) -> None:
    with open_index(site) as index, pytest.raises(UsageError):
        index.duplicates(**wrong)


def test_article_that_changed_is_compared_as_it_is_now(tmp_path: Path) -> None:
    """What is no longer live takes no part, and parts of an index are compared together."""
    for name in "abcdefghijklmnop":
        (tmp_path / f"{name}.txt").write_text(f"Page {name}\n\n{filler(name * 3)}\n")
    (tmp_path / "a.txt").write_text(f"Page a\n\n{DOSE}\n")
    (tmp_path / "b.txt").write_text(f"Page b\n\n{SAME}\n")
    build_index([tmp_path], tmp_path / "index")
    (tmp_path / "b.txt").write_text(f"Page b\n\n{DOSE}\n")
    with apart():
        build_index([tmp_path], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert len(index._snapshot.parts) == 2
        found = index.duplicates()
    assert [places(group) for group in found.groups] == [["a", "b"]]


def test_definition_that_stands_twice_in_the_article_is_found(index: Index) -> None:
    found = index.duplicates(likeness=Likeness(threshold=1 / 3))
    texts = [[copy.text for copy in group.copies] for group in found.groups]
    start = "Elavil, known generically as amitriptyline, is a tricyclic antidepressant primarily "
    assert any(sum(text.startswith(start) for text in group) == 2 for group in texts)
    assert [c.method for c in found.compared] == ["exact", "exact"]


def test_corpus_without_copies_has_no_groups(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("One\n\nShort.\n")
    build_index([tmp_path / "one.txt"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        found = index.duplicates()
    assert (found.groups, found.total, found.copies) == ((), 0, 0)


def test_pages_of_one_result_come_from_one_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = "Take one tablet of it with a glass of water in the morning."
    other = "Keep the bottle in a cool place and away from small children."
    site = {name: f"# {name}\n\n{twice}\n\n## Keeping\n\n{other}\n" for name in "abc"}
    with indexed(site) as index:
        whole = index.duplicates()
        assert whole.total > 1
        monkeypatch.setattr("indexer.audits.duplicates.cluster_units", None)  # not asked again
        pages = [index.duplicates(offset=at, limit=1).groups for at in range(whole.total)]
        assert tuple(group for page in pages for group in page) == whole.groups
        monkeypatch.undo()
        other_question = index.duplicates(articles=["a"])
        assert other_question.total == 0
        assert index.duplicates() == whole
