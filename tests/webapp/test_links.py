"""Links over the life of an index: passages that stay, move, are edited and vanish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from indexer import build_index, open_index
from tests.helpers.sites import Page, serving
from webapp.library import Library
from webapp.quotations import Quotation, lines_of

ELAVIL = """\
---
url: https://example.org/elavil
---

# Elavil

## Dose

Start with 10 mg at night and wait for a week before you take any more of it.

Take it with a glass of water. Take it with your evening meal if the stomach minds.

## Stopping

Do not stop at once, since that can bring on headache, nausea and restlessness.

Taper it off slowly over some weeks under the eyes of a doctor.

- Ask your doctor first about the dose
- Halve the dose for two weeks
- Stop when you feel well

## Storage

Keep the tablets in a dry place below 25 degrees, and away from children and \\<pets\\>.

| Use | First dose | Highest dose |
|---|---|---|
| Nerve pain | 50 mg | 400 mg |
| Back pain | 25 mg | 200 mg |
"""
GABAPENTIN = """\
# Gabapentin

## Use

Gabapentin calms nerves that fire without reason, in the legs above all.

It is taken three times a day with or without food, whatever suits.

Dizziness passes after the first weeks for nearly everybody who takes it.
"""
EDITS = (
    ("some weeks under", "several weeks under"),
    ("Halve the dose for two", "Halve the dose for three"),
    ("50 mg | 400 mg", "50 mg | 300 mg"),
    (
        "Keep the tablets in a dry place below 25 degrees, "
        "and away from children and \\<pets\\>.\n\n",
        "",
    ),
    ("Do not stop at once, since that can bring on headache, nausea and restlessness.\n\n", ""),
    (
        "## Dose\n",
        "Do not stop at once, since that can bring on headache, nausea and restlessness.\n\n"
        "## Dose\n",
    ),
)


@dataclass(frozen=True)
class Site:
    """A site over an index whose articles have been edited once, and the ids of before."""

    client: FlaskClient
    ids: dict[str, str]  # by the first two words of the passage

    def get(self, words: str, after: str = "", **headers: str) -> Any:
        """The answer to the permalink of a passage."""
        return self.client.get(f"/p/{self.ids[words]}{after}", headers=headers)

    def lands(self, words: str, after: str = "") -> tuple[str, str, Page]:
        """Article, fragment and page that a permalink leads to."""
        response = self.get(words, after)
        assert response.status_code == 302, response.text
        target = urlsplit(response.location)
        return target.path, target.fragment, Page(self.client.get(response.location).text)

    def json(self, address: str) -> Any:
        """An answer of the API, whatever its status."""
        return self.client.get(f"/api/v1{address}").json


def ids_of(index: Path) -> dict[str, str]:
    with open_index(index) as opened:
        return {
            " ".join(passage.text.split()[:2]): passage.id
            for ref in opened.articles()
            for passage in opened.passages(ref.id)
        }


def write(folder: Path, **articles: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in articles.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def edited(text: str) -> str:
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("links")
    corpus, index = folder / "corpus", folder / "index"
    write(corpus, elavil=ELAVIL, gaba=GABAPENTIN)
    build_index([corpus], index)
    ids = ids_of(index)
    write(corpus, elavil=edited(ELAVIL))
    (corpus / "gaba.md").rename(corpus / "gabapentin.md")
    build_index([corpus], index)
    with serving(index) as client:
        yield Site(client, ids)


def prose(site: Site, words: str) -> str:
    """The body of the article that a permalink leads to."""
    html: str = site.client.get(site.get(words).location).text
    return html[html.index('<div class="prose">') : html.index("</article>")]


def said(page: Page) -> str:
    return " ".join(page.text.split())


# --- where a link leads ------------------------------------------------------------------------


def test_an_intact_passage_is_just_there(site: Site) -> None:
    path, anchor, page = site.lands("Start with", "?q=dose&match=word")
    assert path == "/articles/elavil"
    assert anchor in page.ids()
    assert "The link leads to passage" in said(page)
    assert not page.with_class("change")
    kept = parse_qs(urlsplit(site.get("Start with", "?q=dose&match=word").location).query)
    assert (kept["q"], kept["match"]) == (["dose"], ["word"])


def test_a_redirect_is_asked_for_again_each_time(site: Site) -> None:
    response = site.get("Start with")
    assert response.headers["Cache-Control"] == "no-cache, private"
    assert "ETag" not in response.headers
    assert "Accept" in response.headers["Vary"]
    assert site.client.head(f"/p/{site.ids['Start with']}").status_code == 302


def test_an_edited_passage_shows_what_has_changed(site: Site) -> None:
    path, anchor, page = site.lands("Taper it")
    assert path == "/articles/elavil"
    (note,) = page.with_class("change")
    assert note["role"] == "note"
    words = said(page)
    assert "Edited since the link was made; almost certainly (" in words
    assert "over removed: some added: several weeks under" in words  # heard, not only seen
    assert page.all("del")
    assert page.all("ins")
    assert "edited since" in words
    assert anchor in page.ids()
    html = prose(site, "Taper it")
    assert html.index(f'id="{anchor}"') < html.index('class="change"') < html.index(">Storage")


def test_the_note_on_a_list_stands_in_it_and_on_a_table_below(site: Site) -> None:
    html = prose(site, "Ask your")
    within = html[html.index("Ask your doctor") : html.index("</ul>", html.index("Ask your"))]
    assert 'class="change"' in within
    assert within.index("Stop when you") < within.index('class="change"')
    html = prose(site, "Use First")
    assert html.index("</table>") < html.index('class="change"')


def test_a_moved_passage_says_so(site: Site) -> None:
    path, _, page = site.lands("Do not")
    assert path == "/articles/elavil"
    assert "Moved here since the link was made, from Stopping" in said(page)
    assert not page.all("del")


def test_links_survive_the_renaming_of_an_article(site: Site) -> None:
    path, anchor, page = site.lands("It is")
    assert path == "/articles/gabapentin"
    assert anchor in page.ids()
    assert "Its article has been renamed" in said(page)


def test_a_lost_passage_is_gone_and_shows_what_was_there(site: Site) -> None:
    response = site.get("Keep the", "?q=dose")
    assert response.status_code == 410
    assert response.headers["Cache-Control"] == "no-cache, private"
    words = said(Page(response.text))
    assert "in the section Storage" in words
    assert "below 25 degrees, and away from children and <pets>." in words
    assert "<pets>" not in response.text  # escaped
    assert "Nearest passages now" in words
    assert Page(response.text).all("a", href="/articles/elavil")
    assert site.client.head(f"/p/{site.ids['Keep the']}").status_code == 410


def test_only_an_id_that_never_was_is_not_found(site: Site) -> None:
    for name in ("0" * 16, "nonsense", "A" * 3000):
        assert site.client.get(f"/p/{name}").status_code == 404
        assert site.client.get(f"/p/{name}/cite").status_code == 404
        assert site.client.get(f"/api/v1/passages/{name}").status_code == 404
        assert site.client.get(f"/p/{name}/similar").status_code == 404
        assert site.client.get(f"/api/v1/passages/{name}/cite").status_code == 404
        assert site.client.get(f"/api/v1/passages/{name}/similar").status_code == 404


def test_an_article_that_does_not_have_the_passage_says_where_to_look(site: Site) -> None:
    for words in ("Keep the", "It is"):
        page = Page(site.client.get(f"/articles/elavil?passage={site.ids[words]}").text)
        assert "is no longer in this article" in said(page)
        assert page.all("a", href=f"/p/{site.ids[words]}")


def test_the_original_page_is_linked_at_the_edited_words(site: Site) -> None:
    _, _, page = site.lands("Taper it")
    (original,) = [a["href"] for a in page.all("a") if "example.org" in a["href"]]
    assert original.startswith("https://example.org/elavil#:~:text=Taper%20it%20off%20slowly")
    assert "several" in original
    _, _, page = site.lands("Start with", "?text=wait+for+a+week")
    (original,) = [a["href"] for a in page.all("a") if "example.org" in a["href"]]
    assert original == "https://example.org/elavil#:~:text=wait%20for%20a%20week"


# --- the same for programs ---------------------------------------------------------------------


def test_the_api_tells_what_became_of_a_passage(site: Site) -> None:
    found = site.json(f"/passages/{site.ids['Taper it']}")
    assert found["status"] == "edited"
    assert found["asked"] == site.ids["Taper it"] != found["id"]
    assert found["text"].startswith("Taper it off slowly over several")
    assert found["was"]["text"].startswith("Taper it off slowly over some")
    runs = [(run["change"], run["text"]) for run in found["difference"] if run["change"] != "kept"]
    assert runs == [("removed", "some"), ("added", "several")]
    assert 0.9 < found["confidence"] < 1
    intact = site.json(f"/passages/{site.ids['Start with']}")
    assert (intact["status"], intact["confidence"], intact["difference"]) == ("intact", 1.0, [])
    moved = site.json(f"/passages/{site.ids['Do not']}")
    assert (moved["status"], moved["section"], moved["was"]["section"]) == (
        "moved", [], ["Stopping"],
    )  # fmt: skip


def schema(site: Site, name: str) -> Draft202012Validator:
    described = site.client.get("/openapi.json").json
    assert described is not None
    return Draft202012Validator({**described, "$ref": f"#/components/schemas/{name}"})


def test_passages_like_one_are_shown_with_the_words_that_both_say(site: Site) -> None:
    asked = site.ids["Taper it"]
    answer = site.client.get(f"/api/v1/passages/{asked}/similar?limit=3").json
    assert answer is not None
    schema(site, "SimilarsShape").validate(answer)
    page = Page(site.client.get(f"/p/{asked}/similar").text)
    for one in answer["similar"]:
        assert page.all("a", href=one["hit"]["link"])
        assert ", ".join(one["words"]) in said(page)
    assert answer["similar"] or "No other passage shares two" in said(page)
    home = Page(site.client.get(f"/p/{asked}", follow_redirects=True).text)
    assert home.all("a", href=f"/p/{answer['id']}/similar")


@pytest.mark.parametrize("address", ["/api/v1/passages/{}", "/api/v1/passages/{}/cite", "/p/{}"])
def test_programs_are_told_what_a_lost_passage_said(site: Site, address: str) -> None:
    address = address.format(site.ids["Keep the"])
    response = site.client.get(address, headers={"Accept": "application/json"})
    assert response.status_code == 410
    assert response.mimetype == "application/problem+json"
    body = response.json
    assert body is not None
    schema(site, "GoneShape").validate(body)
    assert body["status"] == 410
    assert body["was"]["text"].startswith("Keep the tablets")
    assert body["was"]["section"] == ["Storage"]
    assert body["nearest"]
    described = site.client.get("/openapi.json").json
    assert described is not None
    assert "410" in described["paths"]["/passages/{id}"]["get"]["responses"]


def test_who_asks_a_permalink_for_json_gets_it(site: Site) -> None:
    response = site.get("Taper it", Accept="application/json")
    assert response.status_code == 302
    assert response.location == f"/api/v1/passages/{site.ids['Taper it']}"
    assert site.get("Taper it", Accept="text/html, */*;q=0.1").location.startswith("/articles/")


# --- words in a passage ------------------------------------------------------------------------


def made(site: Site, words: str, **asked: str) -> Any:
    """The quote of some words that begin in a passage."""
    address = f"/api/v1/passages/{site.ids[words]}/cite"
    response = site.client.get(address, query_string=asked)
    assert response.status_code == 200, response.text
    return response.json


def marked(site: Site, link: str) -> Page:
    """The page that a link to words leads to, as a browser without scripts gets it."""
    response = site.client.get(link)
    assert response.status_code == 302
    assert urlsplit(response.location).fragment == "selection.1"
    return Page(site.client.get(response.location).text)


def selected(page: Page) -> str:
    return " ".join("".join(page.marks).split())


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Start with", {"text": "wait for a week"}),
        ("Take it", {"text": "water. Take"}),
        ("Start with", {"text": "any more of it.\n\nTake it with a glass"}),  # two passages
        ("Ask your", {"text": "the dose\nHalve the"}),  # two items
        ("Use First", {"text": "Back pain\t25 mg"}),  # two cells
        ("Do not", {"text": "stop at once"}),
        ("Start with", {"text": "Dose"}),  # a heading above
        ("Taper it", {"text": "Stopping\nTaper it off"}),  # a heading and what is below
    ],
)
def test_a_link_to_words_marks_exactly_these(site: Site, words: str, asked: dict[str, str]) -> None:
    quote = made(site, words, **asked)
    assert quote["link"].startswith("http://localhost/p/")
    page = marked(site, quote["link"])
    assert selected(page).replace(" ", "") == "".join(asked["text"].split())
    assert page.ids().count("selection.1") == 1
    assert page.all("meta", name="robots", content="noindex")
    (canonical,) = page.all("link", rel="canonical")
    assert canonical["href"] == "http://localhost/articles/elavil"


def test_repeated_words_are_told_apart_by_the_least_context(site: Site) -> None:
    first = made(site, "Take it", text="Take it with")["link"]
    second = made(site, "Take it", text="Take it with", prefix="glass of water. ")["link"]
    assert first != second
    for link, follows in ((first, " a glass"), (second, " your evening")):
        target = site.client.get(site.client.get(link).location).text
        after = target[target.index("Take it with</mark>") :]
        assert after.startswith(f"Take it with</mark>{follows}")
    asked = parse_qs(urlsplit(second).query)
    assert len("".join(asked.get("prefix", []) + asked.get("suffix", []))) < 20


def test_a_long_selection_is_told_by_its_ends(site: Site) -> None:
    text = site.json("/articles/elavil")["text"]
    words = text[text.index("Start with") : text.index("of a doctor.") + 12]
    quote = made(site, "Start with", text=words[:200], end=words[-200:])
    assert len(quote["link"]) < 400
    assert selected(marked(site, quote["link"])).replace(" ", "") == "".join(words.split())


def test_marks_of_a_query_stand_within_the_selected_words(site: Site) -> None:
    link = made(site, "Start with", text="wait for a week before")["link"]
    html = site.client.get(site.client.get(link + "&q=week").location).text
    assert "wait for a <mark>week</mark> before</mark>" in html
    assert "1</span>" not in html
    assert "1 match" in html


def test_words_that_were_edited_are_said_to_be(site: Site) -> None:
    response = site.get("Taper it", "?text=slowly+over+some+weeks")
    assert urlsplit(response.location).fragment != "selection.1"
    page = Page(site.client.get(response.location).text)
    assert not page.marks  # nothing is marked that was not asked for
    assert "The words that it was made for have changed since." in said(page)
    assert "The words of the link have changed; they were slowly over some weeks" in said(page)


def test_words_that_stayed_are_marked_in_a_passage_that_did_not(site: Site) -> None:
    page = marked(site, f"/p/{site.ids['Taper it']}?text=slowly+over")
    assert selected(page) == "slowly over"
    assert "The text around them has changed since." in said(page)


@pytest.mark.parametrize("text", ["0 mg at", "mg at nigh", "tart with"])
def test_a_link_never_leads_into_other_words(site: Site, text: str) -> None:
    response = site.client.get(f"/p/{site.ids['Start with']}", query_string={"text": text})
    assert "selection.1" not in response.location
    assert not Page(site.client.get(response.location).text).marks
    link = made(site, "Start with", text=text)["link"]  # of a reader who selected just that
    assert selected(marked(site, link)) == text


def test_words_that_are_gone_are_said_to_be(site: Site) -> None:
    path, anchor, page = site.lands("Taper it", "?text=on+the+third+Tuesday+of+<May>")
    assert path == "/articles/elavil"
    assert anchor != "selection.1"
    assert "are gone from here; they were on the third Tuesday of <May>" in said(page)
    assert not page.marks


def test_words_of_a_lost_passage_are_shown_with_it(site: Site) -> None:
    response = site.get("Keep the", "?text=a+dry+place")
    assert response.status_code == 410
    assert "made for these words: a dry place" in said(Page(response.text))


def test_words_never_lead_to_their_like_elsewhere(site: Site) -> None:
    for words, text in (("Taper it", "Take"), ("Start with", "doctor"), ("Keep the", "the dose")):
        response = site.get(words, f"?text={text}")
        assert "selection.1" not in (response.location or "")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("text=" + "x" * 1001, "text"),
        ("text=a&end=" + "x" * 501, "end"),
        ("text=a&prefix=" + "x" * 201, "prefix"),
        ("text=a&text=b", "text"),
    ],
)
def test_absurd_words_are_refused_in_one_line(site: Site, query: str, parameter: str) -> None:
    for address in (f"/p/{site.ids['Start with']}", f"/p/{site.ids['Start with']}/cite"):
        response = site.client.get(f"{address}?{query}")
        assert response.status_code == 400
        assert f"<code>{parameter}</code>" in response.text
    api = site.client.get(f"/api/v1/passages/{site.ids['Start with']}/cite?{query}")
    assert api.status_code == 400
    assert api.json is not None
    assert api.json["parameter"] == parameter


@pytest.mark.parametrize(
    "text", ["(((((", "\\", "\0", "[a-z]*", "<script>", "\N{GRINNING FACE}" * 20, "a+" * 400]
)
def test_hostile_words_are_only_words(site: Site, text: str) -> None:
    response = site.client.get(f"/p/{site.ids['Start with']}", query_string={"text": text})
    assert response.status_code == 302
    shown = site.client.get(response.location)
    assert shown.status_code == 200
    assert "<script>" not in shown.text


def test_words_that_are_not_there_can_not_be_cited(site: Site) -> None:
    response = site.client.get(f"/p/{site.ids['Start with']}/cite?text=nothing+of+the+sort")
    assert response.status_code == 404
    assert "not in the article" in response.text


# --- quotes ------------------------------------------------------------------------------------


def test_a_quote_has_source_section_and_link_in_each_format(site: Site) -> None:
    quote = made(site, "Start with", text="wait for a week")
    source, link = "Elavil, Dose", quote["link"]
    assert quote["text"] == f"“wait for a week”\n{source}. {link}"
    assert quote["markdown"] == f"> wait for a week\n>\n> — [{source}]({link})"
    html = Page(quote["html"])
    assert html.all("blockquote", cite=link, lang="en")
    assert html.all("a", href=link)
    assert "wait for a week" in html.text


def test_the_page_that_cites_shows_all_formats_without_scripts(site: Site) -> None:
    link = f"/p/{site.ids['Ask your']}/cite"
    page = Page(site.client.get(link).text)
    assert len(page.all("textarea")) == 8
    assert page.all("meta", name="robots", content="noindex")
    quote = site.json(f"/passages/{site.ids['Ask your']}/cite")
    for name in ("link", "text", "markdown", "html", "reference", "bibtex", "csl"):
        assert quote[name].strip() in page.text
    assert quote["ris"].replace("\r\n", "\n").strip() in page.text.replace("\r\n", "\n")
    assert "Elavil" in quote["bibtex"]
    assert quote["text"].startswith("“Ask your doctor first about the dose\nHalve the dose")
    assert quote["markdown"].startswith("> Ask your doctor first about the dose\\\n> Halve")


def test_what_is_quoted_is_escaped_as_each_format_needs(tmp_path: Path) -> None:
    write(
        tmp_path / "c", odd="# A * and _b_\n\n## [x](y)\n\nUse \\<b\\> &amp; `c` \\*d\\* for 1.\n"
    )
    build_index([tmp_path / "c"], tmp_path / "i")
    (name,) = ids_of(tmp_path / "i").values()
    with serving(tmp_path / "i") as client:
        quote = client.get(f"/api/v1/passages/{name}/cite").json
        assert quote is not None
        text = client.get(f"/api/v1/passages/{name}").json["text"]  # type: ignore[index]
    assert Page(quote["html"]).text.startswith(text)
    assert "<b>" not in quote["html"]
    assert text in Page(MarkdownIt().render(quote["markdown"])).text


def test_a_bracket_among_the_words_does_not_end_their_link(tmp_path: Path) -> None:
    write(tmp_path / "c", odd="# A\n\nTake one (two at most) at night.\n")
    build_index([tmp_path / "c"], tmp_path / "i")
    (name,) = ids_of(tmp_path / "i").values()
    with serving(tmp_path / "i") as client:
        quoted = client.get(f"/api/v1/passages/{name}/cite?text=one+(two").json
        assert quoted is not None
        assert "selection.1" in client.get(quoted["link"]).location
    rendered = Page(MarkdownIt().render(quoted["markdown"]))
    assert rendered.all("a", href=quoted["link"])
    assert quoted["text"].endswith(quoted["link"])
    assert not {*"()"} & {*quoted["link"]}


@given(st.text("lt5-=+.)#&;~*_|[]<>`\\ \n").map(lines_of).filter(bool))
@example(("Do not stop", "-"))
@example(("5 &lt; 6", "=="))
@example(("5|", ":-"))
def test_words_quoted_in_markdown_are_shown_as_they_are(lines: tuple[str, ...]) -> None:
    quoted = Quotation(lines, "Elavil", "/p/1", "1", "en", {}).markdown
    html = MarkdownIt("gfm-like", {"linkify": False}).render(quoted)
    body = html.removeprefix("<blockquote>\n<p>").partition("</p>")[0].split("<br />\n")
    assert tuple(map(unescape, body)) == lines
    assert "<" not in "".join(body)


# --- all links ---------------------------------------------------------------------------------


def test_all_links_are_listed_lost_ones_first(site: Site) -> None:
    every = site.json("/links")
    statuses = [link["status"] for link in every["links"]]
    order = ("lost", "edited", "moved", "intact")
    assert statuses == sorted(statuses, key=order.index)
    counts = every["counts"]
    assert every["total"] == sum(counts.values()) == len(statuses)
    assert counts["lost"] == 1
    assert counts["moved"] == 4  # one within its article, three with it
    assert counts["edited"] == 3
    with open_index(site.client.application.config["INDEX"]) as index:
        told = {link.id: link.status for link in index.links()}
    assert {link["id"]: link["status"] for link in every["links"]} == told
    (lost,) = site.json("/links?status=lost")["links"]
    assert lost["now"] is None
    assert lost["was"]["text"].startswith("Keep the")


def test_the_list_of_links_is_paged_and_counted_honestly(site: Site) -> None:
    total = site.json("/links")["total"]
    seen = []
    for offset in range(0, total + 3, 3):
        part = site.json(f"/links?limit=3&offset={offset}")
        assert part["total"] == total
        assert part["page"]["more"] == (offset + 3 < total)
        seen += [link["id"] for link in part["links"]]
    assert len(seen) == len(set(seen)) == total


def test_the_page_of_links_shows_differences_and_filters(site: Site) -> None:
    page = Page(site.client.get("/links").text)
    words = said(page)
    assert "over removed: some added: several weeks" in words
    assert "Keep the tablets" in words
    (chosen,) = page.all("a", **{"aria-current": "true"})
    assert chosen["href"] == "/links"
    lost = said(Page(site.client.get("/links?status=lost").text))
    assert "1 link: the text is in no article any more" in lost
    assert "Taper it" not in lost
    assert site.client.get("/links?status=odd").status_code == 400
    assert site.client.get("/links?page=99").status_code == 400
    assert page.all("meta", name="robots", content="noindex")


def test_an_index_without_lost_links_says_so(tmp_path: Path) -> None:
    write(tmp_path / "c", elavil=ELAVIL)
    build_index([tmp_path / "c"], tmp_path / "i")
    with serving(tmp_path / "i") as client:
        assert "No link is lost." in client.get("/links?status=lost").text
    (tmp_path / "c" / "elavil.md").unlink()
    write(tmp_path / "c", other="# Other\n\nNothing of the kind was ever said before in here.\n")
    build_index([tmp_path / "c"], tmp_path / "i")
    with serving(tmp_path / "i") as client:
        counts = client.get("/api/v1/links").json["counts"]  # type: ignore[index]
        assert (counts["lost"], counts["intact"]) == (7, 1)


def test_the_list_of_links_follows_a_newer_index(tmp_path: Path) -> None:
    write(tmp_path / "c", elavil=ELAVIL)
    build_index([tmp_path / "c"], tmp_path / "i")
    with serving(tmp_path / "i", CHECK_EVERY=0.0) as client:
        library: Library = client.application.extensions["library"]
        first = client.get("/links")
        assert "Lost 0" in said(Page(first.text))
        write(tmp_path / "c", elavil=edited(ELAVIL))
        build_index([tmp_path / "c"], tmp_path / "i")
        again = client.get("/links", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200
        assert "Lost 1" in said(Page(again.text))
        assert library is client.application.extensions["library"]
