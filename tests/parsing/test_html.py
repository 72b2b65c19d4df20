"""Web pages: what is a heading, list, table, and what is not the article."""

from __future__ import annotations

import pytest

from indexer.errors import SourceError
from indexer.model import Article
from tests.helpers.articles import read, texts

PROSE = "<p>Nerve pain is felt as burning or stabbing, and often worse at night.</p>"


def page(body: str, head: str = "") -> Article:
    return read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", "html")


def shown(body: str) -> list[tuple[str, int, str]]:
    """Kind, level and text of each block."""
    article = page(body)
    return [(b.kind, b.level, b.span.of(article.text)) for b in article.blocks]


# --- headings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='mw-heading'><h2>Dose</h2><span>[<a href='/e'>edit</a>]</span></div>",
        "<h2>Dose <span class='mw-editsection'>[<a href='/e'>edit</a>]</span></h2>",
        "<h2>Dose<span>[ <a href='/e'>edit</a> ]</span></h2>",
        "<h2>Dose<a class='headerlink' href='#dose'>¶</a></h2>",
        "<h2><a href='#dose'>#</a> Dose</h2>",
        "<a href='/dose'><h2>Dose</h2></a>",
        "<details><summary><h2>Dose</h2></summary></details>",
        "<h2><button>Dose</button></h2>",
        "<ul><li><h2>Dose</h2></li></ul>",
        "<section><div><div><h2><div>Dose</div></h2></div></div></section>",
        "<div role=heading aria-level=2>Dose</div>",
        "<h2>\n  Dose\n</h2>",
        "<h2>Do<wbr>se</h2>",
        "<h2 id=d><a class=header-anchor href='#d'><span>Dose</span></a></h2>",
        "<h2 id=d><a class=heading-link href='#d'>Dose<i aria-hidden=true>#</i></a></h2>",
        "<section><header><h2>Dose</h2></header></section>",
        "<figure><h2>Dose</h2></figure>",
        "<table><tr><td><h2>Dose</h2></td></tr></table>",
    ],
)
def test_heading_is_found_wherever_it_is_wrapped(markup: str) -> None:
    assert shown(f"{markup}{PROSE}")[:1] == [("heading", 2, "Dose")]
    assert len(shown(f"{markup}{PROSE}")) == 2


def test_several_h1_are_sections_and_none_is_the_title() -> None:
    article = page(f"<h1>A</h1>{PROSE}<h1>B</h1>{PROSE}", "<title>Both</title>")
    assert article.title == "Both"
    assert [b.kind for b in article.blocks] == ["heading", "paragraph"] * 2
    assert article.blocks[3].section == ("B",)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (f"<h1>Shown</h1>{PROSE}", "Shown"),
        (f"<header><h1>Shown</h1></header><main>{PROSE}</main>", "Shown"),
        (f"<header><h1>Site</h1></header><main><h2>Declared</h2>{PROSE}</main>", "Declared"),
        (f"<h2>Sub</h2>{PROSE}", "Declared"),
        (f"<h1>The Daily Site</h1><h2>Declared</h2>{PROSE}<h2>Sub</h2>{PROSE}", "Declared"),
        (
            f"<h1><a href=/>A</a></h1><main><h3>Declared</h3>{PROSE}<h3>B</h3>{PROSE}</main>",
            "Declared",
        ),
        (f"<h1><a href=/d>Shown</a></h1><h2>Sub</h2>{PROSE}", "Shown"),
        (f"<h1>Declared</h1><main>{PROSE * 3}<h1>Read more</h1></main>", "Declared"),
        (f"<h1>Declared or not</h1><h2>Declared</h2>{PROSE}", "Declared or not"),
        (f"<div><h1>Shown</h1></div><div><div>{PROSE * 4}</div></div>", "Shown"),
        (f"<main>{PROSE * 3}</main><aside><h1>Advert</h1></aside>", "Declared"),
    ],
)
def test_title_is_the_lone_h1_else_what_is_declared(body: str, title: str) -> None:
    declared = "<title>Declared</title>" if title == "Declared" else "<title>Shown | Site</title>"
    assert page(body, declared).title == title


def test_title_without_any_evidence_is_the_first_heading_then_the_name() -> None:
    assert page(f"<h2>Sub</h2>{PROSE}").title == "Sub"
    assert read(PROSE, "html", "nerve_pain-basics").title == "Nerve pain basics"


