"""`pilcrow eval`: measures are trec_eval's, queries are words, an article is ranked alone."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from indexer import build_index
from indexer.evaluation import MEASURES, bare_words, measures, randomisation_test
from tests import ROOT
from tests.helpers.command_line import pilcrow

DOCS = (
    {"id": "b/sleep", "title": "Sleep", "text": "Rest at night. A warm bath may help you sleep."},
    {"id": "a", "title": "Dose of amitriptyline", "text": "Begin with 10 mg at night."},
    {"id": "c", "title": "Nausea", "text": ""},
    {"id": "d", "title": "Other", "text": "Night shifts, nausea and a dose of patience."},
)
QUERIES = (
    {"id": "1", "text": 'What dose: "10 mg" OR -night?'},
    {"id": "2", "text": "nausea*"},
    {"id": "3", "text": "nobody judged this"},
    {"id": "4", "text": "unfindable"},
)
QRELS = "1\ta\t2\tand a remark\n1\td\t1\n2\tc\t1\n2\td\t0\n4\ta\t1\n"


def folder_of(
    path: Path, docs: object = DOCS, queries: object = QUERIES, qrels: str = QRELS
) -> str:
    path.mkdir()
    for name, rows in (("docs", docs), ("queries", queries)):
        assert isinstance(rows, tuple)
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (path / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return str(path)


def asked(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(pilcrow("eval", *arguments, "--format", "json").stdout)
    return answer


# --- measures -----------------------------------------------------------------------------------


# What ir-measures 0.4.3 (nDCG@10, AP@100, P@10, RR@10, R@100) says of `drawn(seed)`.
FROM_IR_MEASURES = (
    (0.311165906227, 0.297951971446, 0.5, 1.0, 0.515151515152),
    (0.329320218094, 0.166666666667, 0.2, 1.0, 0.2),
    (0.703918089034, 0.5, 0.1, 1.0, 0.5),
    (0.191312490934, 0.111111111111, 0.1, 1.0, 0.111111111111),
    (0.164420532199, 0.166666666667, 0.2, 1.0, 0.2),
    (0.246138052186, 0.147336031549, 0.2, 1.0, 0.705882352941),
    (0.413224278979, 0.346225519295, 0.6, 1.0, 0.571428571429),
    (0.445666430076, 0.453184893954, 0.5, 1.0, 0.815789473684),
)


def drawn(seed: int) -> tuple[list[str], dict[str, int]]:
    chance = random.Random(seed)
    documents = [f"d{n}" for n in range(400)]
    ranking = chance.sample(documents, chance.choice((3, 60, 150)))
    few = chance.sample(documents, chance.choice((1, 8, 40))) + ranking[:: chance.choice((2, 9))]
    return ranking, {document: chance.randint(1, 3) for document in few}


@pytest.mark.parametrize("seed", range(8))
def test_measures_are_those_of_trec_eval(seed: int) -> None:
    assert measures(*drawn(seed)) == pytest.approx(FROM_IR_MEASURES[seed], abs=1e-9)
    assert len(MEASURES) == len(FROM_IR_MEASURES[seed])


def test_a_ranking_without_a_relevant_document_is_worth_nothing() -> None:
    assert measures([], {"a": 1}) == measures(["b"], {"a": 1}) == (0.0,) * 5


def test_the_randomisation_test_tells_chance_from_difference() -> None:
    chance = random.Random(3)
    one = [chance.random() for _ in range(60)]
    assert randomisation_test(one, one) == 1.0
    assert randomisation_test([value + 0.2 for value in one], one) < 0.001
    shuffled = [value + chance.gauss(0, 0.1) for value in one]
    apart = randomisation_test(shuffled, one)
    assert 0.02 < apart == randomisation_test(one, shuffled)  # two-sided, the same each time
    assert randomisation_test([1.0, 1.0], [0.0, 0.0]) == pytest.approx(0.5, abs=0.02)


# --- what is asked ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("What is (are) Adult-onset Still's disease ?", "what is are adult-onset still's disease"),
        ("pain NOT AND/OR -chronic +new", "pain not and or chronic new"),
        ('"5 mg" title:x y* a~2 [z] 1,000.5 mg.', "5 mg title x y a 2 z 1,000.5 mg"),
        ("‘quoted’ – dash… café e\u0301t\u00e9", "quoted dash café e\u0301t\u00e9"),
        ("?!", ""),
    ],
)
def test_the_words_of_a_query_are_no_syntax(typed: str, words: str) -> None:
    assert bare_words(typed) == words


def test_articles_are_ranked_by_their_words(tmp_path: Path) -> None:
    found = asked(folder_of(tmp_path / "set"), "--per-query")
    assert found["queries"] == 3  # of the fourth nothing is known
    rows = found["per_query"]
    rankings = {row["query"]: row["ranking"] for row in rows}
    assert rankings["1"][0] == "a"
    assert set(rankings["1"]) == {"a", "b/sleep", "d"}  # any of its words
    assert set(rankings["2"]) == {"c", "d"}  # the title is the text of a record without one
    assert rankings["4"] == []
    mean = sum(row["ndcg@10"] for row in rows) / 3
    assert found["ndcg@10"] == pytest.approx(mean, abs=1e-6)
    assert list(found)[:6] == ["queries", *MEASURES]


def test_a_byte_order_mark_is_no_part_of_a_set(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "set", qrels="\ufeff" + QRELS)
    for name in ("docs.jsonl", "queries.jsonl"):
        path = Path(folder, name)
        path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert asked(folder) == asked(folder_of(tmp_path / "plain"))


def test_equals_rank_by_id(tmp_path: Path) -> None:
    docs = tuple({"id": name, "title": "", "text": "The same words."} for name in "cab")
    folder = folder_of(tmp_path / "set", docs, ({"id": "1", "text": "same"},), "1\ta\t1\n")
    rows = asked(folder, "--per-query")["per_query"]
    assert rows[0]["ranking"] == ["a", "b", "c"]


def test_a_hundred_articles_are_looked_at(tmp_path: Path) -> None:
    docs = tuple({"id": f"d{n:03}", "title": "", "text": f"pain {n}"} for n in range(130))
    folder = folder_of(tmp_path / "set", docs, ({"id": "1", "text": "pain"},), "1\td099\t1\n")
    assert asked(folder)["recall@100"] == 1.0


@pytest.mark.slow
def test_what_is_compared_is_told_with_difference_and_chance(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "set")
    other = str(tmp_path / "other")
    build_index([Path(folder) / "docs.jsonl"], Path(other))
    found = asked(folder, "--as-search", "--without", "titles", "--against", other)
    compared = found["compared"]
    names = [row["asked"] for row in compared]
    assert names == ["as search", "without titles", f"with {other}"]
    for row in compared:
        for name in MEASURES:
            apart = row[name] - found[name]
            assert row["difference"][name] == pytest.approx(apart, abs=2e-6)
            assert 0 < row["p"][name] <= 1
    text = pilcrow("eval", folder, "--without", "titles").stdout.decode()
    assert text.startswith("3 queries\n")
    assert "without titles" in text


def test_an_index_that_is_there_is_asked(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "set")
    few = folder_of(tmp_path / "few", DOCS[:2])
    build_index([Path(few) / "docs.jsonl"], tmp_path / "index")
    found = asked(folder, "--index", str(tmp_path / "index"), "--per-query")["per_query"]
    assert {name for row in found for name in row["ranking"]} == {"a", "b/sleep"}


def test_one_article_is_asked_for_its_parts(tmp_path: Path) -> None:
    docs = (
        {"id": "x#1", "title": "Flu", "text": "A fever.", "article": "x"},
        {"id": "x#2", "title": "Flu", "text": "Rest is the treatment.", "article": "x"},
        {"id": "y#1", "title": "Cold", "text": "Treatment, treatment, treatment.", "article": "y"},
    )
    queries = ({"id": "1", "text": "What is the treatment for Flu?", "article": "x"},)
    folder = folder_of(tmp_path / "set", docs, queries, "1\tx#2\t1\n")
    found = asked(folder, "--within", "article", "--per-query")
    assert {name: found[name] for name in ("queries", "mrr@10", "right_first")} == {
        "queries": 1, "mrr@10": 1.0, "right_first": 1.0,
    }  # fmt: skip
    rows = found["per_query"]
    assert rows[0]["ranking"] == ["x#2", "x#1"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("qrels.tsv", "1\ta\n", "qrels.tsv:1: not a judgement; write query, document and"),
        ("qrels.tsv", "1\ta\t0\n", "no query has a relevant document"),
        ("docs.jsonl", '{"id": "a"}\nno\n', "docs.jsonl:2: not JSON"),
        ("docs.jsonl", '{"id": "a"}\n{"id": "a"}\n', "docs.jsonl:2: a second document 'a'"),
        ("queries.jsonl", '{"id": "1"}\n{"id": "1"}\n', "queries.jsonl:2: a second query '1'"),
        ("queries.jsonl", "[]\n", "queries.jsonl:1: not an object with an id"),
        ("queries.jsonl", None, "queries.jsonl: does not exist; a judged set has docs.jsonl"),
    ],
)
def test_a_set_that_is_none_is_refused(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    folder = folder_of(tmp_path / "set")
    if text is None:
        (tmp_path / "set" / name).unlink()
    else:
        (tmp_path / "set" / name).write_text(text, encoding="utf-8")
    complaint = pilcrow("eval", folder, code=2).stderr.decode()
    assert said in complaint
    assert complaint.count("\n") == 1


def test_within_needs_articles(tmp_path: Path) -> None:
    complaint = pilcrow("eval", folder_of(tmp_path / "set"), "--within", "article", code=2)
    assert b"query 1: no document has its article None" in complaint.stderr


# --- a floor ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "floor"), [((), 0.98), (("--as-search",), 0.97)])
def test_the_right_article_comes_first(options: tuple[str, ...], floor: float) -> None:
    """Forty questions about 28 short articles, written for this test. The floors only ever rise."""
    found = asked(str(ROOT / "tests" / "data" / "judged"), *options)
    assert found["queries"] == 40
    told = found["compared"][0] if options else found
    assert told["ndcg@10"] >= floor
