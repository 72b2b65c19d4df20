"""Ranking quality on an unseen judged set: weights are chosen on the other sets.

    python -m benchmarks.leave_one_out ir.tar.gz [SET …] [--most 1000]

In: folders as `pilcrow eval` reads them, or an archive of such folders. Each set is indexed once,
and its queries run with each of a few weightings (`CANDIDATES`), in words. Out: for each set
nDCG@10 with the weighting that is best on the mean of all other sets, and with the one in use; and
the mean of all sets with each weighting. Of a set with more queries than `--most`, an evenly spread
sample runs.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from indexer.cli.eval import opened
from indexer.evaluation import Configuration, JudgedSet, means, rankings, read_judged_set, scores
from indexer.search.bm25f import DEFAULTS, Parameters

CANDIDATES: dict[str, Parameters] = {
    "in use": DEFAULTS,
    "title 3": replace(DEFAULTS, title_weight=3.0),
    "title 7": replace(DEFAULTS, title_weight=7.0),
    "k1 0.9": replace(DEFAULTS, k1=0.9),
    "k1 1.6": replace(DEFAULTS, k1=1.6),
    "b 0.6": replace(DEFAULTS, text_b=0.6),
    "function words 0.1": replace(DEFAULTS, function_words=0.1),
    "repeats 1": replace(DEFAULTS, repeats=1.0),
    "articles 0": replace(DEFAULTS, article_weight=0.0),
    "articles 0.5": replace(DEFAULTS, article_weight=0.5),
    "burstiness 0": replace(DEFAULTS, burstiness=0.0),
    "burstiness 0.5": replace(DEFAULTS, burstiness=0.5),
}
QUERIES = "queries.jsonl"  # the file that makes a folder a set


def _folders(paths: Sequence[Path], made: Path) -> Iterator[Path]:
    """The sets of these folders and archives; archives are unpacked into `made`."""
    for path in paths:
        if path.is_dir():
            yield path
            continue
        with tarfile.open(path) as archive:
            archive.extractall(made, filter="data")
        yield from sorted(found.parent for found in made.rglob(QUERIES))


def _spread(judged: JudgedSet, most: int) -> JudgedSet:
    """A set with an evenly spread sample of at most `most` of its queries."""
    step = -(-len(judged.queries) // most)
    return replace(judged, queries=judged.queries[::step])


def measure(judged: JudgedSet) -> list[float]:
    """nDCG@10 with each of the candidates."""
    with opened(None, judged) as index:
        asked = [Configuration(weights) for weights in CANDIDATES.values()]
        return [
            means(scores(rankings(index, judged, one), judged, one))["ndcg@10"] for one in asked
        ]


def chosen_without(rows: Sequence[Sequence[float]], left_out: int) -> int:
    """The number of the candidate with the best mean over all rows but one, the first of
    equals."""
    others = [row for number, row in enumerate(rows) if number != left_out]
    sums = [sum(column) for column in zip(*others)]
    return sums.index(max(sums))


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--most", default=1000, show_default=True, help="Queries of a set.")
def main(paths: tuple[Path, ...], most: int) -> None:
    """Measures and prints."""
    names, rows = [], []
    with ExitStack() as stack:
        made = Path(stack.enter_context(TemporaryDirectory()))
        for folder in _folders(paths, made):
            names.append(folder.name)
            rows.append(measure(_spread(read_judged_set(folder), most)))
    if len(rows) < 3:
        raise click.UsageError("name three sets or more: weights are chosen on the others")
    labels = list(CANDIDATES)
    told = []
    for number, (name, row) in enumerate(zip(names, rows)):
        chosen = chosen_without(rows, number)
        told.append(row[chosen])
        print(f"{name:20} {row[chosen]:.3f}  in use {row[0]:.3f}  chosen: {labels[chosen]}")
    used = sum(row[0] for row in rows) / len(rows)
    print(f"{'mean':20} {sum(told) / len(told):.3f}  in use {used:.3f}")
    for label, column in zip(labels, zip(*rows)):
        print(f"  {label:20} mean {sum(column) / len(column):.4f}")


if __name__ == "__main__":
    main()