def test_h1_with_the_text_above_it_is_a_heading() -> None:
    assert shown(f"{PROSE}{PROSE}<h1>Imprint</h1><p>Us.</p>")[2] == ("heading", 1, "Imprint")


def test_heading_in_a_quotation_is_part_of_it() -> None:
    quoted = f"<blockquote><h2>Theirs</h2>{PROSE}</blockquote>"
    assert {kind for kind, _, _ in shown(PROSE + quoted)} == {"paragraph", "quote"}


def test_heading_that_was_never_closed_does_not_swallow_the_text() -> None:
    assert shown(f"<h2>Open {PROSE * 9}")[0] == ("heading", 2, "Open")
    assert shown("<h2>Open " + "and on and on, " * 40)[0][0] == "paragraph"


def test_section_path_follows_levels_and_skips() -> None:
    article = page(f"<h1>T</h1><h2>A</h2><h4>B</h4>{PROSE}<h3>C</h3>{PROSE}<h2>D</h2>{PROSE}")
    sections = [b.section for b in article.blocks if b.kind == "paragraph"]
    assert sections == [("A", "B"), ("A", "C"), ("D",)]


def test_text_of_a_section_holds_nothing_else() -> None:
    body = f"""<h2>One</h2>{PROSE}<h2 id=other>Other<a href="#other">¶</a></h2>
        <script>var a = "script";</script><style>p {{}}</style><p>Own text.</p>
        <h2>Third</h2>{PROSE}"""
    article = page(body)
    own = [b.span.of(article.text) for b in article.blocks if b.section == ("Other",)]
    assert own == ["Own text."]
    assert "script" not in article.text


# --- link targets ------------------------------------------------------------------------------


def test_block_knows_the_element_nearest_above() -> None:
    article = page(
        f"""<div id=wrap><p>First.</p><h2 id=se>Side effects</h2>{PROSE}
        <a name=old></a><p>Named.</p><p id=own>Own.</p><p>Last <span id=inline>x</span>.</p>
        <h3><a name=inner></a>Inner</h3>{PROSE}<h3><span id=span>Span</span></h3></div>"""
    )
    elements = [(b.span.of(article.text)[:6], b.element) for b in article.blocks]
    assert elements == [
        ("First.", "wrap"),
        ("Side e", "se"),
        ("Nerve ", "se"),
        ("Named.", "old"),
        ("Own.", "own"),
        ("Last x", "own"),
        ("Inner", "inner"),
        ("Nerve ", "inner"),
        ("Span", "span"),
    ]


def test_heading_without_an_id_is_a_section_all_the_same() -> None:
    article = page(f"<details><summary>S</summary><h2>No id</h2>{PROSE}</details>")
    assert article.blocks[-1].section == ("No id",)
    assert article.blocks[-1].element == ""


# --- lists -------------------------------------------------------------------------------------


def test_nested_lists_tell_their_depth_and_share_a_group() -> None:
    article = page(
        "<ul><li>a<ol><li>b<ul><li>c</li></ul></li></ol>tail</li><li>d</li></ul><ul><li>e</li></ul>"
    )
    told = [(b.level, b.group) for b in article.blocks]
    assert told == [(1, 1), (2, 1), (3, 1), (1, 1), (1, 1), (1, 2)]
    assert article.text == "a\nb\nc\ntail\nd\n\ne"


def test_paragraphs_of_an_item_are_lines_of_one_block() -> None:
    assert shown("<ul><li><p>One.</p><p>Two.</p></li><li>Three.</li></ul>") == [
        ("list_item", 1, "One.\nTwo."),
        ("list_item", 1, "Three."),
    ]


def test_code_in_an_item_is_a_block_of_its_own() -> None:
    kinds = [kind for kind, _, _ in shown("<ul><li>Type<pre>go</pre>and wait</li></ul>")]
    assert kinds == ["list_item", "code", "list_item"]


def test_definitions_stand_one_deeper_than_their_terms() -> None:
    assert shown("<dl><dt>mg</dt><dd>milligram</dd></dl>") == [
        ("list_item", 1, "mg"),
        ("list_item", 2, "milligram"),
    ]


def test_lists_in_an_item_that_holds_headings_begin_anew() -> None:
    steps = "".join(f"<li><h2>Step {n}</h2><ul><li>do {n}</li></ul></li>" for n in "12")
    article = page(f"<ol>{steps}</ol><ul><li>last</li></ul>")
    items = [(b.level, b.group) for b in article.blocks if b.kind == "list_item"]
    assert items == [(1, 2), (1, 3), (1, 4)]


