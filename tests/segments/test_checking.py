"""What nobody has read of an index is checked beside the reading, from the second question on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer import Index, build_index, open_index
from indexer.sorted_arrays import Array

TEXT = "\n\n".join(f"Paragraph {n} says that tapering takes {n} weeks." for n in range(400))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text(f"# Tapering\n\n{TEXT}\n", encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    return tmp_path / "index"


def unread(index: Index) -> list[str]:
    """Arrays of which some block has not been checked."""
    containers = [part.segment.container for part in index._snapshot.parts]
    return [name for c in containers for name in c.names if c.to_check[name] is not None]


def test_one_question_reads_what_it_needs(folder: Path) -> None:
    with open_index(folder) as index:
        index.search("weeks")
        assert not index._preparing.is_alive()
        assert unread(index)
        index.search("weeks")
        index._preparing.join()
        assert not unread(index)


def test_damage_is_left_to_whoever_reads_it(folder: Path) -> None:
    """The thread says nothing; the answer is right, for the arrays are rebuilt."""
    (segment,) = (folder / "arrays").glob("*.seg")
    raw = bytearray(segment.read_bytes())
    raw[raw.index(b"Paragraph 390 says")] ^= 1  # in a block without the first paragraph
    segment.write_bytes(raw)
    with open_index(folder) as index:
        for _ in range(2):
            assert index.search('"takes 1 weeks"').hits[0].passage.text.startswith("Paragraph 1 ")
        index._preparing.join()
        assert "text.bytes" in unread(index)
        assert index.search("weeks", limit=400).total == 400
        assert {hit.passage.text for hit in index.search("weeks", limit=400).hits} == {
            f"Paragraph {n} says that tapering takes {n} weeks." for n in range(400)
        }


def test_blocks_that_are_checked_meanwhile_do_no_harm(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question and the thread may check the same blocks at the same time."""
    with open_index(folder) as index:
        (part,) = index._snapshot.parts
        container = part.segment.container

        def counted_then_listed(blocks: Array) -> Array:
            found = np.full(np.count_nonzero(blocks), 1 << 60)
            for todo in container.to_check.values():
                if todo is not None:
                    todo[:] = False  # by another thread
            there = blocks.nonzero()[0]
            found[: there.size] = there
            return found

        monkeypatch.setattr(np, "flatnonzero", counted_then_listed)
        for name in container.names:
            container.check(name)


def test_closing_ends_the_thread(folder: Path) -> None:
    index = open_index(folder)
    index.search("weeks")
    index.search("tapering")
    index.close()
    index._preparing.join(10)
    assert not index._preparing.is_alive()
