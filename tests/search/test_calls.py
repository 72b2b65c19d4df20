"""How long the path of a search is, for whoever follows it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import indexer
from indexer import Index, build_index, open_index

ROOT = Path(indexer.__file__).parent
MOST_CALLS, MOST_FILES = 200, 18


def _files_of_calls(index: Index, word: str) -> list[str]:
    """The file of each function that a search calls."""
    files: list[str] = []

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and Path(frame.f_code.co_filename).is_relative_to(ROOT):
            files.append(frame.f_code.co_filename)

    sys.setprofile(count)
    found = index.search(word)
    sys.setprofile(None)
    assert found.hits
    return files


def test_a_warm_search_makes_few_calls_in_few_files(tmp_path: Path) -> None:
    """The second of two, for the first reads what all others need."""
    build_index(ROOT.parent / "corpus", tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        for word in ("pain", "tapering"):
            files = _files_of_calls(index, word)
    assert len(files) <= MOST_CALLS
    assert len(set(files)) <= MOST_FILES
