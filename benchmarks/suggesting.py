"""Suggestions while typing two common words: milliseconds from each letter to the answer.

    python -m benchmarks.suggesting INDEX [--pairs 100]

In: an index. Neighbouring words among the 200 commonest of it are drawn, and of the second word the
first, the second … letter is typed. Told is the processor time of each answer, the first time that
a letter is typed and again, of an index that is made ready as a site does before readers ask.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import click

from benchmarks.measuring import quantile
from indexer import Index, open_index
from indexer.text.tokenizer import tokenize

COMMON = 200  # words
READ = 20_000  # passages from which pairs are drawn


def _pairs(index: Index, most: int) -> list[str]:
    """So many pairs of neighbouring common words, none twice."""
    passages = (one for article in index.articles() for one in index.passages(article.id))
    texts = [tokenize(one.text.lower()).forms for one in islice(passages, READ)]
    counts = Counter(word for words in texts for word in words)
    common = {word for word, _ in counts.most_common(COMMON)}
    pairs = (pair for words in texts for pair in pairwise(words) if common.issuperset(pair))
    found = sorted(set(map(" ".join, pairs)))
    return random.Random(1).sample(found, min(most, len(found)))


def _took(index: Index, typed: str) -> float:
    began = time.thread_time()
    index.suggest(typed)
    return (time.thread_time() - began) * 1000


@click.command(help=__doc__)
@click.argument("folder", metavar="INDEX", type=click.Path(exists=True, path_type=Path))
@click.option("--pairs", default=100, show_default=True, help="How many pairs of words.")
def main(folder: Path, pairs: int) -> None:
    """Measures and prints."""
    with open_index(folder) as index:
        asked = _pairs(index, pairs)
        index.prepare()
        typed = [pair[:end] for pair in asked for end in range(pair.index(" ") + 2, len(pair) + 1)]
        for name in ("first", "again"):
            times = [_took(index, one) for one in typed]
            half, most = quantile(times, 0.5), quantile(times, 0.95)
            print(f"{name:5}  median {half:5.1f} ms   p95 {most:5.1f}   most {max(times):5.1f}")


if __name__ == "__main__":
    main()
