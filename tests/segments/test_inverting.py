"""Inverting: who does it, in what order and in how many pieces makes no difference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import worker_pool
from indexer.model import Article, Block, Kind, Span
from indexer.passages import split
from indexer.segments import inverter
from indexer.segments.builder import segment_arrays
from indexer.segments.inverter import Inverter, invert
from indexer.segments.runs import Run, merge, versions_of
from indexer.store.codec import Packed, StoreDamaged, decode, pack, unpack
from indexer.store.reader import Store
from indexer.text.tokenizer import compounds
from indexer.worker_pool import WorkerLost, WorkerPool
from tests.helpers.effort import NIGHTLY

TEXTS = (
    "Chronic pain isn't anti-inflammatory. Dr. Who says so.",
    "***",
    "Take 25mg at 5.5 p.m. Or not: state-of-the-art.",
    "Café “crème”. D’après lui, non.\nEt l'eau?",
)


def article(number: int) -> Packed:
    """An article with headings, boilerplate, perhaps a list and a passage without words."""
    language = ("en", "en", "fr")[number % 3]
    kinds: list[Kind] = ["title", "paragraph", "heading", "paragraph", "boilerplate", "list_item"]
    parts = [f"Title {number}", TEXTS[number % 4], "Uses\nof it", f"Word{number} x-ray.", "Home"]
    parts += [f"item {n}" for n in range(number % 5)]
    kinds += ["list_item"] * (len(parts) - len(kinds))
    starts = [0, *accumulate(len(part) + 2 for part in parts)]
    blocks = tuple(
        Block(kind, int(kind == "heading"), Span(at, at + len(part)), ("Uses of it",) * (n > 2))
        for n, (kind, part, at) in enumerate(zip(kinds, parts, starts))
    )
    name = f"a{number * 7919 % 1000:03}"
    one = Article(name, parts[0], f"http://x/{number}", language, "\n\n".join(parts), blocks)
    return pack(one, split(one), source=name, root="")


ARTICLES = [article(number) for number in range(30)]
IDS = sorted(packed.entry.article_id for packed in ARTICLES)
VERSIONS = {packed.entry.article_id: packed.entry.version for packed in ARTICLES}


class Source(Store):
    """Articles in memory."""

    def __init__(self, articles: Iterable[Packed]) -> None:
        self.articles = {packed.entry.article_id: packed for packed in articles}

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        return (self.articles[article_id] for article_id in article_ids)


def segment(runs: Sequence[Run]) -> tuple[dict[str, tuple[str, bytes]], dict[str, object]]:
    """The arrays of all articles, as bytes."""
    arrays, facts = segment_arrays(merge(runs, IDS))
    return {name: (str(a.dtype), a.tobytes()) for name, a in arrays.items()}, facts


@pytest.fixture(scope="module")
def expected() -> tuple[dict[str, tuple[str, bytes]], dict[str, object]]:
    """What one process makes of the articles in order of their ids, in one run."""
    packed = Source(ARTICLES).packed(IDS)
    return segment([Inverter().invert(decode(one.entry, one.payload) for one in packed)])


@pytest.fixture
def small_bunches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few articles keep several processes busy."""
    monkeypatch.setattr(inverter, "ALONE", 0)
    monkeypatch.setattr(inverter, "BUNCH", 100)


def inverted(workers: int, source: Source | None = None) -> list[Run]:
    """What so many workers make of the articles."""
    with WorkerPool(workers) as pool:
        return invert(source or Source(ARTICLES), IDS, pool)


