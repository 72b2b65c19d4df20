"""An edited article costs readers nothing: no test of a common word reads all of its places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import build_index, open_index
from indexer.segments.snapshot import Part
from indexer.sorted_arrays import Array, interleaved


def test_whether_a_word_is_left_is_told_by_its_first_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for number in range(40):
        text = "The dose of the drug was not what the doctor said that it was.\n\n" * 20
        (corpus / f"{number}.txt").write_text(f"Article {number}\n\n{text}", encoding="utf-8")
    (corpus / "fr.txt").write_text("La dose\n\n" + "Le patient ne prend pas la dose du soir. " * 9)
    build_index([corpus], index)
    edited = corpus / "7.txt"
    edited.write_text(edited.read_text().replace("drug", "pill", 1), encoding="utf-8")
    build_index([corpus], index)
    read: list[int] = []
    are_live = Part.are_live

    def counted(part: Part, tokens: Array) -> Array:
        read.append(tokens.size)
        return are_live(part, tokens)

    monkeypatch.setattr(Part, "are_live", counted)
    with open_index(index) as opened:
        assert opened.search("the").total == 40 * 20
        assert opened.search("not the").total == 40 * 20
    assert sum(read) < 1000  # of 2,400 places of "the"


@given(st.sets(st.integers(0, 300)), st.integers(1, 5))
def test_runs_are_interleaved(numbers: set[int], many: int) -> None:
    runs: list[list[int]] = [[] for _ in range(many)]
    for number in sorted(numbers):
        runs[number * 7919 % many if number % 3 else 0].append(number)
    found = interleaved([np.array(run, np.uint32) for run in runs], 301)
    assert found.tolist() == sorted(numbers)
