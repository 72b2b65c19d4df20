"""Stored articles in, runs out: made here, or by processes beside this one if there is much to do.

Articles may be given while the store is still being written: processes then invert them meanwhile.
They are handed on as bytes, many at a time, and no more than a few bunches wait, so that whoever
gives them is held up when the processes can't keep pace. Neither the number of processes nor the
order in which articles come makes a difference to a segment. A process that is lost costs nothing
but time: what it had is inverted here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pickle import PickleBuffer
from queue import Queue
from typing import NamedTuple, Protocol, cast

from indexer.closing import Closing
from indexer.segments.inverter import Inverter
from indexer.segments.merge import Place, gather
from indexer.segments.tables import Run, Words
from indexer.store.codec import Bytes, Entry, Packed, decode
from indexer.worker_pool import Process, ProcessLost, count_workers

ALONE = 20_000  # passages: fewer are done sooner than processes have started
BUNCH = 1_000_000  # bytes of text that a process is given at a time, or a little more
_PACKED = 3  # about so many times is text longer than it is when packed
_HELD = 16  # bunches of few passages: these are much to do as well
_WAITING = 2  # bunches that wait for each process


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
    workers: int | None = None,
) -> Harvest:
    """These articles of a source. `DamageError` if one of them is not what was packed."""
    with Sharing(workers) as sharing:
        for article_id, packed in zip(ids, source.packed(ids)):
            sharing.add(packed, versions[article_id])
        done = sharing.finish()
    got = done.versions()
    lost = [article_id for article_id in ids if article_id not in got]
    if lost:
        done.join(invert(source, lost, versions, workers=0))
    return done


class Sharing(Closing):
    """Takes articles in whatever order they come; `finish` gives what was made of them.

    `workers` is the number of processes to use beside this one; by default one for each core.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = count_workers() if workers is None else workers
        self._bunch: _Bunch = []  # that is being filled
        self._size = 0  # of it, in bytes of text
        self._held: list[_Bunch] = []  # as long as there are few
        self._passages = 0
        self._makers: _Here | Team | None = None

    def add(self, packed: Packed, version: str) -> None:
        """Takes an article; waits while the processes have too much to do already."""
        self._bunch.append(_Given(packed.entry, version, packed.payload))
        self._size += len(packed.payload) * _PACKED
        self._passages += packed.entry.passages
        if self._size >= BUNCH:
            self._hand_on()

    def _hand_on(self) -> None:
        """Ends a bunch; starts processes if there is enough to do."""
        self._held.append(self._bunch)
        self._bunch, self._size = [], 0
        if self._makers is None:
            if self._passages < ALONE and len(self._held) < _HELD:
                return
            self._makers = Team(self._workers) if self._workers else _Here()
        self._ask()

    def _ask(self) -> None:
        assert self._makers is not None
        for bunch in self._held:
            self._makers.ask(bunch)
        self._held = []

    def finish(self) -> Harvest:
        """What was made of the articles, but for those that were at a process that is lost."""
        if self._bunch:
            self._held.append(self._bunch)
            self._bunch = []
        if self._makers is None:
            self._makers = _Here()
        self._ask()
        return self._makers.finish()

    def close(self) -> None:
        """Ends the processes; what they were at is forgotten."""
        if self._makers is not None:
            self._makers.close()


# --- who does it -------------------------------------------------------------------------------


class _Here:
    """This process."""

    def __init__(self) -> None:
        self._inverter = Inverter()
        self._done = Harvest(words=[Words()])

    def ask(self, bunch: _Bunch) -> None:
        """Inverts at once."""
        run, words = _inverted(self._inverter, bunch)
        self._done.add(run, 0, words)

    def finish(self) -> Harvest:
        """What was made."""
        return self._done

    def close(self) -> None:
        """Nothing to be ended."""


class Team:
    """Processes, each with a thread that talks to it and begins by starting it."""

    def __init__(self, count: int) -> None:
        self._done = Harvest(words=[Words() for _ in range(count)])
        self._bunches: Queue[_Bunch | None] = Queue(count * _WAITING)
        self._lock = threading.Lock()  # of what follows
        self._processes: list[Process] = []
        self._at_work = count  # threads whose process is not lost
        self._is_closing = False
        self._threads = [
            threading.Thread(None, self._talk, f"pilcrow-inverter-{n}", (n,)) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, bunch: _Bunch) -> None:
        """Has a bunch inverted, in time; waits while too many are waiting."""
        self._bunches.put(bunch)

    def finish(self) -> Harvest:
        """What was made, once all is done."""
        self._end()
        return self._done

    def close(self) -> None:
        """Ends the processes, whatever they are doing."""
        with self._lock:
            self._is_closing = True
            for process in self._processes:
                process.close()
        self._end()

    def _end(self) -> None:
        for _ in self._threads:
            self._bunches.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _talk(self, maker: int) -> None:
        """What a thread does. The last one whose process is lost takes all bunches that come and
        lets them lie, so that nobody waits."""
        try:
            with Process() as process:
                self._have_done(process, maker)
                return
        except Exception:  # it can't be had, is lost, or met with what will be met here again
            pass
        with self._lock:
            self._at_work -= 1
            is_last = not self._at_work
        while is_last and self._bunches.get() is not None:
            pass

    def _have_done(self, process: Process, maker: int) -> None:
        """Asks a process, bunch by bunch."""
        with self._lock:
            self._processes.append(process)
        while (bunch := self._bunches.get()) is not None:
            if self._is_closing:
                raise ProcessLost
            run, words = process.call(_invert_there, list(map(_sent, bunch)))
            with self._lock:
                self._done.add(run, maker, words)


def _sent(given: _Given) -> _Given:
    """An article whose bytes go through the pipe as they are, and arrive as a view."""
    return given._replace(payload=cast("Bytes", PickleBuffer(given.payload)))


def _invert_there(bunch: _Bunch) -> tuple[Run, Words]:
    """What a process does with a bunch."""
    return _inverted(_inverter(), bunch)


@cache
def _inverter() -> Inverter:
    """The inverter of a process, which knows the words of the bunches before."""
    return Inverter()


def _inverted(inverter: Inverter, bunch: _Bunch) -> tuple[Run, Words]:
    for entry, version, payload in bunch:
        inverter.add(decode(entry, payload), version)
    return inverter.take()
