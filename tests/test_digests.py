"""What some 900 queries find, count, mark and in what order, as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from indexer import Settings, open_index
from tests.helpers.digests import (
    Digest,
    corpus_digest,
    digests,
    make_index,
    read,
    write_synonyms,
    written,
)
from tests.helpers.recording import recorded

MOST = 25  # queries that a failure names


@dataclass(frozen=True)
class Compared:
    """Digests recorded and digests of now."""

    totals: dict[str, str]
    before: list[Digest]
    totals_now: dict[str, str]
    now: list[Digest]

    def same(self, *names: str) -> None:
        """Nothing of these names differs in any query; a failure says in which it does."""
        differing = [
            f"  {'' if new.in_headings else 'NO '}word in headings, "
            f"hits {old.hits} → {new.hits}, count {old.count} → {new.count}: {new.query}"
            for old, new in zip(self.before, self.now, strict=True)
            if any(getattr(old, name) != getattr(new, name) for name in names)
        ]
        apart = sum("NO word in" in line for line in differing)
        assert not differing, "\n".join(
            (
                f"{', '.join(names)} differ in {len(differing)} queries, "
                f"{apart} of them without a word of a heading or title",
                *sorted(differing)[:MOST],
            )
        )


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("digests")
    path, synonyms = make_index(folder), Settings(synonyms=write_synonyms(folder))
    with (
        open_index(path, settings=Settings()) as index,
        open_index(path, settings=synonyms) as synonymous,
    ):
        text = written(corpus_digest(index), digests(index, synonymous))
    before, old = read(recorded("digests.json", text))
    now, new = read(text)
    return Compared(before, old, now, new)


def test_the_passages_are_those_recorded(compared: Compared) -> None:
    assert compared.totals_now["corpus"] == compared.totals["corpus"]


def test_the_queries_are_those_recorded(compared: Compared) -> None:
    assert [one.query for one in compared.now] == [one.query for one in compared.before]
    compared.same("in_headings")


def test_the_queries_are_of_every_sort(compared: Compared) -> None:
    now = compared.now
    assert len(now) == 900
    assert sum(one.hits > 0 for one in now) > 600
    assert sum(one.relaxed for one in now) > 60
    assert sum(not one.in_headings for one in now) > 300
    assert sum(one.in_headings for one in now) > 300


@pytest.mark.parametrize("name", ["found", "count", "concordance", "order"])
def test_every_answer_is_the_one_recorded(compared: Compared, name: str) -> None:
    compared.same(name)


def test_the_two_digests_are_those_recorded(compared: Compared) -> None:
    assert compared.totals_now == compared.totals


def test_a_difference_names_its_query(compared: Compared) -> None:
    other = replace(compared.now[5], found="0" * 10)
    changed = replace(compared, now=[*compared.before[:5], other, *compared.before[6:]])
    with pytest.raises(AssertionError, match="found, order differ in 1 queries") as failure:
        changed.same("found", "order")
    assert other.query in str(failure.value)
