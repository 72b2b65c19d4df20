"""Attacks on an index: ids that it loses, and wrong answers.

    python -m benchmarks.torture [ATTACK …] [--rounds N | --minutes M] [--seed S]

In: the number of rounds, or the time. Out: a table of rounds, refusals, losses, wrong answers and
tracebacks, with the seed that repeats them, and a line for each fault. Exits with 1 if there is a
fault. Each round begins with a copy of a small index with a history: articles in several states,
with ids that are intact, edited, moved and lost.

\b
    crash     a command is killed at one of its writes, renames or syncs
    power     the same, and data that was not synced is torn
    fault     a write, rename or sync fails, with EIO or ENOSPC
    damage    a file has flipped bits, is truncated, emptied, filled with noise or deleted
    mixed     files and folders of older states and of another index are among its own
    version   an index says that a newer version wrote it

After each round, queries are answered rightly (from one state, not a mixture) or refused in one
line. Every known id stays known, unless a message says that it may be lost. The next `index`, or
`index --rebuild` if that was refused, mends everything, and then `verify` finds no error. The right
answers are counted in the articles' text, without the program.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks.engines.runner import ROOT
from benchmarks.engines.tables import Table, markdown
from indexer import cli
from indexer.cli.run import run
from indexer.store.storage import FORMAT

ARTICLES, PARAGRAPHS, STATES = 4, 4, 4
_SYLLABLES = ("ka", "mo", "ri", "tu", "le", "sa", "no", "vi")
Answers = tuple[tuple[str, ...], ...]  # for each query the paragraphs that it finds, sorted


def word(number: int) -> str:
    """A word for a number; no other number has it or another form of it."""
    parts = (number // 64 % 8, number // 8 % 8, number % 8)
    return "z" + "".join(_SYLLABLES[part] for part in parts) + "k"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles that change from state to state, decided by a seed."""

    seed: int

    def texts(self, state: int) -> dict[str, list[str]]:
        """The paragraphs of each article."""
        found = {}
        for article in range(ARTICLES):
            if self._chance(article, -1, state) < 0.15 and article:
                continue  # the article is gone in this state
            told = []
            for number in range(PARAGRAPHS):
                times = (self._chance(article, number, s) < 0.3 for s in range(1, state + 1))
                told.append(
                    f"Of {word(article)} and {word(8 + number)} of {word(300 + self.seed % 100)} "
                    f"it is said that {word(16 + sum(times))} helps, and a doctor should be asked "
                    f"before anything of this is changed, stopped or taken twice a day."
                )
            found[f"a{article}"] = told
        return found

    def write(self, folder: Path, state: int) -> None:
        """Writes the articles as files."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, told in self.texts(state).items():
            (folder / f"{name}.txt").write_text(f"Title {name}\n\n" + "\n\n".join(told) + "\n")

    def answers(self, state: int, questions: list[str]) -> Answers:
        """The right answer to each query."""
        every = [text for told in self.texts(state).values() for text in told]
        return tuple(tuple(sorted(t for t in every if asked in t)) for asked in questions)

    @property
    def questions(self) -> list[str]:
        """Words to query: of an article, of a place in it, of states, and of this corpus."""
        return [word(n) for n in (1, 9, 16, 17, 18, 19, 300 + self.seed % 100)]

    def _chance(self, *about: int) -> float:
        return random.Random(f"{self.seed} {about}").random()


@dataclass(frozen=True, slots=True)
class Done:
    """Result of a command."""

    code: int
    out: str
    err: str


def pilcrow(*arguments: object) -> Done:
    """Runs a command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(cli.pilcrow, [str(argument) for argument in arguments])
    for stream in (out, err):
        stream.seek(0)
    return Done(code, out.read(), err.read())


@dataclass(slots=True)
class Tally:
    """Totals over the rounds of one attack."""

    rounds: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)  # losses, wrong answers, tracebacks …


