"""Compatibility: an index of version 0.1 keeps every id, every permalink and what it finds.

`data/index-0.1.zip` holds articles in their last state; an index that was made of them in three
states, between which passages were edited, moved and lost; and what version 0.1 said of it. The
other archives hold that index, built anew by the first commit that ran after the number of a
format had been raised: of the analysis (62508aa), of arrays (8203800), the last without manifests
(9e874d1), with them (2be4a81), of arrays again (0201086), and of the analysis (cb10b57, 3690ad9).
"""

from __future__ import annotations

import json
import shutil
from operator import itemgetter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests import DATA
from tests.helpers.command_line import pilcrow
from tests.helpers.effort import NIGHTLY
from tests.helpers.sites import serving

OLD = DATA / "index-0.1.zip"
SINCE = ("62508aa", "8203800", "9e874d1", "2be4a81", "0201086", "cb10b57", "3690ad9", "9a85940")
MADE_BY = ("0.1", *SINCE)
SOME = MADE_BY if NIGHTLY else (MADE_BY[0], MADE_BY[-1])


@pytest.fixture(params=SOME)
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with `articles` and `index`."""
    with ZipFile(OLD) as archive:
        archive.extractall(tmp_path)
    if request.param in SINCE:
        shutil.rmtree(tmp_path / "index")
        with ZipFile(DATA / f"index-{request.param}.zip") as archive:
            archive.extractall(tmp_path)
    return tmp_path


def told(folder: Path) -> dict[str, Any]:
    """What is said of the index in `folder` now, as version 0.1 said it."""
    index = folder / "index"
    links = json.loads(pilcrow("links", "--index", index, "--format", "json", code=1).stdout)
    exported = folder / "export.jsonl"
    pilcrow("links", "--index", index, "--export", exported)
    permalinks = {}
    with serving(index) as client:
        for link in links["links"]:
            answer = client.get(f"/p/{link['id']}")
            permalinks[link["id"]] = [answer.status_code, answer.headers.get("Location", "")]
    known = ("id", "status", "article", "section", "was", "now", "confidence")
    return {
        "links": [{key: link[key] for key in known} for link in links["links"]],
        "export": [json.loads(line) for line in exported.read_text("utf-8").splitlines()],
        "permalinks": permalinks,
        "searches": {query: found(index, query) for query in expected(folder)["searches"]},
    }


def found(index: Path, query: str) -> dict[str, Any]:
    """What a query finds: how many, their ids and marks. (Their order is a newer ranking's.)"""
    answer = json.loads(pilcrow("search", query, "--index", index, "--format", "json").stdout)
    hits = [{"id": hit["id"], "marks": hit["marks"]} for hit in answer["hits"]]
    return {"total": answer["total"], "hits": sorted(hits, key=itemgetter("id"))}


def expected(folder: Path) -> dict[str, Any]:
    """What version 0.1 said."""
    content: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    for answer in content["searches"].values():
        answer["hits"].sort(key=itemgetter("id"))
    return content


def test_the_old_index_has_links_of_every_kind(folder: Path) -> None:
    kinds = {link["status"] for link in expected(folder)["links"]}
    assert kinds == {"intact", "moved", "edited", "lost"}


@pytest.mark.parametrize("folder", MADE_BY, indirect=True)
def test_an_old_index_is_read(folder: Path) -> None:
    assert told(folder) == expected(folder)
    pilcrow("verify", "--index", folder / "index")


@pytest.mark.parametrize("lost", ["arrays", "arrays/*.seg", "arrays/snapshot*"])
@pytest.mark.slow
def test_an_old_index_is_rebuilt_from_its_store(folder: Path, lost: str) -> None:
    for path in (folder / "index").glob(lost):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            file.unlink()
    assert told(folder) == expected(folder)
    pilcrow("verify", "--index", folder / "index")


@pytest.mark.parametrize("options", [(), ("--rebuild",)])
@pytest.mark.slow
def test_indexing_into_an_old_index_keeps_ids_and_what_became_of_them(
    folder: Path, options: tuple[str, ...]
) -> None:
    index = folder / "index"
    for _ in range(2):
        done = pilcrow("index", folder / "articles", "--index", index, *options, "--json")
        report = json.loads(done.stdout)
        assert (report["added"], report["changed"], report["removed"]) == (0, 0, 0)
        assert report["unchanged"] == 5
    assert told(folder) == expected(folder)
    pilcrow("verify", "--index", index)


def test_an_edit_after_that_is_followed_on(folder: Path) -> None:
    article = folder / "articles" / "gabafen.md"
    text = article.read_text("utf-8").replace("every three weeks until", "every seven weeks until")
    article.write_text(text, "utf-8")
    pilcrow("index", folder / "articles", "--index", folder / "index")
    before = {link["id"]: link for link in expected(folder)["links"]}
    after = {link["id"]: link for link in told(folder)["links"]}
    assert before.keys() < after.keys()
    changed = {n for n in before if (before[n]["now"] or {}).get("text", "").startswith("Never")}
    assert len(changed) == 3  # the two edited before, and the passage itself
    for name in changed:
        assert after[name]["status"] == "edited"
        assert "every seven weeks" in after[name]["now"]["text"]
    assert all(after[name] == before[name] for name in before.keys() - changed)
