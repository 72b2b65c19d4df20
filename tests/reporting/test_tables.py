"""Tables: whatever the terminal, no number is left out."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from indexer.reporting.csv import Column
from indexer.reporting.text_tables import table_lines

HEADS = ("occurrences", "per 1,000 words", "passages", "sections", "articles", "in headings")
ROWS = [
    ("withdrawal", *range(101, 107)),
    ("amitriptyline (antidepressants, generic)", *range(201, 207)),
]
COLUMNS: list[Column[tuple[str | int, ...]]] = [
    Column(head, head, lambda row, at=at: row[at])  # type: ignore[misc]
    for at, head in enumerate(("term", *HEADS))
]


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 100, 120, None])
def test_every_number_is_shown_and_lines_fit(width: int | None) -> None:
    lines = [line.plain for line in table_lines(COLUMNS, ROWS, width)]
    shown = [word for line in lines for word in line.split() if word.isdigit()]
    assert [number for number in shown if len(number) == 3 and number[0] in "12"] == [
        str(number) for row in ROWS for number in row[1:]
    ]
    if width and width >= 40:
        assert max(map(cell_len, lines)) <= width


def test_heads_wrap_between_words_before_words_are_folded() -> None:
    lines = "\n".join(line.plain for line in table_lines(COLUMNS, ROWS, 80))
    for word in " ".join(HEADS).split():
        assert word in lines
