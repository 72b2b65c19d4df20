"""Structure inferred from plain text, scored by judged articles.

    python -m benchmarks.structure FOLDER [--weights FILE --part held]

FOLDER is described in `benchmarks/line_model/judged_articles.py`. For each flattening and kind: F1
of exact spans (edges may differ by white space and list marks), and section accuracy: the share of
the text outside headings whose nearest heading above is the true one. The last line is the parse
speed.

The parser's own weights were trained on all articles of such a folder. To measure the model on
unseen articles, use weights trained on a part:

\b
    python -m benchmarks.train_lines FOLDER --output part.tsv
    python -m benchmarks.structure FOLDER --weights part.tsv --part held
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import click

from benchmarks.engines.tables import Table, markdown
from benchmarks.line_model.judged_articles import (
    KINDS,
    Judged,
    held_back,
    read_ids,
    read_judged,
)
from indexer.model import Block
from indexer.parsing.plain_text.line_model import WEIGHTS, label_units, load_model
from indexer.parsing.plain_text.outline import parse_text

Edges = tuple[int, int]
Parser = Callable[[str], Sequence[Block]]
_SCORED_AS = {
    "title": "heading",
    "heading": "heading",
    "paragraph": "p",
    "quote": "p",
    "list_item": "li",
    "table_row": "row",
}
_MARKS = re.compile(r"[\s•*\-–]*(?:\d{1,3}[.)]\s+)?")


def score(articles: Iterable[Judged], parse: Parser) -> tuple[dict[str, Counter[str]], float]:
    """Tallies by flattening, and seconds of parsing."""
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    seconds = 0.0
    for article in articles:
        began = time.perf_counter()
        blocks = parse(article.text)
        seconds += time.perf_counter() - began
        tallies[article.variant].update(compare(article, blocks))
    return tallies, seconds


def compare(article: Judged, blocks: Sequence[Block]) -> Counter[str]:
    """Counts found, right and true, by kind and in characters of sections."""
    tally: Counter[str] = Counter()
    unscored = {_edges(article.text, *b.span) for b in article.blocks if not b.scored}
    found: dict[str, set[Edges]] = {kind: set() for kind in KINDS}
    for block in blocks:
        if kind := _SCORED_AS.get(block.kind):
            found[kind].add(_edges(article.text, block.span.start, block.span.end))
    true: dict[str, set[Edges]] = {kind: set() for kind in KINDS}
    for truth in article.blocks:
        if truth.scored:
            true[truth.kind].add(_edges(article.text, *truth.span))
    for kind in KINDS:
        tally[f"{kind} found"] += len(found[kind] - unscored)
        tally[f"{kind} right"] += len((found[kind] - unscored) & true[kind])
        tally[f"{kind} true"] += len(true[kind])
    right, total = _compare_sections(article, true["heading"], found["heading"] - unscored)
    tally["section right"] += right
    tally["section total"] += total
    return tally


def _edges(text: str, start: int, end: int) -> Edges:
    """A span without white space and list marks at its edges."""
    while end > start and text[end - 1].isspace():
        end -= 1
    marks = _MARKS.match(text, start, end)
    return (marks.end() if marks else start), end


def _compare_sections(article: Judged, true: set[Edges], found: set[Edges]) -> tuple[int, int]:
    """Code points outside headings: those with the right nearest heading above, and all."""
    right = total = 0
    for truth in article.blocks:
        if truth.kind == "heading":
            continue
        above = [
            max((edges for edges in heads if edges[0] <= truth.span[0]), default=None)
            for heads in (true, found)
        ]
        total += len(truth.text)
        right += len(truth.text) * (above[0] == above[1])
    return right, total


def table(tallies: dict[str, Counter[str]]) -> Table:
    """F1 by kind and section accuracy, a row for each flattening."""
    rows = []
    for variant, tally in tallies.items():
        figures = [f"{_f1(tally, kind):.3f}" for kind in KINDS]
        share = tally["section right"] / max(tally["section total"], 1)
        rows.append([variant, *figures, f"{share:.3f}"])
    return "F1 of exact spans", ["flattening", *KINDS, "section"], rows


def _f1(tally: Counter[str], kind: str) -> float:
    return 2 * tally[f"{kind} right"] / max(tally[f"{kind} found"] + tally[f"{kind} true"], 1)


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--part", type=click.Choice(["all", "held"]), default="all", show_default=True)
@click.option("--weights", type=click.Path(path_type=Path), default=WEIGHTS, help="Of the model.")
def main(folder: Path, part: str, weights: Path) -> None:
    """Scores and prints."""
    ids = read_ids(folder)
    held = held_back(ids)
    chosen = [entry for entry in ids if part == "all" or entry[0] in held]
    articles = list(read_judged(folder, chosen))
    labeller = partial(label_units, model=load_model(weights))
    tallies, seconds = score(articles, lambda text: parse_text(text, labeller).blocks)
    print(f"{len(chosen)} articles ({part})\n\n{markdown(table(tallies))}")
    size = sum(len(article.text.encode()) for article in articles) / 1e6
    print(f"{size:.1f} MB in {seconds:.1f} s: {size / seconds:.1f} MB/s")


if __name__ == "__main__":
    main()
