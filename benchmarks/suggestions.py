"""Suggestions while typing: milliseconds of processor time for each answer.

    python -m benchmarks.suggestions INDEX [--count 150]

In: an index. Adjacent words are drawn from random passages, and only the beginning of the last word
is typed: of a single word, and of the second or third of several words. Also typed are a whole word
with a typing error (a letter left out, doubled or swapped with the next), and two of the 200
commonest words. Out: the time of the first answer, of an index prepared as a site does before
readers use it.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import click

from benchmarks.engines.usage import quantile
from indexer import Index, open_index
from indexer.text.tokenizer import tokenize

ARTICLES = 2000  # source of the words
COMMON = 200  # words


def _slip(chance: random.Random, word: str) -> str:
    """A word with one typing error."""
    at = chance.randrange(1, len(word) - 1)
    middle = chance.choice(("", 2 * word[at], word[at + 1] + word[at]))
    return word[:at] + middle + word[at + 1 + (middle[:1] == word[at + 1]) :]


def _typed(index: Index, count: int) -> dict[str, list[str]]:
    """Typed texts, `count` of each kind."""
    chance = random.Random(1)
    articles = list(index.articles())
    drawn = chance.sample(articles, min(ARTICLES, len(articles)))
    texts = [tokenize(one.text).forms for a in drawn for one in index.passages(a.id)]
    numbers = Counter(word for words in texts for word in words)
    common = {word for word, _ in numbers.most_common(COMMON)}
    runs = [(words, at) for words in texts for at in range(len(words) - 3)]
    neighbours = {pair for words in texts for pair in pairwise(words) if common.issuperset(pair)}

    def several(size: int) -> list[str]:
        found = [words[at : at + size] for words, at in chance.sample(runs, min(count, len(runs)))]
        return [begun(words) for words in found]

    def begun(words: list[str]) -> str:
        return " ".join([*words[:-1], words[-1][: chance.randint(1, len(words[-1]))]])

    long = sorted(word for word in numbers if len(word) > 4 and word.isalpha())
    return {
        "a word": several(1),
        "a typing error": [
            _slip(chance, word) for word in chance.sample(long, min(count, len(long)))
        ],
        "a second word": several(2),
        "a third word": several(3),
        "two common words": [
            begun(list(pair))
            for pair in chance.sample(sorted(neighbours), min(count, len(neighbours)))
        ],
    }


def _took(index: Index, typed: str) -> float:
    began = time.thread_time()
    index.suggest(typed)
    return (time.thread_time() - began) * 1000


@click.command(help=__doc__)
@click.argument("folder", metavar="INDEX", type=click.Path(exists=True, path_type=Path))
@click.option("--count", default=150, show_default=True, help="How many of each kind.")
def main(folder: Path, count: int) -> None:
    """Measures and prints."""
    with open_index(folder) as index:
        index.prepare()
        for kind, typed in _typed(index, count).items():
            times = [_took(index, one) for one in typed]
            half, most = quantile(times, 0.5), quantile(times, 0.95)
            print(f"{kind:16}  median {half:5.1f} ms   p95 {most:5.1f}   most {max(times):5.1f}")


if __name__ == "__main__":
    main()
