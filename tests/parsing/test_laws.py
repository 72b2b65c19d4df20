"""Laws that hold for every article of every format, on random markup."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import SourceError
from tests.helpers.articles import parse_all
from tests.helpers.effort import tries

_TAGS = (
    "a b i p div ul ol li dl dt dd table tr td th thead caption h1 h2 h3 section article main nav "
    "aside header footer pre blockquote br hr figure figcaption details summary button span script "
    "style template svg select form body head title html center"
)
TAGS = _TAGS.split()
ATTRIBUTES = [
    "",
    "",
    "",
    " id=x",
    " name=n",
    " hidden",
    " style='display:none'",
    " role=main",
    " role=heading aria-level=9",
    " class=related",
    " class=comments",
    " class=footnotes",
    " colspan=3",
    " rowspan=0",
    " rowspan=2",
    " href='#x'",
    " role=presentation",
]
WORDS = st.sampled_from(
    [
        "word ",
        "Two words. ",
        "\n\n",
        " ",
        "\u200b",
        "\xa0",
        "\xad",
        "&amp;",
        "&#0;",
        "&#xd800;",
        "¶",
        "[edit]",
        "Related articles",
        "Contents",
        "\t",
        "<!-- c -->",
        "<![CDATA[x]]>",
        "</",
        "é",
        "\x0b",
        "\x85",
        "\u2028",
        "日本",
    ]
)
MARKDOWN = st.sampled_from(
    [
        "# h\n",
        "\n- a\n",
        "  - b\n",
        "1. c\n",
        "> q\n",
        "\n|a|b|\n|-|-|\n|c|\n",
        "\n```\n",
        "[^1]",
        "\n[^1]: note\n",
        " {#id}",
        "\n    code\n",
        "\n---\n",
        "\n===\n",
        "**",
        "`",
        "[a](b)",
        "\\",
    ]
)
TAG = st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES))
END = st.sampled_from(TAGS).map("</{}>".format)
MARKUP = st.lists(TAG | END | WORDS, max_size=40).map("".join)
PROSE = st.lists(WORDS | MARKDOWN | TAG | END, max_size=40).map("".join)


def keeps_the_rules(data: str | bytes, form: str) -> None:
    """Articles that obey, or a `SourceError`; nothing else."""
    with suppress(SourceError):
        parse_all(data, form)


@settings(max_examples=tries(40, 2_000))
@given(MARKUP)
def test_html_gives_lawful_articles(markup: str) -> None:
    keeps_the_rules(markup, "html")


@settings(max_examples=tries(40, 2_000))
@given(PROSE)
def test_markdown_gives_lawful_articles(text: str) -> None:
    keeps_the_rules(text, "md")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_plain_text_gives_lawful_articles(text: str) -> None:
    keeps_the_rules(text, "txt")


@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": st.text()}, optional={"id": st.text() | st.integers(), "title": st.text()}
        ),
        max_size=5,
    )
)
def test_records_give_lawful_articles(records: list[dict[str, object]]) -> None:
    keeps_the_rules("\n".join(map(json.dumps, records)), "jsonl")


@given(MARKUP)
def test_exported_posts_give_lawful_articles(content: str) -> None:
    safe = content.replace("]]>", "").replace("\x0b", "")
    head = "<rss xmlns:wp='http://wordpress.org/export/1.2/' xmlns:c='http://purl.org/rss/1.0/"
    head += "modules/content/'><channel><item><title>t</title><c:encoded><![CDATA["
    keeps_the_rules(f"{head}{safe}]]></c:encoded></item></channel></rss>", "xml")


@given(st.binary(max_size=200), st.sampled_from(["html", "md", "docx", "jsonl", "xml", "zip"]))
def test_any_bytes_are_an_article_or_an_error(data: bytes, form: str) -> None:
    keeps_the_rules(data, form)


@given(st.binary(max_size=30))
def test_damaged_archives_are_errors(noise: bytes) -> None:
    keeps_the_rules(b"PK\x03\x04" + noise, "zip")
    keeps_the_rules(b"PK\x03\x04" + noise, "docx")


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "5 mg"]), min_size=1, max_size=8))
def test_no_word_of_a_plain_page_is_lost(words: list[str]) -> None:
    page = "".join(f"<p>{word}</p>" for word in words)
    assert parse_all(page, "html")[0].text.split("\n\n") == words
