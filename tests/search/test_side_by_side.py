"""Searches of several threads go on side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from indexer import Index
from indexer.search.matcher import Matcher


def test_no_search_waits_until_another_has_been_answered(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Barrier(2, timeout=10)
    answer = Matcher._matches_of

    def met(matcher: Matcher, part: int) -> object:
        if part == 0:
            both.wait()  # broken if one comes here only when the other has gone
        return answer(matcher, part)

    monkeypatch.setattr(Matcher, "_matches_of", met)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(index.search, ("pain threshold", "not the")))
    monkeypatch.undo()
    assert found == [index.search(query) for query in ("pain threshold", "not the")]
    assert all(one.total for one in found)
