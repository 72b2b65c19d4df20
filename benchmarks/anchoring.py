"""Edit real articles as authors do and count the links that survive.

    python -m benchmarks.anchoring PATH … [--edits 10000] [--seed 1] [--show 5] [--kind TEXT]

For each kind of edit: the number of passages it changed, and the shares of right verdicts, of
passages reported as lost by mistake, and of links to a wrong place. Then the same for all other
passages of the edited articles, how often each confidence was right, and the speed.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.drafts import Draft, draft_of
from benchmarks.judging import MANY, Judged, judge
from benchmarks.mutations import MUTATIONS, Desk
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
        self.wrong: list[tuple[str, Judged]] = []
        self.lost: list[tuple[str, Judged]] = []
        self.edits: Counter[str] = Counter()

    def add(self, kind: str, judged: Sequence[Judged]) -> None:
        """The verdicts on one edited article."""
        self.edits[kind] += 1
        for one in judged:
            (self.about[kind] if one.about else self.others)[one.outcome] += 1
            if one.verdict.new >= 0:
                key = one.verdict.status, round(one.verdict.confidence, 3)
                self.sure[key][one.outcome == "right"] += 1
            if one.outcome in ("wrong", "twin"):
                self.wrong.append((kind, one))
            elif one.outcome == "lost":
                self.lost.append((kind, one))


def run(drafts: Sequence[Draft], edits: int, seed: int, only: str = "") -> tuple[Tally, float]:
    """Make random edits of all kinds, each in a random article; returns seconds per edit."""
    chance = random.Random(seed)
    others = [unit.text for d in drafts for unit in d.units if unit.is_content]
    desk = Desk(chance, others)
    tally = Tally()
    kinds = [kind for kind in (*MUTATIONS, *MANY) if only in kind]
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


def _row(name: str, edits: int, counts: Counter[str]) -> str:
    total = max(1, sum(counts.values()))
    shares = [f"{100 * counts[o] / total:7.2f}" for o in ("right", "lost", "twin", "wrong")]
    return f"{name:52} {edits:6} {total:8} " + " ".join(shares)


def _print(tally: Tally, seconds: float, show: int) -> None:
    print(f"{'edit':52} {'edits':>6} {'passages':>8}   right    lost    twin   wrong   (%)")
    total: Counter[str] = Counter()
    for kind, counts in tally.about.items():
        print(_row(kind, tally.edits[kind], counts))
        total.update(counts)
    print(_row("all that edits were about", sum(tally.edits.values()), total))
    print(_row("all other passages", sum(tally.edits.values()), tally.others))
    print("\nstatus and confidence told, verdicts, of which right (%)")
    for (status, sure), told in sorted(tally.sure.items()):
        share = 100 * told[True] / sum(told.values())
        print(f"{status:8} {sure:5.3f} {sum(told.values()):8} {share:7.2f}")
    print(f"\n{1000 * seconds:.1f} ms an edit, with making it and judging it")
    chance = random.Random(0)
    for name, cases in (("WRONG", tally.wrong), ("LOST", tally.lost)):
        for kind, one in chance.sample(cases, min(show, len(cases))):
            where = one.new.text if one.new else ""
            print(f"\n{name} {one.outcome}, {kind}; gone: {one.gone}, {one.verdict}")
            print(f"  was {one.old.text[:400]!r}\n  now {where[:400]!r}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--kind", default="")
    given = parser.parse_args()
    found = [a for a in articles(given.paths) if len(a.text) <= _LONGEST]
    drafts = [draft_of(article) for article in found]
    print(f"{len(drafts)} articles")
    tally, seconds = run(drafts, given.edits, given.seed, given.kind)
    _print(tally, seconds, given.show)


if __name__ == "__main__":
    main()
