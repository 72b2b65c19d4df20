"""Files made to hurt: each ends soon, as an article or as one line of error."""

from __future__ import annotations

import time

import pytest

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import parse

MANY = 200_000
WXR = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/" '
    'xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><item><title>t</title>'
    "<c:encoded><![CDATA[{}]]></c:encoded></item></channel></rss>"
)
REFUSED = [
    ("html", "<div>" * 1_000_000 + "x", "nests its elements too deep"),
    ("html", "<b>" * MANY + "x", "nests its elements too deep"),
    ("html", "<ul><li>x" * MANY, "nests its elements too deep"),
    ("html", "<table><tr><td>x" * MANY, "nests its elements too deep"),
    ("html", "<p " + " ".join(f"a{n}=b" for n in range(MANY)) + ">x", "too many attributes"),
    ("html", "<!--" * MANY, "holds no text"),
    ("html", '<a href="' * MANY, "holds no text"),
    ("md", ">" * MANY + "x", "holds no text"),
    ("md", "<pre>" * 50_000 + "x", "nests its elements too deep"),
    ("md", "- " * MANY + "x", "holds no text"),
    ("jsonl", '{"text":' + "[" * MANY, "not JSON"),
    ("xml", '<rss xmlns:wp="http://wordpress.org/export/1.2/">' + "<a>" * MANY, "broken XML"),
    ("xml", WXR.format("<pre " * MANY), "holds no text"),
    ("txt", "\x00" * MANY, "not text"),
    ("adoc", "a " * 4_000_001, "8,000,002 characters of AsciiDoc"),
]
READ = [
    ("html", "<style>vertical-align" + "a" * 25_000 + "</style><p>x"),
    ("html", "<div style='white-space:pre'>" + "<b>x</b>\n" * 5_000),
    ("html", "<h2>" + "<a href='#x'>word</a>" * 5_000),
    ("html", "<table><tr><td>x<td>" + "<b aria-hidden=true>✓</b>" * 5_000),
    ("html", "<p>" + "".join(f"<b aria-hidden=true>word{n}</b>" for n in range(5_000))),
    ("html", "<table><tr><td>x<td>" + "<b class=sr-only>word</b>" * 5_000),
    (
        "html",
        "".join(f"<template id=B:{n}></template><div id=S:{n}>x</div>" for n in range(5_000)),
    ),
    (
        "html",
        "<p><template shadowrootmode=open>"
        + "".join(map("<slot name={}></slot>".format, range(9_000)))
        + "</template>"
        + "".join(map("<b slot={}>x</b>".format, range(9_000))),
    ),
    ("html", "<p><b>words " * 5_000),
    ("html", "<table><tr>" + "<td colspan=1000 rowspan=65534>x" * 5_000 + "</table>"),
    ("html", "<table>" + ("<tr>" + "<td rowspan=60000 colspan=900>x" * 3) * 1_250 + "</table>"),
    ("html", "<table>" + "<tr><th colspan=1000>h" * 900 + "<tr><td colspan=1000>x" * 900),
    ("html", "<" * MANY + "x"),
    ("html", "&" * MANY + "x"),
    ("html", "<div class=related>" * 1_500 + "x <p>y " * 1_250),
    ("html", "<div class=widget><p>text <a href=x>l</a></p></div>" * 2_500),
    ("html", "<ul><li>x" * 900 + "<h2>t</h2>" + "<li>y" * 5_000),
    ("html", "x" + "<br>&nbsp;" * MANY + "y"),
    ("html", "x<br>" + "&nbsp;" * MANY + "y"),
    ("html", "<h2>Related</h2><a href=x>y</a>" * 2_500),
    ("html", "<a href='#'>x" * 500),
    ("txt", "A ABCDEF\n" * 12_500),
    ("txt", "x 10\n9\n" * 12_500),
    ("txt", "------" + "A-" * 25_000),
    ("html", "<table><tr><th>a<td>" + "<b aria-hidden=true>word</b>" * 5_000),
    ("md", "[" * 12_500 + "x"),
    ("md", "*a **a " * 2_500),
    ("md", "<a " * 12_500),
    ("md", "x\n\n<div>\n" + "<script>" * 12_500),
    ("md", "/// note\n" * 5_000),
    ("md", "- a\n  - <<" * 5_000),
    ("md", "x\n\n<div>\n" + "<a " * 12_500),
    ("md", "[^1]" * 2_500 + "\n\n[^1]: x"),
    ("md", "# a" + " " * MANY + "b"),
    ("md", "<!-- a -->\n" * 5_000 + "\nx"),
    ("md", "![" * 5_000 + "]( =1x2)"),
    ("md", "::a\n" * 5_000 + "x"),
    ("txt", "left words here   right words here\n" * 5_000 + "\f"),
    ("txt", "a\n•\n" * 5_000),
    ("md", "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|a\n" * 1_000),
    *[("md", sign * 5_000) for sign in ("{{", "{% ", "` `` ", "<A {", "{/* ", "%%a ", "$a ")],
    *[
        ("md", line * 1_250 + "x")
        for line in ("::: a\n", "!!! a\n    ", "```{note}\n", "import {\n")
    ],
    *[
        ("adoc", "* a\n" + sign * 5_000 + "x")
        for sign in (
            "*a ",
            "`a ",
            "<<a ",
            "link:a[",
            "|===\n|a\n",
            "a:: b\n",
            "* a\n\n\n",
            "\n",
            "footnote:[a ",
            "9999.9999+|",
            "[a,cols=",
            "ifdef::a[",
        )
    ],
    *[
        ("rst", sign * 1_250 + "x")
        for sign in ("+-", "::", "*a ", "`a ", ".. a::\n\n   ", "a\n=\n\n", "|a ")
    ],
    ("xml", WXR.format("[a " * MANY + "[caption]" * 1_000 + "[video]" * 2_500)),
    ("xml", WXR.format("a" + " " * MANY + "b" + "\n\n" * MANY + "<p " * MANY)),
]


def names(cases: list[tuple[str, str, str]] | list[tuple[str, str]]) -> list[str]:
    return [f"{case[0]}-{case[1][:24]}" for case in cases]


@pytest.mark.parametrize(("form", "text", "reason"), REFUSED, ids=names(REFUSED))
def test_hostile_file_is_one_line_of_error(form: str, text: str, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(SourceError, match=reason) as caught:
        parse(Source(f"h.{form}", "h", form, text.encode()))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert time.process_time() - began < 10


@pytest.mark.slow
@pytest.mark.parametrize(("form", "text"), READ, ids=names(READ))
def test_odd_file_is_read_in_time_that_grows_with_its_size(form: str, text: str) -> None:
    began = time.process_time()
    assert parse(Source(f"h.{form}", "h", form, text.encode())).articles[0].text
    assert time.process_time() - began < 6  # what grows with the square takes longer here
