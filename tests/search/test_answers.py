"""What an index answers to typed queries, against the oracle: all that users ask of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer import Index, build_index, open_index
from indexer.text.tokenizer import tokenize
from tests.helpers.effort import seeds
from tests.helpers.indexed import apart
from tests.oracle.answers import MATCHES, Asked, differences, generated
from tests.oracle.compare import evaluator_of
from tests.oracle.evaluator import Evaluator

ARTICLES = {
    "pain.md": (
        "# Chronic pain\n\nPain that lasts is called chronic. It is a well-known burden, and pain"
        " relief takes time.\n\n## Side effects\n\nCommon side effects are:\n\n- drowsiness\n"
        "- dry mouth and thirst\n- weight gain\n\n## Tapering\n\nNever stop at once. Gradual"
        " tapering is not the same as stopping; ask before tapering off 25mg of it.\n"
    ),
    "sleep.md": (
        "# Sleep\n\nPoor sleep makes pain worse. A dry mouth wakes people. Take no more than"
        " 25 mg at night.\n\n## Habits\n\nGo to bed at ten. Wellknown habits help, and so does a"
        " well-known book. Do not read the news.\n"
    ),
    "schmerz.md": (
        "---\nlang: de\n---\n# Schmerz\n\nDer Schmerz ist stark. Die Schmerzen bleiben.\n"
    ),
}


def made(folder: Path) -> Path:
    """An index of several segments, of which the first has articles that are gone."""
    source = folder / "articles"
    source.mkdir()
    for name, text in ARTICLES.items():
        (source / name).write_text(text, encoding="utf-8")
    for i in range(30):
        (source / f"more-{i}.txt").write_text(f"More {i}\n\nMore of the well-known pain {i}.\n")
    build_index([source], folder / "index")
    (source / "more-3.txt").write_text("More\n\nA new text without-a-word of pain.\n")
    (source / "more-4.txt").unlink()
    with apart():
        build_index([source], folder / "index")
    return folder / "index"


def oracle_of(index: Index) -> Evaluator:
    """The evaluator of an index's articles."""
    names = [ref.id for ref in index.articles()]
    return evaluator_of([(index.article(name), index.passages(name)) for name in names])


def queries(index: Index, seed: int, number: int) -> list[Asked]:
    passages = [one for ref in index.articles() for one in index.passages(ref.id)]
    counts = Counter(form for one in passages for form in tokenize(one.text).forms)
    return generated(counts, passages, seed, number)


def assert_right(index: Index, seed: int, number: int) -> None:
    oracle, found = oracle_of(index), 0
    for asked in queries(index, seed, number):
        assert list(differences(index, oracle, asked)) == [], asked
        found += bool(index.search(asked.text, match=asked.match).total)
    assert found > number / 2  # queries that find nothing show little


@pytest.mark.slow
def test_answers_from_the_corpus_are_right(index: Index) -> None:
    assert_right(index, 0, 68)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(1, 10))
def test_answers_from_several_segments_are_right(seed: int, tmp_path: Path) -> None:
    with open_index(made(tmp_path)) as opened:
        assert_right(opened, seed, 51)


def test_made_queries_depend_on_the_seed_alone_and_ask_for_everything(index: Index) -> None:
    asked = queries(index, 7, 170)
    assert asked == queries(index, 7, 170)
    assert asked != queries(index, 8, 170)
    assert {one.match for one in asked} == set(MATCHES)
    texts = " ".join(one.text for one in asked)
    for sign in ('"', "NEAR/", "NEAR/s", " OR ", "NOT ", "*", "?", "~1", "section:", "kind:", "("):
        assert sign in texts, sign


# --- wrong answers are noticed -------------------------------------------------------------------


def change_hits(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda results: replace(results, hits=tuple(map(change, results.hits)))


@pytest.mark.parametrize(
    ("method", "change", "words"),
    [
        ("search", lambda found: replace(found, hits=found.hits[1:]), "passages: expected"),
        ("search", lambda found: replace(found, total=found.total + 1), "total: expected"),
        ("search", lambda found: replace(found, hits=found.hits[::-1]), "order of their scores"),
        ("search", change_hits(lambda hit: replace(hit, marks=hit.marks[1:])), "marks of"),
        ("search", change_hits(lambda hit: replace(hit, score=hit.score * 1.001)), "score of"),
        ("search", change_hits(lambda hit: replace(hit, title_marks=hit.marks)), "title_marks of"),
        ("count", lambda found: found + 1, "count: expected"),
        ("concordance", lambda found: replace(found, lines=found.lines[1:]), "occurrences"),
        ("concordance", lambda found: replace(found, total=found.total + 1), "lines: expected"),
        (
            "concordance",
            lambda found: replace(
                found, lines=tuple(replace(line, left="x" + line.left) for line in found.lines)
            ),
            "is no slice",
        ),
        ("article_marks", lambda found: dict.fromkeys(found, ()), "on the article's page"),
    ],
)
def test_wrong_answer_is_noticed(
    index: Index, monkeypatch: pytest.MonkeyPatch, method: str, change: Any, words: str
) -> None:
    honest, oracle = getattr(Index, method), oracle_of(index)
    monkeypatch.setattr(Index, method, lambda *given, **named: change(honest(*given, **named)))
    found = list(differences(index, oracle, Asked("pain", "stem")))
    assert any(words in line for line in found), found