@dataclass(slots=True)
class Torture:
    """One run."""

    folder: Path
    seed: int
    corpus: Corpus = field(init=False)
    other: Corpus = field(init=False)
    chance: random.Random = field(init=False)
    tallies: dict[str, Tally] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)  # one per fault
    name: str = ""  # of the round

    # --- the state before a round ---

    def prepare(self) -> None:
        """Makes indexes with histories: of one corpus after each state, and of another."""
        self.corpus, self.other = Corpus(self.seed), Corpus(self.seed + 50)
        for corpus, name in ((self.corpus, "own"), (self.other, "other")):
            index = self.folder / f"{name}-index"
            for state in range(1, STATES + 1):
                corpus.write(self.folder / name, state)
                pilcrow("index", self.folder / name, "--index", index)
                shutil.copytree(index, self.folder / f"{name}-{state}")
                pilcrow("backup", self.folder / f"{name}-{state}.backup", "--index", index)
            pilcrow("links", "--export", self.folder / f"{name}.jsonl", "--index", index)
        self.corpus.write(self.folder / "own", STATES)
        pilcrow("index", self.folder / "own", "--index", self.folder / f"twin-{STATES}")

    def copy(self, state: int = STATES, name: str = "own") -> Path:
        """A copy of an index as it was after a state."""
        index = self.folder / "index"
        shutil.rmtree(index, ignore_errors=True)
        for left in self.folder.glob("index.*"):
            shutil.rmtree(left)
        if state:
            shutil.copytree(self.folder / f"{name}-{state}", index)
        return index

    # --- checks ---

    def fault(self, kind: str, said: str) -> None:
        """Records a fault."""
        self.tallies[self.name.split()[0]].faults[kind] += 1
        self.lines.append(f"{self.name}: {kind}: {said}"[:400])

    def asked(self, *arguments: object) -> Done:
        """Runs a command and checks that it ends as commands should."""
        done = pilcrow(*arguments)
        if "Traceback" in done.err or "unexpected" in done.err or done.code not in (0, 1, 2):
            self.fault("tracebacks", f"{arguments[0]}: {done.err.strip()}")
        if done.code == 2 and len(done.err.splitlines()) != 1:
            self.fault("tracebacks", f"{arguments[0]} said {done.err.splitlines()}")
        return done

    def answers(self, index: Path) -> Answers | None:
        """The answers to the queries; None if they are refused."""
        found = []
        for question in self.corpus.questions:
            options = ("--match", "word", "--format", "json", "-n", "100", "--index", index)
            done = self.asked("search", question, *options)
            if done.code:
                return None
            found.append(tuple(sorted(hit["text"] for hit in json.loads(done.out)["hits"])))
        return tuple(found)

    def links(self, index: Path) -> dict[str, str] | None:
        """Each known id with its status; None if that is refused."""
        done = self.asked("links", "--format", "json", "--index", index)
        if done.code > 1:
            return None
        return {link["id"]: link["status"] for link in json.loads(done.out)["links"]}

    def right(self, index: Path, *allowed: Answers) -> bool:
        """Whether queries are answered; checks that the answers are one of these."""
        found = self.answers(index)
        if found is None:
            return False
        if found not in allowed:
            self.fault("wrong answers", "questions find other passages")
        return True

    def known(self, index: Path, before: set[str], said: str = "") -> None:
        """Checks that all of these ids are known, unless a message allows for a loss."""
        after = self.links(index)
        if after is None:
            self.fault("losses", "links are refused after all was mended")
        elif (lost := before - after.keys()) and not {"lost", "followed"} & {
            *said.replace(":", " ").split()
        }:
            self.fault("losses", f"{len(lost)} ids of {len(before)} are unknown")

    def mended(self, index: Path, before: set[str], kept: Answers | None = None) -> None:
        """Checks that the next `index`, or the remedy, mends everything. `kept`: further answers,
        from articles of another corpus, unless a message says that one is damaged."""
        right = self._right()
        if kept is not None:
            right = tuple(tuple(sorted(a + b)) for a, b in zip(right, kept))
        done = self.asked("index", self.folder / "own", "--index", index)
        said = done.err
        sound = done.code < 2 and self.links(index) is not None and self.right(index, right)
        if not sound or pilcrow("verify", "--index", index).code:
            self.tallies[self.name.split()[0]].refused += 1
            done = self.asked("index", self.folder / "own", "--index", index, "--rebuild")
            said += done.err
            if done.code == 2:
                self.fault("refused for good", done.err.strip())
                return
            if kept is not None and "is damaged" in said:
                right = self.answers(index) or right
            if not self.right(index, right):
                self.fault("refused for good", "questions are refused after --rebuild")
        self.known(index, before, said if self.name.startswith("mixed") else "")
        checked = self.asked("verify", "--index", index)
        if checked.code:
            self.fault("wrong answers", f"verify: {checked.out.strip()}")

    # --- attacks ---

    def crash(self, mode: str) -> None:
        """A writing command, also the first one on an index, ends too early."""
        chance, state = self.chance, self.chance.randint(0, STATES - 1)
        index = self.copy(state)
        before = set(self.links(index) or ())
        old, new = self._right(max(state, 1)), self._right()
        options: list[list[object]] = [
            ["index", self.folder / "own"],
            ["index", self.folder / "own", "--rebuild"],
            ["links", "--import", self.folder / "own.jsonl"],
            ["restore", self.folder / f"own-{max(state, 1)}.backup", "--replace"],
        ]
        if not state:
            del options[2]  # there is nothing to import into
        command = [*map(str, chance.choice(options)), "--index", str(index)]
        total = int(_child("count", 0, command).stdout.split()[-1])
        index = self.copy(state)
        step = chance.randrange(max(total, 1))
        self.name += f" {command[0]} {command[-3]} from state {state} at step {step} of {total}"
        done = _child(mode, step, command)
        if mode in ("EIO", "ENOSPC"):
            said = done.stderr.decode()
            if done.returncode not in (0, 1, 2) or "Traceback" in said or "unexpected" in said:
                self.fault("tracebacks", f"ends with {done.returncode}: {said.strip()[-200:]}")
        if self.right(index, old, new):
            self.known(index, before)
        self.mended(index, before)

    def damage(self) -> None:
        """One file is changed."""
        index = self.copy()
        before = set(self.links(index) or ())
        path = self.chance.choice([p for p in sorted(index.rglob("*")) if p.is_file()])
        way = self.chance.choice(("flip", "flip", "cut", "empty", "noise", "delete"))
        self.name += f" {way} {path.relative_to(index)}"
        damage(path, way, self.chance)
        if self.right(index, self._right()):
            self.links(index)
        self.asked("verify", "--index", index)
        self.mended(index, before)

    def mixed(self) -> None:
        """Files of other indexes are mixed in; ids in any ledger among them stay known."""
        sources = [*(("own", state) for state in range(1, STATES + 1)), ("other", STATES)]
        sources.append(("twin", STATES))  # of the same articles, without their history
        base = self.chance.choice(sources)
        index = self.copy(base[1], base[0])
        held, before = base, self.links(index) or {}
        tops = sorted(path.name for path in index.iterdir())
        deep = [f"store/{path.name}" for path in sorted((index / "store").iterdir())]
        for _ in range(self.chance.randint(1, 3)):
            name = self.chance.choice([*tops, *tops, *deep, "arrays/*.seg", "copies/*"])
            source = self.chance.choice(sources)
            self.name += f" {name} of {source[0]}-{source[1]} in {base[0]}-{base[1]},"
            _exchange(self.folder / f"{source[0]}-{source[1]}", index, name)
            if name == "store":
                held, before = source, self.links(index) or {}
        self.right(index, self._right(held[1], held[0]))
        self.mended(index, set(before), self._right(*held[::-1]) if held[0] == "other" else None)

    def _right(self, state: int = STATES, name: str = "own") -> Answers:
        """The right answers of a store of one of the corpora in this state."""
        corpus = self.other if name == "other" else self.corpus
        return corpus.answers(state, self.corpus.questions)

    def version(self) -> None:
        """A newer version is reported as such, and nothing of it is changed."""
        index = self.copy()
        for path in [*(index / "store").glob("*.toc"), *(index / "copies").glob("*.toc")]:
            _as_newer(path)
        before = {p: p.read_bytes() for p in index.rglob("*") if p.is_file()}
        commands: list[list[object]] = [
            ["search", "pain"],
            ["links"],
            ["verify"],
            ["index", self.folder / "own"],
            ["index", self.folder / "own", "--rebuild"],
        ]
        for command in commands:
            done = self.asked(*command, "--index", index)
            if done.code != 2 or "newer version" not in done.err:
                self.fault("wrong answers", f"{command[0]} said {done.err.strip()}")
        if any(p.read_bytes() != data for p, data in before.items() if not p.name.endswith("LOCK")):
            self.fault("losses", "an index of a newer version was changed")

    # --- rounds ---

    def run(self, name: str, number: int) -> None:
        """Runs one round."""
        self.name = f"{name} {self.seed}:{number}"
        tally = self.tallies.setdefault(name, Tally())
        tally.rounds += 1
        self.chance = random.Random(f"{self.seed} {name} {number}")
        try:
            ATTACKS[name](self)
        except Exception as error:
            self.fault("tracebacks", f"{type(error).__name__}: {error}")


