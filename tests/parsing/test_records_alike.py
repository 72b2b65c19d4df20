"""Records, files and sections of one name: each is found, and many take no longer each than few."""

from __future__ import annotations

import time

from indexer.parsing.article import article_ids, unique
from indexer.passages import Anchors
from tests.helpers.effort import tries


def test_equal_names_are_numbered_in_order() -> None:
    taken: dict[str, int] = {}
    names = ["a", "a", "a-3", "a", "b", "a", "a-3"]
    found = [unique(name, taken) for name in names]
    assert found == ["a", "a-2", "a-3", "a-4", "b", "a-5", "a-3-2"]


def test_many_equal_names_take_no_longer_each_than_few() -> None:
    def seconds(many: int) -> float:
        began = time.thread_time()
        taken: dict[str, int] = {}
        anchors = Anchors("Title")
        for number in range(many):
            unique("one-title", taken)
            anchors.give(("Same", str(number), "Same"))
        return time.thread_time() - began

    few = tries(2_000, 5_000)
    assert seconds(10 * few) < 40 * seconds(few) + 0.5  # a hundred times, were it quadratic


def test_files_of_one_name_have_ids_of_their_own() -> None:
    paths = [f"{'é' * number}.md" for number in range(1, 4)] + ["e.txt", "E.txt", "e!.txt"]
    assert len(set(article_ids(paths).values())) == len(paths)
