"""The time until an edited article is found, among many others.

    python -m benchmarks.replacing PATH … [--articles 10000] [--runs 5]

In: texts, as for `benchmarks.peers`; the first 4,000 characters of each become a file. Out: seconds
to index all of them; seconds until an edited one is committed (least, median, most), and the
longest wait of a reader meanwhile; seconds from a save until `pilcrow serve --watch` shows the
edit; and the slowdown of short queries after edits of 1, 100, 400 and 1,000 articles (least
processor time of nine searches each). Fails if an edit is not found.
"""

from __future__ import annotations

import random
import threading
import time
from itertools import islice
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click

from benchmarks import passages
from benchmarks.serving import watching
from indexer import Index, build_index, open_index

SIZE = 4000  # characters of an article
PATIENCE = 60.0  # seconds
EDITED = (1, 100, 400, 1000)  # edited articles; 1,000 of 12,000 are merged
SHORT = ("the", "time", "house", "market", "whale", "market OR whale", '"of the"', "hous*")


def write(texts: list[passages.Text], folder: Path) -> list[Path]:
    """Writes a file for each text."""
    files = [folder / f"{number // 1000:03}" / f"{number:06}.txt" for number in range(len(texts))]
    for file, text in zip(files, texts):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text.title}\n\n{text.text[:SIZE]}\n", encoding="utf-8")
    return files


def edit(file: Path, word: str) -> None:
    """Adds a paragraph with a word that occurs nowhere else."""
    file.write_text(f"{file.read_text(encoding='utf-8')}\nAn edit: {word}.\n", encoding="utf-8")


def commit(corpus: Path, index: Path, file: Path, word: str) -> tuple[float, float]:
    """Seconds until an edit is committed, and the longest wait of a reader meanwhile."""
    waits: list[float] = []
    done = threading.Event()

    def read() -> None:
        with open_index(index) as opened:
            while not done.is_set():
                began = time.perf_counter()
                opened.search("the")
                waits.append(time.perf_counter() - began)

    edit(file, word)
    reader = threading.Thread(target=read)
    reader.start()
    began = time.perf_counter()
    build_index([corpus], index)
    took = time.perf_counter() - began
    done.set()
    reader.join()
    with open_index(index) as opened:
        if opened.count(word) != 1:
            raise click.ClickException(f"{word} was not found after it was committed")
    return took, max(waits)


def watched(corpus: Path, index: Path, file: Path, word: str) -> float:
    """Seconds from a save until a site that watches the folder shows the edit."""
    with watching(corpus, index, "the") as shows:
        edit(file, word)
        began = time.perf_counter()
        while not shows(word):
            if time.perf_counter() - began > PATIENCE:
                raise click.ClickException(f"{word} was not shown within {PATIENCE:.0f} s")
            time.sleep(0.02)
        return time.perf_counter() - began


def asked(*opened: Index) -> list[list[float]]:
    """The least processor time of nine searches for each of `SHORT`, for each index; they take
    turns."""
    least = [[inf] * len(SHORT) for _ in opened]
    for turn in range(10):
        for n, query in enumerate(SHORT):
            for index, mine in zip(opened, least):
                began = time.thread_time()
                index.search(query)
                if turn:
                    mine[n] = min(mine[n], time.thread_time() - began)
    return least


@click.command(help=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--articles", default=10_000, show_default=True, help="How many, if there are.")
@click.option("--runs", default=5, show_default=True, help="Edits of each kind.")
def main(paths: tuple[Path, ...], articles: int, runs: int) -> None:
    """Measures and prints."""
    source = (text for text in passages.texts(passages.files_in(paths)) if text.text.strip())
    chosen = random.Random(1)
    with TemporaryDirectory(prefix="pilcrow-replacing-") as made:
        corpus, index = Path(made) / "corpus", Path(made) / "index"
        files = write(list(islice(source, articles)), corpus)
        began = time.perf_counter()
        build_index([corpus], index)
        click.echo(f"{len(files):,} articles: {time.perf_counter() - began:.1f} s")
        with open_index(index) as first:
            for count in EDITED:
                for file in chosen.sample(files, min(count, len(files))):
                    edit(file, "qagain")
                build_index([corpus], index)
                with open_index(index) as edited:
                    before, after = asked(first, edited)
                times = [now / then for now, then in zip(after, before)]
                most = f"most {max(times):.2f} ({SHORT[times.index(max(times))]})"
                click.echo(f"after {count:,} edits: {median(times):.2f} times the time, {most}")
        edits = chosen.sample(files, min(2 * runs, len(files)))
        took = [commit(corpus, index, f, f"qedit{n}") for n, f in enumerate(edits[:runs])]
        shown = [watched(corpus, index, f, f"qsaved{n}") for n, f in enumerate(edits[runs:])]
        longest = 1000 * max(wait for _, wait in took)
        click.echo(f"one committed: {_spread([seconds for seconds, _ in took])}; ", nl=False)
        click.echo(f"a reader meanwhile waited {longest:.0f} ms at most")
        click.echo(f"one saved, until shown: {_spread(shown)}")


def _spread(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} s, median {median(seconds):.2f}, most {max(seconds):.2f}"


if __name__ == "__main__":
    main()
