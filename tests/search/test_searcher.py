"""Paging, order, facets, filters, relaxing and suggestions of a search over several articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh import query as wq

from indexer import Index, build_index, open_index
from indexer.errors import UsageError
from indexer.query.nodes import Near
from tests.helpers.indexed import apart
from tests.oracle.answers import own_score

WORDS = ("pain", "relief", "sleep", "dose", "nausea", "tapering")


def article(number: int) -> str:
    """An article with two sections, whose paragraphs differ in length and words."""
    lines = [f"# Article {number}", "", "## Doses", ""]
    for i in range(4):
        words = " ".join(WORDS[(number + i * j) % len(WORDS)] for j in range(i + number % 5 + 2))
        lines += [f"Paragraph {i} of {number}: {words}.", ""]
    lines += [
        "## Side Effects",
        "",
        "### Common Ones",
        "",
        f"Drowsiness and pain, case {number}.",
        "",
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Forty articles indexed at once, and three of them changed in turn: two segments."""
    root = tmp_path_factory.mktemp("searching")
    corpus = root / "corpus"
    corpus.mkdir()
    for number in range(40):
        (corpus / f"a{number:02}.md").write_text(article(number), encoding="utf-8")
    build_index([corpus], root / "index")
    for number in (3, 17, 21):
        path = corpus / f"a{number:02}.md"
        path.write_text(article(number) + "\nAdded later on pain.\n", encoding="utf-8")
        with apart():
            build_index([corpus], root / "index")
    with open_index(root / "index") as opened:
        assert len(opened._snapshot.parts) == 2
        yield opened


@pytest.mark.parametrize("sort", ["relevance", "position"])
@pytest.mark.parametrize("query", ["pain", "pain OR dose", '"pain relief"', "-pain", "taper*"])
def test_pages_hold_every_passage_once(index: Index, query: str, sort: Any) -> None:
    total = index.search(query).total
    ids: list[str] = []
    for offset in range(0, total + 7, 7):
        page = index.search(query, limit=7, offset=offset, sort=sort)
        assert page.total == total
        assert page.page.more == (offset + len(page.hits) < total)
        ids += [hit.passage.id for hit in page.hits]
    assert len(ids) == len(set(ids)) == total > 7


