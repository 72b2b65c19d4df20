"""Tables of web pages: rows, cells, what heads them, and tables for layout."""

from __future__ import annotations

import pytest

from indexer.model import Block
from tests.helpers.articles import read

Row = list[tuple[str, str]]


def rows(table: str) -> list[Row]:
    """For each row, its cells with what heads them."""
    text, found = _read(table)
    return [[(c.of(text), h) for c, h in zip(b.cells, b.heads, strict=True)] for b in found]


def _read(table: str) -> tuple[str, list[Block]]:
    article = read(f"<p>Before the table there is text.</p><table>{table}</table>", "html")
    return article.text, [b for b in article.blocks if b.kind == "table_row"]


def test_head_row_heads_its_columns() -> None:
    assert rows("<tr><th>Drug<th>Dose<tr><td>Elavil<td>25 mg") == [
        [("Drug", ""), ("Dose", "")],
        [("Elavil", "Drug"), ("25 mg", "Dose")],
    ]


def test_rows_that_an_unclosed_element_swallows_are_rows() -> None:
    table = "<tr><td><b>A<td><b>B<tr><td><font size=2>1<td><font size=2>not 2<tr><td>3<td>4"
    assert [[cell for cell, _ in row] for row in rows(table)] == [
        ["A", "B"], ["1", "not 2"], ["3", "4"],
    ]  # fmt: skip


def test_cells_with_the_role_of_a_head_head_their_columns() -> None:
    table = "<tr><td role=columnheader>Drug<td role=columnheader>Dose<tr><td>Elavil<td>25 mg"
    assert rows(table)[1] == [("Elavil", "Drug"), ("25 mg", "Dose")]


def test_text_of_a_row_parts_its_cells_by_tabs() -> None:
    text, found = _read("<tr><th>Drug<th>Dose<tr><td>Elavil<td>25<br>mg")
    assert [b.span.of(text) for b in found] == ["Drug\tDose", "Elavil\t25\nmg"]
    assert [b.header for b in found] == [True, False]
    assert found[0].group == found[1].group != 0


def test_row_heads_stand_to_the_left() -> None:
    assert rows("<tr><td></td><th>Low<th>High</tr><tr><th>Adult<td>10<td>25</tr>")[1] == [
        ("Adult", ""),
        ("10", "Low, Adult"),
        ("25", "High, Adult"),
    ]


def test_spans_reach_down_and_across() -> None:
    table = """<thead><tr><th rowspan=2>Drug<th colspan=2>Dose<tr><th>Low<th>High</thead>
        <tr><th rowspan=2>Elavil<td>10<td>25<tr><td>12<td>30<tr><th>Other<td colspan=2>5"""
    assert rows(table)[2:] == [
        [("Elavil", "Drug"), ("10", "Dose, Low, Elavil"), ("25", "Dose, High, Elavil")],
        [("12", "Dose, Low, Elavil"), ("30", "Dose, High, Elavil")],
        [("Other", "Drug"), ("5", "Dose, Low, High, Other")],
    ]


def test_bold_rows_across_a_table_without_heads_name_the_part_below() -> None:
    table = """<tr><td colspan=2><b>Adults</b><tr><td>Start<td>5 mg
        <tr><td colspan=2><b>Children</b><tr><td>Start<td>not recommended"""
    assert rows(table)[1::2] == [
        [("Start", "Adults"), ("5 mg", "Adults")],
        [("Start", "Children"), ("not recommended", "Children")],
    ]


def test_rows_across_a_table_that_are_not_bold_show_no_data() -> None:
    part = "<tr><td colspan=2>{}<tr><td>Short text of a column.<td>That of another one."
    article = read(f"<table>{part.format('News')}{part.format('More')}</table>", "html")
    assert {block.kind for block in article.blocks} == {"paragraph"}


