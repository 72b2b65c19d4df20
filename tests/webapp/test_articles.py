"""Article pages: the text as it stands, passages as targets, links that always lead back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from indexer import Index, build_index, open_index
from tests.helpers.sites import HOSTILE, ODD_IDS, Page, make_index, serving
from webapp.urls import original


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with serving(folder) as client:
        yield client


@pytest.fixture(scope="module")
def library(folder: Path) -> Iterator[Index]:
    with open_index(folder) as index:
        yield index


def prose(html: str) -> str:
    """The HTML between the tags of an article's body."""
    return html[html.index('<div class="prose">') : html.index("</article>")]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("query", ["", "?q=pain", "?q=the+of+elavil&any=1", "?q=e*&match=case"])
def test_the_page_is_the_text_and_nothing_else(
    elavil: FlaskClient, index: Index, query: str
) -> None:
    shown = elavil.get(f"/articles/elavil-for-chronic-pain{query}").text
    article = index.article("elavil-for-chronic-pain")
    body = Page(prose(shown)).text.replace("1 line set aside as boilerplate", "")
    expected = "".join(
        block.span.of(article.text) for block in article.blocks if block.kind != "title"
    )
    assert squeezed(body) == squeezed(expected)
    title = next(block for block in article.blocks if block.kind == "title")
    assert title.span.of(article.text).strip() in Page(shown).text


def test_headings_of_any_depth_are_elements_that_there_are(tmp_path: Path) -> None:
    levels = "".join(f"{'#' * n} Level {n}\n\nIt says {n}.\n\n" for n in range(1, 7))
    (tmp_path / "deep.md").write_text(f"---\ntitle: Deep\n---\n{levels}# Again\n\nIt says 1.\n")
    build_index([tmp_path / "deep.md"], tmp_path / "index")
    with serving(tmp_path / "index") as client:
        html = prose(client.get("/articles/deep").text)
    assert "<h7" not in html
    assert html.count("<h6") == 2  # levels 5 and 6, below the title's h1


def test_every_passage_is_a_target_once(client: FlaskClient, library: Index) -> None:
    for ref in library.articles():
        ids = Page(client.get(links_to(client, ref.id)).text).ids()
        assert len(ids) == len(set(ids)), ref.id
        for passage in library.passages(ref.id):
            assert passage.anchor in ids, (ref.id, passage)


def links_to(client: FlaskClient, article_id: str) -> str:
    """The address of an article, as the API gives it."""
    answer = client.get("/api/v1/articles", query_string={"id": article_id}).json
    found = answer and answer["articles"][0]
    assert found is not None
    link: str = found["link"]
    return link


@pytest.mark.parametrize("text", ["# Title", "# Title\n\n## Dose\n\n## *Stop* now"])
def test_the_passage_of_an_article_without_text_is_a_target(tmp_path: Path, text: str) -> None:
    (tmp_path / "bare.md").write_text(text)
    build_index([tmp_path / "bare.md"], tmp_path / "index")
    with open_index(tmp_path / "index") as index, serving(tmp_path / "index") as client:
        (passage,) = index.passages("bare")
        shown = client.get("/articles/bare?q=stop").text
    assert shown.count(f'id="{passage.anchor}"') == 1


@pytest.mark.parametrize("article_id", ODD_IDS)
def test_odd_ids_have_addresses_that_work(client: FlaskClient, article_id: str) -> None:
    address = links_to(client, article_id)
    assert not {"..", "."} & set(urlsplit(address).path.split("/"))
    found = Page(client.get(address).text)
    number = ODD_IDS.index(article_id)
    assert f"Odd number {number}" in found.text
    outlines = [a["href"] for a in found.all("a") if a["href"].startswith("/outline")]
    assert "sprocket" in client.get(outlines[0]).text
    hits = client.get("/api/v1/search", query_string={"q": "sprocket", "article": article_id}).json
    assert hits is not None
    (hit,) = hits["hits"]
    landed = client.get(client.get(hit["link"]).location)
    assert f"Odd number {number}" in landed.text


