"""Long articles: shown in parts that together are the whole, every link opening the right part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from indexer import Article, Index, Passage, build_index, open_index
from indexer.store.codec import Stored
from indexer.store.reader import Store
from tests.helpers.sites import Page, serving

pytestmark = pytest.mark.slow
LONG = "long"
PART_BLOCKS, PART_CHARACTERS = 195, 100_000  # about a tenth of the site's own
SECTIONS = 50  # of 10 paragraphs
HEADS = 700


def written(folder: Path) -> Path:
    """An index of a long article, one of exactly a part's blocks, a long table, a long list, and
    one of few blocks with many characters."""
    corpus = folder / "corpus"
    corpus.mkdir()
    rows = ["<h1>Long one about pain</h1>"]
    for n in range(SECTIONS * 10):
        rows += [f"<h2>Section {n // 10}</h2>"] * (n % 10 == 0)
        pain = " It hurts: colchicine helps." if n % 100 == 70 else ""
        rows.append(f"<p>Paragraph {n} is not given with drug w{n} to anybody here.{pain}</p>")
    pages = {
        LONG: "".join(rows),
        "bound": "<h1>Bound</h1>"
        + "".join(f"<p>Words of {n}.</p>" for n in range(PART_BLOCKS - 1)),
        "table": "<h1>Table</h1><p>Before.</p><table><tr><th>Drug</th><th>Dose</th></tr>"
        + "".join(f"<tr><td>drug{n}</td><td>{n} mg</td></tr>" for n in range(300))
        + "</table>",
        "list": "<h1>List</h1><p>Before.</p><ol>"
        + "".join(f"<li>Item number {n}.</li>" for n in range(1, 301))
        + "</ol>",
        "wide": "<h1>Wide</h1>" + "".join(f"<p>{'word ' * 3_000}end{n}.</p>" for n in range(8)),
        "heads": "<h1>Heads</h1>"
        + "".join(f"<h2>Head {n}</h2><p>Text of {n}.</p>" for n in range(HEADS)),
    }
    for name, body in pages.items():
        html = f"<html><body><article>{body}</article></body></html>"
        (corpus / f"{name}.html").write_text(html, encoding="utf-8")
    build_index([corpus], folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="module", autouse=True)
def short_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.articles.PART_BLOCKS", PART_BLOCKS)
        patch.setattr("webapp.articles.PART_CHARACTERS", PART_CHARACTERS)
        yield


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with serving(folder) as client:
        yield client


@pytest.fixture(scope="module")
def library(folder: Path) -> Iterator[Index]:
    with open_index(folder) as index:
        yield index


def parts_in(html: str) -> tuple[int, int]:
    """Which part of how many a page says it is."""
    told = re.search(r"Part ([\d,]+) of ([\d,]+): blocks", html)
    assert told
    return int(told[1].replace(",", "")), int(told[2].replace(",", ""))


def all_parts(client: FlaskClient, id: str, asked: str = "") -> list[str]:
    """The pages of all parts."""
    first = client.get(f"/articles/{id}?{asked}").text
    last = parts_in(first)[1]
    return [first] + [
        client.get(f"/articles/{id}?{asked}&part={number}").text for number in range(2, last + 1)
    ]


def prose(html: str) -> str:
    return html[html.index('<div class="prose">') : html.index("</article>")].split("<nav")[0]


def squeezed(text: str) -> str:
    return "".join(text.split())


def passage_with(index: Index, words: str, id: str = LONG) -> Passage:
    return next(one for one in index.passages(id) if words in one.text)


def below_title(article: Article) -> str:
    blocks = (block for block in article.blocks if block.kind != "title")
    return squeezed("".join(block.span.of(article.text) for block in blocks))


@pytest.mark.parametrize("id", [LONG, "table", "list", "wide", "heads"])
def test_the_parts_together_are_the_article(client: FlaskClient, library: Index, id: str) -> None:
    pages = all_parts(client, id)
    assert len(pages) > 1
    article = library.article(id)
    assert squeezed("".join(Page(prose(page)).text for page in pages)) == below_title(article)
    ids = [one for page in pages for one in Page(prose(page)).ids()]
    assert len(ids) == len(set(ids))
    assert {passage.anchor for passage in library.passages(id)} <= set(ids)
    for page in pages:
        assert len(Page(prose(page)).text) < PART_CHARACTERS + 10_000
        assert prose(page).count(' dir="auto"') <= 3 * PART_BLOCKS


def test_a_part_ends_above_a_heading_and_not_below(client: FlaskClient) -> None:
    for page in all_parts(client, "heads")[:-1]:
        assert re.search(r"</p>\s*</div>\s*$", prose(page))


def test_an_article_up_to_the_bound_is_one_page(client: FlaskClient, library: Index) -> None:
    assert len(library.article("bound").blocks) == PART_BLOCKS
    page = client.get("/articles/bound").text
    assert "Part 1" not in page
    assert "parts.js" not in page
    assert "whole=1" not in page
    assert squeezed(Page(prose(page)).text) == below_title(library.article("bound"))
    assert client.get("/articles/bound?part=2").status_code == 400


def test_the_whole_article_is_a_link_away(client: FlaskClient, library: Index) -> None:
    first = client.get(f"/articles/{LONG}?q=colchicine").text
    link = next(a["href"] for a in Page(first).all("a") if "whole=1" in a.get("href", ""))
    whole = client.get(link).text
    assert "Part 1" not in whole
    assert "parts.js" not in whole
    assert squeezed(Page(prose(whole)).text) == below_title(library.article(LONG))
    assert prose(whole).count("<mark") == 5


def test_the_pager_leads_through_all_parts(client: FlaskClient) -> None:
    at, seen = f"/articles/{LONG}?q=colchicine", []
    while at:
        page = client.get(at).text
        seen.append(parts_in(page)[0])
        at = next((a["href"] for a in Page(page).all("a", rel="next")), "")
        assert not at or "q=colchicine" in at
    assert seen == [1, 2, 3]


def test_a_part_that_is_not_there_is_refused(client: FlaskClient) -> None:
    for part in ("4", "0", "-1", "x", "99999999"):
        assert client.get(f"/articles/{LONG}?part={part}").status_code == 400
        assert client.get(f"/outline/{LONG}?part={part}").status_code == 400


@pytest.mark.parametrize("number", [3, 199, 250, 499])
def test_permalinks_open_the_part_with_the_passage(
    client: FlaskClient, library: Index, number: int
) -> None:
    passage = passage_with(library, f"Paragraph {number} ")
    target = client.get(f"/p/{passage.id}").headers["Location"]
    page = client.get(target).text
    assert urlsplit(target).fragment == passage.anchor
    assert passage.anchor in Page(prose(page)).ids()
    assert f"Paragraph {number} " in prose(page)
    assert client.get(f"/articles/{LONG}?passage={passage.id}").text == page


def test_selected_words_open_the_part_that_holds_them(client: FlaskClient, library: Index) -> None:
    passage = passage_with(library, "Paragraph 432 ")
    target = client.get(f"/p/{passage.id}?text=drug+w432+to").headers["Location"]
    assert urlsplit(target).fragment == "selection.1"
    assert '<mark id="selection.1" class="selected">drug w432 to</mark>' in client.get(target).text
    page = client.get(f"/articles/{LONG}?passage={passage.id}&text=drug+w432+to&part=1").text
    assert '<mark id="selection.1" class="selected">drug w432 to</mark>' in page


def test_bare_anchors_are_led_to_their_part(client: FlaskClient, library: Index) -> None:
    page = client.get(f"/articles/{LONG}?q=colchicine&part=2").text
    assert "parts.js" in page
    finding = Page(page).all("div")
    address = next(one["data-parts"] for one in finding if "data-parts" in one)
    passage = passage_with(library, "Paragraph 499 ")
    for anchor in (passage.anchor, "h.49", "h.1"):
        target = client.get(address + quote(anchor)).headers["Location"]
        assert urlsplit(target).fragment == anchor
        assert "q=colchicine" in target
        assert anchor in Page(prose(client.get(target).text)).ids()
    for unknown in ("nowhere", "h.0", "h.51", "h.²", "h.x"):
        answer = client.get(address + quote(unknown))
        assert answer.status_code == 200
        assert parts_in(answer.text)[0] == 2


@pytest.mark.parametrize(
    "fragment",
    [
        "drug%20w432%20to",
        "drug%20w432%20to&text=nothing",
        "432%20is%20not%20given%20with-,drug%20w432%20to,-anybody",
        "drug%20w432,to,-anybody",
    ],
)
def test_text_fragments_are_led_to_their_words(client: FlaskClient, fragment: str) -> None:
    page = client.get(f"/articles/{LONG}?q=colchicine&part=2").text
    address = next(one["data-parts"] for one in Page(page).all("div") if "data-parts" in one)
    target = client.get(address + quote(f":~:text={fragment}")).headers["Location"]
    assert urlsplit(target).fragment == "selection.1"
    assert "q=colchicine" in target
    there = client.get(target).text
    assert '<mark id="selection.1" class="selected">drug w432 to</mark>' in there
    assert parts_in(there)[0] == 3


def test_text_fragments_of_no_words_lead_where_they_stood(client: FlaskClient) -> None:
    page = client.get(f"/articles/{LONG}?q=colchicine&part=2").text
    address = next(one["data-parts"] for one in Page(page).all("div") if "data-parts" in one)
    for unknown in ("", ",", "not%20there%20at%20all", "a,b,c,d", "x-", "%ff"):
        answer = client.get(address + quote(f":~:text={unknown}"))
        assert answer.status_code == 200
        assert parts_in(answer.text)[0] == 2


def test_the_contents_lead_to_the_part_of_each_heading(client: FlaskClient) -> None:
    for number in (1, 2, 3):
        page = client.get(f"/articles/{LONG}?part={number}").text
        contents = page[page.index('<nav class="contents"') : page.index('<article class="article')]
        links = [one["href"] for one in Page(contents).all("a")]
        assert len(links) == SECTIONS
        for link in (links[0], links[30], links[-1]):
            there = client.get(link).text if urlsplit(link).path else page
            assert urlsplit(link).fragment in Page(prose(there)).ids()


def test_contents_too_long_for_a_page_say_so(client: FlaskClient) -> None:
    page = client.get("/articles/heads?part=2").text
    contents = page[page.index('<nav class="contents"') : page.index('<article class="article')]
    links = Page(contents).all("a")
    assert len(links) == len(re.findall("<h2 ", prose(page))) < HEADS
    assert f"and {HEADS - len(links):,} headings of other parts" in Page(contents).text


def test_matches_are_counted_over_the_whole_article(client: FlaskClient) -> None:
    before = 0
    pages = all_parts(client, LONG, "q=colchicine")
    for number, page in enumerate(pages, 1):
        here = prose(page).count("<mark")
        bar = next(one for one in Page(page).all("div") if "data-matches" in one)
        assert int(bar["data-before"]) == before
        said = "none" if not here else str(here)
        assert f"5 matches for colchicine, {said} in this part" in Page(page).text
        for way, end in (("next", "first"), ("previous", "last")):
            target = urlsplit(bar[f"data-{way}"])
            assert target.fragment == f"match.{end}"
            assert "q=colchicine" in target.query
            there = client.get(bar[f"data-{way}"]).text
            assert parts_in(there)[0] != number
            assert prose(there).count("<mark")
        before += here
    assert before == 5


def test_matches_in_the_title_are_counted_once(client: FlaskClient) -> None:
    pages = all_parts(client, LONG, "q=pain")
    marks = [
        len(re.findall(r"<mark", page[page.index("<h1") : page.index("</h1>")])) for page in pages
    ]
    assert marks == [1, 0, 0]
    assert "1 match for pain, 1 in this part" in Page(pages[0]).text
    assert "1 match for pain, none in this part" in Page(pages[2]).text


def test_numbered_items_go_on_in_the_next_part(client: FlaskClient) -> None:
    page = prose(client.get("/articles/list?part=2").text)
    first = re.search(r'<li value="(\d+)"[^>]*>(?:<[^>]*>)*Item number (\d+)\.', page)
    assert first
    assert first[1] == first[2]
    assert int(first[1]) > 150


def test_a_part_says_what_goes_on_in_it(client: FlaskClient) -> None:
    told = Page(client.get(f"/articles/{LONG}?part=2").text).text
    assert "Continues in Section 17" in told
    assert "Part 2 of 3 of the article" in told  # on paper, where the pager is not
    assert (
        "Continues, in a table of Drug | Dose"
        in Page(client.get("/articles/table?part=2").text).text
    )
    assert "Continues" not in Page(client.get("/articles/heads?part=2").text).text
    assert "Continues" not in Page(client.get(f"/articles/{LONG}").text).text


def test_the_outline_is_in_the_same_parts(client: FlaskClient, library: Index) -> None:
    rows = 0
    for number in (1, 2, 3):
        page = client.get(f"/outline/{LONG}?part={number}").text
        assert parts_in(page) == (number, 3)
        rows += page.count('<td class="depth-')
        assert page.count('<td class="depth-') <= PART_BLOCKS
    assert rows == len(library.article(LONG).blocks)
    passage = passage_with(library, "Paragraph 432 ")
    assert f"¶ {passage.anchor}<" in client.get(f"/outline/{LONG}?passage={passage.id}").text
    assert client.get(f"/outline/{LONG}?passage=0123").status_code == 404
    assert f'/outline/{LONG}?part=3"' in client.get(f"/articles/{LONG}?part=3").text


@pytest.mark.parametrize("address", ["/links?page=6", "/api/v1/links?limit=50&offset=150"])
def test_a_list_of_links_reads_an_article_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    read: list[str] = []
    load = Store.load

    def counted(store: Store, article_id: str) -> Stored:
        read.append(article_id)
        return load(store, article_id)

    monkeypatch.setattr(Store, "load", counted)
    with serving(folder) as client:
        assert client.get(address).status_code == 200
    assert 1 <= len(read) <= 4