# --- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one\n   two\t three</p>", "one two three"),
        ("<p>one<br>two</p>", "one\ntwo"),
        ("<p>one<br/>\n <br>two</p>", "one\n\ntwo"),
        ("<p>so&shy;da</p>", "so\xadda"),
        ("<p>5&nbsp;mg &lt; 1&thinsp;g &amp;</p>", "5\xa0mg < 1\u2009g &"),
        ("<p>caf&eacute; &#8217; &#x2019;</p>", "café ’ ’"),
        ("<p>H<sub>2</sub>O and <b>bold</b><i>er</i></p>", "H2O and bolder"),
        ("<div>one<div>two</div>three</div>", "one\n\ntwo\n\nthree"),
        ("<span style='display:block'>one</span>two", "one\n\ntwo"),
        ("<p>one <!-- not this --> two</p>", "one two"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("<p>\u200b</p><p>one</p>", "one"),
        ("<pre>\n  if a:\n      b\n\n\n</pre>", "if a:\n    b"),
        ("<p>one</p></body></html><p>two</p>", "one\n\ntwo"),
        ("<p>a</p><hr>b", "a\n\nb"),
        (
            "<div>Intro, a short one.</div><div>" + "Long text. " * 40 + "</div>",
            "Intro, a short one.\n\n" + ("Long text. " * 40).strip(),
        ),
        ("one &unknown; & two", "one &unknown; & two"),
        ("<p>x\x0by\x1f z", "xy z"),
    ],
)
def test_text_is_what_a_browser_shows(markup: str, text: str) -> None:
    assert page(markup).text == text


def test_blocks_in_code_are_lines() -> None:
    menu = "<span><ul><li>One</li><li>Two</li></ul></span>"
    found = shown(f"<p>Words before it.</p><pre>use <b>it</b>{menu}now</pre><p>Words below.</p>")
    assert [text for kind, _, text in found if kind == "code"] == ["use it\nOne\nTwo\nnow"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>no</p>",
        "<p style='color:red; DISPLAY: none'>no</p>",
        "<div aria-hidden=true>×</div>",
        "<span class='sr-only'>no</span>",
        "<noscript>no</noscript>",
        "<template><p>no</p></template>",
        "<svg><title>no</title></svg>",
        "<select><option>no</select>",
        "<button>no</button>",
        "<dialog>no</dialog>",
        "<iframe>no</iframe>",
        "<nav>no</nav>",
        "<footer>no</footer>",
        "<div role=navigation>no</div>",
    ],
)
def test_what_is_hidden_or_navigates_is_dropped(hidden: str) -> None:
    assert page(f"{PROSE}{hidden} yes").text.split("\n\n")[1:] == ["yes"]


def test_what_is_hidden_is_dropped_even_when_it_is_longer() -> None:
    assert (
        page(f"<p>Short text.</p><div style='display:none'>{PROSE * 2}</div>").text == "Short text."
    )


def test_a_page_hidden_until_its_scripts_run_is_shown() -> None:
    assert texts(page(f"<div style='display:none'>{PROSE}</div>")) != []


@pytest.mark.parametrize(
    ("markup", "shown_as"),
    [
        ("<svg><title>t</title><text>Do not exceed</text><text>5<tspan x=1>mg</tspan></text></svg>",
         ["Do not exceed", "5 mg"]),
        ("<svg><svg><g><text>10<tspan baseline-shift='super'>9</tspan></text></g></svg>"
         "<foreignObject><div>Never crush</div></foreignObject></svg>", ["10⁹", "Never crush"]),
        ("<p>Take <svg><text>5</text></svg> <svg><text>icon</text></svg>mg.</p>", ["Take 5 mg."]),
        ("<iframe srcdoc='<style>p{}</style><p>Never crush'></iframe>", ["Never crush"]),
        ("<p>x <script type='math/tex'>10^9</script> y</p>", ["x 10^9 y"]),
        ("<p><span class=MathJax>9</span><script type='math/tex'>9</script></p>", ["9"]),
    ],
)  # fmt: skip
def test_words_of_drawings_frames_and_formulas_are_text(markup: str, shown_as: list[str]) -> None:
    assert [text for _, _, text in shown(PROSE + markup)][1:] == shown_as


