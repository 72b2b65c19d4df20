"""AsciiDoc, as far as its marks go."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import Kind, Source
from indexer.parsing.formats.dispatch import parse
from tests.helpers.articles import read, texts


def shown(markup: str) -> list[tuple[Kind, str]]:
    article = read(f"Text first.\n\n{markup}\n", "adoc")
    return [(block.kind, block.span.of(article.text)) for block in article.blocks][1:]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("*bold*, _italic_, `code *x* {y}`, #marked#, [.lead]#role#, un**con**strained",
         "bold, italic, code x {y}, marked, role, unconstrained"),
        ("a * b * c, a_b_c, 2 ** 3, \\*not bold*", "a * b * c, a_b_c, 2 ** 3, *not bold*"),
        ("https://a.example[a link^], link:b.html[another], <<id,there>>, xref:c.adoc[on doses]",
         "a link, another, there, on doses"),
        ("kbd:[Ctrl+C], menu:File[Save], btn:[OK], image:a.png[Alt], ((term)), (((hidden)))x",
         "Ctrl+C, File > Save, OK, , term, x"),
        ("+++<u>so</u>+++ pass:[<b>it</b> &amp;] pass:c[<i>] +<s>+ 1+++<br>+++2",
         "so it & <i> <s> 1\n2"),
        ("+{literal}+ and pass:[*x*] and {plus}", "{literal} and *x* and +"),
        ("first +\nsecond", "first\nsecond"),
        ("NOTE: Mind it.", "Mind it."),
        ("Of [x-]`.adoc`, link:{gone}/a[the text], link:{gone}[more], xlink:a[b]",
         "Of .adoc, the text, more, xlink:a[b]"),
        ("5 &#8805; 4 &amp; R&D; &copy; (C) `a{vbar} &lt; {x}`", "5 ≥ 4 & R&D; © © a| < {x}"),
        ("link:http://x.org[the `c` page], xref:a[+b+ and link:d[`e`]] `f`",
         "the c page, b and e f"),
        ("ifdef::x[Words *inline*]", "Words inline"),
        ("a << b, not c >> d", "a << b, not c >> d"),
        ("[[[a]]] Lee, [[[b,2]]] Li", "[a] Lee, [2] Li"),
        ("{counter:n} {counter:n} {counter2:n}{n} {counter:m:5}{set:n:7}{n}", "1 2 3 57"),
        ("--help\nshows it", "--help shows it"),
        ("{counter:c:A} {counter:c} {counter: n}", "A B 1"),
        ("latexmath:[\\frac{a}{b}] stem:[[a,b\\]] of `_name_` and `[.path]_a-b_` `x_y_z`",
         "\\frac{a}{b} [a,b] of name and a-b x_y_z"),
        ("\\<<a>>, \\https://a.example, the patients`' dose, mailto:a@b.c[Mail,Subject]",
         "<<a>>, https://a.example, the patients’ dose, Mail"),
        ("pass:q[<u>not *x*</u>], pass:c,q[<i> *y*], sosee xref:a#b[there]xref:c[, 2]",
         "not x, <i> y, sosee there, 2"),
        (":d: pass:q[Do *not* `crush`]\n\n{d} it.", "Do not crush it."),
    ],
)  # fmt: skip
def test_marks_within_lines(markup: str, text: str) -> None:
    assert shown(markup) == [("paragraph", text)]


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        ("== Section\n\n=== Sub [[x]]\n\nx", [("heading", "Section"), ("heading", "Sub"),
                                              ("paragraph", "x")]),
        ("Section\n-------\n\nx", [("heading", "Section"), ("paragraph", "x")]),
        ("* one\n** two\n+\nmore\n\n* three",
         [("list_item", "one"), ("list_item", "two\nmore"), ("list_item", "three")]),
        ("* [x] one\n* [ ] two\n* [*] three\n* [y] four",
         [("list_item", "☑ one"), ("list_item", "☐ two"), ("list_item", "☑ three"),
          ("list_item", "[y] four")]),
        ("|===\n|a |b\n// gone\n|c |d\nifdef::x[]\n|e |f\nendif::[]\n|===",
         [("table_row", "a\tb"), ("table_row", "c\td"), ("table_row", "e\tf")]),
        ("Term::\n\n  Set *in*,\n  more.\nOther::\n\n* item",
         [("list_item", "Term"), ("list_item", "Set in, more."), ("list_item", "Other"),
          ("list_item", "item")]),
        ('[cols="1,a"]\n|===\n|x\n|* one\n\n[source,sh]\n--\nrun {x}\n--\n'
         "|y a|Two.\n\nThree.\n|===",
         [("table_row", "x\tone\nrun {x}"), ("table_row", "y\tTwo.\nThree.")]),
        ("See <<small-doses>>, <<_small_doses>>, <<ex>>, xref:ex[], <<gone>>, <<ex,it>>.\n\n"
         ".Two tablets\n[#ex]\n----\nx\n----\n\n== Small Doses",
         [("paragraph", "See Small Doses, Small Doses, Two tablets, Two tablets, gone, it."),
          ("paragraph", "Two tablets"), ("code", "x"), ("heading", "Small Doses")]),
        ("Term:: Meaning\nOther::\n  Set in", [("list_item", "Term"), ("list_item", "Meaning"),
                                               ("list_item", "Other"), ("list_item", "Set in")]),
        ("[WARNING]\n.Take care\n====\nInside.\n\n* item\n====\nAfter.",
         [("paragraph", "Take care"), ("paragraph", "Inside."), ("list_item", "item"),
          ("paragraph", "After.")]),
        ("[source,python]\n----\nx = {{ y }}\n*no*\n----", [("code", "x = {{ y }}\n*no*")]),
        (".Title\n|===\n|Drug |Dose\n\n|aspirin\n|5 mg\n|===",
         [("paragraph", "Title"), ("table_row", "Drug\tDose"), ("table_row", "aspirin\t5 mg")]),
        ("[quote, Ann]\n____\nSaid.\n____", [("paragraph", "Ann"), ("quote", "Said.")]),
        ("[NOTE]\n====\nInside.\n====\n[quote]\n____\nSaid.\n____",
         [("paragraph", "Inside."), ("quote", "Said.")]),
        (".Code\n-----\nx = 1\n-----\nAfter.",
         [("paragraph", "Code"), ("code", "x = 1"), ("paragraph", "After.")]),
        ("|===\n|Dose|Time\n|5 mg!|a\\|b\n|===",
         [("table_row", "Dose\tTime"), ("table_row", "5 mg!\ta|b")]),
        ("|===\n|a |b\n\n|c\n\nsecond\n|d\n|===",
         [("table_row", "a\tb"), ("table_row", "c\nsecond\td")]),
        ('[cols="1,2"]\n|===\n|a\n|b\n|c\n|d\n|===',
         [("table_row", "a\tb"), ("table_row", "c\td")]),
        ("[%header,cols=3*]\n|===\n3*|a\n2+|b |c\n.2+|d |e |f\n|g |h\n|===",
         [("table_row", "a\ta\ta"), ("table_row", "b\tc"), ("table_row", "d\te\tf"),
          ("table_row", "g\th")]),
        ("|===\na|\n!===\n!x !y!z\n!1 !2!3\n!===\n|===",
         [("table_row", "x\ty\tz"), ("table_row", "1\t2\t3")]),
        ("[source]\ninclude::a.rb[]\n\nWords.", [("paragraph", "Words.")]),
        ("[source]\n* item\n\nWords.", [("list_item", "item"), ("paragraph", "Words.")]),
        ("```c++\nx\n```\n-----x\nWords.", [("code", "x"), ("paragraph", "-----x Words.")]),
        ("[comment]\nNot this\nnor this.\n\n[comment]\n--\nnor this\n--\nx", [("paragraph", "x")]),
        ("[latexmath]\n++++\na < b\n++++\n[asciimath]\nx < 5",
         [("code", "a < b"), ("code", "x < 5")]),
        ("> Do not\n> stop.", [("quote", "Do not stop.")]),
        ('image::a.png[A pump,title="Not to scale"]', [("paragraph", "Not to scale")]),
        ("// no\n\n////\nnor this\n////\n\nx", [("paragraph", "x")]),
        ("[cols=2]\n|===\n|a\n|b\n|c\n|d\n|===",
         [("table_row", "a\tb"), ("table_row", "c\td")]),
        ("|===\n2+|both\n|a |b\n|===", [("table_row", "both"), ("table_row", "a\tb")]),
        (':v: 7\n\n[source,subs="attributes+,+quotes"]\n----\nrun {v} {w} *now* \'#\'\n----\n\n'
         "----\n{v} *now*\n----",
         [("code", "run 7 {w} now '#'"), ("code", "{v} *now*")]),
        ("Not footnote:x[Never.], nor footnote:x[] that footnote:gone[].",
         [("paragraph", "Not [1], nor [1] that ."), ("list_item", "Never.")]),
        ("x\n\n+\nimage::a b.png[A]\n\ny", [("paragraph", "x"), ("paragraph", "y")]),
        ("ifdef::x[]\nShown.\nendif::[]", [("paragraph", "Shown.")]),
    ],
)  # fmt: skip
def test_blocks(markup: str, blocks: list[tuple[Kind, str]]) -> None:
    assert shown(markup) == blocks


def test_header_attributes_and_footnotes() -> None:
    data = (
        b"= The title\nAnn Lee <ann@a.example>\n:unit: mg\n:lang: de\n\nGegeben in {unit}"
        b"{unknown}.footnote:[Die *Note*.]\n"
    )
    found = parse(Source("a.adoc", "a", "adoc", data))
    (article,) = found.articles
    assert (article.title, article.language) == ("The title", "de")
    assert article.metadata == {"author": "Ann Lee <ann@a.example>"}
    assert texts(article) == ["The title", "Gegeben in mg.[1]", "Die Note."]
    assert list(map(str, found.warnings)) == ["a.adoc: 1 template value is unknown and left out"]


def test_conditions_and_attributes_of_attributes_in_the_header() -> None:
    text = (
        "= Title\nifdef::env-github[]\n:c: x\nendif::[]\ninclude::a.adoc[]\nAnn Lee\n:a: 5\n"
        ":b: {a} mg\nifdef::x[:d: in]\n\nTake {b} {d} {c}. footnote:[See `code` there]\n"
    )
    article = read(text, "adoc")
    assert article.metadata == {"author": "Ann Lee"}
    assert texts(article) == ["Title", "Take 5 mg in x. [1]", "See code there"]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("Ludwig van der Berg <a@b.org>; Li Po", True),
        ("Ann B. Lee\nv1.2, 2020-01-02: now", True),
        ("王芳\nMarch 2, 2020", True),
        ("Do not take it.", False),
        ("In 2020 the dose was 5 mg, then: 7 mg.", False),
    ],
)
def test_only_names_and_dates_below_the_title_are_no_text(line: str, known: bool) -> None:
    article = read(f"= Title\n{line}\n\nText.", "adoc")
    assert texts(article) == (["Title", "Text."] if known else ["Title", line, "Text."])
    assert ("author" in article.metadata) == known


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ('[%header,format=csv]\n|===\na,b\n"c, d","e ""f"""\n|===', ["a\tb", 'c, d\te "f"']),
        (',===\na,b\nc,"d\n,===', ["a\tb", "c\td"]),
        ("[format=csv,separator=;]\n|===\na;b,c\nd;e\n|===", ["a\tb,c", "d\te"]),
        ("[separator=¦]\n|===\n¦a ¦b|c\n¦d ¦e\n|===", ["a\tb|c", "d\te"]),
        (":===\na:b\\:c\nd:e\n:===", ["a\tb:c", "d\te"]),
        ("|===\na |b\n|c |d\n|===", ["a\tb", "c\td"]),
    ],
)
def test_tables_of_other_forms(table: str, rows: list[str]) -> None:
    assert texts(read(f"Text.\n\n{table}", "adoc"), "table_row") == rows


def test_no_other_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "other.adoc").write_text("secret")
    article = read(f"Text.\n\ninclude::{tmp_path}/other.adoc[]\n\nEnd.", "adoc")
    assert texts(article) == ["Text.", "End."]


def test_html_that_is_passed_on_swallows_nothing_below() -> None:
    markup = "++++\n<p>Raw *words*.</p>\n<script>x = 1\n++++\n\nWords below +++<script>+++ and on."
    assert texts(read(markup, "adoc")) == ["Raw *words*.", "Words below and on."]
