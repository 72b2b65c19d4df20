"""Copies and their risks, held against pairs that were judged by hand: `data/duplicates/pairs.tsv`.

Each pair says whether its two texts are copies to a reader, and in what they differ that may do
harm. The floors only ever rise.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer import Index, build_index, open_index

PAIRS = Path(__file__).parents[1] / "data" / "duplicates" / "pairs.tsv"
SURE = ("number", "unit", "sign", "negation")  # what may never be missed


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts and what a reader makes of them."""

    is_copy: bool
    risks: frozenset[str]
    one: str
    other: str


def judged() -> list[Pair]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Pair(row["verdict"] == "copy", frozenset(row["risks"].split()), row["one"], row["other"])
        for row in rows
    ]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[Pair, frozenset[str] | None]:
    """The risks that are told of each pair; None where it is not shown as copies."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = [
        {"id": f"{number}{side}", "title": "Page", "text": f"Page\n\n{text}"}
        for number, pair in enumerate(judged())
        for side, text in (("a", pair.one), ("b", pair.other))
    ]
    source = folder / "pairs.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build_index([source], folder / "index")
    with open_index(folder / "index") as index:
        return {pair: told(index, number) for number, pair in enumerate(judged())}


def told(index: Index, number: int) -> frozenset[str] | None:
    found = index.duplicates(articles=[f"{number}a", f"{number}b"]).groups
    return frozenset(risk for group in found for risk in group.risks) if found else None


def test_nine_of_ten_that_are_shown_are_copies(pairs: dict[Pair, frozenset[str] | None]) -> None:
    shown = [pair for pair, risks in pairs.items() if risks is not None]
    assert len(shown) >= 75
    wrong = [pair for pair in shown if not pair.is_copy]
    assert len(wrong) <= 0.1 * len(shown), wrong


def test_nine_of_ten_risks_are_real(pairs: dict[Pair, frozenset[str] | None]) -> None:
    said = [(pair, risk) for pair, risks in pairs.items() for risk in risks or ()]
    wrong = [(pair, risk) for pair, risk in said if risk not in pair.risks]
    assert len(wrong) <= 0.1 * len(said), wrong


def test_no_copy_that_differs_is_missed(pairs: dict[Pair, frozenset[str] | None]) -> None:
    missed = [
        (pair, risks)
        for pair, risks in pairs.items()
        if pair.risks and not pair.risks <= (risks or frozenset())
    ]
    assert not [(pair, risks) for pair, risks in missed if pair.risks & {*SURE}]
    assert len(missed) <= 0.02 * len(pairs), missed


def test_pairs_hold_each_kind_often_enough() -> None:
    every = judged()
    assert len(every) >= 100
    assert all(sum(risk in pair.risks for pair in every) >= 4 for risk in SURE)
    assert sum(not pair.is_copy for pair in every) >= 20
    assert len(set(every)) == len(every)
