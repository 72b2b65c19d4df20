"""Queries made to be slow: the time of each class, and the note on what was left out.

    python -m benchmarks.hostile [PATH …] [--passages 20000] [--work DIR] [--tasks search,count]

Indexes the passages of PATH (default: the Python language reference in pydoc) and runs queries with
leading wildcards, a thousand ORs, hundreds of misspelt words, NEARs of prefixes, a megabyte of
brackets and so on, made from words of the passages. Each runs once; no answer is cached. Tasks:

    search        ten hits with marks, snippets and facets
    page          the hits from the hundred thousandth on, in the order of the corpus
    word, case    search in these modes
    count         how many passages match
    concordance   25 lines, with the total of all occurrences
    marks         the marks in one article
    suggest       completions

Prints for each the processor time in milliseconds (`--clock wall`: wall time), `!` if it is above
`--limit`, the number of matches (0 if refused), and the first note. At the end it prints the
process's own memory (without mapped pages) before and after, and its peak. `--work` keeps the index
for the next run. Exits with 1 if anything was above the limit.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks import passages, peers
from benchmarks.engines import engine
from benchmarks.measuring import CLOCKS, own_memory, peak_memory
from indexer import Index, UsageError, open_index, snippets

LETTERS = string.ascii_lowercase
Asked = Callable[[Index, str], tuple[int, tuple[str, ...]]]


def classes(words: list[str]) -> dict[str, str]:
    """One query of each class, made from these words (commonest first)."""
    words = (words or ["none"]) * (3 if len(words) < 3 else 1)
    long = [word for word in words if len(word) > 5]
    return {
        "common word": words[0],
        "leading wildcard": "*tion",
        "wildcard in all": "*e*",
        "many stars": "*a*e*i*o*",
        "most stars": "*a*b*c*d*e*f*g*h",
        "question marks": "?*?*?*",
        "three wildcards": "*ing *ed *s",
        "one letter": "s*",
        "1,000 OR": " OR ".join(words[:1000]),
        "1,000 OR, rarer": " OR ".join(long[-1000:]),
        "1,000 AND": " AND ".join(long[:1000]),
        "1,000 bare": " ".join(words[:1000]),
        "1,000 unknown": " ".join(f"zzq{word}" for word in long[:1000]),
        "1,000 negated": " ".join(f"-{word}" for word in long[:1000]),
        "three prefixes": "a* b* c*",
        "all prefixes": " ".join(f"{letter}*" for letter in LETTERS),
        "all prefixes, OR": " OR ".join(f"{letter}*" for letter in LETTERS),
        "1,000 prefixes": " OR ".join(f"{word[:2]}*" for word in words[:1000]),
        "1,000 wildcards": " OR ".join(f"*{word[1:]}" for word in long[:1000]),
        "50 misspelt": " ".join(f"{word}~2" for word in long[:50]),
        "1,000 misspelt": " OR ".join(f"{word}~2" for word in long[:1000]),
        "short misspelt": "a~2 of~2 the~2",
        "phrase of prefixes": '"a* b* c*"',
        "phrase of stars": f'"{words[0]} * * * {words[1]}"',
        "phrase, 1,000 words": f'"{" ".join(words[:1000])}"',
        "phrase, one word": f'"{f"{words[0]} " * 1000}"',
        "phrase of hyphens": f'"{" ".join(["-".join(words[:4])] * 200)}"',
        "loose phrase": f'"{" ".join(words[:3])}"~1000',
        "loose prefixes": '"s* t* a*"~10',
        "loose, 200 words": f'"{" ".join(words[:200])}"~1000',
        "loose, one word": f'"{f"{words[0]} " * 200}"~1000',
        "NEAR, common": f"{words[0]} NEAR/5 {words[1]}",
        "NEAR/1000": f"{words[0]} NEAR/1000 {words[1]}",
        "NEAR/s": f"{words[0]} NEAR/s {words[1]}",
        "NEAR of prefixes": "t* NEAR/10 s*",
        "50 NEARs": " NEAR/5 ".join(words[:50]),
        "50 NEARs, one word": " NEAR/5 ".join(words[:1] * 50),
        "NEAR of ORs": f"({' OR '.join(words[:400])}) NEAR/5 ({' OR '.join(words[400:800])})",
        "NEAR of ANDs": f"({' '.join(words[:20])}) NEAR/5 ({' '.join(words[20:40])})",
        "depth 50": f"({words[0]} OR {words[1]} AND " * 50 + words[2] + ")" * 50,
        "negated, depth 50": "NOT (" * 50 + words[0] + ")" * 50,
        "everything": "*",
        "all but one": f"-{words[0]}",
        "kind of all": "kind:paragraph",
        "1,000 kinds": " OR ".join(["kind:paragraph"] * 1000),
        "prefix in titles": "title:t*",
        "prefix in headings": "section:s*",
        "1,000 hyphens": "-".join(["well"] * 1000),
        "400 pairs": " ".join(["well known"] * 400),
        "long word": "x" * 10_000,
        "long wildcard": "*a" * 7 + "b" * 9000,
        "long misspelt": "abcdefghij" * 1000 + "~2",
        "long question": "a" + "?" * 10_000 + "b",
        "1 MB of a word": f"{words[0]} " * (1_000_000 // (len(words[0]) + 1)),
        "1 MB of prefixes": "a* " * 333_333,
        "1 MB of misspelt": "a~2 " * 250_000,
        "1 MB of quotes": f'"{"a " * 500_000}"',
        "1 MB, one word": "x" * 1_000_000,
        "1 MB of brackets": "(" * 1_000_000,
        "1 MB of hyphens": "a-" * 500_000,
        "1 MB of signs": "疼" * 333_333,
    }


def _search(**options: Any) -> Asked:
    def asked(index: Index, query: str) -> tuple[int, tuple[str, ...]]:
        found = index.search(query, **options)
        for hit in found.hits:
            snippets(hit.passage.text, hit.marks)
        return found.total, found.notes

    return asked


def _page(index: Index, query: str) -> tuple[int, tuple[str, ...]]:
    found = index.search(query, sort="position", offset=100_000)
    return found.total, found.notes


def _concordance(index: Index, query: str) -> tuple[int, tuple[str, ...]]:
    found = index.concordance(query, limit=25)
    return found.total, found.notes


TASKS: Mapping[str, Asked] = {
    "search": _search(),
    "page": _page,
    "word": _search(match="word"),
    "case": _search(match="case"),
    "count": lambda index, query: (index.count(query), ()),
    "concordance": _concordance,
    "marks": lambda index, query: (len(index.article_marks(index.articles()[0].id, query)), ()),
    "suggest": lambda index, query: (len(index.suggest(query)), ()),
}


def common_words(index: Index, most: int = 3000) -> list[str]:
    """The commonest words of an index that have only letters, commonest first."""
    counts: dict[str, int] = {}
    for part in index._snapshot.parts:
        vocabulary = part.segment.vocabulary
        for word, count in vocabulary.completions("", 4 * most):
            counts[word] = counts.get(word, 0) + count
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ordered if word.isalpha() and word.isascii()][:most]


def measure(index: Index, tasks: tuple[str, ...], clock: str, limit: float) -> int:
    """Runs and prints all; returns how many answers took longer than the limit."""
    now = CLOCKS[clock]
    words = common_words(index)
    index.search(words[0])
    index.suggest(words[0][:2])
    slow, before, most = 0, own_memory(), 0
    print(f"{'':20}" + "".join(f"{task:>22}" for task in tasks))
    for name, query in classes(words).items():
        row, said = f"{name:20}", ""
        for task in tasks:
            began = now()
            try:
                found, notes = TASKS[task](index, query)
            except UsageError as error:  # counts are refused, never cut
                found, notes = 0, (f"refused: {error}",)
            ms = 1000 * (now() - began)
            slow += ms > limit
            most = max(most, own_memory())
            row += f"{ms:9,.0f}{'!' if ms > limit else ' '}{found:>12,}"
            said = said or next(iter(notes), "")
        print(f"{row}  {said[:90]}", flush=True)
    sizes = (f"{size / 1e6:,.0f}" for size in (before, own_memory(), most, peak_memory()))
    print(
        "memory: own {} MB before, {} after, {} at most between answers; {} MB at peak, with"
        " mapped pages".format(*sizes)
    )
    return slow


def build(work: Path, paths: tuple[Path, ...], most: int) -> Path:
    """The index of the passages in a folder; made if it does not exist."""
    folder = work / f"hostile-{most}"
    if not folder.exists():
        rows = work / f"hostile-{most}.jsonl"
        texts = passages.texts(passages.files_in(paths)) if paths else passages.of_this_python()
        passages.write(rows, passages.pack(texts), most)
        folder.mkdir()
        engine("pilcrow").build(folder, passages.read(rows), "stem")
    return folder


@click.command(help=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", "most", default=20_000, show_default=True, help="How many; 0: all.")
@click.option("--work", type=click.Path(path_type=Path), help="Keeps the index here.")
@click.option("--tasks", default="search,count,concordance,marks,suggest", show_default=True)
@click.option("--clock", default="cpu", type=click.Choice(sorted(CLOCKS)), show_default=True)
@click.option("--limit", default=250.0, show_default=True, help="Milliseconds for an answer.")
def main(
    paths: tuple[Path, ...], most: int, work: Path | None, tasks: str, clock: str, limit: float
) -> None:
    """Measures and prints."""
    chosen = tuple(task for task in TASKS if task in tasks.split(","))
    with peers.workshop(work) as folder, open_index(build(folder, paths, most)) as index:
        slow = measure(index, chosen, clock, limit)
    if slow:
        print(f"{slow} above {limit:.0f} ms", file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
