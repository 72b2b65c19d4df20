"""Articles with judged structure, for `structure.py` and `train_lines.py`.

In: a folder with `index.jsonl` ({"id", "source"} on each line), `truth/<id>.json` ({"blocks":
[{"t", "text", "span": {variant: [start, end]}, …}]}) and `flat/<variant>/<id>.txt`. Out: `Judged`s.
Refuses a folder without an index.

A block's `t` is heading, p, li, row, or a kind that is not scored (li-cont, caption, pre, dt, dd).
Headings marked `noisy` and short paragraphs marked `bold` are not scored either, because people
would disagree on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

VARIANTS = ("blank", "inner", "fx", "tight", "wrap")
KINDS = ("heading", "p", "li", "row")
HELD_EVERY = 5  # one in this many articles of each source is held back from training
_LONGEST_BOLD = 120  # code points of a bold paragraph that may be meant as a heading


@dataclass(frozen=True, slots=True)
class Truth:
    """One judged block."""

    kind: str  # heading, p, li, row or another tag
    scored: bool
    text: str
    depth: int  # level of a heading, nesting of an item, else 0
    span: tuple[int, int]  # in the flattened text


@dataclass(frozen=True, slots=True)
class Judged:
    """One article in one flattening."""

    id: str
    source: str
    variant: str
    text: str
    blocks: tuple[Truth, ...]


def read_ids(folder: Path) -> list[tuple[str, str]]:
    """Id and source of each article of the folder, in order."""
    with (folder / "index.jsonl").open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [(record["id"], record["source"]) for record in records]


def held_back(ids: Iterable[tuple[str, str]]) -> set[str]:
    """The articles never used for training: the same share of each source, chosen by hash."""
    by_source: dict[str, list[str]] = {}
    for article, source in ids:
        by_source.setdefault(source, []).append(article)
    held: set[str] = set()
    for articles in by_source.values():
        articles.sort(key=lambda article: blake2b(article.encode()).digest())
        held.update(articles[::HELD_EVERY])
    return held


def read_judged(
    folder: Path, ids: Sequence[tuple[str, str]], variants: Sequence[str] = VARIANTS
) -> Iterator[Judged]:
    """The articles with their truth, one for each flattening."""
    for article, source in ids:
        truth = json.loads((folder / "truth" / f"{article}.json").read_text(encoding="utf-8"))
        for variant in variants:
            flat = folder / "flat" / variant / f"{article}.txt"
            with flat.open(encoding="utf-8", newline="") as file:
                text = file.read()
            blocks = tuple(_read_block(block, variant) for block in truth["blocks"])
            yield Judged(article, source, variant, text, blocks)


def _read_block(block: dict[str, object], variant: str) -> Truth:
    kind, text = str(block["t"]), str(block["text"])
    unsure = bool(block.get("noisy")) or (bool(block.get("bold")) and len(text) < _LONGEST_BOLD)
    spans = block["span"]
    assert isinstance(spans, dict)
    start, end = spans[variant]
    depth = block.get("level") or block.get("depth") or 0
    assert isinstance(depth, int)
    return Truth(kind, kind in KINDS and not unsure, text, depth, (start, end))
