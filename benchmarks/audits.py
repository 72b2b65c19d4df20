"""Audits compared with other tools that count words in context: concordance and term matrix.

    python -m benchmarks.audits [PATH …] [--passages 20000] [--articles 1000] [--python PYTHON …]

The passages of PATH (default: the Python language reference in pydoc) are spread over `--articles`
articles. Each tool has these tasks, for words as written:

    page     the exact total of a common word (about half as many occurrences as passages) and the
             first 25 lines with their context, ready to print
    sorted   the same, sorted by the word on the right, then by the word on the left
    matrix   the occurrences of each of a hundred words, rare to common, in each article

Pilcrow runs the calls of users, `concordance` and `audit`, which also return forms, passages,
sections, headings, intervals and dispersion. NLTK runs its ConcordanceIndex over all tokens in
memory. ripgrep reads one file per article. SQLite FTS5 takes positions from its vocabulary table.
tantivy has no positions in Python, so its matches are tokenised again. Some tools count words like
`dog's` differently, so totals differ a little; they are printed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click

from benchmarks import passages
from benchmarks.engines import engine
from benchmarks.measuring import CLOCKS, Now
from benchmarks.passages import Row
from benchmarks.running import Bench, WorkerError, interpreters
from benchmarks.sampling import Query, Sample
from indexer import open_index

PAGE = 25  # lines
TERMS = 100
KINDS = ("rare", "middle", "common")
SORT = ("right1", "left1")
ENGINES = ("fts5", "tantivy")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Took:
    """Times of one tool in milliseconds; None for tasks that it can't do."""

    name: str
    build: float | None
    page: float | None
    total: int | None  # occurrences counted for the page
    ordered: float | None
    matrix: float | None
    cells: int | None  # occurrences in all cells


class Way(ABC):
    """One tool, ready to answer."""

    @abstractmethod
    def page(self, word: str) -> int:
        """The total; also makes the first lines."""

    @abstractmethod
    def matrix(self, words: Sequence[str]) -> int:
        """The sum of all cells, each of them counted."""

    def close(self) -> None:  # noqa: B027  (only one holds files)
        """Releases files and memory."""


class Pilcrow(Way):
    """This repository."""

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder)

    def page(self, word: str) -> int:
        """A concordance."""
        return self._index.concordance(word, match="word", limit=PAGE).total

    def ordered(self, word: str) -> int:
        """A concordance, sorted."""
        return self._index.concordance(word, match="word", limit=PAGE, sort=SORT).total

    def matrix(self, words: Sequence[str]) -> int:
        """An audit."""
        found = self._index.audit(words, match="word")
        return sum(cell for term in found.terms for cell in term.by.counts)

    def close(self) -> None:
        """Closes the index."""
        self._index.close()


class Nltk(Way):
    """NLTK's ConcordanceIndex, and the ends of articles."""

    def __init__(self, rows: Iterable[Row]) -> None:
        from nltk.text import ConcordanceIndex

        tokens: list[str] = []
        self._ends: list[int] = []
        kept: dict[str, str] = {}
        for _, group in groupby(rows, key=lambda row: row.article):
            for row in group:
                tokens += (kept.setdefault(word, word) for word in WORD.findall(row.text))
            self._ends.append(len(tokens))
        self._index = ConcordanceIndex(tokens, key=str.lower)

    def page(self, word: str) -> int:
        """Makes all lines (it can't make fewer) and takes the first."""
        lines = self._index.find_concordance(word, width=80)
        assert all(line.line for line in lines[:PAGE])
        return len(lines)

    def matrix(self, words: Sequence[str]) -> int:
        """Looks up each offset among the ends."""
        total = 0
        for word in words:
            row = [0] * len(self._ends)
            for offset in self._index.offsets(word):
                row[bisect_right(self._ends, offset)] += 1
            total += sum(row)
        return total


