"""Commits: the arrays are those of what is stored, and nothing else is inverted for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from indexer import worker_pool
from indexer.errors import IndexBusy
from indexer.model import Article, Block, Span
from indexer.passages import split
from indexer.segments import inverter
from indexer.segments.refresh import refresh
from indexer.segments.snapshot import Snapshot
from indexer.store.codec import Packed, pack
from indexer.store.reader import Store
from indexer.store.writer import Writer, writing


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few articles are many, and keep two processes busy."""
    monkeypatch.setattr(inverter, "ALONE", 0)
    monkeypatch.setattr(inverter, "BUNCH", 130)
    monkeypatch.setattr(worker_pool, "count_workers", lambda: 2)


def put(writer: Writer, number: int, text: str = "") -> None:
    words = text or f"Paragraph {number} on chronic pain. It is well-known."
    one = Article(
        f"a{number * 37 % 100:02}",
        f"Title {number}",
        "",
        "en",
        words,
        (Block("paragraph", 0, Span(0, len(words)), ()),),
    )
    writer.add(pack(one, split(one), source=f"/{number}", root="/"))


def commit(folder: Path, *numbers: int, text: str = "", anew: bool = False) -> Snapshot:
    with writing(folder, anew=anew) as writer:
        for number in numbers:
            put(writer, number, text)
    with Store.open(folder) as store:
        return refresh(store, folder, fresh=anew)


def held(snapshot: Snapshot) -> list[dict[str, bytes]]:
    """The bytes of all arrays of each segment."""
    containers = [part.segment.container for part in snapshot.parts]
    return [{name: c[name].tobytes() for name in c.names} for c in containers]


def afresh(folder: Path, elsewhere: Path) -> Snapshot:
    """The arrays made of the store alone."""
    with Store.open(folder) as store:
        return refresh(store, elsewhere, fresh=True)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the articles that were inverted."""
    names: list[str] = []
    packed = Store.packed

    def noting(self: Store, article_ids: Iterable[str]) -> Iterator[Packed]:
        for one in packed(self, article_ids):
            names.append(one.entry.article_id)
            yield one

    monkeypatch.setattr(Store, "packed", noting)
    return names


@pytest.mark.slow
@pytest.mark.usefixtures("two_processes")
def test_arrays_are_those_of_the_store(tmp_path: Path, added: list[str]) -> None:
    snapshot = commit(tmp_path / "one", *range(40))
    assert len(added) == 40  # none of them twice
    assert held(snapshot) == held(afresh(tmp_path / "one", tmp_path / "two"))


@pytest.mark.slow
@pytest.mark.usefixtures("two_processes")
def test_what_was_undone_is_in_no_arrays(tmp_path: Path) -> None:
    commit(tmp_path, *range(5))
    with pytest.raises(RuntimeError), writing(tmp_path) as writer:
        for number in range(5, 30):
            put(writer, number)
        raise RuntimeError
    snapshot = afresh(tmp_path, tmp_path)
    assert len(snapshot.articles_by_id) == 5
    assert len(list((tmp_path / "arrays").iterdir())) == 2


def test_a_second_writer_is_refused_as_ever(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(IndexBusy), writing(tmp_path):
        pass


def test_what_changed_goes_into_a_segment_of_its_own(tmp_path: Path, added: list[str]) -> None:
    commit(tmp_path / "one", *range(40))
    del added[:]
    snapshot = commit(tmp_path / "one", 7, 8, text="Other words. And more.")
    assert len(added) == 2
    assert len(snapshot.parts) == 2
    assert snapshot.parts[1].segment.articles == 2
    homes = afresh(tmp_path / "one", tmp_path / "two").articles_by_id
    assert list(snapshot.articles_by_id) == list(homes)


def test_when_segments_are_merged_the_others_are_read_back(
    tmp_path: Path, added: list[str]
) -> None:
    commit(tmp_path / "one", *range(40))
    del added[:]
    snapshot = commit(tmp_path / "one", *range(10), text="Other words. And more.")
    assert len(added) == 10
    assert len(snapshot.parts) == 1
    assert held(snapshot) == held(afresh(tmp_path / "one", tmp_path / "two"))


def test_an_index_made_anew_keeps_nothing_of_the_arrays(tmp_path: Path, added: list[str]) -> None:
    before = commit(tmp_path, *range(40))
    del added[:]
    snapshot = commit(tmp_path, *range(41), anew=True)
    assert len(added) == len(set(added)) == len(snapshot.articles_by_id) == 41
    (part,), (old,) = snapshot.parts, before.parts
    assert part.segment.container.path != old.segment.container.path


def test_articles_that_the_arrays_have_already_do_no_harm(tmp_path: Path) -> None:
    """One may be put again as it is, when its file has moved."""
    commit(tmp_path / "one", *range(40))
    snapshot = commit(tmp_path / "one", 3, 40)
    assert len(snapshot.parts) == 2
    (new,) = [p for p in snapshot.parts if p.segment.articles < 40]
    assert list(new.segment.article_ids[:]) == ["a80"]
    words = new.segment.vocabulary.forms[:]
    assert "40" in words
    assert "3" not in words
