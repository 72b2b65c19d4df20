"""Ids of passages in CSV, where a spreadsheet would read some of them as numbers."""

from __future__ import annotations

import csv

import pytest

from indexer.reporting.csv import to_csv


@pytest.mark.parametrize(
    ("passage", "shown"),
    [
        ("8303822549776e23", "/p/8303822549776e23"),
        ("1234567890123456", "/p/1234567890123456"),
        ("83038e25e49776e2", "83038e25e49776e2"),
        ("06b1012f988de5e3", "06b1012f988de5e3"),
    ],
)
@pytest.mark.parametrize("column", ["id", "passage", "now_passage"])
def test_an_id_that_reads_as_a_number_is_its_permalink(
    column: str, passage: str, shown: str
) -> None:
    made = to_csv(("article", column, "text"), [("1e5", passage, "12")])
    assert list(csv.reader(made.splitlines()))[1] == ["1e5", shown, "12"]
