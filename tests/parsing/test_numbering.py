"""Items of numbered lists know their number, in every format that shows one."""

from __future__ import annotations

import pytest

from indexer.model import Article
from tests.helpers.articles import read

PROSE = "<p>Nerve pain is felt as burning or stabbing, and often worse at night.</p>"


def numbers(article: Article) -> list[tuple[int | None, str]]:
    """Number and text of each list item."""
    found = [block for block in article.blocks if block.kind == "list_item"]
    return [(block.number, block.span.of(article.text)) for block in found]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ol><li>a<li>b</ol>", [1, 2]),
        ("<ul><li>a<li>b</ul>", [None, None]),
        ("<ol start=4><li>a<li>b</ol>", [4, 5]),
        ("<ol start='-1'><li>a<li>b</ol>", [-1, 0]),
        ("<ol start=0><li>a<li>b</ol>", [0, 1]),
        ("<ol><li>a<li value=7>b<li>c</ol>", [1, 7, 8]),
        ("<ol reversed><li>a<li>b<li>c</ol>", [3, 2, 1]),
        ("<ol reversed start=9><li>a<li>b</ol>", [9, 8]),
        ("<ol start=two><li>a</ol>", [1]),
        ("<ol start='3.9'><li>a</ol>", [3]),
        ("<ol start=99999999999999999999><li>a</ol>", [1]),
        ("<ol start=٣><li>a</ol>", [1]),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", [1, None, 2]),
        ("<ol><li>a<ol><li>b<li>c</ol><li>d</ol>", [1, 1, 2, 2]),
        ("<ul><li>a<ol><li>b</ol></ul><ol><li>c</ol>", [None, 1, 1]),
        ("<ol><li><p>a</p><p>more of a</p><li>b</ol>", [1, 2]),
        ("<ol><li><h3>Head</h3>text<li>b</ol>", [2]),
        ("<dl><dt>a<dd>b</dl>", [None, None]),
        ("<li>a</li>", [None]),
    ],
)
def test_html_counts_as_browsers_do(markup: str, expected: list[int | None]) -> None:
    article = read(f"<main><h1>Steps</h1>{PROSE}{markup}{PROSE}</main>", "html")
    assert [number for number, _ in numbers(article)] == expected


def test_markdown_goes_on_from_its_first_number() -> None:
    article = read("# Steps\n\n3. one\n4. two\n    - inner\n7. three\n\n- bare\n", "md")
    expected = [(3, "one"), (4, "two"), (None, "inner"), (5, "three"), (None, "bare")]
    assert numbers(article) == expected


def test_what_is_set_aside_has_no_number() -> None:
    links = "".join(f"<li><a href='/{n}'>Read this too</a></li>" for n in range(8))
    article = read(f"<main><h1>Dose</h1>{PROSE * 4}</main><ol>{links}</ol>", "html")
    assert all(block.number is None for block in article.blocks)


def test_plain_text_keeps_numbers_in_the_text() -> None:
    article = read("Steps\n\nDo this:\n\n1. Ask your doctor\n2. Halve the dose\n3. Stop\n", "txt")
    assert [number for number, _ in numbers(article)] == [None] * len(numbers(article))
    assert "2. Halve the dose" in article.text