def test_literal_text_of_xhtml_is_text() -> None:
    markup = "<?xml version='1.0'?><html><body><p>if <![CDATA[ < 5 ]]>mg</p></body></html>"
    assert texts(read(markup, "xhtml")) == ["if < 5 mg"]


def test_tables_and_lists_by_role() -> None:
    table = (
        "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Age</span>"
        "<span role=columnheader>Dose</span></div></div><div role=row><div role=rowheader>2</div>"
        "<div role=cell>not given</div></div></div>"
    )
    listed = "<div role=list><div role=listitem>One</div><div role=listitem>Two</div></div>"
    article = page(PROSE + table + listed)
    assert [(b.kind, b.span.of(article.text), b.heads) for b in article.blocks[1:]] == [
        ("table_row", "Age\tDose", ("", "")),
        ("table_row", "2\tnot given", ("Age", "Dose, 2")),
        ("list_item", "One", ()),
        ("list_item", "Two", ()),
    ]


def test_figure_and_quotation() -> None:
    body = "<figure><img alt=x><figcaption>Seen from <i>above</i></figcaption></figure>"
    body += "<blockquote><p>One.</p><ul><li>item</li></ul><footer>Her</footer></blockquote>"
    assert shown(PROSE + body)[1:] == [
        ("caption", 0, "Seen from above"),
        ("quote", 0, "One."),
        ("list_item", 1, "item"),
        ("quote", 0, "Her"),
    ]


# --- the article and what surrounds it ---------------------------------------------------------


@pytest.mark.parametrize(
    "around",
    [
        "<div class='cookie-banner'><p>We use cookies.</p></div>{}",
        "{}<div class='related-posts'><a href=x>Another one</a></div>",
        "{}<aside><ul><li><a href=x>Elsewhere</a></li></ul></aside>",
        "{}<aside class=widget-area><p>Recent posts</p></aside>",
        "<div class=wp-block-post-date>May 2, 2024</div>{}",
        "{}<div class=printfooter>Retrieved from here</div>",
        "{}<h2>Related articles</h2><ul><li><a href=x>Another one</a></li></ul>",
        "{}<h3>You may also like</h3><p><a href=x>Another one</a></p>",
        "{}<div class=share-bar><a href=t>Tweet</a></div>",
        "{}<section id=comments><h2>3 comments</h2><p>Thanks, I had no idea.</p></section>",
        "<p>Contents</p><ul><li><a href='#a'>A<li><a href='#b'>B<li><a href='#c'>C</a></ul>{}",
        "{}<div class=newsletter-signup><p>Our best tips by mail, weekly.</p></div>",
        "{}<p>Have questions? Book your free consultation!</p>",
        "{}<div class=footer-bar><p>Do not sell my personal information</p></div>",
        "<div class=gdpr-popup><p>We do not sell what cookies tell us.</p></div>{}",
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "<main>{}</main>", "<article>{}</article>"])
def test_frame_within_the_article_is_boilerplate(around: str, wrap: str) -> None:
    body = f"<h1>Nerves</h1>{PROSE * 4}<h2>Care</h2>{PROSE * 4}"
    article = page(wrap.format(around.format(body)))
    kept = [kind for b in article.blocks if (kind := b.kind) != "boilerplate"]
    assert kept == ["title", *["paragraph"] * 4, "heading", *["paragraph"] * 4]
    assert len(article.blocks) > len(kept)


@pytest.mark.parametrize(
    "kept",
    [
        "<h2>Related conditions</h2><p>Shingles can go before it by months or even years.</p>",
        "<p id=social>Seeing friends helps.</p>",
        "<section class=informed-consent><h2>Consent</h2><p>You may refuse.</p></section>",
        f"<aside>{PROSE * 3}</aside>",
        f"<section>{PROSE}<footer>Not for children.</footer></section>",
        "<aside class='starlight-aside starlight-aside--danger'><p>Don't stop.</p></aside>",
        "<aside class=footnote role=doc-footnote><p>Or less.</p></aside>",
        "<aside class=box><p>Never double the dose.</p></aside>",
        "<div class=cta><p>Do not stop it at once.</p></div>",
        "<div class=page-footer><p>Contraindicated in glaucoma.</p></div>",
        "<footer><p>Do not use after May 2020.</p></footer>",
        "<dl class=tags><dt>Class<dd>TCA, not SSRI</dl>",
        "<table class=sidebar><tr><th>Dose<td>5 mg</table>",
        "<div class=cta><p>Don’t stop it at once.</p></div>",
        "<section class=popup><p>Not for children.</p></section>",
        "<h2>References</h2><ol><li>Grey, <a href=x>Atlas</a>, page 12, many plates.</ol>",
        "<p>Call your doctor today if you feel worse.</p>",
        "<div class=sidebar-layout><p>" + "Words and more words of it. " * 15 + "</p></div>",
    ],
)
def test_content_that_resembles_a_frame_is_kept(kept: str) -> None:
    article = page(f"<main><h1>Nerves</h1>{PROSE * 6}{kept}</main>")
    assert "boilerplate" not in {b.kind for b in article.blocks}


