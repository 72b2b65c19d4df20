"""What of a page is not seen, and words that style sheets part."""

from __future__ import annotations

import pytest

from indexer.errors import SourceError
from tests.helpers.articles import read
from tests.parsing.test_html import PROSE, page

FORMULA = (
    "<span class=katex><span class=katex-mathml><math><mi>x</mi><mn>2</mn></math></span>"
    "<span class=katex-html aria-hidden=true><span>x</span><sup>2</sup></span></span>"
)


def found(markup: str) -> list[str]:
    """The text after a paragraph of prose, block by block."""
    article = page(PROSE + markup)
    return [b.span.of(article.text) for b in article.blocks[1:]]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p hidden>no</p><p>yes</p>", ["yes"]),
        ("<p style='display : NONE'>no</p><p>yes</p>", ["yes"]),
        ("<p style='visibility:hidden'>no</p><p>yes</p>", ["yes"]),
        ("<a href='#more'>more of it</a><div hidden id=more>yes</div>", ["more of it", "yes"]),
        ("<a aria-controls='x more' href=/>a</a><p hidden id=more>yes</p>", ["a", "yes"]),
        ("<a data-bs-target='#more' href=/>a</a><p hidden id=more>yes</p>", ["a", "yes"]),
        ("<p role=tabpanel hidden>yes</p>", ["yes"]),
        ("<p hidden=until-found>yes</p>", ["yes"]),
        ("<p style='backface-visibility: hidden'>yes</p>", ["yes"]),
        ("<p class=wow style='visibility: hidden; animation-name: none'>yes</p>", ["yes"]),
        ("<h3 onclick='t(1)'>Dose</h3><p style='display:none'>Not yet.</p>", ["Dose", "Not yet."]),
        (
            "<h3><button aria-expanded=false>Dose</button></h3><p hidden>Not yet.</p>",
            ["Dose", "Not yet."],
        ),
        (
            "<a href='javascript:void(0)'>Dose</a><p style='display:none'>Not yet.</p>",
            ["Dose", "Not yet."],
        ),
        ("<p style='display:none'>Not yet.</p><p><a href='#'>More</a></p>", ["Not yet.", "More"]),
        ("<a href='#'>Share</a><ul hidden><li><a href=/f>By mail</a></ul>", ["Share"]),
        ("<p><a href='#'>Copy</a><b hidden>Copied!</b></p>", ["Copy"]),
        (
            "<p>At <span style='display: none'><math><mi>x</mi><mo>=</mo><mn>5</mn></math></span>"
            "<img aria-hidden=true src=x.svg> it</p>",
            ["At x=5 it"],
        ),
        ("<p>If <i aria-hidden=true>≥</i><b class=sr-only>at least</b> 5.</p>", ["If ≥ 5."]),
        (
            "<p>5<i aria-hidden=true>–</i><b class=sr-only>to</b>10 to <i aria-hidden=true>−</i>5",
            ["5–10 to −5"],
        ),
        ("<p><i aria-hidden=true>×</i> Close", ["Close"]),
        ("<h2><b class=nhsuk-u-visually-hidden>Now: </b>Call 999</h2>", ["Call 999"]),
        ("<p class='not-sr-only md:sr-only'>yes</p>", ["yes"]),
        (
            "<div class='d-none d-md-block'><h2>Dose</h2>5 mg</div>"
            "<div class=d-md-none><h2>Dose</h2><p>5 mg</div>",
            ["Dose", "5 mg"],
        ),
        ("<h2 class=hidden-xs>Dose</h2><h2 class=visible-xs>Dose</h2><p>No.", ["Dose", "No."]),
        (
            "<p>Take<br class='d-none d-md-block'>not two</p><div class=md:flex>5 mg</div>"
            "<div class=md:flex>5 mg</div><p class='d-none d-md-block'>1</p>"
            "<p class='d-none d-md-block'>1</p>",
            ["Take\nnot two", "5 mg", "5 mg", "1", "1"],
        ),
        ("<h3>May I?</h3><p style='display:none'>Not yet.</p>", ["May I?", "Not yet."]),
        ("<h3>News</h3><p hidden>No news yet.</p><p>Text.</p>", ["News", "Text."]),
        ("<p tabindex=0>May I?</p><p hidden>Not yet.</p>", ["May I?", "Not yet."]),
        ("<a data-toggle=x1>May I?</a><p hidden id=x1>Not yet.</p>", ["May I?", "Not yet."]),
        ("<p class='hidden md:block'>5 mg<p class=md:hidden>not 5 mg", ["5 mg", "not 5 mg"]),
        (
            "<ul><li><b><i aria-hidden=true class='fas fa-times'></i></b><span>with milk</span>"
            "<li><p><i class='fa fa-check'></i> with water<li><i class='fa fa-x-ray'></i>scan"
            "<li><i class='fa fa-x-twitter'></i>post"
            "<li><i aria-hidden=true>✗</i> at night<li>milk <i class='fa fa-times'></i></ul>",
            ["✗ with milk", "✓ with water", "scan", "post", "✗ at night", "milk"],
        ),
        ("<div class=w-form-done>Thank you!</div><p>yes</p>", ["yes"]),
        ("<p><b class=icon>\ue077</b></p><p>No \ue077</p>", ["No \ue077"]),
        (
            "<a href=/x data-bs-target='#m'>Risks</a><div class=modal id=m><h5>Risks</h5><p>Not in "
            "pregnancy.</div>",
            ["Risks", "Risks", "Not in pregnancy."],
        ),
        (
            "<p class=elementor-tab-desktop-title role=tab>Adults</p>"
            "<p class=elementor-tab-mobile-title role=tab>Adults</p><p role=tabpanel hidden>No.",
            ["Adults", "No."],
        ),
        (
            "<p>If age <img alt='≥' src=a> 5 <img alt='µ' src=m>g, <img alt=* src=b> not.</p>",
            ["If age ≥ 5 µg, not."],
        ),
        (
            "<my-card><template shadowrootmode=open><h2>Dose</h2><div><slot name=to></slot>: "
            "<slot>no</slot></div><p>Never <slot name=x>more</slot>.</p></template>5 mg"
            "<b slot=to>Adults</b></my-card>",
            ["Dose", "Adults: 5 mg", "Never more."],
        ),
        (
            "<template id=B:0></template><p>Then.</p><div hidden id=S:0><p>Not yet.</p></div>",
            ["Not yet.", "Then."],
        ),
        ("<details><summary>Dose</summary>yes</details>", ["Dose", "yes"]),
        ("<p aria-hidden=true>yes</p>", ["yes"]),
        ("<p><i aria-hidden=true>★</i>yes</p>", ["yes"]),
        ("<p><i class=material-icons aria-hidden=true>expand_more</i>yes</p>", ["yes"]),
        ("<p>Do<i aria-hidden=true>&nbsp;</i>not<i aria-hidden=true>·</i>stop.", ["Do not stop."]),
        ("<p>ami<i aria-hidden=true>&shy;</i>triptyline</p>", ["amitriptyline"]),
        ("<p><b aria-hidden=true>5 mg</b><b>5 mg</b></p>", ["5 mg"]),
        ("<p><b aria-hidden=true>Dose</b> dose</p>", ["dose"]),
        ("<p><b aria-hidden=true>5 mg</b><b class=sr-only>5 mg</b></p>", ["5 mg"]),
        (f"<p>{FORMULA} is it</p>", ["x2 is it"]),
        (
            "<table><tr><th>Age<th>Dose<tr><td><b aria-hidden=true>Age </b>12 to 17"
            "<td><b aria-hidden=true>Dose </b>not <b aria-hidden=true>5</b> mg</table>",
            ["Age\tDose", "12 to 17\tnot 5 mg"],
        ),
        ("<template><p>no</p></template><noscript>no</noscript><p>yes</p>", ["yes"]),
    ],
)
def test_what_is_seen_is_found(markup: str, expected: list[str]) -> None:
    assert found(markup) == expected


