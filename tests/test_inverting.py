"""Inverting: who does it, in what order and in how many pieces makes no difference."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import worker_pool as processes
from indexer.model import Article, Block, Kind, Span
from indexer.passages import split
from indexer.segments import sharing
from indexer.segments.builder import assemble
from indexer.segments.inverter import Inverter
from indexer.segments.sharing import Harvest, Sharing, invert
from indexer.segments.tables import Words
from indexer.store.codec import DamageError, Packed, decode, pack

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


class Source:
    """Articles in memory."""

    def __init__(self, articles: Iterable[Packed]) -> None:
        self.articles = {packed.entry.article_id: packed for packed in articles}

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        return (self.articles[article_id] for article_id in article_ids)


def segment(done: Harvest) -> tuple[dict[str, tuple[str, bytes]], dict[str, object]]:
    """The arrays of all articles, as bytes."""
    arrays, facts = assemble(done.ordered(IDS), done.words)
    return {name: (str(a.dtype), a.tobytes()) for name, a in arrays.items()}, facts


@pytest.fixture(scope="module")
def expected() -> tuple[dict[str, tuple[str, bytes]], dict[str, object]]:
    """What one process makes of the articles in order of their ids, in one run."""
    inverter = Inverter()
    by_id = Source(ARTICLES).articles
    for article_id in IDS:
        entry = by_id[article_id].entry
        inverter.add(decode(entry, by_id[article_id].payload), entry.version)
    run, words = inverter.take()
    return segment(Harvest([run], [0], [words]))


@pytest.fixture
def small_bunches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few articles keep several processes busy."""
    monkeypatch.setattr(sharing, "ALONE", 0)
    monkeypatch.setattr(sharing, "BUNCH", 300)


Segment = tuple[dict[str, tuple[str, bytes]], dict[str, object]]


@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(1, 12))
def test_runs_of_several_makers_in_any_order_give_the_same_arrays(
    expected: Segment, chance: Random, makers: int, pieces: int
) -> None:
    shuffled = chance.sample(ARTICLES, len(ARTICLES))
    cuts = sorted(chance.sample(range(1, len(ARTICLES)), pieces - 1))
    inverters = [Inverter() for _ in range(makers)]
    done = Harvest(words=[Words() for _ in range(makers)])
    for low, high in zip([0, *cuts], [*cuts, len(ARTICLES)]):
        maker = chance.randrange(makers)
        for packed in shuffled[low:high]:
            inverters[maker].add(decode(packed.entry, packed.payload), packed.entry.version)
        run, words = inverters[maker].take()
        done.add(run, maker, words)
    assert segment(done) == expected


@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [0, 1, 2, 3])
def test_processes_give_the_same_arrays_as_one(expected: Segment, workers: int) -> None:
    with Sharing(workers) as share:
        for packed in Random(workers).sample(ARTICLES, len(ARTICLES)):
            share.add(packed, packed.entry.version)
        done = share.finish()
    assert len(done.words) == max(workers, 1)
    assert len(done.runs) > 10
    assert done.versions() == VERSIONS
    assert segment(done) == expected


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch, expected: Segment) -> None:
    monkeypatch.setattr(sharing, "Process", None)
    assert segment(invert(Source(ARTICLES), IDS, VERSIONS, workers=2)) == expected


def test_articles_of_few_passages_are_much_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "BUNCH", 300)
    with Sharing(1) as share:
        for packed in ARTICLES:
            share.add(packed, packed.entry.version)
        assert len(share.finish().runs) > sharing._HELD
        assert isinstance(share._makers, sharing.Team)


LOST = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1])\n"
    "from indexer.worker_pool import answer\n"
    "from indexer.inverting import sharing\n"
    "made, inverted = [], sharing._inverted\n"
    "def lost(*given):\n"
    "    made.append(1)\n"
    "    {what}\n"
    "    return inverted(*given)\n"
    "sharing._inverted = lost\n"
    "answer()\n"
)


@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "what", ["len(made) > 1 and os._exit(9)", "os._exit(9)", "0/0", "len(made) > 2 and 0/0"]
)
def test_what_a_lost_process_had_is_inverted_here(
    monkeypatch: pytest.MonkeyPatch, expected: Segment, workers: int, what: str
) -> None:
    monkeypatch.setattr(processes, "_SCRIPT", LOST.format(what=what))
    assert segment(invert(Source(ARTICLES), IDS, VERSIONS, workers)) == expected


@pytest.mark.usefixtures("small_bunches")
def test_a_system_without_processes_to_give_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, expected: Segment
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert segment(invert(Source(ARTICLES), IDS, VERSIONS, workers=2)) == expected


@pytest.mark.usefixtures("small_bunches")
@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_damaged_is_told(workers: int) -> None:
    packed = ARTICLES[4]
    source = Source(ARTICLES)
    source.articles[packed.entry.article_id] = Packed(packed.entry, packed.payload[:-1])
    with pytest.raises(DamageError):
        invert(source, IDS, VERSIONS, workers)


# --- bounds ------------------------------------------------------------------------------------


class Slow:
    """A process that answers when it may."""

    may = threading.Event()
    asked = 0

    def call(self, function: object, bunch: Sequence[object]) -> object:
        Slow.asked += 1
        Slow.may.wait()
        raise processes.ProcessLost

    def close(self) -> None:
        Slow.may.set()

    def __enter__(self) -> Slow:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.usefixtures("small_bunches")
def test_who_gives_articles_waits_when_processes_cant_keep_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sharing, "Process", Slow)
    Slow.may.clear()
    given_: list[Packed] = []
    with Sharing(2) as share:

        def give() -> None:
            for packed in chain.from_iterable([ARTICLES] * 4):
                share.add(packed, "")
                given_.append(packed)

        thread = threading.Thread(target=give, daemon=True)
        thread.start()
        before = -1
        while len(given_) > before:  # until it waits
            before = len(given_)
            time.sleep(0.2)
        is_waiting = thread.is_alive()
        Slow.may.set()
        thread.join()
    sizes = [3 * len(packed.payload) for packed in ARTICLES]
    bunch = 300 + max(sizes)
    assert is_waiting
    # a bunch at each process, two that wait for each, one that can't be handed on
    assert sum(sizes) / len(sizes) * before < (2 + 2 * 2 + 1) * bunch


@pytest.mark.usefixtures("small_bunches")
def test_stopping_early_leaves_no_process() -> None:
    with Sharing(2) as share:
        for packed in ARTICLES:
            share.add(packed, packed.entry.version)
        team = share._makers
        assert isinstance(team, sharing.Team)
        while len(team._processes) < 2:
            time.sleep(0.01)
    assert all(process._process.returncode is not None for process in team._processes)
    assert not any(thread.name.startswith("pilcrow") for thread in threading.enumerate())