@pytest.mark.parametrize(
    "layout",
    [
        "<div class=top><a href=/>Home</a></div><main>{}</main><div>About us</div>",
        "<div class=top><a href=/>Home</a></div><div role=main>{}</div><div>About us</div>",
        "<div class=top><a href=/>Home</a></div><article>{}</article><div>About us</div>",
        "<div><a href=/>Home</a></div><div><div><div>{}</div></div></div><div>About us</div>",
        "<table><tr><td><a href=/>Home</a><td>{}<td>About us</table>",
        "<div><a href=/>Home</a></div><div itemprop='articleBody'>{}</div><div>About us</div>",
    ],
)
def test_article_is_found_in_its_layout(layout: str) -> None:
    article = page(layout.format(f"<h1>Nerves</h1>{PROSE * 4}<ul><li>one</li></ul>"))
    told = [(b.kind, b.span.of(article.text)) for b in article.blocks]
    assert told[0] == ("boilerplate", "Home")
    assert told[-1] == ("boilerplate", "About us")
    assert [kind for kind, _ in told[1:-1]] == ["title", *["paragraph"] * 4, "list_item"]


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>A</h1><div>{PROSE}<p>Never for them.</p></div><article><h3>B</h3>{PROSE}</article>",
        f"<main><h1>A</h1><p>Never for them.</p><article><h2>B</h2>{PROSE * 14}</article>"
        "<article><h2>C</h2><p>Not at night.</p></article></main>",
        f"<h1>A</h1><article><h2>B</h2>{PROSE * 9}</article><article><p>Never.</p></article>",
        f"<article><h1>A</h1><p>Never.</p><div itemprop=articleBody>{PROSE * 2}</div></article>",
        f"<h1>A</h1><div itemprop=articleBody>{PROSE}</div><p itemprop=articleBody>Never.</p>",
    ],
)
def test_parts_of_a_page_beside_its_largest_are_content(body: str) -> None:
    article = page(f"<body>{body}</body>")
    assert "Never" in article.text
    assert "boilerplate" not in {b.kind for b in article.blocks}


@pytest.mark.parametrize(
    "beside",
    [
        "<article><h3><a href=/c>Other</a></h3><p>It is said that cold is worse.</p></article>",
        "<article><a href=/c>Other</a></article>",
        "<div id=comments><article><p>I have had it for years, too.</p></article></div>",
    ],
)
def test_teasers_and_comments_beside_an_article_are_boilerplate(beside: str) -> None:
    article = page(f"<main><article><h1>A</h1>{PROSE * 14}</article>{beside}</main>")
    assert [b.kind for b in article.blocks if b.kind != "boilerplate"] == [
        "title", *["paragraph"] * 14,
    ]  # fmt: skip


def test_several_articles_on_a_page_are_all_content() -> None:
    body = "".join(f"<article><h2>{n}</h2>{PROSE * 2}</article>" for n in "ABC")
    article = page(f"<div id=list>{body}</div>")
    assert [b.span.of(article.text) for b in article.blocks if b.kind == "heading"] == list("ABC")
    assert "boilerplate" not in {b.kind for b in article.blocks}


