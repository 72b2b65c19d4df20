"""Training of the line model that tells headings, paragraphs, items and rows in plain text.

    python -m benchmarks.train_lines FOLDER [--output FILE] [--all]

FOLDER is described in `benchmarks/line_model/judged_articles.py`. One article in five of each
source is held back (unless `--all`), so that `benchmarks.structure --weights FILE --part held`
measures the model on unseen articles. The weights in the repository were made with `--all`.
Training takes about two minutes on one core; the same folder gives the same file.

The weights are pruned and rounded. The parser uses the file as it is, and a person can read from it
why a line was taken for a heading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click
import numpy as np

from benchmarks.line_model.augmentation import reflow
from benchmarks.line_model.crf import Chain, Floats, Labelled, minimise
from benchmarks.line_model.judged_articles import (
    VARIANTS,
    Judged,
    Truth,
    held_back,
    read_ids,
    read_judged,
)
from indexer.parsing.plain_text.features import WORD_FEATURES, line_features, names_of
from indexer.parsing.plain_text.line_model import LABELS, STEP, WEIGHTS
from indexer.parsing.plain_text.lines import TextUnit, cut_units

_LABEL_OF = {"heading": 0, "p": 1, "li": 2, "row": 3, "pre": 4}
_FEWEST_UNITS = 6  # with a feature
_FEWEST_ARTICLES = 6  # with a word that is a feature
_FEWEST_SOURCES = 2
_LEAST_WEIGHT = 0.05  # smaller weights are dropped
_PENALTY = 15.0  # of large weights
_ROUNDS = 60  # at most
_HEADER = """\
# Weights of the line model (line_model.py). Made by benchmarks/train_lines.py.
# A positive number speaks for a label. step=GAP|LABEL: for what follows LABEL.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One text of an article, with features and labels."""

    article: str
    source: str
    rows: list[list[str]]  # names of the features of each unit
    gaps: list[str]  # class of the gap before each unit
    labels: list[int]  # -1: not known


def make_examples(articles: Iterable[Judged]) -> Iterator[Example]:
    """The judged texts, and the texts that `reflow` makes from each article."""
    for article in articles:
        starts = [block.span[0] for block in article.blocks]
        yield _example(article, article.text, starts, article.blocks)
        if article.variant == VARIANTS[0]:
            for flat in reflow(article.blocks, Random(article.id)):
                yield _example(article, flat.text, flat.starts, flat.blocks)


def _example(article: Judged, text: str, starts: Sequence[int], blocks: Sequence[Truth]) -> Example:
    units = cut_units(text).units
    groups, gaps = line_features(text, units, names_of, lambda names: [names])
    rows = [[name for group in unit for name in group] for unit in groups]
    labels = [_label_of(unit, starts, blocks) for unit in units]
    return Example(article.id, article.source, rows, gaps, labels)


def _label_of(unit: TextUnit, starts: Sequence[int], blocks: Sequence[Truth]) -> int:
    """Label of the block in which the unit ends, -1 if it was not judged."""
    place = bisect_right(starts, unit.end - 1) - 1
    if place < 0:
        return -1
    block = blocks[place]
    return _LABEL_OF.get(block.kind, -1) if block.scored or block.kind == "pre" else -1


def vocabulary(examples: Sequence[Example]) -> tuple[dict[str, int], dict[str, int]]:
    """Numbers of the features and of the gaps.

    Features with words count only if several articles of several sources have them, so
    that the model learns no source's vocabulary.
    """
    counts: Counter[str] = Counter()
    articles: dict[str, set[str]] = {}
    sources: dict[str, set[str]] = {}
    for example in examples:
        for row in example.rows:
            counts.update(row)
            for name in row:
                if name.startswith(WORD_FEATURES):
                    articles.setdefault(name, set()).add(example.article)
                    sources.setdefault(name, set()).add(example.source)
    names = sorted(
        name
        for name, count in counts.items()
        if count >= _FEWEST_UNITS
        and len(articles.get(name, range(_FEWEST_ARTICLES))) >= _FEWEST_ARTICLES
        and len(sources.get(name, range(_FEWEST_SOURCES))) >= _FEWEST_SOURCES
    )
    gaps = sorted({gap for example in examples for gap in example.gaps})
    return _number(names), _number(gaps)


def _number(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def encode(example: Example, names: dict[str, int], gaps: dict[str, int]) -> Labelled:
    """The example as numbers."""
    features = [[names[name] for name in row if name in names] for row in example.rows]
    return Labelled(features, [gaps[gap] for gap in example.gaps], example.labels)


def write(
    path: Path, names: dict[str, int], gaps: dict[str, int], by_feature: Floats, by_step: Floats
) -> int:
    """Writes the significant weights; returns the number of features kept."""
    centred = by_feature - by_feature.mean(axis=1, keepdims=True)  # equal for every label
    kept = [name for name in names if np.abs(centred[names[name]]).max() >= _LEAST_WEIGHT]
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER + "# feature\t" + "\t".join(LABELS) + "\n")
        for name in kept:
            file.write(_row(name, centred[names[name]]))
        for gap, number in gaps.items():
            for place, label in enumerate(LABELS):
                file.write(_row(f"{STEP}{gap}|{label}", by_step[number, place]))
    return len(kept)


def _row(name: str, weights: Floats) -> str:
    return name + "".join(f"\t{weight:.2f}" for weight in weights) + "\n"


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), default=WEIGHTS)
@click.option("--all", "everything", is_flag=True, help="Hold nothing back.")
def main(folder: Path, output: Path, everything: bool) -> None:
    """Trains and writes the weights."""
    ids = read_ids(folder)
    held = set() if everything else held_back(ids)
    used = [entry for entry in ids if entry[0] not in held]
    examples = list(make_examples(read_judged(folder, used)))
    names, gaps = vocabulary(examples)
    print(f"{len(used)} articles, {len(examples)} texts, {len(names)} features")
    chain = Chain(
        [encode(example, names, gaps) for example in examples], len(names), len(gaps), len(LABELS)
    )
    features, steps, labels = chain.sizes
    start = np.zeros((features + steps * labels) * labels)
    weights = minimise(lambda point: chain.loss(point, _PENALTY), start, _ROUNDS)
    kept = write(output, names, gaps, *chain.unpack(weights))
    print(f"{kept} features kept in {output}")


if __name__ == "__main__":
    main()
