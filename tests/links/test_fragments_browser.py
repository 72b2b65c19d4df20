"""Chromium lands where our own search says that a text fragment leads."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from benchmarks.deeplinks import Landing
from indexer.links.text_fragments.directive import plain
from indexer.links.text_fragments.generate import fragment_for
from indexer.model import Article, Source, Span
from indexer.parsing.formats.dispatch import parse
from tests.helpers import chromium

pytestmark = pytest.mark.browser

INLINE = """<title>Inline</title><body><h1 id=top>Doses</h1>
<p>Take <b>one</b> tab<i>let</i> at&nbsp;night<sup>2</sup>, not two<br>at noon &amp; not
<a href="#">in the morning</a> <span style="display:none">never</span> with milk.</p>
<p>Take one tablet at night, not&shy;withstanding <img alt=pill> “this” — 5&nbsp;&nbsp;mg.</p>
<p>Here; do-it,
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
    (INLINE, quote, k, n)
    for quote, k, n in [
        ("Take one tablet at night", 0, 2),
        ("Take one tablet at night", 1, 2),
        ("Take one tablet at night²", 0, 1),
        ("two at noon & not in the morning with", 0, 1),
        ("in the morning with milk.", 0, 1),
        ("notwithstanding “this”", 0, 1),
        ("“this” — 5 mg.", 0, 1),
        ("do-it, again & again: 100%.", 0, 1),
        ("not", 1, 3),
    ]
] + [
    (TABLES, quote, k, n)
    for quote, k, n in [
        ("Child 10 mg once", 0, 1),
        ("10 mg", 1, 3),
        ("twice", 1, 3),
        ("Age Dose", 0, 1),
        ("Rarely", 0, 3),
        ("Rarely", 1, 3),
        ("Rarely", 2, 3),
        ("Often and fever Rash", 0, 1),
        ("10 mg twice", 1, 2),
        ("1 in 1,000", 0, 1),
    ]
] + [
    (FOLDED, quote, k, n)
    for quote, k, n in [
        ("Keep cool and dry", 1, 2),
        ("Throw away", 0, 1),
    ]
] + [
    (SCRIPTS, quote, k, n)
    for quote, k, n in [
        ("قبل النوم", 1, 2),
        ("今日は天気がいいですね", 1, 2),
        ("明日は雨です", 0, 1),
        ("한 알을", 1, 2),
        ("naïve café ﬁne H2O", 0, 1),
        ("צה״ל", 0, 1),
    ]
]  # fmt: skip


@pytest.fixture(scope="module")
def landing() -> Iterator[Landing]:
    chromium.paths()
    with Landing() as landing:
        yield landing


def read(markup: str) -> Article:
    return parse(Source("page.html", "page", "html", markup.encode())).articles[0]


def places_of(article: Article, words: str) -> list[Span]:
    """Where words stand, whatever white space parts them and wherever they may be hyphenated."""
    written = ("\xad?".join(map(re.escape, word)) for word in words.split())
    pattern = r"(?<!\w)" + r"\s+".join(written) + r"(?!\w)"
    return [Span(*found.span()) for found in re.finditer(pattern, article.text)]


@pytest.mark.parametrize(("markup", "quote", "k", "n"), CASES)
def test_the_browser_marks_the_right_words(
    landing: Landing, markup: str, quote: str, k: int, n: int
) -> None:
    """The k-th in the article is the k-th of the n that the page shows."""
    article = read(markup)
    made = fragment_for(article, places_of(article, quote)[k])
    assert not made.reason
    seen = landing.look(markup, made.written, plain(quote), k, n)
    assert seen.result == "right", (made.written, seen)


def test_a_wrong_occurrence_is_told(landing: Landing) -> None:
    seen = landing.look(TABLES, "#:~:text=Rarely", "Rarely", 1, 3)
    assert seen.result == "elsewhere"
    assert landing.look(TABLES, "#:~:text=Absent", "Rarely", 1, 3).result == "nothing marked"


@pytest.mark.parametrize("markup", [INLINE, TABLES])
def test_passages_are_marked_by_what_the_parser_kept(landing: Landing, markup: str) -> None:
    article = read(markup)
    for block in article.blocks:
        words = block.span.of(article.text)
        if len(places_of(article, words)) == 1:
            made = fragment_for(article, block.span)
            seen = landing.look(markup, made.written, plain(words), 0, 1)
            assert seen.result == "right", made.written
