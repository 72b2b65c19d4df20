"""Links to passages of real articles that are edited as authors do: how many survive.

    python -m benchmarks.anchoring PATH … [--edits 10000] [--seed 1] [--show 5]

For each kind of edit: the number of passages it changed, and the shares of right verdicts, of
passages reported as lost by mistake, and of links to a wrong place (*twin*: with the same words).
Then the same for all other passages of the edited articles, how often each confidence was right,
and the speed. `--show` prints some of the verdicts that are not right.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.edits.drafts import Draft, draft_of
from benchmarks.edits.mutations import MUTATIONS, Desk
from benchmarks.edits.verdicts import MANY, OUTCOMES, Judged, judge
from benchmarks.engines.tables import Table, markdown
from indexer.errors import SourceError
from indexer.model import Article
from indexer.parsing.formats.dispatch import parse
from indexer.settings import Settings
from indexer.sources.files import sources

_LONGEST = 400_000  # characters; longer articles take most of the time and tell little more


def articles(paths: Sequence[Path]) -> Iterator[Article]:
    """All articles at or below `paths`."""
    settings = Settings()
    for source in sources(paths, settings):
        if isinstance(source, SourceError):
            continue
        try:
            yield from parse(source, settings).articles
        except SourceError:
            continue


class Tally:
    """Outcomes by kind of edit, and verdicts by confidence."""

    def __init__(self) -> None:
        self.about: dict[str, Counter[str]] = defaultdict(Counter)
        self.others: Counter[str] = Counter()
        self.sure: dict[tuple[str, float], Counter[bool]] = defaultdict(Counter)
        self.failed: list[tuple[str, Judged]] = []
        self.edits: Counter[str] = Counter()

    def add(self, kind: str, judged: Sequence[Judged]) -> None:
        """The verdicts on one edited article."""
        self.edits[kind] += 1
        for one in judged:
            (self.about[kind] if one.about else self.others)[one.outcome] += 1
            if one.verdict.new >= 0:
                key = one.verdict.status, round(one.verdict.confidence, 3)
                self.sure[key][one.outcome == "right"] += 1
            if one.outcome != "right":
                self.failed.append((kind, one))


def run(drafts: Sequence[Draft], edits: int, seed: int) -> tuple[Tally, float]:
    """Make random edits of all kinds, each in a random article; returns seconds per edit."""
    chance = random.Random(seed)
    others = [unit.text for d in drafts for unit in d.units if unit.is_content]
    desk = Desk(chance, others)
    tally = Tally()
    kinds = [*MUTATIONS, *MANY]
    began = time.process_time()
    done = 0
    while done < edits:
        kind = kinds[done % len(kinds)]
        draft = chance.choice(drafts)
        if kind in MANY:
            judged = MANY[kind](draft, desk, chance.sample(drafts, min(5, len(drafts))))
        else:
            judged = judge(draft, kind, desk)
        if judged is not None:
            tally.add(kind, judged)
            done += 1
    return tally, (time.process_time() - began) / edits


def tables(tally: Tally) -> Iterator[Table]:
    """Shares of outcomes by kind of edit, and of right verdicts by confidence."""
    rows = [_row(kind, tally.edits[kind], counts) for kind, counts in tally.about.items()]
    edits, total = tally.edits.total(), sum(tally.about.values(), Counter[str]())
    rows.append(_row("all that edits were about", edits, total))
    rows.append(_row("all other passages", edits, tally.others))
    heads = ["edit", "edits", "passages", *(f"{outcome} %" for outcome in OUTCOMES)]
    yield "Verdicts on the passages that an edit was about", heads, rows
    rows = []
    for (status, sure), told in sorted(tally.sure.items()):
        share = f"{100 * told[True] / told.total():.2f}"
        rows.append([status, f"{sure:.3f}", str(told.total()), share])
    yield "Confidence", ["status", "confidence", "verdicts", "right %"], rows


def _row(name: str, edits: int, counts: Counter[str]) -> list[str]:
    total = counts.total()
    shares = [f"{100 * counts[outcome] / max(1, total):.2f}" for outcome in OUTCOMES]
    return [name, str(edits), str(total), *shares]


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--edits", default=10_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--show", default=0, show_default=True, help="Verdicts that are not right.")
def main(paths: tuple[Path, ...], edits: int, seed: int, show: int) -> None:
    """Edits, judges, prints."""
    found = [a for a in articles(paths) if len(a.text) <= _LONGEST]
    print(f"{len(found)} articles")
    tally, seconds = run([draft_of(article) for article in found], edits, seed)
    for table in tables(tally):
        print(markdown(table))
    print(f"{1000 * seconds:.1f} ms an edit, with making it and judging it")
    for kind, one in random.Random(0).sample(tally.failed, min(show, len(tally.failed))):
        now = one.new.text if one.new else ""
        print(f"\n{one.outcome}, {kind}: {one.verdict}\n  {one.old.text!r}\n  now {now!r}")


if __name__ == "__main__":
    main()
