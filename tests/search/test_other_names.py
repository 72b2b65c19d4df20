"""Other names of a drug: what has them follows what has the words, and counts apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import Index, Settings, build_index, open_index
from indexer.text.synonyms import drug_names, read_synonyms
from tests.helpers.command_line import pilcrow
from tests.helpers.sites import page, serving

TEXTS = {
    "generic": "Amitriptyline\n\nAmitriptyline helps some people sleep. Start with 25 mcg.\n\n"
    "Others take zoloft at night.\n",
    "brand": "Elavil\n\nElavil is one brand of it.\n\nNobody takes sertraline with elavil. Take "
    "25 µg.\n",
    "many": "Endep\n\n" + "\n\n".join(f"Passage {n} is on endep alone." for n in range(30)) + "\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of articles that name drugs in different ways."""
    folder = tmp_path_factory.mktemp("names")
    for name, text in TEXTS.items():
        path = folder / "corpus" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def names(folder: Path) -> Iterator[Index]:
    """The same, open."""
    with open_index(folder, settings=Settings()) as opened:
        yield opened


def told(index: Index, query: str) -> dict[str, tuple[str, ...]]:
    found = index.search(query, other_names=True)
    return {one.name: one.others for one in found.synonyms}


def test_passages_with_other_names_follow_those_with_the_words(names: Index) -> None:
    exact = names.search("elavil", limit=100)
    found = names.search("elavil", limit=100, other_names=True)
    assert (exact.total_synonyms, exact.synonyms) == (0, ())
    assert (found.total, found.facets, found.hits[:2]) == (exact.total, exact.facets, exact.hits)
    assert found.total_synonyms == 31
    assert found.with_words == 2
    assert len(found.hits) == 33
    assert len({hit.passage.id for hit in found.hits}) == 33
    for hit in found.hits[2:]:
        reasons = {mark.reason for mark in (*hit.marks, *hit.title_marks)}
        assert reasons == {"synonym"}


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_run_on_from_one_to_the_other(names: Index, size: int) -> None:
    whole = names.search("elavil", limit=100, other_names=True).hits
    pages = [
        names.search("elavil", limit=size, offset=at, other_names=True)
        for at in range(0, len(whole), size)
    ]
    assert [hit.passage.id for one in pages for hit in one.hits] == [h.passage.id for h in whole]
    assert sum(one.with_words for one in pages) == 2
    assert [one.page.more for one in pages] == [True] * (len(pages) - 1) + [False]


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ("zoloft", {"zoloft": ("sertraline",)}),
        ("Zoloft’s", {"zoloft": ("sertraline",)}),
        ("elavil zoloft", {"elavil": ("amitriptyline", "endep"), "zoloft": ("sertraline",)}),
        ("25 mcg", {"mcg": ("μg",)}),
        ("25 µg", {"μg": ("mcg",)}),
        ("25 ug", {"ug": ("mcg", "μg")}),
        ("sertralin~1", {"sertralin": ("sertraline", "zoloft")}),
        ('"elavil"', {}),  # in quotes words are as written
        ("elavil*", {}),
        ("sleep", {}),
        ("prozac", {}),  # no article has another name of it
        ("25mcg", {"mcg": ("μg",)}),
        ("25µg", {"μg": ("mcg",)}),
        ("elavil/zoloft", {}),  # no passage has other names of them so
    ],
)
def test_names_are_told(names: Index, query: str, others: dict[str, tuple[str, ...]]) -> None:
    assert told(names, query) == others


def test_words_beside_a_name_must_still_match(names: Index) -> None:
    found = names.search("zoloft elavil nobody", other_names=True)
    assert (found.total, found.total_synonyms, found.relaxed) == (0, 1, False)
    assert found.hits[0].passage.text.startswith("Nobody")
    assert names.search("26 mcg", other_names=True).relaxed


def test_filters_take_away_and_not_more(names: Index) -> None:
    found = names.search("elavil", other_names=True, article="generic")
    assert (found.total, found.total_synonyms) == (0, 1)
    found = names.search("amitriptyline -elavil", other_names=True)
    assert (found.total, found.total_synonyms) == (1, 0)


def test_counts_and_audits_know_nothing_of_it(names: Index) -> None:
    assert names.count("elavil") == 2
    assert names.concordance("elavil").total == 2
    assert names.audit(["elavil"]).terms[0].total == 2


