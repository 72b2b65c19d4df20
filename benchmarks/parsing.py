"""Speed of parsing and splitting articles, by format.

    python -m benchmarks.parsing PATH … [--large 5]

In: files and folders. Out: a line for each format with its files, megabytes, and megabytes per
second of processor time for parsing and for splitting. With --large also the time for one plain
text of that many megabytes, made from the parsed texts.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field

import click

from indexer.errors import SourceError
from indexer.model import Source
from indexer.parsing.formats.dispatch import parse
from indexer.passages import split
from indexer.settings import Settings
from indexer.sources.files import sources


@dataclass
class Tally:
    """Totals of the files of one format."""

    files: int = 0
    bytes: int = 0
    articles: int = 0
    passages: int = 0
    parsing: float = 0.0  # seconds of processor time
    splitting: float = 0.0
    texts: list[str] = field(default_factory=list)


def measure(source: Source, tally: Tally) -> None:
    """Parse and split one file."""
    began = time.process_time()
    try:
        articles = parse(source, Settings()).articles
    except SourceError as error:
        click.echo(f"skipped: {error}", err=True)
        return
    parsed = time.process_time()
    passages = sum(len(split(article)) for article in articles)
    tally.splitting += time.process_time() - parsed
    tally.parsing += parsed - began
    tally.files += 1
    tally.bytes += len(source.data)
    tally.articles += len(articles)
    tally.passages += passages
    tally.texts += [article.text for article in articles]


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--large", type=click.IntRange(min=1), help="Megabytes of one large plain text.")
def main(paths: tuple[str, ...], large: int | None) -> None:
    """Parse and split everything in PATHS."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for source in sources(paths, Settings()):
        if isinstance(source, Source):
            measure(source, tallies[source.format])
    click.echo(f"{'format':8}{'files':>7}{'MB':>8}{'articles':>10}{'passages':>10}"
               f"{'parse MB/s':>12}{'split MB/s':>12}")  # fmt: skip
    for name, t in sorted(tallies.items()):
        size = t.bytes / 1e6
        rates = (size / max(t.parsing, 1e-9), size / max(t.splitting, 1e-9))
        click.echo(f"{name:8}{t.files:7}{size:8.1f}{t.articles:10}{t.passages:10}"
                   f"{rates[0]:12.2f}{rates[1]:12.2f}")  # fmt: skip
    if large and tallies:
        _large(large * 1_000_000, "\n\n".join(x for t in tallies.values() for x in t.texts))


def _large(size: int, text: str) -> None:
    """Time one plain text of `size` characters."""
    whole = (text + "\n\n") * (size // (len(text) + 2) + 1)
    tally = Tally()
    measure(Source("large.txt", "large", "txt", whole[:size].encode()), tally)
    click.echo(f"one text of {size / 1e6:.0f} MB: parsed in {tally.parsing:.1f} s, "
               f"split in {tally.splitting:.1f} s, {tally.passages} passages")  # fmt: skip


if __name__ == "__main__":
    main()