ATTACKS: dict[str, Callable[[Torture], None]] = {
    "crash": lambda torture: torture.crash("kill"),
    "power": lambda torture: torture.crash("power"),
    "fault": lambda torture: torture.crash(torture.chance.choice(("EIO", "ENOSPC"))),
    "damage": Torture.damage,
    "mixed": Torture.mixed,
    "version": Torture.version,
}


def damage(path: Path, way: str, chance: random.Random) -> None:
    """Damages a file."""
    data = bytearray(path.read_bytes())
    if way == "delete":
        path.unlink()
        return
    if way == "noise":
        data = bytearray(chance.randbytes(len(data)))
    elif way == "empty" or not data:
        data = bytearray()
    elif way == "cut":
        del data[chance.randrange(len(data)) :]
    else:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _exchange(source: Path, target: Path, pattern: str) -> None:
    """Replaces a file or folder of one index by that of another; for a pattern, puts the content of
    one file under the name of another."""
    theirs, ours = sorted(source.glob(pattern)), sorted(target.glob(pattern))
    if not theirs:
        suffix = pattern.split(".", 1)[-1]  # of one kind, under another name
        theirs = sorted(source.glob(f"store/*.{suffix}")) if pattern.startswith("store/") else []
    if not theirs or not ours:
        return
    if theirs[0].is_dir():
        shutil.rmtree(ours[0])
        shutil.copytree(theirs[0], ours[0])
    else:
        shutil.copyfile(theirs[0], ours[0])


