"""The audit of duplicates: passages and sentences that occur more than once, exactly or nearly.

In: a snapshot. Out: groups of copies. Each copy has its model, the copy that it is compared with,
and the word diff from it. Groups in which a number, a unit, a sign, a negation, a frequency or a
qualifier differs come first. Copies are near if the Jaccard overlap of their shingles reaches a
threshold; no near pair is missed. A group is a wording with the copies that are near it, or near
one of those.

A group of sentences is dropped if its sentences all lie in different passages of one group of
passages, which shows the same text already. Headings and boilerplate are not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from indexer.audits.near_duplicates import Likeness, Member, UnitCluster, cluster_units
from indexer.audits.risky_changes import RISKS, Risk, RiskyChange, is_risky, risky_changes
from indexer.audits.scope import (
    ComparedText,
    Pages,
    TextUnits,
    UnitKind,
    corpus_units,
    corpus_words,
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
    """Numbers of passages or sentences compared."""

    unit: UnitKind
    units: int  # all passages or sentences
    short: int  # those left out because they have fewer than `Likeness.least` words
    wordings: int  # different wordings among the others
    method: Literal["exact"] = "exact"  # all near pairs are found
    recall: None = None  # not estimated, because the method is exact


@dataclass(frozen=True, slots=True)
class Copy:
    """One passage or sentence of a group."""

    article: ArticleRef
    section: tuple[str, ...]
    passage: str  # passage id
    ordinal: int  # number of that passage in its article, from 1
    start: int  # offsets of the copy in the passage's text (code points)
    end: int
    text: str
    words: int
    model: int  # index of the copy that it is compared with: 0, or a copy near the first
    relation: Relation  # to its model: identical except white space; the same words except case,
    # accents and punctuation; or near
    overlap: float  # Jaccard overlap of its shingles with those of its model, 0 to 1
    changes: tuple[DiffRun, ...]  # word diff from its model to this copy; none if identical
    drift: tuple[RiskyChange, ...]  # changes of a number, negation, qualifier or the like


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Copies of one text. The first is the earliest copy of the most frequent wording."""

    unit: UnitKind
    copies: tuple[Copy, ...]  # two or more; after the first, risky ones, then corpus order
    identical: bool  # whether all copies have the same words
    risks: tuple[Risk, ...]  # kinds of risky changes between them, gravest first


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All groups of near-duplicates, or one page of them."""

    groups: tuple[DuplicateGroup, ...]  # those with risky changes first, then the largest
    total: int  # groups on all pages
    drifting: int  # groups with risky changes, on all pages
    copies: int  # passages and sentences in all groups
    compared: tuple[Compared, ...]  # one for each unit
    likeness: Likeness  # the parameters used
    page: Page


def duplicate_groups(
    snapshot: Snapshot,
    likeness: Likeness | None = None,
    units: Sequence[UnitKind] = UNITS,
    articles: Collection[tuple[int, int]] | None = None,
) -> Pages[Duplicates]:
    """Near-duplicates in the whole corpus, or only in the given articles (part, number).

    Raises `UsageError` for a parameter out of range.
    """
    likeness = likeness or Likeness()
    _check(likeness, units)
    words = corpus_words(snapshot)
    keys = _as_compared(snapshot)[words]
    compared: list[Compared] = []
    groups: list[_Unread] = []
    group_of: dict[tuple[int, int], int] = {}  # passage → number of its group of passages
    for kind in (unit for unit in UNITS if unit in units):
        everything = corpus_units(snapshot, kind, articles)
        long = everything.take(np.flatnonzero(everything.sizes >= likeness.least))
        clusters, wordings = cluster_units(words, long, likeness, keys)
        short = everything.sizes.size - long.sizes.size
        compared.append(Compared(kind, everything.sizes.size, short, wordings))
        for found in clusters:
            homes = [(int(long.parts[m.row]), int(long.passages[m.row])) for m in found.members]
            if kind == "passage":
                group_of.update(dict.fromkeys(homes, len(groups)))
            if kind == "passage" or not _is_covered(homes, group_of):
                groups.append(_Unread.of(snapshot, long, found))
    groups.sort(key=lambda group: group.rank)

    def answer(rows: tuple[DuplicateGroup, ...], total: int, page: Page) -> Duplicates:
        return Duplicates(
            groups=rows,
            total=total,
            drifting=sum(bool(group.risks) for group in groups),
            copies=sum(len(group.members) for group in groups),
            compared=tuple(compared),
            likeness=likeness,
            page=page,
        )

    return Pages(
        len(groups), lambda shown: [group.shown(snapshot) for group in groups[shown]], answer
    )


def _check(likeness: Likeness, units: Sequence[UnitKind]) -> None:
    if not 0 < likeness.threshold <= 1:
        raise UsageError(f"threshold {likeness.threshold}: use a number above 0, at most 1")
    if not 1 <= likeness.width <= WIDEST:
        raise UsageError(f"shingles of {likeness.width} words: use 1 to {WIDEST}")
    if likeness.least < likeness.width:
        raise UsageError(f"least {likeness.least}: use the width, {likeness.width} words, or more")
    if likeness.method != "exact":
        raise UsageError(f"method {likeness.method!r}: use exact")
    if not units or set(units) - set(UNITS):
        raise UsageError(f"units {', '.join(units) or 'none'}: use {', '.join(UNITS)}")


def _as_compared(snapshot: Snapshot) -> Array:
    """Word number → number that it is compared as: its singular's; -1 for a risky word (int32).

    A plural depends on the number before it: *1 cup*, *2 cups*.
    """
    words = snapshot.wordlist
    numbers = {words.text(number): number for number in range(len(words))}
    compared = [
        -1 if is_risky(word) else numbers.get(word.removesuffix("s"), number)
        for word, number in numbers.items()
    ]
    return np.array(compared, np.int32)


def _is_covered(homes: Sequence[tuple[int, int]], group_of: dict[tuple[int, int], int]) -> bool:
    """Whether sentences with these passages all lie in different passages of one group."""
    groups = {group_of.get(home, -1) for home in homes}
    return len(groups) == 1 and -1 not in groups and len(set(homes)) == len(homes)


@lru_cache(maxsize=1 << 12)  # many copies differ in the same way from the same model
def _difference(
    first: str, other: str, language: str
) -> tuple[tuple[DiffRun, ...], tuple[RiskyChange, ...]]:
    """Word diff from one text to another, and its risky changes."""
    if " ".join(first.split()) == " ".join(other.split()):
        return (), ()
    runs = word_diff(first, other)
    return runs, risky_changes(runs, language, aligned=True)


@dataclass(frozen=True)
class _Unread:
    """A group whose copies are not read in full yet, because most groups are never shown."""

    units: TextUnits
    members: tuple[Member, ...]  # in the order of `DuplicateGroup.copies`
    risks: tuple[Risk, ...]
    identical: bool

    @classmethod
    def of(cls, snapshot: Snapshot, units: TextUnits, found: UnitCluster) -> _Unread:
        """Make a group of a cluster, with its copies in order."""
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
        """Sort key: groups with risky changes first, the gravest of them, then larger groups."""
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
    """Make one copy; `other` is its model, `model` the index of that among the copies."""
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
