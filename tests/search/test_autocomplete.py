"""Suggestions while typing: words, phrases, headings and articles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import Index, Settings, build_index, open_index
from tests.helpers.sites import serving

TEXTS = {
    "tapering": "# Tapering off\n\n## Side effects of withdrawal\n\n"
    "Side effects are common in withdrawal. Other side effects and side notes.\n\n"
    "## Notes\n\nThe well-known hospital has a new hospital wing. New York and New York.\n",
    "other": "# Another article\n\n## Notes\n\nCelebrex is a hospitable name. Side effects again,"
    " side by side. King of hospitals.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typing")
    (folder / "corpus").mkdir()
    for name, text in TEXTS.items():
        (folder / "corpus" / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def typing(folder: Path) -> Iterator[Index]:
    with open_index(folder, settings=Settings()) as opened:
        yield opened


def texts(index: Index, typed: str, *kinds: str) -> list[str]:
    return [one.text for one in index.suggest(typed) if one.kind in (kinds or ("term",))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hosp", "hospital"),  # a beginning
        ("ospit", "hospital"),  # the inside of a word
        ("hopsit", "hospital"),  # two letters exchanged in half a word
        ("hhospit", "hospital"),  # one too many
        ("hosptal", "hospital"),  # one is missing
        ("withdrawel", "withdrawal"),
        ("cleebr", "celebrex"),
        ("side ef", "side effects"),
        ("new y", "new york"),
        ("king of ho", "king of hospitals"),
        ("well-kn", "well known"),
        ("the well-kn", "the well known"),
        ("new hopsit", "new hospital"),
        ("sied eff", "side effects"),  # an error in a word before
        ("a hopsitable na", "a hospitable name"),
    ],
)
def test_words_are_completed(typing: Index, typed: str, first: str) -> None:
    assert texts(typing, typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["", " ", "zzzz", "12", "qx", "side zz", "sied zz", "celex", "celexa"]
)
def test_nothing_completes_what_is_like_nothing(typing: Index, typed: str) -> None:
    assert typing.suggest(typed) == ()  # celexa is a drug of its own, however like celebrex


@pytest.mark.parametrize("typed", ["-hosp", "side -eff", '-"side eff', "(side NOT eff"])
def test_an_excluded_word_is_never_completed_into_a_wanted_one(typing: Index, typed: str) -> None:
    assert typing.suggest(typed.replace("-", "").replace("NOT", ""))
    assert typing.suggest(typed) == ()


def test_phrases_occur_and_are_counted(typing: Index) -> None:
    (phrase, *_) = [one for one in typing.suggest("side") if one.kind == "phrase"]
    assert (phrase.text, phrase.count) == ("side effects", 3)
    assert typing.concordance('"side effects"').total == 3
    assert "side by" not in texts(typing, "side", "phrase")  # ends in a function word


def test_a_heading_opens_its_section_and_a_title_its_article(folder: Path, typing: Index) -> None:
    by_text = {one.text: one for one in (*typing.suggest("side"), *typing.suggest("note"))}
    by_text |= {one.text: one for one in (*typing.suggest("taper"), *typing.suggest("anoth"))}
    section = by_text["Side effects of withdrawal"]
    assert section.kind == "heading"
    assert typing.passage(section.passage).section == ("Side effects of withdrawal",)
    assert by_text["Notes"].passage == ""  # there are two
    article = by_text["Another article"]
    assert (article.kind, typing.passage(article.passage).article_id) == ("article", "other")
    with serving(folder) as client:
        found = client.get("/api/v1/suggest?q=side").json
        assert found is not None
        links = {one["text"]: one["link"] for one in found["suggestions"]}
        assert links["Side effects of withdrawal"] == f"/p/{section.passage}"
        assert links["side effects"] == "/?q=%22side+effects%22"
        for link in links.values():
            assert client.get(link).status_code in (200, 302)


def test_an_empty_heading_leads_into_its_own_article(tmp_path: Path) -> None:
    texts = {
        "a": "# Alpha\n\n## Overdose\n\n## Tablets\n\nOne a day.\n\n## Overview\n",
        "c": "# Gamma\n\n## Overtaken\n\nAnother article.\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([tmp_path], tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        typed = ("overd", "overv", "overt")
        made = [one for text in typed for one in index.suggest(text) if one.kind == "heading"]
        found = {one.text: one.passage for one in made}
        (own,), (other,) = index.passages("a"), index.passages("c")
    assert found == {"Overdose": own.id, "Overview": own.id, "Overtaken": other.id}


def test_a_hyphenated_word_half_typed_finds_something(folder: Path) -> None:
    with serving(folder) as client:
        for typed in ("well-", "well-k", "well-kn", "well-known"):
            page = client.get(f"/?q={typed}&live=1").text
            assert "No passage found" not in page, typed


TYPED = ("the t", "of the", "well k", "the well k", "of o", "of the th", "the well-kn", "well")


def _random_text(chance: random.Random) -> str:
    words = ["the", "The", "then", "theme", "of", "off", "well", "known", "well-known", "wellknown"]
    words += ["of-the", "theme's"]
    parts = []
    for _ in range(6):
        line = " ".join(chance.choices(words, k=chance.randint(1, 9)))
        parts.append(chance.choice(["## ", "- ", "", ""]) + line)
    return "# Title\n\n" + "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("most", [0, 50_000])
def test_counts_of_words_that_follow_are_those_of_the_concordance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Also where articles are gone since, and where a word is written with a hyphen or as one."""
    monkeypatch.setattr("indexer.search.autocomplete.MOST_TOKENS", most)
    chance = random.Random(7)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    names = [f"a{n}.md" for n in range(12)]
    for changed in (names, names[:3]):
        for name in changed:
            (corpus / name).write_text(_random_text(chance), encoding="utf-8")
        build_index(corpus, tmp_path / "index")
        with open_index(tmp_path / "index", settings=Settings()) as index:
            for typed in TYPED:
                found = index.suggest(typed, 20)
                terms = [one for one in found if one.kind == "term"]
                assert terms
                counts = [one.count for one in terms]
                assert counts == sorted(counts, reverse=True)
                several = [one for one in found if one.kind in ("term", "phrase")]
                for one in (one for one in several if " " in one.text):
                    told = index.concordance(f'"{one.text}"', match="word", limit=0)
                    assert one.count == told.total, one


def test_what_follows_common_words_is_worked_out_ahead(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from indexer.search import autocomplete

    monkeypatch.setattr(autocomplete, "MOST_TOKENS", 0)
    with open_index(folder, settings=Settings()) as index:
        index.prepare()
        monkeypatch.setattr(autocomplete, "contiguous", None)  # nothing is looked for again
        assert texts(index, "side e")[0] == "side effects"
        monkeypatch.undo()
        monkeypatch.setattr(autocomplete, "MOST_TOKENS", 0)
        assert texts(index, "a hospitable n")[0] == "a hospitable name"
        monkeypatch.setattr(autocomplete, "contiguous", None)
        assert texts(index, "a hospitable na")[0] == "a hospitable name"  # typed on
