"""Bullets and whole texts that were typed into pages, Word's lists, notices and menus."""

from __future__ import annotations

import pytest

from indexer.text.tokenizer import tokenize
from tests.helpers.articles import read
from tests.parsing.test_html import PROSE, page, shown

LAW = """<pre>
[107th Congress Public Law 99]

SECTION 1. SHORT TITLE.

    This Act may be cited as the Plain Examples Act. It applies to all
examples that are given after the day of its making, and to no others.

SEC. 2. DUTIES OF WRITERS.

    (a) A writer shall make each example short, and shall not repeat it.
</pre>"""
CODE = """<pre>
static int dose(int weight) {
    int mg = weight * 5;
    if (mg > 200) {
        mg = 200;
    }
    return mg;
}
</pre>"""
POLICY = (
    "<p>Acme<br>1. Introduction<br>Acme Pty Ltd runs this site. We keep what you give us.<br>"
    "2. What we collect<br>We collect your name and your address when you write to us.<br>"
    "3. How long<br>We keep it for two years after your last letter.</p>"
)
POEM = (
    "<p>Roses are red<br>Violets are blue<br>Sugar is sweet<br>And so are you<br>so<br>it<br>is</p>"
)


def test_a_page_that_is_one_pre_is_read_as_text() -> None:
    blocks = shown(LAW)
    assert ("heading", 1, "SEC. 2. DUTIES OF WRITERS.") in blocks
    assert {kind for kind, _, _ in blocks} <= {"title", "heading", "paragraph", "list_item"}
    assert [kind for kind, _, _ in shown(f"<h1>Dose</h1>{CODE}")] == ["title", "code"]
    assert [kind for kind, _, _ in shown(LAW.replace("<pre>", "<pre><code>"))] == ["code"]


def test_a_text_pasted_with_breaks_is_read_as_text() -> None:
    headings = [text for kind, _, text in shown(f"<h1>Privacy</h1>{POLICY}") if kind == "heading"]
    assert headings == ["1. Introduction", "2. What we collect", "3. How long"]
    assert [kind for kind, _, _ in shown(f"<h1>Poem</h1>{POEM}")] == ["title", "paragraph"]


@pytest.mark.parametrize(
    ("markup", "items"),
    [
        ("<p>• dry mouth</p>", ["• dry mouth"]),
        ("<p>- one</p><p>- two</p>", ["- one", "- two"]),
        ("<p>These:<br>– one<br>– two<br>more of two</p>", ["– one", "– two\nmore of two"]),
        ("<p>– No, she said, and went to the door.</p>", []),
        ("<p>-5 degrees</p><p>-6 degrees</p>", []),
    ],
)
def test_bullets_that_were_typed(markup: str, items: list[str]) -> None:
    blocks = shown(PROSE + markup + PROSE.replace("Nerve", "Other"))
    assert [text for kind, _, text in blocks if kind == "list_item"] == items


def word(sign: str, text: str, level: int = 1) -> str:
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level{level} lfo1'>"
        f"<span>{sign}<span>&nbsp;&nbsp;&nbsp; </span></span>{text}</p>\n"
    )


def test_lists_that_word_wrote_as_paragraphs() -> None:
    items = word("·", "asthma") + word("o", "at night", 2) + word("·", "gout") + word("3.", "sign")
    article = page(PROSE + items + "<p class=MsoListParagraph>no item</p>")
    blocks = [(b.kind, b.level, b.number, b.span.of(article.text)) for b in article.blocks[1:]]
    assert blocks == [
        ("list_item", 1, None, "asthma"),
        ("list_item", 2, None, "at night"),
        ("list_item", 1, None, "gout"),
        ("list_item", 1, 3, "sign"),
        ("paragraph", 0, None, "no item"),
    ]


def test_a_margin_tells_the_depth_of_an_item_where_word_kept_no_list() -> None:
    items = word("·", "asthma") + word("o", "at night") + word("·", "gout")
    for style in ("margin-left:36.0pt", "margin-left:2.54cm", "text-indent:-18.0pt"):
        items = items.replace("mso-list:l0 level1 lfo1", style, 1)
    article = page(PROSE + items)
    assert [b.level for b in article.blocks[1:]] == [1, 2, 1]


def test_a_heading_said_twice_is_one() -> None:
    assert shown(f"<h1>Dose</h1><h2>Dose</h2>{PROSE}")[:2][1][0] == "paragraph"
    assert [kind for kind, _, _ in shown(f"<h2>Dose</h2><h3>Dose</h3>{PROSE}")].count("heading") < 2
    twice = f"<h1>Top</h1><h2>Dose</h2>{PROSE}<h2>Dose</h2>{PROSE}"
    assert [text for kind, _, text in shown(twice) if kind == "heading"] == ["Dose", "Dose"]


