"""What web pages declare about themselves: title, address, language, date, author."""

from __future__ import annotations

import json

import pytest

from indexer.model import Article
from tests.helpers.articles import read

BODY = "<p>Nerve pain is felt as burning or stabbing, and it is often worse in the night.</p>"


def page(head: str, attributes: str = "", body: str = BODY) -> Article:
    return read(f"<html{attributes}><head>{head}</head><body>{body}</body></html>", "html")


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Nerve pain</title>", "Nerve pain"),
        ("<title> Nerve\n pain </title>", "Nerve pain"),
        ("<title>Nerve pain | MedShelf</title>", "Nerve pain"),
        ("<title>Nerve pain - causes</title>", "Nerve pain - causes"),
        ("<title>Nerve pain - MedShelf</title><meta property=og:site_name content=MedShelf>",
         "Nerve pain"),
        ("<title>MedShelf: x</title><meta property='og:title' content='Nerve pain'>", "Nerve pain"),
        ("<title>x</title>" + ld({"@type": "Article", "headline": "Nerve pain"}), "Nerve pain"),
        ("<title>x</title>" + ld({"@type": "Organization", "name": "MedShelf"}), "x"),
        ("<meta name='DC.title' content='Nerve pain'>", "Nerve pain"),
    ],
)  # fmt: skip
def test_title(head: str, title: str) -> None:
    assert page(head).title == title


def test_title_element_is_cut_where_a_heading_agrees() -> None:
    body = f"<h2>Nerve pain</h2>{BODY}<h2>More</h2>{BODY}"
    assert page("<title>MedShelf - Nerve pain - Leaflets</title>", "", body).title == "Nerve pain"


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("<link rel=canonical href='https://a.example/x'>", "https://a.example/x"),
        ("<link rel='shortlink Canonical' href=' https://a.example/x '>", "https://a.example/x"),
        ("<meta property='og:url' content='https://a.example/x'>", "https://a.example/x"),
        (ld([{"@type": "WebPage", "url": "https://a.example/x"}]), "https://a.example/x"),
        ("<!-- saved from url=(0019)https://a.example/x -->", "https://a.example/x"),
        ("<link rel=canonical href='javascript:alert(1)'>", ""),
        ("<link rel=canonical href='/relative'>", ""),
        ("<link rel=stylesheet href='https://a.example/x'>", ""),
    ],
)
def test_address(head: str, url: str) -> None:
    assert page(head).url == url


@pytest.mark.parametrize(
    ("head", "attributes", "language"),
    [
        ("", " lang=de-AT", "de"),
        ("", " xml:lang='FR'", "fr"),
        ("<meta http-equiv=content-language content='es, en'>", "", "es"),
        ("<meta property='og:locale' content='it_IT'>", "", "it"),
        (ld({"@type": "NewsArticle", "inLanguage": "nl-BE"}), "", "nl"),
        ("", " lang=deu", "de"),
        ("", " lang=''", "en"),
        ("", "", "en"),
    ],
)
def test_language(head: str, attributes: str, language: str) -> None:
    assert page(head, attributes).language == language


def test_language_is_guessed_from_the_text_when_nothing_declares_it() -> None:
    body = "<p>Die Schmerzen sind in der Nacht oft stärker, und sie können mit der Zeit auch am Tag"
    body += " auftreten, wenn man nicht rechtzeitig etwas tut.</p>"
    assert page("", "", body).language == "de"


def test_date_author_and_description() -> None:
    head = ld(
        {
            "@graph": [
                {"@type": "BreadcrumbList"},
                {
                    "@type": ["Article", "MedicalWebPage"],
                    "datePublished": "2020-01-02",
                    "dateModified": "2021-03-04",
                    "author": [{"@type": "Person", "name": "Ann Lee"}, {"name": "Bo Ray"}],
                },
            ]
        }
    )
    head += "<meta name=description content=' What it\n is. '><meta name=author content=Nobody>"
    assert page(head).metadata == {
        "author": "Ann Lee, Bo Ray",
        "date": "2020-01-02",
        "modified": "2021-03-04",
        "description": "What it is.",
    }


def test_open_graph_and_plain_meta_tell_the_same() -> None:
    head = "<meta property='article:published_time' content='2020-01-02'>"
    head += "<meta name=Author content='Ann Lee'><meta property='og:description' content=Short>"
    assert page(head).metadata == {
        "author": "Ann Lee",
        "date": "2020-01-02",
        "description": "Short",
    }


@pytest.mark.parametrize("broken", ["{", '{"@type":', "[" * 100_000, '{"@type": 1}', "null", '"x"'])
def test_broken_json_ld_is_as_if_it_were_not_there(broken: str) -> None:
    head = f'<title>T</title><script type="application/ld+json">{broken}</script>'
    assert page(head).title == "T"
