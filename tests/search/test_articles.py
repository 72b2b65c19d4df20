"""What the article of a passage adds to its score."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import Index, build_index, open_index
from indexer.search.bm25f import RERANKED
from indexer.text.tokenizer import tokenize

Made = Callable[..., Index]
ABOUT = "# Sleep\n\nPain keeps you awake.\n\nPain at night.\n\n- pain\n- heat\n"
ASIDE = "# Rest\n\nPain keeps you awake.\n\nHeat and tea help.\n\n- tea\n- heat\n"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(**articles: str) -> Index:
        for name, text in articles.items():
            (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
        build_index([tmp_path], tmp_path / "index")
        return open_index(tmp_path / "index")

    return make


def shares(index: Index, query: str, article: str = "") -> dict[str, float]:
    """By passage text what the article adds."""
    return {
        hit.passage.text: sum(part.value for part in hit.why if part.field == "article")
        for hit in index.search(query, why=True, limit=500, article=article or None).hits
    }


def test_of_two_that_say_it_alike_the_one_is_first_whose_article_is_about_it(made: Made) -> None:
    with made(a=ASIDE, b=ABOUT) as index:
        first, *_, last = index.search("pain awake").hits
    assert (first.article.id, last.article.id) == ("b", "a")
    assert first.passage.text == last.passage.text


def test_an_article_is_scored_as_a_passage_is(made: Made) -> None:
    """By hand: BM25 with k1 1.2 and b .75 over the article, idf and cf / df of passages."""
    with made(a=ASIDE, b=ABOUT, c="Tea.") as index:
        found = shares(index, "pain")
        passages = [p for ref in index.articles() for p in index.passages(ref.id)]
        sizes = {
            ref.id: sum(len(tokenize(p.text).forms) for p in index.passages(ref.id))
            for ref in index.articles()
        }
        df, cf = index.search("pain").total, index.concordance("pain").total
    n = len(passages)
    weight = math.log(1 + (n - df + 0.5) / (df + 0.5)) * (1 + math.log(cf / df))
    tf = 3 / (0.25 + 0.75 * sizes["b"] / (sum(sizes.values()) / len(sizes)))
    assert found["Pain at night."] == pytest.approx(weight * tf * 2.2 / (tf + 1.2))


def test_articles_of_one_passage_change_no_order(made: Made) -> None:
    texts = {
        f"t{n}": f"# {'pain' if n % 5 == 1 else 'tea'}\n\n{'pain ' * n} {'heat ' * (n % 7)}\n"
        for n in range(1, 30)
    }
    with made(**texts) as index:
        hits = index.search("pain heat", any=True, limit=50, why=True).hits
    own = [sum(part.value for part in hit.why if part.field != "article") for hit in hits]
    assert own == sorted(own, reverse=True)
    assert len({*own}) > 5


def test_within_one_article_it_adds_nothing(made: Made) -> None:
    with made(a=ASIDE, b=ABOUT) as index:
        assert not any(shares(index, "pain", article="b").values())


def test_it_counts_for_the_best_alone(made: Made) -> None:
    long = "# Long\n\n" + "".join(f"Pain again, number {n}.\n\n" for n in range(2 * RERANKED))
    with made(a=long, b=ABOUT) as index:
        hits = index.search("pain", why=True, limit=500).hits
        pages = [index.search("pain", limit=7, offset=n).hits for n in range(0, len(hits), 7)]
    counting = [any(part.field == "article" for part in hit.why) for hit in hits]
    assert counting == [True] * RERANKED + [False] * (len(hits) - RERANKED)
    shown = [(hit.passage.id, hit.score) for page in pages for hit in page]
    assert shown == [(hit.passage.id, hit.score) for hit in hits]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
