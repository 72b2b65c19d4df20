"""Pairs the sections of two versions of an article.

In: the section and the words of each passage before and after, in order of the text. Out: for each
old section the new one that it is now, as far as that can be told. Pure.

A section is a run of passages below the same headings. Two are one by what they hold (words, and
pairs of neighbouring words, that stand in this section only on each side) and by the same path of
headings; what they hold weighs more, so that a section that was renamed is found under its new
name even where another has taken its old one. What is left over is paired by place: sections beside
a pair, those with the same heading first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from indexer.model import Selectors

_HELD, _PATH = 1.2, 1.0  # weights of what two sections hold in common, and of the same path
_MOST_PAIRS = 2_500  # of sections with the same path that are held against each other


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one version."""

    paths: tuple[tuple[str, ...], ...]  # of each section its headings, from the top down
    members: tuple[tuple[int, ...], ...]  # of each section its passages, ascending
    home: tuple[int, ...]  # of each passage its section

    @classmethod
    def of(cls, passages: Sequence[Selectors]) -> Sections:
        """The sections of passages that stand in order of the text."""
        paths: list[tuple[str, ...]] = []
        members: list[list[int]] = []
        for n, one in enumerate(passages):
            if not paths or paths[-1] != one.section:
                paths.append(one.section)
                members.append([])
            members[-1].append(n)
        home = tuple(chain.from_iterable([at] * len(m) for at, m in enumerate(members)))
        return cls(tuple(paths), tuple(map(tuple, members)), home)

    def only(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """Words and pairs of words that stand in a single section: in which. `keys` are the words
        of each passage."""
        found: dict[bytes, int] = {}
        for at, key in zip(self.home, keys):
            words = key.split(b" ")
            for shingle in chain(words, (b"%b %b" % pair for pair in pairwise(words))):
                if found.setdefault(shingle, at) != at:
                    found[shingle] = -1
        return {shingle: at for shingle, at in found.items() if at >= 0}


def paired_sections(
    old: Sections, new: Sections, old_keys: Sequence[bytes], new_keys: Sequence[bytes]
) -> dict[int, int]:
    """Old section → new one. The keys are the words of each passage, as ids are made of them."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def take(one: int, other: int) -> None:
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)

    for _, one, other in sorted(_by_evidence(old, new, old_keys, new_keys)):
        take(one, other)
    for same_heading in (True, False):
        for step in (1, -1):
            ends = {-1: -1, len(old.paths): len(new.paths)}
            for one in range(len(old.paths))[::step]:
                beside = ends.get(one - step, pairs.get(one - step))
                if beside is None or not 0 <= (other := beside + step) < len(new.paths):
                    continue
                if not same_heading or old.paths[one][-1:] == new.paths[other][-1:]:
                    take(one, other)
    return pairs


def _by_evidence(
    old: Sections, new: Sections, old_keys: Sequence[bytes], new_keys: Sequence[bytes]
) -> Iterator[tuple[float, int, int]]:
    """Pairs of sections for which something speaks, with how much that is, negated.

    What they hold is the Dice coefficient of the shingles that each has alone.
    """
    ours, theirs = old.only(old_keys), new.only(new_keys)
    own, other_own = Counter(ours.values()), Counter(theirs.values())
    common = Counter((at, theirs[shingle]) for shingle, at in ours.items() if shingle in theirs)
    scores = {
        (one, other): _HELD * 2 * number / (own[one] + other_own[other])
        for (one, other), number in common.items()
    }
    places: dict[tuple[str, ...], list[int]] = {}
    for other, path in enumerate(new.paths):
        places.setdefault(path, []).append(other)
    number_of = Counter(old.paths)
    for one, path in enumerate(old.paths):
        same = places.get(path, [])
        if number_of[path] * len(same) > _MOST_PAIRS:
            continue
        for other in same:
            scores[one, other] = scores.get((one, other), 0.0) + _PATH
    for (one, other), score in scores.items():
        yield -score, one, other