def test_a_page_without_body_tag_has_its_text() -> None:
    article = read("<!DOCTYPE html><title>Nerves</title><main><p>Take one at night.</main>", "html")
    assert texts(article) == ["Take one at night."]


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup", ["", " ", "<p></p>", "<script>x</script>", "<!-- x -->", "&nbsp;"]
)
def test_page_without_text_is_refused(markup: str) -> None:
    with pytest.raises(SourceError, match="holds no text"):
        read(markup, "html")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("5<sup>1</sup>/<sub>2</sub> mg", "5½ mg"),
        ("5<sup>3</sup>/<sub>16</sub> in", "5\u00a03/16 in"),
        ("<b>5</b><span><sup>3</sup>&frasl;<sub>16</sub></span>", "5\u00a03⁄16"),
        ("5 <sup>3</sup>/<sub>16</sub> in", "5 3/16 in"),
        ("x: <sup>3</sup>/<sub>16</sub>5", "x: 3/16\u00a05"),
        ("5<br><sup>3</sup>/<sub>16</sub>", "5\n3/16"),
        ("5<sup>1/2</sup> mg", "5½ mg"),
        ("5<sup>3/16</sup> in", "5\u00a03/16 in"),
        ("5<small>1/2</small> mg", "5½ mg"),
        ("5<span class='frac'>1/2</span> mg", "5½ mg"),
        ("5<sup>1/</sup><sub>2</sub> mg", "5½ mg"),
        ("5<sup>1</sup><sub>/2</sub> mg", "5½ mg"),
        ("5<sup>1</sup><span>/</span><sub>2</sub> mg", "5½ mg"),
        ("5<sup><b>1</b></sup>/<sub><b>2</b></sub> mg", "5½ mg"),
        ("5<sup>3</sup>/<sub>16</sub>5", "5\u00a03/16\u00a05"),
        ("5<sup>3</sup>/<sub>16</sub><b>5</b>", "5\u00a03/16\u00a05"),
        ("5<span class='sr-only'>+</span><span class='num'>1</span>&frasl;"
         "<span class='den'>2</span> mg", "5½ mg"),
        ("5<span class='sfrac'><span class='num'>3</span><span class='sr-only'>/</span>"
         "<span class='den'>16</span></span> in", "5\u00a03/16 in"),
        ("5<span style='vertical-align: super'>1</span>/<span style='vertical-align:sub'>2</span>",
         "5½"),
        ("10<span style='position:relative;top:-3.0pt'>9</span>/L", "10⁹/L"),
        ("10<b style='vertical-align: super'>9</b>/L of CO<i style='vertical-align:sub'>2</i>",
         "10⁹/L of CO2"),
        ("10<span class='superscript'>9</span>/L", "10⁹/L"),
        ("<style>p .x, .c3{font:5pt; vertical-align:super} .c4{vertical-align:sub}</style>"
         "<span>10</span><span class='c1 c3'>9</span>/L of CO<i class=c4>2</i> ", "10⁹/L of CO2"),
        ("10<sup>5.2</sup> copies", "10⁵.² copies"),
        ("10<sup>n+1</sup>, 2<sup><i>n</i></sup>, e<sup>−kt</sup>", "10^(n+1), 2^(n), e^(−kt)"),
        ("(Scr/κ)<sup>α</sup> × 0.993<sup>Age</sup>", "(Scr/κ)^(α) × 0.993^(Age)"),
        ("1<sup>a</sup>, 5<sup>th</sup>, 3<sup>e</sup>, M<sup>me</sup>", "1a, 5th, 3e, Mme"),
        ("x<sup>3/2</sup>, x<sup>1/2</sup>", "x³/², x½"),
        ("10<sup>-3/2</sup>", "10⁻³/²"),
        ("10<sup>–3</sup> or 10<sup>\u2011</sup><sup>3</sup> g", "10⁻³ or 10⁻³ g"),
        ("25<sup>o</sup>C, 77<sup>0</sup> F, vitamin<sup>o</sup>C", "25°C, 77° F, vitaminoC"),
        ("log<sub>2</sub>8", "log2\u00a08"),
        ("SO<sub>4</sub><sup>2-</sup>", "SO4²⁻"),
        ("<math><msup><mn>10</mn><mfrac><mn>1</mn><mn>2</mn></mfrac></msup></math>", "10^(½)"),
        ("120<sup>1</sup>/80, 1/2 and <small>1/2</small>", "120¹/80, 1/2 and 1/2"),
        ("<math><mn>5</mn><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "5½"),
        ("<math><mn>5</mn><mfrac><mn>3</mn><mn>16</mn></mfrac></math>", "5\u00a03/16"),
        ("<math><mn>5</mn><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>"
         "</math>", "5\u00a0(a+b)/2"),
        ("<math><msup><mn>10</mn><mn>9</mn></msup></math>", "10⁹"),
        ("<math><msqrt><mn>2</mn></msqrt><mroot><mi>x</mi><mn>3</mn></mroot></math>", "√2³√x"),
        ("<math><msqrt><mn>2</mn><mi>a</mi></msqrt></math>", "√(2a)"),
        ("<math><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></math>", "1 2"),
        ("<math><msup><mn>0.993</mn><mi>Age</mi></msup></math>", "0.993^(Age)"),
        ("<math><mn>5</mn><msup><mn>25</mn><mi>o</mi></msup><mi>C</mi></math>", "525°C"),
        ("<math><munderover><mo>∑</mo><mn>1</mn><mi>n</mi></munderover><mi>x</mi></math>",
         "∑1^(n)x"),
        ("<math><mi>f</mi><mfenced><mn>1</mn><mn>2</mn></mfenced></math>", "f(1,2)"),
        ("<math><mfenced open='[' separators=';'><mn>1</mn><mn>2</mn></mfenced></math>", "[1;2)"),
        ("<math><mn>5</mn><mspace width='1em'/><mi>mg</mi></math>", "5 mg"),
        ("<math><mphantom><mn>1</mn></mphantom><mn>5</mn></math>", "5"),
        ("<math><mmultiscripts><mi>C</mi><mn>2</mn><none/><mprescripts/><mn>6</mn><mn>14</mn>"
         "</mmultiscripts></math>", "¹⁴6C2"),
        ("<math><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></math>", "x1\u00a02"),
    ],
)  # fmt: skip
def test_a_fraction_is_no_part_of_the_number_beside_it(markup: str, text: str) -> None:
    assert read(f"<p>{markup}</p>", "html").text == text


