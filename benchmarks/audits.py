"""Audits beside other tools that count words in context: concordance and matrix of terms.

    python -m benchmarks.audits [PATH …] [--passages 20000] [--articles 1000]

The passages of PATH (default: the Python language reference in pydoc) are spread over `--articles`
articles. Each tool has these tasks, for words as written:

\b
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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from typing import TypeVar

import click

from benchmarks.engines import base, engine, passages
from benchmarks.engines.passages import Row, by_article
from benchmarks.engines.queries import Query, Sample
from benchmarks.engines.tables import NONE, markdown
from indexer import open_index

PAGE = 25  # lines
TERMS = 100
TIMES = 5  # runs of a page; the median counts
KINDS = ("rare", "middle", "common")
SORT = ("right1", "left1")
WORD = re.compile(r"\w+")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Took:
    """Times of one tool in milliseconds; None for tasks that it can't do."""

    name: str
    build: float
    page: float
    total: int  # occurrences counted for the page
    ordered: float | None
    matrix: float
    cells: int  # occurrences in all cells


class Tool(ABC):
    """One tool, ready to answer."""

    @abstractmethod
    def page(self, word: str) -> int:
        """The total; also makes the first lines."""

    @abstractmethod
    def matrix(self, words: Sequence[str]) -> int:
        """The sum of all cells, each of them counted."""

    def close(self) -> None:  # noqa: B027  (not every tool holds files)
        """Releases files."""


class Pilcrow(Tool):
    """This repository."""

    def __init__(self, folder: Path, rows: Iterable[Row]) -> None:
        engine("pilcrow").build(folder, rows, "word")
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


class Engine(Tool):
    """Every occurrence in one of the other engines, by article and section."""

    def __init__(self, made: base.Engine, folder: Path, rows: Iterable[Row]) -> None:
        made.build(folder, rows, "word")
        self._session = made.open(folder, "word")

    def page(self, word: str) -> int:
        """All occurrences."""
        return len(self._session.audit(Query("common", (word,))).places)

    def matrix(self, words: Sequence[str]) -> int:
        """One audit per word."""
        return sum(map(self.page, words))

    def close(self) -> None:
        """Closes its files."""
        self._session.close()


class Nltk(Tool):
    """NLTK's ConcordanceIndex, and the ends of articles."""

    def __init__(self, _: Path, rows: Iterable[Row]) -> None:
        from nltk.text import ConcordanceIndex

        tokens: list[str] = []
        self._ends: list[int] = []
        kept: dict[str, str] = {}
        for group in by_article(rows):
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


class Ripgrep(Tool):
    """A scan of files, one per article."""

    def __init__(self, folder: Path, rows: Iterable[Row]) -> None:
        self._folder = folder
        for number, group in enumerate(by_article(rows)):
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


def words_of(rows: Sequence[Row], most: int) -> tuple[str, list[str]]:
    """A word with about half as many occurrences as passages, and `most` others."""
    counts = Counter(word for row in rows for word in WORD.findall(row.text.lower()))
    plain = [word for word in counts if word.isascii() and word.isalpha() and len(word) > 1]
    common = min(plain, key=lambda word: (abs(counts[word] - len(rows) / 2), word))
    drawn = Sample(rows).draw(most)
    turns = [query.words[0] for kind in KINDS for query in drawn[kind][: most // len(KINDS) + 1]]
    return common, turns[:most]


def timed(ask: Callable[[Item], int], asked: Item, times: int) -> tuple[float, int]:
    """Median milliseconds of several runs, after one warm-up run; and the answer."""
    answer = ask(asked)
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        ask(asked)
        spent.append(1000 * (time.perf_counter() - began))
    return median(spent), answer


def compare(rows: Path, folder: Path, common: str, words: Sequence[str]) -> Iterator[Took]:
    """All installed tools over the passages in the file `rows`; makes indexes in `folder`."""
    tools: list[tuple[str, Callable[[Path, Iterable[Row]], Tool]]] = [
        ("Pilcrow", Pilcrow),
        ("NLTK ConcordanceIndex", Nltk),
    ]
    if shutil.which("rg"):
        tools.append(("ripgrep", Ripgrep))
    for made in map(engine, ("fts5", "tantivy")):
        if find_spec(made.needs):
            tools.append((made.version(), partial(Engine, made)))
    for name, make in tools:
        work = Path(mkdtemp(dir=folder))
        began = time.perf_counter()
        tool = make(work, passages.read(rows))
        build = 1000 * (time.perf_counter() - began)
        page, total = timed(tool.page, common, TIMES)
        ordered = timed(tool.ordered, common, TIMES)[0] if isinstance(tool, Pilcrow) else None
        matrix, cells = timed(tool.matrix, words, 1)
        tool.close()
        yield Took(name, build, page, total, ordered, matrix, cells)


def report(took: Sequence[Took]) -> str:
    """A table; ratios are to Pilcrow, in the first row."""
    ours = took[0]
    heads = ["", "build s", "page ms", "sorted ms", "matrix ms", "lines", "in cells"]
    rows = [
        [
            one.name,
            f"{one.build / 1000:,.1f}",
            f"{one.page:,.1f} = {one.page / ours.page:.1f}×",
            f"{one.ordered:,.1f}" if one.ordered else NONE,
            f"{one.matrix:,.1f} = {one.matrix / ours.matrix:.1f}×",
            f"{one.total:,}",
            f"{one.cells:,}",
        ]
        for one in took
    ]
    return markdown(("Concordance and matrix of terms", heads, rows))


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--articles", default=1_000, show_default=True, help="To spread them over.")
def main(paths: tuple[Path, ...], most: int, articles: int) -> None:
    """Measures and prints."""
    with TemporaryDirectory(prefix="pilcrow-audits-") as made:
        rows = Path(made) / "passages.jsonl"
        packed = list(islice(passages.pack(passages.articles(paths)), most or None))
        count = passages.write(rows, spread(packed, len(packed), articles))
        common, words = words_of(packed, TERMS)
        del packed
        print(f"{count:,} passages in {articles:,} articles; the common word is {common!r}")
        print(report(list(compare(rows, Path(made), common, words))))


if __name__ == "__main__":
    main()
