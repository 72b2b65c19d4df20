"""Score the structure inferred from plain text by judged articles.

    python -m benchmarks.structure FOLDER [--part all|trained|held] [--variant blank …]
        [--ids FILE] [--by-source] [--rules] [--weights FILE]

FOLDER is described in `judged.py`. For each flattening and kind: F1 of exact spans (edges may
differ by white space and list marks), and section accuracy: the share of the text outside headings
whose nearest heading above is the true one. `--rules` labels lines by a short rule set instead of
the model, for comparison. The last line is the parse speed.

The parser's own weights were trained on all articles of such a folder. To measure the model on
unseen articles, use weights trained on a part:

    python -m benchmarks.train_lines FOLDER --output part.tsv
    python -m benchmarks.structure FOLDER --weights part.tsv --part held
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.judged import KINDS, VARIANTS, Judged, held_back, read_ids, read_judged
from benchmarks.line_rules import label_by_rules
from indexer.model import Block
from indexer.parsing.plain_text.line_kinds import Labeller
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, score, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=("all", "trained", "held"), default="all")
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    parser.add_argument("--ids", type=Path, help="file of article ids, one a line")
    parser.add_argument("--by-source", action="store_true")
    parser.add_argument("--rules", action="store_true", help="rules in place of the model")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of the model")
    options = parser.parse_args(arguments)
    ids = select_ids(options.folder, options.part, options.ids)
    articles = list(read_judged(options.folder, ids, options.variant or VARIANTS))
    labeller: Labeller = partial(label_units, model=load_model(options.weights))
    if options.rules:
        labeller = label_by_rules
    tallies, seconds = score(articles, lambda text: parse_text(text, labeller).blocks)
    print(f"{len(ids)} articles ({options.part})")
    print_table(tallies, options.by_source)
    size = sum(len(article.text.encode()) for article in articles) / 1e6
    print(f"{size:.1f} MB in {seconds:.1f} s: {size / seconds:.1f} MB/s")


def select_ids(folder: Path, part: str, file: Path | None) -> list[tuple[str, str]]:
    """Ids of the chosen part, and of the list if there is one."""
    ids = read_ids(folder)
    held = held_back(ids)
    if part != "all":
        ids = [entry for entry in ids if (entry[0] in held) == (part == "held")]
    if file is not None:
        wanted = set(file.read_text(encoding="utf-8").split())
        ids = [entry for entry in ids if entry[0] in wanted]
    return ids


def score(
    articles: Iterable[Judged], parse: Parser
) -> tuple[dict[tuple[str, str], Counter[str]], float]:
    """Tallies by flattening and source (and "ALL"), and seconds of parsing."""
    tallies: dict[tuple[str, str], Counter[str]] = {}
    seconds = 0.0
    for article in articles:
        began = time.perf_counter()
        blocks = parse(article.text)
        seconds += time.perf_counter() - began
        tally = compare(article, blocks)
        for source in ("ALL", article.source):
            tallies.setdefault((article.variant, source), Counter()).update(tally)
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


def print_table(tallies: dict[tuple[str, str], Counter[str]], by_source: bool) -> None:
    """Prints F1 by kind and section accuracy, a line for each flattening (and source)."""
    print(f"{'flattening':11}{'source':16}" + "".join(f"{kind:>9}" for kind in KINDS) + "  section")
    for variant in dict.fromkeys(variant for variant, _ in tallies):
        for (name, source), tally in tallies.items():
            if name == variant and (by_source or source == "ALL"):
                figures = "".join(f"{_f1(tally, kind):9.3f}" for kind in KINDS)
                share = tally["section right"] / max(tally["section total"], 1)
                print(f"{variant:11}{source:16}{figures}{share:9.3f}")


def _f1(tally: Counter[str], kind: str) -> float:
    return 2 * tally[f"{kind} right"] / max(tally[f"{kind} found"] + tally[f"{kind} true"], 1)


if __name__ == "__main__":
    main()
