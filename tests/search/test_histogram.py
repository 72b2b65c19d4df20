"""The spread of a query over an article counts what its passages mark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import Index, NotFound, build_index, open_index

WORDS = ("pain", "pains", "dose", "sleep", "night")
MOST = 10
QUERIES = (
    "pain",
    '"pain dose"',
    "pain NEAR/2 dose",
    "pain OR sleep",
    "p* OR pain",
    "dose NOT night",
    "zebra",
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Articles of many passages, one of them with boilerplate, indexed in two runs."""
    folder = tmp_path_factory.mktemp("spread")
    corpus = folder / "corpus"
    corpus.mkdir()
    for number in range(3):
        paragraphs = [
            f"Paragraph {line} says {WORDS[line % 5]} {WORDS[(line + number) % 5]} and no more."
            for line in range(40)
        ]
        text = f"# Article {number}\n\npain first\n\n## Part\n\n" + "\n\n".join(paragraphs)
        (corpus / f"a{number}.md").write_text(text, encoding="utf-8")
        build_index(corpus, folder / "index")
    with open_index(folder / "index") as index:
        yield index


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("any_word", [False, True])
def test_every_mark_is_counted_once(mixed: Index, query: str, any_word: bool) -> None:
    names = [article.id for article in mixed.articles()]
    marks = mixed.marks_by_article(names, query, any=any_word)
    spreads = mixed.spread(names, query, any=any_word, most=MOST)
    assert list(spreads) == names
    for name, spread in spreads.items():
        passages = mixed.passages(name)
        by_id = {passage.id: passage for passage in passages}
        places = sorted(
            by_id[key].span.start + mark.start
            for key, found in marks[name].items()
            for mark in found
        )
        assert spread.matches == len(places) == sum(tick.count for tick in spread.ticks)
        assert spread.matching == sum(bool(found) for found in marks[name].values())
        assert spread.passages == len(passages)
        assert spread.length == max(passage.span.end for passage in passages)
        at = 0
        for tick in spread.ticks:
            assert tick.start == places[at]
            held = by_id[tick.passage]
            assert held.span.start <= tick.start < held.span.end
            assert (tick.anchor, tick.ordinal) == (held.anchor, held.ordinal)
            assert tick.heading == (held.section[-1] if held.section else "")
            at += tick.count
        for one, two in pairwise(spread.ticks):
            assert two.start - one.start >= spread.length / MOST


@given(most=st.integers(1, 200))
def test_ticks_are_no_more_than_asked_for(mixed: Index, most: int) -> None:
    (spread,) = mixed.spread(["a0"], "pain OR dose OR sleep", most=most).values()
    assert 1 <= len(spread.ticks) <= most


def test_an_article_that_is_not_there_has_no_spread(mixed: Index) -> None:
    with pytest.raises(NotFound):
        mixed.spread(["nope"], "pain")


def test_boilerplate_has_its_place_in_the_article(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    body = "".join(f"<p>Sentence {n} on the dose to take at night, and why.</p>" for n in range(9))
    page.write_text(
        f"<html><body><main><h1>Dose</h1>{body}</main><p>Pain hotline: call us</p></body>",
        encoding="utf-8",
    )
    build_index(page, tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        (spread,) = index.spread(["page"], "kind:boilerplate pain").values()
        (usual,) = index.spread(["page"], "dose").values()
        passages = index.passages("page")
    assert spread.length == max(passage.span.end for passage in passages)
    assert spread.passages == len(passages)
    aside = next(passage for passage in passages if passage.kind == "boilerplate")
    assert [tick.passage for tick in spread.ticks] == [aside.id]
    assert usual.matches == 9