def said(folder: Path, *arguments: str) -> str:
    return pilcrow("search", *arguments, "--index", folder).stdout.decode("utf-8-sig")


def test_the_command_tells_and_leaves_them_out(folder: Path) -> None:
    text = said(folder, "zoloft")
    head, line, rest = text.partition("zoloft = sertraline, 1 more passage; --exact-names")
    assert line
    assert "take zoloft at night" in head
    assert "Nobody takes sertraline" in rest
    assert "2 passages; 1 with the words as typed" in rest
    assert "sertraline" not in said(folder, "zoloft", "--exact-names")
    found = json.loads(said(folder, "zoloft", "--format", "json"))
    assert (found["total"], found["total_synonyms"], len(found["hits"])) == (1, 1, 2)
    assert found["synonyms"] == [
        {"name": "zoloft", "others": ["sertraline"], "label": "brand and generic"}
    ]
    rows = said(folder, "zoloft", "--format", "csv").splitlines()
    assert [row.rpartition(",")[2] for row in rows] == ["found_in", "text", "synonym"]


def test_the_page_draws_a_line_and_the_api_has_a_switch(folder: Path) -> None:
    with serving(folder) as client:
        text = " ".join(page(client, "/?q=zoloft").text.split())
        assert "zoloft = sertraline, 1 more passage; only the exact name" in text
        assert text.index("at night") < text.index("zoloft = sertraline") < text.index("Nobody")
        exact = page(client, "/?q=zoloft&exact_names=1").text
        assert "sertraline" not in exact
        assert "only the exact name" in exact  # the filter that can be removed
        assert "No passage has these words" in page(client, "/?q=prozac+OR+tryptizol").text
        second = page(client, "/?q=elavil&page=2").text
        assert "elavil = amitriptyline, endep, 31 more passages" in " ".join(second.split())
        page(client, "/?q=elavil&page=5", 404)
        found = client.get("/api/v1/search?q=zoloft").json
        assert found is not None
        assert (found["total"], found["total_synonyms"]) == (1, 1)
        alone = client.get("/api/v1/search?q=zoloft&exact_names=1").json
        assert alone is not None
        assert (alone["total_synonyms"], len(alone["hits"])) == (0, 1)


# --- files of synonyms ----------------------------------------------------------------------------


def test_links_lead_to_the_same_marks_with_their_reason(folder: Path) -> None:
    synonym = '<mark title="A synonym of your word">'
    with serving(folder) as site:

        def arrived(address: str) -> str:
            answer = site.get(address, follow_redirects=True)
            assert answer.status_code == 200
            return answer.get_data(as_text=True)

        def links_of(address: str) -> list[str]:
            every = (link["href"] for link in page(site, address).all("a") if "href" in link)
            found = [one for one in every if one.startswith("/p/") and "q=" in one]
            return list(dict.fromkeys(found))

        exact, renamed = map(arrived, links_of("/?q=zoloft"))
        assert "<mark>zoloft</mark> at night" in exact
        assert f"{synonym}sertraline</mark> with elavil" in renamed
        texts = map(arrived, links_of("/?q=elavil"))
        many = next(text for text in texts if "Passage 7" in text)
        assert many.count(f"{synonym}endep</mark> alone") == 30
        assert "matches in 30 of 30 passages" in many  # the strip has them too

        # By the switch there is none, and its links keep it.
        link = links_of("/?q=elavil&exact_names=1")[0]
        assert "exact_names=1" in link
        assert synonym not in arrived(link)
        assert synonym not in arrived("/articles/generic?q=elavil&exact_names=1")
        assert synonym in arrived("/articles/generic?q=elavil")

        # A concordance counts none, and leads to none.
        (line,) = links_of("/audit/concordance?q=zoloft")
        assert synonym not in arrived(line)
        assert "<mark>zoloft</mark>" in arrived(line)


def test_a_file_has_labels_and_commas() -> None:
    data = b"# label: class\nssri => fluoxetine, sertraline\n#label:\na, b\\, c\n# label of none\n"
    found = read_synonyms(data, "x")
    assert found.labels == {("ssri",): "class"}
    assert found.rules[("ssri",)] == (("fluoxetine",), ("sertraline",))
    assert found.rules[("a",)] == (("b", "c"),)


def test_no_name_stands_for_two_drugs() -> None:
    rules = drug_names().rules
    for name, others in rules.items():
        assert name not in others
        for other in others:
            assert {other, *rules[other]} == {name, *others}, name
    assert len(rules) > 900
