"""A corpus as the oracle reads it: every passage with all the texts that a query may look at.

In: articles with their passages. Out: a `Corpus`. Nothing is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from indexer.model import Article, Passage
from indexer.proving.scores import FIELDS, Field, Lengths
from indexer.proving.units import Unit, compounds, read_passage, read_unit, spoken


@dataclass(frozen=True, slots=True)
class Reading:
    """One passage with all that a query may look at."""

    passage: Passage
    text: Unit
    section: tuple[Unit, ...]  # one for each heading of its section
    title: Unit

    def units(self, name: Field) -> tuple[Unit, ...]:
        """The texts of one field."""
        return {"text": (self.text,), "section": self.section, "title": (self.title,)}[name]

    def length(self, name: Field) -> int:
        """How many tokens the field has."""
        return sum(len(unit.tokens) for unit in self.units(name))


class Corpus:
    """All passages, and what is known of them together."""

    def __init__(self, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> None:
        self.readings: list[Reading] = []
        units: list[Unit] = []
        for article, passages in articles:
            title = read_unit(article.title, article.language)
            headings = {
                text: read_unit(text, article.language)
                for text in dict.fromkeys(text for one in passages for text in one.section)
            }
            units += [title, *headings.values()]
            for passage in passages:
                text = read_passage(passage, article.language)
                section = tuple(headings[heading] for heading in passage.section)
                self.readings.append(Reading(passage, text, section, title))
                units.append(text)
        self.compounds = compounds(units)
        self.spoken = spoken(units)
        self.languages = frozenset(unit.language for unit in units)

    @cached_property
    def plain(self) -> list[Reading]:
        """The passages that are no boilerplate: found unasked, and what scores compare with."""
        return [one for one in self.readings if one.passage.kind != "boilerplate"]

    @cached_property
    def lengths(self) -> Lengths:
        """How many passages there are, and how long on average."""
        means = {name: _mean([one.length(name) for one in self.plain]) for name in FIELDS}
        return Lengths(len(self.plain), means)


def _mean(numbers: list[int]) -> float:
    """Their mean; of nothing, or of noughts, what keeps a quotient finite."""
    return max(sum(numbers), 1) / max(len(numbers), 1)