def test_blocks_become_what_they_are(client: FlaskClient) -> None:
    html = client.get("/articles/glance?q=dose").text
    found = Page(html)
    for tag in ("h1", "h2", "h3", "blockquote", "pre", "thead"):
        assert found.all(tag), tag
    assert len(found.all("th", scope="col")) == 3
    assert "<li" in html[html.index("Halve the") : html.index("then again")]
    nested = html[html.index("Halve the") : html.index("Stop when")]
    assert nested.count("<ul") == 1
    assert nested.count("</ul>") == 1
    assert found.marks.count("dose") >= 4
    assert "{{ " not in html


def test_contents_lead_to_headings_and_count_matches(client: FlaskClient) -> None:
    html = client.get("/articles/glance?q=dose").text
    found = Page(html)
    contents = html[html.index('<nav class="contents"') : html.index("</nav>")]
    for link in Page(contents).all("a"):
        assert link["href"].removeprefix("#") in found.ids()
    assert [text.split() for text in Page(contents).text.splitlines() if text.strip()] == [
        ["Contents"],
        ["Doses", "4"],
        ["Steps", "1"],
        ["Code", "1"],
    ]


def test_boilerplate_is_folded_away_and_still_a_target(elavil: FlaskClient, index: Index) -> None:
    html = elavil.get("/articles/elavil-for-chronic-pain").text
    for passage in index.passages("elavil-for-chronic-pain"):
        if passage.kind == "boilerplate":
            before = html[: html.index(f'id="{passage.anchor}"')]
            assert before.count("<details") > before.count("</details>")


def test_a_permalink_names_its_passage(client: FlaskClient, library: Index) -> None:
    passage = library.passages("glance")[-1]
    response = client.get(f"/p/{passage.id}?q=halving&match=word")
    assert response.status_code == 302
    target = urlsplit(response.location)
    assert target.fragment == passage.anchor
    found = Page(client.get(response.location).text)
    assert found.marks == ["halving"]
    assert "The link leads to passage" in found.text
    described = found.all("meta", property="og:description")[0]["content"]
    assert described.startswith("def dose(week):")
    (address,) = found.all("meta", property="og:url")
    assert address["content"] == f"http://localhost/p/{passage.id}"


@pytest.mark.parametrize("unknown", ["0123456789abcdef", "x", "%2e%2e", "%00", "A" * 3000])
def test_an_unknown_passage_is_not_found(client: FlaskClient, unknown: str) -> None:
    response = client.get(f"/p/{unknown}")
    assert response.status_code == 404
    assert "Search the articles" in response.text


def test_an_unknown_article_is_not_found(client: FlaskClient) -> None:
    for address in ("/articles/nope", "/articles?id=nope", "/outline/nope", "/outline?id=nope"):
        assert client.get(address).status_code == 404, address
    assert client.get("/outline").status_code == 400


def test_a_passage_of_another_article_is_said_to_be_missing(
    client: FlaskClient, library: Index
) -> None:
    passage = library.passages("waiting")[0]
    shown = client.get(f"/articles/glance?passage={passage.id}")
    assert shown.status_code == 200
    assert "is no longer in this article" in shown.text


def test_matches_are_counted_and_drawn(client: FlaskClient) -> None:
    found = Page(client.get("/articles/waiting?q=waiting").text)
    assert f"{len(found.marks)} matches" in found.text
    ticks = found.all("a", tabindex="-1")
    assert ticks
    assert all(tick["href"].removeprefix("#") in found.ids() for tick in ticks)


def test_a_query_without_match_in_the_article_says_so(client: FlaskClient) -> None:
    shown = client.get("/articles/glance?q=sprocket").text
    assert "No match for" in shown
    assert 'href="/?q=sprocket"' in shown


def test_an_article_opened_with_a_relaxed_query_shows_its_marks(client: FlaskClient) -> None:
    """The address is that of a bookmark, or typed: `any=1` is missing."""
    found = Page(client.get("/articles/glance?q=doctor+sprocket+weeks").text)
    assert {"doctor", "week", "weeks"} == set(found.marks)
    assert "of any of the words: no passage here has all" in " ".join(found.text.split())
    assert found.marks == Page(client.get("/articles/glance?q=doctor+weeks&any=1").text).marks
    whole = Page(client.get("/articles/glance?q=stop+feel").text)
    assert "of any of the words" not in whole.text
    assert "No match for" in client.get('/articles/glance?q="doctor+sprocket"').text


