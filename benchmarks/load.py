"""Load on `pilcrow serve`: readers, greedy and slow clients, while articles are replaced.

    python -m benchmarks.load CORPUS INDEX [PART …] [--seconds N] [--clients N] [--seed S]

In: a folder of plain texts and an index of it (both are changed), and the duration of each part.
Out: a line for each part: answers a second, the clients' p50, p95, p99 and maximum, statuses,
answers of mixed generations, processor time and memory of all processes. Exits with 1 if a client
got a wrong answer or a limit of `LIMITS` was exceeded.

    paced     clients that wait about a second between requests
    steady    clients without a pause
    attacks   eight clients send expensive requests; one reader searches four times a second
    slow      a hundred clients that send a byte a second, and a hundred that send nothing
    over      five hundred clients without a pause
    stop      SIGTERM with requests in progress
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import click

from benchmarks.engines.runner import ROOT

PARTS = ("paced", "steady", "attacks", "slow", "over", "stop")
LIMITS = {"paced": 0.15, "steady": 0.8, "attacks": 0.25, "slow": 1.0}  # s: p99, p99, p95, longest
MARKERS = 20  # articles that hold the number of their generation
EDITED = 5  # other articles changed with them
REPLACED_EVERY = 10.0  # seconds
COMMON = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "is",
    "that",
    "it",
    "for",
    "was",
    "with",
    "as",
    "be",
    "on",
    "his",
    "he",
    "not",
    "by",
    "or",
]


class Connection:
    """One client's connection, opened when needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, limit: float = 120) -> tuple[int, bytes]:
        """Status and body; raises `OSError`, `EOFError` or `TimeoutError` without an answer."""
        try:
            return await asyncio.wait_for(self._get(path), limit)
        except BaseException:
            self.close()
            raise

    async def _get(self, path: str) -> tuple[int, bytes]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"connection: close" in head:
            self.close()
        return int(head.split()[1]), body

    def close(self) -> None:
        """Closes the connection."""
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