class Ripgrep(Way):
    """A scan of files, one per article."""

    def __init__(self, folder: Path, rows: Iterable[Row]) -> None:
        self._folder = folder
        for number, (_, group) in enumerate(groupby(rows, key=lambda row: row.article)):
            text = "\n".join(row.text for row in group)
            (folder / f"{number}.txt").write_text(text, encoding="utf-8")

    def page(self, word: str) -> int:
        """Counts all, then reads lines with context until there are enough."""
        total = sum(self._counts(word))
        lines = self._run("-iwo", "--no-filename", f".{{0,40}}\\b{word}\\b.{{0,40}}")
        assert sum(1 for _ in islice(lines, PAGE)) == min(PAGE, total)
        return total

    def matrix(self, words: Sequence[str]) -> int:
        """One scan per word."""
        return sum(sum(self._counts(word)) for word in words)

    def _counts(self, word: str) -> Iterator[int]:
        yield from (
            int(line.rpartition(":")[2]) for line in self._run("-iw", "--count-matches", word)
        )

    def _run(self, *arguments: str) -> Iterator[str]:
        command = ["rg", *arguments, str(self._folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            yield from process.stdout
            process.kill()


def spread(rows: Iterable[Row], count: int, articles: int) -> Iterator[Row]:
    """The rows, spread over articles of equal length, wherever they came from."""
    for number, row in enumerate(rows):
        article = number * articles // count
        first = -(-article * count // articles)
        yield row._replace(article=f"a{article:06d}", number=number - first)


def words_of(rows: Sequence[Row] | Iterable[Row], most: int) -> tuple[str, list[str]]:
    """A word with about half as many occurrences as passages, and `most` others."""
    counts: dict[str, int] = {}
    kept = []
    for row in rows:
        kept.append(row)
        for word in WORD.findall(row.text.lower()):
            counts[word] = counts.get(word, 0) + 1
    plain = [word for word in counts if word.isascii() and word.isalpha() and len(word) > 1]
    common = min(plain, key=lambda word: (abs(counts[word] - len(kept) / 2), word))
    drawn = Sample(kept).draw(most)
    turns = [query.words[0] for kind in KINDS for query in drawn[kind][: most // len(KINDS) + 1]]
    return common, turns[:most]


def timed(ask: Callable[[], int], times: int, now: Now) -> tuple[float, int]:
    """Median milliseconds of several runs, after one warm-up run; and the answer."""
    answer = ask()
    spent = []
    for _ in range(times):
        began = now()
        answer = ask()
        spent.append(1000 * (now() - began))
    return median(spent), answer


@dataclass(frozen=True)
class Comparison:
    """The tasks for all tools, and how often each is run."""

    rows: Path  # the passages
    folder: Path  # for indexes and files
    common: str
    words: Sequence[str]
    times: int
    clock: str

    def here(self, name: str, make: Callable[[], Way]) -> Took:
        """A tool that runs in this process."""
        now = CLOCKS[self.clock]
        began = now()
        way = make()
        build = 1000 * (now() - began)
        page, total = timed(lambda: way.page(self.common), self.times, now)
        ordered = None
        if isinstance(way, Pilcrow):
            ordered, _ = timed(lambda: way.ordered(self.common), self.times, now)
        matrix, cells = timed(lambda: way.matrix(self.words), 1, now)
        way.close()
        return Took(name, build, page, total, ordered, matrix, cells)

    def pilcrow(self) -> Took:
        """This repository, its index built first."""
        folder = self.folder / "pilcrow"
        began = CLOCKS[self.clock]()
        engine("pilcrow").build(folder, passages.read(self.rows), "word")
        build = 1000 * (CLOCKS[self.clock]() - began)
        took = self.here("Pilcrow", lambda: Pilcrow(folder))
        return Took(took.name, build, took.page, took.total, took.ordered, took.matrix, took.cells)

    def there(self, name: str, bench: Bench) -> Took:
        """An engine in its own process, with every occurrence by article."""
        built = bench.build(name, "word", 1)
        page = self._asked(bench, name, [Query("common", (self.common,))] * self.times)
        matrix = self._asked(bench, name, [Query("common", (word,)) for word in self.words])
        return Took(
            built.version,
            1000 * built.seconds[0],
            None if page is None else median(page[0]),
            None if page is None else page[1][0],
            None,
            None if matrix is None else sum(matrix[0]),
            None if matrix is None else sum(matrix[1]),
        )

    def _asked(
        self, bench: Bench, name: str, queries: Sequence[Query]
    ) -> tuple[list[float], list[int]] | None:
        done = bench.ask(name, "word", "audit", queries, queries[:1])
        return None if done is None else (done["ms"], done["sizes"])


def compare(asked: Comparison, pythons: Sequence[str], say: Callable[[str], None]) -> list[Took]:
    """All installed tools."""
    took = [asked.pilcrow()]
    took.append(asked.here("NLTK ConcordanceIndex", lambda: Nltk(passages.read(asked.rows))))
    if shutil.which("rg"):
        files = asked.folder / "files"
        files.mkdir()
        took.append(asked.here("ripgrep", lambda: Ripgrep(files, passages.read(asked.rows))))
    else:
        say("ripgrep is left out (apt-get install ripgrep)")
    found = interpreters(ENGINES, pythons, say)
    bench = Bench(asked.folder, asked.rows, found, say, asked.clock)
    for name in found:
        try:
            took.append(asked.there(name, bench))
        except WorkerError as error:
            say(f"left out: {error}")
    return took


def report(took: Sequence[Took]) -> None:
    """A table; ratios are to Pilcrow, in the first row."""
    ours = took[0]
    print(f"{'':28}{'build s':>9}{'page ms':>18}{'sorted ms':>11}{'matrix ms':>19}")
    for one in took:
        print(
            f"{one.name:28}{_number(one.build, 1000):>9}"
            f"{_beside(one.page, ours.page):>18}{_number(one.ordered):>11}"
            f"{_beside(one.matrix, ours.matrix):>19}"
            f"   {one.total or 0:,} lines, {one.cells or 0:,} in cells"
        )


def _number(value: float | None, by: float = 1.0) -> str:
    return "–" if value is None else f"{value / by:,.1f}"


def _beside(value: float | None, ours: float | None) -> str:
    if value is None or not ours:
        return "–"
    return f"{value:,.1f} = {value / ours:.1f}×"


@click.command(help="Concordances and matrices of terms beside NLTK, ripgrep, FTS5 and tantivy.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--articles", default=1_000, show_default=True, help="To spread them over.")
@click.option("--python", "pythons", multiple=True, help="Another interpreter, with tantivy.")
@click.option("--times", default=5, show_default=True, help="That a page is asked for.")
@click.option("--clock", default="wall", type=click.Choice(sorted(CLOCKS)), show_default=True)
def main(
    paths: tuple[Path, ...],
    most: int,
    articles: int,
    pythons: tuple[str, ...],
    times: int,
    clock: str,
) -> None:
    """Measures and prints."""
    texts = passages.texts(passages.files_in(paths)) if paths else passages.of_this_python()
    with TemporaryDirectory(prefix="pilcrow-audits-") as made:
        folder, rows = Path(made), Path(made) / "passages.jsonl"
        packed = list(islice(passages.pack(texts), most or None))
        count = passages.write(rows, spread(packed, len(packed), articles))
        common, words = words_of(packed, TERMS)
        del packed
        began = time.perf_counter()
        print(f"{count:,} passages in {articles:,} articles; the common word is {common!r}")
        asked = Comparison(rows, folder, common, words, times, clock)
        report(compare(asked, pythons, print))
        print(f"{len(words)} terms; {time.perf_counter() - began:.0f} s in all, {clock} clock")


if __name__ == "__main__":
    main()
