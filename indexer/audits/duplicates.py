"""Near-duplicates: passages and sentences that stand in a corpus more than once, or nearly so.

In: a snapshot. Out: groups of copies, each with the wording that the others are compared with, and
how each other one differs from it by words. Groups in which a number, a unit, a sign, a negation, a
frequency or a qualifier differs come first. Copies are near when the Jaccard overlap of their
shingles reaches a threshold; all are compared, exactly. A group is a wording with the copies that
are near it, or near one of these.

A group of sentences is left out where a group of passages already says the same: its sentences all
stand in different passages of that one group. Headings and boilerplate take no part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from indexer.audits.near_duplicates import Cluster, Likeness, Member, cluster
from indexer.audits.risky_changes import RISKS, Risk, RiskyChange, is_risky, risky_changes
from indexer.audits.scope import (
    ComparedText,
    TextUnits,
    UnitKind,
    corpus_units,
    corpus_words,
    paged,
)
from indexer.errors import UsageError
from indexer.links.similarity import DiffRun, word_diff
from indexer.model import ArticleRef, Page
from indexer.segments.snapshot import Snapshot
from indexer.sorted_arrays import Array
from indexer.text.tokenizer import normalise

Relation = Literal["identical", "same words", "near"]
UNITS: tuple[UnitKind, ...] = ("passage", "sentence")
WIDEST = 20  # words of a shingle


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared, for one unit."""

    unit: UnitKind
    units: int  # passages or sentences there are
    short: int  # of them, left out for having fewer than the least words
    wordings: int  # of those compared, with different words
    method: Literal["exact"] = "exact"  # all near pairs are found
    recall: None = None  # nothing to tell of an exact method


@dataclass(frozen=True, slots=True)
class Copy:
    """One passage or sentence of a group."""

    article: ArticleRef
    section: tuple[str, ...]
    passage: str  # passage id
    ordinal: int  # of that passage in its article, from 1
    start: int  # where the copy stands in the passage's text (code points)
    end: int
    text: str
    words: int
    model: int  # which of the copies it is compared with: 0, or one that is near the first
    relation: Relation  # to its model: identical but for white space; the same words but for case,
    # accents and punctuation; or near
    overlap: float  # Jaccard overlap of its shingles with those of its model, 0 to 1
    changes: tuple[DiffRun, ...]  # from its model to this one, by words; none when identical
    drift: tuple[RiskyChange, ...]  # those that touch a dose, a negation, a qualifier


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Copies of one text; the first is the commonest wording, or the earliest of these."""

    unit: UnitKind
    copies: tuple[Copy, ...]  # two or more; after the first, risky ones, then corpus order
    identical: bool  # whether all copies have the same words
    risks: tuple[Risk, ...]  # what differs between them, the gravest first


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All groups of near-duplicates, or one page of them."""

    groups: tuple[DuplicateGroup, ...]  # those with risky changes first, then the largest
    total: int  # groups, not only those shown
    drifting: int  # of the total, groups in which something risky differs
    copies: int  # passages and sentences in all groups
    compared: tuple[Compared, ...]  # one a unit
    likeness: Likeness  # the parameters used
    page: Page


@dataclass(frozen=True)
class DuplicateGroups:
    """All groups of near-duplicates of one question; the texts of a page are read for it."""

    snapshot: Snapshot
    found: list[_Unread]
    compared: tuple[Compared, ...]
    likeness: Likeness

    def page(self, offset: int, limit: int | None) -> Duplicates:
        """Some of the groups; `limit` None: all from `offset` on. `UsageError` for a senseless
        one."""
        shown, at = paged(self.found, offset, limit)
        return Duplicates(
            groups=tuple(group.shown(self.snapshot) for group in shown),
            total=len(self.found),
            drifting=sum(bool(group.risks) for group in self.found),
            copies=sum(len(group.members) for group in self.found),
            compared=self.compared,
            likeness=self.likeness,
            page=at,
        )


def duplicate_groups(
    snapshot: Snapshot,
    likeness: Likeness | None = None,
    units: Sequence[UnitKind] = UNITS,
    articles: Collection[tuple[int, int]] | None = None,
) -> DuplicateGroups:
    """Near-duplicates of the whole corpus, or within some articles (part, number).

    Raises `UsageError` for a parameter out of range.
    """
    likeness = likeness or Likeness()
    _check(likeness, units)
    words = corpus_words(snapshot)
    keys = _as_compared(snapshot)[words]
    compared: list[Compared] = []
    found: list[_Unread] = []
    said: dict[tuple[int, int], int] = {}  # passage → number of its group of passages
    for kind in (unit for unit in UNITS if unit in units):
        everything = corpus_units(snapshot, kind, articles)
        some = everything.take(np.flatnonzero(everything.sizes >= likeness.least))
        clusters, wordings = cluster(words, some, likeness, keys)
        short = everything.sizes.size - some.sizes.size
        compared.append(Compared(kind, everything.sizes.size, short, wordings))
        for one in clusters:
            homes = [(int(some.parts[m.row]), int(some.passages[m.row])) for m in one.members]
            if kind == "passage":
                said.update(dict.fromkeys(homes, len(found)))
            if kind == "passage" or not _is_covered(homes, said):
                found.append(_Unread.of(snapshot, some, one))
    found.sort(key=lambda group: group.rank)
    return DuplicateGroups(snapshot, found, tuple(compared), likeness)