def test_noscript_is_for_a_page_that_has_nothing_else() -> None:
    assert "burning" in page(f"<div id=app>Loading…</div><noscript>{PROSE}</noscript>").text
    with pytest.raises(SourceError, match=r"set of frames; its text stands in a\.htm, b\.htm"):
        read("<html><frameset><frame src=a.htm><frame src=b.htm></frameset></html>", "html")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Take <del>5</del><ins>10</ins> mg.</p>", "Take 5 10 mg."),
        ("<p>Aspirin<span style='float:right'>75 mg</span></p>", "Aspirin 75 mg"),
        ("<p>Take<b style='margin-left: 4px'>5 mg</b>", "Take 5 mg"),
        ("<p><b style='margin-right:2px'>T</b>ake it", "Take it"),
        ("<p>hyper<b style='padding:1px'>tension</b>", "hypertension"),
        ("<p>In <s>50</s>60 of 7<strike>0</strike>.</p>", "In 50 60 of 7 0."),
        ("<span style='display:inline-block'>Dose</span><span>high</span>", "Dose high"),
        ("<span>Dose</span><span style='margin-left:1em'>high</span>", "Dose high"),
        ("<p style='display:flex'><span>Dose</span><span>high</span></p>", "Dose high"),
        ("<span style='float:left'>Dose</span><span>high</span>", "Dose high"),
        ("<span class=tag>Dose</span><span>high</span>", "Dose high"),
        ("<p class=row><span>Dose</span><span>high</span></p>", "Dose high"),
        ("<a href=/a>dose</a><a href=/b>range</a>", "dose range"),
        ("<label>Dose</label><span>not known</span>", "Dose not known"),
        ("<span class=name>Dose</span><span class=value>5 mg</span>", "Dose 5 mg"),
        ("<span class=a>Take</span><span class=b>This</span>", "Take This"),
        ("<span class=a>ami</span><span class=b>triptyline</span>", "amitriptyline"),
        ("<b>B</b><i>12</i> and H<sub>2</sub>O", "B12 and H2O"),
        ("<span class=step-number>2</span><span class=step-text>do not</span>", "2 do not"),
        ("B<span class=number>12</span>, CYP2D<b class=number>6</b>", "B12, CYP2D6"),
        ("<span class=k-label>Route</span><span class=k-value>oral</span>", "Route oral"),
        ("<span class=keyword>ami</span><span class=b>triptyline</span>", "amitriptyline"),
        ("<span class=circle>1</span><span class=t>Ask first</span>", "1 Ask first"),
        ("<span class=circle>or</span><span class=t>Ask first</span>", "or Ask first"),
        ("<span class=a>4</span><span class=b>Na</span>", "4Na"),
        ("<span class=paragraph-number>1.1.2</span>Offer it", "1.1.2 Offer it"),
        ("<code>x<span class='token number'>1</span>y</code>", "x1y"),
        ("<span class=label>1.</span><cite>Smith</cite>", "1. Smith"),
        ("<span class=label>1.</span>5 mg", "1.5 mg"),
        ("<span style='color:red'>ami</span><span>triptyline</span>", "amitriptyline"),
        ("<span style='float:left;font-size:3em'>D</span><span>o not</span>", "Do not"),
        ("5<span style='text-decoration: line-through'>0</span> mg", "5 0 mg"),
        ("or<img src=x>not, 5<svg></svg>mg", "or not, 5 mg"),
        ("<b>Children</b><span>Not</span>", "Children Not"),
        ("Dose:<span class=float-end>5 mg</span>", "Dose: 5 mg"),
        (
            "is <button popovertarget=p>high</button><b popover id=p>at 5</b> now",
            "is high at 5 now",
        ),
        ("<p class='flex p-2'><span>not</span><span>known</span></p>", "not known"),
        ("<x-row><x-cell>not</x-cell><x-cell><b>known</b></x-cell></x-row>now.", "not known now."),
        ("ami<x-term>.</x-term> <x-term>Not</x-term>.", "ami. Not."),
        ("<span class=d-inline-block>not</span><span>known</span>", "not known"),
        ("take daily<span role=tooltip>each day</span> it", "take daily each day it"),
        ("Dose<span class='badge bg-primary'>New</span>5 mg", "Dose New 5 mg"),
        ("daily<b style='position:absolute'>each day</b>", "daily each day"),
        ("<span role=option>adult</span><span role=option>never</span>", "adult never"),
        ("ami<wbr>trip&shy;tyline", "amitrip\xadtyline"),
        ("and<br>or", "and\nor"),
        ("<p style='white-space: pre-wrap'>At 8:\n5 <b>mg</b> or\nnot", "At 8:\n5 mg or\nnot"),
    ],
)
def test_words_that_style_sheets_part_stay_apart(markup: str, expected: str) -> None:
    sheet = "<style>td, .tag { display: inline-block } .row{display:flex;} .x{color:red}</style>"
    article = page(f"{PROSE}<div>{markup}</div>", sheet)
    assert article.blocks[1].span.of(article.text) == expected


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>You may get <button>hypotension</button> when standing.</p>", "hypotension when"),
        ("<p><button>J Sleep</button>. 2020 May 1.</p>", "J Sleep. 2020"),
        ("<p><b><button>J Sleep</button></b>. 2020 May 1.</p>", "J Sleep. 2020"),
        ("<p><button>Ann Smith</button>, <button>Bob Jones</button></p>", "Smith, Bob Jones"),
        ("<p>Was it of use? <button>Yes</button> <button>No</button></p>", "Was it of use?"),
        ("<p>Take ten.<button>Copy</button></p>", "Take ten."),
        ("<pre><code>x = 1<button>Copy</button>y = 2</code></pre>", "x = 1y = 2"),
    ],
)
def test_a_button_is_a_word_only_within_a_sentence(markup: str, shown: str) -> None:
    text = read(f"<h1>T</h1><p>Some words of the page.</p>{markup}", "html").text
    assert text.count(shown) == 1
    assert not {"Yes", "No", "Copy"} & set(text.split())


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("5 <font face=Symbol>m</font>g", "5 μg"),
        ("5 <span style='font-family:Symbol'>m</span>g", "5 μg"),
        ('<FONT SIZE=2 FACE="symbol, serif"><B>b</B></FONT>-blockers', "β-blockers"),
        ("x <span style=\"font:10pt 'Symbol'\">&#179;</span> 5", "x ≥ 5"),
        ("a <span style='font-family:Wingdings'>&agrave;</span> b", "a → b"),
        (
            "<font face=Wingdings>&aacute;</font> dose <font face=Wingdings>&acirc;</font>",
            "↑ dose ↓",
        ),
        ("<font face=Webdings>a</font> yes <font face=Webdings>r</font> no", "✓ yes ✗ no"),
        ("<font face=Symbol>D<font face=Arial>m</font>G</font>", "ΔmΓ"),
        ("<span style='font-family:\"Segoe UI Symbol\"'>m</span>g", "mg"),
        ("<span style='font-family:Symbol'>words of prose</span>", "words of prose"),
        ("<b style='font-weight:bold'>symbol</b>", "symbol"),
    ],
)
def test_letters_of_fonts_of_signs_are_what_they_show(markup: str, shown: str) -> None:
    assert found(f"<p>{markup}</p>") == [shown]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ul role=tablist><li><button role=tab data-bs-target='#a'>Adults</button><li><button"
         " role=tab data-bs-target='#b'>Children</button></ul><div id=a role=tabpanel>25 mg</div>"
         "<div id=b role=tabpanel hidden>Never.</div>", ["Adults", "Children", "25 mg", "Never."]),
        ("<ul class=nav-tabs role=tablist><li><a href='#a'>Adults</a></ul><p id=a>25 mg</p><p>Other"
         " words of some length that make a list of links short.</p>",
         ["Adults", "25 mg", "Other words of some length that make a list of links short."]),
        ("<ul class='nav nav-tabs'><li><a href='#a'>Adults</a><li><a href='#b'>Children</a><li><a"
         " href='#c'>Old</a></ul><p id=a>25 mg</p><p id=b>Never.</p><p id=c>Half.</p>",
         ["Adults", "Children", "Old", "25 mg", "Never.", "Half."]),
        ("<div role=tablist><button aria-controls=a>Adults</button><button aria-controls=b>Children"
         "</button></div><p id=a>25 mg</p><p id=b>No.</p>", ["Adults", "Children", "25 mg", "No."]),
        ("<button class=accordion>May I drive?</button><div class=panel>No.</div>",
         ["May I drive?", "No."]),
        ("<div><button aria-controls=m>Menu</button><ul id=m><li><a href=/>Home</a></ul></div>"
         "<p>Yes.</p>", ["Home", "Yes."]),
        ("<button aria-controls=m>✕</button><p id=m>Yes.</p><button>Print</button>", ["Yes."]),
        ("<div role=button aria-controls=n>May I?</div><nav id=n><p>No, not while it makes you"
         " sleepy.</p></nav><nav><p>You are here: Home</p></nav>",
         ["May I?", "No, not while it makes you sleepy."]),
        ("<button aria-controls=none>Play</button><p>Yes.</p>", ["Yes."]),
    ],
)  # fmt: skip
def test_a_button_that_opens_a_fold_is_its_label(markup: str, expected: list[str]) -> None:
    assert found(markup) == expected