def test_best_first_and_as_they_stand(index: Index) -> None:
    scores = [h.score for h in index.search("pain relief", limit=200).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 3
    hits = index.search("pain", limit=200, sort="position").hits
    places = [(h.article.id, h.passage.ordinal) for h in hits]
    assert places == sorted(places)


def test_an_index_brought_up_to_date_answers_as_one_made_anew(index: Index, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for ref in index.articles():
        number = int(ref.id[1:])
        added = "\nAdded later on pain.\n" if number in (3, 17, 21) else ""
        (corpus / f"{ref.id}.md").write_text(article(number) + added, encoding="utf-8")
    build_index([corpus], tmp_path / "index")
    with open_index(tmp_path / "index") as anew:
        assert anew.totals == index.totals
        for query in ("pain", "pain relief", "dose OR sleep", '"pain relief"', "later", "-dose"):
            for match in ("stem", "word"):
                a = index.search(query, match=match, limit=500)
                b = anew.search(query, match=match, limit=500)
                assert [h.passage for h in a.hits] == [h.passage for h in b.hits]
                assert [h.marks for h in a.hits] == [h.marks for h in b.hits]
                assert [round(h.score, 9) for h in a.hits] == [round(h.score, 9) for h in b.hits]
                assert a.facets == b.facets
                assert a.distinct == b.distinct


def test_facets_count_all_that_was_found(index: Index) -> None:
    found = index.search("pain", limit=500)
    by_section = Counter(" > ".join(h.passage.section) for h in found.hits)
    assert {f.value: f.count for f in found.facets["section"]} == dict(by_section)
    by_article = Counter(h.article.id for h in found.hits)
    assert found.distinct["article"] == len(by_article)
    for facet in found.facets["article"]:
        assert facet.count == by_article[facet.value]
    counts = [f.count for f in found.facets["article"]]
    assert counts == sorted(counts, reverse=True)


def test_filters_restrict_and_do_not_score(index: Index) -> None:
    free = index.search("pain", limit=500, why=True)
    scores = {round(own_score(hit), 9) for hit in free.hits}
    for facet in free.facets["section"]:
        kept = index.search("pain", section_path=facet.value, limit=500, why=True)
        assert kept.total == facet.count
        assert {round(own_score(hit), 9) for hit in kept.hits} <= scores
    one = index.search("pain", article="a05", limit=500)
    assert {h.article.id for h in one.hits} == {"a05"}
    assert index.search("pain", section="side effects").total == 43
    assert index.search("pain", section="effects common").total == 0  # not within one heading
    assert index.search("pain", kind="paragraph").total == free.total
    assert index.search("pain", article="none").total == 0


def test_bare_words_are_relaxed_and_it_is_said(index: Index) -> None:
    found = index.search("xyzzy drowsiness")
    assert found.relaxed
    assert found.total == 40
    assert any("no passage has all of" in note for note in found.notes)
    assert found.missing == ("xyzzy",)
    for strict in ("xyzzy AND drowsiness", '"xyzzy drowsiness"', "+xyzzy drowsiness"):
        assert index.search(strict).total == 0
    assert index.count("xyzzy drowsiness") == 0


def test_a_word_that_nothing_has_is_corrected(index: Index) -> None:
    assert index.search("drowsines").suggestion == "drowsiness"
    assert index.search("tapreing").suggestion == "tapering"
    assert index.search("12345").suggestion == ""  # no number is nearly another
    assert index.search("zq").suggestion == ""


def test_suggestions_are_words_and_headings_with_their_counts(index: Index) -> None:
    words = {s.text: s.count for s in index.suggest("drow") if s.kind == "term"}
    assert words == {"drowsiness": index.concordance("drowsiness").total}
    after = {s.text for s in index.suggest("drowsiness a") if s.kind == "term"}
    assert after == {"drowsiness and"}
    assert ("Side Effects", 43) in {(s.text, s.count) for s in index.suggest("side eff")}
    assert index.suggest("") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": "lemma"},
        {"limit": -1},
        {"offset": -1},
        {"sort": "x"},
        {"kind": "x"},
        {"section": "!"},
    ],
)
def test_wrong_arguments_are_refused(index: Index, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        index.search("pain", **wrong)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (wq.TermRange("text", "a", "c"), "TermRange is not supported"),
        (wq.Not(wq.Regex("text", "pa.*")), "Regex is not supported"),
        (wq.And([wq.Term("text", "pain"), wq.Variations("text", "dose")]), "Variations is not"),
        (wq.Ordered([wq.Term("text", "pain"), wq.Term("text", "dose")]), "Ordered is not"),
        (wq.Otherwise(wq.Term("text", "pain"), wq.Term("text", "dose")), "Otherwise is not"),
        (Near([wq.Term("text", "pain"), wq.And([wq.Term("text", "dose")])], 2), "And is not"),
        (wq.Not(wq.Term("body", "pain")), "no field body"),
        (wq.Prefix("article", "a0"), "no field article"),
    ],
    ids=str,
)
def test_a_tree_of_a_kind_that_has_no_plan_is_refused(
    index: Index, tree: wq.Query, said: str
) -> None:
    """Passed over, NOT of it would find everything, and AND with it nothing, without a word."""
    for ask in (index.search, index.count, index.concordance):
        with pytest.raises(UsageError, match=said):
            ask(tree)


def test_for_want_of_all_words_passages_with_the_rarer_and_more_of_them_come_first(
    tmp_path: Path,
) -> None:
    others = "\n\n".join(
        f"## Side effects of drug {n}\n\nSide effects are listed here, each side effect of {n}."
        for n in range(30)
    )
    ritalin = "Ritalin is taken in the morning, before school, with some food and a glass of water."
    both = "Of Ritalin the effects are told in another leaflet, which is long and has many pages."
    (tmp_path / "a.md").write_text(f"# Leaflet\n\n{others}\n\n## More\n\n{ritalin}\n\n{both}\n")
    build_index([tmp_path / "a.md"], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        found = index.search("ritalin side effects")
        assert found.relaxed
        assert [hit.passage.text for hit in found.hits[:2]] == [both, ritalin]