def noted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The bunches that workers are asked for, from now on."""
    asked: list[object] = []
    submit = WorkerPool.submit

    def note(self: WorkerPool, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        asked.append(arguments)
        return submit(self, function, *arguments)

    monkeypatch.setattr(WorkerPool, "submit", note)
    return asked


Segment = tuple[dict[str, tuple[str, bytes]], dict[str, object]]


@pytest.mark.slow
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 12))
def test_runs_of_several_makers_in_any_order_give_the_same_arrays(
    expected: Segment, chance: Random, makers: int, pieces: int
) -> None:
    shuffled = chance.sample(ARTICLES, len(ARTICLES))
    cuts = sorted(chance.sample(range(1, len(ARTICLES)), pieces - 1))
    inverters = [Inverter() for _ in range(makers)]
    runs = []
    for low, high in zip([0, *cuts], [*cuts, len(ARTICLES)]):
        rows = (decode(packed.entry, packed.payload) for packed in shuffled[low:high])
        runs.append(inverters[chance.randrange(makers)].invert(rows))
    assert segment(runs) == expected


def test_hyphenated_words_are_those_of_the_texts(expected: Segment) -> None:
    raw, ends = (expected[0][f"compound.{name}"][1] for name in ("bytes", "ends"))
    found = {line.split("\t")[1] for line in _lines(raw, np.frombuffer(ends, np.uint32))}
    texts = [unpack(one.entry, one.payload).article.text for one in ARTICLES]
    assert found == {" ".join(parts) for text in texts for parts in compounds(text)}
    assert {"anti inflammatory", "state of the art", "x ray"} <= found


def test_articles_that_are_not_asked_for_leave_no_word() -> None:
    every = inverted(0)
    some = IDS[::2]
    arrays, _ = segment_arrays(merge(every, some))
    alone, _ = segment_arrays(merge(invert(Source(ARTICLES), some, WorkerPool(0)), some))
    assert {name: a.tobytes() for name, a in arrays.items()} == {
        name: a.tobytes() for name, a in alone.items()
    }


def _lines(raw: bytes, ends: npt.NDArray[np.uint32]) -> list[str]:
    return [raw[a:b].decode() for a, b in pairwise(ends.tolist())]


@pytest.mark.slow
@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [0, 1, 2, 3])
def test_processes_give_the_same_arrays_as_one(expected: Segment, workers: int) -> None:
    with WorkerPool(workers) as pool:
        runs = invert(Source(ARTICLES), Random(workers).sample(IDS, len(IDS)), pool)
    assert len(runs) > 10 or not workers
    assert versions_of(runs) == VERSIONS
    assert segment(runs) == expected


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch, expected: Segment) -> None:
    monkeypatch.setattr(worker_pool, "Worker", None)
    assert segment(inverted(2)) == expected


LOST = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
    "from indexer.worker_pool import answer\n"
    "from indexer.segments import inverter\n"
    "made, invert = [], inverter._invert\n"
    "def lost(*given):\n"
    "    made.append(1)\n"
    "    {what}\n"
    "    return invert(*given)\n"
    "inverter._invert = lost\n"
    "answer()\n"
)


@pytest.mark.slow
@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [1, 2] if NIGHTLY else [2])
@pytest.mark.parametrize("what", ["len(made) > 1 and os._exit(9)", "os._exit(9)"])
def test_what_a_lost_worker_had_is_inverted_here(
    monkeypatch: pytest.MonkeyPatch, expected: Segment, workers: int, what: str
) -> None:
    monkeypatch.setattr(worker_pool, "_SCRIPT", LOST.format(what=what))
    monkeypatch.setattr(inverter, "BUNCH", 2_000)  # each is a worker that must be replaced
    asked: list[Future[Run]] = []
    submit = WorkerPool.submit

    def note(self: WorkerPool, *call: Any) -> Future[Run]:
        asked.append(submit(self, *call))
        return asked[-1]

    monkeypatch.setattr(WorkerPool, "submit", note)
    assert segment(inverted(workers)) == expected
    assert any(isinstance(answer.exception(), WorkerLost) for answer in asked)


@pytest.mark.usefixtures("small_bunches")
def test_a_system_without_processes_to_give_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, expected: Segment
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert segment(inverted(2)) == expected


@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_damaged_is_told(workers: int) -> None:
    packed = ARTICLES[4]
    source = Source(ARTICLES)
    source.articles[packed.entry.article_id] = Packed(packed.entry, packed.payload[:-1])
    with pytest.raises(StoreDamaged):
        inverted(workers, source)


@pytest.mark.slow
@pytest.mark.usefixtures("small_bunches")
def test_what_a_worker_knows_of_words_makes_no_difference(expected: Segment) -> None:
    with WorkerPool(2) as pool:
        for _ in range(2):
            assert segment(invert(Source(ARTICLES), IDS, pool)) == expected


@pytest.mark.usefixtures("small_bunches")
@pytest.mark.slow
def test_no_more_bunches_wait_than_the_pool_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gives articles is held up while the workers can't keep pace."""
    script = LOST.format(what="__import__('time').sleep(60)")
    monkeypatch.setattr(worker_pool, "_SCRIPT", script)
    asked = noted(monkeypatch)
    with WorkerPool(2) as pool:

        def give() -> None:
            with suppress(ValueError):  # closed in the meantime
                invert(Source(ARTICLES), IDS * 4, pool)

        thread = threading.Thread(target=give, daemon=True)
        thread.start()
        thread.join(2)
        assert thread.is_alive()
        # a bunch at each worker, two that wait for each, one that can't be handed on
        assert len(asked) <= 2 + 2 * 2 + 1