@pytest.mark.parametrize(
    "markup",
    [
        "<body lang=en><p class=MsoTitle>Sleep</p><p class=MsoToc1><a href=#a>Why 1</a></p>",
        '<body class="c2 doc-content"><p class="c1 title">Sleep</p>',
        "<body><p>Published with Google Docs</p><div class=doc-content><p class=title>Sleep</p>",
    ],
)
def test_titles_and_contents_that_word_and_google_docs_write_as_paragraphs(markup: str) -> None:
    article = read(f"<html>{markup}<h1 id=a>Why</h1>{PROSE}</html>", "html")
    assert article.title == "Sleep"
    kinds = [block.kind for block in article.blocks if block.kind != "boilerplate"]
    assert kinds == ["title", "heading", "paragraph"]


@pytest.mark.parametrize(
    "notice",
    ["Page last reviewed: 9 February 2022", "Did this answer your question?", "Udostępnij",
     "Open in a new tab", "Skip to content", "Μετάβαση στο περιεχόμενο", "Ugrás a tartalomra",
     "Ta strona używa plików cookies.", "当サイトではCookieを使用しています。"],
)  # fmt: skip
def test_notices_of_reviews_and_new_tabs_are_boilerplate(notice: str) -> None:
    article = page(f"<html><body><h1>Nerves</h1>{PROSE * 3}<p>{notice}</p></body></html>")
    assert texts(article, "boilerplate") == [notice]


def test_all_sections_and_notes_of_word_are_content() -> None:
    note = "<div><hr><div id=ftn1><p class=MsoFootnoteText><a href='#a'>[1]</a> Or.</p></div></div>"
    body = f"<div class=WordSection1>{PROSE * 9}</div><div class=WordSection2><p>Last.</p></div>"
    article = page(f"{body}{note}")
    assert texts(article, "paragraph")[9:] == ["Last.", "[1] Or."]
    assert texts(article, "boilerplate") == []


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>Nausea</b><sup>a</sup>", "Nauseaᵃ"),
        ("C<sub>max</sub><sup>c</sup>", "Cmaxᶜ"),
        ("Nausea<sup>a</sup>", "Nauseaᵃ"),
        (
            "Nausea<sup>a,b</sup>, rash<sup>1,c</sup> 12.3<sup>a, c</sup>",
            "Nauseaᵃ,ᵇ, rash¹,ᶜ 12.3ᵃ, ᶜ",
        ),
        ("Nausea<sup>a–c</sup>, Tabulin<sup>tm</sup>", "Nauseaᵃ–ᶜ, Tabulin™"),
        ("<b>Nausea</b> 3<sup>e</sup>", "Nausea 3e"),
    ],
)
def test_a_letter_that_marks_a_note_is_no_part_of_the_word(markup: str, text: str) -> None:
    assert read(f"<p>{markup}</p>", "html").text == text


