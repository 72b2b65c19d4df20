"""Chromium lands where our own search says that a text fragment leads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import chromium
from benchmarks.landing import Landing
from indexer.links.text_fragments.fragments import fragment_for, fragment_in
from indexer.links.text_fragments.pages import read_page_text
from indexer.links.text_fragments.places import places_of
from indexer.model import Source
from indexer.parsing.formats.dispatch import parse

INLINE = """<title>Inline</title><body><h1 id=top>Doses</h1>
<p>Take <b>one</b> tab<i>let</i> at&nbsp;night<sup>2</sup>, not two<br>at noon &amp; not
<a href="#">in the morning</a> <span style="display:none">never</span> with milk.</p>
<p>Take one tablet at night, not&shy;withstanding <img alt=pill> “this” — 5&nbsp;&nbsp;mg.</p>
<p>A <span style="display:inline-block">badge</span> and <button>press</button> here; do-it,
again &amp; again: 100%.</p><p>Take one tablet at night, not two</p></body>"""
TABLES = """<title>Tables</title><body><table><tr><th>Age<th>Dose<th>Times
<tr><td>Adult<td>10 mg<td>twice<tr><td>Child<td>10 mg<td>once<tr><td>Aged<td>5 mg<td>twice</table>
<ul><li>Nausea<ul><li>Rarely</li><li>Often</li></ul>and fever</li><li>Rash<ul><li>Rarely</li></ul>
</ul><dl><dt>Rarely<dd>1 in 1,000</dl><pre>10 mg   twice
5 mg once</pre></body>"""
FOLDED = """<title>Folded</title><body><nav><a href="#s">Storage</a> <a href="#d">Doses</a></nav>
<p hidden>Storage Keep cool</p><p style="visibility:hidden">Keep cool and dry</p>
<noscript>Keep cool and dry</noscript><h2 id=s>Storage</h2>
<details><summary>How to keep it</summary><p>Keep cool and dry, always.</p></details>
<p>Keep cool and dry.</p><style>.gone{display:none}</style><p class=gone>Throw away</p>
<p>Throw away</p></body>"""
SCRIPTS = """<title>Scripts</title><body><p dir=rtl>قبل النوم خذ حبة واحدة قبل النوم.</p>
<p>今日は天気がいいですね。明日は雨です。今日は天気がいいですね。</p><p>ก่อนนอน 5 มก. ก่อนนอน</p>
<p>하루에 한 알을 드십시오. 한 알을 더</p><p>Straße naïve cafe&#769; ﬁne H<sub>2</sub>O</p>
<p>קח כדור צה״ל אחד</p></body>"""

CASES = [
    (INLINE, quote, k)
    for quote, k in [
        ("Take one tablet at night", 0),
        ("Take one tablet at night", 1),
        ("Take one tablet at night2", 0),
        ("two at noon & not in the morning with", 0),
        ("in the morning with milk.", 0),
        ("notwithstanding “this”", 0),
        ("“this” — 5 mg.", 0),
        ("badge and press", 0),
        ("do-it, again & again: 100%.", 0),
        ("not", 1),
    ]
] + [
    (TABLES, quote, k)
    for quote, k in [
        ("Child 10 mg once", 0),
        ("10 mg", 1),
        ("twice", 1),
        ("Age Dose", 0),
        ("Rarely", 0),
        ("Rarely", 1),
        ("Rarely", 2),
        ("Often and fever Rash", 0),
        ("10 mg twice", 1),
        ("1 in 1,000", 0),
    ]
] + [
    (FOLDED, quote, k)
    for quote, k in [
        ("Storage", 1),
        ("Keep cool and dry", 0),
        ("Keep cool and dry", 1),
        ("Throw away", 0),
        ("Storage How to keep it", 0),
    ]
] + [
    (SCRIPTS, quote, k)
    for quote, k in [
        ("قبل النوم", 1),
        ("今日は天気がいいですね", 1),
        ("明日は雨です", 0),
        ("한 알을", 1),
        ("naïve café ﬁne H2O", 0),
        ("צה״ל", 0),
    ]
]  # fmt: skip


@pytest.fixture(scope="module")
def landing() -> Iterator[Landing]:
    chromium.paths()
    with Landing() as landing:
        yield landing


@pytest.mark.parametrize(("markup", "quote", "k"), CASES)
def test_the_browser_marks_the_right_words(
    landing: Landing, markup: str, quote: str, k: int
) -> None:
    page = read_page_text(markup)
    places = places_of(page, quote)
    made = fragment_in(page, places[k])
    assert not made.reason
    seen = landing.look(markup, made.written, places[k].of(page.text), k, len(places))
    assert seen.result == "right", (made.written, seen)


def test_a_wrong_occurrence_is_told(landing: Landing) -> None:
    seen = landing.look(TABLES, "#:~:text=Rarely", "Rarely", 1, 3)
    assert seen.result == "elsewhere"
    assert landing.look(TABLES, "#:~:text=Absent", "Rarely", 1, 3).result == "nothing marked"


@pytest.mark.parametrize("markup", [INLINE, TABLES])
def test_passages_are_marked_by_what_the_parser_kept(landing: Landing, markup: str) -> None:
    article = parse(Source("page.html", "page", "html", markup.encode())).articles[0]
    page = read_page_text(markup)
    for block in article.blocks:
        words = block.span.of(article.text)
        places = places_of(page, words)
        if len(places) == 1:
            made = fragment_for(article, block.span)
            assert landing.look(markup, made.written, words, 0, 1).result == "right", made.written