def _as_newer(path: Path) -> None:
    """Raises the number of the format in a table of contents, and seals it again."""
    content = path.read_bytes()[:-16]
    content = content[:-1] + bytes([FORMAT + 1])
    path.write_bytes(content + blake2b(content, digest_size=16).digest())


# --- a command that ends too early ----------------------------------------------------------


def _child(mode: str, step: int, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Runs a command in its own process, in which the attack happens at a step."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = [sys.executable, "-m", "benchmarks.torture", "--child", mode, str(step), *command]
    return subprocess.run(told, cwd=ROOT, env=environment, capture_output=True, timeout=300)


@dataclass(slots=True)
class _Steps:
    """Counts operations on the disk, and at one step attacks as the mode says."""

    mode: str
    left: int
    count: int = 0
    unsynced: dict[str, int] = field(default_factory=dict)  # how much of each file is synced

    def take(self) -> None:
        """Runs before each step."""
        self.count += 1
        if self.mode == "count" or self.count <= self.left:
            return
        if self.mode in ("kill", "power"):
            for path, size in self.unsynced.items() if self.mode == "power" else ():
                with suppress(OSError):
                    os.truncate(path, (size + os.path.getsize(path)) // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.count == self.left + 1:
            number = getattr(errno, self.mode)
            raise OSError(number, os.strerror(number))

    def wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Makes a function of the system a step."""

        def step(*arguments: Any, **options: Any) -> Any:
            self.take()
            done = function(*arguments, **options)
            if function is _fsync:
                self.synced(arguments[0])
            elif function is _replace and str(arguments[0]) in self.unsynced:
                self.unsynced[str(arguments[1])] = self.unsynced.pop(str(arguments[0]))
            return done

        return step

    def synced(self, descriptor: int) -> None:
        """Records that a file is on the disk."""
        with suppress(OSError):
            self.unsynced.pop(os.readlink(f"/proc/self/fd/{descriptor}"), None)

    def opened(self, file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        """`open`; each write of the file is a step."""
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return _open(file, mode, *arguments, **options)
        self.take()
        stream = _open(file, mode, *arguments, **options)
        self.unsynced.setdefault(os.path.abspath(file), 0)
        write = stream.write

        def written(data: Any) -> Any:
            self.take()
            return write(data)

        with suppress(AttributeError):
            stream.write = written  # type: ignore[method-assign]
        return stream


_open, _fsync, _replace = builtins.open, os.fsync, os.replace


def _as_child(mode: str, step: int, command: list[str]) -> None:
    """Main function of a child process."""
    steps = _Steps(mode, step)
    for name in ("fsync", "replace", "rename", "unlink", "remove", "rmdir", "ftruncate"):
        setattr(os, name, steps.wrapped(getattr(os, name)))
    builtins.open = io.open = steps.opened
    code = run(cli.pilcrow, command)
    sys.stdout.write(f"\n{steps.count}\n")
    sys.stdout.flush()
    os._exit(code)


# --- the table ------------------------------------------------------------------------------------

_FAULTS = ("losses", "wrong answers", "refused for good", "tracebacks")


def table(tallies: dict[str, Tally]) -> Table:
    """The rounds."""
    rows = []
    for name, tally in tallies.items():
        faults = [str(tally.faults[kind]) for kind in _FAULTS]
        rows.append([name, f"{tally.rounds:,}", f"{tally.refused:,}", *faults])
    return "Rounds", ["attack", "rounds", "mended by --rebuild", *_FAULTS], rows


def tortured(
    names: list[str], seed: int, rounds: int, minutes: float = 0.0
) -> tuple[dict[str, Tally], list[str]]:
    """Runs rounds of each attack, by number or by time; returns tallies and a line per fault."""
    tallies: dict[str, Tally] = {}
    lines: list[str] = []
    end = time.monotonic() + 60 * minutes
    while True:
        with TemporaryDirectory(prefix="torture-") as folder:
            one = Torture(Path(folder), seed, tallies=tallies, lines=lines)
            one.prepare()
            for number in range(rounds):
                for name in names:
                    one.run(name, number)
        seed += 1
        if time.monotonic() >= end:
            return tallies, lines


@click.command(help=__doc__)
@click.argument("attacks", nargs=-1, type=click.Choice([*ATTACKS]))
@click.option("--rounds", default=20, help="Rounds of each attack with one seed.")
@click.option("--minutes", default=0.0, help="Go on with other seeds for so long.")
@click.option("--seed", default=1, help="What decides everything.")
def main(attacks: tuple[str, ...], rounds: int, minutes: float, seed: int) -> None:
    """Attacks an index and reports losses."""
    tallies, lines = tortured(list(attacks or ATTACKS), seed, rounds, minutes)
    click.echo("\n".join((f"seeds from {seed} on", *lines, markdown(table(tallies)))))
    sys.exit(bool(lines))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _as_child(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    main()