@pytest.mark.parametrize(
    "notice",
    [
        "<p>Read more</p>",
        "<p><a href=/>Lire la suite →</a></p>",
        "<p><a href=/a>Lire aussi La croissance en berne</a></p>",
        "<p>Déjà abonné ? <a href=/l>Se connecter</a></p>",
        "<p>Dieser Artikel ist nur für Abonnenten</p>",
        "<p>Publié le 07 mai 2019 à 13h59 - Mis à jour le 08 mai 2019</p>",
        "<p>Last updated: 3 May 2024</p>",
        "<div class=ad-slot><b class=ad-label>Advertisement</b></div>",
        "<p>We use cookies to make this site better.</p>",
        "<p><a href=/l>Log in</a> or <a href=/r>register</a> to post comments</p>",
        "<p><a href=/>Home</a> | <a href=/d>Drugs</a></p>",
        "<div class='taxonomy-category wp-block-post-terms'><a href=/c>Drugs</a></div>",
        "<p>Nous utilisons des cookies pour mesurer l’audience.</p>",
    ],
)
def test_notices_are_boilerplate(notice: str) -> None:
    body = f"<article><h1>Pain</h1>{notice}{PROSE}{PROSE.replace('Nerve', 'Other')}</article>"
    assert [kind for kind, _, _ in shown(body)] == ["title", "boilerplate", *["paragraph"] * 2]


@pytest.mark.parametrize(
    "text",
    [
        "Read more slowly when you are tired.",
        "Read also the leaflet of the other medicine.",
        "Published in 2019, the study found no harm.",
        "Updated on Monday she felt better.",
    ],
)
def test_sentences_are_no_notices(text: str) -> None:
    assert ("paragraph", 0, text) in shown(f"<article>{PROSE}<p>{text}</p>{PROSE}</article>")


def test_a_page_about_cookies_keeps_what_it_says() -> None:
    said = "".join(f"<p>We use cookies for reason {n} of this page.</p>" for n in range(6))
    assert {kind for kind, _, _ in shown(f"<h1>Cookies</h1>{said}")} == {"title", "paragraph"}


def test_links_above_the_title_are_a_menu() -> None:
    menu = "<ul><li><a href=/>Home</a><li><a href=/a>About</a><li><a href=/b>Shop</a></ul>"
    kinds = [kind for kind, _, _ in shown(f"{menu}<h1>Pain</h1>{PROSE * 4}")]
    assert kinds[:4] == ["boilerplate"] * 3 + ["title"]
    assert [kind for kind, _, _ in shown(menu)] == ["list_item"] * 3


@pytest.mark.parametrize(
    "link",
    [
        "<a class=headerlink href=#u title='Permalink'>\uf0c1</a>",
        "<a href=#u>\uf0c1</a>",
        "<a class='hash-link' href='/use#u'>Direct link</a>",
    ],
)
def test_signs_that_link_to_a_heading_are_no_text(link: str) -> None:
    assert shown(f"<h1>Use{link}</h1>{PROSE}")[0] == ("title", 0, "Use")


@pytest.mark.parametrize(
    ("markup", "tokens"),
    [
        ("a duck<sup><a href=#c>[1]</a></sup> or", ["a", "duck", "or"]),
        ("as <sup><a href=#c>3</a></sup>farmers say", ["as", "farmers", "say"]),
        ("10<a href=#c><sup>2</sup></a> mg", ["10", "mg"]),
        ("10<a class=Sup href=#c>2</a> mg", ["10", "mg"]),
        ("10<a epub:type=noteref href=n.xhtml#c>2</a> mg", ["10", "mg"]),
        ("10<a role=doc-noteref href=#c>2</a> mg", ["10", "mg"]),
        ("5 m<sup><a href=#c>3</a></sup> wide", ["5", "m", "wide"]),
        ("duck<sup><a href=#c>[note 3]</a></sup>lings", ["duck", "lings"]),
        ("5 m<sup>3</sup> wide", ["5", "m³", "wide"]),
        ("the 4<sup><a href=/x>th</a></sup> day", ["the", "4", "th", "day"]),
    ],
)
def test_marks_of_notes_are_no_words(markup: str, tokens: list[str]) -> None:
    article = page(f"{PROSE}<p>{markup}</p>")
    assert tokenize(article.blocks[1].span.of(article.text), "en").forms == tokens


def test_a_table_in_a_cell_of_a_table_with_heads() -> None:
    inner = "<table><tr><td>INR 2<td>go on<tr><td>INR 4<td>stop</table>"
    rows = f"<tr><th>Drug<th>Do<tr><td>Warfarin<td>Check INR{inner}<tr><td>Digoxin<td>Check level"
    assert [
        text for kind, _, text in shown(f"{PROSE}<table>{rows}</table>") if kind == "table_row"
    ] == [
        "Drug\tDo",
        "Warfarin\tCheck INR\nINR 2 go on\nINR 4 stop",
        "Digoxin\tCheck level",
    ]


def test_any_number_of_chances_to_break_is_read() -> None:
    assert shown(f"<p>{'a<wbr>b ' * 5000}</p>")[0][2].startswith("ab ab ab")


def test_an_h1_that_names_the_site_is_no_title() -> None:
    body = f"<h1><a href=/>Exam Mailer</a></h1><h2>Chapter 11 - String expansions</h2>{PROSE}"
    article = page(body, "<title>11. String expansions</title>")
    assert article.title == "Chapter 11 - String expansions"
    assert read(f"<h1>Dose</h1>{PROSE}", "html").title == "Dose"


def test_a_pasted_text_of_several_pages_has_its_blocks_in_place() -> None:
    prose = "Words of this page that are as long as all\nothers of it, to the end of the line.\n\n"
    pages = [f"{prose * 6}Short\n\n{number}\n\nend of it.\n\n" for number in range(1, 5)]
    found = shown(f"<h1>Title</h1><pre>{''.join(pages)}</pre>")
    assert all(text in ("Title", "Short end of it.", " ".join(prose.split())) or text.isdigit()
               for _, _, text in found), found  # fmt: skip