def test_the_heading_by_which_a_passage_was_found_is_marked(tmp_path: Path) -> None:
    text = (
        "# Zomepirac in short\n\n## Withdrawal\n\n### How to stop\n\nTaper it slowly.\n\n"
        "## Empty one\n\n## Withdrawal\n\nA second of the same words.\n"
    )
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.md").write_text(text, encoding="utf-8")
    build_index([tmp_path / "c"], tmp_path / "i")
    with serving(tmp_path / "i") as client:

        def shown(query: str) -> tuple[list[str], Page]:
            page = Page(client.get("/articles/a", query_string={"q": query}).text)
            assert f"{len(page.marks)} match" in page.text
            return page.marks, page

        assert shown("withdrawal")[0] == ["Withdrawal", "Withdrawal"]
        assert shown("withdrawal slowly")[0] == ["Withdrawal", "slowly"]
        assert shown("empty")[0] == ["Empty"]  # no passage is below it
        assert shown("zomepirac")[0] == ["Zomepirac"]
        html = client.get("/articles/a?q=empty").text
        assert "<mark>Empty</mark> one<a " in html
        assert "No match for" in client.get("/articles/a?q=absent").text


def test_title_and_section_stay_where_a_link_leads(client: FlaskClient, library: Index) -> None:
    passage = next(p for p in library.passages("glance") if p.kind == "list_item")
    html = client.get(client.get(f"/p/{passage.id}").location).text
    line = html[html.index("data-here") :].partition("</p>")[0]
    assert "Tramadol at a Glance" in line
    assert "Doses › Steps" in line
    assert "data-here" not in client.get("/articles/glance").text


def test_the_original_page_is_linked_only_on_the_web(client: FlaskClient, library: Index) -> None:
    assert 'href="https://example.org/tramadol"' in client.get("/articles/glance").text
    quote = next(p for p in library.passages("glance") if p.kind == "quote")
    linked = client.get(f"/articles/glance?passage={quote.id}").text
    assert "#:~:text=Stopping%20takes%20weeks%2C%20not%20days." in linked
    assert "Original page" not in client.get(links_to(client, str(HOSTILE["id"]))).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", "x", ""])
def test_no_link_is_made_of_other_schemes(url: str) -> None:
    assert original(url, "#id") == ""


def test_a_fragment_takes_the_place_of_the_one_that_an_address_had() -> None:
    assert original("https://a.b/c#old", "#sec%201") == "https://a.b/c#sec%201"
    assert original("https://a.b/c#old") == "https://a.b/c#old"


@pytest.mark.parametrize("url", ["https://[your-site]/page", "http://[::1"])
def test_an_address_that_leads_nowhere_breaks_no_page(url: str, tmp_path: Path) -> None:
    (tmp_path / "zinc.md").write_text(f'---\nurl: "{url}"\n---\n\nZinc is a metal.\n')
    build_index([tmp_path / "zinc.md"], tmp_path / "index")
    with serving(tmp_path / "index") as client:
        assert client.get("/articles/zinc").status_code == 200


def test_the_list_of_articles_is_complete(client: FlaskClient, library: Index) -> None:
    found = Page(client.get("/articles").text)
    for ref in library.articles():
        assert links_to(client, ref.id) in [a["href"] for a in found.all("a")]
    assert client.get("/articles?page=2").status_code == 400


def test_the_outline_shows_blocks_passages_and_what_was_set_aside(
    elavil: FlaskClient, index: Index
) -> None:
    html = elavil.get("/outline/elavil-for-chronic-pain").text
    found = Page(html)
    article = index.article("elavil-for-chronic-pain")
    assert len(found.all("tr")) == len(article.blocks) + 1
    assert len(found.all("tr", **{"class": "boilerplate"})) == sum(
        block.kind == "boilerplate" for block in article.blocks
    )
    for passage in index.passages(article.id):
        assert f'href="/p/{passage.id}"' in html