@pytest.mark.parametrize(
    "sign",
    [
        "<i class='fa fa-times'></i>",
        "<i class='bi bi-x-circle'></i>",
        "<span aria-label='✗'></span>",
        "<svg aria-label='✗'><path/></svg>",
        "<svg><title>✗</title><path/></svg>",
    ],
)
def test_an_icon_that_is_all_of_a_cell_is_its_text(sign: str) -> None:
    found = rows(f"<tr><th>Drug<th>Child<tr><td>A<td>{sign}<tr><td>B<td>5 mg {sign}")
    assert found[1:] == [[("A", "Drug"), ("✗", "Child")], [("B", "Drug"), ("5 mg", "Child")]]


def test_head_across_the_table_names_the_part_below() -> None:
    table = """<tr><th>Effect<th>Share<tr><th colspan=2>Common<tr><td>Thirst<td>9
        <tr><th colspan=2>Rare<tr><td>Rash<td>1"""
    assert rows(table)[2] == [("Thirst", "Effect, Common"), ("9", "Share, Common")]
    assert rows(table)[4] == [("Rash", "Effect, Rare"), ("1", "Share, Rare")]


def test_the_first_part_of_a_table_heads_no_other_part() -> None:
    table = """<tr><th colspan=2>Adults<tr><td>At first<td>5 mg<tr><th colspan=2>Children
        <tr><td>At first<td>never"""
    assert rows(table)[1] == [("At first", "Adults"), ("5 mg", "Adults")]
    assert rows(table)[3] == [("At first", "Children"), ("never", "Children")]


def test_first_row_in_bold_is_a_head_row() -> None:
    table = "<tr><td><b>Herb</b><td><strong>Sow</strong><tr><td>Sage<td>April"
    assert rows(table)[1] == [("Sage", "Herb"), ("April", "Sow")]


def test_table_without_heads_has_none() -> None:
    assert rows("<tr><td>a<td>b<tr><td>c<td>d") == [[("a", ""), ("b", "")], [("c", ""), ("d", "")]]


def test_empty_cells_keep_the_columns_in_line() -> None:
    table = "<tr><th>A<th>B<th>C<tr><td><td>2<td><tr><td>1<td><td>3"
    assert rows(table)[1:] == [
        [("", "A"), ("2", "B"), ("", "C")],
        [("1", "A"), ("", "B"), ("3", "C")],
    ]


def test_empty_rows_are_none() -> None:
    assert len(rows("<tr><td>a<td>b<tr><td><td><tr><td>c<td>d")) == 2


def test_list_in_a_cell_is_kept() -> None:
    table = "<tr><th>Drug<th>Effects<tr><td>Elavil<td>many:<ul><li>thirst<li>sleep</ul>"
    assert rows(table)[1][1] == ("many:\nthirst\nsleep", "Effects")


def test_row_with_an_id_is_a_link_target() -> None:
    _, found = _read("<tr><th>A<th>B<tr id=r1><td>1<td>2<tr><td>3<td>4")
    assert [b.element for b in found] == ["", "r1", "r1"]


def test_caption_stands_before_its_rows() -> None:
    table = "<table><caption>Doses</caption><tr><th>A<th>B<tr><td>1<td>2"
    article = read(f"<p>Text.</p>{table}", "html")
    assert [b.kind for b in article.blocks][1:] == ["caption", "table_row", "table_row"]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td><p>One <i>two</i> three <i>four</i> tail.</p></td></tr></table>",
        "<table role=none><tr><td>So short.<td><p>One <i>two</i> three <i>four</i> tail.</table>",
        "<table><tr><td><table><tr><td>One <i>two</i> three <i>four</i> tail.</table></table>",
        "<table><tr><td>One <i>two</i> three <i>four</i> tail.<tr><td>Other.</table>",
    ],
)
def test_paragraph_in_a_layout_table_is_a_paragraph(table: str) -> None:
    article = read(table, "html")
    told = [(b.kind, b.span.of(article.text)) for b in article.blocks]
    assert ("paragraph", "One two three four tail.") in told
    assert "table_row" not in {kind for kind, _ in told}