def test_a_list_of_type_breadcrumb_is_boilerplate() -> None:
    trail = "<ol itemtype='https://schema.org/BreadcrumbList'><li><a href=/>Home</a><li>Nerves</ol>"
    assert texts(page(f"{trail}<h1>Nerves</h1>{PROSE * 3}"), "boilerplate") == ["Home", "Nerves"]


@pytest.mark.parametrize("foot", ["Impressum | Datenschutz", "Mentions légales · Contact"])
def test_links_at_the_foot_of_a_page_are_boilerplate(foot: str) -> None:
    assert texts(page(f"<h1>Nerves</h1>{PROSE * 3}<div>{foot}</div>"), "boilerplate") == [foot]


def test_what_wikipedia_says_of_its_page_is_boilerplate() -> None:
    about = "From Wikipedia, the free encyclopedia"
    article = page(f"<h1>Nerves</h1><div id=siteSub>{about}</div>{PROSE * 2}")
    assert texts(article, "boilerplate") == [about]


def test_inner_lists_of_google_docs_are_deeper_and_its_comments_none_of_the_text() -> None:
    article = read(
        '<body class="doc-content">'
        "<ul class=lst-kix_a-0><li>Sick</li></ul><ul class=lst-kix_a-1><li>twice</li></ul>"
        '<ul class="lst-kix_a-2"><li>today</li></ul><ul class="lst-kix_a-0"><li>Hot'
        "<sup><a href=#cmnt1 id=cmnt_ref1>[a]</a></sup></li></ul>"
        "<div><p><a href=#cmnt_ref1 id=cmnt1>[a]</a><span>ask Ann</span></p></div>",
        "html",
    )
    assert [(b.level, b.span.of(article.text)) for b in article.blocks] == [
        (1, "Sick"), (2, "twice"), (3, "today"), (1, "Hot"),
    ]  # fmt: skip


def test_texts_and_code_of_confluence_are_read_and_its_parameters_are_none() -> None:
    found = shown(
        "<p>See <ac:link><ac:plain-text-link-body><![CDATA[the < 5 mg page]]>"
        "</ac:plain-text-link-body></ac:link>.</p><ac:structured-macro ac:name=code>"
        "<ac:parameter ac:name=language>sql</ac:parameter>"
        "<ac:parameter ac:name=title>Doses</ac:parameter>"
        "<ac:plain-text-body><![CDATA[dose < 5]]></ac:plain-text-body></ac:structured-macro>"
    )
    assert found == [
        ("paragraph", 0, "See the < 5 mg page."),
        ("paragraph", 0, "Doses"),
        ("code", 0, "dose < 5"),
    ]


def test_menus_above_the_title_are_boilerplate() -> None:
    warning = "<p><a href=/w>Warning: do not use batch 3.</a></p>"
    menu = "<p><a href=/>Home</a><p>Of old</p><ul><li><a href=/a>A</a><li><a href=/b>B</a></ul>"
    article = page(f"{menu}{warning}<h1>Dose</h1>{PROSE * 4}")
    assert texts(article, "boilerplate") == ["Home", "A", "B"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10 mg/kg<sup>q</sup>", "10 mg/kgq"),
        ("10 mg/kg<sup>b</sup><p><sup>b</sup> Not above 40 mg.", "10 mg/kgᵇ\n\nᵇ Not above 40 mg."),
        ("12%<sup>a</sup><p><sup>b</sup> No.", "12%a\n\nᵇ No."),
        ("5 (1.2)<sup>c</sup><p><sup>b</sup>No. <sup>c</sup>Yes.", "5 (1.2)ᶜ\n\nᵇNo. ᶜYes."),
        ("5<button popovertarget=n>1</button> mg", "5 1 mg"),
        ("<a class=sdfootnotesym href=#x>1</a>5 mg", "1 5 mg"),
    ],
)
def test_signs_of_notes_are_no_part_of_units_or_figures(markup: str, text: str) -> None:
    assert read(f"<p>{markup}</p>", "html").text == text


def test_bullets_of_a_drug_label_are_no_terms() -> None:
    article = read("<dl><dt>•</dt><dd>One.</dd><dt>•</dt><dd>Not two.</dd></dl>", "html")
    assert [(b.kind, b.level) for b in article.blocks] == [("list_item", 1)] * 2
    assert article.text == "One.\nNot two."
