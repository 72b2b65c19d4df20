"""Pairs the sections of two versions of an article.

Takes the section path and the words of each old and new passage, in text order. Returns for each
old section the new section that it became, as far as there is evidence. Pure. Refuses nothing.

A section is a run of passages with the same section path. Two sections are paired by content (words
and pairs of neighbouring words that occur in no other section of their version) and by equal paths.
Content weighs more, so a renamed section is found under its new name even if another section has
taken its old one. The rest are paired by place: sections next to a pair, equal headings first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from indexer.model import Selectors

_CONTENT, _PATH = 1.2, 1.0  # weights of common content, and of the same path
_MOST_PAIRS = 2_500  # pairs of sections with the same path that are compared, at most


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one version."""

    paths: tuple[tuple[str, ...], ...]  # section path of each section
    members: tuple[tuple[int, ...], ...]  # passages of each section, ascending
    home: tuple[int, ...]  # section of each passage

    @classmethod
    def of(cls, passages: Sequence[Selectors]) -> Sections:
        """The sections of passages given in text order."""
        paths: list[tuple[str, ...]] = []
        members: list[list[int]] = []
        for n, passage in enumerate(passages):
            if not paths or paths[-1] != passage.section:
                paths.append(passage.section)
                members.append([])
            members[-1].append(n)
        home = tuple(chain.from_iterable([at] * len(m) for at, m in enumerate(members)))
        return cls(tuple(paths), tuple(map(tuple, members)), home)

    def only(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """Word, or pair of words, that occurs in one section only → that section. `keys`: the
        words of each passage."""
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
    """Old section → new section. The keys are the words of each passage (`key_of`)."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def take(ours: int, theirs: int) -> None:
        if ours not in pairs and theirs not in taken:
            pairs[ours] = theirs
            taken.add(theirs)

    for _, ours, theirs in sorted(_by_evidence(old, new, old_keys, new_keys)):
        take(ours, theirs)
    for same_heading in (True, False):
        for step in (1, -1):
            ends = {-1: -1, len(old.paths): len(new.paths)}
            for ours in range(len(old.paths))[::step]:
                beside = ends.get(ours - step, pairs.get(ours - step))
                if beside is None or not 0 <= (theirs := beside + step) < len(new.paths):
                    continue
                if not same_heading or old.paths[ours][-1:] == new.paths[theirs][-1:]:
                    take(ours, theirs)
    return pairs


def _by_evidence(
    old: Sections, new: Sections, old_keys: Sequence[bytes], new_keys: Sequence[bytes]
) -> Iterator[tuple[float, int, int]]:
    """Pairs of sections with any evidence, each as (negated weight, old section, new section).

    Common content is measured as the Dice coefficient of the shingles in that section only.
    """
    ours, theirs = old.only(old_keys), new.only(new_keys)
    own, other_own = Counter(ours.values()), Counter(theirs.values())
    common = Counter((at, theirs[shingle]) for shingle, at in ours.items() if shingle in theirs)
    scores = {
        (one, other): _CONTENT * 2 * number / (own[one] + other_own[other])
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