def test_list_in_a_layout_table_is_a_list() -> None:
    article = read("<table><tr><td>Buy:<ul><li>milk<li>bread</ul></table>", "html")
    assert [b.kind for b in article.blocks] == ["paragraph", "list_item", "list_item"]


def test_absurd_spans_are_cut() -> None:
    table = "<tr><th colspan=99999999>A<tr><td rowspan=9999999>1<td colspan=0>2<tr><td rowspan=x>3"
    assert [len(row) for row in rows(table)] == [1, 2, 1]


def test_a_head_row_without_text_heads_nothing() -> None:
    table = (
        "<thead><tr><th>Drug<th>Dose<tr><th> <th> </thead><tbody><tr><td>Elavil<td>25 mg</tbody>"
    )
    assert rows(table) == [
        [("Drug", ""), ("Dose", "")],
        [("Elavil", "Drug"), ("25 mg", "Dose")],
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<thead><tr><th>A<th>B</thead><tfoot><tr><td>not<td>5</tfoot><tbody><tr><td>1<td>2</tbody>",
        "<tr><th>A<th>B</tr><tr><form><td>1</td><td>2</td></form></tr><tr><td>not<td>5</tr>",
        "<tr><th>A<th>B</tr><form><tr><td>1<td>2</tr></form><form><tr><td>not<td>5</tr></form>",
        "<thead><th>A</th><th>B</th></thead><tbody><td>1</td><td>2</td><tr><td>not<td>5</tbody>",
    ],
)
def test_rows_and_cells_are_found_wherever_they_stand_in_the_table(body: str) -> None:
    assert rows(body) == [
        [("A", ""), ("B", "")],
        [("1", "A"), ("2", "B")],
        [("not", "A"), ("5", "B")],
    ]


def test_text_outside_of_cells_stands_before_the_table() -> None:
    table = "<tr><th>A<th>B</tr>Not for children.<tr><td>1<div>Not at night.</div></tr><p>No.</p>"
    article = read(f"<p>Text.</p><table>{table}</table>", "html")
    assert article.text == "Text.\n\nNot for children.\n\nNo.\n\nA\tB\n1\nNot at night."


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<i aria-hidden=true>✓</i>", "✓"),
        ("<i aria-hidden=true>✗</i><b class=sr-only>No</b>", "No"),
        ("<svg></svg><b class=sr-only>No</b>", "No"),
        ("<i aria-hidden=true>\uf00d</i><b class=sr-only>No</b>", "No"),
        ("No<b class=sr-only>not safe</b>", "No"),
        ("<img src=x.png alt=No>", "No"),
        ("No <img src=x.png alt=not>", "No"),
        ("<i aria-hidden=true>\uf00d</i>", ""),
    ],
)
def test_a_cell_says_what_its_sign_stands_for(cell: str, shown: str) -> None:
    found = rows(f"<tr><th>Drug<th>Safe<tr><td>A<td>{cell}<tr><td>B<td>yes")
    assert found[1] == [("A", "Drug"), (shown, "Safe")]


def test_a_heading_in_a_cell_of_a_table_with_heads_is_a_line_of_it() -> None:
    table = "<tr><th>Drug<th>Note<tr><td>A<td><h4>Warning</h4>Never.</td><tr><td>B<td>safe"
    assert rows(table)[1:] == [
        [("A", "Drug"), ("Warning\nNever.", "Note")],
        [("B", "Drug"), ("safe", "Note")],
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<tr><th class=sr-only>Drug</th><th>Dose</th><tr><td>A<td>5 mg",
        "<tr><th aria-hidden=true></th><th>Dose</th><tr><td>A<td>5 mg",
    ],
)
def test_a_head_that_is_not_seen_keeps_its_column(body: str) -> None:
    assert rows(body)[1] == [("A", ""), ("5 mg", "Dose")]


def test_a_caption_in_the_wrong_place_is_read() -> None:
    text, _ = _read("<thead><caption>Doses</caption><tr><th>A<th>B</thead><tr><td>1<td>2")
    assert "Doses" in text
