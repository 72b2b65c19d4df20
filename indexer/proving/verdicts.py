"""What the oracle says of a passage: its marks, its occurrences, its score.

In: the occurrences of the leaves that made a passage match. Out: a `Verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from whoosh import query

from indexer.model import Mark
from indexer.proving.chains import Occurrence, marks_of
from indexer.proving.corpus import Reading
from indexer.proving.scores import FIELDS, Field


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where one leaf matches in one passage: for each field, occurrences in each of its texts."""

    leaf: query.Query
    found: Mapping[Field, tuple[list[Occurrence], ...]]

    def occurrences(self, name: Field) -> list[Occurrence]:
        """Occurrences in all texts of the field."""
        return [one for unit in self.found.get(name, ()) for one in unit]

    def __bool__(self) -> bool:
        return any(self.occurrences(name) for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a node found in one passage."""

    score: float = 0.0
    sightings: tuple[Sighting, ...] = ()  # of the positive leaves of satisfied branches


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a passage is found."""

    score: float
    marks: tuple[Mark, ...]  # in the passage's text, merged
    section_marks: tuple[tuple[Mark, ...], ...]  # in each heading of its section
    title_marks: tuple[Mark, ...]
    occurrences: tuple[tuple[int, int], ...]  # start and end in the text, one each


def verdict(one: Reading, outcome: Outcome) -> Verdict:
    """The outcome in offsets of the passage's texts."""

    def marks(name: Field) -> tuple[tuple[Mark, ...], ...]:
        return tuple(
            merge(
                mark
                for sighting in outcome.sightings
                if name in sighting.found
                for mark in marks_of(unit, sighting.found[name][i])
            )
            for i, unit in enumerate(one.units(name))
        )

    tokens = one.text.tokens
    spans = {
        (tokens[found.first].start, tokens[found.last].end)
        for sighting in outcome.sightings
        for found in sighting.occurrences("text")
    }
    return Verdict(
        outcome.score, marks("text")[0], marks("section"), marks("title")[0], tuple(sorted(spans))
    )


def merge(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks with the overlapping ones made one, which has the reason of the longest."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        if groups and mark.start < max(other.end for other in groups[-1]):
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return tuple(
        Mark(
            group[0].start,
            max(mark.end for mark in group),
            max(group, key=lambda mark: mark.end - mark.start).reason,
        )
        for group in groups
    )