@dataclass
class Seen:
    """The clients' results."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    mixed: int = 0

    def at(self, share: float) -> float:
        """A quantile of the response times, in seconds."""
        ordered = sorted(self.seconds) or [float("inf")]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def told(self, what: str, took: float) -> str:
        """A line of a report."""
        p50, p95, p99 = (f"{1000 * self.at(share):.0f}" for share in (0.5, 0.95, 0.99))
        return (
            f"{what}: {len(self.seconds)} answers, {len(self.seconds) / took:.0f}/s; ms p50 {p50} "
            f"p95 {p95} p99 {p99} longest {1000 * self.at(1):.0f}; {dict(self.statuses)}"
            f"; mixed generations {self.mixed}"
        )


class Crowd:
    """Clients of one site, and the writer that replaces its articles."""

    def __init__(self, corpus: Path, index: Path, seed: int) -> None:
        self.corpus, self.index, self.random = corpus, index, random.Random(seed)
        self.files = [p for p in sorted(corpus.rglob("*.txt")) if p.parent.name != "markers"]
        sample = self.random.sample(self.files, min(120, len(self.files)))
        self.texts = [path.read_text(encoding="utf-8") for path in sample]
        counts = Counter(re.findall(r"[a-z]{3,}", " ".join(self.texts).lower()))
        self.words: list[str] = [word for word, _ in counts.most_common()]
        self.port, self.process = 0, 0
        self.generation = 0
        self.passages: list[str] = []
        self.articles: list[str] = []
        self.faults: list[str] = []

    # --- requests ---------------------------------------------------------------------------------

    def word(self) -> str:
        """A random word, common ones more often."""
        rank: float = float(len(self.words)) ** self.random.random()
        return self.words[int(rank) - 1]

    def question(self) -> str:
        """A random request of one client, from a mixture like that of a log."""
        search = "/api/v1/search?q="
        made: dict[str, tuple[int, Callable[[], str]]] = {
            "word": (20, lambda: search + self.word()),
            "page": (15, lambda: "/?q=" + self.word()),
            "two": (8, lambda: f"{search}{self.word()}+{self.word()}"),
            "or": (5, lambda: f"{search}{self.word()}+OR+{self.word()}+OR+{self.word()}"),
            "phrase": (10, lambda: search + quote(self.phrase())),
            "prefix": (8, lambda: f"{search}{self.word()[:4]}*"),
            "fuzzy": (4, lambda: f"{search}{self.word()}~1"),
            "near": (5, lambda: f"{search}{self.word()}+NEAR/5+{self.word()}"),
            "audit": (4, lambda: "/api/v1/audit?q=" + self.word() + f"&q={self.word()}"),
            "concordance": (5, lambda: f"/api/v1/concordance?q={self.word()}"),
            "suggest": (5, lambda: "/api/v1/suggest?q=" + self.word()[:3]),
            "article": (5, lambda: "/articles/" + quote(self.random.choice(self.articles))),
            "passage": (4, lambda: "/p/" + self.random.choice(self.passages)),
            "marker": (2, lambda: search + "zqmarker&limit=100"),
        }
        shares = [share for share, _ in made.values()]
        (chosen,) = self.random.choices(list(made), shares)
        return made[chosen][1]()

    def phrase(self) -> str:
        """Two or three adjacent words of some article."""
        words = re.findall(r"[A-Za-z]+", self.random.choice(self.texts))
        at = self.random.randrange(max(1, len(words) - 3))
        return '"' + " ".join(words[at : at + self.random.choice((2, 3))]) + '"'

    def attacks(self) -> Iterator[tuple[str, Callable[[int], str]]]:
        """Expensive requests, never the same twice."""
        letters = "abcdefghijklmnopqrst"
        yield "duplicates", lambda n: f"/api/v1/duplicates?offset={n}"
        yield "readability", lambda n: f"/api/v1/readability?offset={n}"
        yield "workbooks", lambda n: "/audit/audit.xlsx?" + self.terms(COMMON, 15)
        yield "collocates", lambda n: f"/audit/collocates?q=a*+OR+t*&left=20&right=20&least=1&n={n}"
        yield (
            "prefixes",
            lambda n: "/audit?" + self.terms([f"{a}{b}*" for a in letters for b in letters], 190),
        )
        yield (
            "wildcards",
            lambda n: "/api/v1/search?q=" + "+OR+".join(f"*{self.word()[:2]}*" for _ in range(25)),
        )
        yield (
            "concordances",
            lambda n: f"/api/v1/concordance?q=t*+OR+a*&sort=right1&limit=1000&offset={n}",
        )
        yield "links", lambda n: f"/api/v1/links?limit=500&offset={n}"

    def terms(self, words: list[str], number: int) -> str:
        """Random terms for an audit."""
        return "&".join(f"q={quote(one)}" for one in self.random.sample(words, number))

    # --- clients ----------------------------------------------------------------------------------

    async def ask(self, seen: Seen, connection: Connection, path: str, limit: float = 120) -> None:
        """Sends one request and checks the answer."""
        began = time.perf_counter()
        try:
            status, body = await connection.get(path, limit)
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            seen.statuses[type(error).__name__] += 1
            await asyncio.sleep(0.2)
            return
        seen.seconds.append(time.perf_counter() - began)
        seen.statuses[str(status)] += 1
        if "zqmarker" in path and status == 200:
            found = json.loads(body)
            generations = {re.search(r"zqgen(\d+)", hit["text"])[1] for hit in found["hits"]}  # type: ignore[index]
            seen.mixed += found["total"] != MARKERS or len(generations) != 1

    async def client(self, seen: Seen, end: float, pause: float) -> None:
        """One client until `end`."""
        connection = Connection(self.port)
        await asyncio.sleep(pause * self.random.random())  # don't all begin at once
        while time.time() < end:
            await self.ask(seen, connection, self.question())
            if pause:
                await asyncio.sleep(pause * self.random.uniform(0.5, 1.5))
        connection.close()

    async def reader(self, seen: Seen, end: float) -> None:
        """A reader who searches for a word four times a second, on new connections."""
        while time.time() < end:
            connection = Connection(self.port)
            await self.ask(seen, connection, "/api/v1/search?q=" + self.word(), 30)
            connection.close()
            await asyncio.sleep(0.25)

    async def greedy(self, end: float, made: Callable[[int], str], done: Seen) -> None:
        """A client that sends expensive requests."""
        connection = Connection(self.port)
        while time.time() < end:
            path = made(self.random.randrange(10_000))
            with suppress(asyncio.TimeoutError):
                await self.ask(done, connection, path, max(0.1, end - time.time()))
        connection.close()

    # --- the writer -------------------------------------------------------------------------------

    def write(self) -> None:
        """Replaces the articles that name their generation, and changes some others."""
        self.generation += 1
        folder = self.corpus / "markers"
        folder.mkdir(exist_ok=True)
        for number in range(MARKERS):
            text = f"Marker {number}\n\nThis is zqmarker of zqgen{self.generation} in {number}.\n"
            (folder / f"m{number}.txt").write_text(text, encoding="utf-8")
        for path in self.random.sample(self.files, EDITED):
            blocks = path.read_text(encoding="utf-8").split("\n\n")
            words = " ".join(self.word() for _ in range(80))
            blocks[self.random.randrange(1, len(blocks))] = f"{words}."
            path.write_text("\n\n".join(blocks), encoding="utf-8")

    async def writer(self, end: float) -> None:
        """Writes and indexes until shortly before `end`."""
        while time.time() < end - 3:
            self.write()
            began = time.time()
            command = ["index", str(self.corpus), "--index", str(self.index)]
            made = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "indexer", *command, stdout=subprocess.DEVNULL
            )
            if await made.wait():
                self.faults.append(f"index ended with {made.returncode}")
            await asyncio.sleep(max(0.0, REPLACED_EVERY - (time.time() - began)))

    # --- parts ------------------------------------------------------------------------------------

    async def load(self, what: str, clients: int, pause: float, seconds: float) -> None:
        """Clients while articles are replaced."""
        seen, end = Seen(), time.time() + seconds
        cpu, _ = usage(self.process)
        async with sampled(self.process, seconds) as memory:
            crowd = [self.client(seen, end, pause) for _ in range(clients)]
            await asyncio.gather(self.writer(end), *crowd)
        took = usage(self.process)[0] - cpu
        print(seen.told(f"{what}, {clients} clients", seconds))
        print(f"    processor {took / seconds:.2f} cores; MB of memory {memory}", flush=True)
        wrong = [status for status in seen.statuses if not status.startswith(("2", "3", "404"))]
        if what != "over":
            self.check(what, seen.at(0.99), not wrong)
        self.check("mixed generations", 0, not seen.mixed)

    async def attacked(self, seconds: float) -> None:
        """A reader beside eight clients that send expensive requests."""
        for what, made in self.attacks():
            seen, done, end = Seen(), Seen(), time.time() + seconds
            crowd = [self.greedy(end, made, done) for _ in range(8)]
            await asyncio.gather(self.reader(seen, end), *crowd)
            print(
                seen.told(f"reader beside {what}", seconds), f"; {dict(done.statuses)}", flush=True
            )
            self.check("attacks", seen.at(0.95), not set(seen.statuses) - {"200"})
            await asyncio.sleep(3)

    async def slowed(self, seconds: float) -> None:
        """A reader beside slow clients."""
        said = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Pad: " + b"a" * 4_000
        slow = [await asyncio.open_connection("127.0.0.1", self.port) for _ in range(200)]
        seen, end = Seen(), time.time() + seconds

        async def drip() -> None:
            for at in range(int(seconds)):
                for _, writer in slow[:100]:
                    if not writer.is_closing():
                        writer.write(said[at : at + 1])
                await asyncio.sleep(1)

        await asyncio.gather(self.reader(seen, end), drip())
        for _, writer in slow:
            writer.close()
        print(seen.told("reader beside slow clients", seconds), flush=True)
        self.check("slow", seen.at(1), not set(seen.statuses) - {"200"})

    async def recovered(self) -> None:
        """A reader five seconds after a crowd."""
        await asyncio.sleep(5)
        seen = Seen()
        await self.reader(seen, time.time() + 3)
        print(seen.told("reader 5 s later", 3), flush=True)
        self.check("recovery", seen.at(1), not set(seen.statuses) - {"200"} and seen.at(1) < 1)

    async def stopped(self) -> None:
        """SIGTERM with requests in progress: all of them are answered."""
        seen = Seen()
        paths = [f"/api/v1/audit?by=section&{self.terms(self.words[:60], 5)}" for _ in range(12)]
        asked = [
            asyncio.ensure_future(self.ask(seen, Connection(self.port), path)) for path in paths
        ]
        await asyncio.sleep(0.4)
        os.kill(self.process, signal.SIGTERM)
        await asyncio.gather(*asked)
        print(seen.told("in flight at SIGTERM", 1), flush=True)
        self.check("stop", 0, seen.statuses == {"200": 12})

    def check(self, what: str, seconds: float, fine: bool) -> None:
        """Records a fault if a check fails."""
        if not fine or seconds > LIMITS.get(what, float("inf")):
            self.faults.append(f"{what}: {1000 * seconds:.0f} ms" if fine else what)

    async def run(self, parts: tuple[str, ...], seconds: float, clients: int) -> None:
        """All parts."""
        connection = Connection(self.port)
        for word in self.words[5:40]:
            _, body = await connection.get(f"/api/v1/search?q={word}&limit=20")
            hits = json.loads(body)["hits"]
            self.passages += [hit["id"] for hit in hits]
            self.articles += [hit["article"]["id"] for hit in hits]
        connection.close()
        for part in parts:
            if part == "paced":
                await self.load(part, clients, 1, seconds)
            elif part == "steady":
                await self.load(part, clients, 0, seconds)
            elif part == "over":
                await self.load(part, 500, 0, seconds)
                await self.recovered()
            elif part == "attacks":
                await self.attacked(seconds)
            elif part == "slow":
                await self.slowed(seconds)
            else:
                await self.stopped()


def processes(root: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            parents.setdefault(int(stat[1]), []).append(int(folder.name))
    found = [root]
    for one in found:
        found += parents.get(one, [])
    return found


def usage(root: int) -> tuple[float, int]:
    """Seconds of processor time, and MB of memory, of a process and its descendants.

    Shared memory counts once (the kernel's proportional set size).
    """
    cpu, memory = 0.0, 0
    for one in processes(root):
        with suppress(OSError, ValueError):
            stat = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            cpu += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
            shares = Path(f"/proc/{one}/smaps_rollup").read_text()
            memory += int(shares.split("Pss:", 1)[1].split(maxsplit=1)[0])
    return cpu, memory >> 10


@asynccontextmanager
async def sampled(root: int, seconds: float) -> AsyncIterator[list[int]]:
    """MB of memory, sampled ten times while a part runs."""
    found: list[int] = []

    async def sample() -> None:
        while True:
            found.append(usage(root)[1])
            await asyncio.sleep(max(1.0, seconds / 10))

    task = asyncio.ensure_future(sample())
    try:
        yield found
    finally:
        task.cancel()


@contextmanager
def served(index: Path) -> Iterator[tuple[int, int]]:
    """The number of the site's first process, and its port."""
    command = [sys.executable, "-m", "indexer", "serve", "--port", "0", "--index", str(index)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("index", type=click.Path(path_type=Path))
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--seconds", default=60.0, show_default=True, help="Length of each part.")
@click.option("--clients", default=50, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(
    corpus: Path, index: Path, parts: tuple[str, ...], seconds: float, clients: int, seed: int
) -> None:
    """Measures the site of an index under load."""
    crowd = Crowd(corpus, index, seed)
    crowd.write()
    command = [sys.executable, "-m", "indexer", "index", str(corpus), "--index", str(index)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with served(index) as (crowd.process, crowd.port):
        asyncio.run(crowd.run(parts or PARTS, seconds, clients))
    print(f"seed {seed}: {len(crowd.faults)} faults {'; '.join(crowd.faults)}")
    sys.exit(bool(crowd.faults))


if __name__ == "__main__":
    main()
