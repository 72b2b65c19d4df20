"""Stored articles in, runs out: inverted here, or by a pool of workers if there is much to do.

Articles may be given while the store is still being written: workers then invert them meanwhile.
They are handed on as bytes, many at a time; no more than a few bunches wait, so that whoever gives
them is held up when the workers can't keep pace. Neither the number of workers nor the order in
which articles come makes a difference to a segment. A worker that is lost costs nothing but time:
what it had is inverted here. Refuses (`DamageError`) an article that is not what was packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pickle import PickleBuffer
from typing import NamedTuple, Protocol, cast
from uuid import uuid4

from indexer.segments.inverter import Inverter
from indexer.segments.merge import Place, gather
from indexer.segments.tables import Run, Words
from indexer.store.codec import Bytes, Entry, Packed, decode
from indexer.worker_pool import WorkerLost, WorkerPool

ALONE = 20_000  # passages: fewer are done sooner than workers have started
BUNCH = 1_000_000  # bytes of text that a worker is given at a time, or a little more
_PACKED = 3  # about so many times is text longer than it is when packed
_HELD = 16  # bunches of few passages: these are much to do as well


class ArticleSource(Protocol):
    """What is needed of the store."""

    def packed(self, article_ids: Iterable[str]) -> Iterator[Packed]:
        """Articles as they are stored, in the order asked for."""


class _Given(NamedTuple):
    """An article that is to be inverted."""

    entry: Entry
    version: str
    payload: Bytes


_Bunch = list[_Given]


@dataclass
class Harvest:
    """Runs, and the words of those who made them."""

    runs: list[Run] = field(default_factory=list)
    makers: list[int] = field(default_factory=list)  # of each run
    words: list[Words] = field(default_factory=list)  # of each maker

    def add(self, run: Run, maker: int, words: Words) -> None:
        """Takes in a run, and the words that its maker has met since the one before."""
        self.runs.append(run)
        self.makers.append(maker)
        self.words[maker].extend(words)

    def join(self, other: Harvest) -> None:
        """Takes in what others have made."""
        self.makers += (len(self.words) + maker for maker in other.makers)
        self.runs += other.runs
        self.words += other.words

    def versions(self) -> dict[str, str]:
        """Article id → version, of all articles."""
        texts = [run.texts for run in self.runs]
        return {i: v for each in texts for i, v in zip(each["id"], each["version"])}

    def ordered(self, ids: Sequence[str]) -> Run:
        """The articles of these ids as one run, in this order."""
        places: dict[str, Place] = {}
        for number, run in enumerate(self.runs):
            places.update((article_id, (number, n)) for n, article_id in enumerate(run.texts["id"]))
        return gather(self.runs, self.makers, [places[article_id] for article_id in ids])


def invert(
    source: ArticleSource,
    ids: Sequence[str],
    versions: Mapping[str, str],
    pool: WorkerPool | None = None,
) -> Harvest:
    """These articles of a source, by `pool` or by one of their own. `DamageError`."""
    if pool is None:
        with WorkerPool() as pool:
            return invert(source, ids, versions, pool)
    sharing = Sharing(pool)
    for article_id, packed in zip(ids, source.packed(ids)):
        sharing.add(packed, versions[article_id])
    done = sharing.finish()
    got = done.versions()
    lost = [article_id for article_id in ids if article_id not in got]
    if lost:
        done.join(invert(source, lost, versions, WorkerPool(0)))
    return done


class _Answer(NamedTuple):
    """What became of a bunch."""

    maker: str  # names the inverter
    run: Run
    words: Words  # those that the inverter has met since the bunch before


class Sharing:
    """Takes articles in whatever order they come; `finish` gives what was made of them.

    The workers are those of `pool`, which may be at other work as well.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._name = uuid4().hex
        self._bunch: _Bunch = []  # that is being filled
        self._size = 0  # of it, in bytes of text
        self._held: list[_Bunch] = []  # as long as there are few
        self._passages = 0
        self._asked: list[Future[_Answer] | _Answer] = []
        self._inverter = Inverter()  # of this process

    def add(self, packed: Packed, version: str) -> None:
        """Takes an article; waits while the workers have too much to do already."""
        self._bunch.append(_Given(packed.entry, version, packed.payload))
        self._size += len(packed.payload) * _PACKED
        self._passages += packed.entry.passages
        if self._size >= BUNCH:
            self._held.append(self._bunch)
            self._bunch, self._size = [], 0
            if self._asked or self._passages >= ALONE or len(self._held) >= _HELD:
                self._ask(self._pool.workers > 0)

    def finish(self) -> Harvest:
        """What was made of the articles, but for those that were at a worker that is lost."""
        if self._bunch:
            self._held.append(self._bunch)
            self._bunch = []
        self._ask(bool(self._asked) and self._pool.workers > 0)
        done = Harvest()
        makers: dict[str, int] = {}
        for asked in self._asked:
            with suppress(WorkerLost):
                maker, run, words = asked.result() if isinstance(asked, Future) else asked
                if maker not in makers:
                    makers[maker] = len(makers)
                    done.words.append(Words())
                done.add(run, makers[maker], words)
        return done

    def _ask(self, is_shared: bool) -> None:
        for bunch in self._held:
            if is_shared:
                sent = list(map(_sent, bunch))
                self._asked.append(self._pool.submit(_invert_there, self._name, sent))
            else:
                self._asked.append(_invert(self._name, self._inverter, bunch))
        self._held = []


def _sent(given: _Given) -> _Given:
    """An article whose bytes go through the pipe as they are, and arrive as a view."""
    return given._replace(payload=cast("Bytes", PickleBuffer(given.payload)))


def _invert(maker: str, inverter: Inverter, bunch: _Bunch) -> _Answer:
    for entry, version, payload in bunch:
        inverter.add(decode(entry, payload), version)
    return _Answer(maker, *inverter.take())


def _invert_there(name: str, bunch: _Bunch) -> _Answer:
    """What a worker does with a bunch."""
    return _invert(*_inverter(name), bunch)


@lru_cache(maxsize=1)
def _inverter(name: str) -> tuple[str, Inverter]:
    """A worker's inverter for the `Sharing` of that name, which knows the words of the bunches
    before, and a name for it."""
    return uuid4().hex, Inverter()