def _check(likeness: Likeness, units: Sequence[UnitKind]) -> None:
    if not 0 < likeness.threshold <= 1:
        raise UsageError(f"threshold {likeness.threshold}: use a number above 0, at most 1")
    if not 1 <= likeness.width <= WIDEST:
        raise UsageError(f"shingles of {likeness.width} words: use 1 to {WIDEST}")
    if likeness.least < likeness.width:
        raise UsageError(
            f"at least {likeness.least} words: a shingle alone has {likeness.width}, use no fewer"
        )
    if likeness.method != "exact":
        raise UsageError(f"method {likeness.method!r}: use exact")
    if not units or set(units) - set(UNITS):
        raise UsageError(f"units {', '.join(units) or 'none'}: use {', '.join(UNITS)}")


def _as_compared(snapshot: Snapshot) -> Array:
    """The number of each word as it is compared: of its singular, -1 where it is risky (int32).

    A plural goes with the number before it: *1 cup*, *2 cups*.
    """
    words = snapshot.wordlist
    numbers = {words.text(number): number for number in range(len(words))}
    found = [
        -1 if is_risky(word) else numbers.get(word.removesuffix("s"), number)
        for word, number in numbers.items()
    ]
    return np.array(found, np.int32)


def _is_covered(homes: Sequence[tuple[int, int]], said: dict[tuple[int, int], int]) -> bool:
    """Whether sentences in these passages stand in different passages of one group."""
    groups = {said.get(home, -1) for home in homes}
    return len(groups) == 1 and -1 not in groups and len(set(homes)) == len(homes)


@lru_cache(maxsize=1 << 12)  # many copies differ in the same way from the same first one
def _difference(
    first: str, other: str, language: str
) -> tuple[tuple[DiffRun, ...], tuple[RiskyChange, ...]]:
    """Changes from one text to another, and the risky ones among them."""
    if " ".join(first.split()) == " ".join(other.split()):
        return (), ()
    runs = word_diff(first, other)
    return runs, risky_changes(runs, language, aligned=True)


@dataclass(frozen=True)
class _Unread:
    """A group whose copies are not read in full yet: most are never shown."""

    units: TextUnits
    members: tuple[Member, ...]  # in the order of `DuplicateGroup.copies`
    risks: tuple[Risk, ...]
    identical: bool

    @classmethod
    def of(cls, snapshot: Snapshot, units: TextUnits, found: Cluster) -> _Unread:
        """The group of a cluster, its copies in their order."""
        read = {row: units.at(snapshot, row) for row, _, _ in found.members}
        risky = {
            row: _difference(read[model].text, read[row].text, read[row].article.language)[1]
            for row, model, _ in found.members
        }
        first, *others = found.members
        others.sort(key=lambda member: not risky[member.row])
        present = {change.risk for changes in risky.values() for change in changes}
        risks = tuple(risk for risk in RISKS if risk in present)
        return cls(units, (first, *others), risks, found.identical and not present)

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts risky changes before others, the graver first, and then larger groups."""
        grave = RISKS.index(self.risks[0]) if self.risks else len(RISKS)
        return grave, -len(self.members)

    def shown(self, snapshot: Snapshot) -> DuplicateGroup:
        """The group with its copies in full."""
        rows = [member.row for member in self.members]
        read = {row: self.units.at(snapshot, row) for row in rows}
        copies = tuple(
            _copy(read[row], read[model], int(self.units.sizes[row]), rows.index(model), overlap)
            for row, model, overlap in self.members
        )
        return DuplicateGroup(self.units.kind, copies, self.identical, self.risks)


def _copy(unit: ComparedText, other: ComparedText, words: int, model: int, overlap: float) -> Copy:
    """One copy; `other` is its model, whose place among the copies is `model`."""
    passage = unit.segment.passage(unit.number)
    changes, risky = _difference(other.text, unit.text, unit.article.language)
    relation: Relation = "near"
    if not changes:
        relation = "identical"
    elif not risky and normalise(other.text) == normalise(unit.text):
        relation = "same words"
    return Copy(
        article=unit.article,
        section=passage.section,
        passage=passage.id,
        ordinal=passage.ordinal,
        start=unit.start,
        end=unit.end,
        text=unit.text,
        words=words,
        model=model,
        relation=relation,
        overlap=overlap,
        changes=changes,
        drift=risky,
    )
