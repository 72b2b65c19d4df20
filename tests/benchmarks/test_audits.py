"""The benchmark of audits compares like with like: every way at hand counts the same."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from shutil import which

import pytest

from benchmarks.audits import compare, report, spread, words_of
from benchmarks.engines import passages
from benchmarks.engines.passages import Row

WORDS = ["amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "haven", "knoll", "lagoon"]


def corpus() -> list[Row]:
    """Sixty passages of words that every tokeniser agrees on."""
    chosen = random.Random(7)
    return [
        Row("a", n, "T", "§ 1", " ".join(chosen.choices(WORDS, range(1, 11), k=20)))
        for n in range(60)
    ]


def test_passages_are_spread_evenly() -> None:
    rows = list(spread(corpus(), 60, 8))
    sizes = Counter(row.article for row in rows)
    assert (len(sizes), set(sizes.values())) == (8, {7, 8})
    assert [row.text for row in rows] == [row.text for row in corpus()]
    for name in sizes:
        assert [r.number for r in rows if r.article == name] == list(range(sizes[name]))


@pytest.mark.slow
def test_all_ways_count_the_same(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    passages.write(path, spread(corpus(), 60, 8))
    common, words = words_of(corpus(), 4)
    assert common in WORDS
    assert set(words) <= set(WORDS)
    assert words
    took = list(compare(path, tmp_path, common, words))
    assert {"Pilcrow", "NLTK ConcordanceIndex"} < {one.name for one in took}
    assert which("rg") is None or any(one.name == "ripgrep" for one in took)
    texts = " ".join(row.text for row in corpus()).split()
    for one in took:
        assert one.total == texts.count(common), one.name
        assert one.cells == sum(map(texts.count, words)), one.name
    assert all(f"| {one.name} |" in report(took) for one in took)
