"""The search page: results, states, links that keep the question."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from indexer import Index, open_index
from indexer.model import Suggestion
from tests.helpers.sites import Page, page
from webapp import create_app
from webapp.hints import growing, words_of
from webapp.library import natural
from webapp.params import part_of


def test_a_word_leads_to_its_passage_in_its_article(elavil: FlaskClient) -> None:
    found = page(elavil, "/?q=tapering")
    assert found.marks == ["tapering"]
    assert "1 passage" in found.text
    assert "Possible Side Effects and Considerations of Using Elavil" in found.text
    (opening,) = found.all("a", **{"class": "open"})
    permalink = elavil.get(opening["href"])
    assert permalink.status_code == 302
    target = urlsplit(permalink.location)
    assert target.path == "/articles/elavil-for-chronic-pain"
    assert parse_qs(target.query)["q"] == ["tapering"]
    article = page(elavil, f"{target.path}?{target.query}")
    assert article.marks == ["tapering"]
    assert target.fragment in article.ids()


@pytest.mark.parametrize("word", ["x" * 1900, "kind:" + "x" * 1900, "-".join("a" * 900)])
def test_words_like_a_very_long_one_are_looked_for_a_few_times(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    asked: list[str] = []
    suggest = Index.suggest

    def counted(index: Index, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        asked.append(prefix)
        return suggest(index, prefix, limit=limit)

    monkeypatch.setattr(Index, "suggest", counted)
    began = time.process_time()
    assert client.get("/", query_string={"q": word}).status_code == 200
    assert len(asked) < 100
    assert time.process_time() - began < 5


def test_the_empty_page_says_what_can_be_asked(client: FlaskClient) -> None:
    found = page(client, "/")
    assert "autofocus" in found.all("input", name="q")[0]
    examples = [a["href"] for a in found.all("a") if a["href"].startswith("/?q=")]
    assert len(examples) == 3
    for example in examples:
        assert page(client, example).marks, example
    assert "Tramadol at a Glance" in found.text


def test_a_question_of_white_space_is_no_question(client: FlaskClient) -> None:
    assert "Find passages, not pages" in page(client, "/?q=%20%20").text


def test_totals_are_honest_over_pages(client: FlaskClient) -> None:
    first = page(client, "/?q=waiting+clinic")
    assert "1–10 of 32 passages" in first.text
    last = page(client, "/?q=waiting+clinic&page=4")
    assert "31–32 of 32 passages" in last.text
    assert not last.all("a", rel="next")
    seen = []
    for number in range(1, 5):
        found = page(client, f"/?q=waiting+clinic&page={number}")
        seen += [div["data-cite"] for div in found.with_class("hit")]
    assert len(set(seen)) == 32


def test_a_page_beyond_the_last_says_where_results_end(client: FlaskClient) -> None:
    found = page(client, "/?q=waiting+clinic&page=99", 404)
    assert "32 passages end on page 4" in " ".join(found.text.split())


def test_hits_of_one_section_stand_together(client: FlaskClient) -> None:
    found = page(client, "/?q=waiting+clinic&sort=position")
    headings = found.all("a", **{"class": "open"})
    assert len(headings) == 3  # ten hits, four a section


def test_filters_stay_in_links_and_form(client: FlaskClient) -> None:
    found = page(client, "/?q=waiting&article=waiting&match=word&sort=position")
    assert found.all("input", type="hidden", name="article", value="waiting")
    assert "checked" in found.all("input", name="match", value="word")[0]
    (following,) = found.all("a", rel="next")
    asked = parse_qs(urlsplit(following["href"]).query)
    wanted = {"q": "waiting", "article": "waiting", "match": "word", "sort": "position"}
    assert asked == {name: [value] for name, value in {**wanted, "page": "2"}.items()}


def test_facets_count_what_they_lead_to(client: FlaskClient) -> None:
    found = page(client, "/?q=dose")
    lists = [a for a in found.all("a") if "kind=list_item" in a["href"]]
    assert lists
    narrowed = page(client, lists[0]["href"])
    assert "1 passage" in narrowed.text
    assert "Halve the dose" in narrowed.text


def test_a_table_row_shows_its_heads(client: FlaskClient) -> None:
    found = page(client, "/?q=nerve+kind:table_row")
    assert [cell["scope"] for cell in found.all("th")] == ["col"] * 3
    assert "Highest dose" in found.text


def test_a_list_shows_its_lead_in(client: FlaskClient) -> None:
    found = page(client, "/?q=doctor")
    assert found.with_class("context")
    assert "Before you stop:" in found.text


def test_relaxed_results_say_so_and_stay_marked_in_the_article(client: FlaskClient) -> None:
    found = page(client, "/?q=sprocket+grommet")
    assert "No passage has all of" in found.text
    assert "with any of the words" in found.text
    assert set(found.marks) == {"sprocket", "grommet"}
    opening = found.all("a", **{"class": "open"})[0]["href"]
    article = client.get(opening).location
    assert page(client, article).marks


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, (1,)),
        (1, 9, (1, 2, 3, 0, 9)),
        (4, 9, (1, 2, 3, 4, 5, 6, 0, 9)),
        (5, 9, (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (6, 20, (1, 0, 4, 5, 6, 7, 8, 0, 20)),
        (20, 20, (1, 0, 18, 19, 20)),
    ],
)
def test_pages_are_numbered(number: int, last: int, shown: tuple[int, ...]) -> None:
    assert part_of(last * 10, 10, number).numbers == shown


def test_each_numbered_page_is_a_link(client: FlaskClient) -> None:
    found = page(client, "/?q=waiting&page=2")
    numbers = {
        a["aria-label"]: a["href"] for a in found.all("a") if "Page " in str(a.get("aria-label"))
    }
    assert "Page 1" in numbers
    assert "Page 2" not in numbers
    for address in numbers.values():
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=dose", "/?q=zzzz", "/articles/glance", "/articles", "/audit", "/help", "/nowhere"],
)
def test_every_page_leads_to_audit_articles_and_help(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    head = Page(html[html.index("<header class=") : html.index("</header>")])
    assert {"/audit", "/articles/", "/help"} <= {a["href"] for a in head.all("a")}


def test_results_lead_to_the_concordance_and_the_audit_of_their_query(client: FlaskClient) -> None:
    found = page(client, '/?q="50+mg"&match=word&article=glance')
    asked = "q=%2250+mg%22&match=word&article=glance"
    for address in (f"/audit/concordance?{asked}", f"/audit?{asked}"):
        assert found.all("a", href=address)
        assert "50 mg" in page(client, address).text
    assert not page(client, "/?q=zzzz").all("a", href="/audit?q=zzzz")


@pytest.mark.parametrize("typed", ["zzzz", "sprockzzz", "...", "title:nothing", '"not there"'])
def test_an_empty_page_helps(client: FlaskClient, typed: str) -> None:
    found = page(client, f"/?q={typed}")
    assert "No passage found" in found.text
    assert found.all("a", href="/help")
    if typed == "sprockzzz":
        assert found.all("a", href="/?q=sprocket")


@pytest.mark.parametrize(
    "typed", ["anti", "anti-", "anti-i", "anti-inf", "anti-inflammatory", "drugs anti-i"]
)
def test_a_hyphenated_word_is_found_while_it_is_typed(client: FlaskClient, typed: str) -> None:
    assert page(client, f"/?q={typed}&live=1&fragment=1").marks


@pytest.mark.parametrize("typed", ["sprockte", "sproket"])
def test_nothing_found_offers_a_spelling_that_finds(client: FlaskClient, typed: str) -> None:
    found = page(client, f"/?q={typed}")
    assert "No passage found" in found.text
    (better,) = [a for a in found.all("a") if a["href"] == "/?q=sprocket"]
    assert page(client, better["href"]).marks


def test_results_with_any_of_the_words_offer_a_spelling_too(client: FlaskClient) -> None:
    found = page(client, "/?q=sproket+waiting+clinic")
    assert "with any of the words" in found.text
    assert "Did you mean sprocket waiting clinic" in " ".join(found.text.split())
    assert found.all("a", href="/?q=sprocket+waiting+clinic")


def test_nothing_found_names_the_word_that_finds_nothing(client: FlaskClient) -> None:
    found = page(client, '/?q="sprocket+qqqq"')
    text = " ".join(found.text.split())
    assert "qqqq not in any passage" in text
    assert "sprocket 8 passages" in text


def test_words_that_are_told_to_begin_alike_do(elavil: FlaskClient) -> None:
    text = " ".join(page(elavil, "/?q=tapxxx").text.split())
    assert "Words with the same beginning tapering" in text
    assert "same beginning" not in page(elavil, "/?q=harqqq").text  # though *shared* holds *har*


def test_nothing_found_under_a_filter_offers_the_search_without_it(client: FlaskClient) -> None:
    found = page(client, "/?q=sprocket&article=waiting")
    assert [a for a in found.all("a") if a["href"] == "/?q=sprocket"]


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("/?q=x&match=loose", "match"),
        ("/?q=x&sort=age", "sort"),
        ("/?q=x&page=0", "page"),
        ("/?q=x&page=-1", "page"),
        ("/?q=x&page=two", "page"),
        ("/?q=x&page=" + "9" * 400, "page"),
        ("/?q=x&kind=novel", "kind"),
        ("/?q=x&q=y", "q"),
        ("/?q=" + "x" * 2001, "q"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    client: FlaskClient, address: str, part: str
) -> None:
    found = page(client, address, 400)
    assert f"In the address, {part}: " in found.text


def test_a_heading_without_words_is_refused(client: FlaskClient) -> None:
    assert client.get("/?q=sprocket&heading=%E2%80%A6").status_code == 400


@pytest.mark.parametrize(
    "typed",
    ['22" BX', "url: x", "foo -", '"foo', "+", "--", "~", "1/2", "\x00\x07", "(((", "a" * 1999,
     "💊 ＡＢＣ \u202e \ud7ff", "__proto__", "' OR 1=1 --", "*", "?*", "%00"],
)  # fmt: skip
def test_no_question_is_an_error(client: FlaskClient, typed: str) -> None:
    for address in ("/", "/api/v1/search", "/api/v1/suggest", "/opensearch/suggest"):
        response = client.get(address, query_string={"q": typed[:200]})
        assert response.status_code == 200, address


def test_broken_encodings_are_no_error(client: FlaskClient) -> None:
    assert client.get("/?q=%ff%fe%00").status_code == 200


def test_no_page_holds_a_nul(client: FlaskClient) -> None:
    for address in ("/?q=%00", "/?q=a%00b", "/audit?q=a%00b", "/audit/concordance?q=%00a"):
        assert "\0" not in client.get(address).text


def test_all_from_articles_and_readers_is_escaped(client: FlaskClient) -> None:
    hostile = "<script>alert(9)</script>"
    for address in (
        "/?q=grommet",
        "/",
        "/articles",
        f"/?q={hostile}",
        f"/?q=x&match={hostile}",
        f"/articles/{hostile}",
        f"/p/{hostile}",
        f"/?q=grommet&section={hostile}",
    ):
        html = client.get(address).text
        assert "<script>alert" not in html, address
        assert "<img src=x" not in html
        assert "49" not in Page(html).text
        assert "javascript:" not in html


def test_the_fragment_is_the_results_alone(client: FlaskClient) -> None:
    whole, part = client.get("/?q=sprocket").text, client.get("/?q=sprocket&fragment=1").text
    assert '<header class="top"' not in part
    assert part.startswith("<title>sprocket: 8 passages")
    body = part[part.index("</title>") + len("</title>") :].strip()
    assert body in whole


def test_a_growing_word_finds_what_begins_so(client: FlaskClient) -> None:
    assert "No passage found" in client.get("/?q=sproc&fragment=1").text
    live = Page(client.get("/?q=sproc&fragment=1&live=1").text)
    assert "8 passages" in live.text
    assert set(live.marks) == {"sprocket"}


@pytest.mark.parametrize(
    ("typed", "grown"),
    [
        ("tap", "tap*"),
        ("dose tap", "dose tap*"),
        ("(tap", "(tap*"),
        ("t", ""),
        ("tap ", ""),
        ("tap*", ""),
        ('"tap', ""),
        ('"a b" tap', '"a b" tap*'),
        ("25", ""),
        ("a OR", ""),
        ("kind:list", ""),
        ("", ""),
    ],
)
def test_only_a_last_bare_word_grows(typed: str, grown: str) -> None:
    assert growing(typed) == grown


def test_words_of_a_question_leave_out_its_language() -> None:
    assert words_of('pain NOT "nerve pain" section:dose anti-inflammatory x*') == (
        "pain",
        "nerve",
        "dose",
        "anti-inflammatory",
        "x",
    )
    assert words_of('article:nope kind:list_item dose NEAR/5 milk "dry mouth"~3 thrsh~1') == (
        "dose",
        "milk",
        "dry",
        "mouth",
        "thrsh",
    )


def test_titles_sort_as_people_count() -> None:
    titles = ["Part 10", "part 2", "Part 1", "Apart", "10 mg", "9 mg", ""]
    assert sorted(titles, key=natural) == [
        "", "9 mg", "10 mg", "Apart", "Part 1", "part 2", "Part 10",
    ]  # fmt: skip


def test_result_pages_stay_out_of_search_engines(client: FlaskClient) -> None:
    assert page(client, "/?q=sprocket").all("meta", name="robots", content="noindex")
    assert not page(client, "/").all("meta", name="robots")
    assert page(client, "/").all("link", rel="canonical", href="http://localhost/")


def test_each_result_has_a_status_that_is_read_out(client: FlaskClient) -> None:
    assert page(client, "/?q=sprocket").all("p", role="status")
    assert page(client, "/?q=qqqq").all("p", role="status")


def test_the_strip_has_a_link_for_each_tick(client: FlaskClient) -> None:
    found = page(client, "/?q=waiting+clinic")
    ticks = found.all("a", tabindex="-1")
    assert len(ticks) >= 32
    assert all(client.get(a["href"]).status_code == 302 for a in ticks[:5])


def test_search_without_an_index_says_how_to_make_one(tmp_path: Path) -> None:
    client = create_app({"INDEX": tmp_path / "none"}).test_client()
    for address in ("/", "/?q=x", "/articles", "/articles/x", "/p/0123456789abcdef", "/help"):
        response = client.get(address)
        assert response.status_code == 503, address
        assert "pilcrow index" in response.text
        assert str(tmp_path) not in response.text  # where it lies is nobody's business


def test_totals_agree_with_the_library(client: FlaskClient) -> None:
    with open_index(client.application.config["INDEX"]) as index:
        total = index.search("waiting").total
    assert f"of {total} passages" in page(client, "/?q=waiting").text


def test_a_page_with_any_of_the_words_names_those_that_occur_nowhere(client: FlaskClient) -> None:
    assert "No passage has zebraxx" in page(client, "/?q=sprocket+zebraxx").text
