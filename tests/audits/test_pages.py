"""Pages: a result is found once for all who leaf through it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from indexer import Index
from tests.helpers.indexed import indexed

SITE = {
    name: f"# {name}\n\nThe dose of {name} is the dose of all. Take the dose of {name} once.\n"
    for name in ("anise", "basil", "cumin", "dill")
}
# What finds the whole; what asks for a part of it; another question.
RESULTS: list[tuple[str, Callable[..., Any], dict[str, object], dict[str, object]]] = [
    ("concordance.occurrences", Index.concordance, {"query": "dose"}, {"query": "take"}),
    ("concordance.ordered_rows", Index.concordance, {"query": "dose", "sort": ("right2", "left1")},
     {"query": "dose", "sort": ("left1",)}),
    ("collocates.all_collocates", Index.collocates, {"query": "dose"}, {"query": "take"}),
    ("ngrams.all_clusters", Index.clusters, {"query": "dose"}, {"query": "dose", "size": 2}),
    ("ngrams.all_ngrams", Index.ngrams, {}, {"size": 2}),
    ("frequencies.all_words", Index.word_list, {}, {"articles": ("anise",)}),
    ("keywords.keywords", Index.keywords, {"articles": ("anise",), "least": 1},
     {"articles": ("basil",), "least": 1}),
    ("duplicates.duplicate_groups", Index.duplicates, {}, {"units": ("sentence",)}),
]  # fmt: skip
WHOLES: list[tuple[str, Callable[..., Any], dict[str, object]]] = [
    ("readability.readability", Index.readability, {}),
    ("counts.audit", Index.audit, {"terms": ("dose", "take")}),
]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Counter[str]]:
    """Has the calls of a function of the audits counted; each takes a while."""

    def count(name: str) -> Counter[str]:
        module, _, function = name.partition(".")
        module = f"indexer.audits.{module}"
        made: Callable[..., Any] = getattr(__import__(module, fromlist=[function]), function)
        counts: Counter[str] = Counter()

        def counted(*args: object, **named: object) -> object:
            counts[name] += 1
            time.sleep(0.05)
            return made(*args, **named)

        monkeypatch.setattr(f"{module}.{function}", counted)
        return counts

    return count


def listed(found: Any) -> list[Any]:
    """The rows, lines or groups of an answer."""
    names = ("rows", "lines", "groups")
    return list(next(getattr(found, name) for name in names if hasattr(found, name)))


@pytest.mark.parametrize(("finds", "ask", "asked", "other"), RESULTS)
def test_pages_of_one_result_come_from_one_computation(
    calls: Callable[[str], Counter[str]],
    finds: str,
    ask: Callable[..., Any],
    asked: dict[str, object],
    other: dict[str, object],
) -> None:
    with indexed(SITE) as index:
        whole = ask(index, **asked)
        size = max(whole.total, 1)
    with indexed(SITE) as index:
        counts = calls(finds)
        pages = []
        for offset in range(size):  # who leafs through another one meanwhile is in nobody's way
            pages += listed(ask(index, **asked, offset=offset, limit=1))
            ask(index, **other, offset=offset, limit=1)
        assert pages == listed(whole)
        assert counts[finds] == 2


@pytest.mark.parametrize(("finds", "ask", "asked"), WHOLES + [one[:3] for one in RESULTS])
def test_who_asks_the_same_at_once_shares_one_computation(
    calls: Callable[[str], Counter[str]],
    finds: str,
    ask: Callable[..., Any],
    asked: dict[str, object],
) -> None:
    with indexed(SITE) as index, ThreadPoolExecutor(4) as threads:
        counts = calls(finds)
        first, *others = threads.map(lambda _: ask(index, **asked), range(4))
        assert all(one == first for one in others)
        assert counts[finds] == 1
