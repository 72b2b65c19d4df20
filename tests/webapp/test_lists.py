"""Lists and tables on the page: numbers as the source has them, and text that runs to the left."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from indexer import build_index
from tests.helpers.sites import Page, serving
from webapp.rendering import leaning

STEPS = """\
# Steps

Do this:

3. Ask the sprocket
4. Halve the sprocket
    - for a week
    - for two
7. Stop the sprocket

Between them.

- no number on the grommet
"""
PLAIN = "Plain steps\n\nDo this now:\n\n1. Ask the widget\n2. Halve the widget\n3. Stop it\n"
ARABIC = """\
# الجرعات

1. ابدأ بجرعة
2. زد الجرعة

| الدواء | الجرعة |
|---|---|
| نورتريبتيلين | 25 mg |
"""
LONG_ITEM = "1. " + "This step says a lot about waiting. " * 30 + "Then comes the flange.\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("lists")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "steps.md").write_text(STEPS, encoding="utf-8")
    (corpus / "plain.txt").write_text(PLAIN, encoding="utf-8")
    (corpus / "arabic.md").write_text(ARABIC, encoding="utf-8")
    (corpus / "long.md").write_text(f"# Long\n\n{LONG_ITEM}", encoding="utf-8")
    build_index(corpus, folder / "index")
    with serving(folder / "index") as client:
        yield client


def numbered(html: str) -> list[str]:
    """The number that a browser shows before each item; "•" for a bullet."""
    page = Page(html)
    shown: list[str] = []
    lists: list[tuple[bool, int]] = []
    inside = {name for name, _ in page.elements} & {"ol", "ul"}
    assert inside
    at = 0
    ordered = False
    for name, attributes in page.elements:
        if name in ("ol", "ul"):
            lists.append((ordered, at))
            ordered, at = name == "ol", 0
        elif name == "li":
            at = int(attributes.get("value", at + 1))
            bullet = not ordered or "bullet" in attributes.get("class", "")
            shown.append("•" if bullet else str(at))
    return shown


def part(html: str, start: str, end: str) -> str:
    """What stands from `start` up to `end`."""
    at = html.index(start)
    return html[at : html.index(end, at)]


def test_an_article_shows_the_numbers_of_its_lists(client: FlaskClient) -> None:
    html = part(client.get("/articles/steps").text, '<div class="prose">', "</article>")
    top = part(html, "<ol>", "Between them")
    assert '<ol><li value="3"' in top
    assert "<ul><li" in top[top.index("Halve") :]
    # The inner list stands in its item, so that the numbers go on after it.
    assert top.index("</ul></li>") < top.index("Stop the")
    assert top.count("value=") == 1
    assert "<ol" not in html[html.index("Between them") :]


def test_an_article_shows_no_bullet_beside_a_number_in_the_text(client: FlaskClient) -> None:
    html = client.get("/articles/plain").text
    assert '<ul class="bare"><li' in html
    assert "<ol><li" not in part(html, '<div class="prose">', "</article>")


def test_results_show_the_numbers_too(client: FlaskClient) -> None:
    html = part(client.get("/?q=sprocket").text, 'class="text list_item"', "</div>")
    assert numbered(html) == ["3", "4", "•", "•", "5"]
    html = part(client.get("/?q=grommet").text, 'class="text list_item"', "</div>")
    assert numbered(html) == ["•"]
    html = part(client.get("/?q=widget").text, 'class="text list_item"', "</div>")
    assert '<ul class="bare">' in html


def test_a_window_of_a_long_item_has_its_number(client: FlaskClient) -> None:
    html = part(client.get("/?q=flange").text, 'class="text list_item', "</div>")
    assert '<li value="1"' in html


def test_lists_and_tables_of_arabic_run_to_the_left(client: FlaskClient) -> None:
    html = client.get("/articles/arabic").text
    assert '<ol dir="rtl">' in html
    assert '<table dir="rtl">' in html
    assert '<td dir="auto">25 mg' in html  # so that it is not read as "mg 25"
    results = client.get("/?q=نورتريبتيلين").text
    assert 'class="text" dir="rtl"' in results
    assert 'dir="rtl"' not in client.get("/articles/steps").text


@pytest.mark.parametrize(
    ("text", "turned"),
    [("الجرعة", True), ("10. כאב", True), ("10 mg", False), ("10", False), ("", False),
     ("mg ألم", False), ("«ألم»", True)],
)  # fmt: skip
def test_the_first_letter_says_where_a_text_runs(text: str, turned: bool) -> None:
    assert bool(leaning(text)) is turned


@pytest.mark.parametrize("host", ["..", "x" * 300, "a" * 64 + ".example", "evil..example"])
def test_a_host_that_can_be_none_is_refused(client: FlaskClient, host: str) -> None:
    for address in ("/", "/api/v1/search?q=x", "/nope"):
        response = client.get(address, headers={"Host": host})
        assert response.status_code == 400
        assert response.mimetype == "text/plain"
        assert host not in response.text
        assert "Content-Security-Policy" in response.headers


def test_json_of_an_article_is_as_before(client: FlaskClient) -> None:
    blocks = json.loads(client.get("/api/v1/articles/steps").text)["blocks"]
    assert {"kind", "level", "start", "end", "text", "section"} <= set(blocks[0])
