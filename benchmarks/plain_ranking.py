"""Plain BM25 over whole documents of judged sets: the baseline for `pilcrow eval`.

    python -m benchmarks.plain_ranking SET…

In: folders as `pilcrow eval` reads them. Out: nDCG@10 and MRR@10 of each set and their means. A
document is its title and text; words are runs of letters and digits, lower case, without stop
words, stemmed by Snowball. k1 0.9, b 0.4 and the idf of Lucene (Robertson et al. 1994).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import click

from indexer.evaluation import DEPTH, MEASURES, JudgedSet, measures, read_judged_set
from indexer.text.stemming import stem

K1, B = 0.9, 0.4
WORD = re.compile(r"[^\W_]+")
_STOP = """a an and are as at be but by for if in into is it no not of on or such that the their
then there these they this to was will with"""
STOP = frozenset(_STOP.split())
stemmed = lru_cache(maxsize=None)(stem)


def terms(text: str) -> list[str]:
    """The stems of a text's words, without stop words."""
    return [stemmed(word, "en") for word in WORD.findall(text.lower()) if word not in STOP]


def rankings(judged: JudgedSet) -> list[list[str]]:
    """Ids of the documents for each query, best first, ties by id."""
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    lengths = []
    for number, document in enumerate(judged.documents):
        title, text = document["title"], document["text"]
        words = terms(text if title == text else f"{title} {text}")
        lengths.append(len(words))
        for term, count in Counter(words).items():
            postings[term].append((number, count))
    average = sum(lengths) / len(lengths)
    norms = [K1 * (1 - B + B * length / average) for length in lengths]
    found = []
    for query in judged.queries:
        scores: dict[int, float] = defaultdict(float)
        for term, times in Counter(terms(query.text)).items():
            holders = postings.get(term, [])
            idf = math.log(1 + (len(lengths) - len(holders) + 0.5) / (len(holders) + 0.5))
            for number, count in holders:
                scores[number] += times * idf * count / (count + norms[number])
        names = {judged.documents[number]["id"]: score for number, score in scores.items()}
        found.append(sorted(names, key=lambda name: (-names[name], name))[:DEPTH])
    return found


@click.command(help=__doc__)
@click.argument("sets", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def main(sets: tuple[Path, ...]) -> None:
    """Prints one line per set."""
    means = []
    for folder in sets:
        judged = read_judged_set(folder)
        rows = zip(rankings(judged), judged.queries)
        values = [measures(ranking, query.grades) for ranking, query in rows]
        mean = dict(zip(MEASURES, (sum(column) / len(values) for column in zip(*values))))
        means.append(mean["ndcg@10"])
        print(f"{folder.name:24} nDCG@10 {mean['ndcg@10']:.3f}  MRR@10 {mean['mrr@10']:.3f}")
    print(f"{'mean':24} nDCG@10 {sum(means) / len(means):.3f}")


if __name__ == "__main__":
    main()
