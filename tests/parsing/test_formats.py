"""Judged articles in all formats with markup: what they give, and floors that only ever rise."""

from __future__ import annotations

import pytest

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import FORMATS, parse
from tests.helpers.articles import assert_rules
from tests.helpers.judged import (
    FOLDER,
    NAMES,
    described,
    f_score,
    judgement,
    of_kind,
    sectioned,
    source,
    zipped,
)

# F1 over all judged articles, and the share of content under the right heading.
FLOORS = {
    "title": 1.0,
    "heading": 1.0,
    "paragraph": 1.0,
    "list_item": 1.0,
    "table_row": 1.0,
    "boilerplate": 1.0,
    "section": 1.0,
}


@pytest.mark.parametrize("name", NAMES)
def test_judged_file_gives_what_was_expected(name: str) -> None:
    articles = parse(source(name)).articles
    for article in articles:
        assert_rules(article)
    assert [described(article) for article in articles] == judgement(name)


def test_scores_keep_their_floors() -> None:
    found: list[str] = []
    expected: list[str] = []
    for name in NAMES:
        found += [line for a in parse(source(name)).articles for line in described(a).blocks]
        expected += [line for judged in judgement(name) for line in judged.blocks]
    scores = {kind: f_score(of_kind(found, kind), of_kind(expected, kind)) for kind in FLOORS}
    scores["section"] = f_score(sectioned(found), sectioned(expected))
    assert all(scores[kind] >= floor for kind, floor in FLOORS.items()), scores


def test_there_are_enough_judged_articles() -> None:
    assert sum(len(judgement(name)) for name in NAMES) >= 20
    assert {name.rpartition(".")[2] for name in NAMES} == {"html", "md", "docx", "jsonl", "xml"}


def test_a_folder_of_them_zipped_gives_the_same_articles() -> None:
    packed = Source("all.zip", "all", "zip", zipped(FOLDER))
    found = parse(packed)
    single = [n for n in NAMES if not n.endswith((".docx", ".jsonl", ".xml"))]
    texts = {article.text for article in found.articles}
    assert all(article.text in texts for name in single for article in parse(source(name)).articles)
    assert len({article.id for article in found.articles}) == len(found.articles)


def test_the_same_bytes_give_the_same_article() -> None:
    for name in NAMES:
        assert parse(source(name)) == parse(source(name))


def test_formats_are_named_by_suffix() -> None:
    assert {"txt", "md", "html", "docx", "jsonl", "xml", "zip"} <= FORMATS
    assert all(form == form.lower() and form.isalnum() for form in FORMATS)


def test_each_format_has_a_reader_that_refuses_what_is_not_its_own() -> None:
    for name in FORMATS:
        with pytest.raises(SourceError) as caught:
            parse(Source(f"a.{name}", "a", name, b"\x00\x01 nothing of the kind \x00"))
        assert str(caught.value).startswith(f"a.{name}")
