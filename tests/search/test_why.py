"""What makes a score: parts that sum up to it, each of a word and field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh import query as wq

from indexer import Index, build_index, open_index
from indexer.query.nodes import Word

ARTICLES = {
    "opioids": "# Pain with opioids\n\nOpioids ease pain.\n\n## Tapering\n\nLower the dose slowly. "
    "Do not stop at once.\n\n## Withdrawal\n\nRest and drink. Pain may come back.\n",
    "without": "# Other ways\n\nEase pain without opioids: heat, rest, sleep.\n\n- heat\n- rest\n",
    "dose": "# Dose\n\nThe dose is 5 mg, and the dose rises to 25 mg. What is it for?\n",
}
QUERIES = [
    "pain", "withdrawal", "pain opioids", "pain OR dose OR heat", '"ease pain"', "dos* -slowly",
    "ease NEAR/3 opioids", "opiods~1", "pain NOT heat", "title:dose mg", "kind:list_item heat",
    "article:opioids pain dose", "pain pain dose", "what is the dose", "-pain", "tapering dose",
    "withdrawal pain", "zebra pain", "the", "what is it",
    wq.DisjunctionMax([Word("any", "pain"), Word("any", "dose")], tiebreak=0.3),
    wq.AndMaybe(Word("any", "pain", boost=2.0), wq.And([Word("any", "heat"), Word("any", "rest")])),
    wq.Or([Word("any", w) for w in ("pain", "dose", "rest")], minmatch=2),
    wq.ConstantScoreQuery(Word("any", "pain"), 3.0),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("why")
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([folder], folder / "index")
    with open_index(folder / "index") as opened:
        yield opened


@pytest.mark.parametrize("query", QUERIES, ids=repr)
def test_the_parts_of_a_score_sum_up_to_it(index: Index, query: str | wq.Query) -> None:
    found = index.search(query, why=True)
    assert found.hits
    for hit in found.hits:
        assert sum(part.value for part in hit.why) == pytest.approx(hit.score, abs=1e-9)
        assert all(part.word or part.signal == "constant" for part in hit.why)
    assert all(not hit.why for hit in index.search(query).hits)


def test_parts_name_word_and_field(index: Index) -> None:
    (first, *_) = index.search("tapering dose", why=True).hits
    assert {(part.word, part.field) for part in first.why} == {
        ("tapering", "section"), ("tapering", "article"), ("dose", "text"), ("dose", "article"),
    }  # fmt: skip
    (first, *_) = index.search("withdrawal", why=True).hits
    assert {part.signal for part in first.why} == {"frequency", "heading"}


def test_function_words_weigh_nothing_beside_others(index: Index) -> None:
    (first, *_) = index.search("what is dose", why=True).hits
    assert {part.word for part in first.why} == {"dose"}
    assert {mark.reason for mark in first.marks} == {"exact"}  # and yet are found and marked
    assert len(first.marks) > 2
    alone = index.search("what is it", why=True).hits[0]
    assert {part.word for part in alone.why} == {"what", "is", "it"}


def test_a_negation_weighs(index: Index) -> None:
    """`pain without opioids` finds what to do without them first."""
    hits = index.search("pain without opioids", any=True, why=True).hits
    assert hits[0].article.id == "without"
    assert "without" in {part.word for part in hits[0].why}


def test_a_word_of_all_passages_of_one_article_weighs_nothing(index: Index) -> None:
    (first, *_) = index.search("pain tapering", article="opioids", any=True, why=True).hits
    assert first.passage.section[-1] == "Tapering"
    assert "pain" not in {part.word for part in first.why}  # the title has it
    assert any(part.word == "pain" for part in index.search("pain tapering", why=True).hits[0].why)


REPEATING = {
    "gout": "# Joints\n\nGout is gout, and gout comes again.\n",
    "diet": "# Meals\n\nThe clinic spoke of it.\n",
    "rest": "# Nights\n\nGout, and gout, and once more gout.\n",
    "walk": "# Days\n\nThis clinic opens late.\n",
    "one": "# Notes\n\nSome gout, more gout, and gout.\n",
    "two": "# Hours\n\nClinic hours: nine to five.\n",
}


def test_a_word_that_comes_again_where_it_comes_weighs_more(tmp_path: Path) -> None:
    """As many passages hold the one word as the other; but what they hold thrice each they are
    about."""
    for name, text in REPEATING.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([tmp_path], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        told = {}
        for word in ("gout", "clinic"):
            found = index.search(word, why=True)
            assert found.total == 3
            told[word] = min(hit.score for hit in found.hits)
        both = index.search("clinic gout", any=True)
        assert told["gout"] > 2 * told["clinic"]
        assert {hit.article.id for hit in both.hits[3:]} == {"diet", "two", "walk"}
        (one,) = index.search("gout", article="gout").hits  # within one article it tells nothing
        assert one.score < told["gout"]
